//! Commit messages: what Git will store, taken apart by Conventional Commits 1.0.0, and judged by the
//! policy's rules.
//!
//! A message is read in the same order at every gate: [`clean()`] what a hook is handed (a stored message is
//! clean already), [`decode()`] it, [`parse()`] it, and hand it to the rules in `rules`, one file each.
//! [`Judge`] does all of it, for a change set or for a text.

mod clean;
mod config;
mod decode;
mod header;
mod judge;
mod own;
mod parse;
mod rules;
mod suggest;

#[cfg(test)]
mod tests;

pub use clean::{Cleaned, Cleanup, CleanupMode, clean};
pub use config::{BreakingMarks, Config, FullStop, OwnMessages, ScopeUse, TicketPlace, Trailers};
pub use decode::{Decoded, EncodingProblem, decode};
pub use header::{Header, ParseError, ParseErrorKind, Part, parse_header};
pub use judge::{Judge, Text};
pub use own::{Author, strip_fixup};
pub use parse::{Footer, Layout, Message, layout, parse};
pub use rules::example_options;

use crate::check::{CheckInfo, Places, Scope};

/// The check's entry in the registry.
pub static CHECK: CheckInfo = CheckInfo {
    section: "message",
    family: "GP-MSG",
    title: "commit messages",
    codes: &rules::CODES,
    keys: config::KEYS,
    blocks: None,
    scope: Scope::Branch,
    run_keys: &[],
    places: Places { path: false, commit: true },
    build: |context| Ok(Box::new(Judge::new(context.policy, context.stage)?)),
};
