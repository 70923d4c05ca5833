//! Real repositories made by the real `git`, and a text of everything a backend says about one.
//!
//! A backend reads the process's environment, so it is asked in a process of its own: the test binary again.

// Every test binary that includes this module uses its own part of it.
#![allow(dead_code, reason = "shared by several test binaries")]

use gatepost_core::{Change, ObjectId, RepoPath, TreeEntry};
use gatepost_source::{Backend, Error, Head, Repository, open, open_with};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A repository in a temporary directory.
pub(crate) struct Scratch {
    root: tempfile::TempDir,
    clock: std::cell::Cell<u64>,
}

/// The bytes of a file name that is not UTF-8.
pub(crate) const NOT_UTF8: &[u8] = b"caf\xe9.txt";

impl Scratch {
    /// A directory without a repository.
    pub(crate) fn empty() -> Self {
        Self { root: tempfile::tempdir().unwrap(), clock: std::cell::Cell::new(1_700_000_000) }
    }

    /// A repository on the branch `main`, made with more arguments of `git init`.
    pub(crate) fn with(init: &[&str]) -> Self {
        let scratch = Self::empty();
        std::fs::create_dir(scratch.path()).unwrap();
        let mut arguments = vec!["init", "--quiet", "--initial-branch=main"];
        arguments.extend(init);
        scratch.git(&arguments);
        scratch
    }

    /// An ordinary repository.
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// The work tree.
    pub(crate) fn path(&self) -> PathBuf {
        self.root.path().join("repo")
    }

    /// The temporary directory around the work tree.
    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// Runs `git` in the work tree and returns its standard output.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.git_in(&self.path(), arguments)
    }

    /// Runs `git` in `directory`.
    pub(crate) fn git_in(&self, directory: &Path, arguments: &[&str]) -> String {
        let output = self.try_git(directory, arguments, &[]);
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Runs `git`, which may fail.
    pub(crate) fn try_git(&self, directory: &Path, arguments: &[&str], env: &[(&str, &str)]) -> Output {
        let now = self.clock.get() + 60;
        self.clock.set(now);
        let mut command = Command::new("git");
        command.current_dir(directory).args(arguments).stdin(Stdio::null());
        hermetic(&mut command, self.root());
        identify(&mut command, now);
        command.envs(env.iter().copied()).output().unwrap()
    }

    /// Runs `git` with `input` on standard input.
    pub(crate) fn git_with_input(&self, arguments: &[&str], input: &[u8]) -> String {
        let file = self.root().join("input");
        std::fs::write(&file, input).unwrap();
        let mut command = Command::new("git");
        hermetic(command.current_dir(self.path()).args(arguments), self.root());
        identify(&mut command, self.clock.get());
        let output = command.stdin(std::fs::File::open(file).unwrap()).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Writes a file of the work tree.
    pub(crate) fn write(&self, path: &str, contents: &str) {
        let file = self.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, contents).unwrap();
    }

    /// Stages everything and commits it.
    pub(crate) fn commit(&self, message: &str) -> ObjectId {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
        self.id("HEAD")
    }

    /// The id of a revision.
    pub(crate) fn id(&self, revision: &str) -> ObjectId {
        ObjectId::from_hex(self.git(&["rev-parse", revision]).as_bytes()).unwrap()
    }

    /// The file of a loose object.
    pub(crate) fn loose(&self, id: &ObjectId) -> PathBuf {
        let hex = id.to_string();
        let (folder, file) = hex.split_at(2);
        self.path().join(".git/objects").join(folder).join(file)
    }

    /// Installs a hook in `git_dir` that asks both backends, and [`open`], in the environment that Git gives it. `set_up` is
    /// shell that runs before.
    pub(crate) fn install_hook(&self, git_dir: &Path, name: &str, set_up: &str) {
        let mut script = format!("#!/bin/sh\nset -e\n{set_up}\n");
        for who in ["libgit2", "git", "open"] {
            let program = std::env::current_exe().unwrap();
            let answer = self.root().join(format!("hook-{who}"));
            let (program, answer) = (program.display(), answer.display());
            writeln!(
                script,
                "GATEPOST_TEST_WHO={who} GATEPOST_TEST_ANSWER='{answer}' \
                 '{program}' --ignored --exact ask_in_a_process_of_its_own >/dev/null"
            )
            .unwrap();
        }
        let file = git_dir.join("hooks").join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, script).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    /// What the hook was told, by all alike.
    pub(crate) fn agreed_in_hook(&self) -> String {
        let read = |who: &str| {
            let file = self.root().join(format!("hook-{who}"));
            let answer = std::fs::read_to_string(&file).unwrap();
            std::fs::remove_file(file).unwrap();
            answer
        };
        let (libgit2, git, chosen) = (read("libgit2"), read("git"), read("open"));
        assert_eq!(without_backend(&libgit2), without_backend(&git));
        assert_eq!(without_backend(&libgit2), without_backend(&chosen));
        libgit2
    }

    /// Everything a backend says, in the work tree.
    pub(crate) fn ask(&self, who: &str) -> String {
        self.ask_in(who, &self.path(), &[])
    }

    /// Everything a backend (`libgit2`, `git`, or `open` for who gets it) says, asked in `directory` with more environment.
    pub(crate) fn ask_in(&self, who: &str, directory: &Path, env: &[(&str, &str)]) -> String {
        self.ask_as(None, who, directory, env)
    }

    /// The same as another user.
    pub(crate) fn ask_as(
        &self,
        uid: Option<u32>,
        who: &str,
        directory: &Path,
        env: &[(&str, &str)],
    ) -> String {
        let file = self.root().join("answer");
        let _ = std::fs::remove_file(&file);
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "ask_in_a_process_of_its_own"]).current_dir(directory);
        hermetic(&mut command, self.root());
        command.env("GATEPOST_TEST_WHO", who).env("GATEPOST_TEST_ANSWER", &file);
        command.envs(env.iter().copied());
        #[cfg(unix)]
        if let Some(uid) = uid {
            use std::os::unix::process::CommandExt;
            command.uid(uid);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let text = std::fs::read_to_string(&file).unwrap();
        let root = self.root().canonicalize().unwrap();
        text.replace(root.to_str().unwrap(), "$ROOT").replace(self.root().to_str().unwrap(), "$ROOT")
    }

    /// That both backends, and whoever [`open`] chooses, say the same, and returns it.
    pub(crate) fn agreed(&self) -> String {
        self.agreed_in(&self.path(), &[])
    }

    /// The same, asked in `directory` with more environment.
    pub(crate) fn agreed_in(&self, directory: &Path, env: &[(&str, &str)]) -> String {
        let libgit2 = self.ask_in("libgit2", directory, env);
        let git = self.ask_in("git", directory, env);
        assert_eq!(without_backend(&libgit2), without_backend(&git));
        let chosen = self.ask_in("open", directory, env);
        assert_eq!(without_backend(&libgit2), without_backend(&chosen));
        libgit2
    }
}

