//! The result of a run: findings, what was suppressed and by what, what was looked at, and what was not.

use crate::baseline::Entry;
use crate::fingerprint::FingerprintKey;
use crate::severity::words;
use crate::{
    Coverage, Date, Decisions, Exception, Finding, Fingerprint, Level, ObjectId, RepoPath, Secret, Shard,
    Stage, Statistics, Timestamp,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// Something that could not be judged, or a part of the run that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// What went wrong, in one sentence with its particulars.
    pub what: String,
    /// Where: an object, a path, a ref. Untrusted text, escaped by whoever prints it.
    pub place: Option<String>,
    /// What to do about it.
    pub fix: String,
}

/// A finding that was not counted, and by whose word.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// What suppressed it.
    pub by: Suppression,
}

/// A finding that a comment allows, at a gate that does not take the judged change's word for it. It stands, unless
/// whoever has the trusted revision at hand finds the comment there.
#[derive(Clone, Debug)]
pub struct Disputed {
    /// The finding.
    pub finding: Finding,
    /// The comment.
    pub by: Suppression,
    /// The gate.
    pub stage: Stage,
}

impl Disputed {
    /// The finding, with a word about the comment that was not obeyed.
    #[must_use]
    pub fn stand(mut self) -> Finding {
        let dialect = self.by.dialect().unwrap_or_default();
        self.finding.why.push(format!(
            "A {dialect} comment here allows it, but at {} a change cannot exempt itself; an exception in the policy can.",
            self.stage
        ));
        self.finding
    }

    /// The finding, suppressed by the comment that the trusted revision has as well.
    #[must_use]
    pub fn vouch(self) -> Suppressed {
        Suppressed { finding: self.finding, by: self.by }
    }
}

/// What suppressed a finding.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Suppression {
    /// A record of the policy.
    Exception(Box<Exception>),
    /// Break-glass: it denies, and one push was let through all the same.
    BreakGlass {
        /// The id of the record that was left.
        id: String,
        /// Why the push could not wait.
        reason: String,
        /// Who answers for it.
        owner: String,
    },
    /// The baseline has its fingerprint.
    Baseline,
    /// The policy's allow-list of secrets.
    AllowList {
        /// What the entry is for, in words.
        entry: String,
        /// The entry's reason.
        reason: String,
    },
    /// Who pushes is exempt from the rule for refs that it breaks.
    Exempt {
        /// The block of the policy and whom it exempts, in words.
        entry: String,
        /// The entry's reason.
        reason: String,
    },
    /// A comment on the line or above it.
    Inline {
        /// Whose comment it is: `gatepost`, `gitleaks`, `detect-secrets` …
        dialect: &'static str,
        /// The reason given, where the dialect has one.
        reason: Option<String>,
        /// The last day it holds, where it names one.
        until: Option<Date>,
        /// The exception of the policy that it points at.
        id: Option<String>,
    },
}

impl Suppression {
    /// What suppressed it, by kind: `exception`, `baseline`, `allow-list`, `exempt`, `inline`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Exception(_) => "exception",
            Self::BreakGlass { .. } => "break-glass",
            Self::Baseline => "baseline",
            Self::AllowList { .. } => "allow-list",
            Self::Exempt { .. } => "exempt",
            Self::Inline { .. } => "inline",
        }
    }

    /// The exception that suppressed it, or that its comment points at.
    #[must_use]
    pub fn exception_id(&self) -> Option<&str> {
        match self {
            Self::Exception(exception) => Some(&exception.id),
            Self::Inline { id, .. } => id.as_deref(),
            Self::BreakGlass { .. } | Self::Baseline | Self::AllowList { .. } | Self::Exempt { .. } => None,
        }
    }

    /// Whose comment suppressed it, where it was one.
    #[must_use]
    pub const fn dialect(&self) -> Option<&'static str> {
        match self {
            Self::Inline { dialect, .. } => Some(dialect),
            _ => None,
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Outcome {
    /// Everything was judged and nothing denies.
    Pass,
    /// At least one finding denies.
    Violations,
    /// Nothing denies, but something could not be judged.
    Incomplete,
    /// The run could not be done: wrong usage, a broken policy.
    Error,
}

words!(Outcome { Pass = "pass", Violations = "violations", Incomplete = "incomplete", Error = "error" });

impl Outcome {
    /// The exit code of the process: 0, 1, 3, 2.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Violations => 1,
            Self::Error => 2,
            Self::Incomplete => 3,
        }
    }
}

