//! Where blobs came in: at which paths, and by which commits.
//!
//! Asked of the graph, and only for the few blobs with findings. Every commit object counts, whether or not a ref leads to it,
//! so a commit that was amended away is named as well.

mod introduced;

use super::directories::Environment;
use super::graph::Graph;
use super::{Kinds, Object, Options, Progress, walk_in};
use crate::{Error, Head, Repository};
use gatepost_core::{ObjectId, Problem, RepoPath};
use std::collections::{HashMap, HashSet};

/// How many appearances are listed in all: a tree that holds itself many times over, level for level, has more
/// paths than atoms.
const MAX_APPEARANCES: usize = 1_000_000;

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
/// Reads all trees and commits of the repository, once. Whoever has walked it with [`Options::graph`] asks
/// [`Graph::attribute`] instead, which reads nothing.
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
    let kinds = Kinds { blobs: false, commits: false, tags: false, trees: false };
    let options = Options { threads, max_blob: super::graph::MAX_TREE, kinds, graph: true, shard: None };
    let nobody = |_: &Object<'_>| {};
    let walked = walk_in(repository, &Environment::of_process(), &options, &nobody, &Progress::default())?;
    let mut attribution = walked.graph.map(|graph| graph.attribute(repository, targets)).unwrap_or_default();
    attribution.problems.splice(0..0, walked.problems);
    Ok(attribution)
}

impl Graph {
    /// Finds every path at which one of the `targets` (ids of blobs, or of trees for the paths of directories) ever
    /// stood, and the commits that put it there.
    ///
    /// What could not be written down of the trees and commits is among the problems of the walk, and not repeated.
    #[must_use]
    pub fn attribute(&self, repository: &dyn Repository, targets: &HashSet<ObjectId>) -> Attribution {
        let mut problems = Vec::new();
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
        let targets: Vec<u32> = targets.iter().filter_map(|id| self.numbers.get(id)).collect();
        let (appearances, cut) = introduced::find(self, &targets, tip.as_ref(), MAX_APPEARANCES);
        if cut {
            problems.push(Problem {
                what: format!("only the first {MAX_APPEARANCES} places where blobs appeared are listed"),
                place: None,
                fix: "look at the repository's trees: no honest history nests like that".into(),
            });
        }
        Attribution { appearances, problems }
    }
}
