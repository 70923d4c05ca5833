//! `gatepost baseline`: accept the secrets that are there today, so that an old repository can have the gate on its
//! first day.

mod attributes;
mod words;

pub(crate) use words::render_errors;
#[cfg(test)]
pub(crate) use words::{create, diff};

use crate::args::{BaselineWhat, Cli};
use crate::exit::Failure;
use crate::output::{print, replace};
use crate::policy_source::PolicySource;
use crate::session::Session;
use crate::{fingerprint_key, finish, repo, scan};
use gatepost_core::Stage;
use std::path::Path;
use std::process::ExitCode;

/// `gatepost baseline`.
///
/// # Errors
///
/// Whatever keeps the history from being scanned whole: a baseline of half a history would hide nothing and promise
/// everything.
pub(crate) fn run(cli: &Cli, what: BaselineWhat) -> Result<ExitCode, Failure> {
    if matches!(what, BaselineWhat::Key) {
        print(&format!("{}\n", fingerprint_key::draw()?))?;
        return Ok(ExitCode::SUCCESS);
    }
    if cli.common.min_confidence.is_some() || cli.common.min_severity.is_some() {
        return Err(Failure::usage(
            "a baseline of some of the secrets would drop the others",
            "leave --min-confidence and --min-severity to `gatepost scan`",
        ));
    }
    let repository = repo::open()?;
    let repository = repository.as_ref();
    let mut session = Session::new(cli, Stage::Scan, PolicySource::WorkTree(Some(repository)))?;
    let path = session.settings.baseline_path.clone().ok_or_else(|| {
        Failure::usage(
            "a bare repository has no place for a baseline",
            "run this in a clone with a work tree",
        )
    })?;
    let old = session.settings.baseline.take();
    if matches!(what, BaselineWhat::Create) && old.is_some() {
        return Err(Failure::usage(
            format!("{} is there already", path.display()),
            "`gatepost baseline diff` shows what changed, `gatepost baseline update` takes it over",
        ));
    }
    let mut collected = scan::collect_history(&session, repository, false, None)?;
    collected.absorb(scan::collect_staged(&session, repository)?);
    let report = finish::report(&session, collected, "the whole history and the index".to_owned());
    if !report.is_complete() {
        session.outputs.write(&report)?;
        return Ok(finish::exit_code(&session, &report));
    }
    let difference = old.unwrap_or_default().diff(&report.findings);
    if matches!(what, BaselineWhat::Diff) {
        print(&words::diff(&difference))?;
        return Ok(ExitCode::from(u8::from(!difference.added.is_empty() || !difference.gone.is_empty())));
    }
    let attributes = repository.info().work_tree.as_deref().map(|root| attributes::ensure(root, &path));
    let attributes = attributes.transpose()?.flatten();
    replace(&path, words::create(&report.findings).as_bytes()).map_err(|error| unwritable(&path, &error))?;
    print(&words::written(&path, report.findings.len(), &difference))?;
    print(&attributes.unwrap_or_default())?;
    if matches!(what, BaselineWhat::Create) && session.policy().text("secrets.fingerprint-key").is_none() {
        print(words::WITHOUT_A_KEY)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot write {}: {error}", path.display()), "check the folder's permissions")
}
