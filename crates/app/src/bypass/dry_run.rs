//! Pushes that a gate would have refused, were it not for a dry run: each leaves a record, so that whoever tries a policy out
//! sees what it would have done.

use super::log::LogFile;
use super::record::{self, Pushed};
use crate::failure;
use crate::session::Session;
use gatepost_core::{Outcome, Report};
use gatepost_evidence::break_glass::Record;

/// Writes down what would have been refused. A dry run refuses nothing, so a record that cannot be written is said, and the push
/// comes in.
pub(crate) fn record(session: &Session, file: &LogFile, pushed: &Pushed, report: &mut Report) {
    if report.enforced || report.outcome() == Outcome::Pass {
        return;
    }
    let push = record::dry_run(session, pushed, report);
    let written = file.lock().and_then(|mut held| held.append(vec![Record::DryRun(Box::new(push))]));
    report.notices.push(match written {
        Ok(()) => {
            "this push would have been refused, and that is on record (`gatepost break-glass list` on the server)".to_owned()
        }
        Err(error) => {
            format!("this push would have been refused, and no record of it could be written: {}", failure::words(&error))
        }
    });
}
