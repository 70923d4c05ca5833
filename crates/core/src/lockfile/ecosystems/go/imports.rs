//! What the packages of a module import: the head of a file of Go, up to its last `import`.

use super::modfile::File;
use super::work::prefixes;
use crate::lockfile::ecosystem::{Place, Source, Unclear, Verdict};
use crate::lockfile::tree::{Tree, file_name, folder, join, relative};
use std::collections::{BTreeMap, HashSet};

/// Systems and processors that the name of a file may end in: such a file is built for them alone.
const TARGETS: &str = " aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos 386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm ";

/// Where a package is imported.
#[derive(Clone, Debug)]
pub(super) struct Use {
    pub(super) place: Place,
    /// Whether the file is built on every system and with every tag.
    pub(super) is_certain: bool,
}

/// The packages that a module imports, and the first place of each; one that is certain, where there is one.
#[derive(Debug, Default)]
pub(super) struct Imports {
    pub(super) of: BTreeMap<String, Use>,
    /// A file was left out: what it imports may count or not.
    pub(super) is_partial: bool,
}

impl Imports {
    /// Of the module in a folder: not of the modules within, nor of folders that `./...` passes over.
    pub(super) fn read(tree: &Tree<'_>, at: &str, file: &File, verdict: &mut Verdict) -> Self {
        let mut imports = Self::default();
        let paths = tree.under(at);
        let within: HashSet<&str> = paths
            .iter()
            .filter(|path| file_name(path) == "go.mod" && folder(path) != at)
            .map(|path| folder(path))
            .collect();
        for path in paths.iter().filter(|path| path.ends_with(".go")) {
            if !is_built(at, path, &within, file) {
                continue;
            }
            let bytes = match tree.bytes(path) {
                Ok(bytes) => bytes,
                Err(unread) => {
                    imports.is_partial = true;
                    let place = Place { path: (*path).to_owned(), span: None };
                    verdict.unclear(Unclear::at(format!("{path} {unread}"), place));
                    continue;
                }
            };
            let text = String::from_utf8_lossy(&bytes);
            let head = Head::read(&text);
            match head.built {
                Built::Never => continue,
                Built::Perhaps => {
                    imports.is_partial = true;
                    continue;
                }
                Built::Always | Built::Somewhere => {}
            }
            if !head.is_whole {
                imports.is_partial = true;
                let place = Place { path: (*path).to_owned(), span: None };
                let why = format!("what {path} imports could not be read: Go may refuse it");
                verdict.unclear(Unclear::at(why, place));
            }
            let is_certain = head.built == Built::Always && !is_for_a_target(file_name(path));
            imports.add(path, &text, head.imports, is_certain);
        }
        let links = tree.links_under(at).iter().filter(|path| path.ends_with(".go"));
        for path in links.filter(|path| is_built(at, path, &within, file)) {
            imports.is_partial = true;
            let place = Place { path: (*path).to_owned(), span: None };
            verdict.unclear(Unclear::at(
                format!("{path} is a symbolic link, and Go reads what it leads to"),
                place,
            ));
        }
        imports
    }

    fn add(&mut self, path: &str, text: &str, found: Vec<(String, usize)>, is_certain: bool) {
        let mut source = None;
        for (import, offset) in found {
            if import == "C" || import.starts_with("./") || import.starts_with("../") {
                continue;
            }
            let known = self.of.get(&import);
            if known.is_some_and(|known| known.is_certain || !is_certain) {
                continue;
            }
            let source = source.get_or_insert_with(|| Source::new(path, text));
            let place = source.place(&(offset..offset + import.len() + 2));
            self.of.insert(import, Use { place, is_certain });
        }
    }
}

/// Whether a file is one of a package of the module in a folder, by its path alone.
fn is_built(at: &str, path: &str, within: &HashSet<&str>, file: &File) -> bool {
    let is_hidden = file_name(path).starts_with(['_', '.']);
    !is_hidden && relative(at, path).is_some_and(|inner| !is_passed_over(at, inner, within, &file.ignores))
}

