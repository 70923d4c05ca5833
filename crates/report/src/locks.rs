//! What `gatepost check locks` found: for a terminal, as JSON, Markdown and CSV.

use crate::json::to_string;
use crate::style::count;
use crate::table::{Column, Table};
use gatepost_core::lockfile::{Pair, Place, Reason, Record, State};
use gatepost_core::text::escape;
use gatepost_core::{Finding, Level, Problem};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The value of `schema`.
const SCHEMA: &str = "gatepost.locks/1";

/// Pairs in sync that are listed for people one by one; of more only the number is said.
const LISTED: usize = 20;

/// Something that is said of a pair.
#[derive(Clone, Debug)]
pub struct Said {
    /// The finding that it is at a gate.
    pub finding: Finding,
    /// The reason of the verdict that it is made of.
    pub reason: Option<Reason>,
    /// The exception or the like that accepts it.
    pub accepted_by: Option<String>,
}

/// A pair and what is said of it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The commit that it was looked at in; `None` for a folder and the index.
    pub commit: Option<String>,
    /// The pair and the verdict.
    pub record: Record,
    /// What is said of it, at the levels of the policy.
    pub said: Vec<Said>,
}

impl Entry {
    /// Whether something denies it that nothing accepts.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.said.iter().any(|said| said.accepted_by.is_none() && said.finding.level == Level::Deny)
    }

    /// The state in a word: of two answers the worse one.
    fn state(&self) -> &'static str {
        match &self.record.state {
            State::Judged(_) => self.record.strict().max(self.record.rewrite()).as_str(),
            State::Missing { .. } => "missing",
            State::Orphan => "no-manifest",
            State::Unknown => "not-judged",
            State::Rival(_) => "rival",
        }
    }

    fn lock(&self) -> &str {
        let Pair { lock, manifest, .. } = &self.record.pair;
        lock.as_deref().or(manifest.as_deref()).unwrap_or_default()
    }
}

/// The list.
#[derive(Clone, Debug, Default)]
pub struct Locks {
    /// The pairs.
    pub entries: Vec<Entry>,
    /// How many the policy leaves out.
    pub excluded: usize,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// A way to write the list. The number is the width of the terminal.
type Format = fn(&Locks, usize) -> String;

const FORMATS: &[(&str, Format)] =
    &[("human", human), ("json", as_json), ("markdown", markdown), ("csv", csv)];

/// The names of the formats, the usual one first.
#[must_use]
pub fn formats() -> Vec<&'static str> {
    FORMATS.iter().map(|(name, _)| *name).collect()
}

impl Locks {
    /// The list in one of [`formats`]; `None`: there is no such format.
    #[must_use]
    pub fn write(&self, format: &str, width: usize) -> Option<String> {
        FORMATS.iter().find(|(name, _)| *name == format).map(|(_, write)| write(self, width))
    }

    /// How many pairs are in each state, in the order in which they are told.
    fn states(&self) -> Vec<(&'static str, usize)> {
        let order =
            ["in-sync", "out-of-sync", "cannot-tell", "missing", "no-manifest", "rival", "not-judged"];
        let number = |state: &str| self.entries.iter().filter(|entry| entry.state() == state).count();
        order.into_iter().map(|state| (state, number(state))).filter(|(_, number)| *number > 0).collect()
    }

    fn table(&self) -> Table {
        let columns = [
            Column::text("state"),
            Column::text("ecosystem"),
            Column::text("lock"),
            Column::text("manifest"),
            Column::text("strict"),
            Column::text("rewrite"),
            Column::text("code"),
            Column::text("level"),
            Column::text("dependency"),
            Column::text("what"),
            Column::text("fix"),
            Column::text("commit"),
        ];
        let mut rows = Vec::new();
        for entry in &self.entries {
            let Pair { manifest, lock, .. } = &entry.record.pair;
            let row = |said: Option<&Said>| {
                let reason = said.and_then(|said| said.reason.as_ref());
                let of = |text: Option<&str>| text.unwrap_or_default().to_owned();
                vec![
                    entry.state().to_owned(),
                    entry.record.ecosystem.to_owned(),
                    of(lock.as_deref()),
                    of(manifest.as_deref()),
                    entry.record.strict().to_string(),
                    entry.record.rewrite().to_string(),
                    of(said.map(|said| said.finding.code.as_str())),
                    said.map_or_else(String::new, |said| said.finding.level.to_string()),
                    of(reason.and_then(|reason| reason.dependency.as_deref())),
                    of(said.map(|said| said.finding.message.as_str())),
                    of(said.and_then(|said| said.finding.fix.first()).map(String::as_str)),
                    of(entry.commit.as_deref()),
                ]
            };
            if entry.said.is_empty() {
                rows.push(row(None));
            }
            rows.extend(entry.said.iter().map(|said| row(Some(said))));
        }
        Table::new(&columns, rows)
    }
}

