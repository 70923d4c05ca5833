//! What finders say: references that are not held fast, and by what they are held.

use super::config::Config;
use crate::CodeInfo;
use crate::lockfile::Source;
use crate::severity::Severity;
use std::ops::Range;

/// A kind of reference.
#[derive(Clone, Copy, Debug)]
pub struct Finder {
    /// Its code. The severity is that of a reference that nothing holds.
    pub info: CodeInfo,
    /// The key of `[pins]` with its level.
    pub key: &'static str,
    /// The lines of `[pins]` under which the examples of the code hold; empty: the defaults.
    pub options: &'static str,
    /// The path of a file that the examples are the content of.
    pub example_path: &'static str,
    /// Whether it reads the file of a path.
    pub reads: fn(&str) -> bool,
    /// What stands loose in such a file.
    pub find: fn(&Source, &Wanted<'_>) -> Vec<Loose>,
}

/// What the policy says to finders.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The section.
    pub config: &'a Config,
}

/// By what a reference is held.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Hold {
    /// By nothing, by `latest`, or by a branch: it moves whenever somebody pushes. Of high severity.
    Nothing,
    /// By a tag, a version or a range: it moves when somebody moves or publishes it. Of medium severity.
    Name,
    /// By something that hardly moves, and is not what was asked for: a short commit id. Of low severity.
    Nearly,
}

impl Hold {
    /// Its severity.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Nothing => Severity::High,
            Self::Name => Severity::Medium,
            Self::Nearly => Severity::Low,
        }
    }
}

/// A reference that is not held fast.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loose {
    /// By what it is held.
    pub hold: Hold,
    /// What it is about, the same wherever in the file it stands: it tells a reference that was there before.
    pub key: String,
    /// What is wrong: one sentence with the particulars, without its stop.
    pub what: String,
    /// What to write instead, or which command says it.
    pub fix: String,
    /// Where it stands.
    pub span: Range<usize>,
}
