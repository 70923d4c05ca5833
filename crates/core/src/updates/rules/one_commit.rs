//! One commit at a time.

use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-017",
        name: "one-commit",
        severity: Severity::Medium,
        summary: "Anything but exactly one commit comes to a branch that takes one at a time.",
        why: "With squash merges one request is one commit: it can be reverted and traced as a whole.",
        fix: "Squash them: `git reset --soft origin/BRANCH && git commit`, or use the squash button of the server.",
        fires: "git push origin HEAD:main (with three commits)",
        silent: "git push origin HEAD:main (with one commit)",
    },
    levels: |block| block.one_commit.clone(),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    if moved.update.old.is_none() || moved.update.new.is_none() {
        return Ok(Vec::new());
    }
    let arriving = moved.arriving()?;
    let is_one = matches!(arriving, [commit] if commit.parents.len() < 2);
    if is_one || arriving.is_empty() {
        return Ok(Vec::new());
    }
    let message = match arriving {
        [merge] => format!(
            "the {} takes one commit at a time that is no merge, and {} is one",
            moved.named(),
            merge.id.short()
        ),
        commits => format!("the {} takes one commit at a time, and {} arrive", moved.named(), commits.len()),
    };
    Ok(vec![Complaint::new(message)])
}
