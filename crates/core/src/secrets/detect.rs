//! The check: from a document and a policy to findings.

use super::decode;
use super::detection::Detection;
use super::identity;
use super::inline::{self, Cache, Terms, Voucher};
use super::own;
use super::parts::{self, Joined};
use super::repeated::repeated;
use super::rule::Rule;
use super::scanner::{Match, Scanner, Scratch};
use super::scratches::Scratches;
use super::settings::Settings;
use crate::check::{Check, Context};
use crate::policy::PolicyError;
use crate::report::{Disputed, Suppression};
use crate::statistics::ScannerStatistics;
use crate::text::{LineIndex, PathGlob, excerpt, merge};
use crate::{
    Code, Confidence, Date, Document, DocumentKind, Finding, Fingerprint, Level, Location, Problem, RepoPath,
    Secret, Severity, Sink, SkipReason, Stage, Suppressed, archive,
};
use regex_automata::meta::Regex;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// The check for secrets, for one stage.
///
/// [`Check::document`] judges a document with its path. A scan of a history detects without paths first
/// ([`Secrets::detect`]), finds out later which paths a blob had, and asks then ([`Secrets::admits`]).
#[derive(Debug)]
pub struct Secrets {
    scanner: Scanner,
    settings: Settings,
    stage: Stage,
    today: Date,
    /// The rules that were told of.
    told_of_failures: Mutex<BTreeSet<Option<String>>>,
    scratches: Scratches,
}

impl Secrets {
    /// The check, from a policy with its own rules and the built-in ones.
    ///
    /// # Errors
    ///
    /// A value of `[secrets]` that is impossible, and a rule of the policy's own that cannot be used.
    pub fn new(context: &Context<'_>) -> Result<Self, PolicyError> {
        let settings = Settings::new(context)?;
        let ruleset = Arc::new(own::ruleset(context, &settings.disabled)?);
        Ok(Self {
            scanner: Scanner::new(ruleset).with_decoding(settings.decoding),
            settings,
            stage: context.stage,
            today: context.now.date(),
            told_of_failures: Mutex::default(),
            scratches: Scratches::default(),
        })
    }

    /// The scanner, for who wants matches or literal hits.
    #[must_use]
    pub const fn scanner(&self) -> &Scanner {
        &self.scanner
    }

    /// The most bytes a document may have to be judged.
    #[must_use]
    pub const fn limit(&self) -> u64 {
        self.settings.limit
    }

    /// How far archives are unpacked.
    #[must_use]
    pub const fn archives(&self) -> &archive::Limits {
        &self.settings.archives
    }

    /// The policy's baseline file, relative to the policy.
    #[must_use]
    pub fn baseline(&self) -> &str {
        &self.settings.baseline
    }

