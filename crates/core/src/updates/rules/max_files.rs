//! How many files change at once.

use super::super::judge::of_block;
use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use std::collections::BTreeSet;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-023",
        name: "too-many-files",
        severity: Severity::Low,
        summary: "More files change at once than the policy takes.",
        why: "A change of thousands of files cannot be reviewed; most are generated or vendored code that was added by accident.",
        fix: "Split the change, or keep what is generated out of it: `git diff --stat origin/main...HEAD` shows what changes.",
        fires: "git push origin HEAD:main (3,000 changed files)",
        silent: "git push origin HEAD:main (12 changed files)",
    },
    levels: |block| of_block(block, block.max_files.is_some()),
    in_ci: true,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let Some(most) = subject.block.block.max_files else { return Ok(Vec::new()) };
    let moved = subject.moved;
    let mut paths = BTreeSet::new();
    for commit in moved.new_commits()? {
        paths.extend(moved.push.history.changes(&commit.id)?.into_iter().map(|change| change.path));
    }
    let count = paths.len() as u64;
    let message = format!("{count} files change on the {}, and the most is {most}", moved.named());
    Ok((count > most).then(|| Complaint::new(message)).into_iter().collect())
}
