//! A rule's own examples, tried: what `gatepost rules test` and the tests of the built-in rules run.

use super::rule::{List, Rule};
use super::ruleset::Ruleset;
use super::scanner::{Scanner, Scratch};
use super::template::expand;
use std::fmt;
use std::sync::Arc;

/// How often each example is expanded anew.
const SEEDS: u64 = 12;

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
    let failure = |template: &str, message: String| Failure {
        rule: rule.id.to_string(),
        template: template.to_owned(),
        message,
    };
    // By itself it has no other part; what it is worth then is not what its examples are about.
    let rule = &Rule { with: List::default(), alone: None, ..rule.clone() };
    let scanner = match Ruleset::new(&[], vec![rule.clone()]) {
        Ok(ruleset) => Scanner::new(Arc::new(ruleset)),
        Err(error) => return vec![failure("", error.message)],
    };
    let examples = rule.examples.iter().map(|template| (template, 1));
    let silent = rule.counter_examples.iter().map(|template| (template, 0));
    let mut failures = Vec::new();
    for (template, wanted) in examples.chain(silent) {
        let count = |seed| scanner.scan(expand(template, seed).as_bytes(), &mut Scratch::default()).len();
        if let Some((seed, found)) =
            (0..SEEDS).map(|seed| (seed, count(seed))).find(|(_, found)| *found != wanted)
        {
            let kind = if wanted == 1 { "an example" } else { "a counter-example" };
            failures
                .push(failure(template, format!("{kind} (seed {seed}) has {found} secrets, not {wanted}")));
        }
    }
    failures
}
