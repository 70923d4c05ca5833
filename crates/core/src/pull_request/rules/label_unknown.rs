//! A label that the policy does not know.

use super::super::pattern::Pattern;
use super::{Complaint, PullRequestRule, Subject, Verdicts};
use crate::code::CodeInfo;
use crate::severity::Severity;
use crate::text::{escape, nearest};

pub(super) const RULE: PullRequestRule = PullRequestRule {
    info: CodeInfo {
        code: "GP-PR-004",
        name: "label-unknown",
        severity: Severity::Low,
        summary: "A label matches no pattern of `labels.allowed`.",
        why: "A label that nobody looks for is as good as none, and most often it is a known one misspelt.",
        fix: "Use one of the known labels, or have the label added to the policy.",
        fires: "feat: add the export\nLabels: risk:low, bugs\n\nText.",
        silent: "feat: add the export\nLabels: risk:low, bug\n\nText.",
    },
    options: "labels.allowed = [\"risk:*\", \"bug\"]",
    judge,
};

fn judge(subject: &Subject<'_>, verdicts: &mut Verdicts) {
    let allowed = &subject.settings.allowed;
    if allowed.is_empty() {
        return;
    }
    let labels = match subject.facts.labels.get() {
        Ok(labels) => labels,
        Err(why) => return verdicts.unknown.push(("labels", why.clone())),
    };
    for label in labels.iter().filter(|label| !allowed.iter().any(|pattern| pattern.is_match(label))) {
        let near = nearest(label, allowed.iter().map(Pattern::as_str));
        let mut fix: Vec<String> = near.map(|near| format!("did you mean `{near}`?")).into_iter().collect();
        let known: Vec<&str> = allowed.iter().map(Pattern::as_str).collect();
        fix.push(format!("the labels are: {}", known.join(", ")));
        verdicts.complaints.push(Complaint {
            message: format!("`{}` is not a label of this repository", escape(label)),
            place: "labels",
            shown: Some(label.clone()),
            about: label.clone(),
            fix,
        });
    }
}
