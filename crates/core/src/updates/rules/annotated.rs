//! Tags that are not annotated.

use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use crate::text::shell_word;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-030",
        name: "tag-not-annotated",
        severity: Severity::Medium,
        summary: "A tag is not annotated, or leads to no commit.",
        why: "A lightweight tag is a name and nothing else: nobody can say who made it, when and why, and it cannot be signed.",
        fix: "Make an annotated tag in its place: `git tag -f -a NAME -m 'Release NAME' NAME^{} && git push origin NAME`.",
        fires: "git tag v1.4.2 && git push origin v1.4.2",
        silent: "git tag -a v1.4.2 -m 'Release v1.4.2' && git push origin v1.4.2",
    },
    levels: |block| block.naming.annotated.clone(),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    let Some(tip) = moved.tip()?.filter(|_| moved.update.name.tag().is_some()) else { return Ok(Vec::new()) };
    let name = shell_word(&moved.short());
    let mut complaints = Vec::new();
    if tip.tags.is_empty() {
        let message = format!(
            "the {} is not annotated: it is a name for {} and nothing else",
            moved.named(),
            tip.id.short()
        );
        let force = if moved.standing { "--force " } else { "" };
        complaints.push(
            Complaint::new(message)
                .fix(format!("git tag -f -a {name} -m \"Release {name}\" {name}^{{}}"))
                .fix(format!("git push {force}origin {name}")),
        );
    }
    if tip.commit.is_none() {
        let mut complaint =
            Complaint::new(format!("the {} leads to {}, which is no commit", moved.named(), tip.id.short()))
                .fix(format!("git tag -f -a {name} -m \"Release {name}\" COMMIT"));
        complaint.detail = "no commit".to_owned();
        complaints.push(complaint);
    }
    Ok(complaints)
}