/// An author and a date, so that ids do not change from run to run.
fn identify(command: &mut Command, now: u64) {
    for name in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{name}_NAME"), "A U Thor");
        command.env(format!("GIT_{name}_EMAIL"), "author@example.org");
        command.env(format!("GIT_{name}_DATE"), format!("{now} +0100"));
    }
}

/// An environment without the machine's configuration and without leftovers of an outer `git`.
fn hermetic(command: &mut Command, home: &Path) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", home);
    command.env_remove("EMAIL").env_remove("XDG_CONFIG_HOME");
}

/// The answer without the line that tells who gave it.
pub(crate) fn without_backend(answer: &str) -> String {
    answer.lines().filter(|line| !line.starts_with("backend ")).map(|line| format!("{line}\n")).collect()
}

/// The answer without what a repository's format decides: directories, and the ids themselves, which become numbers
/// in order of appearance.
pub(crate) fn without_format(answer: &str) -> String {
    let mut seen: Vec<&str> = Vec::new();
    let mut out = String::new();
    for line in answer.lines().filter(|line| !line.starts_with("backend ") && !line.starts_with("info ")) {
        let mut rest = line;
        while !rest.is_empty() {
            let is_digit = |c: char| c.is_ascii_hexdigit();
            let end = rest.find(|c| !is_digit(c)).unwrap_or(rest.len());
            let (word, after) =
                rest.split_at(if end == 0 { rest.chars().next().unwrap().len_utf8() } else { end });
            rest = after;
            if !matches!(end, 40 | 64) {
                out.push_str(word);
                continue;
            }
            let number = seen.iter().position(|id| *id == word).unwrap_or_else(|| {
                seen.push(word);
                seen.len() - 1
            });
            write!(out, "#{number}").unwrap();
        }
        out.push('\n');
    }
    out
}

/// The part of an answer under one heading.
pub(crate) fn section<'a>(answer: &'a str, heading: &str) -> &'a str {
    let start = format!("== {heading}\n");
    let (_, body) = answer.split_once(&start).unwrap_or_else(|| panic!("no {heading}:\n{answer}"));
    body.split("== ").next().unwrap_or(body)
}

