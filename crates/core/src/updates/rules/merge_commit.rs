//! Merge commits where history is linear.

use super::super::subject::named;
use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-015",
        name: "merge-commit-arrives",
        severity: Severity::Medium,
        summary: "A merge commit comes to a branch whose history is linear.",
        why: "On a linear history every commit can be bisected, reverted and picked by itself.",
        fix: "Rebase instead of merging: `git rebase origin/BRANCH`, then push again.",
        fires: "git merge feature && git push origin HEAD:main",
        silent: "git rebase main && git push origin HEAD:main",
    },
    levels: |block| block.merges.clone(),
    in_ci: true,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let merges = subject.moved.arriving()?.iter().filter(|commit| commit.parents.len() > 1);
    let message =
        |commit| format!("the merge commit {} comes to the {}", named(commit), subject.moved.named());
    Ok(merges.map(|commit| Complaint::about(commit, message(commit))).collect())
}
