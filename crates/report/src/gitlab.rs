//! GitLab's own reports, which other tiers and older versions read as well: Code Quality, and secret detection.

use crate::foreign::{self, HOME, bounded, headline, line, not_judged, place, places, rows};
use crate::json::{compact, to_string};
use crate::mask::Mask;
use crate::{Options, Reporter};
use gatepost_core::{Finding, Level, Location, Report, Severity, Timestamp};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// The schema of secret detection that is written: the oldest that every version of GitLab since 16 takes.
const SCHEMA: &str = "15.0.7";

/// The longest name of a vulnerability.
const LONGEST_NAME: usize = 255;

/// The longest solution.
const LONGEST_SOLUTION: usize = 7000;

/// The format `code-quality`: what counts, in the merge request's widget of every tier.
#[derive(Clone, Copy, Debug)]
pub struct CodeQuality;

impl Reporter for CodeQuality {
    fn name(&self) -> &'static str {
        "code-quality"
    }

    fn summary(&self) -> &'static str {
        "GitLab Code Quality: the widget of merge requests, on every tier"
    }

    fn write(&self, report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        let mask = Mask::new(report, options.show_secrets);
        // Of rows with one fingerprint GitLab shows one.
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let mut rows = Vec::new();
        for finding in &report.findings {
            for at in places(finding) {
                let times = seen.entry(finding.fingerprint.as_str()).or_default();
                *times += 1;
                rows.push(quality(finding, &at, *times, &mask));
            }
        }
        out.write_all(to_string(&Value::Array(rows)).as_bytes())?;
        out.flush()
    }
}

fn quality(finding: &Finding, at: &Location, times: usize, mask: &Mask) -> Value {
    let fingerprint = finding.fingerprint.as_str();
    json!({
        "description": bounded(&headline(finding, mask), 1024),
        "check_name": line(finding.code.as_str(), mask),
        "fingerprint": if times == 1 { fingerprint.to_owned() } else { format!("{fingerprint}:{times}") },
        "severity": match (finding.level, finding.severity) {
            (Level::Deny, Severity::Critical | Severity::High) => "blocker",
            (Level::Deny, _) => "critical",
            (Level::Warn, _) => "major",
            (Level::Note, Severity::Critical | Severity::High) => "minor",
            _ => "info",
        },
        "location": {
            "path": file(at, mask),
            "lines": { "begin": at.span.filter(|_| at.inner.is_empty()).map_or(1, |span| span.line.max(1)) },
        },
    })
}

/// A file that GitLab can point at; for what has no path, what it is.
fn file(at: &Location, mask: &Mask) -> String {
    let subject = || line(at.subject.as_deref().unwrap_or("(no file)"), mask);
    foreign::file(at, mask).unwrap_or_else(subject)
}

/// The format `gitlab-secrets`: GitLab's secret detection.
#[derive(Clone, Copy, Debug)]
pub struct SecretDetection;

impl Reporter for SecretDetection {
    fn name(&self) -> &'static str {
        "gitlab-secrets"
    }

    fn summary(&self) -> &'static str {
        "GitLab secret detection (artifacts:reports:secret_detection): secrets alone"
    }

    fn wants_checkout(&self) -> bool {
        true
    }

    fn write(&self, report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        let mask = Mask::new(report, options.show_secrets);
        let secrets = report.findings.iter().filter(|finding| finding.secret.is_some());
        // One file at one line in several commits is one thing to GitLab.
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for finding in secrets {
            for at in places(finding) {
                let id = format!("{}:{}", finding.fingerprint.as_str(), place(&at, &mask));
                if seen.insert(id.clone()) {
                    found.push(vulnerability(finding, &at, &id, report, &mask));
                }
            }
        }
        let about = json!({
            "id": "gatepost",
            "name": "gatepost",
            "url": HOME,
            "version": report.version,
            "vendor": { "name": "gatepost" },
        });
        let started = report.about.started.unwrap_or(Timestamp { seconds: 0, offset_minutes: 0 });
        let mut messages: Vec<Value> = not_judged(report, &mask)
            .into_iter()
            .map(|value| json!({ "level": "fatal", "value": value }))
            .collect();
        let hidden = rows(report).filter(|row| row.by.is_some() && row.finding.secret.is_some()).count();
        if hidden > 0 {
            messages.push(
                json!({ "level": "info", "value": format!("{hidden} suppressed secrets are left out") }),
            );
        }
        let value = json!({
            "version": SCHEMA,
            "scan": {
                "analyzer": about,
                "scanner": about,
                "type": "secret_detection",
                "status": if report.is_complete() { "success" } else { "failure" },
                "start_time": time(started),
                "end_time": time(foreign::ended(report, started)),
                "messages": messages,
            },
            "vulnerabilities": found,
        });
        compact(&value, out)
    }
}

/// GitLab takes a time without its zone, which is UTC.
fn time(at: Timestamp) -> String {
    at.to_string().trim_end_matches('Z').trim_start_matches('-').to_owned()
}

