//! yarn 2 and later: yarn.lock with `__metadata`. An immutable install writes the lock anew in memory and refuses where that
//! differs, so both questions are one.

use super::super::data::{Malformed, Map, Value, yaml};
use super::super::ecosystem::{
    Breaks, Declared, Drift, Ecosystem, Info, Locked, LockedOrigin, Pair, Place, Reason, Role, Source,
    Unclear, Verdict,
};
use super::super::npm_spec::{Spec, satisfies, split};
use super::super::package_json::{Field, Members, Negation, PackageJson, is_manifest};
use super::super::tree::{Tree, file_name, folder, is_in, join, relative};
use super::yarn_classic::is_berry;
use std::collections::{BTreeMap, HashMap, HashSet};

/// yarn 2 and later.
#[derive(Debug)]
pub(super) struct YarnBerry;

static INFO: Info = Info {
    name: "yarn-berry",
    locks: "yarn.lock",
    manifests: "package.json",
    family: "javascript",
    make: MEND,
};

const MEND: &str = "yarn install --mode=update-lockfile";

/// The versions of `__metadata` that yarn 2 to 4 write.
const VERSIONS: std::ops::RangeInclusive<u32> = 4..=10;

impl Ecosystem for YarnBerry {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        match file_name(path) {
            _ if is_in(path, &["node_modules"]) => None,
            "package.json" => is_manifest(path).then_some(Role::Manifest),
            "yarn.lock" => Some(Role::Lock),
            ".yarnrc.yml" => Some(Role::Settings),
            _ => None,
        }
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let is_lock = |path: &&&str| self.role(path) == Some(Role::Lock);
        let is_own = |path: &&&str| tree.read(path).is_ok_and(|source| is_berry(&source.text));
        tree.paths().iter().filter(is_lock).filter(is_own).map(|lock| pair(tree, lock)).collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        let (Some(lock), Some(manifest)) = (&pair.lock, &pair.manifest) else { return verdict };
        let sources =
            [lock, manifest].map(|path| tree.read(path).map_err(|unread| verdict.unread(path, &unread)));
        let [Ok(source), Ok(manifest)] = sources else { return verdict };
        match (yaml(&source.text), PackageJson::parse(&manifest)) {
            (Err(malformed), _) => verdict.drift(unreadable(&source, &malformed, true).0),
            (_, Err(malformed)) => verdict.drift(unreadable(&manifest, &malformed, false).0),
            (Ok(value), Ok(manifest)) => {
                let version = value.at(&["__metadata", "version"]);
                let number = version.and_then(Value::scalar).and_then(|number| number.parse::<u32>().ok());
                if number.is_some_and(|number| VERSIONS.contains(&number)) {
                    judge(tree, &source, &value, &manifest, &mut verdict);
                } else {
                    let place = version.map_or_else(|| source.whole(), |at| source.place(&at.span));
                    verdict.version_unknown(format!("{lock} is of a version that is not known"), place);
                }
            }
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        let parsed =
            PackageJson::parse(manifest).map_err(|malformed| unreadable(manifest, &malformed, false).1)?;
        Ok(parsed.declared())
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let value = yaml(&lock.text).map_err(|malformed| unreadable(lock, &malformed, true).1)?;
        Ok(value.entries().filter_map(locked).collect())
    }
}

fn pair(tree: &Tree<'_>, lock: &str) -> Pair {
    let at = folder(lock);
    let Some(manifest) = join(at, "package.json").filter(|path| tree.has(path)) else {
        return Pair::orphan(lock);
    };
    let mut pair = Pair::new(manifest.clone(), lock);
    if let Some(package) = tree.read(&manifest).ok().and_then(|source| PackageJson::parse(&source).ok()) {
        let members = members(tree, at, &package).unwrap_or_default();
        pair.members = members.iter().map(|member| member.source.path.to_string()).collect();
    }
    pair.inputs.extend(join(at, ".yarnrc.yml").filter(|path| tree.has(path)));
    pair
}

