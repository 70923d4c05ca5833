//! Pushes of those whom rules for refs do not bind: each leaves a record before it comes in.

use super::log::LogFile;
use super::record::{self, Pushed};
use crate::exit::Failure;
use crate::session::Session;
use gatepost_core::report::Suppression;
use gatepost_core::{Level, Outcome, Report, Suppressed};
use gatepost_evidence::break_glass::Record;

/// Writes down that somebody was exempt. Where nothing would have been denied there is nothing to write down, nor is there
/// for a push that is refused, or for a dry run.
///
/// # Errors
///
/// When it cannot be written: then what they are exempt from is denied.
pub(crate) fn record(
    session: &Session,
    file: &LogFile,
    pushed: &Pushed,
    report: &mut Report,
) -> Result<(), Failure> {
    let denied = |suppressed: &Suppressed| is_exempt(suppressed) && suppressed.finding.level == Level::Deny;
    if !report.enforced || report.outcome() != Outcome::Pass || !report.suppressed.iter().any(denied) {
        return Ok(());
    }
    let push = record::exempt(session, pushed, report);
    let told = format!(
        "{} is exempt from {}, and that is on record",
        push.actor.name,
        if push.covered.len() == 1 {
            "a rule for refs".to_owned()
        } else {
            format!("{} rules for refs", push.covered.len())
        }
    );
    let written = file.lock().and_then(|mut held| held.append(vec![Record::Exempt(Box::new(push))]));
    if written.is_ok() {
        report.notices.push(told);
        return Ok(());
    }
    let suppressed = std::mem::take(&mut report.suppressed).into_iter();
    let (back, kept): (Vec<_>, Vec<_>) = suppressed.partition(is_exempt);
    report.suppressed = kept;
    report.findings.extend(back.into_iter().map(|suppressed| suppressed.finding));
    report.sort();
    written
}

fn is_exempt(suppressed: &Suppressed) -> bool {
    matches!(suppressed.by, Suppression::Exempt { .. })
}
