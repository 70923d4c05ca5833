//! `Cargo.toml`: what a package is called, what it asks for, and what it inherits from its workspace.

use super::line_place;
use super::origin::Reference;
use crate::lockfile::data::{Entry, Value, toml};
use crate::lockfile::ecosystem::{Kind, Place, Source};
use crate::lockfile::tree::{Unread, join};
use semver::VersionReq;
use std::collections::BTreeMap;
use std::ops::Range;

/// The tables of dependencies: the name of today, the older one, and what it is for.
const TABLES: &[(&str, &str, Kind)] = &[
    ("dependencies", "dependencies", Kind::Production),
    ("build-dependencies", "build_dependencies", Kind::Build),
    ("dev-dependencies", "dev_dependencies", Kind::Development),
];

/// A manifest that was read.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) source: Source,
    pub(super) root: Value,
}

/// Why there is no manifest.
#[derive(Clone, Debug)]
pub(super) enum Absent {
    /// The file could not be read.
    Unread(Unread),
    /// It is no manifest: what is wrong, and where.
    Malformed(String, Place),
}

/// A package.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) source: Source,
    pub(super) name: String,
    pub(super) version: String,
    /// Where the version stands, or the name where it is not said.
    pub(super) version_span: Range<usize>,
    pub(super) dependencies: Vec<Dependency>,
    pub(super) features: BTreeMap<String, Vec<String>>,
    /// What Cargo would not take, and where.
    pub(super) faults: Vec<Fault>,
}

/// What Cargo would not take in a manifest.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) dependency: String,
    pub(super) what: String,
    pub(super) span: Range<usize>,
}

/// A dependency of a package.
#[derive(Clone, Debug)]
pub(super) struct Dependency {
    /// Its name in the manifest.
    pub(super) key: String,
    /// The package's own name.
    pub(super) name: String,
    /// As it is written; empty: any.
    pub(super) requirement: String,
    /// `None`: any.
    pub(super) range: Option<VersionReq>,
    pub(super) from: From,
    pub(super) kind: Kind,
    pub(super) is_optional: bool,
    pub(super) has_default_features: bool,
    pub(super) features: Vec<String>,
    pub(super) span: Range<usize>,
}

/// Where a dependency comes from.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum From {
    /// crates.io.
    Default,
    /// A registry by its name in `.cargo/config.toml`.
    Named(String),
    /// A registry by its address.
    Index(String),
    /// A repository.
    Git(String, Reference),
    /// A folder: as written, and seen from the root of the tree, `None` where it leads out of it.
    Path(String, Option<String>),
}

/// What a workspace gives to its members.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inherited<'w> {
    /// The folder of the workspace's manifest.
    pub(super) folder: &'w str,
    pub(super) manifest: &'w Manifest,
}

impl Manifest {
    pub(super) fn read(source: Source) -> Result<Self, Absent> {
        match toml(&source.text) {
            Ok(root) => Ok(Self { source, root }),
            Err(malformed) => {
                let what = format!("{} is not TOML: {}", source.path, malformed.message);
                Err(Absent::Malformed(what, line_place(&source, malformed.line)))
            }
        }
    }

    /// `[package]`, or as it was called once `[project]`.
    pub(super) fn package(&self) -> Option<&Value> {
        self.root.get("package").or_else(|| self.root.get("project"))
    }

    pub(super) fn workspace(&self) -> Option<&Value> {
        self.root.get("workspace")
    }

    /// The texts of a list of `[workspace]`, and where they stand.
    pub(super) fn workspace_list(&self, key: &str) -> impl Iterator<Item = (&str, &Range<usize>)> {
        let items =
            self.workspace().and_then(|workspace| workspace.get(key)).into_iter().flat_map(Value::items);
        items.filter_map(|item| Some((item.text()?, &item.span)))
    }

    /// Reads the package of the manifest in `folder`; `None`: it has none.
    pub(super) fn as_package(&self, folder: &str, inherited: Option<Inherited<'_>>) -> Option<Package> {
        let table = self.package()?;
        let name = table.get("name")?;
        let mut faults = Vec::new();
        let (version, version_span) = self.version(table, inherited, &mut faults);
        let mut dependencies = Vec::new();
        for (kind, entry) in self.tables() {
            match dependency(entry, kind, folder, inherited) {
                Ok(dependency) => dependencies.push(dependency),
                Err(what) => {
                    faults.push(Fault { dependency: entry.key.clone(), what, span: entry.span.clone() });
                }
            }
        }
        let features = self.root.get("features").into_iter().flat_map(Value::entries).map(|entry| {
            let on = entry.value.items().filter_map(|item| item.text().map(str::to_owned));
            (entry.key.clone(), on.collect())
        });
        Some(Package {
            source: self.source.clone(),
            name: name.text()?.to_owned(),
            version,
            version_span: version_span.unwrap_or_else(|| name.span.clone()),
            dependencies,
            features: features.collect(),
            faults,
        })
    }

    fn version(
        &self,
        table: &Value,
        inherited: Option<Inherited<'_>>,
        faults: &mut Vec<Fault>,
    ) -> (String, Option<Range<usize>>) {
        let Some(version) = table.get("version") else { return ("0.0.0".to_owned(), None) };
        if let Some(text) = version.text() {
            return (text.trim().to_owned(), Some(version.span.clone()));
        }
        let of =
            inherited.and_then(|from| from.manifest.root.at(&["workspace", "package", "version"])?.text());
        if of.is_none() {
            let what = "the version is inherited from a workspace that gives none".to_owned();
            faults.push(Fault { dependency: "version".to_owned(), what, span: version.span.clone() });
        }
        (of.unwrap_or("0.0.0").to_owned(), Some(version.span.clone()))
    }

