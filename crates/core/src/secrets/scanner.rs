//! From bytes to matches: the literal pass, a window around every hit, the regex in the windows, and the tests that
//! tell a secret from what only looks like one.
//!
//! What a rule finds depends on nothing but the bytes of its merged windows and one byte on either side of them
//! (`\b`, `$`). A scan of a changed text that knows the old text's hits can therefore keep what is far from the edit.

use super::detector::{Candidate, Detector, Opinion};
use super::entropy::shannon;
use super::literal::Hit;
use super::placeholder::placeholder;
use super::rule::Rule;
use super::ruleset::{Compiled, Ruleset};
use super::structure::{self, Verdict};
use super::work;
use crate::{Confidence, Severity};
use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input};
use std::cmp::Reverse;
use std::collections::BTreeMap;
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
    /// What the structure check says, as a clause that begins with `it` or `its`.
    pub proof: Option<&'static str>,
    /// Rules that see the same value and say more about it, but hold only at certain paths: where the path fits one
    /// of them, its match counts and this one does not.
    pub unless: Vec<usize>,
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
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Rejection {
    /// Its entropy is below the rule's.
    Entropy {
        /// The rule's, in bits a byte.
        least: f64,
    },
    /// It is a placeholder: the name of the test.
    Placeholder(&'static str),
    /// The rule's `allow` with this index has it.
    Allow(usize),
    /// Its structure says that it is no secret.
    Structure,
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
    windows: Vec<(u32, usize, usize)>,
}

/// Finds secrets in bytes. Cheap to clone; one serves any number of threads.
#[derive(Clone, Debug)]
pub struct Scanner {
    ruleset: Arc<Ruleset>,
}

impl Scanner {
    /// A scanner with these rules.
    #[must_use]
    pub const fn new(ruleset: Arc<Ruleset>) -> Self {
        Self { ruleset }
    }

    /// The rules.
    #[must_use]
    pub const fn ruleset(&self) -> &Arc<Ruleset> {
        &self.ruleset
    }

    /// The secrets in `bytes`, in their order. Where several rules see one value, the most specific speaks. Paths are
    /// not known here: what a rule with a `path` finds is for the caller to judge (see [`Match::unless`]).
    #[must_use]
    pub fn scan(&self, bytes: &[u8], scratch: &mut Scratch) -> Vec<Match> {
        let mut hits = std::mem::take(&mut scratch.hits);
        hits.clear();
        self.hits(bytes, 0..bytes.len(), &mut hits);
        let matches = self.evaluate(bytes, &hits, scratch);
        scratch.hits = hits;
        matches
    }

    /// Appends the literals of the rules that begin in `range`: what [`Scanner::evaluate`] needs. Hits of disjoint
    /// ranges add up to the hits of their union.
    pub fn hits(&self, bytes: &[u8], range: Range<usize>, hits: &mut Vec<Hit>) {
        self.ruleset.literals().hits(bytes, range, hits);
    }

    /// The secrets that the hits lead to, in their order. `hits` may be in any order.
    #[must_use]
    pub fn evaluate(&self, bytes: &[u8], hits: &[Hit], scratch: &mut Scratch) -> Vec<Match> {
        self.evaluate_with(bytes, hits, scratch, &mut ())
    }

    /// [`Scanner::evaluate`] with somebody listening.
    pub(super) fn evaluate_with(
        &self,
        bytes: &[u8],
        hits: &[Hit],
        scratch: &mut Scratch,
        observer: &mut impl Observer,
    ) -> Vec<Match> {
        let windows = &mut scratch.windows;
        windows.clear();
        self.spread(bytes, hits, windows);
        windows.sort_unstable();
        let mut found = Vec::new();
        let mut rest = windows.iter().copied().peekable();
        while let Some((index, from, mut to)) = rest.next() {
            while let Some((_, _, next_to)) =
                rest.next_if(|(next, next_from, _)| *next == index && *next_from <= to)
            {
                to = to.max(next_to);
            }
            self.run_with(index as usize, bytes, from..to, &mut found, observer);
        }
        collapse_with(&self.ruleset, found, observer)
    }

    /// Runs one rule's regex over one window.
    pub(super) fn run(&self, index: usize, bytes: &[u8], window: Range<usize>, found: &mut Vec<Match>) {
        self.run_with(index, bytes, window, found, &mut ());
    }

    fn run_with(
        &self,
        index: usize,
        bytes: &[u8],
        window: Range<usize>,
        found: &mut Vec<Match>,
        observer: &mut impl Observer,
    ) {
        let (Some(rule), Some(compiled)) = (self.ruleset.rule(index), self.ruleset.compiled(index)) else {
            return;
        };
        if let Some(detector) = compiled.detector {
            detect(detector, rule, bytes, index, window.clone(), found, observer);
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
            match judge(rule, compiled, bytes, index, whole, secret.clone()) {
                Ok(one) => found.push(one),
                Err(Some(by)) => observer.rejected(Rejected { rule: index, secret, by }),
                Err(None) => {}
            }
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
            proof: Some(why),
            unless: Vec::new(),
        });
    });
}

