//! How languages write comments and strings, and which files are of which language: as much of it as it takes to tell a
//! comment from code, and no more.

use crate::RepoPath;

/// How a family of languages writes comments and strings.
#[derive(Debug)]
pub(super) struct Syntax {
    /// What begins a comment up to the end of the line.
    pub(super) line: &'static [&'static str],
    /// What begins a comment and what ends it.
    pub(super) block: &'static [(&'static str, &'static str)],
    /// Its strings; of those that begin alike, the longer beginning comes first.
    pub(super) strings: &'static [Quote],
    /// Whether a single quote begins one character (`'"'`), or nothing at all (`'a`).
    pub(super) characters: bool,
    /// Whether a comment must be the first thing in its line: where the language is not known.
    pub(super) whole_lines: bool,
}

/// A kind of string.
#[derive(Debug)]
pub(super) struct Quote {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    /// Whether a backslash takes the next byte's meaning.
    pub(super) escapes: bool,
    /// Whether it may go on in the next line.
    pub(super) lines: bool,
}

/// A language, or several that are one to these checks.
#[derive(Debug)]
pub(super) struct Language {
    pub(super) name: &'static str,
    /// The ends of its files' names, in lower case.
    extensions: &'static [&'static str],
    /// Whole names.
    files: &'static [&'static str],
    /// Programs of a first line `#!`.
    programs: &'static [&'static str],
    pub(super) syntax: &'static Syntax,
}

const fn quote(mark: &'static str) -> Quote {
    Quote { open: mark, close: mark, escapes: true, lines: false }
}

const fn long(open: &'static str, close: &'static str, escapes: bool) -> Quote {
    Quote { open, close, escapes, lines: true }
}

const fn syntax(
    line: &'static [&'static str],
    block: &'static [(&'static str, &'static str)],
    strings: &'static [Quote],
) -> Syntax {
    Syntax { line, block, strings, characters: false, whole_lines: false }
}

const C_BLOCK: &[(&str, &str)] = &[("/*", "*/")];
const PLAIN: &[Quote] = &[quote("\""), quote("'")];
const DOUBLE: &[Quote] = &[quote("\"")];

static C: Syntax = syntax(&["//"], C_BLOCK, &[long("R\"(", ")\"", false), quote("\""), quote("'")]);
static JVM: Syntax = syntax(&["//"], C_BLOCK, &[long("\"\"\"", "\"\"\"", true), quote("\""), quote("'")]);
static CSHARP: Syntax = syntax(
    &["//"],
    C_BLOCK,
    &[long("\"\"\"", "\"\"\"", false), long("@\"", "\"", false), quote("\""), quote("'")],
);
static JS: Syntax = syntax(&["//"], C_BLOCK, &[long("`", "`", true), quote("\""), quote("'")]);
static GO: Syntax = syntax(&["//"], C_BLOCK, &[long("`", "`", false), quote("\""), quote("'")]);
static RUST: Syntax = Syntax {
    line: &["//"],
    block: C_BLOCK,
    strings: &[
        long("r##\"", "\"##", false),
        long("r#\"", "\"#", false),
        long("r\"", "\"", false),
        long("\"", "\"", true),
    ],
    characters: true,
    whole_lines: false,
};
static PYTHON: Syntax =
    syntax(&["#"], &[], &[long("\"\"\"", "\"\"\"", true), long("'''", "'''", true), quote("\""), quote("'")]);
static RUBY: Syntax = syntax(&["#"], &[("=begin", "=end")], PLAIN);
static HASH: Syntax = syntax(&["#"], &[], PLAIN);
static POWERSHELL: Syntax = syntax(&["#"], &[("<#", "#>")], PLAIN);
static JULIA: Syntax = syntax(&["#"], &[("#=", "=#")], &[long("\"\"\"", "\"\"\"", true), quote("\"")]);
static HCL: Syntax = syntax(&["#", "//"], C_BLOCK, DOUBLE);
static PHP: Syntax = syntax(&["//", "#"], C_BLOCK, PLAIN);
static SQL: Syntax = syntax(&["--"], C_BLOCK, &[Quote { escapes: false, ..quote("'") }]);
static LUA: Syntax = syntax(&["--"], &[("--[[", "]]")], &[long("[[", "]]", false), quote("\""), quote("'")]);
static HASKELL: Syntax = Syntax { characters: true, ..syntax(&["--"], &[("{-", "-}")], DOUBLE) };
static ML: Syntax = Syntax { characters: true, ..syntax(&["//"], &[("(*", "*)")], DOUBLE) };
static DASHES: Syntax = syntax(&["--"], &[], DOUBLE);
static LISP: Syntax = syntax(&[";"], &[("#|", "|#")], DOUBLE);
static INI: Syntax = Syntax { whole_lines: true, ..syntax(&["#", ";"], &[], &[]) };
static PERCENT: Syntax = syntax(&["%"], &[], &[]);
static ERLANG: Syntax = syntax(&["%"], &[], DOUBLE);
static FORTRAN: Syntax = syntax(&["!"], &[], PLAIN);
static BASIC: Syntax = syntax(&["'"], &[], DOUBLE);
static BATCH: Syntax = Syntax { whole_lines: true, ..syntax(&["::", "REM ", "rem "], &[], &[]) };
static CSS: Syntax = syntax(&[], C_BLOCK, PLAIN);
static MARKUP: Syntax = syntax(&[], &[("<!--", "-->")], &[]);
/// Markup with scripts and styles in it. Strings are not looked for: its text is full of apostrophes.
static COMPONENT: Syntax = syntax(&["//"], &[("<!--", "-->"), ("/*", "*/")], &[]);
static NONE: Syntax = syntax(&[], &[], &[]);
/// A language that is not known: a line that begins with one of these is a comment.
static UNKNOWN: Syntax = Syntax { whole_lines: true, ..syntax(&["#", "//", "--", ";", "/*"], &[], &[]) };

