//! Every ref, and every ref that cannot be read: libgit2's iterators pass over those in silence, and a gate that misses
//! a ref takes old commits for new ones, or new ones for none.

use super::{Libgit2, object_id, unreadable};
use crate::{Error, Reference, Repository};
use gatepost_core::RefName;
use std::collections::HashSet;
use std::io::ErrorKind as IoErrorKind;
use std::path::Path;

/// Refs that each work tree has for itself (gitrepository-layout(5), `refs`).
const PER_WORK_TREE: [&[u8]; 3] = [b"refs/bisect", b"refs/worktree", b"refs/rewritten"];

/// See [`Repository::references`].
pub(super) fn references(repository: &Libgit2) -> Result<Vec<Reference>, Error> {
    let failed = |error: git2::Error| unreadable("the refs", &error);
    let mut found = Vec::new();
    let mut names = HashSet::new();
    for reference in repository.repository.references().map_err(failed)? {
        let reference = reference.map_err(failed)?;
        found.extend(direct(&reference)?);
        names.insert(reference.name_bytes().to_vec());
    }
    for name in loose_names(repository)? {
        if !names.contains(&name) {
            found.extend(read_again(repository, &name)?);
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// A ref that names an object; `None` for a symbolic one.
fn direct(reference: &git2::Reference<'_>) -> Result<Option<Reference>, Error> {
    let Some(target) = reference.target() else { return Ok(None) };
    let name = RefName::new(reference.name_bytes());
    let target = object_id(target)?;
    if target.is_null() {
        return Err(Error::broken_reference(&name.escaped(), "it names the null id"));
    }
    Ok(Some(Reference { name, target }))
}

/// A ref that has a file and that libgit2 did not list: it is new, it was just deleted, or it is broken.
fn read_again(repository: &Libgit2, name: &[u8]) -> Result<Option<Reference>, Error> {
    let shown = RefName::new(name).escaped().into_owned();
    let Ok(text) = std::str::from_utf8(name) else {
        return Err(Error::broken_reference(&shown, "it cannot be read"));
    };
    match repository.find_reference(text) {
        Ok(reference) => direct(&reference),
        Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
        Err(error) => Err(Error::broken_reference(&shown, error.message())),
    }
}

/// The names of the files below `refs`, as Git's own files backend reads them.
fn loose_names(repository: &Libgit2) -> Result<Vec<Vec<u8>>, Error> {
    let info = repository.info();
    let mut names = Vec::new();
    if info.git_dir == info.common_dir {
        list(&info.common_dir.join("refs"), b"refs", &mut names)?;
        return Ok(names);
    }
    let own = |name: &Vec<u8>| PER_WORK_TREE.iter().any(|folder| name.starts_with(folder));
    list(&info.common_dir.join("refs"), b"refs", &mut names)?;
    names.retain(|name| !own(name));
    list(&info.git_dir.join("refs"), b"refs", &mut names)?;
    Ok(names)
}

fn list(folder: &Path, prefix: &[u8], names: &mut Vec<Vec<u8>>) -> Result<(), Error> {
    let failed = |error: std::io::Error| {
        Error::new(
            crate::ErrorKind::Unreadable,
            format!("{} cannot be listed: {error}", folder.display()),
            "check the permissions of the repository",
        )
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == IoErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let file_name = entry.file_name();
        let bytes = file_name.as_encoded_bytes();
        if bytes.starts_with(b".") || bytes.ends_with(b".lock") {
            continue;
        }
        let name = [prefix, b"/", bytes].concat();
        if entry.file_type().map_err(failed)?.is_dir() {
            list(&entry.path(), &name, names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}
