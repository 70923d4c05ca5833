//! The rules of a run, as SARIF describes them: only those that found something, by their code.

use crate::foreign::{HOME, Row, bounded, line};
use crate::mask::Mask;
use crate::sarif::LONGEST;
use gatepost_core::{Confidence, Finding, Severity};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What paths are relative to.
pub(super) const ROOT: &str = "%SRCROOT%";

/// The taxonomy that says what a secret is.
pub(super) const CWE: &str = "CWE";

/// CWE-798, Use of Hard-coded Credentials: by this tag GitLab tells secret detection from other analysis.
const HARD_CODED: &str = "798";

/// The longest name of a rule.
const LONGEST_NAME: usize = 255;

/// The family of secrets.
const SECRETS: &str = "GP-SEC";

/// The rules of some findings, in the order of their codes.
pub(super) struct Rules<'a>(BTreeMap<&'a str, Rule<'a>>);

/// What the findings of a rule say of it.
struct Rule<'a> {
    index: usize,
    first: &'a Finding,
    severity: Severity,
    confidence: Confidence,
}

impl<'a> Rules<'a> {
    pub(super) fn of(rows: &[Row<'a>]) -> Self {
        let mut rules: BTreeMap<&str, Rule<'a>> = BTreeMap::new();
        for Row { finding, .. } in rows {
            let rule = rules.entry(finding.code.as_str()).or_insert(Rule {
                index: 0,
                first: finding,
                severity: finding.severity,
                confidence: finding.confidence,
            });
            rule.severity = rule.severity.max(finding.severity);
            rule.confidence = rule.confidence.max(finding.confidence);
        }
        for (index, rule) in rules.values_mut().enumerate() {
            rule.index = index;
        }
        Self(rules)
    }

    /// The place of a finding's rule in the list.
    pub(super) fn index(&self, finding: &Finding) -> usize {
        self.0.get(finding.code.as_str()).map_or(0, |rule| rule.index)
    }

    pub(super) fn have_secrets(&self) -> bool {
        self.0.values().any(|rule| rule.first.family == SECRETS)
    }

    pub(super) fn wire(&self, mask: &Mask) -> Vec<Value> {
        self.0.iter().map(|(code, rule)| wire(code, rule, mask)).collect()
    }
}

fn wire(code: &str, rule: &Rule<'_>, mask: &Mask) -> Value {
    let finding = rule.first;
    let named = |text: String| if text.is_empty() { code.to_owned() } else { text };
    let title = bounded(&named(line(&finding.name, mask)), LONGEST);
    // What comes first is said of the rule, what comes later of what was found.
    let why: Vec<String> = finding.why.iter().take(2).map(|why| line(why, mask)).collect();
    let first = why.first().filter(|why| !why.is_empty());
    let full = first.map_or_else(|| title.clone(), |why| bounded(why, LONGEST));
    let help_text = if why.is_empty() { title.clone() } else { why.join("\n") };
    let explain = format!("\n`gatepost explain {}` says what it is and what to do.", line(code, mask));
    let left = LONGEST.saturating_sub(explain.encode_utf16().count());
    let mut wire = json!({
        "id": code,
        "name": bounded(&pascal(&finding.rule), LONGEST_NAME),
        "shortDescription": { "text": title },
        "fullDescription": { "text": full },
        "help": { "text": format!("{}{explain}", bounded(&help_text, left)) },
        "helpUri": help(finding),
        "properties": { "precision": rule.confidence.as_str(), "tags": tags(finding) },
    });
    if finding.family == SECRETS
        && let Some(wire) = wire.as_object_mut()
    {
        let target = json!({ "id": HARD_CODED, "index": 0, "toolComponent": { "name": CWE, "index": 0 } });
        wire.insert("relationships".to_owned(), json!([{ "target": target, "kinds": ["superset"] }]));
        if let Some(properties) = wire.get_mut("properties").and_then(Value::as_object_mut) {
            let severity = security_severity(rule.severity, rule.confidence);
            properties.insert("security-severity".to_owned(), json!(severity));
        }
    }
    wire
}

/// `github-pat` as `GithubPat`: a name is to be an identifier, and not the id again.
fn pascal(rule: &str) -> String {
    let words = rule.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name: String = words
        .map(|word| {
            let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
            format!("{}{rest}", first.to_ascii_uppercase())
        })
        .collect();
    if name.is_empty() { "Rule".to_owned() } else { name }
}

fn tags(finding: &Finding) -> Vec<String> {
    match finding.family {
        SECRETS => ["security", "secret", "cwe-798"].map(str::to_owned).to_vec(),
        family => vec![family.to_lowercase()],
    }
}

/// The page that has the rule.
fn help(finding: &Finding) -> String {
    let page = match finding.family {
        SECRETS => "rules.md",
        _ => "README.md",
    };
    format!("{HOME}/blob/main/docs/{page}")
}

/// What GitHub and GitLab order alerts by, in the steps of CVSS: above 9.0 critical, from 7.0 high, from 4.0 medium.
pub(super) const fn security_severity(severity: Severity, confidence: Confidence) -> &'static str {
    match (severity, confidence) {
        (Severity::Critical, Confidence::High) | (Severity::High, Confidence::High) => "9.5",
        (Severity::Critical, _) => "9.1",
        (Severity::High, _) => "8.0",
        (Severity::Medium, _) => "5.5",
        (Severity::Low, _) => "3.0",
        (Severity::Info, _) => "1.0",
    }
}

/// The taxonomy, with the one weakness of it that is found.
pub(super) fn weaknesses() -> Value {
    json!({
        "name": CWE,
        "organization": "MITRE",
        "informationUri": "https://cwe.mitre.org/",
        "shortDescription": { "text": "The MITRE Common Weakness Enumeration" },
        "isComprehensive": false,
        "taxa": [{
            "id": HARD_CODED,
            "name": "UseOfHardCodedCredentials",
            "shortDescription": { "text": "Use of Hard-coded Credentials" },
            "helpUri": "https://cwe.mitre.org/data/definitions/798.html",
        }],
    })
}
