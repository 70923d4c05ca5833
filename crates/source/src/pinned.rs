//! One file of one commit of a repository that somebody named: what `extends = ["repo@<commit>:path"]` reads. Hooks run with
//! an environment that is about the repository they guard (`GIT_DIR`, a quarantine's object directory), and that must not
//! answer for another one.

use crate::Error;
use crate::git_command::blob_elsewhere;
use gatepost_core::{ObjectId, RepoPath};
use git2::{ErrorCode, Oid, Repository, RepositoryOpenFlags};
use std::path::Path;

/// The bytes of `path` in `commit` of the repository in, or above, a directory; `None` where the commit has no such file.
/// The environment has no say in which repository that is.
///
/// # Errors
///
/// When there is no repository, it has no such commit, or cannot be read.
pub fn file_at(repository: &Path, commit: &ObjectId, path: &RepoPath) -> Result<Option<Vec<u8>>, Error> {
    match with_libgit2(repository, commit, path) {
        Ok(bytes) => Ok(bytes),
        Err(error)
            if error.code() == ErrorCode::NotFound && error.class() == git2::ErrorClass::Repository =>
        {
            Err(Error::not_a_repository(Some(repository)))
        }
        // What libgit2 does not read (SHA-256, another owner, a form of storage that it does not know) Git may.
        Err(_) => blob_elsewhere(repository, commit, path),
    }
}

fn with_libgit2(
    repository: &Path,
    commit: &ObjectId,
    path: &RepoPath,
) -> Result<Option<Vec<u8>>, git2::Error> {
    let none: [&Path; 0] = [];
    let repository = Repository::open_ext(repository, RepositoryOpenFlags::empty(), none)?;
    let tree = repository.find_commit(Oid::from_bytes(commit.as_bytes())?)?.tree()?;
    let entry = match tree.get_path(&crate::platform::to_path(path.as_bytes())) {
        Ok(entry) => entry,
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    repository.find_blob(entry.id()).map(|blob| Some(blob.content().to_vec()))
}
