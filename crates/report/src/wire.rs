//! The shape of `gatepost.report/1`: what other programs read. It is kept apart from the types of
//! `gatepost-core` so that renaming a field there cannot change what is written here.
//!
//! Keys that are always there hold `null` when nothing is known. Keys that are only sometimes there say so.

mod statistics;

use crate::foreign::Row;
use crate::mask::Mask;
use data_encoding::BASE64;
use gatepost_core::decision::{DecisionOutcome, DecisionTest};
use gatepost_core::report::{ShardPart, Suppression};
use gatepost_core::{
    Coverage, Decision, Decisions, Finding, Identity, Location, Part, Problem, RepoPath, Report, Suppressed,
};
use serde::{Serialize, Serializer};
use statistics::WireStatistics;
use std::borrow::Cow;

/// The value of `schema`.
pub(crate) const SCHEMA: &str = "gatepost.report/1";

#[derive(Serialize)]
pub(crate) struct WireReport<'a> {
    schema: &'static str,
    tool: WireTool<'a>,
    stage: &'static str,
    enforced: bool,
    result: &'static str,
    complete: bool,
    scope: Cow<'a, str>,
    findings: WireFindings<'a>,
    suppressed: WireSuppressedList<'a>,
    suppressed_by: Vec<WireSuppressedBy>,
    problems: Vec<WireProblem<'a>>,
    notices: Vec<Cow<'a, str>>,
    /// Only of a complete scan of a whole history, where there is a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    stale_baseline: Option<Vec<&'a str>>,
    /// Only where somebody asked why, and so is the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    decisions: Option<Vec<WireDecision<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decisions_left_out: Option<u64>,
    coverage: WireCoverage,
    /// Only of a shard of a history.
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<WireShard<'a>>,
    /// Only where somebody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    stats: Option<WireStatistics>,
    timing: WireTiming,
}

/// What a shard has to say for the reports of all shards to become one.
#[derive(Serialize)]
struct WireShard<'a> {
    index: u32,
    of: u32,
    objects: &'a str,
    unused_exceptions: Vec<WireFinding<'a>>,
}

#[derive(Serialize)]
struct WireTool<'a> {
    name: &'static str,
    version: &'static str,
    ruleset_digest: &'a str,
    policy_digest: &'a str,
}

#[derive(Serialize)]
struct WireFinding<'a> {
    rule: &'a str,
    code: &'a str,
    family: &'static str,
    name: Cow<'a, str>,
    severity: &'static str,
    confidence: &'static str,
    level: &'static str,
    message: Cow<'a, str>,
    why: Vec<Cow<'a, str>>,
    fix: Vec<Cow<'a, str>>,
    fingerprint: &'a str,
    /// Only of a rule that finds a secret, and only when secrets shall be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<Cow<'a, str>>,
    /// Only beside a `secret` that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_bytes: Option<String>,
    /// Only of a rule that finds a secret, and only when secrets shall not be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    redacted: Option<String>,
    /// Only in the report of a shard.
    #[serde(skip_serializing_if = "Option::is_none")]
    value_tag: Option<String>,
    locations: Vec<WireLocation<'a>>,
    /// Only of a suppressed finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<WireBy<'a>>,
}

/// What suppressed a finding; each kind has keys of its own.
#[derive(Default, Serialize)]
struct WireBy<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialect: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approver: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

/// What became of a place that a rule looked at closely.
#[derive(Serialize)]
struct WireDecision<'a> {
    rule: &'a str,
    outcome: &'static str,
    /// Of what is reported.
    level: Option<&'static str>,
    decided_by: Option<&'static str>,
    tests: Vec<WireTest<'a>>,
    redacted: String,
    entropy: f64,
    severity_before: &'static str,
    severity: &'static str,
    confidence_before: &'static str,
    confidence: &'static str,
    location: WireLocation<'a>,
}

#[derive(Serialize)]
struct WireTest<'a> {
    name: &'static str,
    clause: Cow<'a, str>,
}

/// How many findings one kind of suppression took out; comments by dialect.
#[derive(Serialize)]
struct WireSuppressedBy {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialect: Option<&'static str>,
    count: u64,
}

