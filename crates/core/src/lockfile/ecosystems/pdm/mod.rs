//! PDM: `pdm.lock`. The lock holds a hash of what the manifest asks for. What is in it besides PDM looks at when it installs, and of
//! newer locks not even then.

pub(super) mod hash;

#[cfg(test)]
mod tests;

use self::hash::{Failed, Form, content_hash, group_name, of_project};
use super::python::{self, Misfit, Requirement, normal, pyproject, unreadable};
use crate::lockfile::data::{Value, toml};
use crate::lockfile::tree::file_name;
use crate::lockfile::{
    Breaks, Declared, Drift, Ecosystem, Info, Kind, Locked, LockedOrigin, Pair, Reason, Role, Source, Tree,
    Unclear, Verdict,
};
use std::collections::{BTreeSet, HashMap};

/// The command that mends; before 4.5 it had no option that keeps the locked versions.
const MEND: &str = "pdm lock --update-reuse";
const MEND_OLD: &str = "pdm lock";

/// Versions of the lock, what goes into the hash of each, and the command that mends it.
const VERSIONS: &[(&str, Form, &str)] = &[
    ("4.0", Form::Overrides, MEND_OLD),
    ("4.1", Form::Overrides, MEND_OLD),
    ("4.2", Form::Overrides, MEND_OLD),
    ("4.3", Form::Overrides, MEND_OLD),
    ("4.4", Form::Overrides, MEND_OLD),
    ("4.4.1", Form::Overrides, MEND_OLD),
    ("4.4.2", Form::Resolution, MEND_OLD),
    ("4.5.0", Form::Groups, MEND),
    ("4.5.1", Form::Workspace, MEND),
];

/// PDM.
#[derive(Debug)]
pub(super) struct Pdm;

const INFO: Info =
    Info { name: "pdm", locks: "pdm.lock", manifests: "pyproject.toml", family: "python", make: MEND_OLD };

impl Ecosystem for Pdm {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        match file_name(path) {
            "pdm.lock" => Some(Role::Lock),
            "pyproject.toml" => Some(Role::Manifest),
            _ => None,
        }
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let pairs = python::beside(tree, "pdm.lock", "pyproject.toml").into_iter();
        pairs.map(|pair| with_members(tree, pair)).collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        if let Some((manifest, lock)) = python::ends(tree, pair, &mut verdict) {
            judge(tree, &manifest, &lock, &mut verdict);
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        pyproject::declared(manifest)
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let document = toml(&lock.text)
            .map_err(|error| Unclear::new(format!("{} cannot be read: {}", lock.path, error.message)))?;
        let mut found: Vec<Locked> = Vec::new();
        let mut places = HashMap::new();
        for one in packages(&document).filter_map(|package| locked(&document, package)) {
            // A package with extras has an entry of its own beside the one without.
            let key = (one.name.clone(), one.version.clone(), one.origin.clone());
            let place = *places.entry(key).or_insert(found.len());
            match found.get_mut(place) {
                Some(known) if known.integrity.is_empty() => known.integrity = one.integrity,
                Some(_) => {}
                None => found.push(one),
            }
        }
        Ok(found)
    }
}

fn packages(document: &Value) -> impl Iterator<Item = &Value> {
    document.get("package").into_iter().flat_map(Value::items)
}

/// The members of a workspace have no lock of their own: this one covers them.
fn with_members(tree: &Tree<'_>, mut pair: Pair) -> Pair {
    let manifest = pair.manifest.as_deref().and_then(|path| tree.read(path).ok());
    if let Some(manifest) = manifest
        && let Ok(project) = toml(&manifest.text)
    {
        pair.members = hash::members(tree, &manifest, &project).unwrap_or_default();
    }
    pair
}

