//! uv: `uv.lock`. The lock holds a copy of what every manifest asks for, after the sources of `[tool.uv.sources]` were put in
//! and the groups written out, and of the settings that decide; uv takes it as long as that copy says the same.

mod asked;
mod judge;
mod settings;
mod workspace;

#[cfg(test)]
mod tests;

use super::python::{self, pyproject};
use crate::lockfile::data::{Value, toml};
use crate::lockfile::tree::{file_name, folder, is_in};
use crate::lockfile::{
    Declared, Ecosystem, Info, Locked, LockedOrigin, Pair, Role, Source, Tree, Unclear, Verdict,
};
use std::collections::BTreeSet;

/// The command that mends.
const MEND: &str = "uv lock";

/// uv.
#[derive(Debug)]
pub(super) struct Uv;

const INFO: Info =
    Info { name: "uv", locks: "uv.lock", manifests: "pyproject.toml", family: "python", make: MEND };

impl Ecosystem for Uv {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        if is_in(path, &[".venv", "venv", "site-packages"]) {
            return None;
        }
        match file_name(path) {
            "uv.lock" => Some(Role::Lock),
            "pyproject.toml" => Some(Role::Manifest),
            "uv.toml" => Some(Role::Settings),
            _ => None,
        }
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let mut pairs = Vec::new();
        for pair in python::beside(tree, "uv.lock", "pyproject.toml") {
            let Some(manifest) = &pair.manifest else {
                pairs.push(pair);
                continue;
            };
            pairs.push(with_members(tree, folder(manifest), pair.clone()));
        }
        pairs
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        if let Some((manifest, lock)) = python::ends(tree, pair, &mut verdict) {
            judge::judge(tree, &manifest, &lock, &mut verdict);
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        pyproject::declared(manifest)
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let document = toml(&lock.text)
            .map_err(|error| Unclear::new(format!("{} cannot be read: {}", lock.path, error.message)))?;
        let packages: Vec<&Value> = document.get("package").into_iter().flat_map(Value::items).collect();
        let mut direct = BTreeSet::new();
        for package in packages.iter().filter(|package| is_local(package)) {
            let plain = package.get("dependencies").into_iter().flat_map(Value::items);
            let tables = ["optional-dependencies", "dev-dependencies"];
            let tables = tables.iter().filter_map(|table| package.get(table)).flat_map(Value::entries);
            for edge in plain.chain(tables.flat_map(|entry| entry.value.items())) {
                direct.extend(edge.text_of("name"));
            }
        }
        Ok(packages.iter().filter_map(|package| locked(package, &direct)).collect())
    }
}

/// The pair of a lock and the manifest in the folder `at`, with the members that the lock covers.
pub(super) fn with_members(tree: &Tree<'_>, at: &str, mut pair: Pair) -> Pair {
    let manifest = pair.manifest.as_deref().unwrap_or_default();
    let Some(root) = tree.read(manifest).ok().and_then(|source| Some((toml(&source.text).ok()?, source)))
    else {
        return pair;
    };
    let found = workspace::Workspace::read(tree, root.1, root.0);
    for member in found.members.values().filter(|member| member.folder != at) {
        pair.members.push(member.source.path.to_string());
    }
    let settings = python::in_folder(at, "uv.toml");
    if tree.has(&settings) {
        pair.inputs.push(settings);
    }
    let is_member = |path: &String| pair.members.contains(path) || pair.manifest.as_ref() == Some(path);
    let paths = found.path_dependencies().into_iter().filter(|path| tree.has(path) && !is_member(path));
    let paths: Vec<String> = paths.collect();
    // They have no lock of their own: this one covers them.
    pair.members.extend(paths);
    pair
}

/// Whether a package of a lock is the project, or a member of its workspace.
pub(super) fn is_local(package: &Value) -> bool {
    let source = package.get("source");
    source.is_some_and(|source| source.get("editable").is_some() || source.get("virtual").is_some())
}

fn locked(package: &Value, direct: &BTreeSet<&str>) -> Option<Locked> {
    let name = package.text_of("name")?;
    let source = package.get("source")?;
    let text = |key: &str| source.text_of(key).map(str::to_owned);
    let (origin, needs_integrity) = if let Some(url) = text("registry") {
        let is_remote = url.contains("://");
        (if is_remote { LockedOrigin::Registry(Some(url)) } else { LockedOrigin::Path(url) }, is_remote)
    } else if let Some(git) = text("git") {
        let (url, commit) = git.split_once('#').map_or((git.as_str(), None), |(url, at)| (url, Some(at)));
        let url = url.split('?').next().unwrap_or_default().to_owned();
        (LockedOrigin::Git { url, commit: commit.map(str::to_owned) }, false)
    } else if let Some(url) = text("url") {
        (LockedOrigin::Url(url), true)
    } else {
        let path = ["path", "directory", "editable", "virtual"].iter().find_map(|key| text(key))?;
        (LockedOrigin::Path(path), false)
    };
    let files = package.get("wheels").into_iter().flat_map(Value::items).chain(package.get("sdist"));
    let mut integrity: Vec<String> = Vec::new();
    // One file without a hash is one that nothing vouches for: what the others have does not count for it.
    let mut has_all = true;
    for file in files {
        match file.text_of("hash") {
            Some(hash) => integrity.push(hash.to_owned()),
            None => has_all = false,
        }
    }
    if needs_integrity && !has_all {
        integrity.clear();
    }
    integrity.sort();
    Some(Locked {
        name: name.to_owned(),
        version: package.text_of("version").unwrap_or_default().to_owned(),
        origin,
        integrity,
        needs_integrity,
        runs_scripts: Some(package.get("sdist").is_some() && package.get("wheels").is_none()),
        is_direct: Some(direct.contains(name)),
        span: package.span.clone(),
    })
}
