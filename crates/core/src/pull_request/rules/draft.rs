//! A pull request that is not ready.

use super::super::config::Drafts;
use super::{Complaint, PullRequestRule, Subject, Verdicts};
use crate::code::CodeInfo;
use crate::severity::Severity;
use crate::text::escape;

pub(super) const RULE: PullRequestRule = PullRequestRule {
    info: CodeInfo {
        code: "GP-PR-007",
        name: "pull-request-draft",
        severity: Severity::Low,
        summary: "A pull request is a draft, or its title begins with `WIP` or `Draft:`, and `draft` forbids it.",
        why: "Its author says that it is not ready to be merged.",
        fix: "Mark it as ready, and take the mark out of the title.",
        fires: "WIP: add the export\n\nText.",
        silent: "feat: add the export\n\nText.",
    },
    options: "draft = \"forbid\"",
    judge,
};

fn judge(subject: &Subject<'_>, verdicts: &mut Verdicts) {
    if subject.settings.draft == Drafts::Allow {
        return;
    }
    let title = subject.facts.title.known();
    if let Some(title) = title.filter(|title| is_marked(title)) {
        verdicts.complaints.push(Complaint {
            message: format!("the title `{}` says that it is not ready", escape(title)),
            place: "title",
            shown: Some(title.clone()),
            about: String::new(),
            fix: vec!["take the mark out of the title when it is ready".to_owned()],
        });
        return;
    }
    match subject.facts.draft.get() {
        Ok(false) => {}
        Ok(true) => verdicts.complaints.push(Complaint {
            message: format!("{} is a draft", subject.facts.name),
            place: "state",
            shown: None,
            about: String::new(),
            fix: vec!["mark it as ready".to_owned()],
        }),
        Err(why) => verdicts.unknown.push(("draft state", why.clone())),
    }
}

/// The marks that GitLab (`Draft:`, `[Draft]`, `(Draft)`), Gitea (`WIP:`, `[WIP]`) and people write.
fn is_marked(title: &str) -> bool {
    let text = title.trim().trim_start_matches(['[', '(']).to_ascii_lowercase();
    let after = |word: &str| text.strip_prefix(word).map(|rest| rest.chars().next());
    // "Draft release notes" is a title like any other.
    after("draft").is_some_and(|next| next.is_none_or(|c| [':', ']', ')'].contains(&c)))
        || after("wip").is_some_and(|next| next.is_none_or(|c| !c.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::is_marked;

    #[test]
    fn marks_are_told_from_words() {
        for title in ["WIP: x", "[WIP] x", "wip x", "Draft: x", "[Draft] x", "(draft) x", "WIP"] {
            assert!(is_marked(title), "{title}");
        }
        for title in ["Draft release notes", "wipe the disk", "feat: WIP", "drafts: add"] {
            assert!(!is_marked(title), "{title}");
        }
    }
}
