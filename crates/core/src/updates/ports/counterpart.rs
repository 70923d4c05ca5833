//! The counterpart of a commit on a target.

use super::PortState;
use super::ledger::Ledger;
use super::own::Own;
use crate::history::Unanswered;
use crate::updates::subject::{picked_from, title};
use crate::{Commit, ObjectId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A trailer that says why a picked commit differs from its origin.
const REASON: &str = "conflict-resolved:";

/// What a message gives as the reason why it differs.
pub(in crate::updates) fn reason(message: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(message);
    let given = text.lines().find_map(|line| {
        let (key, reason) = line.split_at_checked(REASON.len())?;
        key.eq_ignore_ascii_case(REASON).then(|| reason.trim().to_owned())
    });
    given.filter(|reason| !reason.is_empty())
}

/// What a target has that the branch has not.
#[derive(Default)]
pub(super) struct There {
    /// By the commits that they say they were picked from, and by themselves.
    linked: HashMap<ObjectId, Vec<Arc<Commit>>>,
    titled: HashMap<String, Vec<Arc<Commit>>>,
}

impl There {
    fn new(commits: Vec<Arc<Commit>>) -> Self {
        let mut there = Self::default();
        for commit in commits {
            for id in links(&commit) {
                there.linked.entry(id).or_default().push(Arc::clone(&commit));
            }
            there.titled.entry(title(&commit)).or_default().push(commit);
        }
        there
    }
}

/// A commit and those that it says it was picked from.
fn links(commit: &Commit) -> HashSet<ObjectId> {
    picked_from(&commit.message).into_iter().chain([commit.id]).collect()
}

impl Ledger<'_> {
    /// What has become of each of `own` on a target; of those that change nothing, nothing.
    pub(super) fn states(
        &self,
        own: &Own,
        tip: ObjectId,
        target: ObjectId,
    ) -> Result<Vec<Option<PortState>>, Unanswered> {
        let history = self.history();
        let absent: HashSet<ObjectId> = history.commits(&[tip], &[target])?.into_iter().collect();
        let dropped = self.dropped(own, target)?;
        let is_there = |id| !absent.contains(id) && !dropped.contains_key(id);
        let there = if own.commits.iter().all(|commit| is_there(&commit.id)) {
            There::default()
        } else {
            let mut commits = Vec::new();
            for id in history.commits(&[target], &[tip])? {
                commits.extend(history.commit(&id)?.filter(|commit| commit.parents.len() < 2));
            }
            There::new(commits)
        };
        let mut states = Vec::new();
        for commit in &own.commits {
            states.push(if is_there(&commit.id) {
                Some(PortState::Merged)
            } else {
                self.counterpart(commit, &there, target, dropped.get(&commit.id).copied())?
            });
        }
        self.take_back(own, &mut states)?;
        Ok(states)
    }

    fn counterpart(
        &self,
        commit: &Commit,
        there: &There,
        target: ObjectId,
        dropped: Option<ObjectId>,
    ) -> Result<Option<PortState>, Unanswered> {
        let history = self.history();
        let Some(patch) = history.patch_id(&commit.id)? else { return Ok(None) };
        let mut linked: Vec<Arc<Commit>> =
            links(commit).iter().filter_map(|id| there.linked.get(id)).flatten().cloned().collect();
        for origin in picked_from(&commit.message) {
            let Some(origin) = history.named_commit(&origin)? else { continue };
            if origin.parents.len() < 2 && history.is_ancestor(&origin.id, &target)? {
                linked.push(origin);
            }
        }
        linked.sort_by_key(|other| other.id);
        linked.dedup_by_key(|other| other.id);
        for other in &linked {
            if history.patch_id(&other.id)? == Some(patch) {
                return Ok(Some(PortState::Picked(other.id)));
            }
        }
        for other in &linked {
            let is_later = picked_from(&commit.message).contains(&other.id);
            let given = reason(&other.message).or_else(|| reason(&commit.message).filter(|_| is_later));
            if let Some(given) = given.filter(|_| history.patch_id(&other.id).is_ok())
                && self.share_a_file(commit, other)?
            {
                return Ok(Some(PortState::Resolved(other.id, given)));
            }
        }
        if let Some(other) = linked.first() {
            return Ok(Some(PortState::Differs(other.id)));
        }
        for other in there.titled.get(&title(commit)).into_iter().flatten() {
            if history.patch_id(&other.id)? == Some(patch) {
                // The merge is the record that the two belong together.
                let state = if dropped.is_some() { PortState::Picked } else { PortState::Unnamed };
                return Ok(Some(state(other.id)));
            }
        }
        Ok(Some(dropped.map_or(PortState::Missing, PortState::Dropped)))
    }

    /// Whether two commits change a file of one name: a file that has moved keeps its name more often than not.
    fn share_a_file(&self, one: &Commit, other: &Commit) -> Result<bool, Unanswered> {
        let names = |id: &ObjectId| -> Result<HashSet<Vec<u8>>, Unanswered> {
            let changes = self.history().changes(id)?;
            Ok(changes.iter().map(|change| change.path.file_name().to_vec()).collect())
        };
        Ok(!names(&one.id)?.is_disjoint(&names(&other.id)?))
    }

    /// Own commits that a merge on the target's line brought without taking anything: its tree is that of its first parent.
    fn dropped(&self, own: &Own, target: ObjectId) -> Result<HashMap<ObjectId, ObjectId>, Unanswered> {
        let history = self.history();
        let since: HashSet<ObjectId> = history.commits(&[target], &own.starts)?.into_iter().collect();
        let (mut dropped, mut at) = (HashMap::new(), Some(target));
        while let Some(id) = at.filter(|id| since.contains(id)) {
            let Some(commit) = history.commit(&id)? else { break };
            at = commit.parents.first().copied();
            let (Some(first), Some(others)) = (commit.parents.first(), commit.parents.get(1..)) else {
                continue;
            };
            if others.is_empty() {
                continue;
            }
            let before = history.commit(first)?;
            if before.is_some_and(|before| before.tree == commit.tree) {
                let brought = history.commits(others, &[*first])?;
                dropped.extend(brought.into_iter().filter(|id| own.ids.contains(id)).map(|own| (own, id)));
            }
        }
        Ok(dropped)
    }

    /// Commits that a later one of the branch takes back need not be ported, and neither need that one.
    fn take_back(&self, own: &Own, states: &mut [Option<PortState>]) -> Result<(), Unanswered> {
        let places: HashMap<ObjectId, usize> =
            own.commits.iter().enumerate().map(|(at, commit)| (commit.id, at)).collect();
        let is_owed = |state: Option<&Option<PortState>>| {
            state.is_some_and(|s| s.as_ref().is_some_and(PortState::is_owed))
        };
        for (at, commit) in own.commits.iter().enumerate().rev() {
            for reverted in reverted(&commit.message) {
                let Some(&before) = places.get(&reverted).filter(|before| **before < at) else { continue };
                if !is_owed(states.get(at)) || !is_owed(states.get(before)) {
                    continue;
                }
                if self.history().reverse_patch_id(&commit.id)? == self.history().patch_id(&reverted)? {
                    for (place, other) in [(at, reverted), (before, commit.id)] {
                        if let Some(state) = states.get_mut(place) {
                            *state = Some(PortState::Reverted(other));
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// The commits that a message says it reverts (`git revert`).
fn reverted(message: &[u8]) -> Vec<ObjectId> {
    let lines = message.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    lines
        .filter_map(|line| {
            let rest = line.strip_prefix(b"This reverts commit ")?;
            let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            ObjectId::from_hex(rest.get(..digits)?)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_a_trailer_with_words() {
        let of = |message: &str| reason(message.as_bytes());
        assert_eq!(
            of("fix: x\n\nconflict-resolved:  main has moved it \n"),
            Some("main has moved it".to_owned())
        );
        assert_eq!(of("fix: x\n\nConflict-resolved:\n"), None);
        assert_eq!(of("fix: x\n\nno Conflict-resolved: y\n"), None);
        assert_eq!(reason(b"\xff\xfe\n\xc3"), None);
    }

    #[test]
    fn a_revert_names_what_it_takes_back() {
        let id = "1".repeat(40);
        let of = |message: String| {
            reverted(message.as_bytes()).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert!(of(format!("Revert \"x\"\n\nThis reverts commit {id}.\n")).contains(&id));
        assert_eq!(of(format!("This reverts commit {id}, reversing\nchanges\n")), [id]);
        assert!(of("This reverts commit 1111.\n".to_owned()).is_empty());
    }
}
