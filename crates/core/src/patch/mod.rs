//! What a commit changes, as an identity that stays when the change is applied elsewhere: Git's patch id.
//!
//! It is that of `git diff-tree -p --full-index COMMIT | git patch-id --stable`: the changed lines with three lines around
//! them, without line numbers and without white space. Git adds up SHA-1 sums of its parts; here the same parts go into one
//! SHA-256, so that nobody can make two patches of one id. A test holds the parts against what Git says.

mod compact;
mod lines;
mod myers;

use crate::{Change, FileMode, ObjectId, RepoPath, TreeEntry};
use sha2::{Digest as _, Sha256};

/// The largest file of which lines are compared, in bytes. Of a larger one the whole object counts, as Git does it with
/// `core.bigFileThreshold` (512 MiB there; a server must not compare lines of half a gigabyte for every push).
pub const LARGEST: u64 = 64 << 20;

/// So much of a file decides whether it is text (`buffer_is_binary` of Git's `xdiff-interface.c`).
const LOOKED_AT: usize = 8000;

/// The identity of a patch. Two commits have the same one exactly where they make the same change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PatchId([u8; 32]);

/// The patch id of some changes, which are sorted by path; `None` where nothing changes. `blob` reads an object, and says
/// `None` of one that is larger than [`LARGEST`].
///
/// # Errors
///
/// What `blob` fails with.
pub fn patch_id<E>(
    changes: &[Change],
    blob: impl FnMut(&ObjectId) -> Result<Option<Vec<u8>>, E>,
) -> Result<Option<PatchId>, E> {
    let parts = patch_parts(changes, blob)?;
    if parts.iter().all(Vec::is_empty) {
        return Ok(None);
    }
    let mut hasher = Sha256::new();
    for part in &parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    Ok(Some(PatchId(hasher.finalize().into())))
}

/// The parts of a patch, each of which Git hashes for itself: what `git patch-id --stable` reads of a diff.
///
/// # Errors
///
/// What `blob` fails with.
pub fn patch_parts<E>(
    changes: &[Change],
    mut blob: impl FnMut(&ObjectId) -> Result<Option<Vec<u8>>, E>,
) -> Result<Vec<Vec<u8>>, E> {
    let mut parts = Parts { done: Vec::new(), open: Vec::new(), last: Last::Header };
    for change in changes {
        for (old, new) in pairs(change) {
            parts.file(&change.path, old, new, &mut blob)?;
        }
    }
    parts.done.push(parts.open);
    Ok(parts.done)
}

/// A change as Git shows it: one that makes another kind of thing of a path is a deletion and an addition.
fn pairs(change: &Change) -> Vec<(Option<TreeEntry>, Option<TreeEntry>)> {
    match (change.old, change.new) {
        (Some(old), Some(new)) if kind(old.mode) != kind(new.mode) => {
            vec![(Some(old), None), (None, Some(new))]
        }
        pair => vec![pair],
    }
}

fn kind(mode: FileMode) -> u8 {
    match mode {
        FileMode::File | FileMode::Executable => 0,
        FileMode::Symlink => 1,
        FileMode::Submodule => 2,
        FileMode::Tree => 3,
    }
}

const fn octal(mode: FileMode) -> &'static str {
    match mode {
        FileMode::File => "100644",
        FileMode::Executable => "100755",
        FileMode::Symlink => "120000",
        FileMode::Submodule => "160000",
        FileMode::Tree => "040000",
    }
}

/// What the diff of a file ended with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// A header without lines: a mode that changes, an empty file.
    Header,
    /// Lines.
    Hunk,
    /// The objects of a file that is not text.
    Binary,
}

struct Parts {
    done: Vec<Vec<u8>>,
    open: Vec<u8>,
    last: Last,
}

impl Parts {
    fn flush(&mut self) {
        self.done.push(std::mem::take(&mut self.open));
    }

