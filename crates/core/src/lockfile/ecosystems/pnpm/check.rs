//! What a lock has of a workspace against what the workspace says, as one major of pnpm looks at it.

use super::lock::{Era, FIELDS, Form, Importer, Lock, LockedDependency, version_of, whole};
use super::overrides::{Asked, Override, Wanted, asked};
use super::settings::{Files, beside};
use crate::lockfile::data::Value;
use crate::lockfile::npm_spec::{Spec, range, satisfies, version};
use crate::lockfile::package_json::{Field, PackageJson};
use crate::lockfile::{Breaks, Drift, Place, Reason, Tree, Unclear, Verdict, folder, join, relative};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A workspace as one major looks at it.
pub(super) struct Workspace<'a> {
    pub(super) tree: &'a Tree<'a>,
    pub(super) lock: &'a Lock,
    pub(super) files: &'a Files,
    /// The folder of the lock.
    pub(super) root: &'a str,
    /// Every project that the lock covers.
    pub(super) projects: &'a [PackageJson],
    pub(super) importers: &'a [Importer<'a>],
    pub(super) era: Era,
    pub(super) overrides: Vec<Override<'a>>,
    pub(super) auto_install_peers: bool,
    pub(super) exclude_links: bool,
    pub(super) ignored_optional: Vec<&'a str>,
    pub(super) mend: &'a str,
}

/// What a project asks for of one name: `optionalDependencies` go before `dependencies`, those before `devDependencies`.
struct Expected<'w> {
    wanted: &'w Wanted,
    field: Field,
}

