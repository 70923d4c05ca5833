//! What branches owe, with the refs as a push leaves them.

use super::{Owed, PortState, Ports, Row, is_from};
use crate::change::Push;
use crate::coverage::SkipReason;
use crate::history::{History, Unanswered};
use crate::report::Problem;
use crate::text::{Tagged, Version};
use crate::updates::reach::Reach;
use crate::updates::versions::{in_branch, short_tag};
use crate::{ObjectId, RefName, RefUpdate};
use std::collections::{BTreeMap, HashSet};

/// The refs as a push leaves them, and what one block asks of them.
pub(in crate::updates) struct Ledger<'a> {
    push: &'a Push<'a>,
    pub(super) ports: &'a Ports,
    reach: &'a Reach,
    refs: BTreeMap<RefName, ObjectId>,
}

impl<'a> Ledger<'a> {
    pub(in crate::updates) fn new(push: &'a Push<'a>, ports: &'a Ports, reach: &'a Reach) -> Self {
        let known = push.tags_here.iter().chain(push.refs);
        let mut refs: BTreeMap<RefName, ObjectId> =
            known.map(|reference| (reference.name.clone(), reference.target)).collect();
        for update in push.moving {
            match update.new {
                Some(new) => refs.insert(update.name.clone(), new),
                None => refs.remove(&update.name),
            };
        }
        Self { push, ports, reach, refs }
    }

    pub(super) fn history(&self) -> &'a dyn History {
        self.push.history
    }

    pub(super) fn branches(&self) -> impl Iterator<Item = (&RefName, ObjectId)> {
        self.refs.iter().filter(|(name, _)| name.branch().is_some()).map(|(name, id)| (name, *id))
    }

    /// Tags with a version in their name.
    pub(super) fn tags(&self) -> impl Iterator<Item = (&RefName, Tagged<'_>, ObjectId)> {
        self.refs.iter().filter_map(|(name, id)| Some((name, Tagged::new(short_tag(name)?)?, *id)))
    }

    /// The commit that a tag leads to.
    pub(super) fn commit_of(&self, id: ObjectId) -> Result<Option<ObjectId>, Unanswered> {
        Ok(self.history().peel(&id)?.commit.map(|commit| commit.id))
    }

    /// The branches that owe something to others by this block, with their tips.
    pub(in crate::updates) fn sources(&self) -> Vec<(RefName, ObjectId)> {
        let sources = self.branches().filter(|(name, _)| is_from(self.reach, name));
        sources.map(|(name, tip)| (name.clone(), tip)).collect()
    }

    /// Where the commits of a branch belong as well: the main line, and the release lines that are not older than its own.
    fn targets(&self, from: &RefName) -> Result<Vec<(RefName, ObjectId)>, Unanswered> {
        let line = |name: &RefName| in_branch(name).as_ref().map(line);
        let own = line(from);
        let targets = self.branches().filter(|(name, _)| *name != from && self.ports.is_target(name));
        let targets: Vec<_> = targets.map(|(name, tip)| (name.clone(), tip)).collect();
        if targets.is_empty() {
            return Err(no_target(from));
        }
        let is_meant = |name: &RefName| match line(name) {
            None => true,
            Some(line) => self.ports.is_active(name) && own.is_none_or(|own| line >= own),
        };
        Ok(targets.into_iter().filter(|(name, _)| is_meant(name)).collect())
    }

    /// Every own commit of a branch, and what has become of it on each target.
    pub(in crate::updates) fn rows(&self, from: &RefName, tip: ObjectId) -> Result<Vec<Row>, Unanswered> {
        let own = self.own(from, tip)?;
        let mut rows = Vec::new();
        for (to, target) in self.targets(from)? {
            let states = self.states(&own, tip, target)?;
            for (commit, state) in own.commits.iter().zip(states) {
                let row = |state: PortState| Row {
                    commit: commit.clone(),
                    from: from.clone(),
                    to: to.clone(),
                    state,
                };
                rows.extend(state.map(row));
            }
        }
        Ok(rows)
    }

    /// Of the commits that a forced update takes from a branch, those that were released: nobody would ask for them again.
    pub(in crate::updates) fn rows_lost(
        &self,
        from: &RefName,
        old: ObjectId,
        new: ObjectId,
    ) -> Result<Vec<Row>, Unanswered> {
        let history = self.history();
        let lost: HashSet<ObjectId> = history.commits(&[old], &[new])?.into_iter().collect();
        if lost.is_empty() {
            return Ok(Vec::new());
        }
        let mut released = Vec::new();
        for (_, tag, target) in self.tags() {
            if tag.version.pre_release().is_empty() {
                released.extend(self.commit_of(target)?.filter(|commit| lost.contains(commit)));
            }
        }
        if released.is_empty() {
            return Ok(Vec::new());
        }
        let unreleased: HashSet<ObjectId> = history.commits(&[old], &released)?.into_iter().collect();
        let mut rows = self.rows(from, old)?;
        rows.retain(|row| lost.contains(&row.commit.id) && !unreleased.contains(&row.commit.id));
        Ok(rows)
    }

    /// What must be ported before a tag is made: what was released before it on its line, or on a branch that has both.
    pub(in crate::updates) fn rows_before(&self, tag: &RefUpdate) -> Result<Vec<Owed>, Unanswered> {
        let (history, mut held) = (self.history(), Vec::new());
        let made = short_tag(&tag.name).and_then(Tagged::new);
        let (Some(made), Some(new)) = (made, tag.new) else { return Ok(held) };
        let Some(at) = self.commit_of(new)? else { return Ok(held) };
        let moves = |name: &RefName| self.push.moving.iter().any(|update| update.name == *name);
        let mut earlier = Vec::new();
        for (name, other, target) in self.tags() {
            if *name == tag.name || !other.version.pre_release().is_empty() || other.series != made.series {
                continue;
            }
            let Some(commit) = self.commit_of(target)? else { continue };
            // Two tags of one commit in one push are two names of one release.
            if commit == at && moves(name) {
                continue;
            }
            earlier.push((name, other, commit));
        }
        for (from, tip) in self.sources() {
            let own = self.own(&from, tip)?;
            let mut releases = Vec::new();
            for (name, other, commit) in earlier.iter().filter(|(_, _, commit)| own.ids.contains(commit)) {
                let is_line =
                    line(&other.version) == line(&made.version) || history.is_ancestor(&at, &tip)?;
                if is_line && history.is_ancestor(commit, &at)? {
                    releases.push((*name, *commit));
                }
            }
            if releases.is_empty() {
                continue;
            }
            let rows = self.rows(&from, tip)?;
            let mut seen = HashSet::new();
            for (name, commit) in releases {
                let later: HashSet<ObjectId> = history.commits(&[tip], &[commit])?.into_iter().collect();
                for row in rows.iter().filter(|row| !later.contains(&row.commit.id)) {
                    if seen.insert((row.commit.id, row.to.clone())) {
                        held.push(Owed { row: row.clone(), released: Some(name.clone()) });
                    }
                }
            }
        }
        Ok(held)
    }
}

fn no_target(from: &RefName) -> Unanswered {
    Unanswered {
        reason: SkipReason::Unreadable,
        problem: Problem {
            what: "no branch matches `forward-port-to`, so nobody can tell what was ported".to_owned(),
            place: Some(from.escaped().into_owned()),
            fix: "correct `forward-port-to` in the policy; at home, fetch the branches that it names: `git fetch`"
                .to_owned(),
        },
    }
}

/// The line of a version: `1.4` of `1.4.3`.
pub(super) fn line(version: &Version) -> [u64; 2] {
    [0, 1].map(|at| version.number(at))
}