    /// Adds a line as `patch-id` reads it: up to a NUL, without white space.
    fn line(&mut self, mark: &str, line: &[u8]) {
        self.open.extend(mark.bytes());
        let end = memchr::memchr(0, line).unwrap_or(line.len());
        let seen = line.get(..end).unwrap_or_default();
        self.open.extend(seen.iter().copied().filter(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')));
    }

    fn file<E>(
        &mut self,
        path: &RepoPath,
        old: Option<TreeEntry>,
        new: Option<TreeEntry>,
        blob: &mut impl FnMut(&ObjectId) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<(), E> {
        let (before, after) = (quoted("a/", path), quoted("b/", path));
        if self.last == Last::Hunk {
            self.flush();
        }
        // After a file that is not text `patch-id` passes over the first line of the next.
        if self.last != Last::Binary {
            self.line("diff--git", &[before.as_slice(), &after].concat());
        }
        self.last = Last::Header;
        match (old, new) {
            (None, Some(new)) => self.line("newfilemode", octal(new.mode).as_bytes()),
            (Some(old), None) => self.line("deletedfilemode", octal(old.mode).as_bytes()),
            (Some(old), Some(new)) if old.mode != new.mode => {
                self.line("oldmode", octal(old.mode).as_bytes());
                self.line("newmode", octal(new.mode).as_bytes());
            }
            _ => {}
        }
        if old.map(|entry| entry.id) == new.map(|entry| entry.id) {
            return Ok(());
        }
        let (Some(from), Some(to)) = (content(old, blob)?, content(new, blob)?) else {
            self.objects(old, new);
            return Ok(());
        };
        if from == to {
            return Ok(());
        }
        let nothing = b"/dev/null".as_slice();
        self.line("---", if old.is_some() { &before } else { nothing });
        self.line("+++", if new.is_some() { &after } else { nothing });
        lines::changed(&from, &to, |mark, line| self.line(mark, line));
        self.last = Last::Hunk;
        Ok(())
    }

    /// A file that is not text: its objects.
    fn objects(&mut self, old: Option<TreeEntry>, new: Option<TreeEntry>) {
        let zero =
            |other: Option<TreeEntry>| "0".repeat(other.map_or(40, |entry| entry.id.to_string().len()));
        let hex = |entry: Option<TreeEntry>, other| entry.map_or_else(|| zero(other), |e| e.id.to_string());
        self.line(&hex(old, new), b"");
        self.line(&hex(new, old), b"");
        self.flush();
        self.last = Last::Binary;
    }
}

/// The text of an entry; `None` where it is none, or too large for one.
fn content<E>(
    entry: Option<TreeEntry>,
    blob: &mut impl FnMut(&ObjectId) -> Result<Option<Vec<u8>>, E>,
) -> Result<Option<Vec<u8>>, E> {
    let Some(entry) = entry else { return Ok(Some(Vec::new())) };
    if entry.mode == FileMode::Submodule {
        return Ok(Some(format!("Subproject commit {}\n", entry.id).into_bytes()));
    }
    let text = |bytes: &Vec<u8>| {
        let start = bytes.get(..bytes.len().min(LOOKED_AT)).unwrap_or_default();
        memchr::memchr(0, start).is_none()
    };
    Ok(blob(&entry.id)?.filter(text))
}

/// A path as Git shows it in a header: in quotes and with escapes where a byte asks for it (`core.quotePath`).
fn quoted(prefix: &str, path: &RepoPath) -> Vec<u8> {
    let bytes = path.as_bytes();
    let plain = |byte: &u8| (0x20..0x7f).contains(byte) && !matches!(byte, b'"' | b'\\');
    let mut out = prefix.as_bytes().to_vec();
    if bytes.iter().all(plain) {
        out.extend(bytes);
        return out;
    }
    out.insert(0, b'"');
    for byte in bytes {
        let escape = match byte {
            b'"' | b'\\' => *byte,
            0x07 => b'a',
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0b => b'v',
            0x0c => b'f',
            b'\r' => b'r',
            byte if plain(byte) => {
                out.push(*byte);
                continue;
            }
            byte => {
                out.extend(format!("\\{byte:03o}").bytes());
                continue;
            }
        };
        out.extend([b'\\', escape]);
    }
    out.push(b'"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn change(path: &str, old: Option<u8>, new: Option<u8>) -> Change {
        let entry = |at: u8| TreeEntry { id: ObjectId::from_bytes(&[at; 20]).unwrap(), mode: FileMode::File };
        Change { path: RepoPath::from(path), old: old.map(entry), new: new.map(entry), commit: None }
    }

    /// The id of a change from `old` to `new` at a path.
    fn id(path: &str, old: &str, new: &str) -> PatchId {
        let texts = [old.as_bytes().to_vec(), new.as_bytes().to_vec()];
        let blob = |id: &ObjectId| {
            let first = id.to_string().starts_with("01");
            Ok::<_, Infallible>(Some(texts[usize::from(!first)].clone()))
        };
        patch_id(&[change(path, Some(1), Some(2))], blob).unwrap().unwrap()
    }

    #[test]
    fn a_change_is_the_same_elsewhere_and_another_where_its_surroundings_or_its_lines_differ() {
        let one = id("a.c", "1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\nnew\n5\n6\n7\n8\n");
        let further = "x\ny\nz\n1\n2\n3\n4\n5\n6\n7\n9\n";
        assert_eq!(one, id("a.c", further, &further.replace("4\n", "4\nnew\n")));
        assert_eq!(one, id("a.c", "1\n2\n3\n4\n5\n6\n7\n", "1\n2\n3\n4\n  n ew\r\n5\n6\n7\n"));
        assert_ne!(one, id("b.c", "1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\nnew\n5\n6\n7\n8\n"));
        assert_ne!(one, id("a.c", "1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\nNew\n5\n6\n7\n8\n"));
        assert_ne!(one, id("a.c", "1\n2\n0\n4\n5\n6\n7\n8\n", "1\n2\n0\n4\nnew\n5\n6\n7\n8\n"));
    }

    #[test]
    fn what_is_no_text_counts_as_a_whole() {
        // The objects of these two are called the same here, and their lines are not looked at.
        assert_eq!(id("a", "\0a", "\0b"), id("a", "\0c", "\0d"));
        assert_ne!(id("a", "\0a", "\0b"), id("a", "a", "b"));
        let large = |id: &ObjectId| Ok::<_, Infallible>((id.to_string().starts_with("03")).then(Vec::new));
        let of = |old, new| patch_id(&[change("a", Some(old), Some(new))], large).unwrap();
        assert_eq!(of(1, 2), of(1, 2));
        assert_ne!(of(1, 2), of(1, 4));
        assert_eq!(patch_id(&[], large).unwrap(), None);
    }
}
