//! Why a value is reported and another is not: the scan once more, with somebody listening to its tests.

use super::detect::Secrets;
use super::entropy::shannon;
use super::placeholder::PLACEHOLDERS;
use super::rule::Rule;
use super::scanner::{Match, Observer, Rejected, Rejection, Scanner, Scratch};
use super::structure::{self, Verdict};
use crate::decision::{Decision, DecisionOutcome, DecisionTest};
use crate::text::LineIndex;
use crate::{Document, Level, Location, RepoPath, Secret, Sink};
use std::ops::Range;

/// What a scan said no to.
#[derive(Debug, Default)]
struct Listener(Vec<Rejected>);

impl Observer for Listener {
    fn rejected(&mut self, rejected: Rejected) {
        self.0.push(rejected);
    }
}

impl Scanner {
    /// What [`Scanner::scan`] finds, and everything that it looked at and rejected, by the tests that did.
    #[must_use]
    pub fn explain(&self, bytes: &[u8], scratch: &mut Scratch) -> (Vec<Match>, Vec<Rejected>) {
        let mut listener = Listener::default();
        let mut hits = Vec::new();
        self.hits(bytes, 0..bytes.len(), &mut hits);
        let found = self.evaluate_with(bytes, &hits, scratch, &mut listener);
        (found, listener.0)
    }
}

impl Secrets {
    /// A decision for every value of a document that a rule looked at. It judges anew what [`crate::Check::document`] judges,
    /// and leaves findings and skips to that.
    pub(super) fn decisions(&self, document: &Document<'_>, sink: &mut dyn Sink) {
        let Some(bytes) = document.bytes.filter(|_| self.is_on() && document.size <= self.limit()) else {
            return;
        };
        let (found, mut rejected) = self.scanner().explain(bytes, &mut Scratch::default());
        let mut text = Text { check: self, document, bytes, lines: LineIndex::new(bytes) };
        let excluded = document.path.is_some_and(|path| self.is_excluded(path));
        if excluded {
            // Nothing of it is judged; what would have been found is what somebody looks for.
            rejected.clear();
        }
        rejected.sort_by_key(|rejected| (rejected.secret.start, rejected.secret.end));
        for rejected in &rejected {
            text.rejected(rejected).into_iter().for_each(|decision| sink.decision(decision));
        }
        for found in &found {
            text.found(found, excluded).into_iter().for_each(|decision| sink.decision(decision));
        }
    }
}

/// A document whose decisions are told.
struct Text<'a> {
    check: &'a Secrets,
    document: &'a Document<'a>,
    bytes: &'a [u8],
    lines: LineIndex<'a>,
}

