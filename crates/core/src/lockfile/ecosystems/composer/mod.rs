//! Composer: `composer.json` and `composer.lock`.
//!
//! `composer install` refuses a lock that does not have what `composer.json` requires, or whose packages do not go together.
//! It never rewrites one: whether a lock is up to date is what `composer validate` says, by a hash of the parts of
//! `composer.json` that matter. What the machine has, its PHP and the extensions, is no affair of the two files.

mod packages;
mod version;

#[cfg(test)]
mod tests;

use self::packages::{Package, Packages, is_platform};
use crate::RepoPath;
use crate::lockfile::canonical;
use crate::lockfile::data::{Data, Malformed, Value, json};
use crate::lockfile::ecosystem::{
    Breaks, Declared, Drift, Ecosystem, Info, Kind, Locked, LockedOrigin, Origin, Pair, Place, Precision,
    Reason, Role, Source, Unclear, Verdict,
};
use crate::lockfile::tree::{Tree, file_name, folder, is_in, join};
use crate::text::PathGlob;
use data_encoding::HEXLOWER;
use md5::{Digest as _, Md5};

/// Composer, versions 1 and 2.
#[derive(Debug)]
pub(super) struct Composer;

static INFO: Info = Info {
    name: "composer",
    locks: "composer.lock",
    manifests: "composer.json",
    family: "composer",
    make: "composer update",
};

/// Keys of composer.json that go into the hash, as the hash sorts them.
const HASHED: [&str; 11] = [
    "conflict",
    "extra",
    "minimum-stability",
    "name",
    "prefer-stable",
    "provide",
    "replace",
    "repositories",
    "require",
    "require-dev",
    "version",
];

impl Ecosystem for Composer {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        let role = match file_name(path) {
            "composer.json" => Role::Manifest,
            "composer.lock" => Role::Lock,
            _ => return None,
        };
        (!is_in(path, &["vendor", "node_modules"])).then_some(role)
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let locks = tree.paths().iter().filter(|path| self.role(path) == Some(Role::Lock));
        locks
            .map(|lock| {
                let manifest = join(folder(lock), "composer.json").unwrap_or_default();
                if !tree.has(&manifest) {
                    return Pair::orphan(*lock);
                }
                let mut pair = Pair::new(manifest, *lock);
                pair.members = local_packages(tree, &pair);
                pair
            })
            .collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        let (Some(manifest), Some(lock)) = (&pair.manifest, &pair.lock) else { return verdict };
        let mut read = |path: &str| tree.read(path).map_err(|unread| verdict.unread(path, &unread)).ok();
        let (Some(manifest), Some(lock)) = (read(manifest), read(lock)) else { return verdict };
        match (object(&manifest), object(&lock)) {
            (Ok(root), Ok(locked)) => {
                Judging { manifest: &manifest, lock: &lock, root: &root, locked: &locked }
                    .judge(&mut verdict);
            }
            (root, locked) => {
                if let Err(malformed) = root {
                    verdict.drift(unreadable(&manifest, &malformed, true));
                }
                if let Err(malformed) = locked {
                    verdict.drift(unreadable(&lock, &malformed, false));
                }
            }
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        let root = object(manifest).map_err(|malformed| unclear(manifest, &malformed))?;
        let sections = [("require", Kind::Production), ("require-dev", Kind::Development)];
        let mut declared = Vec::new();
        for (section, kind) in sections {
            for entry in root.get(section).iter().flat_map(|section| section.entries()) {
                if is_platform(&entry.key) {
                    continue;
                }
                let requirement = entry.value.text().unwrap_or_default();
                declared.push(Declared {
                    name: entry.key.to_lowercase(),
                    requirement: requirement.to_owned(),
                    kind,
                    precision: precision(requirement),
                    origin: Origin::Registry(None),
                    span: entry.span.start..entry.value.span.end,
                });
            }
        }
        Ok(declared)
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let locked = object(lock).map_err(|malformed| unclear(lock, &malformed))?;
        let sections = ["packages", "packages-dev"];
        let values = sections.iter().filter_map(|section| locked.get(section)).flat_map(Value::items);
        Ok(values.filter_map(locked_package).collect())
    }
}

fn object(source: &Source) -> Result<Value, Malformed> {
    let value = json(&source.text)?;
    if value.map().is_none() {
        return Err(Malformed { line: None, message: "it is no object".to_owned() });
    }
    Ok(value)
}

