//! Commits that must be picked from another branch.

use super::super::judge::of_block;
use super::super::subject::{Complaint, Subject};
use super::super::subject::{named, picked_from};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use crate::{ObjectId, RepoPath};

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-021",
        name: "not-cherry-picked",
        severity: Severity::Medium,
        summary: "A commit comes to a branch that takes only what was picked from another one.",
        why: "What is fixed on a release branch alone is broken again in the next release; the line that `git cherry-pick -x` writes leads back to the original.",
        fix: "Land it on the branch that it is for first, then pick it with its origin: `git cherry-pick -x COMMIT`.",
        fires: "fix: close the file (on release/1.4, without the line of git cherry-pick -x)",
        silent: "fix: close the file (on release/1.4, with the line of git cherry-pick -x)",
    },
    levels: |block| of_block(block, !block.cherry_pick_from.is_empty()),
    in_ci: true,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    let branches = subject.block.block.cherry_pick_from.join(", ");
    let mut complaints = Vec::new();
    for commit in moved.arriving()?.iter().filter(|commit| commit.parents.len() < 2) {
        let origins = picked_from(&commit.message);
        let why = match origins.last() {
            None => "does not say which commit it was picked from".to_owned(),
            Some(origin) if is_on_branch(subject, origin)? => continue,
            Some(origin) => {
                format!("says that it was picked from {}, which is not on {branches}", origin.short())
            }
        };
        complaints.push(Complaint::about(commit, format!("{} {why}", named(commit))));
    }
    Ok(complaints)
}

/// Whether one of the branches has the commit, as they are or as this push leaves them.
fn is_on_branch(subject: &Subject<'_>, origin: &ObjectId) -> Result<bool, Unanswered> {
    let push = subject.moved.push;
    if push.history.named_commit(origin)?.is_none() {
        return Ok(false);
    }
    let before = push.refs.iter().map(|reference| (&reference.name, reference.target));
    let after = push.updates.iter().filter_map(|update| Some((&update.name, update.new?)));
    for (name, tip) in before.chain(after) {
        let path = RepoPath::new(name.as_bytes());
        let is_meant = subject.block.cherry_pick_from.iter().any(|glob| glob.is_match(&path));
        if is_meant && *name != subject.moved.update.name && push.history.is_ancestor(origin, &tip)? {
            return Ok(true);
        }
    }
    Ok(false)
}
