//! Where blobs came in: at which paths, and by which commits.
//!
//! The history is scanned blob by blob, without paths. Only for the few blobs with findings is it asked
//! afterwards where they stood: their ids are looked for in every tree, the ids of those trees in other trees, and so on
//! up to the trees of commits. Every commit object counts, whether or not a ref leads to it, so a
//! commit that was amended away is named as well.

mod commits;
mod ids;
mod introduced;
pub(super) mod trees;

use super::directories::Environment;
use super::{Kinds, Options, Progress, walk_in};
use crate::{Error, Head, Repository};
use commits::Commits;
use gatepost_core::{ObjectId, Problem, RepoPath};
use ids::{BuildIdHasher, Ids};
use std::collections::{HashMap, HashSet};
use trees::{Collected, TreePass, Trees};

/// How many appearances are listed in all: a tree that holds itself many times over, level for level, has more
/// paths than atoms.
const MAX_APPEARANCES: usize = 1_000_000;

/// The largest tree or commit that is read, in bytes: a tree of some six million entries.
const MAX_TREE: u64 = 256 << 20;

/// A blob at a path, and the commit that put it there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Appearance {
    /// The path.
    pub path: RepoPath,
    /// The commit: it has the blob at the path, and none of its parents has. A commit whose parents are
    /// missing (a shallow clone's last) counts as one without parents. A change of the file mode alone
    /// brings nothing in.
    pub commit: ObjectId,
    /// Whether the blob is at the path in HEAD's commit.
    pub in_tip: bool,
}

/// What [`attribute`] found.
#[derive(Debug, Default)]
pub struct Attribution {
    /// For every blob that a commit has: where it appeared, the earliest commit first (by committer date, then path).
    /// Blobs that no commit has (only staged once, or dangling) are not in the map.
    pub appearances: HashMap<ObjectId, Vec<Appearance>>,
    /// Trees and commits that could not be read, so that appearances may be lacking.
    pub problems: Vec<Problem>,
}

/// Finds every path at which one of the `targets` (ids of blobs, or of trees for the paths of directories) ever stood,
/// and the commits that put it there.
///
/// Reads all trees of the repository once or twice, whatever the number of targets; for histories with more than
/// sixteen million links between trees, once for every level of folders.
///
/// # Errors
///
/// When the object database cannot be read at all.
pub fn attribute(
    repository: &dyn Repository,
    targets: &HashSet<ObjectId>,
    threads: usize,
) -> Result<Attribution, Error> {
    if targets.is_empty() {
        return Ok(Attribution::default());
    }
    let search = Search { repository, environment: Environment::of_process(), threads };
    let mut wanted = Ids::new(targets.iter().copied());
    let (trees, commits, mut problems) = search.first(&wanted)?;
    let trees = follow_up(trees, &mut wanted, |wanted| search.pass(wanted))?;
    let tip = match repository.head() {
        Ok(Head::Branch(_, id) | Head::Detached(id)) => Some(id),
        Ok(Head::Unborn(_)) => None,
        Err(error) => {
            problems.push(Problem {
                what: format!("whether blobs are still in HEAD is not known: {error}"),
                place: Some("HEAD".into()),
                fix: error.fix,
            });
            None
        }
    };
    let (appearances, cut) =
        introduced::find(&commits, &trees.entries, targets, tip.as_ref(), MAX_APPEARANCES);
    if cut {
        problems.push(Problem {
            what: format!("only the first {MAX_APPEARANCES} places where blobs appeared are listed"),
            place: None,
            fix: "look at the repository's trees: no honest history nests like that".into(),
        });
    }
    Ok(Attribution { appearances, problems })
}

/// Follows the trees up to those of commits: reads them again with more and more ids, until nothing is added.
fn follow_up(
    mut trees: Trees,
    wanted: &mut Ids,
    mut pass: impl FnMut(&Ids) -> Result<Trees, Error>,
) -> Result<Trees, Error> {
    let mut known: HashSet<ObjectId, BuildIdHasher> = HashSet::default();
    loop {
        let added = trees.containing(&known);
        if added.is_empty() || trees.is_complete(&added) {
            return Ok(trees);
        }
        wanted.extend(added.iter().copied());
        known.extend(added);
        trees = pass(wanted)?;
    }
}

struct Search<'a> {
    repository: &'a dyn Repository,
    environment: Environment,
    threads: usize,
}

