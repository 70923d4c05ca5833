//! Where checks leave what they have to say. A check can do nothing else: not print, not stop, not read.

use crate::report::Disputed;
use crate::{Decision, Finding, Problem, SkipReason, Suppressed};

/// Takes findings, problems and skips, in any order.
pub trait Sink {
    /// A rule was broken.
    fn finding(&mut self, finding: Finding);

    /// A rule was broken, and a comment in the document says that it may be. It is reported, not counted.
    fn suppressed(&mut self, suppressed: Suppressed);

    /// A rule was broken, and a comment says that it may be, at a gate that does not obey what the change itself says. Who
    /// cannot ask the trusted revision lets the finding stand.
    fn disputed(&mut self, disputed: Disputed) {
        self.finding(disputed.stand());
    }

    /// Something could not be judged: the run becomes incomplete.
    fn problem(&mut self, problem: Problem);

    /// Something was left out, for a reason that the coverage counts.
    fn skip(&mut self, reason: SkipReason);

    /// Something worth saying that is no finding and leaves the run complete: what a policy has said aloud and not refused.
    fn notice(&mut self, notice: String) {
        drop(notice);
    }

    /// Why something was reported or not, at a gate that explains itself (see [`crate::Gate::explaining`]).
    fn decision(&mut self, decision: Decision) {
        drop(decision);
    }
}

/// A sink that keeps everything in lists: for tests and embedders.
#[derive(Debug, Default)]
pub struct Collected {
    /// The findings, in the order they came.
    pub findings: Vec<Finding>,
    /// The suppressed findings, in the order they came.
    pub suppressed: Vec<Suppressed>,
    /// The problems, in the order they came.
    pub problems: Vec<Problem>,
    /// The skips, in the order they came.
    pub skips: Vec<SkipReason>,
    /// The notices, in the order they came.
    pub notices: Vec<String>,
    /// The decisions, in the order they came.
    pub decisions: Vec<Decision>,
}

impl Sink for Collected {
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
        self.skips.push(reason);
    }

    fn notice(&mut self, notice: String) {
        self.notices.push(notice);
    }

    fn decision(&mut self, decision: Decision) {
        self.decisions.push(decision);
    }
}
