//! Two labels say different things of what can only be one.

use super::{Complaint, PullRequestRule, Subject, Verdicts, listed};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: PullRequestRule = PullRequestRule {
    info: CodeInfo {
        code: "GP-PR-003",
        name: "label-ambiguous",
        severity: Severity::Medium,
        summary: "More than one label matches a pattern of `labels.exactly-one`.",
        why: "Nobody can tell which of the labels holds, and who looks for one finds a pull request that also has the other.",
        fix: "Keep the label that is right and remove the others.",
        fires: "feat: add the export\nLabels: risk:low, risk:high\n\nText.",
        silent: "feat: add the export\nLabels: risk:low, bug\n\nText.",
    },
    options: "labels.exactly-one = [\"risk:*\"]",
    judge,
};

fn judge(subject: &Subject<'_>, verdicts: &mut Verdicts) {
    if subject.settings.exactly_one.is_empty() {
        return;
    }
    let labels = match subject.facts.labels.get() {
        Ok(labels) => labels,
        Err(why) => return verdicts.unknown.push(("labels", why.clone())),
    };
    for pattern in &subject.settings.exactly_one {
        let those: Vec<String> = labels.iter().filter(|label| pattern.is_match(label)).cloned().collect();
        if those.len() > 1 {
            verdicts.complaints.push(Complaint {
                message: format!("{} labels match `{}`, and only one may", those.len(), pattern.as_str()),
                place: "labels",
                shown: Some(those.join(", ")),
                about: pattern.as_str().to_owned(),
                fix: vec![format!("keep one of: {}", listed(&those))],
            });
        }
    }
}