fn judge(tree: &Tree<'_>, manifest: &Source, lock: &Source, verdict: &mut Verdict) {
    let (document, project) = match (toml(&lock.text), toml(&manifest.text)) {
        (Ok(document), Ok(project)) => (document, project),
        (document, project) => {
            verdict.reasons.extend(document.err().map(|error| unreadable(lock, &error, true, MEND_OLD)));
            verdict.reasons.extend(project.err().map(|error| unreadable(manifest, &error, false, MEND_OLD)));
            return;
        }
    };
    let metadata = |key: &str| document.at(&["metadata", key]);
    let tampered = |what: String, mend: &str| {
        Reason::new(Drift::Tampered, Breaks::Both, what, mend).in_lock(lock.whole())
    };
    let version =
        metadata("lock_version").filter(|version| version.text().is_some_and(|text| !text.is_empty()));
    let Some(version) = version else {
        return verdict.drift(tampered(format!("{} has no lock_version", lock.path), MEND_OLD));
    };
    let text = version.text().unwrap_or_default();
    let Some((_, form, mend)) = VERSIONS.iter().find(|(known, ..)| *known == text) else {
        let what = format!("{} is of lock_version {text}; known are 4.0 to 4.5.1", lock.path);
        return verdict.version_unknown(what, lock.place(&version.span));
    };
    if let Some(unclear) = experimental(manifest, lock, &project, &document, text) {
        return verdict.unclear(unclear);
    }
    let recorded = metadata("content_hash").filter(|hash| hash.text().is_some_and(|hash| hash.contains(':')));
    let Some(recorded) = recorded else {
        return verdict.drift(tampered(format!("{} has no content_hash", lock.path), mend));
    };
    let has = recorded.text().unwrap_or_default();
    let Some(has) = has.strip_prefix("sha256:") else {
        let why = format!("{} has a content_hash of another kind than sha256", lock.path);
        return verdict.unclear(Unclear::at(why, lock.place(&recorded.span)));
    };
    let own = match content_hash(tree, manifest, &project, *form) {
        Ok(own) => own,
        Err(Failed::Unclear(why)) => return verdict.unclear(Unclear::at(why, manifest.whole())),
        Err(Failed::Repeated(name)) => {
            let what = format!("[dependency-groups] has the group `{name}` twice, and PDM refuses that");
            let reason = Reason::new(Drift::Repeated, Breaks::Both, what, *mend);
            return verdict.drift(reason.in_manifest(manifest.whole()));
        }
    };
    let pair = Contents { manifest, lock, project: &project, document: &document, form: *form, mend };
    if own == has {
        pair.look_inside(verdict);
    } else if *form == Form::Groups && of_project(&project, Form::Resolution).is_ok_and(|own| own == has) {
        let why = "PDM 2.17 to 2.19, which does not know [dependency-groups], takes the lock, and a newer one does not";
        verdict.unclear(Unclear::at(why, lock.place(&recorded.span)));
    } else {
        let what = format!("the content_hash of {} is not that of {}", lock.path, manifest.path);
        let reason = Reason::new(Drift::RecordStale, Breaks::Both, what, *mend).in_manifest(manifest.whole());
        verdict.drift(reason.in_lock(lock.place(&recorded.span)).expected(own).found(has));
        for misfit in pair.misfits() {
            verdict.drift(misfit.reason(manifest, lock, Breaks::Both, mend));
        }
    }
}

/// What is compared in another way than by the hash, or in different ways by versions that write the same lock.
fn experimental(
    manifest: &Source,
    lock: &Source,
    project: &Value,
    document: &Value,
    version: &str,
) -> Option<Unclear> {
    if let Some(inputs) = document.at(&["metadata", "lock_inputs"]) {
        let why = format!("{} has lock_inputs, which are not compared", lock.path);
        return Some(Unclear::at(why, lock.place(&inputs.span)));
    }
    if let Some(inputs) = project.at(&["tool", "pdm", "resolution", "lock_inputs"]) {
        let why = format!("{} asks for lock_inputs, which are not compared", manifest.path);
        return Some(Unclear::at(why, manifest.place(&inputs.span)));
    }
    let overrides = project.at(&["tool", "pdm", "overrides"]).filter(|_| version == "4.4.1")?;
    let why =
        "PDM 2.11 hashes [tool.pdm.overrides], and PDM 2.12, whose locks have the same version, does not";
    Some(Unclear::at(why, manifest.place(&overrides.span)))
}

/// The two files of a pair, read.
struct Contents<'a> {
    manifest: &'a Source,
    lock: &'a Source,
    project: &'a Value,
    document: &'a Value,
    form: Form,
    mend: &'static str,
}

impl<'a> Contents<'a> {
    /// What a lock with the right hash lacks nevertheless. Where the packages have the groups and the markers that they are for,
    /// PDM installs what is there; before it resolved what is asked for among the locked packages, and failed.
    fn look_inside(&self, verdict: &mut Verdict) {
        let strategy = self.document.at(&["metadata", "strategy"]);
        let is_resolved =
            !strategy.into_iter().flat_map(Value::items).any(|flag| flag.text() == Some("inherit_metadata"));
        for misfit in self.misfits() {
            let place = self.manifest.place(&misfit.asked.span);
            if !is_resolved {
                let why = format!("{}, and PDM does not see it: the hash is the right one", misfit.what());
                verdict.unclear(Unclear::at(why, place));
            } else if misfit.asked.kind == Kind::Production {
                verdict.drift(misfit.reason(self.manifest, self.lock, Breaks::Strict, self.mend));
            } else {
                verdict.unclear_for(Breaks::Strict, Unclear::at(misfit.what(), place));
            }
        }
        if is_resolved {
            self.look_below(verdict);
        }
    }

    /// What locked packages need and the lock does not have. Whether any of them is installed hangs on markers.
    fn look_below(&self, verdict: &mut Verdict) {
        let known: BTreeSet<String> =
            packages(self.document).filter_map(|package| package.text_of("name")).map(normal).collect();
        for package in packages(self.document) {
            let needs = package.get("dependencies").into_iter().flat_map(Value::items);
            let needs = needs.filter_map(|need| Requirement::parse(need.text()?));
            for need in needs.filter(|need| need.marker.is_empty() && !known.contains(&need.name)) {
                let name = package.text_of("name").unwrap_or_default();
                let why = format!("{name} needs {}, which is not locked", need.name);
                verdict.unclear_for(Breaks::Strict, Unclear::at(why, self.lock.place(&package.span)));
            }
        }
    }