/// The members of a workspace, and those of members that are workspaces in turn; sorted by path.
fn members(tree: &Tree<'_>, at: &str, root: &PackageJson) -> Result<Vec<PackageJson>, Unclear> {
    let mut found: BTreeMap<String, PackageJson> = BTreeMap::new();
    let mut queue = vec![(at.to_owned(), root.clone())];
    while let Some((at, package)) = queue.pop() {
        let Some(globs) = package.workspaces() else { continue };
        for path in Members::new(&globs, Negation::Always)?.manifests(tree, &at) {
            if found.contains_key(&path) {
                continue;
            }
            let unclear = || Unclear::new(format!("{path} cannot be read"));
            let source = tree.read(&path).map_err(|_| unclear())?;
            let package = PackageJson::parse(&source).map_err(|_| unclear())?;
            queue.push((folder(&path).to_owned(), package.clone()));
            found.insert(path, package);
        }
    }
    Ok(found.into_values().collect())
}

fn locked(entry: &super::super::data::Entry) -> Option<Locked> {
    let resolution = entry.value.text_of("resolution")?;
    let (name, reference) = split(resolution)?;
    let version = entry.value.get("version").and_then(Value::scalar).unwrap_or_default();
    let bare = reference.split("::").next().unwrap_or(reference);
    let (protocol, rest) = bare.split_once(':').unwrap_or(("", bare));
    let path = || LockedOrigin::Path(rest.split('#').next().unwrap_or(rest).to_owned());
    let origin = match protocol {
        "workspace" | "portal" | "link" => return None,
        "npm" | "patch" | "virtual" => LockedOrigin::Registry(None),
        "file" | "exec" => path(),
        _ if reference.contains("#commit=") || bare.contains(".git#") => {
            let (url, commit) = reference.split_once('#').unwrap_or((reference, ""));
            let commit = commit.split('&').find_map(|part| part.strip_prefix("commit="));
            LockedOrigin::Git { url: url.to_owned(), commit: commit.map(str::to_owned) }
        }
        _ => LockedOrigin::Url(bare.to_owned()),
    };
    let checksum = entry.value.get("checksum").and_then(Value::scalar);
    Some(Locked {
        name: name.to_owned(),
        version: version.to_owned(),
        needs_integrity: matches!(origin, LockedOrigin::Registry(_) | LockedOrigin::Url(_)),
        origin,
        integrity: checksum.map(|checksum| format!("yarn:{checksum}")).into_iter().collect(),
        runs_scripts: None,
        is_direct: None,
        span: entry.span.start..entry.value.span.end,
    })
}

/// What is asked for, as the lock writes it: ranges and tags are of npm.
fn canonical(spec: &str) -> String {
    match Spec::parse(spec) {
        Spec::Version(_) | Spec::Range(_) | Spec::Tag(_) => format!("npm:{spec}"),
        _ => spec.to_owned(),
    }
}

struct Walk<'a> {
    tree: &'a Tree<'a>,
    source: &'a Source,
    entries: Vec<&'a super::super::data::Entry>,
    /// The entry of every descriptor, and of every descriptor without its parameters.
    by_descriptor: HashMap<&'a str, usize>,
    by_bare: HashMap<&'a str, usize>,
    resolutions: Vec<(Option<&'a str>, &'a str, &'a str)>,
    reached: HashSet<usize>,
    /// Descriptors that were asked for, without their parameters.
    named: HashSet<String>,
    verdict: &'a mut Verdict,
}

