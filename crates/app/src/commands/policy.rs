//! `gatepost init` and `gatepost config`: from flags to a policy on the screen or on the disk.

use super::{config, init};
use crate::args::{Cli, ConfigWhat};
use crate::exit::Failure;
use crate::output::{print, replace};
use crate::policy_source::PolicySource;
use crate::repo;
use crate::session::Session;
use crate::settings::FILE_NAMES;
use gatepost_core::Gate;
use gatepost_core::Stage;
use gatepost_core::check::Context;
use gatepost_core::policy::Schema;
use std::path::PathBuf;
use std::process::ExitCode;

/// `gatepost init`.
///
/// # Errors
///
/// When there is a policy already, or none can be written.
pub(crate) fn init(preset: &str) -> Result<ExitCode, Failure> {
    let repository = repo::open_if_any()?;
    let root = repository.as_ref().and_then(|repository| repository.info().work_tree.clone());
    let root = root.unwrap_or_else(|| PathBuf::from("."));
    if let Some(path) = FILE_NAMES.iter().map(|name| root.join(name)).find(|path| path.exists()) {
        return Err(Failure::usage(
            format!("{} is there already", path.display()),
            "edit it; `gatepost config show --origin` prints what is in force",
        ));
    }
    let text =
        init::text(&Schema::built_in(), preset).map_err(|what| Failure::usage(what, "gatepost init"))?;
    let path = root.join("gatepost.toml");
    replace(&path, text.as_bytes()).map_err(|error| {
        Failure::usage(format!("cannot write {}: {error}", path.display()), "check the folder's permissions")
    })?;
    print(&format!(
        "wrote {}: every setting with its default\nnext: `gatepost install` sets the hooks up; in a repository with old \
         secrets, `gatepost baseline create` accepts them\n",
        path.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// `gatepost config`.
///
/// # Errors
///
/// A policy that is broken: that is what it is asked for.
pub(crate) fn config(cli: &Cli, what: &ConfigWhat) -> Result<ExitCode, Failure> {
    let mut cli_of_file;
    let cli = match what {
        ConfigWhat::Check { file: Some(file) } => {
            cli_of_file = cli.clone();
            cli_of_file.common.config = Some(file.clone());
            &cli_of_file
        }
        _ => cli,
    };
    let repository = repo::open_if_any()?;
    let session = Session::new(cli, Stage::Scan, PolicySource::WorkTree(repository.as_deref()))?;
    // Building the checks compiles every pattern: what only a check can see is checked too.
    for stage in Stage::ALL {
        Gate::new(&Context { stage: *stage, ..session.context() })?;
    }
    match what {
        ConfigWhat::Show { origin } => print(&config::show(session.policy(), *origin))?,
        ConfigWhat::Check { .. } => {
            print(&config::check(&session.settings.found, session.now.date()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
