//! A message that Git wrote, where the policy refuses that kind.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::message::config::OwnMessages;
use crate::message::own::Author;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-016",
        name: "git-message-denied",
        severity: Severity::Medium,
        summary: "A merge, revert, fixup or first commit, where the policy says `deny` for that kind.",
        why: "The policy wants a history without such commits: rebased, squashed, or told in people's words.",
        fix: "Rewrite the commit in the way that the policy allows.",
        fires: "fixup! fix: keep the login",
        silent: "fix: keep the login",
    },
    options: "fixup = \"deny\"",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let (what, step) = match subject.author {
        Author::Person => return,
        Author::Merge => ("merge", "git rebase instead of git merge, so that there is no merge commit"),
        Author::Revert => ("revert", "say in a conventional header what is undone: revert: …"),
        Author::Fixup => ("fixup", "git rebase -i --autosquash before it is shared"),
        Author::Initial => ("initial", "say in a conventional header what the commit holds: chore: …"),
    };
    if subject.own != OwnMessages::Deny {
        return;
    }
    let title = subject.layout.header.text;
    complaints.push(Complaint {
        detail: String::new(),
        message: format!("the policy refuses messages of this kind (`{what} = \"deny\"`)"),
        range: subject.layout.header.range(),
        header: title.strip_prefix("Revert \"").map(|t| format!("revert: {}", t.trim_end_matches('"'))),
        fix: vec![step.to_owned()],
    });
}
