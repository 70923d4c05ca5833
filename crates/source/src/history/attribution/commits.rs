//! Every commit's tree, parents and date, compactly.

use super::ids::BuildIdHasher;
use gatepost_core::ObjectId;
use std::collections::HashMap;

/// What attribution needs of a commit.
#[derive(Clone, Debug)]
pub(super) struct CommitNode {
    pub(super) tree: ObjectId,
    pub(super) parents: Box<[ObjectId]>,
    /// Seconds since 1970, of the committer.
    pub(super) time: i64,
}

/// The commits, by id.
pub(super) type Commits = HashMap<ObjectId, CommitNode, BuildIdHasher>;

impl CommitNode {
    /// Parses a commit object's header; `None` without a tree.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (mut tree, mut parents, mut time) = (None, Vec::new(), 0);
        for line in bytes.split(|&byte| byte == b'\n').take_while(|line| !line.is_empty()) {
            if let Some(hex) = line.strip_prefix(b"tree ") {
                tree = tree.or_else(|| ObjectId::from_hex(hex));
            } else if let Some(hex) = line.strip_prefix(b"parent ") {
                parents.extend(ObjectId::from_hex(hex));
            } else if let Some(who) = line.strip_prefix(b"committer ") {
                let seconds = who.rsplit(|&byte| byte == b' ').nth(1);
                time =
                    seconds.and_then(|word| std::str::from_utf8(word).ok()?.parse().ok()).unwrap_or_default();
                break;
            }
        }
        Some(Self { tree: tree?, parents: parents.into(), time })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_parsed_and_messages_are_not() {
        let (tree, parent) = ("a".repeat(40), "b".repeat(40));
        let text = format!(
            "tree {tree}\nparent {parent}\nauthor A <a@b> 5 +0000\ncommitter C D <c@d> 1700000000 +0200\n\n\
             parent {tree}\n"
        );
        let commit = CommitNode::parse(text.as_bytes()).unwrap();
        assert_eq!(commit.tree.to_string(), tree);
        assert_eq!(commit.parents.iter().map(ToString::to_string).collect::<Vec<_>>(), [parent]);
        assert_eq!(commit.time, 1_700_000_000);
        assert!(CommitNode::parse(b"author x\n\ntree\n").is_none());
    }
}
