//! Where layers come from, in order, and every way in which that fails.

use super::*;
use crate::commands::config::render_errors;
use gatepost_core::check::{Check, CheckInfo, Places, Scope};
use gatepost_core::policy::{Key, Kind, Strictness};
use std::fs;

#[derive(Debug)]
struct Nothing;
impl Check for Nothing {}

const fn key(name: &'static str, kind: Kind, default: &'static str) -> Key {
    let strictness = if let Kind::Levels = kind { Strictness::Levels } else { Strictness::Unordered };
    Key { name, kind, default, strictness, help: "What it is for." }
}

static MESSAGE: CheckInfo = CheckInfo {
    section: "message",
    family: "GP-MSG",
    title: "commit messages",
    codes: &[],
    keys: &[
        key("level", Kind::Levels, "\"warn\""),
        key("types", Kind::List(&Kind::Text), "[\"feat\"]"),
        key("header-max", Kind::Integer { min: 10, max: 1000 }, "100"),
        key("max-size", Kind::Size, "\"5 MiB\""),
        key("ticket", Kind::Regex, ""),
        key("trailers", Kind::Table(&[key("required", Kind::List(&Kind::Text), "[]")]), ""),
        key("path", Kind::Tables(&[key("match", Kind::Glob, "")]), ""),
    ],
    scope: Scope::Path,
    blocks: None,
    run_keys: &[],
    places: Places { path: true, commit: true },
    build: |_| Ok(Box::new(Nothing)),
};

pub(crate) fn schema() -> Schema {
    static CHECKS: &[&CheckInfo] = &[&MESSAGE];
    Schema::new(CHECKS)
}

/// A folder with files in it.
struct Tree(tempfile::TempDir);

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            let path = tree.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        tree
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn discover(&self, start: Start<'_>) -> Result<Settings, String> {
        self.discover_with(start, Purpose::Gate, &[], &mut |_, _, _| Err("no such repository".to_owned()))
    }

    /// Errors are rendered, with the folder's own path cut out.
    fn discover_with(
        &self,
        start: Start<'_>,
        purpose: Purpose,
        environment: &[(&str, &str)],
        mut read: &mut ReadRevision<'_>,
    ) -> Result<Settings, String> {
        let environment: Vec<(OsString, OsString)> =
            environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let inputs = Inputs {
            schema: schema(),
            purpose,
            start,
            exceptions: &[],
            environment: &environment,
            flags: &[],
        };
        Settings::discover(&inputs, &mut read)
            .map_err(|errors| render_errors(&errors).replace(&self.path().display().to_string(), "ROOT"))
    }

    fn work_tree(&self) -> Result<Settings, String> {
        self.discover(Start::WorkTree(self.path()))
    }
}

fn entries(settings: &Settings) -> String {
    let entries = settings.policy.entries().into_iter().filter(|entry| entry.origin != Origin::BuiltIn);
    entries.map(|entry| format!("{} = {} # {}\n", entry.path, entry.value, entry.origin)).collect()
}

#[test]
fn a_work_tree_has_one_policy_file_or_none() {
    assert!(Tree::new(&[]).work_tree().unwrap().layers.is_empty());
    for name in FILE_NAMES {
        let settings = Tree::new(&[(name, "message.header-max = 50")]).work_tree().unwrap();
        assert_eq!(entries(&settings), format!("message.header-max = 50 # {name}\n"));
    }
    let both = Tree::new(&[("gatepost.toml", ""), (".gatepost.toml", "")]);
    insta::assert_snapshot!(both.work_tree().unwrap_err());
}

