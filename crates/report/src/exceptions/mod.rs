//! How the records of exceptions leave: for a terminal, as Markdown for a meeting, as CSV for a spreadsheet, as JSON.

mod csv;
mod human;
mod json;
mod markdown;

#[cfg(test)]
mod tests;

use gatepost_core::exception::{ExceptionState, ExceptionStatus};
use gatepost_core::{Date, Exception};
use std::collections::BTreeMap;

/// The records of a policy on a day.
#[derive(Clone, Debug)]
pub struct Listing<'a> {
    /// The day.
    pub today: Date,
    /// How many days before its end an exception counts as expiring.
    pub warn_before_days: i32,
    /// Whether it is an audit: with age and uses, and with totals.
    pub audit: bool,
    /// The records, those with the fewest days left first.
    pub records: Vec<Record<'a>>,
}

/// One record, and what is known of it on that day.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// What it says.
    pub exception: &'a Exception,
    /// What it is for.
    pub uses: Uses,
}

/// How many findings a record is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Uses {
    /// Nobody looked.
    Unknown,
    /// A scan of the history cannot tell: the record is for something else than a secret, or holds only where it is
    /// named.
    Untold,
    /// This many, in the whole history and the index.
    Count(u64),
}

/// A way to write a listing. The number is the width of the terminal.
type Format = fn(&Listing<'_>, usize) -> String;

const FORMATS: &[(&str, Format)] =
    &[("human", human::write), ("json", json::write), ("markdown", markdown::write), ("csv", csv::write)];

/// The names of the formats, the usual one first.
#[must_use]
pub fn formats() -> Vec<&'static str> {
    FORMATS.iter().map(|(name, _)| *name).collect()
}

impl<'a> Listing<'a> {
    /// The listing in one of [`formats`]; `None`: there is no such format.
    #[must_use]
    pub fn write(&self, format: &str, width: usize) -> Option<String> {
        FORMATS.iter().find(|(name, _)| *name == format).map(|(_, write)| write(self, width))
    }

    /// Puts the records in their order: by days left, then by id.
    #[must_use]
    pub fn new(today: Date, warn_before_days: i32, audit: bool, mut records: Vec<Record<'a>>) -> Self {
        records.sort_by(|a, b| {
            let key = |record: &Record<'a>| (record.exception.days_left(today), record.exception.id.as_str());
            key(a).cmp(&key(b))
        });
        Self { today, warn_before_days, audit, records }
    }

    fn state(&self, record: &Record<'_>) -> ExceptionState {
        record.exception.state(self.today, self.warn_before_days)
    }

    fn left(&self, record: &Record<'_>) -> i32 {
        record.exception.days_left(self.today)
    }

    /// Days since the record was made, where it says when.
    fn age(&self, record: &Record<'_>) -> Option<i32> {
        record.exception.created.map(|created| created.days_until(self.today).max(0))
    }

    fn count(&self, state: ExceptionState) -> usize {
        self.records.iter().filter(|record| self.state(record) == state).count()
    }

    /// The number of records that are for nothing; `None`: nobody looked.
    fn unused(&self) -> Option<usize> {
        let looked = self.records.iter().any(|record| record.uses != Uses::Unknown);
        looked.then(|| self.records.iter().filter(|record| record.uses == Uses::Count(0)).count())
    }

    fn by_status(&self) -> Vec<(&'static str, usize)> {
        let count = |status| self.records.iter().filter(|record| record.exception.status == status).count();
        let counts = ExceptionStatus::ALL.iter().map(|status| (status.as_str(), count(*status)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// Owners with their records, those with the most first.
    fn by_owner(&self) -> Vec<(&'a str, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for record in &self.records {
            *counts.entry(record.exception.owner.as_str()).or_default() += 1;
        }
        let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }

    /// `200 exceptions: 3 expired, 5 in their last 14 days, 192 active; 12 for nothing`.
    fn summary(&self) -> String {
        let (records, parts) = self.counted();
        if parts.is_empty() { records } else { format!("{records} {}", parts.join(" ")) }
    }

    /// The parts of the summary: what is counted, and how many are what.
    fn counted(&self) -> (String, Vec<String>) {
        let records = match self.records.len() {
            0 => return ("no exceptions".to_owned(), Vec::new()),
            1 => "1 exception:".to_owned(),
            many => format!("{many} exceptions:"),
        };
        let soon = format!("in their last {} days", self.warn_before_days);
        let states = [
            (ExceptionState::Expired, "expired"),
            (ExceptionState::Expiring, soon.as_str()),
            (ExceptionState::Active, "active"),
        ];
        let mut parts: Vec<String> = states
            .iter()
            .map(|(state, word)| (self.count(*state), word))
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        let unused = self.unused().filter(|count| *count > 0);
        let states = parts.len();
        parts.extend(unused.map(|count| format!("{count} for nothing")));
        for (index, part) in parts.iter_mut().enumerate() {
            match index + 1 {
                last if last == states && unused.is_some() => part.push(';'),
                next if next < states => part.push(','),
                _ => {}
            }
        }
        (records, parts)
    }
}

impl Uses {
    fn shown(self) -> String {
        match self {
            Self::Unknown => "?".to_owned(),
            Self::Untold => "-".to_owned(),
            Self::Count(count) => count.to_string(),
        }
    }

    const fn count(self) -> Option<u64> {
        match self {
            Self::Count(count) => Some(count),
            Self::Unknown | Self::Untold => None,
        }
    }
}
