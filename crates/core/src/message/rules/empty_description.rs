//! A type, a colon, and nothing.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::message::header::ParseErrorKind;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-007",
        name: "empty-description",
        severity: Severity::Medium,
        summary: "Nothing stands after the header's colon (Conventional Commits rule 5).",
        why: "The description is what readers of the log and of the changelog see.",
        fix: "Say after the colon what the change does.",
        fires: "fix(api):",
        silent: "fix(api): keep the login",
    },
    options: "",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let Err(error) = subject.header else { return };
    if error.kind != ParseErrorKind::EmptyDescription {
        return;
    }
    let prefix = subject.layout.header.text.trim_end();
    complaints.push(Complaint {
        detail: String::new(),
        message: error.to_string(),
        range: error.span.clone(),
        header: None,
        fix: vec![format!("say after `{prefix} ` what the change does")],
    });
}
