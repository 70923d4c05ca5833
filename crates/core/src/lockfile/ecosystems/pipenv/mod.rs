//! Pipenv: `Pipfile.lock`. The lock holds a hash of what the Pipfile asks for, and Pipenv looks at nothing else. What is hashed
//! was written in three ways over the years, and the lock does not say by which Pipenv it was made.

mod hash;

#[cfg(test)]
mod tests;

use self::hash::{Hashes, Takers};
use super::python::{self, Requirement, normal, pyproject, unreadable};
use crate::lockfile::data::{Data, Entry, Value, json, toml};
use crate::lockfile::tree::file_name;
use crate::lockfile::{
    Breaks, Declared, Drift, Ecosystem, Info, Kind, Locked, LockedOrigin, Origin, Pair, Precision, Reason,
    Role, Source, Tree, Unclear, Verdict,
};
use std::collections::{HashMap, HashSet};

/// The command that mends. It takes newer versions as well, where the Pipfile allows them.
const MEND: &str = "pipenv lock";

/// The command that mends a lock which cannot be read.
const ANEW: &str = "rm Pipfile.lock && pipenv lock";

/// The form of lock that is known, `_meta.pipfile-spec`.
const SPEC: &str = "6";

/// Parts of a Pipfile that are no packages, beside the two that always are.
const OTHERS: &[&str] = &["source", "requires", "scripts", "pipfile", "pipenv"];

/// Keys of a package that Pipenv knows; newer versions refuse any other.
const KEYS: &[&str] = &[
    "git",
    "svn",
    "hg",
    "bzr",
    "ref",
    "subdirectory",
    "name",
    "version",
    "extras",
    "editable",
    "markers",
    "os_markers",
    "hashes",
    "index",
    "no_binary",
    "pip_args",
    "skip_resolver",
    "path",
    "file",
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_version",
    "python_full_version",
    "implementation_name",
    "implementation_version",
];

/// Keys of a package that do not decide whether it is locked here, nor from where.
const PLAIN_KEYS: &[&str] = &["version", "extras", "index", "hashes"];

/// Pipenv.
#[derive(Debug)]
pub(super) struct Pipenv;

const INFO: Info =
    Info { name: "pipenv", locks: "Pipfile.lock", manifests: "Pipfile", family: "pipenv", make: MEND };

impl Ecosystem for Pipenv {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        match file_name(path) {
            "Pipfile.lock" => Some(Role::Lock),
            "Pipfile" => Some(Role::Manifest),
            _ => None,
        }
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        python::beside(tree, "Pipfile.lock", "Pipfile")
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        if let Some((manifest, lock)) = python::ends(tree, pair, &mut verdict) {
            judge(&manifest, &lock, &mut verdict);
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        let document = toml(&manifest.text)
            .map_err(|error| Unclear::new(format!("{} cannot be read: {}", manifest.path, error.message)))?;
        let sources = addresses(document.get("source"));
        let mut found = Vec::new();
        for section in categories(&document) {
            let kind = match section.key.as_str() {
                "packages" => Kind::Production,
                "dev-packages" => Kind::Development,
                // Other categories are installed where they are asked for by name.
                _ => Kind::Optional,
            };
            found.extend(section.value.entries().map(|entry| declared(entry, kind, &sources)));
        }
        Ok(found)
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let document = json(&lock.text)
            .map_err(|error| Unclear::new(format!("{} cannot be read: {}", lock.path, error.message)))?;
        let sources = document.at(&["_meta", "sources"]);
        let (addresses, first) = (addresses(sources), sources.and_then(|sources| sources.items().next()));
        let first = first.and_then(|source| source.text_of("url"));
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        for entry in document
            .entries()
            .filter(|entry| entry.key != "_meta")
            .flat_map(|category| category.value.entries())
        {
            let one = locked(entry, &addresses, first);
            // What several categories ask for is in each of them.
            if seen.insert((one.name.clone(), one.version.clone(), one.origin.clone())) {
                found.push(one);
            }
        }
        Ok(found)
    }
}

/// The tables of packages of a Pipfile.
fn categories(document: &Value) -> impl Iterator<Item = &Entry> {
    document.entries().filter(|entry| !OTHERS.contains(&entry.key.as_str()))
}

/// The name of a table of packages in the lock.
fn in_lock(section: &str) -> &str {
    match section {
        "packages" => "default",
        "dev-packages" => "develop",
        other => other,
    }
}

/// The addresses of sources, by their names.
fn addresses(sources: Option<&Value>) -> HashMap<&str, &str> {
    let sources = sources.into_iter().flat_map(Value::items);
    sources.filter_map(|source| Some((source.text_of("name")?, source.text_of("url")?))).collect()
}

