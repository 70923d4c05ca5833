//! What only one kind of system has: the single module of this crate that calls Unix by name.

use std::path::PathBuf;

/// A path from the bytes that Git keeps it as. Where paths are not bytes, what is no text is replaced.
pub(crate) fn to_path(bytes: &[u8]) -> PathBuf {
    imp::to_path(bytes)
}

#[cfg(unix)]
mod imp {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::PathBuf;

    pub(super) fn to_path(bytes: &[u8]) -> PathBuf {
        PathBuf::from(OsStr::from_bytes(bytes))
    }
}

#[cfg(not(unix))]
mod imp {
    use std::path::PathBuf;

    pub(super) fn to_path(bytes: &[u8]) -> PathBuf {
        PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
    }
}
