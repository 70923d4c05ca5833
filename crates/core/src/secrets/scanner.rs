//! From bytes to matches: the literal pass, a window around every hit, the regex in the windows, and the tests that
//! tell a secret from what only looks like one.
//!
//! What a rule finds depends on nothing but the bytes of its merged windows and a letter on either side of them
//! (`\b`, `$`). A scan of a changed text that knows the old text's hits can therefore keep what is far from the edit.

use super::collapse::{collapse, collapse_with};
use super::decode::{Decoding, Layers};
use super::detector::{Candidate, Detector, Opinion};
use super::entropy::shannon;
use super::literal::Hit;
use super::placeholder::{placeholder, prose};
use super::rule::{Fails, Rule, Text};
use super::ruleset::Ruleset;
use super::structure::{self, Outcome};
use super::windows::{Seen, Windows};
use crate::statistics::ScannerStatistics;
use crate::{Confidence, Severity, Stretch};
use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input};
use std::ops::Range;
use std::sync::Arc;

/// A secret found in some bytes. All offsets are into these bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Match {
    /// Index of the rule (see [`Ruleset::rule`]).
    pub rule: usize,
    /// The whole match, context included.
    pub range: Range<usize>,
    /// The secret.
    pub secret: Range<usize>,
    /// What has to be masked wherever the text is shown: the secret, and what other rules took for one here.
    pub mask: Range<usize>,
    /// The rule's severity, after the structure check.
    pub severity: Severity,
    /// The rule's confidence, after the structure check.
    pub confidence: Confidence,
    /// What the structure check says, as a clause that begins with `it` or `its`. It may tell facts that the secret
    /// gives away, and never a part of the secret.
    pub proof: Option<Text>,
    /// Rules that see the same value and say more about it, but hold only at certain paths, or have less to say where
    /// their [`super::Rule::with`] is not near: where one of them holds, its match counts and this one does not.
    pub unless: Vec<usize>,
    /// What the secret was decoded to, where it does not stand in the bytes as it is.
    pub decoded: Option<Box<Decoded>>,
}

/// A secret that stands encoded in some bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decoded {
    /// The secret, decoded.
    pub value: Box<[u8]>,
    /// The decoders that led to it, outermost first.
    pub by: Vec<&'static str>,
    /// What the value is assigned to in the decoded text, as far as that says.
    pub(super) name: String,
    /// Where it stands in the text of the outermost layer.
    pub(super) inside: Range<usize>,
    /// What has to be masked there.
    pub(super) inside_mask: Range<usize>,
}

impl Match {
    /// The secret itself; `bytes` are those that were scanned.
    #[must_use]
    pub fn value<'a>(&'a self, bytes: &'a [u8]) -> &'a [u8] {
        match &self.decoded {
            Some(decoded) => &decoded.value,
            None => bytes.get(self.secret.clone()).unwrap_or(&[]),
        }
    }
}

/// Something that a rule's shape fits and that is no match, by the word of a test.
#[derive(Clone, PartialEq, Debug)]
pub struct Rejected {
    /// Index of the rule (see [`Ruleset::rule`]).
    pub rule: usize,
    /// The value.
    pub secret: Range<usize>,
    /// The test.
    pub by: Rejection,
}

/// A test that says no.
#[derive(Clone, PartialEq, Debug)]
pub enum Rejection {
    /// Its entropy is below the rule's.
    Entropy {
        /// The rule's, in bits a byte.
        least: f64,
    },
    /// It is a placeholder: the name of the test.
    Placeholder(&'static str),
    /// It is words, where a machine makes values at random.
    Prose,
    /// The rule's `allow` with this index has it.
    Allow(usize),
    /// The proof that it should carry does not hold, and the rule drops what has none: why, as a clause that begins with
    /// `it` or `its`.
    Structure(Text),
    /// The rule's detector says what it is instead, in a clause that begins with `it` or `its`.
    Value(&'static str),
    /// It overlaps a match of this rule, which says more about it.
    Overlap(usize),
}

/// Who listens to the tests of a scan. Nobody does but for an explanation: then the scan is compiled without a trace of it.
pub(super) trait Observer {
    /// A test said no.
    fn rejected(&mut self, rejected: Rejected);
}

impl Observer for () {
    #[inline]
    fn rejected(&mut self, _: Rejected) {}
}

/// Buffers that scans use again; one for every thread.
#[derive(Debug, Default)]
pub struct Scratch {
    hits: Vec<Hit>,
    pub(super) windows: Windows,
    /// The stretches of an edit.
    pub(super) stretches: Vec<Stretch>,
    cut: bool,
}

impl Scratch {
    /// Whether something in the text that was scanned last unpacks to more than is decoded, so that a part of it was not
    /// scanned.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.cut
    }

    /// What the scans with these buffers did.
    #[must_use]
    pub const fn statistics(&self) -> ScannerStatistics {
        self.windows.done
    }
}

/// Finds secrets in bytes. Cheap to clone; one serves any number of threads.
#[derive(Clone, Debug)]
pub struct Scanner {
    ruleset: Arc<Ruleset>,
    decoding: Decoding,
}

impl Scanner {
    /// A scanner with these rules, and all decoders.
    #[must_use]
    pub fn new(ruleset: Arc<Ruleset>) -> Self {
        Self { ruleset, decoding: Decoding::default() }
    }

