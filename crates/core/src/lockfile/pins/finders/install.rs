//! Commands of pipelines and image builds that install dependencies and do not hold to the lock, or run what packages bring
//! along.
//!
//! Commands are found in the files of CI systems (every text that stands in them), in `RUN` of Dockerfiles and in
//! Jenkinsfiles. What is no plain command line, as a variable in the place of a program, is passed over.

use super::super::loose::{Finder, Hold, Loose};
use super::images::instructions;
use super::places::{is_image_build, is_pipeline};
use crate::code::CodeInfo;
use crate::lockfile::data::{Value, yaml_documents};
use crate::lockfile::{Source, file_name};
use crate::severity::Severity;
use std::ops::Range;

pub(super) const LOCK: Finder = Finder {
    info: CodeInfo {
        code: "GP-PIN-011",
        name: "install-without-lock",
        severity: Severity::High,
        summary: "A pipeline or an image build installs dependencies and does not hold to the lock.",
        why: "What was reviewed in the lock is not what is built, and nobody is told.",
        fix: "Use the form of the command that refuses a lock which does not agree.",
        fires: "jobs:\n  a:\n    steps:\n      - run: npm install\n",
        silent: "jobs:\n  a:\n    steps:\n      - run: npm ci\n",
    },
    key: "install-commands",
    options: "",
    example_path: ".github/workflows/ci.yml",
    reads,
    find: |source, _| found(source, unlocked),
};

pub(super) const SCRIPTS: Finder = Finder {
    info: CodeInfo {
        code: "GP-PIN-012",
        name: "install-runs-scripts",
        severity: Severity::High,
        summary: "A pipeline or an image build installs dependencies and runs the programs that they bring along.",
        why: "Most attacks by packages run at install, before anybody calls them.",
        fix: "Switch them off, and name those that need them.",
        fires: "jobs:\n  a:\n    steps:\n      - run: npm ci\n",
        silent: "jobs:\n  a:\n    steps:\n      - run: npm ci --ignore-scripts\n",
    },
    key: "install-scripts",
    options: "install-scripts = \"warn\"\ninstall-commands = \"off\"",
    example_path: ".github/workflows/ci.yml",
    reads,
    find: |source, _| found(source, scripted),
};

/// A command line of a file.
struct Line<'a> {
    words: Vec<&'a str>,
    /// Whether an image is built, where package managers do not know that they run in CI.
    is_image: bool,
}

/// What is wrong with a command: by what it is held, what it does, and what to write instead.
type Wrong = (Hold, &'static str, String);

fn is_jenkins(path: &str) -> bool {
    file_name(path).starts_with("Jenkinsfile")
}

fn reads(path: &str) -> bool {
    is_pipeline(path) || is_image_build(path) || is_jenkins(path)
}

fn found(source: &Source, judge: fn(&Line<'_>) -> Option<Wrong>) -> Vec<Loose> {
    let mut out = Vec::new();
    let mut script = |text: &str, span: &Range<usize>, is_image: bool| {
        for line in commands(text) {
            let command = line.join(" ");
            if let Some((hold, what, instead)) = judge(&Line { words: line, is_image }) {
                let what = format!("`{command}` {what}");
                out.push(Loose { hold, key: command, what, fix: instead, span: span.clone() });
            }
        }
    };
    if is_image_build(&source.path) {
        for instruction in instructions(&source.text).iter().filter(|instruction| instruction.word == "RUN") {
            script(&instruction.rest, &instruction.span, true);
        }
    } else if is_jenkins(&source.path) {
        let mut start = 0;
        for line in source.text.split_inclusive('\n') {
            let bare = line.trim();
            let inside = bare.strip_prefix("sh ").or_else(|| bare.strip_prefix("sh(")).unwrap_or(bare);
            script(
                inside.trim_matches(['"', '\'', '(', ')', ' ']),
                &(start..start + line.trim_end().len()),
                false,
            );
            start += line.len();
        }
    } else {
        for document in yaml_documents(&source.text).unwrap_or_default() {
            texts(&document, &mut |value, text| script(text, &value.span, false));
        }
    }
    out
}

fn texts<'v>(value: &'v Value, see: &mut impl FnMut(&'v Value, &'v str)) {
    if let Some(text) = value.text() {
        see(value, text);
    }
    value.items().for_each(|item| texts(item, see));
    value.entries().for_each(|entry| texts(&entry.value, see));
}

/// The command lines of a script, in words: lines that end with a backslash joined, parted at `&&`, `||`, `;` and `|`.
fn commands(text: &str) -> Vec<Vec<&str>> {
    let mut found = Vec::new();
    let mut words: Vec<&str> = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        let (line, goes_on) = line.strip_suffix('\\').map_or((line, false), |line| (line, true));
        for word in line.split_whitespace() {
            if word.starts_with('#') {
                break;
            }
            match word.strip_suffix(';') {
                _ if matches!(word, "&&" | "||" | ";" | "|" | "then" | "do" | "else") => {
                    end(&mut words, &mut found);
                }
                Some(last) => {
                    words.extend((!last.is_empty()).then_some(last));
                    end(&mut words, &mut found);
                }
                None => words.push(word),
            }
        }
        if !goes_on {
            end(&mut words, &mut found);
        }
    }
    end(&mut words, &mut found);
    found
}

