//! What only one kind of system has: the single module of this crate that calls Unix by name.

use std::path::{Path, PathBuf};

/// A new temporary directory that nobody else can look into. It goes when it is dropped.
pub(crate) fn private_directory() -> std::io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    imp::keep_private(builder.prefix("gatepost-"));
    builder.tempdir()
}

/// Makes a directory that nobody else can look into.
pub(crate) fn create_private(path: &Path) -> std::io::Result<()> {
    imp::create_private(path)
}

/// A path from the bytes that Git keeps it as. Where paths are not bytes, what is no text is replaced.
pub(crate) fn to_path(bytes: &[u8]) -> PathBuf {
    imp::to_path(bytes)
}

#[cfg(unix)]
mod imp {
    use std::ffi::OsStr;
    use std::fs::{DirBuilder, Permissions};
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    use std::path::{Path, PathBuf};

    /// What the owner may do, and nobody else.
    const OWNER: u32 = 0o700;

    pub(super) fn keep_private(builder: &mut tempfile::Builder<'_, '_>) {
        // Read by the builder when it makes the directory.
        builder.permissions(Permissions::from_mode(OWNER));
    }

    pub(super) fn create_private(path: &Path) -> std::io::Result<()> {
        DirBuilder::new().mode(OWNER).create(path)
    }

    pub(super) fn to_path(bytes: &[u8]) -> PathBuf {
        PathBuf::from(OsStr::from_bytes(bytes))
    }
}

#[cfg(not(unix))]
mod imp {
    use std::path::{Path, PathBuf};

    pub(super) fn keep_private(_builder: &mut tempfile::Builder<'_, '_>) {}

    /// The temporary directory of an account is its own.
    pub(super) fn create_private(path: &Path) -> std::io::Result<()> {
        std::fs::create_dir(path)
    }

    pub(super) fn to_path(bytes: &[u8]) -> PathBuf {
        PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
    }
}
