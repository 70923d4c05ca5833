//! `[[allowlists]]`: what is let through, and when.

use super::pattern::Pattern;
use aho_corasick::AhoCorasick;
use std::collections::BTreeSet;

/// What an allowlist's expressions are held against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Target {
    /// The secret.
    Secret,
    /// All that the rule matched.
    Match,
    /// The lines that it stands in.
    Line,
}

/// One `[allowlist]` or `[[allowlists]]`.
#[derive(Debug)]
pub(crate) struct Allowlist {
    pub(crate) description: String,
    /// Everything that it names must hold, not just one thing.
    pub(crate) is_and: bool,
    /// Whole ids, in lower case.
    pub(crate) commits: BTreeSet<String>,
    pub(crate) paths: Vec<Pattern>,
    pub(crate) target: Target,
    pub(crate) regexes: Vec<Pattern>,
    /// In lower case.
    pub(crate) stopwords: BTreeSet<String>,
    any_path: Option<Pattern>,
    any_regex: Option<Pattern>,
    any_stopword: Option<AhoCorasick>,
}

/// The form in which an allowlist is written.
#[derive(Default)]
pub(super) struct Written {
    pub(super) description: String,
    pub(super) condition: String,
    pub(super) commits: Vec<String>,
    pub(super) paths: Vec<String>,
    pub(super) target: String,
    pub(super) regexes: Vec<String>,
    pub(super) stopwords: Vec<String>,
}

impl Allowlist {
    pub(super) fn new(written: Written) -> Result<Self, String> {
        let is_and = match written.condition.to_uppercase().as_str() {
            "AND" | "&&" => true,
            "" | "OR" | "||" => false,
            _ => return Err(format!("unknown condition `{}`: expected `and` or `or`", written.condition)),
        };
        let target = match written.target.as_str() {
            "" | "secret" => Target::Secret,
            "match" => Target::Match,
            "line" => Target::Line,
            other => return Err(format!("unknown regexTarget `{other}`: expected `match` or `line`")),
        };
        if [&written.commits, &written.paths, &written.regexes, &written.stopwords]
            .iter()
            .all(|list| list.is_empty())
        {
            return Err("it must have at least one of: commits, paths, regexes, stopwords".to_owned());
        }
        let (paths, any_path) = patterns(&written.paths)?;
        let (regexes, any_regex) = patterns(&written.regexes)?;
        let stopwords: BTreeSet<String> = written.stopwords.iter().map(|word| lowered(word)).collect();
        let any_stopword = match stopwords.is_empty() {
            true => None,
            false => Some(AhoCorasick::new(&stopwords).map_err(|error| error.to_string())?),
        };
        Ok(Self {
            description: written.description,
            is_and,
            commits: written.commits.iter().map(|id| id.trim().to_lowercase()).collect(),
            paths,
            target,
            regexes,
            stopwords,
            any_path,
            any_regex,
            any_stopword,
        })
    }

    fn has_commit(&self, commit: &str) -> bool {
        !commit.is_empty() && self.commits.contains(&commit.to_lowercase())
    }

    fn has_path(&self, path: &[u8]) -> bool {
        !path.is_empty() && self.any_path.as_ref().is_some_and(|any| any.is_match(path))
    }

    /// Whether a whole file can be passed over without a look inside, whichever commit it is of.
    pub(crate) fn passes_path(&self, path: &[u8]) -> bool {
        let is_alone = self.commits.is_empty() && self.regexes.is_empty() && self.stopwords.is_empty();
        (!self.is_and || is_alone) && self.has_path(path)
    }

    /// Whether a piece of text is let through by where it is from.
    pub(crate) fn passes_place(&self, path: &[u8], commit: &str) -> bool {
        if !self.is_and {
            return self.has_commit(commit) || self.has_path(path);
        }
        if !self.regexes.is_empty() || !self.stopwords.is_empty() {
            return false;
        }
        (self.commits.is_empty() || self.has_commit(commit)) && (self.paths.is_empty() || self.has_path(path))
    }

