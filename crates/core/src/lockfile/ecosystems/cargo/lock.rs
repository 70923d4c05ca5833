//! `Cargo.lock` of the forms 1 to 4.

use super::origin::{self, Origin};
use super::{Mend, line_place};
use crate::lockfile::data::{Map, Value, toml};
use crate::lockfile::ecosystem::{Breaks, Drift, Reason, Source, Verdict};
use semver::Version;
use std::collections::HashMap;
use std::ops::Range;

/// A lock that was read.
#[derive(Debug)]
pub(super) struct Lock {
    pub(super) source: Source,
    /// 1 to 4.
    pub(super) form: u8,
    pub(super) packages: Vec<Package>,
    /// Patches that nothing uses.
    pub(super) unused: Vec<Package>,
    by_name: HashMap<String, Vec<usize>>,
    /// Checksums of the first form, which stand apart: the key and the value.
    pub(super) metadata: Vec<(String, String)>,
    /// Whether there is something that the writer here does not know.
    pub(super) has_more: bool,
}

/// A package of a lock.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    /// `None`: it is no version.
    pub(super) parsed: Option<Version>,
    /// As it is written.
    pub(super) source: Option<String>,
    /// `None`: Cargo does not know such a source.
    pub(super) origin: Option<Origin>,
    pub(super) checksum: Option<String>,
    pub(super) edges: Vec<Edge>,
    pub(super) is_replaced: bool,
    pub(super) span: Range<usize>,
}

/// What a package of a lock says that it depends on.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) text: String,
    /// The package that is meant; `None`: none, or more than one.
    pub(super) to: Option<usize>,
    pub(super) span: Range<usize>,
}

impl Lock {
    /// Reads a lock. What Cargo would not read is told to `verdict`.
    pub(super) fn read(source: &Source, mend: &Mend, verdict: &mut Verdict) -> Option<Self> {
        let root = match toml(&source.text) {
            Ok(root) => root,
            Err(malformed) => {
                let what = format!("{} is not TOML: {}", source.path, malformed.message);
                let place = line_place(source, malformed.line);
                verdict.drift(Reason::new(Drift::Unreadable, Breaks::Both, what, &mend.anew).in_lock(place));
                return None;
            }
        };
        let form = form(&root, source, mend, verdict)?;
        let mut read = Reading { source, mend, verdict, form, is_broken: false };
        let packages: Vec<Package> = root
            .get("package")
            .into_iter()
            .flat_map(Value::items)
            .chain(root.get("root"))
            .filter_map(|value| read.package(value))
            .collect();
        let unused = root.at(&["patch", "unused"]).into_iter().flat_map(Value::items);
        let unused = unused.filter_map(|value| read.package(value)).collect();
        if read.is_broken {
            return None;
        }
        let mut lock = Self {
            source: source.clone(),
            form,
            packages,
            unused,
            by_name: HashMap::new(),
            metadata: Vec::new(),
            has_more: false,
        };
        for (at, package) in lock.packages.iter().enumerate() {
            lock.by_name.entry(package.name.clone()).or_default().push(at);
        }
        lock.take_metadata(&root);
        lock.repeated(mend, verdict);
        lock.resolve();
        Some(lock)
    }

    /// The packages of a name.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = (usize, &Package)> {
        let all = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter_map(|at| Some((*at, self.packages.get(*at)?)))
    }

    /// The folder packages of a name.
    pub(super) fn path_package(&self, name: &str, version: &str) -> Option<(usize, &Package)> {
        let mut all: Vec<_> = self.named(name).filter(|(_, package)| package.source.is_none()).collect();
        let exact = all.iter().position(|(_, package)| package.version == version).unwrap_or_default();
        (exact < all.len()).then(|| all.swap_remove(exact))
    }

    fn take_metadata(&mut self, root: &Value) {
        let mut of: HashMap<String, String> = HashMap::new();
        for entry in root.get("metadata").into_iter().flat_map(Value::entries) {
            match (entry.key.strip_prefix("checksum "), entry.value.text()) {
                (Some(id), Some(sum)) => drop(of.insert(id.to_owned(), sum.to_owned())),
                _ => self.has_more = true,
            }
            self.metadata.extend(entry.value.text().map(|sum| (entry.key.clone(), sum.to_owned())));
        }
        if self.form == 1 {
            for package in &mut self.packages {
                if let (None, Some(source)) = (&package.checksum, &package.source) {
                    let id = format!("{} {} ({})", package.name, package.version, source);
                    package.checksum = of.get(&id).cloned();
                }
            }
        }
    }

    fn repeated(&self, mend: &Mend, verdict: &mut Verdict) {
        let mut seen = HashMap::new();
        for package in &self.packages {
            let id = (&package.name, &package.version, &package.source);
            if seen.insert(id, ()).is_some() {
                let what = format!("{} has {} {} twice", self.source.path, package.name, package.version);
                let reason =
                    Reason::new(Drift::Repeated, Breaks::Both, what, &mend.anew).dependency(&package.name);
                verdict.drift(reason.in_lock(self.source.place(&package.span)));
            }
        }
    }

    /// Finds the package that each edge means. As Cargo does it: what a text leaves out must not be in doubt.
    fn resolve(&mut self) {
        let mut targets = Vec::new();
        for package in &self.packages {
            targets.push(package.edges.iter().map(|edge| self.target(&edge.text)).collect::<Vec<_>>());
        }
        for (package, targets) in self.packages.iter_mut().zip(targets) {
            for (edge, to) in package.edges.iter_mut().zip(targets) {
                edge.to = to;
            }
        }
    }

    fn target(&self, text: &str) -> Option<usize> {
        let (name, version, source) = parts(text);
        let mut fit = self.named(name).filter(|(_, package)| {
            version.is_none_or(|version| package.version == version)
                && source.is_none_or(|source| {
                    package
                        .source
                        .as_deref()
                        .is_some_and(|own| origin::without_commit(own) == origin::without_commit(source))
                })
        });
        let (first, package) = fit.next()?;
        let mut rest = fit.peekable();
        // Full ids of the first form leave out nothing: of a folder there is no source.
        if rest.peek().is_some() && version.is_some() && source.is_none() && self.form == 1 {
            return std::iter::once((first, package))
                .chain(rest)
                .find(|(_, p)| p.source.is_none())
                .map(|(at, _)| at);
        }
        rest.peek().is_none().then_some(first)
    }
}

