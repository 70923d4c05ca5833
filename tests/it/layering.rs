//! The layering of the workspace, read from its manifests and sources: who may depend on whom, and who may touch the
//! world. `docs/architecture.md` says why.

use crate::support::ROOT;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Each library crate and every dependency it may have. A new one is a decision, made here.
const ALLOWED: [(&str, &[&str]); 7] = [
    (
        "crates/core",
        &[
            "aho-corasick",
            "crc32fast",
            "data-encoding",
            // What is compressed is a text as well; zlib-rs is the backend, so that no C comes in.
            "flate2",
            "globset",
            // HCL with places, for Terraform; it bounds the nesting.
            "hcl-edit",
            "hmac",
            "jiff",
            // JSON with the place of every value, and with comments where a tool takes them; it bounds the nesting.
            "jsonc-parser",
            // xz and LZMA, without unsafe code unless its `optimization` is on.
            "lzma-rust2",
            // The hash by which composer and old pnpm know what a lock was made from.
            "md-5",
            "memchr",
            // The ranges of npm, pnpm, yarn and bun.
            "nodejs-semver",
            // The versions of Python.
            "pep440_rs",
            "rayon",
            "regex",
            "regex-automata",
            "regex-syntax",
            // XML, for the projects of NuGet.
            "roxmltree",
            // Zstandard; the only decoder that is no binding to C.
            "ruzstd",
            // Events over a string and nothing else; the loaders on top of it write aliases out without a bound.
            "saphyr-parser",
            // The versions of Cargo, by Cargo's own crate.
            "semver",
            "serde",
            // JSON Web Tokens, JSON Web Keys and key files of Google are JSON; its parser bounds the nesting.
            "serde_json",
            // The hash by which CocoaPods knows a Podfile.
            "sha1",
            "sha2",
            "toml",
        ],
    ),
    (
        "crates/report",
        &[
            "aho-corasick",
            "anstyle",
            "data-encoding",
            "gatepost-core",
            "serde",
            "serde_json",
            "unicode-width",
        ],
    ),
    (
        "crates/source",
        &[
            "gatepost-core",
            "git2",
            "gix-features",
            "gix-hash",
            "gix-pack",
            "gix-zlib",
            "ignore",
            "libdeflater",
            "memchr",
            "rayon",
            // Programs that verify signatures read files: in a private directory that is removed whatever happens.
            "tempfile",
        ],
    ),
    (
        "crates/compat",
        // A configuration of gitleaks is run as it is: its expressions in the engine that core has, and its keywords.
        &[
            "aho-corasick",
            "gatepost-core",
            "memchr",
            "regex-automata",
            "regex-syntax",
            "serde",
            "serde_json",
            "toml",
        ],
    ),
    ("crates/evidence", &["data-encoding", "ed25519-dalek", "gatepost-core", "serde", "serde_json", "sha2"]),
    ("rules", &["gatepost-core"]),
    (
        "crates/app",
        &[
            "anstream",
            "anstyle",
            "clap",
            "clap_complete",
            "gatepost-compat",
            "gatepost-core",
            "gatepost-evidence",
            "gatepost-report",
            "gatepost-rules",
            "gatepost-source",
            "getrandom",
            "indicatif",
            "jiff",
            "rayon",
            "rustix",
            "serde_json",
            "terminal_size",
            "toml",
            "toml_edit",
        ],
    ),
];

/// What only one crate may use.
const ONLY_IN: [(&str, &str); 10] = [
    ("git2", "crates/source"),
    ("gix-features", "crates/source"),
    ("gix-hash", "crates/source"),
    ("gix-pack", "crates/source"),
    ("gix-zlib", "crates/source"),
    ("ignore", "crates/source"),
    ("clap", "crates/app"),
    ("clap_complete", "crates/app"),
    ("indicatif", "crates/app"),
    ("terminal_size", "crates/app"),
];

/// What core may not reach. Words, so that `use std::{env, fs}` is caught as well as a full path.
const BANNED_IN_CORE: [&str; 10] =
    ["fs", "env", "process", "net", "SystemTime", "Instant", "git2", "gix_pack", "stdin", "stdout"];

