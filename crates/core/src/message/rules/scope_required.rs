//! The policy asks for a scope, and there is none.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::message::config::ScopeUse;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-004",
        name: "scope-required",
        severity: Severity::Low,
        summary: "The policy asks for a scope, and the header has none.",
        why: "The scope says which part of the repository changes, without reading the diff.",
        fix: "Name the part that changes in parentheses after the type: `fix(api): …`.",
        fires: "fix: keep the login",
        silent: "fix(api): keep the login",
    },
    options: "scope = \"required\"",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let Ok(header) = subject.header else { return };
    if subject.config.scope != ScopeUse::Required || header.scope.is_some() {
        return;
    }
    let kind = header.kind.text;
    let scopes = &subject.config.scopes;
    let fix = match scopes.as_slice() {
        [] => format!("name the part that changes after the type: {kind}(PART): {}", header.description.text),
        scopes => format!("name one of these scopes after the type: {}", scopes.join(", ")),
    };
    complaints.push(Complaint {
        detail: String::new(),
        message: format!("`{kind}` has no scope, and this repository asks for one"),
        range: header.kind.range(),
        header: None,
        fix: vec![fix],
    });
}
