//! CODEOWNERS: who owns which paths, as GitHub and GitLab read it, and the lines that they pass over.
//!
//! Sources: <https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>
//! and <https://docs.gitlab.com/user/project/codeowners/reference/>.

mod pattern;

use crate::RepoPath;
use pattern::Pattern;
use std::collections::{BTreeSet, HashMap};

/// Whose rules a file is read by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OwnersDialect {
    /// One list, of which the last line that matches has the say.
    GitHub,
    /// Sections, each with a say of its own, default owners, and `!` for what a section is not for.
    GitLab,
}

/// A CODEOWNERS file.
#[derive(Debug)]
pub struct Codeowners {
    dialect: OwnersDialect,
    /// The first is what stands before every heading.
    sections: Vec<Section>,
    /// The places of the others, by their names in lower case.
    names: HashMap<String, usize>,
    faults: Vec<OwnersFault>,
}

/// Something that a forge passes over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnersFault {
    /// The line, from 1; `None`: the whole file.
    pub line: Option<usize>,
    /// What is wrong, in words that follow the name of the file and the line. Bytes of the file in it are escaped.
    pub what: String,
}

/// Lines of which one has the say.
#[derive(Debug, Default)]
struct Section {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    pattern: Pattern,
    /// Whether it takes paths out of the section.
    excludes: bool,
    owners: Vec<String>,
}

/// `[Name][2] @owner`: the name, the number of approvals, the default owners.
struct Heading<'t> {
    name: &'t str,
    approvals: Option<&'t str>,
    owners: &'t str,
}

impl Codeowners {
    /// GitHub does not load a larger file, in bytes.
    pub const MOST_BYTES: u64 = 3_000_000;

    /// Most lines that are read, without comments: a file of more names nobody, and that is a fault.
    pub const MOST_RULES: usize = 50_000;

    /// Reads a file. Without a dialect it is GitLab's where it has a section, and else GitHub's.
    #[must_use]
    pub fn new(text: &str, dialect: Option<OwnersDialect>) -> Self {
        let has_section = || text.lines().any(|line| heading(line.trim()).is_some());
        let dialect = dialect
            .unwrap_or_else(|| if has_section() { OwnersDialect::GitLab } else { OwnersDialect::GitHub });
        let mut read =
            Self { dialect, sections: vec![Section::default()], names: HashMap::new(), faults: Vec::new() };
        if text.len() as u64 > Self::MOST_BYTES {
            return read.nobody("is larger than 3 MB: GitHub does not load it, and it names nobody");
        }
        let (mut current, mut defaults, mut count) = (0, Vec::new(), 0_usize);
        for (at, line) in text.lines().enumerate() {
            let (number, line) = (at.saturating_add(1), line.trim());
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            count = count.saturating_add(1);
            if count > Self::MOST_RULES {
                return read.nobody("has more than 50000 lines that are no comments, and was not read");
            }
            if let Some(heading) = heading(line).filter(|_| dialect == OwnersDialect::GitLab) {
                current = read.section(heading.name);
                defaults = read.owners(heading.owners, number);
                if heading.approvals.is_some_and(|count| count.parse::<u32>().is_err()) {
                    read.fault(number, "has a number of approvals that is none");
                }
                continue;
            }
            if let Some(rule) = read.rule(line, number, &defaults)
                && let Some(section) = read.sections.get_mut(current)
            {
                section.rules.push(rule);
            }
        }
        if read.faults.is_empty() && read.names_nobody() {
            read.faults.push(OwnersFault { line: None, what: "names no owner of anything".to_owned() });
        }
        read
    }

    /// The owners of a path, sorted: of each section the last line that matches has the say, even when it names nobody.
    #[must_use]
    pub fn of(&self, path: &RepoPath) -> BTreeSet<&str> {
        let path = path.as_bytes();
        self.sections.iter().filter_map(|section| section.say(path)).flat_map(Rule::names).collect()
    }

    /// What a forge passes over.
    #[must_use]
    pub fn faults(&self) -> &[OwnersFault] {
        &self.faults
    }

    fn names_nobody(&self) -> bool {
        self.sections.iter().flat_map(|section| &section.rules).all(|rule| rule.owners.is_empty())
    }

    fn nobody(self, what: &str) -> Self {
        let fault = OwnersFault { line: None, what: what.to_owned() };
        Self { sections: Vec::new(), faults: vec![fault], ..self }
    }