const fn language(
    name: &'static str,
    extensions: &'static [&'static str],
    files: &'static [&'static str],
    programs: &'static [&'static str],
    syntax: &'static Syntax,
) -> Language {
    Language { name, extensions, files, programs, syntax }
}

/// Every language.
pub(super) static LANGUAGES: &[Language] = &[
    language(
        "javascript",
        &["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"],
        &[],
        &["node", "deno", "bun"],
        &JS,
    ),
    language("component", &["vue", "svelte", "astro"], &[], &[], &COMPONENT),
    language("json", &["json5", "jsonc", "hjson"], &[], &[], &JS),
    language(
        "python",
        &["py", "pyi", "pyx", "bzl"],
        &["BUILD", "SConstruct"],
        &["python", "python2", "python3"],
        &PYTHON,
    ),
    language(
        "ruby",
        &["rb", "rake", "gemspec", "ru"],
        &["Gemfile", "Rakefile", "Vagrantfile", "Podfile"],
        &["ruby"],
        &RUBY,
    ),
    language("java", &["java"], &[], &[], &JVM),
    language("kotlin", &["kt", "kts"], &[], &[], &JVM),
    language("scala", &["scala", "sc", "sbt"], &[], &[], &JVM),
    language("groovy", &["groovy", "gradle"], &["Jenkinsfile"], &["groovy"], &JVM),
    language("c", &["c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx", "ino", "m", "mm", "cu"], &[], &[], &C),
    language("csharp", &["cs", "csx"], &[], &[], &CSHARP),
    language("go", &["go"], &[], &[], &GO),
    language("rust", &["rs"], &[], &[], &RUST),
    language("swift", &["swift"], &[], &[], &JVM),
    language("dart", &["dart"], &[], &[], &JVM),
    language("php", &["php", "phtml", "inc"], &[], &["php"], &PHP),
    language("elixir", &["ex", "exs"], &[], &["elixir"], &PYTHON),
    language("perl", &["pl", "pm", "t"], &[], &["perl"], &HASH),
    language("r", &["r"], &[".Rprofile"], &["Rscript"], &HASH),
    language("julia", &["jl"], &[], &["julia"], &JULIA),
    language(
        "shell",
        &["sh", "bash", "zsh", "ksh", "fish", "bats"],
        &[".bashrc", ".profile", ".envrc"],
        &["sh", "bash", "zsh", "ksh", "dash", "fish"],
        &HASH,
    ),
    language("powershell", &["ps1", "psm1", "psd1"], &[], &["pwsh"], &POWERSHELL),
    language("sql", &["sql", "ddl", "pgsql"], &[], &[], &SQL),
    language("lua", &["lua"], &[], &["lua"], &LUA),
    language("terraform", &["tf", "tfvars", "hcl"], &[], &[], &HCL),
    language("yaml", &["yml", "yaml"], &[".clang-tidy"], &[], &HASH),
    language("toml", &["toml"], &[], &[], &PYTHON),
    language(
        "hash",
        &[
            "mk",
            "mak",
            "cmake",
            "dockerfile",
            "containerfile",
            "conf",
            "nim",
            "nix",
            "tcl",
            "awk",
            "sed",
            "graphql",
            "gql",
            "star",
            "rego",
            "pp",
            "cr",
            "coffee",
            "robot",
            "feature",
        ],
        &[
            "Makefile",
            "GNUmakefile",
            "Dockerfile",
            "Containerfile",
            "CMakeLists.txt",
            "Justfile",
            "justfile",
            "CODEOWNERS",
            ".gitignore",
            ".gitattributes",
            ".dockerignore",
            ".editorconfig",
        ],
        &["awk", "make"],
        &HASH,
    ),
    language(
        "like-c",
        &[
            "proto",
            "thrift",
            "zig",
            "sol",
            "v",
            "sv",
            "svh",
            "jsonnet",
            "libsonnet",
            "bicep",
            "cue",
            "glsl",
            "hlsl",
            "wgsl",
            "scss",
            "less",
            "styl",
            "apex",
            "cls",
            "d",
            "vala",
            "hx",
        ],
        &["go.mod"],
        &[],
        &C,
    ),
    language("css", &["css"], &[], &[], &CSS),
    language(
        "markup",
        &[
            "md", "markdown", "html", "htm", "xhtml", "xml", "xsd", "xsl", "xslt", "svg", "csproj", "fsproj",
            "vbproj", "props", "targets", "xaml", "plist", "pom", "jsp", "hbs",
        ],
        &[],
        &[],
        &MARKUP,
    ),
    language("haskell", &["hs", "elm", "purs", "lhs"], &[], &["runhaskell"], &HASKELL),
    language("ml", &["fs", "fsx", "fsi", "ml", "mli"], &[], &[], &ML),
    language("dashes", &["vhd", "vhdl", "ada", "adb", "ads"], &[], &[], &DASHES),
    language(
        "lisp",
        &["lisp", "lsp", "cl", "el", "scm", "ss", "rkt", "clj", "cljs", "cljc", "edn", "asm"],
        &[],
        &[],
        &LISP,
    ),
    language(
        "ini",
        &["ini", "cfg", "properties", "env", "service", "reg"],
        &[".npmrc", ".gitconfig"],
        &[],
        &INI,
    ),
    language("percent", &["tex", "sty", "bib"], &[], &[], &PERCENT),
    language("erlang", &["erl", "hrl"], &[], &["escript"], &ERLANG),
    language("fortran", &["f90", "f95", "f03", "f08"], &[], &[], &FORTRAN),
    language("basic", &["vb", "vbs", "bas"], &[], &[], &BASIC),
    language("batch", &["bat", "cmd"], &[], &[], &BATCH),
    language(
        "text",
        &[
            "txt", "text", "rst", "adoc", "asciidoc", "org", "log", "csv", "tsv", "json", "lock", "sum",
            "map", "ipynb", "po", "pot", "diff", "patch", "eml", "mbox", "snap",
        ],
        &["LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS", "README", "CHANGELOG"],
        &[],
        &NONE,
    ),
];

