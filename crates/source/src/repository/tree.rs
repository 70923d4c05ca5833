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
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Item<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) entry: TreeEntry,
}

/// The entries of a tree object, sorted by name.
///
/// Git sorts directories as if they ended in `/`; here they are sorted by name alone, so that a file and a directory
/// of one name meet.
pub(crate) fn parse_tree<'a>(id: &ObjectId, raw: &'a [u8], hash_len: usize) -> Result<Vec<Item<'a>>, Error> {
    let mut items = Vec::with_capacity(raw.len() / (hash_len + 16));
    let mut rest = raw;
    while !rest.is_empty() {
        let (item, after) =
            parse_item(rest, hash_len).ok_or_else(|| Error::corrupt(id, "a tree with a malformed entry"))?;
        items.push(item);
        rest = after;
    }
    items.sort_by_key(|item| item.name);
    Ok(items)
}

fn parse_item(bytes: &[u8], hash_len: usize) -> Option<(Item<'_>, &[u8])> {
    let space = bytes.iter().take(16).position(|&b| b == b' ')?;
    let (digits, rest) = (bytes.get(..space)?, bytes.get(space + 1..)?);
    let mode = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()?;
    let end = memchr::memchr(0, rest)?;
    let (name, rest) = (rest.get(..end)?, rest.get(end + 1..)?);
    let id = ObjectId::from_bytes(rest.get(..hash_len)?)?;
    // A mode of no known type is a submodule to Git (`canon_mode` in `object.h`).
    let mode = FileMode::from_raw(mode).unwrap_or(FileMode::Submodule);
    Some((Item { name, entry: TreeEntry { id, mode } }, rest.get(hash_len..)?))
}

