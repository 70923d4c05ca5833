//! A forward-port that is none: the line is there, and the change is another.

use super::super::judge::of_block;
use super::super::ports::{PortState, complaint, owed};
use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-047",
        name: "forward-port-differs",
        severity: Severity::High,
        summary: "A branch is deleted, or the next version tagged, and what should be the counterpart of a commit of it makes another change.",
        why: "Anybody can type the line of `git cherry-pick -x`; that the fix is there shows in the change, and where it differs somebody must answer for it.",
        fix: "Pick it again with `git cherry-pick -x COMMIT`; where a conflict makes it differ, say why in a trailer `Conflict-resolved: WHY`.",
        fires: "git push origin --delete hotfix/1.4.3-INC12345 (on main the line stands on another change)",
        silent: "git push origin --delete hotfix/1.4.3-INC12345 (on main it differs, with a trailer Conflict-resolved)",
    },
    levels: |block| of_block(block, !block.forward_port_to.is_empty()),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let owed = owed(subject)?;
    let differs = owed.iter().filter(|owed| matches!(owed.row.state, PortState::Differs(_)));
    Ok(differs.map(|owed| complaint(subject.moved, owed)).collect())
}
