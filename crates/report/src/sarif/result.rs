//! One result of SARIF: one finding, at the first of its places.

use super::rules::{ROOT, security_severity};
use crate::foreign::{Row, advice, bounded, inner, line, masked, place};
use crate::mask::Mask;
use crate::sarif::LONGEST;
use gatepost_core::report::{About, Claim, Suppression};
use gatepost_core::{Finding, Level, Location, RepoPath};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// So many more places are listed beside the first; readers keep a hundred in all.
const MORE_PLACES: usize = 20;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireResult<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Value,
    locations: [Value; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Value>,
    partial_fingerprints: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Value>,
    properties: Value,
}

impl<'a> WireResult<'a> {
    pub(super) fn new(
        row: &Row<'a>,
        rule_index: usize,
        about: &About,
        suppressions: bool,
        mask: &Mask,
    ) -> Self {
        let Row { finding, by } = *row;
        let nowhere = Location::default();
        let (first, rest) =
            finding.locations.split_first().map_or((&nowhere, &[][..]), |(first, rest)| (first, rest));
        let commit = first.commit.map(|id| id.to_string());
        Self {
            rule_id: finding.code.as_str(),
            rule_index,
            level: match finding.level {
                Level::Deny => "error",
                Level::Warn => "warning",
                Level::Note | Level::Off => "note",
            },
            message: json!({ "text": message(finding, first, rest, mask) }),
            locations: [location(first, None, mask)],
            related_locations: (1..)
                .zip(rest.iter().take(MORE_PLACES))
                .map(|(id, place)| location(place, Some(id), mask))
                .collect(),
            partial_fingerprints: json!({
                "primaryLocationLineHash": line_hash(finding, first, about),
                "gatepost/v1": finding.fingerprint.as_str(),
            }),
            suppressions: match by {
                Some(by) => vec![suppression(by, "accepted", mask)],
                None if suppressions => claim(finding, about, mask).into_iter().collect(),
                None => Vec::new(),
            },
            properties: json!({
                "severity": finding.severity.as_str(),
                "confidence": finding.confidence.as_str(),
                "security-severity": security_severity(finding.severity, finding.confidence),
                "fingerprint": finding.fingerprint.as_str(),
                "commit": commit,
                "inTip": first.in_tip,
                "places": finding.locations.len(),
            }),
        }
    }
}

/// What was found, where else, and what to do. GitHub shows related places only where the text links them.
fn message(finding: &Finding, first: &Location, rest: &[Location], mask: &Mask) -> String {
    let mut text = advice(finding, mask);
    let inside = inner(first, mask);
    if !inside.is_empty() {
        text.push_str(&format!("\nIn the archive, at {}.", place(first, mask)));
    }
    let text = linkless(&text);
    let links: Vec<String> = (1..)
        .zip(rest.iter().take(MORE_PLACES))
        .map(|(id, at): (usize, _)| format!("[{}]({id})", linkless(&place(at, mask))))
        .collect();
    if links.is_empty() {
        return bounded(&text, LONGEST);
    }
    let more = match rest.len().saturating_sub(links.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    // A link that is cut is no link: where they do not fit they are counted.
    let also = format!("\nAlso at {}{more}.", links.join(", "));
    let also = if also.len() > LONGEST / 2 { format!("\nAlso in {} more places.", rest.len()) } else { also };
    let left = LONGEST.saturating_sub(also.encode_utf16().count());
    format!("{}{also}", bounded(&text, left))
}

/// Text in which brackets are brackets, and no link of SARIF (3.11.6).
fn linkless(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// The hash of the line where it is known, and else what is as stable: of a line that is checked out no more, GitHub can
/// compute none.
fn line_hash<'a>(finding: &'a Finding, first: &Location, about: &'a About) -> &'a str {
    let at = first.path.clone().zip(first.span.map(|span| span.line));
    let known = at.filter(|_| first.inner.is_empty()).and_then(|at| about.lines.get(&at));
    known.map_or(finding.fingerprint.as_str(), String::as_str)
}

fn location(location: &Location, id: Option<usize>, mask: &Mask) -> Value {
    let uri = location.path.as_ref().map_or_else(|| stand_in(location), |path| uri(&masked(path, mask)));
    let mut wire = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri, "uriBaseId": ROOT },
            "region": region(location),
        },
    });
    let Some(map) = wire.as_object_mut() else { return wire };
    if location.path.is_none() || !location.inner.is_empty() {
        map.insert(
            "logicalLocations".to_owned(),
            json!([{ "fullyQualifiedName": place(location, mask), "kind": "resource" }]),
        );
    }
    if let Some(id) = id {
        map.insert("id".to_owned(), json!(id));
        map.insert("message".to_owned(), json!({ "text": linkless(&place(location, mask)) }));
    }
    wire
}