impl Workspace<'_> {
    /// The projects against the importers.
    pub(super) fn check(&self, verdict: &mut Verdict) {
        let by_id: HashMap<&str, &Importer<'_>> =
            self.importers.iter().map(|importer| (importer.id, importer)).collect();
        let mut claimed: HashSet<String> = HashSet::new();
        for project in self.projects {
            let at = folder(&project.source.path);
            let Some(id) = relative(self.root, at) else { continue };
            claimed.insert(id.to_owned());
            let asked = asked(project, &self.overrides, self.era, self.root);
            for (why, place) in &asked.unclear {
                verdict.unclear(Unclear::at(why.clone(), place.clone()));
            }
            match by_id.get(id) {
                Some(importer) => self.project(project, &asked, importer, verdict),
                None => self.no_importer(project, &asked, id, verdict),
            }
        }
        // Where each member has a lock of its own, what the root's once knew of them is left there.
        let leftover = if self.files.is_alone { &[] } else { self.importers };
        for importer in leftover.iter().filter(|importer| !claimed.contains(importer.id)) {
            let what = format!("the lock knows a project in {}, and there is none", importer.id);
            verdict.drift(
                self.reason(Drift::MembersDiffer, Breaks::Rewrite, what)
                    .in_lock(self.lock.source.place(&importer.span)),
            );
        }
    }

    fn reason(&self, drift: Drift, breaks: Breaks, what: impl Into<String>) -> Reason {
        Reason::new(drift, breaks, what, self.mend)
    }

    fn no_importer(&self, project: &PackageJson, asked: &Asked<'_>, id: &str, verdict: &mut Verdict) {
        let what = format!("{} is a project that the lock does not know", project.source.path);
        let lock_key = self.lock.value.map().and_then(|map| map.entry("importers"));
        let lock =
            lock_key.map_or_else(|| self.lock.source.whole(), |entry| self.lock.source.place(&entry.span));
        let is_asking = asked
            .by_field
            .keys()
            .any(|(field, _)| *field != Field::PeerDependencies || self.auto_install_peers);
        let breaks = match is_asking {
            true => Breaks::Both,
            // Measured: up to 10 an ordinary install counts the projects.
            false if self.era <= Era::V10 && id != "." => Breaks::Rewrite,
            false => return,
        };
        let place = project.source.whole();
        verdict.drift(self.reason(Drift::MembersDiffer, breaks, what).in_manifest(place).in_lock(lock));
    }

    fn expected<'w>(&self, asked: &'w Asked<'_>) -> BTreeMap<&'w str, Expected<'w>> {
        let mut expected = BTreeMap::new();
        let mut fields = vec![Field::DevDependencies, Field::Dependencies, Field::OptionalDependencies];
        if self.auto_install_peers {
            fields.insert(0, Field::PeerDependencies);
        }
        for field in fields {
            for ((of, name), wanted) in asked.by_field.iter().filter(|((of, _), _)| *of == field) {
                if self.exclude_links && wanted.specifier.starts_with("link:") {
                    continue;
                }
                expected.insert(*name, Expected { wanted, field: *of });
            }
        }
        let optional = |name: &str| asked.by_field.contains_key(&(Field::OptionalDependencies, name));
        expected.retain(|name, _| !(optional(name) && is_matched(&self.ignored_optional, name)));
        expected
    }

    fn project(
        &self,
        project: &PackageJson,
        asked: &Asked<'_>,
        importer: &Importer<'_>,
        verdict: &mut Verdict,
    ) {
        let expected = self.expected(asked);
        let locked: HashMap<&str, &LockedDependency<'_>> =
            importer.locked.iter().map(|locked| (locked.name, locked)).collect();
        for (name, expected) in &expected {
            self.dependency(name, expected, locked.get(name).copied(), importer, verdict);
        }
        for (name, specifier) in &importer.specifiers {
            let is_link = self.exclude_links && specifier.text.starts_with("link:");
            if expected.contains_key(name) || is_link {
                continue;
            }
            let what = format!("the lock has {name} for {}, which does not ask for it", project.source.path);
            verdict.drift(
                self.reason(Drift::NotAskedFor, Breaks::Both, what)
                    .dependency(*name)
                    .in_manifest(project.source.whole())
                    .in_lock(self.lock.source.place(&specifier.span))
                    .found(specifier.text),
            );
        }
        self.facts(project, importer, verdict);
        for locked in &importer.locked {
            if let Some(expected) = expected.get(locked.name) {
                self.linked(project, locked, expected, importer, verdict);
            }
        }
    }

    fn dependency(
        &self,
        name: &str,
        expected: &Expected<'_>,
        locked: Option<&LockedDependency<'_>>,
        importer: &Importer<'_>,
        verdict: &mut Verdict,
    ) {
        let wanted = expected.wanted;
        let by_override = if wanted.is_overridden { ", after overrides" } else { "" };
        let make = |drift, what: String| {
            self.reason(drift, Breaks::Both, what)
                .dependency(name)
                .in_manifest(wanted.place.clone())
                .expected(wanted.specifier.clone())
        };
        let (Some(specifier), Some(locked)) = (importer.specifiers.get(name), locked) else {
            let what =
                format!("{name} is asked for{by_override}, and the lock does not have it for this project");
            verdict.drift(make(Drift::NotLocked, what).in_lock(self.lock.source.place(&importer.span)));
            return;
        };
        let place = self.lock.source.place(&specifier.span);
        if specifier.text != wanted.specifier {
            if self.era >= Era::V11 && is_same_git(specifier.text, &wanted.specifier) {
                let why = format!("{name} is written in another way in the lock, of the same repository");
                verdict.unclear(Unclear::at(why, wanted.place.clone()));
                return;
            }
            let version = version_of(self.lock.form, locked.reference);
            let drift = match satisfies(version, &wanted.specifier) {
                Some(false) => Drift::LockedDifferently,
                _ => Drift::RecordStale,
            };
            let what = format!(
                "{name} is asked for as `{}`{by_override}, and the lock was made for `{}`",
                wanted.specifier, specifier.text
            );
            verdict.drift(make(drift, what).in_lock(place).found(specifier.text));
            return;
        }
        let field =
            if expected.field == Field::PeerDependencies { Field::Dependencies } else { expected.field };
        if locked.field != field.key() {
            let what = format!("{name} is of {}, and of {} in the lock", field.key(), locked.field);
            let reason = make(Drift::RecordStale, what).in_lock(place);
            verdict.drift(reason.expected(field.key()).found(locked.field));
            return;
        }
        self.satisfied(name, wanted, locked, verdict);
    }

    /// Whether what is locked is what the specifier allows.
    fn satisfied(&self, name: &str, wanted: &Wanted, locked: &LockedDependency<'_>, verdict: &mut Verdict) {
        let found = version_of(self.lock.form, locked.reference);
        if range(&wanted.specifier).is_none() || version(found).is_none() {
            return;
        }
        if satisfies(found, &wanted.specifier) != Some(false) {
            return;
        }
        let what = format!("{name} is locked at {found}, which `{}` does not allow", wanted.specifier);
        let place = self.lock.source.place(&locked.span);
        if self.era >= Era::V10 {
            verdict.drift(
                self.reason(Drift::LockedDifferently, Breaks::Both, what)
                    .dependency(name)
                    .in_manifest(wanted.place.clone())
                    .in_lock(place)
                    .expected(wanted.specifier.clone())
                    .found(found),
            );
        } else {
            // The tool installs it all the same: it is said, and not held against the lock.
            verdict.unclear(Unclear::at(format!("{what}; {} does not look at that", self.era.name()), place));
        }
    }

    /// What is recorded of a project besides its dependencies.
    fn facts(&self, project: &PackageJson, importer: &Importer<'_>, verdict: &mut Verdict) {
        let span_of = |value: Option<&Value>| match value {
            Some(value) => project.place(&value.span),
            None => project.source.whole(),
        };
        let directory = project.value.at(&["publishConfig", "directory"]);
        let (asked, found) =
            (directory.and_then(Value::text), importer.value.get("publishDirectory").and_then(Value::scalar));
        if asked != found {
            let what = format!(
                "publishConfig.directory is {}, and publishDirectory in the lock is {}",
                told(asked),
                told(found)
            );
            let reason = self.reason(Drift::RecordStale, Breaks::Both, what).in_manifest(span_of(directory));
            verdict.drift(reason.in_lock(self.lock.source.place(&importer.span)));
        }
        let meta = project.value.get("dependenciesMeta").filter(|value| value.entries().next().is_some());
        let recorded =
            importer.value.get("dependenciesMeta").filter(|value| value.entries().next().is_some());
        let is_same = match (meta, recorded) {
            (None, None) => true,
            (Some(one), Some(two)) => one.is_same(two),
            _ => false,
        };
        if !is_same {
            let what = "dependenciesMeta is not what the lock has recorded of it";
            let reason = self.reason(Drift::RecordStale, Breaks::Both, what).in_manifest(span_of(meta));
            verdict.drift(reason.in_lock(self.lock.source.place(&importer.span)));
        }
    }

    /// Members and folders that a lock links to: an ordinary install looks whether they are still what is asked for.
    fn linked(
        &self,
        project: &PackageJson,
        locked: &LockedDependency<'_>,
        expected: &Expected<'_>,
        importer: &Importer<'_>,
        verdict: &mut Verdict,
    ) {
        let Some(specifier) = importer.specifiers.get(locked.name).map(|found| found.text) else { return };
        if specifier != expected.wanted.specifier {
            return;
        }
        if specifier.starts_with("file:") && !locked.reference.starts_with("link:") {
            self.of_folder(project, locked, expected, verdict);
            return;
        }
        let (Some(path), Some(asked)) =
            (locked.reference.strip_prefix("link:"), specifier.strip_prefix("workspace:"))
        else {
            return;
        };
        let asked = asked.rsplit_once('@').map_or(asked, |(_, asked)| asked);
        if matches!(asked, "*" | "^" | "~" | "") || asked.starts_with('.') {
            return;
        }
        let target = join(folder(&project.source.path), path).map(|at| beside(&at, "package.json"));
        let found =
            target.and_then(|target| self.projects.iter().find(|project| *project.source.path == *target));
        let Some(found) = found else { return };
        if satisfies(found.version(), asked) != Some(false) {
            return;
        }
        let what = format!(
            "{} is {} in this workspace, which `{specifier}` does not allow",
            locked.name,
            found.version()
        );
        let reason = Reason::new(Drift::LockedDifferently, Breaks::Both, what, self.mend);
        let reason = reason
            .dependency(locked.name)
            .in_manifest(expected.wanted.place.clone())
            .in_lock(self.lock.source.place(&locked.span))
            .expected(specifier)
            .found(found.version());
        match self.era {
            Era::V11 => verdict.drift(reason),
            // Measured: 10 takes it.
            Era::V10 => {
                verdict.unclear_for(Breaks::Rewrite, Unclear::at(reason.what, expected.wanted.place.clone()));
            }
            _ => verdict.drift(Reason { breaks: Breaks::Rewrite, ..reason }),
        }
    }

    /// A folder outside the workspace that is copied: the lock has its dependencies.
    fn of_folder(
        &self,
        project: &PackageJson,
        locked: &LockedDependency<'_>,
        expected: &Expected<'_>,
        verdict: &mut Verdict,
    ) {
        let Ok(Some(key)) = self.lock.key(locked.name, locked.reference) else { return };
        let Some(package) = self.lock.package(&key) else { return };
        let Some(directory) = package.value.get("resolution").and_then(|value| value.text_of("directory"))
        else {
            return;
        };
        let Some(path) = join(self.root, directory).map(|at| beside(&at, "package.json")) else {
            let why = format!("{} lies outside of this repository", locked.name);
            verdict.unclear(Unclear::at(why, expected.wanted.place.clone()));
            return;
        };
        let breaks = if self.era >= Era::V11 { Breaks::Both } else { Breaks::Rewrite };
        let make = |what: String| {
            self.reason(Drift::RecordStale, breaks, what)
                .dependency(locked.name)
                .in_manifest(expected.wanted.place.clone())
                .in_lock(self.lock.source.place(&package.span))
        };
        let manifest = match self.tree.read(&path) {
            Ok(source) => PackageJson::parse(&source).map_err(|why| why.message),
            Err(unread) => Err(unread.to_string()),
        };
        let manifest = match manifest {
            Ok(manifest) => manifest,
            Err(why) => {
                let reason = make(format!("{path}, which {} asks for, {why}", project.source.path));
                verdict.drift(Reason { breaks: Breaks::Both, ..reason });
                return;
            }
        };
        let snapshot = self.lock.snapshot(&key).map_or(&package.value, |entry| &entry.value);
        for field in [Field::Dependencies, Field::OptionalDependencies] {
            let recorded: HashMap<&str, &str> = snapshot
                .get(field.key())
                .map(Value::entries)
                .unwrap_or_default()
                .map(|entry| (entry.key.as_str(), entry.value.scalar().unwrap_or_default()))
                .collect();
            let asked: HashMap<&str, &str> =
                manifest.dependencies(field).map(|dependency| (dependency.name, dependency.spec)).collect();
            for (name, specifier) in &asked {
                let is_of_folder = ["file:", "link:", "workspace:"].iter().any(|p| specifier.starts_with(p));
                let what = match recorded.get(name) {
                    None => format!("{path} asks for {name}, and the lock does not have it there"),
                    Some(version) if !is_of_folder => {
                        let asked = specifier.strip_prefix("npm:").and_then(|rest| rest.rsplit_once('@'));
                        let asked = asked.map_or(*specifier, |(_, asked)| asked);
                        if satisfies(version_of(self.lock.form, version), asked) != Some(false) {
                            continue;
                        }
                        format!("{path} asks for {name} as `{specifier}`, and the lock has {version}")
                    }
                    Some(_) => continue,
                };
                verdict.drift(make(what));
            }
            for name in recorded.keys().filter(|name| !asked.contains_key(*name)) {
                verdict.drift(make(format!("the lock has {name} for {path}, which does not ask for it")));
            }
        }
    }
}

