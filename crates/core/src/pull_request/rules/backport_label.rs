//! A label asks for a backport to where there is none.

use super::super::facts::Unknown;
use super::{Complaint, PullRequestRule, Subject, Verdicts};
use crate::code::CodeInfo;
use crate::severity::Severity;
use crate::text::escape;

pub(super) const RULE: PullRequestRule = PullRequestRule {
    info: CodeInfo {
        code: "GP-PR-005",
        name: "backport-label",
        severity: Severity::Medium,
        summary: "A label of `backport.label` names no version, or a version that has no branch.",
        why: "Nothing and nobody brings the change to a branch that does not exist: the release goes without it.",
        fix: "Name the version of a release branch: `backport:1.6` for `release/1.6`.",
        fires: "fix: keep the login\nLabels: backport:1.7\n\nText.",
        silent: "fix: keep the login\nLabels: backport:1.6, backport\n\nText.",
    },
    options: "backport.label = \"backport:*\"",
    judge,
};

fn judge(subject: &Subject<'_>, verdicts: &mut Verdicts) {
    let Some((label_form, branch_form)) = &subject.settings.backport else { return };
    let labels = match subject.facts.labels.get() {
        Ok(labels) => labels,
        Err(why) => return verdicts.unknown.push(("labels", why.clone())),
    };
    let asks = labels.iter().any(|label| label_form.star(label).is_some());
    let branches = subject.facts.branches.iter().filter_map(|name| std::str::from_utf8(name.branch()?).ok());
    let releases: Vec<&str> =
        branches.filter(|name| branch_form.star(name).is_some_and(is_version)).collect();
    // A clone of one branch knows nothing of the others.
    if asks && releases.is_empty() {
        let branches = branch_form.as_str();
        return verdicts.unknown.push((
            "backport labels",
            Unknown {
                why: format!("this clone has no branch that is named like `{branches}`"),
                fix: format!("git fetch origin '+refs/heads/{branches}:refs/remotes/origin/{branches}'"),
            },
        ));
    }
    for label in labels {
        let Some(version) = label_form.star(label) else { continue };
        let wanted = branch_form.filled(version);
        let shown = escape(label);
        let message = if !is_version(version) {
            format!("the label `{shown}` names no version")
        } else if !releases.contains(&wanted.as_str()) {
            format!("the label `{shown}` names the branch `{wanted}`, which does not exist")
        } else {
            continue;
        };
        let versions = releases.iter().filter_map(|name| branch_form.star(name));
        let known: Vec<String> = versions.map(|version| label_form.filled(version)).collect();
        verdicts.complaints.push(Complaint {
            message,
            place: "labels",
            shown: Some(label.clone()),
            about: label.clone(),
            fix: vec![format!("the labels for which there are branches are: {}", known.join(", "))],
        });
    }
}

/// Two numbers or more with dots between them.
fn is_version(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.contains('.') && text.split('.').all(is_number)
}