fn judge(tree: &Tree<'_>, source: &Source, value: &Value, root: &PackageJson, verdict: &mut Verdict) {
    let at = folder(&source.path);
    let members = match members(tree, at, root) {
        Ok(members) => members,
        Err(unclear) => return verdict.unclear(unclear),
    };
    settings(tree, at, verdict);
    let mut walk = Walk {
        tree,
        source,
        entries: value.entries().filter(|entry| entry.key != "__metadata").collect(),
        by_descriptor: HashMap::new(),
        by_bare: HashMap::new(),
        resolutions: Vec::new(),
        reached: HashSet::new(),
        named: HashSet::new(),
        verdict,
    };
    walk.index(value);
    walk.read_resolutions(root);
    for package in std::iter::once(root).chain(&members) {
        let location = relative(at, folder(&package.source.path)).unwrap_or(".");
        walk.workspace(package, location);
    }
    walk.leftovers();
}

/// Settings of which nobody knows what they make of the lock.
fn settings(tree: &Tree<'_>, at: &str, verdict: &mut Verdict) {
    let Some(source) = join(at, ".yarnrc.yml").and_then(|path| tree.read(&path).ok()) else { return };
    let Ok(value) = yaml(&source.text) else {
        return verdict.unclear(Unclear::at(format!("{} cannot be read", source.path), source.whole()));
    };
    for key in ["packageExtensions", "defaultProtocol"] {
        if let Some(entry) = value.map().and_then(|map| map.entry(key)) {
            let why = format!("`{key}` of {} changes what packages ask for", source.path);
            verdict.unclear(Unclear::at(why, source.place(&entry.span)));
        }
    }
}

impl<'a> Walk<'a> {
    fn index(&mut self, value: &'a Value) {
        for (index, entry) in self.entries.iter().enumerate() {
            for descriptor in entry.key.split(", ") {
                self.by_descriptor.insert(descriptor, index);
                self.by_bare.insert(descriptor.split("::").next().unwrap_or(descriptor), index);
            }
        }
        for entry in value.map().into_iter().flat_map(Map::repeated) {
            let what = format!("{} is there twice in {}", entry.key, self.source.path);
            let reason = Reason::new(Drift::Repeated, Breaks::Both, what, MEND);
            self.verdict.drift(reason.in_lock(self.source.place(&entry.span)));
        }
        let pairs = self.entries.iter().zip(self.entries.iter().skip(1));
        let order = |key: &str| key.encode_utf16().collect::<Vec<u16>>();
        if let Some((_, later)) = pairs.clone().find(|(one, two)| order(&one.key) > order(&two.key)) {
            let what = format!("the entry {} does not stand where yarn writes it", later.key);
            let reason = Reason::new(Drift::Tampered, Breaks::Both, what, MEND);
            self.verdict.drift(reason.in_lock(self.source.place(&later.span)));
        }
    }

    /// `name`, `parent/name`, each perhaps with what it is asked for: `name@npm:^1`.
    fn read_resolutions(&mut self, root: &'a PackageJson) {
        for entry in root.value.get("resolutions").map(Value::entries).unwrap_or_default() {
            let Some(to) = entry.value.text() else { continue };
            let key = entry.key.as_str();
            let is_scoped = key.starts_with('@');
            let slash = key.match_indices('/').map(|(at, _)| at).nth(usize::from(is_scoped));
            let halves = slash.and_then(|at| Some((key.get(..at)?, key.get(at + 1..)?)));
            let (parent, name) = halves.map_or((None, key), |(parent, name)| (Some(parent), name));
            let is_plain = !key.contains('*') && parent.is_none_or(|parent| split(parent).is_none());
            if !is_plain || name.matches('/').count() > usize::from(name.starts_with('@')) {
                let why =
                    format!("`{}` of resolutions is of a form that gatepost does not follow", entry.key);
                self.verdict.unclear(Unclear::at(why, root.place(&entry.span)));
                continue;
            }
            self.resolutions.push((parent, name, to));
        }
    }

