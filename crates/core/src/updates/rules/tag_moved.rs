//! A tag that is moved.

use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-012",
        name: "tag-moved",
        severity: Severity::High,
        summary: "A tag is moved to another object.",
        why: "A version is one commit for ever: who has fetched the old tag keeps it, and two builds of one version differ.",
        fix: "Leave the tag where it is and make the next version: `git tag -a NEXT -m NEXT && git push origin NEXT`.",
        fires: "git push --force origin v1.4.2",
        silent: "git push origin v1.4.3",
    },
    levels: |block| block.moves.clone(),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    let (Some(old), Some(new), Some(_)) = (moved.update.old, moved.update.new, moved.update.name.tag())
    else {
        return Ok(Vec::new());
    };
    let message = format!("the {} would move from {} to {}", moved.named(), old.short(), new.short());
    Ok(vec![Complaint::new(message)])
}