    /// The same scanner with other decoders.
    #[must_use]
    pub fn with_decoding(self, decoding: Decoding) -> Self {
        Self { decoding, ..self }
    }

    /// What it decodes.
    #[must_use]
    pub const fn decoding(&self) -> Decoding {
        self.decoding
    }

    /// The rules.
    #[must_use]
    pub const fn ruleset(&self) -> &Arc<Ruleset> {
        &self.ruleset
    }

    /// The secrets in `bytes`, in their order. Where several rules see one value, the most specific speaks. Neither
    /// paths nor other parts of a credential are known here: what a rule with a `path` or with `alone` finds is for
    /// [`super::Secrets`] to judge (see [`Match::unless`]).
    #[must_use]
    pub fn scan(&self, bytes: &[u8], scratch: &mut Scratch) -> Vec<Match> {
        self.scan_with(bytes, scratch, &mut ())
    }

    /// [`Scanner::scan`] with somebody listening to the tests of what stands in the bytes as it is. What is decoded is
    /// scanned with nobody listening.
    pub(super) fn scan_with(
        &self,
        bytes: &[u8],
        scratch: &mut Scratch,
        observer: &mut impl Observer,
    ) -> Vec<Match> {
        let mut hits = std::mem::take(&mut scratch.hits);
        hits.clear();
        self.hits(bytes, 0..bytes.len(), &mut hits);
        scratch.windows.done.bytes += bytes.len() as u64;
        scratch.windows.done.hits += hits.len() as u64;
        let mut found = Vec::new();
        self.raw_with(bytes, &hits, &mut scratch.windows, &mut found, observer);
        let whole = [Stretch { range: 0..bytes.len(), from: None }];
        let layers = self.layers(bytes, &hits, &Layers::default(), 0, &whole, &mut scratch.windows);
        found.extend(layers.matches().cloned());
        (scratch.hits, scratch.cut) = (hits, layers.is_cut());
        collapse_with(&self.ruleset, found, observer)
    }

    /// Appends the literals of the rules that have a byte in `range`, sorted, each once; where the range is empty, those that
    /// begin before it and end behind it. The hits of two parts of a text, and of the cut between them, are those of the text.
    pub fn hits(&self, bytes: &[u8], range: Range<usize>, hits: &mut Vec<Hit>) {
        self.ruleset.literals().hits(bytes, range, hits);
    }

    /// The secrets that the hits lead to in the bytes as they are, nothing decoded, in their order. `hits` may be in any
    /// order.
    #[must_use]
    pub fn evaluate(&self, bytes: &[u8], hits: &[Hit], scratch: &mut Scratch) -> Vec<Match> {
        let (mut hits, mut found) = (hits.to_vec(), Vec::new());
        hits.sort_unstable();
        hits.dedup();
        self.raw(bytes, &hits, &mut scratch.windows, &mut found);
        collapse(&self.ruleset, found)
    }

    /// Appends what the hits, which are sorted, lead to in the bytes as they are.
    pub(super) fn raw(&self, bytes: &[u8], hits: &[Hit], windows: &mut Windows, found: &mut Vec<Match>) {
        self.raw_with(bytes, hits, windows, found, &mut ());
    }

    /// [`Scanner::raw`] with somebody listening.
    fn raw_with(
        &self,
        bytes: &[u8],
        hits: &[Hit],
        windows: &mut Windows,
        found: &mut Vec<Match>,
        observer: &mut impl Observer,
    ) {
        let all = windows.all(Seen { ruleset: &self.ruleset, len: bytes.len(), hits });
        let (made, mut runs) = (all.len() as u64, 0);
        for window in all {
            let run = self.run_with(window.rule as usize, bytes, window.from..window.to, found, observer);
            runs += u64::from(run);
        }
        windows.done.windows += made;
        windows.done.runs += runs;
    }

    /// Runs one rule's regex over one window; whether the window has what the rule demands.
    pub(super) fn run(
        &self,
        index: usize,
        bytes: &[u8],
        window: Range<usize>,
        found: &mut Vec<Match>,
    ) -> bool {
        self.run_with(index, bytes, window, found, &mut ())
    }

