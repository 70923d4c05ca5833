//! The kinds of references, one file each. To add one, write its file and name it twice below, and give its key a place in
//! the section's table.

mod actions;
mod images;

use super::loose::Finder;
use crate::CodeInfo;

/// Every finder, by code.
pub const FINDERS: &[&Finder] = &[&actions::FINDER, &images::FINDER];

/// Their codes.
pub(super) static CODES: [CodeInfo; FINDERS.len()] = crate::code::codes_of!(FINDERS);
