//! `go.mod` and `go.work`: lines of words, blocks in parentheses, comments that begin with `//`.

use super::version::{go_version, is_go_version, wrong_major};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Which of the two files it is: they have other words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    Mod,
    Work,
}

/// A requirement: `require PATH VERSION`.
#[derive(Clone, Debug)]
pub(super) struct Require {
    pub(super) path: String,
    pub(super) version: String,
    /// `// indirect`: no package of this module imports it.
    pub(super) is_indirect: bool,
    pub(super) span: Range<usize>,
}

/// What takes the place of a module: `replace OLD [VERSION] => NEW [VERSION]`.
#[derive(Clone, Debug)]
pub(super) struct Replace {
    pub(super) old: String,
    /// `None`: of every version.
    pub(super) old_version: Option<String>,
    pub(super) new: String,
    /// `None`: `new` is a folder.
    pub(super) new_version: Option<String>,
    pub(super) span: Range<usize>,
}

/// What is wrong, and where.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) what: String,
    pub(super) span: Range<usize>,
}

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) module: Option<String>,
    /// The `go` line: its version, and where it stands.
    pub(super) go: Option<(String, Range<usize>)>,
    pub(super) requires: Vec<Require>,
    pub(super) replaces: Vec<Replace>,
    pub(super) excludes: HashSet<(String, String)>,
    pub(super) tools: Vec<(String, Range<usize>)>,
    pub(super) ignores: HashSet<String>,
    pub(super) uses: Vec<(String, Range<usize>)>,
    pub(super) faults: Vec<Fault>,
    /// The first line that `go mod tidy` would write otherwise, and why. It leaves spaces and blank lines as they are.
    pub(super) otherwise: Option<Fault>,
    replaced: HashMap<(String, Option<String>), usize>,
    replaced_paths: HashSet<String>,
    has_toolchain: bool,
}

/// A block that is open.
struct Block<'t> {
    verb: &'t str,
    span: Range<usize>,
    count: usize,
    last: Vec<&'t str>,
}

impl<'t> Block<'t> {
    /// Whether a line stands where Go would sort it. Go sorts retracted versions in a way of its own, and of excluded ones of
    /// one module too.
    fn is_in_order(&mut self, words: &[&'t str]) -> bool {
        self.count += 1;
        let is_before = match self.verb {
            "retract" | "use" => false,
            "exclude" => words.first() < self.last.first(),
            _ => words < self.last.as_slice(),
        };
        self.last = words.to_vec();
        !is_before
    }
}

/// The lines and blocks of `require`.
#[derive(Default)]
struct Groups {
    count: usize,
    is_commented: bool,
}

impl Groups {
    fn add(&mut self, verb: &str, is_commented: bool) {
        if verb == "require" {
            self.count += 1;
            self.is_commented |= is_commented;
        }
    }
}

struct Line<'t> {
    words: Vec<&'t str>,
    comment: Option<&'t str>,
    span: Range<usize>,
}

impl File {
    pub(super) fn read(text: &str, form: Form) -> Self {
        let mut file = Self::default();
        let mut block: Option<Block<'_>> = None;
        let mut requires = Groups::default();
        let mut start = 0;
        let mut is_below_comment = false;
        for raw in text.split_inclusive('\n') {
            let bare = raw.trim_end_matches(['\n', '\r']);
            let span = start..start + bare.len();
            start += raw.len();
            let line = match words(bare, &span) {
                Ok(line) => line,
                Err(fault) => {
                    file.faults.push(fault);
                    continue;
                }
            };
            let was_below_comment =
                std::mem::replace(&mut is_below_comment, line.words.is_empty() && line.comment.is_some());
            let Some((first, rest)) = line.words.split_first() else {
                let is_blank =
                    line.comment.is_none() && block.as_ref().is_some_and(|block| block.verb == "require");
                if is_blank {
                    file.is_otherwise(&span, "a blank line in a block of `require`");
                }
                continue;
            };
            match (&mut block, *first, rest) {
                (Some(ending), ")", []) => {
                    if ending.count < 2 {
                        file.is_otherwise(&ending.span, "a block of one, which is a line of its own");
                    }
                    block = None;
                }
                (Some(block), ..) => {
                    let verb = block.verb;
                    if !block.is_in_order(&line.words) {
                        file.is_otherwise(&line.span, "a line that is not in the order of its block");
                    }
                    file.statement(form, verb, &line.words, &line);
                }
                (None, verb, ["("]) => {
                    if matches!(verb, "go" | "toolchain") || !is_known(form, verb) {
                        file.fault(&line, format!("`{verb}` begins no block"));
                    }
                    requires.add(verb, was_below_comment);
                    block = Some(Block { verb, span: line.span.clone(), count: 0, last: Vec::new() });
                }
                (None, _, ["(", ")"]) => {}
                (None, verb, rest) => {
                    requires.add(verb, was_below_comment);
                    file.statement(form, verb, rest, &line);
                }
            }
        }
        if let Some(Block { verb, span, .. }) = block {
            file.faults.push(Fault { what: format!("the block of `{verb}` is not closed"), span });
        }
        if form == Form::Mod && file.module.is_none() {
            file.faults.push(Fault { what: "there is no `module` line".to_owned(), span: 0..0 });
        }
        file.conflicts();
        file.mixed(&requires);
        file
    }

