//! What a change of a lock brings: packages that are new, and what somebody who reviews it should not miss. A lock has
//! thousands of lines and nobody reads them; who wants to slip something in counts on that.
//!
//! Two versions of a lock are compared package by package (`compare`). Each difference carries its signals, which are the
//! codes `GP-LOCK-DIFF`: at the gates they are findings at the levels of `[lock-diff]`, and `gatepost deps diff` prints them.

mod codes;
mod compare;
mod config;
mod judge;
mod names;
mod versions;

#[cfg(test)]
mod tests;

pub use codes::Signal;
pub use compare::{Delta, Difference, Noted, differences};
pub use config::Config;
pub use judge::Judge;
pub use names::Names;

use crate::check::{CheckInfo, Places, Scope};

/// The check's entry in the registry.
pub static CHECK: CheckInfo = CheckInfo {
    section: "lock-diff",
    family: "GP-LOCK-DIFF",
    title: "what a change of a lock file brings: new packages, moved registries, changed hashes",
    codes: &codes::CODES,
    keys: config::KEYS,
    blocks: None,
    scope: Scope::Branch,
    run_keys: &[],
    places: Places { path: true, commit: true },
    build: |context| Ok(Box::new(Judge::new(context.policy, context.stage, context.now.date())?)),
};