/// Answers the questions of [`Scratch::ask_as`]; called by the test that runs in a process of its own.
pub(crate) fn answer() {
    let (Some(who), Some(file)) =
        (std::env::var_os("GATEPOST_TEST_WHO"), std::env::var_os("GATEPOST_TEST_ANSWER"))
    else {
        return;
    };
    let start = std::env::var_os("GATEPOST_TEST_START").map(PathBuf::from);
    let repository = match who.to_str() {
        Some("libgit2") => open_with(start.as_deref(), Backend::Libgit2),
        Some("git") => open_with(start.as_deref(), Backend::GitCommand),
        _ => open(start.as_deref()),
    };
    let text = match repository {
        Ok(repository) => describe(repository.as_ref()),
        Err(error) => format!("{}\n{}\n{}\n", failure(&error), error.message, error.fix),
    };
    std::fs::write(file, text).unwrap();
}

fn failure(error: &Error) -> String {
    format!("error {:?}", error.kind)
}

/// What an error says, without the words of the library or program behind it.
fn told(error: &Error) -> String {
    let backends = [" is corrupt: ", " is broken: "];
    let end = backends.into_iter().find_map(|words| Some(error.message.find(words)? + words.len() - 2));
    let (message, _) = error.message.split_at(end.unwrap_or(error.message.len()));
    format!("{}\n  {message}\n  {}", failure(error), error.fix)
}

fn entry(entry: Option<TreeEntry>) -> String {
    entry.map_or_else(|| "-".to_owned(), |entry| format!("{:?} {}", entry.mode, entry.id))
}

fn changes(changes: &Result<Vec<Change>, Error>) -> String {
    match changes {
        Ok(changes) => changes
            .iter()
            .map(|change| format!("{:?}: {} -> {}\n", change.path, entry(change.old), entry(change.new)))
            .collect(),
        Err(error) => failure(error) + "\n",
    }
}

fn describe(repository: &dyn Repository) -> String {
    let mut out = String::new();
    let info = repository.info();
    writeln!(out, "backend {:?}", info.backend).unwrap();
    writeln!(out, "info git_dir {}", info.git_dir.display()).unwrap();
    writeln!(out, "info common_dir {}", info.common_dir.display()).unwrap();
    writeln!(out, "info work_tree {:?}", info.work_tree).unwrap();
    writeln!(out, "info {} shallow {} partial {}", info.hash_len, info.shallow, info.partial).unwrap();
    let again = repository.another().map(|another| another.info() == info);
    writeln!(out, "info another {again:?}").unwrap();
    let head = repository.head();
    match &head {
        Ok(Head::Branch(name, id)) => writeln!(out, "head {name:?} {id}").unwrap(),
        Ok(Head::Unborn(name)) => writeln!(out, "head {name:?} unborn").unwrap(),
        Ok(Head::Detached(id)) => writeln!(out, "head detached {id}").unwrap(),
        Err(error) => writeln!(out, "head {}", failure(error)).unwrap(),
    }
    write!(out, "== staged\n{}", changes(&repository.staged())).unwrap();
    let mut tips: Vec<ObjectId> = match &head {
        Ok(Head::Branch(_, id) | Head::Detached(id)) => vec![*id],
        _ => Vec::new(),
    };
    let tip = std::env::var("GATEPOST_TEST_TIP").ok().and_then(|hex| ObjectId::from_hex(hex.as_bytes()));
    tips.extend(tip);
    writeln!(out, "== references").unwrap();
    match repository.references() {
        Ok(references) => {
            for reference in references {
                writeln!(out, "{:?} {}", reference.name, reference.target).unwrap();
                tips.push(reference.target);
            }
        }
        Err(error) => writeln!(out, "{}", told(&error)).unwrap(),
    }
    describe_names(repository, &mut out);
    writeln!(out, "== tags").unwrap();
    for tip in &tips {
        match repository.tag(tip) {
            Ok(None) => {}
            Ok(Some(tag)) => {
                let (name, text) =
                    (String::from_utf8_lossy(&tag.name), String::from_utf8_lossy(&tag.message));
                writeln!(out, "{name} {} {text:?} {:?}", tag.target, tag.tagger).unwrap();
            }
            Err(error) => writeln!(out, "{}", failure(&error)).unwrap(),
        }
    }
    describe_commits(repository, &tips, &mut out);
    out
}

