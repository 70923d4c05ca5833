//! What a `pyproject.toml` asks for: `[project]`, `[dependency-groups]`, `[tool.uv]`, `[tool.pdm]` and `[tool.poetry]`.

use super::{Requirement, Wanted, is_commit, normal, split_git};
use crate::lockfile::data::Value;
use crate::lockfile::{Declared, GitRef, Kind, Origin, Precision, Source, Unclear};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

/// Deepest nesting of groups that include groups.
const DEEPEST_GROUPS: usize = 32;

/// Most requirements of all groups together, with what they include written out.
const MOST_REQUIREMENTS: usize = 50_000;

/// A requirement as a list of the manifest has it.
#[derive(Clone, Debug)]
pub(in super::super) struct Asked {
    /// What it says; `None`: it cannot be read.
    pub(in super::super) requirement: Option<Requirement>,
    /// As it is written.
    pub(in super::super) text: String,
    /// Where it stands.
    pub(in super::super) span: Range<usize>,
}

impl Asked {
    pub(in super::super) fn new(value: &Value) -> Self {
        let text = value.text().unwrap_or_default().to_owned();
        Self { requirement: Requirement::parse(&text), text, span: value.span.clone() }
    }
}

/// The requirements of a list.
pub(in super::super) fn list(value: Option<&Value>) -> Vec<Asked> {
    value.into_iter().flat_map(Value::items).map(Asked::new).collect()
}

/// The extras, by their normalised names, and what they ask for.
pub(in super::super) fn extras(document: &Value) -> BTreeMap<String, Vec<Asked>> {
    let table = document.at(&["project", "optional-dependencies"]);
    let entries = table.into_iter().flat_map(Value::entries);
    entries.map(|entry| (normal(&entry.key), list(Some(&entry.value)))).collect()
}

/// The groups, by their normalised names, with what they include.
///
/// # Errors
///
/// A group that is not there, that includes itself, or that is of no known form.
pub(in super::super) fn groups(document: &Value) -> Result<BTreeMap<String, Vec<Asked>>, String> {
    let table = document.get("dependency-groups");
    let entries = table.into_iter().flat_map(Value::entries);
    let raw: HashMap<String, &Value> = entries.map(|entry| (normal(&entry.key), &entry.value)).collect();
    let mut budget = MOST_REQUIREMENTS;
    let mut groups = BTreeMap::new();
    for name in raw.keys() {
        let mut found = Vec::new();
        expand(&raw, name, 0, &mut budget, &mut found)?;
        groups.insert(name.clone(), found);
    }
    Ok(groups)
}

fn expand(
    raw: &HashMap<String, &Value>,
    name: &str,
    depth: usize,
    budget: &mut usize,
    found: &mut Vec<Asked>,
) -> Result<(), String> {
    if depth > DEEPEST_GROUPS {
        return Err(format!("the dependency group `{name}` includes itself"));
    }
    let Some(value) = raw.get(name) else {
        return Err(format!("a dependency group includes `{name}`, which is not there"));
    };
    for item in value.items() {
        *budget = budget.checked_sub(1).ok_or("the dependency groups have too many entries")?;
        if item.text().is_some() {
            found.push(Asked::new(item));
        } else if let Some(included) = item.text_of("include-group") {
            expand(raw, &normal(included), depth + 1, budget, found)?;
        } else {
            return Err(format!("an entry of the dependency group `{name}` is of no known form"));
        }
    }
    Ok(())
}

/// Everything that a manifest declares, for the rules about pins.
///
/// # Errors
///
/// A text that is no TOML.
pub(in super::super) fn declared(manifest: &Source) -> Result<Vec<Declared>, Unclear> {
    let document = crate::lockfile::data::toml(&manifest.text)
        .map_err(|error| Unclear::new(format!("{} cannot be read: {}", manifest.path, error.message)))?;
    let sources = document.at(&["tool", "uv", "sources"]);
    let origins: HashMap<String, &Value> =
        sources.into_iter().flat_map(Value::entries).map(|e| (normal(&e.key), &e.value)).collect();
    let mut found = Vec::new();
    let mut add = |asked: &Asked, kind: Kind| {
        let Some(requirement) = &asked.requirement else { return };
        let source = origins.get(&requirement.name).copied();
        found.push(of_requirement(asked, requirement, kind, source));
    };
    for asked in list(document.at(&["project", "dependencies"])) {
        add(&asked, Kind::Production);
    }
    for asked in extras(&document).values().flatten() {
        add(asked, Kind::Optional);
    }
    let group_entries = document.get("dependency-groups").into_iter().flat_map(Value::entries);
    for item in group_entries.flat_map(|entry| entry.value.items()).filter(|item| item.text().is_some()) {
        add(&Asked::new(item), Kind::Development);
    }
    for asked in list(document.at(&["tool", "uv", "dev-dependencies"])) {
        add(&asked, Kind::Development);
    }
    for entry in document.at(&["tool", "pdm", "dev-dependencies"]).into_iter().flat_map(Value::entries) {
        for asked in list(Some(&entry.value)) {
            add(&asked, Kind::Development);
        }
    }
    for asked in list(document.at(&["build-system", "requires"])) {
        add(&asked, Kind::Build);
    }
    if let Some(poetry) = document.at(&["tool", "poetry"]) {
        of_poetry(poetry, &mut found);
    }
    Ok(found)
}

