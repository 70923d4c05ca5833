//! Versions and branches among the refs: which tags are versions, what they lead to, and which branches have a commit.

use super::subject::{Moved, Subject};
use crate::history::Unanswered;
use crate::text::{Tagged, Version};
use crate::{ObjectId, RefName};
use std::collections::HashSet;

/// A tag that is a version.
#[derive(Debug)]
pub(super) struct Release<'a> {
    pub(super) name: &'a RefName,
    /// What the ref points at.
    pub(super) target: ObjectId,
    pub(super) version: Version,
    /// Whether it comes about in the same push.
    pub(super) is_new: bool,
}

/// The text of a tag's short name; `None` where it is no tag, or no text.
pub(super) fn short_tag(name: &RefName) -> Option<&str> {
    std::str::from_utf8(name.tag()?).ok()
}

impl<'a> Moved<'a> {
    /// The version in the tag's name.
    pub(super) fn tagged(&self) -> Option<Tagged<'a>> {
        Tagged::new(short_tag(&self.update.name)?)
    }

    /// The refs as they are and as the push leaves them, each with its value and whether the push brings it; a ref that moves
    /// has both.
    pub(super) fn all_refs(&self) -> impl Iterator<Item = (&'a RefName, ObjectId, bool)> + use<'a> {
        let push = self.push;
        let before = push.refs.iter().chain(push.tags_here);
        let before = before.map(|reference| (&reference.name, reference.target, false));
        before.chain(push.updates.iter().filter_map(|update| Some((&update.name, update.new?, true))))
    }

    /// The other tags that are versions of the same series.
    pub(super) fn releases(&self, series: &str) -> Vec<Release<'a>> {
        let others = self.all_refs().filter(|(name, ..)| **name != self.update.name);
        let mut seen = HashSet::new();
        let releases = others.filter_map(|(name, target, is_new)| {
            let tagged = Tagged::new(short_tag(name)?).filter(|tagged| tagged.series == series)?;
            // Of the refs that are there all are both old and new, where nothing moves.
            let is_new = is_new || self.standing;
            Some(Release { name, target, version: tagged.version, is_new })
        });
        // A tag of the push is told of once, as what the repository has of it.
        releases.filter(|release| seen.insert((release.name, release.target))).collect()
    }

    /// Which of `targets` stand in the history of the commit `tip`, itself among them. Targets that lead to no commit do not.
    pub(super) fn in_history(
        &self,
        targets: &[ObjectId],
        tip: &ObjectId,
    ) -> Result<HashSet<ObjectId>, Unanswered> {
        let history = self.push.history;
        let mut commits = Vec::new();
        for target in targets {
            if let Some(commit) = history.peel(target)?.commit {
                commits.push((*target, commit.id));
            }
        }
        if commits.is_empty() {
            return Ok(HashSet::new());
        }
        if self.standing {
            // What every ref reaches was found out at once.
            let mut found = HashSet::new();
            for (target, id) in commits {
                if history.is_ancestor(&id, tip)? {
                    found.insert(target);
                }
            }
            return Ok(found);
        }
        let ids: Vec<ObjectId> = commits.iter().map(|(_, id)| *id).collect();
        // One walk for all of them: what they reach and the commit does not.
        let outside: HashSet<ObjectId> = history.commits(&ids, &[*tip])?.into_iter().collect();
        Ok(commits.into_iter().filter(|(_, id)| !outside.contains(id)).map(|(target, _)| target).collect())
    }

    /// The branches that `wanted` picks and that have the commit, as they are or as the push leaves them.
    pub(super) fn branches_with(
        &self,
        commit: &ObjectId,
        wanted: impl Fn(&RefName) -> bool,
    ) -> Result<Vec<(&'a RefName, ObjectId)>, Unanswered> {
        let mut found: Vec<(&RefName, ObjectId)> = Vec::new();
        for (name, tip, _) in self.all_refs() {
            let is_known = found.iter().any(|(known, _)| *known == name);
            if is_known || name.branch().is_none() || !wanted(name) {
                continue;
            }
            if self.push.history.is_ancestor(commit, &tip)? {
                found.push((name, tip));
            }
        }
        Ok(found)
    }
}

impl Subject<'_> {
    /// The commit that the tag leads to; `None` where the ref is no tag, is deleted, or leads to none.
    pub(super) fn tagged_commit(&self) -> Result<Option<ObjectId>, Unanswered> {
        if self.moved.update.name.tag().is_none() {
            return Ok(None);
        }
        Ok(self.moved.tip()?.and_then(|tip| tip.commit.as_ref()).map(|commit| commit.id))
    }
}

/// The version in a branch's name.
pub(super) fn in_branch(name: &RefName) -> Option<Version> {
    Version::in_branch(std::str::from_utf8(name.branch()?).ok()?)
}

/// Whether a version stands in a text, and is no part of another one: `1.4.2` in `v1.4.2`, not in `1.4.20` or `11.4.2`.
pub(super) fn holds(text: &str, version: &str) -> bool {
    text.match_indices(version).any(|(at, found)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let mut behind = text.get(at.saturating_add(found.len())..).unwrap_or_default().chars();
        let (next, after) = (behind.next(), behind.next());
        let goes_on = match next {
            Some('.' | '-' | '+') => after.is_some_and(char::is_alphanumeric),
            next => next.is_some_and(char::is_alphanumeric),
        };
        !before.is_some_and(|c| c.is_ascii_digit() || c == '.') && !goes_on
    })
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn a_version_is_no_part_of_another_one() {
        for text in [
            "Release v1.4.2",
            "Release 1.4.2.",
            "1.4.2",
            "Hotfix v1.4.2 (ABC-1)",
            "x (v1.4.2)",
            "not 1.4.20, 1.4.2",
        ] {
            assert!(holds(text, "1.4.2"), "{text}");
        }
        for text in ["", "Release", "1.4.20", "11.4.2", "1.4.2.1", "v1.4.2-rc.1", "0.1.4.2"] {
            assert!(!holds(text, "1.4.2"), "{text}");
        }
    }
}
