//! The policy wants no scopes, and there is one.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::message::config::ScopeUse;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-006",
        name: "scope-forbidden",
        severity: Severity::Low,
        summary: "The policy wants headers without a scope, and the header has one.",
        why: "Scopes that nobody keeps in order mislead those who search by them.",
        fix: "Leave the parentheses out.",
        fires: "fix(api): keep the login",
        silent: "fix: keep the login",
    },
    options: "scope = \"forbidden\"",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let Ok(header) = subject.header else { return };
    let Some(scope) = header.scope.filter(|_| subject.config.scope == ScopeUse::Forbidden) else { return };
    let mark = if header.breaking { "!" } else { "" };
    complaints.push(Complaint {
        detail: String::new(),
        message: format!("the header has the scope `{}`, and this repository uses none", scope.text),
        range: scope.range(),
        header: Some(format!("{}{mark}: {}", header.kind.text, header.description.text)),
        fix: Vec::new(),
    });
}
