//! What the message of a picked commit must name.

use super::super::judge::of_block;
use super::super::subject::{Complaint, Subject, named, picked_from};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-049",
        name: "pick-names",
        severity: Severity::Low,
        summary: "A picked commit arrives whose message does not name what the policy asks for.",
        why: "Whoever reads the fix on the main line later looks for the incident that it was made for and the version that had it.",
        fix: "Name it in the message: `git commit --amend`.",
        fires: "fix: close the file (picked with -x, without the incident)",
        silent: "fix: close the file (picked with -x, Refs: INC12345, v1.4.2)",
    },
    levels: |block| of_block(block, !block.pick_names.is_empty()),
    in_ci: true,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let mut complaints = Vec::new();
    for commit in subject.moved.arriving()?.iter().filter(|commit| !picked_from(&commit.message).is_empty()) {
        let text = String::from_utf8_lossy(&commit.message);
        for pattern in subject.block.pick_names.iter().filter(|pattern| !pattern.is_match(&text)) {
            let message = format!("{} was picked and names nothing like `{pattern}`", named(commit));
            let mut complaint = Complaint::about(commit, message);
            complaint.detail = format!("{} {pattern}", commit.id);
            complaints.push(complaint);
        }
    }
    Ok(complaints)
}
