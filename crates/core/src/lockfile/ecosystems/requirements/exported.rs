//! Files that are exported from the lock of a tool: `uv export`, `pdm export`, `poetry export`. They are as good as that lock.

use super::super::python::normal;
use super::entry::What;
use super::file::File;
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
    /// Where it comes from, where that is no registry: commits, and addresses of files.
    sources: BTreeSet<String>,
    /// Whether it is a folder or a file beside the lock.
    is_path: bool,
    /// Whether it is a member of the workspace, which an export may leave out.
    is_member: bool,
}

impl Package {
    /// Whether it comes from where an entry, which is no version of a registry, says.
    fn comes_from(&self, what: &What) -> bool {
        match what {
            What::Git { at: Some(at), .. } => self.sources.contains(at),
            What::Url(url) => self.sources.contains(url.split('#').next().unwrap_or_default()),
            What::Path(_) => self.is_path,
            What::Git { at: None, .. } | What::Pinned(_) | What::Range(_) => false,
        }
    }
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
    for include in &file.includes {
        let why = format!("{} takes in {}, which no tool exports", lock.path, include.path);
        verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, lock.place(&include.span)));
    }
    let packages = packages(&document);
    let mut exported = HashSet::new();
    for entry in &file.entries {
        let elsewhere = || {
            let why = format!("whether {} is what {} has is not told", entry.text, from.path);
            Unclear::at(why, lock.place(&entry.span))
        };
        let Some(name) = &entry.name else {
            // What stands in the repository says of itself what it is.
            if !matches!(entry.what, What::Path(_)) {
                verdict.unclear_for(Breaks::Rewrite, elsewhere());
            }
            continue;
        };
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
        let What::Pinned(version) = &entry.what else {
            if !package.comes_from(&entry.what) {
                verdict.unclear_for(Breaks::Rewrite, elsewhere());
            }
            continue;
        };
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
        } else if package.versions.len() == 1 && (1..package.hashes.len()).contains(&entry.hashes.len()) {
            let why = format!("{name} has fewer hashes in {} than in {}", lock.path, from.path);
            verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, place));
        }
    }
    let mut lacks: Vec<&String> = packages
        .iter()
        .filter(|(name, package)| !package.is_member && !exported.contains(name.as_str()))
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

/// The commits and the addresses that a package of uv, PDM or Poetry comes from.
fn sources(package: &Value) -> impl Iterator<Item = &str> {
    let source = package.get("source");
    let of_source = |key: &str| source.and_then(|source| source.text_of(key));
    let commit = of_source("git").and_then(|git| git.rsplit_once('#')).map(|(_, commit)| commit);
    let commits = [commit, of_source("resolved_reference"), package.text_of("revision")];
    let addresses = [of_source("url"), package.text_of("url")];
    commits.into_iter().chain(addresses).flatten()
}

fn packages(document: &Value) -> HashMap<String, Package> {
    let mut found: HashMap<String, Package> = HashMap::new();
    // Before lock-version 2 of Poetry, and before 4.3 of PDM, the files stood at the end.
    let at_end = |key: &str| document.at(&["metadata", "files", key]);
    for value in document.get("package").into_iter().flat_map(Value::items) {
        let Some(name) = value.text_of("name") else { continue };
        let package = found.entry(normal(name)).or_default();
        let version = value.text_of("version").unwrap_or_default();
        package.versions.extend(Version::from_str(version).ok().map(|version| version.to_string()));
        let source = value.get("source");
        let is_here = |key: &str| source.is_some_and(|source| source.get(key).is_some());
        package.is_member |= is_here("editable") || is_here("virtual");
        let kind = source.and_then(|source| source.text_of("type"));
        package.is_path |= package.is_member
            || ["directory", "path"].into_iter().any(is_here)
            || matches!(kind, Some("directory" | "file"))
            || value.get("path").is_some();
        package.sources.extend(sources(value).map(str::to_owned));
        let files = ["files", "wheels"].iter().filter_map(|key| value.get(key));
        let old = at_end(name).or_else(|| at_end(&format!("{} {version}", name.to_ascii_lowercase())));
        let files = files.chain(old).flat_map(Value::items).chain(value.get("sdist")).chain(source);
        let hashes = files.filter_map(|file| file.text_of("hash"));
        package.hashes.extend(hashes.map(str::to_owned));
    }
    found
}
