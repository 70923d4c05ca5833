//! The projects that one refers to, and what they pass on to it.

use super::compare::{Judging, wanted};
use super::framework::{CORE, Framework, STANDARD};
use super::items::Package;
use super::lock::{Entry, Kind, Target};
use super::project::Project;
use super::projects::{MOST_PROJECTS, frameworks};
use super::range::Range;
use super::sdk::{is_constant, is_of_the_sdk};
use crate::lockfile::ecosystem::{Drift, Unclear};
use crate::lockfile::tree::file_name;
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

impl Judging<'_, '_, '_> {
    /// The projects that this one leads to, and what they need.
    pub(super) fn references(&mut self, project: &Project, target: &Target, framework: &Framework) {
        let mut seen = HashSet::new();
        let mut waiting: VecDeque<Package> = project.references.iter().cloned().collect();
        while let Some(reference) = waiting.pop_front() {
            if reference.is_read == Some(false) || !seen.insert(reference.name.clone()) {
                continue;
            }
            if !reference.is_certain || reference.is_read.is_none() || seen.len() > MOST_PROJECTS {
                self.unclear(
                    format!("whether {} is referred to is not known", reference.name),
                    Some(&reference),
                );
                continue;
            }
            let read = self.referred(&reference.name, framework);
            let (name, inner, of_it) = match read {
                Ok(read) => read,
                Err(why) => {
                    self.unclear(why, Some(&reference));
                    continue;
                }
            };
            let Some(entry) = target.entry(&name).filter(|entry| entry.kind == Kind::Project) else {
                let what = format!(
                    "the project {name} is referred to, the lock does not have it for {}",
                    target.name
                );
                let reason = self.drift(Drift::NotLocked, what).dependency(&name);
                self.verdict.drift(
                    reason.in_manifest(reference.place.clone()).in_lock(self.lock.place(&target.span)),
                );
                continue;
            };
            self.needs(&inner, entry, &name, &of_it, framework);
            waiting.extend(inner.references.iter().filter(|inner| inner.is_private != Some(true)).cloned());
        }
    }

    /// A project that is referred to, for the framework of its own that goes with one: its name, what it says, that framework.
    fn referred(
        &self,
        path: &str,
        framework: &Framework,
    ) -> Result<(String, Rc<Project>, Framework), String> {
        if !self.projects.tree.has(path) {
            return Err(format!("the project {path} is not in this repository"));
        }
        let outer = self.projects.read(path, None);
        let closed = |project: &Project| match project.open.first() {
            Some(open) => Err(format!("{path}: {}", open.why)),
            None => Ok(()),
        };
        closed(&outer)?;
        let written =
            frameworks(&outer).ok_or_else(|| format!("the target frameworks of {path} are not known"))?;
        let known: Vec<(String, Framework)> =
            written.iter().filter_map(|name| Some((name.clone(), Framework::parse(name)?))).collect();
        let nearest = if written.len() == 1 { known.first() } else { nearest(&known, framework) };
        let (text, nearest) =
            nearest.ok_or_else(|| format!("which framework of {path} is meant is not known"))?;
        let inner = self.projects.of(path, &outer, text);
        closed(&inner)?;
        let stem = file_name(path).rsplit_once('.').map_or(path, |(stem, _)| stem);
        let mut name = stem.to_owned();
        for property in ["AssemblyName", "PackageId"] {
            let text =
                inner.text(property).ok_or_else(|| format!("the {property} of {path} is not known"))?;
            if !text.trim().is_empty() {
                text.trim().clone_into(&mut name);
            }
        }
        Ok((name, inner, nearest.clone()))
    }

    /// What a project that is referred to needs, against what the lock says of it.
    fn needs(
        &mut self,
        inner: &Project,
        entry: &Entry,
        name: &str,
        of_it: &Framework,
        framework: &Framework,
    ) {
        let mut recorded =
            Recorded { name, entry, needs: HashMap::new(), asked: HashSet::new(), is_whole: true };
        for (need, range) in &entry.needs {
            recorded.needs.entry(need.to_ascii_lowercase()).or_insert(range);
        }
        for package in &inner.packages {
            recorded.asked.insert(package.name.to_ascii_lowercase());
            if package.is_private != Some(true) {
                self.package_of(inner, package, &mut recorded);
            }
        }
        for reference in inner.references.iter().filter(|one| one.is_read != Some(false)) {
            self.reference_of(reference, framework, &mut recorded);
        }
        for (need, range) in &entry.needs {
            if recorded.asked.contains(&need.to_ascii_lowercase()) || is_constant(need, of_it) {
                continue;
            }
            let place = self.lock.place(&entry.span);
            if is_of_the_sdk(need) || !recorded.is_whole {
                self.verdict.unclear(Unclear::at(format!("whether {name} needs {need} is not known"), place));
                continue;
            }
            let what =
                format!("the lock says that the project {name} needs {need} {range}, which it does not");
            let reason = self.drift(Drift::RecordStale, what).dependency(need);
            self.verdict.drift(reason.in_lock(place));
        }
    }

    /// A package that a project passes on.
    fn package_of(&mut self, inner: &Project, package: &Package, recorded: &mut Recorded<'_>) {
        let name = recorded.name;
        let (text, range) = match wanted(inner, package) {
            Ok(wanted) if package.is_private.is_some() => wanted,
            other => {
                recorded.is_whole = false;
                let why = other
                    .err()
                    .unwrap_or_else(|| format!("whether {name} passes {} on is not known", package.name));
                return self.unclear(why, Some(package));
            }
        };
        let need = recorded.needs.get(&package.name.to_ascii_lowercase()).copied();
        if need.is_none() && may_be_pruned(inner, &package.name) {
            let why = format!("whether the framework has {} itself is not known", package.name);
            return self.unclear(why, Some(package));
        }
        if need.and_then(|need| Range::parse(need)).as_ref() == Some(&range) {
            return;
        }
        let found = need.cloned().unwrap_or_default();
        let what = format!(
            "the project {name} asks for {} {text}, the lock has {}",
            package.name,
            if found.is_empty() { "nothing of it" } else { &found }
        );
        let reason = self.drift(Drift::RecordStale, what).dependency(&package.name);
        let reason = reason.in_manifest(package.place.clone()).in_lock(self.lock.place(&recorded.entry.span));
        self.verdict.drift(reason.expected(text).found(found));
    }

    /// A project that a project passes on.
    fn reference_of(&mut self, reference: &Package, framework: &Framework, recorded: &mut Recorded<'_>) {
        let is_known = reference.is_certain && reference.is_read.is_some() && reference.is_private.is_some();
        let Some((other, ..)) = self.referred(&reference.name, framework).ok().filter(|_| is_known) else {
            // Why is told where the projects are gone through.
            recorded.is_whole = false;
            return;
        };
        let key = other.to_ascii_lowercase();
        if !recorded.needs.contains_key(&key) && reference.is_private == Some(false) {
            let what = format!("the project {} refers to {other}, the lock does not say so", recorded.name);
            let reason = self.drift(Drift::RecordStale, what).dependency(&other);
            let place = self.lock.place(&recorded.entry.span);
            self.verdict.drift(reason.in_manifest(reference.place.clone()).in_lock(place));
        }
        recorded.asked.insert(key);
    }
}

