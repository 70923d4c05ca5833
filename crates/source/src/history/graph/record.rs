//! What one thread writes down of the trees and commits it sees.
//!
//! Trees are mostly stored as edits of each other, and so they are kept: as entries that are new and runs of entries that
//! are copied from the tree before. Of a thousand versions of a directory little more than what changed is looked at, and
//! all trees of a long history take a few dozen bytes each.

use super::numbers::{NONE, Numbers};
use crate::history::Object;
use gatepost_core::{ObjectId, Stretch};
use std::collections::HashMap;

/// The most entries of one tree, and names in all, that are kept apart: two bits of a word are flags.
const MAX_COUNT: u32 = u32::MAX >> 2;

const IS_COPY: u32 = 1;
const IS_TREE: u32 = 2;

/// No tree before this one.
const NO_BASE: u32 = u32::MAX;

/// One step of what a tree is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// An entry that the tree before does not have.
    New(Entry),
    /// A run of its entries: the first one's place, and how many.
    Copy(u32, u32),
}

/// An entry of a tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::history) struct Entry {
    /// Its name's number.
    pub(in crate::history) name: u32,
    /// Whether it is a directory.
    pub(in crate::history) is_tree: bool,
    /// The object's number; [`NONE`] for a submodule.
    pub(in crate::history) object: u32,
}

/// A step in eight bytes.
#[derive(Clone, Copy)]
struct Packed(u32, u32);

impl Packed {
    const fn step(self) -> Step {
        if self.1 & IS_COPY != 0 {
            Step::Copy(self.0, self.1 >> 2)
        } else {
            Step::New(Entry { name: self.1 >> 2, is_tree: self.1 & IS_TREE != 0, object: self.0 })
        }
    }
}

/// A tree: its number, the tree that it is an edit of, and where its steps begin.
#[derive(Clone, Copy)]
struct Tree {
    object: u32,
    base: u32,
    steps: u32,
}

/// A commit.
#[derive(Clone, Copy)]
pub(in crate::history) struct Commit {
    pub(in crate::history) object: u32,
    pub(in crate::history) tree: u32,
    /// Seconds since 1970, of the committer.
    pub(in crate::history) time: i64,
    /// Where its parents end; they begin where those of the commit before end.
    parents_end: u32,
}

/// What one thread has seen.
#[derive(Default)]
pub(in crate::history) struct Part {
    trees: Vec<Tree>,
    steps: Vec<Packed>,
    commits: Vec<Commit>,
    parents: Vec<u32>,
    /// Annotated tags and what they are of.
    pub(super) tags: Vec<(u32, u32)>,
    names: HashMap<Box<[u8]>, u32>,
    /// Trees and commits that are not made as Git makes them.
    pub(super) malformed: Vec<ObjectId>,
    /// Trees and commits that were too large to be read.
    pub(super) too_large: u64,
    /// Whether something was too much to be kept.
    pub(super) is_cut: bool,
}

/// What is kept of a tree while others are made from it: where its entries begin.
pub(in crate::history) struct TreeTrace {
    tree: u32,
    starts: Vec<u32>,
    end: u32,
}

impl Part {
    /// Writes a tree down.
    pub(super) fn tree(
        &mut self,
        numbers: &Numbers,
        object: &Object<'_>,
        edit: Option<(&TreeTrace, &[Stretch])>,
    ) -> Option<TreeTrace> {
        let Some(bytes) = object.bytes else {
            self.too_large += 1;
            return None;
        };
        let places = (u32::try_from(self.trees.len()), u32::try_from(self.steps.len()));
        let (Ok(tree), Ok(steps), Ok(_)) = (places.0, places.1, u32::try_from(bytes.len())) else {
            self.is_cut = true;
            return None;
        };
        let number = numbers.of(&object.id);
        let base = edit.as_ref().map_or(NO_BASE, |(base, _)| base.tree);
        self.trees.push(Tree { object: number, base, steps });
        let mut starts = Vec::with_capacity(edit.as_ref().map_or(8, |(base, _)| base.starts.len() + 8));
        let hash_len = object.id.as_bytes().len();
        let mut stretches = edit.map_or(&[][..], |(_, stretches)| stretches).iter().peekable();
        let mut at = 0;
        while at < bytes.len() {
            while stretches.next_if(|stretch| stretch.range.end <= at).is_some() {}
            let copied = edit.zip(stretches.peek()).and_then(|((base, _), stretch)| base.copied(at, stretch));
            if let Some((from, run, next)) = copied {
                self.push(Packed(from, (run.len() as u32) << 2 | IS_COPY));
                let first = run.first().copied().unwrap_or_default();
                starts.extend(run.iter().map(|&start| (start - first).wrapping_add(at as u32)));
                at = next;
                continue;
            }
            let Some((entry, next)) = bytes.get(at..).and_then(|rest| RawEntry::parse(rest, hash_len)) else {
                self.malformed.push(object.id);
                break;
            };
            starts.push(at as u32);
            self.entry(numbers, &entry);
            at += next;
        }
        Some(TreeTrace { tree, starts, end: at as u32 })
    }

