//! The header does not match what it must match.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-030",
        name: "header-mismatch",
        severity: Severity::Medium,
        summary: "The first line does not match one of the expressions of `header-match`.",
        why: "The policy asks every first line for something that no other rule knows.",
        fix: "Write the first line so that it matches the expression.",
        fires: "fix: keep the login",
        silent: "fix: keep the login (#12)",
    },
    options: "header-match = ['\\(#[0-9]+\\)$']",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let header = subject.layout.header;
    let sources = subject.config.header_match.iter().filter(|_| !header.text.trim().is_empty());
    for (regex, source) in subject.patterns.header_match.iter().zip(sources) {
        if regex.is_match(header.text) {
            continue;
        }
        complaints.push(Complaint {
            detail: source.clone(),
            message: format!("the header does not match `{source}`"),
            range: header.range(),
            header: None,
            fix: Vec::new(),
        });
    }
}
