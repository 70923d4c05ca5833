//! From what is known of a run to its statement.

use super::ci_run;
use super::draft::{Facts, Judged};
use crate::args::{Cli, Command, RunStage, Scan};
use crate::checkout;
use crate::ci::{self, Variables};
use crate::exit::Failure;
use crate::failure;
use crate::repo;
use crate::server::Server;
use crate::session;
use gatepost_core::{ObjectId, Outcome};
use gatepost_evidence::break_glass::Actor;
use gatepost_evidence::run::{
    Coverage, Enforcement, Findings, NOT_DECIDED, Place, Predicate, Retention, Role, RunResult, Scope,
    Statement, Subject, Tool, served_by,
};
use gatepost_source::{Head, Repository};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// The statement about a run that ended so.
///
/// # Errors
///
/// Where no commit can be named that it would be about.
pub(super) fn statement(cli: &Cli, outcome: &Result<ExitCode, Failure>) -> Result<Statement, Failure> {
    let facts = cli.common.recording.draft.known();
    let facts = facts.ok_or_else(|| Failure::usage("the run has no draft of its record", "report this"))?;
    let repository = repo::open().map_err(|failure| {
        Failure::usage(
            format!(
                "the run has no record, since no commit can be named in it: {}",
                failure::words(&failure)
            ),
            "leave --evidence away where there is no repository",
        )
    })?;
    let repository = repository.as_ref();
    let (gate, reach) = gate(&cli.command);
    let exit_code = exit_code(outcome);
    let result = result(facts.judged.as_ref(), outcome, exit_code);
    let finished = session::now();
    let variables = Variables::from_environment();
    let ci = ci::platform(&variables).map(|platform| ci_run::run(platform, &variables));
    let subject = subject(&facts, repository)?;
    let (scope, listed) = (scope(&facts), facts.judged.as_ref());
    let checks = listed.map_or_else(Vec::new, |judged| judged.checks.clone());
    let actor = actor(&facts, gate, &variables);
    let predicate = Predicate {
        run_id: run_id()?,
        // The log says which.
        log: Place { sequence: 0, previous: None },
        gate: gate.to_owned(),
        reach: reach.to_owned(),
        enforcement: listed.map_or(Enforcement::Blocking, |judged| judged.enforcement),
        result,
        exit_code,
        reason: reason(outcome, facts.judged.as_ref(), exit_code),
        tool: Tool {
            name: "gatepost".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            sha256: program_digest(),
        },
        policy: listed.map(|judged| judged.policy.clone()),
        scope,
        coverage: listed.map_or_else(Coverage::default, |judged| judged.coverage.clone()),
        controls: served_by(&checks, !facts.commits.is_empty()),
        retention: retention(cli, result, listed, finished),
        checks,
        findings: listed.map_or_else(Findings::default, |judged| judged.findings.clone()),
        exceptions_used: listed.map_or_else(Vec::new, |judged| judged.used.clone()),
        suppressions: listed.map_or_else(BTreeMap::new, |judged| judged.suppressions.clone()),
        bypass: listed.and_then(|judged| judged.bypass.clone()),
        actor,
        authors: names(listed, &facts.authors),
        tickets: names(listed, &facts.tickets),
        pull_request: facts.pull_request.clone().filter(|_| listed.is_some()),
        ci,
        repository: listed
            .and_then(|judged| judged.repository.clone())
            .or_else(|| checkout::origin(repository)),
        started: facts.started,
        finished,
        duration_ms: u64::try_from(facts.clock.elapsed().as_millis()).unwrap_or(u64::MAX),
        not_decided: NOT_DECIDED.map(str::to_owned).to_vec(),
    };
    Ok(Statement::new(subject, predicate))
}

/// The gate, and what kind of thing it looked at.
fn gate(command: &Command) -> (&'static str, &'static str) {
    match command {
        Command::Run(run) => match run.stage {
            RunStage::PreCommit { .. } => ("pre-commit", "files"),
            RunStage::CommitMsg { .. } => ("commit-msg", "message"),
            RunStage::PrePush { .. } => ("pre-push", "range"),
            RunStage::PreReceive => ("pre-receive", "range"),
            RunStage::Ci(_) => ("ci", "range"),
        },
        Command::Scan(Scan { history: true, .. }) => ("scan", "history"),
        Command::Scan(Scan { range: Some(_), .. }) => ("scan", "range"),
        _ => ("scan", "files"),
    }
}

fn exit_code(outcome: &Result<ExitCode, Failure>) -> u8 {
    match outcome {
        Ok(code) => (0..=3).find(|known| ExitCode::from(*known) == *code).unwrap_or(2),
        Err(failure) => failure.exit_code(),
    }
}

fn result(judged: Option<&Judged>, outcome: &Result<ExitCode, Failure>, exit_code: u8) -> RunResult {
    let Some(judged) = judged else {
        return if exit_code == 3 { RunResult::Incomplete } else { RunResult::Error };
    };
    if outcome.is_err() {
        return if exit_code == 3 { RunResult::Incomplete } else { RunResult::Error };
    }
    match judged.outcome {
        _ if judged.bypass.is_some() && exit_code == 0 => RunResult::Bypassed,
        Outcome::Violations => RunResult::Fail,
        Outcome::Incomplete => RunResult::Incomplete,
        Outcome::Error => RunResult::Error,
        Outcome::Pass if exit_code != 0 => RunResult::Error,
        Outcome::Pass if judged.warns => RunResult::Warn,
        Outcome::Pass => RunResult::Pass,
    }
}

