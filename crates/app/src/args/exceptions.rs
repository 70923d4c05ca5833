//! `gatepost exceptions`.

use clap::{Args, Subcommand};
use gatepost_core::Date;
use gatepost_core::exception::{ExceptionState, ExceptionStatus};

/// `gatepost exceptions`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Exceptions {
    /// What to do
    #[command(subcommand)]
    pub(crate) what: ExceptionsWhat,
}

const ADD_HELP: &str = "\
Examples:
  gatepost exceptions add gp1:bkts6ojzogsnjwje --status test-credential \\
      --reason 'the key of the documentation' --owner @platform --expires 180d
  gatepost exceptions add --path 'vendor/**' --rule jwt --status false-positive \\
      --reason 'tokens of a vendored test suite' --owner @platform --approver @security --expires 2027-03-31

The record is written where the others are, or to gatepost-exceptions.toml. Nothing is written when the policy would
not take it.";

/// What `gatepost exceptions` can do.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ExceptionsWhat {
    /// Write the record of an exception
    #[command(after_help = ADD_HELP)]
    Add(Box<AddException>),
    /// List the exceptions: -f human or json
    List(ListExceptions),
    /// Say how old each is, who owns it, what it is for and when it ends: -f human, json, markdown or csv. Exit code 1
    /// when one has expired
    Audit(AuditExceptions),
    /// Show the records that are over, and take them out; their ids are kept as retired
    Prune(PruneExceptions),
}

/// `gatepost exceptions add`.
#[derive(Clone, Debug, Args)]
pub(crate) struct AddException {
    /// The finding it is for, as reports show it: gp1:…
    pub(crate) fingerprint: Option<String>,
    /// The paths it is for
    #[arg(long, value_name = "GLOB")]
    pub(crate) path: Option<String>,
    /// The commit it is for
    #[arg(long, value_name = "ID")]
    pub(crate) commit: Option<String>,
    /// The rule or code; found by the fingerprint where what has it is staged or in the work tree
    #[arg(long)]
    pub(crate) rule: Option<String>,
    /// Why the finding may stand: false-positive, test-credential, revoked, accepted-risk or fix-later
    #[arg(long, value_parser = status)]
    pub(crate) status: ExceptionStatus,
    /// Why it may stand, in a sentence
    #[arg(long)]
    pub(crate) reason: String,
    /// Who answers for it; without this the user.email of Git
    #[arg(long)]
    pub(crate) owner: Option<String>,
    /// The last day it holds: 2027-03-31, or 90d for 90 days from today
    #[arg(long, value_name = "DAY")]
    pub(crate) expires: String,
    /// Who allowed it
    #[arg(long)]
    pub(crate) approver: Option<String>,
    /// The ticket it was discussed in
    #[arg(long)]
    pub(crate) ticket: Option<String>,
    /// Its id; the next free one without this
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// Any other key of a record, such as risk='low: it opens nothing'. Repeatable; links=… adds up
    #[arg(long = "field", value_name = "KEY=VALUE")]
    pub(crate) fields: Vec<String>,
}

/// `gatepost exceptions list`.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ListExceptions {
    /// Only those that hold and end within this many days: 30d
    #[arg(long, value_name = "DAYS", value_parser = days)]
    pub(crate) expiring: Option<i32>,
    /// Only those in this state: active, expiring or expired
    #[arg(long, value_parser = state)]
    pub(crate) state: Option<ExceptionState>,
    /// As if today were this day
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) as_of: Option<Date>,
}

/// `gatepost exceptions audit`.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct AuditExceptions {
    /// Do not look for what each is for
    #[arg(long)]
    pub(crate) no_scan: bool,
    /// As if today were this day
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) as_of: Option<Date>,
}

/// `gatepost exceptions prune`.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct PruneExceptions {
    /// Also those that are for nothing in the whole history
    #[arg(long)]
    pub(crate) unused: bool,
    /// Take them out; without this they are only shown
    #[arg(long)]
    pub(crate) write: bool,
}

fn status(word: &str) -> Result<ExceptionStatus, String> {
    ExceptionStatus::from_word(word).ok_or_else(|| {
        let known: Vec<&str> = ExceptionStatus::ALL.iter().map(|status| status.as_str()).collect();
        format!("expected one of {}", known.join(", "))
    })
}

fn state(word: &str) -> Result<ExceptionState, String> {
    ExceptionState::from_word(word).ok_or_else(|| "expected active, expiring or expired".to_owned())
}

fn day(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "expected a day, such as 2027-03-31".to_owned())
}

/// A number of days: `30d` or `30`.
pub(crate) fn days(text: &str) -> Result<i32, String> {
    let number = text.strip_suffix('d').unwrap_or(text).parse().ok();
    number.filter(|days| (0..=36_500).contains(days)).ok_or_else(|| "expected days, such as 30d".to_owned())
}
