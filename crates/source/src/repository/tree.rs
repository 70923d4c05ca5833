//! Trees, and what a commit changes in them: by object ids, so that no attribute, filter, rename guess or
//! diff driver can hide a change.

use super::object::Kind;
use super::store::{ObjectStore, read_kind};
use crate::{Error, ErrorKind};
use gatepost_core::{Change, FileMode, ObjectId, RepoPath, TreeEntry};

/// Deeper trees are refused, as Git refuses them (`core.maxTreeDepth`, `environment.c`).
const DEEPEST: usize = 4096;

/// A commit that changes more paths than this is refused: a few crafted trees can name billions.
const MOST_PATHS: usize = 10_000_000;

/// One entry of a tree object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Item {
    pub(crate) name: Vec<u8>,
    pub(crate) entry: TreeEntry,
}

/// The entries of a tree object, sorted by name.
///
/// Git sorts directories as if they ended in `/`; here they are sorted by name alone, so that a file and a directory
/// of one name meet.
pub(crate) fn parse_tree(id: &ObjectId, raw: &[u8], hash_len: usize) -> Result<Vec<Item>, Error> {
    let mut items = Vec::with_capacity(raw.len() / (hash_len + 16));
    let mut rest = raw;
    while !rest.is_empty() {
        let (item, after) =
            parse_item(rest, hash_len).ok_or_else(|| Error::corrupt(id, "a tree with a malformed entry"))?;
        items.push(item);
        rest = after;
    }
    items.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(items)
}

fn parse_item(bytes: &[u8], hash_len: usize) -> Option<(Item, &[u8])> {
    let space = bytes.iter().take(16).position(|&b| b == b' ')?;
    let (digits, rest) = (bytes.get(..space)?, bytes.get(space + 1..)?);
    let mode = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()?;
    let end = rest.iter().position(|&b| b == 0)?;
    let (name, rest) = (rest.get(..end)?, rest.get(end + 1..)?);
    let id = ObjectId::from_bytes(rest.get(..hash_len)?)?;
    // A mode of no known type is a submodule to Git (`canon_mode` in `object.h`).
    let mode = FileMode::from_raw(mode).unwrap_or(FileMode::Submodule);
    Some((Item { name: name.to_vec(), entry: TreeEntry { id, mode } }, rest.get(hash_len..)?))
}

/// The paths whose entry in `tree` differs from the entry in every one of `parents`, sorted; of no parents, every path.
pub(crate) fn changed_paths<S: ObjectStore + ?Sized>(
    store: &S,
    tree: &ObjectId,
    parents: &[ObjectId],
    commit: Option<ObjectId>,
) -> Result<Vec<Change>, Error> {
    let mut comparison =
        Comparison { store, commit, changes: Vec::new(), todo: Vec::new(), buffer: Vec::new() };
    let olds = parents.iter().copied().map(Some).collect();
    comparison.plan(Vec::new(), 0, Some(*tree), olds)?;
    while let Some(job) = comparison.todo.pop() {
        comparison.compare(&job)?;
    }
    let mut changes = comparison.changes;
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(changes)
}

/// What stands at `path` in `tree`.
pub(crate) fn entry_at<S: ObjectStore + ?Sized>(
    store: &S,
    tree: &ObjectId,
    path: &RepoPath,
) -> Result<Option<TreeEntry>, Error> {
    let mut entry = TreeEntry { id: *tree, mode: FileMode::Tree };
    let mut buffer = Vec::new();
    for name in path.as_bytes().split(|&b| b == b'/') {
        if entry.mode != FileMode::Tree {
            return Ok(None);
        }
        let items = read_tree(store, &entry.id, &mut buffer)?;
        match items.into_iter().find(|item| item.name == name) {
            Some(item) => entry = item.entry,
            None => return Ok(None),
        }
    }
    Ok(Some(entry))
}

fn read_tree<S: ObjectStore + ?Sized>(
    store: &S,
    id: &ObjectId,
    buffer: &mut Vec<u8>,
) -> Result<Vec<Item>, Error> {
    read_kind(store, id, Kind::Tree, buffer)?;
    parse_tree(id, buffer, store.hash_len())
}

/// Directories of one path that have to be compared.
struct Job {
    /// The path with a `/` at its end; empty for the root.
    prefix: Vec<u8>,
    depth: usize,
    new: Option<ObjectId>,
    olds: Vec<Option<ObjectId>>,
}

/// A comparison under way. The stack is explicit: how deep the trees are is the pusher's choice.
struct Comparison<'a, S: ?Sized> {
    store: &'a S,
    commit: Option<ObjectId>,
    changes: Vec<Change>,
    todo: Vec<Job>,
    buffer: Vec<u8>,
}