    fn fault(&mut self, line: usize, what: impl Into<String>) {
        self.faults.push(OwnersFault { line: Some(line), what: what.into() });
    }

    /// The section of a name, which may have begun before.
    fn section(&mut self, name: &str) -> usize {
        let next = self.sections.len();
        let known = *self.names.entry(name.trim().to_lowercase()).or_insert(next);
        if known == next {
            self.sections.push(Section::default());
        }
        known
    }

    /// A line with a pattern; `None`: a forge passes over it.
    fn rule(&mut self, line: &str, number: usize, defaults: &[String]) -> Option<Rule> {
        let (word, rest) = first_word(line);
        let is_gitlab = self.dialect == OwnersDialect::GitLab;
        if let Some(what) = (!is_gitlab).then(|| passed_over(word)).flatten() {
            self.fault(number, what);
            return None;
        }
        let (excludes, word) = match word.strip_prefix('!') {
            Some(word) => (true, word),
            None => (false, word),
        };
        let faults = self.faults.len();
        let mut owners = self.owners(rest, number);
        // GitHub passes over a line with a wrong owner, GitLab over that owner.
        if self.faults.len() > faults && !is_gitlab {
            return None;
        }
        if owners.is_empty() && !excludes {
            owners = defaults.to_vec();
        }
        match Pattern::new(word, is_gitlab) {
            Some(pattern) => Some(Rule { pattern, excludes, owners }),
            None => {
                self.fault(number, "has a pattern that is longer than a path can be");
                None
            }
        }
    }

    /// The owners of a line, up to its comment.
    fn owners(&mut self, text: &str, number: usize) -> Vec<String> {
        let mut owners = Vec::new();
        for word in text.split_whitespace().take_while(|word| !word.starts_with('#')) {
            if is_owner(word) {
                owners.push(word.to_owned());
            } else {
                let shown = super::escape(word);
                self.fault(
                    number,
                    format!("names `{shown}`, which is neither @name nor @org/team nor an e-mail address"),
                );
            }
        }
        owners
    }
}

impl Section {
    /// The line that has the say.
    fn say(&self, path: &[u8]) -> Option<&Rule> {
        let mut matching = self.rules.iter().rev().filter(|rule| rule.pattern.is_for(path));
        let last = matching.next()?;
        // What is taken out of a section does not come back.
        let is_out = last.excludes || matching.any(|rule| rule.excludes);
        (!is_out).then_some(last)
    }
}

impl Rule {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.owners.iter().map(String::as_str)
    }
}

/// A heading of GitLab: `[Name]`, `^[Name]`, `[Name][2] @owner`.
fn heading(line: &str) -> Option<Heading<'_>> {
    let inside = line.strip_prefix('^').unwrap_or(line).strip_prefix('[')?;
    let (name, rest) = inside.split_once(']')?;
    let (approvals, rest) = match rest.strip_prefix('[') {
        Some(rest) => {
            let (count, rest) = rest.split_once(']')?;
            (Some(count.trim()), rest)
        }
        None => (None, rest),
    };
    let is_whole = rest.is_empty() || rest.starts_with(char::is_whitespace);
    (is_whole && !name.trim().is_empty()).then_some(Heading { name, approvals, owners: rest })
}

/// The first word of a line, in which spaces may be escaped, and the rest.
fn first_word(line: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, character) in line.char_indices() {
        match character {
            '\\' => escaped = !escaped,
            _ if character.is_whitespace() && !escaped => return line.split_at(at),
            _ => escaped = false,
        }
    }
    (line, "")
}

/// Why GitHub passes over a pattern.
fn passed_over(pattern: &str) -> Option<String> {
    let what = match pattern {
        _ if pattern.starts_with('!') => "begins with `!`, which GitHub does not know",
        _ if pattern.starts_with("\\#") => "begins with an escaped `#`, which GitHub takes for a comment",
        _ if pattern.contains('[') => "has `[`: GitHub knows no ranges of characters, and no sections",
        _ => return None,
    };
    Some(what.to_owned())
}

