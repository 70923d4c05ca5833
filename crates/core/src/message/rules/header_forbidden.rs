//! The header matches what it must not match.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-031",
        name: "header-forbidden",
        severity: Severity::Medium,
        summary: "The first line matches one of the expressions of `header-forbid`.",
        why: "The policy keeps something out of first lines that no other rule knows.",
        fix: "Write the first line without what the expression matches.",
        fires: "fix: keep the login [skip ci]",
        silent: "fix: keep the login",
    },
    options: "header-forbid = ['\\[skip ci\\]']",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let header = subject.layout.header;
    for (regex, source) in subject.patterns.header_forbid.iter().zip(&subject.config.header_forbid) {
        let Some(found) = regex.find(header.text) else { continue };
        let at = |offset: usize| header.start.saturating_add(offset);
        complaints.push(Complaint {
            detail: source.clone(),
            message: format!("the header matches `{source}`, which the policy forbids"),
            range: at(found.start())..at(found.end()),
            header: None,
            fix: vec![format!("take `{}` out of the first line", found.as_str())],
        });
    }
}
