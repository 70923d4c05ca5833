//! Whether a file is what the specification of `pylock.toml` says (packaging.python.org, "pylock.toml"), as pip checks it.

use super::super::python::{Marker, normal};
use crate::lockfile::data::{Data, Value};
use pep440_rs::{Version, VersionSpecifiers};
use std::collections::HashSet;
use std::ops::Range;
use std::str::FromStr;

/// What is wrong, and what cannot be told.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) wrong: Vec<Wrong>,
    pub(super) unclear: Vec<(Range<usize>, String)>,
}

/// Something that is not as the specification says.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) span: Range<usize>,
    pub(super) package: Option<String>,
    pub(super) what: String,
    pub(super) is_twice: bool,
}

/// Where something stands: a package, or the file.
#[derive(Clone, Copy)]
struct Part<'a> {
    value: &'a Value,
    /// How it is called: `packages.six`.
    name: &'a str,
    package: Option<&'a str>,
}

/// What a key's value must be.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Integer,
    Moment,
    Truth,
    Table,
    List,
}

/// Checks a document; what its `lock-version` is was looked at before.
pub(super) fn check(document: &Value) -> Found {
    let mut found = Found::default();
    let whole = Part { value: document, name: "", package: None };
    found.needed(whole, "created-by", Kind::Text);
    found.typed(whole, "requires-python", Kind::Text);
    found.typed(whole, "tool", Kind::Table);
    found.specifiers(whole, "requires-python");
    for key in ["environments", "extras", "dependency-groups", "default-groups"] {
        found.texts(whole, key);
    }
    for environment in document.get("environments").into_iter().flat_map(Value::items) {
        found.marker(whole, environment);
    }
    for extra in document.get("extras").into_iter().flat_map(Value::items) {
        found.name(whole, extra, "extra");
    }
    found.needed(whole, "packages", Kind::List);
    let mut seen: HashSet<(&str, &str)> = HashSet::new();
    for package in document.get("packages").into_iter().flat_map(Value::items) {
        let name = package.text_of("name").unwrap_or_default();
        let called = format!("packages.{name}");
        let part = Part { value: package, name: &called, package: Some(name) };
        if package.map().is_none() {
            found.add(part, &package.span, "an entry of packages is no table".to_owned());
            continue;
        }
        found.package(part);
        let marker = package.text_of("marker").unwrap_or_default();
        let is_new = seen.insert((name, marker));
        if !is_new && marker.is_empty() {
            let what = format!("{name} stands twice, and no marker says where which of them counts");
            let (span, package) = (package.span.clone(), Some(name.to_owned()));
            found.wrong.push(Wrong { span, package, what, is_twice: true });
        } else if !is_new {
            found.unclear.push((package.span.clone(), format!("{name} stands twice under one marker")));
        }
    }
    found
}

impl Found {
    fn add(&mut self, part: Part<'_>, span: &Range<usize>, what: String) {
        let (span, package) = (span.clone(), part.package.map(str::to_owned));
        self.wrong.push(Wrong { span, package, what, is_twice: false });
    }

    /// A key that must be there.
    fn needed(&mut self, part: Part<'_>, key: &str, kind: Kind) {
        if part.value.get(key).is_none() {
            let what = match part.name {
                "" => format!("`{key}` is missing"),
                name => format!("`{key}` of {name} is missing"),
            };
            self.add(part, &part.value.span, what);
        }
        self.typed(part, key, kind);
    }

    /// A key that may be there.
    fn typed(&mut self, part: Part<'_>, key: &str, kind: Kind) {
        let Some(value) = part.value.get(key) else { return };
        let (is_kind, word) = match kind {
            Kind::Text => (value.text().is_some(), "a string"),
            Kind::Truth => (value.bool().is_some(), "true or false"),
            Kind::Table => (value.map().is_some(), "a table"),
            Kind::List => (matches!(value.data, Data::List(_)), "a list"),
            Kind::Integer => (number(value).is_some_and(|text| text.parse::<i64>().is_ok()), "an integer"),
            Kind::Moment => (number(value).is_some_and(|text| text.contains('T')), "a date with a time"),
        };
        if !is_kind {
            let of = if part.name.is_empty() { String::new() } else { format!(" of {}", part.name) };
            self.add(part, &value.span, format!("`{key}`{of} is not {word}"));
        }
    }