/// The result of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// Version of gatepost.
    pub version: &'static str,
    /// Digest of the secret rules in force, in hexadecimal SHA-256.
    pub ruleset_digest: String,
    /// Digest of the policy in force, in hexadecimal SHA-256.
    pub policy_digest: String,
    /// The gate.
    pub stage: Stage,
    /// `false` for a dry run: everything is judged, nothing is refused.
    pub enforced: bool,
    /// What was judged, in words: `3 staged files`, `main..HEAD`.
    pub scope: String,
    /// The findings, sorted by path, line and rule.
    pub findings: Vec<Finding>,
    /// The suppressed findings, sorted in the same way.
    pub suppressed: Vec<Suppressed>,
    /// What could not be judged.
    pub problems: Vec<Problem>,
    /// Things worth saying that are no findings: an expired exception, how the base was found.
    pub notices: Vec<String>,
    /// The entries of the baseline whose secrets are nowhere any more; in a shard: nowhere in it. `None` where the run
    /// cannot tell: only a complete scan of a whole history can.
    pub stale_baseline: Option<Vec<Entry>>,
    /// Why things were reported or not; `None` where nobody asked.
    pub decisions: Option<Decisions>,
    /// What was looked at.
    pub coverage: Coverage,
    /// What part of a whole history this is; `None`: all that was asked for.
    pub shard: Option<ShardPart>,
    /// Where the time went; `None` where nobody asked.
    pub statistics: Option<Statistics>,
    /// How long it took.
    pub duration: Duration,
    /// What the formats of other tools ask for beside all this.
    pub about: About,
}

/// What a run was about, for the formats that other tools read: they name times, revisions and what was looked at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct About {
    /// What kind of thing was looked at.
    pub reach: Reach,
    /// The sections of the policy whose checks judged, and what each judges, in the order of the registry.
    pub checks: Vec<(&'static str, &'static str)>,
    /// When the run began.
    pub started: Option<Timestamp>,
    /// The commit that is checked out.
    pub revision: Option<ObjectId>,
    /// The address that the repository was cloned from, without a name or a password in it.
    pub repository: Option<String>,
    /// Exceptions that would be for a finding of this fingerprint, and do not count.
    pub claims: BTreeMap<Fingerprint, (Claim, Exception)>,
    /// What GitHub knows the lines of checked out files by, from path and line: where a format asks for it.
    pub lines: BTreeMap<(RepoPath, u32), String>,
}

/// Why an exception for a finding does not count.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Claim {
    /// The change under judgement brings it along.
    Pending,
    /// Its last day is over.
    Ended,
}

/// What kind of thing a run looked at. What is found in a history is not gone when a file no longer has it, and so the two
/// are kept apart wherever findings are compared from run to run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub enum Reach {
    /// Files, or what is staged.
    #[default]
    Files,
    /// Messages.
    Message,
    /// New commits, of a range or a push.
    Range,
    /// A whole history.
    History,
}

words!(Reach { Files = "files", Message = "message", Range = "range", History = "history" });

/// What the report of a shard has to say for the reports of all shards to become one.
///
/// Its findings are not yet what they are in a whole history's report: one secret under several rules is as many findings, and
/// of a path all first versions are kept that could be the first of the whole.
#[derive(Clone, Debug)]
pub struct ShardPart {
    /// Which one.
    pub shard: Shard,
    /// Digest of what the history needs and the clone has, in hexadecimal SHA-256: equal in two clones whose refs lead to
    /// the same objects and lack the same ones.
    pub objects: String,
    /// What tells two values apart that no report shows: a report has, for each secret, a fingerprint of its value under
    /// this key ([`ShardPart::tag`]), and the key itself nowhere. `None` in a report that was read.
    pub key: Option<FingerprintKey>,
    /// Secrets that stand in the names of this report and are findings of other shards: no report shows them.
    pub hidden: Vec<Secret>,
    /// What counts if every other shard says the same: exceptions that are for nothing here.
    pub unused: Vec<Finding>,
}

impl ShardPart {
    /// What a value is known as in the reports of all shards.
    #[must_use]
    pub fn tag(&self, value: &[u8]) -> Option<Fingerprint> {
        Some(Fingerprint::of_keyed_value(self.key.as_ref()?, "value of a shard", value))
    }
}

impl Report {
    /// Whether everything that was asked for was judged.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.problems.is_empty() && self.coverage.is_complete()
    }

    /// How the run ended, were it enforced.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if self.findings.iter().any(|finding| finding.level == Level::Deny) {
            Outcome::Violations
        } else if self.is_complete() {
            Outcome::Pass
        } else {
            Outcome::Incomplete
        }
    }

    /// How many findings have `level`.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level == level).count()
    }

    /// How many findings each kind of suppression took out, comments by dialect.
    #[must_use]
    pub fn suppressions(&self) -> BTreeMap<(&'static str, Option<&'static str>), u64> {
        let mut counts = BTreeMap::new();
        for Suppressed { by, .. } in &self.suppressed {
            *counts.entry((by.kind(), by.dialect())).or_default() += 1;
        }
        counts
    }

    /// Puts findings and suppressed findings in their stable order: path, line, column, rule,
    /// fingerprint, commit, object; those without a path come after those with one.
    pub fn sort(&mut self) {
        fn key(f: &Finding) -> impl Ord + use<> {
            let at = f.locations.first();
            (
                at.and_then(|l| l.path.clone()).map_or((1, Vec::new()), |p| (0, p.as_bytes().to_vec())),
                at.and_then(|l| l.span).map_or((0, 0), |s| (s.line, s.column)),
                at.and_then(|l| l.subject.clone()),
                f.rule.clone(),
                f.fingerprint.clone(),
                // Two passwords that followed one another in one place.
                at.map(|l| (l.span, l.commit, l.object)),
            )
        }
        self.findings.sort_by_cached_key(key);
        self.suppressed.sort_by_cached_key(|s| key(&s.finding));
    }
}
