//! What a change makes of locked dependencies: a short table for who reviews it, and the same as JSON, Markdown and CSV.

use crate::json::to_string;
use crate::style::count;
use crate::table::{Column, Table};
use gatepost_core::lockfile::diff::{Delta, Difference, Noted};
use gatepost_core::lockfile::{Locked, LockedOrigin};
use gatepost_core::text::escape;
use gatepost_core::{Level, Problem};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The value of `schema`.
const SCHEMA: &str = "gatepost.deps/1";

/// What became of a lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It is new: everything in it is.
    New,
    /// It is gone.
    Gone,
    /// It says something else than before.
    Changed,
}

impl Fate {
    const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Changed => "changed",
        }
    }
}

/// A package that is not as it was, with the levels of its signals.
#[derive(Clone, Debug)]
pub struct Row {
    /// What is another.
    pub difference: Difference,
    /// Its signals, without those that are off.
    pub signals: Vec<(Noted, Level)>,
}

/// A lock that changed.
#[derive(Clone, Debug)]
pub struct Lock {
    /// Its path.
    pub path: String,
    /// The name of its ecosystem.
    pub ecosystem: &'static str,
    /// What became of it.
    pub fate: Fate,
    /// The packages, by what became of them.
    pub rows: Vec<Row>,
}

/// The list.
#[derive(Clone, Debug, Default)]
pub struct Deps {
    /// The locks that changed, by path.
    pub locks: Vec<Lock>,
    /// Locks that nobody could compare, and why.
    pub unclear: Vec<(String, String)>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// A way to write the list. The number is the width of the terminal.
type Format = fn(&Deps, usize) -> String;

const FORMATS: &[(&str, Format)] =
    &[("human", human), ("json", as_json), ("markdown", markdown), ("csv", csv)];

/// The names of the formats, the usual one first.
#[must_use]
pub fn formats() -> Vec<&'static str> {
    FORMATS.iter().map(|(name, _)| *name).collect()
}

impl Deps {
    /// The list in one of [`formats`]; `None`: there is no such format.
    #[must_use]
    pub fn write(&self, format: &str, width: usize) -> Option<String> {
        FORMATS.iter().find(|(name, _)| *name == format).map(|(_, write)| write(self, width))
    }

    /// Whether a signal is at a level that denies.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.rows().any(|(_, row)| row.signals.iter().any(|(_, level)| *level == Level::Deny))
    }

    fn rows(&self) -> impl Iterator<Item = (&Lock, &Row)> {
        self.locks.iter().flat_map(|lock| lock.rows.iter().map(move |row| (lock, row)))
    }

    fn table(&self, locks: &[&Lock], with_lock: bool) -> Table {
        let mut columns = vec![
            Column::text("change"),
            Column::text("package"),
            Column::text("old"),
            Column::text("new"),
            Column::text("asked for"),
            Column::shrinking("look at"),
        ];
        if with_lock {
            columns.insert(0, Column::text("lock"));
        }
        let rows = locks.iter().flat_map(|lock| lock.rows.iter().map(move |row| (lock, row)));
        let cells = rows.map(|(lock, row)| {
            let Row { difference, signals } = row;
            let version = |locked: Option<&Locked>| locked.map_or_else(String::new, |l| l.version.clone());
            let mut cells = vec![
                difference.delta.as_str().to_owned(),
                difference.name.clone(),
                version(difference.old.as_ref()),
                version(difference.new.as_ref()),
                asked_for(difference.is_direct).to_owned(),
                worth_a_look(signals),
            ];
            if with_lock {
                cells.insert(0, lock.path.clone());
            }
            cells
        });
        Table::new(&columns, cells.collect())
    }
}

const fn asked_for(is_direct: Option<bool>) -> &'static str {
    match is_direct {
        Some(true) => "directly",
        Some(false) => "by another",
        None => "",
    }
}

/// What is above a note, in words: that a package is new stands in the first column.
fn worth_a_look(signals: &[(Noted, Level)]) -> String {
    let words = signals.iter().filter(|(_, level)| *level > Level::Note).map(|(noted, level)| {
        let sign = if *level == Level::Deny { "DENY " } else { "" };
        format!("{sign}{}", noted.signal.code().name.replace('-', " "))
    });
    words.collect::<Vec<_>>().join("; ")
}

fn human(deps: &Deps, width: usize) -> String {
    let mut out = String::new();
    for lock in &deps.locks {
        let packages = count(lock.rows.len() as u64, "package");
        let _ = match lock.fate {
            Fate::New => writeln!(out, "{} is new, with {packages}", escape(&lock.path)),
            Fate::Gone => writeln!(out, "{} is gone", escape(&lock.path)),
            Fate::Changed => writeln!(out, "{} ({}): {packages}", escape(&lock.path), lock.ecosystem),
        };
        if lock.fate != Fate::Changed {
            continue;
        }
        let (titles, rows) = deps.table(&[lock], false).lines(width.saturating_sub(2));
        for line in std::iter::once(titles).chain(rows) {
            let _ = writeln!(out, "  {}", line.trim_end());
        }
        for (noted, level) in lock.rows.iter().flat_map(|row| &row.signals) {
            if *level > Level::Note {
                let code = noted.signal.code();
                let _ = writeln!(out, "  {level}: {} ({})", escape(&noted.what), code.code);
            }
        }
    }
    for (lock, why) in &deps.unclear {
        let _ = writeln!(out, "cannot tell: {}: {}", escape(lock), escape(why));
    }
    for problem in &deps.problems {
        let place = problem.place.as_deref().map_or_else(String::new, |place| format!("{}: ", escape(place)));
        let _ =
            writeln!(out, "not read: {place}{}\n  = fix: {}", escape(&problem.what), escape(&problem.fix));
    }
    let number = |delta: Delta| {
        deps.rows().filter(|(lock, row)| lock.fate == Fate::Changed && row.difference.delta == delta).count()
    };
    let all = [Delta::Added, Delta::Removed, Delta::Updated, Delta::Downgraded, Delta::Altered];
    let counts: Vec<String> = all
        .into_iter()
        .map(|delta| (number(delta), delta))
        .filter(|(number, _)| *number > 0)
        .map(|(number, delta)| format!("{number} {}", delta.as_str()))
        .collect();
    let locks = count(deps.locks.len() as u64, "lock");
    let _ = match counts.is_empty() {
        true => writeln!(out, "{locks} changed"),
        false => writeln!(out, "{locks} changed: {}", counts.join(", ")),
    };
    out
}