impl<'a> Text<'a> {
    fn rule(&self, index: usize) -> Option<&'a Rule> {
        self.check.scanner().ruleset().rule(index)
    }

    fn id(&self, index: usize) -> &'a str {
        self.rule(index).map_or("another rule", |rule| rule.id.as_ref())
    }

    /// A decision that no test has spoken on.
    fn open(&mut self, rule: usize, secret: &Range<usize>) -> Option<(&'a Rule, Decision)> {
        let (rule, value) = (self.rule(rule)?, self.bytes.get(secret.clone())?);
        let document = self.document;
        let decision = Decision {
            rule: rule.id.to_string(),
            value: Secret::new(value),
            location: Location {
                path: document.path.cloned(),
                subject: document.subject.map(str::to_owned),
                commit: document.commit,
                object: document.id,
                span: Some(self.lines.span(secret.clone())),
                ..Location::default()
            },
            outcome: DecisionOutcome::NotReported,
            tests: Vec::new(),
            entropy: shannon(value),
            severity: (rule.severity, rule.severity),
            confidence: (rule.confidence, rule.confidence),
        };
        Some((rule, decision))
    }

    fn rejected(&mut self, rejected: &Rejected) -> Option<Decision> {
        let (rule, mut decision) = self.open(rejected.rule, &rejected.secret)?;
        let (name, clause) = match rejected.by {
            Rejection::Entropy { least } => ("entropy", too_low(decision.entropy, least)),
            Rejection::Placeholder(name) => ("placeholder", placeholder(name)),
            Rejection::Allow(index) => ("allow", allowed(rule, index)),
            Rejection::Structure => {
                ("structure", "its structure says that it is no secret of this kind".to_owned())
            }
            Rejection::Value(clause) => ("value", clause.to_owned()),
            Rejection::Overlap(better) => {
                ("overlap", format!("it is a part of what `{}` says more about", self.id(better)))
            }
        };
        decision.decide(DecisionOutcome::NotReported, name, clause);
        Some(decision)
    }

    fn found(&mut self, found: &Match, excluded: bool) -> Option<Decision> {
        let (rule, mut decision) = self.open(found.rule, &found.secret)?;
        decision.severity.1 = found.severity;
        decision.confidence.1 = found.confidence;
        decision.tests = passed(rule, found, decision.value.reveal(), decision.entropy);
        let paths: Vec<&RepoPath> = self.document.path.into_iter().collect();
        if excluded {
            let glob = self.document.path.and_then(|path| self.check.excluded_by(path));
            let clause = format!("the policy's `exclude` has its path: `{}`", glob.unwrap_or_default());
            decision.decide(DecisionOutcome::NotReported, "exclude", clause);
            return Some(decision);
        }
        if let Some((name, regex)) = self.check.misfit(found.rule, rule, &paths) {
            let clause = match name {
                "path" => format!("the rule counts only at paths like `{regex}`"),
                _ => format!("the rule does not count at paths like `{regex}`"),
            };
            decision.decide(DecisionOutcome::NotReported, name, clause);
            return Some(decision);
        }
        if let Some(other) = found.unless.iter().find(|rule| self.check.fits(**rule, &paths)) {
            let clause = format!("`{}`, which holds at this path, says more about it", self.id(*other));
            decision.decide(DecisionOutcome::NotReported, "overlap", clause);
            return Some(decision);
        }
        let level = self.check.level(found.severity, found.confidence);
        let outcome = match level {
            Level::Off => DecisionOutcome::NotReported,
            level => DecisionOutcome::Reported(level),
        };
        let clause = format!(
            "the policy's level for severity {} and confidence {} is `{}`",
            found.severity.as_str(),
            found.confidence.as_str(),
            level.as_str()
        );
        decision.decide(outcome, "policy", clause);
        Some(decision)
    }
}

/// What the tests said that let a match through.
fn passed(rule: &Rule, found: &Match, value: &[u8], entropy: f64) -> Vec<DecisionTest> {
    let mut tests = Vec::new();
    let mut push = |name, clause: String| tests.push(DecisionTest { name, clause });
    if rule.detector.is_some() {
        push("value", found.proof.unwrap_or("it looks like a credential").to_owned());
        return tests;
    }
    if let Some(least) = rule.entropy {
        push("entropy", format!("its entropy is {entropy:.2} bits a byte, and {least} is enough"));
    }
    push("placeholder", format!("it is none of {} kinds of placeholders", PLACEHOLDERS.len()));
    if !rule.allow.is_empty() {
        push("allow", "no `allow` of the rule is for it".to_owned());
    }
    if let Some(verdict) = rule.structure.map(|structure| structure::check(structure, value)) {
        let clause = match verdict {
            Verdict::Holds(why) | Verdict::Fails(why) | Verdict::Weaker(why) => why,
            Verdict::NoSecret => "its structure says that it is no secret of this kind",
        };
        push("structure", clause.to_owned());
    }
    tests
}

fn too_low(entropy: f64, least: f64) -> String {
    format!("its entropy is {entropy:.2} bits a byte, below {least}")
}

fn placeholder(name: &str) -> String {
    let about = PLACEHOLDERS.iter().find(|p| p.name == name).map_or("", |p| p.about);
    format!("it is a placeholder of the kind `{name}`: {about}")
}

fn allowed(rule: &Rule, index: usize) -> String {
    match rule.allow.get(index) {
        Some(allow) => format!("the rule's `allow` has `{}`: {}", allow.regex, allow.reason),
        None => "an `allow` of the rule is for it".to_owned(),
    }
}
