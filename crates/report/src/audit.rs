//! What is wrong with the repositories of a server, as `gatepost audit` has found it: for a terminal, as Markdown, CSV and JSON.

use crate::json::to_string;
use crate::table::{Column, Table};
use gatepost_core::Date;
use gatepost_core::text::escape;
use serde_json::{Value, json};

/// The value of `schema`.
const SCHEMA: &str = "gatepost.audit/1";

/// What is wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Matter {
    /// It cannot be looked at.
    Unreadable,
    /// Its hook is not ours, not there, or does not run.
    NoGate,
    /// Its policy is broken.
    BrokenPolicy,
    /// Its policy says something else than the one that was named.
    DriftedPolicy,
    /// A branch is open for longer than the policy wants.
    StaleBranch,
    /// A branch has nothing that the default branch has not.
    MergedBranch,
    /// A branch or a tag breaks a rule of the policy.
    BadRef,
}

impl Matter {
    /// The word of a report.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::NoGate => "no-gate",
            Self::BrokenPolicy => "broken-policy",
            Self::DriftedPolicy => "drifted-policy",
            Self::StaleBranch => "stale-branch",
            Self::MergedBranch => "merged-branch",
            Self::BadRef => "bad-ref",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The directory of the repository.
    pub repository: String,
    /// What is wrong.
    pub matter: Matter,
    /// The ref that it is about.
    pub name: Option<String>,
    /// For how many days, where there is a beginning.
    pub days: Option<i64>,
    /// In words.
    pub what: String,
    /// What to do.
    pub fix: String,
}

/// An audit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Audit {
    /// The day.
    pub today: Date,
    /// How many repositories were looked at.
    pub repositories: usize,
    /// What is wrong, by repository.
    pub rows: Vec<Row>,
}

/// A way to write an audit. The number is the width of the terminal.
type Format = fn(&Audit, usize) -> String;

const FORMATS: &[(&str, Format)] =
    &[("human", human), ("json", as_json), ("markdown", markdown), ("csv", csv)];

/// The names of the formats, the usual one first.
#[must_use]
pub fn formats() -> Vec<&'static str> {
    FORMATS.iter().map(|(name, _)| *name).collect()
}

impl Audit {
    /// The audit in one of [`formats`]; `None`: there is no such format.
    #[must_use]
    pub fn write(&self, format: &str, width: usize) -> Option<String> {
        FORMATS.iter().find(|(name, _)| *name == format).map(|(_, write)| write(self, width))
    }

    /// How many repositories have something wrong.
    #[must_use]
    pub fn bad(&self) -> usize {
        let mut names: Vec<&str> = self.rows.iter().map(|row| row.repository.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names.len()
    }

    fn table(&self, columns: &[Column]) -> Table {
        let rows = self.rows.iter().map(|row| {
            let days = row.days.map_or_else(String::new, |days| days.to_string());
            let name = row.name.clone().unwrap_or_default();
            vec![
                row.repository.clone(),
                row.matter.as_str().to_owned(),
                name,
                days,
                row.what.clone(),
                row.fix.clone(),
            ]
        });
        Table::new(columns, rows.collect())
    }
}

fn columns() -> [Column; 6] {
    [
        Column::text("repository"),
        Column::text("matter"),
        Column::text("ref"),
        Column::number("days"),
        Column::text("what"),
        Column::text("fix"),
    ]
}

fn human(audit: &Audit, _: usize) -> String {
    let mut out = String::new();
    let mut before = None;
    for row in &audit.rows {
        if before != Some(&row.repository) {
            out.push_str(&format!("{}\n", escape(&row.repository)));
            before = Some(&row.repository);
        }
        let name = row.name.as_deref().map_or_else(String::new, |name| format!("{}: ", escape(name)));
        out.push_str(&format!("  {:<14}  {name}{}\n", row.matter.as_str(), escape(&row.what)));
        if !row.fix.is_empty() {
            out.push_str(&format!("  {:<14}  = fix: {}\n", "", escape(&row.fix)));
        }
    }
    let many =
        |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    out.push_str(&format!(
        "{} on {}: {} in {}\n",
        many(audit.repositories, "repository", "repositories"),
        audit.today,
        many(audit.rows.len(), "thing to mend", "things to mend"),
        many(audit.bad(), "repository", "repositories"),
    ));
    out
}

fn markdown(audit: &Audit, _: usize) -> String {
    audit.table(&columns()).markdown()
}

fn csv(audit: &Audit, _: usize) -> String {
    audit.table(&columns()).csv()
}

fn as_json(audit: &Audit, _: usize) -> String {
    let rows: Vec<Value> = audit
        .rows
        .iter()
        .map(|row| {
            json!({
                "repository": row.repository,
                "matter": row.matter.as_str(),
                "ref": row.name,
                "days": row.days,
                "what": row.what,
                "fix": row.fix,
            })
        })
        .collect();
    to_string(&json!({
        "schema": SCHEMA,
        "as_of": audit.today.to_string(),
        "repositories": audit.repositories,
        "bad": audit.bad(),
        "rows": rows,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audit() -> Audit {
        let row = |repository: &str, matter, name: Option<&str>, days| Row {
            repository: repository.to_owned(),
            matter,
            name: name.map(str::to_owned),
            days,
            what: "something, \u{1b}[2Jis wrong".to_owned(),
            fix: "mend it".to_owned(),
        };
        Audit {
            today: Date::parse("2026-11-24").unwrap(),
            repositories: 3,
            rows: vec![
                row("/srv/a.git", Matter::NoGate, None, None),
                row("/srv/a.git", Matter::StaleBranch, Some("refs/heads/x"), Some(7)),
                row("/srv/b.git", Matter::DriftedPolicy, None, None),
            ],
        }
    }

    #[test]
    fn every_format_writes_full_and_empty() {
        for format in formats() {
            insta::assert_snapshot!(format!("audit_{format}"), audit().write(format, 80).unwrap());
        }
        let empty = Audit { rows: Vec::new(), ..audit() };
        assert_eq!(
            empty.write("human", 80).unwrap(),
            "3 repositories on 2026-11-24: 0 things to mend in 0 repositories\n"
        );
        assert_eq!(empty.write("xml", 80), None);
    }
}
