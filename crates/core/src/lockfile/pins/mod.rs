//! Pins: what a file refers to by a name that can mean something else tomorrow. An image by a tag, an action by a branch, a
//! dependency by a range, a registry that is not the organisation's.
//!
//! A kind of reference is a finder: which files it reads, and what stands loose in them (`finders`, one file each). What a
//! reference is held by decides its severity (`Hold`); `[pins]` gives each kind a level, by severity where that is wanted. At
//! the gates only what a change adds is told: who edits a file next to an old tag has not written it.

mod config;
mod finders;
mod judge;
mod loose;

#[cfg(test)]
mod tests;

pub use config::{Config, Internal};
pub use finders::FINDERS;
pub use judge::Judge;
pub use loose::{Finder, Hold, Loose, Wanted};

use crate::check::{CheckInfo, Places, Scope};

/// The check's entry in the registry.
pub static CHECK: CheckInfo = CheckInfo {
    section: "pins",
    family: "GP-PIN",
    title: "references that can mean something else tomorrow: tags of images and actions, ranges, registries",
    codes: &finders::CODES,
    keys: config::KEYS,
    blocks: None,
    scope: Scope::Branch,
    run_keys: &[],
    places: Places { path: true, commit: true },
    build: |context| Ok(Box::new(Judge::new(context.policy, context.stage, context.now.date())?)),
};