fn manifest(folder: &str) -> toml::Table {
    let path = Path::new(ROOT).join(folder).join("Cargo.toml");
    std::fs::read_to_string(&path).unwrap().parse().unwrap()
}

/// The names in `[dependencies]`, `[build-dependencies]` and the same of every `[target.*]`.
fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let targets =
        manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values);
    std::iter::once(manifest)
        .chain(targets.filter_map(toml::Value::as_table))
        .flat_map(|table| ["dependencies", "build-dependencies"].map(|key| table.get(key)))
        .filter_map(|dependencies| dependencies?.as_table())
        .flat_map(|table| table.keys().cloned())
        .collect()
}

/// The files under `folder` that end with one of `endings`, but what is built or fetched.
fn files(folder: &Path, endings: &[&str], out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["target", ".git", ".jj"].contains(&name.as_str()) {
                files(&path, endings, out);
            }
        } else if endings.is_empty() || endings.iter().any(|ending| name.ends_with(ending)) {
            out.push(path);
        }
    }
}

/// The code of a source file: without comments, string literals and the tests at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap();
    let mut out = String::new();
    for line in text.lines() {
        let mut quoted = false;
        let mut previous = ' ';
        for (index, c) in line.char_indices() {
            if !quoted && line[index..].starts_with("//") {
                break;
            }
            let quote = c == '"' && previous != '\\' && previous != '\'';
            quoted ^= quote;
            if !quoted && !quote {
                out.push(c);
            }
            previous = c;
        }
        out.push('\n');
    }
    out
}

/// The sources of a crate that ship: not its tests.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    files(&Path::new(ROOT).join(folder).join("src"), &[".rs"], &mut paths);
    paths
        .into_iter()
        .filter(|path| {
            !path.ends_with("tests.rs") && !path.components().any(|part| part.as_os_str() == "tests")
        })
        .map(|path| {
            let text = code(&std::fs::read_to_string(&path).unwrap());
            (path, text)
        })
        .collect()
}

