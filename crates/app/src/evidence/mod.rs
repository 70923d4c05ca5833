//! The record that a run leaves behind with `--evidence`: of every run that began, also of one that failed.

mod ci_run;
mod draft;
mod log;
mod record;
mod records;

pub(crate) use draft::Draft;
pub(crate) use log::{LogFile, public_keys};
pub(crate) use records::{Records, SHARED};

use crate::args::{Cli, Command};
use crate::exit::Failure;
use crate::failure;
use clap::ArgMatches;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use std::process::ExitCode;

/// Prepares the draft of the record, where one is asked for.
///
/// # Errors
///
/// `--evidence` for a command that neither leaves records nor reads them: nobody shall believe that it does.
pub(crate) fn begin(cli: &mut Cli, matches: &ArgMatches) -> Result<(), clap::Error> {
    let mut deepest = matches;
    while let Some((_, matches)) = deepest.subcommand() {
        deepest = matches;
    }
    let typed = |name| deepest.value_source(name) == Some(ValueSource::CommandLine);
    let writes = matches!(cli.command, Command::Scan(_) | Command::Run(_));
    let reads = matches!(cli.command, Command::Evidence(_) | Command::Metrics(_));
    let recording = &mut cli.common.recording;
    if typed("evidence") && !writes && !reads {
        let message = "--evidence: this command leaves no record; `gatepost run` and `gatepost scan` do\n";
        return Err(clap::Error::raw(ErrorKind::ArgumentConflict, message));
    }
    for flag in ["evidence_key", "evidence_retention"] {
        if typed(flag) && (!writes || recording.evidence.is_none()) {
            let message = format!("--{} is for runs with --evidence DIR\n", flag.replace('_', "-"));
            return Err(clap::Error::raw(ErrorKind::ArgumentConflict, message));
        }
    }
    if writes && recording.evidence.is_some() {
        recording.draft = Draft::new();
    }
    Ok(())
}

/// Runs a command, and writes its record where one is asked for.
///
/// # Errors
///
/// Those of the command. A record that cannot be written is a failure, whatever the run came to.
pub(crate) fn around(
    cli: &Cli,
    command: impl FnOnce() -> Result<ExitCode, Failure>,
) -> Result<ExitCode, Failure> {
    let recording = &cli.common.recording;
    let Some(directory) = recording.evidence.as_deref().filter(|_| recording.draft.is_wanted()) else {
        return command();
    };
    // Before the run: nobody waits for a gate whose record has nowhere to go.
    let log = LogFile::to_write(directory)?;
    let key = recording.evidence_key.as_deref().map(log::secret_key).transpose()?;
    let outcome = command();
    let written = record::statement(cli, &outcome).and_then(|statement| log.append(statement, key.as_ref()));
    match (outcome, written) {
        (outcome, Ok(())) => outcome,
        (Ok(_), Err(unwritten)) => Err(unwritten),
        (Err(first), Err(unwritten)) => {
            failure::say(&first, &cli.common.output);
            Err(unwritten)
        }
    }
}
