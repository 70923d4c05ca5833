//! Poetry: `poetry.lock`. The lock holds a hash of what the manifest asks for. Where that is another, the locked versions are
//! compared with what is asked for, so that the dependency can be named where one of them shows.

use super::python::{self, normal, pyproject, unreadable};
use crate::lockfile::canonical::{self, Json};
use crate::lockfile::data::{Value, toml};
use crate::lockfile::tree::{file_name, folder, join};
use crate::lockfile::{
    Breaks, Declared, Drift, Ecosystem, Info, Locked, LockedOrigin, Origin, Pair, Reason, Role, Source, Tree,
    Unclear, Verdict,
};
use pep440_rs::Version;
use sha2::{Digest, Sha256};
use std::str::FromStr;

/// The command that mends. Poetry 1 keeps the locked versions with a flag alone.
const MEND: &str = "poetry lock";
const MEND_1: &str = "poetry lock --no-update";

/// Poetry.
#[derive(Debug)]
pub(super) struct Poetry;

const INFO: Info =
    Info { name: "poetry", locks: "poetry.lock", manifests: "pyproject.toml", family: "python", make: MEND };

impl Ecosystem for Poetry {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        match file_name(path) {
            "poetry.lock" => Some(Role::Lock),
            "pyproject.toml" => Some(Role::Manifest),
            _ => None,
        }
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let pairs = python::beside(tree, "poetry.lock", "pyproject.toml").into_iter();
        pairs.map(|pair| with_folders(tree, pair)).collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        if let Some((manifest, lock)) = python::ends(tree, pair, &mut verdict) {
            judge(&manifest, &lock, &mut verdict);
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        pyproject::declared(manifest)
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let document = toml(&lock.text)
            .map_err(|error| Unclear::new(format!("{} cannot be read: {}", lock.path, error.message)))?;
        let packages = document.get("package").into_iter().flat_map(Value::items);
        Ok(packages.filter_map(|package| locked(&document, package)).collect())
    }
}

/// Folders that a `path` leads to have no lock of their own: this one covers them.
fn with_folders(tree: &Tree<'_>, mut pair: Pair) -> Pair {
    let manifest = pair.manifest.as_deref().and_then(|path| tree.read(path).ok());
    let declared =
        manifest.as_ref().and_then(|manifest| Some((pyproject::declared(manifest).ok()?, manifest)));
    for one in declared.iter().flat_map(|(declared, _)| declared) {
        let (Origin::Path(path), Some((_, manifest))) = (&one.origin, &declared) else { continue };
        let at = join(folder(&manifest.path), path).map(|at| python::in_folder(&at, "pyproject.toml"));
        if let Some(at) = at.filter(|at| tree.has(at) && **at != *manifest.path) {
            pair.members.push(at);
        }
    }
    pair
}

fn judge(manifest: &Source, lock: &Source, verdict: &mut Verdict) {
    let mend = if made_by(lock).is_some_and(|version| version < Version::new([2])) { MEND_1 } else { MEND };
    let (document, project) = match (toml(&lock.text), toml(&manifest.text)) {
        (Ok(document), Ok(project)) => (document, project),
        (document, project) => {
            verdict.reasons.extend(document.err().map(|error| unreadable(lock, &error, true, mend)));
            verdict.reasons.extend(project.err().map(|error| unreadable(manifest, &error, false, mend)));
            return;
        }
    };
    let metadata = document.get("metadata");
    let version = metadata.and_then(|metadata| metadata.get("lock-version"));
    if let Some(version) = version {
        let text = version.text().unwrap_or_default();
        let is_known = Version::from_str(text)
            .is_ok_and(|version| version >= Version::new([1]) && version < Version::new([3]));
        if !is_known {
            let what = format!("{} is of lock-version {text}; known are 1 and 2", lock.path);
            return verdict.version_unknown(what, lock.place(&version.span));
        }
    }
    let Some(recorded) = metadata.and_then(|metadata| metadata.get("content-hash")) else {
        let what = format!("{} has no content-hash", lock.path);
        return verdict.drift(Reason::new(Drift::Tampered, Breaks::Both, what, mend).in_lock(lock.whole()));
    };
    let has = recorded.text().unwrap_or_default();
    let Some(own) = content_hash(&project, true) else {
        let why = "what Poetry hashes of pyproject.toml has a value that JSON does not have";
        return verdict.unclear(Unclear::at(why, manifest.whole()));
    };
    let is_old = made_by(lock).is_some_and(|version| version < Version::new([2, 3]));
    if own == has || (is_old && content_hash(&project, false).as_deref() == Some(has)) {
        return;
    }
    let what = format!("the content-hash of {} is not that of {}", lock.path, manifest.path);
    let reason = Reason::new(Drift::RecordStale, Breaks::Both, what, mend).in_manifest(manifest.whole());
    verdict.drift(reason.in_lock(lock.place(&recorded.span)).expected(own).found(has));
    name_them(manifest, &project, lock, &document, mend, verdict);
}

/// The version of Poetry that wrote the lock, by its first line.
fn made_by(lock: &Source) -> Option<Version> {
    let line = lock.text.lines().next()?;
    let version = line.split_once("Poetry ")?.1.split(' ').next()?;
    Version::from_str(version).ok()
}

