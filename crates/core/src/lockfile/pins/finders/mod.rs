//! The kinds of references, one file each. To add one, write its file and name it twice below, and give its key a place in
//! the section's table.

mod actions;
mod charts;
mod hooks;
mod images;
mod includes;
mod install;
mod integrity;
mod modules;
mod places;
mod ranges;
mod registries;
mod registry_lines;
mod sources;

use super::loose::{Finder, Hold};
use crate::CodeInfo;

/// Every finder, by code.
pub const FINDERS: &[&Finder] = &[
    &actions::FINDER,
    &images::FINDER,
    &includes::FINDER,
    &hooks::FINDER,
    &modules::FINDER,
    &charts::FINDER,
    &ranges::FINDER,
    &sources::GIT,
    &sources::URL,
    &integrity::FINDER,
    &install::LOCK,
    &install::SCRIPTS,
    &registries::HOSTS,
    &registries::NAMES,
];

/// Their codes.
pub(super) static CODES: [CodeInfo; FINDERS.len()] = crate::code::codes_of!(FINDERS);

/// By what a name in a repository of Git holds a reference, and how to say it; `None`: by a full commit id.
fn held_by(at: &str) -> Option<(Hold, String)> {
    let is_hex = at.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(match at {
        "" => (Hold::Nothing, "by nothing".to_owned()),
        "main" | "master" | "develop" | "trunk" | "HEAD" | "latest" => {
            (Hold::Nothing, format!("by the branch {at}"))
        }
        _ if is_hex && matches!(at.len(), 40 | 64) => return None,
        _ if is_hex && at.len() >= 7 => (Hold::Nearly, format!("by the short commit id {at}")),
        _ => (Hold::Name, format!("by {at}, a tag or a branch")),
    })
}
