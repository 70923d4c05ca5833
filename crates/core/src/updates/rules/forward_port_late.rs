//! What a branch should have brought to others by now.

use super::super::judge::of_block;
use super::super::ports::{Ledger, about, fact};
use super::super::subject::{Complaint, Subject};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use std::collections::HashSet;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-052",
        name: "forward-port-late",
        severity: Severity::Medium,
        summary: "A branch moves on, or stands there, and a commit of it has not come to the branches that follow within `forward-port-days`.",
        why: "The longer a fix is in one version alone, the surer the next version goes out without it.",
        fix: "Pick it with its origin (`git cherry-pick -x COMMIT`) or merge the branch forward; `gatepost check refs --forward-ports` lists what is owed.",
        fires: "git push origin release/1.4 (a fix of three days ago is not on main)",
        silent: "git push origin release/1.4 (every fix of it is on main, by git cherry-pick -x)",
    },
    levels: |block| of_block(block, block.forward_port_days.is_some() && !block.forward_port_to.is_empty()),
    in_ci: false,
    judge,
};

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    let (Some(ports), Some(days)) = (&subject.block.ports, subject.block.block.forward_port_days) else {
        return Ok(Vec::new());
    };
    // A branch that is made, or goes, is for the other rules to judge.
    let is_there = moved.standing || moved.update.old.is_some();
    let tip = moved.tip()?.and_then(|tip| tip.commit.as_ref()).map(|commit| commit.id);
    let Some(tip) = tip.filter(|_| is_there && moved.update.name.branch().is_some()) else {
        return Ok(Vec::new());
    };
    let span = i64::try_from(days).unwrap_or(i64::MAX).saturating_mul(86_400);
    let latest = moved.now.seconds.saturating_sub(span);
    // What comes with this very push is not late, whenever it was made.
    let arriving: HashSet<_> = if moved.standing {
        HashSet::new()
    } else {
        moved.arriving()?.iter().map(|commit| commit.id).collect()
    };
    let ledger = Ledger::new(moved.push, ports, &subject.block.reach);
    let mut complaints = Vec::new();
    for row in ledger.rows(&moved.update.name, tip)? {
        let made = row.commit.committer.time.map(|time| time.seconds);
        // A date that cannot be read is none that excuses.
        let is_late = made.is_none_or(|made| made < latest) && !arriving.contains(&row.commit.id);
        if row.state.is_owed() && is_late {
            let unit = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
            let message = format!("{} owes a commit for longer than {unit}: {}", moved.short(), fact(&row));
            complaints.push(about(&row, message));
        }
    }
    Ok(complaints)
}
