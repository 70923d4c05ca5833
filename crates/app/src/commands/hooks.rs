//! `gatepost install`, `uninstall` and `doctor`: from flags to what was done, in words.

use super::doctor::{self, Facts, PolicyFact};
use super::install::{self, Context, Hook, Options};
use crate::args::{Cli, HookName, Install};
use crate::exit::Failure;
use crate::policy_source::PolicySource;
use crate::session::Session;
use crate::{output, repo};
use gatepost_core::Stage;
use gatepost_core::check::CHECKS;
use std::path::PathBuf;
use std::process::ExitCode;

/// `gatepost install`.
///
/// # Errors
///
/// When there is no repository.
pub(crate) fn install(flags: &Install) -> Result<ExitCode, Failure> {
    let mut options = Options { force: flags.force, ..Options::default() };
    if !flags.hooks.is_empty() {
        options.hooks = flags
            .hooks
            .iter()
            .map(|hook| match hook {
                HookName::PreCommit => Hook::PreCommit,
                HookName::CommitMsg => Hook::CommitMsg,
                HookName::PrePush => Hook::PrePush,
            })
            .collect();
    }
    change(|context| install::install(context, &options))
}

/// `gatepost uninstall`.
///
/// # Errors
///
/// When there is no repository.
pub(crate) fn uninstall() -> Result<ExitCode, Failure> {
    change(install::uninstall)
}

fn change(act: impl FnOnce(&Context<'_>) -> install::Outcome) -> Result<ExitCode, Failure> {
    let repository = repo::open()?;
    let (binary, home) = (own_binary()?, home());
    let context = Context { repository: repository.as_ref(), binary: &binary, home: home.as_deref() };
    let outcome = act(&context);
    let mut text = Vec::new();
    install::render(&outcome, &mut text)
        .map_err(|error| Failure::usage(error.to_string(), "run it again"))?;
    output::print(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::from(if outcome.failed { 2 } else { 0 }))
}

/// `gatepost doctor`.
///
/// # Errors
///
/// When the program does not know where it is; everything else is a diagnosis.
pub(crate) fn doctor(cli: &Cli) -> Result<ExitCode, Failure> {
    let repository = gatepost_source::open(None);
    let (binary, home, git) = (own_binary()?, home(), doctor::git_version());
    let search_path = std::env::var_os("PATH");
    let source = PolicySource::WorkTree(repository.as_deref().ok());
    // Building the checks sees what the policy's text alone does not say, such as a missing key.
    let session = Session::new(cli, Stage::PreCommit, source)
        .and_then(|session| session.gate(|_| true).map(|_| session));
    let (policy, sections) = match &session {
        Ok(session) => (policy_fact(session), sections(session)),
        Err(failure) => (broken(failure), Vec::new()),
    };
    let mut diagnoses = doctor::diagnose(&Facts {
        repository: repository.as_deref(),
        binary: &binary,
        version: env!("CARGO_PKG_VERSION"),
        home: home.as_deref(),
        search_path: search_path.as_deref(),
        git_version: git.as_deref(),
        policy,
        sections: &sections,
    });
    if let (Ok(session), Ok(repository)) = (&session, &repository) {
        diagnoses.extend(doctor::hiding::diagnose(session, repository.as_ref()));
    }
    let mut text = Vec::new();
    doctor::render(&diagnoses, &mut text)
        .map_err(|error| Failure::usage(error.to_string(), "run it again"))?;
    output::print(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::from(doctor::exit_code(&diagnoses)))
}

fn policy_fact(session: &Session) -> PolicyFact {
    session.settings.file.clone().map_or(PolicyFact::BuiltIn, PolicyFact::File)
}

fn broken(failure: &Failure) -> PolicyFact {
    let (message, fix) = match failure {
        Failure::Usage { what, fix } => (what.clone(), fix.clone()),
        Failure::Source(error) => (error.message.clone(), error.fix.clone()),
        Failure::Rendered(text) => (text.clone(), "mend that file".to_owned()),
        Failure::Policy(errors) => (
            errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            "gatepost config check".to_owned(),
        ),
    };
    PolicyFact::Broken { message, fix }
}

/// What is on, at which level, at each of a developer's gates.
fn sections(session: &Session) -> Vec<(String, String)> {
    let stages = [Stage::PreCommit, Stage::CommitMsg, Stage::PrePush, Stage::PreReceive, Stage::Ci];
    CHECKS
        .iter()
        .filter_map(|check| {
            let levels = session.policy().levels(check.section)?;
            let at = |stage| levels.at(stage);
            let first = at(Stage::PreCommit);
            let words = if stages.iter().all(|stage| at(*stage) == first) {
                first.to_string()
            } else {
                stages.map(|stage| format!("{stage} {}", at(stage))).join(", ")
            };
            Some((check.section.to_owned(), words))
        })
        .collect()
}

fn own_binary() -> Result<PathBuf, Failure> {
    install::own_binary(std::env::var_os("PATH").as_deref()).map_err(|error| {
        Failure::usage(format!("cannot find the gatepost program itself: {error}"), "run it by its full path")
    })
}

fn home() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| !home.as_os_str().is_empty())
}
