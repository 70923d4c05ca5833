//! `gatepost install` and `gatepost uninstall`: the hooks of one repository.
//!
//! Rules of the house: nobody's hook is overwritten, every file that changes is named, doing it twice changes
//! nothing, and what cannot be done is said together with what to do instead. The functions return what they did as
//! data; [`render`] turns it into words.

mod hook;
mod manager;
mod place;
mod steps;

pub(crate) use hook::quoted;
pub use hook::{BEFORE_SUFFIX, Hook, MARKER, binary_of, is_ours, script};
pub use manager::{Kind as ManagerKind, Manager, detect as detect_manager};
pub use place::HooksPlace;
pub use steps::{Outcome, Step, render};

use crate::platform;
use gatepost_source::Repository;
use std::io;
use std::path::{Path, PathBuf};

/// What the hook commands need to know about the world.
pub struct Context<'a> {
    /// The repository.
    pub repository: &'a dyn Repository,
    /// The gatepost binary that hooks shall run, absolute ([`own_binary`]).
    pub binary: &'a Path,
    /// The user's home directory.
    pub home: Option<&'a Path>,
}

/// What the user asked `install` for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The hooks to install.
    pub hooks: Vec<Hook>,
    /// Install even where a hook manager is at work or the hooks directory is not the repository's own.
    pub force: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { hooks: Hook::ALL.to_vec(), force: false }
    }
}

/// The path of this very program that will last: the entry of `search_path` (the value of PATH) that leads to it, else
/// the program's own place.
///
/// Package managers put a link into PATH that stays, and behind it a directory with the version in its name that
/// goes with the next update.
///
/// # Errors
///
/// When the system does not say where the program is.
pub fn own_binary(search_path: Option<&std::ffi::OsStr>) -> io::Result<PathBuf> {
    let own = std::env::current_exe()?.canonicalize()?;
    let name = format!("gatepost{}", std::env::consts::EXE_SUFFIX);
    let linked = search_path.into_iter().flat_map(std::env::split_paths).find_map(|directory| {
        let candidate = directory.join(&name);
        (candidate.is_absolute() && candidate.canonicalize().is_ok_and(|real| real == own))
            .then_some(candidate)
    });
    Ok(linked.unwrap_or(own))
}

/// Installs hooks.
#[must_use]
pub fn install(context: &Context<'_>, options: &Options) -> Outcome {
    let place = match HooksPlace::of(context.repository, context.home) {
        Ok(place) => place,
        Err(error) => return Outcome::failed(error.message, error.fix),
    };
    let info = context.repository.info();
    let root = info.work_tree.as_deref();
    if !options.force {
        // A bare repository with linked work trees lends them its hooks.
        if root.is_none() && !info.common_dir.join("worktrees").exists() {
            return Outcome::failed(
                "a bare repository: nobody commits or pushes here, so these hooks would never run".to_owned(),
                "the gate of a server is pre-receive: gatepost server install --repo .".to_owned(),
            );
        }
        if let Some(manager) = detect_manager(&place, root) {
            return defer(&manager, &options.hooks);
        }
        if let (false, Some(configured)) = (place.inside, &place.configured) {
            return Outcome::failed(
                format!(
                    "`core.hooksPath` is `{configured}`: the hooks of this repository are in {}, which other \
                     repositories share",
                    place.directory.display()
                ),
                "to keep hooks in this repository: `git config --local core.hooksPath .git/hooks` and then `gatepost \
                 install`; to gate every repository that shares the folder: `gatepost install --force`"
                    .to_owned(),
            );
        }
    }
    let mut outcome = Outcome::default();
    if let Err(error) = std::fs::create_dir_all(&place.directory) {
        return outcome.fail(&place.directory, "cannot be made", &error);
    }
    for &hook in &options.hooks {
        if let Err((path, error)) = install_one(hook, &place.directory, context.binary, &mut outcome.steps) {
            return outcome.fail(&path, "cannot be written", &error);
        }
    }
    outcome
}

/// Leaves the hooks to the manager that is there.
fn defer(manager: &Manager, hooks: &[Hook]) -> Outcome {
    let (there, missing): (Vec<Hook>, Vec<Hook>) =
        hooks.iter().partition(|hook| manager.runs_gatepost(**hook));
    let mut outcome = Outcome::default();
    outcome.steps.extend(there.into_iter().map(|hook| Step::Managed { hook, file: manager.file.clone() }));
    if !missing.is_empty() {
        outcome.failed = true;
        outcome.steps.push(Step::AddLines {
            manager: manager.kind,
            sign: manager.sign.clone(),
            file: manager.file.clone(),
            lines: manager.lines(&missing),
        });
    }
    outcome
}

