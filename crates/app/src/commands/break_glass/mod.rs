//! `gatepost break-glass`: what was let through, and whether it is mended. Run in the server's repository, which has
//! the log.

mod check;
mod list;

use crate::args::{BreakGlassWhat, Cli};
use crate::bypass::log::LogFile;
use crate::exit::Failure;
use crate::output::print;
use crate::policy_source::PolicySource;
use crate::repo;
use crate::session::Session;
use gatepost_core::Stage;
use gatepost_core::break_glass::Config;
use gatepost_evidence::break_glass::{Log, summary};
use std::process::ExitCode;

/// `gatepost break-glass`.
///
/// # Errors
///
/// A log that cannot be read or believed, and whatever keeps it from judging.
pub(crate) fn run(cli: &Cli, what: BreakGlassWhat) -> Result<ExitCode, Failure> {
    let output = &cli.common.output;
    let json = match output.formats.as_slice() {
        [] => false,
        [one] if one == "human" => false,
        [one] if one == "json" => true,
        _ => {
            return Err(Failure::usage(
                "a list is written once, as human or json",
                "gatepost break-glass list -f json",
            ));
        }
    };
    if !output.outputs.is_empty() {
        return Err(Failure::usage(
            "a list goes to standard output",
            "redirect it: gatepost break-glass list > FILE",
        ));
    }
    let repository = repo::open()?;
    let repository = repository.as_ref();
    let session = Session::new(cli, Stage::PreReceive, PolicySource::Server(repository))?;
    let limit = crate::bypass::break_glass::limit(&Config::new(session.policy())?);
    let file = LogFile::of(repository);
    let check = match (what, file.read()?) {
        (BreakGlassWhat::Check, Some(log)) => check::run(&session, repository, &file, &log)?,
        _ => check::Checked::default(),
    };
    // What `check` wrote is read like everything else.
    let log = file.read()?;
    let found = log.is_some();
    let log: Log = log.unwrap_or_default();
    let overdue = summary(log.records(), limit, session.now).overdue;
    if json {
        let text = gatepost_evidence::break_glass::json(log.records(), log.head(), limit, session.now);
        print(
            &text
                .map_err(|error| Failure::usage(format!("cannot write the list: {error}"), "report this"))?,
        )?;
    } else if found {
        for report in &check.reports {
            session.outputs.write(report)?;
        }
        print(&check.text)?;
        print(&list::table(log.records(), limit, session.now))?;
    } else {
        let path = file.path().display();
        print(&format!(
            "nothing was let through here by break-glass, by naming an exception, or by a dry run: there is no {path}\n"
        ))?;
    }
    Ok(ExitCode::from(match (overdue, check.incomplete) {
        (0, false) => 0,
        (0, true) => 3,
        _ => u8::from(!session.filter.exit_zero),
    }))
}
