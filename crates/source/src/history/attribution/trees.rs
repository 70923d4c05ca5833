//! Finds the trees that hold the wanted ids, directly or further down.

use super::commits::CommitNode;
use super::ids::{BuildIdHasher, Ids};
use crate::history::{Edit, Object, ObjectKind, Visitor};
use gatepost_core::ObjectId;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many links from trees to their sub-trees are kept in memory, at twelve bytes each.
const MAX_LINKS: usize = 16 << 20;

/// An entry of a tree that leads to something wanted.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: Box<[u8]>,
    pub(super) id: ObjectId,
    pub(super) is_tree: bool,
}

/// The entries that lead to something wanted, by tree.
pub(super) type Entries = HashMap<ObjectId, Vec<Entry>, BuildIdHasher>;

/// One reading of all trees.
pub(super) struct TreePass<'a> {
    wanted: &'a Ids,
    /// How many links were kept; `None`: none are.
    links: Option<AtomicUsize>,
}

impl<'a> TreePass<'a> {
    /// Looks for `wanted`, and keeps which tree is in which.
    pub(super) fn with_links(wanted: &'a Ids) -> Self {
        Self { wanted, links: Some(AtomicUsize::new(0)) }
    }

    /// Looks for `wanted` only.
    pub(super) fn without_links(wanted: &'a Ids) -> Self {
        Self { wanted, links: None }
    }
}

/// What one thread collects.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) commits: Vec<(ObjectId, CommitNode)>,
    entries: Entries,
    /// Every tree that has sub-trees.
    trees: Vec<ObjectId>,
    /// The first eight bytes of a sub-tree's id …
    children: Vec<u64>,
    /// … and its tree, as a place in `trees`. Two ids that begin alike only cost a tree that is read in vain.
    parents: Vec<u32>,
    /// Whether all links were kept.
    linked: bool,
    /// Trees and commits that are not made as Git makes them.
    pub(super) malformed: Vec<ObjectId>,
}

impl Visitor for TreePass<'_> {
    type Worker = Collected;
    type Trace = ();

    fn worker(&self) -> Collected {
        Collected { linked: self.links.is_some(), ..Collected::default() }
    }

    fn visit(&self, worker: &mut Collected, object: &Object<'_>, _: Option<Edit<'_, ()>>) -> Option<()> {
        self.look(worker, object);
        None
    }
}

impl TreePass<'_> {
    fn look(&self, worker: &mut Collected, object: &Object<'_>) {
        let Some(bytes) = object.bytes else { return };
        match object.kind {
            ObjectKind::Tree => self.tree(worker, object.id, bytes),
            ObjectKind::Commit => match CommitNode::parse(bytes) {
                Some(node) => worker.commits.push((object.id, node)),
                None => worker.malformed.push(object.id),
            },
            ObjectKind::Blob | ObjectKind::Tag => {}
        }
    }
}

impl TreePass<'_> {
    fn tree(&self, worker: &mut Collected, id: ObjectId, bytes: &[u8]) {
        let mut found = Vec::new();
        let before = worker.children.len();
        let Ok(number) = u32::try_from(worker.trees.len()) else {
            worker.linked = false;
            return;
        };
        let mut entries = TreeEntries { rest: bytes, hash_len: id.as_bytes().len() };
        for (mode, name, raw) in &mut entries {
            // Some old writers padded the mode.
            let is_tree = mode == b"40000" || mode == b"040000";
            if mode == b"160000" {
                continue; // A submodule: a commit of another repository.
            }
            if let Some(id) = self.wanted.get(raw) {
                found.push(Entry { name: name.into(), id, is_tree });
            }
            if is_tree && worker.linked {
                worker.children.push(prefix(raw));
                worker.parents.push(number);
            }
        }
        if !entries.rest.is_empty() {
            worker.malformed.push(id);
        }
        if !found.is_empty() {
            worker.entries.insert(id, found);
        }
        let added = worker.children.len() - before;
        if added > 0 {
            worker.trees.push(id);
            if let Some(links) = &self.links
                && links.fetch_add(added, Ordering::Relaxed) > MAX_LINKS
            {
                worker.linked = false;
                (worker.trees, worker.children, worker.parents) = Default::default();
            }
        }
    }
}

/// The entries of a tree object: `<mode> <name>`, a NUL and the raw id. It ends at a malformed entry, with bytes left.
pub(in crate::history) struct TreeEntries<'a> {
    /// What is not read yet.
    pub(in crate::history) rest: &'a [u8],
    /// Length of an id in bytes.
    pub(in crate::history) hash_len: usize,
}

impl<'a> Iterator for TreeEntries<'a> {
    type Item = (&'a [u8], &'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let nul = self.rest.iter().position(|&byte| byte == 0)?;
        let (header, tail) = self.rest.split_at_checked(nul)?;
        let (raw, next) = tail.get(1..)?.split_at_checked(self.hash_len)?;
        let space = header.iter().position(|&byte| byte == b' ')?;
        let (mode, name) = (header.get(..space)?, header.get(space + 1..)?);
        self.rest = next;
        Some((mode, name, raw))
    }
}

fn prefix(raw: &[u8]) -> u64 {
    raw.first_chunk::<8>().map_or(0, |&first| u64::from_le_bytes(first))
}

/// What a reading of all trees found.
pub(super) struct Trees {
    /// The entries that lead to something wanted.
    pub(super) entries: Entries,
    links: Vec<Collected>,
}

impl Trees {
    /// Puts together what the threads collected.
    pub(super) fn new(mut collected: Vec<Collected>) -> Self {
        let mut entries = Entries::default();
        for worker in &mut collected {
            entries.extend(std::mem::take(&mut worker.entries));
        }
        if !collected.iter().all(|worker| worker.linked) {
            collected.clear();
        }
        Self { entries, links: collected }
    }

    /// Whether the links say that no tree leads to one of `containing`: then nothing is left to look for.
    pub(super) fn is_complete(&self, containing: &[ObjectId]) -> bool {
        let prefixes: HashSet<u64, BuildIdHasher> =
            containing.iter().map(|id| prefix(id.as_bytes())).collect();
        let mut children = self.links.iter().flat_map(|worker| &worker.children);
        !self.links.is_empty() && !children.any(|child| prefixes.contains(child))
    }

    /// The trees that have to be looked for as well: those that hold something wanted, and with the links everything
    /// above them; without those that are `known` already.
    pub(super) fn containing(&self, known: &HashSet<ObjectId, BuildIdHasher>) -> Vec<ObjectId> {
        let mut all: HashSet<ObjectId, BuildIdHasher> =
            self.entries.keys().filter(|id| !known.contains(*id)).copied().collect();
        let mut level: HashSet<u64, BuildIdHasher> = all.iter().map(|id| prefix(id.as_bytes())).collect();
        let mut seen: Vec<Vec<bool>> =
            self.links.iter().map(|worker| vec![false; worker.trees.len()]).collect();
        while !level.is_empty() {
            let mut next = HashSet::default();
            for (worker, seen) in self.links.iter().zip(&mut seen) {
                for (child, &parent) in worker.children.iter().zip(&worker.parents) {
                    if let Some(seen) = seen.get_mut(parent as usize)
                        && !*seen
                        && level.contains(child)
                        && let Some(&id) = worker.trees.get(parent as usize)
                    {
                        *seen = true;
                        if all.insert(id) && !known.contains(&id) {
                            next.insert(prefix(id.as_bytes()));
                        }
                    }
                }
            }
            level = next;
        }
        all.retain(|id| !known.contains(id));
        all.into_iter().collect()
    }
}
