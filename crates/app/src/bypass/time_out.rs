//! A push that could not be judged in time. It is refused, unless the policy says `on-timeout = "record"`: then it comes in
//! where nothing that was judged denies it, the log has it as something that is owed, and `gatepost break-glass check` judges
//! the rest when there is time.

use super::log::LogFile;
use super::record::{self, Pushed};
use crate::exit::Failure;
use crate::push::Unjudged;
use crate::session::Session;
use gatepost_core::server::{Budget, OnTimeout};
use gatepost_core::{Outcome, Problem, Report, SkipReason};
use gatepost_evidence::break_glass::{Record, next_time_out};
use gatepost_report::grouped;
use gatepost_source::Repository;
use std::time::Duration;

/// What there is to do when the time is up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// The time.
    pub(crate) budget: Duration,
    /// What the policy says.
    pub(crate) on_timeout: OnTimeout,
}

/// Says that the time was up, and lets the push through with a record where the policy wants that. `true` when it comes in.
///
/// # Errors
///
/// When the record cannot be written: then nothing is let through.
pub(crate) fn settle(
    limit: Limit,
    session: &Session,
    repository: &dyn Repository,
    file: &LogFile,
    pushed: &mut Pushed,
    unjudged: &Unjudged,
    report: &mut Report,
) -> Result<bool, Failure> {
    let what = words(limit.budget, unjudged);
    let is_alone = is_all_that_is_missing(report);
    if !(limit.on_timeout == OnTimeout::Record && is_alone && report.enforced) {
        report.problems.push(Problem {
            what,
            place: None,
            fix: "push fewer commits at a time: git push REMOTE COMMIT:refs/heads/BRANCH\nor ask the administrator for \
                  more time: `budget` in [server] of the server's gatepost.toml"
                .to_owned(),
        });
        return Ok(false);
    }
    for id in &unjudged.unread {
        pushed.commits.push(repository.commit(id)?);
    }
    let mut held = file.lock()?;
    let id = next_time_out(held.records(), session.now);
    let activation = record::time_out(id.clone(), &what, session, pushed, report)?;
    let due = activation.due;
    held.append(vec![Record::TimeOut(Box::new(activation))])?;
    report.notices.push(format!(
        "NOT JUDGED IN FULL {id}: {what}. The policy lets it in (on-timeout = \"record\"), and it is on record: the \
         administrator judges the rest with `gatepost break-glass check` on the server, by {due}"
    ));
    Ok(true)
}

/// What there was no time for.
fn words(budget: Duration, unjudged: &Unjudged) -> String {
    let time = Budget::Limited(budget);
    let judged = grouped(unjudged.of.saturating_sub(unjudged.late) as u64);
    match unjudged.of {
        all if unjudged.late == 0 => format!(
            "the time is up: judged {} of a push in {time}, and not what it does to its refs",
            if all == 1 { "the commit" } else { "the commits" }
        ),
        1 => format!("the time is up: judged {judged} of 1 commit in {time}"),
        all => format!("the time is up: judged {judged} of {} commits in {time}", grouped(all as u64)),
    }
}

/// Whether nothing denies, and nothing is missing but what there was no time for.
fn is_all_that_is_missing(report: &Report) -> bool {
    let undeclared =
        report.coverage.skipped.iter().filter(|(reason, count)| !reason.is_declared() && **count > 0);
    report.outcome() == Outcome::Incomplete
        && report.problems.is_empty()
        && undeclared.map(|(reason, _)| *reason).all(|reason| reason == SkipReason::TimeOut)
}
