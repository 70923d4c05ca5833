//! What every command needs first: the repository, the policy in force, the rules, and now.

use crate::args::Cli;
use crate::deadline::Deadline;
use crate::evidence::{Draft, Records};
use crate::exit::Failure;
use crate::output::Outputs;
use crate::policy_source::{self, PolicySource, Settings};
use crate::server::Server;
use gatepost_core::check::{CHECKS, Context};
use gatepost_core::policy::Policy;
use gatepost_core::report::{About, Reach};
use gatepost_core::{CheckInfo, Gate, Level, Pusher, RefName, Stage, Timestamp};
use gatepost_evidence::break_glass::Actor;
use gatepost_source::{Head, Repository, Verifier};
use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A run in the making.
pub(crate) struct Session {
    pub(crate) stage: Stage,
    pub(crate) settings: Settings,
    /// The branch that is checked out, where the run is about a work tree: overlays for it count.
    pub(crate) branch: Option<RefName>,
    pub(crate) now: Timestamp,
    /// What says what signatures are worth, by the policy.
    pub(crate) verifier: Verifier,
    pub(crate) started: Instant,
    pub(crate) threads: usize,
    pub(crate) outputs: Outputs,
    pub(crate) filter: Filter,
    /// The ids of exceptions that were named for this run.
    pub(crate) named: Vec<String>,
    /// Whether to say where the time went.
    pub(crate) stats: bool,
    /// How long it took to be ready to judge.
    pub(crate) ready: Duration,
    /// Whether progress may be drawn.
    pub(crate) draws: bool,
    /// Whether the report says why.
    pub(crate) why: bool,
    /// When the run must have judged.
    pub(crate) deadline: Deadline,
    /// The server that a hook runs on, at `pre-receive`.
    pub(crate) server: Option<Server>,
    /// What the record of the run will say.
    pub(crate) draft: Draft,
    /// The records of the runs before.
    pub(crate) records: Records,
    /// What kind of thing is looked at.
    pub(crate) reach: Reach,
    /// The sections of the checks that judge.
    judging: Mutex<BTreeSet<&'static str>>,
}

/// What the flags leave out of a report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filter {
    pub(crate) confidence: Option<gatepost_core::Confidence>,
    pub(crate) severity: Option<gatepost_core::Severity>,
    pub(crate) exit_zero: bool,
}

impl Session {
    /// Reads the policy and checks the flags.
    ///
    /// # Errors
    ///
    /// A policy that is broken, flags that make no sense together.
    pub(crate) fn new(cli: &Cli, stage: Stage, source: PolicySource<'_>) -> Result<Self, Failure> {
        let started = Instant::now();
        let gate = stage != Stage::Scan;
        if gate && (cli.common.min_confidence.is_some() || cli.common.min_severity.is_some()) {
            return Err(Failure::usage(
                "--min-confidence and --min-severity would let more through at a gate",
                "leave them to `gatepost scan`; a gate's line is `deny-confidence` in [secrets] of gatepost.toml",
            ));
        }
        let outputs = Outputs::new(&cli.common.output, gate)?;
        let settings = policy_source::load(&cli.common, stage, source)?;
        let branch = match source {
            PolicySource::WorkTree(Some(repository)) => checked_out(repository)?,
            _ => None,
        };
        let available = std::thread::available_parallelism().map_or(1, usize::from);
        let now = now();
        let verifier = Verifier::new(settings.found.trust()?, now);
        Ok(Self {
            stage,
            settings,
            branch,
            now,
            verifier,
            started,
            threads: cli.common.threads.map_or(available, usize::from),
            outputs,
            filter: Filter {
                confidence: cli.common.min_confidence,
                severity: cli.common.min_severity,
                exit_zero: cli.common.exit_zero,
            },
            named: Vec::new(),
            stats: cli.common.stats,
            ready: started.elapsed(),
            draws: draws(cli.common.output.quiet),
            why: false,
            deadline: Deadline::default(),
            server: None,
            draft: cli.common.recording.draft.clone(),
            records: Records::new(&cli.common.recording),
            reach: match stage {
                Stage::PreCommit | Stage::Scan => Reach::Files,
                Stage::CommitMsg => Reach::Message,
                Stage::PrePush | Stage::PreReceive | Stage::Ci => Reach::Range,
            },
            judging: Mutex::default(),
        })
    }

