//! One sink for a whole run, filled from several threads.

use gatepost_core::report::{Disputed, ShardPart};
use gatepost_core::{
    Coverage, Decision, Decisions, Exception, Finding, ObjectId, Problem, Sink, SkipReason, Statistics,
    Suppressed,
};
use std::collections::BTreeSet;
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
    /// New commits that were not judged in full before the time was up.
    pub(crate) late: BTreeSet<ObjectId>,
    /// Whether rules for refs were not judged in full for the same reason.
    pub(crate) late_refs: bool,
    /// Why, where somebody asked.
    pub(crate) decisions: Decisions,
    /// What was done.
    pub(crate) statistics: Statistics,
    /// Where this is a shard of a history: what its report says of that.
    pub(crate) part: Option<ShardPart>,
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
    /// A commit, or one thing of it, that the time did not suffice for.
    pub(crate) fn late(&mut self, commit: ObjectId) {
        self.skip(SkipReason::TimeOut);
        self.late.insert(commit);
    }

    /// Whether there is nothing in it but what can be added up in any order.
    fn is_silent(&self) -> bool {
        let Self {
            findings,
            suppressed,
            problems,
            notices,
            coverage: _,
            known: _,
            records,
            late,
            late_refs,
            decisions: _,
            statistics: _,
            part: _,
        } = self;
        findings.is_empty()
            && suppressed.is_empty()
            && problems.is_empty()
            && notices.is_empty()
            && late.is_empty()
            && !late_refs
            && records.pending.is_empty()
            && !records.whole_history
    }

    /// Takes over everything that another collector holds.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.suppressed.extend(other.suppressed);
        self.problems.extend(other.problems);
        self.notices.extend(other.notices);
        self.coverage.merge(&other.coverage);
        self.known += other.known;
        self.records.pending.extend(other.records.pending);
        self.late.extend(other.late);
        self.late_refs |= other.late_refs;
        self.decisions.absorb(other.decisions);
        self.statistics.scanner.merge(other.statistics.scanner);
        self.part = self.part.take().or(other.part);
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

    fn notice(&mut self, notice: String) {
        self.notices.push(notice);
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

    fn notice(&mut self, notice: String) {
        self.collected.notice(notice);
    }

    fn decision(&mut self, decision: Decision) {
        self.collected.decision(decision);
    }
}

/// A collector that threads add to, each in its own time. What comes out is in the order of the keys: findings that are of
/// one secret are merged, and the first of them may have the word.
#[derive(Debug)]
pub(crate) struct Shared<K>(Mutex<(Collector, Vec<(K, Collector)>)>);

impl<K> Default for Shared<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Ord> Shared<K> {
    /// Adds what was said of one thing. Most have nothing to say but that they were looked at.
    pub(crate) fn absorb(&self, key: impl FnOnce() -> K, mut part: Collector) {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (sum, telling) = &mut *shared;
        if part.is_silent() {
            sum.absorb(part);
        } else {
            // Of decisions no more are kept than a report has, whoever adds them.
            sum.decisions.absorb(std::mem::take(&mut part.decisions));
            telling.push((key(), part));
        }
    }

    /// Everything that was added.
    pub(crate) fn into_inner(self) -> Collector {
        let (mut all, mut parts) = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        parts.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (_, part) in parts {
            all.absorb(part);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(notice: &str, files: u64) -> Collector {
        let coverage = Coverage { files, ..Coverage::default() };
        Collector { notices: vec![notice.to_owned()], coverage, ..Collector::default() }
    }

    #[test]
    fn what_comes_out_is_in_the_order_of_the_keys_and_all_of_it() {
        let shared = Shared::default();
        for (key, notice) in [(3, "c"), (1, "a"), (2, "b")] {
            shared.absorb(|| key, part(notice, 1));
        }
        let mut skip = Collector::default();
        skip.skip(SkipReason::TooLarge);
        shared.absorb(|| 0, skip);
        shared.absorb(|| 0, Collector { known: 2, ..Collector::default() });
        let all = shared.into_inner();
        assert_eq!(all.notices, ["a", "b", "c"]);
        assert_eq!((all.coverage.files, all.coverage.skipped[&SkipReason::TooLarge], all.known), (3, 1, 2));
    }
}
