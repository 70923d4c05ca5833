//! Trees that were read lately. A walk over commits meets each of them twice, as the tree of a commit and as that of its child, and
//! libgit2 keeps small ones only.

use gatepost_core::ObjectId;
use std::collections::HashMap;

/// How many bytes of trees are kept.
const MOST: usize = 8 << 20;

/// Trees by their ids.
#[derive(Default)]
pub(super) struct Recent {
    trees: HashMap<ObjectId, Box<[u8]>>,
    bytes: usize,
}

impl Recent {
    /// A tree that is kept.
    pub(super) fn get(&self, id: &ObjectId) -> Option<&[u8]> {
        self.trees.get(id).map(AsRef::as_ref)
    }

    /// Keeps a tree. All others go when there is no room.
    pub(super) fn keep(&mut self, id: ObjectId, tree: &[u8]) {
        if self.bytes.saturating_add(tree.len()) > MOST {
            self.trees.clear();
            self.bytes = 0;
        }
        if tree.len() <= MOST && self.trees.insert(id, tree.into()).is_none() {
            self.bytes += tree.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded() {
        let mut recent = Recent::default();
        let id = |digit: u8| ObjectId::from_hex(&[digit; 40]).unwrap();
        recent.keep(id(b'1'), b"one");
        recent.keep(id(b'1'), b"one");
        assert_eq!((recent.get(&id(b'1')), recent.bytes), (Some(&b"one"[..]), 3));
        recent.keep(id(b'2'), &vec![0; MOST]);
        assert_eq!((recent.get(&id(b'1')), recent.bytes), (None, MOST));
        recent.keep(id(b'3'), &vec![0; MOST + 1]);
        assert_eq!((recent.get(&id(b'3')), recent.bytes), (None, 0));
    }
}
