//! Whether everything is there that the objects name: a blob that a tree lists and nobody has was not scanned.
//!
//! Checked on the way, while trees, commits and tags are in memory, and only where a tree's edit touched it: what is
//! copied from a base was checked in the base. A name that leads nowhere need not be a loss: objects that no ref leads
//! to are pruned piece by piece. So this only raises a flag, and Git is asked then what the refs lead to and
//! is not there.

use super::attribution::trees::TreeEntries;
use super::store::Store;
use super::{Object, ObjectKind};
use gatepost_core::{ObjectId, Stretch};
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

    /// Checks what an object names. `edit` is how it is made from an object that was checked before.
    pub(super) fn check(&self, object: &Object<'_>, edit: Option<&[Stretch]>) {
        let Some(bytes) = object.bytes else { return };
        if object.kind == ObjectKind::Blob || self.is_broken() {
            return;
        }
        let whole = match object.kind {
            ObjectKind::Tree => self.tree(bytes, object.id.as_bytes().len(), edit.unwrap_or(&[])),
            _ => self.headers(bytes),
        };
        if !whole {
            self.broken.store(true, Ordering::Relaxed);
        }
    }

    fn tree(&self, bytes: &[u8], hash_len: usize, edit: &[Stretch]) -> bool {
        let mut entries = TreeEntries { rest: bytes, hash_len };
        let (mut stretches, mut start) = (edit.iter().peekable(), 0);
        while let Some((mode, _, raw)) = entries.next() {
            let end = bytes.len() - entries.rest.len();
            while stretches.next_if(|stretch| stretch.range.end <= start).is_some() {}
            let copied = stretches.peek().is_some_and(|s| s.from.is_some() && end <= s.range.end);
            start = end;
            // A submodule's commit is in another repository.
            if !copied
                && mode != b"160000"
                && !ObjectId::from_bytes(raw).is_some_and(|id| self.store.contains(&id))
            {
                return false;
            }
        }
        true
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