    fn texts(&mut self, part: Part<'_>, key: &str) {
        self.typed(part, key, Kind::List);
        for item in part.value.get(key).into_iter().flat_map(Value::items) {
            if item.text().is_none() {
                self.add(part, &item.span, format!("an entry of `{key}` is not a string"));
            }
        }
    }

    fn specifiers(&mut self, part: Part<'_>, key: &str) {
        let Some(value) = part.value.get(key) else { return };
        let text = value.text().unwrap_or_default().trim();
        if !text.is_empty() && VersionSpecifiers::from_str(text.trim_end_matches(',')).is_err() {
            self.add(part, &value.span, format!("`{key}` is no range of versions"));
        }
    }

    fn marker(&mut self, part: Part<'_>, value: &Value) {
        let Some(text) = value.text() else { return };
        if text.trim().is_empty() {
            self.add(part, &value.span, "a marker is empty".to_owned());
        } else if Marker::parse(text).is_none()
            && !text.contains("extras")
            && !text.contains("dependency_groups")
        {
            let why = "a marker is of a form that is not known".to_owned();
            self.unclear.push((value.span.clone(), why));
        }
    }

    fn name(&mut self, part: Part<'_>, value: &Value, of: &str) {
        let Some(name) = value.text() else { return };
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if name.is_empty() || !is_plain || normal(name) != name {
            self.add(
                part,
                &value.span,
                format!("the {of} `{name}` is not written in its plain form, `{}`", normal(name)),
            );
        }
    }

    fn package(&mut self, part: Part<'_>) {
        self.needed(part, "name", Kind::Text);
        if let Some(name) = part.value.get("name") {
            self.name(part, name, "name");
        }
        for key in ["version", "marker", "requires-python", "index"] {
            self.typed(part, key, Kind::Text);
        }
        for key in ["vcs", "directory", "archive", "sdist", "tool"] {
            self.typed(part, key, Kind::Table);
        }
        for key in ["dependencies", "wheels", "attestation-identities"] {
            self.typed(part, key, Kind::List);
        }
        self.specifiers(part, "requires-python");
        if let Some(marker) = part.value.get("marker") {
            self.marker(part, marker);
        }
        let version = part.value.get("version").and_then(|value| Some((value, value.text()?)));
        if let Some((value, text)) = version
            && Version::from_str(text).is_err()
        {
            self.add(part, &value.span, format!("`{text}` is no version"));
        }
        self.sources(part);
        for identity in part.value.get("attestation-identities").into_iter().flat_map(Value::items) {
            let part = Part { value: identity, name: "attestation-identities", ..part };
            self.needed(part, "kind", Kind::Text);
        }
    }

    /// Where it comes from: files of an index, or one other place.
    fn sources(&mut self, part: Part<'_>) {
        let wheels: Vec<&Value> = part.value.get("wheels").into_iter().flat_map(Value::items).collect();
        let sdist = part.value.get("sdist");
        let others = ["vcs", "directory", "archive"];
        let others: Vec<(&str, &Value)> =
            others.iter().filter_map(|key| Some((*key, part.value.get(key)?))).collect();
        let has_files = !wheels.is_empty() || sdist.is_some();
        if has_files && !others.is_empty() {
            let what = format!("{} has files of an index and another source", part.name);
            self.add(part, &part.value.span, what);
        } else if !has_files && others.len() != 1 {
            let how = if others.is_empty() { "no source" } else { "more than one source" };
            self.add(part, &part.value.span, format!("{} has {how}", part.name));
        }
        for (key, value) in others {
            let name = format!("{}.{key}", part.name);
            let part = Part { value, name: &name, ..part };
            match key {
                "vcs" => {
                    self.needed(part, "type", Kind::Text);
                    self.needed(part, "commit-id", Kind::Text);
                    self.address(part);
                }
                "directory" => {
                    self.needed(part, "path", Kind::Text);
                    self.typed(part, "editable", Kind::Truth);
                }
                _ => self.file(part),
            }
        }
        for (at, wheel) in wheels.iter().enumerate() {
            let name = format!("{}.wheels[{at}]", part.name);
            let part = Part { value: wheel, name: &name, ..part };
            self.file(part);
            self.file_name(part, ".whl");
        }
        if let Some(sdist) = sdist {
            let name = format!("{}.sdist", part.name);
            let part = Part { value: sdist, name: &name, ..part };
            self.file(part);
            self.file_name(part, "");
        }
        for file in wheels.into_iter().chain(sdist) {
            self.named(part, file);
        }
    }

