//! The verdict, in the order in which uv itself looks (`Lock::satisfies`). Every drift is told, not the first alone.

use super::asked::{For, Lowering, Need, read_project};
use super::settings::{self, Settings};
use super::workspace::{Project, Workspace};
use super::{MEND, locked};
use crate::lockfile::data::{Entry, Value, toml};
use crate::lockfile::ecosystems::python::pyproject::{self, Asked};
use crate::lockfile::ecosystems::python::{PythonRange, Same, normal, unreadable};
use crate::lockfile::tree::join;
use crate::lockfile::{Breaks, Drift, LockedOrigin, Place, Reason, Source, Tree, Unclear, Verdict};
use pep440_rs::Version;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::str::FromStr;

/// The revisions of version 1 that are known.
const NEWEST_REVISION: u64 = 5;

/// A package of the lock, and by what it is told from others.
struct Package<'v> {
    value: &'v Value,
    version: Option<&'v str>,
    /// The kind and the address of its source.
    source: (&'v str, &'v str),
}

impl<'v> Package<'v> {
    fn new(value: &'v Value) -> Option<Self> {
        let source = value.get("source")?.entries().next()?;
        let source = (source.key.as_str(), source.value.text()?);
        Some(Self { value, version: value.text_of("version"), source })
    }

    /// Whether it is a folder: what uv reads anew each time.
    fn is_folder(&self) -> bool {
        matches!(self.source.0, "editable" | "virtual" | "directory")
    }
}

struct Judge<'a> {
    tree: &'a Tree<'a>,
    lock: &'a Source,
    workspace: &'a Workspace,
    packages: HashMap<&'a str, Vec<Package<'a>>>,
    pythons: PythonRange,
    revision: u64,
    verdict: &'a mut Verdict,
}

pub(super) fn judge(tree: &Tree<'_>, manifest: &Source, lock: &Source, verdict: &mut Verdict) {
    let (document, root) = match (toml(&lock.text), toml(&manifest.text)) {
        (Ok(document), Ok(root)) => (document, root),
        (document, root) => {
            verdict.reasons.extend(document.err().map(|error| unreadable(lock, &error, true, MEND)));
            verdict.reasons.extend(root.err().map(|error| unreadable(manifest, &error, false, MEND)));
            return;
        }
    };
    let number =
        |key: &str| document.get(key).and_then(Value::scalar).and_then(|text| text.parse::<u64>().ok());
    let at = |key: &str| document.get(key).map_or_else(|| lock.whole(), |value| lock.place(&value.span));
    let revision = number("revision").unwrap_or(0);
    match number("version") {
        Some(1) if revision <= NEWEST_REVISION => {}
        Some(version) => {
            let what = format!(
                "uv.lock is of version {version}, revision {revision}; known is version 1 up to revision {NEWEST_REVISION}"
            );
            return verdict.version_unknown(what, at("version"));
        }
        None => {
            let what = format!("{} has no `version`", lock.path);
            return verdict
                .drift(Reason::new(Drift::Unreadable, Breaks::Both, what, MEND).in_lock(at("version")));
        }
    }
    let workspace = Workspace::read(tree, manifest.clone(), root);
    for problem in &workspace.problems {
        verdict.unclear(Unclear::at(problem.clone(), manifest.whole()));
    }
    if workspace.root.uv("managed").and_then(Value::bool) == Some(false) {
        let why = "[tool.uv] says `managed = false`: uv leaves the project alone";
        return verdict.unclear(Unclear::at(why, manifest.whole()));
    }
    let packages = packages(lock, &document, verdict);
    let pythons = pythons(&workspace, lock, &document, verdict);
    let mut judge = Judge { tree, lock, workspace: &workspace, packages, pythons, revision, verdict };
    let settings = Settings::find(tree, &workspace, judge.verdict);
    settings.options(lock, &document, judge.verdict);
    settings::environments(&workspace, lock, &document, &judge.pythons, judge.verdict);
    settings::conflicts(&workspace, lock, &document, judge.verdict);
    judge.members(&document);
    judge.manifest(&document);
    let reached = judge.projects();
    judge.indexes(&settings, &reached);
}

