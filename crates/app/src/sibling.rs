//! The hook binaries: each becomes the `gatepost` beside it.
//!
//! Five copies of the engine would make an install five times as large and as slow to build. A hook binary is
//! therefore a name and nothing else: `gatepost-commit-msg FILE` is `gatepost run commit-msg FILE`, in the same
//! process where the system allows it, with the standard streams and the environment untouched. It takes the
//! `gatepost` from its own directory and never one from PATH, so that a hook runs the version it was installed with.

use crate::server::Server;
use crate::{output, platform, voice};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Runs `gatepost run <stage>` with this process's arguments. Comes back only when that could not be done, or on
/// systems where a process cannot become another one.
#[must_use]
pub fn run(stage: &str) -> ExitCode {
    match std::env::current_exe().and_then(|own| start(&own, stage, std::env::args_os().skip(1))) {
        Ok(code) => code,
        Err(error) => {
            if stage == "pre-receive" {
                voice::to_pusher(Server::from_environment().prefix);
            }
            output::say(&format!(
                "gatepost: the {stage} gate could not start: {error}\n  \
                 help: the hook binaries need `gatepost` in their own directory; install all five again \
                 (`cargo install --locked --path .` in a clone of gatepost)"
            ));
            ExitCode::from(2)
        }
    }
}

fn start(own: &Path, stage: &str, arguments: impl Iterator<Item = OsString>) -> io::Result<ExitCode> {
    let gatepost = beside(own)?;
    let mut command = Command::new(&gatepost);
    command.arg("run").arg(stage).args(arguments);
    platform::become_command(&mut command)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", gatepost.display())))
}

/// The `gatepost` in the directory where `own` really is (a symbolic link to a hook binary is followed).
fn beside(own: &Path) -> io::Result<PathBuf> {
    let own = own.canonicalize()?;
    let name = format!("gatepost{}", std::env::consts::EXE_SUFFIX);
    let gatepost = own.with_file_name(name);
    if gatepost.is_file() {
        return Ok(gatepost);
    }
    Err(io::Error::new(io::ErrorKind::NotFound, format!("there is no {}", gatepost.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sibling_is_looked_for_where_the_binary_really_is() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().canonicalize().unwrap();
        let own = root.join("gatepost-pre-commit");
        std::fs::write(&own, "").unwrap();
        let error = beside(&own).unwrap_err().to_string();
        assert!(error.contains("there is no") && error.contains("gatepost"), "{error}");
        let sibling = root.join(format!("gatepost{}", std::env::consts::EXE_SUFFIX));
        std::fs::write(&sibling, "").unwrap();
        assert_eq!(beside(&own).unwrap(), sibling);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_hook_binary_is_followed() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().canonicalize().unwrap();
        let real = root.join("real");
        std::fs::create_dir(&real).unwrap();
        std::fs::write(real.join("gatepost-pre-commit"), "").unwrap();
        std::fs::write(real.join("gatepost"), "").unwrap();
        let link = root.join("pre-commit");
        std::os::unix::fs::symlink(real.join("gatepost-pre-commit"), &link).unwrap();
        assert_eq!(beside(&link).unwrap(), real.join("gatepost"));
    }
}
