//! The dates of commits.

use super::super::judge::of_block;
use super::super::subject::named;
use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-027",
        name: "commit-date",
        severity: Severity::Low,
        summary: "The date of a new commit lies too far in the future or in the past.",
        why: "Tools and people go by dates: a commit from the future stands on top of every list for years, and a backdated one can hide behind a key that has expired.",
        fix: "Set your clock and make the commits anew: `git rebase --force-rebase origin/main`.",
        fires: "a commit dated in 2038",
        silent: "a commit dated today",
    },
    levels: |block| of_block(block, block.max_future_minutes.is_some() || block.max_age_days.is_some()),
    in_ci: true,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let (now, block) = (subject.moved.now.seconds, &subject.block.block);
    let seconds = |count: u64, unit: i64| i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(unit);
    let latest = block.max_future_minutes.map(|minutes| now.saturating_add(seconds(minutes, 60)));
    let earliest = block.max_age_days.map(|days| now.saturating_sub(seconds(days, 86_400)));
    let mut complaints = Vec::new();
    for commit in subject.moved.new_commits()? {
        let complaint = match commit.committer.time.map(|time| time.seconds) {
            None => Some("has no date that can be read".to_owned()),
            Some(time) if latest.is_some_and(|latest| time > latest) => {
                Some("is dated in the future".to_owned())
            }
            Some(time) if earliest.is_some_and(|earliest| time < earliest) => {
                Some(format!("is older than {} days", block.max_age_days.unwrap_or_default()))
            }
            Some(_) => None,
        };
        let date = commit.committer.time.map_or_else(String::new, |time| format!(": {}", time.date()));
        complaints.extend(
            complaint.map(|what| Complaint::about(commit, format!("{} {what}{date}", named(commit)))),
        );
    }
    Ok(complaints)
}