impl Search<'_> {
    /// Reads commits and trees.
    fn first(&self, wanted: &Ids) -> Result<(Trees, Commits, Vec<Problem>), Error> {
        let kinds = Kinds { blobs: false, commits: true, tags: false, trees: true };
        let (workers, mut problems) = self.walk(kinds, &TreePass::with_links(wanted))?;
        let mut commits = Commits::default();
        let mut collected = Vec::new();
        for mut worker in workers {
            commits.extend(std::mem::take(&mut worker.commits));
            problems.extend(worker.malformed.iter().map(|id| Problem {
                what: format!("object {id} is no well-formed tree or commit"),
                place: Some(id.to_string()),
                fix: "run `git fsck`; paths and commits that it leads to may not be named".into(),
            }));
            collected.push(worker);
        }
        Ok((Trees::new(collected), commits, problems))
    }

    /// Reads trees again, with more ids to look for. What cannot be read is known from the first time.
    fn pass(&self, wanted: &Ids) -> Result<Trees, Error> {
        let kinds = Kinds { blobs: false, commits: false, tags: false, trees: true };
        Ok(Trees::new(self.walk(kinds, &TreePass::without_links(wanted))?.0))
    }

    fn walk(&self, kinds: Kinds, pass: &TreePass<'_>) -> Result<(Vec<Collected>, Vec<Problem>), Error> {
        let options =
            Options { threads: self.threads, max_blob: MAX_TREE, kinds, check_links: false, entries: false };
        let progress = Progress::default();
        let mut walked = walk_in(self.repository, &self.environment, &options, pass, &progress)?;
        if walked.too_large > 0 {
            walked.problems.push(Problem {
                what: format!(
                    "{} trees or commits of more than {MAX_TREE} bytes were not searched",
                    walked.too_large
                ),
                place: None,
                fix: "find them with `git cat-file --batch-all-objects --batch-check`".into(),
            });
        }
        Ok((walked.workers, walked.problems))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Object, ObjectKind, Visitor as _};

    fn id(byte: u8) -> ObjectId {
        ObjectId::from_bytes(&[byte; 20]).unwrap()
    }

    fn tree(entries: &[(&str, &str, u8)]) -> Vec<u8> {
        entries
            .iter()
            .flat_map(|(mode, name, byte)| {
                [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &[*byte; 20]].concat()
            })
            .collect()
    }

    /// Blob 1 is in 10, that is in 11, that is in 12; 20 has nothing of it.
    fn read(pass: &TreePass<'_>) -> Trees {
        let mut worker = pass.worker();
        for (byte, bytes) in [
            (12, tree(&[("040000", "c", 11), ("160000", "module", 1)])),
            (20, tree(&[("100644", "x", 2), ("40000", "y", 21)])),
            (11, tree(&[("40000", "b", 10)])),
            (10, tree(&[("100644", "a", 1)])),
        ] {
            let object = Object {
                id: id(byte),
                kind: ObjectKind::Tree,
                size: bytes.len() as u64,
                bytes: Some(&bytes),
            };
            pass.visit(&mut worker, &object, None);
        }
        Trees::new(vec![worker])
    }

    #[test]
    fn with_and_without_links_the_same_trees_are_found() {
        let mut found = Vec::new();
        for with_links in [true, false] {
            let mut wanted = Ids::new([id(1)]);
            let first = if with_links {
                read(&TreePass::with_links(&wanted))
            } else {
                read(&TreePass::without_links(&wanted))
            };
            let mut passes = 0;
            let trees = follow_up(first, &mut wanted, |wanted| {
                passes += 1;
                Ok(read(&TreePass::without_links(wanted)))
            })
            .unwrap();
            assert_eq!(passes, if with_links { 1 } else { 3 });
            let mut rows: Vec<_> = trees
                .entries
                .iter()
                .flat_map(|(tree, list)| list.iter().map(|entry| (*tree, entry.id, entry.is_tree)))
                .collect();
            rows.sort_unstable();
            found.push(rows);
        }
        assert_eq!(found[0], found[1]);
        let links = [(10, 1, false), (11, 10, true), (12, 11, true)];
        assert_eq!(found[0], links.map(|(tree, entry, is_tree)| (id(tree), id(entry), is_tree)));
    }

    /// A tree with a wanted blob of its own may have a folder with another one all the same.
    #[test]
    fn a_folder_in_a_tree_that_is_found_already_is_followed() {
        let read = |pass: &TreePass<'_>| {
            let mut worker = pass.worker();
            for (byte, bytes) in
                [(11, tree(&[("100644", "a", 1), ("40000", "b", 10)])), (10, tree(&[("100644", "a", 2)]))]
            {
                let (id, size, bytes) = (id(byte), bytes.len() as u64, Some(bytes.as_slice()));
                pass.visit(&mut worker, &Object { id, kind: ObjectKind::Tree, size, bytes }, None);
            }
            Trees::new(vec![worker])
        };
        let mut wanted = Ids::new([id(1), id(2)]);
        let first = read(&TreePass::with_links(&wanted));
        let trees =
            follow_up(first, &mut wanted, |wanted| Ok(read(&TreePass::without_links(wanted)))).unwrap();
        let mut entries: Vec<_> = trees.entries[&id(11)].iter().map(|entry| entry.id).collect();
        entries.sort_unstable();
        assert_eq!(entries, [id(1), id(10)]);
    }
}
