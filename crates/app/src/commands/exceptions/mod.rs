//! `gatepost exceptions`: the records of deviations, for those who ask for one, answer for one, and audit them all.
//!
//! The files are edited as text, so that comments, order and line ends stay; what comes out is loaded as a policy before
//! anything is written, so that no command leaves a policy behind that a gate would refuse.

mod add;
mod audit;
mod edit;
mod flags;
mod list;
mod prune;
mod uses;

use super::config::render_errors;
use crate::args::{Cli, ExceptionsWhat};
use crate::exit::Failure;
use crate::output::replace;
use crate::policy_source::{PolicySource, record_errors};
use crate::repo;
use crate::session::Session;
use crate::settings::exceptions::RecordFile;
use gatepost_core::exceptions::Config;
use gatepost_core::policy::{Layer, Origin, Policy, PolicyError, Purpose, Schema};
use gatepost_core::{Date, Stage};
use gatepost_report::exceptions::{Listing, Record};
use gatepost_source::Repository;
use std::process::ExitCode;

/// `gatepost exceptions`.
///
/// # Errors
///
/// A broken policy, a record that the policy does not allow, a file that cannot be written.
pub(crate) fn run(cli: &Cli, what: &ExceptionsWhat) -> Result<ExitCode, Failure> {
    let repository = repo::open_if_any()?;
    let repository = repository.as_deref();
    match what {
        ExceptionsWhat::Add(add) => add::run(&session(cli, repository)?, repository, add),
        ExceptionsWhat::List(list) => list::run(cli, &session(cli, repository)?, list),
        ExceptionsWhat::Audit(audit) => audit::run(cli, &session(cli, repository)?, repository, *audit),
        ExceptionsWhat::Prune(prune) => prune::run(&session(cli, repository)?, repository, *prune),
    }
}

/// A session whose formats are the command's own business.
fn session(cli: &Cli, repository: Option<&dyn Repository>) -> Result<Session, Failure> {
    let mut cli = cli.clone();
    cli.common.output.formats.clear();
    cli.common.output.outputs.clear();
    Session::new(&cli, Stage::Scan, PolicySource::WorkTree(repository))
}

/// The records as of a day: those that were made later are left out, and that is said.
fn listing<'s>(session: &'s Session, today: Date, audit: bool, records: Vec<Record<'s>>) -> Listing<'s> {
    let all = records.len();
    let made = |record: &Record<'_>| record.exception.created.is_none_or(|created| created <= today);
    let is_past = today < session.now.date();
    let records: Vec<Record<'_>> = records.into_iter().filter(|record| !is_past || made(record)).collect();
    let later = all - records.len();
    if later > 0 {
        let them = if later == 1 { "1 exception was" } else { &format!("{later} exceptions were") };
        crate::output::say(&format!("note: {them} made after {today} and left out"));
    }
    Listing::new(today, warn_before_days(session.policy()), audit, records)
}

fn warn_before_days(policy: &Policy) -> i32 {
    Config::of(policy).unwrap_or_default().warn_before_days
}

/// What is wrong with the policy that new texts of files that hold records would make.
fn errors_of(session: &Session, changed: &[(&RecordFile, String)]) -> Vec<PolicyError> {
    let mut layers = session.settings.found.layers.clone();
    for (file, text) in changed {
        let layer = Layer { origin: file.origin.clone(), text: text.clone() };
        match layers.iter_mut().find(|layer| layer.origin == file.origin) {
            Some(old) => *old = layer,
            None => {
                let outside =
                    |layer: &Layer| matches!(layer.origin, Origin::Environment(_) | Origin::Flag(_));
                let at = layers.iter().position(outside).unwrap_or(layers.len());
                layers.insert(at, layer);
            }
        }
    }
    match Policy::load_for(Schema::built_in(), Purpose::Scan, &layers) {
        Ok(policy) => record_errors(&policy),
        Err(errors) => errors,
    }
}

/// Writes new texts of files that hold records, when the policy that they make is sound.
fn write(session: &Session, changed: &[(&RecordFile, String)]) -> Result<(), Failure> {
    let wrong = errors_of(session, changed);
    if !wrong.is_empty() {
        return Err(nothing_written(&wrong));
    }
    for (file, text) in changed {
        replace(&file.path, text.as_bytes()).map_err(|error| {
            Failure::usage(
                format!("cannot write {}: {error}", file.path.display()),
                "check the folder's permissions",
            )
        })?;
    }
    Ok(())
}

fn nothing_written(errors: &[PolicyError]) -> Failure {
    Failure::Rendered(format!("{}\nnothing was written: the policy would not take it", render_errors(errors)))
}

/// The text of a file; `None`: there is none.
fn text_of(file: &RecordFile) -> Result<Option<String>, Failure> {
    match std::fs::read_to_string(&file.path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::usage(
            format!("cannot read {}: {error}", file.path.display()),
            "make it readable, as UTF-8 text",
        )),
    }
}
