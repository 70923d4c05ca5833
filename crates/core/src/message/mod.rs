//! commit messages.

use crate::check::{Check, CheckInfo};

/// The check's entry in the registry.
pub static CHECK: CheckInfo = CheckInfo {
    section: "message",
    family: "GP-MSG",
    title: "commit messages",
    codes: &[],
    keys: &[],
    build: |_| Ok(Box::new(Stub)),
};

#[derive(Debug)]
struct Stub;
impl Check for Stub {}

/// How Git cleans a message up before it stores it (`git commit --cleanup`, `commit.cleanup`).
///
/// Source: git-commit(1), "--cleanup".
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cleanup {
    /// The mode.
    pub mode: CleanupMode,
    /// The string that opens a comment line (`core.commentString`; one or more bytes).
    pub comment: Vec<u8>,
}

/// The modes of [`Cleanup`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CleanupMode {
    /// Comment lines go too: what Git does when an editor was opened.
    Strip,
    /// Only white space is tidied: what Git does with `-m` and `-F`.
    Whitespace,
    /// Nothing is touched.
    Verbatim,
    /// As `Whitespace`, and everything from the scissors line on goes.
    Scissors,
}
