//! The built-in secret rules.
//!
//! They are written as TOML, one file per provider, beside this crate's manifest. `rules.txt` holds the same rules as one text,
//! and `generated.rs` where each of them stands in it and everything that can be worked out before: integers and texts alone,
//! so that a hook which starts a thousand times a day parses nothing, and the system has no thousands of pointers to put right.
//! A test compares them with the TOML files; `GATEPOST_UPDATE=1 cargo test -p gatepost-rules` writes them anew.

#[rustfmt::skip]
mod generated;

pub use generated::DIGEST;

use gatepost_core::secrets::{Builtin, Packed, Place};

/// Where the rules are put that were asked for.
static PLACES: [Place; generated::ENDS.len()] = [const { Place::new() }; generated::ENDS.len()];

/// Every built-in rule, in the order of the files and in the files' order, ready to make a
/// [`gatepost_core::secrets::Ruleset`] of.
pub static BUILTIN: Builtin = Builtin::packed(
    Packed {
        ids: generated::IDS,
        text: include_str!("rules.txt"),
        ends: &generated::ENDS,
        by_id: &generated::BY_ID,
        places: &PLACES,
    },
    generated::KEYWORDS,
);
