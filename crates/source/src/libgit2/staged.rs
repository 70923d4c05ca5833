//! The index against HEAD, by object id.
//!
//! Not libgit2's diff: it shows intent-to-add entries as empty files, and here renames, attributes and the work tree
//! must not matter.

use super::{Libgit2, object_id, unreadable};
use crate::repository::{store, tree};
use crate::{Error, Head, Repository};
use gatepost_core::{Change, FileMode, RepoPath, TreeEntry};
use git2::{ErrorClass, Index, IndexEntry, IndexEntryExtendedFlag};

/// The bits of an entry's flags that hold the stage of an unfinished merge (`gitformat-index`).
const STAGE: u16 = 0x3000;

/// Why the index could not be compared.
pub(super) enum Failure {
    /// The index has a mandatory extension that libgit2 does not know.
    Unsupported,
    /// Anything else.
    Other(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// See [`Repository::staged`].
pub(super) fn staged(repository: &Libgit2) -> Result<Vec<Change>, Failure> {
    let index = read_index(repository)?;
    let before = match repository.head()? {
        Head::Unborn(_) => Vec::new(),
        Head::Branch(_, id) | Head::Detached(id) => {
            let commit = store::commit(repository, &id)?;
            tree::changed_paths(repository, &commit.tree, &[], None)?
        }
    };
    let mut after = entries(&index)?;
    after.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(difference(before, after))
}

/// libgit2's copy of the index can be older than the file when the handle was used before.
fn read_index(repository: &Libgit2) -> Result<Index, Failure> {
    let read = || {
        let mut index = repository.repository.index()?;
        index.read(false)?;
        Ok(index)
    };
    read().map_err(|error: git2::Error| {
        let extension = error.class() == ErrorClass::Index && error.message().contains("mandatory extension");
        if extension { Failure::Unsupported } else { Failure::Other(unreadable("the index", &error)) }
    })
}

fn entries(index: &Index) -> Result<Vec<(RepoPath, TreeEntry)>, Failure> {
    let mut found = Vec::with_capacity(index.len());
    for entry in index.iter() {
        if entry.flags & STAGE != 0 {
            return Err(Error::unmerged(&RepoPath::new(entry.path).escaped()).into());
        }
        if !is_intent_to_add(&entry) {
            let id = object_id(entry.id)?;
            let mode = FileMode::from_raw(entry.mode).unwrap_or(FileMode::Submodule);
            found.push((RepoPath::new(entry.path), TreeEntry { id, mode }));
        }
    }
    Ok(found)
}

fn is_intent_to_add(entry: &IndexEntry) -> bool {
    IndexEntryExtendedFlag::from_bits_truncate(entry.flags_extended)
        .contains(IndexEntryExtendedFlag::INTENT_TO_ADD)
}

/// The two sorted lists side by side; `before` comes as the additions of HEAD's tree to nothing.
fn difference(before: Vec<Change>, after: Vec<(RepoPath, TreeEntry)>) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut before = before.into_iter().peekable();
    let mut after = after.into_iter().peekable();
    loop {
        let order = match (before.peek(), after.peek()) {
            (None, None) => return changes,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(old), Some(new)) => old.path.cmp(&new.0),
        };
        let old = if order.is_le() { before.next() } else { None };
        let new = if order.is_ge() { after.next() } else { None };
        let old_entry = old.as_ref().and_then(|old| old.new);
        let (new_path, new_entry) = new.unzip();
        if let (true, Some(path)) = (old_entry != new_entry, new_path.or_else(|| old.map(|old| old.path))) {
            changes.push(Change { path, old: old_entry, new: new_entry, commit: None });
        }
    }
}
