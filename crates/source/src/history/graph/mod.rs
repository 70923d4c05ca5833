//! How the objects of a history hang together: which trees list what, and which commits have which trees.
//!
//! History is scanned blob by blob, without paths. Where a blob stood is asked afterwards, of the few blobs with findings; and
//! whether everything is here that the history names is asked always: a blob that a tree lists and nobody has was not
//! scanned. Both questions are answered from what is written down of trees and commits while they pass by, once, during
//! the walk.

mod held;
mod missing;
mod numbers;
mod record;
#[cfg(test)]
pub(super) mod testing;

use super::store::Store;
use super::{Edit, Object, ObjectKind};
use crate::RepositoryInfo;
use gatepost_core::{ObjectId, Problem};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

pub(super) use held::Held;
pub(super) use numbers::{NONE, Numbers};
pub(super) use record::{Commit, Entry, Part, TreeTrace};

/// The largest tree that is read, in bytes: one of some six million entries.
pub(super) const MAX_TREE: u64 = 256 << 20;

/// Which trees of a history list what, and which commits have which trees.
///
/// Made by [`walk`](super::walk) with [`Options::graph`](super::Options::graph). It takes some two hundred bytes
/// for each tree, most of them for entries that are new in it, and thirty for each commit.
pub struct Graph {
    pub(super) numbers: Numbers,
    pub(super) parts: Vec<Part>,
    pub(super) names: Vec<Box<[u8]>>,
    problems: Vec<Problem>,
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trees: usize = self.parts.iter().map(Part::len).sum();
        f.debug_struct("Graph")
            .field("trees", &trees)
            .field("names", &self.names.len())
            .finish_non_exhaustive()
    }
}

/// Writes down what passes by, for several threads at once: each has a [`Part`] of its own.
pub(super) struct Recorder {
    numbers: Numbers,
    /// The commits whose parents a shallow clone does not have.
    cut_off: HashSet<ObjectId>,
}

impl Recorder {
    /// A recorder for the objects of a store, or for what Git reads.
    pub(super) fn new(store: Option<Arc<Store>>, info: &RepositoryInfo) -> Option<Self> {
        // Where it is not there the clone is whole. Where it cannot be read, the parents that are cut off count as missing.
        let shallow = std::fs::read(info.common_dir.join("shallow")).unwrap_or_default();
        let cut_off = shallow.split(|&byte| byte == b'\n').filter_map(ObjectId::from_hex).collect();
        Some(Self { numbers: Numbers::new(store)?, cut_off })
    }

    /// Writes down what an object names. `edit` says what was kept of the tree that this one is an edit of.
    pub(super) fn record(
        &self,
        part: &mut Part,
        object: &Object<'_>,
        edit: Option<Edit<'_, TreeTrace>>,
    ) -> Option<TreeTrace> {
        match object.kind {
            ObjectKind::Tree => {
                let edit = edit.map(|Edit { base, stretches }| (base, stretches));
                return part.tree(&self.numbers, object, edit);
            }
            ObjectKind::Commit => part.commit(&self.numbers, object, self.cut_off.contains(&object.id)),
            ObjectKind::Tag => part.tag(&self.numbers, object),
            ObjectKind::Blob => {}
        }
        None
    }

    /// Puts together what the threads wrote down.
    pub(super) fn finish(self, mut parts: Vec<Part>) -> Graph {
        let mut numbers = HashMap::new();
        for part in &mut parts {
            part.rename(&mut numbers);
        }
        let mut names = vec![Box::default(); numbers.len()];
        for (name, number) in numbers {
            if let Some(slot) = names.get_mut(number as usize) {
                *slot = name;
            }
        }
        let problems = problems(&self.numbers, &parts);
        Graph { numbers: self.numbers, parts, names, problems }
    }
}

/// What could not be written down.
fn problems(numbers: &Numbers, parts: &[Part]) -> Vec<Problem> {
    let malformed = parts.iter().flat_map(|part| &part.malformed).map(|id| Problem {
        what: format!("object {id} is no well-formed tree, commit or tag"),
        place: Some(id.to_string()),
        fix: "run `git fsck`; paths and commits that it leads to may not be named".into(),
    });
    let mut problems: Vec<Problem> = malformed.collect();
    let too_large: u64 = parts.iter().map(|part| part.too_large).sum();
    if too_large > 0 {
        problems.push(Problem {
            what: format!("{too_large} trees or commits were too large to be searched for what they name"),
            place: None,
            fix: "find them with `git cat-file --batch-all-objects --batch-check`".into(),
        });
    }
    if !numbers.is_whole() || parts.iter().any(|part| part.is_cut) {
        problems.push(Problem {
            what: "the history has more objects or names than can be told apart".to_owned(),
            place: None,
            fix: "paths and commits of findings may not be named; scan the repository in parts".into(),
        });
    }
    problems
}

impl Graph {
    /// Every name that a file, a directory or a submodule has in any tree, each once.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.names.iter().map(|name| &**name)
    }

    /// The objects that have one of these names in some tree; without submodules, whose commits are elsewhere.
    #[must_use]
    pub fn named(&self, names: &HashSet<&[u8]>) -> HashMap<&[u8], HashSet<ObjectId>> {
        let wanted: HashMap<u32, &[u8]> =
            (0_u32..).zip(self.names()).filter(|(_, name)| names.contains(name)).collect();
        let mut found: HashMap<&[u8], HashSet<ObjectId>> = HashMap::new();
        if wanted.is_empty() {
            return found;
        }
        for entry in self.parts.iter().flat_map(Part::new_entries) {
            if let Some(name) = wanted.get(&entry.name)
                && let Some(id) = self.numbers.id(entry.object)
            {
                found.entry(name).or_default().insert(id);
            }
        }
        found
    }

    /// Trees and commits that could not be written down.
    pub(super) fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The commits and their parents.
    pub(super) fn commits(&self) -> impl Iterator<Item = (Commit, &[u32])> {
        self.parts.iter().flat_map(Part::commits)
    }

    /// The tree of each commit, by the commit's number; [`NONE`] where there is no commit.
    pub(super) fn trees_of_commits(&self) -> Vec<u32> {
        let mut trees = vec![NONE; self.numbers.len()];
        for (commit, _) in self.commits() {
            if let Some(slot) = trees.get_mut(commit.object as usize) {
                *slot = commit.tree;
            }
        }
        trees
    }
}