#[derive(Serialize)]
struct WireLocation<'a> {
    path: Option<String>,
    /// Only of a path that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    /// Only inside an archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    inner: Option<Vec<String>>,
    /// Only where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Cow<'a, str>>,
    line: Option<u32>,
    column: Option<u32>,
    character: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    start_byte: Option<u64>,
    end_byte: Option<u64>,
    commit: Option<String>,
    /// Only in the report of a shard.
    #[serde(skip_serializing_if = "Option::is_none")]
    committed: Option<String>,
    object: Option<String>,
    author: Option<String>,
    date: Option<String>,
    in_tip: Option<bool>,
    decoded_by: &'a [&'static str],
    /// Only where the place by itself is a finding of another rule or fingerprint.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<&'a str>,
    /// Only where something near it belongs to the same credential.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<WirePart<'a>>,
}

/// Another part of the same credential, in the same document.
#[derive(Serialize)]
struct WirePart<'a> {
    rule: &'a str,
    name: Cow<'a, str>,
    line: u32,
    column: u32,
    character: u32,
    end_line: u32,
    end_column: u32,
    start_byte: u64,
    end_byte: u64,
}

#[derive(Serialize)]
struct WireProblem<'a> {
    what: Cow<'a, str>,
    place: Option<Cow<'a, str>>,
    fix: Cow<'a, str>,
}

#[derive(Serialize)]
struct WireCoverage {
    commits: u64,
    objects: u64,
    blobs: u64,
    bytes: u64,
    files: u64,
    texts: u64,
    skipped: Vec<WireSkip>,
    shallow: bool,
}

#[derive(Serialize)]
struct WireSkip {
    reason: &'static str,
    count: u64,
    declared: bool,
}

#[derive(Serialize)]
struct WireTiming {
    seconds: f64,
}

/// Findings are turned into their wire form one at a time: a history's report is large.
struct WireFindings<'a> {
    findings: &'a [Finding],
    form: Form<'a>,
}

/// How findings are written.
#[derive(Clone, Copy)]
struct Form<'a> {
    mask: &'a Mask,
    shard: Option<&'a ShardPart>,
}

impl Serialize for WireFindings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.findings.iter().map(|f| wire_finding(f, None, self.form)))
    }
}

struct WireSuppressedList<'a> {
    suppressed: &'a [Suppressed],
    form: Form<'a>,
}

impl Serialize for WireSuppressedList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self.suppressed.iter();
        serializer.collect_seq(rows.map(|s| wire_finding(&s.finding, Some(&s.by), self.form)))
    }
}

impl<'a> WireReport<'a> {
    pub(crate) fn new(report: &'a Report, mask: &'a Mask) -> Self {
        let form = Form { mask, shard: report.shard.as_ref() };
        Self {
            schema: SCHEMA,
            tool: WireTool {
                name: "gatepost",
                version: report.version,
                ruleset_digest: &report.ruleset_digest,
                policy_digest: &report.policy_digest,
            },
            stage: report.stage.as_str(),
            enforced: report.enforced,
            result: report.outcome().as_str(),
            complete: report.is_complete(),
            scope: mask.text(&report.scope),
            findings: WireFindings { findings: &report.findings, form },
            suppressed: WireSuppressedList { suppressed: &report.suppressed, form },
            suppressed_by: report.suppressions().into_iter().map(wire_suppressed_by).collect(),
            problems: report.problems.iter().map(|problem| wire_problem(problem, mask)).collect(),
            notices: report.notices.iter().map(|notice| mask.text(notice)).collect(),
            stale_baseline: report
                .stale_baseline
                .as_ref()
                .map(|entries| entries.iter().map(|(fingerprint, _)| fingerprint.as_str()).collect()),
            decisions: report
                .decisions
                .as_ref()
                .map(|all| all.list().iter().map(|one| wire_decision(one, mask)).collect()),
            decisions_left_out: report.decisions.as_ref().map(Decisions::left_out),
            coverage: wire_coverage(&report.coverage),
            shard: report.shard.as_ref().map(|part| wire_shard(part, form)),
            stats: report.statistics.as_ref().map(WireStatistics::of),
            timing: WireTiming { seconds: report.duration.as_secs_f64() },
        }
    }
}

