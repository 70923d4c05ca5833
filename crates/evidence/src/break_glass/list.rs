//! What stands open: each activation with its state, for the command that lists them and for the gate that reminds; and
//! beside them the exceptions that were named.

use super::limit::{Limit, counted};
use super::{Activation, DryRun, Ending, ExemptPush, NamedException, Record, Settled};
use crate::text;
use gatepost_core::Timestamp;
use serde::Serialize;

/// How an activation stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Its commits passed in full.
    Settled,
    /// No ref reaches its commits any more.
    Withdrawn,
    /// To be mended, and there is time.
    Open,
    /// To be mended, and the time is over.
    Overdue,
}

impl State {
    /// The word of a report.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Withdrawn => "withdrawn",
            Self::Open => "open",
            Self::Overdue => "overdue",
        }
    }

    /// Whether there is something to mend.
    #[must_use]
    pub const fn is_owed(self) -> bool {
        matches!(self, Self::Open | Self::Overdue)
    }
}

/// Why a push came in that a gate had not let through.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Somebody asked for break-glass.
    BreakGlass,
    /// The time was up, and the policy lets that in.
    TimeOut,
}

/// An activation and how it stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Row<'a> {
    /// How it stands.
    pub state: State,
    /// Why it came in.
    pub cause: Cause,
    /// The activation.
    #[serde(flatten)]
    pub activation: &'a Activation,
    /// Its end.
    pub settled: Option<&'a Settled>,
}

/// The numbers of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Summary {
    /// To be mended, with time left.
    pub open: usize,
    /// To be mended, too late.
    pub overdue: usize,
    /// How many count within the window.
    pub used: usize,
    /// How many may.
    pub max_activations: u32,
    /// The window, in days.
    pub window_days: u32,
}

/// Every activation, in the order of the log.
#[must_use]
pub fn rows(records: &[Record], now: Timestamp) -> Vec<Row<'_>> {
    let ends = || {
        records.iter().filter_map(|record| match record {
            Record::Settled(settled) => Some(settled),
            Record::Activation(_)
            | Record::Exception(_)
            | Record::TimeOut(_)
            | Record::Exempt(_)
            | Record::DryRun(_) => None,
        })
    };
    let activations = records.iter().filter_map(|record| match record {
        Record::Activation(activation) => Some((Cause::BreakGlass, activation.as_ref())),
        Record::TimeOut(activation) => Some((Cause::TimeOut, activation.as_ref())),
        Record::Settled(_) | Record::Exception(_) | Record::Exempt(_) | Record::DryRun(_) => None,
    });
    activations
        .map(|(cause, activation)| {
            let settled = ends().find(|settled| settled.of == activation.id);
            let state = match settled.map(|settled| settled.how) {
                Some(Ending::Passed) => State::Settled,
                Some(Ending::Withdrawn) => State::Withdrawn,
                None if now > activation.due => State::Overdue,
                None => State::Open,
            };
            Row { state, cause, activation, settled }
        })
        .collect()
}

/// The exceptions that were named and let something in, in the order of the log.
pub fn named(records: &[Record]) -> impl Iterator<Item = &NamedException> {
    records.iter().filter_map(|record| match record {
        Record::Exception(named) => Some(named.as_ref()),
        Record::Activation(_)
        | Record::Settled(_)
        | Record::TimeOut(_)
        | Record::Exempt(_)
        | Record::DryRun(_) => None,
    })
}

/// The pushes of those whom rules for refs do not bind, in the order of the log.
pub fn exempt(records: &[Record]) -> impl Iterator<Item = &ExemptPush> {
    records.iter().filter_map(|record| match record {
        Record::Exempt(push) => Some(push.as_ref()),
        Record::Activation(_)
        | Record::Settled(_)
        | Record::TimeOut(_)
        | Record::Exception(_)
        | Record::DryRun(_) => None,
    })
}

/// The pushes that a dry run let in and a gate would have refused, in the order of the log.
pub fn dry_runs(records: &[Record]) -> impl Iterator<Item = &DryRun> {
    records.iter().filter_map(|record| match record {
        Record::DryRun(push) => Some(push.as_ref()),
        Record::Activation(_)
        | Record::Settled(_)
        | Record::TimeOut(_)
        | Record::Exception(_)
        | Record::Exempt(_) => None,
    })
}

