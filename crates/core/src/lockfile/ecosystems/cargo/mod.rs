//! Cargo: `Cargo.toml` and `Cargo.lock`.
//!
//! A lock holds only what was chosen. Cargo chooses anew, keeping what is locked where it may, and compares: so every
//! dependency of every folder package must have its edge in the lock and every edge its dependency, every entry must be
//! reached, and an ordinary run, which compares texts, must find the text that it would write. What packages of a registry
//! depend on is taken as the lock has it: a feature that is newly asked of one can add packages, and only the registry's
//! index says so.

mod compare;
mod features;
mod lock;
mod manifest;
mod origin;
mod packages;
mod record;
mod settings;
#[cfg(test)]
mod tests;
mod workspace;
mod written;

use crate::lockfile::ecosystem::{
    Declared, Ecosystem, Info, Locked, LockedOrigin, Origin, Pair, Place, Precision, Role, Source, Unclear,
    Verdict,
};
use crate::lockfile::tree::{Tree, file_name, folder, is_in};
use compare::Comparison;
use lock::Lock;
use manifest::{Absent, Dependency, From, Manifest};
use packages::Packages;
use semver::Op;
use settings::Settings;
use std::collections::{BTreeSet, HashSet};
use workspace::{Manifests, manifest_in};

/// Cargo.
#[derive(Debug)]
pub(super) struct Cargo;

static INFO: Info = Info {
    name: "cargo",
    locks: "Cargo.lock",
    manifests: "Cargo.toml",
    family: "cargo",
    make: "cargo generate-lockfile",
};

/// The commands that mend a lock.
#[derive(Debug)]
struct Mend {
    /// Keeps what it can.
    update: String,
    /// Makes it from nothing.
    anew: String,
}

impl Mend {
    /// For the lock in a folder.
    fn new(folder: &str) -> Self {
        let is_plain = folder.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
        let (at, place) = match folder {
            "" => (String::new(), String::new()),
            _ if is_plain => (format!(" --manifest-path {folder}/Cargo.toml"), String::new()),
            _ => (String::new(), "in its folder: ".to_owned()),
        };
        Self {
            update: format!("{place}cargo update --workspace{at}"),
            anew: format!("{place}cargo generate-lockfile{at}"),
        }
    }
}

/// The place of a line, of the file where no line is known.
fn line_place(source: &Source, line: Option<u32>) -> Place {
    let Some(line) = line.and_then(|line| usize::try_from(line).ok()) else { return source.whole() };
    let start: usize = source.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    source.place(&(start..start))
}

impl Ecosystem for Cargo {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        match file_name(path) {
            _ if is_in(path, &["target"]) && path.contains("target/package/") => None,
            // What `cargo vendor` copies has a manifest and needs no lock.
            "Cargo.toml" if is_in(path, &["vendor"]) => Some(Role::Settings),
            "Cargo.toml" => Some(Role::Manifest),
            "Cargo.lock" => Some(Role::Lock),
            "config.toml" | "config" if file_name(folder(path)) == ".cargo" => Some(Role::Settings),
            ".gitmodules" if folder(path).is_empty() => Some(Role::Settings),
            _ => None,
        }
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let manifests = Manifests::new(tree);
        let locks = tree.paths().iter().filter(|path| self.role(path) == Some(Role::Lock));
        locks.filter_map(|lock| pair(&manifests, lock)).collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        if let Some(path) = &pair.lock {
            judge(tree, path, &mut verdict);
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        let read = Manifest::read(manifest.clone()).map_err(|absent| match absent {
            Absent::Malformed(what, place) => Unclear::at(what, place),
            Absent::Unread(unread) => Unclear::new(format!("{} {unread}", manifest.path)),
        })?;
        // A package by itself lies in its own folder: where a path leads to is of no account here.
        let said = read.said_here(folder(&manifest.path));
        Ok(said.into_iter().map(|(dependency, is_inherited)| declared(dependency, is_inherited)).collect())
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let mut verdict = Verdict::default();
        let read = Lock::read(lock, &Mend::new(""), &mut verdict).ok_or_else(|| {
            let first = verdict.reasons.first();
            let place = first.and_then(|reason| reason.lock.clone()).unwrap_or_else(|| lock.whole());
            Unclear::at(first.map_or_else(String::new, |reason| reason.what.clone()), place)
        })?;
        let own = read.packages.iter().filter(|package| package.source.is_none());
        let direct: HashSet<usize> =
            own.flat_map(|package| &package.edges).filter_map(|edge| edge.to).collect();
        let packages = read.packages.iter().enumerate();
        Ok(packages.map(|(at, package)| locked(package, direct.contains(&at))).collect())
    }
}

