//! `gatepost init` and `gatepost config`: from flags to a policy on the screen or on the disk.

use super::{config, init};
use crate::args::{Cli, ConfigWhat};
use crate::exit::Failure;
use crate::output::{print, replace};
use crate::policy_source::PolicySource;
use crate::session::Session;
use crate::settings::FILE_NAMES;
use crate::{fingerprint_key, repo, rules};
use gatepost_core::Gate;
use gatepost_core::Stage;
use gatepost_core::check::Context;
use gatepost_core::policy::{PRESETS, Schema};
use std::path::{Path, PathBuf};
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
    let text = init::text(&Schema::built_in(), preset, &fingerprint_key::draw()?)
        .map_err(|what| Failure::usage(what, "gatepost init"))?;
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
    match what {
        ConfigWhat::Preset { name } => return preset(name.as_deref()),
        ConfigWhat::Schema => {
            print(&config::schema::text(&Schema::built_in()))?;
            return Ok(ExitCode::SUCCESS);
        }
        ConfigWhat::Migrate { file, write, reason } => {
            return migrate(file.as_deref(), *write, reason.as_deref());
        }
        ConfigWhat::Show { .. } | ConfigWhat::Check { .. } => {}
    }
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
    let broken = rules::broken(session.policy());
    if !broken.is_empty() {
        return Err(broken.into());
    }
    // Building the checks compiles every pattern: what only a check can see is checked too.
    let overlays = 0..session.policy().overlays().len();
    let overlaid = overlays.map(|index| session.policy().with_overlays(&[index]));
    for policy in std::iter::once(session.policy().clone()).chain(overlaid) {
        for stage in Stage::ALL {
            Gate::new(&Context { stage: *stage, ..session.context(&policy) })?;
        }
    }
    match what {
        ConfigWhat::Show { origin } => print(&config::show(session.policy(), *origin))?,
        ConfigWhat::Check { .. } => {
            print(&config::check(&session.settings.found, session.now.date()))?;
        }
        ConfigWhat::Preset { .. } | ConfigWhat::Schema | ConfigWhat::Migrate { .. } => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// `gatepost config preset`.
fn preset(name: Option<&str>) -> Result<ExitCode, Failure> {
    let text = match name {
        Some(name) => {
            let preset = init::find(name).map_err(|what| Failure::usage(what, "gatepost config presets"))?;
            preset.text.to_owned()
        }
        None => {
            let width = PRESETS.iter().map(|preset| preset.name.len()).max().unwrap_or_default();
            let rows = PRESETS.iter().map(|preset| format!("{:<width$} {}\n", preset.name, preset.summary()));
            let how = "\nPrint one: gatepost config preset NAME. Build on one: extends = [\"preset:NAME\"] in gatepost.toml.\n";
            rows.chain([how.to_owned()]).collect()
        }
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// `gatepost config migrate`.
fn migrate(file: Option<&Path>, write: bool, reason: Option<&str>) -> Result<ExitCode, Failure> {
    let path = match file {
        Some(file) => file.to_owned(),
        None => policy_file()?,
    };
    let read = |error: std::io::Error| {
        Failure::usage(format!("cannot read {}: {error}", path.display()), "name a policy file")
    };
    let old = std::fs::read_to_string(&path).map_err(read)?;
    let migrated = config::migrate::migrate(&old, reason)
        .map_err(|what| Failure::usage(format!("{}: {what}", path.display()), "mend it by hand first"))?;
    if write && migrated.text != old {
        replace(&path, migrated.text.as_bytes()).map_err(|error| {
            Failure::usage(
                format!("cannot write {}: {error}", path.display()),
                "check the file's permissions",
            )
        })?;
    }
    print(&config::migrate::said(&migrated, &path.display().to_string(), write))?;
    // Without --write, what is left to do is told by the code, as in `baseline diff`.
    let open = !migrated.left.is_empty() || (!write && migrated.text != old);
    Ok(ExitCode::from(u8::from(open)))
}

/// The policy file of the repository that one is in, or of the current folder.
fn policy_file() -> Result<PathBuf, Failure> {
    let repository = repo::open_if_any()?;
    let root = repository.as_ref().and_then(|repository| repository.info().work_tree.clone());
    let root = root.unwrap_or_else(|| PathBuf::from("."));
    FILE_NAMES.iter().map(|name| root.join(name)).find(|path| path.exists()).ok_or_else(|| {
        Failure::usage("there is no policy file here", "name one: gatepost config migrate FILE")
    })
}
