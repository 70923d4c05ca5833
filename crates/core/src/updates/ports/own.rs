//! The own commits of a branch: those since it parted from the main line, or since the tag that it starts at.

use super::ledger::{Ledger, line};
use crate::history::Unanswered;
use crate::text::Version;
use crate::updates::versions::in_branch;
use crate::{Commit, ObjectId, RefName};
use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

/// The commits of a branch, merges left out, parents before children.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) commits: Vec<Arc<Commit>>,
    /// Where the branch begins.
    pub(super) starts: Vec<ObjectId>,
    /// All of its commits, the merges too.
    pub(super) ids: HashSet<ObjectId>,
}

impl Ledger<'_> {
    /// The own commits of the branch `from` at `tip`.
    pub(super) fn own(&self, from: &RefName, tip: ObjectId) -> Result<Own, Unanswered> {
        let starts = self.starts(from, tip)?;
        let ids = self.history().commits(&[tip], &starts)?;
        let mut commits = Vec::new();
        for id in &ids {
            commits.extend(self.history().commit(id)?.filter(|commit| commit.parents.len() < 2));
        }
        Ok(Own { commits, starts, ids: ids.into_iter().collect() })
    }

    fn starts(&self, from: &RefName, tip: ObjectId) -> Result<Vec<ObjectId>, Unanswered> {
        // A hotfix names the version that it makes, or the one that it mends: what is older than either is a start.
        // A pre-release of the version is not.
        if let Some(version) = in_branch(from).filter(is_exact) {
            let older = self.tags().filter(|(_, tag, _)| numbers(&tag.version) < numbers(&version));
            let mut tags: Vec<_> = older.map(|(_, tag, target)| (tag.version, target)).collect();
            tags.sort_by_key(|(tag, _)| Reverse((line(tag) == line(&version), numbers(tag))));
            for (_, target) in tags {
                let Some(commit) = self.commit_of(target)? else { continue };
                if self.history().is_ancestor(&commit, &tip)? {
                    return Ok(vec![commit]);
                }
            }
        }
        let mut starts = Vec::new();
        for (name, target) in self.branches().filter(|(name, _)| self.ports.is_target(name)) {
            let is_main_line = name != from && in_branch(name).is_none();
            if is_main_line {
                starts.extend(self.parted(tip, target)?);
            }
        }
        Ok(starts)
    }

    /// The last commit on the own line of `trunk` (its first parents) that `tip` has. A merge of the branch into the main line
    /// does not change it.
    fn parted(&self, tip: ObjectId, trunk: ObjectId) -> Result<Option<ObjectId>, Unanswered> {
        let ahead: HashSet<ObjectId> = self.history().commits(&[trunk], &[tip])?.into_iter().collect();
        let mut at = Some(trunk);
        while let Some(id) = at.filter(|id| ahead.contains(id)) {
            let commit = self.history().commit(&id)?;
            at = commit.and_then(|commit| commit.parents.first().copied());
        }
        Ok(at)
    }
}

/// Whether a version names one release, and not a line of them.
fn is_exact(version: &Version) -> bool {
    version.to_string().split('.').count() > 2
}

/// The numbers of a version, whatever stands behind them.
fn numbers(version: &Version) -> [u64; 4] {
    [0, 1, 2, 3].map(|at| version.number(at))
}