fn unreadable(source: &Source, malformed: &Malformed, is_manifest: bool) -> Reason {
    let what = format!("{} is not JSON: {}", source.path, malformed.message);
    let mend = if is_manifest { "mend the line, then: composer update --lock" } else { INFO.make };
    let reason = Reason::new(Drift::Unreadable, Breaks::Both, what, mend);
    let place = source.line(malformed.line);
    if is_manifest { reason.in_manifest(place) } else { reason.in_lock(place) }
}

fn unclear(source: &Source, malformed: &Malformed) -> Unclear {
    let why = format!("{} is not JSON: {}", source.path, malformed.message);
    Unclear::at(why, source.line(malformed.line))
}

/// The manifests of packages that are folders of this tree: no lock of their own is missing.
fn local_packages(tree: &Tree<'_>, pair: &Pair) -> Vec<String> {
    let Some(manifest) = &pair.manifest else { return Vec::new() };
    let Some(root) = tree.read(manifest).ok().and_then(|source| object(&source).ok()) else {
        return Vec::new();
    };
    let Some(repositories) = root.get("repositories") else { return Vec::new() };
    let named = repositories.entries().map(|entry| &entry.value);
    let mut found = Vec::new();
    for repository in repositories.items().chain(named) {
        let Some(url) = repository.text_of("url").filter(|_| repository.text_of("type") == Some("path"))
        else {
            continue;
        };
        let home = folder(manifest);
        let Some(pattern) = join(home, &format!("{url}/composer.json")) else { continue };
        let Ok(glob) = PathGlob::new(&format!("/{pattern}")) else { continue };
        let fixed = pattern.split(['*', '?', '[', '{']).next().unwrap_or_default();
        let paths = tree.under(folder(fixed)).iter().filter(|path| file_name(path) == "composer.json");
        found.extend(
            paths.filter(|path| glob.is_match(&RepoPath::from(**path))).map(|path| (*path).to_owned()),
        );
    }
    found.retain(|path| path != manifest);
    found.sort();
    found.dedup();
    found
}

/// The hash by which Composer knows what a lock was made from.
fn content_hash(root: &Value) -> String {
    let mut parts: Vec<(&str, String)> =
        HASHED.iter().filter_map(|key| Some((*key, canonical::php(root.get(key)?)))).collect();
    let platform = root.at(&["config", "platform"]).filter(|value| value.data != Data::Null);
    if let Some(platform) = platform {
        // It is sorted in among the others.
        parts.insert(0, ("config", canonical::php_map(&[("platform", canonical::php(platform))])));
    }
    parts.sort_by_key(|(key, _)| *key);
    HEXLOWER.encode(&Md5::digest(canonical::php_map(&parts)))
}

struct Judging<'a> {
    manifest: &'a Source,
    lock: &'a Source,
    root: &'a Value,
    locked: &'a Value,
}