/// The pair of a lock; `None`: it is part of what was vendored.
fn pair(manifests: &Manifests<'_, '_>, lock: &str) -> Option<Pair> {
    let (tree, at) = (manifests.tree, folder(lock));
    let beside = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}/{name}") };
    if tree.has(&beside(".cargo-checksum.json")) {
        return None;
    }
    let manifest = manifest_in(at);
    if !tree.has(&manifest) {
        return Some(Pair::orphan(lock));
    }
    let mut pair = Pair::new(manifest, lock);
    let workspace = manifests.workspace(at);
    let mut covered = BTreeSet::new();
    let mut inputs: BTreeSet<String> = settings::files(tree, at).into_iter().collect();
    let mut open: Vec<String> = workspace.members.keys().cloned().collect();
    let mut ignored = Verdict::default();
    let root = manifests.of(at).ok();
    let settings = Settings::read(tree, at, root.as_deref(), &Mend::new(at), &mut ignored);
    open.extend(settings.patches.iter().filter_map(|patch| match &patch.by.from {
        From::Path(_, folder) => folder.clone(),
        _ => None,
    }));
    let mut seen = HashSet::new();
    while let Some(folder) = open.pop() {
        if !seen.insert(folder.clone()) {
            continue;
        }
        covered.insert(manifest_in(&folder));
        inputs.extend(manifests.root_of(&folder).map(|root| manifest_in(&root)));
        let Ok(Some(package)) = manifests.package(&folder) else { continue };
        open.extend(package.dependencies.iter().filter_map(|dependency| match &dependency.from {
            From::Path(_, folder) => folder.clone(),
            _ => None,
        }));
    }
    inputs.extend([".gitmodules".to_owned()].into_iter().filter(|path| tree.has(path)));
    covered.remove(&manifest_in(at));
    inputs.remove(&manifest_in(at));
    pair.inputs.extend(inputs.into_iter().filter(|path| !covered.contains(path)));
    pair.members.extend(covered);
    Some(pair)
}

fn judge(tree: &Tree<'_>, path: &str, verdict: &mut Verdict) {
    let at = folder(path);
    let mend = Mend::new(at);
    let source = match tree.read(path) {
        Ok(source) => source,
        Err(unread) => return verdict.unread(path, &unread),
    };
    let manifests = Manifests::new(tree);
    if let Some(root) = manifests.root_of(at).filter(|root| root != at) {
        let why = format!(
            "no Cargo reads {path}: the package beside it belongs to the workspace of {}",
            manifest_in(&root)
        );
        return verdict.unclear(Unclear::at(why, source.whole()));
    }
    let lock = Lock::read(&source, &mend, verdict);
    let workspace = manifests.workspace(at);
    let manifest = manifests.of(at).ok();
    let settings = Settings::read(tree, at, manifest.as_deref(), &mend, verdict);
    let packages = Packages::find(&manifests, &workspace, &settings, &mend, verdict);
    let Some(lock) = lock else { return };
    for name in unnamed_registries(&packages, &settings) {
        let why = format!("the address of the registry `{name}` stands outside the repository");
        verdict.unclear(Unclear::at(why, source.whole()));
    }
    if let Some(package) = lock.packages.iter().find(|package| package.is_replaced) {
        let why = format!("`{}` is replaced by `[replace]`, which is not followed", package.name);
        verdict.unclear(Unclear::at(why, source.place(&package.span)));
    }
    Comparison {
        lock: &lock,
        manifests: &manifests,
        workspace: &workspace,
        packages: &packages,
        settings: &settings,
        mend: &mend,
        verdict,
    }
    .run();
}

fn unnamed_registries(packages: &Packages, settings: &Settings) -> BTreeSet<String> {
    let all = packages.locked.values().flat_map(|(package, on)| {
        package.dependencies.iter().filter(|dependency| on.has(dependency)).map(|dependency| &dependency.from)
    });
    let unnamed = all.filter(|from| settings.origin(from).is_none()).filter_map(|from| match from {
        From::Named(name) => Some(name.clone()),
        _ => None,
    });
    unnamed.collect()
}

fn declared(dependency: Dependency, is_inherited: bool) -> Declared {
    let Dependency { name, requirement, range, from, kind, span, .. } = dependency;
    let precision = match (&range, &from) {
        _ if is_inherited => Precision::None,
        (None, From::Path(..) | From::Git(..)) => Precision::None,
        (None, _) => Precision::Any,
        (Some(range), _) => match range.comparators.as_slice() {
            [] => Precision::Any,
            [one] if one.op == Op::Exact && one.minor.is_some() && one.patch.is_some() => Precision::Exact,
            _ => Precision::Range,
        },
    };
    let origin = match from {
        _ if is_inherited => Origin::Workspace,
        From::Default => Origin::Registry(None),
        From::Named(name) => Origin::Registry(Some(name)),
        From::Index(index) => Origin::Registry(Some(index)),
        From::Git(url, reference) => Origin::Git { url, at: reference.as_git_ref() },
        From::Path(path, _) => Origin::Path(path),
    };
    Declared { name, requirement, kind, precision, origin, span }
}

fn locked(package: &lock::Package, is_direct: bool) -> Locked {
    let source = package.source.as_deref();
    let git = source.and_then(origin::git_parts);
    let origin = match (source, git) {
        (_, Some((url, commit))) => {
            LockedOrigin::Git { url: url.to_owned(), commit: commit.map(str::to_owned) }
        }
        (Some(source), None) => {
            let url = source.strip_prefix("registry+").or_else(|| source.strip_prefix("sparse+"));
            LockedOrigin::Registry(Some(url.unwrap_or(source).to_owned()))
        }
        (None, None) => LockedOrigin::Path(package.name.clone()),
    };
    Locked {
        name: package.name.clone(),
        version: package.version.clone(),
        needs_integrity: matches!(origin, LockedOrigin::Registry(_)),
        origin,
        integrity: package.checksum.iter().map(|sum| format!("sha256:{sum}")).collect(),
        // A build script stands in the package itself.
        runs_scripts: None,
        is_direct: Some(is_direct),
        span: package.span.clone(),
    }
}