fn human(locks: &Locks, _: usize) -> String {
    let mut out = String::new();
    let in_sync = locks.entries.iter().filter(|entry| entry.said.is_empty()).count();
    for entry in &locks.entries {
        if entry.said.is_empty() && in_sync > LISTED {
            continue;
        }
        let commit = entry
            .commit
            .as_deref()
            .map_or_else(String::new, |commit| format!("  {}", commit.get(..12).unwrap_or(commit)));
        let state = entry.state().replace('-', " ");
        let _ =
            writeln!(out, "{state:<11}  {:<12}  {}{commit}", entry.record.ecosystem, escape(entry.lock()));
        for said in &entry.said {
            saying(&mut out, said);
        }
    }
    for problem in &locks.problems {
        let place = problem.place.as_deref().map_or_else(String::new, |place| format!("{}: ", escape(place)));
        let _ =
            writeln!(out, "not read     {place}{}\n  = fix: {}", escape(&problem.what), escape(&problem.fix));
    }
    let states: Vec<String> = locks
        .states()
        .into_iter()
        .map(|(state, number)| format!("{number} {}", state.replace('-', " ")))
        .collect();
    let mut summary = count(locks.entries.len() as u64, "lock");
    if !states.is_empty() {
        let _ = write!(summary, ": {}", states.join(", "));
    }
    if locks.excluded > 0 {
        let _ = write!(summary, "; {} excluded by the policy", locks.excluded);
    }
    if !locks.problems.is_empty() {
        let _ = write!(summary, "; {} could not be read", count(locks.problems.len() as u64, "file"));
    }
    let _ = writeln!(out, "{summary}");
    out
}

fn saying(out: &mut String, said: &Said) {
    let finding = &said.finding;
    let accepted =
        said.accepted_by.as_deref().map_or_else(String::new, |by| format!(" (accepted by {})", escape(by)));
    let _ = writeln!(
        out,
        "  {:<5}  {} {}: {}{accepted}",
        finding.level.as_str(),
        finding.code,
        finding.rule,
        escape(&finding.message)
    );
    let places = finding.locations.iter().filter_map(|location| {
        let path = location.shown_path()?;
        Some(location.span.map_or_else(|| path.to_string(), |span| format!("{path}:{}", span.line)))
    });
    let places: Vec<String> = places.collect();
    if !places.is_empty() {
        let _ = writeln!(out, "         --> {}", places.join(", "));
    }
    for fix in &finding.fix {
        let _ = writeln!(out, "         = fix: {}", escape(fix));
    }
}

fn markdown(locks: &Locks, _: usize) -> String {
    locks.table().markdown()
}

fn csv(locks: &Locks, _: usize) -> String {
    locks.table().csv()
}

fn as_json(locks: &Locks, _: usize) -> String {
    let pairs: Vec<Value> = locks.entries.iter().map(pair).collect();
    let problems: Vec<Value> = locks
        .problems
        .iter()
        .map(|problem| json!({"place": problem.place, "what": problem.what, "fix": problem.fix}))
        .collect();
    let states: serde_json::Map<String, Value> =
        locks.states().into_iter().map(|(state, number)| (state.to_owned(), json!(number))).collect();
    to_string(&json!({
        "schema": SCHEMA,
        "complete": locks.problems.is_empty(),
        "counts": states,
        "excluded": locks.excluded,
        "pairs": pairs,
        "problems": problems,
    }))
}

