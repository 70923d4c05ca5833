//! The type is not one of the policy's.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::message::suggest;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-002",
        name: "unknown-type",
        severity: Severity::Medium,
        summary: "The type is not one of those that the policy lists.",
        why: "A type that nobody else uses falls out of the changelog and of every rule that goes by type.",
        fix: "Use one of the policy's types, or add this one to `types`.",
        fires: "feature: add a login form",
        silent: "feat: add a login form",
    },
    options: "",
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let Ok(header) = subject.header else { return };
    let types = &subject.config.types;
    if types.is_empty() || types.iter().any(|t| t == header.kind.text) {
        return;
    }
    let near = suggest::nearest(header.kind.text, types);
    let corrected = near.map(|near| {
        let rest = header.line.text.get(header.kind.text.len()..).unwrap_or_default();
        format!("{near}{rest}")
    });
    complaints.push(Complaint {
        detail: String::new(),
        message: match near {
            Some(near) => {
                format!("`{}` is not a type of this repository; did you mean `{near}`?", header.kind.text)
            }
            None => format!("`{}` is not a type of this repository", header.kind.text),
        },
        range: header.kind.range(),
        header: corrected,
        fix: vec![format!("the types are: {}", types.join(", "))],
    });
}
