//! Whether what was let through passes by now: the same commits, in full, under the policy of the default branch as it
//! is today, with the exceptions that hold by themselves and without any that would have to be named.

use crate::bypass::log::{Held, LogFile};
use crate::bypass::record::tool;
use crate::bypass::recorded;
use crate::exit::Failure;
use crate::session::Session;
use crate::{finish, push};
use gatepost_core::{Level, ObjectId, Outcome, RefName, RefUpdate, Report};
use gatepost_evidence::break_glass::{Activation, Ending, Log, Record, Row, Settled, rows};
use gatepost_source::Repository;
use std::fmt::Write as _;

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// A line for each activation that was owed.
    pub(super) text: String,
    /// What is still wrong with them.
    pub(super) reports: Vec<Report>,
    /// Whether something could not be judged.
    pub(super) incomplete: bool,
}

/// Judges what is owed, and writes down what is not any more.
pub(super) fn run(
    session: &Session,
    repository: &dyn Repository,
    file: &LogFile,
    log: &Log,
) -> Result<Checked, Failure> {
    let mut checked = Checked::default();
    let mut ended = Vec::new();
    for row in rows(log.records(), session.now).iter().filter(|row| row.state.is_owed()) {
        let id = &row.activation.id;
        let words = match judge(session, repository, row.activation)? {
            Standing::Ended(how) => {
                ended.push((id.clone(), how));
                match how {
                    Ending::Passed => "passes in full: settled".to_owned(),
                    Ending::Withdrawn => "no ref reaches its commits any more: withdrawn".to_owned(),
                }
            }
            Standing::Denied(report) => {
                let count = report.count(Level::Deny);
                let them = if count == 1 { "1 finding" } else { &format!("{count} findings") };
                checked.reports.push(report);
                format!("is still denied: {them}. Mend it, or register an exception")
            }
            Standing::Unknown(report) => {
                checked.incomplete = true;
                checked.reports.push(report);
                "could not be judged in full".to_owned()
            }
        };
        let _ = writeln!(checked.text, "{id} {words}");
    }
    if !ended.is_empty() {
        // Judging takes its time, and pushes do not wait for it.
        let mut held = file.lock()?;
        for (id, how) in ended {
            settle(session, &mut held, id, how)?;
        }
    }
    Ok(checked)
}

fn settle(session: &Session, held: &mut Held<'_>, id: String, how: Ending) -> Result<(), Failure> {
    let owed = |row: &Row<'_>| row.activation.id == id && row.state.is_owed();
    if !rows(held.records(), session.now).iter().any(owed) {
        return Ok(());
    }
    held.append(vec![Record::Settled(Settled { of: id, time: session.now, how, tool: tool(session) })])
}

/// How an activation stands, judged anew.
enum Standing {
    Ended(Ending),
    Denied(Report),
    Unknown(Report),
}

fn judge(
    session: &Session,
    repository: &dyn Repository,
    activation: &Activation,
) -> Result<Standing, Failure> {
    let refs = repository.references()?;
    let tips: Vec<ObjectId> = refs.iter().map(|reference| reference.target).collect();
    let commits = recorded::listed(repository, &activation.commits, &activation.refs, &refs)?;
    let commits = recorded::still_reached(repository, &commits, &tips)?;
    // A ref that was made, or moved, counts while it is there; one that was deleted, while it is not.
    let updates: Vec<RefUpdate> = activation
        .refs
        .iter()
        .filter_map(|change| {
            let there = refs.iter().find(|reference| reference.name.escaped() == change.name);
            let name = || RefName::from(change.name.as_str());
            // What the ref was moved to can be gone by now: then it is judged as it stands.
            let new = id(change.new.as_deref()).filter(|new| repository.tag(new).is_ok());
            (there.is_some() == change.new.is_some()).then(|| RefUpdate {
                name: there.map_or_else(name, |reference| reference.name.clone()),
                old: id(change.old.as_deref()),
                new: new.or(there.map(|reference| reference.target)),
            })
        })
        .collect();
    if commits.is_empty() && updates.is_empty() {
        return Ok(Standing::Ended(Ending::Withdrawn));
    }
    let collected = push::again(session, repository, &commits, updates)?;
    let report = finish::report(session, collected, format!("break-glass {}", activation.id));
    let withdrawn = commits.is_empty() && activation.commits.count > 0;
    Ok(match report.outcome() {
        Outcome::Pass if withdrawn => Standing::Ended(Ending::Withdrawn),
        Outcome::Pass => Standing::Ended(Ending::Passed),
        Outcome::Violations => Standing::Denied(report),
        Outcome::Incomplete | Outcome::Error => Standing::Unknown(report),
    })
}

fn id(hex: Option<&str>) -> Option<ObjectId> {
    ObjectId::from_hex(hex?.as_bytes())
}
