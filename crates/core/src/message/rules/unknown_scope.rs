//! The scope is not one of the policy's.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::message::suggest;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-005",
        name: "unknown-scope",
        severity: Severity::Low,
        summary: "The scope is neither in `scopes` nor does it match `scope-pattern`.",
        why: "Two names for one part split its history in two.",
        fix: "Use one of the policy's scopes, or add this one to `scopes`.",
        fires: "fix(apis): keep the login",
        silent: "fix(api,web): keep the login",
    },
    options: "scopes = [\"api\", \"web\"]",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let Ok(header) = subject.header else { return };
    let (scopes, pattern) = (&subject.config.scopes, subject.patterns.scope.as_ref());
    let Some(scope) = header.scope.filter(|_| !scopes.is_empty() || pattern.is_some()) else { return };
    let listed = |name: &str| scopes.iter().any(|s| s == name);
    let allowed = |name: &str| listed(name) || pattern.is_some_and(|p| p.is_match(name));
    if allowed(scope.text) {
        return;
    }
    let Some(unknown) = scope.text.split([',', '/', '\\']).map(str::trim).find(|part| !allowed(part)) else {
        return;
    };
    let near = suggest::nearest(unknown, scopes);
    let line = header.line.text;
    let (before, after) = (
        line.get(..scope.start.saturating_sub(header.line.start)),
        line.get(scope.range().end.saturating_sub(header.line.start)..),
    );
    let corrected = near
        .zip(before)
        .zip(after)
        .map(|((near, before), after)| format!("{before}{}{after}", scope.text.replacen(unknown, near, 1)));
    complaints.push(Complaint {
        detail: String::new(),
        message: format!("`{unknown}` is not a scope of this repository"),
        range: scope.range(),
        header: corrected,
        fix: vec![match scopes.as_slice() {
            [] => format!("use a scope that matches {}", subject.config.scope_pattern),
            scopes => format!("the scopes are: {}", scopes.join(", ")),
        }],
    });
}
