//! Break-glass at `pre-receive`: after the gate has judged in full, one push is let through with what it denies, when
//! somebody asked for that properly, the policy allows it, nothing that never opens is among it, the limit is not
//! reached, and the record is on the disk.

use super::log::LogFile;
use super::record::{self, Pushed};
use crate::exit::Failure;
use crate::server;
use crate::session::Session;
use gatepost_core::break_glass::{Config, Field, Request, sort};
use gatepost_core::report::Suppression;
use gatepost_core::text::escape;
use gatepost_core::{Finding, Outcome, Report, Suppressed};
use gatepost_evidence::break_glass::{
    Activation, Actor, Cause, Limit, Log, Record, Refusal, State, may_activate, next_id, rows,
};
use std::collections::BTreeSet;

/// A request that may be granted.
#[derive(Debug)]
pub(crate) struct Asked {
    /// What it says.
    pub(super) request: Request,
    /// What the policy says.
    pub(super) config: Config,
    /// Who asks.
    pub(super) actor: Actor,
}

impl Asked {
    /// Whether it names somebody who allowed it.
    pub(crate) fn is_approved(&self) -> bool {
        self.request.approver.is_some()
    }
}

/// The policy's limit.
pub(crate) const fn limit(config: &Config) -> Limit {
    Limit { max_activations: config.max_activations, window_days: config.window_days }
}

/// Reads a request, before anything is judged.
///
/// # Errors
///
/// When there is no break-glass here, or not for this pusher, and everything that the request does not say.
pub(crate) fn ask(fields: &[(Field, String)], session: &Session, actor: Actor) -> Result<Asked, Failure> {
    let config = Config::new(session.policy())?;
    if !config.allow {
        return Err(Failure::usage(
            "break-glass is refused: the policy of this repository does not allow it",
            "mend what the gate denies (push without the option to see it), or have a registered exception named: \
             git push -o gatepost.exception=ID\nwhoever owns the policy allows it with `allow = true` in [break-glass]",
        ));
    }
    if !config.actors.is_empty() && !config.actors.contains(&actor.name) {
        let who = if actor.is_known() {
            format!("{} (by {})", actor.name, actor.source)
        } else {
            "a pusher whom neither the platform nor the account names".to_owned()
        };
        return Err(Failure::usage(
            format!("break-glass is refused: {who} is not among those who may ask for it"),
            format!(
                "ask one of them to push: {}{}",
                config.actors.join(", "),
                if actor.is_known() { String::new() } else { server::how_to_name_one() }
            ),
        ));
    }
    match Request::read(fields, &config, &actor.name, session.now.date()) {
        Ok(request) => Ok(Asked { request, config, actor }),
        Err(wrong) => {
            let mut text = "error: break-glass is refused: the request does not say what it must".to_owned();
            for mistake in wrong.mistakes {
                text.push_str(&format!("\n  - {mistake}"));
            }
            text.push_str(&format!("\n  = fix: {}", wrong.command));
            Err(Failure::Rendered(text))
        }
    }
}

/// Reminds of what earlier pushes owe. A log that cannot be believed is said, too.
pub(crate) fn remind(session: &Session, log: &Result<Option<Log>, Failure>, report: &mut Report) {
    match log {
        Ok(None) => {}
        Ok(Some(log)) => {
            let rows = rows(log.records(), session.now);
            let overdue = rows.iter().filter(|row| row.state == State::Overdue);
            report.notices.extend(overdue.map(|row| overdue_words(row.cause, row.activation)));
        }
        Err(Failure::Usage { what, fix }) => report.notices.push(format!("{what}; {fix}")),
        Err(Failure::Source(error)) => report.notices.push(unreadable(error)),
        Err(Failure::Rendered(words)) => report.notices.push(unreadable(words)),
        Err(Failure::Policy(errors)) => report.notices.extend(errors.iter().map(unreadable)),
    }
}

fn unreadable(why: impl std::fmt::Display) -> String {
    format!("the log of break-glass cannot be read: {why}")
}

fn overdue_words(cause: Cause, activation: &Activation) -> String {
    let Activation { id, due, owner, refs, .. } = activation;
    let refs: Vec<&str> = refs.iter().map(|change| change.name.as_str()).collect();
    if cause == Cause::TimeOut {
        return format!(
            "OVERDUE: {id} ({}) came in before it was judged in full, and was to be judged by {due}: an administrator \
             runs `gatepost break-glass check` on the server",
            refs.join(", ")
        );
    }
    format!(
        "OVERDUE: break-glass {id} ({}) was to be mended by {due}, and {owner} answers for it: make the same commits \
         pass or take them back, then run `gatepost break-glass check` on the server",
        refs.join(", ")
    )
}