/// Closes a command.
fn end<'t>(words: &mut Vec<&'t str>, found: &mut Vec<Vec<&'t str>>) {
    let skipped = words.iter().take_while(|word| is_before_program(word)).count();
    if words.len() > skipped {
        found.push(words.split_off(skipped));
    }
    words.clear();
}

/// What may stand in front of a program: `sudo`, `CI=1`, `corepack`, options of `RUN`.
fn is_before_program(word: &str) -> bool {
    let is_setting = word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    is_setting
        || matches!(word, "sudo" | "env" | "exec" | "time" | "corepack" | "-" | "!")
        || word.starts_with("--mount")
}

impl Line<'_> {
    fn has(&self, options: &[&str]) -> bool {
        self.words.iter().any(|word| {
            options.iter().any(|option| word == option || word.starts_with(&format!("{option}=")))
        })
    }

    /// The words that are no options, after the program and its subcommand.
    fn named(&self) -> Vec<&str> {
        self.words.iter().skip(2).copied().filter(|word| !word.starts_with('-')).collect()
    }

    /// The program and its subcommand, `python -m pip install` as `pip install`.
    fn command(&self) -> (&str, &str) {
        let word = |at: usize| self.words.get(at).copied().unwrap_or_default();
        match (word(0), word(1)) {
            ("python" | "python3", "-m") => (word(2), word(3)),
            ("pip3", sub) => ("pip", sub),
            ("uv", "pip") => ("pip", word(2)),
            both => both,
        }
    }
}

