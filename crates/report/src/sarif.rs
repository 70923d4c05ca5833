//! SARIF 2.1.0, for code scanning: GitHub, GitLab, Azure DevOps and whatever else reads it.
//!
//! What each reader wants and refuses is in `docs/reports.md`. Three rules stand above all: no secret and no line of source
//! (a snippet would carry both); no commit id in a path or a rule, since GitHub refuses every upload of a repository whose
//! alerts never stay the same; and nothing left out silently.

mod result;
mod rules;
#[cfg(test)]
mod tests;

use crate::foreign::{self, HOME, Row, bounded, line, worst_first};
use crate::json::compact;
use crate::mask::Mask;
use crate::{Options, Reporter};
use gatepost_core::Report;
use result::WireResult;
use rules::Rules;
use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::io;

/// The longest text that GitHub and GitLab take; of a longer one GitLab drops the result.
const LONGEST: usize = 1024;

/// So many results of a run GitHub and GitLab keep.
const KEPT: usize = 5000;

/// More results in a run, and GitHub refuses the upload.
const MOST: usize = 25_000;

/// So many runs a file may have.
const RUNS: usize = 20;

/// The format `sarif`: with what was suppressed, as SARIF's `suppressions`.
#[derive(Clone, Copy, Debug)]
pub struct Sarif;

/// The format `sarif-github`: without what was suppressed, which GitHub would open alerts for.
#[derive(Clone, Copy, Debug)]
pub struct SarifGithub;

impl Reporter for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn summary(&self) -> &'static str {
        "SARIF 2.1.0: GitLab, Azure DevOps and others; suppressed findings are marked as such"
    }

    fn wants_checkout(&self) -> bool {
        true
    }

    fn write(&self, report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        write(report, options, true, out)
    }
}

impl Reporter for SarifGithub {
    fn name(&self) -> &'static str {
        "sarif-github"
    }

    fn summary(&self) -> &'static str {
        "SARIF 2.1.0 for GitHub, which takes suppressed findings for open ones: they are left out"
    }

    fn wants_checkout(&self) -> bool {
        true
    }

    fn write(&self, report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        write(report, options, false, out)
    }
}

/// Writes the file; `suppressions`: with what was suppressed, and marked as such.
fn write(report: &Report, options: &Options, suppressions: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let mask = Mask::new(report, options.show_secrets);
    let rows = foreign::rows(report).filter(|row| suppressions || row.by.is_none());
    let (rows, many) = worst_first(rows, KEPT);
    let limits = limits(rows.len(), many);
    let log = Log { report, mask: &mask, rows: &rows, limits, suppressions };
    compact(&log, out)
}

/// What there is to say where a reader takes less than there is.
fn limits(results: usize, many: bool) -> Vec<String> {
    let mut said = Vec::new();
    if many {
        said.push(format!(
            "{results} results, the worst first: GitHub and GitLab keep the first {KEPT} of a run. \
             `gatepost scan --min-severity high` writes fewer, -f json writes all"
        ));
    }
    if results > MOST {
        said.push(format!(
            "{results} results are in runs of {MOST}, each with a category of its own, since GitHub refuses more in one"
        ));
    }
    if results > MOST * RUNS {
        said.push(format!(
            "{results} results are more than {RUNS} runs hold, and GitHub will refuse this file"
        ));
    }
    said
}

/// The whole file. Results are turned into their form one at a time: a history has many.
struct Log<'a> {
    report: &'a Report,
    mask: &'a Mask,
    rows: &'a [Row<'a>],
    limits: Vec<String>,
    suppressions: bool,
}

impl Serialize for Log<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct File<'a> {
            #[serde(rename = "$schema")]
            schema: &'static str,
            version: &'static str,
            runs: Runs<'a>,
        }
        File { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: Runs(self) }
            .serialize(serializer)
    }
}

struct Runs<'a>(&'a Log<'a>);