impl WireReport<'_> {
    /// The report as if nothing had been found: for who writes each finding by itself. Its `result` stays.
    pub(crate) fn without_findings(mut self) -> Self {
        self.findings.findings = &[];
        self.suppressed.suppressed = &[];
        self
    }
}

/// One finding as it stands in a report.
pub(crate) fn row<'a>(row: &Row<'a>, report: &'a Report, mask: &'a Mask) -> impl Serialize + use<'a> {
    wire_finding(row.finding, row.by, Form { mask, shard: report.shard.as_ref() })
}

fn wire_shard<'a>(part: &'a ShardPart, form: Form<'a>) -> WireShard<'a> {
    WireShard {
        index: part.shard.index(),
        of: part.shard.of(),
        objects: &part.objects,
        unused_exceptions: part.unused.iter().map(|finding| wire_finding(finding, None, form)).collect(),
    }
}

fn wire_finding<'a>(finding: &'a Finding, by: Option<&'a Suppression>, form: Form<'_>) -> WireFinding<'a> {
    let Form { mask, shard } = form;
    let show = mask.shows_secrets();
    let shown = finding.secret.as_ref().filter(|_| show);
    WireFinding {
        rule: &finding.rule,
        code: finding.code.as_str(),
        family: finding.family,
        name: mask.text(&finding.name),
        severity: finding.severity.as_str(),
        confidence: finding.confidence.as_str(),
        level: finding.level.as_str(),
        message: mask.text(&finding.message),
        why: finding.why.iter().map(|line| mask.text(line)).collect(),
        fix: finding.fix.iter().map(|line| mask.text(line)).collect(),
        fingerprint: finding.fingerprint.as_str(),
        secret: shown.map(|secret| String::from_utf8_lossy(secret.reveal())),
        secret_bytes: shown
            .filter(|secret| std::str::from_utf8(secret.reveal()).is_err())
            .map(|secret| BASE64.encode(secret.reveal())),
        redacted: finding.secret.as_ref().filter(|_| !show).map(gatepost_core::Secret::redacted),
        value_tag: shard
            .zip(finding.secret.as_ref())
            .and_then(|(part, secret)| part.tag(secret.reveal()))
            .map(|tag| tag.as_str().to_owned()),
        locations: finding
            .locations
            .iter()
            .map(|location| WireLocation {
                committed: location.committed.filter(|_| shard.is_some()).map(|time| time.to_string()),
                ..wire_location(location, mask)
            })
            .collect(),
        by: by.map(|by| wire_by(by, mask)),
    }
}

fn wire_decision<'a>(decision: &'a Decision, mask: &Mask) -> WireDecision<'a> {
    let (outcome, level) = match decision.outcome {
        DecisionOutcome::Reported(level) => ("reported", Some(level.as_str())),
        DecisionOutcome::Suppressed => ("suppressed", None),
        DecisionOutcome::NotReported => ("not-reported", None),
    };
    let test = |test: &'a DecisionTest| WireTest { name: test.name, clause: mask.text(&test.clause) };
    WireDecision {
        rule: &decision.rule,
        outcome,
        level,
        decided_by: decision.decided_by().map(|test| test.name),
        tests: decision.tests.iter().map(test).collect(),
        redacted: decision.value.redacted(),
        // A hundredth of a bit tells tests apart; more digits would tell the value.
        entropy: (decision.entropy * 100.0).round() / 100.0,
        severity_before: decision.severity.0.as_str(),
        severity: decision.severity.1.as_str(),
        confidence_before: decision.confidence.0.as_str(),
        confidence: decision.confidence.1.as_str(),
        location: wire_location(&decision.location, mask),
    }
}

