//! The records of exceptions, judged themselves: what each must say, who may approve it, how long it may last, and
//! whether it is still for anything.
//!
//! Nothing here looks at a change. A record that the policy does not allow breaks the policy, so that nothing is judged
//! by it ([`problems`]); one that has ended or is for nothing is a finding of whoever scans a whole history
//! ([`findings`]).

mod codes;
mod config;
mod findings;
mod id;
mod problems;

#[cfg(test)]
mod tests;

pub use config::{Approvers, Config, Group, MaxDays};
pub use findings::{ending_soon, findings};
pub use id::next_id;
pub use problems::{Facts, problems};

use crate::check::{CheckInfo, Places, Scope, find_code};
use crate::secrets::Rule;
use crate::{Check, Severity};

/// The check's entry in the registry.
pub static CHECK: CheckInfo = CheckInfo {
    section: "exceptions",
    family: "GP-POL",
    title: "the records of exceptions",
    codes: codes::CODES,
    keys: config::KEYS,
    blocks: None,
    scope: Scope::Run,
    run_keys: &[],
    places: Places { path: true, commit: false },
    build: |context| {
        let own =
            |name: &str| context.policy.own_rules().iter().map(|own| &own.rule).find(|rule| rule.id == name);
        let severity = |name: &str| severity(context.rules.find(name).or_else(|| own(name)), name);
        let facts = Facts { severity: &severity, today: context.now.date() };
        match problems(context.policy, &facts).into_iter().next() {
            Some(first) => Err(first),
            None => Ok(Box::new(Records)),
        }
    },
};

/// How bad a finding of a rule or code is, by its id, code or name, where `rule` is the secret rule of that id, if it is one's;
/// `None`: there is no such rule.
#[must_use]
pub fn severity(rule: Option<&Rule>, name: &str) -> Option<Severity> {
    rule.map(|rule| rule.severity).or_else(|| find_code(name).map(|(_, code)| code.severity))
}

/// The check, which has nothing to say of a change.
#[derive(Debug)]
struct Records;

impl Check for Records {}
