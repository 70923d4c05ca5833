//! Whether break-glass may be used once more: not while an earlier one is overdue, and only so often within a window.

use super::list::{Cause, State, rows};
use super::{Activation, Record};
use gatepost_core::Timestamp;

/// How often, and over which time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// How many activations within the window.
    pub max_activations: u32,
    /// The window, in days.
    pub window_days: u32,
}

/// Why it may not be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal<'a> {
    /// Earlier ones are overdue: these.
    Overdue(Vec<&'a Activation>),
    /// The limit is reached.
    Spent {
        /// The activations that count.
        counted: Vec<&'a Activation>,
        /// When the next one is possible.
        next: Timestamp,
    },
}

/// The activations that count now, the earliest first. One that the log has in the future counts, too: clocks are
/// set back.
pub(super) fn counted(records: &[Record], limit: Limit, now: Timestamp) -> Vec<&Activation> {
    let window = i64::from(limit.window_days) * 24;
    let mut counted: Vec<&Activation> = rows(records, now)
        .into_iter()
        .filter(|row| row.cause == Cause::BreakGlass)
        .map(|row| row.activation)
        .filter(|activation| activation.time.plus_hours(window) > now)
        .collect();
    counted.sort_by_key(|activation| activation.time);
    counted
}

/// Whether there may be one more activation.
///
/// # Errors
///
/// Why not.
pub fn may_activate(records: &[Record], limit: Limit, now: Timestamp) -> Result<(), Refusal<'_>> {
    let overdue: Vec<&Activation> = rows(records, now)
        .into_iter()
        .filter(|row| row.state == State::Overdue && row.cause == Cause::BreakGlass)
        .map(|row| row.activation)
        .collect();
    if !overdue.is_empty() {
        return Err(Refusal::Overdue(overdue));
    }
    let counted = counted(records, limit, now);
    let max = usize::try_from(limit.max_activations).unwrap_or(usize::MAX);
    // There is room again when so many have left the window that fewer than `max` are in it.
    let leaves = counted.len().checked_sub(max).and_then(|index| counted.get(index));
    match leaves {
        Some(last) => {
            let next = last.time.plus_hours(i64::from(limit.window_days) * 24);
            Err(Refusal::Spent { counted, next })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::break_glass::Ending;
    use crate::break_glass::testing::{activated, at, settled};
    use proptest::prelude::*;

    const LIMIT: Limit = Limit { max_activations: 2, window_days: 30 };

    /// Activations on these days of November, settled at once.
    fn on(days: &[u32]) -> Vec<Record> {
        days.iter()
            .flat_map(|day| {
                let (id, time) = (format!("BG-{day}"), format!("2026-11-{day:02}T10:00:00Z"));
                [activated(&id, &time), settled(&id, &time, Ending::Passed)]
            })
            .collect()
    }

    #[test]
    fn two_within_thirty_days_and_no_third() {
        let now = at("2026-11-24T12:00:00Z");
        assert_eq!(may_activate(&on(&[]), LIMIT, now), Ok(()));
        assert_eq!(may_activate(&on(&[1]), LIMIT, now), Ok(()));
        let records = on(&[1, 20]);
        let Err(Refusal::Spent { counted, next }) = may_activate(&records, LIMIT, now) else { panic!() };
        assert_eq!(counted.iter().map(|a| a.id.as_str()).collect::<Vec<_>>(), ["BG-1", "BG-20"]);
        assert_eq!(next.to_string(), "2026-12-01T10:00:00Z");
        assert!(may_activate(&records, LIMIT, at("2026-12-01T09:59:59Z")).is_err());
        assert_eq!(may_activate(&records, LIMIT, at("2026-12-01T10:00:00Z")), Ok(()));
    }

    #[test]
    fn what_a_stricter_policy_finds_too_many_leaves_one_by_one() {
        let records = on(&[1, 10, 20]);
        let Err(Refusal::Spent { counted, next }) = may_activate(&records, LIMIT, at("2026-11-24T12:00:00Z"))
        else {
            panic!()
        };
        assert_eq!(counted.len(), 3);
        assert_eq!(next.to_string(), "2026-12-10T10:00:00Z", "when one is left");
    }

    #[test]
    fn none_while_one_is_overdue() {
        let records = [activated("BG-1", "2026-11-20T10:00:00Z")];
        assert_eq!(may_activate(&records, LIMIT, at("2026-11-21T10:00:00Z")), Ok(()), "due, not overdue");
        let Err(Refusal::Overdue(overdue)) = may_activate(&records, LIMIT, at("2026-11-21T10:00:01Z")) else {
            panic!()
        };
        assert_eq!(overdue[0].id, "BG-1");
        let mended = [records[0].clone(), settled("BG-1", "2026-11-22T10:00:00Z", Ending::Withdrawn)];
        assert_eq!(may_activate(&mended, LIMIT, at("2026-11-23T10:00:00Z")), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_makes_no_room() {
        assert!(may_activate(&on(&[20, 21]), LIMIT, at("2026-11-01T10:00:00Z")).is_err());
    }

    proptest! {
        #[test]
        fn no_window_holds_more_than_the_limit(
            hours in proptest::collection::vec(0i64..200, 1..30),
            max in 1u32..4,
            days in 1u32..40,
        ) {
            let limit = Limit { max_activations: max, window_days: days };
            let (mut now, mut records, mut times) = (at("2026-01-01T00:00:00Z"), Vec::new(), Vec::new());
            for (number, wait) in hours.into_iter().enumerate() {
                now = now.plus_hours(wait);
                if may_activate(&records, limit, now).is_ok() {
                    let (id, time) = (format!("BG-{number}"), now.to_string());
                    records.extend([activated(&id, &time), settled(&id, &time, Ending::Passed)]);
                    times.push(now);
                }
            }
            for start in &times {
                let end = start.plus_hours(i64::from(days) * 24);
                let within = times.iter().filter(|time| *time >= start && **time < end).count();
                prop_assert!(within <= max as usize);
            }
        }
    }
}