fn describe_names(repository: &dyn Repository, out: &mut String) {
    writeln!(out, "== config").unwrap();
    for key in
        ["user.name", "User.Email", "core.CommentChar", "x.Sub.Section.y", "x.implicit", "no.such", "odd"]
    {
        let value = repository.config(key).map_err(|error| error.kind);
        writeln!(out, "{key} {value:?}").unwrap();
    }
    writeln!(out, "author {:?}", repository.author()).unwrap();
    writeln!(out, "== resolve").unwrap();
    let revisions = [
        "HEAD",
        "HEAD~1",
        "HEAD^{tree}",
        "main",
        "v1",
        "v1^{commit}",
        "HEAD:a.txt",
        "nothing",
        "-x",
        "",
        "a\nb",
    ];
    for revision in revisions {
        match repository.resolve(revision) {
            Ok(id) => writeln!(out, "{revision:?} {id}").unwrap(),
            Err(error) => writeln!(out, "{revision:?} {}", failure(&error)).unwrap(),
        }
    }
}

fn describe_commits(repository: &dyn Repository, tips: &[ObjectId], out: &mut String) {
    writeln!(out, "== files").unwrap();
    match tips.first().map(|tip| repository.files(tip)) {
        Some(Ok(files)) => {
            for (path, at) in files {
                writeln!(out, "{path:?} {}", entry(Some(at))).unwrap();
            }
        }
        Some(Err(error)) => writeln!(out, "{}", failure(&error)).unwrap(),
        None => {}
    }
    writeln!(out, "== commits").unwrap();
    let hidden = std::env::var("GATEPOST_TEST_NOT").ok().and_then(|hex| ObjectId::from_hex(hex.as_bytes()));
    let commits = match repository.commits(tips, hidden.as_slice()) {
        Ok(commits) => commits,
        Err(error) => {
            writeln!(out, "{}", told(&error)).unwrap();
            return;
        }
    };
    for id in &commits {
        match repository.commit(id) {
            Ok(commit) => {
                let parents: String = commit.parents.iter().map(|id| format!(" {id}")).collect();
                let message = String::from_utf8_lossy(&commit.message).into_owned();
                writeln!(out, "commit {id} tree {} parents{parents}", commit.tree).unwrap();
                writeln!(out, "{message:?} {:?} {:?}", commit.author, commit.encoding).unwrap();
            }
            Err(error) => writeln!(out, "commit {id} {}", failure(&error)).unwrap(),
        }
        let changed = repository.changes(id);
        out.push_str(&changes(&changed));
        for change in changed.iter().flatten() {
            describe_blob(repository, id, change, out);
        }
    }
    writeln!(out, "== ranges").unwrap();
    for id in &commits {
        let range = repository.commits(tips, &[*id]).map_err(|error| error.kind);
        let range: String = range.iter().flatten().map(|id| format!(" {id}")).collect();
        writeln!(out, "not {id}:{range}").unwrap();
    }
    // Every pair of commits is much to ask: only who wants to know does.
    if std::env::var_os("GATEPOST_TEST_PAIRS").is_none() {
        return;
    }
    writeln!(out, "== between").unwrap();
    for (one, other) in commits.iter().flat_map(|one| commits.iter().map(move |other| (one, other))) {
        writeln!(out, "{one} {other}").unwrap();
        match repository.merge_bases(one, other) {
            Ok(bases) => bases.iter().for_each(|base| writeln!(out, "  base {base}").unwrap()),
            Err(error) => writeln!(out, "  {}", failure(&error)).unwrap(),
        }
        out.push_str(&changes(&repository.changes_between(one, other)));
    }
}

fn describe_blob(repository: &dyn Repository, commit: &ObjectId, change: &Change, out: &mut String) {
    let found = repository.entry(commit, &change.path).map_err(|error| error.kind);
    if found != Ok(change.new) {
        writeln!(out, "  but at the path stands {found:?}").unwrap();
    }
    let below = RepoPath::new([change.path.as_bytes(), b"/below"].concat());
    assert_eq!(repository.entry(commit, &below).map_err(|error| error.kind), Ok(None));
    if let Some(new) = change.new.filter(|new| new.mode.is_blob()) {
        let mut contents = Vec::new();
        let size = repository.blob_size(&new.id).map_err(|error| error.kind);
        let text = match repository.read_blob(&new.id, &mut contents) {
            Ok(()) => format!("{:?}", String::from_utf8_lossy(&contents)),
            Err(error) => told(&error),
        };
        writeln!(out, "  {size:?} {text}").unwrap();
    }
}