/// Commands that take what is newest, or that take the lock for advice.
fn unlocked(line: &Line<'_>) -> Option<Wrong> {
    const LOOSE: &str = "takes what is newest where lock and manifest do not agree";
    const UPDATES: &str = "updates dependencies in a pipeline, where nobody reviews them";
    let (program, sub) = line.command();
    let write = |instead: &str| format!("write {instead}");
    let is_global = line.has(&["-g", "--global"]);
    match (program, sub) {
        ("npm", "install" | "i" | "add") if line.named().is_empty() && !is_global => {
            Some((Hold::Nothing, LOOSE, write("npm ci")))
        }
        ("yarn", "" | "install") if !line.has(&["--frozen-lockfile", "--immutable"]) => {
            Some((Hold::Name, LOOSE, write("yarn install --immutable (yarn 1: --frozen-lockfile)")))
        }
        ("pnpm", "install" | "i") => {
            let is_loose =
                line.has(&["--no-frozen-lockfile"]) || (line.is_image && !line.has(&["--frozen-lockfile"]));
            is_loose.then(|| (Hold::Nothing, LOOSE, write("pnpm install --frozen-lockfile")))
        }
        ("bun", "install" | "i") if !line.has(&["--frozen-lockfile"]) && line.named().is_empty() => {
            Some((Hold::Name, LOOSE, write("bun ci")))
        }
        ("pip", "install") => pip(line),
        ("uv", "sync") if !line.has(&["--locked", "--frozen"]) => {
            Some((Hold::Name, LOOSE, write("uv sync --locked")))
        }
        ("pipenv", "install") if !line.has(&["--deploy"]) && line.named().is_empty() => {
            Some((Hold::Name, LOOSE, write("pipenv install --deploy")))
        }
        ("pdm", "install") if !line.has(&["--frozen-lockfile", "--check"]) => {
            Some((Hold::Name, LOOSE, write("pdm install --check")))
        }
        (
            "cargo",
            "build" | "test" | "run" | "check" | "clippy" | "doc" | "bench" | "install" | "publish"
            | "nextest",
        ) if !line.has(&["--locked", "--frozen"]) => {
            Some((Hold::Name, LOOSE, format!("add --locked: cargo {sub} --locked")))
        }
        ("go", "build" | "test" | "install" | "run") if line.has(&["-mod=mod"]) => {
            Some((Hold::Nothing, LOOSE, "leave -mod=mod out: go holds to go.sum by itself".to_owned()))
        }
        ("bundle", "install") if !line.has(&["--frozen", "--deployment"]) => {
            Some((Hold::Name, LOOSE, "set BUNDLE_FROZEN=true".to_owned()))
        }
        ("terraform" | "tofu", "init") if !line.has(&["-lockfile"]) && !line.has(&["-backend=false"]) => {
            Some((Hold::Name, LOOSE, format!("write {program} init -lockfile=readonly")))
        }
        ("dotnet", "restore") if !line.has(&["--locked-mode"]) => {
            Some((Hold::Name, LOOSE, write("dotnet restore --locked-mode")))
        }
        ("npm", "update" | "up" | "upgrade")
        | ("yarn", "upgrade" | "up")
        | ("pnpm" | "bun" | "cargo" | "bundle" | "composer" | "poetry" | "pipenv" | "pdm", "update")
        | ("go", "get") => Some((
            Hold::Nothing,
            UPDATES,
            "update where somebody reviews it, and install from the lock here".to_owned(),
        )),
        ("helm", "dependency" | "dep") if line.named().first() == Some(&"update") => {
            Some((Hold::Name, UPDATES, write("helm dependency build")))
        }
        _ => None,
    }
}

fn pip(line: &Line<'_>) -> Option<Wrong> {
    if line.has(&["--require-hashes"]) {
        return None;
    }
    if line.has(&["-r", "--requirement"]) {
        let what = "takes whatever the index hands over under the names and versions of the file";
        return Some((Hold::Name, what, "write hashes into the file, and add --require-hashes".to_owned()));
    }
    let start = line.words.iter().position(|word| *word == "install").map_or(0, |at| at + 1);
    let is_loose = |word: &str| {
        let word = word.trim_matches(['"', '\'']);
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && !word.contains("==")
            && !word.contains('/')
            && !word.contains('@')
            && !word.contains('$')
            && !word.ends_with(".whl")
    };
    let names = line.words.get(start..).unwrap_or_default();
    let takes_value = |word: &str| {
        matches!(word, "-i" | "--index-url" | "-t" | "--target" | "-c" | "--constraint" | "-f" | "-e")
    };
    let mut before = "";
    for word in names {
        if !takes_value(before) && is_loose(word) {
            let what = "takes the newest version that there is";
            return Some((Hold::Nothing, what, format!("write the version: {word}==VERSION")));
        }
        before = word;
    }
    None
}

/// Commands that run what packages bring along.
fn scripted(line: &Line<'_>) -> Option<Wrong> {
    const RUNS: &str = "runs the programs that packages bring along";
    let (program, sub) = line.command();
    let off = match (program, sub) {
        ("npm", "ci" | "install" | "i" | "add")
        | ("pnpm", "install" | "i")
        | ("bun", "install" | "i" | "ci") => "--ignore-scripts",
        ("yarn", "" | "install") if line.has(&["--mode=skip-build"]) => return None,
        ("yarn", "" | "install") => "--ignore-scripts",
        ("composer", "install" | "update") => "--no-scripts",
        ("pip", "install") if line.has(&["-e", "--editable"]) || line.named().contains(&".") => {
            return None;
        }
        ("pip", "install") => "--only-binary",
        _ => return None,
    };
    let shown = if off == "--only-binary" { "--only-binary :all:" } else { off };
    (!line.has(&[off])).then(|| (Hold::Nothing, RUNS, format!("add {shown}")))
}