fn vulnerability(finding: &Finding, at: &Location, id: &str, report: &Report, mask: &Mask) -> Value {
    let code = line(finding.code.as_str(), mask);
    let name = line(&finding.name, mask);
    let (start, end) = at
        .span
        .filter(|_| at.inner.is_empty())
        .map_or((1, 1), |span| (span.line.max(1), span.end_line.max(span.line).max(1)));
    let commit = at.commit.or(report.about.revision).map_or_else(|| "0".repeat(40), |id| id.to_string());
    let why: Vec<String> = finding.why.iter().map(|why| line(why, mask)).collect();
    let fix: Vec<String> = finding.fix.iter().map(|fix| line(fix, mask)).collect();
    json!({
        "id": id,
        "name": bounded(if name.is_empty() { &code } else { &name }, LONGEST_NAME),
        "description": format!("{}\n\n{}", markdown(&headline(finding, mask)), markdown(&why.join("\n"))),
        "severity": match finding.severity {
            Severity::Critical => "Critical",
            Severity::High => "High",
            Severity::Medium => "Medium",
            Severity::Low => "Low",
            Severity::Info => "Info",
        },
        "solution": bounded(&fix.join("\n"), LONGEST_SOLUTION),
        "identifiers": [
            { "type": "gatepost_rule", "name": format!("gatepost {code}"), "value": code, "url": format!("{HOME}/blob/main/docs/rules.md") },
            { "type": "cwe", "name": "CWE-798", "value": "798", "url": "https://cwe.mitre.org/data/definitions/798.html" },
        ],
        "location": {
            "file": file(at, mask),
            "start_line": start,
            "end_line": end,
            "commit": { "sha": commit },
        },
    })
}

/// Untrusted text where GitLab reads Markdown: nothing in it marks anything up.
fn markdown(text: &str) -> String {
    crate::markdown::plain(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use gatepost_core::RepoPath;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = include_str!("../schema/third-party/gitlab-secret-detection-15.0.7.json");
        jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
    });

    fn write(reporter: &dyn Reporter, report: &Report) -> Value {
        let mut out = Vec::new();
        reporter.write(report, &Options::default(), &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    fn errors(value: &Value) -> Vec<String> {
        VALIDATOR.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    /// What the documentation asks of Code Quality: no schema is published.
    fn is_quality(value: &Value) -> bool {
        let severities = ["info", "minor", "major", "critical", "blocker"];
        let rows = value.as_array().unwrap();
        let prints: BTreeSet<&str> = rows.iter().map(|row| row["fingerprint"].as_str().unwrap()).collect();
        let whole = |row: &Value| {
            row["description"].as_str().is_some_and(|text| !text.is_empty())
                && row["check_name"].as_str().is_some_and(|text| !text.is_empty())
                && severities.contains(&row["severity"].as_str().unwrap())
                && row["location"]["path"].is_string()
                && row["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0)
        };
        prints.len() == rows.len() && rows.iter().all(whole)
    }

    #[test]
    fn full_and_empty_reports_hold() {
        for report in [testing::empty(), testing::full()] {
            let value = write(&SecretDetection, &report);
            assert_eq!(errors(&value), Vec::<String>::new(), "{value:#}");
            assert!(is_quality(&write(&CodeQuality, &report)));
        }
    }

    proptest! {
        #[test]
        fn any_report_holds(report in testing::any_report()) {
            prop_assert_eq!(errors(&write(&SecretDetection, &report)), Vec::<String>::new());
            prop_assert!(is_quality(&write(&CodeQuality, &report)));
        }
    }

    #[test]
    fn the_schema_refuses_what_gitlab_refuses() {
        let good = write(&SecretDetection, &testing::full());
        type Break = fn(&mut Value);
        let breaks: [Break; 5] = [
            |v| v["scan"]["start_time"] = json!("2026-11-03T00:00:00Z"),
            |v| v["scan"]["type"] = json!("sast"),
            |v| v["vulnerabilities"][0]["severity"] = json!("critical"),
            |v| v["vulnerabilities"][0]["identifiers"] = json!([]),
            |v| drop(v["vulnerabilities"][0]["location"].as_object_mut().unwrap().remove("commit")),
        ];
        for break_it in breaks {
            let mut bad = good.clone();
            break_it(&mut bad);
            assert!(!errors(&bad).is_empty(), "{bad:#}");
        }
    }

    #[test]
    fn secret_detection_says_what_gitlab_shows() {
        let mut report = testing::full();
        report.findings.truncate(2);
        let value = write(&SecretDetection, &report);
        insta::assert_snapshot!(to_string(&value));
        report.problems.clear();
        report.coverage.skipped.clear();
        assert_eq!(write(&SecretDetection, &report)["scan"]["status"], "success");
    }

    #[test]
    fn code_quality_says_what_the_widget_shows() {
        let mut report = testing::empty();
        let mut odd = testing::one_secret();
        odd.locations[0].path = Some(RepoPath::new(*b"a/\xff\n.txt"));
        report.findings = vec![testing::one_secret(), odd, testing::message_error()];
        insta::assert_snapshot!(to_string(&write(&CodeQuality, &report)));
    }
}