    /// Whether the policy switches the check on at this stage.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.settings.levels.strictest() != Level::Off
    }

    /// The secrets in a document, in their order, whatever its path. Nothing for a document without bytes, and
    /// nothing when the check is off.
    #[must_use]
    pub fn detect(&self, document: &Document<'_>, scratch: &mut Scratch) -> Vec<Detection> {
        let Some(bytes) = document.bytes.filter(|_| self.is_on()) else { return Vec::new() };
        let standing = if document.was_there { Standing::Before } else { Standing::Brought };
        let mut found = self.detect_as(bytes, standing, scratch);
        found.retain(|detection| detection.finding.level != Level::Off);
        found
    }

    /// Gives a detection the level that this check's policy has for it: `Off` when it is none here.
    pub fn set_level(&self, detection: &mut Detection) {
        let Finding { severity, confidence, .. } = detection.finding;
        detection.finding.level = self.settings.level(severity, confidence);
    }

    /// The detections for matches of [`Secrets::scanner`] in `bytes`, which must be in the order of their secrets; those
    /// at the level `Off` among them.
    #[must_use]
    pub fn describe(&self, bytes: &[u8], matches: &[Match]) -> Vec<Detection> {
        self.describe_as(bytes, matches, Standing::Brought)
    }

    /// The secrets in some bytes, in their order; those at the level `Off` among them.
    pub(super) fn detect_as(
        &self,
        bytes: &[u8],
        standing: Standing,
        scratch: &mut Scratch,
    ) -> Vec<Detection> {
        let matches = self.scanner.scan(bytes, scratch);
        self.describe_as(bytes, &matches, standing)
    }

    fn describe_as(&self, bytes: &[u8], matches: &[Match], standing: Standing) -> Vec<Detection> {
        if matches.is_empty() {
            return Vec::new();
        }
        let Some(whole) = decode::whole(bytes) else {
            return self.detections(matches, &mut Text::new(bytes, matches, standing));
        };
        // The lines and comments of a text in UTF-16 are those of the text.
        let (inside, outside) = decode::inside(matches, &whole);
        let mut found = self.detections(&inside, &mut Text::new(&whole.bytes, &inside, standing));
        for span in found.iter_mut().flat_map(|d| &mut d.finding.locations).filter_map(|at| at.span.as_mut())
        {
            decode::place(&whole, span);
        }
        found.extend(self.detections(&outside, &mut Text::new(bytes, &outside, standing)));
        found
    }

    /// The detections for matches in a text, in company where they have any.
    fn detections(&self, matches: &[Match], text: &mut Text<'_>) -> Vec<Detection> {
        let joined = parts::join(self.scanner.ruleset(), matches, &mut text.lines);
        joined.into_iter().filter_map(|joined| self.detection(joined, text)).collect()
    }

    /// Has the scanner decode what another policy's check decodes, too: [`Secrets::admits`] tells afterwards what counts.
    #[must_use]
    pub fn with_decoding_of(self, other: &Self) -> Self {
        let decoding = self.scanner.decoding().or(other.settings.decoding);
        Self { scanner: self.scanner.with_decoding(decoding), ..self }
    }

    /// Whether a detection counts in a blob that has had these paths: unless every one of them is excluded, and, where the
    /// rule asks for a path, if one of them fits. Bytes that never had a path are judged as they are; a rule that
    /// asks for a path then counts.
    #[must_use]
    pub fn admits(&self, detection: &Detection, paths: &[RepoPath]) -> bool {
        let kept: Vec<&RepoPath> = paths.iter().filter(|path| !self.is_excluded(path)).collect();
        if !paths.is_empty() && kept.is_empty() {
            return false;
        }
        let decoders = detection.finding.locations.first().map_or(&[][..], |at| &at.decoded_by);
        if !self.settings.decoding.covers(decoders) {
            return false;
        }
        let telling = detection.telling_paths(&kept);
        let kept: Vec<&RepoPath> = telling.iter().map(AsRef::as_ref).collect();
        self.fits(detection.rule, &kept) && !detection.unless.iter().any(|rule| self.fits(*rule, &kept))
    }

    /// What the policy's allow-list says of a secret that has had these paths; `None` when no entry is for it.
    #[must_use]
    pub fn allowed(&self, finding: &Finding, paths: &[RepoPath]) -> Option<Suppression> {
        self.settings.allow.iter().find_map(|entry| entry.covers(finding, paths))
    }

    /// Whether the policy excludes a path.
    #[must_use]
    pub fn is_excluded(&self, path: &RepoPath) -> bool {
        self.settings.exclude.iter().any(|glob| glob.is_match(path))
    }

    /// The pattern of the policy's `exclude` that has a path.
    pub(super) fn excluded_by(&self, path: &RepoPath) -> Option<&str> {
        self.settings.exclude.iter().find(|glob| glob.is_match(path)).map(PathGlob::as_str)
    }

    /// The policy's level for a secret.
    pub(super) fn level(&self, severity: Severity, confidence: Confidence) -> Level {
        self.settings.level(severity, confidence)
    }

    /// The key of a rule for which it does not hold at any of the paths, and its regex.
    pub(super) fn misfit<'r>(
        &self,
        index: usize,
        rule: &'r Rule,
        paths: &[&RepoPath],
    ) -> Option<(&'static str, &'r str)> {
        if self.fits(index, paths) {
            return None;
        }
        let except = self.scanner.ruleset().judging(index).and_then(|by| by.except_path.as_ref());
        let is_excepted =
            except.is_some_and(|regex| paths.iter().all(|path| regex.is_match(path.as_bytes())));
        match (is_excepted, &rule.except_path, &rule.path) {
            (true, Some(regex), _) => Some(("except-path", regex.as_ref())),
            (_, _, regex) => Some(("path", regex.as_deref().unwrap_or_default())),
        }
    }

    /// Whether a rule holds at one of the paths.
    pub(super) fn fits(&self, rule: usize, paths: &[&RepoPath]) -> bool {
        let Some(by) = self.scanner.ruleset().judging(rule) else { return true };
        let holds = |path: &&RepoPath| {
            let is_match = |regex: &Regex| regex.is_match(path.as_bytes());
            by.path.as_ref().is_none_or(is_match) && !by.except_path.as_ref().is_some_and(is_match)
        };
        paths.is_empty() || paths.iter().any(holds)
    }

    fn detection(&self, joined: Joined, text: &mut Text<'_>) -> Option<Detection> {
        let Joined { found, parts, why: company } = joined;
        let rule = self.scanner.ruleset().rule(found.rule)?;
        let value = found.value(text.bytes);
        let place = text.place(&found.secret);
        let rules = || self.scanner.ruleset().ids().collect();
        let terms = self.terms(&rule.id, text.standing, &rules, &text.names);
        let ruling = inline::rule_on(&place.comments, &rule.id, terms);
        let around = identity::Place {
            bytes: text.bytes,
            masks: &text.masks,
            line: place.line.clone(),
            secret: found.secret.clone(),
        };
        let decoded = found.decoded.as_ref();
        let name = decoded.map(|decoded| decoded.name.clone()).filter(|name| !name.is_empty());
        let key = name.unwrap_or_else(|| around.name());
        let with = self.settings.fingerprint_key.as_ref();
        let fingerprint = identity::fingerprint(rule, with, &around, &key, value);
        let mut why = vec![sentence(&rule.description)];
        if !rule.risk.is_empty() {
            why.push(format!("What a thief can do: {}", sentence(&rule.risk)));
        }
        why.extend(found.proof.as_deref().map(sentence));
        why.extend(company);
        why.extend(ruling.sentences);
        why.retain(|sentence| !sentence.is_empty());
        let level = self.settings.level(found.severity, found.confidence);
        let finding = Finding {
            rule: rule.id.to_string(),
            code: Code::owned(rule.id.to_string()),
            family: super::CHECK.family,
            name: rule.name.to_string(),
            severity: found.severity,
            confidence: found.confidence,
            level,
            message: rule.name.to_string(),
            why,
            fix: self.fix(rule, &fingerprint, text.standing),
            fingerprint,
            secret: Some(Secret::new(value)),
            locations: vec![Location {
                span: Some(text.lines.span(found.secret.clone())),
                decoded_by: decoded.map(|decoded| decoded.by.clone()).unwrap_or_default(),
                excerpt: Some(excerpt(text.bytes, place.line, found.secret.clone(), &text.masks)),
                parts,
                ..Location::default()
            }],
        };
        Some(Detection {
            finding,
            suppression: ruling.allowed,
            disputed: ruling.disputed,
            rule: found.rule,
            unless: found.unless,
            key,
        })
    }

    fn terms<'a>(
        &'a self,
        rule: &str,
        standing: Standing,
        rules: &'a dyn Fn() -> Vec<&'a str>,
        names: &'a inline::Names,
    ) -> Terms<'a> {
        let trusts_added = || self.settings.trust_added.iter().any(|trusted| trusted == rule);
        let voucher = if standing == Standing::Before {
            Voucher::Before
        } else if self.stage.distrusts_change() && !trusts_added() {
            Voucher::Nobody
        } else {
            Voucher::Author
        };
        let exceptions = &self.settings.exceptions;
        Terms { trust: &self.settings.trust, today: self.today, exceptions, voucher, rules, names }
    }

    fn fix(&self, rule: &Rule, fingerprint: &Fingerprint, standing: Standing) -> Vec<String> {
        let mut steps: Vec<String> = rule.fix.iter().map(|step| sentence(step)).collect();
        steps.push(if self.stage.distrusts_change() || standing == Standing::Inside {
            format!(
                "If it may stand, ask for an exception in a change of its own: `gatepost exceptions add {fingerprint} \
                 --rule {} --status STATUS --reason 'WHY' --expires DAY`.",
                rule.id
            )
        } else {
            format!("If it is no secret, say so on the line: `gatepost:allow {} reason=\"…\"`.", rule.id)
        });
        steps
    }

    /// Says which rules could not be used in what was judged so far, each once.
    pub fn tell_of_failures(&self, sink: &mut dyn Sink) {
        for failure in self.scanner.ruleset().failures() {
            let mut told = self.told_of_failures.lock().unwrap_or_else(PoisonError::into_inner);
            if told.insert(failure.rule.clone()) {
                sink.problem(Problem {
                    what: failure.to_string(),
                    place: None,
                    fix: "Secrets of this rule are not found: mend it if it is the policy's own (`gatepost config check`), else \
                          report a bug."
                        .to_owned(),
                });
            }
        }
    }
}

