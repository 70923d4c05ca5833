//! A ref that is moved.

use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::Via;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-011",
        name: "ref-update-denied",
        severity: Severity::Medium,
        summary: "A ref is moved that the policy lets nobody move.",
        why: "On a protected branch changes arrive by a reviewed merge request; a direct push is one that nobody looked at.",
        fix: "Push a branch of your own and open a merge request: `git push origin HEAD:refs/heads/BRANCH`.",
        fires: "git push origin HEAD:refs/heads/main",
        silent: "git push origin HEAD:refs/heads/feature/ABC-1-x",
    },
    levels: |block| block.update.clone(),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    if moved.update.old.is_none() || moved.update.new.is_none() {
        return Ok(Vec::new());
    }
    let message = match moved.push.pusher.map(|pusher| pusher.via) {
        Some(Via::Merge) => format!("the {} may not be moved, and this merge moves it", moved.named()),
        _ => format!("the {} may not be pushed to directly", moved.named()),
    };
    Ok(vec![Complaint::new(message)])
}
