//! A trailer that the policy does not know.

use super::super::patterns::NeededWhen;
use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;
use crate::text;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-027",
        name: "unknown-trailer",
        severity: Severity::Low,
        summary: "A trailer is none of those that `trailers.allowed` lists.",
        why: "A trailer with a misspelt name is missed by everybody who looks for the right one.",
        fix: "Use one of the policy's trailers, or add this one to `trailers.allowed`.",
        fires: "fix: keep the login\n\nRef: PROJ-123",
        silent: "fix: keep the login\n\nRefs: PROJ-123",
    },
    options: "trailers.allowed = [\"Refs\", \"Signed-off-by\"]",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let trailers = &subject.config.trailers;
    if trailers.allowed.is_empty() {
        return;
    }
    let matched = subject.patterns.trailers.iter().map(|pattern| &pattern.name);
    let when = subject.patterns.when.iter().flat_map(NeededWhen::names);
    let known: Vec<String> =
        trailers.allowed.iter().chain(&trailers.required).chain(matched).chain(when).cloned().collect();
    for trailer in subject.trailers.iter().filter(|trailer| !trailer.is_breaking()) {
        let name = trailer.token.text;
        if known.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            continue;
        }
        let near = text::nearest(name, known.iter().map(String::as_str));
        complaints.push(Complaint {
            detail: String::new(),
            message: match near {
                Some(near) => format!("`{name}` is not a trailer of this repository; did you mean `{near}`?"),
                None => format!("`{name}` is not a trailer of this repository"),
            },
            range: trailer.token.range(),
            header: None,
            fix: vec![format!("the trailers are: {}", known.join(", "))],
        });
    }
}