impl Judging<'_> {
    fn judge(&self, verdict: &mut Verdict) {
        if self.root.at(&["config", "lock"]).and_then(Value::bool) == Some(false) {
            let why = "`config.lock` is false: composer does not look at the lock".to_owned();
            verdict.unclear(Unclear::at(why, self.manifest.whole()));
            return;
        }
        let api = self.locked.text_of("plugin-api-version");
        if let Some(api) = api.filter(|api| !api.starts_with("1.") && !api.starts_with("2.")) {
            verdict.version_unknown(
                format!("the lock was written by a Composer with plugins of version {api}"),
                self.lock_place(self.locked.get("plugin-api-version")),
            );
            return;
        }
        self.fresh(verdict);
        if self.sections(verdict) {
            Packages::new(self.manifest, self.lock, self.root, self.locked).judge(verdict);
        }
    }

    fn lock_place(&self, value: Option<&Value>) -> Place {
        value.map_or_else(|| self.lock.whole(), |value| self.lock.place(&value.span))
    }

    /// Whether there are lists of packages: Composer reads nothing without them.
    fn sections(&self, verdict: &mut Verdict) -> bool {
        for (section, breaks) in
            [("packages", Breaks::RewriteAndPerhapsStrict), ("packages-dev", Breaks::Both)]
        {
            if self.locked.get(section).is_none_or(|value| !matches!(value.data, Data::List(_))) {
                let what = format!("the lock has no list `{section}`");
                let reason = Reason::new(Drift::Unreadable, breaks, what, INFO.make);
                verdict.drift(reason.in_lock(self.lock_place(self.locked.get(section))));
                return false;
            }
        }
        true
    }

    fn fresh(&self, verdict: &mut Verdict) {
        let of = |key: &str| {
            self.locked.get(key).filter(|value| value.text().is_some_and(|text| !text.is_empty()))
        };
        let (value, expected) = match (of("content-hash"), of("hash")) {
            (Some(hash), _) => (hash, content_hash(self.root)),
            (None, Some(hash)) => (hash, HEXLOWER.encode(&Md5::digest(self.manifest.text.as_bytes()))),
            (None, None) => {
                let what = "the lock has no `content-hash`: composer takes it for out of date";
                let reason = Reason::new(Drift::Tampered, Breaks::Rewrite, what, "composer update --lock");
                verdict.drift(reason.in_lock(self.lock.whole()));
                return;
            }
        };
        let found = value.text().unwrap_or_default();
        if found == expected {
            return;
        }
        let what = "the lock was made from another composer.json: their hashes differ";
        let reason = Reason::new(Drift::RecordStale, Breaks::Rewrite, what, "composer update --lock");
        verdict.drift(
            reason
                .in_manifest(self.manifest.whole())
                .in_lock(self.lock_place(Some(value)))
                .expected(expected)
                .found(found),
        );
        self.settings(verdict);
    }

    /// What the lock wrote down of the settings says which of them changed. Only a hash that differs makes it a drift.
    fn settings(&self, verdict: &mut Verdict) {
        let default = |key: &str| if key == "minimum-stability" { "stable" } else { "false" };
        for key in ["minimum-stability", "prefer-stable"] {
            let (asked, known) = (self.root.get(key), self.locked.get(key));
            let asked_text = asked.and_then(Value::scalar).unwrap_or_else(|| default(key));
            let Some(known_text) = known.and_then(Value::scalar) else { continue };
            if asked_text.eq_ignore_ascii_case(known_text) {
                continue;
            }
            let what = format!("`{key}` was `{known_text}` when the lock was made, and is `{asked_text}`");
            let reason = Reason::new(Drift::SettingsDiffer, Breaks::Rewrite, what, "composer update");
            let at = asked.map_or_else(|| self.manifest.whole(), |value| self.manifest.place(&value.span));
            verdict.drift(
                reason.in_manifest(at).in_lock(self.lock_place(known)).expected(asked_text).found(known_text),
            );
        }
    }
}

/// A branch is whatever it points to, with a commit behind it or without: Composer does not hold to that one.
fn precision(requirement: &str) -> Precision {
    let requirement = requirement.trim();
    if requirement.starts_with("dev-") || requirement.ends_with("-dev") {
        return Precision::Any;
    }
    match version::constraint(requirement) {
        Some(version::Constraint::Any) | None => Precision::Any,
        Some(version::Constraint::One(version::Op::Equal, version)) if !version.starts_with("dev-") => {
            Precision::Exact
        }
        Some(_) => Precision::Range,
    }
}

fn locked_package(value: &Value) -> Option<Locked> {
    let text = |path: &[&str]| value.at(path).and_then(Value::text).filter(|text| !text.is_empty());
    let name = text(&["name"])?.to_lowercase();
    let version = value.get("version").and_then(Value::scalar).unwrap_or_default().to_owned();
    let reference = text(&["dist", "reference"]).or_else(|| text(&["source", "reference"]));
    let dist = text(&["dist", "url"]);
    let is_path = text(&["dist", "type"]) == Some("path");
    let origin = match (dist, text(&["source", "url"])) {
        (Some(url), _) if is_path => LockedOrigin::Path(url.to_owned()),
        (Some(url), _) => LockedOrigin::Registry(Some(url.to_owned())),
        (None, Some(url)) => LockedOrigin::Git { url: url.to_owned(), commit: reference.map(str::to_owned) },
        (None, None) => LockedOrigin::Registry(None),
    };
    let integrity: Vec<String> =
        text(&["dist", "shasum"]).map(|sum| format!("sha1:{sum}")).into_iter().collect();
    // A meta package is nothing but its requirements.
    let is_empty = value.text_of("type") == Some("metapackage");
    let runs = matches!(value.text_of("type"), Some("composer-plugin" | "composer-installer"));
    Some(Locked {
        name,
        version,
        origin,
        needs_integrity: integrity.is_empty() && reference.is_none() && !is_path && !is_empty,
        integrity,
        runs_scripts: Some(runs),
        is_direct: None,
        span: value.span.clone(),
    })
}

fn package_place(lock: &Source, package: &Package<'_>) -> Place {
    let name = package.value.get("name").map_or(&package.value.span, |name| &name.span);
    lock.place(name)
}
