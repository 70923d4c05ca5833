//! What stands in a pnpm-lock.yaml: three forms, one view.

use crate::lockfile::Source;
use crate::lockfile::data::{Entry, Malformed, Map, Value, yaml_documents};
use std::collections::HashMap;
use std::ops::Range;

/// The major of pnpm by whose rules a lock is judged: each reads other files and hashes in another way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Era {
    /// 6 and 7.
    V7,
    /// 8.
    V8,
    /// 9.
    V9,
    /// 10.
    V10,
    /// 11 and later.
    V11,
}

impl Era {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::V7 => "pnpm 7",
            Self::V8 => "pnpm 8",
            Self::V9 => "pnpm 9",
            Self::V10 => "pnpm 10",
            Self::V11 => "pnpm 11 and later",
        }
    }
}

/// How references and keys are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// 5.3 and 5.4: `/name/1.0.0_peer@2.0.0`, specifiers apart.
    V5,
    /// 6.0 and 6.1: `/name@1.0.0(peer@2.0.0)`.
    V6,
    /// 9.0: `name@1.0.0(peer@2.0.0)`, packages and snapshots.
    V9,
}

/// Why a lock cannot be read.
#[derive(Debug)]
pub(super) enum Broken {
    /// It is no YAML, or no map.
    Malformed(Malformed),
    /// There is nothing in it.
    Empty,
    /// It does not say its version.
    NoVersion,
    /// Its version is not known.
    Version(String, Range<usize>),
}

/// A lock that was read.
#[derive(Debug)]
pub(super) struct Lock {
    pub(super) source: Source,
    pub(super) value: Value,
    /// What pnpm 11 and later put before the lock itself: the package manager and the plugins.
    pub(super) environment: Option<Value>,
    pub(super) form: Form,
}

/// A project as the lock knows it.
#[derive(Debug)]
pub(super) struct Importer<'a> {
    /// Its folder, seen from that of the lock.
    pub(super) id: &'a str,
    /// The place of its key; of a lock of one project, the beginning.
    pub(super) span: Range<usize>,
    pub(super) locked: Vec<LockedDependency<'a>>,
    /// What was asked for, by name.
    pub(super) specifiers: HashMap<&'a str, Specifier<'a>>,
    pub(super) value: &'a Value,
}

/// What a manifest asked for when the lock was made.
#[derive(Clone, Debug)]
pub(super) struct Specifier<'a> {
    pub(super) text: &'a str,
    pub(super) span: Range<usize>,
}

/// What was chosen for a dependency of a project.
#[derive(Clone, Debug)]
pub(super) struct LockedDependency<'a> {
    pub(super) name: &'a str,
    /// `dependencies`, `devDependencies` or `optionalDependencies`.
    pub(super) field: &'static str,
    /// A version, a key of `packages`, or `link:` and a path.
    pub(super) reference: &'a str,
    pub(super) span: Range<usize>,
}

/// The fields of an importer.
pub(super) const FIELDS: [&str; 3] = ["dependencies", "devDependencies", "optionalDependencies"];

impl Lock {
    pub(super) fn read(source: &Source) -> Result<Self, Broken> {
        let mut documents = yaml_documents(&source.text).map_err(Broken::Malformed)?;
        let value = documents.pop().ok_or(Broken::Empty)?;
        let environment = documents.pop();
        if value.map().is_none_or(Map::is_empty) {
            let message = "it is not a map".to_owned();
            let is_nothing = matches!(value.data, crate::lockfile::data::Data::Null) || value.map().is_some();
            return Err(if is_nothing { Broken::Empty } else { malformed(source, &value, message) });
        }
        if let Some(more) = documents.pop() {
            return Err(malformed(source, &more, "it has more than two documents".to_owned()));
        }
        let entry = value.map().and_then(|map| map.entry("lockfileVersion")).ok_or(Broken::NoVersion)?;
        let version = entry.value.scalar().unwrap_or_default().to_owned();
        let form = match version.as_str() {
            "5.3" | "5.4" | "5.3-inlineSpecifiers" | "5.4-inlineSpecifiers" => Form::V5,
            "6.0" | "6.1" => Form::V6,
            "9.0" => Form::V9,
            _ => return Err(Broken::Version(version, entry.value.span.clone())),
        };
        Ok(Self { source: source.clone(), environment, form, value })
    }