/// Counts them.
#[must_use]
pub fn summary(records: &[Record], limit: Limit, now: Timestamp) -> Summary {
    let rows = rows(records, now);
    let count = |state| rows.iter().filter(|row| row.state == state).count();
    Summary {
        open: count(State::Open),
        overdue: count(State::Overdue),
        used: counted(records, limit, now).len(),
        max_activations: limit.max_activations,
        window_days: limit.window_days,
    }
}

/// The list as JSON, `gatepost.break-glass/1`. `head` is the log's.
///
/// # Errors
///
/// A record that JSON cannot hold.
pub fn json(
    records: &[Record],
    head: Option<&str>,
    limit: Limit,
    now: Timestamp,
) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct List<'a> {
        schema: &'static str,
        #[serde(with = "text::instant")]
        time: Timestamp,
        head: Option<&'a str>,
        summary: Summary,
        activations: Vec<Row<'a>>,
        exceptions: Vec<&'a NamedException>,
        exempt: Vec<&'a ExemptPush>,
        #[serde(rename = "dry-runs")]
        dry_runs: Vec<&'a DryRun>,
    }
    text::pretty(&List {
        schema: "gatepost.break-glass/1",
        time: now,
        head,
        summary: summary(records, limit, now),
        activations: rows(records, now),
        exceptions: named(records).collect(),
        exempt: exempt(records).collect(),
        dry_runs: dry_runs(records).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::break_glass::testing::{activated, at, named, settled};

    #[test]
    fn each_activation_has_one_state() {
        let records = [
            activated("BG-1", "2026-11-20T10:00:00Z"),
            activated("BG-2", "2026-11-20T11:00:00Z"),
            settled("BG-1", "2026-11-20T12:00:00Z", Ending::Passed),
            activated("BG-3", "2026-11-22T10:00:00Z"),
            activated("BG-4", "2026-11-22T11:00:00Z"),
            settled("BG-3", "2026-11-22T12:00:00Z", Ending::Withdrawn),
        ];
        let now = at("2026-11-22T13:00:00Z");
        let states: Vec<State> = rows(&records, now).iter().map(|row| row.state).collect();
        assert_eq!(states, [State::Settled, State::Overdue, State::Withdrawn, State::Open]);
        let limit = Limit { max_activations: 2, window_days: 2 };
        let summary = summary(&records, limit, now);
        assert_eq!((summary.open, summary.overdue, summary.used), (1, 1, 2));
    }

    #[test]
    fn a_named_exception_owes_nothing_and_is_not_counted() {
        let records = [named("EX-2026-0001", "2026-11-01T10:00:00Z")];
        let now = at("2026-11-24T13:00:00Z");
        let limit = Limit { max_activations: 1, window_days: 30 };
        let Summary { open, overdue, used, .. } = summary(&records, limit, now);
        assert_eq!((rows(&records, now).len(), open, overdue, used), (0, 0, 0, 0));
        assert_eq!(super::super::may_activate(&records, limit, now), Ok(()));
        assert_eq!(super::named(&records).count(), 1);
    }

    #[test]
    fn a_push_that_came_in_unjudged_is_owed_and_not_counted() {
        let late = |record| match record {
            Record::Activation(activation) => Record::TimeOut(activation),
            other => other,
        };
        let records = [late(activated("TO-20261101-1", "2026-11-01T10:00:00Z"))];
        let now = at("2026-11-24T13:00:00Z");
        let limit = Limit { max_activations: 1, window_days: 30 };
        let Summary { open, overdue, used, .. } = summary(&records, limit, now);
        assert_eq!((open, overdue, used), (0, 1, 0));
        assert_eq!(rows(&records, now)[0].cause, Cause::TimeOut);
        assert_eq!(super::super::may_activate(&records, limit, now), Ok(()));
        let ids = [now, at("2026-11-01T12:00:00Z")].map(|now| super::super::next_time_out(&records, now));
        assert_eq!(ids, ["TO-20261124-1", "TO-20261101-2"]);
        let settled = settled("TO-20261101-1", "2026-11-02T10:00:00Z", Ending::Passed);
        assert_eq!(rows(&[records[0].clone(), settled], now)[0].state, State::Settled);
    }

    #[test]
    fn the_list_as_json() {
        let records = [
            activated("BG-20261120-1", "2026-11-20T10:00:00Z"),
            named("EX-2026-0001", "2026-11-20T11:00:00Z"),
        ];
        let limit = Limit { max_activations: 2, window_days: 30 };
        insta::assert_snapshot!(json(&records, Some("ab"), limit, at("2026-11-24T10:00:00Z")).unwrap());
    }
}
