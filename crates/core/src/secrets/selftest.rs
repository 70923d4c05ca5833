//! A rule's own examples, tried: what `gatepost rules test` and the tests of the built-in rules run.

use super::rule::Rule;
use super::trial::Trial;
use std::fmt;

/// An example that did not do what it should.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The rule's id.
    pub rule: String,
    /// The template; empty when the rule itself is broken.
    pub template: String,
    /// What happened.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule `{}`: {}", self.rule, self.message)?;
        if !self.template.is_empty() {
            write!(f, ": {}", self.template)?;
        }
        Ok(())
    }
}

/// Tries every example of a rule (exactly one secret in each) and every counter-example (none), each with several
/// seeds, by the rule alone.
#[must_use]
pub fn selftest(rule: &Rule) -> Vec<Failure> {
    match Trial::new(rule) {
        Ok(trial) => trial.verdicts().filter_map(|verdict| verdict.failure).collect(),
        Err(failure) => vec![failure],
    }
}
