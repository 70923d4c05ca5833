//! `--evidence` of runs, `gatepost evidence` and `gatepost metrics`.

use crate::evidence::Draft;
use clap::{Args, Subcommand, ValueEnum};
use gatepost_core::Date;
use std::path::PathBuf;

/// What runs leave behind.
#[derive(Clone, Debug, Args)]
pub(crate) struct Recording {
    /// Leave a record of the run in this folder (`run`, `scan`), or read the records there (`evidence`, `metrics`). A run whose
    /// record cannot be written ends with exit code 2
    #[arg(long, value_name = "DIR", env = "GATEPOST_EVIDENCE", hide_env_values = true, global = true)]
    pub(crate) evidence: Option<PathBuf>,
    /// Sign the record with this Ed25519 key, as `ssh-keygen -t ed25519` or `openssl genpkey -algorithm ed25519` writes it
    #[arg(long, value_name = "FILE", env = "GATEPOST_EVIDENCE_KEY", hide_env_values = true, global = true)]
    pub(crate) evidence_key: Option<PathBuf>,
    /// How long the record must be kept at least; longer where what it holds demands it
    #[arg(long, value_name = "CLASS", value_enum, global = true)]
    pub(crate) evidence_retention: Option<Retention>,
    /// What the record will say
    #[arg(skip)]
    pub(crate) draft: Draft,
}

/// How long a record is kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, ValueEnum)]
pub(crate) enum Retention {
    /// A run
    #[value(name = "12-months")]
    Year,
    /// Findings that were let stand; findings in locks and pins
    #[value(name = "2-years")]
    TwoYears,
    /// Secrets, and gates that were passed
    #[value(name = "5-years")]
    FiveYears,
    /// Where a rule of the organisation says so
    #[value(name = "7-years")]
    SevenYears,
}

/// `gatepost evidence`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Evidence {
    /// What to do
    #[command(subcommand)]
    pub(crate) what: EvidenceWhat,
}

const COVERAGE_HELP: &str = "\
Examples:
  gatepost evidence coverage v1.0.0..main --evidence /var/log/gatepost
  gatepost evidence coverage v1.0.0..main --evidence evidence --gate ci

Exit code 1 when a commit has no record that it passed.";

/// What `gatepost evidence` can do.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum EvidenceWhat {
    /// Hold every line of a log against the one before, and its signature against the keys; exit code 1 when it is not what was
    /// written
    Verify {
        /// The folder, or the file; that of --evidence without this
        path: Option<PathBuf>,
        /// A public key that may have signed; repeatable. With one, every record must be signed
        #[arg(long, value_name = "FILE")]
        key: Vec<PathBuf>,
        /// A head that the log had before, kept elsewhere: it must still have had it
        #[arg(long, value_name = "SHA256")]
        expect: Option<String>,
    },
    /// List the commits of A..B that no record says to have passed
    #[command(after_help = COVERAGE_HELP)]
    Coverage {
        /// Commits reachable from B and not from A
        range: String,
        /// A gate whose records count; repeatable. Without this: pre-receive and ci
        #[arg(long, value_name = "GATE")]
        gate: Vec<String>,
        /// Take a record of another commit with the same files for one of this: a squash, a rebase. Its message was not judged
        #[arg(long)]
        accept_tree: bool,
        /// A public key that may have signed; repeatable. With one, every record must be signed
        #[arg(long, value_name = "FILE")]
        key: Vec<PathBuf>,
    },
    /// Put the records of a period or a release together: -f markdown, json or csv
    Report(EvidenceReport),
}

/// `gatepost evidence report`.
#[derive(Clone, Debug, Args)]
pub(crate) struct EvidenceReport {
    /// The first day, in UTC; without it, from the first record
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) since: Option<Date>,
    /// The last day, in UTC; without it, to the last record
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) until: Option<Date>,
    /// The runs over the commits of this release, and its commits without a record; exit code 1 when there are some
    #[arg(long, value_name = "TAG")]
    pub(crate) release: Option<String>,
    /// The release before it; without it every commit of the tag counts
    #[arg(long, value_name = "TAG", requires = "release")]
    pub(crate) after: Option<String>,
    /// A public key that may have signed; repeatable. With one, every record must be signed
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Vec<PathBuf>,
}

/// `gatepost metrics`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Metrics {
    /// The first day that counts, in UTC
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) since: Option<Date>,
}

fn day(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "expected a day, YYYY-MM-DD".to_owned())
}
