//! The type is in another case than the policy asks for.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::message::config::TypeCase;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-019",
        name: "type-case",
        severity: Severity::Low,
        summary: "The type is not in the case that `type-case` asks for.",
        why: "Tools that compare types by case see two types where one was meant.",
        fix: "Write the type in the case that the policy asks for.",
        fires: "Fix: keep the login",
        silent: "fix: keep the login",
    },
    options: "type-case = \"lower\"",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let Ok(header) = subject.header else { return };
    let kind = header.kind.text;
    let (right, case) = match subject.config.type_case {
        TypeCase::Listed | TypeCase::Any => return,
        TypeCase::Lower => (kind.to_lowercase(), "lower case"),
        TypeCase::Upper => (kind.to_uppercase(), "capitals"),
    };
    if right == kind {
        return;
    }
    let before = header.kind.start.saturating_sub(header.line.start);
    let rest = header.line.text.get(before.saturating_add(kind.len())..).unwrap_or_default();
    complaints.push(Complaint {
        detail: String::new(),
        message: format!("the type `{kind}` is not in {case}"),
        range: header.kind.range(),
        header: Some(format!("{right}{rest}")),
        fix: Vec::new(),
    });
}
