//! The header is shorter than the policy asks for.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-021",
        name: "header-too-short",
        severity: Severity::Low,
        summary: "The first line is shorter than `header-min` characters.",
        why: "A title of a word or two tells the readers of the log nothing.",
        fix: "Say what the change does.",
        fires: "fix: login",
        silent: "fix: keep the login after a reload",
    },
    options: "header-min = 20",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let (header, min) = (subject.layout.header, subject.config.header_min);
    let length = header.text.trim().chars().count();
    if length == 0 || length >= min {
        return;
    }
    complaints.push(Complaint {
        detail: String::new(),
        message: format!("the header has {length} characters, fewer than {min}"),
        range: header.range(),
        header: None,
        fix: vec![format!("say in at least {min} characters what the change does")],
    });
}
