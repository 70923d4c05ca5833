//! `gatepost exceptions audit`: how old each record is, who owns it, what it is for, and when it ends.

use super::uses;
use crate::args::{AuditExceptions, Cli};
use crate::exit::Failure;
use crate::output::Places;
use crate::session::Session;
use gatepost_core::Outcome;
use gatepost_report::exceptions::{Record, Uses, formats};
use gatepost_source::Repository;
use std::process::ExitCode;

pub(super) fn run(
    cli: &Cli,
    session: &Session,
    repository: Option<&dyn Repository>,
    audit: AuditExceptions,
) -> Result<ExitCode, Failure> {
    let places = Places::new(&cli.common.output, &formats())?;
    let exceptions = session.policy().exceptions();
    let looks = !audit.no_scan && !exceptions.is_empty();
    let counted = match (looks, repository) {
        (true, Some(repository)) => uses::count(session, repository)?,
        (true, None) => {
            return Err(Failure::usage(
                "there is no repository here whose history could say what the exceptions are for",
                "gatepost exceptions audit --no-scan, or run it in the repository",
            ));
        }
        (false, _) => None,
    };
    let today = audit.as_of.unwrap_or_else(|| session.now.date());
    let uses =
        |exception| counted.as_ref().map_or(Uses::Unknown, |counted| counted.of(session.policy(), exception));
    let records = exceptions.iter().map(|exception| Record { exception, uses: uses(exception) }).collect();
    let listing = super::listing(session, today, true, records);
    places.write(|format, width| listing.write(format, width))?;
    let expired = listing.records.iter().any(|record| record.exception.is_expired(today));
    let outcome = match (expired && !session.filter.exit_zero, looks && counted.is_none()) {
        (true, _) => Outcome::Violations,
        (false, true) => Outcome::Incomplete,
        (false, false) => Outcome::Pass,
    };
    Ok(ExitCode::from(outcome.exit_code()))
}
