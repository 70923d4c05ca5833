//! The section `[signatures]` of the policy: whose signatures count, and when their keys must have been valid. Where a
//! signature is demanded is said elsewhere, by ref.

mod config;

pub use config::Config;

use crate::check::{Check, CheckInfo, Places, Scope};

/// The section's entry in the registry. It judges nothing itself.
pub static CHECK: CheckInfo = CheckInfo {
    section: "signatures",
    family: "GP-REF",
    title: "whose signatures count",
    codes: &[],
    keys: config::KEYS,
    blocks: None,
    scope: Scope::Run,
    run_keys: &[],
    places: Places { path: false, commit: false },
    build: |context| {
        Config::new(context.policy)?.trust(context.policy)?;
        Ok(Box::new(Section))
    },
};

/// A section of the policy that judges nothing.
#[derive(Debug)]
struct Section;

impl Check for Section {}
