//! One sink for a whole run, filled from several threads.

use gatepost_core::report::Disputed;
use gatepost_core::{
    Coverage, Decision, Decisions, Exception, Finding, Problem, Sink, SkipReason, Suppressed,
};
use std::sync::{Mutex, PoisonError};

/// Findings, problems and coverage of a run, or of one thread's part of it.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    pub(crate) findings: Vec<Finding>,
    pub(crate) suppressed: Vec<Suppressed>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) notices: Vec<String>,
    pub(crate) coverage: Coverage,
    /// Secrets that were there before the change under judgement.
    pub(crate) known: u64,
    pub(crate) records: Records,
    /// Why, where somebody asked.
    pub(crate) decisions: Decisions,
}

/// What a run knows of exceptions beyond those of the policy in force.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// Exceptions that the change under judgement brings along.
    pub(crate) pending: Vec<Exception>,
    /// Whether this is a whole history: only that can tell which exceptions and which entries of the baseline are for
    /// nothing.
    pub(crate) whole_history: bool,
}

impl Collector {
    /// Takes over everything that another collector holds.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.suppressed.extend(other.suppressed);
        self.problems.extend(other.problems);
        self.notices.extend(other.notices);
        self.coverage.merge(&other.coverage);
        self.known += other.known;
        self.records.pending.extend(other.records.pending);
        self.decisions.absorb(other.decisions);
        self.records.whole_history |= other.records.whole_history;
    }
}

impl Sink for Collector {
    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn suppressed(&mut self, suppressed: Suppressed) {
        self.suppressed.push(suppressed);
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn skip(&mut self, reason: SkipReason) {
        self.coverage.skip(reason);
    }

    fn decision(&mut self, decision: Decision) {
        self.decisions.push(decision);
    }
}

/// A sink for one changed blob: it keeps the comments in dispute, for who can ask the trusted revision.
#[derive(Debug, Default)]
pub(crate) struct Disputes {
    pub(crate) collected: Collector,
    pub(crate) disputed: Vec<Disputed>,
}

impl Sink for Disputes {
    fn finding(&mut self, finding: Finding) {
        self.collected.finding(finding);
    }

    fn suppressed(&mut self, suppressed: Suppressed) {
        self.collected.suppressed(suppressed);
    }

    fn disputed(&mut self, disputed: Disputed) {
        self.disputed.push(disputed);
    }

    fn problem(&mut self, problem: Problem) {
        self.collected.problem(problem);
    }

    fn skip(&mut self, reason: SkipReason) {
        self.collected.skip(reason);
    }

    fn decision(&mut self, decision: Decision) {
        self.collected.decision(decision);
    }
}

/// A collector that threads add to.
#[derive(Debug, Default)]
pub(crate) struct Shared(Mutex<Collector>);

impl Shared {
    /// Adds one thread's part.
    pub(crate) fn absorb(&self, part: Collector) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).absorb(part);
    }

    /// Everything that was added.
    pub(crate) fn into_inner(self) -> Collector {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
