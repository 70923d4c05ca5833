//! Annotated tags that are pushed under another name.

use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::RefName;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use crate::text::shell_word;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-037",
        name: "tag-name-differs",
        severity: Severity::High,
        summary: "The object of an annotated tag has another name than its ref.",
        why: "A signature covers the name in the object, not that of the ref: the signed tag of an old version passes for a new one.",
        fix: "Make a tag of that name: `git tag -a NAME -m 'Release NAME' COMMIT && git push origin NAME`.",
        fires: "git push origin v1.4.2:refs/tags/v1.4.3",
        silent: "git push origin v1.4.2",
    },
    levels: |block| block.naming.same_name.clone(),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    let Some(short) = moved.update.name.tag() else { return Ok(Vec::new()) };
    let Some(tag) = moved.tip()?.and_then(|tip| tip.tags.first()).filter(|tag| tag.name != short) else {
        return Ok(Vec::new());
    };
    let own = RefName::new(tag.name.clone()).escaped().into_owned();
    let name = shell_word(&moved.short());
    let message = format!("the {} is a tag object of another name: {own}", moved.named());
    let fix = format!("git tag -f -a {name} -m \"Release {name}\" COMMIT && git push origin {name}");
    Ok(vec![Complaint::new(message).fix(fix)])
}
