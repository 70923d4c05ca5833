//! The addresses of authors.

use super::super::judge::of_block;
use super::super::subject::{Complaint, Subject};
use super::super::subject::{address, named};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-025",
        name: "author-email",
        severity: Severity::Medium,
        summary: "The address of a commit's author is none that the policy takes.",
        why: "A private or mistyped address belongs to nobody whom an audit, or a question about the line, could reach.",
        fix: "Set the address and make the commits anew: `git config user.email ADDRESS && git rebase --exec 'git commit --amend --no-edit --reset-author' origin/main`.",
        fires: "me@laptop.local, where the policy takes .*@example\\.com",
        silent: "me@example.com, where the policy takes .*@example\\.com",
    },
    levels: |block| of_block(block, !block.author_email.is_empty()),
    in_ci: true,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let patterns = &subject.block.author_email;
    let mut complaints = Vec::new();
    for commit in subject.moved.new_commits()? {
        let email = String::from_utf8_lossy(&commit.author.email);
        if !patterns.iter().any(|pattern| pattern.is_match(&email)) {
            let message = format!(
                "the author of {} is {}, which the {} does not take",
                named(commit),
                address(&commit.author),
                subject.moved.named()
            );
            let takes = subject.block.block.author_email.join(" or ");
            complaints.push(
                Complaint::about(commit, message)
                    .fix(RULE.info.fix)
                    .fix(format!("the policy takes addresses like {takes}")),
            );
        }
    }
    Ok(complaints)
}
