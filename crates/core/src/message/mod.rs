//! Commit messages: what Git will store, taken apart by Conventional Commits 1.0.0, and judged by the
//! policy's rules.
//!
//! A message is read in the same order at every gate: [`clean()`] what a hook is handed (a stored message is
//! clean already), [`decode()`] it, [`parse()`] it, and hand it to the rules in `rules`, one file each.
//! [`Judge`] does all of it, for a change set or for a text.

mod case;
mod clean;
mod config;
mod decode;
mod header;
mod judge;
mod keys;
mod lenient;
mod own;
mod parse;
mod patterns;
mod place;
mod rules;
mod suggest;
mod tickets;
mod trailers;

#[cfg(test)]
mod tests;

pub use case::Case;
pub use clean::{Cleaned, Cleanup, CleanupMode, clean};
pub use config::{
    BlankLine, BreakingMarks, Config, DependencyChanges, FullStop, Grammar, LongLine, OwnMessages, ScopeUse,
    SignOff, TicketPlace, Trailers, TypeCase,
};
pub use decode::{Decoded, EncodingProblem, decode};
pub use header::{Header, ParseError, ParseErrorKind, Part, parse_header, parse_header_leniently};
pub use judge::{Judge, Text};
pub use own::{Author, strip_fixup};
pub use parse::{Footer, Layout, Message, layout, parse};
pub use rules::example_options;
pub use tickets::Tickets;
pub use trailers::trailers;

use crate::check::{CheckInfo, Places, Scope};

/// The check's entry in the registry.
pub static CHECK: CheckInfo = CheckInfo {
    section: "message",
    family: "GP-MSG",
    title: "commit messages",
    codes: &rules::CODES,
    keys: keys::KEYS,
    blocks: None,
    scope: Scope::Branch,
    run_keys: &[],
    places: Places { path: false, commit: true },
    build: |context| Ok(Box::new(Judge::new(context.policy, context.stage)?)),
};