fn judge(manifest: &Source, lock: &Source, verdict: &mut Verdict) {
    let (document, project) = match (json(&lock.text), toml(&manifest.text)) {
        (Ok(document), Ok(project)) => (document, project),
        (document, project) => {
            if let Err(error) = document {
                broken(unreadable(lock, &error, true, ANEW), verdict);
            }
            verdict.reasons.extend(project.err().map(|error| unreadable(manifest, &error, false, MEND)));
            return;
        }
    };
    if document.map().is_none() {
        let what = format!("{} is no object of JSON", lock.path);
        let reason = Reason::new(Drift::Unreadable, Breaks::Strict, what, ANEW);
        return broken(reason.in_lock(lock.whole()), verdict);
    }
    if let Some(spec) = document.at(&["_meta", "pipfile-spec"]).filter(|spec| spec.scalar() != Some(SPEC)) {
        let text = spec.scalar().unwrap_or_default();
        let what = format!("{} is of pipfile-spec {text}; known is {SPEC}", lock.path);
        return verdict.version_unknown(what, lock.place(&spec.span));
    }
    for category in ["default", "develop"] {
        if document.get(category).is_none_or(|value| value.data == Data::Null) {
            let what = format!("{} has no `{category}`", lock.path);
            let reason = Reason::new(Drift::Tampered, Breaks::Rewrite, what, MEND);
            verdict.drift(reason.in_lock(lock.whole()));
        }
    }
    if let Some(unclear) = odd(manifest, &project) {
        verdict.unclear(unclear);
    }
    let Some(hashes) = Hashes::new(&project) else {
        let why = "what Pipenv hashes of the Pipfile has a value that JSON does not have";
        return verdict.unclear(Unclear::at(why, manifest.whole()));
    };
    compare(manifest, lock, &project, &document, &hashes, verdict);
}

/// A lock that cannot be read: today's Pipenv fails of it in everything it does, and leaves it; older ones replace it.
fn broken(reason: Reason, verdict: &mut Verdict) {
    let lock = reason.lock.clone();
    verdict.drift(Reason { breaks: Breaks::Strict, ..reason });
    let why = "whether an ordinary install makes a new lock in the place of a broken one hangs on the version of Pipenv";
    verdict.unclear_for(Breaks::Rewrite, Unclear { why: why.to_owned(), place: lock });
}

/// What makes one Pipenv or another refuse a Pipfile as such.
fn odd(manifest: &Source, project: &Value) -> Option<Unclear> {
    let at = |why: String, value: &Value| Some(Unclear::at(why, manifest.place(&value.span)));
    for source in project.get("source").into_iter().flat_map(Value::items) {
        if let Some(key) = ["name", "url"].into_iter().find(|key| source.text_of(key).is_none()) {
            return at(
                format!("a source of {} has no `{key}`, and Pipenv may refuse that", manifest.path),
                source,
            );
        }
    }
    for section in categories(project) {
        if section.value.map().is_none() {
            return at(format!("`{}` is no table, and Pipenv refuses that", section.key), &section.value);
        }
        for entry in section.value.entries() {
            let name = &entry.key;
            match &entry.value.data {
                Data::Text(_) => {}
                Data::Map(map) => {
                    if let Some(odd) = map.iter().find(|part| !KEYS.contains(&part.key.as_str())) {
                        let why = format!(
                            "{name} has the key `{}`, which newer versions of Pipenv refuse",
                            odd.key
                        );
                        return at(why, &odd.value);
                    }
                }
                _ => return at(format!("{name} is neither a text nor a table"), &entry.value),
            }
        }
    }
    None
}

fn compare(
    manifest: &Source,
    lock: &Source,
    project: &Value,
    document: &Value,
    hashes: &Hashes,
    verdict: &mut Verdict,
) {
    let meta = document.get("_meta");
    let is_missing = meta
        .is_none_or(|meta| meta.data == Data::Null || (meta.map().is_some() && meta.entries().len() == 0));
    if is_missing {
        // Pipenv writes the metadata of today's Pipfile into such a lock, and takes it.
        let is_one = hashes.written == hashes.normalised;
        let breaks = if is_one { Breaks::Rewrite } else { Breaks::RewriteAndPerhapsStrict };
        let what = format!("{} has no `_meta`", lock.path);
        return verdict.drift(Reason::new(Drift::Tampered, breaks, what, MEND).in_lock(lock.whole()));
    }
    let Some(recorded) = document.at(&["_meta", "hash", "sha256"]).filter(|hash| hash.text().is_some())
    else {
        let what = format!("{} has no hash of {}", lock.path, manifest.path);
        return verdict.drift(Reason::new(Drift::Tampered, Breaks::Both, what, MEND).in_lock(lock.whole()));
    };
    let has = recorded.text().unwrap_or_default();
    let takers = hashes.takers(has);
    match takers {
        Takers::All => {}
        Takers::Some(which) => {
            let why = format!(
                "Pipenv {which}: they hash names of packages that are not in their normal form, and categories, in \
                 different ways"
            );
            verdict.unclear(Unclear::at(why, lock.place(&recorded.span)));
        }
        Takers::None => {
            let what = format!("the hash of {} is not that of {}", lock.path, manifest.path);
            let reason =
                Reason::new(Drift::RecordStale, Breaks::Both, what, MEND).in_manifest(manifest.whole());
            let reason = reason.in_lock(lock.place(&recorded.span));
            verdict.drift(reason.expected(&hashes.normalised).found(has));
        }
    }
    let is_stale = matches!(takers, Takers::None);
    let mut names = Names { manifest, lock, is_stale, verdict };
    for section in categories(project) {
        let category = in_lock(&section.key);
        names.compare(section, category, document.get(category));
    }
}

