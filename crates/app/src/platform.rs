//! What only one kind of system has: the single module that calls Unix by name.
//!
//! Everywhere else gatepost is written against `std` as all systems have it. Windows runs hooks through the shell
//! that comes with Git and knows no executable bit, so there a hook is executable when it is a file.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Lets `command` take the place of this process (Unix), or runs it and hands back its exit code.
///
/// # Errors
///
/// When the program cannot be started.
pub fn become_command(command: &mut Command) -> io::Result<ExitCode> {
    imp::become_command(command)
}

/// Whether Git would run the file at `path`: there, a file, and executable.
#[must_use]
pub fn is_executable(path: &Path) -> bool {
    imp::is_executable(path)
}

/// Makes the file at `path` executable by everybody who may read it.
///
/// # Errors
///
/// When its permissions cannot be read or set.
pub fn make_executable(path: &Path) -> io::Result<()> {
    imp::make_executable(path)
}

/// Makes a symbolic link at `link` that leads to `file`.
///
/// # Errors
///
/// When it cannot be made.
pub fn link(file: &Path, link: &Path) -> io::Result<()> {
    imp::link(file, link)
}

/// A file that is made with these options is its owner's alone; where the system has no such permissions, whoever may read its
/// folder may read it.
pub fn for_the_owner_alone(options: &mut OpenOptions) {
    imp::for_the_owner_alone(options);
}

#[cfg(unix)]
mod imp {
    use super::{Command, ExitCode, OpenOptions, Path, io};
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    use std::os::unix::process::CommandExt;

    pub(super) fn become_command(command: &mut Command) -> io::Result<ExitCode> {
        Err(command.exec())
    }

    pub(super) fn is_executable(path: &Path) -> bool {
        std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    }

    pub(super) fn link(file: &Path, link: &Path) -> io::Result<()> {
        std::os::unix::fs::symlink(file, link)
    }

    pub(super) fn for_the_owner_alone(options: &mut OpenOptions) {
        options.mode(0o600);
    }

    pub(super) fn make_executable(path: &Path) -> io::Result<()> {
        let mut permissions = std::fs::metadata(path)?.permissions();
        let mode = permissions.mode();
        // Whoever may read may run: r bits, two places to the right, are x bits.
        permissions.set_mode(mode | ((mode & 0o444) >> 2));
        std::fs::set_permissions(path, permissions)
    }
}

#[cfg(not(unix))]
mod imp {
    use super::{Command, ExitCode, OpenOptions, Path, io};

    pub(super) fn become_command(command: &mut Command) -> io::Result<ExitCode> {
        let status = command.status()?;
        // An exit code outside 0..=255 is a crash: never a pass.
        Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(2)))
    }

    pub(super) fn is_executable(path: &Path) -> bool {
        path.is_file()
    }

    pub(super) fn link(_: &Path, _: &Path) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "servers with shared hooks have links"))
    }

    pub(super) fn for_the_owner_alone(_: &mut OpenOptions) {}

    pub(super) fn make_executable(_: &Path) -> io::Result<()> {
        Ok(())
    }
}