/// Opens what the request may open. What it may not stays as it is, and the report says why.
///
/// # Errors
///
/// When the record cannot be written: then nothing is opened.
pub(crate) fn open(
    asked: &Asked,
    session: &Session,
    file: &LogFile,
    pushed: &Pushed,
    report: &mut Report,
) -> Result<(), Failure> {
    if let Some(why) = nothing_to_open(report) {
        report.notices.push(format!("break-glass opened nothing and is not counted: {why}"));
        return Ok(());
    }
    let sorted = sort(report.findings.clone(), &asked.config.never);
    if !sorted.shut.is_empty() {
        report.notices.push(format!(
            "break-glass opened nothing and is not counted: the policy keeps {} shut (`never` in [break-glass]). Take \
             these findings out of the commits, and ask again for the rest; a secret must be rotated, too",
            names(&sorted.shut)
        ));
        return Ok(());
    }
    let mut held = file.lock()?;
    if let Err(refusal) = may_activate(held.records(), limit(&asked.config), session.now) {
        report.notices.push(refused(&refusal, limit(&asked.config)));
        return Ok(());
    }
    let id = next_id(held.records(), session.now);
    let activation = record::activation(id.clone(), asked, session, pushed, report, &sorted.open);
    let due = activation.due;
    held.append(vec![Record::Activation(Box::new(activation))])?;
    let Request { reason, owner, .. } = &asked.request;
    let used =
        gatepost_evidence::break_glass::summary(held.records(), limit(&asked.config), session.now).used;
    let count = match sorted.open.len() {
        1 => "1 finding that denies was".to_owned(),
        count => format!("{count} findings that deny were"),
    };
    report.notices.push(format!(
        "BREAK-GLASS {id}: {count} let through ({}), for this push alone. {owner} answers for it: {reason}. It is on \
         record ({used} of {} in {} days). The same commits must pass in full by {due}; `gatepost break-glass check` on \
         the server finds out",
        names(&sorted.open),
        asked.config.max_activations,
        asked.config.window_days,
    ));
    report.findings = sorted.rest;
    report.suppressed.extend(sorted.open.into_iter().map(|finding| {
        let by = Suppression::BreakGlass { id: id.clone(), reason: reason.clone(), owner: owner.clone() };
        Suppressed { finding, by }
    }));
    report.sort();
    Ok(())
}

/// Why there is nothing for break-glass to do.
fn nothing_to_open(report: &Report) -> Option<&'static str> {
    if !report.enforced {
        return Some("this is a dry run, which refuses nothing (enforce = false)");
    }
    match report.outcome() {
        _ if !report.is_complete() => Some("what could not be checked is never let through"),
        Outcome::Violations => None,
        _ => Some("the push passes without it"),
    }
}

fn refused(refusal: &Refusal<'_>, limit: Limit) -> String {
    match refusal {
        Refusal::Overdue(overdue) => {
            let ids: Vec<&str> = overdue.iter().map(|activation| activation.id.as_str()).collect();
            format!(
                "break-glass is refused: {} overdue, and none follows before it is mended: make the same commits pass \
                 or take them back, then run `gatepost break-glass check` on the server",
                match ids.as_slice() {
                    [one] => format!("{one} is"),
                    many => format!("{} are", many.join(", ")),
                }
            )
        }
        Refusal::Spent { counted, next } => {
            let counted: Vec<String> = counted
                .iter()
                .map(|activation| {
                    let Activation { id, time, owner, reason, .. } = activation;
                    format!("{id} on {} ({owner}: {reason})", time.date())
                })
                .collect();
            format!(
                "break-glass is refused: {} in {} days is the limit, and these count: {}. Find out why it was needed so \
                 often; the next one is possible from {next} on",
                limit.max_activations,
                limit.window_days,
                counted.join(", ")
            )
        }
    }
}

/// The rules of findings, each once.
fn names(findings: &[Finding]) -> String {
    let names: BTreeSet<&str> = findings.iter().map(|finding| finding.rule.as_str()).collect();
    escape(&names.into_iter().collect::<Vec<_>>().join(", ")).into_owned()
}
