//! pre-commit and prek run the same scenario, with the `-system` ids and the built binaries; one test installs with
//! `language: rust`, as a user without gatepost does.

use crate::support::{GATEPOST, ROOT, Repo, Run, leak, run, token};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

const RULE: &str = "github-pat";

/// The framework called `name`.
fn tool(name: &str) -> PathBuf {
    let folder =
        std::env::var_os("E2E_TOOLS").map_or_else(|| Path::new(ROOT).join("target/tools"), PathBuf::from);
    let path = folder.join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.is_file(),
        "there is no {}: `python3 -m venv {tools} && {tools}/bin/pip install pre-commit prek`, or set E2E_TOOLS",
        path.display(),
        tools = folder.display()
    );
    path
}

/// A user's repository, its `origin`, and a framework in charge of its hooks.
struct Setup {
    repo: Repo,
    framework: PathBuf,
}

impl Setup {
    /// `ids` are taken from a clone of this repository as it stands in the work tree.
    fn new(framework: &str, ids: [&str; 3]) -> Self {
        let setup = Self { repo: Repo::new(), framework: tool(framework) };
        let repo = &setup.repo;
        let (clone, revision) = setup.clone_of_this_repository();
        let ids: Vec<String> = ids.iter().map(|id| format!("      - id: {id}\n")).collect();
        repo.write(
            ".pre-commit-config.yaml",
            format!(
                "repos:\n  - repo: {}\n    rev: {revision}\n    hooks:\n{}",
                clone.display(),
                ids.concat()
            ),
        );
        let origin = repo.beside("origin.git");
        repo.git(["init", "-q", "--bare", "-b", "main", origin.to_str().unwrap()]);
        repo.git(["remote", "add", "origin", origin.to_str().unwrap()]);
        repo.commit_all("chore: begin");
        repo.git(["push", "-q", "origin", "main"]);
        setup.framework(&["install", "-t", "pre-commit", "-t", "commit-msg", "-t", "pre-push"]).ok();
        setup
    }

    /// A repository with one commit: the files of this one as they are now, tracked or about to be.
    fn clone_of_this_repository(&self) -> (PathBuf, String) {
        let clone = self.repo.beside("gatepost");
        std::fs::create_dir(&clone).unwrap();
        let git =
            |arguments: &[&str], directory: &Path| self.repo.run("git", arguments, directory, b"").ok().out;
        let list = git(
            &["-c", &format!("safe.directory={ROOT}"), "ls-files", "-co", "--exclude-standard"],
            Path::new(ROOT),
        );
        for file in list.lines() {
            let (from, to) = (Path::new(ROOT).join(file), clone.join(file));
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            // Deleted in the work tree and still in the index: not part of what stands here.
            if from.is_file() {
                std::fs::copy(from, to).unwrap();
            }
        }
        git(&["init", "-q", "-b", "main"], &clone);
        git(&["add", "-A"], &clone);
        git(&["commit", "-q", "-m", "chore: a clone"], &clone);
        let revision = git(&["rev-parse", "HEAD"], &clone).trim().to_owned();
        (clone, revision)
    }

    /// The built binaries come first in PATH; the toolchain and the frameworks' caches are those of the machine.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.repo.command(program, self.repo.root());
        let own = Path::new(GATEPOST).parent().unwrap().to_path_buf();
        let tools = self.framework.parent().unwrap().to_path_buf();
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let path: OsString =
            std::env::join_paths([own, tools].into_iter().chain(std::env::split_paths(&rest))).unwrap();
        command.env("PATH", path);
        command.env("PRE_COMMIT_HOME", self.repo.beside("pre-commit-home"));
        command.env("PREK_HOME", self.repo.beside("prek-home"));
        command
    }

    fn framework(&self, arguments: &[&str]) -> Run {
        run(self.command(&self.framework).args(arguments), b"")
    }

    fn git(&self, arguments: &[&str]) -> Run {
        run(self.command("git").args(arguments), b"")
    }

    fn remote_refs(&self) -> String {
        self.repo.git(["ls-remote", "-q", "origin"])
    }

    /// What every user of the hooks relies on.
    fn holds(&self) {
        self.secret_is_refused();
        self.bad_message_is_refused();
        self.good_commit_passes();
        self.all_files_are_scanned();
        self.push_is_judged();
    }

    fn secret_is_refused(&self) {
        let (before, token) = (self.repo.head(), token());
        self.repo.write("app.env", leak(&token));
        self.repo.git(["add", "app.env"]);
        // In the index, and no longer in the work tree.
        self.repo.write("app.env", "clean\n");
        let run = self.git(&["commit", "-m", "feat: add settings"]).refused(&[RULE, "app.env"]);
        assert!(!run.said().contains(&token), "{}", run.said());
        assert_eq!(self.repo.head(), before);
        self.repo.git(["reset", "-q", "--hard"]);
    }

    fn bad_message_is_refused(&self) {
        let before = self.repo.head();
        self.repo.write("a.txt", "a\n");
        self.repo.git(["add", "a.txt"]);
        self.git(&["commit", "-m", "did some stuff"]).refused(&["GP-MSG-"]);
        assert_eq!(self.repo.head(), before);
    }

    fn good_commit_passes(&self) {
        let before = self.repo.head();
        self.git(&["commit", "-m", "feat: add a file"]).ok();
        assert_ne!(self.repo.head(), before);
        // Nothing but deletions: no file is named, and the commit is judged all the same.
        self.repo.git(["rm", "-q", "a.txt"]);
        self.git(&["commit", "-m", "fix: remove the file"]).ok();
    }

    fn all_files_are_scanned(&self) {
        let clean = self.framework(&["run", "--all-files", "--verbose"]).ok();
        assert!(clean.said().contains("gatepost: "), "says nothing of what it saw: {}", clean.said());
        self.repo.write("old.env", leak(&token()));
        self.repo.commit_all("feat: an old leak");
        // Nothing is staged: what is judged is what is named.
        self.framework(&["run", "--all-files"]).refused(&[RULE, "old.env"]);
        self.framework(&["run", "--files", "old.env"]).refused(&[RULE, "old.env"]);
        self.repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    }

    fn push_is_judged(&self) {
        let before = self.remote_refs();
        let base = self.repo.head();
        self.repo.write("app.env", leak(&token()));
        self.repo.commit_all("feat: add settings");
        self.repo.remove("app.env");
        self.repo.commit_all("fix: remove the settings");
        self.git(&["push", "origin", "main"]).refused(&[RULE, "app.env"]);
        self.git(&["push", "origin", "main:refs/heads/new"]).refused(&[RULE, "app.env"]);
        assert_eq!(self.remote_refs(), before);
        self.repo.git(["reset", "-q", "--hard", &base]);
        self.repo.commit_all("bad message");
        self.git(&["push", "origin", "main"]).refused(&["GP-MSG-"]);
        assert_eq!(self.remote_refs(), before);
        self.repo.git(["reset", "-q", "--hard", &base]);
        self.git(&["push", "origin", "main"]).ok();
        assert!(self.remote_refs().contains(&base));
    }
}

