//! Gates that a change removes or weakens.
//!
//! A gate is worth what the file is worth that it is written in: a policy, a hook, a step of a pipeline, the settings
//! of a protected branch. Each of these files is compared with the version before the change. What lets more
//! through than it did is a finding with the old value and the new one; what is as strict, however it is written, is not.

mod codes;
mod config;
mod gate;
mod judge;
mod shell;
mod walk;
mod watchers;

#[cfg(test)]
mod tests;

pub use config::Config;
pub use judge::Judge;

use crate::check::{CheckInfo, Places, Scope};

/// The check's entry in the registry.
pub static CHECK: CheckInfo = CheckInfo {
    section: "drift",
    family: "GP-POL",
    title: "gates that a change removes or weakens",
    codes: &codes::CODES,
    keys: config::KEYS,
    blocks: None,
    scope: Scope::Branch,
    run_keys: &[],
    places: Places { path: true, commit: true },
    build: |context| Ok(Box::new(Judge::new(context)?)),
};
