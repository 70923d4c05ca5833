//! What is wrong with a rule file.

use std::fmt;

/// What is wrong with a rule, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleError {
    /// The rule's id, where it is known.
    pub rule: Option<String>,
    /// Line of the file, from 1, where there is a file.
    pub line: Option<u32>,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl RuleError {
    pub(super) fn of(rule: &str, message: impl Into<String>) -> Self {
        Self { rule: Some(rule.to_owned()), line: None, message: message.into() }
    }

    pub(super) fn at(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(rule) = &self.rule {
            write!(f, "rule `{rule}`: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for RuleError {}
