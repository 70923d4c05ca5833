//! Commits that should have come by a merge.

use super::super::subject::named;
use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-016",
        name: "merge-required",
        severity: Severity::Medium,
        summary: "A commit that is no merge stands on the own line of a branch that takes merges only.",
        why: "Where every change arrives by a merge commit, the branch's own line (`git log --first-parent`) is the list of reviewed changes.",
        fix: "Merge with a merge commit: `git merge --no-ff BRANCH`.",
        fires: "git merge --ff-only feature && git push origin HEAD:release/1.4",
        silent: "git merge --no-ff feature && git push origin HEAD:release/1.4",
    },
    levels: |block| block.merge_required.clone(),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    if moved.update.old.is_none() {
        return Ok(Vec::new());
    }
    let plain = moved.own_line()?.into_iter().filter(|commit| commit.parents.len() < 2);
    let message =
        |commit| format!("{} stands on the {} itself and is no merge", named(commit), moved.named());
    Ok(plain.map(|commit| Complaint::about(commit, message(commit))).collect())
}
