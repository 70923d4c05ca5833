//! Files of a change: how large they are, whether they are text, where they stand and with which mode, whether pointers of
//! Git LFS can be followed, and who can open what is encrypted. Judged by what the object database holds, not by the work tree.

mod after;
mod config;
mod content;
mod encrypted;
mod judge;
mod owners;
mod rules;
mod tree;

#[cfg(test)]
mod tests;

pub use crate::text::Size;
pub use config::{Config, Encrypted, Override};
pub use content::{LfsPointer, is_binary, lfs_pointer};
pub use judge::Judge;
pub use rules::example_options;
pub use tree::Tree;

use crate::check::{CheckInfo, Places, Scope};

/// The check's entry in the registry.
pub static CHECK: CheckInfo = CheckInfo {
    section: "files",
    family: "GP-FILE",
    title: "file sizes, binaries, paths, modes and encrypted files",
    codes: &rules::CODES,
    keys: config::KEYS,
    blocks: None,
    scope: Scope::Path,
    run_keys: &[],
    places: Places { path: true, commit: true },
    build: |context| Ok(Box::new(Judge::new(context.policy, context.stage, context.now.date())?)),
};
