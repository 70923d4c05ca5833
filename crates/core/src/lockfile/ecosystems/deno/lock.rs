//! deno.lock, of versions 1 to 5, as one model. Deno turns an earlier one into the latest when it reads it.

use super::requirement::{Asked, Registry, Spelling};
use crate::lockfile::data::{Data, Entry, Map, Value};
use std::collections::HashMap;
use std::ops::Range;

/// What a lock says.
#[derive(Debug)]
pub(super) struct Lock<'v> {
    pub(super) version: u8,
    /// What was asked for, and the version that was chosen.
    pub(super) specifiers: Vec<Specifier<'v>>,
    /// Packages of npm by `NAME@VERSION`, with their peers behind.
    pub(super) npm: HashMap<&'v str, Npm<'v>>,
    /// Packages of JSR by `NAME@VERSION`.
    pub(super) jsr: HashMap<&'v str, Jsr<'v>>,
    /// Files of addresses, and their hashes.
    pub(super) remote: Option<&'v Map>,
    pub(super) redirects: Option<&'v Map>,
    /// What it has of the manifests.
    pub(super) workspace: Option<&'v Value>,
}

#[derive(Debug)]
pub(super) struct Specifier<'v> {
    /// As it is written, with its scheme.
    pub(super) text: String,
    /// `None`: it is none that could be read.
    pub(super) asked: Option<Asked>,
    pub(super) chosen: &'v str,
    pub(super) span: Range<usize>,
}

#[derive(Debug)]
pub(super) struct Npm<'v> {
    pub(super) entry: &'v Entry,
    /// What it needs: names, or packages in full.
    pub(super) needs: Vec<&'v str>,
    pub(super) peers: Vec<&'v str>,
}

#[derive(Debug)]
pub(super) struct Jsr<'v> {
    pub(super) entry: &'v Entry,
    pub(super) needs: Vec<&'v str>,
}

/// Why a lock is none.
#[derive(Debug)]
pub(super) enum Unfit {
    /// Its version is not known.
    Version(String, Range<usize>),
    /// Something in it is not what it should be.
    Form(String, Range<usize>),
}

impl<'v> Lock<'v> {
    pub(super) fn read(value: &'v Value) -> Result<Self, Unfit> {
        let Some(top) = value.map() else {
            return Err(Unfit::Form("it is not a map".to_owned(), value.span.clone()));
        };
        let version = match top.get("version").map(|version| (version, version.text())) {
            Some((_, Some("5"))) => 5,
            Some((_, Some("4"))) => 4,
            Some((_, Some("3"))) => 3,
            Some((_, Some("2"))) => 2,
            Some((at, Some(other))) => return Err(Unfit::Version(other.to_owned(), at.span.clone())),
            // What is no text is no version to Deno, and the lock one of addresses alone.
            _ => 1,
        };
        let mut lock = Self {
            version,
            specifiers: Vec::new(),
            npm: HashMap::new(),
            jsr: HashMap::new(),
            remote: None,
            redirects: None,
            workspace: None,
        };
        if version == 1 {
            lock.remote = Some(texts(top)?);
            return Ok(lock);
        }
        lock.remote = section(top, "remote")?.map(texts).transpose()?;
        lock.redirects = section(top, "redirects")?.map(texts).transpose()?;
        lock.workspace = top.get("workspace").filter(|value| value.map().is_some());
        if version == 2 {
            let npm = section(top, "npm")?;
            lock.specifiers(npm, "npm:")?;
            lock.npm(npm.map(|npm| section(npm, "packages")).transpose()?.flatten())?;
            return Ok(lock);
        }
        let at = if version == 3 { section(top, "packages")? } else { Some(top) };
        lock.specifiers(at, "")?;
        lock.npm(at.map(|at| section(at, "npm")).transpose()?.flatten())?;
        lock.jsr(at.map(|at| section(at, "jsr")).transpose()?.flatten())?;
        Ok(lock)
    }

    /// Whether nothing is locked: then Deno does not write the record alone.
    pub(super) fn is_empty(&self) -> bool {
        let is_bare = |map: Option<&Map>| map.is_none_or(Map::is_empty);
        self.specifiers.is_empty()
            && self.npm.is_empty()
            && self.jsr.is_empty()
            && is_bare(self.remote)
            && is_bare(self.redirects)
            && self.workspace.is_none_or(|workspace| is_bare(workspace.map()))
    }