    /// The dependencies that are not locked as they are asked for, of those that surely should be.
    fn misfits(&self) -> Vec<Misfit<'a>> {
        let Ok(declared) = pyproject::declared(self.manifest) else { return Vec::new() };
        let setting =
            |path: &[&str]| self.project.at(&["tool", "pdm"]).and_then(|settings| settings.at(path));
        let overrides = [setting(&["overrides"]), setting(&["resolution", "overrides"])];
        let overrides =
            overrides.into_iter().flatten().flat_map(Value::entries).map(|entry| normal(&entry.key));
        let excludes = setting(&["resolution", "excludes"]).into_iter().flat_map(Value::items);
        let others: BTreeSet<String> =
            overrides.chain(excludes.filter_map(Value::text).map(normal)).collect();
        let kinds = self.locked_kinds();
        // An older PDM knows nothing of them.
        let groups = self.project.get("dependency-groups").filter(|_| !self.knows_groups());
        let groups = groups.into_iter().flat_map(Value::entries).flat_map(|entry| entry.value.items());
        let unknown: BTreeSet<usize> = groups.map(|item| item.span.start).collect();
        let is_sure = |one: &Declared| {
            let has_marker = self.manifest.text.get(one.span.clone()).is_none_or(|text| text.contains(';'));
            !has_marker
                && !unknown.contains(&one.span.start)
                && !others.contains(&one.name)
                && kinds.contains(&one.kind)
        };
        let declared = declared.into_iter().filter(is_sure).collect();
        let own = self.project.at(&["project", "name"]).and_then(Value::text).map(normal);
        python::misfits(declared, packages(self.document), own.as_deref())
    }

    fn knows_groups(&self) -> bool {
        matches!(self.form, Form::Groups | Form::Workspace)
    }

    /// The kinds of dependencies whose groups are all locked.
    fn locked_kinds(&self) -> Vec<Kind> {
        let groups = self.document.at(&["metadata", "groups"]);
        let locked: Option<BTreeSet<String>> =
            groups.map(|groups| groups.items().filter_map(Value::text).map(group_name).collect());
        let is_locked = |name: String| locked.as_ref().is_none_or(|locked| locked.contains(&name));
        let all = |paths: &[&[&str]]| {
            let tables = paths.iter().filter_map(|path| self.project.at(path));
            tables.flat_map(Value::entries).all(|entry| is_locked(group_name(&entry.key)))
        };
        let mut kinds = Vec::new();
        if is_locked("default".to_owned()) {
            kinds.push(Kind::Production);
        }
        let own: &[&str] = &["tool", "pdm", "dev-dependencies"];
        if all(&[own]) && (!self.knows_groups() || all(&[&["dependency-groups"]])) {
            kinds.push(Kind::Development);
        }
        if all(&[&["project", "optional-dependencies"]]) {
            kinds.push(Kind::Optional);
        }
        kinds
    }
}

fn locked(document: &Value, package: &Value) -> Option<Locked> {
    let name = package.text_of("name")?;
    let version = package.text_of("version").unwrap_or_default();
    // Before 4.3 the files stood at the end, by the package's name and version.
    let files = package
        .get("files")
        .or_else(|| document.at(&["metadata", "files", &format!("{} {version}", name.to_ascii_lowercase())]));
    let files: Vec<&Value> = files.into_iter().flat_map(Value::items).collect();
    let (origin, needs_integrity) = if let Some(url) = package.text_of("git") {
        let commit = package.text_of("revision").map(str::to_owned);
        (LockedOrigin::Git { url: url.to_owned(), commit }, false)
    } else if let Some(url) = ["hg", "svn", "bzr"].into_iter().find_map(|key| package.text_of(key)) {
        (LockedOrigin::Url(url.to_owned()), false)
    } else if let Some(path) = package.text_of("path") {
        (LockedOrigin::Path(path.to_owned()), false)
    } else if let Some(url) = package.text_of("url") {
        (LockedOrigin::Url(url.to_owned()), true)
    } else {
        // With the strategy static_urls the lock has the addresses of the files.
        let address = files.iter().find_map(|file| file.text_of("url"));
        (LockedOrigin::Registry(address.map(str::to_owned)), true)
    };
    let hashes: Vec<&str> = files.iter().filter_map(|file| file.text_of("hash")).collect();
    let is_whole = hashes.len() == files.len();
    let mut integrity: Vec<String> =
        hashes.into_iter().filter(|_| is_whole || !needs_integrity).map(str::to_owned).collect();
    integrity.sort();
    Some(Locked {
        name: normal(name),
        version: version.to_owned(),
        origin,
        integrity,
        needs_integrity,
        runs_scripts: None,
        is_direct: None,
        span: package.span.clone(),
    })
}
