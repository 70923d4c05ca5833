//! gitleaks: its configurations, its way to detect and its reports, so that who has a `.gitleaks.toml` can go on with it.
//!
//! This is a mode of its own and none of it reaches gatepost's own engine: pieces of text, keywords anywhere in them, columns
//! that are off by one, all as gitleaks 8.30 has it. `docs/gitleaks.md` lists where the two part.
//!
//! Source: gitleaks 8.30.1 (MIT), read for its behaviour. Neither rules nor code of it are here.

mod allowlist;
mod config;
mod date;
mod decode;
mod detect;
mod finding;
mod ignore;
mod import;
mod location;
mod patch;
mod pattern;
mod piece;
mod pieces;
mod read;
mod report;
mod translate;

pub use config::{Base, Config, Found, VERSION};
pub use detect::{Commit, Detector, Fragment, Options, OwnFound, OwnRules};
pub use finding::{Finding, Platform, Remote};
pub use ignore::{Baseline, Ignored};
pub(crate) use import::{IMPORTER, path_globs};
pub use patch::{Broken, Changed, Hunk, Patches};
pub use pieces::{Packed, Piece, Pieces, is_application, packed};
pub use report::{Format, report};