    /// What a package asks for after `resolutions`.
    fn resolved(&self, parent: &str, name: &str, spec: &str) -> String {
        let spec = canonical(spec);
        let whole = format!("{name}@{spec}");
        let is_for = |wanted: &str| match split(wanted) {
            Some((own, range)) => own == name && canonical(range) == spec,
            None => wanted == name,
        };
        let found = self
            .resolutions
            .iter()
            .find(|(over, wanted, _)| over.is_none_or(|over| over == parent) && is_for(wanted));
        found.map_or(whole, |(_, _, to)| format!("{name}@{}", canonical(to)))
    }

    fn find(&self, descriptor: &str) -> Option<usize> {
        let exact = self.by_descriptor.get(descriptor);
        exact.or_else(|| self.by_bare.get(descriptor.split("::").next()?)).copied()
    }

    fn workspace(&mut self, package: &PackageJson, location: &str) {
        let end = format!("@workspace:{location}");
        let mut all = self.entries.iter().enumerate();
        let found =
            all.find(|(_, entry)| entry.value.text_of("resolution").is_some_and(|r| r.ends_with(&end)));
        let Some((index, entry)) = found.map(|(index, entry)| (index, *entry)) else {
            let what = format!("{} is a member of the workspace and is not in the lock", package.source.path);
            let reason = Reason::new(Drift::MembersDiffer, Breaks::Both, what, MEND);
            return self.verdict.drift(reason.in_manifest(package.source.whole()).dependency(package.name()));
        };
        self.reached.insert(index);
        let noted = entry.value.text_of("resolution").and_then(split).map_or("", |(name, _)| name);
        if !package.name().is_empty() && noted != package.name() {
            self.stale(package, entry, "name", package.name(), noted);
        }
        let mut wanted = BTreeMap::new();
        for field in [Field::Dependencies, Field::OptionalDependencies, Field::DevDependencies] {
            wanted.extend(package.dependencies(field).map(|dependency| (dependency.name, dependency)));
        }
        for (name, dependency) in &wanted {
            let asked = canonical(dependency.spec);
            let has = entry.value.at(&["dependencies", name]).and_then(Value::scalar).map(canonical);
            let place = package.place(&dependency.span());
            if has.as_ref() != Some(&asked) {
                let shown = has.as_deref().unwrap_or("nothing");
                let drift = if has.is_some() { Drift::RecordStale } else { Drift::NotLocked };
                let what = format!("{name} {} is written down as {shown} in the lock", dependency.spec);
                let reason =
                    Reason::new(drift, Breaks::Both, what, MEND).dependency(*name).in_manifest(place);
                let reason = reason.in_lock(self.source.place(&entry.span));
                self.verdict.drift(reason.expected(dependency.spec).found(shown));
            } else {
                self.follow(noted, name, dependency.spec, Drift::NotLocked, &place);
            }
        }
        for gone in entry.value.get("dependencies").map(Value::entries).unwrap_or_default() {
            if !wanted.contains_key(gone.key.as_str()) {
                let what = format!("{} is written down in the lock, the manifest does not have it", gone.key);
                let reason = Reason::new(Drift::RecordStale, Breaks::Both, what, MEND).dependency(&gone.key);
                let reason = reason.in_manifest(package.source.whole());
                self.verdict.drift(reason.in_lock(self.source.place(&gone.span)));
            }
        }
        self.record(package, entry);
    }

