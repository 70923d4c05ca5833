//! `gatepost check refs --forward-ports`: what branches owe to those that follow, before anybody is refused for it.

use crate::args::{CheckRefs, Cli};
use crate::collect::Collector;
use crate::exit::Failure;
use crate::moves::Asked;
use crate::output::{Places, say};
use crate::policy_source::PolicySource;
use crate::session::Session;
use crate::{finish, repo};
use gatepost_core::history::Unanswered;
use gatepost_core::report::Suppression;
use gatepost_core::settle::{Settle, settle};
use gatepost_core::updates::{Block, Judge, Port};
use gatepost_core::{Finding, Push, RefName, Sink, Stage, Suppressed};
use gatepost_report::forward_ports::{self, Entry};
use gatepost_source::Repository;
use std::collections::HashMap;
use std::process::ExitCode;

/// `gatepost check refs --forward-ports`.
///
/// # Errors
///
/// A branch that owes nothing by the policy, a remote that is not known here, whatever keeps it from checking.
pub(super) fn run(cli: &Cli, asked: &CheckRefs) -> Result<ExitCode, Failure> {
    let places = Places::new(&cli.common.output, &forward_ports::formats())?;
    let repository = repo::open()?;
    let repository = repository.as_ref();
    let session = session(cli, repository)?;
    let blocks: Vec<Block> = session.policy().blocks("ref")?;
    if blocks.iter().all(|block| block.forward_port_to.is_empty()) {
        say("note: no [[ref]] of the policy has `forward-port-to`, so nothing is owed anywhere; \
             docs/forward-ports.md has blocks to start from");
    }
    let refs = super::refs::refs(repository, asked.at.as_deref())?.refs;
    let history = Asked::new(&session, repository, &[]);
    let push = Push {
        stage: session.stage,
        updates: &[],
        moving: &[],
        refs: &refs,
        tags_here: &[],
        commits: &[],
        pusher: None,
        history: &history,
    };
    let judge = Judge::new(session.policy(), session.stage, session.now)?;
    let wanted = wanted(&judge.sources_of_ports(&push), &asked.branches)?;
    match judge.forward_ports(&push, &|name| wanted.contains(name)) {
        Ok(ports) => list(&session, &places, ports),
        Err(Unanswered { problem, reason }) => {
            let mut collected = Collector::default();
            collected.coverage.shallow = repository.info().shallow;
            collected.skip(reason);
            collected.problem(problem);
            let session = Session::new(cli, Stage::PreReceive, source(repository))?;
            finish::finish(&session, collected, "what branches owe".to_owned())
        }
    }
}

fn source(repository: &dyn Repository) -> PolicySource<'_> {
    match repository.info().work_tree {
        Some(_) => PolicySource::WorkTree(Some(repository)),
        None => PolicySource::Server(repository),
    }
}

/// A session at the levels of the server, whose formats are the list's own.
fn session(cli: &Cli, repository: &dyn Repository) -> Result<Session, Failure> {
    let mut cli = cli.clone();
    cli.common.output.formats.clear();
    cli.common.output.outputs.clear();
    Session::new(&cli, Stage::PreReceive, source(repository))
}

/// The branches that somebody asks for: those named, or all.
fn wanted(sources: &[RefName], named: &[String]) -> Result<Vec<RefName>, Failure> {
    if named.is_empty() {
        return Ok(sources.to_vec());
    }
    let mut wanted = Vec::new();
    for name in named {
        let full = RefName::new(match name.strip_prefix("refs/heads/") {
            Some(short) => format!("refs/heads/{short}"),
            None => format!("refs/heads/{name}"),
        });
        if !sources.contains(&full) {
            let short =
                |name: &RefName| RefName::new(name.branch().unwrap_or_default()).escaped().into_owned();
            let known: Vec<String> = sources.iter().map(short).collect();
            let fix = match known.is_empty() {
                true => "no branch that is here matches a [[ref]] with `forward-port-to`".to_owned(),
                false => format!("those that owe are: {}", known.join(", ")),
            };
            let message = format!("the branch {} is not here, or owes nothing by the policy", short(&full));
            return Err(Failure::usage(message, fix));
        }
        wanted.push(full);
    }
    Ok(wanted)
}

/// Writes the list. What exceptions accept is on it, and does not count.
fn list(session: &Session, places: &Places, ports: Vec<Port>) -> Result<ExitCode, Failure> {
    let findings: Vec<Finding> = ports.iter().filter_map(|port| port.finding.clone()).collect();
    let settled = settle(
        findings,
        Vec::new(),
        &Settle {
            exceptions: session.policy().exceptions(),
            baseline: session.settings.baseline.as_ref(),
            named: &session.named,
            today: session.now.date(),
        },
    );
    settled.notices.iter().for_each(|notice| say(&format!("note: {notice}")));
    let accepted: HashMap<_, _> = settled
        .suppressed
        .iter()
        .map(|Suppressed { finding, by }| (finding.fingerprint.clone(), by_whom(by)))
        .collect();
    let entry = |port: Port| {
        let fingerprint = port.finding.as_ref().map(|finding| finding.fingerprint.clone());
        let accepted_by = fingerprint.and_then(|fingerprint| accepted.get(&fingerprint).cloned());
        Entry { port, accepted_by }
    };
    let entries: Vec<Entry> = ports.into_iter().map(entry).collect();
    places.write(|format, width| forward_ports::write(&entries, format, width))?;
    let denied = entries.iter().any(Entry::is_denied);
    let refuses = session.policy().enforce() && !session.filter.exit_zero;
    Ok(ExitCode::from(u8::from(denied && refuses)))
}

fn by_whom(by: &Suppression) -> String {
    match by {
        Suppression::Exception(exception) => exception.id.clone(),
        Suppression::Baseline => "the baseline".to_owned(),
        _ => "the policy".to_owned(),
    }
}
