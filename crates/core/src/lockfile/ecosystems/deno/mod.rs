//! Deno: deno.json, deno.jsonc and package.json with deno.lock, versions 1 to 5.
//!
//! The lock has a record of what the manifests ask for, in a spelling of its own, and every package that was chosen. Deno
//! writes it anew when the record is another, or when something that is asked for is not in it: the strict install refuses
//! exactly then.

mod asked;
mod judge;
mod lock;
mod range;
mod record;
mod requirement;

use self::asked::{Config, Project};
use self::lock::{Lock, Unfit, split};
use self::requirement::{Asked, Spelling, is_address};
use crate::lockfile::data::{Map, json};
use crate::lockfile::ecosystem::{
    Breaks, Declared, Drift, Ecosystem, Info, Kind, Locked, LockedOrigin, Origin, Pair, Precision, Reason,
    Role, Source, Unclear, Verdict,
};
use crate::lockfile::package_json::{PackageJson, is_manifest};
use crate::lockfile::tree::{Tree, file_name, folder, is_in, join};
use std::collections::HashSet;

/// Deno.
#[derive(Debug)]
pub(super) struct Deno;

static INFO: Info = Info {
    name: "deno",
    locks: "deno.lock",
    manifests: "deno.json, deno.jsonc, package.json",
    family: "javascript",
    make: MEND,
};

/// What brings a lock up to date, also where the settings freeze it.
const MEND: &str = "deno install --frozen=false";

/// The configuration of a folder: the first that is there.
const CONFIGS: [&str; 2] = ["deno.json", "deno.jsonc"];

impl Ecosystem for Deno {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        match file_name(path) {
            _ if is_in(path, &["node_modules"]) => None,
            "deno.lock" => Some(Role::Lock),
            "deno.json" | "deno.jsonc" => Some(Role::Manifest),
            _ => is_manifest(path).then_some(Role::Manifest),
        }
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let locks = tree.paths().iter().filter(|path| self.role(path) == Some(Role::Lock));
        locks.map(|lock| pair(tree, lock)).collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        let (Some(manifest), Some(lock)) = (&pair.manifest, &pair.lock) else { return verdict };
        let source = match tree.read(lock) {
            Ok(source) => source,
            Err(unread) => {
                verdict.unread(lock, &unread);
                return verdict;
            }
        };
        let value = match json(&source.text) {
            Ok(value) => value,
            Err(malformed) => {
                let place = source.line(malformed.line);
                verdict.drift(unreadable(&source, &malformed.message).in_lock(place));
                return verdict;
            }
        };
        match Lock::read(&value) {
            Ok(read) => judge::judge(tree, manifest, &source, &read, &mut verdict),
            Err(Unfit::Version(version, span)) => {
                verdict.version_unknown(format!("{lock} is of version {version}"), source.place(&span));
            }
            Err(Unfit::Form(why, span)) => {
                verdict.drift(unreadable(&source, &why).in_lock(source.place(&span)));
            }
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        let unclear = |malformed: crate::lockfile::data::Malformed| {
            let why = format!("{} cannot be read: {}", manifest.path, malformed.message);
            Unclear::at(why, manifest.line(malformed.line))
        };
        if is_manifest(&manifest.path) {
            return Ok(PackageJson::parse(manifest).map_err(unclear)?.declared());
        }
        let config = Config::parse(manifest).map_err(unclear)?;
        let imports = config.imports().map(|entry| (entry.span.start, &entry.value));
        let all = imports.chain(config.options().map(|value| (value.span.start, value)));
        Ok(all.filter_map(|(start, value)| declared(value.text()?, start..value.span.end)).collect())
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let value = json(&lock.text).map_err(|malformed| {
            let why = format!("{} cannot be read: {}", lock.path, malformed.message);
            Unclear::at(why, lock.line(malformed.line))
        })?;
        match Lock::read(&value) {
            Ok(lock) => Ok(locked(&lock)),
            Err(Unfit::Version(version, span)) => {
                Err(Unclear::at(format!("{} is of version {version}", lock.path), lock.place(&span)))
            }
            Err(Unfit::Form(why, span)) => {
                Err(Unclear::at(format!("{} cannot be read: {why}", lock.path), lock.place(&span)))
            }
        }
    }
}

fn unreadable(source: &Source, why: &str) -> Reason {
    let path = &source.path;
    let is_lock = file_name(path) == "deno.lock";
    let mend = if is_lock { format!("rm {path} && {MEND}") } else { format!("mend {path}, then {MEND}") };
    Reason::new(Drift::Unreadable, Breaks::Both, format!("{path} cannot be read: {why}"), mend)
}

