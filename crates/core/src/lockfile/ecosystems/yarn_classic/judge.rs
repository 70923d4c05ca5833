//! The strict install of yarn 1 looks for what the root asks for among the patterns of the lock, and no further. An ordinary
//! one follows every pattern, and writes the lock anew where it lacks one or has one too many.

use super::parse::{Entry, Lock};
use super::{MEND, members};
use crate::lockfile::data::Value;
use crate::lockfile::ecosystem::{Breaks, Drift, Place, Reason, Source, Unclear, Verdict};
use crate::lockfile::npm_spec::{Spec, satisfies, split};
use crate::lockfile::package_json::{Dependency, Field, PackageJson};
use crate::lockfile::tree::{Tree, folder, join};
use std::collections::{HashMap, HashSet};

/// What an install asks for; peers are nobody's before somebody brings them.
const FIELDS: [Field; 3] = [Field::Dependencies, Field::DevDependencies, Field::OptionalDependencies];

struct Walk<'a> {
    tree: &'a Tree<'a>,
    folder: &'a str,
    source: &'a Source,
    lock: &'a Lock,
    /// Members by name, each with its version.
    members: HashMap<String, String>,
    /// What `resolutions` make of a package wherever it stands.
    everywhere: HashMap<&'a str, &'a str>,
    /// What they make of it below a package that the root or a member asks for: `(parent, name)`.
    below: HashMap<(&'a str, &'a str), &'a str>,
    queue: Vec<(usize, bool)>,
    reached: HashSet<String>,
    /// Packages of which a resolution had its say.
    resolved: HashSet<String>,
    verdict: &'a mut Verdict,
}

pub(super) fn judge(
    tree: &Tree<'_>,
    source: &Source,
    lock: &Lock,
    manifest: &PackageJson,
    verdict: &mut Verdict,
) {
    for (pattern, span) in &lock.repeated {
        let what = format!("{pattern} is there twice in {}", source.path);
        // yarn takes the last, and writes it once.
        let reason = Reason::new(Drift::Repeated, Breaks::Rewrite, what, MEND).dependency(name_of(pattern));
        verdict.drift(reason.in_lock(source.place(span)));
    }
    let at = folder(&source.path);
    let paths = match members(tree, at, manifest) {
        Ok(paths) => paths,
        Err(unclear) => return verdict.unclear_for(Breaks::Rewrite, unclear),
    };
    let packages: Vec<PackageJson> =
        paths.iter().filter_map(|path| PackageJson::parse(&tree.read(path).ok()?).ok()).collect();
    if packages.len() < paths.len() {
        let why = "a package.json of a member cannot be read".to_owned();
        return verdict.unclear(Unclear::at(why, manifest.source.whole()));
    }
    let mut walk = Walk {
        tree,
        folder: at,
        source,
        lock,
        members: packages.iter().map(|p| (p.name().to_owned(), p.version().to_owned())).collect(),
        everywhere: HashMap::new(),
        below: HashMap::new(),
        queue: Vec::new(),
        reached: HashSet::new(),
        resolved: HashSet::new(),
        verdict,
    };
    let is_known = walk.resolutions(manifest);
    walk.manifest(manifest, true);
    for package in &packages {
        walk.manifest(package, false);
    }
    walk.closure();
    walk.unused(manifest);
    if is_known {
        walk.leftovers();
    }
}

