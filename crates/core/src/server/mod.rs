//! How a gate behaves on a server: how long it may take, what happens when the time is up, and which server it stands on.

mod budget;
mod config;

pub use budget::Budget;
pub use config::{Config, OnTimeout, PLATFORMS, RepositoryPolicy};

use crate::check::{Check, CheckInfo, Places, Scope};

/// The section's entry in the registry. It has no code of its own: what it says is about the run, not about what is judged.
pub static CHECK: CheckInfo = CheckInfo {
    section: "server",
    family: "GP-POL",
    title: "the gate on a server",
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
