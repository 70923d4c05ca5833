//! Whether everything is there that the objects name: a blob that a tree lists and nobody has was not scanned.
//!
//! Checked on the way, while trees, commits and tags are in memory, and only where a tree's edit touched it: what is
//! copied from a base was checked in the base. A name that leads nowhere need not be a loss: objects that no ref leads
//! to are pruned piece by piece. So this only raises a flag, and Git is asked then what the refs lead to and
//! is not there.

use super::entries::TreeEntry;
use super::store::Store;
use super::{Object, ObjectKind};
use gatepost_core::ObjectId;
use std::sync::atomic::{AtomicBool, Ordering};

/// Checks what objects name, until the first name that leads nowhere.
pub(super) struct Links<'a> {
    store: &'a Store,
    broken: AtomicBool,
}

impl<'a> Links<'a> {
    pub(super) const fn new(store: &'a Store) -> Self {
        Self { store, broken: AtomicBool::new(false) }
    }

    /// Whether something is named and nowhere.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// Checks what a commit or a tag names.
    pub(super) fn check(&self, object: &Object<'_>) {
        let is_named_in_headers = matches!(object.kind, ObjectKind::Commit | ObjectKind::Tag);
        let Some(bytes) = object.bytes.filter(|_| is_named_in_headers && !self.is_broken()) else { return };
        if !self.headers(bytes) {
            self.broken.store(true, Ordering::Relaxed);
        }
    }

    /// Checks what an entry of a tree names.
    pub(super) fn check_entry(&self, entry: &TreeEntry<'_>) {
        // A submodule's commit is in another repository.
        if entry.mode != b"160000" && !self.is_broken() && !self.store.contains(&entry.id) {
            self.broken.store(true, Ordering::Relaxed);
        }
    }

    /// The tree and the parents of a commit, the target of a tag.
    fn headers(&self, bytes: &[u8]) -> bool {
        let lines = bytes.split(|&byte| byte == b'\n').take_while(|line| !line.is_empty());
        let named = lines.filter_map(|line| {
            let names = [&b"tree "[..], b"parent ", b"object "];
            names.iter().find_map(|name| ObjectId::from_hex(line.strip_prefix(*name)?))
        });
        named.into_iter().all(|id| self.store.contains(&id))
    }
}