/// The paths whose entry in `tree` differs from the entry in every one of `parents`, sorted; of no parents, every path.
pub(crate) fn changed_paths<S: ObjectStore + ?Sized>(
    store: &S,
    tree: &ObjectId,
    parents: &[ObjectId],
    commit: Option<ObjectId>,
) -> Result<Vec<Change>, Error> {
    let mut comparison =
        Comparison { store, commit, changes: Vec::new(), todo: Vec::new(), buffers: Vec::new() };
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

fn read_tree<'a, S: ObjectStore + ?Sized>(
    store: &S,
    id: &ObjectId,
    buffer: &'a mut Vec<u8>,
) -> Result<Vec<Item<'a>>, Error> {
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
    /// The trees that are compared, as they are stored.
    buffers: Vec<Vec<u8>>,
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
        let mut buffers = std::mem::take(&mut self.buffers);
        buffers.resize_with(job.olds.len().saturating_add(1), Vec::new);
        let compared = self.compare_in(job, &mut buffers);
        self.buffers = buffers;
        compared
    }

    fn compare_in(&mut self, job: &Job, buffers: &mut [Vec<u8>]) -> Result<(), Error> {
        let trees = std::iter::once(job.new).chain(job.olds.iter().copied());
        let items = |(tree, buffer): (Option<ObjectId>, _)| {
            tree.map_or_else(|| Ok(Vec::new()), |id| read_tree(self.store, &id, buffer))
        };
        let items = trees.zip(buffers).map(items).collect::<Result<Vec<_>, _>>()?;
        let mut rests = items.iter().map(Vec::as_slice);
        let mut new_rest = rests.next().unwrap_or_default();
        let mut old_rests: Vec<&[Item<'_>]> = rests.collect();
        loop {
            skip_same(&mut new_rest, &mut old_rests);
            let heads = std::iter::once(&new_rest).chain(&old_rests).filter_map(|rest| rest.first());
            let Some(name) = heads.map(|item| item.name).min() else { return Ok(()) };
            let new_here = take_named(&mut new_rest, name);
            let olds_here: Vec<&[Item<'_>]> =
                old_rests.iter_mut().map(|rest| take_named(rest, name)).collect();
            let mut path = job.prefix.clone();
            path.extend_from_slice(name);
            self.compare_leaves(&path, new_here, &olds_here)?;
            path.push(b'/');
            self.plan_directories(&path, job.depth.saturating_add(1), new_here, &olds_here)?;
        }
    }

    /// A malformed tree can hold one name more than once; then each of its entries is judged.
    fn compare_leaves(&mut self, path: &[u8], new: &[Item<'_>], olds: &[&[Item<'_>]]) -> Result<(), Error> {
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
        new: &[Item<'_>],
        olds: &[&[Item<'_>]],
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

fn leaves<'a>(items: &'a [Item<'a>]) -> impl Iterator<Item = TreeEntry> + 'a {
    items.iter().map(|item| item.entry).filter(|entry| entry.mode != FileMode::Tree)
}

fn directories<'a>(items: &'a [Item<'a>]) -> impl Iterator<Item = ObjectId> + 'a {
    items.iter().map(|item| item.entry).filter(|entry| entry.mode == FileMode::Tree).map(|entry| entry.id)
}

/// Takes off what is the same in all trees: nearly everything is, and there is nothing to say of it. A name that a malformed tree
/// has more than once stays.
fn skip_same<'a, 'raw>(new: &mut &'a [Item<'raw>], olds: &mut [&'a [Item<'raw>]]) {
    /// The first item, if the next one has another name.
    fn single<'a, 'raw>(rest: &'a [Item<'raw>]) -> Option<&'a Item<'raw>> {
        let first = rest.first()?;
        rest.get(1).is_none_or(|next| next.name != first.name).then_some(first)
    }
    let count = if olds.is_empty() {
        0
    } else {
        let is_same = |at: &usize| {
            let one = new.get(*at..).and_then(single);
            one.is_some() && olds.iter().all(|old| old.get(*at..).and_then(single) == one)
        };
        (0..new.len()).take_while(is_same).count()
    };
    for rest in std::iter::once(new).chain(olds) {
        *rest = rest.get(count..).unwrap_or_default();
    }
}

/// Takes the items called `name` off the front.
fn take_named<'a, 'raw>(rest: &mut &'a [Item<'raw>], name: &[u8]) -> &'a [Item<'raw>] {
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

    #[test]
    fn what_is_the_same_is_skipped_and_a_name_that_is_there_twice_is_not() {
        let entry =
            |digit: u8| TreeEntry { id: ObjectId::from_hex(&[digit; 40]).unwrap(), mode: FileMode::Tree };
        let tree = |items: &[(&'static [u8], u8)]| -> Vec<Item<'static>> {
            items.iter().map(|(name, digit)| Item { name, entry: entry(*digit) }).collect()
        };
        let left = |new: &[(&'static [u8], u8)], olds: &[&[(&'static [u8], u8)]]| {
            let (new, olds) = (tree(new), olds.iter().map(|old| tree(old)).collect::<Vec<_>>());
            let mut new_rest = new.as_slice();
            let mut old_rests: Vec<_> = olds.iter().map(Vec::as_slice).collect();
            skip_same(&mut new_rest, &mut old_rests);
            (new_rest.len(), old_rests.iter().map(|rest| rest.len()).collect::<Vec<_>>())
        };
        let (a, b, other) = ((&b"a"[..], b'1'), (&b"b"[..], b'2'), (&b"b"[..], b'3'));
        assert_eq!(left(&[a, b], &[&[a, b]]), (0, vec![0]));
        assert_eq!(left(&[a, b], &[&[a, other]]), (1, vec![1]));
        assert_eq!(left(&[a, b], &[&[a, b], &[a, other]]), (1, vec![1, 1]));
        assert_eq!(left(&[a, b], &[&[a]]), (1, vec![0]));
        assert_eq!(left(&[a, b, other], &[&[a, b, other]]), (2, vec![2]));
        assert_eq!(left(&[a], &[&[a, a]]), (1, vec![2]));
        assert_eq!(left(&[a, b], &[]), (2, vec![]));
    }
}
