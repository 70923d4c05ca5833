//! lockfileVersion 1: `dependencies` within `dependencies`, without a record of the manifest. npm 5 and 6 write it; their
//! strict install compares what the manifest asks for, and nothing else.

use super::{MEND_NESTED as MEND, Project};
use crate::lockfile::data::{Entry, Value};
use crate::lockfile::ecosystem::{Breaks, Drift, Reason, Unclear, Verdict};
use crate::lockfile::npm_spec::{Spec, satisfies};
use crate::lockfile::package_json::{Dependency, Field};
use std::collections::{HashMap, HashSet};

/// Where an entry stands: the way of names that leads to it.
type Way<'a> = Vec<&'a str>;

/// Deepest nesting that is followed; the reader of JSON takes no deeper one.
const DEEPEST: usize = 128;

#[derive(Debug, Default)]
struct Locks<'a> {
    entries: Vec<(Way<'a>, &'a Entry)>,
    by_way: HashMap<Way<'a>, usize>,
}

pub(super) fn judge(project: &Project<'_>, verdict: &mut Verdict) {
    let mut locks = Locks::default();
    if let Some(dependencies) = project.value.get("dependencies") {
        locks.read(dependencies, &mut Vec::new());
    }
    let has_requires = locks.entries.iter().any(|(_, entry)| entry.value.get("requires").is_some());
    let is_ancient = project.value.get("requires").is_none() && !has_requires && !locks.entries.is_empty();
    let mut roots = Vec::new();
    let optional: HashSet<&str> = project
        .manifest
        .dependencies(Field::OptionalDependencies)
        .map(|dependency| dependency.name)
        .collect();
    for field in [Field::Dependencies, Field::DevDependencies, Field::OptionalDependencies] {
        for dependency in project.manifest.dependencies(field) {
            if field == Field::Dependencies && optional.contains(dependency.name) {
                continue;
            }
            direct(project, &locks, &dependency, verdict);
            roots.extend(locks.by_way.get(&vec![dependency.name]).map(|index| (*index, field)));
        }
    }
    header(project, verdict);
    if project.manifest.workspaces().is_some() {
        let why = format!("{} is of lockfileVersion 1, which knows no workspaces", project.lock.path);
        verdict.unclear(Unclear::at(why, project.lock.whole()));
    }
    if is_ancient {
        let why = format!("{} does not say what packages need: it is of an early npm 5", project.lock.path);
        verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, project.lock.whole()));
    } else {
        closure(project, &locks, &roots, verdict);
    }
}

impl<'a> Locks<'a> {
    fn read(&mut self, dependencies: &'a Value, way: &mut Way<'a>) {
        if way.len() >= DEEPEST {
            return;
        }
        for entry in dependencies.entries() {
            way.push(&entry.key);
            self.by_way.insert(way.clone(), self.entries.len());
            self.entries.push((way.clone(), entry));
            if let Some(inner) = entry.value.get("dependencies") {
                self.read(inner, way);
            }
            way.pop();
        }
    }

    /// What an entry finds by a name: below itself, and beside it and those above.
    fn resolve(&self, from: &Way<'a>, name: &'a str) -> Option<usize> {
        let mut way = from.clone();
        loop {
            way.push(name);
            if let Some(found) = self.by_way.get(&way) {
                return Some(*found);
            }
            way.pop();
            way.pop()?;
        }
    }
}

fn direct(project: &Project<'_>, locks: &Locks<'_>, dependency: &Dependency<'_>, verdict: &mut Verdict) {
    let Dependency { name, spec, .. } = *dependency;
    let place = project.manifest.place(&dependency.span());
    let Some((_, entry)) = locks.by_way.get(&vec![name]).and_then(|index| locks.entries.get(*index)) else {
        let what = format!("{name} {spec} is not in the lock");
        let reason = Reason::new(Drift::NotLocked, Breaks::Both, what, MEND).dependency(name);
        return verdict.drift(reason.in_manifest(place).expected(spec));
    };
    let version = entry.value.text_of("version").unwrap_or_default();
    let lock = project.lock.place(&entry.span);
    let Some(breaks) = differs(spec, version, entry) else { return };
    let what = format!("{name} {spec} is locked at {version}");
    let reason = Reason::new(Drift::LockedDifferently, breaks, what, MEND).dependency(name);
    verdict.drift(reason.in_manifest(place).in_lock(lock).expected(spec).found(version));
}

/// What a locked version that is not what is asked for breaks.
fn differs(spec: &str, version: &str, entry: &Entry) -> Option<Breaks> {
    let locked = Spec::parse(version);
    let is_in = |range: &str| satisfies(version, range) == Some(true);
    let from = entry.value.text_of("from").unwrap_or_default();
    match Spec::parse(spec) {
        Spec::Version(range) | Spec::Range(range) => (!is_in(&range)).then_some(Breaks::Both),
        Spec::Tag(_) => None,
        Spec::Alias { name, spec } => match (locked, *spec) {
            (Spec::Alias { name: other, spec: has }, Spec::Version(range) | Spec::Range(range)) => {
                let has = match *has {
                    Spec::Version(version) => version,
                    _ => String::new(),
                };
                if satisfies(&has, &range) != Some(true) {
                    return Some(Breaks::Both);
                }
                (name != other).then_some(Breaks::Rewrite)
            }
            (Spec::Alias { .. }, _) => None,
            _ => Some(Breaks::Both),
        },
        Spec::Git(wanted) => match locked {
            Spec::Git(has) if has.is_same_repository(&wanted) && from.ends_with(spec) => None,
            // The strict install does not compare what is asked of Git.
            _ => Some(Breaks::Rewrite),
        },
        Spec::Url(url) => (version != url).then_some(Breaks::Both),
        Spec::Folder(path) | Spec::File(path) => match locked {
            Spec::Folder(has) | Spec::File(has) => {
                let tidy = |path: &str| super::graph::locate("", path);
                (tidy(&has) != tidy(&path)).then_some(Breaks::Both)
            }
            _ => Some(Breaks::Both),
        },
        Spec::Other { .. } | Spec::Invalid(_) => Some(Breaks::Both),
    }
}

