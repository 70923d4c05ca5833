//! Entries of locks without a hash of what is fetched. npm, bun and uv install them without a word.

use super::super::loose::{Finder, Hold, Loose, Wanted};
use crate::code::CodeInfo;
use crate::lockfile::{Role, Source, ecosystems::ECOSYSTEMS};
use crate::severity::Severity;

pub(super) const FINDER: Finder = Finder {
    info: CodeInfo {
        code: "GP-PIN-010",
        name: "integrity-missing",
        severity: Severity::High,
        summary: "A lock has a package without the hash of what is fetched.",
        why: "Whatever the registry, or somebody on the way, hands over is installed.",
        fix: "Have the tool write the entry again, from a registry that gives hashes.",
        fires: "version = 4\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n",
        silent: "version = 4\n\n[[package]]\nname = \"own\"\nversion = \"1.0.0\"\n",
    },
    key: "integrity",
    options: "",
    example_path: "Cargo.lock",
    reads: |path| ECOSYSTEMS.iter().any(|ecosystem| ecosystem.role(path).is_some_and(Role::may_be_lock)),
    find,
};

fn find(source: &Source, _: &Wanted<'_>) -> Vec<Loose> {
    let known =
        ECOSYSTEMS.iter().filter(|ecosystem| ecosystem.role(&source.path).is_some_and(Role::may_be_lock));
    // Some ecosystems share a file name: the first that can read it is meant.
    let locked = known.into_iter().find_map(|ecosystem| ecosystem.locked(source).ok()).unwrap_or_default();
    let without = locked.into_iter().filter(|locked| locked.needs_integrity && locked.integrity.is_empty());
    without
        .map(|locked| Loose {
            hold: Hold::Nothing,
            key: format!("{} {}", locked.name, locked.version),
            what: format!("{} {} is locked without a hash", locked.name, locked.version),
            fix: "have the tool write the entry again: delete it, and run the install".to_owned(),
            span: locked.span,
        })
        .collect()
}