fn told(value: Option<&str>) -> String {
    value.map_or_else(|| "not there".to_owned(), |text| format!("`{text}`"))
}

fn is_same_git(one: &str, two: &str) -> bool {
    match (Spec::parse(one), Spec::parse(two)) {
        (Spec::Git(one), Spec::Git(two)) => one.is_same_repository(&two) && one.committish == two.committish,
        _ => false,
    }
}

/// Whether a name fits the globs of a setting of pnpm: `*` is the one wildcard, `!` takes out what came before.
pub(super) fn is_matched(globs: &[&str], name: &str) -> bool {
    let mut is_in = false;
    for glob in globs {
        match glob.strip_prefix('!') {
            Some(glob) if is_like(glob, name) => is_in = false,
            None if is_like(glob, name) => is_in = true,
            // A list that begins by taking out takes in everything else.
            Some(_) if globs.iter().all(|glob| glob.starts_with('!')) => is_in = true,
            _ => {}
        }
    }
    is_in
}

fn is_like(glob: &str, name: &str) -> bool {
    let mut parts = glob.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

impl Workspace<'_> {
    /// A package of a registry without a checksum: pnpm 10 and later refuse it.
    pub(super) fn checksums(&self, verdict: &mut Verdict) {
        for entry in self.lock.packages() {
            let resolution = entry.value.get("resolution");
            if resolution.is_some_and(|value| value.entries().next().is_some()) {
                continue;
            }
            let what = format!("{} has no checksum in the lock", entry.key);
            let place = self.lock.source.place(&entry.span);
            match self.era {
                Era::V10 | Era::V11 => {
                    let mend = "pnpm install --fix-lockfile --lockfile-only";
                    verdict.drift(Reason::new(Drift::Tampered, Breaks::Both, what, mend).in_lock(place));
                }
                // Measured: 8 and 9 install it all the same. The pins tell of what has none.
                _ => {}
            }
        }
    }
}