const SYSTEM: [&str; 3] = ["gatepost-system", "gatepost-commit-msg-system", "gatepost-pre-push-system"];

#[test]
fn pre_commit_with_the_binary_in_path() {
    Setup::new("pre-commit", SYSTEM).holds();
}

#[test]
fn prek_with_the_binary_in_path() {
    Setup::new("prek", SYSTEM).holds();
}

/// The first branch that is pushed to an empty remote brings a root commit, and the frameworks then name no range.
#[test]
fn the_first_push_of_all_is_judged() {
    for framework in ["pre-commit", "prek"] {
        let setup = Setup::new(framework, SYSTEM);
        let empty = setup.repo.beside("empty.git");
        setup.repo.git(["init", "-q", "--bare", empty.to_str().unwrap()]);
        setup.repo.git(["remote", "add", "empty", empty.to_str().unwrap()]);
        setup.repo.write("app.env", leak(&token()));
        setup.repo.commit_all("feat: add settings");
        setup.repo.remove("app.env");
        setup.repo.commit_all("fix: remove the settings");
        setup.git(&["push", "empty", "main"]).refused(&[RULE, "app.env"]);
        assert_eq!(setup.repo.git(["ls-remote", "empty"]), "");
    }
}

#[test]
fn a_range_in_ci() {
    for framework in ["pre-commit", "prek"] {
        let setup =
            Setup::new(framework, ["gatepost-ci-system", "gatepost-system", "gatepost-commit-msg-system"]);
        let base = setup.repo.head();
        setup.repo.write("app.env", leak(&token()));
        setup.repo.commit_all("feat: add settings");
        let manual =
            ["run", "--hook-stage", "manual", "gatepost-ci-system", "--from-ref", &base, "--to-ref", "HEAD"];
        setup.framework(&manual).refused(&[RULE, "app.env"]);
        setup.repo.git(["reset", "-q", "--hard", &base]);
        setup.repo.write("app.env", "none\n");
        setup.repo.commit_all("feat: add settings");
        setup.framework(&manual).ok();
    }
}

/// The slow one: the framework compiles gatepost from the clone, and no gatepost is in PATH.
#[test]
fn pre_commit_compiles_it_from_the_clone() {
    let setup = Setup::new("pre-commit", ["gatepost", "gatepost-commit-msg", "gatepost-pre-push"]);
    let repo = &setup.repo;
    let with = |arguments: &[&str]| {
        let mut command = setup.command("git");
        // PATH as the machine has it, and where the toolchain keeps its things.
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for name in ["HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
            match std::env::var_os(name) {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        run(command.args(arguments), b"")
    };
    let before = repo.head();
    repo.write("app.env", leak(&token()));
    repo.git(["add", "app.env"]);
    with(&["commit", "-m", "feat: add settings"]).refused(&[RULE, "app.env"]);
    assert_eq!(repo.head(), before);
    repo.write("app.env", "none\n");
    repo.git(["add", "app.env"]);
    with(&["commit", "-m", "bad message"]).refused(&["GP-MSG-"]);
    with(&["commit", "-m", "feat: add settings"]).ok();
    assert_ne!(repo.head(), before);
}
