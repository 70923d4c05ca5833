//! The files of commits, for whoever reads policies from them.

use crate::settings::Revisions;
use gatepost_core::{FileMode, ObjectId, RepoPath};
use gatepost_source::Repository;
use std::path::Path;

/// Where files of commits come from.
pub(crate) struct Trees<'a> {
    /// The one that the run is about: its objects are read as it is open, a push being still in quarantine.
    pub(crate) repository: Option<&'a dyn Repository>,
    /// Its directory, by which others name it.
    pub(crate) git_dir: &'a Path,
}

impl<'a> Trees<'a> {
    /// Those of a repository.
    pub(crate) fn of(repository: &'a dyn Repository) -> Self {
        Self { repository: Some(repository), git_dir: &repository.info().git_dir }
    }
}

impl Revisions for Trees<'_> {
    fn read(&mut self, place: &Path, commit: &str, path: &str) -> Result<Vec<u8>, String> {
        match self.repository {
            Some(own) if place == self.git_dir => read_own(own, commit, path),
            _ => read_revision(place, commit, path),
        }
    }

    fn list(&mut self, place: &Path, commit: &str, folder: &str) -> Result<Vec<String>, String> {
        match self.repository {
            Some(own) if place == self.git_dir => list_own(own, commit, folder),
            _ => Err("folders of another repository are not listed".to_owned()),
        }
    }
}

/// A file of a commit of the repository that the run is about.
fn read_own(repository: &dyn Repository, commit: &str, path: &str) -> Result<Vec<u8>, String> {
    let words = |error: gatepost_source::Error| format!("{} ({})", error.message, error.fix);
    let id = ObjectId::from_hex(commit.as_bytes()).ok_or("the commit is no full object id")?;
    let entry = repository.entry(&id, &RepoPath::from(path)).map_err(words)?;
    let entry = entry
        .filter(|entry| matches!(entry.mode, FileMode::File | FileMode::Executable))
        .ok_or_else(|| format!("{path} is not in {commit}"))?;
    let mut buffer = Vec::new();
    repository.read_blob(&entry.id, &mut buffer).map_err(words)?;
    Ok(buffer)
}

/// The names of the files of a folder, of a commit of the repository that the run is about.
fn list_own(repository: &dyn Repository, commit: &str, folder: &str) -> Result<Vec<String>, String> {
    let words = |error: gatepost_source::Error| format!("{} ({})", error.message, error.fix);
    let id = ObjectId::from_hex(commit.as_bytes()).ok_or("the commit is no full object id")?;
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let files = repository.files(&id).map_err(words)?;
    let names = files.iter().filter_map(|(path, _)| {
        let name = path.as_bytes().strip_prefix(prefix.as_bytes())?;
        (!name.contains(&b'/')).then(|| String::from_utf8_lossy(name).into_owned())
    });
    Ok(names.collect())
}

/// A file of a pinned revision of a local repository, for `extends = ["repo@<commit>:path"]`.
fn read_revision(repository: &Path, commit: &str, path: &str) -> Result<Vec<u8>, String> {
    let words = |error: gatepost_source::Error| format!("{} ({})", error.message, error.fix);
    let id = ObjectId::from_hex(commit.as_bytes()).ok_or("the commit is no full object id")?;
    let bytes = gatepost_source::file_at(repository, &id, &RepoPath::from(path)).map_err(words)?;
    bytes.ok_or_else(|| format!("{path} is not in {commit}"))
}
