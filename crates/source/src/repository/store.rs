//! What both backends offer to the code that they share: objects by id.

use super::object::{self, Kind};
use super::tree;
use crate::{Error, ErrorKind};
use gatepost_core::{Change, Commit, ObjectId, RepoPath, Tag, TreeEntry};

/// Objects by id, as they are stored: no replacement, no graft.
pub(crate) trait ObjectStore {
    /// Length of an id in bytes.
    fn hash_len(&self) -> usize;

    /// Reads an object into `buffer`, which is cleared first.
    fn read(&self, id: &ObjectId, buffer: &mut Vec<u8>) -> Result<Kind, Error>;

    /// The kind and the size of an object, without its contents.
    fn header(&self, id: &ObjectId) -> Result<(Kind, u64), Error>;

    /// The commits whose parents a shallow clone cut off.
    fn boundary(&self) -> &[ObjectId];
}

/// Reads an object that must be of `kind`.
pub(crate) fn read_kind<S: ObjectStore + ?Sized>(
    store: &S,
    id: &ObjectId,
    kind: Kind,
    buffer: &mut Vec<u8>,
) -> Result<(), Error> {
    expect_kind(id, store.read(id, buffer)?, kind)
}

/// That an object is what the place it was named in says.
pub(crate) fn expect_kind(id: &ObjectId, found: Kind, wanted: Kind) -> Result<(), Error> {
    if found == wanted {
        return Ok(());
    }
    Err(Error::corrupt(id, &format!("a {} where a {} is expected", found.name(), wanted.name())))
}

/// See [`crate::Repository::commit`].
pub(crate) fn commit<S: ObjectStore + ?Sized>(store: &S, id: &ObjectId) -> Result<Commit, Error> {
    let mut raw = Vec::new();
    read_kind(store, id, Kind::Commit, &mut raw)?;
    object::parse_commit(*id, &raw)
}

/// See [`crate::Repository::tag`].
pub(crate) fn tag<S: ObjectStore + ?Sized>(store: &S, id: &ObjectId) -> Result<Option<Tag>, Error> {
    if store.header(id)?.0 != Kind::Tag {
        return Ok(None);
    }
    let mut raw = Vec::new();
    read_kind(store, id, Kind::Tag, &mut raw)?;
    object::parse_tag(*id, &raw).map(Some)
}

/// See [`crate::Repository::changes`].
pub(crate) fn changes<S: ObjectStore + ?Sized>(store: &S, id: &ObjectId) -> Result<Vec<Change>, Error> {
    let commit = commit(store, id)?;
    let mut parents = Vec::with_capacity(commit.parents.len());
    for parent in &commit.parents {
        let parent = self::commit(store, parent).map_err(|error| match error.kind {
            ErrorKind::MissingObject if store.boundary().contains(id) => Error::shallow(id),
            _ => error,
        })?;
        parents.push(parent.tree);
    }
    tree::changed_paths(store, &commit.tree, &parents, Some(*id))
}

/// See [`crate::Repository::changes_between`].
pub(crate) fn changes_between<S: ObjectStore + ?Sized>(
    store: &S,
    old: &ObjectId,
    new: &ObjectId,
) -> Result<Vec<Change>, Error> {
    let old = commit(store, old)?;
    let new = commit(store, new)?;
    tree::changed_paths(store, &new.tree, &[old.tree], Some(new.id))
}

/// See [`crate::Repository::entry`].
pub(crate) fn entry<S: ObjectStore + ?Sized>(
    store: &S,
    commit: &ObjectId,
    path: &RepoPath,
) -> Result<Option<TreeEntry>, Error> {
    let commit = self::commit(store, commit)?;
    tree::entry_at(store, &commit.tree, path)
}

/// See [`crate::Repository::files`].
pub(crate) fn files<S: ObjectStore + ?Sized>(
    store: &S,
    commit: &ObjectId,
) -> Result<Vec<(RepoPath, TreeEntry)>, Error> {
    let commit = self::commit(store, commit)?;
    let files = tree::changed_paths(store, &commit.tree, &[], None)?.into_iter();
    Ok(files.filter_map(|change| Some((change.path, change.new?))).collect())
}

/// The size of a blob.
pub(crate) fn blob_size<S: ObjectStore + ?Sized>(store: &S, id: &ObjectId) -> Result<u64, Error> {
    let (kind, size) = store.header(id)?;
    expect_kind(id, kind, Kind::Blob)?;
    Ok(size)
}

/// The commits that `ids` name: tags are peeled, trees and blobs left out.
pub(crate) fn peel_to_commits<S: ObjectStore + ?Sized>(
    store: &S,
    ids: &[ObjectId],
) -> Result<Vec<ObjectId>, Error> {
    let mut commits = Vec::with_capacity(ids.len());
    let mut raw = Vec::new();
    for id in ids {
        let mut id = *id;
        // Ids are hashes of what they name, so a chain of tags ends.
        let kind = loop {
            let kind = store.header(&id)?.0;
            if kind != Kind::Tag {
                break kind;
            }
            read_kind(store, &id, Kind::Tag, &mut raw)?;
            id = object::parse_tag(id, &raw)?.target;
        };
        if kind == Kind::Commit {
            commits.push(id);
        }
    }
    Ok(commits)
}
