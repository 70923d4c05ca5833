//! The policy that a change leaves behind. What the next run could not obey is refused now, whatever the levels say: else the
//! change that mends it would be refused as well, and nobody could push any more.

use crate::args::Cli;
use crate::exit::Failure;
use crate::failure;
use crate::policy_source::{self, PolicySource, Settings};
use crate::repository_policy;
use crate::rules;
use crate::session::Session;
use crate::settings::{EXCEPTIONS_FILE, FILE_NAMES};
use gatepost_core::check::Context;
use gatepost_core::policy::{Origin, PolicyError};
use gatepost_core::{Gate, ObjectId, RepoPath};
use gatepost_source::Repository;
use std::process::ExitCode;

/// What errors about the policy of a change say of where it comes from.
pub(crate) const CHANGE: &str = "the change";

/// The end of a run that has its report: what is wrong with the next policy is said below it, and refuses by itself.
///
/// # Errors
///
/// What is wrong, where nothing else refused.
pub(crate) fn end(cli: &Cli, next: Result<(), Failure>, code: ExitCode) -> Result<ExitCode, Failure> {
    match next {
        Ok(()) => Ok(code),
        Err(failure) if code == ExitCode::SUCCESS => Err(failure),
        Err(failure) => {
            failure::say(&failure, &cli.common.output);
            Ok(code)
        }
    }
}

/// Loads the policy at `after` as the next run will, where it is not the one at `before`.
///
/// # Errors
///
/// Whatever is wrong with it, with a word about why it matters now.
pub(crate) fn check(
    cli: &Cli,
    session: &Session,
    repository: &dyn Repository,
    before: Option<ObjectId>,
    after: ObjectId,
) -> Result<(), Failure> {
    if let Some(on_top) = &session.settings.on_top {
        let key = session.settings.fingerprint_key.as_ref();
        let checked = repository_policy::check_next(on_top, repository, after, session.stage, key);
        return checked.map_err(|failure| with_reason(failure, uncounted(after)));
    }
    let elsewhere = cli.common.config.is_some() || cli.common.no_config;
    if elsewhere || !is_changed(session, repository, before, after)? {
        return Ok(());
    }
    let loaded = policy_source::load(&cli.common, session.stage, PolicySource::Revision(repository, after));
    let built = loaded.and_then(|settings| build(session, &settings));
    built.map_err(|failure| with_reason(failure, why(after)))
}

/// Puts a word about why it matters before what is wrong with a policy.
fn with_reason(failure: Failure, reason: PolicyError) -> Failure {
    match failure {
        Failure::Policy(mut errors) => {
            errors.insert(0, reason);
            Failure::Policy(errors)
        }
        other => other,
    }
}

fn build(session: &Session, settings: &Settings) -> Result<(), Failure> {
    let broken = rules::broken(&settings.found.policy);
    if !broken.is_empty() {
        return Err(broken.into());
    }
    let context = session.context(&settings.found.policy);
    Gate::new(&Context { fingerprint_key: settings.fingerprint_key.as_ref(), ..context })?;
    Ok(())
}

/// Whether one of the files that the policy was made of, or can be made of, is another one.
fn is_changed(
    session: &Session,
    repository: &dyn Repository,
    before: Option<ObjectId>,
    after: ObjectId,
) -> Result<bool, Failure> {
    let layers = session.settings.found.layers.iter().filter_map(|layer| match &layer.origin {
        // With a repository in front it is a pinned file, which no change alters.
        Origin::Revision { path, .. } => path.rsplit(':').next(),
        _ => None,
    });
    // A file more in a folder of rules is a change of the policy too, and so is another key in a file of them.
    let found = &session.settings.found;
    if !found.rule_files.is_empty() || !found.trust_files.is_empty() {
        return Ok(true);
    }
    let baseline = policy_source::baseline_name(session.policy());
    let names = FILE_NAMES.into_iter().chain([EXCEPTIONS_FILE, &baseline]).chain(layers);
    for name in names {
        let path = RepoPath::from(name);
        let old = before.map(|commit| repository.entry(&commit, &path)).transpose()?.flatten();
        if old != repository.entry(&after, &path)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn why(commit: ObjectId) -> PolicyError {
    cannot_be_obeyed(
        commit,
        "mend it first (`gatepost config check` in a clone): after it every change would be refused",
    )
}

/// Of a policy that only adds to the server's.
fn uncounted(commit: ObjectId) -> PolicyError {
    cannot_be_obeyed(
        commit,
        "mend it first (`gatepost config check` in a clone): after it nothing of it would count beside the server's policy",
    )
}

fn cannot_be_obeyed(commit: ObjectId, help: &str) -> PolicyError {
    PolicyError {
        origin: Origin::Revision { commit: commit.to_string(), path: CHANGE.to_owned() },
        line: None,
        column: None,
        source_line: None,
        message: "the policy that this change leaves behind cannot be obeyed".to_owned(),
        help: Some(help.to_owned()),
    }
}