/// What the lock has recorded of a project, and what of that the project asks for.
struct Recorded<'r> {
    name: &'r str,
    entry: &'r Entry,
    /// Their ranges by their names in lower case.
    needs: HashMap<String, &'r String>,
    asked: HashSet<String>,
    /// `false`: it may ask for more.
    is_whole: bool,
}

/// Whether the SDK may leave a package out that the framework has itself: of .NET 10 on, or where it is asked for.
fn may_be_pruned(project: &Project, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_of_the_framework =
        ["system.", "microsoft.", "netstandard.", "runtime."].iter().any(|start| name.starts_with(start));
    let is_off =
        project.text("RestoreEnablePackagePruning").is_some_and(|value| value.eq_ignore_ascii_case("false"));
    is_of_the_framework && !is_off
}

/// The framework of a project that another one takes from it.
fn nearest<'k>(known: &'k [(String, Framework)], wanted: &Framework) -> Option<&'k (String, Framework)> {
    let number = |framework: &Framework| -> Vec<u32> {
        framework.version.split('.').map(|part| part.parse().unwrap_or_default()).collect()
    };
    if let Some(same) = known.iter().find(|(_, one)| one.is(wanted) || wanted.is(one)) {
        return Some(same);
    }
    let fits = |one: &Framework| match (one.family == wanted.family, one.family) {
        (true, _) => {
            number(one) <= number(wanted) && (one.platform.is_none() || one.platform == wanted.platform)
        }
        (false, STANDARD) => wanted.family == CORE || number(one) <= vec![2, 0],
        _ => false,
    };
    let fitting: Vec<_> = known.iter().filter(|(_, one)| fits(one)).collect();
    let own = fitting.iter().filter(|(_, one)| one.family == wanted.family);
    let best = own.max_by_key(|(_, one)| (number(one), one.platform.is_some()));
    best.copied().or_else(|| fitting.iter().max_by_key(|(_, one)| number(one)).copied())
}
