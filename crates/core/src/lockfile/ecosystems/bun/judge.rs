//! The verdict on bun.lock. bun compares the packages that it would lock with those that are: a lock whose record of the
//! manifests is another passes its strict install as long as the packages are the same.

use super::walk::{Fit, Packages};
use super::{MEND, asked, root_above, settings, texts};
use crate::lockfile::data::{Map, Value};
use crate::lockfile::package_json::{Dependency, Field, PackageJson};
use crate::lockfile::{Breaks, Drift, Place, Reason, Source, Tree, Unclear, Verdict, folder, relative};
use std::collections::{BTreeMap, HashMap, HashSet};

pub(super) use crate::lockfile::package_json::FIELDS;

pub(super) struct Check<'a> {
    pub(super) lock: &'a Source,
    pub(super) packages: Packages<'a>,
    reached: HashSet<&'a str>,
    /// What stands in the record of a manifest and not in it any more.
    removed: Vec<(&'a str, Dependency<'a>, Place)>,
    pub(super) verdict: &'a mut Verdict,
}

pub(super) fn judge(tree: &Tree<'_>, lock: &Source, value: &Value, root: PackageJson, verdict: &mut Verdict) {
    let at = folder(&lock.path);
    let version = value.get("lockfileVersion");
    if let Some(version) = version.filter(|version| !matches!(version.scalar(), Some("0" | "1" | "2"))) {
        let shown = version.scalar().unwrap_or("no number");
        let what = format!("{} is of lockfileVersion {shown}", lock.path);
        return verdict.version_unknown(what, lock.place(&version.span));
    }
    if let Some(above) = root_above(tree, at) {
        let why = format!("bun reads the lock of the workspace of {above} and not this one");
        return verdict.unclear(Unclear::at(why, lock.whole()));
    }
    settings::bunfig(tree, at, verdict);
    let manifests = match read_all(tree, at, root, verdict) {
        Ok(manifests) => manifests,
        Err(unclear) => return verdict.unclear(unclear),
    };
    let (packages, reached, removed) = (Packages::new(value), HashSet::new(), Vec::new());
    let mut check = Check { lock, packages, reached, removed, verdict };
    for entry in value.get("packages").and_then(Value::map).into_iter().flat_map(Map::repeated) {
        let what = format!("{} is there twice in {}", entry.key, lock.path);
        let mend = format!("rm {} && {MEND}", lock.path);
        let reason = Reason::new(Drift::Repeated, Breaks::Both, what, mend);
        check.verdict.drift(reason.in_lock(lock.place(&entry.span)));
    }
    for (path, package) in &manifests {
        check.packages.members.insert(path.clone(), package.version().to_owned());
    }
    if let Some(root) = manifests.get("") {
        check.settings(value, root, &manifests);
    }
    for (path, package) in &manifests {
        check.manifest(value, path, package);
    }
    check.members_gone(value, &manifests);
    check.leftovers();
}

/// The manifests by their folders as seen from the root, which is `""`.
fn read_all(
    tree: &Tree<'_>,
    at: &str,
    root: PackageJson,
    verdict: &mut Verdict,
) -> Result<BTreeMap<String, PackageJson>, Unclear> {
    let paths = super::members(tree, at, &root)?;
    let mut all = BTreeMap::from([(String::new(), root)]);
    for path in paths {
        let source = match tree.read(&path) {
            Ok(source) => source,
            Err(unread) => {
                verdict.unread(&path, &unread);
                continue;
            }
        };
        match PackageJson::parse(&source) {
            Ok(package) if package.name().is_empty() => {
                verdict.unclear(Unclear::at(format!("{path} has no name"), source.whole()));
            }
            Ok(package) => {
                all.insert(relative(at, folder(&path)).unwrap_or_default().to_owned(), package);
            }
            Err(malformed) => {
                let place = source.line(malformed.line);
                verdict.drift(super::unreadable(&source, &malformed).in_manifest(place));
            }
        }
    }
    Ok(all)
}

