//! What trees list: every entry where it is new, not once for every version of the tree around it.
//!
//! Trees are mostly stored as edits of each other. An entry that lies in a copied stretch was seen in the base, so that of
//! a thousand versions of a directory little more than the lines that changed is looked at again.

use super::attribution::trees::TreeEntries;
use super::{Object, ObjectKind};
use gatepost_core::{ObjectId, Stretch};

/// An entry of a tree.
#[derive(Clone, Copy, Debug)]
pub struct TreeEntry<'a> {
    /// The mode, as the tree has it: `100644`, `40000` for a directory, `160000` for a submodule.
    pub mode: &'a [u8],
    /// The name of the file or directory.
    pub name: &'a [u8],
    /// The object: a blob, a tree, or a commit of another repository.
    pub id: ObjectId,
}

/// Calls `show` with the entries of a tree; those are left out that lie in a stretch of `edit` that is copied from a tree
/// that was shown before. Other objects have no entries.
pub(super) fn each_new<'a>(
    object: &Object<'a>,
    edit: Option<&[Stretch]>,
    mut show: impl FnMut(TreeEntry<'a>),
) {
    let Some(bytes) = object.bytes.filter(|_| object.kind == ObjectKind::Tree) else { return };
    let mut entries = TreeEntries { rest: bytes, hash_len: object.id.as_bytes().len() };
    let (mut stretches, mut start) = (edit.unwrap_or(&[]).iter().peekable(), 0);
    while let Some((mode, name, raw)) = entries.next() {
        let end = bytes.len() - entries.rest.len();
        while stretches.next_if(|stretch| stretch.range.end <= start).is_some() {}
        let copied = stretches.peek().is_some_and(|s| s.from.is_some() && end <= s.range.end);
        start = end;
        if let Some(id) = ObjectId::from_bytes(raw).filter(|_| !copied) {
            show(TreeEntry { mode, name, id });
        }
    }
}