/// The hash by which Poetry knows what a lock was made from.
fn content_hash(document: &Value, with_groups: bool) -> Option<String> {
    let pick = |table: Option<&'_ Value>, keys: &[&'static str]| -> Vec<(&'static str, Value)> {
        keys.iter().filter_map(|key| Some((*key, table?.get(key)?.clone()))).collect()
    };
    let project =
        pick(document.get("project"), &["requires-python", "dependencies", "optional-dependencies"]);
    let groups = document.get("dependency-groups").filter(|groups| with_groups && groups.entries().len() > 0);
    let poetry = document.at(&["tool", "poetry"]);
    let is_legacy = project.is_empty() && groups.is_none();
    let mut own = Vec::new();
    for key in ["dependencies", "source", "extras", "dev-dependencies", "group"] {
        match poetry.and_then(|poetry| poetry.get(key)) {
            Some(value) => own.push((key, Json::Value(value))),
            None if is_legacy && key != "group" => own.push((key, Json::Null)),
            None => {}
        }
    }
    let own = Json::Map(canonical::map(own));
    let content = if is_legacy {
        own
    } else {
        let mut parts = vec![("tool", Json::Map(canonical::map(vec![("poetry", own)])))];
        if !project.is_empty() {
            let project = project.iter().map(|(key, value)| (*key, Json::Value(value))).collect();
            parts.push(("project", Json::Map(canonical::map(project))));
        }
        parts.extend(groups.map(|groups| ("dependency-groups", Json::Value(groups))));
        Json::Map(canonical::map(parts))
    };
    let text = canonical::python(&content, ", ", ": ")?;
    Some(data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes())))
}

/// Names the dependencies that are not locked, or not as they are asked for: of requirements that PEP 508 writes.
fn name_them(
    manifest: &Source,
    project: &Value,
    lock: &Source,
    document: &Value,
    mend: &str,
    verdict: &mut Verdict,
) {
    let name = |project: &Value| project.text_of("name").map(normal);
    let own =
        project.get("project").and_then(name).or_else(|| project.at(&["tool", "poetry"]).and_then(name));
    let Ok(declared) = pyproject::declared(manifest) else { return };
    let packages = document.get("package").into_iter().flat_map(Value::items);
    for misfit in python::misfits(declared, packages, own.as_deref()) {
        verdict.drift(misfit.reason(manifest, lock, Breaks::Both, mend));
    }
}

fn locked(document: &Value, package: &Value) -> Option<Locked> {
    let name = package.text_of("name")?;
    let source = package.get("source");
    let text = |key: &str| source.and_then(|source| source.text_of(key)).unwrap_or_default().to_owned();
    let (origin, needs_integrity) = match text("type").as_str() {
        "git" => {
            let commit = Some(text("resolved_reference")).filter(|commit| !commit.is_empty());
            (LockedOrigin::Git { url: text("url"), commit }, false)
        }
        "url" => (LockedOrigin::Url(text("url")), true),
        "directory" | "file" => (LockedOrigin::Path(text("url")), false),
        _ => (LockedOrigin::Registry(Some(text("url")).filter(|url| !url.is_empty())), true),
    };
    // Before lock-version 2 the files stood at the end, by the package's name.
    let files = package.get("files").or_else(|| document.at(&["metadata", "files", name]));
    let files = files.or_else(|| document.at(&["metadata", "hashes", name]));
    let files: Vec<&Value> = files.into_iter().flat_map(Value::items).collect();
    let hashes: Vec<&str> =
        files.iter().filter_map(|file| file.text_of("hash").or_else(|| file.text())).collect();
    let is_whole = hashes.len() == files.len();
    let mut integrity: Vec<String> =
        hashes.into_iter().filter(|_| is_whole || !needs_integrity).map(str::to_owned).collect();
    integrity.sort();
    Some(Locked {
        name: normal(name),
        version: package.text_of("version").unwrap_or_default().to_owned(),
        origin,
        integrity,
        needs_integrity,
        runs_scripts: None,
        is_direct: None,
        span: package.span.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_over_what_python_writes() {
        let document =
            toml("[project]\nrequires-python = \">=3.10\"\ndependencies = [\"sx\u{e9}\"]\n").unwrap();
        let text = "{\"project\": {\"dependencies\": [\"sx\\u00e9\"], \"requires-python\": \">=3.10\"}, \"tool\": {\"poetry\": {}}}";
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
        assert_eq!(content_hash(&document, true), Some(hash));
        let empty = toml("").unwrap();
        let text = "{\"dependencies\": null, \"dev-dependencies\": null, \"extras\": null, \"source\": null}";
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
        assert_eq!(content_hash(&empty, true), Some(hash));
        let dated = toml("[tool.poetry.dependencies]\nsix = 2024-01-01\n").unwrap();
        assert_eq!(content_hash(&dated, true), None);
    }

    #[test]
    fn a_lock_says_what_it_holds() {
        let text = "[[package]]\nname = \"Six\"\nversion = \"1.16.0\"\nfiles = [{file = \"a\", hash = \"sha256:00\"}]\n\
            [[package]]\nname = \"tool\"\nversion = \"1\"\nfiles = []\n[package.source]\ntype = \"git\"\n\
            url = \"https://git.example.org/tool\"\nresolved_reference = \"abc\"\n";
        let found = Poetry.locked(&Source::new("poetry.lock", text)).unwrap();
        assert_eq!(
            (found[0].name.as_str(), found[0].integrity.len(), found[0].needs_integrity),
            ("six", 1, true)
        );
        let url = "https://git.example.org/tool".to_owned();
        assert_eq!(found[1].origin, LockedOrigin::Git { url, commit: Some("abc".to_owned()) });
        assert!(!found[1].needs_integrity);
    }
}
