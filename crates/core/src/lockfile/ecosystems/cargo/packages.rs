//! The folder packages of a lock: members with everything switched on, and beside them what is asked for, with what is
//! switched on there.

use super::Mend;
use super::features::On;
use super::manifest::{Absent, Dependency, From, Package};
use super::settings::Settings;
use super::workspace::{Manifests, Workspace, is_elsewhere, manifest_in};
use crate::lockfile::ecosystem::{Breaks, Drift, Kind, Place, Reason, Unclear, Verdict};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

/// The packages that lie in folders.
#[derive(Default)]
pub(super) struct Packages {
    /// Those that are locked, by folder.
    pub(super) locked: BTreeMap<String, (Rc<Package>, On)>,
    /// Name and version of every package that Cargo can find, locked or not.
    pub(super) known: HashSet<(String, String)>,
    /// Names of packages that lie elsewhere: nobody can tell what they are.
    pub(super) elsewhere: HashSet<String>,
}

impl Packages {
    pub(super) fn find(
        manifests: &Manifests<'_, '_>,
        workspace: &Workspace,
        settings: &Settings,
        mend: &Mend,
        verdict: &mut Verdict,
    ) -> Self {
        let mut packages = Self::default();
        for (folder, absent, place) in &workspace.absent {
            tell(manifests, folder, absent, place.as_ref(), mend, verdict);
        }
        for (pattern, place) in &workspace.bad_globs {
            let what = format!("`{pattern}` in `members` is no pattern of folders");
            let reason = Reason::new(Drift::MembersDiffer, Breaks::Both, what, &mend.update);
            verdict.drift(reason.in_manifest(place.clone()));
        }
        for folder in workspace.members.keys() {
            // What could not be read was told above.
            let Ok(Some(package)) = manifests.package(folder) else { continue };
            let on = On::all(&package);
            packages.locked.insert(folder.clone(), (Rc::new(package), on));
        }
        // That they cannot be read is told with the patches.
        for patch in &settings.patches {
            if let From::Path(_, folder) = &patch.by.from {
                let is_read =
                    folder.as_deref().is_some_and(|at| matches!(manifests.package(at), Ok(Some(_))));
                packages.elsewhere.extend((!is_read).then(|| patch.by.name.clone()));
            }
        }
        packages.follow(manifests, settings, mend, verdict);
        packages.know(manifests, settings);
        packages
    }

    /// Follows dependencies from folder to folder until nothing more is switched on.
    fn follow(
        &mut self,
        manifests: &Manifests<'_, '_>,
        settings: &Settings,
        mend: &Mend,
        verdict: &mut Verdict,
    ) {
        let mut open: Vec<String> = self.locked.keys().cloned().collect();
        let mut told = HashSet::new();
        while let Some(folder) = open.pop() {
            let Some((package, on)) = self.locked.get(&folder).cloned() else { continue };
            for dependency in package.dependencies.iter().filter(|dependency| on.has(dependency)) {
                let place = || package.source.place(&dependency.span);
                let features = on.features_of(dependency);
                for (target, by) in targets(dependency, settings) {
                    let Some(target) = target else {
                        self.is_elsewhere(&dependency.name, place(), &mut told, verdict);
                        continue;
                    };
                    match self.ask(manifests, &target, dependency, by, &features) {
                        Ok(true) => open.push(target),
                        Ok(false) => {}
                        Err(absent) if is_elsewhere(manifests.tree, &target, &absent) => {
                            self.is_elsewhere(&dependency.name, place(), &mut told, verdict);
                        }
                        Err(absent) => {
                            if told.insert(target.clone()) {
                                tell(manifests, &target, &absent, Some(&place()), mend, verdict);
                            }
                        }
                    }
                }
            }
        }
    }

    fn is_elsewhere(&mut self, name: &str, place: Place, told: &mut HashSet<String>, verdict: &mut Verdict) {
        self.elsewhere.insert(name.to_owned());
        if told.insert(format!("\0{name}")) {
            let why = format!("the package `{name}` lies outside the repository or in a submodule");
            verdict.unclear(Unclear::at(why, place));
        }
    }

