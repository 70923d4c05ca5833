//! `pre-receive`: every commit that the repository does not have yet, wherever Git keeps it meanwhile.
//!
//! New is what the new values reach and no existing ref does; the quarantine directory is neither a subset nor
//! a superset of that. The policy is the server's, or that of the default branch before the push.

use super::{updates, withheld};
use crate::args::Cli;
use crate::bypass::log::LogFile;
use crate::bypass::recorded::Recorded;
use crate::bypass::time_out::{self, Limit};
use crate::bypass::{break_glass, dry_run, exempt, named, options};
use crate::deadline::Deadline;
use crate::exit::Failure;
use crate::policy_source::{self, PolicySource};
use crate::push::Known;
use crate::server::Server;
use crate::session::Session;
use crate::settings::{EXCEPTIONS_FILE, FILE_NAMES};
use crate::{finish, next_policy, push, repo, voice};
use gatepost_core::policy::{Origin, PolicyError};
use gatepost_core::server::Config;
use gatepost_core::{RefName, Stage};
use gatepost_source::Repository;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    let server = Server::from_environment();
    voice::to_pusher(server.prefix);
    if cli.common.exit_zero {
        return Err(Failure::usage(
            "--exit-zero would let every push through and look like a gate",
            "for a dry run, which says in every report that it is one: enforce = false in the server's gatepost.toml",
        ));
    }
    let repository = repo::open()?;
    let repository = repository.as_ref();
    let asked = options::from_environment()?;
    let withhold = |failure| withhold(repository, failure);
    let mut session =
        Session::new(cli, Stage::PreReceive, PolicySource::Server(repository)).map_err(withhold)?;
    withheld::clear(repository);
    session.outputs.are_for_pusher();
    let config = Config::new(session.policy()).map_err(|error| withhold(error.into()))?;
    let server = server.named(&config.platform);
    let budget = server.budget(config.budget);
    session.deadline = Deadline::after(session.started, budget);
    session.server = Some(server);
    let input = updates::read_stdin("pre-receive", "<old oid> <new oid> <ref>")?;
    let pushed = updates::pre_receive(&input)?;
    let next = match policy_source::next(&session.settings, repository, &pushed)? {
        Some((before, after)) => {
            next_policy::check(cli, &session, repository, before, after).map_err(withhold)
        }
        None => Ok(()),
    };
    let refs: Vec<RefName> = pushed.iter().map(|update| update.name.clone()).collect();
    named::check(&asked.exceptions, session.policy(), Some(&refs), session.now.date())?;
    session.named = asked.exceptions;
    let request =
        asked.break_glass.map(|fields| break_glass::ask(&fields, &session, session.actor())).transpose()?;
    let references = repository.references()?;
    let log = LogFile::of(repository);
    // After the refs: what they have, the log had before them.
    let read = log.read();
    let recorded = Recorded::of(&read, repository, &references, session.now)?;
    let known: Vec<Known> = references
        .into_iter()
        .map(|reference| Known { name: Some(reference.name), id: reference.target })
        .collect();
    let push::Judged { collected, scope, mut pushed, unjudged } =
        push::judge(&session, repository, pushed, &known, &recorded).map_err(withhold)?;
    let (late_commits, all_commits) =
        unjudged.as_ref().map_or((0, 0), |unjudged| (unjudged.late, unjudged.of));
    session.draft.approved(request.as_ref().is_some_and(break_glass::Asked::is_approved));
    let mut report = finish::report(&session, collected, scope);
    break_glass::remind(&session, &read, &mut report);
    let late = unjudged.zip(budget).filter(|_| next.is_ok()).map_or(Ok(false), |(unjudged, budget)| {
        let limit = Limit { budget, on_timeout: config.on_timeout };
        time_out::settle(limit, &session, repository, &log, &mut pushed, &unjudged, &mut report)
    });
    // Now that those are with it that there was no time to read.
    session.draft.push((&session, repository), &pushed, late_commits, all_commits);
    // What cannot be pushed at all is no reason to open anything, and leaves no record.
    let opened = if next.is_ok() {
        dry_run::record(&session, &log, &pushed, &mut report);
        request
            .map_or(Ok(()), |asked| break_glass::open(&asked, &session, &log, &pushed, &mut report))
            .and_then(|()| named::record(&session, &log, &pushed, &mut report))
            .and_then(|()| exempt::record(&session, &log, &pushed, &mut report))
    } else {
        Ok(())
    };
    finish::write(&session, &mut report)?;
    // Whoever is refused because no record can be written still learns what the gate found.
    opened?;
    let comes_in = late?;
    if comes_in {
        session.draft.timed_out();
    }
    let code = if comes_in { ExitCode::SUCCESS } else { finish::exit_code(&session, &report) };
    next_policy::end(cli, next, code)
}

/// The files of the repository itself that make its policy.
const OWN: [&str; 3] = [FILE_NAMES[0], FILE_NAMES[1], EXCEPTIONS_FILE];

/// What a pusher may read of a policy's errors: everything of the repository's own file, which they have, and of the
/// server's files and environment no more than the place. A pushed policy can extend any file of the server.
fn withhold(repository: &dyn Repository, failure: Failure) -> Failure {
    let Failure::Policy(errors) = failure else { return failure };
    if !errors.iter().all(|error| is_own(error) || is_next(error)) {
        withheld::keep(repository, &errors);
    }
    let mut shown: Vec<PolicyError> = Vec::new();
    for error in errors {
        let error = if is_own(&error) || is_next(&error) { error } else { place_only(&error) };
        if !shown.contains(&error) {
            shown.push(error);
        }
    }
    if shown.iter().any(is_own) && !shown.iter().any(is_next) {
        shown.push(way_in());
    }
    Failure::Policy(shown)
}

/// An error of the repository's own files.
fn is_own(error: &PolicyError) -> bool {
    matches!(&error.origin, Origin::Revision { path, .. } if OWN.contains(&path.as_str()))
}

/// The word about a policy that is being pushed.
fn is_next(error: &PolicyError) -> bool {
    matches!(&error.origin, Origin::Revision { path, .. } if path == next_policy::CHANGE)
}

/// Who can still do something when the policy in force is broken.
fn way_in() -> PolicyError {
    PolicyError {
        origin: Origin::File("the server".to_owned()),
        line: None,
        column: None,
        source_line: None,
        message: "nothing can be pushed to this branch while its policy is broken".to_owned(),
        help: Some(
            "an administrator lets the mend in: a sound gatepost.toml in the server's repository directory counts instead"
                .to_owned(),
        ),
    }
}

fn place_only(error: &PolicyError) -> PolicyError {
    let (what, unset) = match &error.origin {
        Origin::Environment(name) => (format!("the variable {name}"), "unset it in the environment of"),
        Origin::Flag(name) => (format!("the flag {name}"), "take it out of"),
        _ => return broken_policy(error),
    };
    PolicyError {
        origin: error.origin.clone(),
        line: None,
        column: None,
        source_line: None,
        message: format!("the server's hook refuses {what}: nothing can be pushed until it is gone"),
        help: Some(format!("tell the administrator: {unset} the server's pre-receive hook")),
    }
}

fn broken_policy(error: &PolicyError) -> PolicyError {
    let line = error.line.map_or_else(String::new, |line| format!(" (line {line})"));
    PolicyError {
        origin: error.origin.clone(),
        line: None,
        column: None,
        source_line: None,
        message: format!("the server's policy is broken{line}: nothing can be pushed until it is mended"),
        help: Some(
            "tell the administrator: `gatepost config check` in the server's repository says what is wrong"
                .to_owned(),
        ),
    }
}