fn header(project: &Project<'_>, verdict: &mut Verdict) {
    for (key, wanted) in [("name", project.manifest.name()), ("version", project.manifest.version())] {
        let Some(entry) = project.value.map().and_then(|map| map.entry(key)) else { continue };
        let has = entry.value.text().unwrap_or_default();
        if has != wanted && !wanted.is_empty() {
            let what = format!("{} says {key} {has}, the manifest says {wanted}", project.lock.path);
            let reason =
                Reason::new(Drift::RecordStale, Breaks::Rewrite, what, MEND).expected(wanted).found(has);
            verdict.drift(reason.in_lock(project.lock.place(&entry.span)));
        }
    }
}

/// What packages need of one another, what nothing needs, and what is for developing alone.
fn closure(project: &Project<'_>, locks: &Locks<'_>, roots: &[(usize, Field)], verdict: &mut Verdict) {
    let mut needed = HashSet::new();
    let mut shipped = HashSet::new();
    let mut faults = HashSet::new();
    for is_shipped in [true, false] {
        let reached = if is_shipped { &mut shipped } else { &mut needed };
        let wanted = |field: Field| !is_shipped || field != Field::DevDependencies;
        let mut queue: Vec<usize> =
            roots.iter().filter(|(_, field)| wanted(*field)).map(|(index, _)| *index).collect();
        while let Some(index) = queue.pop() {
            if !reached.insert(index) {
                continue;
            }
            let Some((way, entry)) = locks.entries.get(index) else { continue };
            for need in entry.value.get("requires").map(Value::entries).unwrap_or_default() {
                match locks.resolve(way, &need.key) {
                    Some(to) => queue.push(to),
                    None => drop(faults.insert((index, need.key.as_str()))),
                }
            }
        }
    }
    for (index, (_, entry)) in locks.entries.iter().enumerate() {
        let is = |key: &str| entry.value.get(key).and_then(Value::bool) == Some(true);
        let place = project.lock.place(&entry.span);
        let key = &entry.key;
        if is("bundled") {
            continue;
        }
        let has_archive =
            entry.value.text_of("resolved").is_some_and(|resolved| resolved.starts_with("http"));
        if has_archive && entry.value.get("integrity").is_none() {
            // npm 6 fetches it and adds the hash, where the registry has one.
            let what = format!("{key} is locked without a hash");
            verdict.unclear_for(Breaks::Rewrite, Unclear::at(what, place.clone()));
        }
        if !needed.contains(&index) {
            let what = format!("{key} is in the lock and nothing asks for it");
            let reason = Reason::new(Drift::NotAskedFor, Breaks::Rewrite, what, MEND).dependency(key);
            verdict.drift(reason.in_lock(place.clone()));
        } else if is("dev") == shipped.contains(&index) {
            let what =
                format!("{key} is locked for developing alone, or as what is shipped, and is the other");
            let reason = Reason::new(Drift::RecordStale, Breaks::Rewrite, what, MEND).dependency(key);
            verdict.drift(reason.in_lock(place.clone()));
        }
        for need in entry.value.get("requires").map(Value::entries).unwrap_or_default() {
            let range = need.value.text().unwrap_or_default();
            if faults.contains(&(index, need.key.as_str())) {
                let what = format!("{} {range}, which {key} needs, is not in the lock", need.key);
                // What is optional may have been left out on the machine that made the lock.
                verdict.unclear(Unclear::at(what, place.clone()));
            }
        }
    }
    unmet(project, locks, &needed, verdict);
}

/// Locked versions that those who need them do not take.
fn unmet(project: &Project<'_>, locks: &Locks<'_>, needed: &HashSet<usize>, verdict: &mut Verdict) {
    for (_, (way, entry)) in locks.entries.iter().enumerate().filter(|(index, _)| needed.contains(index)) {
        for need in entry.value.get("requires").map(Value::entries).unwrap_or_default() {
            let Some((_, found)) = locks.resolve(way, &need.key).and_then(|to| locks.entries.get(to)) else {
                continue;
            };
            let (range, version) =
                (need.value.text().unwrap_or_default(), found.value.text_of("version").unwrap_or_default());
            if satisfies(version, range) == Some(false) {
                let what = format!("{} {range}, which {} needs, is locked at {version}", need.key, entry.key);
                let place = project.lock.place(&found.span);
                if found.value.get("bundled").is_none() {
                    verdict.unclear(Unclear::at(what, place));
                }
            }
        }
    }
}