/// The packages by name. What stands twice, or names a package that is not there, uv does not read at all.
fn packages<'v>(
    lock: &Source,
    document: &'v Value,
    verdict: &mut Verdict,
) -> HashMap<&'v str, Vec<Package<'v>>> {
    let mut packages: HashMap<&str, Vec<Package<'_>>> = HashMap::new();
    let mut seen = HashSet::new();
    for value in document.get("package").into_iter().flat_map(Value::items) {
        let name = value.text_of("name");
        let (Some(name), Some(package)) = (name, Package::new(value)) else {
            let what = "a package of uv.lock has no name or no source";
            let reason = Reason::new(Drift::Unreadable, Breaks::Both, what, MEND);
            verdict.drift(reason.in_lock(lock.place(&value.span)));
            continue;
        };
        if !seen.insert((name, package.version, package.source)) {
            let version = package.version.unwrap_or_default();
            let what = format!("uv.lock has {name} {version} twice");
            let reason = Reason::new(Drift::Repeated, Breaks::Both, what, MEND).dependency(name);
            verdict.drift(reason.in_lock(lock.place(&value.span)));
        }
        if let Some(wheel) = wheel_of_another(&package) {
            let what = format!("uv.lock has {name} with the file {wheel}, which is of another version");
            let reason = Reason::new(Drift::Tampered, Breaks::Both, what, MEND).dependency(name);
            verdict.drift(reason.in_lock(lock.place(&value.span)));
        }
        packages.entry(name).or_default().push(package);
    }
    for value in document.get("package").into_iter().flat_map(Value::items) {
        let owner = value.text_of("name").unwrap_or_default();
        for edge in edges(value) {
            let name = edge.text_of("name").unwrap_or_default();
            let known = packages.get(name).map(Vec::as_slice).unwrap_or_default();
            if resolve(edge, known).is_none() {
                let what = format!("{owner} needs {name}, which uv.lock does not have as it is named there");
                let reason = Reason::new(Drift::LockIncomplete, Breaks::Both, what, MEND).dependency(name);
                verdict.drift(reason.in_lock(lock.place(&edge.span)));
            }
        }
    }
    packages
}

/// A wheel whose name has another version than the entry: uv does not read such a lock.
fn wheel_of_another<'v>(package: &Package<'v>) -> Option<&'v str> {
    let version = Version::from_str(package.version?).ok()?;
    let wheels = package.value.get("wheels").into_iter().flat_map(Value::items);
    let files = wheels.filter_map(|wheel| {
        let path = ["filename", "url", "path"].iter().find_map(|key| wheel.text_of(key))?;
        path.rsplit('/').next()
    });
    files.into_iter().find(|file| {
        let of = file.split('-').nth(1).and_then(|of| Version::from_str(&of.replace("%2B", "+")).ok());
        of.is_some_and(|of| of != version && of.without_local() != version)
    })
}

fn edges(package: &Value) -> impl Iterator<Item = &Value> {
    let plain = package.get("dependencies").into_iter().flat_map(Value::items);
    let tables = ["optional-dependencies", "dev-dependencies"].into_iter();
    let tables = tables.filter_map(|table| package.get(table)).flat_map(Value::entries);
    plain.chain(tables.flat_map(|entry| entry.value.items()))
}

