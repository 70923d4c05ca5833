//! Files that are exported from the lock of a tool: `uv export`, `pdm export`, `poetry export`. They are as good as that lock.

use super::super::python::normal;
use super::file::{File, What};
use crate::lockfile::data::{Value, toml};
use crate::lockfile::{Breaks, Drift, Reason, Source, Unclear, Verdict};
use pep440_rs::Version;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::str::FromStr;

/// A package of the lock that was exported.
#[derive(Debug, Default)]
struct Package {
    versions: BTreeSet<String>,
    hashes: BTreeSet<String>,
    is_local: bool,
}

/// Compares a file with the lock that it was exported from.
pub(super) fn judge(from: &Source, lock: &Source, file: &File, mend: &str, verdict: &mut Verdict) {
    let document = match toml(&from.text) {
        Ok(document) => document,
        Err(error) => {
            let why = format!("{} cannot be read: {}", from.path, error.message);
            return verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, from.line(error.line)));
        }
    };
    let packages = packages(&document);
    let mut exported = HashSet::new();
    for entry in &file.entries {
        let Some(name) = &entry.name else { continue };
        exported.insert(name.as_str());
        let place = lock.place(&entry.span);
        let reason = |drift: Drift, what: String| {
            Reason::new(drift, Breaks::Rewrite, what, mend).dependency(name).in_lock(place.clone())
        };
        let Some(package) = packages.get(name) else {
            let what = format!("{name} is in {}, and not in {}", lock.path, from.path);
            verdict.drift(reason(Drift::NotAskedFor, what));
            continue;
        };
        let What::Pinned(version) = &entry.what else { continue };
        if !package.versions.contains(version) {
            let what = format!("{name} has another version in {} than in {}", lock.path, from.path);
            let known: Vec<&str> = package.versions.iter().map(String::as_str).collect();
            let reason = reason(Drift::LockedDifferently, what).in_manifest(from.whole());
            verdict.drift(reason.expected(known.join(" or ")).found(version.as_str()));
        } else if let Some(hash) = entry.hashes.iter().find(|hash| !package.hashes.contains(*hash)) {
            let what =
                format!("{name} has the hash {hash} in {}, which {} does not have", lock.path, from.path);
            let mut reason = reason(Drift::Tampered, what);
            // pip refuses a hash that is not that of the file.
            reason.breaks = Breaks::RewriteAndPerhapsStrict;
            verdict.drift(reason);
        }
    }
    let mut lacks: Vec<&String> = packages
        .iter()
        .filter(|(name, package)| !package.is_local && !exported.contains(name.as_str()))
        .map(|(name, _)| name)
        .collect();
    lacks.sort();
    if let Some(first) = lacks.first() {
        let why = format!(
            "whether {first} of {} belongs into {} hangs on the groups and extras that are exported",
            from.path, lock.path
        );
        verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, from.whole()));
    }
}

fn packages(document: &Value) -> HashMap<String, Package> {
    let mut found: HashMap<String, Package> = HashMap::new();
    for value in document.get("package").into_iter().flat_map(Value::items) {
        let Some(name) = value.text_of("name") else { continue };
        let package = found.entry(normal(name)).or_default();
        let version = value.text_of("version").and_then(|version| Version::from_str(version).ok());
        package.versions.extend(version.map(|version| version.to_string()));
        let source = value.get("source");
        let is_here = |key: &str| source.is_some_and(|source| source.get(key).is_some());
        package.is_local |= is_here("editable") || is_here("virtual");
        let files = ["files", "wheels"].iter().filter_map(|key| value.get(key)).flat_map(Value::items);
        let files = files.chain(value.get("sdist")).chain(source);
        let hashes = files.filter_map(|file| file.text_of("hash"));
        package.hashes.extend(hashes.map(str::to_owned));
    }
    found
}
