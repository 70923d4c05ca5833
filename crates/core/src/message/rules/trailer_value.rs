//! The value of a trailer is not what it should look like.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-028",
        name: "trailer-value",
        severity: Severity::Medium,
        summary: "The value of a trailer is not what `trailers.match` says it looks like.",
        why: "What reads the trailers, an audit or a release tool, reads nothing in a value of another form.",
        fix: "Write the value in the form that the policy gives.",
        fires: "fix: keep the login\n\nRisk: maybe",
        silent: "fix: keep the login\n\nRisk: low",
    },
    options: "trailers.match = [\"Refs: [A-Z]+-[0-9]+\", \"Risk: low|medium|high\"]",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    for trailer in subject.trailers.iter().filter(|trailer| !trailer.value.is_empty()) {
        let name = trailer.token.text;
        let patterns: Vec<_> = subject
            .patterns
            .trailers
            .iter()
            .filter(|pattern| pattern.name.eq_ignore_ascii_case(name))
            .collect();
        if patterns.is_empty() || patterns.iter().any(|pattern| pattern.regex.is_match(trailer.value.trim()))
        {
            continue;
        }
        let forms: Vec<&str> = patterns.iter().map(|pattern| pattern.source.as_str()).collect();
        complaints.push(Complaint {
            detail: String::new(),
            message: format!("`{}` is no value for the trailer `{name}`", trailer.value),
            range: trailer.range.clone(),
            header: None,
            fix: vec![format!("write a value that matches {}", forms.join(" or "))],
        });
    }
}
