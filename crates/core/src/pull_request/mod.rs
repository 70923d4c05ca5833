//! Pull requests: what is written in them and stuck to them, where CI passes it on. No hook on a developer's machine ever sees a
//! title, and with squash merges it is the title that lands.
//!
//! The title as a commit header is judged by the rules for headers, which are those of commit messages; the rules here are about the rest.
//! What the CI system does not tell is never taken for good: see [`Fact`].

mod body;
mod config;
mod facts;
mod judge;
mod label_form;
mod pattern;
mod rules;

#[cfg(test)]
mod tests;

pub use config::{Backport, Changelog, Config, Drafts, Labels, TicketPlace, TitleForm, UnknownFacts};
pub use facts::{Body, Fact, PullRequest, Unknown};
pub use judge::Judge;
pub use rules::example_options;

use crate::check::{CheckInfo, Places, Scope};

/// The check's entry in the registry.
pub static CHECK: CheckInfo = CheckInfo {
    section: "pull-request",
    family: "GP-PR",
    title: "titles, labels and descriptions of pull requests",
    codes: &rules::CODES,
    keys: config::KEYS,
    blocks: None,
    scope: Scope::Branch,
    run_keys: &[],
    places: Places { path: false, commit: false },
    build: |context| Ok(Box::new(Judge::new(context.policy, context.stage)?)),
};