/// A match, unless a test tells that it is no secret; an empty value is not worth a test.
fn judge(
    rule: &Rule,
    compiled: &Compiled,
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
    if let Some(entry) = compiled.allow.iter().position(|allow| allow.is_match(value)) {
        return Err(Some(Rejection::Allow(entry)));
    }
    let (mut severity, mut confidence, mut proof) = (rule.severity, rule.confidence, None);
    match rule.structure.map(|structure| structure::check(structure, value)) {
        None => {}
        Some(Verdict::Holds(why)) => (confidence, proof) = (surer(confidence), Some(why)),
        Some(Verdict::Fails(why)) => (confidence, proof) = (less_sure(confidence), Some(why)),
        Some(Verdict::Weaker(why)) => (severity, proof) = (less_severe(severity), Some(why)),
        Some(Verdict::NoSecret) => return Err(Some(Rejection::Structure)),
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

/// Of matches whose secrets overlap only the most specific stays: one that is not generic, then the surest, then
/// the longest.
pub(super) fn collapse(ruleset: &Ruleset, found: Vec<Match>) -> Vec<Match> {
    collapse_with(ruleset, found, &mut ())
}

fn collapse_with(ruleset: &Ruleset, mut found: Vec<Match>, observer: &mut impl Observer) -> Vec<Match> {
    found.sort_by_key(|m| (m.secret.start, Reverse(m.secret.end), m.rule));
    let mut kept: Vec<Match> = Vec::with_capacity(found.len());
    let mut cluster: Vec<Match> = Vec::new();
    let mut end = 0;
    for next in found {
        if next.secret.start >= end {
            settle(ruleset, &mut cluster, &mut kept, observer);
        }
        end = end.max(next.secret.end);
        cluster.push(next);
    }
    settle(ruleset, &mut cluster, &mut kept, observer);
    kept
}

/// Settles which of the overlapping matches of a cluster stay.
fn settle(ruleset: &Ruleset, cluster: &mut Vec<Match>, kept: &mut Vec<Match>, observer: &mut impl Observer) {
    if cluster.len() < 2 {
        return kept.append(cluster);
    }
    let from = kept.len();
    let generic = |m: &Match| ruleset.rule(m.rule).is_some_and(|rule| rule.id.starts_with("generic-"));
    let needs_path = |m: &Match| ruleset.rule(m.rule).is_some_and(|rule| rule.path.is_some());
    cluster.sort_by_key(|m| (generic(m), Reverse(m.confidence), Reverse(m.secret.len()), m.rule));
    // What is kept and counts everywhere, and of each rule that needs a path what is kept of it: start and place in
    // `kept`. Within one of these nothing overlaps, so that what overlaps a range stands side by side.
    let mut classes: BTreeMap<Option<usize>, BTreeMap<usize, usize>> = BTreeMap::new();
    for mut next in cluster.drain(..) {
        let Range { start, end } = next.secret;
        let overlapping = |class: &BTreeMap<usize, usize>| {
            let before_end = class.range(..end).rev().map(|(_, place)| *place).inspect(|_| work::step());
            let reaches = |place: &usize| kept.get(*place).is_some_and(|m| m.secret.end > start);
            before_end.take_while(reaches).collect::<Vec<_>>()
        };
        let same = [None, Some(next.rule)];
        let better = same.iter().filter_map(|class| classes.get(class)).flat_map(overlapping).min();
        match better {
            Some(better) => {
                if let Some(better) = kept.get_mut(better) {
                    better.mask = better.mask.start.min(next.mask.start)..better.mask.end.max(next.mask.end);
                    let by = Rejection::Overlap(better.rule);
                    observer.rejected(Rejected { rule: next.rule, secret: next.secret, by });
                }
            }
            None => {
                let others = classes.values().filter(|class| !overlapping(class).is_empty());
                let others = others.filter_map(|class| kept.get(*class.first_key_value()?.1));
                next.unless = others.map(|m| m.rule).collect();
                let class = needs_path(&next).then_some(next.rule);
                classes.entry(class).or_default().insert(start, kept.len());
                kept.push(next);
            }
        }
    }
    if let Some(cluster) = kept.get_mut(from..) {
        cluster.sort_by_key(|m| m.secret.start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::RuleFile;
    use proptest::prelude::*;

    /// A generic rule, two that need a path and one that does not.
    fn ruleset() -> Ruleset {
        let rule = |id: &str, path: &str| {
            format!(
                "[[rules]]\nid = \"{id}\"\nname = \"n\"\ndescription = \"d\"\nseverity = \"high\"\nconfidence = \"high\"\n\
                 regex = 'key_[a-c0-9]{{4}}'\n{path}risk = \"r\"\nfix = [\"f\"]\nreference = \"https://example.com\"\n\
                 examples = [\"key_{{hex:4}}\", \"key_{{hex:5}}\"]\ncounter-examples = [\"a\", \"b\"]\n"
            )
        };
        let path = "path = '[.]env$'\n";
        let text = [rule("generic-one", ""), rule("a", path), rule("b", path), rule("c", "")].concat();
        let rules = RuleFile::parse(&format!("provider = \"Test\"\n{text}")).unwrap();
        Ruleset::new(&[], rules).unwrap()
    }

    fn found(rule: usize, secret: Range<usize>, confidence: Confidence) -> Match {
        let (range, mask) = (secret.clone(), secret.clone());
        let (severity, proof, unless) = (Severity::High, None, Vec::new());
        Match { rule, range, secret, mask, severity, confidence, proof, unless }
    }

    /// [`settle`] as one would say it, in the square of the matches.
    fn said_plainly(ruleset: &Ruleset, mut cluster: Vec<Match>) -> Vec<Match> {
        let rule = |m: &Match| ruleset.rule(m.rule).unwrap();
        let generic = |m: &Match| rule(m).id.starts_with("generic-");
        cluster.sort_by_key(|m| (generic(m), Reverse(m.confidence), Reverse(m.secret.len()), m.rule));
        let mut kept: Vec<Match> = Vec::new();
        for mut next in cluster {
            let overlaps = |m: &Match| m.secret.start < next.secret.end && next.secret.start < m.secret.end;
            let better = |m: &&mut Match| overlaps(m) && (rule(m).path.is_none() || m.rule == next.rule);
            if let Some(better) = kept.iter_mut().find(better) {
                better.mask = better.mask.start.min(next.mask.start)..better.mask.end.max(next.mask.end);
                continue;
            }
            next.unless = kept.iter().filter(|m| overlaps(m)).map(|m| m.rule).collect();
            next.unless.sort_unstable();
            next.unless.dedup();
            kept.push(next);
        }
        kept.sort_by_key(|m| m.secret.start);
        kept
    }

    proptest! {
        #[test]
        fn of_overlapping_matches_the_most_specific_stay(
            matches in prop::collection::vec((0usize..4, 0usize..40, 1usize..12, 0u8..3), 0..30),
        ) {
            let ruleset = ruleset();
            let of = |(rule, start, length, sure): (usize, usize, usize, u8)| {
                let sure = [Confidence::Low, Confidence::Medium, Confidence::High][usize::from(sure)];
                found(rule, start..start + length, sure)
            };
            let matches: Vec<Match> = matches.into_iter().map(of).collect();
            let mut kept = Vec::new();
            settle(&ruleset, &mut matches.clone(), &mut kept, &mut ());
            prop_assert_eq!(kept, said_plainly(&ruleset, matches));
        }
    }

    #[test]
    fn a_cluster_of_many_matches_takes_steps_in_proportion() {
        let ruleset = ruleset();
        let steps = |count: usize| {
            // One doubtful match over everything makes a cluster of what stands side by side, each twice.
            let mut all = vec![found(0, 0..count * 20, Confidence::Low)];
            all.extend((0..count).map(|at| found(3, at * 20..at * 20 + 20, Confidence::High)));
            all.extend((0..count).map(|at| found(1, at * 20 + 5..at * 20 + 25, Confidence::Medium)));
            work::count(|| assert_eq!(collapse(&ruleset, all).len(), count))
        };
        assert!(steps(20_000) <= 11 * steps(2_000), "{} {}", steps(20_000), steps(2_000));
    }
}
