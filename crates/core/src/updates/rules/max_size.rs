//! How many bytes arrive at once.

use super::super::judge::of_block;
use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use crate::text::Size;
use std::collections::HashSet;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-024",
        name: "push-too-large",
        severity: Severity::Low,
        summary: "The new versions of files are larger together than the policy takes.",
        why: "What lands in a history is fetched by everybody for ever, whether it is deleted later or not.",
        fix: "Keep large files out of Git (`git lfs track`), or split the push.",
        fires: "git push origin HEAD:main (2 GiB of new files)",
        silent: "git push origin HEAD:main (40 KiB of new files)",
    },
    levels: |block| of_block(block, block.max_size.is_some()),
    in_ci: true,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let Some(most) = subject.block.block.max_size else { return Ok(Vec::new()) };
    let moved = subject.moved;
    let (mut seen, mut size) = (HashSet::new(), 0u64);
    for commit in moved.new_commits()? {
        for change in moved.push.history.changes(&commit.id)? {
            if let Some(entry) = change.new.filter(|entry| entry.mode.is_blob() && seen.insert(entry.id)) {
                size = size.saturating_add(moved.push.history.blob_size(&entry.id)?);
            }
        }
    }
    let message =
        format!("{} of new files come to the {}, and the most is {most}", Size(size), moved.named());
    Ok((size > most.0).then(|| Complaint::new(message)).into_iter().collect())
}