    fn is_otherwise(&mut self, span: &Range<usize>, what: &str) {
        self.otherwise.get_or_insert_with(|| Fault { what: what.to_owned(), span: span.clone() });
    }

    /// From Go 1.17 on, what is required directly and what is not are two blocks, where nobody has parted them otherwise.
    fn mixed(&mut self, requires: &Groups) {
        let is_one = requires.count == 1 && !requires.is_commented && self.is_go(17);
        let first = self.requires.first().map(|require| require.is_indirect);
        let other = self.requires.iter().find(|require| Some(require.is_indirect) != first);
        if let Some(span) = other.filter(|_| is_one).map(|require| require.span.clone()) {
            self.is_otherwise(&span, "direct and indirect requirements in one block");
        }
    }

    /// What takes the place of a version of a module.
    pub(super) fn replacement(&self, path: &str, version: &str) -> Option<&Replace> {
        let exact = self.replaced.get(&(path.to_owned(), Some(version.to_owned())));
        let at = exact.or_else(|| self.replaced.get(&(path.to_owned(), None)))?;
        self.replaces.get(*at)
    }

    /// The replacement that is written for exactly this: a module, and a version of it or none.
    pub(super) fn replacement_of(&self, path: &str, version: Option<&str>) -> Option<&Replace> {
        self.replaces.get(*self.replaced.get(&(path.to_owned(), version.map(str::to_owned)))?)
    }

    /// Whether any version of a module is replaced.
    pub(super) fn is_replaced(&self, path: &str) -> bool {
        self.replaced_paths.contains(path)
    }

    /// Whether the `go` line says that version of Go or a later one; without one Go takes 1.16.
    pub(super) fn is_go(&self, minor: u32) -> bool {
        self.go.as_ref().map_or((1, 16), |(version, _)| go_version(version)) >= (1, minor)
    }

    fn fault(&mut self, line: &Line<'_>, what: impl Into<String>) {
        self.faults.push(Fault { what: what.into(), span: line.span.clone() });
    }

    fn statement(&mut self, form: Form, verb: &str, args: &[&str], line: &Line<'_>) {
        if !is_known(form, verb) {
            return self.fault(line, format!("`{verb}` is no word of such a file"));
        }
        let mut values = Vec::with_capacity(args.len());
        for arg in args {
            match value(arg) {
                Some(value) => values.push(value),
                None => return self.fault(line, format!("{arg} is not quoted as it should be")),
            }
        }
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        match (verb, values.as_slice()) {
            ("module", [path]) if self.module.is_none() => self.module = Some((*path).to_owned()),
            ("module", [_]) => self.fault(line, "a second `module` line"),
            ("go", [version]) if self.go.is_none() && is_go_version(version) => {
                self.go = Some(((*version).to_owned(), line.span.clone()));
            }
            ("go", [version]) if self.go.is_none() => {
                self.fault(line, format!("{version} is no version of Go"));
            }
            ("go", [_]) => self.fault(line, "a second `go` line"),
            ("toolchain", [_]) if !self.has_toolchain => self.has_toolchain = true,
            ("require", [path, version]) => self.require(path, version, line),
            ("exclude", [path, version]) => {
                self.excludes.insert(((*path).to_owned(), (*version).to_owned()));
            }
            ("replace", [old, "=>", new @ ..]) => self.replace(old, None, new, line),
            ("replace", [old, version, "=>", new @ ..]) => self.replace(old, Some(version), new, line),
            ("tool", [path]) => self.tools.push(((*path).to_owned(), line.span.clone())),
            ("ignore", [path]) => {
                self.ignores.insert(path.trim_end_matches('/').to_owned());
            }
            ("use", [path]) => self.uses.push(((*path).to_owned(), line.span.clone())),
            ("godebug", [_]) => {}
            // What it takes back is of no weight to whoever builds the module itself.
            ("retract", [_, ..]) => {}
            _ => self.fault(line, format!("`{verb}` has too few words, or too many")),
        }
    }

