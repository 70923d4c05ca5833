//! npm: package-lock.json and npm-shrinkwrap.json of lockfileVersion 1, 2 and 3.

mod edges;
mod graph;
mod judge;
mod legacy;
mod locked;
mod nested;
mod overrides;
mod record;
#[cfg(test)]
mod tests;

use super::super::data::{Malformed, Value, json};
use super::super::ecosystem::{
    Breaks, Declared, Drift, Ecosystem, Info, Locked, Pair, Place, Reason, Role, Source, Unclear, Verdict,
};
use super::super::npm_spec::Spec;
use super::super::package_json::{FIELDS, Members, Negation, PackageJson, is_manifest};
use super::super::tree::{Tree, file_name, folder, is_in, join, relative};

/// npm.
#[derive(Debug)]
pub(super) struct Npm;

static INFO: Info = Info {
    name: "npm",
    locks: "package-lock.json, npm-shrinkwrap.json",
    manifests: "package.json",
    family: "javascript",
    make: MEND,
};

/// What brings a lock up to date.
const MEND: &str = "npm install --package-lock-only";

/// The same without giving the lock another form: npm 7 and later write no lockfileVersion 1.
const MEND_NESTED: &str = "npx npm@6 install --package-lock-only";

const LOCK: &str = "package-lock.json";
const SHRINKWRAP: &str = "npm-shrinkwrap.json";

/// A project: its lock, its manifest and its settings.
#[derive(Debug)]
struct Project<'t> {
    tree: &'t Tree<'t>,
    folder: &'t str,
    lock: Source,
    value: Value,
    manifest: PackageJson,
    settings: Settings,
}

/// The lines of .npmrc that decide what is locked.
#[derive(Clone, Copy, Default, Debug)]
struct Settings {
    is_legacy: bool,
    is_installing_links: bool,
}

impl Ecosystem for Npm {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        match file_name(path) {
            _ if is_in(path, &["node_modules"]) => None,
            "package.json" => is_manifest(path).then_some(Role::Manifest),
            LOCK | SHRINKWRAP => Some(Role::Lock),
            ".npmrc" => Some(Role::Settings),
            _ => None,
        }
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let locks = tree.paths().iter().filter(|path| self.role(path) == Some(Role::Lock));
        locks.map(|lock| pair(tree, lock)).collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        let (Some(lock), Some(manifest)) = (&pair.lock, &pair.manifest) else { return verdict };
        let Some(project) = project(tree, lock, manifest, &mut verdict) else { return verdict };
        let version = project.value.get("lockfileVersion");
        match version.and_then(Value::scalar) {
            Some("2" | "3") => judge::judge(&project, &mut verdict),
            Some("1") => nested::judge(&project, &mut verdict),
            // npm 5 wrote none at first, and npm reads what has none as a 1.
            None if project.value.get("packages").is_none() => nested::judge(&project, &mut verdict),
            Some(other) => {
                let place = version.map_or_else(|| project.lock.whole(), |at| project.lock.place(&at.span));
                verdict.version_unknown(format!("{lock} is of lockfileVersion {other}"), place);
            }
            None => verdict.version_unknown(format!("{lock} has no lockfileVersion"), project.lock.whole()),
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        Ok(parse(manifest).map_err(|(_, unclear)| unclear)?.declared())
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let value = json(&lock.text).map_err(|malformed| unreadable(lock, &malformed).1)?;
        Ok(locked::locked(&value))
    }
}

fn pair(tree: &Tree<'_>, lock: &str) -> Pair {
    let at = folder(lock);
    let Some(manifest) = join(at, "package.json").filter(|path| tree.has(path)) else {
        return Pair::orphan(lock);
    };
    let mut pair = Pair::new(manifest.clone(), lock);
    if let Some(package) = tree.read(&manifest).ok().and_then(|source| PackageJson::parse(&source).ok()) {
        pair.members = members(tree, at, &package).unwrap_or_default();
        let packages = pair.members.iter().filter_map(|path| PackageJson::parse(&tree.read(path).ok()?).ok());
        let folders: Vec<String> =
            packages.chain([package]).flat_map(|package| folders(tree, &package)).collect();
        for path in folders {
            if path != manifest && !pair.members.contains(&path) {
                pair.members.push(path);
            }
        }
        pair.members.sort_unstable();
    }
    pair.inputs.extend(join(at, ".npmrc").filter(|path| tree.has(path)));
    pair
}

/// The manifests of the workspace whose root a manifest is.
fn members(tree: &Tree<'_>, at: &str, package: &PackageJson) -> Result<Vec<String>, Unclear> {
    let Some(globs) = package.workspaces() else { return Ok(Vec::new()) };
    Ok(Members::new(&globs, Negation::InOrder)?.manifests(tree, at))
}

