//! Picked commits that make another change than their origin.

use super::super::ports::reason;
use super::super::subject::{Complaint, Subject, named, picked_from};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-048",
        name: "pick-differs",
        severity: Severity::Medium,
        summary: "A commit arrives that says that it was picked and makes another change than its origin.",
        why: "The line of `git cherry-pick -x` is taken for proof that two branches have the same fix; where they differ, the difference must be on record.",
        fix: "Say why in a trailer: `git commit --amend --trailer 'Conflict-resolved: WHY'`; or pick it again as it is.",
        fires: "fix: close the file (picked with -x, then changed)",
        silent: "fix: close the file (picked with -x, then changed, with a trailer Conflict-resolved)",
    },
    levels: |block| block.picks.clone(),
    in_ci: true,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let history = subject.moved.push.history;
    let mut complaints = Vec::new();
    for commit in subject.moved.arriving()?.iter().filter(|commit| commit.parents.len() < 2) {
        let origins = picked_from(&commit.message);
        let Some(last) = origins.last() else { continue };
        if reason(&commit.message).is_some() {
            continue;
        }
        let patch = history.patch_id(&commit.id)?;
        let mut there = Vec::new();
        for origin in &origins {
            // What is named and not there is no origin: anybody can type a line.
            if matches!(history.commit(origin), Ok(Some(_))) {
                there.push(origin);
            }
        }
        let mut is_same = false;
        for origin in &there {
            is_same |= history.patch_id(origin)? == patch;
        }
        if !is_same {
            let why = if there.is_empty() { "which is not here" } else { "which makes another change" };
            let message = format!("{} says that it was picked from {}, {why}", named(commit), last.short());
            complaints.push(Complaint::about(commit, message));
        }
    }
    Ok(complaints)
}
