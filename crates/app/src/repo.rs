//! Opening the repository that a command is about, and naming paths as it does.

use crate::exit::Failure;
use gatepost_core::{ObjectId, RepoPath};
use gatepost_source::{Error, ErrorKind, Repository};
use std::path::Path;

/// The repository of the environment (`GIT_DIR`) or of the current folder.
///
/// # Errors
///
/// When there is none, or it cannot be opened.
pub(crate) fn open() -> Result<Box<dyn Repository>, Failure> {
    Ok(gatepost_source::open(None)?)
}

/// The repository, where there is one: for commands that work outside a repository too.
///
/// # Errors
///
/// A repository that is there and cannot be opened.
pub(crate) fn open_if_any() -> Result<Option<Box<dyn Repository>>, Failure> {
    match gatepost_source::open(None) {
        Ok(repository) => Ok(Some(repository)),
        Err(error) if error.kind == ErrorKind::NotARepository => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// For commands that name their repositories: what the environment names would be looked at in their place.
///
/// # Errors
///
/// When `GIT_DIR` is set.
pub(crate) fn refuse_git_dir() -> Result<(), Failure> {
    if std::env::var_os("GIT_DIR").is_some() {
        return Err(Failure::usage("GIT_DIR is set, and repositories are named", "unset GIT_DIR"));
    }
    Ok(())
}

/// A path of the file system as a path of a repository.
pub(crate) fn path(relative: &Path) -> RepoPath {
    let mut bytes = relative.as_os_str().as_encoded_bytes().to_vec();
    if std::path::MAIN_SEPARATOR != '/' {
        for byte in bytes.iter_mut().filter(|byte| **byte == b'\\') {
            *byte = b'/';
        }
    }
    RepoPath::new(bytes)
}

/// What `revision` names. In a shallow clone a name that leads nowhere most often leads behind the edge, and the
/// remedy is another.
///
/// # Errors
///
/// A revision that names nothing here.
pub(crate) fn resolve(repository: &dyn Repository, revision: &str) -> Result<ObjectId, Error> {
    repository.resolve(revision).map_err(|error| {
        if error.kind != ErrorKind::UnknownRevision || !repository.info().shallow {
            return error;
        }
        Error::new(
            ErrorKind::Shallow,
            format!("{error}: the clone is shallow, and what is older than its edge is not here"),
            "git fetch --unshallow (in CI: fetch-depth: 0, GIT_DEPTH: 0)",
        )
    })
}

/// The two ends of `A..B`: what is left out and what is taken. An empty side is HEAD.
///
/// # Errors
///
/// A text without `..`, with three dots, or with an end that names nothing.
pub(crate) fn range(repository: &dyn Repository, text: &str) -> Result<(ObjectId, ObjectId), Failure> {
    let usage = |what: String| Failure::usage(what, "write A..B: commits reachable from B and not from A");
    if text.contains("...") {
        return Err(usage(format!("`{text}` has three dots, which would take both sides")));
    }
    let Some((from, to)) = text.split_once("..") else {
        return Err(usage(format!("`{text}` is not a range")));
    };
    let end = |name: &str| resolve(repository, if name.is_empty() { "HEAD" } else { name });
    Ok((end(from)?, end(to)?))
}
