//! A trailer that some messages need is missing.

use super::super::patterns::When;
use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-033",
        name: "trailer-depends",
        severity: Severity::Medium,
        summary: "A message is one of those that `trailers.when` asks a trailer of, and has it not, or without a value.",
        why: "What is asked of few changes is forgotten with them: who approved the risky one, which advisory the fix is for.",
        fix: "End the message with a paragraph that holds the trailer: `Approved-by: @security`.",
        fires: "fix: keep the login\n\nRisk: high",
        silent: "fix: keep the login\n\nRisk: low",
    },
    options: "trailers.when = [\"Risk: high -> Approved-by\", \"security -> Advisory\"]",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    for rule in &subject.patterns.when {
        let (range, because) = match &rule.when {
            When::Trailer(pattern) => {
                let met = subject.trailers.iter().find(|trailer| {
                    pattern.name.eq_ignore_ascii_case(trailer.token.text)
                        && pattern.regex.is_match(trailer.value.trim())
                });
                let Some(met) = met else { continue };
                (met.range.clone(), format!("`{}: {}`", met.token.text, met.value.trim()))
            }
            When::Types(types) => {
                let Ok(header) = subject.header else { continue };
                let kind = header.kind.text;
                if !types.iter().any(|wanted| wanted.eq_ignore_ascii_case(kind)) {
                    continue;
                }
                (subject.layout.header.range(), format!("the type `{kind}`"))
            }
        };
        for name in &rule.required {
            let is_there = subject
                .trailers
                .iter()
                .any(|trailer| trailer.token.text.eq_ignore_ascii_case(name) && !trailer.value.is_empty());
            if !is_there {
                complaints.push(Complaint {
                    detail: name.clone(),
                    message: format!("the trailer `{name}` is missing, which {because} asks for"),
                    range: range.clone(),
                    header: None,
                    fix: vec![format!("end the message with a paragraph that holds the line: {name}: …")],
                });
            }
        }
    }
}