/// The number of a lock's form.
fn form(root: &Value, source: &Source, mend: &Mend, verdict: &mut Verdict) -> Option<u8> {
    let Some(version) = root.get("version") else {
        let is_first = root
            .get("metadata")
            .into_iter()
            .flat_map(Value::entries)
            .any(|entry| entry.key.starts_with("checksum "));
        return Some(if is_first { 1 } else { 2 });
    };
    let place = source.place(&version.span);
    let number = version.scalar().unwrap_or_default();
    match number.parse::<u64>() {
        Ok(3) => Some(3),
        Ok(4) => Some(4),
        Ok(0..=2) | Err(_) => {
            let what = format!("{} says that it is of version `{number}`, which no Cargo reads", source.path);
            verdict.drift(Reason::new(Drift::Tampered, Breaks::Both, what, &mend.anew).in_lock(place));
            None
        }
        Ok(_) => {
            verdict.version_unknown(
                format!("{} is of version {number}; gatepost knows the versions 1 to 4", source.path),
                place,
            );
            None
        }
    }
}

/// Name, version and source of an edge.
pub(super) fn parts(text: &str) -> (&str, Option<&str>, Option<&str>) {
    let mut words = text.splitn(3, ' ');
    let name = words.next().unwrap_or_default();
    let version = words.next();
    let source = words.next().and_then(|source| source.strip_prefix('(')?.strip_suffix(')'));
    (name, version, source)
}

struct Reading<'r> {
    source: &'r Source,
    mend: &'r Mend,
    verdict: &'r mut Verdict,
    form: u8,
    is_broken: bool,
}

impl Reading<'_> {
    fn package(&mut self, value: &Value) -> Option<Package> {
        let Some(map) = value.map() else {
            return self.broken("an entry is no table", &value.span);
        };
        let (Some(name), Some(version)) = (text(map, "name"), text(map, "version")) else {
            return self.broken("an entry has no name or no version", &value.span);
        };
        let source = text(map, "source").map(str::to_owned);
        let origin =
            source.as_deref().map_or(Some(Origin::Path), |source| origin::of_lock(source, self.form));
        let parsed = Version::parse(version).ok();
        if parsed.is_none() {
            return self.broken(&format!("`{version}` is no version"), span(map, "version", value));
        }
        if origin.is_none() {
            return self.broken("Cargo does not know such a source", span(map, "source", value));
        }
        let mut edges = Vec::new();
        for item in map.get("dependencies").into_iter().flat_map(Value::items) {
            let Some(text) = item.text() else { return self.broken("a dependency is no text", &item.span) };
            edges.push(Edge { text: text.to_owned(), to: None, span: item.span.clone() });
        }
        Some(Package {
            name: name.to_owned(),
            version: version.to_owned(),
            parsed,
            source,
            origin,
            checksum: text(map, "checksum").map(str::to_owned),
            edges,
            is_replaced: map.get("replace").is_some(),
            span: value.span.clone(),
        })
    }

    fn broken(&mut self, what: &str, span: &Range<usize>) -> Option<Package> {
        if !self.is_broken {
            let line = self.source.line_of(span.start);
            let what = format!("{} cannot be read from line {line} on: {what}", self.source.path);
            let reason = Reason::new(Drift::Unreadable, Breaks::Both, what, &self.mend.anew);
            self.verdict.drift(reason.in_lock(self.source.place(span)));
        }
        self.is_broken = true;
        None
    }
}

fn text<'m>(map: &'m Map, key: &str) -> Option<&'m str> {
    map.get(key).and_then(Value::text)
}

fn span<'m>(map: &'m Map, key: &str, otherwise: &'m Value) -> &'m Range<usize> {
    map.get(key).map_or(&otherwise.span, |value| &value.span)
}