    /// Asks the package of a folder for features; whether it has to be followed (again).
    fn ask(
        &mut self,
        manifests: &Manifests<'_, '_>,
        folder: &str,
        dependency: &Dependency,
        is_patch: bool,
        features: &[String],
    ) -> Result<bool, Absent> {
        if let Some((package, on)) = self.locked.get_mut(folder) {
            let package = Rc::clone(package);
            return Ok(on.ask(&package, features, dependency.has_default_features));
        }
        let Some(package) = manifests.package(folder)? else { return Ok(false) };
        if is_patch && !is_fitting(dependency, &package) {
            return Ok(false);
        }
        let mut on = On::default();
        on.ask(&package, features, dependency.has_default_features);
        self.locked.insert(folder.to_owned(), (Rc::new(package), on));
        Ok(true)
    }

    /// Every package that can be reached from folder to folder, whatever is switched on.
    fn know(&mut self, manifests: &Manifests<'_, '_>, settings: &Settings) {
        let mut open: Vec<String> = self.locked.keys().cloned().collect();
        for patch in &settings.patches {
            if let From::Path(_, Some(folder)) = &patch.by.from {
                open.push(folder.clone());
            }
        }
        let mut seen = BTreeSet::new();
        while let Some(folder) = open.pop() {
            if !seen.insert(folder.clone()) {
                continue;
            }
            let package = self.locked.get(&folder).map(|(package, _)| Rc::clone(package));
            let package = package.or_else(|| manifests.package(&folder).ok().flatten().map(Rc::new));
            let Some(package) = package else { continue };
            self.known.insert((package.name.clone(), package.version.clone()));
            for dependency in &package.dependencies {
                if let From::Path(_, Some(folder)) = &dependency.from {
                    open.push(folder.clone());
                }
            }
        }
    }
}

/// Whether the version of a package is one that a dependency asks for.
pub(super) fn is_fitting(dependency: &Dependency, package: &Package) -> bool {
    let version = semver::Version::parse(&package.version).ok();
    dependency.range.as_ref().is_none_or(|range| version.is_some_and(|version| range.matches(&version)))
}

/// The folders that a dependency may mean (`None`: outside the tree), and whether it is by a patch.
fn targets(dependency: &Dependency, settings: &Settings) -> Vec<(Option<String>, bool)> {
    if let From::Path(_, folder) = &dependency.from {
        return vec![(folder.clone(), false)];
    }
    let patches = settings.patches_for(dependency).filter_map(|patch| match &patch.by.from {
        From::Path(_, Some(folder)) => Some((Some(folder.clone()), true)),
        _ => None,
    });
    patches.collect()
}

/// Says that a folder has no manifest that could be read.
pub(super) fn tell(
    manifests: &Manifests<'_, '_>,
    folder: &str,
    absent: &Absent,
    asked: Option<&Place>,
    mend: &Mend,
    verdict: &mut Verdict,
) {
    let path = manifest_in(folder);
    match absent {
        _ if is_elsewhere(manifests.tree, folder, absent) => match absent {
            Absent::Unread(unread) if *unread != crate::lockfile::tree::Unread::Missing => {
                verdict.unread(&path, unread);
            }
            _ => {
                verdict
                    .unclear(Unclear { why: format!("{path} lies in a submodule"), place: asked.cloned() });
            }
        },
        Absent::Unread(unread) => {
            let what = format!("{path} {unread}, and a package is looked for there");
            let mut reason = Reason::new(Drift::MembersDiffer, Breaks::Both, what, &mend.update);
            reason.manifest = asked.cloned().or(Some(Place { path, span: None }));
            verdict.drift(reason);
        }
        Absent::Malformed(what, place) => {
            let reason = Reason::new(Drift::Unreadable, Breaks::Both, what.clone(), format!("mend {path}"));
            verdict.drift(reason.in_manifest(place.clone()));
        }
    }
}

/// What a kind of dependency is called.
pub(super) fn table_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Development => "[dev-dependencies]",
        Kind::Build => "[build-dependencies]",
        _ => "[dependencies]",
    }
}