    /// The policy in force.
    pub(crate) fn policy(&self) -> &Policy {
        &self.settings.found.policy
    }

    /// What checks are built from, under a policy that is this session's or its form on a branch.
    pub(crate) fn context<'p>(&'p self, policy: &'p Policy) -> Context<'p> {
        Context {
            policy,
            stage: self.stage,
            rules: &gatepost_rules::BUILTIN,
            now: self.now,
            fingerprint_key: self.settings.fingerprint_key.as_ref(),
        }
    }

    /// Who pushes, where a server says.
    pub(crate) fn pusher(&self) -> Option<Pusher> {
        self.server.as_ref().map(|server| server.pusher.clone())
    }

    /// Who acts here, for records.
    pub(crate) fn actor(&self) -> Actor {
        self.server.as_ref().map_or_else(Actor::unknown, Server::actor)
    }

    /// What to say when the policy switches off what somebody asked for by name.
    pub(crate) fn notice_if_off(&self, section: &str) -> Option<String> {
        let level = self.policy().on_branch(self.branch.as_ref()).levels(section)?.at(self.stage);
        (level == Level::Off).then(|| {
            format!(
                "[{section}] is off in the policy, so nothing of it was judged; `gatepost config show --origin` says \
                 where"
            )
        })
    }

    /// The checks that `wanted` picks, on the branch that is checked out.
    ///
    /// # Errors
    ///
    /// Impossible values in the policy.
    pub(crate) fn gate(&self, wanted: impl Fn(&CheckInfo) -> bool) -> Result<Gate, Failure> {
        self.gate_on(self.branch.as_ref(), wanted)
    }

    /// The checks that `wanted` picks, on a branch; `None`: for no branch in particular.
    ///
    /// # Errors
    ///
    /// Impossible values in the policy.
    pub(crate) fn gate_on(
        &self,
        branch: Option<&RefName>,
        wanted: impl Fn(&CheckInfo) -> bool,
    ) -> Result<Gate, Failure> {
        let policy = self.policy().on_branch(branch);
        let gate = Gate::with_checks(&self.context(&policy), wanted)?;
        let is_on = |section| policy.levels(section).is_none_or(|levels| levels.at(self.stage) != Level::Off);
        let sections = gate.infos().iter().map(|info| info.section).filter(|section| is_on(section));
        self.judging.lock().unwrap_or_else(PoisonError::into_inner).extend(sections);
        Ok(gate)
    }

    /// What the run is about, for the formats of other tools.
    pub(crate) fn about(&self) -> About {
        let judging = self.judging.lock().unwrap_or_else(PoisonError::into_inner);
        let checks = CHECKS.iter().filter(|info| judging.contains(info.section));
        About {
            reach: self.reach,
            checks: checks.map(|info| (info.section, info.title)).collect(),
            started: Some(self.now),
            ..About::default()
        }
    }
}

/// The branch that is checked out; `None` where HEAD is detached.
///
/// # Errors
///
/// A HEAD that cannot be read.
pub(crate) fn checked_out(repository: &dyn Repository) -> Result<Option<RefName>, Failure> {
    Ok(match repository.head()? {
        Head::Branch(name, _) | Head::Unborn(name) => Some(name),
        Head::Detached(_) => None,
    })
}

/// Whether somebody sits before standard error and wants to see how far a run is. A CI system may have a terminal, and nobody
/// before it.
fn draws(quiet: u8) -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "false");
    quiet == 0 && !is_set("CI") && io::stderr().is_terminal()
}

/// Now, by the system's clock.
pub(crate) fn now() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    Timestamp { seconds: i64::try_from(seconds).unwrap_or(i64::MAX), offset_minutes: 0 }
}
