//! What Pipenv hashes of a Pipfile.

use super::{categories, in_lock};
use crate::lockfile::canonical::{self, Json};
use crate::lockfile::data::{Value, toml};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What stands in for sources where a Pipfile has none. The address is part of what is hashed.
const DEFAULT_SOURCE: &str =
    "[[source]]\nname = \"pypi\"\nurl = \"https://pypi.org/simple\"\nverify_ssl = true\n";

/// The hash by which Pipenv knows what a lock was made from, as its versions write it.
#[derive(Debug)]
pub(super) struct Hashes {
    /// From 2026.4 on the names of packages are normalised.
    pub(super) normalised: String,
    /// From 2022.10.9 on.
    pub(super) written: String,
    /// Before there were categories.
    pub(super) two_only: String,
}

impl Hashes {
    /// `None`: Python's JSON has no such value.
    pub(super) fn new(project: &Value) -> Option<Self> {
        Some(Self {
            normalised: hash(project, true, true)?,
            written: hash(project, false, true)?,
            two_only: hash(project, false, false)?,
        })
    }

    /// Which versions of Pipenv take a lock with this hash.
    pub(super) fn takers(&self, has: &str) -> Takers {
        match (self.written == has, self.normalised == has) {
            (true, true) => Takers::All,
            (true, false) => Takers::Some("before 2026.4 takes the lock, and a newer one does not"),
            (false, true) => Takers::Some("from 2026.4 on takes the lock, and an older one does not"),
            _ if self.two_only == has => Takers::Some(
                "before 2022.10.9, which knows no categories, takes the lock, and a newer one does not",
            ),
            _ => Takers::None,
        }
    }
}

/// Which versions of Pipenv take a lock.
pub(super) enum Takers {
    All,
    /// The end of a sentence about Pipenv.
    Some(&'static str),
    None,
}

fn hash(project: &Value, is_normalised: bool, has_categories: bool) -> Option<String> {
    let default = toml(DEFAULT_SOURCE).ok()?;
    let empty = || Json::Map(BTreeMap::new());
    let sources = project.get("source").or_else(|| default.get("source"))?;
    let requires = project.get("requires").map_or_else(empty, Json::Value);
    let meta = canonical::map(vec![("sources", Json::Value(sources)), ("requires", requires)]);
    let mut content =
        canonical::map(vec![("_meta", Json::Map(meta)), ("default", empty()), ("develop", empty())]);
    for section in categories(project) {
        let name = in_lock(&section.key);
        // A category that has the name of one of the two in the lock is not looked at.
        if name == section.key && (!has_categories || matches!(name, "default" | "develop")) {
            continue;
        }
        let packages = match section.value.map() {
            Some(packages) if is_normalised => Json::Map(
                packages
                    .iter()
                    .map(|entry| (canonical_name(&entry.key), Json::Value(&entry.value)))
                    .collect(),
            ),
            _ => Json::Value(&section.value),
        };
        content.insert(name.to_owned(), packages);
    }
    let text = canonical::python(&Json::Map(content), ",", ":")?;
    Some(data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes())))
}

/// The name of a package as Python's `packaging` normalises it, marks at its ends included.
pub(super) fn canonical_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            _ => out.extend(c.to_lowercase()),
        }
    }
    out
}