    /// Whether a finding is let through by what it is.
    pub(crate) fn passes(&self, found: &Seen<'_>) -> bool {
        let target = match self.target {
            Target::Secret => found.secret,
            Target::Match => found.text,
            Target::Line => found.line,
        };
        let regex = || !target.is_empty() && self.any_regex.as_ref().is_some_and(|any| any.is_match(target));
        let word =
            || self.any_stopword.as_ref().is_some_and(|any| any.is_match(&lowered_bytes(found.secret)));
        if !self.is_and {
            return regex() || word();
        }
        (self.commits.is_empty() || self.has_commit(found.commit))
            && (self.paths.is_empty() || self.has_path(found.path))
            && (self.regexes.is_empty() || regex())
            && (self.stopwords.is_empty() || word())
    }

    /// The first expression that could not be compiled.
    pub(super) fn failure(&self) -> Option<(&str, &str)> {
        let all = [&self.any_path, &self.any_regex];
        all.into_iter().flatten().find_map(|pattern| Some((pattern.source(), pattern.failure()?)))
    }
}

/// A match, as an allowlist sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) secret: &'a [u8],
    pub(crate) text: &'a [u8],
    pub(crate) line: &'a [u8],
    pub(crate) path: &'a [u8],
    pub(crate) commit: &'a str,
}

fn patterns(texts: &[String]) -> Result<(Vec<Pattern>, Option<Pattern>), String> {
    let mut all = Vec::new();
    for text in texts {
        all.push(Pattern::new(text).map_err(|why| format!("the expression `{text}`: {why}"))?);
    }
    let any = if all.is_empty() { None } else { Some(Pattern::any(&all)?) };
    Ok((all, any))
}

/// In lower case, each letter by itself, as Go does it.
pub(super) fn lowered(text: &str) -> String {
    text.chars().map(|c| if c == 'İ' { 'i' } else { c.to_lowercase().next().unwrap_or(c) }).collect()
}

pub(super) fn lowered_bytes(bytes: &[u8]) -> Vec<u8> {
    if bytes.is_ascii() {
        return bytes.to_ascii_lowercase();
    }
    lowered(&String::from_utf8_lossy(bytes)).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(written: Written) -> Allowlist {
        Allowlist::new(written).unwrap()
    }

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|&word| word.to_owned()).collect()
    }

    const SEEN: Seen<'_> = Seen {
        secret: b"abcEXAMPLEdef",
        text: b"key = abcEXAMPLEdef",
        line: b"  key = abcEXAMPLEdef;",
        path: b"a/b.txt",
        commit: "AB12",
    };

    #[test]
    fn one_thing_is_enough_unless_all_are_asked_for() {
        let or = || Written { paths: words(&["^x/"]), stopwords: words(&["Example"]), ..Written::default() };
        assert!(list(or()).passes(&SEEN));
        let and = Written { condition: "&&".to_owned(), ..or() };
        assert!(!list(and).passes(&SEEN));
        let and = Written {
            condition: "and".to_owned(),
            paths: words(&[r"\.txt$"]),
            commits: words(&["ab12"]),
            ..or()
        };
        assert!(list(and).passes(&SEEN));
    }

    #[test]
    fn a_place_passes_a_whole_file_only_where_nothing_else_is_asked_for() {
        let paths = || Written { paths: words(&["^a/"]), ..Written::default() };
        assert!(list(paths()).passes_place(b"a/b", "") && list(paths()).passes_path(b"a/b"));
        let and = Written { condition: "AND".to_owned(), stopwords: words(&["x"]), ..paths() };
        assert!(!list(and).passes_path(b"a/b"));
        let and = Written { condition: "AND".to_owned(), commits: words(&["1"]), ..paths() };
        let and = list(and);
        assert!(and.passes_place(b"a/b", "1") && !and.passes_place(b"a/b", "2") && !and.passes_path(b"a/b"));
    }

    #[test]
    fn the_target_of_expressions_is_what_is_asked_for() {
        let of = |target: &str, regex: &str| {
            list(Written { target: target.to_owned(), regexes: words(&[regex]), ..Written::default() })
                .passes(&SEEN)
        };
        assert!(
            of("", "^abc")
                && !of("secret", "^key")
                && of("match", "^key")
                && !of("match", "^ ")
                && of("line", "^ .*;$")
        );
    }

    #[test]
    fn what_says_nothing_or_what_nobody_knows_is_an_error() {
        for written in [
            Written::default(),
            Written { condition: "xor".to_owned(), commits: words(&["1"]), ..Written::default() },
            Written { target: "file".to_owned(), commits: words(&["1"]), ..Written::default() },
            Written { regexes: words(&["("]), ..Written::default() },
        ] {
            assert!(Allowlist::new(written).is_err());
        }
    }
}