type Trouble = (PathBuf, io::Error);

fn install_one(hook: Hook, directory: &Path, binary: &Path, steps: &mut Vec<Step>) -> Result<(), Trouble> {
    let path = directory.join(hook.name());
    let before = beside(&path);
    let wanted = script(hook, binary);
    let at = |path: &Path| {
        let path = path.to_path_buf();
        move |error| (path, error)
    };
    match read_hook(&path).map_err(at(&path))? {
        None => {
            write(&path, &wanted).map_err(at(&path))?;
            steps.push(Step::Wrote { hook, path });
        }
        Some(text) if text == wanted && platform::is_executable(&path) => {
            steps.push(Step::AlreadyInstalled { hook, path });
        }
        Some(text) if is_ours(&text) => {
            write(&path, &wanted).map_err(at(&path))?;
            steps.push(Step::Updated { hook, path, was: binary_of(&text) });
        }
        Some(_) => {
            if before.symlink_metadata().is_ok() {
                let error = "a hook that was moved there earlier is still in the way; join the two by hand";
                return Err((before, io::Error::new(io::ErrorKind::AlreadyExists, error)));
            }
            let runs = platform::is_executable(&path);
            std::fs::rename(&path, &before).map_err(at(&path))?;
            // Without the new hook the old one must not be left out of the way.
            if let Err(error) = write(&path, &wanted) {
                let _ = std::fs::remove_file(&path);
                let _ = std::fs::rename(&before, &path);
                return Err((path, error));
            }
            steps.push(Step::Moved { hook, from: path.clone(), to: before, runs });
            steps.push(Step::Wrote { hook, path });
        }
    }
    Ok(())
}

/// Takes our hooks away again, whichever of the three there are.
#[must_use]
pub fn uninstall(context: &Context<'_>) -> Outcome {
    let place = match HooksPlace::of(context.repository, context.home) {
        Ok(place) => place,
        Err(error) => return Outcome::failed(error.message, error.fix),
    };
    let mut outcome = Outcome::default();
    for hook in Hook::ALL {
        if let Err((path, error)) = uninstall_one(hook, &place.directory, &mut outcome.steps) {
            return outcome.fail(&path, "cannot be taken away", &error);
        }
    }
    if outcome.steps.is_empty() {
        outcome.steps.push(Step::NothingToRemove { directory: place.directory.clone() });
    }
    let root = context.repository.info().work_tree.as_deref();
    if let Some(manager) = detect_manager(&place, root)
        && Hook::ALL.into_iter().any(|hook| manager.runs_gatepost(hook))
    {
        outcome.steps.push(Step::StillManaged { manager: manager.kind, file: manager.file });
    }
    outcome
}

fn uninstall_one(hook: Hook, directory: &Path, steps: &mut Vec<Step>) -> Result<(), Trouble> {
    let path = directory.join(hook.name());
    let before = beside(&path);
    match read_hook(&path) {
        Ok(Some(text)) if is_ours(&text) => {}
        Ok(_) => return Ok(()),
        Err(error) => return Err((path, error)),
    }
    if before.symlink_metadata().is_ok() {
        // Renaming over our hook leaves no moment without a hook.
        std::fs::rename(&before, &path).map_err(|error| (before.clone(), error))?;
        steps.push(Step::Restored { hook, from: before, path });
    } else {
        std::fs::remove_file(&path).map_err(|error| (path.clone(), error))?;
        steps.push(Step::Removed { hook, path });
    }
    Ok(())
}

/// `<hook>.before-gatepost`.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(BEFORE_SUFFIX);
    path.with_file_name(name)
}

/// The bytes of the hook file; `None` when there is nothing, not even a link that leads nowhere.
fn read_hook(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(_) if path.symlink_metadata().is_ok_and(|meta| meta.is_symlink()) && !path.exists() => {
            Ok(Some(Vec::new()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a hook so that at every moment either the old file or the whole new one is there.
fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".gatepost-{}", std::process::id()));
    let new = path.with_file_name(name);
    let result = std::fs::write(&new, text)
        .and_then(|()| platform::make_executable(&new))
        .and_then(|()| std::fs::rename(&new, path));
    if result.is_err() {
        let _ = std::fs::remove_file(&new);
    }
    result
}

#[cfg(test)]
mod tests;