impl<'a> Check<'a> {
    fn manifest(&mut self, lock: &'a Value, path: &str, package: &PackageJson) {
        let record = lock.get("workspaces").and_then(Value::map).and_then(|map| map.entry(path));
        let Some(record) = record else {
            let what = format!("{} is a member of the workspace and is not in the lock", package.source.path);
            let reason =
                Reason::new(Drift::MembersDiffer, Breaks::Both, what, MEND).dependency(package.name());
            return self.verdict.drift(reason.in_manifest(package.source.whole()).in_lock(self.lock.whole()));
        };
        let place = self.lock.place(&record.span);
        let name = record.value.text_of("name").unwrap_or_default();
        let from = if path.is_empty() { "" } else { name };
        if !path.is_empty() {
            self.identity(package, &record.value, &place);
        }
        let mut has: HashMap<&str, Vec<Dependency<'a>>> = HashMap::new();
        for recorded in asked(&record.value) {
            has.entry(recorded.name).or_default().push(recorded);
        }
        let optional_peers = optional_peers(&package.value);
        let mut names = HashSet::new();
        let mut slots = HashSet::new();
        for wanted in asked(&package.value) {
            names.insert(wanted.name.to_owned());
            slots.insert((wanted.name.to_owned(), wanted.field));
            let recorded = has.get(wanted.name).map(Vec::as_slice).unwrap_or_default();
            let is_optional = wanted.field == Field::PeerDependencies && optional_peers.contains(wanted.name);
            self.dependency(package, from, &wanted, recorded, is_optional, &place);
        }
        for recorded in has.into_values().flatten() {
            if !names.contains(recorded.name) {
                self.removed.push((from, recorded, package.source.whole()));
            } else if !slots.contains(&(recorded.name.to_owned(), recorded.field)) {
                let what = format!("`{}` of the lock has {}", recorded.field.key(), recorded.name);
                let breaks = of_move(recorded.field);
                let reason = Reason::new(Drift::RecordStale, breaks, what, MEND).dependency(recorded.name);
                let reason = reason.in_manifest(package.source.whole());
                self.verdict.drift(reason.in_lock(self.lock.place(&recorded.span())));
            }
        }
        let is_peer =
            |name: &&str| package.dependencies(Field::PeerDependencies).any(|asked| asked.name == *name);
        let wanted: HashSet<&str> = optional_peers.into_iter().filter(is_peer).collect();
        if wanted != texts(record.value.get("optionalPeers")) {
            let breaks = Breaks::RewriteAndPerhapsStrict;
            self.stale(package, "peerDependenciesMeta", breaks, Drift::RecordStale, &place);
        }
    }

    /// The name, the version and the programs of a member.
    fn identity(&mut self, package: &PackageJson, record: &Value, place: &Place) {
        if package.name() != record.text_of("name").unwrap_or_default() {
            self.stale(package, "name", Breaks::Both, Drift::MembersDiffer, place);
        }
        if package.version() != record.text_of("version").unwrap_or_default() {
            self.stale(package, "version", Breaks::Rewrite, Drift::RecordStale, place);
        }
        let own = package.name().rsplit('/').next().unwrap_or_default();
        let programs = |value: Option<&Value>| -> BTreeMap<String, String> {
            let all = match value.and_then(Value::text) {
                Some(path) => BTreeMap::from([(own, path)]),
                None => text_map(value),
            };
            let plain =
                |(name, path): (&str, &str)| (name.to_owned(), path.trim_start_matches("./").to_owned());
            all.into_iter().map(plain).collect()
        };
        if programs(package.value.get("bin")) != programs(record.get("bin")) {
            self.stale(package, "bin", Breaks::Rewrite, Drift::RecordStale, place);
        }
    }