/// The language of a file, by its name and then by its first line; `None`: it is not known.
pub(super) fn language_of(path: &RepoPath, bytes: &[u8]) -> Option<&'static Language> {
    let name = String::from_utf8_lossy(path.file_name()).into_owned();
    let whole = LANGUAGES.iter().find(|language| language.files.contains(&name.as_str()));
    let stem = name.split('.').next().unwrap_or_default();
    let by_end = || {
        let end = name.rsplit_once('.')?.1.to_ascii_lowercase();
        LANGUAGES.iter().find(|language| language.extensions.contains(&end.as_str()))
    };
    // `Dockerfile.dev`, `Jenkinsfile.release`.
    let by_stem = || LANGUAGES.iter().find(|language| !stem.is_empty() && language.files.contains(&stem));
    whole.or_else(by_end).or_else(by_stem).or_else(|| by_program(bytes))
}

fn by_program(bytes: &[u8]) -> Option<&'static Language> {
    let line = bytes.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line.get(..200).unwrap_or(line)).into_owned();
    let mut words = line.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let program = words.find(|word| *word != "env" && !word.starts_with('-') && !word.contains('='))?;
    // `python3.12`
    let base = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    LANGUAGES
        .iter()
        .find(|language| language.programs.iter().any(|known| *known == program || *known == base))
}

/// How a file's comments are written.
pub(super) fn syntax_of(language: Option<&'static Language>) -> &'static Syntax {
    language.map_or(&UNKNOWN, |language| language.syntax)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_file_is_of_one_language() {
        let mut seen = HashSet::new();
        for language in LANGUAGES {
            for word in language.extensions.iter().chain(language.files) {
                assert!(seen.insert(word), "`{word}` stands twice");
            }
        }
    }

    #[test]
    fn names_and_first_lines_tell_the_language() {
        let of = |path: &str, text: &str| {
            language_of(&RepoPath::from(path), text.as_bytes()).map(|language| language.name)
        };
        assert_eq!(of("src/a.test.TSX", ""), Some("javascript"));
        assert_eq!(of("deploy/Dockerfile.dev", ""), Some("hash"));
        assert_eq!(of("CMakeLists.txt", ""), Some("hash"));
        assert_eq!(of("bin/run", "#!/usr/bin/env -S python3.12 -u\n"), Some("python"));
        assert_eq!(of("bin/run", "#!/bin/bash\n"), Some("shell"));
        assert_eq!(of("bin/run", "echo\n"), None);
        assert_eq!(of(".hidden", ""), None);
        assert_eq!(of("package.json", ""), Some("text"));
    }
}