    fn entry(&mut self, numbers: &Numbers, raw: &RawEntry<'_>) {
        let name = match self.names.get(raw.name) {
            Some(&name) => name,
            None => {
                let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
                self.names.insert(raw.name.into(), number);
                number
            }
        };
        if name > MAX_COUNT {
            self.is_cut = true;
            return;
        }
        // Some old writers padded the mode.
        let is_tree = raw.mode == b"40000" || raw.mode == b"040000";
        let object = match raw.mode {
            // A submodule: a commit of another repository.
            b"160000" => NONE,
            _ => ObjectId::from_bytes(raw.id).map_or(NONE, |id| numbers.of(&id)),
        };
        self.push(Packed(object, name << 2 | if is_tree { IS_TREE } else { 0 }));
    }

    fn push(&mut self, step: Packed) {
        self.steps.push(step);
    }

    /// Writes a commit down. A commit whose parents are cut off (the last of a shallow clone) has none.
    pub(super) fn commit(&mut self, numbers: &Numbers, object: &Object<'_>, is_cut_off: bool) {
        let Some(bytes) = object.bytes else {
            self.too_large += 1;
            return;
        };
        let Some(headers) = CommitHeaders::parse(bytes) else {
            self.malformed.push(object.id);
            return;
        };
        if !is_cut_off {
            self.parents.extend(headers.parents.iter().map(|id| numbers.of(id)));
        }
        let Ok(parents_end) = u32::try_from(self.parents.len()) else {
            self.is_cut = true;
            return;
        };
        self.commits.push(Commit {
            object: numbers.of(&object.id),
            tree: numbers.of(&headers.tree),
            time: headers.time,
            parents_end,
        });
    }

    /// Writes an annotated tag down.
    pub(super) fn tag(&mut self, numbers: &Numbers, object: &Object<'_>) {
        let Some(bytes) = object.bytes else {
            self.too_large += 1;
            return;
        };
        let target = bytes.split(|&byte| byte == b'\n').next().and_then(|line| line.strip_prefix(b"object "));
        match target.and_then(ObjectId::from_hex) {
            Some(target) => self.tags.push((numbers.of(&object.id), numbers.of(&target))),
            None => self.malformed.push(object.id),
        }
    }

    /// The commits and their parents.
    pub(super) fn commits(&self) -> impl Iterator<Item = (Commit, &[u32])> {
        let mut start = 0;
        self.commits.iter().map(move |&commit| {
            let end = commit.parents_end as usize;
            let parents = self.parents.get(start..end).unwrap_or_default();
            start = end;
            (commit, parents)
        })
    }

    /// The trees, each after the one that it is an edit of: its number, that one's place in this order, and its steps.
    pub(super) fn trees(
        &self,
    ) -> impl Iterator<Item = (u32, Option<usize>, impl Iterator<Item = Step> + Clone)> {
        let ends = self.trees.iter().skip(1).map(|tree| tree.steps as usize).chain([self.steps.len()]);
        self.trees.iter().zip(ends).map(|(tree, end)| {
            let steps = self.steps.get(tree.steps as usize..end).unwrap_or_default();
            let base = (tree.base != NO_BASE).then_some(tree.base as usize);
            (tree.object, base, steps.iter().map(|step| step.step()))
        })
    }

