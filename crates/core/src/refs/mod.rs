//! The names of branches and tags: the branch a commit is made on, and the names that a push gives on the
//! receiving side. They are two rules, because `git push origin HEAD:refs/heads/x` sends a name that no
//! commit ever saw.

mod config;
mod judge;
mod rules;
mod suggest;

#[cfg(test)]
mod tests;

pub use config::{Config, Preset, STANDARD};
pub use judge::Judge;
pub use rules::example_options;

use crate::check::{CheckInfo, Places, Scope};

/// The check's entry in the registry.
pub static CHECK: CheckInfo = CheckInfo {
    section: "branch",
    family: "GP-REF",
    title: "branch, tag and ref names",
    codes: &rules::CODES,
    keys: config::KEYS,
    blocks: None,
    scope: Scope::Branch,
    run_keys: &["stale-after-days", "long-lived"],
    places: Places { path: false, commit: false },
    build: |context| Ok(Box::new(Judge::new(context.policy, context.stage, context.now.date())?)),
};
