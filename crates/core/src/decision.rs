//! Why something was reported and something else was not: what `gatepost scan --why` shows.
//!
//! A decision is about one place that a rule looked at closely. It holds no reason of its own: the tests that spoke
//! say theirs, as clauses that begin with `it` or `its` or name the rule or the policy.

use crate::{Confidence, Finding, Level, Location, Secret, Severity};

/// The most decisions that a run keeps; the rest is counted.
pub const MOST_DECISIONS: usize = 1000;

/// What became of a value that a rule looked at.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The rule's id.
    pub rule: String,
    /// The value. One that was rejected may be a secret all the same, and is shown as one: masked.
    pub value: Secret,
    /// Where it stands; without an excerpt.
    pub location: Location,
    /// What became of it.
    pub outcome: DecisionOutcome,
    /// The tests that spoke, in their order; the last one decided.
    pub tests: Vec<DecisionTest>,
    /// Shannon's entropy of the value, in bits a byte.
    pub entropy: f64,
    /// The rule's severity, and what the tests made of it.
    pub severity: (Severity, Severity),
    /// The rule's confidence, and what the tests made of it.
    pub confidence: (Confidence, Confidence),
}

/// What became of a value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum DecisionOutcome {
    /// It is a finding, with this level.
    Reported(Level),
    /// It is a finding that is not counted.
    Suppressed,
    /// It is none.
    NotReported,
}

/// A test that spoke.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DecisionTest {
    /// Its name: `entropy`, `placeholder`, `prose`, `allow`, `structure`, `value`, `overlap`, `parts`, `path`,
    /// `except-path`, `exclude`, `policy`, `suppressed`, `change`, `filter`.
    pub name: &'static str,
    /// What it says, in a clause.
    pub clause: String,
}

impl Decision {
    /// The test that decided, with its clause.
    #[must_use]
    pub fn decided_by(&self) -> Option<&DecisionTest> {
        self.tests.last()
    }

    /// Sets the outcome and says which test decided it.
    pub fn decide(&mut self, outcome: DecisionOutcome, name: &'static str, clause: impl Into<String>) {
        self.outcome = outcome;
        self.tests.push(DecisionTest { name, clause: clause.into() });
    }

    /// Whether the decision is about the very place that a finding names.
    #[must_use]
    pub fn is_about(&self, finding: &Finding) -> bool {
        let here = &self.location;
        let same = |there: &Location| {
            let start = |at: &Location| at.span.map(|span| span.start_byte);
            there.path == here.path
                && there.subject == here.subject
                && there.commit == here.commit
                && start(there) == start(here)
        };
        finding.rule == self.rule && finding.locations.iter().any(same)
    }
}

/// The decisions of a run, as far as they are kept.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    list: Vec<Decision>,
    left_out: u64,
}

impl Decisions {
    /// How many there are, those that were left out counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        (self.list.len() as u64).saturating_add(self.left_out)
    }

    /// Adds one.
    pub fn push(&mut self, decision: Decision) {
        self.list.push(decision);
        if self.list.len() >= MOST_DECISIONS.saturating_mul(2) {
            self.settle();
        }
    }

    /// Adds all of another part of the run.
    pub fn absorb(&mut self, other: Self) {
        self.left_out = self.left_out.saturating_add(other.left_out);
        other.list.into_iter().for_each(|decision| self.push(decision));
    }

    /// Sorts them (what is reported first, then by place) and keeps [`MOST_DECISIONS`]. The same ones are kept in
    /// whatever order they came.
    pub fn settle(&mut self) {
        self.list.sort_by_cached_key(|decision| {
            let at = &decision.location;
            (
                decision.outcome,
                at.path.as_ref().map_or((1, Vec::new()), |path| (0, path.as_bytes().to_vec())),
                at.span.map_or((0, 0), |span| (span.line, span.column)),
                at.subject.clone(),
                at.commit,
                decision.rule.clone(),
            )
        });
        let more = self.list.len().saturating_sub(MOST_DECISIONS);
        self.list.truncate(MOST_DECISIONS);
        self.left_out = self.left_out.saturating_add(more as u64);
    }

    /// The ones that are kept.
    #[must_use]
    pub fn list(&self) -> &[Decision] {
        &self.list
    }

    /// The ones that are kept, to say what became of them later.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Decision> {
        self.list.iter_mut()
    }

    /// How many are not kept.
    #[must_use]
    pub const fn left_out(&self) -> u64 {
        self.left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RepoPath, Span};

    fn decision(line: u32, outcome: DecisionOutcome) -> Decision {
        let span = Span { line, ..Span::default() };
        let path = Some(RepoPath::from("a.env"));
        Decision {
            rule: "a-rule".to_owned(),
            value: Secret::new(*b"value"),
            location: Location { path, span: Some(span), ..Location::default() },
            outcome,
            tests: Vec::new(),
            entropy: 1.0,
            severity: (Severity::High, Severity::High),
            confidence: (Confidence::High, Confidence::High),
        }
    }

    #[test]
    fn the_same_ones_are_kept_in_whatever_order_they_come() {
        let lines = |order: &mut dyn Iterator<Item = u32>| {
            let mut all = Decisions::default();
            for line in order {
                let reported = line == 2999;
                let outcome = if reported {
                    DecisionOutcome::Reported(Level::Deny)
                } else {
                    DecisionOutcome::NotReported
                };
                all.push(decision(line, outcome));
            }
            all.settle();
            let kept: Vec<u32> = all.list().iter().filter_map(|d| Some(d.location.span?.line)).collect();
            (kept, all.left_out())
        };
        let (forth, left_out) = lines(&mut (0..3000));
        assert_eq!((forth.len(), left_out), (MOST_DECISIONS, 2000));
        assert_eq!(forth.get(..3), Some(&[2999, 0, 1][..]));
        assert_eq!(lines(&mut (0..3000).rev()), (forth, left_out));
    }
}