/// The paths that start at `std` in `code`, with groups taken apart: `std::fs`, `std::env`, …
fn std_modules(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("std::") {
        let rest = &code[at + "std::".len()..];
        let group = rest.strip_prefix('{').and_then(|rest| rest.split(';').next());
        let words = |text: &str| {
            text.split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        match group {
            Some(group) => found.extend(words(group)),
            None => found.extend(words(rest.split([';', '(', '{', ' ', ')', ',', '<', '>']).next().unwrap())),
        }
    }
    found
}

#[test]
fn every_crate_depends_on_what_it_may() {
    let mut wrong = Vec::new();
    for (folder, allowed) in ALLOWED {
        for name in dependencies(&manifest(folder)) {
            if !allowed.contains(&name.as_str()) {
                wrong.push(format!("{folder} depends on {name}"));
            }
        }
    }
    for (name, home) in ONLY_IN {
        for (folder, _) in ALLOWED {
            if folder != home && dependencies(&manifest(folder)).contains(name) {
                wrong.push(format!("{folder} depends on {name}, which belongs to {home} alone"));
            }
        }
    }
    assert_eq!(wrong, [] as [&str; 0]);
    let root: Vec<String> = dependencies(&manifest("")).into_iter().collect();
    assert_eq!(root, ["gatepost-app"], "the binaries are names for gatepost-app");
}

#[test]
fn every_crate_is_listed_and_inherits_the_lints() {
    let mut folders = vec!["rules".to_owned()];
    for entry in std::fs::read_dir(Path::new(ROOT).join("crates")).unwrap() {
        folders.push(format!("crates/{}", entry.unwrap().file_name().to_string_lossy()));
    }
    folders.sort();
    let mut listed: Vec<&str> = ALLOWED.iter().map(|(folder, _)| *folder).collect();
    listed.sort_unstable();
    assert_eq!(folders, listed);
    for folder in folders.iter().map(String::as_str).chain([""]) {
        let manifest = manifest(folder);
        assert_eq!(
            manifest["lints"]["workspace"].as_bool(),
            Some(true),
            "{folder} does not inherit the lints"
        );
        for key in ["version", "edition", "rust-version", "license"] {
            assert_eq!(manifest["package"][key]["workspace"].as_bool(), Some(true), "{folder}: {key}");
        }
    }
}

#[test]
fn core_reaches_nothing_outside_itself() {
    let mut wrong = Vec::new();
    for (path, code) in sources("crates/core") {
        let modules = std_modules(&code);
        for banned in BANNED_IN_CORE {
            if modules.contains(banned) {
                wrong.push(format!("{}: std::{banned}", path.display()));
            }
        }
        for banned in ["SystemTime", "Instant::", "git2::", "gix_pack::", "Zoned::now", "Timestamp::now"] {
            if code.contains(banned) {
                wrong.push(format!("{}: {banned}", path.display()));
            }
        }
    }
    assert_eq!(wrong, [] as [&str; 0]);
}

#[test]
fn core_subjects_do_not_import_one_another() {
    let subjects =
        ["secrets", "message", "refs", "files", "drift", "lockfile", "markers", "updates", "pull_request"];
    let mut wrong = Vec::new();
    for own in subjects {
        if !Path::new(ROOT).join("crates/core/src").join(own).is_dir() {
            continue;
        }
        let mut paths = Vec::new();
        files(&Path::new(ROOT).join("crates/core/src").join(own), &[".rs"], &mut paths);
        for path in paths {
            let text = code(&std::fs::read_to_string(&path).unwrap());
            for other in subjects.iter().filter(|other| **other != own) {
                if text.contains(&format!("crate::{other}")) {
                    wrong.push(format!("{} uses crate::{other}", path.display()));
                }
            }
        }
    }
    assert_eq!(wrong, [] as [&str; 0]);
}

#[test]
fn libraries_do_not_print() {
    let mut wrong = Vec::new();
    for (folder, _) in ALLOWED {
        for (path, code) in sources(folder) {
            for banned in ["println!", "print!", "dbg!", "process::exit"] {
                if code.contains(banned) {
                    wrong.push(format!("{}: {banned}", path.display()));
                }
            }
        }
    }
    assert_eq!(wrong, [] as [&str; 0]);
}

/// The modules that may call one kind of system by name. Each has an answer for the others.
const PLATFORM: [&str; 2] = ["crates/app/src/platform.rs", "crates/source/src/platform.rs"];

#[test]
fn systems_are_called_by_name_in_few_places_and_each_has_an_answer_for_the_others() {
    let mut wrong = Vec::new();
    for (folder, _) in ALLOWED {
        for (path, code) in sources(folder) {
            if !code.contains("std::os::") {
                continue;
            }
            let name = path.strip_prefix(ROOT).unwrap().to_string_lossy().replace('\\', "/");
            if !PLATFORM.contains(&name.as_str()) {
                wrong.push(format!("{name} calls a system by name"));
            }
            if !code.contains("cfg(unix)") || !code.contains("cfg(not(unix))") {
                wrong.push(format!("{name} has nothing for other systems"));
            }
        }
    }
    assert_eq!(wrong, [] as [&str; 0]);
}

#[test]
fn the_repository_names_nobodys_machine() {
    // Put together here, so that this file does not name them either.
    let banned =
        [["/wo", "rk/"], ["/ro", "ot/"], ["/opt/wh", "eels"], ["/tmp/pe", "ers"]].map(|parts| parts.concat());
    let mut paths = Vec::new();
    files(Path::new(ROOT), &[], &mut paths);
    let mut wrong = Vec::new();
    for path in paths {
        // In a linked work tree and in a submodule `.git` is a file, and not the repository's.
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if path.ends_with(".git") {
            continue;
        }
        for word in &banned {
            if text.contains(word.as_str()) {
                wrong.push(format!("{}: {word}", path.display()));
            }
        }
    }
    assert_eq!(wrong, [] as [&str; 0]);
}

#[test]
fn the_reading_of_sources_itself() {
    assert_eq!(code("let a = 1; // std::fs\nlet b = \"std::env\";\n"), "let a = 1; \nlet b = ;\n");
    let modules = std_modules("use std::{env, fs::File};\nlet x = std::process::exit(1);");
    for word in ["env", "fs", "File", "process", "exit"] {
        assert!(modules.contains(word), "{word}: {modules:?}");
    }
}
