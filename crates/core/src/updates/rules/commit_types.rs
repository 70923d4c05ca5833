//! The types of commits that may come to a branch.

use super::super::judge::of_block;
use super::super::subject::named;
use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use crate::text::commit_type;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-020",
        name: "commit-type-not-allowed",
        severity: Severity::Medium,
        summary: "A commit of a type comes to a branch that does not take it.",
        why: "After the cut a release branch takes fixes; a feature that slips in is released untested.",
        fix: "Leave it for the next release: take it out of the branch with `git rebase --interactive`, or open the request against `main`.",
        fires: "feat: add the export (to release/1.4, which takes fix and docs)",
        silent: "fix: close the file (to release/1.4, which takes fix and docs)",
    },
    levels: |block| of_block(block, !block.types.is_empty()),
    in_ci: true,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    let allowed = subject.block.block.types.join(", ");
    let mut complaints = Vec::new();
    for commit in moved.arriving()?.iter().filter(|commit| commit.parents.len() < 2) {
        let text = String::from_utf8_lossy(&commit.message);
        let found = commit_type(&text).map(|found| found.name.to_owned());
        if found.as_ref().is_some_and(|found| {
            subject.block.block.types.iter().any(|name| name.eq_ignore_ascii_case(found))
        }) {
            continue;
        }
        let what = found.map_or_else(|| "no type".to_owned(), |found| format!("the type `{found}`"));
        let message = format!("{} has {what}, and the {} takes {allowed}", named(commit), moved.named());
        complaints.push(Complaint::about(commit, message));
    }
    Ok(complaints)
}
