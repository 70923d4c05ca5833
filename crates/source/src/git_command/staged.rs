//! The index against HEAD, from `git diff-index --cached --raw`.

use super::GitCommand;
use super::process::failed;
use crate::{Error, Head, Repository};
use gatepost_core::{Change, FileMode, ObjectId, RepoPath, TreeEntry};

/// The ids of the empty tree, which Git knows without storing it (`empty-tree` in Git's `hash.h`).
const EMPTY_TREE_SHA1: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const EMPTY_TREE_SHA256: &str = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321";

/// See [`Repository::staged`].
pub(super) fn staged(repository: &GitCommand) -> Result<Vec<Change>, Error> {
    let before = match repository.head()? {
        Head::Branch(_, id) | Head::Detached(id) => id.to_string(),
        Head::Unborn(_) if repository.info.hash_len == 32 => EMPTY_TREE_SHA256.to_owned(),
        Head::Unborn(_) => EMPTY_TREE_SHA1.to_owned(),
    };
    let arguments = [
        "-c",
        "core.fsmonitor=false",
        "diff-index",
        "--cached",
        "--raw",
        "-z",
        "--no-abbrev",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
        "--no-relative",
        "--ita-invisible-in-index",
        "--ignore-submodules=none",
        &before,
        "--",
    ];
    let answer = repository.git.run(&arguments, b"")?;
    if !answer.success {
        return Err(repository.object_error(&["diff-index"], &answer));
    }
    let mut changes = Vec::new();
    let mut fields = answer.stdout.split(|&b| b == 0);
    while let Some(header) = fields.next().filter(|header| !header.is_empty()) {
        let path = fields.next().ok_or_else(|| failed(&["diff-index"], "an unreadable answer"))?;
        let path = RepoPath::new(path);
        if header.ends_with(b" U") {
            return Err(Error::unmerged(&path.escaped()));
        }
        let (old, new) = parse(header).ok_or_else(|| failed(&["diff-index"], "an unreadable answer"))?;
        changes.push(Change { path, old, new, commit: None });
    }
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(changes)
}

/// `:<mode> <mode> <id> <id> <status>` (git-diff-index(1), RAW OUTPUT FORMAT).
fn parse(header: &[u8]) -> Option<(Option<TreeEntry>, Option<TreeEntry>)> {
    let words: Vec<&[u8]> = header.strip_prefix(b":")?.split(|&b| b == b' ').collect();
    let [old_mode, new_mode, old_id, new_id, _status] = words.as_slice() else { return None };
    Some((entry(old_mode, old_id)?, entry(new_mode, new_id)?))
}

/// Mode zero means that nothing is there.
fn entry(mode: &[u8], id: &[u8]) -> Option<Option<TreeEntry>> {
    let mode = u32::from_str_radix(std::str::from_utf8(mode).ok()?, 8).ok()?;
    if mode == 0 {
        return Some(None);
    }
    let mode = FileMode::from_raw(mode).unwrap_or(FileMode::Submodule);
    Some(Some(TreeEntry { id: ObjectId::from_hex(id)?, mode }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_lines_are_read_and_odd_ones_refused() {
        let (a, b) = ("a".repeat(40), "0".repeat(40));
        let (old, new) = parse(format!(":100755 000000 {a} {b} D").as_bytes()).unwrap();
        assert_eq!(old.map(|entry| entry.mode), Some(FileMode::Executable));
        assert_eq!(new, None);
        for bad in ["", ":", ":100644", ":x 0 a b M", ":100644 100644 a b M"] {
            assert!(parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
