//! The built-in secret rules.
//!
//! They are written as TOML, one file per provider, beside this crate's manifest. `generated.rs` holds the same rules as
//! constants, with everything worked out that can be, so that a hook which starts a thousand times a day parses nothing.
//! A test compares the two; `GATEPOST_UPDATE=1 cargo test -p gatepost-rules` writes the constants anew.

#[rustfmt::skip]
mod generated;

pub use generated::{DIGEST, RULES};

use gatepost_core::secrets::Builtin;

/// Every built-in rule, ready to make a [`gatepost_core::secrets::Ruleset`] of.
pub static BUILTIN: Builtin = Builtin { rules: RULES, keywords: generated::KEYWORDS };
