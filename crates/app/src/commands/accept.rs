//! `gatepost baseline`: accept the secrets that are there today, so that an old repository can have the gate on its
//! first day.

use super::baseline;
use crate::args::{BaselineWhat, Cli};
use crate::exit::Failure;
use crate::output::{print, replace};
use crate::policy_source::PolicySource;
use crate::session::Session;
use crate::{finish, repo, scan};
use gatepost_core::Stage;
use std::process::ExitCode;

/// `gatepost baseline`.
///
/// # Errors
///
/// Whatever keeps the history from being scanned whole: a baseline of half a history would hide nothing and promise
/// everything.
pub(crate) fn run(cli: &Cli, what: BaselineWhat) -> Result<ExitCode, Failure> {
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
    let mut collected = scan::collect_history(&session, repository, false)?;
    collected.absorb(scan::collect_staged(&session, repository)?);
    let report = finish::report(&session, collected, "the whole history and the index".to_owned());
    if !report.is_complete() {
        session.outputs.write(&report)?;
        return Ok(finish::exit_code(&session, &report));
    }
    let difference = old.unwrap_or_default().diff(&report.findings);
    let changes = difference.added.len() + difference.gone.len();
    match what {
        BaselineWhat::Diff => {
            print(&baseline::diff(&difference))?;
            Ok(ExitCode::from(u8::from(changes > 0)))
        }
        BaselineWhat::Create | BaselineWhat::Update => {
            replace(&path, baseline::create(&report.findings).as_bytes()).map_err(|error| {
                Failure::usage(
                    format!("cannot write {}: {error}", path.display()),
                    "check the folder's permissions",
                )
            })?;
            print(&format!(
                "wrote {}: {} accepted ({} new, {} gone). What is in it still counts as leaked: rotate it, then \
                 `gatepost baseline update`.\n",
                path.display(),
                match report.findings.len() {
                    1 => "1 finding".to_owned(),
                    count => format!("{count} findings"),
                },
                difference.added.len(),
                difference.gone.len()
            ))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
