//! Codes: the stable names under which findings are reported, configured, excepted and explained.

use crate::severity::Severity;
use std::borrow::Cow;
use std::fmt;

/// The stable code of a rule: `GP-MSG-001`, or a secret rule's id such as `github-pat`.
///
/// Codes are never reused. Wherever a code is asked for, the rule's name works too.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Code(Cow<'static, str>);

impl Code {
    /// A code known at compile time.
    #[must_use]
    pub const fn new(code: &'static str) -> Self {
        Self(Cow::Borrowed(code))
    }

    /// A code that came with a user's rule.
    #[must_use]
    pub fn owned(code: String) -> Self {
        Self(Cow::Owned(code))
    }

    /// The code's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What is known of a code before anything is judged: `gatepost explain`, the docs pages and the tests
/// that walk the registry read it.
#[derive(Clone, Copy, Debug)]
pub struct CodeInfo {
    /// The code, `GP-MSG-001`.
    pub code: &'static str,
    /// The rule's name, in words joined by hyphens: `header-too-long`.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence: what it finds.
    pub summary: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to type or change next.
    pub fix: &'static str,
    /// A subject (a message, a branch name, a file, by the family) on which the rule fires under the default
    /// options named in the family's documentation.
    pub fires: &'static str,
    /// A subject on which it is silent.
    pub silent: &'static str,
}

/// The codes of a registry: of each entry its `info`, in their order, at compile time.
macro_rules! codes_of {
    ($entries:ident) => {{
        let mut codes = [$entries[0].info; $entries.len()];
        let mut at = 0;
        while at < $entries.len() {
            codes[at] = $entries[at].info;
            at += 1;
        }
        codes
    }};
}
pub(crate) use codes_of;
