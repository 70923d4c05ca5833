//! What branches owe to those that follow: a table for people, JSON for programs (`gatepost.forward-ports/1`, described in
//! `docs/forward-ports.md`).

use crate::json::to_string;
use crate::table::{Column, Table};
use gatepost_core::text::escape;
use gatepost_core::updates::{Port, PortState};
use gatepost_core::{Level, RefName};
use serde_json::{Value, json};

/// The value of `schema`.
const SCHEMA: &str = "gatepost.forward-ports/1";

const COLUMNS: [Column; 5] = [
    Column::text("COMMIT"),
    Column::text("FROM"),
    Column::text("TO"),
    Column::text("STATE"),
    Column::shrinking("TITLE"),
];

/// A format: human or json, for a terminal of some width.
type Format = fn(&[Entry], usize) -> String;

const FORMATS: &[(&str, Format)] = &[("human", human), ("json", json)];

/// A row, and by whose word it is not counted though it is owed.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The row.
    pub port: Port,
    /// The id of the exception, or other words for what accepts it.
    pub accepted_by: Option<String>,
}

impl Entry {
    /// Whether it is owed, and nothing accepts that.
    #[must_use]
    pub fn is_owed(&self) -> bool {
        self.port.state.is_owed() && self.accepted_by.is_none()
    }

    /// Whether it is owed and refused.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.is_owed() && self.port.level == Level::Deny
    }
}

/// The names of the formats, the usual one first.
#[must_use]
pub fn formats() -> Vec<&'static str> {
    FORMATS.iter().map(|(name, _)| *name).collect()
}

/// The list in one of [`formats`]; `None`: there is no such format.
#[must_use]
pub fn write(entries: &[Entry], format: &str, width: usize) -> Option<String> {
    FORMATS.iter().find(|(name, _)| *name == format).map(|(_, write)| write(entries, width))
}

fn human(entries: &[Entry], width: usize) -> String {
    let mut out = String::new();
    if !entries.is_empty() {
        let (titles, lines) = Table::new(&COLUMNS, entries.iter().map(row).collect()).lines(width);
        for line in std::iter::once(titles).chain(lines) {
            out.push_str(&line);
            out.push('\n');
        }
        for line in entries.iter().filter_map(because) {
            out.push_str(&line);
            out.push('\n');
        }
        out.push('\n');
    }
    let owed = entries.iter().filter(|entry| entry.is_owed()).count();
    let are = if owed == 1 { "is" } else { "are" };
    out.push_str(&match (entries.len(), owed) {
        (0, _) => "no branch has commits that belong elsewhere as well\n".to_owned(),
        (all, 0) => format!("nothing is owed: {all} of {all} are there\n"),
        (all, owed) => format!("{owed} of {all} {are} owed\n"),
    });
    if let Some(entry) = entries.iter().find(|entry| entry.is_owed()) {
        let steps = entry.port.finding.iter().flat_map(|finding| &finding.fix);
        steps.for_each(|step| out.push_str(&format!("  {}\n", escape(step))));
    }
    out
}

fn row(entry: &Entry) -> Vec<String> {
    let Port { commit, from, to, state, level, .. } = &entry.port;
    let title = String::from_utf8_lossy(&commit.message);
    let title = title.lines().next().unwrap_or_default();
    let mut word = state.word().to_owned();
    if let Some(other) = state.other() {
        word.push_str(&format!(" as {}", other.short()));
    }
    match (&entry.accepted_by, level) {
        (Some(_), _) if state.is_owed() => word.push_str(" (accepted)"),
        (None, Level::Warn | Level::Note) if state.is_owed() => {
            word.push_str(&format!(" ({})", level.as_str()));
        }
        _ => {}
    }
    vec![commit.id.short(), short(from), short(to), word, title.to_owned()]
}

/// Why a row is accepted that is no plain forward-port.
fn because(entry: &Entry) -> Option<String> {
    let Port { commit, to, state, .. } = &entry.port;
    let why = match (state, &entry.accepted_by) {
        (PortState::Resolved(_, reason), _) => format!("differs: {reason}"),
        (_, Some(accepted)) => format!("accepted by {accepted}"),
        _ => return None,
    };
    Some(format!("{} on {}: {}", commit.id.short(), short(to), escape(&why)))
}

fn short(name: &RefName) -> String {
    RefName::new(name.branch().unwrap_or(name.as_bytes())).escaped().into_owned()
}

fn json(entries: &[Entry], _: usize) -> String {
    let ports: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let Port { commit, from, to, state, level, finding } = &entry.port;
            let title = String::from_utf8_lossy(&commit.message);
            let reason = match state {
                PortState::Resolved(_, reason) => Some(reason),
                _ => None,
            };
            json!({
                "commit": commit.id.to_string(),
                "title": title.lines().next().unwrap_or_default(),
                "from": from.escaped(),
                "to": to.escaped(),
                "state": state.word(),
                "as": state.other().map(|id| id.to_string()),
                "reason": reason,
                "owed": entry.is_owed(),
                "level": level.as_str(),
                "accepted_by": entry.accepted_by,
                "code": finding.as_ref().map(|finding| finding.code.as_str()),
                "fingerprint": finding.as_ref().map(|finding| finding.fingerprint.as_str()),
            })
        })
        .collect();
    let owed = entries.iter().filter(|entry| entry.is_owed()).count();
    to_string(&json!({ "schema": SCHEMA, "ports": ports, "owed": owed }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatepost_core::{Commit, Identity, ObjectId};
    use std::sync::Arc;

    fn entry(state: PortState, level: Level, accepted_by: Option<&str>) -> Entry {
        let id = ObjectId::from_bytes(&[0xab; 20]).unwrap();
        let commit = Commit {
            id,
            tree: id,
            parents: Vec::new(),
            author: Identity::default(),
            committer: Identity::default(),
            encoding: None,
            message: b"fix: close the \x1b[31mfile\n\nbody\n".to_vec(),
        };
        let port = Port {
            commit: Arc::new(commit),
            from: RefName::from("refs/heads/hotfix/1.4.3-INC1"),
            to: RefName::from("refs/heads/main"),
            state,
            level,
            finding: None,
        };
        Entry { port, accepted_by: accepted_by.map(str::to_owned) }
    }

    #[test]
    fn the_table_says_what_is_owed_and_why_the_rest_is_not() {
        let other = ObjectId::from_bytes(&[0xcd; 20]).unwrap();
        let entries = [
            entry(PortState::Missing, Level::Deny, None),
            entry(PortState::Picked(other), Level::Off, None),
            entry(PortState::Resolved(other, "main has another \u{1b}name".to_owned()), Level::Off, None),
            entry(PortState::Differs(other), Level::Deny, Some("EX-1")),
        ];
        insta::assert_snapshot!(human(&entries, 100));
        assert!(entries[0].is_denied() && !entries[3].is_denied() && !entries[1].is_owed());
        let list: Value = serde_json::from_str(&json(&entries, 80)).unwrap();
        assert_eq!((&list["owed"], &list["ports"][3]["accepted_by"]), (&json!(1), &json!("EX-1")));
        assert_eq!(list["ports"][2]["reason"], "main has another \u{1b}name");
        assert_eq!(human(&[], 80), "no branch has commits that belong elsewhere as well\n");
    }
}
