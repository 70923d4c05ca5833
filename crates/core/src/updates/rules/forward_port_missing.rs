//! What a branch still owes when it is deleted, or when the next version is tagged.

use super::super::judge::of_block;
use super::super::ports::{PortState, complaint, owed};
use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-046",
        name: "forward-port-missing",
        severity: Severity::High,
        summary: "A branch is deleted, or the next version tagged, and a commit of it has not come to the branches that follow.",
        why: "What was mended in one version alone is broken again in the next, and once the branch is gone nobody asks for it.",
        fix: "Pick it with its origin (`git cherry-pick -x COMMIT`) or merge the branch forward; `gatepost check refs --forward-ports` lists what is owed.",
        fires: "git push origin --delete hotfix/1.4.3-INC12345 (its fix is not on main)",
        silent: "git push origin --delete hotfix/1.4.3-INC12345 (its fix is on main, by git cherry-pick -x)",
    },
    levels: |block| of_block(block, !block.forward_port_to.is_empty()),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let owed = owed(subject)?;
    let missing = owed.iter().filter(|owed| !matches!(owed.row.state, PortState::Differs(_)));
    Ok(missing.map(|owed| complaint(subject.moved, owed)).collect())
}