    fn address(&mut self, part: Part<'_>) {
        self.typed(part, "url", Kind::Text);
        self.typed(part, "path", Kind::Text);
        let has = |key: &str| part.value.text_of(key).is_some_and(|text| !text.is_empty());
        if !has("url") && !has("path") {
            self.add(part, &part.value.span, format!("{} has neither `url` nor `path`", part.name));
        }
    }

    /// A file: an address, and a hash.
    fn file(&mut self, part: Part<'_>) {
        self.address(part);
        self.typed(part, "size", Kind::Integer);
        self.typed(part, "upload-time", Kind::Moment);
        self.needed(part, "hashes", Kind::Table);
        let Some(hashes) = part.value.get("hashes") else { return };
        if hashes.map().is_some_and(crate::lockfile::data::Map::is_empty) {
            self.add(part, &part.value.span, format!("{} has no hash", part.name));
        }
        for hash in hashes.entries().filter(|entry| entry.value.text().is_none()) {
            self.add(part, &hash.span, format!("a hash of {} is not a string", part.name));
        }
    }

    fn file_name(&mut self, part: Part<'_>, ending: &str) {
        self.typed(part, "name", Kind::Text);
        let Some(name) = name_of(part.value) else { return };
        let is_known = if ending.is_empty() { sdist(&name).is_some() } else { wheel(&name).is_some() };
        if !is_known {
            self.add(part, &part.value.span, format!("`{name}` is no name of such a file"));
        }
    }

    /// The name of a file is that of its package at its version.
    fn named(&mut self, part: Part<'_>, file: &Value) {
        let Some(name) = name_of(file) else { return };
        let Some((package, version)) = wheel(&name).or_else(|| sdist(&name)) else { return };
        let own = part.value.text_of("version").and_then(|version| Version::from_str(version).ok());
        let is_name = part.package.is_none_or(|own| own == package);
        if !is_name || own.is_some_and(|own| own != version) {
            let what =
                format!("`{name}` is not a file of {} at its version", part.package.unwrap_or_default());
            self.add(part, &file.span, what);
        }
    }
}

fn number(value: &Value) -> Option<&str> {
    match &value.data {
        Data::Number(text) => Some(text),
        _ => None,
    }
}

/// The name of a file: as it is said, or the last part of its path or address.
fn name_of(file: &Value) -> Option<String> {
    let text = |key: &str| file.text_of(key).filter(|text| !text.is_empty());
    if let Some(name) = text("name") {
        return Some(name.to_owned());
    }
    if let Some(path) = text("path") {
        let mark = if path.contains('/') { '/' } else { '\\' };
        return path.rsplit(mark).next().map(str::to_owned);
    }
    let url = text("url")?;
    let url = url.split(['?', '#']).next().unwrap_or_default();
    url.rsplit('/').next().map(str::to_owned)
}

fn wheel(name: &str) -> Option<(String, Version)> {
    let stem = name.strip_suffix(".whl")?;
    let parts: Vec<&str> = stem.split('-').collect();
    if !matches!(parts.len(), 5 | 6) {
        return None;
    }
    let [package, version] = parts.get(..2)? else { return None };
    Some((normal(package), Version::from_str(version).ok()?))
}

fn sdist(name: &str) -> Option<(String, Version)> {
    let stem = name.strip_suffix(".tar.gz").or_else(|| name.strip_suffix(".zip"))?;
    let (package, version) = stem.rsplit_once('-')?;
    Some((normal(package), Version::from_str(version).ok()?))
}