    fn require(&mut self, path: &str, version: &str, line: &Line<'_>) {
        if let Some(what) = wrong_major(path, version) {
            return self.fault(line, what);
        }
        let words: Vec<&str> = line.comment.unwrap_or_default().split_whitespace().collect();
        let is_indirect = matches!(words.as_slice(), ["//", "indirect"] | ["//", "indirect;", ..]);
        let (path, version, span) = (path.to_owned(), version.to_owned(), line.span.clone());
        self.requires.push(Require { path, version, is_indirect, span });
    }

    fn replace(&mut self, old: &str, old_version: Option<&str>, new: &[&str], line: &Line<'_>) {
        let (new, new_version) = match new {
            [new] if is_folder(new) => (*new, None),
            [new] => {
                return self
                    .fault(line, format!("{new} is a module, and needs a version; a folder begins with ./"));
            }
            [new, _] if is_folder(new) => {
                return self.fault(line, format!("{new} is a folder, which has no version"));
            }
            [new, version] => (*new, Some((*version).to_owned())),
            _ => return self.fault(line, "`replace` has too few words, or too many"),
        };
        if let Some(what) = new_version.as_deref().and_then(|version| wrong_major(new, version)) {
            return self.fault(line, what);
        }
        let (old, old_version, new) = (old.to_owned(), old_version.map(str::to_owned), new.to_owned());
        self.replaces.push(Replace { old, old_version, new, new_version, span: line.span.clone() });
    }

    fn conflicts(&mut self) {
        for (at, replace) in self.replaces.iter().enumerate() {
            self.replaced_paths.insert(replace.old.clone());
            let key = (replace.old.clone(), replace.old_version.clone());
            let before = self.replaced.insert(key, at).and_then(|before| self.replaces.get(before));
            if before.is_some_and(|before| {
                (&before.new, &before.new_version) != (&replace.new, &replace.new_version)
            }) {
                let what = format!("{} is replaced twice, and differently", replace.old);
                self.faults.push(Fault { what, span: replace.span.clone() });
            }
        }
    }
}

fn is_known(form: Form, verb: &str) -> bool {
    match verb {
        "go" | "toolchain" | "godebug" | "replace" => true,
        "use" => form == Form::Work,
        "module" | "require" | "exclude" | "retract" | "tool" | "ignore" => form == Form::Mod,
        _ => false,
    }
}

fn words<'t>(bare: &'t str, span: &Range<usize>) -> Result<Line<'t>, Fault> {
    let fault = |what: &str| Fault { what: what.to_owned(), span: span.clone() };
    let mut line = Line { words: Vec::new(), comment: None, span: span.clone() };
    let mut rest = bare.trim_start();
    let from = bare.len() - rest.len();
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("//") {
            line.comment = Some(rest);
            break;
        }
        if rest.starts_with("/*") {
            return Err(fault("comments begin with //"));
        }
        let length = match first {
            '(' | ')' | '[' | ']' | '{' | '}' | ',' => 1,
            '=' if rest.starts_with("=>") => 2,
            '"' | '`' => rest
                .char_indices()
                .skip(1)
                .scan(false, |is_escaped, (at, c)| {
                    let is_end = c == first && !*is_escaped;
                    *is_escaped = c == '\\' && !*is_escaped && first == '"';
                    Some((at, is_end))
                })
                .find_map(|(at, is_end)| is_end.then_some(at + 1))
                .ok_or_else(|| fault("a quote is not closed"))?,
            _ => rest
                .char_indices()
                .find(|(at, c)| {
                    c.is_whitespace()
                        || matches!(c, '(' | ')' | '[' | ']' | '{' | '}' | ',')
                        || rest.get(*at..).is_some_and(|rest| rest.starts_with("//"))
                })
                .map_or(rest.len(), |(at, _)| at),
        };
        let (word, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        line.words.push(word);
        rest = after.trim_start();
    }
    let end = bare.len() - line.comment.map_or(0, str::len);
    let code = bare.get(..end).unwrap_or_default().trim_end().len();
    // Of a line, what stands in it without its comment.
    line.span = span.start + from.min(code)..span.start + code;
    Ok(line)
}

