//! `gatepost exceptions list`.

use crate::args::{Cli, ListExceptions};
use crate::exit::Failure;
use crate::output::Places;
use crate::session::Session;
use gatepost_core::Exception;
use gatepost_report::exceptions::{Record, Uses};
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, session: &Session, list: &ListExceptions) -> Result<ExitCode, Failure> {
    let places = Places::new(&cli.common.output, &["human", "json"])?;
    let today = list.as_of.unwrap_or_else(|| session.now.date());
    let warn_before_days = super::warn_before_days(session.policy());
    let wanted = |exception: &&Exception| {
        let left = exception.days_left(today);
        list.expiring.is_none_or(|days| (0..=days).contains(&left))
            && list.state.is_none_or(|state| exception.state(today, warn_before_days) == state)
    };
    let records = session.policy().exceptions().iter().filter(wanted);
    let records = records.map(|exception| Record { exception, uses: Uses::Unknown }).collect();
    let listing = super::listing(session, today, false, records);
    places.write(|format, width| listing.write(format, width))?;
    Ok(ExitCode::SUCCESS)
}
