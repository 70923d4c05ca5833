//! What every command needs first: the repository, the policy in force, the rules, and now.

use crate::args::Cli;
use crate::exit::Failure;
use crate::output::Outputs;
use crate::policy_source::{self, PolicySource, Settings};
use gatepost_core::check::Context;
use gatepost_core::policy::Policy;
use gatepost_core::{CheckInfo, Gate, Level, Stage, Timestamp};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A run in the making.
pub(crate) struct Session {
    pub(crate) stage: Stage,
    pub(crate) settings: Settings,
    pub(crate) now: Timestamp,
    pub(crate) started: Instant,
    pub(crate) threads: usize,
    pub(crate) outputs: Outputs,
    pub(crate) filter: Filter,
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
        let available = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            stage,
            settings,
            now: now(),
            started,
            threads: cli.common.threads.map_or(available, usize::from),
            outputs,
            filter: Filter {
                confidence: cli.common.min_confidence,
                severity: cli.common.min_severity,
                exit_zero: cli.common.exit_zero,
            },
        })
    }

    /// The policy in force.
    pub(crate) fn policy(&self) -> &Policy {
        &self.settings.found.policy
    }

    /// What checks are built from.
    pub(crate) fn context(&self) -> Context<'_> {
        Context { policy: self.policy(), stage: self.stage, rules: gatepost_rules::RULES, now: self.now }
    }

    /// What to say when the policy switches off what somebody asked for by name.
    pub(crate) fn notice_if_off(&self, section: &str) -> Option<String> {
        let level = self.policy().levels(section)?.at(self.stage);
        (level == Level::Off).then(|| {
            format!(
                "[{section}] is off in the policy, so nothing of it was judged; `gatepost config show --origin` says \
                 where"
            )
        })
    }

    /// The checks that `wanted` picks.
    ///
    /// # Errors
    ///
    /// Impossible values in the policy.
    pub(crate) fn gate(&self, wanted: impl Fn(&CheckInfo) -> bool) -> Result<Gate, Failure> {
        Ok(Gate::with_checks(&self.context(), wanted)?)
    }
}

/// Now, by the system's clock.
fn now() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    Timestamp { seconds: i64::try_from(seconds).unwrap_or(i64::MAX), offset_minutes: 0 }
}
