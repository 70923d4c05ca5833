//! A lock against its project, in the order of NuGet's own check.

use super::framework::{CLASSIC, CORE, Framework, STANDARD};
use super::is_lock;
use super::items::{Package, Version};
use super::lock::{self, Entry, Kind, Lock, Target};
use super::project::{self, Project};
use super::projects::{Projects, frameworks};
use super::range::Range;
use super::sdk::{TRIMMING, is_constant, is_of_the_sdk};
use crate::lockfile::ecosystem::{Breaks, Drift, Pair, Reason, Source, Unclear, Verdict};
use crate::lockfile::tree::{Tree, file_name, folder};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

pub(super) fn judge(tree: &Tree<'_>, pair: &Pair) -> Verdict {
    let mut verdict = Verdict::default();
    let (Some(manifest), Some(path)) = (&pair.manifest, &pair.lock) else { return verdict };
    let source = match tree.read(path) {
        Ok(source) => source,
        Err(unread) => {
            verdict.unread(path, &unread);
            return verdict;
        }
    };
    let Some(lock) = lock::read(&source, "dotnet restore --force-evaluate", &mut verdict) else {
        return verdict;
    };
    if !project::is_project(manifest) {
        let why = format!("{manifest} is no project that is read: C#, F# and Visual Basic are");
        verdict.unclear(Unclear::new(why));
        return verdict;
    }
    if folder(manifest) != folder(path) {
        let why = format!("which project writes {path} is not known: NuGetLockFilePath is set");
        verdict.unclear(Unclear::new(why));
        return verdict;
    }
    let projects = Projects::new(tree);
    let outer = projects.read(manifest, None);
    let mut judging = Judging { projects: &projects, lock: &source, manifest, outer: &outer, verdict };
    judging.place(path);
    if judging.frameworks(&lock) {
        judging.runtimes(&lock);
        judging.targets(&lock);
    }
    judging.verdict
}

pub(super) struct Judging<'j, 's, 't> {
    pub(super) projects: &'j Projects<'s, 't>,
    pub(super) lock: &'j Source,
    manifest: &'j str,
    outer: &'j Rc<Project>,
    pub(super) verdict: Verdict,
}