    fn run_with(
        &self,
        index: usize,
        bytes: &[u8],
        window: Range<usize>,
        found: &mut Vec<Match>,
        observer: &mut impl Observer,
    ) -> bool {
        let Some(rule) = self.ruleset.rule(index) else { return false };
        let text = bytes.get(window.clone()).unwrap_or(&[]);
        if rule.demand.is_some_and(|demand| !demand.is_met(text)) {
            return false;
        }
        let Some(compiled) = self.ruleset.compiled(index) else { return false };
        if let Some(detector) = compiled.detector {
            let before = found.len();
            detect(detector, rule, bytes, index, window.clone(), found, observer);
            if found.len() > before {
                // Whoever scans asks for failures next: what the match will be judged by must have been compiled.
                let _ = self.ruleset.judging(index);
            }
        }
        let Some(pattern) = &compiled.regex else { return true };
        let mut at = window.start;
        while at <= window.end {
            // The haystack is the whole text: `\b` and `$` see what is beside the window.
            let Ok(next) = pattern.find(&Input::new(bytes).range(at..window.end)) else {
                self.ruleset.fail();
                break;
            };
            let Some((regex, next)) = next else { break };
            let whole = next.range();
            let secret = secret(regex, rule, bytes, &whole, window.end);
            // Go on behind the secret and not behind the match: what follows one may introduce the next.
            at = if secret.end > at { secret.end } else { whole.end.max(at + 1) };
            match judge(rule, &self.ruleset, bytes, index, whole, secret.clone()) {
                Ok(one) => found.push(one),
                Err(Some(by)) => observer.rejected(Rejected { rule: index, secret, by }),
                Err(None) => {}
            }
        }
        true
    }
}

/// The part of a match that is the secret.
fn secret(regex: &Regex, rule: &Rule, bytes: &[u8], whole: &Range<usize>, end: usize) -> Range<usize> {
    if regex.captures_len() <= 1 || rule.secret_group == Some(0) {
        return whole.clone();
    }
    let mut groups = regex.create_captures();
    regex.search_captures(&Input::new(bytes).range(whole.start..end).anchored(Anchored::Yes), &mut groups);
    let group = match rule.secret_group {
        Some(wanted) => groups.get_group(wanted as usize),
        None => groups.iter().skip(1).flatten().next(),
    };
    group.map_or_else(|| whole.clone(), |span| span.range())
}

/// Runs a detector in code over one window.
fn detect(
    detector: &Detector,
    rule: &Rule,
    bytes: &[u8],
    index: usize,
    window: Range<usize>,
    found: &mut Vec<Match>,
    observer: &mut impl Observer,
) {
    let at = window.start;
    let moved = |range: Range<usize>| range.start + at..range.end + at;
    (detector.find)(bytes.get(window).unwrap_or(&[]), &mut |candidate: Candidate| {
        let secret = moved(candidate.secret);
        let (confidence, why) = match candidate.opinion {
            Opinion::Credential(confidence, why) => (confidence, why),
            Opinion::Nothing(why) => {
                return observer.rejected(Rejected { rule: index, secret, by: Rejection::Value(why) });
            }
        };
        found.push(Match {
            rule: index,
            range: moved(candidate.range),
            mask: secret.clone(),
            secret,
            severity: rule.severity,
            confidence: confidence.min(rule.confidence),
            proof: Some(Text::Borrowed(why)),
            unless: Vec::new(),
            decoded: None,
        });
    });
}

/// A match, unless a test tells that it is no secret; an empty value is not worth a test.
fn judge(
    rule: &Rule,
    ruleset: &Ruleset,
    bytes: &[u8],
    index: usize,
    range: Range<usize>,
    secret: Range<usize>,
) -> Result<Match, Option<Rejection>> {
    let value = bytes.get(secret.clone()).filter(|value| !value.is_empty()).ok_or(None)?;
    if let Some(least) = rule.entropy.filter(|least| shannon(value) < *least) {
        return Err(Some(Rejection::Entropy { least }));
    }
    if let Some(name) = placeholder(value) {
        return Err(Some(Rejection::Placeholder(name)));
    }
    if rule.strong && prose(value) {
        return Err(Some(Rejection::Prose));
    }
    let allow = ruleset.judging(index).map_or(&[][..], |by| &by.allow);
    if let Some(entry) = allow.iter().position(|allow| allow.is_match(value)) {
        return Err(Some(Rejection::Allow(entry)));
    }
    let (mut severity, mut confidence, mut proof) = (rule.severity, rule.confidence, None);
    if let Some(structure) = &rule.structure {
        let whole = bytes.get(range.clone()).unwrap_or(value);
        let verdict = structure::check(structure, value, whole);
        match verdict.outcome {
            Outcome::Holds => confidence = surer(confidence),
            Outcome::Weaker => severity = less_severe(severity),
            Outcome::Fails if structure.fails == Fails::Drop => {
                return Err(Some(Rejection::Structure(verdict.why)));
            }
            Outcome::Fails => confidence = less_sure(confidence),
            Outcome::Open => {}
        }
        proof = Some(verdict.why).filter(|why| !why.is_empty());
    }
    Ok(Match {
        rule: index,
        range,
        mask: secret.clone(),
        secret,
        severity,
        confidence,
        proof,
        unless: Vec::new(),
        decoded: None,
    })
}

const fn surer(confidence: Confidence) -> Confidence {
    match confidence {
        Confidence::Low => Confidence::Medium,
        Confidence::Medium | Confidence::High => Confidence::High,
    }
}

const fn less_sure(confidence: Confidence) -> Confidence {
    match confidence {
        Confidence::High => Confidence::Medium,
        Confidence::Medium | Confidence::Low => Confidence::Low,
    }
}

const fn less_severe(severity: Severity) -> Severity {
    match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium => Severity::Low,
        Severity::Low | Severity::Info => Severity::Info,
    }
}
