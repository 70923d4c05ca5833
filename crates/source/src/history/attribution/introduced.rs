//! From trees to commits: which commit put a blob at a path.

use super::Appearance;
use super::commits::{CommitNode, Commits};
use super::trees::{Entries, Entry};
use gatepost_core::{ObjectId, RepoPath};
use std::collections::{HashMap, HashSet};

/// How deep folders are followed; Git itself refuses more than 2,048 (`core.maxTreeDepth`).
const MAX_DEPTH: usize = 4096;

/// A folder that is compared with the same folder of the parents.
struct Folder<'a> {
    path: Vec<u8>,
    depth: usize,
    entries: &'a [Entry],
    parents: Vec<&'a [Entry]>,
}

/// Every appearance of every target, the earliest first, but `most` in all; and whether there were more.
pub(super) fn find(
    commits: &Commits,
    trees: &Entries,
    targets: &HashSet<ObjectId>,
    tip: Option<&ObjectId>,
    most: usize,
) -> (HashMap<ObjectId, Vec<Appearance>>, bool) {
    let (mut budget, mut cut) = (most, false);
    let mut in_tip = HashSet::new();
    if let Some(root) = tip.and_then(|id| commits.get(id)).and_then(|commit| trees.get(&commit.tree)) {
        let mut room = most;
        cut |= !descend(root, Vec::new(), trees, targets, &mut room, |path, id| {
            in_tip.insert((path, id));
        });
    }
    let mut order: Vec<(&ObjectId, &CommitNode)> =
        commits.iter().filter(|(_, commit)| trees.contains_key(&commit.tree)).collect();
    order.sort_by_key(|(id, commit)| (commit.time, **id));
    let mut appearances: HashMap<ObjectId, Vec<Appearance>> = HashMap::new();
    for (id, commit) in order {
        let parents: Vec<&ObjectId> =
            commit.parents.iter().filter_map(|parent| Some(&commits.get(parent)?.tree)).collect();
        let Some(root) = trees.get(&commit.tree).filter(|_| !parents.contains(&&commit.tree)) else {
            continue;
        };
        let parents = parents.into_iter().filter_map(|tree| trees.get(tree)).map(Vec::as_slice).collect();
        let mut here = Vec::new();
        cut |= !descend(root, parents, trees, targets, &mut budget, |path, blob| here.push((path, blob)));
        here.sort();
        for (path, blob) in here {
            let still = in_tip.contains(&(path.clone(), blob));
            appearances.entry(blob).or_default().push(Appearance {
                path: RepoPath::new(path),
                commit: *id,
                in_tip: still,
            });
        }
    }
    (appearances, cut)
}

/// Calls `found` with every target below `root` that none of `parents` has at the same path; `false` when there
/// were more than `budget`, or folders too deep.
fn descend(
    root: &[Entry],
    parents: Vec<&[Entry]>,
    trees: &Entries,
    targets: &HashSet<ObjectId>,
    budget: &mut usize,
    mut found: impl FnMut(Vec<u8>, ObjectId),
) -> bool {
    let mut complete = true;
    let mut stack = vec![Folder { path: Vec::new(), depth: 0, entries: root, parents }];
    while let Some(folder) = stack.pop() {
        for entry in folder.entries {
            let same = |other: &&Entry| other.name == entry.name && other.is_tree == entry.is_tree;
            let theirs: Vec<&Entry> =
                folder.parents.iter().filter_map(|list| list.iter().find(same)).collect();
            if theirs.iter().any(|other| other.id == entry.id) {
                continue;
            }
            let mut path = folder.path.clone();
            if folder.depth > 0 {
                path.push(b'/');
            }
            path.extend_from_slice(&entry.name);
            if targets.contains(&entry.id) {
                let Some(left) = budget.checked_sub(1) else { return false };
                *budget = left;
                found(path.clone(), entry.id);
            }
            if entry.is_tree {
                let Some(entries) = trees.get(&entry.id) else { continue };
                if folder.depth >= MAX_DEPTH {
                    complete = false;
                    continue;
                }
                let parents =
                    theirs.iter().filter_map(|other| trees.get(&other.id)).map(Vec::as_slice).collect();
                stack.push(Folder { path, depth: folder.depth + 1, entries, parents });
            }
        }
    }
    complete
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(byte: u8) -> ObjectId {
        ObjectId::from_bytes(&[byte; 20]).unwrap()
    }

    #[test]
    fn trees_that_hold_themselves_many_times_over_are_cut() {
        let entry =
            |name: String, byte, is_tree| Entry { name: name.into_bytes().into(), id: id(byte), is_tree };
        let mut trees = Entries::default();
        trees.insert(id(1), vec![entry("f".into(), 0, false)]);
        for level in 1..=40 {
            let folders = (0..10).map(|at| entry(format!("d{at}"), level, true)).collect();
            trees.insert(id(level + 1), folders);
        }
        let node = |tree| CommitNode { tree: id(tree), parents: Box::default(), time: 0 };
        let targets = HashSet::from([id(0)]);
        // Three levels of ten folders: a thousand paths, which is not too many.
        let small = Commits::from_iter([(id(100), node(4))]);
        let (found, cut) = find(&small, &trees, &targets, Some(&id(100)), 1000);
        assert_eq!((found[&id(0)].len(), cut), (1000, false));
        assert!(found[&id(0)].iter().all(|appearance| appearance.in_tip));
        let (found, cut) = find(&small, &trees, &targets, None, 999);
        assert_eq!((found[&id(0)].len(), cut), (999, true));
        let bomb = Commits::from_iter([(id(100), node(41))]);
        let (found, cut) = find(&bomb, &trees, &targets, Some(&id(100)), 1000);
        assert_eq!((found[&id(0)].len(), cut), (1000, true));
    }
}
