//! What an auditor is handed of a period or a release: the records, what they add up to, and which controls they serve.

mod csv;
mod markdown;

use super::coverage::Gap;
use super::{CONTROLS, NOT_DECIDED, RunResult, Statement, Used};
use crate::text;
use gatepost_core::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// The records of a period or a release.
#[derive(Clone, Debug, Serialize)]
pub struct Audit<'a> {
    /// What it is about, in words.
    pub title: String,
    /// When it was put together.
    #[serde(with = "crate::text::instant")]
    pub made: Timestamp,
    /// The head of the log, to be compared with the one that was kept elsewhere.
    pub log_head: Option<String>,
    /// How many records are signed by a key that was given; `None`: no key was given.
    pub signatures_verified: Option<u64>,
    /// How many runs ended how, by gate.
    pub results: BTreeMap<String, BTreeMap<&'static str, u64>>,
    /// The controls, and what was recorded of each.
    pub controls: Vec<Control>,
    /// Exceptions that let something stand, each once.
    pub exceptions: Vec<Used>,
    /// Commits that have no valid record; `None` where nobody asked.
    pub gaps: Option<Vec<Gap>>,
    /// What no record says.
    pub not_decided: [&'static str; 4],
    /// One row for each run.
    pub runs: Vec<Row<'a>>,
}

/// A control and what was recorded of it.
#[derive(Clone, Debug, Serialize)]
pub struct Control {
    /// Its id.
    pub id: &'static str,
    /// What records show of it.
    pub shows: &'static str,
    /// How many runs are evidence for it.
    pub runs: u64,
    /// How many of them passed.
    pub passed: u64,
}

/// A run, in a row.
#[derive(Clone, Debug, Serialize)]
pub struct Row<'a> {
    /// When.
    #[serde(with = "crate::text::instant")]
    pub started: Timestamp,
    /// Its number in the log.
    pub sequence: u64,
    /// The gate.
    pub gate: &'a str,
    /// How it ended.
    pub result: &'static str,
    /// Whether a violation would have refused.
    pub enforcement: super::Enforcement,
    /// The repository.
    pub repository: &'a str,
    /// The refs, or the branch.
    pub refs: String,
    /// Who acted.
    pub actor: &'a str,
    /// Where that name comes from.
    pub actor_source: &'a str,
    /// Whether a platform vouches for it.
    pub authenticated: bool,
    /// The commits that were judged.
    pub commits: u64,
    /// The last of them.
    pub head: &'a str,
    /// Findings that deny.
    pub denied: u64,
    /// Findings that were allowed to stand.
    pub suppressed: u64,
    /// By what the gate was passed, and why.
    pub bypass: Option<&'a super::Bypass>,
    /// Why there is no report.
    pub reason: &'a str,
    /// The pull request.
    pub pull_request: &'a str,
    /// The tickets.
    pub tickets: &'a [String],
    /// The page of the CI run.
    pub ci_url: &'a str,
    /// How long to keep the record.
    pub retention: &'a super::Retention,
}

impl Serialize for Gap {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("commit", &self.commit)?;
        map.serialize_entry("missing", &self.words())?;
        map.end()
    }
}

impl Gap {
    /// What there is instead, in words.
    #[must_use]
    pub fn words(&self) -> String {
        use super::Missing;
        match &self.missing {
            Missing::Nothing => "no record".to_owned(),
            Missing::Result(result) => format!("recorded as {result}"),
            Missing::SameTree(other) => {
                let short = other.get(..12).unwrap_or(other);
                format!("no record; its files are those of {short}, which passed (a squash or a rebase)")
            }
        }
    }
}