    /// How many trees there are.
    pub(super) fn len(&self) -> usize {
        self.trees.len()
    }

    /// Every entry, where it is new.
    pub(super) fn new_entries(&self) -> impl Iterator<Item = Entry> {
        self.steps.iter().filter_map(|step| match step.step() {
            Step::New(entry) => Some(entry),
            Step::Copy(..) => None,
        })
    }

    /// Gives this part's names the numbers that they have among `all`, adding those that are not there yet.
    pub(super) fn rename(&mut self, all: &mut HashMap<Box<[u8]>, u32>) {
        let own = std::mem::take(&mut self.names);
        if all.is_empty() {
            *all = own;
            return;
        }
        let mut numbers = vec![0; own.len()];
        for (name, number) in own {
            let next = u32::try_from(all.len()).unwrap_or(u32::MAX);
            if let Some(slot) = numbers.get_mut(number as usize) {
                *slot = *all.entry(name).or_insert(next);
                self.is_cut |= *slot > MAX_COUNT;
            }
        }
        for step in self.steps.iter_mut().filter(|step| step.1 & IS_COPY == 0) {
            let name = numbers.get((step.1 >> 2) as usize).copied().unwrap_or_default();
            step.1 = name << 2 | step.1 & IS_TREE;
        }
    }
}

impl TreeTrace {
    /// The run of this tree's entries that stands whole at `at` in another tree, where `stretch` of it goes on: the first
    /// one's place, where they begin in this tree, and where they end in the other one.
    fn copied(&self, at: usize, stretch: &Stretch) -> Option<(u32, &[u32], usize)> {
        let from = stretch.from?.checked_add(at.checked_sub(stretch.range.start)?)?;
        let first = self.starts.binary_search(&u32::try_from(from).ok()?).ok()?;
        let room = stretch.range.end.checked_sub(at)?;
        let limit = from.checked_add(room)?;
        // An entry ends where the next one begins.
        let tail = self.starts.get(first..)?;
        let within = tail.partition_point(|&start| start as usize <= limit);
        let (count, end) = if self.end as usize <= limit {
            (tail.len(), self.end as usize)
        } else {
            let last = within.checked_sub(1)?;
            (last, *tail.get(last)? as usize)
        };
        let run = tail.get(..count).filter(|run| !run.is_empty() && run.len() < MAX_COUNT as usize)?;
        Some((u32::try_from(first).ok()?, run, at.checked_add(end.checked_sub(from)?)?))
    }
}

/// An entry as a tree object has it: `<mode> <name>`, a NUL and the raw id.
struct RawEntry<'a> {
    mode: &'a [u8],
    name: &'a [u8],
    id: &'a [u8],
}

impl<'a> RawEntry<'a> {
    /// The first entry of `bytes`, and how long it is.
    fn parse(bytes: &'a [u8], hash_len: usize) -> Option<(Self, usize)> {
        let nul = memchr::memchr(0, bytes)?;
        let (header, tail) = bytes.split_at_checked(nul)?;
        let id = tail.get(1..)?.get(..hash_len)?;
        let space = memchr::memchr(b' ', header)?;
        let (mode, name) = (header.get(..space)?, header.get(space + 1..)?);
        Some((Self { mode, name, id }, nul + 1 + hash_len))
    }
}

/// What is needed of a commit.
struct CommitHeaders {
    tree: ObjectId,
    parents: Vec<ObjectId>,
    time: i64,
}

impl CommitHeaders {
    /// Parses a commit object's header; `None` without a tree.
    fn parse(bytes: &[u8]) -> Option<Self> {
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
        Some(Self { tree: tree?, parents, time })
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
        let commit = CommitHeaders::parse(text.as_bytes()).unwrap();
        assert_eq!(commit.tree.to_string(), tree);
        assert_eq!(commit.parents.iter().map(ToString::to_string).collect::<Vec<_>>(), [parent]);
        assert_eq!(commit.time, 1_700_000_000);
        assert!(CommitHeaders::parse(b"author x\n\ntree\n").is_none());
    }
}
