//! What can go wrong when bytes are fetched, in words that say what to do.

use gatepost_core::ObjectId;
use std::fmt;
use std::path::Path;

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
    /// A program that verifies signatures is needed and cannot be run, or failed.
    SignatureProgram,
    /// It was not done when the time was up.
    TimeOut,
}

impl Error {
    /// An error of `kind`.
    pub fn new(kind: ErrorKind, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { kind, message: message.into(), fix: fix.into() }
    }

    /// There is no repository at or above `start`.
    pub(crate) fn not_a_repository(start: Option<&Path>) -> Self {
        let place = start.map_or_else(|| "the current directory".to_owned(), |dir| dir.display().to_string());
        Self::new(
            ErrorKind::NotARepository,
            format!("{place} is not in a Git repository"),
            "run this inside a repository, name one with `-C DIR`, or make one with `git init`",
        )
    }

    /// Git's ownership check refused the repository at `path`.
    pub(crate) fn dubious_ownership(path: &str) -> Self {
        let path = path.strip_suffix('/').filter(|p| !p.is_empty()).unwrap_or(path);
        Self::new(
            ErrorKind::DubiousOwnership,
            format!("the repository at {path} belongs to another user, so Git refuses to use it"),
            format!("if you trust it: git config --global --add safe.directory {}", shell_quoted(path)),
        )
    }

    /// An object that should be there is not; `partial`: because a promisor remote kept it.
    pub(crate) fn missing(id: &ObjectId, partial: bool) -> Self {
        if partial {
            return Self::new(
                ErrorKind::MissingObject,
                format!(
                    "object {id} was left out of this partial clone, and nothing is fetched behind your back"
                ),
                "fetch everything: git fetch --refetch --no-filter",
            );
        }
        Self::new(
            ErrorKind::MissingObject,
            format!("object {id} is missing from the repository"),
            "see what is missing with `git fsck --full`, then fetch it again or copy it from another clone",
        )
    }

    /// An object is there and cannot be used, because of `reason`.
    pub(crate) fn corrupt(id: &ObjectId, reason: &str) -> Self {
        Self::new(
            ErrorKind::CorruptObject,
            format!("object {id} is corrupt: {reason}"),
            "see the damage with `git fsck --full`, then restore the object from another clone",
        )
    }

    /// The history that was asked for ends at `boundary` because the clone is shallow.
    pub(crate) fn shallow(boundary: &ObjectId) -> Self {
        Self::new(
            ErrorKind::Shallow,
            format!("this clone is shallow: the history before commit {boundary} is not here"),
            "fetch it with `git fetch --unshallow`; in CI, check out with full history (`fetch-depth: 0`)",
        )
    }

    /// A revision that names nothing.
    pub(crate) fn unknown_revision(revision: &str, reason: &str) -> Self {
        let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        Self::new(
            ErrorKind::UnknownRevision,
            format!("`{}` names no object in this repository{reason}", revision.escape_debug()),
            "check the spelling, or fetch it: git fetch --all --tags",
        )
    }

    /// A revision that leads over a broken object.
    pub(crate) fn corrupt_revision(revision: &str, reason: &str) -> Self {
        Self::new(
            ErrorKind::CorruptObject,
            format!("`{}` leads to an object that is corrupt: {reason}", revision.escape_debug()),
            "see the damage with `git fsck --full`, then restore the object from another clone",
        )
    }

    /// The index has paths whose merge is not finished.
    pub(crate) fn unmerged(path: &str) -> Self {
        Self::new(
            ErrorKind::Unreadable,
            format!("the index has unmerged paths, {path} among them"),
            "resolve the conflict and `git add` the paths, or give up the merge: git merge --abort",
        )
    }

    /// A ref is there and cannot be read.
    pub(crate) fn broken_reference(name: &str, reason: &str) -> Self {
        Self::new(
            ErrorKind::Unreadable,
            format!("the ref {name} is broken: {reason}"),
            format!("delete it (git update-ref -d {}) or restore it from another clone", shell_quoted(name)),
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// `text` as one word of a POSIX shell, so that a proposed command can be pasted.
fn shell_quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_to_paste_are_quoted() {
        assert_eq!(
            Error::dubious_ownership("/srv/it's here/").fix,
            r"if you trust it: git config --global --add safe.directory '/srv/it'\''s here'"
        );
        assert_eq!(
            Error::dubious_ownership("/srv/app").fix,
            "if you trust it: git config --global --add safe.directory /srv/app"
        );
    }
}