impl Serialize for Runs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        let (log, none) = (self.0, [&[] as &[Row<'_>]]);
        let chunks = log.rows.chunks(MOST).chain(none.into_iter().filter(|_| log.rows.is_empty()));
        for (number, rows) in (1_usize..).zip(chunks) {
            sequence.serialize_element(&Run::new(log, number, rows))?;
        }
        sequence.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    automation_details: Value,
    invocations: [Value; 1],
    original_uri_base_ids: Value,
    column_kind: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    taxonomies: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_control_provenance: Option<[Value; 1]>,
    properties: Value,
    results: Results<'a>,
}

impl<'a> Run<'a> {
    fn new(log: &'a Log<'a>, number: usize, rows: &'a [Row<'a>]) -> Self {
        let Log { report, mask, .. } = log;
        let rules = Rules::of(rows);
        let mut driver = json!({
            "name": "gatepost",
            "fullName": format!("gatepost {}", report.version),
            "organization": "gatepost",
            "informationUri": HOME,
            "version": report.version,
            "semanticVersion": report.version,
            "rules": rules.wire(mask),
        });
        let taxonomies: Vec<Value> = rules.have_secrets().then(rules::weaknesses).into_iter().collect();
        if !taxonomies.is_empty()
            && let Some(driver) = driver.as_object_mut()
        {
            driver.insert("supportedTaxonomies".to_owned(), json!([{ "name": rules::CWE, "index": 0 }]));
        }
        Self {
            tool: json!({ "driver": driver }),
            automation_details: json!({ "id": category(report, number) }),
            invocations: [invocation(log)],
            original_uri_base_ids: json!({
                rules::ROOT: { "description": { "text": "The root of the repository, or what the paths were given from." } }
            }),
            column_kind: "utf16CodeUnits",
            taxonomies,
            version_control_provenance: provenance(report, mask).map(|one| [one]),
            properties: json!({
                "rulesetDigest": report.ruleset_digest,
                "policyDigest": report.policy_digest,
                "revision": report.about.revision.map(|id| id.to_string()),
                "suppressed": report.suppressed.len(),
            }),
            results: Results { log, rows, rules },
        }
    }
}

/// What alerts are compared within. A history keeps secrets that are gone from the files: would it share a category with a
/// range, each would close the other's alerts.
fn category(report: &Report, number: usize) -> String {
    let reach = report.about.reach.as_str();
    let shard = report
        .shard
        .as_ref()
        .map_or_else(String::new, |part| format!("shard-{}-of-{}/", part.shard.index(), part.shard.of()));
    let part = if number > 1 { format!("part-{number}/") } else { String::new() };
    format!("gatepost/{reach}/{shard}{part}")
}

/// Where the repository was cloned from, and what is checked out.
fn provenance(report: &Report, mask: &Mask) -> Option<Value> {
    let repository = line(report.about.repository.as_deref()?, mask);
    let mut provenance = json!({ "repositoryUri": repository, "mappedTo": { "uriBaseId": rules::ROOT } });
    if let (Some(map), Some(revision)) = (provenance.as_object_mut(), report.about.revision) {
        map.insert("revisionId".to_owned(), json!(revision.to_string()));
    }
    Some(provenance)
}

fn invocation(log: &Log<'_>) -> Value {
    let Log { report, mask, limits, .. } = log;
    let notification = |level: &'static str| move |text: String| json!({ "level": level, "message": { "text": bounded(&text, LONGEST) } });
    let mut notifications: Vec<Value> =
        foreign::not_judged(report, mask).into_iter().map(notification("error")).collect();
    notifications.extend(limits.iter().cloned().map(notification("warning")));
    let notices = report.notices.iter().map(|notice| line(notice, mask)).filter(|text| !text.is_empty());
    notifications.extend(notices.map(notification("note")));
    let mut invocation = json!({
        "executionSuccessful": report.is_complete(),
        "toolExecutionNotifications": notifications,
        "properties": {
            "stage": report.stage.as_str(),
            "scope": line(&report.scope, mask),
            "enforced": report.enforced,
            "result": report.outcome().as_str(),
        },
    });
    if let (Some(invocation), Some(started)) = (invocation.as_object_mut(), report.about.started) {
        invocation.insert("startTimeUtc".to_owned(), json!(started.to_string()));
        invocation.insert("endTimeUtc".to_owned(), json!(foreign::ended(report, started).to_string()));
    }
    invocation
}

struct Results<'a> {
    log: &'a Log<'a>,
    rows: &'a [Row<'a>],
    rules: Rules<'a>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Log { report, mask, suppressions, .. } = self.log;
        serializer.collect_seq(self.rows.iter().map(|row| {
            let rule = self.rules.index(row.finding);
            WireResult::new(row, rule, &report.about, *suppressions, mask)
        }))
    }
}
