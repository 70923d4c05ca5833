//! A change that belongs into the changelog does not alter it.

use super::{Complaint, PullRequestRule, Subject, Verdicts};
use crate::code::CodeInfo;
use crate::severity::Severity;
use crate::text::commit_type;

pub(super) const RULE: PullRequestRule = PullRequestRule {
    info: CodeInfo {
        code: "GP-PR-009",
        name: "changelog-missing",
        severity: Severity::Low,
        summary: "A pull request adds or alters none of the files of `changelog.files`.",
        why: "What is not written down with the change is written from memory at the release, or not at all.",
        fix: "Add the entry, or the fragment, to the pull request.",
        fires: "feat: add the export\nFiles: src/export.rs\n\nText.",
        silent: "feat: add the export\nFiles: src/export.rs, changelog.d/12.md\n\nText.",
    },
    options: "changelog.files = [\"CHANGELOG.md\", \"changelog.d/**\"]",
    judge,
};

fn judge(subject: &Subject<'_>, verdicts: &mut Verdicts) {
    let changelog = &subject.settings.changelog;
    if changelog.files.is_empty() || changelog.is_in(subject.changes) {
        return;
    }
    if !changelog.types.is_empty() {
        let title = match subject.facts.title.get() {
            Ok(title) => title,
            Err(why) => return verdicts.unknown.push(("title", why.clone())),
        };
        // What breaks others is told whatever its type; of a title without one nobody can tell that it need not be.
        let is_asked = commit_type(title).is_none_or(|kind| {
            kind.breaking || changelog.types.iter().any(|wanted| wanted.eq_ignore_ascii_case(kind.name))
        });
        if !is_asked {
            return;
        }
    }
    let mut fix =
        vec![format!("write what changes into one of: {}, and commit it", changelog.sources.join(", "))];
    if !changelog.label.is_empty() {
        match subject.facts.labels.get() {
            Ok(labels) if labels.contains(&changelog.label) => return,
            Ok(_) => fix.push(format!(
                "where nobody needs to know, give the pull request the label `{}`",
                changelog.label
            )),
            Err(why) => return verdicts.unknown.push(("labels", why.clone())),
        }
    }
    verdicts.complaints.push(Complaint {
        message: format!("no file of the changelog changes ({})", changelog.sources.join(", ")),
        place: "changes",
        shown: None,
        about: String::new(),
        fix,
    });
}