fn wire_by<'a>(by: &'a Suppression, mask: &Mask) -> WireBy<'a> {
    let bare = WireBy { kind: by.kind(), dialect: by.dialect(), ..WireBy::default() };
    match by {
        Suppression::Exception(exception) => WireBy {
            id: Some(mask.text(&exception.id)),
            reason: Some(mask.text(&exception.reason)),
            status: Some(exception.status.as_str()),
            owner: Some(mask.text(&exception.owner)),
            approver: exception.approver.as_deref().map(|approver| mask.text(approver)),
            expires: Some(exception.expires.to_string()),
            ..bare
        },
        Suppression::BreakGlass { id, reason, owner } => WireBy {
            id: Some(mask.text(id)),
            reason: Some(mask.text(reason)),
            owner: Some(mask.text(owner)),
            ..bare
        },
        Suppression::Baseline => bare,
        Suppression::AllowList { entry, reason } | Suppression::Exempt { entry, reason } => {
            WireBy { entry: Some(mask.text(entry)), reason: Some(mask.text(reason)), ..bare }
        }
        Suppression::Inline { dialect: _, reason, until, id } => WireBy {
            id: id.as_deref().map(|id| mask.text(id)),
            reason: reason.as_deref().map(|reason| mask.text(reason)),
            until: until.map(|day| day.to_string()),
            ..bare
        },
    }
}

fn wire_suppressed_by(
    ((kind, dialect), count): ((&'static str, Option<&'static str>), u64),
) -> WireSuppressedBy {
    WireSuppressedBy { kind, dialect, count }
}

fn wire_location<'a>(location: &'a Location, mask: &Mask) -> WireLocation<'a> {
    let masked = |path: &RepoPath| RepoPath::new(mask.bytes(path.as_bytes()));
    let path = location.path.as_ref().map(masked);
    let inner = location.inner.iter().map(|name| masked(name).escaped().into_owned());
    let span = location.span.as_ref();
    let author = location.author.as_ref();
    WireLocation {
        path: path.as_ref().map(|path| path.escaped().into_owned()),
        path_bytes: path.filter(|path| !path.is_utf8()).map(|path| BASE64.encode(path.as_bytes())),
        inner: (!location.inner.is_empty()).then(|| inner.collect()),
        subject: location.subject.as_deref().map(|subject| mask.text(subject)),
        line: span.map(|s| s.line),
        column: span.map(|s| s.column),
        character: span.map(|s| s.character),
        end_line: span.map(|s| s.end_line),
        end_column: span.map(|s| s.end_column),
        start_byte: span.map(|s| s.start_byte),
        end_byte: span.map(|s| s.end_byte),
        commit: location.commit.map(|id| id.to_string()),
        committed: None,
        object: location.object.map(|id| id.to_string()),
        author: author.map(|who| mask.text(&wire_author(who)).into_owned()),
        date: author.and_then(|who| who.time).map(|time| time.to_string()),
        in_tip: location.in_tip,
        decoded_by: &location.decoded_by,
        rule: location.known_as.as_ref().map(|known| known.rule.as_str()),
        fingerprint: location.known_as.as_ref().map(|known| known.fingerprint.as_str()),
        parts: location.parts.iter().map(|part| wire_part(part, mask)).collect(),
    }
}

fn wire_part<'a>(part: &'a Part, mask: &Mask) -> WirePart<'a> {
    let span = part.span;
    WirePart {
        rule: &part.rule,
        name: mask.text(&part.name),
        line: span.line,
        column: span.column,
        character: span.character,
        end_line: span.end_line,
        end_column: span.end_column,
        start_byte: span.start_byte,
        end_byte: span.end_byte,
    }
}

/// `Name <email>`, with U+FFFD for what is not UTF-8.
pub(crate) fn wire_author(who: &Identity) -> String {
    format!("{} <{}>", String::from_utf8_lossy(&who.name), String::from_utf8_lossy(&who.email))
}

fn wire_problem<'a>(problem: &'a Problem, mask: &Mask) -> WireProblem<'a> {
    WireProblem {
        what: mask.text(&problem.what),
        place: problem.place.as_deref().map(|place| mask.text(place)),
        fix: mask.text(&problem.fix),
    }
}

fn wire_coverage(coverage: &Coverage) -> WireCoverage {
    let skip = |(reason, count): (&gatepost_core::SkipReason, &u64)| WireSkip {
        reason: reason.as_str(),
        count: *count,
        declared: reason.is_declared(),
    };
    WireCoverage {
        commits: coverage.commits,
        objects: coverage.objects,
        blobs: coverage.blobs,
        bytes: coverage.bytes,
        files: coverage.files,
        texts: coverage.texts,
        skipped: coverage.skipped.iter().filter(|(_, count)| **count > 0).map(skip).collect(),
        shallow: coverage.shallow,
    }
}