impl<S: ObjectStore + ?Sized> Comparison<'_, S> {
    /// Puts a directory on the stack, unless one of the parents has the same: then none of its paths differs from
    /// every parent.
    fn plan(
        &mut self,
        prefix: Vec<u8>,
        depth: usize,
        new: Option<ObjectId>,
        olds: Vec<Option<ObjectId>>,
    ) -> Result<(), Error> {
        if olds.contains(&new) {
            return Ok(());
        }
        if let (Some(id), true) = (new.or_else(|| olds.iter().copied().flatten().next()), depth > DEEPEST) {
            return Err(Error::corrupt(&id, "trees nested more than 4096 deep"));
        }
        self.todo.push(Job { prefix, depth, new, olds });
        Ok(())
    }

    fn compare(&mut self, job: &Job) -> Result<(), Error> {
        let new = self.items(job.new)?;
        let mut olds = Vec::with_capacity(job.olds.len());
        for old in &job.olds {
            olds.push(self.items(*old)?);
        }
        let mut new_rest = new.as_slice();
        let mut old_rests: Vec<&[Item]> = olds.iter().map(Vec::as_slice).collect();
        loop {
            let heads = std::iter::once(&new_rest).chain(&old_rests).filter_map(|rest| rest.first());
            let Some(name) = heads.map(|item| item.name.as_slice()).min() else { return Ok(()) };
            let new_here = take_named(&mut new_rest, name);
            let olds_here: Vec<&[Item]> = old_rests.iter_mut().map(|rest| take_named(rest, name)).collect();
            let mut path = job.prefix.clone();
            path.extend_from_slice(name);
            self.compare_leaves(&path, new_here, &olds_here)?;
            path.push(b'/');
            self.plan_directories(&path, job.depth.saturating_add(1), new_here, &olds_here)?;
        }
    }

    fn items(&mut self, tree: Option<ObjectId>) -> Result<Vec<Item>, Error> {
        tree.map_or_else(|| Ok(Vec::new()), |id| read_tree(self.store, &id, &mut self.buffer))
    }

    /// A malformed tree can hold one name more than once; then each of its entries is judged.
    fn compare_leaves(&mut self, path: &[u8], new: &[Item], olds: &[&[Item]]) -> Result<(), Error> {
        let old = olds.first().and_then(|items| leaves(items).next());
        let mut none = true;
        for entry in leaves(new) {
            none = false;
            if !olds.iter().any(|items| leaves(items).any(|old| old == entry)) {
                self.push(path, old, Some(entry))?;
            }
        }
        if none && old.is_some() && olds.iter().all(|items| leaves(items).next().is_some()) {
            self.push(path, old, None)?;
        }
        Ok(())
    }

    fn plan_directories(
        &mut self,
        prefix: &[u8],
        depth: usize,
        new: &[Item],
        olds: &[&[Item]],
    ) -> Result<(), Error> {
        let old_ids: Vec<_> = olds.iter().map(|items| directories(items).next()).collect();
        let mut none = true;
        for id in directories(new) {
            none = false;
            self.plan(prefix.to_vec(), depth, Some(id), old_ids.clone())?;
        }
        if none && old_ids.iter().any(Option::is_some) {
            self.plan(prefix.to_vec(), depth, None, old_ids)?;
        }
        Ok(())
    }

    fn push(&mut self, path: &[u8], old: Option<TreeEntry>, new: Option<TreeEntry>) -> Result<(), Error> {
        if self.changes.len() >= MOST_PATHS {
            return Err(Error::new(
                ErrorKind::Unreadable,
                format!("a single change touches more than {MOST_PATHS} paths"),
                "split the change; trees that name so many paths are usually crafted",
            ));
        }
        self.changes.push(Change { path: RepoPath::new(path), old, new, commit: self.commit });
        Ok(())
    }
}

fn leaves(items: &[Item]) -> impl Iterator<Item = TreeEntry> + '_ {
    items.iter().map(|item| item.entry).filter(|entry| entry.mode != FileMode::Tree)
}

fn directories(items: &[Item]) -> impl Iterator<Item = ObjectId> + '_ {
    items.iter().map(|item| item.entry).filter(|entry| entry.mode == FileMode::Tree).map(|entry| entry.id)
}

/// Takes the items called `name` off the front.
fn take_named<'a>(rest: &mut &'a [Item], name: &[u8]) -> &'a [Item] {
    let count = rest.iter().take_while(|item| item.name == name).count();
    let (here, after) = rest.split_at_checked(count).unwrap_or((rest, &[]));
    *rest = after;
    here
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_cut_off_anywhere_is_corrupt_or_shorter() {
        let id = ObjectId::from_hex(&[b'a'; 40]).unwrap();
        let mut raw = Vec::new();
        let mut ends = vec![0];
        for entry in [&b"100644 b"[..], b"40000 a", b"160000 \xff", b"100755 c d"] {
            raw.extend_from_slice(entry);
            raw.push(0);
            raw.extend_from_slice(id.as_bytes());
            ends.push(raw.len());
        }
        for end in 0..=raw.len() {
            let parsed = parse_tree(&id, &raw[..end], 20);
            assert_eq!(parsed.is_ok(), ends.contains(&end), "{end}");
        }
        let names: Vec<_> = parse_tree(&id, &raw, 20).unwrap().into_iter().map(|item| item.name).collect();
        assert_eq!(names, [&b"a"[..], b"b", b"c d", b"\xff"]);
        for bad in [&b"x a\0"[..], b"100644a\0", b" a\0", b"99999999999999999999 a\0"] {
            let bad = [bad, id.as_bytes()].concat();
            assert_eq!(parse_tree(&id, &bad, 20).unwrap_err().kind, ErrorKind::CorruptObject);
        }
    }
}