/// The package that an edge leads to: a version and a source stand there only where there are several.
fn resolve<'p, 'v>(edge: &Value, known: &'p [Package<'v>]) -> Option<&'p Package<'v>> {
    let version = edge.text_of("version");
    let source = edge.get("source").and_then(|source| source.entries().next());
    let source = source.and_then(|entry| Some((entry.key.as_str(), entry.value.text()?)));
    let mut fitting = known.iter().filter(|package| {
        version.is_none_or(|version| package.version == Some(version))
            && source.is_none_or(|source| package.source == source)
    });
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

/// The groups that take other Pythons than their project.
fn groups_with_python(project: &Project) -> impl Iterator<Item = &Entry> {
    let groups = project.uv("dependency-groups").into_iter().flat_map(Value::entries);
    groups.filter(|entry| entry.value.get("requires-python").is_some())
}

/// The Pythons of the lock, which are those that all members take.
fn pythons(workspace: &Workspace, lock: &Source, document: &Value, verdict: &mut Verdict) -> PythonRange {
    let has = document.get("requires-python");
    let place = has.map_or_else(|| lock.whole(), |value| lock.place(&value.span));
    let recorded = has.and_then(Value::text).and_then(PythonRange::parse).unwrap_or_default();
    let mut asked = PythonRange::default();
    let mut texts = Vec::new();
    let mut first = None;
    for member in workspace.members.values().chain(workspace.is_virtual().then_some(&workspace.root)) {
        // Versions of uv differ in what they make of it: the range of the lock, or markers of the group's requirements.
        if let Some(of_group) = groups_with_python(member).next() {
            let why = format!("a group of {} has a `requires-python` of its own", member.source.path);
            verdict.unclear(Unclear::at(why, member.source.place(&of_group.value.span)));
            return recorded;
        }
        let own = member.document.get("project").and_then(|project| project.get("requires-python"));
        if let Some(value) = own {
            let text = value.text().unwrap_or_default();
            if asked.narrow_text(text).is_none() {
                let why = format!("`requires-python` of {} cannot be read", member.source.path);
                verdict.unclear(Unclear::at(why, member.source.place(&value.span)));
                return recorded;
            }
            texts.push(text);
            first.get_or_insert_with(|| member.source.place(&value.span));
        }
    }
    let Some(first) = first else {
        let why = "no member has a `requires-python`: uv takes the Python that it runs with";
        verdict.unclear(Unclear::at(why, workspace.root.source.whole()));
        return recorded;
    };
    if asked != recorded {
        let what = "`requires-python` is not what the lock was made for";
        let found = has.and_then(Value::text).unwrap_or("nothing");
        let reason = Reason::new(Drift::SettingsDiffer, Breaks::Both, what, MEND);
        verdict.drift(reason.in_manifest(first).in_lock(place).expected(texts.join(" and ")).found(found));
    }
    recorded
}

impl Judge<'_> {
    fn drift(&mut self, reason: Reason) {
        self.verdict.drift(reason);
    }

    /// The members of the workspace, and whether each is a package.
    fn members(&mut self, document: &Value) {
        let recorded = document.at(&["manifest", "members"]);
        let has: BTreeSet<String> =
            recorded.into_iter().flat_map(Value::items).filter_map(Value::text).map(normal).collect();
        let place = recorded.map_or_else(|| self.lock.whole(), |value| self.lock.place(&value.span));
        let mut asked: BTreeSet<String> = self.workspace.members.keys().cloned().collect();
        if asked.len() == 1 && !self.workspace.is_virtual() {
            asked.clear();
        }
        let differ = |name: &str, what: String| {
            Reason::new(Drift::MembersDiffer, Breaks::Both, what, MEND)
                .dependency(name)
                .in_lock(place.clone())
        };
        for name in asked.difference(&has) {
            let Some(member) = self.workspace.members.get(name) else { continue };
            if !has.is_empty() || self.workspace.root.name().as_ref() != Some(name) {
                let what = format!("{name} is a member of the workspace and not of uv.lock");
                self.verdict.drift(differ(name, what).in_manifest(member.source.whole()));
            }
        }
        for name in has.difference(&asked) {
            let what = format!("uv.lock has the member {name}, which the workspace does not have");
            self.verdict.drift(differ(name, what).in_manifest(self.workspace.root.source.whole()));
        }
        for (name, member) in &self.workspace.members {
            self.member_source(name, member);
        }
    }

    fn member_source(&mut self, name: &str, member: &Project) {
        let local = self.packages.get(name).and_then(|all| all.iter().find(|package| package.is_folder()));
        let Some(package) = local else {
            let what = format!("uv.lock has no entry of the member {name}");
            let reason = Reason::new(Drift::MembersDiffer, Breaks::Both, what, MEND).dependency(name);
            let reason = reason.in_manifest(member.source.whole()).in_lock(self.lock.whole());
            return self.drift(reason);
        };
        let required = self.workspace.required.get(name);
        let expected = match required.copied().flatten() {
            _ if !member.is_package(required.is_some()) => "virtual",
            Some(false) => "directory",
            _ => "editable",
        };
        let (kind, path) = package.source;
        let at = join(&self.workspace.root.folder, path);
        if kind != expected || at.as_deref() != Some(member.folder.as_str()) {
            let what = format!("uv.lock has the project {name} from elsewhere, or as another kind");
            let reason = Reason::new(Drift::MembersDiffer, Breaks::Both, what, MEND).dependency(name);
            let place = self.lock.place(&package.value.span);
            let shown = if member.folder.is_empty() { "." } else { &member.folder };
            let reason = reason.in_manifest(member.source.whole()).in_lock(place);
            self.drift(reason.expected(format!("{expected} {shown}")).found(format!("{kind} {path}")));
        }
    }

    /// What `[manifest]` recorded of the root beside its members.
    fn manifest(&mut self, document: &Value) {
        let root = &self.workspace.root;
        for (key, own) in [
            ("constraints", "constraint-dependencies"),
            ("overrides", "override-dependencies"),
            ("build-constraints", "build-constraint-dependencies"),
        ] {
            let asked = root.uv(own);
            let recorded = document.at(&["manifest", key]);
            let is_plain = |value: Option<&Value>| {
                value.into_iter().flat_map(Value::items).all(|item| item.text().is_some())
            };
            if !is_plain(asked) {
                let why = format!("`{own}` has entries that are no plain requirements");
                self.verdict.unclear(Unclear::at(why, root.source.whole()));
                continue;
            }
            let asked = self.lower(root, &pyproject::list(asked), For::default());
            self.compare(root, asked, recorded, &format!("`{own}`"), Drift::SettingsDiffer);
        }
        for (key, own) in
            [("excludes", "exclude-dependencies"), ("dependency-metadata", "dependency-metadata")]
        {
            let (asked, recorded) = (root.uv(own), document.at(&["manifest", key]));
            let count = |value: Option<&Value>| value.map_or(0, |value| value.items().len());
            let is_same = match (asked, recorded) {
                (Some(asked), Some(recorded)) => asked.is_same(recorded),
                _ => count(asked) == count(recorded),
            };
            if !is_same && count(asked) > 0 && count(recorded) > 0 {
                let why = format!("`{own}` and the lock's copy of it are written in two ways");
                self.verdict.unclear(Unclear::at(why, root.source.whole()));
            } else if !is_same {
                let what = format!("`{own}` is not what the lock was made with");
                let place = recorded.map_or_else(|| self.lock.whole(), |value| self.lock.place(&value.span));
                let manifest =
                    asked.map_or_else(|| root.source.whole(), |value| root.source.place(&value.span));
                let reason = Reason::new(Drift::SettingsDiffer, Breaks::Both, what, MEND);
                self.drift(reason.in_manifest(manifest).in_lock(place));
            }
        }
        if self.workspace.is_virtual() {
            self.groups(root, document.at(&["manifest", "dependency-groups"]), false);
            if document.at(&["manifest", "requirements"]).is_some_and(|value| value.items().len() > 0) {
                let why = "the lock has requirements of the root that is no project";
                self.verdict.unclear(Unclear::at(why, root.source.whole()));
            }
        }
    }

    /// Every project that the lock leads to, compared with its entry; the packages that are reached.
    fn projects(&mut self) -> HashSet<usize> {
        let all: Vec<&Package<'_>> = self.packages.values().flatten().collect();
        let address = |package: &Package<'_>| std::ptr::from_ref(package.value) as usize;
        let mut reached = HashSet::new();
        let mut queue: VecDeque<&Package<'_>> = VecDeque::new();
        let is_member = |package: &&&Package<'_>| {
            let name = package.value.text_of("name").unwrap_or_default();
            package.is_folder() && self.workspace.members.contains_key(name)
        };
        for package in all.iter().filter(is_member) {
            reached.insert(address(package));
            queue.push_back(package);
        }
        if self.workspace.is_virtual() {
            // Its groups lead to packages that no member needs.
            for package in &all {
                if reached.insert(address(package)) {
                    queue.push_back(package);
                }
            }
        }
        let mut folders = Vec::new();
        while let Some(package) = queue.pop_front() {
            if !matches!(package.source.0, "registry" | "git" | "url") {
                folders.push(package.value);
            }
            for edge in edges(package.value) {
                let name = edge.text_of("name").unwrap_or_default();
                let known = self.packages.get(name).map(Vec::as_slice).unwrap_or_default();
                if let Some(target) = resolve(edge, known)
                    && reached.insert(address(target))
                {
                    queue.push_back(target);
                }
            }
        }
        for value in folders {
            self.project(value);
        }
        reached
    }

    fn project(&mut self, value: &Value) {
        let Some(package) = Package::new(value) else { return };
        let name = value.text_of("name").unwrap_or_default();
        let (kind, path) = package.source;
        let at = join(&self.workspace.root.folder, path);
        if let Some(member) = self.workspace.members.get(name).filter(|_| package.is_folder()) {
            return self.entry(member, value, &package);
        }
        let place = self.lock.place(&value.span);
        let Some(at) = at.filter(|_| kind != "path") else {
            let why = format!(
                "{name} is at {path}, and what it needs stands there: in an archive, or outside of the tree"
            );
            return self.verdict.unclear(Unclear::at(why, place));
        };
        match read_project(self.tree, &at) {
            Some(project) if project.name().as_deref() == Some(name) => self.entry(&project, value, &package),
            _ => {
                let why = format!(
                    "{name} is at {path}, where no pyproject.toml with a [project] of that name stands"
                );
                self.verdict.unclear(Unclear::at(why, place));
            }
        }
    }

    /// A project against its entry in the lock.
    fn entry(&mut self, project: &Project, value: &Value, package: &Package<'_>) {
        let dynamic: BTreeSet<&str> = project
            .document
            .at(&["project", "dynamic"])
            .into_iter()
            .flat_map(Value::items)
            .filter_map(Value::text)
            .collect();
        if dynamic.contains("dependencies") || dynamic.contains("optional-dependencies") {
            let why =
                format!("the dependencies of {} are `dynamic`: a program says them", project.source.path);
            return self.verdict.unclear(Unclear::at(why, project.source.whole()));
        }
        self.version(project, value, package, dynamic.contains("version"));
        let mut asked = self.lower(
            project,
            &pyproject::list(project.document.at(&["project", "dependencies"])),
            For::default(),
        );
        let extras = pyproject::extras(&project.document);
        for (extra, list) in &extras {
            let lowered = self.lower(project, list, For { extra: Some(extra), group: None });
            asked = asked.and_then(|mut asked| {
                asked.extend(lowered?);
                Some(asked)
            });
        }
        let metadata = value.get("metadata");
        if metadata.is_none() && value.get("dependencies").is_some() && self.revision >= 4 {
            let why =
                format!("uv.lock has no metadata of {}, as the preview of uv writes it", project.source.path);
            return self.verdict.unclear(Unclear::at(why, self.lock.place(&value.span)));
        }
        let part = |key: &str| metadata.and_then(|metadata| metadata.get(key));
        self.compare(project, asked, part("requires-dist"), &project.source.path, Drift::RecordStale);
        if self.revision >= 1 {
            let has: BTreeSet<String> = part("provides-extras")
                .into_iter()
                .flat_map(Value::items)
                .filter_map(Value::text)
                .map(normal)
                .collect();
            let place = self
                .lock
                .place(&part("provides-extras").map_or(value.span.clone(), |part| part.span.clone()));
            for extra in extras.keys().filter(|extra| !has.contains(*extra)) {
                self.extra(project, extra, "is not in uv.lock", place.clone());
            }
            for extra in has.iter().filter(|extra| !extras.contains_key(*extra)) {
                self.extra(project, extra, "is in uv.lock alone", place.clone());
            }
        }
        self.groups(project, part("requires-dev"), self.revision >= 1);
    }

    fn extra(&mut self, project: &Project, extra: &str, what: &str, place: Place) {
        let what = format!("the extra `{extra}` {what}");
        let reason = Reason::new(Drift::RecordStale, Breaks::Both, what, MEND);
        let table = project.document.at(&["project", "optional-dependencies"]);
        let manifest =
            table.map_or_else(|| project.source.whole(), |table| project.source.place(&table.span));
        self.drift(reason.in_manifest(manifest).in_lock(place));
    }

    fn version(&mut self, project: &Project, value: &Value, package: &Package<'_>, is_dynamic: bool) {
        let own = project.document.at(&["project", "version"]);
        let asked = own.and_then(Value::text);
        let is_same = match (asked, package.version) {
            (Some(one), Some(two)) => match (Version::from_str(one), Version::from_str(two)) {
                (Ok(one), Ok(two)) => one == two,
                _ => one == two,
            },
            (None, None) => is_dynamic,
            _ => false,
        };
        if is_same {
            return;
        }
        let what = format!("the version of {} is not that of its entry in uv.lock", project.source.path);
        let reason = Reason::new(Drift::RecordStale, Breaks::Both, what, MEND);
        let manifest = own.map_or_else(|| project.source.whole(), |own| project.source.place(&own.span));
        let reason = reason.in_manifest(manifest).in_lock(self.lock.place(&value.span));
        let none = if is_dynamic { "a dynamic version" } else { "no version" };
        self.drift(reason.expected(asked.unwrap_or(none)).found(package.version.unwrap_or("no version")));
    }

    /// The dependency groups of a project.
    fn groups(&mut self, project: &Project, recorded: Option<&Value>, has_empty: bool) {
        let mut groups = match pyproject::groups(&project.document) {
            Ok(groups) => groups,
            Err(why) => {
                let reason = Reason::new(Drift::Unreadable, Breaks::Both, why, MEND);
                return self.drift(reason.in_manifest(project.source.whole()));
            }
        };
        if let Some(old) = project.uv("dev-dependencies") {
            groups.entry("dev".to_owned()).or_default().extend(pyproject::list(Some(old)));
        }
        let has: BTreeMap<String, &Value> = recorded
            .into_iter()
            .flat_map(Value::entries)
            .map(|entry| (normal(&entry.key), &entry.value))
            .collect();
        let names: BTreeSet<&String> = groups.keys().chain(has.keys()).collect();
        for name in names {
            if groups_with_python(project).any(|entry| normal(&entry.key) == *name) {
                continue;
            }
            let (asked, recorded) = (groups.get(name), has.get(name).copied());
            let is_empty =
                asked.is_none_or(Vec::is_empty) && recorded.is_none_or(|list| list.items().len() == 0);
            if is_empty && (asked.is_some() == recorded.is_some() || !has_empty) {
                continue;
            }
            if is_empty {
                let what = format!("the empty group `{name}` is only in one of manifest and lock");
                let reason = Reason::new(Drift::RecordStale, Breaks::Both, what, MEND);
                let place = recorded.map_or_else(|| self.lock.whole(), |list| self.lock.place(&list.span));
                self.drift(reason.in_manifest(project.source.whole()).in_lock(place));
                continue;
            }
            let purpose = For { extra: None, group: Some(name) };
            let lowered = self.lower(project, asked.map(Vec::as_slice).unwrap_or_default(), purpose);
            let of = format!("the group `{name}` of {}", project.source.path);
            self.compare(project, lowered, recorded, &of, Drift::RecordStale);
        }
    }

    /// Requirements in the form of the lock; `None`: that cannot be told, which is said.
    fn lower(&mut self, project: &Project, asked: &[Asked], purpose: For<'_>) -> Option<Vec<Need>> {
        let lowering = Lowering { tree: self.tree, workspace: self.workspace, project };
        let mut needs = Vec::with_capacity(asked.len());
        let mut is_whole = true;
        for one in asked {
            let requirement = one.requirement.as_ref();
            let member = requirement.filter(|one| self.workspace.members.contains_key(&one.name));
            let is_self = |name: &str| project.name().as_deref() == Some(name);
            if let Some(member) = member.filter(|one| !is_self(&one.name))
                && project
                    .source_of(&member.name)
                    .or_else(|| self.workspace.root.source_of(&member.name))
                    .is_none()
            {
                let name = &member.name;
                let what = format!(
                    "{name} is a member of the workspace and has no entry in [tool.uv.sources]: uv refuses that"
                );
                let mend = format!("add `{name} = {{ workspace = true }}` to [tool.uv.sources], then {MEND}");
                let reason = Reason::new(Drift::SettingsDiffer, Breaks::Both, what, mend).dependency(name);
                self.verdict.drift(reason.in_manifest(project.source.place(&one.span)));
                is_whole = false;
                continue;
            }
            match lowering.lower(one, purpose) {
                Ok(lowered) => needs.extend(lowered),
                Err(why) => {
                    self.verdict.unclear(Unclear::at(why, project.source.place(&one.span)));
                    is_whole = false;
                }
            }
        }
        is_whole.then_some(needs)
    }

    /// Compares what is asked for with what the lock recorded, as sets.
    fn compare(
        &mut self,
        project: &Project,
        asked: Option<Vec<Need>>,
        recorded: Option<&Value>,
        of: &str,
        drift: Drift,
    ) {
        let Some(asked) = asked else { return };
        let root = &self.workspace.root.folder;
        let mut has: HashMap<String, Vec<(Need, bool)>> = HashMap::new();
        for value in recorded.into_iter().flat_map(Value::items) {
            match Need::recorded(value, root) {
                Some(need) => has.entry(need.name.clone()).or_default().push((need, false)),
                None => {
                    let why = format!("a requirement that uv.lock recorded of {of} is of no known form");
                    return self.verdict.unclear(Unclear::at(why, self.lock.place(&value.span)));
                }
            }
        }
        let list = recorded.map_or_else(|| self.lock.whole(), |value| self.lock.place(&value.span));
        let mut missing = Vec::new();
        for need in &asked {
            let candidates = has.get_mut(&need.name).map(Vec::as_mut_slice).unwrap_or_default();
            let mut best = Same::No;
            for (candidate, is_used) in candidates.iter_mut() {
                match need.same(candidate, &self.pythons) {
                    Same::No => {}
                    Same::Unclear => {
                        best = if best == Same::Yes { best } else { Same::Unclear };
                        *is_used = true;
                    }
                    Same::Yes => {
                        best = Same::Yes;
                        *is_used = true;
                    }
                }
            }
            match best {
                Same::Yes => {}
                Same::No => missing.push(need),
                Same::Unclear => {
                    let why = format!(
                        "the marker of `{}` in {of} and that which uv.lock recorded cannot be compared",
                        need.text
                    );
                    self.verdict.unclear(Unclear::at(why, project.source.place(&need.span)));
                }
            }
        }
        for need in missing {
            let place = project.source.place(&need.span);
            let name = &need.name;
            let left = has.get_mut(name).and_then(|all| all.iter_mut().find(|(_, is_used)| !is_used));
            let reason = match left {
                Some((recorded, is_used)) => {
                    *is_used = true;
                    let what = format!("{name} is asked for in another way than uv.lock recorded of {of}");
                    let reason = Reason::new(drift, Breaks::Both, what, MEND)
                        .expected(&need.text)
                        .found(&recorded.text);
                    reason.in_lock(self.lock.place(&recorded.span))
                }
                None => {
                    let what = format!("{name} is asked for, and uv.lock recorded no such thing of {of}");
                    let kind = if drift == Drift::RecordStale { Drift::NotLocked } else { drift };
                    Reason::new(kind, Breaks::Both, what, MEND).in_lock(list.clone())
                }
            };
            self.verdict.drift(reason.dependency(name).in_manifest(place));
        }
        for (need, _) in has.values().flatten().filter(|(_, is_used)| !is_used) {
            let what = format!("uv.lock recorded of {of} that it asks for {}, which it does not", need.text);
            let kind = if drift == Drift::RecordStale { Drift::NotAskedFor } else { drift };
            let reason = Reason::new(kind, Breaks::Both, what, MEND).dependency(&need.name);
            let place = self.lock.place(&need.span);
            self.verdict.drift(reason.in_manifest(project.source.whole()).in_lock(place));
        }
    }

    /// Where indexes are set, every package is from one of them.
    fn indexes(&mut self, settings: &Settings, reached: &HashSet<usize>) {
        let Some(mut allowed) = settings.indexes() else { return };
        for project in self.workspace.members.values().chain([&self.workspace.root]) {
            for index in project.uv("index").into_iter().flat_map(Value::items) {
                allowed.extend(index.text_of("url").map(super::asked::index_url));
            }
        }
        let none = BTreeSet::new();
        for package in self.packages.values().flatten() {
            if !reached.contains(&(std::ptr::from_ref(package.value) as usize)) {
                continue;
            }
            let Some(locked) = locked(package.value, &none) else { continue };
            if let LockedOrigin::Registry(Some(url)) = &locked.origin
                && !allowed.contains(&super::asked::index_url(url))
            {
                let what =
                    format!("{} is locked from {url}, which is no longer among the indexes", locked.name);
                let reason =
                    Reason::new(Drift::SettingsDiffer, Breaks::Both, what, MEND).dependency(&locked.name);
                let reason = reason.in_manifest(settings.source().whole());
                self.verdict.drift(reason.in_lock(self.lock.place(&package.value.span)));
            }
        }
    }
}