/// Lines and columns. Those of an archive's entry are not those of the file, which is pointed at as a whole.
fn region(location: &Location) -> Value {
    match location.span.filter(|_| location.inner.is_empty()) {
        Some(span) => {
            let (line, column) = (span.line.max(1), span.utf16.max(1));
            let end_line = span.end_line.max(line);
            let least = if end_line == line { column } else { 1 };
            json!({
                "startLine": line,
                "startColumn": column,
                "endLine": end_line,
                "endColumn": span.end_utf16.max(least),
            })
        }
        None => json!({ "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1 }),
    }
}

/// A path for what has none: every result must have one, and it must not hold what changes, as the id of a commit does.
fn stand_in(location: &Location) -> String {
    const KNOWN: [&str; 7] =
        ["commit message", "tag message", "branch name", "tag name", "author", "note", "pull request"];
    let subject = location.subject.as_deref().unwrap_or_default();
    let known = KNOWN.into_iter().find(|known| subject.starts_with(known));
    format!(".git/{}", known.unwrap_or("object").replace(' ', "-"))
}

/// A path as a relative reference (RFC 3986): every byte that is not plain is escaped, a colon among them.
pub(super) fn uri(path: &RepoPath) -> String {
    let mut out = String::with_capacity(path.as_bytes().len());
    for &byte in path.as_bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    // A path cannot begin with two slashes, nor be empty: the first would be a host, the second this document.
    // An empty address is refused by every reader.
    match out.trim_start_matches('/') {
        "" => ".".to_owned(),
        relative => relative.to_owned(),
    }
}

/// An exception that would be for the finding and does not count: not yet, or no more.
fn claim(finding: &Finding, about: &About, mask: &Mask) -> Option<Value> {
    let (claim, exception) = about.claims.get(&finding.fingerprint)?;
    let status = match claim {
        Claim::Pending => "underReview",
        Claim::Ended => "rejected",
    };
    Some(suppression(&Suppression::Exception(Box::new(exception.clone())), status, mask))
}

fn suppression(by: &Suppression, status: &str, mask: &Mask) -> Value {
    let mut properties = Map::new();
    let mut put = |key: &str, value: &str| {
        properties.insert(key.to_owned(), json!(line(value, mask)));
    };
    put("by", by.kind());
    let mut said = None;
    match by {
        Suppression::Exception(exception) => {
            put("id", &exception.id);
            put("status", exception.status.as_str());
            put("owner", &exception.owner);
            put("expires", &exception.expires.to_string());
            if let Some(approver) = &exception.approver {
                put("approver", approver);
            }
            said = Some(&exception.reason);
        }
        Suppression::BreakGlass { id, reason, owner } => {
            put("id", id);
            put("owner", owner);
            said = Some(reason);
        }
        Suppression::Baseline => {}
        Suppression::AllowList { entry, reason } | Suppression::Exempt { entry, reason } => {
            put("entry", entry);
            said = Some(reason);
        }
        Suppression::Inline { dialect, reason, until, id } => {
            put("dialect", dialect);
            if let Some(id) = id {
                put("id", id);
            }
            if let Some(until) = until {
                put("expires", &until.to_string());
            }
            said = reason.as_ref();
        }
    }
    let said = said.map(|reason| line(reason, mask)).filter(|reason| !reason.is_empty());
    let justification = said.unwrap_or_else(|| crate::foreign::reason(by, mask));
    json!({
        "kind": if matches!(by, Suppression::Inline { .. }) { "inSource" } else { "external" },
        "status": status,
        "justification": bounded(&justification, LONGEST),
        "properties": properties,
    })
}
