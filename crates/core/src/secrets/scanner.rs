//! From bytes to matches: the literal pass, a window around every hit, the regex in the windows, and the tests that
//! tell a secret from what only looks like one.
//!
//! What a rule finds depends on nothing but the bytes of its merged windows and one byte on either side of them
//! (`\b`, `$`). A scan of a changed text that knows the old text's hits can therefore keep what is far from the edit.

use super::decode::{Decoding, Layers};
use super::detector::{Candidate, Detector, Opinion};
use super::entropy::shannon;
use super::literal::Hit;
use super::placeholder::{placeholder, prose};
use super::rule::{Alone, Fails, Rule, Text};
use super::ruleset::{Compiled, Ruleset};
use super::structure::{self, Outcome};
use crate::{Confidence, Severity, Stretch};
use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input};
use std::cmp::Reverse;
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

/// Buffers that scans use again; one for every thread.
#[derive(Debug, Default)]
pub struct Scratch {
    hits: Vec<Hit>,
    windows: Vec<(u32, usize, usize)>,
    cut: bool,
}

impl Scratch {
    /// Whether something in the text that was scanned last unpacks to more than is decoded, so that a part of it was not
    /// scanned.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.cut
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
        let mut hits = std::mem::take(&mut scratch.hits);
        hits.clear();
        self.hits(bytes, 0..bytes.len(), &mut hits);
        hits.sort_unstable();
        let mut found = Vec::new();
        self.raw(bytes, &hits, &mut scratch.windows, &mut found);
        let whole = [Stretch { range: 0..bytes.len(), from: None }];
        let layers = self.layers(bytes, &hits, &Layers::default(), 0, &whole);
        found.extend(layers.matches().cloned());
        (scratch.hits, scratch.cut) = (hits, layers.is_cut());
        collapse(&self.ruleset, found)
    }

    /// Appends the literals of the rules that begin in `range`. Hits of disjoint ranges add up to the hits of their union.
    pub fn hits(&self, bytes: &[u8], range: Range<usize>, hits: &mut Vec<Hit>) {
        self.ruleset.literals().hits(bytes, range, hits);
    }

    /// The secrets that the hits lead to in the bytes as they are, nothing decoded, in their order. `hits` may be in any
    /// order.
    #[must_use]
    pub fn evaluate(&self, bytes: &[u8], hits: &[Hit], scratch: &mut Scratch) -> Vec<Match> {
        let mut found = Vec::new();
        self.raw(bytes, hits, &mut scratch.windows, &mut found);
        collapse(&self.ruleset, found)
    }

    /// Appends what the hits lead to in the bytes as they are. `windows` is a buffer.
    pub(super) fn raw(
        &self,
        bytes: &[u8],
        hits: &[Hit],
        windows: &mut Vec<(u32, usize, usize)>,
        found: &mut Vec<Match>,
    ) {
        windows.clear();
        self.spread(bytes, hits, windows);
        windows.sort_unstable();
        let mut rest = windows.iter().copied().peekable();
        while let Some((index, from, mut to)) = rest.next() {
            while let Some((_, _, next_to)) =
                rest.next_if(|(next, next_from, _)| *next == index && *next_from <= to)
            {
                to = to.max(next_to);
            }
            self.run(index as usize, bytes, from..to, found);
        }
    }

    /// Runs one rule's regex over one window.
    pub(super) fn run(&self, index: usize, bytes: &[u8], window: Range<usize>, found: &mut Vec<Match>) {
        let (Some(rule), Some(compiled)) = (self.ruleset.rule(index), self.ruleset.compiled(index)) else {
            return;
        };
        if let Some(detector) = compiled.detector {
            detect(detector, rule, bytes, index, window.clone(), found);
        }
        let Some(regex) = &compiled.regex else { return };
        let mut at = window.start;
        while at <= window.end {
            // The haystack is the whole text: `\b` and `$` see what is beside the window.
            let Some(whole) = regex.search(&Input::new(bytes).range(at..window.end)) else { return };
            let whole = whole.range();
            let secret = secret(regex, rule, bytes, &whole, window.end);
            // Go on behind the secret and not behind the match: what follows one may introduce the next.
            at = if secret.end > at { secret.end } else { whole.end.max(at + 1) };
            found.extend(judge(rule, compiled, bytes, index, whole, secret));
        }
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
) {
    let at = window.start;
    let moved = |range: Range<usize>| range.start + at..range.end + at;
    (detector.find)(bytes.get(window).unwrap_or(&[]), &mut |candidate: Candidate| {
        let Opinion::Credential(confidence, why) = candidate.opinion else { return };
        let secret = moved(candidate.secret);
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

/// A match, unless something tells that it is no secret.
fn judge(
    rule: &Rule,
    compiled: &Compiled,
    bytes: &[u8],
    index: usize,
    range: Range<usize>,
    secret: Range<usize>,
) -> Option<Match> {
    let value = bytes.get(secret.clone()).filter(|value| !value.is_empty())?;
    if rule.entropy.is_some_and(|least| shannon(value) < least)
        || placeholder(value).is_some()
        || (rule.strong && prose(value))
        || compiled.allow.iter().any(|allow| allow.is_match(value))
    {
        return None;
    }
    let (mut severity, mut confidence, mut proof) = (rule.severity, rule.confidence, None);
    if let Some(structure) = &rule.structure {
        let whole = bytes.get(range.clone()).unwrap_or(value);
        let verdict = structure::check(structure, value, whole);
        match verdict.outcome {
            Outcome::Holds => confidence = surer(confidence),
            Outcome::Weaker => severity = less_severe(severity),
            Outcome::Fails if structure.fails == Fails::Drop => return None,
            Outcome::Fails => confidence = less_sure(confidence),
            Outcome::Open => {}
        }
        proof = Some(verdict.why).filter(|why| !why.is_empty());
    }
    Some(Match {
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

/// Of matches that are rivals only the most specific stays: one that is not generic, then the surest, then one that
/// stands in the bytes as it is, then the longest.
pub(super) fn collapse(ruleset: &Ruleset, mut found: Vec<Match>) -> Vec<Match> {
    found.sort_by_key(|m| (m.secret.start, Reverse(m.secret.end), m.rule));
    let mut kept: Vec<Match> = Vec::with_capacity(found.len());
    let mut cluster: Vec<Match> = Vec::new();
    let mut end = 0;
    for next in found {
        if next.secret.start >= end {
            settle(ruleset, &mut cluster, &mut kept);
        }
        end = end.max(next.secret.end);
        cluster.push(next);
    }
    settle(ruleset, &mut cluster, &mut kept);
    kept
}

/// Settles which of the overlapping matches of a cluster stay.
fn settle(ruleset: &Ruleset, cluster: &mut Vec<Match>, kept: &mut Vec<Match>) {
    let from = kept.len();
    let generic = |m: &Match| ruleset.rule(m.rule).is_some_and(|rule| rule.id.starts_with("generic-"));
    let may_yield = |rule: &Rule| rule.path.is_some() || rule.alone.is_some();
    let yields = |m: &Match| ruleset.rule(m.rule).is_some_and(may_yield);
    // What says nothing alone says less than what does, however sure it is in company.
    let hidden = |m: &Match| ruleset.rule(m.rule).is_some_and(|rule| rule.alone == Some(Alone::Hidden));
    let length = |m: &Match| m.decoded.as_ref().map_or(m.secret.len(), |decoded| decoded.value.len());
    cluster.sort_by_key(|m| {
        (generic(m), hidden(m), Reverse(m.confidence), m.decoded.is_some(), Reverse(length(m)), m.rule)
    });
    for mut next in cluster.drain(..) {
        let overlaps = |m: &Match| m.secret.start < next.secret.end && next.secret.start < m.secret.end;
        let is_generic = generic(&next);
        let rivals = |m: &Match| overlaps(m) && are_rivals(m, &next, is_generic || generic(m));
        let mut better = kept.iter_mut().skip(from).filter(|m| rivals(m));
        match better.find(|m| !yields(m) || m.rule == next.rule) {
            Some(better) => {
                better.mask = better.mask.start.min(next.mask.start)..better.mask.end.max(next.mask.end);
            }
            None => {
                next.unless = kept.iter().skip(from).filter(|m| rivals(m)).map(|m| m.rule).collect();
                kept.push(next);
            }
        }
    }
    if let Some(cluster) = kept.get_mut(from..) {
        cluster.sort_by_key(|m| m.secret.start);
    }
}

/// Whether two matches with overlapping places are about one secret.
///
/// In the bytes as they are, an overlap says so. A run of base64 can hold several secrets, and be a token itself:
/// a JSON Web Token with another token in its claims holds two. They are one where a value holds the other, and where the
/// decoded one takes up the run; what a generic rule sees on either side is never worth a second word.
fn are_rivals(one: &Match, other: &Match, is_one_generic: bool) -> bool {
    let holds = |a: &[u8], b: &[u8]| memchr::memmem::find(a, b).is_some();
    let (decoded, plain) = match (&one.decoded, &other.decoded) {
        (None, None) => return true,
        (Some(one), Some(other)) => {
            return holds(&one.value, &other.value) || holds(&other.value, &one.value);
        }
        (Some(_), None) => (one, other),
        (None, Some(_)) => (other, one),
    };
    is_one_generic || decoded.rule == plain.rule || decoded.secret.len() * 5 >= plain.secret.len() * 4
}