impl Judging<'_, '_, '_> {
    fn mend(&self) -> String {
        let locked = self.outer.is_true("RestoreLockedMode") != Some(false);
        let mode = if locked { " -p:RestoreLockedMode=false" } else { "" };
        format!("dotnet restore {}{mode}", quoted(self.manifest))
    }

    pub(super) fn drift(&self, drift: Drift, what: String) -> Reason {
        Reason::new(drift, Breaks::Both, what, self.mend())
    }

    pub(super) fn unclear(&mut self, why: impl Into<String>, package: Option<&Package>) {
        let place = package.map(|package| package.place.clone());
        self.verdict.unclear(Unclear { why: why.into(), place });
    }

    /// Whether the project writes this lock, and no other one.
    fn place(&mut self, path: &str) {
        let tree = self.projects.tree;
        if self.outer.property("NuGetLockFilePath").is_some() {
            self.unclear("the project names its lock by NuGetLockFilePath", None);
        }
        let at = folder(path);
        let projects = tree.files_in(at).filter(|other| project::is_project(other)).count();
        let locks = tree.files_in(at).filter(|other| is_lock(file_name(other))).count();
        if projects > locks {
            self.unclear("projects of one folder share the lock", None);
        }
        if self.outer.open.is_empty()
            && self
                .outer
                .text("RestorePackagesWithLockFile")
                .is_some_and(|value| value.eq_ignore_ascii_case("false"))
        {
            let what =
                "RestorePackagesWithLockFile is false, and NuGet refuses a project with a lock then (NU1005)";
            let reason = self.drift(Drift::SettingsDiffer, what.to_owned());
            self.verdict.drift(reason.in_lock(self.lock.whole()));
        }
    }

    /// Whether the frameworks are those of the lock; the rest is not looked at where they are not, as NuGet does not.
    fn frameworks(&mut self, lock: &Lock) -> bool {
        self.verdict.reasons.extend(self.outer.open.iter().map(open));
        let Some(written) = frameworks(self.outer) else {
            self.unclear("the target frameworks of the project are not known", None);
            return false;
        };
        if let Some(unknown) = written.iter().find(|name| Framework::parse(name).is_none()) {
            self.unclear(format!("{unknown} is no target framework that is known here"), None);
            return false;
        }
        if let Some(unknown) = lock.targets.iter().find(|target| target.framework.is_none()) {
            let place = self.lock.place(&unknown.span);
            let why = format!("{} is no target framework that is known here", unknown.name);
            self.verdict.unclear(Unclear::at(why, place));
            return false;
        }
        if !self.outer.open.is_empty() {
            return false;
        }
        let wanted: Vec<Framework> = written.iter().filter_map(|name| Framework::parse(name)).collect();
        let mut is_same = true;
        for (name, framework) in written.iter().zip(&wanted) {
            let is_locked = lock
                .targets
                .iter()
                .filter_map(|target| target.framework.as_ref())
                .any(|locked| framework.is(locked));
            if !is_locked {
                is_same = false;
                let what = format!("the project is for {name}, the lock has nothing for it");
                let reason = self.drift(Drift::SettingsDiffer, what).expected(name.clone());
                self.verdict.drift(reason.in_lock(self.lock.whole()));
            }
        }
        for target in lock.targets.iter().filter(|target| target.runtime.is_none()) {
            let locked = target.framework.as_ref();
            if !locked.is_some_and(|locked| wanted.iter().any(|framework| framework.is(locked))) {
                is_same = false;
                let what = format!("the lock is for {}, the project is not", target.name);
                let reason = self.drift(Drift::SettingsDiffer, what).found(target.name.clone());
                self.verdict.drift(reason.in_lock(self.lock.place(&target.span)));
            }
        }
        is_same
    }

    fn runtimes(&mut self, lock: &Lock) {
        let mut wanted = BTreeSet::new();
        for framework in frameworks(self.outer).unwrap_or_default() {
            let project = self.projects.of(self.manifest, self.outer, &framework);
            for name in ["RuntimeIdentifier", "RuntimeIdentifiers"] {
                let Some(text) = project.text(name) else {
                    return self.unclear(format!("{name} is not known"), None);
                };
                wanted.extend(
                    text.split(';').map(|one| one.trim().to_ascii_lowercase()).filter(|one| !one.is_empty()),
                );
            }
            if project.property("RuntimeSupports").is_some() {
                return self.unclear("RuntimeSupports is not read", None);
            }
        }
        let mut locked: BTreeMap<String, &Target> = BTreeMap::new();
        for target in &lock.targets {
            if let Some(runtime) = &target.runtime {
                locked.entry(runtime.to_ascii_lowercase()).or_insert(target);
            }
        }
        for runtime in wanted.iter().filter(|runtime| !locked.contains_key(*runtime)) {
            let what = format!("the project is for the runtime {runtime}, the lock has nothing for it");
            let reason = self.drift(Drift::SettingsDiffer, what).expected(runtime.clone());
            self.verdict.drift(reason.in_lock(self.lock.whole()));
        }
        let mut families = lock.targets.iter().filter_map(|target| Some(target.framework.as_ref()?.family));
        // The SDK chooses one by itself for programs of the .NET Framework and for those that bring their own runtime.
        let may_be_chosen = wanted.is_empty() || families.any(|family| family == CLASSIC);
        for (runtime, target) in locked.iter().filter(|(runtime, _)| !wanted.contains(*runtime)) {
            if may_be_chosen {
                self.unclear(format!("whether the SDK chooses the runtime {runtime} is not known"), None);
                continue;
            }
            let what = format!("the lock is for the runtime {runtime}, the project is not");
            let reason = self.drift(Drift::SettingsDiffer, what).found(runtime.clone());
            self.verdict.drift(reason.in_lock(self.lock.place(&target.span)));
        }
    }

    fn targets(&mut self, lock: &Lock) {
        for written in frameworks(self.outer).unwrap_or_default() {
            let Some(framework) = Framework::parse(&written) else { continue };
            let project = self.projects.of(self.manifest, self.outer, &written);
            if !project.open.is_empty() {
                self.verdict.reasons.extend(project.open.iter().map(open));
                continue;
            }
            let is_own =
                |target: &&Target| target.framework.as_ref().is_some_and(|locked| framework.is(locked));
            // The first is looked at; those of runtimes follow it.
            let Some(target) = lock.targets.iter().find(is_own) else { continue };
            self.direct(&project, target, &framework);
            self.central(&project, target, lock);
            self.references(&project, target, &framework);
        }
    }

    fn direct(&mut self, project: &Project, target: &Target, framework: &Framework) {
        let mut asked = HashSet::new();
        let is_central = project.is_true("ManagePackageVersionsCentrally");
        for package in &project.packages {
            if package.is_global && is_central == Some(false) {
                continue;
            }
            asked.insert(package.name.to_ascii_lowercase());
            let wanted = match self.wanted(project, package) {
                Some(wanted) => wanted,
                None => continue,
            };
            let name = &package.name;
            let Some(entry) = target.entry(name).filter(|entry| entry.kind == Kind::Direct) else {
                let what = format!("{name} is asked for, the lock does not have it for {}", target.name);
                let reason = self.drift(Drift::NotLocked, what).dependency(name).expected(wanted.0);
                self.verdict
                    .drift(reason.in_manifest(package.place.clone()).in_lock(self.lock.place(&target.span)));
                continue;
            };
            if entry.range().as_ref() != Some(&wanted.1) {
                self.stale(package, entry, &wanted.0, target);
            }
        }
        for entry in target.entries.iter().filter(|entry| entry.kind == Kind::Direct) {
            if asked.contains(&entry.name.to_ascii_lowercase()) || is_constant(&entry.name, framework) {
                continue;
            }
            let place = self.lock.place(&entry.span);
            if is_of_the_sdk(&entry.name) {
                let why = format!("{} comes from the SDK, and its version hangs on which one", entry.name);
                self.verdict.unclear(Unclear::at(why, place));
                continue;
            }
            let what = format!(
                "the lock has {} for {}, which the project does not ask for",
                entry.name, target.name
            );
            let reason = self.drift(Drift::NotAskedFor, what).dependency(&entry.name);
            self.verdict.drift(reason.in_lock(place));
        }
        self.implicit(project, target, framework);
    }

    /// What the SDK should have added, and the lock does not have.
    fn implicit(&mut self, project: &Project, target: &Target, framework: &Framework) {
        let has = |name: &str| target.entry(name).is_some_and(|entry| entry.kind == Kind::Direct);
        let may_be = |name: &&str| project.is_true(name) != Some(false);
        let needs = match framework.family {
            CORE if !has("Microsoft.NET.ILLink.Tasks") => {
                TRIMMING.into_iter().find(may_be).map(str::to_owned)
            }
            STANDARD if !has("NETStandard.Library") => Some(target.name.clone()),
            _ => None,
        };
        if let Some(needs) = needs {
            self.unclear(format!("{needs} may have the SDK add a package that the lock does not have"), None);
        }
        let is_fsharp = self.manifest.to_ascii_lowercase().ends_with(".fsproj");
        if is_fsharp
            && !has("FSharp.Core")
            && project.is_true("DisableImplicitFSharpCoreReference") != Some(true)
        {
            self.unclear("the SDK adds FSharp.Core, which the lock does not have", None);
        }
    }

    /// The range that a package is asked for with; `None`: nobody can tell, which is said.
    fn wanted(&mut self, project: &Project, package: &Package) -> Option<(String, Range)> {
        match wanted(project, package) {
            Ok(wanted) => Some(wanted),
            Err(why) => {
                self.unclear(why, Some(package));
                None
            }
        }
    }

    fn stale(&mut self, package: &Package, entry: &Entry, wanted: &str, target: &Target) {
        let found = entry.requested.clone().unwrap_or_default();
        let what = format!(
            "{} is asked for as {wanted}, the lock was made for {found} ({})",
            package.name, target.name
        );
        let reason = self.drift(Drift::RecordStale, what).dependency(&package.name);
        let reason = reason.in_manifest(package.place.clone()).in_lock(self.lock.place(&entry.span));
        self.verdict.drift(reason.expected(wanted).found(found));
    }

    /// Packages that others need, at the versions of the central file.
    fn central(&mut self, project: &Project, target: &Target, lock: &Lock) {
        let Some(is_central) = project.is_true("ManagePackageVersionsCentrally") else {
            return self.unclear("whether ManagePackageVersionsCentrally is true is not known", None);
        };
        let central =
            |entry: &Entry| project.central.get(&entry.name.to_ascii_lowercase()).filter(|_| is_central);
        for entry in &target.entries {
            let place = self.lock.place(&entry.span);
            match (entry.kind, central(entry)) {
                (Kind::Transitive, Some(version)) if lock.version == "1" || !version.is_certain => {
                    let why =
                        format!("{} has a central version, and whether it counts is not known", entry.name);
                    self.unclear(why, Some(version));
                }
                (Kind::Transitive, Some(version)) => {
                    let what = format!("{} has a central version, which the lock does not know", entry.name);
                    let reason = self.drift(Drift::RecordStale, what).dependency(&entry.name);
                    self.verdict.drift(reason.in_manifest(version.place.clone()).in_lock(place));
                }
                (Kind::CentralTransitive, None) => {
                    let what = format!("{} is locked at a central version, and has none", entry.name);
                    let reason = self.drift(Drift::RecordStale, what).dependency(&entry.name);
                    self.verdict.drift(reason.in_lock(place));
                }
                (Kind::CentralTransitive, Some(version)) => match asked_centrally(version) {
                    Ok((text, range)) if entry.range().as_ref() != Some(&range) => {
                        self.stale(version, entry, &text, target);
                    }
                    Ok(_) => {}
                    Err(why) => self.unclear(why, Some(version)),
                },
                (Kind::Other, _) => {
                    self.verdict.unclear(Unclear::at(format!("{} is of an unknown type", entry.name), place));
                }
                _ => {}
            }
        }
    }
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let is_plain =
        path.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/'));
    if is_plain { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

fn open(open: &Unclear) -> Reason {
    let mut reason = Reason::new(Drift::Unreadable, Breaks::Both, open.why.clone(), "");
    (reason.drift, reason.manifest) = (None, open.place.clone());
    reason
}

/// The range that a package is asked for with, as it is written and as it is read.
pub(super) fn wanted(project: &Project, package: &Package) -> Result<(String, Range), String> {
    let name = &package.name;
    if !package.is_certain {
        return Err(format!("whether {name} is asked for, and how, hangs on what is not known here"));
    }
    let unknown = || format!("the version of {name} is not known");
    let central = match project.is_true("ManagePackageVersionsCentrally").ok_or_else(unknown)? {
        true if !package.is_global => project.central.get(&name.to_ascii_lowercase()),
        _ => None,
    };
    let version = match (&package.own_version, &package.version, central) {
        (Version::Known(text), _, Some(_)) => text,
        (Version::Unknown, _, Some(_)) => return Err(unknown()),
        // Versions in both places are an error of NuGet's unless they are the SDK's own.
        (
            Version::None,
            Version::None,
            Some(Package { version: Version::Known(text), is_certain: true, .. }),
        ) => text,
        (_, Version::Known(text), None) => text,
        _ => return Err(unknown()),
    };
    let range = Range::parse(version)
        .ok_or_else(|| format!("{version} of {name} is no version that is read here"))?;
    Ok((version.clone(), range))
}

/// The version of the central file.
fn asked_centrally(package: &Package) -> Result<(String, Range), String> {
    let unknown = || format!("the central version of {} is not known", package.name);
    let Version::Known(text) = &package.version else { return Err(unknown()) };
    let range = Range::parse(text).filter(|_| package.is_certain).ok_or_else(unknown)?;
    Ok((text.clone(), range))
}
