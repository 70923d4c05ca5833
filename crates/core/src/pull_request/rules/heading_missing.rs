//! A section of the description is missing or empty.

use super::{Complaint, PullRequestRule, Subject, Verdicts};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: PullRequestRule = PullRequestRule {
    info: CodeInfo {
        code: "GP-PR-006",
        name: "heading-missing",
        severity: Severity::Medium,
        summary: "The description has no heading of `headings`, or nothing written below it.",
        why: "What the sections ask for (the risk, the way back) is what reviewers decide by and auditors look for.",
        fix: "Write the section; where there is nothing to say, say so.",
        fires: "feat: add the export\n\n## Summary\nAdds it.\n## Rollback plan\n<!-- how to go back -->\n",
        silent: "feat: add the export\n\n## Summary\nAdds it.\n## Rollback plan\nRevert it.\n",
    },
    options: "headings = [\"Summary\", \"Rollback plan\"]",
    judge,
};

fn judge(subject: &Subject<'_>, verdicts: &mut Verdicts) {
    let headings = &subject.settings.headings;
    if headings.is_empty() {
        return;
    }
    let body = match subject.facts.body.get() {
        Ok(body) => body,
        Err(why) => return verdicts.unknown.push(("body", why.clone())),
    };
    for heading in headings {
        let found = subject.visible.and_then(|visible| visible.section(heading));
        if found == Some(true) {
            continue;
        }
        // It may stand in what was cut off.
        if let Some(cut) = &body.cut {
            verdicts.unknown.push(("body", cut.clone()));
            continue;
        }
        let (message, step) = match found {
            None => (format!("the heading `{heading}` is missing"), format!("add a section: ## {heading}")),
            Some(_) => (
                format!("nothing is written below the heading `{heading}`"),
                format!("write something below ## {heading}; comments (`<!-- … -->`) are not seen"),
            ),
        };
        verdicts.complaints.push(Complaint {
            message,
            place: "body",
            shown: None,
            about: heading.clone(),
            fix: vec![step],
        });
    }
}
