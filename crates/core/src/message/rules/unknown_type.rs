//! The type is not one of the policy's.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::message::config::TypeCase;
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
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let Ok(header) = subject.header else { return };
    let types = &subject.config.types;
    let listed = |kind: &String| match subject.config.type_case {
        TypeCase::Listed => kind == header.kind.text,
        TypeCase::Any | TypeCase::Lower | TypeCase::Upper => {
            kind.to_lowercase() == header.kind.text.to_lowercase()
        }
    };
    if types.is_empty() || types.iter().any(listed) {
        return;
    }
    let near = suggest::nearest(header.kind.text, types);
    let corrected = near.map(|near| {
        let end = header.kind.range().end.saturating_sub(header.line.start);
        let rest = header.line.text.get(end..).unwrap_or_default();
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
