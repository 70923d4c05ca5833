//! Break-glass: letting one push through a gate that refuses it, in the open. Who asks for it says why, who answers
//! for it, who allowed it and until when it is mended; the gate judges in full all the same; what may never be opened
//! stays shut; and what was opened is owed until the same commits pass.
//!
//! Here is what can be decided without the world: the section of the policy, what a request must say, and which
//! findings it opens. The record of it is `gatepost-evidence`'s, and the push is `gatepost-app`'s.

mod config;
mod request;

pub use config::Config;
pub use request::{Field, Request, Wrong};

use crate::check::{Check, CheckInfo, Places, Scope};
use crate::{Finding, Level};

/// The section's entry in the registry. It has no code of its own: what it says is said of other checks' findings.
pub static CHECK: CheckInfo = CheckInfo {
    section: "break-glass",
    family: "GP-POL",
    title: "letting one push through, in the open",
    codes: &[],
    keys: config::KEYS,
    blocks: None,
    scope: Scope::Run,
    run_keys: &[],
    places: Places { path: false, commit: false },
    build: |context| {
        Config::new(context.policy)?;
        Ok(Box::new(Section))
    },
};

/// A section of the policy that judges nothing.
#[derive(Debug)]
struct Section;

impl Check for Section {}

/// The findings that refuse a push, sorted by whether break-glass may open them.
#[derive(Debug, Default)]
pub struct Sorted {
    /// Those that it opens.
    pub open: Vec<Finding>,
    /// Those that nothing opens.
    pub shut: Vec<Finding>,
    /// Those that refuse nothing.
    pub rest: Vec<Finding>,
}

/// Sorts findings. What denies is opened, unless `never` has its rule, its code or its family.
#[must_use]
pub fn sort(findings: Vec<Finding>, never: &[String]) -> Sorted {
    let mut sorted = Sorted::default();
    for finding in findings {
        let list = if finding.level != Level::Deny {
            &mut sorted.rest
        } else if never.iter().any(|word| finding.is_named(word)) {
            &mut sorted.shut
        } else {
            &mut sorted.open
        };
        list.push(finding);
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settle::tests::finding;
    use proptest::prelude::*;

    #[test]
    fn what_never_opens_is_named_by_rule_code_or_family() {
        let found = || {
            vec![finding("GP-MSG", "header-too-long", 1, &["a"]), finding("GP-SEC", "github-pat", 2, &["b"])]
        };
        for word in ["GP-SEC", "github-pat"] {
            let sorted = sort(found(), &[word.to_owned()]);
            assert_eq!((sorted.open.len(), sorted.shut.len()), (1, 1), "{word}");
            assert_eq!(sorted.shut[0].family, "GP-SEC");
        }
        assert_eq!(sort(found(), &[]).open.len(), 2);
    }

    proptest! {
        #[test]
        fn every_finding_comes_out_once_and_only_what_denies_is_opened(
            levels in proptest::collection::vec(
                prop_oneof![Just(Level::Deny), Just(Level::Warn), Just(Level::Note)], 0..12),
            closed in any::<bool>(),
        ) {
            let findings: Vec<Finding> = levels
                .iter()
                .map(|level| Finding { level: *level, ..finding("GP-MSG", "r", 1, &["a"]) })
                .collect();
            let never = if closed { vec!["GP-MSG".to_owned()] } else { Vec::new() };
            let sorted = sort(findings, &never);
            prop_assert_eq!(sorted.open.len() + sorted.shut.len() + sorted.rest.len(), levels.len());
            prop_assert!(sorted.open.iter().chain(&sorted.shut).all(|f| f.level == Level::Deny));
            let empty = if closed { &sorted.open } else { &sorted.shut };
            prop_assert!(empty.is_empty());
        }
    }
}