/// A word without its quotes; `None`: a quote where there should be none.
fn value(word: &str) -> Option<String> {
    match word.strip_prefix('"') {
        Some(rest) => Some(rest.strip_suffix('"')?.replace("\\\"", "\"").replace("\\\\", "\\")),
        None => (!word.contains(['"', '\'', '`'])).then(|| word.to_owned()),
    }
}

pub(super) fn is_folder(path: &str) -> bool {
    matches!(path, "." | "..") || path.starts_with("./") || path.starts_with("../") || path.starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> File {
        File::read(text, Form::Mod)
    }

    #[test]
    fn lines_and_blocks() {
        let file = read(
            "// head\nmodule \"example.com/app\" // ours\n\ngo 1.22.1\n\nrequire (\n\ta.org/x v1.0.0\n\ta.org/y/v2 v2.1.0 // indirect; see\n)\n\nrequire gopkg.in/z.v3 v3.0.1\n\nreplace a.org/x v1.0.0 => ./x\n\nreplace a.org/w => a.org/u v1.2.3-0.20200102030405-0123456789ab\n\nexclude a.org/y/v2 v2.0.0\n\nretract [v1.0.0, v1.1.0]\n\ntool a.org/x/cmd/t\n\ngodebug default=go1.21\n\ntoolchain go1.23.0\n",
        );
        assert!(file.faults.is_empty(), "{:?}", file.faults);
        assert_eq!(file.module.as_deref(), Some("example.com/app"));
        assert_eq!(file.requires.len(), 3);
        assert_eq!(file.requires.iter().map(|r| r.is_indirect).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(file.replacement("a.org/x", "v1.0.0").unwrap().new, "./x");
        assert!(file.replacement("a.org/x", "v1.0.1").is_none());
        assert!(file.replacement("a.org/w", "v0.1.0").is_some());
        assert!(file.otherwise.is_none());
        assert!(file.is_go(22) && !file.is_go(23));
    }

    #[test]
    fn what_go_refuses() {
        for text in [
            "go 1.22\n",
            "module a\nmodule b\n",
            "module a\nneeds b v1.0.0\n",
            "module a\nrequire b.c/d v2.0.0\n",
            "module a\nrequire b.c/d/v2 v1.0.0\n",
            "module a\nrequire b.c/d\n",
            "module a\nrequire (\n\tb.c/d v1.0.0\n",
            "module a\nrequire b.c/d `v1.0.0`\n",
            "module a\ngo new\n",
            "module a\ngo 1.22\ngo 1.22\n",
            "module a\n/* x */\n",
            "module a\nreplace b => c\n",
            "module a\nreplace b => ./c v1.0.0\n",
            "module a\nreplace b => ./c\nreplace b => ./d\n",
            "module \"a\n",
            "go (\n)\nmodule a\n",
        ] {
            assert!(!read(text).faults.is_empty(), "{text}");
        }
        assert!(!File::read("go 1.22\nrequire b.c/d v1.0.0\n", Form::Work).faults.is_empty());
    }

    #[test]
    fn what_tidy_would_write_otherwise() {
        for text in [
            "module a\n\nexclude (\n\tb v1.0.0\n)\n",
            "module a\n\nrequire (\n\ta.org/y v1.0.0\n\ta.org/x v1.0.0\n)\n",
            "module a\n\nrequire (\n\ta.org/x v1.0.0\n\n\ta.org/y v1.0.0\n)\n",
            "module a\n\ngo 1.17\n\nrequire (\n\ta.org/x v1.0.0\n\ta.org/y v1.0.0 // indirect\n)\n",
        ] {
            assert!(read(text).otherwise.is_some(), "{text}");
        }
        for text in [
            "module a \n\n\ngo  1.17\nrequire (\n  a.org/x v1.0.0\n  a.org/y v1.0.0\n)",
            "module a\n\ngo 1.16\n\nrequire (\n\ta.org/x v1.0.0\n\ta.org/y v1.0.0 // indirect\n)\n",
            "module a\n\ngo 1.17\n\n// ours\nrequire (\n\ta.org/x v1.0.0\n\ta.org/y v1.0.0 // indirect\n)\n",
        ] {
            assert!(read(text).otherwise.is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_read(text in "(module|require|replace|go|use|=>|[()\"`\\[, \t\n/]|v1\\.0\\.0|\\PC){0,40}") {
            for form in [Form::Mod, Form::Work] {
                let file = File::read(&text, form);
                for fault in file.faults {
                    prop_assert!(fault.span.end <= text.len());
                }
            }
        }
    }
}