impl Check for Secrets {
    fn statistics(&self) -> ScannerStatistics {
        self.scratches.statistics()
    }

    fn explain(&self, document: &Document<'_>, sink: &mut dyn Sink) {
        self.decisions(document, sink);
    }

    fn read_limit(&self) -> u64 {
        if self.is_on() { self.limit() } else { 0 }
    }

    fn document(&self, document: &Document<'_>, sink: &mut dyn Sink) {
        if !self.is_on() {
            return;
        }
        if document.path.is_some_and(|path| self.is_excluded(path)) {
            // A file is one skip: its name comes as a document of its own.
            if document.kind != DocumentKind::FileName {
                sink.skip(SkipReason::Excluded);
            }
            return;
        }
        if document.bytes.is_none() || document.size > self.limit() {
            return sink.skip(SkipReason::TooLarge);
        }
        let paths: Vec<RepoPath> = document.path.cloned().into_iter().collect();
        let found = self.scratches.lend(|scratch| {
            let mut found = self.detect(document, scratch);
            if scratch.is_cut() {
                sink.skip(SkipReason::TooLarge);
            }
            if document.kind.can_be_archive()
                && let Some(bytes) = document.bytes
            {
                self.detect_inside(bytes, &mut found, scratch, &mut |reason| sink.skip(reason));
                found.retain(|detection| detection.finding.level != Level::Off);
            }
            found
        });
        for detection in found {
            if !self.admits(&detection, &paths) {
                continue;
            }
            let place = Location {
                path: document.path.cloned(),
                subject: document.subject.map(str::to_owned),
                commit: document.commit,
                object: document.id,
                ..Location::default()
            };
            let Detection { finding, suppression, disputed, .. } = detection.at([place]);
            let allowed = self.allowed(&finding, &paths);
            match (suppression, allowed) {
                (Some(by), _) if !disputed => sink.suppressed(Suppressed { finding, by }),
                (_, Some(by)) => sink.suppressed(Suppressed { finding, by }),
                (Some(by), None) => sink.disputed(Disputed { finding, by, stage: self.stage }),
                (None, None) => sink.finding(finding),
            }
        }
        self.tell_of_failures(sink);
    }
}