/// Whether every package that is reached from the projects is there.
pub(super) fn closure(lock: &Lock, importers: &[Importer<'_>], mend: &str, verdict: &mut Verdict) {
    let mut open: Vec<String> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let missing = |name: &str, key: &str, place: Place| {
        let what = format!("the lock has no package {key}, which it says is locked");
        Reason::new(Drift::LockIncomplete, Breaks::Both, what, mend).dependency(name).in_lock(place)
    };
    for importer in importers {
        for locked in &importer.locked {
            match lock.key(locked.name, locked.reference) {
                Ok(Some(key)) => open.push(key),
                Ok(None) => {}
                Err(key) => verdict.drift(missing(locked.name, &key, lock.source.place(&locked.span))),
            }
        }
    }
    while let Some(key) = open.pop() {
        if !seen.insert(key.clone()) {
            continue;
        }
        let Some(snapshot) = lock.snapshot(&key) else { continue };
        if lock.form == Form::V9 && lock.package(&key).is_none() {
            let place = lock.source.place(&snapshot.span);
            verdict.drift(missing(&key, super::lock::without_peers(&key), place));
        }
        for field in [FIELDS[0], FIELDS[2]] {
            for entry in snapshot.value.get(field).map(Value::entries).unwrap_or_default() {
                let reference = entry.value.scalar().unwrap_or_default();
                match lock.key(&entry.key, reference) {
                    Ok(Some(key)) => open.push(key),
                    Ok(None) => {}
                    Err(key) => verdict.drift(missing(&entry.key, &key, lock.source.place(&whole(entry)))),
                }
            }
        }
    }
}
