//! The shape of a report as it is read, and how it becomes one.

use super::{ReadError, path};
use gatepost_core::check::CHECKS;
use gatepost_core::exception::{Details, ExceptionStatus};
use gatepost_core::report::{About, ShardPart, Suppression};
use gatepost_core::secrets::{DECODERS, dialect};
use gatepost_core::{
    Code, Confidence, Coverage, Date, Exception, Finding, Fingerprint, Identity, KnownAs, Level, ObjectId,
    Secret, Severity, Shard, SkipReason, Span, Stage, Suppressed, Timestamp,
};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::time::Duration;

/// As much as tells whether the rest can be read.
#[derive(Deserialize)]
pub(super) struct Header {
    pub(super) schema: Option<String>,
    pub(super) tool: Option<HeaderTool>,
}

#[derive(Deserialize)]
pub(super) struct HeaderTool {
    pub(super) version: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    #[serde(rename = "schema")]
    _schema: IgnoredAny,
    tool: Tool,
    stage: String,
    enforced: bool,
    #[serde(rename = "result")]
    _result: IgnoredAny,
    pub(super) complete: bool,
    scope: String,
    findings: Vec<WireFinding>,
    suppressed: Vec<WireFinding>,
    #[serde(rename = "suppressed_by")]
    _suppressed_by: IgnoredAny,
    problems: Vec<Problem>,
    notices: Vec<String>,
    stale_baseline: Option<Vec<String>>,
    #[serde(rename = "decisions")]
    _decisions: Option<IgnoredAny>,
    #[serde(rename = "decisions_left_out")]
    _decisions_left_out: Option<IgnoredAny>,
    coverage: WireCoverage,
    shard: Option<WireShard>,
    #[serde(rename = "stats")]
    _stats: Option<IgnoredAny>,
    timing: Timing,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tool {
    #[serde(rename = "name")]
    _name: IgnoredAny,
    #[serde(rename = "version")]
    _version: IgnoredAny,
    ruleset_digest: String,
    policy_digest: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireFinding {
    rule: String,
    code: String,
    family: String,
    name: String,
    severity: String,
    confidence: String,
    level: String,
    message: String,
    why: Vec<String>,
    fix: Vec<String>,
    fingerprint: String,
    secret: Option<String>,
    secret_bytes: Option<String>,
    redacted: Option<String>,
    value_tag: Option<String>,
    locations: Vec<Location>,
    by: Option<By>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct By {
    kind: String,
    id: Option<String>,
    entry: Option<String>,
    reason: Option<String>,
    dialect: Option<String>,
    until: Option<String>,
    status: Option<String>,
    owner: Option<String>,
    approver: Option<String>,
    expires: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Location {
    path: Option<String>,
    path_bytes: Option<String>,
    inner: Option<Vec<String>>,
    subject: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    character: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    start_byte: Option<u64>,
    end_byte: Option<u64>,
    commit: Option<String>,
    committed: Option<String>,
    object: Option<String>,
    author: Option<String>,
    date: Option<String>,
    in_tip: Option<bool>,
    decoded_by: Vec<String>,
    rule: Option<String>,
    fingerprint: Option<String>,
    #[serde(default)]
    parts: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    rule: String,
    name: String,
    line: u32,
    column: u32,
    character: u32,
    end_line: u32,
    end_column: u32,
    start_byte: u64,
    end_byte: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Problem {
    what: String,
    place: Option<String>,
    fix: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCoverage {
    commits: u64,
    objects: u64,
    blobs: u64,
    bytes: u64,
    files: u64,
    texts: u64,
    skipped: Vec<Skip>,
    shallow: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Skip {
    reason: String,
    count: u64,
    #[serde(rename = "declared")]
    _declared: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireShard {
    index: u32,
    of: u32,
    objects: String,
    unused_exceptions: Vec<WireFinding>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Timing {
    seconds: f64,
}

/// A value from its text, or the error that names both.
fn known<T>(key: &'static str, text: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, ReadError> {
    parse(text).ok_or_else(|| ReadError::Unknown(key, text.to_owned()))
}

/// The same for what need not be there.
fn maybe<T>(
    key: &'static str,
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, ReadError> {
    text.map(|text| known(key, text, parse)).transpose()
}

fn object_id(text: &str) -> Option<ObjectId> {
    ObjectId::from_hex(text.as_bytes())
}

impl Report {
    /// Whether no secret is redacted.
    pub(super) fn shows_secrets(&self) -> bool {
        self.findings.iter().chain(&self.suppressed).all(|finding| finding.redacted.is_none())
    }

    pub(super) fn into_report(self, version: &'static str) -> Result<gatepost_core::Report, ReadError> {
        let shard = self.shard.map(WireShard::into_part).transpose()?;
        let suppressed = self.suppressed.into_iter().map(|mut one| {
            let by = one.by.take().ok_or_else(|| ReadError::Unknown("by", String::new()))?;
            let finding = one.into_finding()?;
            Ok(Suppressed { by: by.into_suppression(&finding)?, finding })
        });
        let problem = |Problem { what, place, fix }| gatepost_core::Problem { what, place, fix };
        let entry = |text: &String| Ok((known("stale_baseline", text, Fingerprint::parse)?, String::new()));
        let stale = self.stale_baseline.map(|list| list.iter().map(entry).collect()).transpose()?;
        Ok(gatepost_core::Report {
            version,
            ruleset_digest: self.tool.ruleset_digest,
            policy_digest: self.tool.policy_digest,
            stage: known("stage", &self.stage, Stage::from_word)?,
            enforced: self.enforced,
            scope: self.scope,
            suppressed: suppressed.collect::<Result<_, ReadError>>()?,
            findings: self.findings.into_iter().map(WireFinding::into_finding).collect::<Result<_, _>>()?,
            problems: self.problems.into_iter().map(problem).collect(),
            notices: self.notices,
            stale_baseline: stale,
            decisions: None,
            coverage: self.coverage.into_coverage()?,
            shard,
            statistics: None,
            duration: Duration::try_from_secs_f64(self.timing.seconds).unwrap_or_default(),
            about: About::default(),
        })
    }
}

impl WireShard {
    fn into_part(self) -> Result<ShardPart, ReadError> {
        let shard = Shard::new(self.index, self.of)
            .ok_or_else(|| ReadError::Unknown("shard", format!("{}/{}", self.index, self.of)))?;
        Ok(ShardPart {
            shard,
            objects: self.objects,
            key: None,
            hidden: Vec::new(),
            unused: self
                .unused_exceptions
                .into_iter()
                .map(WireFinding::into_finding)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl WireCoverage {
    fn into_coverage(self) -> Result<Coverage, ReadError> {
        let mut skipped = BTreeMap::new();
        for skip in self.skipped {
            skipped.insert(known("reason", &skip.reason, SkipReason::from_word)?, skip.count);
        }
        let Self { commits, objects, blobs, bytes, files, texts, shallow, .. } = self;
        Ok(Coverage { commits, objects, blobs, bytes, files, texts, skipped, shallow })
    }
}

impl WireFinding {
    fn into_finding(self) -> Result<Finding, ReadError> {
        let secret = self.value()?;
        let family = |word: &str| CHECKS.iter().map(|check| check.family).find(|family| *family == word);
        Ok(Finding {
            code: Code::owned(self.code),
            family: known("family", &self.family, family)?,
            severity: known("severity", &self.severity, Severity::from_word)?,
            confidence: known("confidence", &self.confidence, Confidence::from_word)?,
            level: known("level", &self.level, Level::from_word)?,
            fingerprint: known("fingerprint", &self.fingerprint, Fingerprint::parse)?,
            locations: self.locations.into_iter().map(Location::into_location).collect::<Result<_, _>>()?,
            rule: self.rule,
            name: self.name,
            message: self.message,
            why: self.why,
            fix: self.fix,
            secret,
        })
    }

    /// The secret, or what stands for it: redacted as it is, and long where it is long.
    fn value(&self) -> Result<Option<Secret>, ReadError> {
        if let Some(encoded) = &self.secret_bytes {
            let bytes = data_encoding::BASE64.decode(encoded.as_bytes());
            let bytes = bytes.map_err(|_| ReadError::Unknown("secret_bytes", encoded.clone()))?;
            return Ok(Some(Secret::new(bytes)));
        }
        if let Some(secret) = &self.secret {
            return Ok(Some(Secret::new(secret.clone())));
        }
        let Some(redacted) = &self.redacted else { return Ok(None) };
        let tag = self.value_tag.as_ref().unwrap_or(&self.fingerprint);
        let tag = known("value_tag", tag, Fingerprint::parse)?;
        let unknown = || ReadError::Unknown("redacted", redacted.clone());
        let shown = redacted.strip_suffix("********").ok_or_else(unknown)?;
        let characters = tag.as_str().trim_start_matches("gp1:");
        if !shown.is_empty() {
            return Ok(Some(Secret::new(format!("{shown}{characters}"))));
        }
        // Of a short secret nothing is shown: ten bytes, which is short as well.
        let bytes = data_encoding::BASE32_NOPAD.decode(characters.to_ascii_uppercase().as_bytes());
        bytes.map(|bytes| Some(Secret::new(bytes))).map_err(|_| unknown())
    }
}

impl By {
    fn into_suppression(self, finding: &Finding) -> Result<Suppression, ReadError> {
        let reason = self.reason.clone().unwrap_or_default();
        Ok(match self.kind.as_str() {
            "exception" => Suppression::Exception(Box::new(self.into_exception(finding)?)),
            "break-glass" => Suppression::BreakGlass {
                id: self.id.unwrap_or_default(),
                reason,
                owner: self.owner.unwrap_or_default(),
            },
            "baseline" => Suppression::Baseline,
            "allow-list" => Suppression::AllowList { entry: self.entry.unwrap_or_default(), reason },
            "exempt" => Suppression::Exempt { entry: self.entry.unwrap_or_default(), reason },
            "inline" => Suppression::Inline {
                dialect: known("dialect", &self.dialect.unwrap_or_default(), dialect)?,
                reason: self.reason,
                until: maybe("until", self.until.as_deref(), Date::parse)?,
                id: self.id,
            },
            _ => return Err(ReadError::Unknown("kind", self.kind)),
        })
    }

    /// As much of an exception as a report has.
    fn into_exception(self, finding: &Finding) -> Result<Exception, ReadError> {
        Ok(Exception {
            id: self.id.unwrap_or_default(),
            rule: finding.rule.clone(),
            fingerprint: None,
            path: None,
            commit: None,
            status: known("status", &self.status.unwrap_or_default(), ExceptionStatus::from_word)?,
            reason: self.reason.unwrap_or_default(),
            owner: self.owner.unwrap_or_default(),
            approver: self.approver,
            ticket: None,
            created: None,
            expires: known("expires", &self.expires.unwrap_or_default(), Date::parse)?,
            on_request: false,
            refs: None,
            details: Details::default(),
        })
    }
}

impl Location {
    fn into_location(self) -> Result<gatepost_core::Location, ReadError> {
        let span = self.span();
        let bytes = self.path_bytes;
        let time = maybe("date", self.date.as_deref(), Timestamp::parse)?;
        let decoder = |name: &String| {
            let named = |word: &str| DECODERS.iter().map(|decoder| decoder.name).find(|name| *name == word);
            known("decoded_by", name, named)
        };
        let known_as = match (self.rule, self.fingerprint) {
            (Some(rule), Some(print)) => {
                let fingerprint = known("fingerprint", &print, Fingerprint::parse)?;
                Some(Box::new(KnownAs { rule, fingerprint }))
            }
            _ => None,
        };
        Ok(gatepost_core::Location {
            path: self.path.map(|text| path(text, bytes)).transpose()?,
            inner: self
                .inner
                .unwrap_or_default()
                .into_iter()
                .map(|text| path(text, None))
                .collect::<Result<_, _>>()?,
            subject: self.subject,
            span,
            commit: maybe("commit", self.commit.as_deref(), object_id)?,
            committed: maybe("committed", self.committed.as_deref(), Timestamp::parse)?,
            object: maybe("object", self.object.as_deref(), object_id)?,
            author: self.author.map(|author| identity(&author, time)),
            in_tip: self.in_tip,
            decoded_by: self.decoded_by.iter().map(decoder).collect::<Result<_, _>>()?,
            excerpt: None,
            parts: self.parts.into_iter().map(Part::into_part).collect(),
            known_as,
        })
    }

    fn span(&self) -> Option<Span> {
        let (line, end_line) = (self.line?, self.end_line?);
        Some(span(
            (line, self.column?, self.character?),
            (end_line, self.end_column?),
            (self.start_byte?, self.end_byte?),
        ))
    }
}

impl Part {
    fn into_part(self) -> gatepost_core::Part {
        gatepost_core::Part {
            rule: self.rule,
            name: self.name,
            span: span(
                (self.line, self.column, self.character),
                (self.end_line, self.end_column),
                (self.start_byte, self.end_byte),
            ),
        }
    }
}

/// A span of what a report has of it.
fn span(
    (line, column, character): (u32, u32, u32),
    (end_line, end_column): (u32, u32),
    (start_byte, end_byte): (u64, u64),
) -> Span {
    Span {
        start_byte,
        end_byte,
        line,
        column,
        character,
        utf16: character,
        end_line,
        end_column,
        end_character: end_column,
        end_utf16: end_column,
    }
}

/// `Name <email>`.
fn identity(text: &str, time: Option<Timestamp>) -> Identity {
    let (name, email) = text.rsplit_once(" <").unwrap_or((text, ""));
    let email = email.strip_suffix('>').unwrap_or(email);
    Identity { name: name.as_bytes().to_vec(), email: email.as_bytes().to_vec(), time }
}
