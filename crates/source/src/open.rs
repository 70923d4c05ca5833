//! Opening a repository, always through the environment: hooks learn from `GIT_DIR`, `GIT_INDEX_FILE`,
//! `GIT_OBJECT_DIRECTORY` and their kin what they are to judge, and a gate that looked elsewhere would pass anything.

use crate::git_command::GitCommand;
use crate::libgit2::Libgit2;
use crate::repository::config;
use crate::{Backend, Error, ErrorKind, Repository, RepositoryInfo};
use gatepost_core::ObjectId;
use git2::{ErrorCode, RepositoryOpenFlags};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// The variables that hold paths; relative ones count from where Git runs.
const PATH_VARIABLES: [&str; 6] = [
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
];

/// Opens the repository of the environment: `GIT_DIR`, or the one found from `start` upwards; `None` stands for the
/// current directory. `start` means what `git -C` means: a relative `GIT_DIR` counts from there.
///
/// libgit2 answers where it can. What it cannot open or would get wrong (SHA-256, reftable, partial clones, unknown
/// extensions, some variables) the `git` program answers for; [`crate::RepositoryInfo::backend`] tells which. A split
/// or sparse index alone does not change the backend: only [`Repository::staged`] asks `git` then.
///
/// # Errors
///
/// [`ErrorKind::NotARepository`], [`ErrorKind::DubiousOwnership`], [`ErrorKind::GitCommand`] where `git` is needed and
/// missing, [`ErrorKind::Unreadable`] for anything else.
pub fn open(start: Option<&Path>) -> Result<Box<dyn Repository>, Error> {
    let opening = Opening { start: start.map(Path::to_owned) };
    if opening.is_beyond_libgit2()? {
        return Ok(Box::new(GitCommand::open(opening)?));
    }
    let refusal = match opening.libgit2() {
        Ok(repository) => {
            let repository = Libgit2::new(repository, opening.clone())?;
            let info = repository.info();
            if info.partial || has_grafts(info) || opening.index_is_elsewhere(info.work_tree.as_deref()) {
                return Ok(Box::new(GitCommand::open(opening)?));
            }
            return Ok(Box::new(repository));
        }
        Err(error) if error.code() == ErrorCode::NotFound => {
            return Err(Error::not_a_repository(opening.named().as_deref()));
        }
        Err(error) => error,
    };
    // Git has the last word, also on ownership: it knows more forms of `safe.directory`, and does not check when
    // it is told the directory.
    GitCommand::open(opening.clone()).map(|git| Box::new(git) as Box<dyn Repository>).map_err(|error| {
        if error.kind != ErrorKind::GitCommand {
            return error;
        }
        if refusal.code() == ErrorCode::Owner {
            return Error::dubious_ownership(&owned_path(&refusal, &opening));
        }
        let message = format!("{}; libgit2 cannot open it: {}", error.message, refusal.message());
        Error::new(error.kind, message, error.fix)
    })
}

/// Like [`open`], with the answers of one backend alone.
///
/// # Errors
///
/// As [`open`]; also whatever that backend cannot open.
pub fn open_with(start: Option<&Path>, backend: Backend) -> Result<Box<dyn Repository>, Error> {
    let opening = Opening { start: start.map(Path::to_owned) };
    if backend == Backend::GitCommand {
        return Ok(Box::new(GitCommand::open(opening)?));
    }
    let repository = opening.libgit2().map_err(|error| match error.code() {
        ErrorCode::NotFound => Error::not_a_repository(opening.named().as_deref()),
        ErrorCode::Owner => Error::dubious_ownership(&owned_path(&error, &opening)),
        _ => Error::new(
            ErrorKind::Unreadable,
            format!("libgit2 cannot open the repository: {}", error.message()),
            "install the `git` program, which can",
        ),
    })?;
    Ok(Box::new(Libgit2::new(repository, opening)?))
}

/// libgit2 puts the path into its message, in single quotes.
fn owned_path(error: &git2::Error, opening: &Opening) -> String {
    let quoted = error.message().split_once('\'').and_then(|(_, rest)| rest.rsplit_once('\''));
    match (quoted, opening.directory()) {
        (Some((path, _)), _) => path.to_owned(),
        (None, Some(directory)) => directory.display().to_string(),
        (None, None) => ".".to_owned(),
    }
}

/// Whether objects are what their ids say, for the whole process.
static TRUSTS_NAMES: AtomicBool = AtomicBool::new(false);

