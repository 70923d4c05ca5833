//! The arguments of `gatepost deps`.

use clap::{Args, Subcommand};

const HELP: &str = "\
Compares every lock file package by package: what was added, removed, updated, and what a reviewer should not miss (another
registry, another hash for the same version, install scripts, names that look like others). Exit code 1 where the policy
denies one of these ([lock-diff]).

Examples:
  gatepost deps diff                       what is staged
  gatepost deps diff main..HEAD            what this branch brings
  gatepost deps diff v1.0..v1.1 -f markdown";

/// `gatepost deps`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Deps {
    /// What to do
    #[command(subcommand)]
    pub(crate) what: DepsWhat,
}

/// The parts of `gatepost deps`.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum DepsWhat {
    /// What a change makes of the locked dependencies
    #[command(after_help = HELP)]
    Diff {
        /// The commits: what B has since it parted from A. Without it what is staged
        #[arg(value_name = "A..B")]
        range: Option<String>,
    },
}
