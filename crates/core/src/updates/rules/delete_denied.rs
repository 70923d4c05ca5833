//! A ref that is deleted.

use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-013",
        name: "ref-delete-denied",
        severity: Severity::Medium,
        summary: "A ref is deleted that the policy keeps.",
        why: "What only this ref reaches is gone with it, and so is the record that a version or a release line was there.",
        fix: "Leave it; what need not be kept is for whoever owns the policy to say.",
        fires: "git push origin --delete main",
        silent: "git push origin --delete feature/ABC-1-x",
    },
    levels: |block| block.delete.clone(),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    if moved.update.new.is_some() {
        return Ok(Vec::new());
    }
    Ok(vec![Complaint::new(format!("the {} may not be deleted", moved.named()))])
}
