//! The policy of a server's repository: a file of its own that points at the administrator's.

use crate::args::Cli;
use crate::exit::Failure;
use crate::policy_source::PolicySource;
use crate::session::Session;
use crate::settings::FILE_NAMES;
use gatepost_core::Stage;
use gatepost_source::Repository;
use std::path::{Path, PathBuf};

/// The first line of a file that we wrote.
const MARKER: &str = "# Written by `gatepost server install`";

/// A policy of the administrator's, which is sound.
pub(crate) struct Central {
    /// Its path, absolute.
    pub(crate) path: PathBuf,
    /// SHA-256 of what it says.
    pub(crate) digest: String,
}

/// Reads the policy that repositories shall go by.
///
/// # Errors
///
/// A policy that is broken, or not there.
pub(crate) fn central(cli: &Cli, file: &Path) -> Result<Central, Failure> {
    let path = file.canonicalize().map_err(|error| {
        Failure::usage(
            format!("cannot read the policy {}: {error}", file.display()),
            "name a file that is there: --policy /etc/gatepost.toml",
        )
    })?;
    let mut cli = without_reports(cli);
    cli.common.config = Some(path.clone());
    let session = Session::new(&cli, Stage::PreReceive, PolicySource::WorkTree(None))?;
    // Building the checks sees what the text alone does not say.
    session.gate(|_| true)?;
    Ok(Central { path, digest: session.settings.digest() })
}

/// The policy that a repository goes by, with every check built from it.
///
/// # Errors
///
/// A policy that is broken.
pub(crate) fn in_force(cli: &Cli, repository: &dyn Repository) -> Result<Session, Failure> {
    let session = Session::new(&without_reports(cli), Stage::PreReceive, PolicySource::Server(repository))?;
    session.gate(|_| true)?;
    Ok(session)
}

/// The flags of a command whose formats are not those of a report.
fn without_reports(cli: &Cli) -> Cli {
    let mut cli = cli.clone();
    cli.common.output.formats.clear();
    cli.common.output.outputs.clear();
    cli
}

/// The file that makes a repository go by `central`.
///
/// # Errors
///
/// A path that no policy can name.
pub(super) fn pointer(central: &Central) -> Result<String, (String, String)> {
    let path = central.path.to_str().ok_or_else(|| {
        (
            format!("the path of the policy is not UTF-8: {}", central.path.display()),
            "put the policy into a folder whose name is".to_owned(),
        )
    })?;
    let path = toml::Value::String(path.to_owned());
    Ok(format!(
        "{MARKER}: this repository goes by the policy of the server.\nschema = 1\nextends = [{path}]\n"
    ))
}

/// The policy file in a repository's own directory, its text, and whether we wrote it.
pub(super) fn there(repository: &Path) -> Option<(PathBuf, Option<String>)> {
    let path =
        FILE_NAMES.iter().map(|name| repository.join(name)).find(|path| path.symlink_metadata().is_ok())?;
    let text = std::fs::read_to_string(&path).ok();
    Some((path, text))
}

/// Whether we wrote a policy.
pub(super) fn is_ours(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.starts_with(MARKER))
}
