//! Where a server looks for the hooks of a repository.

use crate::server::{self, Place};
use std::path::{Path, PathBuf};

/// The hook of one repository.
#[derive(Debug)]
pub(super) struct HookPlace {
    /// The server, for people.
    pub(super) server: &'static str,
    /// The file that is to be ours.
    pub(super) file: PathBuf,
    /// A link to it that the repository needs as well.
    pub(super) link: Option<PathBuf>,
    /// Whether there is only this one file, so that whoever comes second must run the first.
    pub(super) alone: bool,
}

/// Where the hook of a repository belongs.
///
/// # Errors
///
/// Why it cannot be there, and what to do.
pub(super) fn of(repository: &Path, platform: &str) -> Result<HookPlace, (String, String)> {
    let platform = server::of_repository(repository, platform);
    let own = repository.join("hooks/pre-receive");
    match platform.place {
        Place::Hook => Ok(HookPlace { server: platform.name, file: own, link: None, alone: true }),
        Place::Folder(folder) => {
            let file = repository.join(folder).join("gatepost");
            Ok(HookPlace { server: platform.name, file, link: None, alone: false })
        }
        Place::BesideUpdate => {
            let update = repository.join("hooks/update");
            let common = std::fs::read_link(&update).ok().and_then(|to| Some(to.parent()?.to_owned()));
            let common =
                common.filter(|common| common.is_absolute() && common.is_dir()).ok_or_else(|| {
                    (
                        format!("hooks/update is no link to the hooks of {}", platform.name),
                        "run `gitolite setup --hooks-only` first, or name another server with --platform"
                            .to_owned(),
                    )
                })?;
            let file = common.join("pre-receive");
            Ok(HookPlace { server: platform.name, file, link: Some(own), alone: true })
        }
        Place::Elsewhere(how) => {
            Err((format!("{} takes no hooks from a folder", platform.name), how.to_owned()))
        }
    }
}