/// A requirement with the source that a table beside it gives.
pub(in super::super) fn of_requirement(
    asked: &Asked,
    requirement: &Requirement,
    kind: Kind,
    source: Option<&Value>,
) -> Declared {
    let source = source.map(|source| source.items().next().unwrap_or(source));
    let (origin, written) = match (&requirement.wanted, source) {
        (Wanted::Url(url), _) => (of_url(url), url.clone()),
        (_, Some(source)) => (of_table(source), versions(&asked.text, &requirement.name)),
        _ => (Origin::Registry(None), versions(&asked.text, &requirement.name)),
    };
    let precision = match origin {
        Origin::Registry(_) if requirement.is_exact() => Precision::Exact,
        Origin::Registry(_) if requirement.is_any() => Precision::Any,
        Origin::Registry(_) => Precision::Range,
        _ => Precision::None,
    };
    let (name, span) = (requirement.name.clone(), asked.span.clone());
    Declared { name, requirement: written, kind, precision, origin, span }
}

/// What of a requirement is not its name: as it is written.
fn versions(text: &str, name: &str) -> String {
    let text = text.split(';').next().unwrap_or_default().trim();
    text.get(name.len()..).unwrap_or_default().trim().to_owned()
}

/// Where an address leads.
pub(in super::super) fn of_url(url: &str) -> Origin {
    if let Some(git) = url.strip_prefix("git+") {
        let (url, at) = split_git(git);
        let at = match at {
            None => GitRef::Default,
            Some(name) if is_commit(name) => GitRef::Commit(name.to_owned()),
            Some(name) => GitRef::Name(name.to_owned()),
        };
        return Origin::Git { url: url.to_owned(), at };
    }
    if let Some(path) = url.strip_prefix("file://") {
        return Origin::Path(path.to_owned());
    }
    if !url.contains("://") {
        return Origin::Path(url.to_owned());
    }
    let hashes = ["sha256=", "sha384=", "sha512="];
    let has_hash =
        url.split_once('#').is_some_and(|(_, after)| hashes.iter().any(|hash| after.contains(hash)));
    Origin::Url { url: url.to_owned(), has_hash }
}

/// Where a table of `[tool.uv.sources]`, or of Poetry or Pipenv, leads.
pub(in super::super) fn of_table(source: &Value) -> Origin {
    if let Some(git) = source.text_of("git") {
        let named = |key: &str| source.text_of(key).map(str::to_owned);
        let at = if let Some(tag) = named("tag") {
            GitRef::Tag(tag)
        } else if let Some(branch) = named("branch") {
            GitRef::Branch(branch)
        } else {
            match named("rev").or_else(|| named("ref")) {
                None => GitRef::Default,
                Some(rev) if is_commit(&rev) => GitRef::Commit(rev),
                Some(rev) => GitRef::Name(rev),
            }
        };
        return Origin::Git { url: git.to_owned(), at };
    }
    if source.get("workspace").and_then(Value::bool) == Some(true) {
        return Origin::Workspace;
    }
    if let Some(path) = source.text_of("path") {
        return Origin::Path(path.to_owned());
    }
    if let Some(url) = source.text_of("url").or_else(|| source.text_of("file")) {
        return of_url(url);
    }
    Origin::Registry(source.text_of("index").or_else(|| source.text_of("source")).map(str::to_owned))
}

fn of_poetry(poetry: &Value, found: &mut Vec<Declared>) {
    let optional: BTreeSet<String> = poetry
        .get("extras")
        .into_iter()
        .flat_map(Value::entries)
        .flat_map(|entry| entry.value.items())
        .filter_map(Value::text)
        .map(normal)
        .collect();
    let mut add = |table: Option<&Value>, kind: Kind| {
        for entry in table.into_iter().flat_map(Value::entries) {
            let name = normal(&entry.key);
            if name == "python" {
                continue;
            }
            let kind = if optional.contains(&name) { Kind::Optional } else { kind };
            let several = entry.value.items();
            let single = (several.len() == 0).then_some(&entry.value);
            for value in several.chain(single) {
                let requirement = value.text().or_else(|| value.text_of("version")).unwrap_or_default();
                let origin = if value.map().is_some() { of_table(value) } else { Origin::Registry(None) };
                let precision = match origin {
                    Origin::Registry(_) => precision(requirement),
                    _ => Precision::None,
                };
                let (requirement, span) = (requirement.to_owned(), entry.span.clone());
                found.push(Declared { name: name.clone(), requirement, kind, precision, origin, span });
            }
        }
    };
    add(poetry.get("dependencies"), Kind::Production);
    add(poetry.get("dev-dependencies"), Kind::Development);
    for group in poetry.get("group").into_iter().flat_map(Value::entries) {
        add(group.value.get("dependencies"), Kind::Development);
    }
}

/// How much a constraint of Poetry or Pipenv leaves open: a bare version is that version.
pub(in super::super) fn precision(constraint: &str) -> Precision {
    let constraint = constraint.trim();
    let is_plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".+-_!".contains(&b))
    };
    match constraint {
        "" | "*" => Precision::Any,
        _ if is_plain(constraint.trim_start_matches('=').trim()) => Precision::Exact,
        _ => Precision::Range,
    }
}