    fn stale(&mut self, package: &PackageJson, field: &str, breaks: Breaks, drift: Drift, place: &Place) {
        let what = format!("`{field}` of {} is written down otherwise in the lock", package.source.path);
        let key = package.value.map().and_then(|map| map.entry(field));
        let at = key.map_or_else(|| package.source.whole(), |key| package.place(&key.span));
        self.verdict.drift(Reason::new(drift, breaks, what, MEND).in_manifest(at).in_lock(place.clone()));
    }

    /// What a manifest asks for, against the lock's record of it and against the package that is locked.
    fn dependency(
        &mut self,
        package: &PackageJson,
        from: &str,
        wanted: &Dependency<'_>,
        recorded: &[Dependency<'a>],
        is_optional: bool,
        record: &Place,
    ) {
        let (name, spec) = (wanted.name, wanted.spec);
        let same_field = recorded.iter().find(|recorded| recorded.field == wanted.field);
        let is_same = same_field.is_some_and(|recorded| recorded.spec == spec);
        let is_moved = same_field.is_none() && recorded.iter().any(|recorded| recorded.spec == spec);
        let place = package.place(&wanted.span());
        let found = self.packages.find(from, name);
        let fit = found.map(|found| self.packages.fit(name, spec, &found));
        let reason = |drift, breaks, what: String| {
            let reason = Reason::new(drift, breaks, what, MEND).dependency(name).expected(spec);
            reason.in_manifest(place.clone())
        };
        match (fit, found) {
            (Some(Fit::No), Some(found)) => {
                let (is_peer, at) =
                    (wanted.field == Field::PeerDependencies, self.lock.place(&found.entry.span));
                let what = format!("{name} {spec} is asked for, and {} is locked", found.at);
                if is_peer && is_same {
                    self.verdict.unclear(Unclear::at(what, place.clone()));
                } else {
                    let reason = reason(Drift::LockedDifferently, Breaks::Both, what);
                    self.verdict.drift(reason.in_lock(at).found(found.at));
                }
            }
            (None, _) if is_same && is_optional => {}
            (None, _) if is_same && wanted.field == Field::OptionalDependencies => {
                let why = format!("{name}, which is optional, is not locked");
                self.verdict.unclear(Unclear::at(why, place.clone()));
            }
            (None, _) => {
                let breaks = if is_optional { Breaks::RewriteAndPerhapsStrict } else { Breaks::Both };
                let what = format!("{name} {spec} is asked for, and is not locked");
                self.verdict.drift(reason(Drift::NotLocked, breaks, what).in_lock(record.clone()));
            }
            (Some(Fit::Unknown), Some(_)) if is_same => {
                let why =
                    format!("whether what is locked of {name} is `{spec}` cannot be told from the files");
                self.verdict.unclear(Unclear::at(why, place.clone()));
            }
            _ => {}
        }
        if let (Some(found), false) = (found, is_same || fit == Some(Fit::No)) {
            let is_plain = crate::lockfile::npm_spec::range(spec).is_some();
            let breaks = match fit {
                Some(Fit::Yes) if is_moved => of_move(wanted.field),
                Some(Fit::Yes) if recorded.is_empty() && self.packages.is_ambiguous(name, spec) => {
                    Breaks::RewriteAndPerhapsStrict
                }
                Some(Fit::Yes) if is_plain && wanted.field != Field::PeerDependencies => Breaks::Rewrite,
                _ => Breaks::RewriteAndPerhapsStrict,
            };
            let what = format!("{name} {spec} is not in the lock's record of {}", package.source.path);
            let reason = reason(Drift::RecordStale, breaks, what).in_lock(self.lock.place(&found.entry.span));
            self.verdict.drift(reason);
        }
        if let Some(found) = found {
            self.follow(found.entry.key.as_str());
        }
    }

    /// Members that are in the lock alone, which bun's strict install takes, and what they need.
    fn members_gone(&mut self, lock: &'a Value, manifests: &BTreeMap<String, PackageJson>) {
        for entry in lock.get("workspaces").map(Value::entries).unwrap_or_default() {
            if manifests.contains_key(&entry.key) {
                continue;
            }
            let what = format!("{} is a member in the lock, and is none any more", entry.key);
            let reason = Reason::new(Drift::MembersDiffer, Breaks::Rewrite, what, MEND);
            self.verdict.drift(reason.in_lock(self.lock.place(&entry.span)));
            let name = entry.value.text_of("name").unwrap_or_default();
            for recorded in asked(&entry.value) {
                if let Some(found) = self.packages.find(name, recorded.name) {
                    self.follow(found.entry.key.as_str());
                }
            }
        }
    }

    /// Notes a package and what it needs in turn.
    fn follow(&mut self, key: &'a str) {
        let mut queue = vec![key];
        while let Some(key) = queue.pop() {
            if !self.reached.insert(key) {
                continue;
            }
            let Some(package) = self.packages.find("", key) else { continue };
            let Some(info) = package.info.filter(|_| package.member().is_none()) else { continue };
            let peers = texts(info.get("optionalPeers"));
            for wanted in asked(info) {
                let is_peer = wanted.field == Field::PeerDependencies;
                let place = || self.lock.place(&package.entry.span);
                let (name, spec) = (wanted.name, wanted.spec);
                let Some(found) = self.packages.find(key, name) else {
                    let what = format!("{name} {spec}, which {} asks for, is not in the lock", package.name);
                    if is_peer && peers.contains(name) {
                    } else if is_peer || wanted.field == Field::OptionalDependencies {
                        self.verdict.unclear(Unclear::at(what, place()));
                    } else {
                        let reason = Reason::new(Drift::LockIncomplete, Breaks::Both, what, MEND);
                        self.verdict.drift(reason.dependency(name).expected(spec).in_lock(place()));
                    }
                    continue;
                };
                if !is_peer && self.packages.fit(name, spec, &found) == Fit::No {
                    let what =
                        format!("{name} {spec}, which {} asks for, is locked as {}", package.name, found.at);
                    self.verdict.unclear(Unclear::at(what, place()));
                }
                queue.push(found.entry.key.as_str());
            }
        }
    }

    /// What a manifest asks for no more: bun's strict install refuses where a package is to go with it.
    fn leftovers(&mut self) {
        for (from, recorded, place) in std::mem::take(&mut self.removed) {
            let name = recorded.name;
            let found = self.packages.find(from, name);
            let is_gone = found.is_some_and(|found| {
                found.member().is_none() && !self.reached.contains(found.entry.key.as_str())
            });
            let breaks = match found {
                Some(_) if is_gone => Breaks::Both,
                Some(_) if recorded.field != Field::PeerDependencies => Breaks::Rewrite,
                _ => Breaks::RewriteAndPerhapsStrict,
            };
            let drift = if is_gone { Drift::NotAskedFor } else { Drift::RecordStale };
            let what = format!("{name} is written down in the lock, and {} does not ask for it", place.path);
            let reason = Reason::new(drift, breaks, what, MEND).dependency(name).found(recorded.spec);
            self.verdict.drift(reason.in_manifest(place).in_lock(self.lock.place(&recorded.span())));
        }
    }
}

/// Moves between production, development and optional were measured, those of peers were not.
fn of_move(field: Field) -> Breaks {
    match field {
        Field::PeerDependencies => Breaks::RewriteAndPerhapsStrict,
        _ => Breaks::Rewrite,
    }
}

fn optional_peers(value: &Value) -> HashSet<&str> {
    let all = value.get("peerDependenciesMeta").map(Value::entries).unwrap_or_default();
    let is_optional = |value: &Value| value.get("optional").and_then(Value::bool) == Some(true);
    all.filter(|entry| is_optional(&entry.value)).map(|entry| entry.key.as_str()).collect()
}

pub(super) fn text_map(value: Option<&Value>) -> BTreeMap<&str, &str> {
    let entries = value.map(Value::entries).unwrap_or_default();
    entries.filter_map(|entry| Some((entry.key.as_str(), entry.value.text()?))).collect()
}
