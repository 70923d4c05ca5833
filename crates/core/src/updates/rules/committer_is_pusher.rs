//! Commits of somebody else.

use super::super::subject::{Complaint, Subject};
use super::super::subject::{address, named};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use crate::{Commit, Identity, Problem, SkipReason, Stage};

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-019",
        name: "committer-is-not-pusher",
        severity: Severity::Medium,
        summary: "A new commit was made under another identity than the pusher's.",
        why: "Anybody can write any name into a commit; the server knows only who pushes.",
        fix: "Set your own address and make the commits anew: `git config user.email ADDRESS && git rebase --exec 'git commit --amend --no-edit --reset-author' origin/main`.",
        fires: "a commit by bob@example.com, pushed by alice",
        silent: "a commit by alice@example.com, pushed by alice",
    },
    levels: |block| block.committer_is_pusher.clone(),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    if moved.push.stage == Stage::PrePush {
        return Ok(Vec::new());
    }
    let new = moved.new_commits()?;
    let Some(pusher) = moved.push.pusher.filter(|pusher| pusher.authenticated) else {
        return if new.is_empty() { Ok(Vec::new()) } else { Err(nobody_named(subject)) };
    };
    let same = |one: &str, other: &[u8]| one.as_bytes().eq_ignore_ascii_case(other);
    let is_pusher = |commit: &Commit| {
        let Identity { name, email, .. } = &commit.committer;
        pusher.email.as_deref().is_some_and(|own| same(own, email))
            || pusher.name.as_deref().is_some_and(|own| same(own, name) || same(own, email))
    };
    let shown = pusher.email.as_deref().or(pusher.name.as_deref()).unwrap_or_default();
    let others = new.into_iter().filter(|commit| !is_pusher(commit));
    Ok(others
        .map(|commit| {
            Complaint::about(
                commit,
                format!(
                    "{} was committed by {}, and {shown} pushes it",
                    named(commit),
                    address(&commit.committer)
                ),
            )
        })
        .collect())
}

fn nobody_named(subject: &Subject<'_>) -> Unanswered {
    Unanswered {
        problem: Problem {
            what: "the server does not say who pushes, so nobody can tell whether the commits are theirs"
                .to_owned(),
            place: Some(subject.moved.named()),
            fix:
                "let the server name the pusher to its hooks, or take `committer-is-pusher` out of the policy"
                    .to_owned(),
        },
        reason: SkipReason::Unreadable,
    }
}