    /// Every entry of every table of dependencies, those of targets too.
    fn tables(&self) -> impl Iterator<Item = (Kind, &Entry)> {
        let targets = self.root.get("target").into_iter().flat_map(Value::entries).map(|entry| &entry.value);
        let places = std::iter::once(&self.root).chain(targets);
        places.flat_map(|place| {
            TABLES.iter().flat_map(move |(name, older, kind)| {
                let table = place.get(name).or_else(|| place.get(older));
                table.into_iter().flat_map(Value::entries).map(move |entry| (*kind, entry))
            })
        })
    }

    /// The entries of `[workspace.dependencies]`.
    fn workspace_dependencies(&self) -> impl Iterator<Item = &Entry> {
        self.root.at(&["workspace", "dependencies"]).into_iter().flat_map(Value::entries)
    }

    /// Every dependency that is said here in full, for pins; what is inherited is said in the workspace.
    pub(super) fn said_here(&self, folder: &str) -> Vec<(Dependency, bool)> {
        let mut said = Vec::new();
        let shared = self.workspace_dependencies().map(|entry| (Kind::Production, entry));
        for (kind, entry) in self.tables().chain(shared) {
            let is_inherited = is_inherited(&entry.value);
            if is_inherited {
                said.push((inherited_unread(entry, kind), true));
            } else if let Ok(dependency) = dependency(entry, kind, folder, None) {
                said.push((dependency, false));
            }
        }
        said
    }
}

fn is_inherited(value: &Value) -> bool {
    value.get("workspace").and_then(Value::bool) == Some(true)
}

fn inherited_unread(entry: &Entry, kind: Kind) -> Dependency {
    Dependency {
        key: entry.key.clone(),
        name: entry.key.clone(),
        requirement: String::new(),
        range: None,
        from: From::Default,
        kind,
        is_optional: is_true(&entry.value, "optional"),
        has_default_features: true,
        features: Vec::new(),
        span: entry.span.clone(),
    }
}

fn is_true(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::bool) == Some(true)
}

/// Reads an entry of a table of dependencies; what is wrong with it, as the end of a sentence.
pub(super) fn dependency(
    entry: &Entry,
    kind: Kind,
    folder: &str,
    inherited: Option<Inherited<'_>>,
) -> Result<Dependency, String> {
    let key = &entry.key;
    if !is_inherited(&entry.value) {
        return said(key, &entry.value, kind, folder, &entry.span);
    }
    let from = inherited.ok_or_else(|| format!("`{key}` is inherited, and there is no workspace"))?;
    let shared = from.manifest.root.at(&["workspace", "dependencies", key]);
    let shared = shared.ok_or_else(|| {
        format!(
            "`{key}` is inherited, and `[workspace.dependencies]` of {} has none",
            from.manifest.source.path
        )
    })?;
    let mut dependency = said(key, shared, kind, from.folder, &entry.span)?;
    dependency.is_optional = is_true(&entry.value, "optional");
    dependency.features.extend(texts(&entry.value, "features"));
    dependency.has_default_features |= default_features(&entry.value) == Some(true);
    Ok(dependency)
}

fn said(
    key: &str,
    value: &Value,
    kind: Kind,
    folder: &str,
    span: &Range<usize>,
) -> Result<Dependency, String> {
    let text = |name: &str| value.get(name).and_then(Value::text);
    let requirement = value.text().or_else(|| text("version")).unwrap_or_default().trim();
    let range = match requirement {
        "" => None,
        _ => Some(VersionReq::parse(requirement).map_err(|error| {
            format!("`{requirement}`, which `{key}` asks for, is no requirement of a version: {error}")
        })?),
    };
    let reference = || match (text("branch"), text("tag"), text("rev")) {
        (Some(name), ..) => Reference::Branch(name.to_owned()),
        (_, Some(name), _) => Reference::Tag(name.to_owned()),
        (.., Some(name)) => Reference::Rev(name.to_owned()),
        _ => Reference::Default,
    };
    let from = match (text("git"), text("path"), text("registry-index"), text("registry")) {
        (Some(url), ..) => From::Git(url.to_owned(), reference()),
        (_, Some(path), ..) => From::Path(path.to_owned(), join(folder, path)),
        (.., Some(index), _) => From::Index(index.to_owned()),
        (.., Some("crates-io")) => From::Default,
        (.., Some(name)) => From::Named(name.to_owned()),
        _ => From::Default,
    };
    if value.text().is_none() && value.map().is_none() {
        return Err(format!("`{key}` is neither a version nor a table"));
    }
    Ok(Dependency {
        key: key.to_owned(),
        name: text("package").unwrap_or(key).to_owned(),
        requirement: requirement.to_owned(),
        range,
        from,
        kind,
        is_optional: is_true(value, "optional"),
        has_default_features: default_features(value) != Some(false),
        features: texts(value, "features"),
        span: span.clone(),
    })
}

fn default_features(value: &Value) -> Option<bool> {
    value.get("default-features").or_else(|| value.get("default_features"))?.bool()
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    value
        .get(key)
        .into_iter()
        .flat_map(Value::items)
        .filter_map(|item| item.text().map(str::to_owned))
        .collect()
}