/// The manifests of folders that a manifest asks for by their paths.
fn folders(tree: &Tree<'_>, package: &PackageJson) -> Vec<String> {
    let at = folder(&package.source.path);
    let specs = FIELDS.iter().flat_map(|field| package.dependencies(*field));
    let paths = specs.filter_map(|dependency| match Spec::parse(dependency.spec) {
        Spec::Folder(path) => join(at, &format!("{path}/package.json")),
        _ => None,
    });
    paths.filter(|path| tree.has(path)).collect()
}

fn project<'t>(
    tree: &'t Tree<'t>,
    lock: &'t str,
    manifest: &str,
    verdict: &mut Verdict,
) -> Option<Project<'t>> {
    let mut read = |path: &str| match tree.read(path) {
        Ok(source) => Some(source),
        Err(unread) => {
            verdict.unread(path, &unread);
            None
        }
    };
    let (lock_source, manifest) = (read(lock)?, read(manifest)?);
    let at = folder(lock);
    let value = match json(&lock_source.text) {
        Ok(value) if value.map().is_some() => value,
        Ok(_) => {
            let malformed = Malformed { line: None, message: "it is not a map".to_owned() };
            verdict.drift(unreadable(&lock_source, &malformed).0);
            return None;
        }
        Err(malformed) => {
            verdict.drift(unreadable(&lock_source, &malformed).0);
            return None;
        }
    };
    let manifest = match parse(&manifest) {
        Ok(manifest) => manifest,
        Err((reason, _)) => {
            verdict.drift(*reason);
            return None;
        }
    };
    if file_name(lock) == LOCK && join(at, SHRINKWRAP).is_some_and(|path| tree.has(&path)) {
        let why = format!("npm reads {SHRINKWRAP} beside it, and not {LOCK}");
        verdict.unclear(Unclear::at(why, lock_source.whole()));
        return None;
    }
    if let Some(root) = root_above(tree, at) {
        let why = format!("npm reads the lock of the workspace of {root} and not this one");
        verdict.unclear(Unclear::at(why, lock_source.whole()));
        return None;
    }
    let settings = settings(tree, at);
    Some(Project { tree, folder: at, lock: lock_source, value, manifest, settings })
}

/// The manifest above whose workspace a folder is a member of: npm takes that for the project, wherever it is started.
fn root_above(tree: &Tree<'_>, at: &str) -> Option<String> {
    let mut above = at;
    while !above.is_empty() {
        above = folder(above);
        let path = join(above, "package.json")?;
        let Some(package) = tree.read(&path).ok().and_then(|source| PackageJson::parse(&source).ok()) else {
            continue;
        };
        let Some(globs) = package.workspaces() else { continue };
        let members = Members::new(&globs, Negation::InOrder).ok()?;
        if relative(above, at).is_some_and(|at| members.has(at)) {
            return Some(path);
        }
    }
    None
}

fn settings(tree: &Tree<'_>, at: &str) -> Settings {
    let mut settings = Settings::default();
    let Some(source) = join(at, ".npmrc").and_then(|path| tree.read(&path).ok()) else { return settings };
    for line in source.text.lines().filter(|line| !line.trim_start().starts_with(['#', ';'])) {
        let (key, value) = line.split_once('=').unwrap_or((line, "true"));
        let is_on = matches!(value.trim().trim_matches('"'), "true" | "");
        match key.trim() {
            "legacy-peer-deps" => settings.is_legacy = is_on,
            "install-links" => settings.is_installing_links = is_on,
            _ => {}
        }
    }
    settings
}

fn parse(source: &Source) -> Result<PackageJson, (Box<Reason>, Unclear)> {
    PackageJson::parse(source).map_err(|malformed| {
        let (reason, unclear) = unreadable(source, &malformed);
        (Box::new(reason), unclear)
    })
}

/// What to say of a text that is not JSON.
fn unreadable(source: &Source, malformed: &Malformed) -> (Reason, Unclear) {
    let path = &source.path;
    let what = format!("{path} cannot be read as JSON: {}", malformed.message);
    let place = match malformed.line {
        Some(line) => line_place(source, line),
        None => source.whole(),
    };
    let is_lock = matches!(file_name(path), LOCK | SHRINKWRAP);
    let mend = if is_lock { format!("rm {path} && {MEND}") } else { format!("mend {path}, then {MEND}") };
    let reason = Reason::new(Drift::Unreadable, Breaks::Both, what.clone(), mend);
    let reason = if is_lock { reason.in_lock(place.clone()) } else { reason.in_manifest(place.clone()) };
    (reason, Unclear::at(what, place))
}

fn line_place(source: &Source, line: u32) -> Place {
    let before = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let start: usize = source.text.split_inclusive('\n').take(before).map(str::len).sum();
    source.place(&(start..start))
}
