//! The second line is not blank.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-008",
        name: "body-blank-line",
        severity: Severity::Low,
        summary: "The body begins right under the header, without a blank line (Conventional Commits rule 6).",
        why: "Git takes everything up to the first blank line for the subject, and joins it to one long line.",
        fix: "Put a blank line between the first line and the body.",
        fires: "fix: keep the login\nThe cookie was lost.",
        silent: "fix: keep the login\n\nThe cookie was lost.",
    },
    options: "",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    if subject.layout.separated {
        return;
    }
    let end = subject.layout.header.range().end;
    let Some(second) = subject.text.get(end..).and_then(|rest| rest.find(|c| c != '\r' && c != '\n')) else {
        return;
    };
    let start = end.saturating_add(second);
    let length = subject.text.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
    complaints.push(Complaint {
        detail: String::new(),
        message: "there is no blank line between the header and the body (Conventional Commits rule 6)"
            .to_owned(),
        range: start..start.saturating_add(length),
        header: None,
        fix: Vec::new(),
    });
}