    fn specifiers(&mut self, at: Option<&'v Map>, scheme: &str) -> Result<(), Unfit> {
        for entry in at.map(|at| section(at, "specifiers")).transpose()?.flatten().into_iter().flatten() {
            let text = format!("{scheme}{}", entry.key);
            let chosen = entry.value.text().ok_or_else(|| unfit(entry, "it has no version"))?;
            // Before version 4 the package stands before the version.
            let chosen = if self.version < 4 { at_version(chosen) } else { chosen };
            let asked = Asked::parse(&text, Spelling::Npm).and_then(Result::ok);
            self.specifiers.push(Specifier {
                text,
                asked,
                chosen,
                span: entry.span.start..entry.value.span.end,
            });
        }
        Ok(())
    }

    fn npm(&mut self, at: Option<&'v Map>) -> Result<(), Unfit> {
        for entry in at.into_iter().flatten() {
            if entry.value.map().is_none() || split(&entry.key).is_none() {
                return Err(unfit(entry, "it is no package of npm"));
            }
            if entry
                .value
                .get("integrity")
                .is_some_and(|hash| hash.text().is_none() && hash.data != Data::Null)
            {
                return Err(unfit(entry, "its integrity is no text"));
            }
            let mut needs = list(entry, "dependencies")?;
            needs.extend(list(entry, "optionalDependencies")?);
            let peers = list(entry, "optionalPeers")?;
            self.npm.insert(&entry.key, Npm { entry, needs, peers });
        }
        Ok(())
    }

    fn jsr(&mut self, at: Option<&'v Map>) -> Result<(), Unfit> {
        for entry in at.into_iter().flatten() {
            if entry.value.text_of("integrity").is_none() {
                return Err(unfit(entry, "it has no integrity"));
            }
            if split(&entry.key).is_none() {
                return Err(unfit(entry, "it is no package of JSR"));
            }
            self.jsr.insert(&entry.key, Jsr { entry, needs: list(entry, "dependencies")? });
        }
        Ok(())
    }
}

fn unfit(entry: &Entry, why: &str) -> Unfit {
    Unfit::Form(format!("of {} {why}", entry.key), entry.span.clone())
}

/// A section, where there is one.
fn section<'v>(map: &'v Map, key: &str) -> Result<Option<&'v Map>, Unfit> {
    let Some(entry) = map.entry(key) else { return Ok(None) };
    match &entry.value.data {
        Data::Map(map) => Ok(Some(map)),
        _ => Err(Unfit::Form(format!("{key} is not a map"), entry.span.clone())),
    }
}

/// A map of texts alone.
fn texts(map: &Map) -> Result<&Map, Unfit> {
    match map.iter().find(|entry| entry.value.text().is_none()) {
        Some(entry) => Err(unfit(entry, "the hash is no text")),
        None => Ok(map),
    }
}

/// What a package needs: a list of them, before version 4 a map of names and packages.
fn list<'v>(entry: &'v Entry, key: &str) -> Result<Vec<&'v str>, Unfit> {
    let Some(value) = entry.value.get(key) else { return Ok(Vec::new()) };
    let all: Option<Vec<&str>> = match &value.data {
        Data::List(items) => items.iter().map(Value::text).collect(),
        Data::Map(map) => map.iter().map(|entry| entry.value.text()).collect(),
        _ => None,
    };
    all.ok_or_else(|| unfit(entry, &format!("{key} is no list of packages")))
}

/// A package in full: its name, and its version with its peers behind.
pub(super) fn split(id: &str) -> Option<(&str, &str)> {
    let at = id.get(1..)?.find('@')? + 1;
    Some((id.get(..at)?, id.get(at + 1..)?))
}

/// What stands behind the name of `npm:NAME@VERSION`.
fn at_version(text: &str) -> &str {
    let bare = [Registry::Npm, Registry::Jsr].iter().find_map(|kind| text.strip_prefix(kind.scheme()));
    split(bare.unwrap_or(text)).map_or(text, |(_, version)| version)
}

/// The package that a need of one of npm is met by, in full: `KEY@npm:NAME@VERSION`, `NAME@VERSION`; `None`: it is a name
/// alone, of which there is one.
pub(super) fn target(need: &str) -> Option<&str> {
    let (_, version) = split(need)?;
    Some(version.strip_prefix("npm:").unwrap_or(need))
}
