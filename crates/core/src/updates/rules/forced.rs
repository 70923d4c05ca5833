//! A ref that is forced.

use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-014",
        name: "forced-update",
        severity: Severity::High,
        summary: "A ref is moved to where its old value is not part of its history.",
        why: "Commits that others have built on vanish from the branch, and with them what was reviewed.",
        fix: "Bring the branch's own commits in and push again: `git pull --rebase && git push`. To undo a commit that has landed: `git revert COMMIT`.",
        fires: "git push --force origin main",
        silent: "git push origin main",
    },
    levels: |block| block.force.clone(),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    let (Some(old), Some(tip)) = (moved.old()?, moved.tip()?) else { return Ok(Vec::new()) };
    let builds_on = match (&old.commit, &tip.commit) {
        (Some(old), Some(tip)) => moved.push.history.is_ancestor(&old.id, &tip.id)?,
        // Of what is no commit there is no history to be part of.
        _ => old.id == tip.id,
    };
    if builds_on {
        return Ok(Vec::new());
    }
    let message =
        format!("the {} would be forced: {} is not part of its new history", moved.named(), old.id.short());
    Ok(vec![Complaint::new(message)])
}
