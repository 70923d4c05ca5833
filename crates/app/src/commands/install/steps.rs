//! What `install` and `uninstall` did, as data and in words.

use super::hook::Hook;
use super::manager::Kind;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Everything that was done, and whether all that was asked for is done.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// What was done, in order.
    pub steps: Vec<Step>,
    /// Whether something that was asked for was not done: exit code 2.
    pub failed: bool,
}

/// One thing that was done or found.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Step {
    /// A hook file was written where none was.
    Wrote {
        /// The hook.
        hook: Hook,
        /// Its file.
        path: PathBuf,
    },
    /// A hook file of ours was written anew.
    Updated {
        /// The hook.
        hook: Hook,
        /// Its file.
        path: PathBuf,
        /// The binary that it ran.
        was: Option<String>,
    },
    /// The hook is there and as it should be.
    AlreadyInstalled {
        /// The hook.
        hook: Hook,
        /// Its file.
        path: PathBuf,
    },
    /// A hook that was there first was moved aside, to be run before ours.
    Moved {
        /// The hook.
        hook: Hook,
        /// Where it was.
        from: PathBuf,
        /// Where it is.
        to: PathBuf,
        /// Whether Git would have run it: it was executable.
        runs: bool,
    },
    /// The hook manager's file runs gatepost already.
    Managed {
        /// The hook.
        hook: Hook,
        /// The manager's file.
        file: PathBuf,
    },
    /// A hook manager is at work: these lines belong into its file. Nothing was touched.
    AddLines {
        /// The manager.
        manager: Kind,
        /// How it was recognised.
        sign: String,
        /// Its file.
        file: PathBuf,
        /// What to add.
        lines: String,
    },
    /// A hook of ours was deleted.
    Removed {
        /// The hook.
        hook: Hook,
        /// Its file.
        path: PathBuf,
    },
    /// A hook of ours was deleted and the one that was there first put back.
    Restored {
        /// The hook.
        hook: Hook,
        /// Where it was kept.
        from: PathBuf,
        /// Where it is again.
        path: PathBuf,
    },
    /// There is no hook of ours.
    NothingToRemove {
        /// Where we looked.
        directory: PathBuf,
    },
    /// A hook manager's file still runs gatepost.
    StillManaged {
        /// The manager.
        manager: Kind,
        /// Its file.
        file: PathBuf,
    },
    /// Something could not be done; nothing after it was tried.
    Failed {
        /// What, and why.
        what: String,
        /// What to do about it.
        fix: String,
    },
}

impl Outcome {
    pub(super) fn failed(what: String, fix: String) -> Self {
        Self { steps: vec![Step::Failed { what, fix }], failed: true }
    }

    pub(super) fn fail(mut self, path: &Path, what: &str, error: &io::Error) -> Self {
        self.failed = true;
        self.steps.push(Step::Failed {
            what: format!("{} {what}: {error}", path.display()),
            fix: "mend that and run the command again; doing it twice does no harm".to_owned(),
        });
        self
    }

    /// The exit code: 0 when everything that was asked for is done, 2 otherwise.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        if self.failed { 2 } else { 0 }
    }
}

/// Writes what was done, one line a step.
///
/// # Errors
///
/// When `out` cannot be written.
pub fn render(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    for step in &outcome.steps {
        render_step(step, out)?;
    }
    Ok(())
}

fn render_step(step: &Step, out: &mut dyn Write) -> io::Result<()> {
    match step {
        Step::Wrote { hook, path } => writeln!(out, "{hook}: installed, {}", path.display()),
        Step::Updated { hook, path, was: Some(was) } => {
            writeln!(out, "{hook}: updated, {} (it ran {was})", path.display())
        }
        Step::Updated { hook, path, was: None } => writeln!(out, "{hook}: updated, {}", path.display()),
        Step::AlreadyInstalled { hook, path } => {
            writeln!(out, "{hook}: already installed, {}", path.display())
        }
        Step::Moved { hook, from, to, runs } => {
            let then = if *runs {
                "it runs first, with the same arguments and input, and stops everything when it fails"
            } else {
                "it was not executable, so Git did not run it and neither does gatepost"
            };
            writeln!(out, "{hook}: your own hook {} is kept as {}; {then}", from.display(), to.display())
        }
        Step::Managed { hook, file } => writeln!(out, "{hook}: already installed, by {}", file.display()),
        Step::AddLines { manager, sign, file, lines } => {
            let name = manager.name();
            writeln!(
                out,
                "not installed: {name} manages the hooks of this repository ({sign}).\n\
                 Add to {}:\n\n{lines}\n\
                 Nothing was changed. To put gatepost into the hooks directory all the same, before {name} writes it \
                 again: gatepost install --force",
                file.display()
            )
        }
        Step::Removed { hook, path } => writeln!(out, "{hook}: removed, {}", path.display()),
        Step::Restored { hook, from, path } => {
            writeln!(out, "{hook}: removed; your own hook {} is {} again", from.display(), path.display())
        }
        Step::NothingToRemove { directory } => {
            writeln!(out, "nothing to remove: no hook in {} is gatepost's", directory.display())
        }
        Step::StillManaged { manager, file } => writeln!(
            out,
            "{} still runs gatepost: its lines in {} are yours to take out",
            manager.name(),
            file.display()
        ),
        Step::Failed { what, fix } => writeln!(out, "error: {what}\n  help: {fix}"),
    }
}
