//! What can go wrong when bytes are fetched, in words that say what to do.

use std::fmt;

/// Why something could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    /// The kind, for callers that act on it.
    pub kind: ErrorKind,
    /// What went wrong, with the particulars: one sentence.
    pub message: String,
    /// What to do about it: a command where there is one.
    pub fix: String,
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no repository here.
    NotARepository,
    /// Git refuses the repository because somebody else owns it (`safe.directory`).
    DubiousOwnership,
    /// The repository, its index or its configuration cannot be read.
    Unreadable,
    /// An object that should be there is not.
    MissingObject,
    /// An object is there and is broken.
    CorruptObject,
    /// A revision that names nothing.
    UnknownRevision,
    /// The clone is shallow and hides what was asked for.
    Shallow,
    /// A file cannot be read.
    File,
    /// The `git` program is needed and cannot be run, or failed.
    GitCommand,
}

impl Error {
    /// An error of `kind`.
    pub fn new(kind: ErrorKind, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { kind, message: message.into(), fix: fix.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
