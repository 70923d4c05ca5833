//! What a lock holds, for the pins and the lock diff.

use super::graph::{installed_name, is_installed};
use crate::lockfile::data::{Entry, Value};
use crate::lockfile::ecosystem::{Locked, LockedOrigin};
use crate::lockfile::npm_spec::Spec;
use std::collections::HashSet;

/// Deepest nesting of `dependencies` in lockfileVersion 1; the reader of JSON takes no deeper one.
const DEEPEST: usize = 128;

/// Every package of a lock that is fetched, in the order in which they stand.
pub(super) fn locked(lock: &Value) -> Vec<Locked> {
    match lock.get("packages") {
        Some(packages) => of_packages(packages),
        None => {
            let mut found = Vec::new();
            if let Some(dependencies) = lock.get("dependencies") {
                nested(dependencies, 0, &mut found);
            }
            found
        }
    }
}

fn of_packages(packages: &Value) -> Vec<Locked> {
    let direct: HashSet<&str> = packages
        .entries()
        .filter(|entry| !is_installed(&entry.key))
        .flat_map(|entry| super::record::DEPENDENCIES.iter().filter_map(|field| entry.value.get(field)))
        .flat_map(Value::entries)
        .map(|entry| entry.key.as_str())
        .collect();
    let is_fetched = |entry: &&Entry| {
        is_installed(&entry.key) && entry.value.get("link").and_then(Value::bool) != Some(true)
    };
    packages
        .entries()
        .filter(is_fetched)
        .map(|entry| {
            let installed = installed_name(&entry.key);
            // What stands in another's folder is there because that asks for it, or a member of the workspace does.
            let (owner, _) = entry.key.rsplit_once("node_modules/").unwrap_or_default();
            let name = entry.value.text_of("name").unwrap_or(installed);
            let is_direct = !is_installed(owner) && direct.contains(installed);
            let runs = entry.value.get("hasInstallScript").and_then(Value::bool) == Some(true);
            of_entry(name, entry, entry.value.text_of("resolved"), Some(runs), Some(is_direct))
        })
        .collect()
}

fn nested(dependencies: &Value, depth: usize, found: &mut Vec<Locked>) {
    for entry in dependencies.entries().filter(|_| depth < DEEPEST) {
        let version = entry.value.text_of("version").unwrap_or_default();
        let is_plain = Spec::parse(version).is_registry();
        let resolved = entry.value.text_of("resolved").or_else(|| Some(version).filter(|_| !is_plain));
        let mut locked = of_entry(&entry.key, entry, resolved, None, None);
        if let Spec::Alias { name, spec } = Spec::parse(version) {
            locked.name = name;
            if let Spec::Version(version) = *spec {
                locked.version = version;
            }
        } else if !is_plain {
            locked.version = String::new();
        }
        found.push(locked);
        if let Some(inner) = entry.value.get("dependencies") {
            nested(inner, depth + 1, found);
        }
    }
}

fn of_entry(
    name: &str,
    entry: &Entry,
    resolved: Option<&str>,
    runs_scripts: Option<bool>,
    is_direct: Option<bool>,
) -> Locked {
    let value = &entry.value;
    let version = value.text_of("version").unwrap_or_default();
    let origin = origin(name, version, resolved);
    let is_bundled =
        ["inBundle", "bundled"].iter().any(|key| value.get(key).and_then(Value::bool) == Some(true));
    let needs_integrity = !is_bundled && matches!(origin, LockedOrigin::Registry(_) | LockedOrigin::Url(_));
    let hashes = value.text_of("integrity").unwrap_or_default();
    let mut integrity: Vec<String> = hashes.split_whitespace().map(str::to_owned).collect();
    integrity.sort_unstable();
    Locked {
        name: name.to_owned(),
        version: version.to_owned(),
        origin,
        integrity,
        needs_integrity,
        runs_scripts,
        is_direct,
        span: entry.span.start..value.span.end,
    }
}

fn origin(name: &str, version: &str, resolved: Option<&str>) -> LockedOrigin {
    let Some(resolved) = resolved else { return LockedOrigin::Registry(None) };
    match Spec::parse(resolved) {
        Spec::Git(git) => {
            let commit = git.committish.clone();
            LockedOrigin::Git { url: git.url, commit }
        }
        Spec::Folder(path) | Spec::File(path) => LockedOrigin::Path(path),
        Spec::Url(url) => {
            // Registries have an archive of every version under a path that says so.
            let file = name.rsplit('/').next().unwrap_or_default();
            let is_registry = url.contains("/-/") || url.ends_with(&format!("/{file}-{version}.tgz"));
            if is_registry { LockedOrigin::Registry(Some(url)) } else { LockedOrigin::Url(url) }
        }
        _ => LockedOrigin::Registry(Some(resolved.to_owned())),
    }
}
