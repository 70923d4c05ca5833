//! A branch that is made together with commits.

use super::super::subject::{Complaint, Subject, named};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use crate::text::shell_word;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-051",
        name: "created-with-commits",
        severity: Severity::Medium,
        summary: "A branch is made and brings commits that no ref had before.",
        why: "Whoever may make the branch puts onto it what nobody has reviewed: a push that makes a branch is no merge request.",
        fix: "Make the branch where it begins, and bring the commits by a merge request.",
        fires: "git push origin HEAD:refs/heads/hotfix/1.4.3-ABC-7 (with a fix that no ref has)",
        silent: "git push origin v1.4.2^{}:refs/heads/hotfix/1.4.3-ABC-7",
    },
    levels: |block| block.create_with_commits.clone(),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    if moved.update.old.is_some() || moved.update.name.branch().is_none() {
        return Ok(Vec::new());
    }
    let arriving = moved.arriving()?;
    let Some(first) = arriving.first() else { return Ok(Vec::new()) };
    let more = match arriving.len() {
        1 => String::new(),
        count => format!(" and {} more", count.saturating_sub(1)),
    };
    let message =
        format!("the {} is made with commits that nobody has seen: {}{more}", moved.named(), named(first));
    let complaint = Complaint::new(message);
    let Some(start) = first.parents.first() else { return Ok(vec![complaint]) };
    let target = shell_word(&format!("refs/heads/{}", moved.short()));
    Ok(vec![
        complaint
            .fix(format!("make the branch where it begins: git push origin {}:{target}", start.short()))
            .fix("push your commits to a branch of your own, and open a merge request"),
    ])
}