    /// The other fields that the lock writes down of a member.
    fn record(&mut self, package: &PackageJson, entry: &super::super::data::Entry) {
        let texts = |value: Option<&Value>| -> BTreeMap<String, String> {
            let entries = value.map(Value::entries).unwrap_or_default();
            entries.map(|e| (e.key.clone(), e.value.scalar().unwrap_or_default().to_owned())).collect()
        };
        let peers = [package.value.get("peerDependencies"), entry.value.get("peerDependencies")].map(texts);
        if peers[0] != peers[1] {
            self.stale(package, entry, "peerDependencies", "other peers", "those in the lock");
        }
        let own = package.name().rsplit('/').next().unwrap_or_default().to_owned();
        let programs = |value: Option<&Value>| -> BTreeMap<String, String> {
            let all = match value.and_then(Value::text) {
                Some(path) => BTreeMap::from([(own.clone(), path.to_owned())]),
                None => texts(value),
            };
            all.into_iter().map(|(name, path)| (name, path.trim_start_matches("./").to_owned())).collect()
        };
        let bins = [package.value.get("bin"), entry.value.get("bin")].map(programs);
        if bins[0] != bins[1] {
            self.stale(package, entry, "bin", "other programs", "those in the lock");
        }
        let optional: HashSet<&str> =
            package.dependencies(Field::OptionalDependencies).map(|d| d.name).collect();
        let marks = |value: &'_ Value| -> HashSet<String> {
            let all = value.get("dependenciesMeta").map(Value::entries).unwrap_or_default();
            let is_optional =
                |e: &&super::super::data::Entry| e.value.get("optional").and_then(Value::bool) == Some(true);
            all.filter(is_optional).map(|e| e.key.clone()).collect()
        };
        let mut wanted = marks(&package.value);
        wanted.extend(optional.iter().map(|name| (*name).to_owned()));
        if wanted != marks(&entry.value) {
            self.stale(package, entry, "optionalDependencies", "other names", "those in the lock");
        }
    }

    fn stale(
        &mut self,
        package: &PackageJson,
        entry: &super::super::data::Entry,
        field: &str,
        wanted: &str,
        has: &str,
    ) {
        let what = format!("`{field}` of {} is written down otherwise in the lock", package.source.path);
        let key = package.value.map().and_then(|map| map.entry(field));
        let place = key.map_or_else(|| package.source.whole(), |key| package.place(&key.span));
        let reason = Reason::new(Drift::RecordStale, Breaks::Both, what, MEND).in_manifest(place);
        self.verdict.drift(reason.in_lock(self.source.place(&entry.span)).expected(wanted).found(has));
    }

    /// Looks for what is asked for, and for what that needs in turn.
    fn follow(&mut self, parent: &str, name: &str, spec: &str, drift: Drift, place: &Place) {
        let mut queue = vec![(parent.to_owned(), name.to_owned(), spec.to_owned(), drift, place.clone())];
        while let Some((parent, name, spec, drift, place)) = queue.pop() {
            let descriptor = self.resolved(&parent, &name, &spec);
            let Some(index) = self.find(&descriptor) else {
                let is_changed = descriptor != format!("{name}@{}", canonical(&spec));
                let drift = if is_changed { Drift::SettingsDiffer } else { drift };
                let what = format!("{descriptor}, which {parent} asks for, is not in the lock");
                let reason =
                    Reason::new(drift, Breaks::Both, what, MEND).dependency(name).expected(descriptor);
                let is_lock = place.path == *self.source.path;
                self.verdict.drift(if is_lock { reason.in_lock(place) } else { reason.in_manifest(place) });
                continue;
            };
            let source =
                descriptor.split_once("@patch:").map(|(_, rest)| rest.split('#').next().unwrap_or(rest));
            let source =
                source.map(|source| source.replace("%3A", ":").replace("%2F", "/").replace("%40", "@"));
            self.reached.extend(source.as_deref().and_then(|source| self.find(source)));
            let names = source.into_iter().chain([descriptor.clone()]);
            self.named.extend(names.map(|name| name.split("::").next().unwrap_or_default().to_owned()));
            if !self.reached.insert(index) {
                continue;
            }
            let Some(entry) = self.entries.get(index).copied() else { continue };
            self.version(&descriptor, entry);
            self.copied(entry);
            let is_member =
                entry.value.text_of("linkType") == Some("soft") && entry.key.contains("@workspace:");
            let needs = entry.value.get("dependencies").filter(|_| !is_member);
            for need in needs.map(Value::entries).unwrap_or_default() {
                let spec = need.value.scalar().unwrap_or_default().to_owned();
                let place = self.source.place(&need.span);
                queue.push((name.clone(), need.key.clone(), spec, Drift::LockIncomplete, place));
            }
        }
    }

    /// A locked version that is not in the range that it stands for, or one without a checksum.
    fn version(&mut self, descriptor: &str, entry: &super::super::data::Entry) {
        let place = self.source.place(&entry.span);
        let version = entry.value.get("version").and_then(Value::scalar).unwrap_or_default();
        let range = split(descriptor).and_then(|(_, spec)| spec.strip_prefix("npm:"));
        let is_other = range.is_some_and(|range| satisfies(version, range) == Some(false));
        if is_other && !matches!(range, Some("" | "*")) && entry.value.text_of("linkType") == Some("hard") {
            let what = format!("{descriptor} is locked at {version}");
            self.verdict.unclear(Unclear::at(what, place));
        } else if entry.value.text_of("linkType") == Some("hard")
            && entry.value.get("checksum").is_none()
            && entry.value.get("conditions").is_none()
        {
            let what =
                format!("{descriptor} is locked without a checksum: whether yarn adds it hangs on its cache");
            self.verdict.unclear(Unclear::at(what, place));
        }
    }

    /// A folder that is copied: the lock has a hash of all that is in it.
    fn copied(&mut self, entry: &super::super::data::Entry) {
        let Some((_, spec)) = entry.key.split(", ").find_map(|key| key.split_once("@file:")) else { return };
        let (path, locator) = spec.split_once("::locator=").unwrap_or((spec, ""));
        let locator = locator.replace("%3A", ":").replace("%2F", "/");
        let owner = locator.rsplit_once("workspace:").map_or(".", |(_, owner)| owner);
        let at = join(folder(&self.source.path), &format!("{owner}/{path}"));
        let package = at.as_ref().and_then(|at| {
            let source = self.tree.read(&join(at, "package.json")?).ok()?;
            PackageJson::parse(&source).ok()
        });
        let texts = |value: Option<&Value>| -> BTreeMap<String, String> {
            let entries = value.map(Value::entries).unwrap_or_default();
            entries.map(|e| (e.key.clone(), canonical(e.value.scalar().unwrap_or_default()))).collect()
        };
        let Some(package) = package else {
            let why = format!("{path} is not a folder of this tree with a package.json");
            return self.verdict.unclear(Unclear::at(why, self.source.place(&entry.span)));
        };
        let version = entry.value.get("version").and_then(Value::scalar).unwrap_or_default();
        if texts(package.value.get("dependencies")) != texts(entry.value.get("dependencies")) {
            self.stale(&package, entry, "dependencies", "other dependencies", "those in the lock");
        } else if !package.version().is_empty() && package.version() != version {
            self.stale(&package, entry, "version", package.version(), version);
        } else if at.is_some_and(|at| self.tree.under(&at).len() > 1) {
            let why = format!("the lock has a hash of all that is in {path}, which is not computed");
            self.verdict.unclear(Unclear::at(why, self.source.place(&entry.span)));
        }
    }

    fn leftovers(&mut self) {
        for (index, entry) in self.entries.iter().enumerate() {
            if entry.key.contains("builtin<compat/") {
                continue;
            }
            if self.reached.contains(&index) {
                let is_named = |key: &str| {
                    let bare = key.split("::").next().unwrap_or(key);
                    key.contains("@workspace:") || self.named.contains(bare)
                };
                for key in entry.key.split(", ").filter(|key| !is_named(key)) {
                    let what = format!("{key} is in the lock and nothing asks for it");
                    let reason = Reason::new(Drift::NotAskedFor, Breaks::Both, what, MEND);
                    self.verdict.drift(reason.in_lock(self.source.place(&entry.span)));
                }
                continue;
            }
            let is_member = entry.key.contains("@workspace:");
            let (drift, how) = if is_member {
                (Drift::MembersDiffer, "is in the lock and is no member any more")
            } else {
                (Drift::NotAskedFor, "is in the lock and nothing asks for it")
            };
            let reason = Reason::new(drift, Breaks::Both, format!("{} {how}", entry.key), MEND);
            self.verdict.drift(reason.in_lock(self.source.place(&entry.span)));
        }
    }
}

