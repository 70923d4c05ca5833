//! Lock files: whether each says what its manifests ask for, told from the files alone, without a checkout, a package
//! manager or a network.
//!
//! Two questions are told apart. Would a strict install refuse (`npm ci`, `cargo --locked`)? Would an ordinary install
//! rewrite the lock? An answer is yes, no, or that the files do not say: the last where it hangs on a registry, on a program
//! or on settings elsewhere, and never for want of looking.
//!
//! An ecosystem is one file or folder in `ecosystems` behind the trait [`Ecosystem`]. The survey finds the pairs and asks
//! them; the check makes findings of what they say, `gatepost check locks` a table.

mod canonical;
mod choice;
mod codes;
mod config;
pub mod data;
pub mod diff;
mod ecosystem;
mod ecosystems;
mod ignored;
mod judge;
pub mod npm_semver;
pub mod npm_spec;
pub mod package_json;
pub mod pins;
mod source;
mod survey;
mod tree;
mod verdict;

#[cfg(test)]
mod tests;

pub use config::{Config, OfEcosystem};
pub use ecosystem::{
    Answer, Breaks, Declared, Drift, Ecosystem, GitRef, Info, Kind, Locked, LockedOrigin, Origin, Pair,
    Place, Precision, Reason, Role, Source, Unclear, Verdict,
};
pub use ecosystems::{ECOSYSTEMS, unknown_lock};
pub use judge::{Judge, Told, told};
pub use survey::{KeptOut, Record, State, Want, concerns, declared, survey};
pub use tree::{DEFAULT_LIMIT, Read, Tree, Unread, file_name, folder, is_in, join, relative};

use crate::check::{CheckInfo, Places, Scope};

/// The check's entry in the registry.
pub static CHECK: CheckInfo = CheckInfo {
    section: "locks",
    family: "GP-LOCK",
    title: "lock files that do not say what their manifests ask for",
    codes: &codes::CODES,
    keys: config::KEYS,
    blocks: None,
    scope: Scope::Branch,
    run_keys: &[],
    places: Places { path: true, commit: true },
    build: |context| Ok(Box::new(Judge::new(context.policy, context.stage, context.now.date())?)),
};
