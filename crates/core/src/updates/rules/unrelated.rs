//! Unrelated histories.

use super::super::subject::named;
use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-018",
        name: "unrelated-history",
        severity: Severity::Medium,
        summary: "A history arrives that has nothing in common with what is there.",
        why: "It is another repository that was pushed to the wrong place, or content that is meant to go unseen.",
        fix: "Look where you push to: `git remote -v`. Start a branch from one that is there: `git switch -c BRANCH origin/main`.",
        fires: "git checkout --orphan x && git commit && git push origin x",
        silent: "git switch -c x main && git commit && git push origin x",
    },
    levels: |block| block.unrelated.clone(),
    in_ci: true,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    if subject.moved.push.refs.is_empty() {
        return Ok(Vec::new());
    }
    let roots = subject.moved.arriving()?.iter().filter(|commit| commit.parents.is_empty());
    let message = |commit| {
        format!("{} begins a history of its own, and comes to the {}", named(commit), subject.moved.named())
    };
    Ok(roots.map(|commit| Complaint::about(commit, message(commit))).collect())
}