/// What to say of a text that cannot be read.
fn unreadable(source: &Source, malformed: &Malformed, is_lock: bool) -> (Reason, Unclear) {
    let path = &source.path;
    let what = format!("{path} cannot be read: {}", malformed.message);
    let before = usize::try_from(malformed.line.unwrap_or(1).saturating_sub(1)).unwrap_or(usize::MAX);
    let start: usize = source.text.split_inclusive('\n').take(before).map(str::len).sum();
    let place = source.place(&(start..start));
    let mend = if is_lock { format!("rm {path} && {MEND}") } else { format!("mend {path}, then {MEND}") };
    let reason = Reason::new(Drift::Unreadable, Breaks::Both, what.clone(), mend);
    let reason = if is_lock { reason.in_lock(place.clone()) } else { reason.in_manifest(place.clone()) };
    (reason, Unclear::at(what, place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::Answer;
    use proptest::prelude::*;

    const MANIFEST: &str = r#"{"name": "x", "dependencies": {"a": "^1.0.0"}}"#;

    const TEXT: &str = r#"__metadata:
  version: 8

"a@npm:^1.0.0":
  version: 1.2.0
  resolution: "a@npm:1.2.0"
  checksum: 10c0/00
  languageName: node
  linkType: hard

"x@workspace:.":
  version: 0.0.0-use.local
  resolution: "x@workspace:."
  dependencies:
    a: "npm:^1.0.0"
  languageName: unknown
  linkType: soft
"#;

    fn verdict(manifest: &str, lock: &str) -> Verdict {
        let read = |path: &str, _: u64| {
            Ok(Some(if path == "yarn.lock" { lock } else { manifest }.as_bytes().to_vec()))
        };
        let tree = Tree::new(vec!["package.json", "yarn.lock"], &read);
        YarnBerry.judge(&tree, &Pair::new("package.json", "yarn.lock"))
    }

    #[test]
    fn what_is_in_sync_has_no_reason() {
        assert_eq!(verdict(MANIFEST, TEXT).reasons, []);
        // yarn 3 writes no protocol before ranges.
        assert_eq!(verdict(MANIFEST, &TEXT.replace("a: \"npm:^1", "a: \"^1").replace("8", "6")).reasons, []);
    }

    #[test]
    fn reasons_say_where() {
        let told = verdict(&MANIFEST.replace("^1.0.0", "^1.1.0"), TEXT);
        assert_eq!((told.strict(), told.rewrite()), (Answer::OutOfSync, Answer::OutOfSync));
        let reason = &told.reasons[0];
        assert_eq!(reason.what, "a ^1.1.0 is written down as npm:^1.0.0 in the lock");
        assert_eq!(reason.manifest.as_ref().unwrap().line(), Some(1));
        assert_eq!(reason.lock.as_ref().unwrap().line(), Some(11));
    }

    #[test]
    fn what_a_lock_holds() {
        let locked = YarnBerry.locked(&Source::new("yarn.lock", TEXT)).unwrap();
        let [a] = locked.as_slice() else { panic!("{locked:?}") };
        assert_eq!((a.name.as_str(), a.version.as_str(), a.needs_integrity), ("a", "1.2.0", true));
        assert_eq!(a.integrity, ["yarn:10c0/00"]);
    }

    proptest! {
        #[test]
        fn arbitrary_text_gets_a_verdict(text in "(__metadata:\n|  version: 8\n|\"|,|:| |  |\n|\\PC){0,30}") {
            let _ = verdict(MANIFEST, &text);
            let _ = verdict(&text, TEXT);
            let _ = verdict(MANIFEST, &format!("{TEXT}{text}"));
        }
    }
}