impl<'a> Walk<'a> {
    /// Reads `resolutions`; whether every one of them is of a form that is followed.
    fn resolutions(&mut self, manifest: &'a PackageJson) -> bool {
        let mut is_known = true;
        for entry in manifest.value.get("resolutions").map(Value::entries).unwrap_or_default() {
            let Some(wanted) = entry.value.text() else { continue };
            let key = entry.key.strip_prefix("**/").unwrap_or(&entry.key);
            match parts(key).as_slice() {
                [name] if !name.contains('*') => drop(self.everywhere.insert(name, wanted)),
                [parent, name] if !key.contains('*') && key.len() == entry.key.len() => {
                    self.below.insert((parent, name), wanted);
                }
                _ => {
                    is_known = false;
                    let why = format!(
                        "`{}` of resolutions holds below packages that are far from the project",
                        entry.key
                    );
                    let place = manifest.place(&(entry.span.start..entry.value.span.end));
                    self.verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, place));
                }
            }
        }
        is_known
    }

    fn manifest(&mut self, manifest: &PackageJson, is_root: bool) {
        let mut told = HashSet::new();
        for dependency in FIELDS.iter().flat_map(|field| manifest.dependencies(*field)) {
            if told.insert((dependency.name, dependency.spec)) {
                self.direct(manifest, &dependency, is_root);
            }
        }
    }

    fn direct(&mut self, manifest: &PackageJson, dependency: &Dependency<'_>, is_root: bool) {
        let Dependency { name, spec, .. } = *dependency;
        let place = manifest.place(&dependency.span());
        let breaks = if is_root { Breaks::Both } else { Breaks::Rewrite };
        let who = if is_root { String::new() } else { format!(" by {}", manifest.source.path) };
        let asked = format!("{name} {spec}, asked for{who},");
        self.need(name, spec, None, breaks, Drift::NotLocked, &asked, &place);
    }

    /// Looks for what is asked for, and follows it.
    #[allow(clippy::too_many_arguments, reason = "a need and how to tell of it")]
    fn need(
        &mut self,
        name: &str,
        spec: &str,
        parent: Option<&str>,
        breaks: Breaks,
        drift: Drift,
        asked: &str,
        place: &Place,
    ) {
        if self.members.get(name).is_some_and(|version| satisfies(version, spec) == Some(true)) {
            return;
        }
        let below = parent.and_then(|parent| self.below.get(&(parent, name)));
        let resolution = below.or_else(|| self.everywhere.get(name)).copied();
        if resolution.is_some() {
            self.resolved.insert(name.to_owned());
        }
        // What a member asks of another that does not satisfy it is asked of the registry, which may not know it.
        let breaks = if self.members.contains_key(name) { Breaks::RewriteAndPerhapsStrict } else { breaks };
        let pattern = format!("{name}@{spec}");
        let is_written = self.lock.by_pattern.contains_key(&pattern);
        let pattern = if spec.is_empty() && !is_written { name.to_owned() } else { pattern };
        let target = resolution.map(|to| format!("{name}@{to}"));
        let index = |pattern: &str| self.lock.by_pattern.get(pattern).copied();
        if let Some((one, two)) = index(&pattern).zip(target.as_deref().and_then(index))
            && one != two
        {
            let what = format!("{pattern} is not locked as resolutions say");
            let span = self.lock.entries.get(one).map_or(0..0, |entry| entry.span.clone());
            let reason = Reason::new(Drift::SettingsDiffer, Breaks::Rewrite, what, MEND).dependency(name);
            let reason = reason.expected(resolution.unwrap_or_default()).in_lock(self.source.place(&span));
            self.verdict.drift(reason);
        }
        for (pattern, is_resolution) in
            [Some((pattern, false)), target.map(|target| (target, true))].into_iter().flatten()
        {
            let Some(index) = self.lock.by_pattern.get(&pattern).copied() else {
                let (drift, breaks, what) = if is_resolution {
                    (
                        Drift::SettingsDiffer,
                        Breaks::Rewrite,
                        format!("{pattern} of resolutions is not in the lock"),
                    )
                } else {
                    (drift, breaks, format!("{asked} is not in the lock"))
                };
                let reason = Reason::new(drift, breaks, what, MEND).dependency(name).expected(&pattern);
                let is_lock = place.path == *self.source.path;
                let place = place.clone();
                self.verdict.drift(if is_lock { reason.in_lock(place) } else { reason.in_manifest(place) });
                continue;
            };
            if !self.reached.insert(pattern.clone()) {
                continue;
            }
            self.queue.push((index, parent.is_none()));
            self.version(&pattern, index, resolution.is_some());
        }
    }

    /// A locked version that is not what the pattern asks for: yarn itself takes it as it is.
    fn version(&mut self, pattern: &str, index: usize, is_resolved: bool) {
        let Some((entry, spec)) = self.lock.entries.get(index).zip(split(pattern).map(|(_, spec)| spec))
        else {
            return;
        };
        let range = match Spec::parse(spec) {
            Spec::Version(range) | Spec::Range(range) => range,
            Spec::Alias { spec, .. } => match *spec {
                Spec::Version(range) | Spec::Range(range) => range,
                _ => return,
            },
            _ => return,
        };
        let is_any = matches!(range.as_str(), "" | "*" | "x");
        if !is_resolved && !is_any && satisfies(&entry.version, &range) == Some(false) {
            let what = format!("{pattern} is locked at {}, and yarn does not compare that", entry.version);
            self.verdict.unclear(Unclear::at(what, self.source.place(&entry.span)));
        }
    }

    fn closure(&mut self) {
        let lock: &'a Lock = self.lock;
        let mut seen = HashSet::new();
        while let Some((index, is_direct)) = self.queue.pop() {
            let Some(entry) = lock.entries.get(index).filter(|_| seen.insert((index, is_direct))) else {
                continue;
            };
            let names: HashSet<&str> = entry.patterns.iter().map(|pattern| name_of(pattern)).collect();
            let name = names.iter().min().copied().unwrap_or_default();
            if let Some(manifest) = self.folder_of(entry) {
                for field in [Field::Dependencies, Field::OptionalDependencies] {
                    for dependency in manifest.dependencies(field) {
                        self.direct(&manifest, &dependency, false);
                    }
                }
                continue;
            }
            for (need, range) in &entry.needs {
                let asked = format!("{need} {range}, which {name} needs,");
                let place = self.source.place(&entry.span);
                let parent = Some(if is_direct { name } else { "" });
                self.need(need, range, parent, Breaks::Rewrite, Drift::LockIncomplete, &asked, &place);
            }
        }
    }

    /// The manifest of an entry that is a folder of the tree: that is asked, and not the lock.
    fn folder_of(&self, entry: &Entry) -> Option<PackageJson> {
        let (_, spec) = split(entry.patterns.first()?)?;
        let Spec::Folder(path) = Spec::parse(spec) else { return None };
        let path = join(self.folder, &format!("{path}/package.json"))?;
        PackageJson::parse(&self.tree.read(&path).ok()?).ok()
    }

    /// Resolutions of what nothing asks for: yarn does not always leave the lock as it is then.
    fn unused(&mut self, manifest: &PackageJson) {
        for entry in manifest.value.get("resolutions").map(Value::entries).unwrap_or_default() {
            let key = entry.key.strip_prefix("**/").unwrap_or(&entry.key);
            if parts(key).last().is_some_and(|name| !self.resolved.contains(*name)) {
                let why = format!("`{}` of resolutions is about nothing that is asked for", entry.key);
                let place = manifest.place(&(entry.span.start..entry.value.span.end));
                self.verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, place));
            }
        }
    }

    /// Patterns that nothing asks for.
    fn leftovers(&mut self) {
        for entry in &self.lock.entries {
            for pattern in entry.patterns.iter().filter(|pattern| !self.reached.contains(*pattern)) {
                let what = format!("{pattern} is in the lock and nothing asks for it");
                let reason = Reason::new(Drift::NotAskedFor, Breaks::Rewrite, what, MEND);
                let reason = reason.dependency(name_of(pattern)).found(entry.version.clone());
                self.verdict.drift(reason.in_lock(self.source.place(&entry.span)));
            }
        }
    }
}

/// The name of a pattern.
fn name_of(pattern: &str) -> &str {
    split(pattern).map_or(pattern, |(name, _)| name)
}

/// The packages of a path of resolutions; those with a scope are one.
fn parts(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in path.match_indices('/') {
        let part = path.get(start..at).unwrap_or_default();
        if !part.starts_with('@') || part.contains('/') {
            parts.push(part);
            start = at + 1;
        }
    }
    parts.push(path.get(start..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_resolutions() {
        assert_eq!(parts("a"), ["a"]);
        assert_eq!(parts("@s/a"), ["@s/a"]);
        assert_eq!(parts("@s/a/@t/b"), ["@s/a", "@t/b"]);
        assert_eq!(parts("a/**/b"), ["a", "**", "b"]);
    }
}
