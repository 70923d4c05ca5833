//! Refs that move: what may be created, moved, forced and deleted, and what may come to which branch.
//!
//! A block of the policy (`[[ref]]`) says it for the refs that it matches. All blocks that match count, and where two of
//! them have a rule, the stricter one does. Hooks on a developer's machine can be skipped; here the server decides.

mod calendar;
mod changelog;
mod config;
mod judge;
mod naming;
mod ports;
mod reach;
mod releases;
mod rules;
mod subject;
mod told;
mod versions;

#[cfg(test)]
mod tests;

pub use calendar::{FREEZE, Freeze, WINDOW, Window};
pub use config::Block;
pub use judge::Judge;
pub use naming::Naming;
pub use ports::{Port, PortState};
pub use reach::Way;

use crate::check::{CheckInfo, Places, Scope};

/// The check's entry in the registry.
pub static CHECK: CheckInfo = CheckInfo {
    section: "ref",
    family: "GP-REF",
    title: "moves of branches, tags and other refs",
    codes: &rules::CODES,
    keys: config::KEYS,
    blocks: Some(&config::BLOCKS),
    scope: Scope::Run,
    run_keys: &[],
    places: Places { path: false, commit: true },
    build: |context| Ok(Box::new(Judge::new(context.policy, context.stage, context.now)?)),
};
