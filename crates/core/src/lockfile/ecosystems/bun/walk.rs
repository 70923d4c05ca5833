//! What of the lock stands for what is asked for: the packages by where they are installed, as node looks for them.

use super::{Package, owner};
use crate::lockfile::data::Value;
use crate::lockfile::npm_spec::{Spec, satisfies, version};
use std::collections::HashMap;

/// Folders in folders that are looked through. Nobody has that many, and what a lock says may be made up.
const DEEPEST: usize = 64;

/// Whether a package is what is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fit {
    Yes,
    No,
    /// The files do not say.
    Unknown,
}

/// The packages of a lock.
#[derive(Debug)]
pub(super) struct Packages<'a> {
    by_key: HashMap<&'a str, Package<'a>>,
    /// How many versions there are of a name.
    versions: HashMap<&'a str, Vec<&'a str>>,
    /// The members of the workspace: their versions by their folders.
    pub(super) members: HashMap<String, String>,
    /// What `overrides` says of a name; empty where it is of a form that is not followed.
    pub(super) overrides: HashMap<String, String>,
    /// What the catalogs say, by the name of the catalog and that of the package.
    pub(super) catalogs: HashMap<(String, String), String>,
}

impl<'a> Packages<'a> {
    pub(super) fn new(lock: &'a Value) -> Self {
        let entries = lock.get("packages").map(Value::entries).unwrap_or_default();
        let by_key: HashMap<&str, Package<'a>> =
            entries.filter_map(|entry| Some((entry.key.as_str(), Package::read(entry)?))).collect();
        let mut versions: HashMap<&str, Vec<&str>> = HashMap::new();
        for package in by_key.values() {
            versions.entry(package.name).or_default().push(package.at);
        }
        for all in versions.values_mut() {
            all.sort_unstable();
            all.dedup();
        }
        let (members, overrides, catalogs) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { by_key, versions, members, overrides, catalogs }
    }

    /// The package that a name stands for where `from` is installed: in its own folder, or in one above.
    pub(super) fn find(&self, from: &str, name: &str) -> Option<Package<'a>> {
        let mut at = from;
        for _ in 0..DEEPEST {
            if at.is_empty() {
                break;
            }
            if let Some(package) = self.by_key.get(format!("{at}/{name}").as_str()) {
                return Some(*package);
            }
            at = owner(at);
        }
        self.by_key.get(name).copied()
    }

    /// What is asked for after overrides and catalogs; `None`: the files do not say.
    fn resolved(&self, name: &str, spec: &str) -> Option<String> {
        let spec = match self.overrides.get(name) {
            Some(over) if over.is_empty() => return None,
            Some(over) if Spec::parse(spec).is_registry() || spec.starts_with("catalog:") => over,
            _ => spec,
        };
        let Some(catalog) = spec.strip_prefix("catalog:") else { return Some(spec.to_owned()) };
        self.catalogs.get(&(catalog_name(catalog).to_owned(), name.to_owned())).cloned()
    }

    /// Whether a package is what is asked for under a name.
    pub(super) fn fit(&self, name: &str, spec: &str, package: &Package<'_>) -> Fit {
        match self.resolved(name, spec) {
            Some(spec) => self.fit_spec(name, &Spec::parse(&spec), package),
            None => Fit::Unknown,
        }
    }

    fn fit_spec(&self, name: &str, spec: &Spec, package: &Package<'_>) -> Fit {
        let is_version = version(package.at).is_some();
        let known = |is_so: bool| if is_so { Fit::Yes } else { Fit::Unknown };
        match spec {
            Spec::Version(wanted) | Spec::Range(wanted) => match package.member() {
                _ if package.name != name => Fit::Unknown,
                None => in_range(package.at, wanted),
                Some(folder) => match self.members.get(folder) {
                    Some(number) => in_range(number, wanted),
                    None => Fit::Unknown,
                },
            },
            Spec::Tag(_) => known(is_version && package.name == name),
            Spec::Alias { name: other, .. } if package.name != other && is_version => Fit::No,
            Spec::Alias { name: other, spec } => self.fit_spec(other, spec, package),
            Spec::Other { protocol, .. } if protocol == "workspace" => match package.member() {
                Some(folder) if self.members.contains_key(folder) => Fit::Yes,
                Some(_) => Fit::No,
                None => Fit::Unknown,
            },
            _ => known(!is_version),
        }
    }

    /// Whether more than one version of a package is locked: which of them a new dependency gets is bun's choice.
    pub(super) fn is_ambiguous(&self, name: &str, spec: &str) -> bool {
        let all = self.versions.get(name).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(|at| in_range(at, spec) != Fit::No).count() > 1
    }
}

/// bun's own reading of pre-releases is not known to be that of npm.
fn in_range(number: &str, wanted: &str) -> Fit {
    match satisfies(number, wanted) {
        Some(true) => Fit::Yes,
        Some(false) if !number.contains('-') && !wanted.contains('-') => Fit::No,
        _ if matches!(wanted.trim(), "" | "*") => Fit::Yes,
        _ => Fit::Unknown,
    }
}

/// The catalog without a name is also called `default`.
pub(super) fn catalog_name(name: &str) -> &str {
    if name == "default" { "" } else { name.trim() }
}
