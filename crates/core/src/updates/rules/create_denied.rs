//! A ref that is made.

use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-010",
        name: "ref-create-denied",
        severity: Severity::Medium,
        summary: "A ref is made that the policy lets nobody make.",
        why: "Some refs are made by one process alone (release tags by the pipeline, release branches at the cut): one that anybody makes looks just like them.",
        fix: "Ask whoever may make it; `exempt` of the policy's block names them.",
        fires: "git push origin HEAD:refs/tags/v9.9.9",
        silent: "git push origin main",
    },
    levels: |block| block.create.clone(),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    if moved.update.old.is_some() || moved.update.new.is_none() {
        return Ok(Vec::new());
    }
    Ok(vec![Complaint::new(format!("the {} may not be made", moved.named()))])
}