/// Puts records together.
#[must_use]
pub fn audit<'a>(
    title: String,
    made: Timestamp,
    log_head: Option<String>,
    records: impl Iterator<Item = &'a Statement>,
) -> Audit<'a> {
    let mut audit = Audit {
        title,
        made,
        log_head,
        signatures_verified: None,
        results: BTreeMap::new(),
        controls: CONTROLS.iter().map(|c| Control { id: c.id, shows: c.shows, runs: 0, passed: 0 }).collect(),
        exceptions: Vec::new(),
        gaps: None,
        not_decided: NOT_DECIDED,
        runs: Vec::new(),
    };
    let mut used: BTreeMap<&str, Used> = BTreeMap::new();
    for record in records {
        let run = &record.predicate;
        *audit.results.entry(run.gate.clone()).or_default().entry(run.result.as_str()).or_default() += 1;
        for control in audit.controls.iter_mut().filter(|c| run.controls.iter().any(|id| id == c.id)) {
            control.runs += 1;
            control.passed += u64::from(run.result.is_pass());
        }
        for exception in &run.exceptions_used {
            let findings = used.get(exception.id.as_str()).map_or(0, |known| known.findings);
            // The last record has the exception as it was last.
            let now = Used { findings: findings.saturating_add(exception.findings), ..exception.clone() };
            used.insert(&exception.id, now);
        }
        audit.runs.push(row(record));
    }
    audit.exceptions = used.into_values().collect();
    audit
}

fn row(record: &Statement) -> Row<'_> {
    let run = &record.predicate;
    let refs: Vec<&str> = run.scope.refs.iter().map(|change| change.name.as_str()).collect();
    let branch = run.scope.branch.clone().unwrap_or_default();
    Row {
        started: run.started,
        sequence: run.log.sequence,
        gate: &run.gate,
        result: run.result.as_str(),
        enforcement: run.enforcement,
        repository: run.repository.as_deref().unwrap_or_default(),
        refs: if refs.is_empty() { branch } else { refs.join(" ") },
        actor: &run.actor.name,
        actor_source: &run.actor.source,
        authenticated: run.actor.authenticated,
        commits: run.scope.commits_judged,
        head: run.scope.head.as_deref().or_else(|| record.judged().last()?.commit()).unwrap_or_default(),
        denied: run.findings.denied,
        suppressed: run.findings.suppressed,
        bypass: run.bypass.as_ref(),
        reason: run.reason.as_deref().unwrap_or_default(),
        pull_request: run.pull_request.as_deref().unwrap_or_default(),
        tickets: &run.tickets,
        ci_url: run.ci.as_ref().and_then(|ci| ci.url.as_deref()).unwrap_or_default(),
        retention: &run.retention,
    }
}

impl Audit<'_> {
    /// As JSON.
    ///
    /// # Errors
    ///
    /// What JSON cannot hold.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        text::pretty(self)
    }

    /// As Markdown, for people.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::write(self)
    }

    /// The runs as CSV (RFC 4180), for spreadsheets.
    #[must_use]
    pub fn csv(&self) -> String {
        csv::write(&self.runs)
    }

    /// How many runs ended so.
    fn count(&self, wanted: RunResult) -> u64 {
        self.results.values().filter_map(|by_result| by_result.get(wanted.as_str())).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::testing::statement;
    use crate::run::{Missing, gaps};

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn some() -> Vec<Statement> {
        let mut odd = statement("ERROR", &["3"]);
        odd.predicate.reason = Some("=cmd|' /C calc'!A0 <b>\"x\"</b>".to_owned());
        odd.predicate.actor.name = "mal`lory".to_owned();
        vec![statement("FAIL", &["1"]), statement("BYPASSED", &["1"]), statement("PASS", &["2"]), odd]
    }

    #[test]
    fn a_period_in_every_form() {
        let records = some();
        let made = at("2026-12-01T00:00:00Z");
        let mut audit = audit("since 2026-11-01".to_owned(), made, Some("5".repeat(64)), records.iter());
        audit.gaps = Some(gaps(records.iter(), &["ci".to_owned()], &[("a".repeat(40), "b".repeat(40))]));
        assert_eq!(audit.gaps.as_ref().map(|gaps| gaps[0].missing.clone()), Some(Missing::Nothing));
        insta::assert_snapshot!("markdown", audit.markdown());
        insta::assert_snapshot!("csv", audit.csv());
        let value: serde_json::Value = serde_json::from_str(&audit.json().unwrap()).unwrap();
        assert_eq!(value["runs"].as_array().unwrap().len(), 4);
        assert_eq!(value["gaps"][0]["missing"], "no record");
        assert_eq!(value["exceptions"][0]["findings"], 4);
    }
}