fn markdown(deps: &Deps, _: usize) -> String {
    deps.table(&deps.locks.iter().collect::<Vec<_>>(), true).markdown()
}

fn csv(deps: &Deps, _: usize) -> String {
    deps.table(&deps.locks.iter().collect::<Vec<_>>(), true).csv()
}

fn as_json(deps: &Deps, _: usize) -> String {
    let locks: Vec<Value> = deps
        .locks
        .iter()
        .map(|lock| {
            json!({
                "lock": lock.path,
                "ecosystem": lock.ecosystem,
                "state": lock.fate.as_str(),
                "packages": lock.rows.iter().map(row).collect::<Vec<_>>(),
            })
        })
        .collect();
    let unclear: Vec<Value> =
        deps.unclear.iter().map(|(lock, why)| json!({"lock": lock, "why": why})).collect();
    let problems: Vec<Value> = deps
        .problems
        .iter()
        .map(|problem| json!({"place": problem.place, "what": problem.what, "fix": problem.fix}))
        .collect();
    to_string(&json!({
        "schema": SCHEMA,
        "complete": deps.problems.is_empty() && deps.unclear.is_empty(),
        "locks": locks,
        "cannot_tell": unclear,
        "problems": problems,
    }))
}

fn row(row: &Row) -> Value {
    let Row { difference, signals } = row;
    let signals: Vec<Value> = signals
        .iter()
        .map(|(noted, level)| {
            let code = noted.signal.code();
            json!({"code": code.code, "name": code.name, "level": level.as_str(), "what": noted.what})
        })
        .collect();
    json!({
        "name": difference.name,
        "change": difference.delta.as_str(),
        "direct": difference.is_direct,
        "old": difference.old.as_ref().map(locked),
        "new": difference.new.as_ref().map(locked),
        "signals": signals,
    })
}

fn locked(locked: &Locked) -> Value {
    let (source, address, commit) = match &locked.origin {
        LockedOrigin::Registry(address) => ("registry", address.as_deref(), None),
        LockedOrigin::Git { url, commit } => ("git", Some(url.as_str()), commit.as_deref()),
        LockedOrigin::Url(url) => ("url", Some(url.as_str()), None),
        LockedOrigin::Path(path) => ("path", Some(path.as_str()), None),
    };
    json!({
        "version": locked.version,
        "source": source,
        "address": address,
        "commit": commit,
        "integrity": locked.integrity,
        "runs_scripts": locked.runs_scripts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatepost_core::lockfile::diff::Signal;

    fn package(version: &str) -> Locked {
        Locked {
            name: "left-pad".to_owned(),
            version: version.to_owned(),
            origin: LockedOrigin::Registry(Some("https://registry.example.org/left-pad.tgz".to_owned())),
            integrity: vec!["sha512-abc".to_owned()],
            needs_integrity: true,
            runs_scripts: None,
            is_direct: Some(true),
            span: 0..0,
        }
    }

    fn deps() -> Deps {
        let row = |name: &str, delta, old: Option<&str>, new: Option<&str>, signals| Row {
            difference: Difference {
                name: name.to_owned(),
                delta,
                old: old.map(package),
                new: new.map(package),
                is_direct: Some(true),
                signals: Vec::new(),
            },
            signals,
        };
        let noted = |signal, what: &str, level| (Noted { signal, what: what.to_owned() }, level);
        let new = noted(Signal::NewDirect, "left\u{1b}pad 1.3.0 is new: a manifest asks for it", Level::Note);
        let host = noted(Signal::HostChanged, "a comes from b.example.org now", Level::Warn);
        let hash = noted(Signal::IntegrityChanged, "a 1.0.0 has another hash", Level::Deny);
        let rows = vec![
            row("left\u{1b}pad", Delta::Added, None, Some("1.3.0"), vec![new]),
            row("gone", Delta::Removed, Some("1.0.0"), None, Vec::new()),
            row("a", Delta::Altered, Some("1.0.0"), Some("1.0.0"), vec![host, hash]),
        ];
        let lock = |path: &str, fate, rows| Lock { path: path.to_owned(), ecosystem: "npm", fate, rows };
        Deps {
            locks: vec![
                lock("old/yarn.lock", Fate::Gone, Vec::new()),
                lock("package-lock.json", Fate::Changed, rows),
            ],
            unclear: vec![("x/go.sum".to_owned(), "line 3 is no sum".to_owned())],
            problems: Vec::new(),
        }
    }

    #[test]
    fn every_format_writes_full_and_empty() {
        assert!(deps().is_denied());
        for format in formats() {
            let text = deps().write(format, 100).unwrap();
            assert!(!text.contains('\u{1b}') || format == "json", "{format} shows a control character");
            insta::assert_snapshot!(format!("deps_{format}"), text);
        }
        assert_eq!(Deps::default().write("human", 80).unwrap(), "0 locks changed\n");
        assert!(!Deps::default().is_denied());
    }
}
