//! Items of a project: packages, their central versions, other projects.

use super::project::{ITEMS, MOST_ITEMS, Reading, text_in};
use crate::lockfile::ecosystem::{Place, Source};
use roxmltree::Node;

/// Longest version that is kept, in bytes: a list of names may have many copies of it.
const LONGEST_VERSION: usize = 1 << 10;

/// A package that is asked for, or the path of a project.
#[derive(Clone, Debug)]
pub(super) struct Package {
    pub name: String,
    pub version: Version,
    /// `VersionOverride`, which counts before the central version.
    pub own_version: Version,
    /// Whether whoever refers to the project does not get it; `None`: nobody can tell.
    pub is_private: Option<bool>,
    /// Whether restoring looks at it at all: `ReferenceOutputAssembly` of a project.
    pub is_read: Option<bool>,
    /// `false`: it hangs on a condition that nobody can decide.
    pub is_certain: bool,
    pub is_global: bool,
    pub place: Place,
}

/// A version as it is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Version {
    None,
    Known(String),
    Unknown,
}

/// An item before the properties are all known.
pub(super) struct Raw {
    kind: &'static str,
    operation: &'static str,
    value: String,
    conditions: Vec<String>,
    data: Vec<(String, String, Option<String>)>,
    is_certain: bool,
    file: String,
    place: Place,
}

impl Reading<'_, '_> {
    pub(super) fn group(&mut self, group: &Node<'_, '_>, source: &Source, is_certain: bool) {
        let of_group = group.attribute("Condition");
        for node in group.children().filter(Node::is_element) {
            let name = node.tag_name().name();
            let Some(kind) = ITEMS.into_iter().find(|known| known.eq_ignore_ascii_case(name)) else {
                continue;
            };
            let operations = ["Include", "Update", "Remove"].into_iter();
            let mut written =
                operations.filter_map(|operation| Some((operation, node.attribute(operation)?)));
            let Some((operation, value)) = written.next() else { continue };
            if self.raw.len() >= MOST_ITEMS {
                return self.open(format!("{} has more than {MOST_ITEMS} items", self.path), None);
            }
            let conditions = [of_group, node.attribute("Condition")].into_iter().flatten().map(str::to_owned);
            let attributes = node
                .attributes()
                .map(|data| (data.name().to_ascii_lowercase(), data.value().to_owned(), None));
            let inner = node.children().filter(Node::is_element).map(|data| {
                let name = data.tag_name().name().to_ascii_lowercase();
                let condition = data.attribute("Condition").map(str::to_owned);
                (name, text_in(&data).trim().to_owned(), condition)
            });
            self.raw.push(Raw {
                kind,
                operation,
                value: value.to_owned(),
                conditions: conditions.collect(),
                data: attributes.chain(inner).collect(),
                is_certain,
                file: source.path.to_string(),
                place: source.place(&node.range()),
            });
        }
    }

    pub(super) fn items(&mut self) {
        let mut count = 0;
        for raw in std::mem::take(&mut self.raw) {
            let scope = self.scope(&raw.file, None);
            let met: Vec<Option<bool>> =
                raw.conditions.iter().map(|condition| scope.is_met(condition)).collect();
            if met.contains(&Some(false)) {
                continue;
            }
            let is_certain = raw.is_certain && !met.contains(&None);
            let names = scope.expand(&raw.value);
            let Some(names) = names.filter(|names| !names.contains('*')) else {
                // What says nothing of versions alters little enough.
                if raw.operation != "Update"
                    || raw
                        .data
                        .iter()
                        .any(|(name, ..)| name.starts_with("version") || name == "privateassets")
                {
                    self.open(
                        format!("which {} `{}` means is not known", raw.kind, raw.value),
                        Some(raw.place),
                    );
                }
                continue;
            };
            let mut package = self.package(&raw, is_certain);
            for name in names.split(';').map(str::trim).filter(|name| !name.is_empty()) {
                count += 1;
                if count > MOST_ITEMS {
                    return self.open(format!("{} has more than {MOST_ITEMS} items", self.path), None);
                }
                name.clone_into(&mut package.name);
                self.item(&raw, &package);
            }
        }
    }

    fn package(&self, raw: &Raw, is_certain: bool) -> Package {
        let scope = self.scope(&raw.file, None);
        let data = |wanted: &str| {
            let mut found: Option<Option<String>> = None;
            for (_, value, condition) in raw.data.iter().filter(|(name, ..)| name == wanted) {
                match condition.as_ref().map_or(Some(true), |condition| scope.is_met(condition)) {
                    Some(false) => {}
                    Some(true) => found = Some(scope.expand(value)),
                    None => found = Some(None),
                }
            }
            found
        };
        let version = |name: &str| match data(name) {
            None => Version::None,
            Some(None) => Version::Unknown,
            Some(Some(text)) if text.trim().is_empty() => Version::None,
            Some(Some(text)) if text.len() > LONGEST_VERSION => Version::Unknown,
            Some(Some(text)) => Version::Known(text.trim().to_owned()),
        };
        let is_private = match data("privateassets") {
            None => Some(raw.kind == "GlobalPackageReference"),
            Some(assets) => {
                assets.map(|assets| assets.split(';').any(|part| part.trim().eq_ignore_ascii_case("all")))
            }
        };
        let is_read = match data("referenceoutputassembly") {
            None => Some(true),
            Some(value) => value.map(|value| !value.trim().eq_ignore_ascii_case("false")),
        };
        Package {
            name: String::new(),
            version: version("version"),
            own_version: version("versionoverride"),
            is_private,
            is_read,
            is_certain,
            is_global: raw.kind == "GlobalPackageReference",
            place: raw.place.clone(),
        }
    }

    fn item(&mut self, raw: &Raw, package: &Package) {
        let is_named = |known: &Package| known.name.eq_ignore_ascii_case(&package.name);
        if raw.kind == "ProjectReference" {
            let path = self.scope(&raw.file, None).path(&package.name);
            match (raw.operation, path) {
                ("Include", Some(path)) => {
                    self.project.references.push(Package { name: path, ..package.clone() });
                }
                ("Remove", Some(path)) if package.is_certain => {
                    self.project.references.retain(|known| known.name != path);
                }
                _ => self.open("which projects are meant is not known".to_owned(), Some(raw.place.clone())),
            }
            return;
        }
        if raw.kind == "PackageVersion" {
            let key = package.name.to_ascii_lowercase();
            match raw.operation {
                "Remove" if package.is_certain => drop(self.project.central.remove(&key)),
                "Include" | "Update" => {
                    let is_certain = package.is_certain && package.version != Version::Unknown;
                    self.project.central.insert(key, Package { is_certain, ..package.clone() });
                }
                _ => self.open(format!("whether {} has a central version is not known", package.name), None),
            }
            return;
        }
        let packages = &mut self.project.packages;
        match raw.operation {
            "Remove" if package.is_certain => packages.retain(|known| !is_named(known)),
            "Include" if packages.iter().any(is_named) => {
                // NuGet takes one of them, and which one hangs on its version.
                for known in packages.iter_mut().filter(|known| is_named(known)) {
                    known.is_certain = false;
                }
            }
            "Include" => packages.push(package.clone()),
            _ => {
                for known in packages.iter_mut().filter(|known| is_named(known)) {
                    known.is_certain &= package.is_certain;
                    if package.version != Version::None {
                        known.version = package.version.clone();
                    }
                    if package.own_version != Version::None {
                        known.own_version = package.own_version.clone();
                    }
                    if raw.data.iter().any(|(name, ..)| name == "privateassets") {
                        known.is_private = package.is_private;
                    }
                }
            }
        }
    }
}