/// From the next opening of a repository on, libgit2 does not hash every object that it reads, which takes longer than to inflate
/// it. What is judged is what is stored under an id, as Git reads it; Git hashes objects when they come in and when it is asked to
/// (`git fsck`). What a disk has spoilt still fails to inflate or has another checksum.
///
/// That is a setting of libgit2 for the whole process (`GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION`): it is for a program to make, and
/// not for a library that others share the process with.
pub fn trust_object_names() {
    TRUSTS_NAMES.store(true, Ordering::Relaxed);
}

/// Where a repository was asked for, so that it can be opened again.
#[derive(Clone, Debug)]
pub(crate) struct Opening {
    start: Option<PathBuf>,
}

impl Opening {
    /// The directory of `-C`.
    pub(crate) fn start(&self) -> Option<&Path> {
        self.start.as_deref()
    }

    /// The directory that somebody named, for messages.
    pub(crate) fn named(&self) -> Option<PathBuf> {
        variable("GIT_DIR").map(PathBuf::from).or_else(|| self.start.clone())
    }

    /// The directory from which relative paths count.
    pub(crate) fn directory(&self) -> Option<PathBuf> {
        self.start.clone().or_else(|| std::env::current_dir().ok())
    }

    /// Opens the repository with libgit2. It reads `GIT_DIR` only when it is given no directory.
    pub(crate) fn libgit2(&self) -> Result<git2::Repository, git2::Error> {
        static ONCE: Once = Once::new();
        if TRUSTS_NAMES.load(Ordering::Relaxed) {
            ONCE.call_once(|| git2::opts::strict_hash_verification(false));
        }
        match &self.start {
            Some(start) if !is_set("GIT_DIR") => {
                let ceilings = variable("GIT_CEILING_DIRECTORIES").unwrap_or_default();
                let ceilings: Vec<PathBuf> = std::env::split_paths(&ceilings).collect();
                git2::Repository::open_ext(start, RepositoryOpenFlags::FROM_ENV, &ceilings)
            }
            _ => git2::Repository::open_from_env(),
        }
    }

    /// Whether the environment says something that libgit2 does not understand as Git does.
    fn is_beyond_libgit2(&self) -> Result<bool, Error> {
        let odd_start = self.start.is_some() && PATH_VARIABLES.into_iter().any(is_relative);
        let quoted = variable("GIT_ALTERNATE_OBJECT_DIRECTORIES")
            .is_some_and(|value| value.as_encoded_bytes().contains(&b'"'));
        let settings = config::from_environment()?;
        let includes = settings.iter().any(|(key, _)| key.starts_with("include"));
        Ok(odd_start || quoted || includes || is_set("GIT_NAMESPACE") || is_set("GIT_SHALLOW_FILE"))
    }

    /// Whether `GIT_INDEX_FILE` counts from the work tree's root, as Git counts, and that is not where we are.
    fn index_is_elsewhere(&self, work_tree: Option<&Path>) -> bool {
        let here = self.directory().and_then(|dir| dir.canonicalize().ok());
        is_relative("GIT_INDEX_FILE") && work_tree.is_some() && here.as_deref() != work_tree
    }
}

/// Whether somebody made up other parents for commits (`gitrepository-layout`(5), `info/grafts`). libgit2 believes them
/// where it resolves names.
fn has_grafts(info: &RepositoryInfo) -> bool {
    std::fs::metadata(info.common_dir.join("info/grafts")).is_ok_and(|file| file.len() > 0)
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

fn is_set(name: &str) -> bool {
    variable(name).is_some()
}

/// Whether a variable that holds a path, or several, holds a relative one.
fn is_relative(name: &str) -> bool {
    variable(name).is_some_and(|value| std::env::split_paths(&value).any(|path| path.is_relative()))
}

/// The commits at which a shallow clone ends; none for a complete one.
///
/// Format: `gitformat-shallow`, one id a line. `GIT_SHALLOW_FILE` is set by `git receive-pack` for pushes from shallow
/// clones.
pub(crate) fn shallow_boundary(common_dir: &Path) -> Result<Vec<ObjectId>, Error> {
    let file = variable("GIT_SHALLOW_FILE").map_or_else(|| common_dir.join("shallow"), PathBuf::from);
    let text = match std::fs::read(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(broken_shallow_file(&file, &error.to_string())),
    };
    let lines = text.split(|&b| b == b'\n').filter(|line| !line.is_empty());
    lines
        .map(|line| {
            ObjectId::from_hex(line).ok_or_else(|| broken_shallow_file(&file, "a line is no object id"))
        })
        .collect()
}

fn broken_shallow_file(file: &Path, reason: &str) -> Error {
    Error::new(
        ErrorKind::Unreadable,
        format!("{} cannot be read: {reason}", file.display()),
        "restore the file, or clone the repository again",
    )
}