/// Names the dependencies that are not locked, or not as they are asked for.
struct Names<'a> {
    manifest: &'a Source,
    lock: &'a Source,
    /// Whether the hash is another. Where it is not, Pipenv takes the lock whatever it holds.
    is_stale: bool,
    verdict: &'a mut Verdict,
}

impl Names<'_> {
    fn compare(&mut self, section: &Entry, category: &str, locked: Option<&Value>) {
        let locked: HashMap<String, &Entry> =
            locked.into_iter().flat_map(Value::entries).map(|entry| (normal(&entry.key), entry)).collect();
        for asked in section.value.entries() {
            // Of anything else, a marker for one, what is locked hangs on more than the Pipfile.
            let is_plain = asked.value.entries().all(|part| PLAIN_KEYS.contains(&part.key.as_str()));
            let Some(range) = asked.value.text().or_else(|| asked.value.text_of("version")) else { continue };
            if !is_plain {
                continue;
            }
            let name = normal(&asked.key);
            let Some(found) = locked.get(&name) else {
                let what = format!("{name} is asked for and is not locked in `{category}`");
                self.tell(Drift::NotLocked, what, (asked, range), None);
                continue;
            };
            let version = found.value.text_of("version").and_then(|version| version.strip_prefix("=="));
            let requirement = Requirement::parse(&format!("{name} {range}"));
            let (Some(version), Some(requirement)) = (version, requirement) else { continue };
            if requirement.allows(version) == Some(false) {
                let what = format!("{name} is locked at a version that is not asked for");
                self.tell(Drift::LockedDifferently, what, (asked, range), Some((found, version)));
            }
        }
    }

    fn tell(&mut self, drift: Drift, what: String, asked: (&Entry, &str), found: Option<(&Entry, &str)>) {
        let place = self.manifest.place(&asked.0.span);
        if !self.is_stale {
            let why = format!("{what}, and Pipenv does not see it: the hash is the right one");
            return self.verdict.unclear(Unclear::at(why, place));
        }
        let reason = Reason::new(drift, Breaks::Both, what, MEND).dependency(normal(&asked.0.key));
        let mut reason = reason.in_manifest(place).expected(asked.1);
        if let Some((entry, version)) = found {
            reason = reason.in_lock(self.lock.place(&entry.span)).found(version);
        }
        self.verdict.drift(reason);
    }
}

fn declared(entry: &Entry, kind: Kind, sources: &HashMap<&str, &str>) -> Declared {
    let value = &entry.value;
    let requirement = value.text().or_else(|| value.text_of("version")).unwrap_or_default();
    let other = ["hg", "svn", "bzr"].into_iter().find_map(|key| value.text_of(key));
    let origin = match (value.text_of("index"), other) {
        (_, Some(url)) => Origin::Url { url: url.to_owned(), has_hash: false },
        (Some(index), None) => Origin::Registry(sources.get(index).copied().map(str::to_owned)),
        _ if value.map().is_some() => pyproject::of_table(value),
        _ => Origin::Registry(None),
    };
    let precision = match origin {
        Origin::Registry(_) => pyproject::precision(requirement),
        _ => Precision::None,
    };
    let (name, requirement, span) = (normal(&entry.key), requirement.to_owned(), entry.span.clone());
    Declared { name, requirement, kind, precision, origin, span }
}

fn locked(entry: &Entry, sources: &HashMap<&str, &str>, first: Option<&str>) -> Locked {
    let value = &entry.value;
    let version = value.text_of("version").unwrap_or_default();
    let file = value.text_of("path").or_else(|| value.text_of("file"));
    let other = ["hg", "svn", "bzr"].into_iter().find_map(|key| value.text_of(key));
    let (origin, needs_integrity) = if let Some(url) = value.text_of("git") {
        let commit = value.text_of("ref").filter(|name| python::is_commit(name)).map(str::to_owned);
        (LockedOrigin::Git { url: url.to_owned(), commit }, false)
    } else if let Some(url) = other {
        (LockedOrigin::Url(url.to_owned()), false)
    } else if let Some(file) = file {
        let is_far = file.contains("://") && !file.starts_with("file://");
        let origin =
            if is_far { LockedOrigin::Url(file.to_owned()) } else { LockedOrigin::Path(file.to_owned()) };
        (origin, is_far)
    } else {
        // What names no source comes from the first.
        let address = value.text_of("index").map_or(first, |index| sources.get(index).copied());
        (LockedOrigin::Registry(address.map(str::to_owned)), true)
    };
    let hashes = value.get("hashes").into_iter().flat_map(Value::items);
    let mut integrity: Vec<String> = hashes.filter_map(Value::text).map(str::to_owned).collect();
    integrity.sort();
    Locked {
        name: normal(&entry.key),
        version: version.trim_start_matches('=').to_owned(),
        origin,
        integrity,
        needs_integrity,
        runs_scripts: None,
        is_direct: None,
        span: entry.span.clone(),
    }
}
