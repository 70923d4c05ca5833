//! The scope is in another case than the policy asks for.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-020",
        name: "scope-case",
        severity: Severity::Low,
        summary: "The scope has none of the cases that `scope-case` lists.",
        why: "Two spellings of one scope split its history in two.",
        fix: "Write the scope in a case that the policy lists.",
        fires: "fix(UserLogin): keep it",
        silent: "fix(user-login,api): keep it",
    },
    options: "scope-case = [\"kebab-case\"]",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let Ok(header) = subject.header else { return };
    let cases = &subject.config.scope_case;
    let Some(scope) = header.scope.filter(|_| !cases.is_empty()) else { return };
    let parts: Vec<&str> = scope.text.split([',', '/', '\\']).map(str::trim).collect();
    if cases.iter().any(|case| parts.iter().all(|part| case.is_of(part))) {
        return;
    }
    let names: Vec<&str> = cases.iter().map(|case| case.as_str()).collect();
    let meant = cases.first().filter(|_| parts.len() == 1).map(|case| case.apply(scope.text));
    let corrected = meant.and_then(|meant| {
        let line = header.line.text;
        let before = line.get(..scope.start.checked_sub(header.line.start)?)?;
        let after = line.get(scope.range().end.checked_sub(header.line.start)?..)?;
        Some(format!("{before}{meant}{after}"))
    });
    complaints.push(Complaint {
        detail: String::new(),
        message: format!("the scope `{}` is not in {}", scope.text, names.join(" or ")),
        range: scope.range(),
        header: corrected,
        fix: Vec::new(),
    });
}
