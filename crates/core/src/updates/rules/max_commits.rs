//! How many commits arrive at once.

use super::super::judge::of_block;
use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-022",
        name: "too-many-commits",
        severity: Severity::Low,
        summary: "More new commits arrive at once than the policy takes.",
        why: "A push of thousands of commits is an import or an accident (another repository, a rebase of the wrong branch), and nobody reviews it.",
        fix: "Look at what you push: `git log --oneline origin/main..HEAD`. An import is for whoever owns the policy to let in.",
        fires: "git push origin HEAD:main (with 5,000 new commits)",
        silent: "git push origin HEAD:main (with 3 new commits)",
    },
    levels: |block| of_block(block, block.max_commits.is_some()),
    in_ci: true,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let Some(most) = subject.block.block.max_commits else { return Ok(Vec::new()) };
    let count = subject.moved.new_commits()?.len() as u64;
    let message =
        format!("{count} new commits come to the {}, and the most is {most}", subject.moved.named());
    Ok((count > most).then(|| Complaint::new(message)).into_iter().collect())
}