/// A document while its matches are described.
struct Text<'a> {
    bytes: &'a [u8],
    lines: LineIndex<'a>,
    masks: Vec<Range<usize>>,
    comments: Cache,
    names: inline::Names,
    standing: Standing,
}

/// What is known of a text's history, and so what its comments are worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// It is under judgement.
    Brought,
    /// It was there before.
    Before,
    /// It is in an archive. A comment there is seen by nobody who reads the change, so it allows nothing.
    Inside,
}

struct Place {
    line: Range<usize>,
    comments: Vec<inline::Comment>,
}

impl<'a> Text<'a> {
    fn new(bytes: &'a [u8], matches: &[Match], standing: Standing) -> Self {
        let masks = merge(matches.iter().map(|m| m.mask.clone()).chain(repeated(bytes, matches)).collect());
        let (lines, comments, names) = (LineIndex::new(bytes), Cache::default(), inline::Names::default());
        Self { bytes, lines, masks, comments, names, standing }
    }

    /// The line a secret begins in, and the comments that bear on it: on its first line, above it, and on its last.
    fn place(&mut self, secret: &Range<usize>) -> Place {
        let first = self.lines.line_of(secret.start);
        let last = self.lines.line_of(secret.end.saturating_sub(1).max(secret.start));
        let line = self.lines.range(first);
        if self.standing == Standing::Inside {
            return Place { line, comments: Vec::new() };
        }
        let above = first.checked_sub(1).map_or(0..0, |above| self.lines.range(above));
        let mut comments = self.comments.get(self.bytes, line.clone(), above).to_vec();
        if last > first {
            let end = self.bytes.get(self.lines.range(last)).unwrap_or(&[]);
            comments.extend(inline::comments(end, &[]));
        }
        Place { line, comments }
    }
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let clause = clause.trim();
    let mut characters = clause.chars();
    let Some(first) = characters.next() else { return String::new() };
    let mut out: String = first.to_uppercase().collect();
    out.push_str(characters.as_str());
    if !out.ends_with(['.', '!', '?', '`']) {
        out.push('.');
    }
    out
}