/// `@name`, `@org/team`, `@group/sub/group`, `@@role` of GitLab, an e-mail address.
fn is_owner(word: &str) -> bool {
    let is_name = |name: &str| {
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        name.starts_with(|c: char| c.is_alphanumeric() || c == '_') && name.chars().all(is_plain)
    };
    match word.strip_prefix('@') {
        Some(name) => name.strip_prefix('@').unwrap_or(name).split('/').all(is_name),
        None => word.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && is_name(domain) && !word.contains(['<', '>', ',', ';', '"'])
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, path: &str) -> String {
        let owners = Codeowners::new(text, None);
        owners.of(&RepoPath::from(path)).into_iter().collect::<Vec<_>>().join(" ")
    }

    fn faults(text: &str, dialect: Option<OwnersDialect>) -> Vec<String> {
        let owners = Codeowners::new(text, dialect);
        let shown = |fault: &OwnersFault| format!("{}: {}", fault.line.unwrap_or(0), fault.what);
        owners.faults().iter().map(shown).collect()
    }

    #[test]
    fn the_last_line_that_matches_has_the_say() {
        let text = "* @all # everybody\n/docs/ @docs\n.github @security\n*.toml @policy me@example.com\nci.yml\n\
                    my\\ file @space\napps/*/x @x\n";
        for (path, owners) in [
            ("README.md", "@all"),
            ("docs/a/b.md", "@docs"),
            ("docs", "@all"),
            ("x/docs/a.md", "@all"),
            (".github/settings.yml", "@security"),
            ("x/.github/settings.yml", "@security"),
            ("gatepost.toml", "@policy me@example.com"),
            (".github/workflows/ci.yml", ""),
            ("a/my file", "@space"),
            ("apps/a/x/y", "@x"),
            ("x/apps/a/x", "@all"),
        ] {
            assert_eq!(of(text, path), owners, "{path}");
        }
        assert_eq!(faults(text, None), [] as [&str; 0]);
    }

    #[test]
    fn each_section_of_gitlab_has_a_say() {
        let text = "* @all\n[Docs][2] @docs\ndocs/\nREADME.md @readme\n^[Data base]\ndb/x @db\n!db/x/old\n\
                    [DOCS] @more\n*.md\n";
        for (path, owners) in [
            ("a/docs/x", "@all @docs"),
            ("README.md", "@all @more"),
            ("a/db/x/y", "@all @db"),
            ("db/x/old", "@all"),
        ] {
            assert_eq!(of(text, path), owners, "{path}");
        }
        assert_eq!(of("[A]\n!a/b\na/ @a\n", "a/b"), "", "what is taken out does not come back");
        assert_eq!(of("[A]\nx[0-9].c @a\n\\#y @y\n", "x7.c") + &of("[A]\n\\#y @y\n", "#y"), "@a@y");
        assert_eq!(faults(text, None), [] as [&str; 0]);
        assert_eq!(faults("[A][two] @a\nb @a\n", None), ["1: has a number of approvals that is none"]);
    }

    #[test]
    fn what_a_forge_passes_over_is_told_with_its_line() {
        let text = "* @all\n!a @a\nb[0-9] @b\n\\#c @c\nd alice @d\n[E]\n";
        let said = faults(text, Some(OwnersDialect::GitHub));
        let lines: Vec<&str> = said.iter().filter_map(|said| said.split(':').next()).collect();
        assert_eq!(lines, ["2", "3", "4", "5", "6"], "{said:#?}");
        assert!(said[3].contains("`alice`, which is neither @name"), "{said:#?}");
        // It passes over the line, GitLab over the word.
        assert_eq!(of("* @all\nd alice @d\n", "d"), "@all");
        assert_eq!(of("[A]\nd alice @d\n", "d"), "@d");
        assert_eq!(faults("a @@maintainer @g/s/t_u.v x@y.example\n", None), [] as [&str; 0]);
        for owner in ["@", "@a/", "@/a", "@-a", "a@", "@a,@b", "<a@b.example>", "org/team", "\u{1b}[1m"] {
            assert_eq!(faults(&format!("* {owner}\n"), None).len(), 1, "{owner}");
        }
        assert!(!faults("* \u{1b}[1m\n", None)[0].contains('\u{1b}'));
    }

    #[test]
    fn a_file_that_names_nobody_says_so() {
        assert_eq!(faults("# nothing\n\n/a\n", None), ["0: names no owner of anything"]);
        let large = format!("* @all\n{}", "#".repeat(3_000_000));
        assert_eq!((of(&large, "a"), faults(&large, None).len()), (String::new(), 1));
        let long = "a @b\n".repeat(Codeowners::MOST_RULES + 1);
        assert_eq!((of(&long, "a"), faults(&long, None).len()), (String::new(), 1));
    }
}
