//! A label that every pull request has is missing.

use super::super::pattern::Pattern;
use super::{Complaint, PullRequestRule, Subject, Verdicts, listed};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: PullRequestRule = PullRequestRule {
    info: CodeInfo {
        code: "GP-PR-002",
        name: "label-required",
        severity: Severity::Medium,
        summary: "A pull request has no label for a pattern of `labels.required` or `labels.exactly-one`.",
        why: "Who reviews, deploys and audits goes by the labels; without one the pull request is in none of their lists.",
        fix: "Give the pull request a label that matches the pattern.",
        fires: "feat: add the export\nLabels: bug\n\nText.",
        silent: "feat: add the export\nLabels: bug, risk:low\n\nText.",
    },
    options: "labels.required = [\"risk:*\"]",
    judge,
};

fn judge(subject: &Subject<'_>, verdicts: &mut Verdicts) {
    let settings = subject.settings;
    let patterns: Vec<&Pattern> = settings.required.iter().chain(&settings.exactly_one).collect();
    if patterns.is_empty() {
        return;
    }
    let labels = match subject.facts.labels.get() {
        Ok(labels) => labels,
        Err(why) => return verdicts.unknown.push(("labels", why.clone())),
    };
    for pattern in patterns.iter().filter(|pattern| !labels.iter().any(|label| pattern.is_match(label))) {
        verdicts.complaints.push(Complaint {
            message: format!("no label matches `{}`; the labels are: {}", pattern.as_str(), listed(labels)),
            place: "labels",
            shown: None,
            about: pattern.as_str().to_owned(),
            fix: vec![format!("add a label that matches `{}`", pattern.as_str())],
        });
    }
}
