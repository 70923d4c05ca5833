//! The comparison: what the folder packages ask for against what the lock says of them, and the rest of the lock in itself.

use super::Mend;
use super::features::On;
use super::lock::{self, Edge, Lock};
use super::manifest::{Dependency, From, Package};
use super::origin::{self, Origin};
use super::packages::{Packages, is_fitting, table_of};
use super::settings::{Patch, Settings};
use super::workspace::{Manifests, Workspace};
use crate::lockfile::ecosystem::{Breaks, Drift, Place, Reason, Verdict};
use std::collections::{HashMap, HashSet};

/// Reasons from which on no more are looked for: the survey keeps fewer.
const ENOUGH: usize = 600;

pub(super) struct Comparison<'c, 't, 'a> {
    pub(super) lock: &'c Lock,
    pub(super) manifests: &'c Manifests<'t, 'a>,
    pub(super) workspace: &'c Workspace,
    pub(super) packages: &'c Packages,
    pub(super) settings: &'c Settings,
    pub(super) mend: &'c Mend,
    pub(super) verdict: &'c mut Verdict,
}

impl Comparison<'_, '_, '_> {
    pub(super) fn run(&mut self) {
        self.names();
        let locked: Vec<_> = self.packages.locked.iter().collect();
        let mut roots = Vec::new();
        for (folder, (package, on)) in locked {
            if self.verdict.reasons.len() > ENOUGH {
                return;
            }
            for fault in &package.faults {
                let reason = self.reason(Drift::NotLocked, Breaks::Both, fault.what.clone());
                self.verdict.drift(
                    reason.dependency(&fault.dependency).in_manifest(package.source.place(&fault.span)),
                );
            }
            roots.extend(self.package(folder, package, on));
        }
        let reached = self.reached(roots);
        self.rest(&reached);
        self.patches(&reached);
        self.spelling();
        if self.verdict.reasons.iter().all(|reason| reason.drift.is_none()) {
            self.text();
        }
    }

    pub(super) fn reason(&self, drift: Drift, breaks: Breaks, what: impl Into<String>) -> Reason {
        Reason::new(drift, breaks, what, &self.mend.update)
    }

    fn place(&self, at: usize) -> Place {
        let package = self.lock.packages.get(at);
        package.map_or_else(|| self.lock.source.whole(), |package| self.lock.source.place(&package.span))
    }

    /// Two members of one name.
    fn names(&mut self) {
        let mut names: HashMap<&str, &Package> = HashMap::new();
        for folder in self.workspace.members.keys() {
            let Some((package, _)) = self.packages.locked.get(folder) else { continue };
            if let Some(other) = names.insert(&package.name, package) {
                let what = format!(
                    "{} and {} are both of the package `{}`",
                    other.source.path, package.source.path, package.name
                );
                let mut reason =
                    Reason::new(Drift::MembersDiffer, Breaks::Both, what, "give one of them another name");
                reason.dependency = Some(package.name.clone());
                self.verdict.drift(reason.in_manifest(package.source.place(&package.version_span)));
            }
        }
    }

    /// A folder package: its entry, which is given back.
    fn package(&mut self, folder: &str, package: &Package, on: &On) -> Option<usize> {
        let place = package.source.place(&package.version_span);
        let Some((at, entry)) = self.lock.path_package(&package.name, &package.version) else {
            let is_member = self.workspace.members.contains_key(folder);
            let drift = if is_member { Drift::MembersDiffer } else { Drift::NotLocked };
            let what = format!("{} has no entry of the package `{}`", self.lock.source.path, package.name);
            let reason = self.reason(drift, Breaks::Both, what).dependency(&package.name).in_manifest(place);
            self.verdict.drift(reason.expected(&package.version));
            return None;
        };
        if entry.version != package.version {
            let what = format!("the version of the package `{}` is not the one that is locked", package.name);
            let reason = self.reason(Drift::RecordStale, Breaks::Both, what).dependency(&package.name);
            let reason = reason.in_manifest(place).in_lock(self.place(at));
            self.verdict.drift(reason.expected(&package.version).found(&entry.version));
        }
        let mut used = HashSet::new();
        for dependency in package.dependencies.iter().filter(|dependency| on.has(dependency)) {
            self.dependency(package, dependency, &entry.edges, at, &mut used);
        }
        for (_, edge) in entry.edges.iter().enumerate().filter(|(number, _)| !used.contains(number)) {
            self.needless(package, on, edge);
        }
        Some(at)
    }

    /// A dependency and the edges of its package.
    fn dependency(
        &mut self,
        package: &Package,
        dependency: &Dependency,
        edges: &[Edge],
        at: usize,
        used: &mut HashSet<usize>,
    ) {
        let fitting =
            edges.iter().enumerate().filter(|(_, edge)| edge.to.is_some_and(|to| self.fits(dependency, to)));
        let fitting: Vec<usize> = fitting.map(|(number, _)| number).collect();
        let place = package.source.place(&dependency.span);
        if !fitting.is_empty() {
            used.extend(fitting);
            self.path_version(dependency, &place);
            return;
        }
        let same = edges.iter().enumerate().filter(|(_, edge)| lock::parts(&edge.text).0 == dependency.name);
        let same: Vec<(usize, &Edge)> = same.collect();
        let asked = asked(dependency);
        let (name, of) = (&dependency.name, &package.name);
        let other = same.iter().find_map(|(_, edge)| self.lock.packages.get(edge.to?));
        let reason = match (other, same.first()) {
            (Some(other), Some((_, edge))) => {
                let what = format!("`{of}` asks for another `{name}` than is locked for it");
                let reason = self.reason(Drift::LockedDifferently, Breaks::Both, what);
                let source = other
                    .source
                    .as_deref()
                    .filter(|_| other.origin != self.settings.origin(&dependency.from));
                let found = source.map_or_else(
                    || other.version.clone(),
                    |source| format!("{} from {source}", other.version),
                );
                reason.in_lock(self.lock.source.place(&edge.span)).found(found)
            }
            (None, Some((_, edge))) => {
                let what = format!(
                    "`{of}` asks for `{name}`, and the entry `{}` that it is locked to is not there",
                    edge.text
                );
                let reason = self.reason(Drift::LockIncomplete, Breaks::Both, what);
                reason.in_lock(self.lock.source.place(&edge.span))
            }
            _ => {
                let table = table_of(dependency.kind);
                let what = format!("`{name}` in {table} of `{of}` is not locked for it");
                self.reason(Drift::NotLocked, Breaks::Both, what).in_lock(self.place(at))
            }
        };
        self.verdict.drift(reason.dependency(name).in_manifest(place).expected(asked));
        used.extend(same.iter().map(|(number, _)| *number));
    }

    /// A version that is asked of a folder package.
    fn path_version(&mut self, dependency: &Dependency, place: &Place) {
        let From::Path(_, Some(folder)) = &dependency.from else { return };
        let Some((package, _)) = self.packages.locked.get(folder) else { return };
        let is_other = package.name != dependency.name;
        if !is_other && is_fitting(dependency, package) {
            return;
        }
        let what = if is_other {
            format!("the package in {} is called `{}`", package.source.path, package.name)
        } else {
            format!("the package in {} is of another version than is asked for", package.source.path)
        };
        let mut reason = self.reason(Drift::LockedDifferently, Breaks::Both, what);
        reason.mend =
            format!("ask for the version that {} has, then: {}", package.source.path, self.mend.update);
        let reason = reason.dependency(&dependency.name).in_manifest(place.clone());
        self.verdict.drift(reason.expected(asked(dependency)).found(&package.version));
    }

    /// Whether a package of the lock is one that a dependency asks for.
    fn fits(&self, dependency: &Dependency, to: usize) -> bool {
        let Some(entry) = self.lock.packages.get(to).filter(|entry| entry.name == dependency.name) else {
            return false;
        };
        if let From::Path(..) = dependency.from {
            return entry.source.is_none();
        }
        let is_in_range = match (&dependency.range, &entry.parsed) {
            (Some(range), Some(version)) => range.matches(version),
            _ => true,
        };
        if !is_in_range {
            return false;
        }
        let is_there = match self.settings.origin(&dependency.from) {
            Some(origin) => entry.origin.as_ref() == Some(&origin),
            // The registry's address stands elsewhere: any will do but the one that needs no name.
            None => matches!(&entry.origin, Some(Origin::Registry(url)) if url != origin::CRATES_IO),
        };
        is_there || self.settings.patches_for(dependency).any(|patch| self.is_by(patch, entry))
    }

    /// Whether an entry is what a patch puts in the place of another.
    pub(super) fn is_by(&self, patch: &Patch, entry: &lock::Package) -> bool {
        if entry.name != patch.by.name
            || patch
                .by
                .range
                .as_ref()
                .zip(entry.parsed.as_ref())
                .is_some_and(|(range, version)| !range.matches(version))
        {
            return false;
        }
        match &patch.by.from {
            From::Path(_, Some(folder)) => {
                let package = self.manifests.package(folder);
                entry.source.is_none()
                    && package.map_or(true, |package| {
                        package.is_none_or(|package| package.version == entry.version)
                    })
            }
            From::Path(_, None) => entry.source.is_none(),
            from => self.settings.origin(from).is_none_or(|origin| entry.origin.as_ref() == Some(&origin)),
        }
    }

    /// An edge of a folder package that none of its dependencies asks for.
    fn needless(&mut self, package: &Package, on: &On, edge: &Edge) {
        let name = lock::parts(&edge.text).0;
        let to = edge.to.and_then(|to| self.lock.packages.get(to));
        let is_possible = |dependency: &&Dependency| {
            dependency.is_optional && edge.to.is_some_and(|to| self.fits(dependency, to))
        };
        // Of a patch that packages of a registry use nobody can tell what they switch on.
        if !on.is_all
            && self.is_used_by_others(package)
            && package.dependencies.iter().any(|d| is_possible(&d))
        {
            return;
        }
        let is_dropped = to.is_none_or(|to| self.is_dropped(to));
        if to.is_some_and(|to| to.source.is_none() && self.packages.elsewhere.contains(&to.name)) {
            return;
        }
        let breaks = if is_dropped { Breaks::Rewrite } else { Breaks::Both };
        let what = format!("`{name}` is locked for `{}`, which does not ask for it", package.name);
        let reason = self.reason(Drift::NotAskedFor, breaks, what).dependency(name);
        let place = package.source.place(&package.version_span);
        self.verdict
            .drift(reason.in_manifest(place).in_lock(self.lock.source.place(&edge.span)).found(&edge.text));
    }

    fn is_used_by_others(&self, package: &Package) -> bool {
        let own = self.lock.path_package(&package.name, &package.version).map(|(at, _)| at);
        let others = self.lock.packages.iter().filter(|other| other.source.is_some());
        others.flat_map(|other| &other.edges).any(|edge| edge.to.is_some() && edge.to == own)
    }

    /// Whether Cargo leaves out an entry when it reads the lock: a folder's that it does not find.
    pub(super) fn is_dropped(&self, entry: &lock::Package) -> bool {
        entry.source.is_none()
            && !self.packages.known.contains(&(entry.name.clone(), entry.version.clone()))
            && self.packages.elsewhere.is_empty()
    }

    /// What can be reached from the folder packages.
    fn reached(&self, roots: Vec<usize>) -> HashSet<usize> {
        let mut reached: HashSet<usize> = roots.iter().copied().collect();
        let mut open = roots;
        while let Some(at) = open.pop() {
            for to in self
                .lock
                .packages
                .get(at)
                .into_iter()
                .flat_map(|package| &package.edges)
                .filter_map(|edge| edge.to)
            {
                let is_dropped = self.lock.packages.get(to).is_some_and(|entry| self.is_dropped(entry));
                if !is_dropped && reached.insert(to) {
                    open.push(to);
                }
            }
        }
        reached
    }

    /// The entries of the lock that are no folder package's.
    fn rest(&mut self, reached: &HashSet<usize>) {
        for (at, entry) in self.lock.packages.iter().enumerate() {
            if self.verdict.reasons.len() > ENOUGH {
                return;
            }
            let (name, version) = (&entry.name, &entry.version);
            if !reached.contains(&at) {
                // That the version of a folder package is another has been told.
                let is_told = entry.source.is_none()
                    && self.packages.locked.values().any(|(package, _)| package.name == *name);
                let is_unsure = !self.packages.elsewhere.is_empty();
                if is_told
                    || is_unsure
                        && (entry.source.is_none() || !self.verdict.reasons.iter().any(|r| r.drift.is_some()))
                {
                    continue;
                }
                let is_dropped = self.is_dropped(entry);
                let drift = if is_dropped { Drift::MembersDiffer } else { Drift::NotAskedFor };
                let breaks = if is_dropped { Breaks::Rewrite } else { Breaks::Both };
                let what = if is_dropped {
                    format!("`{name}` {version} is locked, and there is no such package in the repository")
                } else {
                    format!("`{name}` {version} is locked, and nothing asks for it")
                };
                self.verdict.drift(
                    self.reason(drift, breaks, what).dependency(name).in_lock(self.place(at)).found(version),
                );
                continue;
            }
            if matches!(entry.origin, Some(Origin::Registry(_))) && entry.checksum.is_none() {
                let what = format!("the checksum of `{name}` {version} is gone");
                let mut reason = self.reason(Drift::Tampered, Breaks::Both, what).dependency(name);
                reason.mend = format!("take the entry of `{name}` {version} out, then: {}", self.mend.update);
                self.verdict.drift(reason.in_lock(self.place(at)));
            }
            if entry.source.is_some() {
                for edge in entry.edges.iter().filter(|edge| edge.to.is_none()) {
                    let what = format!("`{name}` {version} needs `{}`, which is not locked", edge.text);
                    let reason = self.reason(Drift::LockIncomplete, Breaks::Both, what);
                    let reason = reason.dependency(lock::parts(&edge.text).0);
                    self.verdict.drift(reason.in_lock(self.lock.source.place(&edge.span)));
                }
            }
        }
    }
}

/// What a dependency asks for, for people.
fn asked(dependency: &Dependency) -> String {
    let version = if dependency.requirement.is_empty() { "any version" } else { &dependency.requirement };
    match &dependency.from {
        From::Default => version.to_owned(),
        From::Named(name) => format!("{version} from the registry `{name}`"),
        From::Index(index) => format!("{version} from {index}"),
        From::Git(url, origin::Reference::Default) => format!("{version} from {url}"),
        From::Git(url, reference) => {
            let (kind, name) = match reference {
                origin::Reference::Branch(name) => ("branch", name),
                origin::Reference::Tag(name) => ("tag", name),
                origin::Reference::Rev(name) => ("rev", name),
                origin::Reference::Default => ("", url),
            };
            format!("{version} from {url} at {kind} {name}")
        }
        From::Path(path, _) => format!("the package in {path}"),
    }
}