fn reason(outcome: &Result<ExitCode, Failure>, judged: Option<&Judged>, exit_code: u8) -> Option<String> {
    match outcome {
        Err(failure) => Some(failure::words(failure)),
        Ok(_) => match judged {
            None => Some(format!("the run ended with exit code {exit_code} and no report")),
            // It passes, and shows nothing: whoever reads the record shall not have to add up zeros.
            Some(judged) if judged.nothing => Some(format!("nothing was judged: {}", judged.words)),
            Some(_) => None,
        },
    }
}

/// The commits that were judged; where there is none to name, what the judged was based on.
fn subject(facts: &Facts, repository: &dyn Repository) -> Result<Vec<Subject>, Failure> {
    let judged = |(id, tree): &(ObjectId, ObjectId)| {
        Subject::new(None, Some(id.to_string()), tree.to_string(), Role::Judged)
    };
    if (1..=Scope::LISTED).contains(&facts.commits.len()) {
        return Ok(facts.commits.iter().map(judged).collect());
    }
    // Too many to list: the newest stands for them, and the digest of all ids is in the scope.
    if let Some(last) = facts.commits.last() {
        return Ok(vec![judged(last)]);
    }
    let context = |name: &str, id: ObjectId| {
        let tree = repository.commit(&id)?.tree;
        Ok(vec![Subject::new(Some(name), Some(id.to_string()), tree.to_string(), Role::Context)])
    };
    if let Some(head) = facts.head {
        return context("head", head);
    }
    match repository.head()? {
        Head::Branch(_, id) | Head::Detached(id) => context("HEAD", id),
        Head::Unborn(_) => {
            let empty = if repository.info().hash_len == 32 { EMPTY_TREE_SHA256 } else { EMPTY_TREE };
            Ok(vec![Subject::new(Some("no commit yet"), None, empty.to_owned(), Role::Context)])
        }
    }
}

/// The tree without entries, by its id in repositories of either hash.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const EMPTY_TREE_SHA256: &str = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321";

fn scope(facts: &Facts) -> Scope {
    let hex = |id: Option<ObjectId>| id.map(|id| id.to_string());
    let mut ids: Vec<String> = facts.commits.iter().map(|(id, _)| format!("{id}\n")).collect();
    ids.sort_unstable();
    let expected = facts.expected;
    let judged = facts.judged.as_ref();
    Scope {
        words: judged.map_or_else(String::new, |judged| judged.words.clone()),
        base: hex(facts.base),
        head: hex(facts.head),
        how: facts.how.clone().filter(|_| judged.is_some()),
        branch: judged.and_then(|judged| judged.branch.clone()),
        refs: judged.map_or_else(Vec::new, |_| facts.refs.clone()),
        commits_expected: expected,
        commits_judged: if judged.is_some() { expected.saturating_sub(facts.late) } else { 0 },
        commits_listed: facts.commits.len() <= Scope::LISTED,
        commits_digest: gatepost_evidence::digest(ids.concat().as_bytes()),
    }
}

/// Names out of commits: not of a run without a report, since nobody has looked whether a secret stands in them.
fn names(judged: Option<&Judged>, names: &std::collections::BTreeSet<String>) -> Vec<String> {
    let shown = judged.map(|_| names.iter().take(Scope::NAMES).cloned().collect());
    shown.unwrap_or_default()
}

/// Who acts: by the server, by the CI system, by the account.
fn actor(facts: &Facts, gate: &str, variables: &Variables) -> Actor {
    if gate == "pre-receive" {
        let known = facts.judged.as_ref().and_then(|judged| judged.actor.clone());
        return known.unwrap_or_else(|| Server::from_environment().actor());
    }
    if let Some(actor) = ci::platform(variables).and_then(|platform| ci_run::actor(platform, variables)) {
        return actor;
    }
    let account =
        ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| Some((name, variables.get(name)?)));
    account.map_or_else(Actor::unknown, |(source, name)| Actor {
        name: name.to_owned(),
        source: source.to_owned(),
        authenticated: false,
    })
}

/// How long to keep the record: what its content demands, or more where the flag says so.
fn retention(
    cli: &Cli,
    result: RunResult,
    judged: Option<&Judged>,
    now: gatepost_core::Timestamp,
) -> Retention {
    use crate::args::Retention as Class;
    let holds = |family: &str| {
        judged.is_some_and(|judged| judged.findings.listed.iter().any(|finding| finding.family == family))
    };
    let demanded = if result == RunResult::Bypassed || holds("GP-SEC") {
        Class::FiveYears
    } else if judged.is_some_and(|judged| judged.findings.suppressed > 0)
        || holds("GP-LOCK")
        || holds("GP-PIN")
    {
        Class::TwoYears
    } else {
        Class::Year
    };
    let class = cli.common.recording.evidence_retention.map_or(demanded, |asked| asked.max(demanded));
    let (class, days) = match class {
        Class::Year => ("12-months", 366),
        Class::TwoYears => ("2-years", 731),
        Class::FiveYears => ("5-years", 1827),
        Class::SevenYears => ("7-years", 2557),
    };
    let today = now.date();
    Retention { class: class.to_owned(), until: today.checked_add_days(days).unwrap_or(today) }
}

fn run_id() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::usage(
            format!("the run has no record: the system gives no random bytes: {error}"),
            "run it again",
        )
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// SHA-256 of the program that runs.
fn program_digest() -> Option<String> {
    let bytes = std::fs::read(std::env::current_exe().ok()?).ok()?;
    Some(gatepost_evidence::digest(&bytes))
}
