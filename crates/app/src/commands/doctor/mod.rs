//! `gatepost doctor`: what is missing between this repository and a closed gate, and how to mend it.
//!
//! Each check is one [`Diagnosis`]: how it stands, what was seen, and the command that mends it. Nothing is changed.

pub(crate) mod hiding;
mod hooks;

use super::install::{Context, HooksPlace, detect_manager};
use gatepost_source::{Error, ErrorKind, Repository};
use std::ffi::OsStr;
use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The oldest git whose hooks have been measured against: 2.30 writes what the stages read.
const OLDEST_GIT: (u32, u32) = (2, 30);

/// What the doctor is told; what the hooks look like it sees for itself.
pub struct Facts<'a> {
    /// The repository, or why it does not open.
    pub repository: Result<&'a dyn Repository, &'a Error>,
    /// The gatepost that hooks should run ([`super::install::own_binary`]).
    pub binary: &'a Path,
    /// The version of this program, as `gatepost --version` prints it after the name.
    pub version: &'a str,
    /// The user's home directory.
    pub home: Option<&'a Path>,
    /// The value of PATH.
    pub search_path: Option<&'a OsStr>,
    /// What `git --version` says ([`git_version`]).
    pub git_version: Option<&'a str>,
    /// The policy.
    pub policy: PolicyFact,
    /// What is on: the name of a policy section and its level in words.
    pub sections: &'a [(String, String)],
}

/// How the policy stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PolicyFact {
    /// There is no file: the built-in defaults hold.
    BuiltIn,
    /// A file that is valid.
    File(PathBuf),
    /// A file that is not, or two of them.
    Broken {
        /// What is wrong, with the place.
        message: String,
        /// What to do about it.
        fix: String,
    },
}

/// How a check came out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mark {
    /// As it should be.
    Ok,
    /// Works, and may surprise.
    Warn,
    /// A gate stands open or cannot judge.
    Fail,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        })
    }
}

/// One check and how it came out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnosis {
    /// How it came out.
    pub mark: Mark,
    /// What was seen.
    pub what: String,
    /// How to mend it.
    pub mend: Option<String>,
}

impl Diagnosis {
    fn ok(what: impl Into<String>) -> Self {
        Self { mark: Mark::Ok, what: what.into(), mend: None }
    }

    fn warn(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { mark: Mark::Warn, what: what.into(), mend: Some(mend.into()) }
    }

    fn fail(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { mark: Mark::Fail, what: what.into(), mend: Some(mend.into()) }
    }
}

/// Asks the `git` program for its version; `None` when it cannot be run.
#[must_use]
pub fn git_version() -> Option<String> {
    version_of(Path::new("git")).map(|text| text.trim_start_matches("version ").to_owned())
}

/// What `program --version` prints after the program's name.
fn version_of(program: &Path) -> Option<String> {
    let output =
        Command::new(program).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    if !output.status.success() {
        return None;
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let first = text.lines().next()?.trim();
    Some(first.split_once(' ').map_or(first, |(_, version)| version).to_owned())
}

/// Looks at everything.
#[must_use]
pub fn diagnose(facts: &Facts<'_>) -> Vec<Diagnosis> {
    let mut out = vec![Diagnosis::ok(format!("gatepost {}, {}", facts.version, facts.binary.display()))];
    out.push(git(facts.git_version));
    match facts.repository {
        Err(error) => out.push(closed(error)),
        Ok(repository) => {
            repository_lines(repository, &mut out);
            hook_lines(repository, facts, &mut out);
        }
    }
    policy(facts, &mut out);
    out
}

fn git(version: Option<&str>) -> Diagnosis {
    let Some(version) = version else {
        return Diagnosis::warn(
            "git cannot be run; SHA-256, reftable, partial and sparse-index repositories need it",
            "install git, or put it into PATH",
        );
    };
    let mut numbers = version.split(['.', ' ']).map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if (major, minor) < OLDEST_GIT => Diagnosis::warn(
            format!(
                "git {version} is older than {}.{}, the oldest gatepost is made for",
                OLDEST_GIT.0, OLDEST_GIT.1
            ),
            "update git",
        ),
        _ => Diagnosis::ok(format!("git {version}")),
    }
}

