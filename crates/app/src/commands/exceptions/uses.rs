//! What each record is for: the whole history and the index are scanned, and every record is asked of every finding.

use crate::exit::Failure;
use crate::finish::is_for_a_secret;
use crate::output::say;
use crate::scan;
use crate::session::Session;
use gatepost_core::policy::Policy;
use gatepost_core::settle::{Settle, settle};
use gatepost_core::text::display;
use gatepost_core::{Exception, Level, Problem};
use gatepost_report::exceptions::Uses;
use gatepost_source::Repository;
use std::collections::BTreeMap;

/// How many findings each record is for.
pub(super) struct Counted {
    uses: BTreeMap<String, usize>,
    on: bool,
}

/// Counts; `None`: the history could not be looked at as a whole, and why was said.
///
/// # Errors
///
/// Objects or an index that cannot be listed.
pub(super) fn count(session: &Session, repository: &dyn Repository) -> Result<Option<Counted>, Failure> {
    let mut collected = scan::collect_history(session, repository, false, None)?;
    if repository.info().work_tree.is_some() {
        collected.absorb(scan::collect_staged(session, repository)?);
    }
    if !collected.problems.is_empty() || !collected.coverage.is_complete() {
        collected.problems.iter().for_each(tell);
        say(
            "could not check: the history is not here as a whole, so nobody can tell what the exceptions are for",
        );
        return Ok(None);
    }
    let policy = session.policy();
    let on = policy.levels("secrets").is_some_and(|levels| levels.at(session.stage) != Level::Off);
    let with =
        Settle { exceptions: policy.exceptions(), baseline: None, named: &[], today: session.now.date() };
    let settled = settle(collected.findings, collected.suppressed, &with);
    Ok(Some(Counted { uses: settled.uses, on }))
}

fn tell(problem: &Problem) {
    let place = problem.place.as_deref().map_or_else(String::new, |place| format!(" ({place})"));
    let text = format!("{}{place}", problem.what);
    say(&format!(
        "could not check: {}\n  = fix: {}",
        display(text.as_bytes()),
        display(problem.fix.as_bytes())
    ));
}

impl Counted {
    /// What is known of a record. A history scan looks for secrets, and for what holds without being named.
    pub(super) fn of(&self, policy: &Policy, exception: &Exception) -> Uses {
        if !self.on || exception.on_request || !is_for_a_secret(policy, exception) {
            return Uses::Untold;
        }
        Uses::Count(self.uses.get(&exception.id).map_or(0, |uses| *uses as u64))
    }
}
