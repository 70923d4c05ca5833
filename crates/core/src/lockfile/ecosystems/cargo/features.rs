//! Which optional dependencies of a package that is no member are switched on: Cargo locks those, and of members all.

use super::manifest::{Dependency, Package};
use crate::lockfile::ecosystem::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// What is switched on in a package.
#[derive(Clone, Default, Debug)]
pub(super) struct On {
    /// Whether it is a member: everything is.
    pub(super) is_all: bool,
    features: BTreeSet<String>,
    /// Optional dependencies, by their keys.
    optional: BTreeSet<String>,
    /// Features that features of this package ask of a dependency.
    of_dependencies: BTreeMap<String, BTreeSet<String>>,
}

impl On {
    /// Everything that a member has.
    pub(super) fn all(package: &Package) -> Self {
        let mut on = Self { is_all: true, ..Self::default() };
        for feature in package.features.keys() {
            on.enable(package, feature);
        }
        on
    }

    /// Switches on what somebody asks for; whether anything changed.
    pub(super) fn ask(&mut self, package: &Package, features: &[String], has_default: bool) -> bool {
        if self.is_all {
            return false;
        }
        let before = (self.features.len(), self.optional.len());
        let default = ["default".to_owned()];
        for feature in features.iter().chain(default.iter().filter(|_| has_default)) {
            self.enable(package, feature);
        }
        before != (self.features.len(), self.optional.len())
    }

    fn enable(&mut self, package: &Package, feature: &str) {
        let mut open = vec![feature.to_owned()];
        while let Some(feature) = open.pop() {
            if let Some(dependency) = feature.strip_prefix("dep:") {
                self.optional.insert(dependency.to_owned());
            } else if let Some((dependency, of)) = feature.split_once('/') {
                let key = dependency.strip_suffix('?').unwrap_or(dependency);
                // Cargo locks what only a weak `name?/feature` names as well.
                self.optional.insert(key.to_owned());
                self.of_dependencies.entry(key.to_owned()).or_default().insert(of.to_owned());
                if dependency == key && package.features.contains_key(key) {
                    open.push(key.to_owned());
                }
            } else if self.features.insert(feature.clone()) {
                match package.features.get(&feature) {
                    Some(values) => open.extend(values.iter().cloned()),
                    None => drop(self.optional.insert(feature)),
                }
            }
        }
    }

    /// Whether a dependency of the package is locked.
    pub(super) fn has(&self, dependency: &Dependency) -> bool {
        self.is_all
            || dependency.kind != Kind::Development
                && (!dependency.is_optional || self.optional.contains(&dependency.key))
    }

    /// The features that are asked of a dependency.
    pub(super) fn features_of(&self, dependency: &Dependency) -> Vec<String> {
        let more = self.of_dependencies.get(&dependency.key).into_iter().flatten();
        dependency.features.iter().chain(more).cloned().collect()
    }
}