/// Whether a folder of the module is no part of its packages.
fn is_passed_over(at: &str, inner: &str, within: &HashSet<&str>, ignores: &HashSet<String>) -> bool {
    let home = folder(inner);
    let is_named = |part: &str| part == "vendor" || part == "testdata" || part.starts_with(['_', '.']);
    if home.is_empty() {
        return false;
    }
    let mut above = home;
    while !above.is_empty() {
        if join(at, above).is_some_and(|path| within.contains(path.as_str())) {
            return true;
        }
        above = folder(above);
    }
    home.split('/').any(is_named) || is_ignored(home, ignores)
}

/// Whether `ignore` names a folder or one above it: `./a/b` from the module, `a/b` at any depth.
fn is_ignored(home: &str, ignores: &HashSet<String>) -> bool {
    if ignores.is_empty() {
        return false;
    }
    prefixes(home).any(|above| {
        let after_slashes = above.match_indices('/').map(|(at, _)| at + 1);
        let mut tails = std::iter::once(0).chain(after_slashes).filter_map(|at| above.get(at..));
        ignores.contains(&format!("./{above}")) || tails.any(|tail| ignores.contains(tail))
    })
}

fn is_for_a_target(name: &str) -> bool {
    let stem = name.trim_end_matches(".go").trim_end_matches("_test");
    stem.split('_').skip(1).any(|part| TARGETS.contains(&format!(" {part} ")))
}

/// When a file is built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Built {
    Always,
    /// On some systems, or with some tags.
    Somewhere,
    /// `//go:build ignore`: by nobody.
    Never,
    /// It cannot be told whether anybody would.
    Perhaps,
}

#[derive(Debug)]
struct Head {
    imports: Vec<(String, usize)>,
    built: Built,
    /// `false`: it is no head of a file of Go, or not to its end.
    is_whole: bool,
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    built: Option<Built>,
}

impl Head {
    fn read(text: &str) -> Self {
        let mut lexer = Lexer { text, at: 0, built: None };
        let mut imports = Vec::new();
        let mut is_whole = lexer.is_word("package");
        if is_whole {
            let built = lexer.built;
            lexer.space();
            lexer.name();
            while lexer.is_word("import") {
                lexer.space();
                if lexer.is_mark('(') {
                    while !lexer.is_mark(')') {
                        let Some(import) = lexer.spec() else {
                            is_whole = false;
                            break;
                        };
                        imports.push(import);
                    }
                } else if let Some(import) = lexer.spec() {
                    imports.push(import);
                } else {
                    is_whole = false;
                    break;
                }
            }
            // A constraint counts above the package alone.
            lexer.built = built;
        }
        Self { imports, built: lexer.built.unwrap_or(Built::Always), is_whole }
    }
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Passes over spaces, line ends, semicolons and comments.
    fn space(&mut self) {
        loop {
            let rest = self.rest();
            let spaces = rest.trim_start_matches([' ', '\t', '\r', '\n', ';', '\u{feff}']);
            self.at += rest.len() - spaces.len();
            if spaces.starts_with("//") {
                let line = spaces.split('\n').next().unwrap_or_default();
                self.constraint(line.trim_end());
                self.at += line.len();
            } else if spaces.starts_with("/*") {
                let end = memchr::memmem::find(spaces.as_bytes(), b"*/").map_or(spaces.len(), |end| end + 2);
                self.at += end;
            } else {
                return;
            }
        }
    }

    fn constraint(&mut self, line: &str) {
        if let Some(tags) = line.strip_prefix("//go:build").filter(|tags| tags.starts_with([' ', '\t'])) {
            let mut words = tags.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.'));
            self.built = Some(match tags.trim() {
                "ignore" => Built::Never,
                _ if words.any(|word| word == "ignore") => Built::Perhaps,
                _ => Built::Somewhere,
            });
        } else if self.built.is_none() && line.trim_start_matches('/').trim_start().starts_with("+build ") {
            // Which of these lines count hangs on where they stand and on the version of Go.
            self.built = Some(Built::Perhaps);
        }
    }