fn closed(error: &Error) -> Diagnosis {
    let what = match error.kind {
        ErrorKind::DubiousOwnership => {
            format!("{error}: Git refuses repositories of other users (safe.directory), and so does gatepost")
        }
        _ => error.to_string(),
    };
    Diagnosis::fail(what, error.fix.clone())
}

fn repository_lines(repository: &dyn Repository, out: &mut Vec<Diagnosis>) {
    let info = repository.info();
    let place = info.work_tree.as_ref().unwrap_or(&info.git_dir);
    out.push(Diagnosis::ok(format!("repository {}", place.display())));
    if info.shallow {
        out.push(Diagnosis::warn(
            "the clone is shallow: a range or a history that reaches behind its edge cannot be judged (exit 3)",
            "git fetch --unshallow",
        ));
    }
    if info.partial {
        out.push(Diagnosis::warn(
            "the clone is partial: objects that were never fetched cannot be judged (exit 3)",
            "git fetch --refetch --no-filter, or judge in a full clone",
        ));
    }
}

fn hook_lines(repository: &dyn Repository, facts: &Facts<'_>, out: &mut Vec<Diagnosis>) {
    let info = repository.info();
    let Some(root) = info.work_tree.as_deref() else {
        out.push(Diagnosis::ok("a bare repository: the hooks of commits and pushes do not apply"));
        return;
    };
    let place = match HooksPlace::of(repository, facts.home) {
        Ok(place) => place,
        Err(error) => {
            out.push(Diagnosis::fail(error.message, error.fix));
            return;
        }
    };
    let manager = detect_manager(&place, Some(root));
    if let Some(configured) = &place.configured {
        let what = format!("`core.hooksPath` is `{configured}`: hooks are in {}", place.directory.display());
        out.push(match (place.inside, &manager) {
            (true, _) => Diagnosis::ok(what),
            (false, _) => Diagnosis::warn(
                format!("{what}, outside this repository; hooks in .git/hooks do not run"),
                "git config --local core.hooksPath .git/hooks, to have hooks of this repository's own",
            ),
        });
    }
    let context = Context { repository, binary: facts.binary, home: facts.home };
    hooks::check(&context, &place, manager.as_ref(), facts, out);
}

fn policy(facts: &Facts<'_>, out: &mut Vec<Diagnosis>) {
    out.push(match &facts.policy {
        PolicyFact::BuiltIn => {
            Diagnosis::ok("no gatepost.toml: the built-in policy (`gatepost init` writes one)")
        }
        PolicyFact::File(path) => Diagnosis::ok(format!("policy {}", path.display())),
        PolicyFact::Broken { message, fix } => Diagnosis::fail(message.clone(), fix.clone()),
    });
    if !facts.sections.is_empty() {
        let sections: Vec<String> =
            facts.sections.iter().map(|(name, level)| format!("{name} {level}")).collect();
        out.push(Diagnosis::ok(format!("judged: {}", sections.join(", "))));
    }
}

/// Exit code: 1 when a check failed, else 0.
#[must_use]
pub fn exit_code(diagnoses: &[Diagnosis]) -> u8 {
    u8::from(diagnoses.iter().any(|diagnosis| diagnosis.mark == Mark::Fail))
}

/// Writes one line a check: `ok|warn|fail  what  -> how to mend`.
///
/// # Errors
///
/// When `out` cannot be written.
pub fn render(diagnoses: &[Diagnosis], out: &mut dyn Write) -> io::Result<()> {
    for Diagnosis { mark, what, mend } in diagnoses {
        match mend {
            Some(mend) => writeln!(out, "{mark:<4}  {what}  -> {mend}")?,
            None => writeln!(out, "{mark:<4}  {what}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
