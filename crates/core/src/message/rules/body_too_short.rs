//! The body is shorter than the policy asks for.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-026",
        name: "body-too-short",
        severity: Severity::Low,
        summary: "The body has fewer than `body-min` characters.",
        why: "A body of a word or two is there for the rule that asks for one.",
        fix: "Say in the body why the change is needed.",
        fires: "fix: keep the login\n\nBug.",
        silent: "fix: keep the login\n\nThe cookie was lost after a reload.",
    },
    options: "body-min = 20",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let (body, min) = (&subject.layout.body, subject.config.body_min);
    let (Some(first), Some(last)) = (body.first(), body.last()) else { return };
    let range = first.start..last.range().end;
    let length = subject.text.get(range.clone()).map_or(0, |text| text.trim().chars().count());
    if length >= min {
        return;
    }
    complaints.push(Complaint {
        detail: String::new(),
        message: format!("the body has {length} characters, fewer than {min}"),
        range,
        header: None,
        fix: Vec::new(),
    });
}