/// The deno.json or deno.jsonc of a folder.
fn config_of(tree: &Tree<'_>, at: &str) -> Option<String> {
    CONFIGS.iter().filter_map(|name| join(at, name)).find(|path| tree.has(path))
}

fn pair(tree: &Tree<'_>, lock: &str) -> Pair {
    let at = folder(lock);
    let package = join(at, "package.json").filter(|path| tree.has(path));
    let config = config_of(tree, at);
    let Some(manifest) = config.or(package) else { return Pair::orphan(lock) };
    let mut pair = Pair::new(manifest.as_str(), lock);
    let project = Project::read(tree, at, &mut Verdict::default());
    let folders = project.folders.values();
    for folder in folders {
        pair.members.extend(folder.config.as_ref().map(|config| config.source.path.to_string()));
        pair.members.extend(folder.package.as_ref().map(|package| package.source.path.to_string()));
    }
    pair.members.extend(project.broken.iter().map(|(source, _)| source.path.to_string()));
    let root = project.folders.get("").and_then(|root| root.config.as_ref());
    let map = root.and_then(Config::import_map).and_then(|path| join(at, path.text()?));
    pair.inputs.extend(map.filter(|path| tree.has(path)));
    pair.members.retain(|path| *path != manifest);
    pair.members.sort_unstable();
    pair
}

fn declared(text: &str, span: std::ops::Range<usize>) -> Option<Declared> {
    let (name, precision, origin) = match Asked::parse(text, Spelling::Specifier) {
        Some(Ok(asked)) => {
            let precision = match () {
                () if asked.is_exact() => Precision::Exact,
                () if asked.is_any() || asked.is_tag() => Precision::Any,
                () => Precision::Range,
            };
            (asked.name, precision, Origin::Registry(None))
        }
        Some(Err(_)) => return None,
        None if is_address(text) => {
            let origin = Origin::Url { url: text.to_owned(), has_hash: false };
            (text.to_owned(), Precision::None, origin)
        }
        // A file, or something that Deno itself has.
        None => return None,
    };
    Some(Declared { name, requirement: text.to_owned(), kind: Kind::Production, precision, origin, span })
}

fn locked(lock: &Lock<'_>) -> Vec<Locked> {
    let recorded = record::recorded(lock);
    let direct: Option<HashSet<&str>> =
        lock.workspace.map(|_| recorded.iter().map(|asked| asked.name.as_str()).collect());
    let is_direct = |name: &str| direct.as_ref().map(|direct| direct.contains(name));
    let mut all = Vec::new();
    for (id, package) in &lock.npm {
        let Some((name, version)) = split(id) else { continue };
        let value = &package.entry.value;
        let says = |key: &str| value.get(key).and_then(crate::lockfile::data::Value::bool).unwrap_or(false);
        all.push(Locked {
            name: name.to_owned(),
            version: version.split('_').next().unwrap_or_default().to_owned(),
            origin: LockedOrigin::Registry(value.text_of("tarball").map(str::to_owned)),
            integrity: value.text_of("integrity").map(str::to_owned).into_iter().collect(),
            needs_integrity: true,
            runs_scripts: (lock.version >= 5).then(|| says("scripts")),
            is_direct: is_direct(name),
            span: package.entry.span.start..value.span.end,
        });
    }
    for (id, package) in &lock.jsr {
        let Some((name, version)) = split(id) else { continue };
        let hash = package.entry.value.text_of("integrity").unwrap_or_default();
        all.push(Locked {
            name: name.to_owned(),
            version: version.to_owned(),
            origin: LockedOrigin::Registry(None),
            integrity: vec![format!("sha256:{hash}")],
            needs_integrity: true,
            runs_scripts: Some(false),
            is_direct: is_direct(name),
            span: package.entry.span.start..package.entry.value.span.end,
        });
    }
    for entry in lock.remote.into_iter().flat_map(Map::iter) {
        let hash = entry.value.text().filter(|hash| !hash.is_empty());
        all.push(Locked {
            name: entry.key.clone(),
            version: String::new(),
            origin: LockedOrigin::Url(entry.key.clone()),
            integrity: hash.map(|hash| format!("sha256:{hash}")).into_iter().collect(),
            needs_integrity: true,
            runs_scripts: Some(false),
            is_direct: None,
            span: entry.span.start..entry.value.span.end,
        });
    }
    all.sort_by_key(|locked| locked.span.start);
    all
}

#[cfg(test)]
mod tests;
