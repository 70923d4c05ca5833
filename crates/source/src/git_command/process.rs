//! How `git` is run: with the caller's repository variables, and nothing of the caller's that could change an answer.

use crate::{Error, ErrorKind};
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What every run is given. `GIT_ALLOW_PROTOCOL` keeps versions of Git that do not know `GIT_NO_LAZY_FETCH` (before
/// 2.44) from fetching; a graft file that does not exist means no grafts.
const SET: [(&str, &str); 8] = [
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_FLUSH", "1"),
    ("LC_ALL", "C"),
    ("LANG", "C"),
];

/// What would change an answer, or mix itself into standard error.
const REMOVED: [&str; 14] = [
    "GIT_CONFIG",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_PAGER",
    "GIT_TRACE",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_TRACE2_PERF",
    "GIT_TRACE_SETUP",
    "GIT_TRACE_PERFORMANCE",
    "GIT_REDIRECT_STDIN",
    "GIT_REDIRECT_STDOUT",
    "GIT_REDIRECT_STDERR",
    "LANGUAGE",
];

/// What says which repository a hook runs for (`git rev-parse --local-env-vars`), but for configuration.
const OF_ONE_REPOSITORY: [&str; 11] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// The `git` program, run in one directory.
#[derive(Clone, Debug)]
pub(super) struct Git {
    /// Where it runs; `None`: the current directory.
    directory: Option<PathBuf>,
    /// Whether it is asked about another repository than the environment's.
    elsewhere: bool,
}

/// What a run of `git` that ended said.
pub(super) struct Answer {
    pub(super) success: bool,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: String,
}

impl Answer {
    /// The line of standard error that says why: the first that Git marks as fatal or an error, or the first at all.
    pub(super) fn reason(&self) -> &str {
        let marked = |line: &&str| line.starts_with("fatal:") || line.starts_with("error:");
        let line = self.stderr.lines().find(marked).or_else(|| self.stderr.lines().next());
        line.filter(|line| !line.trim().is_empty()).unwrap_or("it said nothing")
    }
}

impl Git {
    pub(super) fn new(directory: Option<&Path>) -> Self {
        Self { directory: directory.map(Path::to_owned), elsewhere: false }
    }

    /// `git` for the repository in a directory, whatever repository the environment is about.
    pub(super) fn elsewhere(directory: &Path) -> Self {
        Self { directory: Some(directory.to_owned()), elsewhere: true }
    }

    /// `git` with `arguments`, ready to be started.
    pub(super) fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new("git");
        command.arg("--no-pager").args(arguments);
        command.envs(SET).env("GIT_GRAFT_FILE", if cfg!(windows) { "NUL" } else { "/dev/null" });
        for name in REMOVED.iter().chain(OF_ONE_REPOSITORY.iter().filter(|_| self.elsewhere)) {
            command.env_remove(name);
        }
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        command
    }

    /// Runs `git` to its end, with `input` on standard input.
    pub(super) fn run<A: AsRef<OsStr>>(&self, arguments: &[A], input: &[u8]) -> Result<Answer, Error> {
        let mut command = self.command(arguments);
        command.stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| self.cannot_start(&error))?;
        let stdin = child.stdin.take();
        // Written from another thread: Git may answer before it has read everything.
        let output = std::thread::scope(|scope| {
            if let Some(mut stdin) = stdin {
                scope.spawn(move || stdin.write_all(input));
            }
            child.wait_with_output()
        });
        let output = output.map_err(|error| {
            Error::new(ErrorKind::GitCommand, format!("git could not be waited for: {error}"), "try again")
        })?;
        Ok(Answer {
            success: output.status.success(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Like [`Git::run`]; a failure of `git` is an error.
    pub(super) fn output<A: AsRef<OsStr>>(&self, arguments: &[A], input: &[u8]) -> Result<Vec<u8>, Error> {
        let answer = self.run(arguments, input)?;
        if answer.success { Ok(answer.stdout) } else { Err(failed(arguments, answer.reason())) }
    }

    pub(super) fn cannot_start(&self, error: &std::io::Error) -> Error {
        if let Some(directory) = self.directory.as_deref().filter(|directory| !directory.is_dir()) {
            return Error::not_a_repository(Some(directory));
        }
        if error.kind() == std::io::ErrorKind::NotFound {
            return Error::new(
                ErrorKind::GitCommand,
                "the `git` program is needed for this repository and is not on PATH",
                "install Git 2.31 or newer, or add its directory to PATH",
            );
        }
        Error::new(
            ErrorKind::GitCommand,
            format!("the `git` program cannot be started: {error}"),
            "check the `git` that PATH finds first",
        )
    }
}

/// A run of `git` that failed, because of `reason`.
pub(super) fn failed<A: AsRef<OsStr>>(arguments: &[A], reason: &str) -> Error {
    let plain = |argument: &&A| !argument.as_ref().to_string_lossy().starts_with('-');
    let name = arguments.iter().find(plain).map(|name| name.as_ref().to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    Error::new(
        ErrorKind::GitCommand,
        format!("`git {name}` failed: {reason}"),
        "run `git status` and `git fsck` in the repository to see what is wrong",
    )
}
