//! The message has no body.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-025",
        name: "body-required",
        severity: Severity::Low,
        summary: "The message has no body, and `body-required` lists its type.",
        why: "The diff says what changes; only the body can say why.",
        fix: "Say below a blank line why the change is needed.",
        fires: "feat: add a login form",
        silent: "feat: add a login form\n\nUsers had to edit a file.",
    },
    options: "body-required = [\"feat\"]",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let kind = subject.header.as_ref().map(|header| header.kind.text).unwrap_or_default();
    let listed = |name: &String| name == "*" || name.eq_ignore_ascii_case(kind);
    let header = subject.layout.header;
    if header.text.trim().is_empty()
        || !subject.layout.body.is_empty()
        || !subject.config.body_required.iter().any(listed)
    {
        return;
    }
    let what = if kind.is_empty() { "a message".to_owned() } else { format!("a message of type `{kind}`") };
    complaints.push(Complaint {
        detail: String::new(),
        message: format!("the message has no body, and {what} needs one"),
        range: header.range(),
        header: None,
        fix: Vec::new(),
    });
}