    fn is_word(&mut self, word: &str) -> bool {
        self.space();
        let Some(after) = self.rest().strip_prefix(word) else { return false };
        let is_whole = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        self.at += if is_whole { word.len() } else { 0 };
        is_whole
    }

    fn is_mark(&mut self, mark: char) -> bool {
        self.space();
        let is_there = self.rest().starts_with(mark);
        self.at += if is_there { mark.len_utf8() } else { 0 };
        is_there
    }

    fn name(&mut self) {
        let rest = self.rest();
        let after = rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        self.at += rest.len() - after.len();
    }

    /// One import: a name of its own or none, and the path in quotes.
    fn spec(&mut self) -> Option<(String, usize)> {
        self.space();
        self.name();
        self.space();
        let rest = self.rest();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '`'))?;
        let (path, _) = rest.get(1..)?.split_once(quote)?;
        let at = self.at;
        self.at += path.len() + 2;
        (!path.contains('\n')).then(|| (path.to_owned(), at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn imports(text: &str) -> Vec<String> {
        Head::read(text).imports.into_iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn imports_are_found_and_nothing_else() {
        let text = "\u{feff}/* package no */ // import \"no\"\npackage a; import (\n\t\"fmt\" // x\n\t. \"a.org/b\"; _ `a.org/c`\n)\nimport q /* y */ \"a.org/d\"\n\nvar x = `import \"no\"`\n";
        assert_eq!(imports(text), ["fmt", "a.org/b", "a.org/c", "a.org/d"]);
        assert_eq!(imports("package a\n\nvar importer = 1\nimport \"no\"\n"), Vec::<String>::new());
        assert_eq!(imports("package a\nimport (\n\t\"x\"\n"), ["x"]);
        assert_eq!(imports("not go"), Vec::<String>::new());
    }

    #[test]
    fn constraints_say_when_a_file_is_built() {
        let built = |text: &str| Head::read(text).built;
        assert_eq!(built("package a\n//go:build ignore\n"), Built::Always);
        assert_eq!(built("//go:build ignore\n\npackage a\n"), Built::Never);
        assert_eq!(built("//go:build linux && !ignored\n\npackage a\n"), Built::Somewhere);
        assert_eq!(built("//go:build linux || ignore\n\npackage a\n"), Built::Perhaps);
        assert_eq!(built("// +build ignore\n\npackage a\n"), Built::Perhaps);
        assert!(is_for_a_target("x_windows.go") && is_for_a_target("x_linux_arm64_test.go"));
        assert!(!is_for_a_target("windows.go") && !is_for_a_target("x_test.go"));
    }

    #[test]
    fn folders_that_are_passed_over() {
        let within: HashSet<&str> = ["m/sub"].into();
        let ignores = ["./skip".to_owned(), "any/where".to_owned()].into();
        for inner in [
            "sub/x.go",
            "sub/a/x.go",
            "vendor/x.go",
            "a/testdata/b/x.go",
            "_a/x.go",
            ".a/x.go",
            "skip/x.go",
            "skip/a/x.go",
            "b/any/where/x.go",
        ] {
            assert!(is_passed_over("m", inner, &within, &ignores), "{inner}");
        }
        for inner in ["x.go", "a/x.go", "subs/x.go", "a/skip/x.go", "skipped/x.go", "any/wheres/x.go"] {
            assert!(!is_passed_over("m", inner, &within, &ignores), "{inner}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_read(text in "(package|import|//go:build |ignore|[()\"`;/* \n]|\\PC){0,40}") {
            for (path, at) in Head::read(&text).imports {
                prop_assert!(text.get(at + 1..at + 1 + path.len()) == Some(path.as_str()));
            }
        }
    }
}
