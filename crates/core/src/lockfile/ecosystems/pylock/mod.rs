//! `pylock.toml` and `pylock.NAME.toml` (PEP 751): what every installer of Python may read. The file says which tool wrote it,
//! and nothing of what was asked for: whether it is valid is told from itself, the rest as far as that tool's own lock, or the
//! manifest, says so.

mod exported;
mod graph;
mod made;
mod valid;

#[cfg(test)]
mod tests;

use self::made::Lock;
use super::python::pyproject;
use crate::lockfile::data::{Value, toml};
use crate::lockfile::tree::{file_name, is_in};
use crate::lockfile::{
    Declared, Ecosystem, Info, Locked, LockedOrigin, Pair, Role, Source, Tree, Unclear, Verdict,
};

/// The command that makes a lock where there is none.
const MAKE: &str = "pip lock .";

/// pylock.toml.
#[derive(Debug)]
pub(super) struct Pylock;

const INFO: Info = Info {
    name: "pylock",
    locks: "pylock.toml, pylock.*.toml",
    manifests: "pyproject.toml",
    family: "pylock",
    make: MAKE,
};

impl Ecosystem for Pylock {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        let name = file_name(path).strip_prefix("pylock.")?;
        let named = name.strip_suffix(".toml");
        let is_lock = name == "toml" || named.is_some_and(|named| !named.is_empty() && !named.contains('.'));
        (is_lock && !is_in(path, &[".venv", "venv", "site-packages"])).then_some(Role::Lock)
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let locks = tree.paths().iter().filter(|path| self.role(path).is_some());
        locks.map(|path| made::pair(tree, path)).collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        let Some(path) = pair.lock.as_deref() else { return verdict };
        match tree.read(path) {
            Ok(source) => made::judge(tree, &Lock::new(source), &mut verdict),
            Err(unread) => verdict.unread(path, &unread),
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        match file_name(&manifest.path) {
            "pyproject.toml" => pyproject::declared(manifest),
            _ => Err(Unclear::new(format!("{} is not read for what it asks for", manifest.path))),
        }
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let document = toml(&lock.text)
            .map_err(|error| Unclear::new(format!("{} cannot be read: {}", lock.path, error.message)))?;
        let packages = document.get("packages").into_iter().flat_map(Value::items);
        Ok(packages.filter_map(locked).collect())
    }
}

fn locked(package: &Value) -> Option<Locked> {
    let name = package.text_of("name")?;
    let address = |value: &Value| value.text_of("url").or_else(|| value.text_of("path")).map(str::to_owned);
    let (mut is_whole, mut integrity) = (true, Vec::new());
    let mut add = |file: &Value| {
        let hashes: Vec<String> = hashes(file).collect();
        is_whole &= !hashes.is_empty();
        integrity.extend(hashes);
    };
    let (origin, needs_integrity) = if let Some(vcs) = package.get("vcs") {
        let commit = vcs.text_of("commit-id").map(str::to_owned);
        (LockedOrigin::Git { url: address(vcs).unwrap_or_default(), commit }, false)
    } else if let Some(directory) = package.get("directory") {
        (LockedOrigin::Path(address(directory).unwrap_or_default()), false)
    } else if let Some(archive) = package.get("archive") {
        add(archive);
        match archive.text_of("url") {
            Some(url) => (LockedOrigin::Url(url.to_owned()), true),
            None => (LockedOrigin::Path(address(archive).unwrap_or_default()), true),
        }
    } else {
        let files = package.get("wheels").into_iter().flat_map(Value::items).chain(package.get("sdist"));
        let files: Vec<&Value> = files.collect();
        files.iter().for_each(|file| add(file));
        let first = files.first().and_then(|file| file.text_of("url"));
        let from = package.text_of("index").or(first).map(str::to_owned);
        (LockedOrigin::Registry(from), true)
    };
    // One file without a hash is one that nothing vouches for: what the others have does not count for it.
    if !is_whole {
        integrity.clear();
    }
    integrity.sort();
    let is_built = package.get("wheels").is_none_or(|wheels| wheels.items().len() == 0);
    Some(Locked {
        name: super::python::normal(name),
        version: package.text_of("version").unwrap_or_default().to_owned(),
        origin,
        integrity,
        needs_integrity,
        runs_scripts: Some(is_built),
        is_direct: None,
        span: package.span.clone(),
    })
}

/// The hashes of a file, each with its algorithm.
fn hashes(file: &Value) -> impl Iterator<Item = String> {
    let entries = file.get("hashes").into_iter().flat_map(Value::entries);
    entries.filter_map(|entry| Some(format!("{}:{}", entry.key, entry.value.text()?)))
}
