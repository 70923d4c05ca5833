//! The repositories of a server: those that are named, and every one below a folder.

use crate::args::Repositories;
use crate::exit::Failure;
use std::path::{Path, PathBuf};

/// Their directories, sorted, each once.
///
/// # Errors
///
/// A name that is no repository, a folder that cannot be read, and a folder without any repository.
pub(crate) fn all(asked: &Repositories) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for named in &asked.repo {
        let inner = named.join(".git");
        let directory = [named, &inner].into_iter().find(|path| is_repository(path)).ok_or_else(|| {
            Failure::usage(
                format!("{} is no Git repository: it has no HEAD, objects and refs", named.display()),
                "name the directory of a bare repository: --repo /srv/git/project.git",
            )
        })?;
        found.push(real(directory)?);
    }
    for folder in &asked.all_under {
        let before = found.len();
        below(&real(folder)?, &mut found)?;
        if found.len() == before {
            return Err(Failure::usage(
                format!("there is no Git repository below {}", folder.display()),
                "name the folder that the server keeps its repositories in: --all-under /srv/git",
            ));
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn real(path: &Path) -> Result<PathBuf, Failure> {
    path.canonicalize().map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(
        format!("cannot read {}: {error}", path.display()),
        "run this as the account that runs the hooks: sudo -u git gatepost …",
    )
}

/// Whether a directory is a repository's own: what Git itself looks for.
fn is_repository(path: &Path) -> bool {
    path.join("HEAD").symlink_metadata().is_ok()
        && path.join("objects").is_dir()
        && path.join("refs").is_dir()
}

/// Links are not followed: what they lead to is named where it is. Within a repository there is no other.
fn below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let mut todo = vec![folder.to_owned()];
    while let Some(folder) = todo.pop() {
        if is_repository(&folder) {
            found.push(folder);
            continue;
        }
        let entries = std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&folder, &error))?;
            let kind = entry.file_type().map_err(|error| unreadable(&entry.path(), &error))?;
            if kind.is_dir() {
                todo.push(entry.path());
            }
        }
    }
    Ok(())
}