#[test]
fn a_byte_order_mark_does_no_harm() {
    assert!(Tree::new(&[("gatepost.toml", "\u{feff}[message]\r\nheader-max = 50\r\n")]).work_tree().is_ok());
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let tree = Tree::new(&[("gatepost.toml/inner", "")]);
    insta::assert_snapshot!("a_folder", tree.work_tree().unwrap_err());
    let missing = tree.path().join("missing.toml");
    insta::assert_snapshot!("a_missing_file", tree.discover(Start::File(&missing)).unwrap_err());
    let tree = Tree::new(&[]);
    fs::write(tree.path().join("gatepost.toml"), b"# \n\xff").unwrap();
    insta::assert_snapshot!("no_text", tree.work_tree().unwrap_err());
    fs::write(tree.path().join("gatepost.toml"), vec![b'#'; (4 << 20) + 1]).unwrap();
    insta::assert_snapshot!("too_large", tree.work_tree().unwrap_err());
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_not_no_policy() {
    let tree = Tree::new(&[]);
    std::os::unix::fs::symlink("nowhere", tree.path().join("gatepost.toml")).unwrap();
    insta::assert_snapshot!(tree.work_tree().unwrap_err());
}

#[test]
fn no_config_is_for_scans() {
    let tree = Tree::new(&[("gatepost.toml", "message.header-max = 50")]);
    let start = Start::Nothing { root: Some(tree.path()) };
    insta::assert_snapshot!(tree.discover(start).unwrap_err());
    let scan = tree.discover_with(start, Purpose::Scan, &[], &mut |_, _, _| Err(String::new())).unwrap();
    assert_eq!(entries(&scan), "");
    assert!(tree.discover(Start::Nothing { root: None }).is_ok());
}

#[test]
fn what_is_extended_comes_first_and_once() {
    let tree = Tree::new(&[
        (
            "repo/gatepost.toml",
            "extends = [\"../policy\", \"../policy/base.toml\", \"more.toml\"]\nmessage.header-max = 1000\n",
        ),
        ("repo/more.toml", "message.types = [\"fix\"]\n"),
        (
            "policy/gatepost.toml",
            "extends = [\"base.toml\"]\nmessage.header-max = 60\nmessage.ticket = \"A\"\n",
        ),
        ("policy/base.toml", "message.header-max = 50\nmessage.level = \"deny\"\n"),
    ]);
    let settings = tree.discover(Start::WorkTree(&tree.path().join("repo"))).unwrap();
    let names: Vec<String> = settings.layers.iter().map(|layer| layer.origin.to_string()).collect();
    let names: Vec<&str> = names.iter().map(|name| name.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["base.toml", "gatepost.toml", "more.toml", "gatepost.toml"]);
    assert!(entries(&settings).contains("message.header-max = 1000 # gatepost.toml"));
}

#[test]
fn what_cannot_be_extended_is_named_with_its_line() {
    let tree = Tree::new(&[
        (
            "gatepost.toml",
            "extends = [\n  \"missing.toml\",\n  \"empty\",\n  \"https://example.com/gatepost.toml\",\n  \
             \"../policy@main:gatepost.toml\",\n  \"git@example.com:org/policy\",\n  \"\",\n  \"circle.toml\",\n  \
             \"typo.toml\",\n]\n",
        ),
        ("empty/readme", ""),
        ("circle.toml", "extends = [\"gatepost.toml\"]\n"),
        ("typo.toml", "[message]\nlevl = \"deny\"\n"),
    ]);
    insta::assert_snapshot!(tree.work_tree().unwrap_err());
}

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

#[test]
fn pinned_revisions_are_asked_of_the_caller() {
    let tree = Tree::new(&[(
        "repo/gatepost.toml",
        &format!("extends = [\"../policy@{}:company/base\"]\n", COMMIT.to_ascii_uppercase()),
    )]);
    let mut asked = Vec::new();
    let mut read = |repository: &Path, commit: &str, path: &str| {
        asked.push((repository.file_name().unwrap().to_owned(), commit.to_owned(), path.to_owned()));
        match path {
            "company/base/gatepost.toml" => {
                Ok(b"extends = [\"../shared.toml\"]\nmessage.header-max = 60".to_vec())
            }
            "company/shared.toml" => Ok(b"message.types = [\"fix\"]".to_vec()),
            _ => Err("no such path".to_owned()),
        }
    };
    let root = tree.path().join("repo");
    let settings = tree.discover_with(Start::WorkTree(&root), Purpose::Gate, &[], &mut read).unwrap();
    assert_eq!(settings.policy.entries().iter().filter(|entry| entry.origin != Origin::BuiltIn).count(), 2);
    let paths: Vec<&str> = asked.iter().map(|(_, _, path)| path.as_str()).collect();
    assert_eq!(paths, ["company/base", "company/base/gatepost.toml", "company/shared.toml"]);
    assert!(asked.iter().all(|(repository, commit, _)| repository == "policy" && commit == COMMIT));
}

#[test]
fn a_pinned_revision_that_is_not_there_is_an_error() {
    let tree = Tree::new(&[("gatepost.toml", &format!("extends = [\"../policy@{COMMIT}:base.toml\"]\n"))]);
    insta::assert_snapshot!(tree.work_tree().unwrap_err());
}

#[test]
fn a_base_revision_extends_files_of_the_same_commit() {
    let tree = Tree::new(&[("gatepost.toml", "message.level = \"off\" # the change's own, never read")]);
    let text = "extends = [\"../base.toml\", \"../../out.toml\"]\nmessage.header-max = 60\n";
    let start = Start::Revision {
        repository: tree.path(),
        folder: tree.path(),
        extends_disk: false,
        commit: COMMIT,
        path: "policy/gatepost.toml",
        bytes: text.as_bytes(),
    };
    let mut read = |_: &Path, commit: &str, path: &str| {
        assert_eq!((commit, path), (COMMIT, "base.toml"));
        Ok(b"message.level = \"deny\"".to_vec())
    };
    let error = tree.discover_with(start, Purpose::Gate, &[], &mut read).unwrap_err();
    insta::assert_snapshot!(error);
    let text = text.replace(", \"../../out.toml\"", "");
    let start = Start::Revision {
        repository: tree.path(),
        folder: tree.path(),
        extends_disk: false,
        commit: COMMIT,
        path: "policy/gatepost.toml",
        bytes: text.as_bytes(),
    };
    let settings = tree.discover_with(start, Purpose::Gate, &[], &mut read).unwrap();
    assert!(entries(&settings).contains("message.level = \"deny\""));
    assert!(
        entries(&settings).contains(&format!("message.header-max = 60 # policy/gatepost.toml at {COMMIT}"))
    );
}

#[test]
fn variables_name_keys() {
    let tree = Tree::new(&[]);
    let environment = [
        ("PATH", "/bin"),
        ("GATEPOST_LOG", "debug"),
        ("GATEPOST_MESSAGE_LEVEL", "{ default = \"warn\", ci = \"deny\" }"),
        ("GATEPOST_MESSAGE_TYPES", "feat, fix"),
        ("GATEPOST_MESSAGE_HEADER_MAX", "72"),
        ("GATEPOST_MESSAGE_MAX_SIZE", "1 MiB"),
        ("GATEPOST_MESSAGE_TICKET", "[A-Z]+-\\d+"),
        ("GATEPOST_MESSAGE_TRAILERS_REQUIRED", "[\"Refs\"]"),
        ("GATEPOST_ENFORCE", "false"),
    ];
    let start = Start::WorkTree(tree.path());
    let none = &mut |_: &Path, _: &str, _: &str| Err(String::new());
    let settings = tree.discover_with(start, Purpose::Scan, &environment, none).unwrap();
    insta::assert_snapshot!("variables_set", entries(&settings));
    let gate = tree.discover_with(start, Purpose::Gate, &environment, none).unwrap_err();
    insta::assert_snapshot!("variables_at_a_gate", gate);
}

#[test]
fn variables_that_name_no_key_are_errors() {
    let tree = Tree::new(&[]);
    let environment = [
        ("GATEPOST_MESSAGE_LEVLE", "deny"),
        ("GATEPOST_COLOUR_OF_THE_SKY", "blue"),
        ("GATEPOST_MESSAGE_PATH", "[]"),
        ("GATEPOST_MESSAGE_HEADER_MAX", "72\nenforce = false"),
        ("GATEPOST_MESSAGE_LEVEL", "dney"),
    ];
    let start = Start::WorkTree(tree.path());
    let none = &mut |_: &Path, _: &str, _: &str| Err(String::new());
    insta::assert_snapshot!(tree.discover_with(start, Purpose::Scan, &environment, none).unwrap_err());
}

const RECORD: &str = "[[exception]]\nid = \"EX-1\"\nrule = \"github-pat\"\npath = \"docs/**\"\nstatus = \"fix-later\"\n\
                      reason = \"mended in March\"\nowner = \"@platform\"\nexpires = 2027-01-01\n";

#[test]
fn exceptions_stand_beside_the_policy() {
    let tree = Tree::new(&[
        ("gatepost.toml", "[message]\nheader-max = 72\n"),
        (EXCEPTIONS_FILE, RECORD),
        ("org/gatepost.toml", "[message]\nheader-max = 50\n"),
        ("org/gatepost-exceptions.toml", &RECORD.replace("EX-1", "EX-2")),
    ]);
    let settings = tree.discover(Start::WorkTree(tree.path())).unwrap();
    let origins: Vec<String> = settings.layers.iter().map(|layer| layer.origin.to_string()).collect();
    assert_eq!(origins, ["gatepost.toml", EXCEPTIONS_FILE]);
    assert_eq!(settings.policy.exceptions()[0].id, "EX-1");
    // A named policy has the file of its own folder.
    let named = tree.path().join("org/gatepost.toml");
    let settings = tree.discover(Start::File(&named)).unwrap();
    assert_eq!(settings.policy.exceptions()[0].id, "EX-2");
    // Without a policy the records count all the same; without a work tree there are none.
    fs::remove_file(tree.path().join("gatepost.toml")).unwrap();
    assert_eq!(tree.discover(Start::WorkTree(tree.path())).unwrap().policy.exceptions().len(), 1);
    assert!(tree.discover(Start::Nothing { root: None }).unwrap().policy.exceptions().is_empty());
}

#[test]
fn a_file_of_exceptions_that_cannot_be_read_is_no_absence() {
    let folder = Tree::new(&[("gatepost-exceptions.toml/a", "")]);
    let error = folder.discover(Start::WorkTree(folder.path())).unwrap_err();
    assert!(error.contains(EXCEPTIONS_FILE) && error.contains("cannot be read"), "{error}");
    let other = Tree::new(&[(EXCEPTIONS_FILE, &format!("enforce = false\n{RECORD}"))]);
    let error = other.discover(Start::WorkTree(other.path())).unwrap_err();
    assert!(error.contains("`enforce` does not belong in the file of exceptions"), "{error}");
    let twice = Tree::new(&[("gatepost.toml", RECORD), (EXCEPTIONS_FILE, RECORD)]);
    let error = twice.discover(Start::WorkTree(twice.path())).unwrap_err();
    assert!(error.contains("the id `EX-1` stands twice"), "{error}");
}