    /// Every project, in the order of the file.
    pub(super) fn importers(&self) -> Vec<Importer<'_>> {
        match self.value.get("importers") {
            Some(importers) => importers
                .entries()
                .map(|entry| importer(&entry.key, entry.span.clone(), &entry.value))
                .collect(),
            None => vec![importer(".", 0..0, &self.value)],
        }
    }

    /// What is known of each package.
    pub(super) fn packages(&self) -> std::slice::Iter<'_, Entry> {
        self.value.get("packages").map(Value::entries).unwrap_or_default()
    }

    /// The entry of a key of the graph.
    pub(super) fn snapshot(&self, key: &str) -> Option<&Entry> {
        let field = if self.form == Form::V9 { "snapshots" } else { "packages" };
        self.value.get(field)?.map()?.entry(key)
    }

    /// What is known of the package of a key of the graph, and not of its peers.
    pub(super) fn package(&self, key: &str) -> Option<&Entry> {
        let key = if self.form == Form::V9 { without_peers(key) } else { key };
        self.value.get("packages")?.map()?.entry(key)
    }

    /// The key of the graph that a reference names; `Ok(None)`: none, it is a folder.
    pub(super) fn key(&self, name: &str, reference: &str) -> Result<Option<String>, String> {
        if reference.starts_with("link:") {
            return Ok(None);
        }
        let short = match self.form {
            Form::V5 => format!("/{name}/{reference}"),
            Form::V6 => format!("/{name}@{reference}"),
            Form::V9 => format!("{name}@{reference}"),
        };
        let found = [short.as_str(), reference].into_iter().find(|key| self.snapshot(key).is_some());
        found.map(|key| Some(key.to_owned())).ok_or(short)
    }

    /// The name and version of a key of `packages`: of `/@a/b@1.0.0(c@2)` `@a/b` and `1.0.0`.
    pub(super) fn name_and_version<'k>(&self, key: &'k str) -> Option<(&'k str, &'k str)> {
        let plain = without_peers(key);
        let rest = plain.strip_prefix('/').unwrap_or(plain);
        let parted = match self.form {
            Form::V5 => {
                let name_end = rest.char_indices().filter(|(_, c)| *c == '/');
                let nth = usize::from(rest.starts_with('@'));
                let at = name_end.map(|(at, _)| at).nth(nth)?;
                let version = rest.get(at + 1..)?;
                (rest.get(..at)?, version.split('_').next().unwrap_or(version))
            }
            Form::V6 | Form::V9 => {
                let at = rest.char_indices().skip(1).find(|(_, c)| *c == '@')?.0;
                (rest.get(..at)?, rest.get(at + 1..)?)
            }
        };
        Some(parted)
    }
}

fn malformed(source: &Source, value: &Value, message: String) -> Broken {
    let line = Some(source.line_of(value.span.start));
    Broken::Malformed(Malformed { line, message })
}

/// A reference or key without the peers that it was resolved with.
pub(super) fn without_peers(key: &str) -> &str {
    key.split_once('(').map_or(key, |(plain, _)| plain)
}

/// The version that a reference of an importer names, where it names one: without peers, in whichever form.
pub(super) fn version_of(form: Form, reference: &str) -> &str {
    let plain = without_peers(reference);
    if form == Form::V5 { plain.split('_').next().unwrap_or(plain) } else { plain }
}

fn importer<'a>(id: &'a str, span: Range<usize>, value: &'a Value) -> Importer<'a> {
    let mut made = Importer { id, span, locked: Vec::new(), specifiers: HashMap::new(), value };
    for entry in value.get("specifiers").map(Value::entries).unwrap_or_default() {
        let text = entry.value.scalar().unwrap_or_default();
        made.specifiers.insert(&entry.key, Specifier { text, span: whole(entry) });
    }
    for field in FIELDS {
        for entry in value.get(field).map(Value::entries).unwrap_or_default() {
            let reference = match entry.value.map() {
                Some(map) => {
                    if let Some(specifier) = map.entry("specifier") {
                        let text = specifier.value.scalar().unwrap_or_default();
                        made.specifiers.insert(&entry.key, Specifier { text, span: whole(specifier) });
                    }
                    map.get("version").and_then(Value::scalar)
                }
                None => entry.value.scalar(),
            };
            let reference = reference.unwrap_or_default();
            made.locked.push(LockedDependency { name: &entry.key, field, reference, span: whole(entry) });
        }
    }
    made
}

pub(super) fn whole(entry: &Entry) -> Range<usize> {
    entry.span.start..entry.value.span.end.max(entry.span.end)
}
