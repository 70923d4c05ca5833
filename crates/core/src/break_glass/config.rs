//! The section `[break-glass]` of the policy.

use crate::policy::{Key, Kind, Policy, PolicyError, Strictness};
use serde::Deserialize;

/// The section, as the policy holds it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// Whether there is break-glass at all.
    pub allow: bool,
    /// Codes, rules and families that it never opens.
    pub never: Vec<String>,
    /// Who may ask for it; everybody who can push when empty.
    pub actors: Vec<String>,
    /// How often within the window.
    pub max_activations: u32,
    /// The window, in days.
    pub window_days: u32,
    /// How long what was opened may stay open, in hours.
    pub remediate_within_hours: u32,
    /// What a request must say beside reason, owner and expiry.
    pub require: Vec<String>,
}

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "allow",
        kind: Kind::Bool,
        default: "false",
        strictness: Strictness::Words(&[&["true"], &["false"]]),
        help: "`true` lets a push that is refused through when it asks for that with `git push -o gatepost.break-glass.…`, says why, and leaves a record. Only at pre-receive.",
    },
    Key {
        name: "never",
        kind: Kind::List(&Kind::Text),
        default: "[\"GP-SEC\"]",
        strictness: Strictness::MoreItems,
        help: "What break-glass never opens: families, codes and rules. An exception on request may name them only for a finding, a path or a commit.",
    },
    Key {
        name: "actors",
        kind: Kind::List(&Kind::Text),
        default: "[]",
        strictness: Strictness::FewerOrAll,
        help: "Who may ask for break-glass, by the name that the server knows the pusher by; everybody who can push when empty.",
    },
    Key {
        name: "max-activations",
        kind: Kind::Integer { min: 1, max: 100 },
        default: "2",
        strictness: Strictness::Smaller,
        help: "How often break-glass may be used in one repository within `window-days`.",
    },
    Key {
        name: "window-days",
        kind: Kind::Integer { min: 1, max: 365 },
        default: "30",
        strictness: Strictness::Greater,
        help: "The days over which `max-activations` counts, back from each push.",
    },
    Key {
        name: "remediate-within-hours",
        kind: Kind::Integer { min: 1, max: 720 },
        default: "24",
        strictness: Strictness::Smaller,
        help: "How long after the push the same commits must pass in full. Afterwards it is overdue: every push says so, and no other one is let through.",
    },
    Key {
        name: "require",
        kind: Kind::List(&Kind::Choice(&["approver", "scope", "rollback", "remediation", "ticket"])),
        default: "[\"approver\", \"scope\", \"rollback\", \"remediation\"]",
        strictness: Strictness::MoreItems,
        help: "What a request must say beside `reason`, `owner` and `expires`.",
    },
];

impl Config {
    /// The section of a policy.
    ///
    /// # Errors
    ///
    /// A value that its key does not take.
    pub fn new(policy: &Policy) -> Result<Self, PolicyError> {
        policy.section("break-glass")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn break_glass_is_shut_until_a_policy_opens_it() {
        let config = Config::new(&Policy::built_in()).unwrap();
        assert!(!config.allow);
        assert_eq!(config.never, ["GP-SEC"]);
        assert_eq!((config.max_activations, config.window_days, config.remediate_within_hours), (2, 30, 24));
        assert_eq!(config.require, ["approver", "scope", "rollback", "remediation"]);
    }
}
