//! A release of which no record says that it passed.

use super::super::releases::last_release;
use super::super::subject::{Complaint, Subject, named};
use super::UpdateRule;
use crate::Stage;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use crate::text::shell_word;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-053",
        name: "tag-without-records",
        severity: Severity::High,
        summary: "A tag is made of commits that no record says to have passed a gate.",
        why: "Whoever audits a release asks for the evidence that each of its changes was judged, and after the release it cannot be made.",
        fix: "Push the commits to a branch, so that the gate leaves its record, and then the tag.",
        fires: "git push origin v1.5.0 (with a commit since v1.4.0 that came in while the hook was off)",
        silent: "git push origin v1.5.0 (each commit since v1.4.0 has a record of pre-receive or ci)",
    },
    levels: |block| block.naming.records.clone(),
    in_ci: false,
    judge,
};

fn count(commits: usize) -> String {
    if commits == 1 { "1 commit".to_owned() } else { format!("{commits} commits") }
}

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    let history = moved.push.history;
    // The records are where the gate is that leaves them.
    if moved.push.stage != Stage::PreReceive {
        return Ok(Vec::new());
    }
    let Some(commit) = subject.tagged_commit()? else { return Ok(Vec::new()) };
    let last = match moved.tagged() {
        Some(tagged) => last_release(subject, &commit, tagged.series, &tagged.version)?,
        None => None,
    };
    let before: Vec<_> = last.iter().map(|release| release.target).collect();
    let commits = history.commits(&[commit], &before)?;
    let gaps = history.unrecorded(&commits)?;
    let Some(newest) = gaps.last() else { return Ok(Vec::new()) };
    let since = last.map_or_else(String::new, |release| format!(" since {}", release.name.shown()));
    let what = history.commit(&newest.commit)?.map(|commit| named(&commit)).unwrap_or_default();
    let message = format!(
        "of {}{since} that the {} is made of, {} without a record of having passed: {what} ({})",
        count(commits.len()),
        moved.named(),
        match gaps.len() {
            1 => "1 is".to_owned(),
            gaps => format!("{gaps} are"),
        },
        newest.instead
    );
    let range = match before.first() {
        Some(last) => format!("{}..{}", last.short(), commit.short()),
        None => commit.short(),
    };
    Ok(vec![
        Complaint::new(message)
            .fix("push the branch before the tag: the record of a push is there when the push is over")
            .fix(format!("on the server, to see which: gatepost evidence coverage {}", shell_word(&range)))
            .fix("what was never judged: have CI judge it with --evidence, or have the administrator excuse it"),
    ])
}