fn pair(entry: &Entry) -> Value {
    let Pair { manifest, lock, members, .. } = &entry.record.pair;
    json!({
        "ecosystem": entry.record.ecosystem,
        "manifest": manifest,
        "lock": lock,
        "members": members,
        "commit": entry.commit,
        "state": entry.state(),
        "strict": entry.record.strict().as_str(),
        "rewrite": entry.record.rewrite().as_str(),
        "reasons": entry.said.iter().map(reason).collect::<Vec<_>>(),
    })
}

fn reason(said: &Said) -> Value {
    let reason = said.reason.as_ref();
    let of = |place: fn(&Reason) -> Option<&Place>| reason.and_then(place);
    let (manifest, lock) = (of(|reason| reason.manifest.as_ref()), of(|reason| reason.lock.as_ref()));
    json!({
        "code": said.finding.code.as_str(),
        "name": said.finding.rule,
        "level": said.finding.level.as_str(),
        "dependency": reason.and_then(|reason| reason.dependency.as_deref()),
        "what": reason.map_or(said.finding.message.as_str(), |reason| reason.what.as_str()),
        "manifest": manifest.map(|place| place.path.as_str()),
        "manifest_line": manifest.and_then(Place::line),
        "lock": lock.map(|place| place.path.as_str()),
        "lock_line": lock.and_then(Place::line),
        "expected": reason.and_then(|reason| reason.expected.as_deref()),
        "found": reason.and_then(|reason| reason.found.as_deref()),
        "mend": said.finding.fix.first(),
        "fingerprint": said.finding.fingerprint.to_string(),
        "accepted_by": said.accepted_by,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatepost_core::lockfile::{Breaks, Drift, Judge, Verdict, told};
    use gatepost_core::policy::Policy;
    use gatepost_core::{Date, Stage};

    fn entry(record: Record) -> Entry {
        let judge = Judge::new(&Policy::built_in(), Stage::PreCommit, Date::parse("2026-11-24").unwrap());
        let judge = judge.unwrap();
        let said = told(&judge, &record, None, None).into_iter().map(|told| Said {
            finding: told.finding,
            reason: told.reason.cloned(),
            accepted_by: None,
        });
        Entry { commit: None, said: said.collect(), record }
    }

    fn locks() -> Locks {
        let place = |path: &str, line: u32| {
            let text = "\n".repeat(line as usize);
            gatepost_core::lockfile::Source::new(path, &text).place(&(line as usize - 1..line as usize - 1))
        };
        let mut stale = Verdict::default();
        let reason =
            Reason::new(Drift::NotLocked, Breaks::Both, "left-pad\u{1b}[2J is not locked", "npm install")
                .dependency("left-pad")
                .in_manifest(place("web/package.json", 7))
                .in_lock(place("web/package-lock.json", 3))
                .expected("^1.3.0")
                .found("nothing");
        stale.drift(reason);
        let record = |ecosystem, pair, state| entry(Record { ecosystem, pair, state });
        let orphan = Pair::orphan("old/yarn.lock");
        Locks {
            entries: vec![
                record("cargo", Pair::new("Cargo.toml", "Cargo.lock"), State::Judged(Verdict::default())),
                record("npm", Pair::new("web/package.json", "web/package-lock.json"), State::Judged(stale)),
                record("yarn-classic", orphan, State::Orphan),
                record("nix", Pair::orphan("flake.lock"), State::Unknown),
            ],
            excluded: 2,
            problems: vec![Problem {
                what: "it cannot be read: permission denied".to_owned(),
                place: Some("x/go.sum".to_owned()),
                fix: "make it readable".to_owned(),
            }],
        }
    }

    #[test]
    fn every_format_writes_full_and_empty() {
        for format in formats() {
            let text = locks().write(format, 80).unwrap();
            assert!(!text.contains('\u{1b}') || format == "json", "{format} shows a control character");
            insta::assert_snapshot!(format!("locks_{format}"), text);
        }
        assert_eq!(Locks::default().write("human", 80).unwrap(), "0 locks\n");
        assert_eq!(Locks::default().write("xml", 80), None);
    }
}
