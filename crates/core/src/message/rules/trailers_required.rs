//! A trailer that the policy asks for is missing or empty.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-012",
        name: "trailers-required",
        severity: Severity::Medium,
        summary: "A trailer that `trailers.required` lists is missing, or has no value.",
        why: "Audits and release notes read the trailers, not the prose.",
        fix: "End the message with a paragraph that holds the trailer: `Refs: ABC-123`.",
        fires: "fix: keep the login\n\nRefs:",
        silent: "fix: keep the login\n\nrefs: PROJ-123",
    },
    options: "trailers.required = [\"Refs\"]",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    if subject.layout.header.text.is_empty() {
        return;
    }
    for name in &subject.config.trailers.required {
        let written: Vec<_> =
            subject.trailers.iter().filter(|f| f.token.text.eq_ignore_ascii_case(name)).collect();
        if written.iter().any(|footer| !footer.value.is_empty()) {
            continue;
        }
        let example = match name.to_ascii_lowercase().as_str() {
            "signed-off-by" => "git commit --amend --signoff --no-edit".to_owned(),
            _ => format!("end the message with a paragraph that holds the line: {name}: …"),
        };
        let empty = written.first();
        complaints.push(Complaint {
            detail: name.clone(),
            message: match empty {
                Some(_) => format!("the trailer `{name}` has no value"),
                None => format!("the trailer `{name}` is missing"),
            },
            range: empty.map_or_else(|| subject.layout.header.range(), |footer| footer.range.clone()),
            header: None,
            fix: vec![example],
        });
    }
}
