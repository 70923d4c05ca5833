//! From trees to commits: which commit put a blob at a path.

use super::Appearance;
use crate::history::graph::{Commit, Entry, Graph, Held, NONE};
use crate::history::set::Set;
use gatepost_core::{ObjectId, RepoPath};
use std::collections::{HashMap, HashSet};

/// How deep folders are followed; Git itself refuses more than 2,048 (`core.maxTreeDepth`).
const MAX_DEPTH: usize = 4096;

/// A folder that is compared with the same folder of the parents.
struct Folder<'a> {
    path: Vec<u8>,
    depth: usize,
    entries: &'a [(u32, Entry)],
    parents: Vec<HashMap<(u32, bool), u32>>,
}

/// A search for targets in the trees of commits.
struct Search<'a> {
    graph: &'a Graph,
    held: Held,
    targets: Set,
}

/// Every appearance of every target, the earliest first, but `most` in all; and whether there were more.
pub(super) fn find(
    graph: &Graph,
    targets: &[u32],
    tip: Option<&ObjectId>,
    most: usize,
) -> (HashMap<ObjectId, Vec<Appearance>>, bool) {
    let search = Search::new(graph, targets);
    let trees = graph.trees_of_commits();
    let tree_of = |commit: u32| trees.get(commit as usize).copied().filter(|&tree| tree != NONE);
    let (mut budget, mut cut) = (most, false);
    let mut in_tip = HashSet::new();
    if let Some(root) = tip.and_then(|id| tree_of(graph.numbers.get(id)?)) {
        let mut room = most;
        cut |= !search.descend(root, &[], &mut room, |path, blob| {
            in_tip.insert((path, blob));
        });
    }
    let mut appearances: HashMap<ObjectId, Vec<Appearance>> = HashMap::new();
    for (commit, parents) in search.commits() {
        let parents: Vec<u32> = parents.iter().filter_map(|&parent| tree_of(parent)).collect();
        let Some(id) = graph.numbers.id(commit.object).filter(|_| !parents.contains(&commit.tree)) else {
            continue;
        };
        let mut here = Vec::new();
        cut |= !search.descend(commit.tree, &parents, &mut budget, |path, blob| here.push((path, blob)));
        here.sort_unstable();
        for (path, blob) in here {
            let still = in_tip.contains(&(path.clone(), blob));
            let Some(blob) = graph.numbers.id(blob) else { continue };
            appearances.entry(blob).or_default().push(Appearance {
                path: RepoPath::new(path),
                commit: id,
                in_tip: still,
            });
        }
    }
    (appearances, cut)
}

impl<'a> Search<'a> {
    fn new(graph: &'a Graph, targets: &[u32]) -> Self {
        let mut set = Set::new(graph.numbers.len());
        for &target in targets {
            set.insert(target);
        }
        Self { graph, held: graph.held(targets), targets: set }
    }

    /// The commits whose trees hold a target, by date; of one date by id, so that they are in the same order in every
    /// clone.
    fn commits(&self) -> Vec<(Commit, &'a [u32])> {
        let mut commits: Vec<_> =
            self.graph.commits().filter(|(commit, _)| !self.held.entries(commit.tree).is_empty()).collect();
        let id = |commit: &Commit| self.graph.numbers.id(commit.object);
        commits.sort_unstable_by(|(a, _), (b, _)| a.time.cmp(&b.time).then_with(|| id(a).cmp(&id(b))));
        commits
    }

    /// Calls `found` with every target below `root` that none of the trees `parents` has at the same path; `false` when
    /// there were more than `budget`, or folders too deep.
    fn descend(
        &self,
        root: u32,
        parents: &[u32],
        budget: &mut usize,
        mut found: impl FnMut(Vec<u8>, u32),
    ) -> bool {
        let mut complete = true;
        let mut stack = vec![self.folder(Vec::new(), 0, root, parents)];
        while let Some(folder) = stack.pop() {
            for (_, entry) in folder.entries {
                let theirs: Vec<u32> = folder
                    .parents
                    .iter()
                    .filter_map(|parent| parent.get(&(entry.name, entry.is_tree)).copied())
                    .collect();
                if theirs.contains(&entry.object) {
                    continue;
                }
                let mut path = folder.path.clone();
                if folder.depth > 0 {
                    path.push(b'/');
                }
                let name = self.graph.names.get(entry.name as usize);
                path.extend_from_slice(name.map(|name| &**name).unwrap_or_default());
                if self.targets.contains(entry.object) {
                    let Some(left) = budget.checked_sub(1) else { return false };
                    *budget = left;
                    found(path.clone(), entry.object);
                }
                if entry.is_tree && folder.depth >= MAX_DEPTH {
                    complete = false;
                } else if entry.is_tree && !self.held.entries(entry.object).is_empty() {
                    stack.push(self.folder(path, folder.depth + 1, entry.object, &theirs));
                }
            }
        }
        complete
    }

    fn folder(&self, path: Vec<u8>, depth: usize, tree: u32, parents: &[u32]) -> Folder<'_> {
        let names = |&parent: &u32| {
            let entries = self.held.entries(parent).iter();
            // Of two entries of one name, which Git never writes, the first one counts.
            entries.rev().map(|(_, entry)| ((entry.name, entry.is_tree), entry.object)).collect()
        };
        let entries = self.held.entries(tree);
        Folder { path, depth, entries, parents: parents.iter().map(names).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::graph::testing;

    #[test]
    fn trees_that_hold_themselves_many_times_over_are_cut() {
        // Tree 1 holds the blob; each tree after it holds the one before ten times.
        let folders: Vec<String> = (0..10).map(|at| format!("d{at}")).collect();
        let mut trees = vec![(1, vec![("100644", "f", 200)])];
        for level in 1..=40 {
            trees.push((level + 1, folders.iter().map(|name| ("40000", name.as_str(), level)).collect()));
        }
        let search = |tree: u8, tip: bool, most| {
            let graph = testing::graph(&trees, &[(100, tree)]);
            let blob = graph.numbers.get(&testing::id(200)).unwrap();
            let tip = tip.then(|| testing::id(100));
            let (mut found, cut) = find(&graph, &[blob], tip.as_ref(), most);
            (found.remove(&testing::id(200)).unwrap(), cut)
        };
        // Three levels of ten folders: a thousand paths, which is not too many.
        let (found, cut) = search(4, true, 1000);
        assert_eq!((found.len(), cut), (1000, false));
        assert!(found.iter().all(|appearance| appearance.in_tip));
        let (found, cut) = search(4, false, 999);
        assert_eq!((found.len(), cut), (999, true));
        let (found, cut) = search(41, true, 1000);
        assert_eq!((found.len(), cut), (1000, true));
    }
}
