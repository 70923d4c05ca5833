//! Marks that people leave in a text and mean to take out again: debug statements, TODO comments, tests that are switched
//! off, warnings of analysers that are silenced, conflicts that were never resolved.
//!
//! Only what a change adds is judged. A line counts as added when no version that the file was made from has it, at any
//! place and however far indented (`added`): who moves or reformats an old TODO has not written it. What stands in a
//! comment, in a string and in code is told apart by a small table of languages (`languages`).

mod added;
mod config;
mod judge;
mod kinds;
mod languages;
mod pattern;
mod reason;
mod source;

#[cfg(test)]
mod tests;

pub use config::{Config, Demand};
pub use judge::Judge;
pub use kinds::{example_options, example_path};

use crate::check::{CheckInfo, Places, Scope};

/// The check's entry in the registry.
pub static CHECK: CheckInfo = CheckInfo {
    section: "markers",
    family: "GP-MARK",
    title: "debug statements, TODO comments, disabled tests, silenced analysers and conflict markers",
    codes: &kinds::CODES,
    keys: config::KEYS,
    blocks: None,
    scope: Scope::Path,
    run_keys: &[],
    places: Places { path: true, commit: true },
    build: |context| Ok(Box::new(Judge::new(context.policy, context.stage, context.now.date())?)),
};
