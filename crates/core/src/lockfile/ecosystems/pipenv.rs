//! Pipenv: `Pipfile.lock`. The lock holds a hash of what the Pipfile asks for, and Pipenv looks at nothing else. What is hashed
//! was written in three ways over the years, and the lock does not say by which Pipenv it was made.

use super::python::{self, Requirement, normal, pyproject, unreadable};
use crate::lockfile::canonical::{self, Json};
use crate::lockfile::data::{Data, Entry, Value, json, toml};
use crate::lockfile::tree::file_name;
use crate::lockfile::{
    Breaks, Declared, Drift, Ecosystem, Info, Kind, Locked, LockedOrigin, Origin, Pair, Precision, Reason,
    Role, Source, Tree, Unclear, Verdict,
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The command that mends. It takes newer versions as well, where the Pipfile allows them.
const MEND: &str = "pipenv lock";

/// The command that mends a lock which cannot be read.
const ANEW: &str = "rm Pipfile.lock && pipenv lock";

/// The form of lock that is known, `_meta.pipfile-spec`.
const SPEC: &str = "6";

/// Parts of a Pipfile that are no packages, beside the two that always are.
const OTHERS: &[&str] = &["source", "requires", "scripts", "pipfile", "pipenv"];

/// Keys of a package that Pipenv knows; newer versions refuse any other.
const KEYS: &[&str] = &[
    "git",
    "svn",
    "hg",
    "bzr",
    "ref",
    "subdirectory",
    "name",
    "version",
    "extras",
    "editable",
    "markers",
    "os_markers",
    "hashes",
    "index",
    "no_binary",
    "pip_args",
    "skip_resolver",
    "path",
    "file",
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_version",
    "python_full_version",
    "implementation_name",
    "implementation_version",
];

/// Keys of a package that do not decide whether it is locked here, nor from where.
const PLAIN_KEYS: &[&str] = &["version", "extras", "index", "hashes"];

/// What stands in for sources where a Pipfile has none. The address is part of what is hashed.
const DEFAULT_SOURCE: &str =
    "[[source]]\nname = \"pypi\"\nurl = \"https://pypi.org/simple\"\nverify_ssl = true\n";

/// Pipenv.
#[derive(Debug)]
pub(super) struct Pipenv;

const INFO: Info =
    Info { name: "pipenv", locks: "Pipfile.lock", manifests: "Pipfile", family: "pipenv", make: MEND };

impl Ecosystem for Pipenv {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        match file_name(path) {
            "Pipfile.lock" => Some(Role::Lock),
            "Pipfile" => Some(Role::Manifest),
            _ => None,
        }
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        python::beside(tree, "Pipfile.lock", "Pipfile")
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        if let Some((manifest, lock)) = python::ends(tree, pair, &mut verdict) {
            judge(&manifest, &lock, &mut verdict);
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        let document = toml(&manifest.text)
            .map_err(|error| Unclear::new(format!("{} cannot be read: {}", manifest.path, error.message)))?;
        let sources = addresses(document.get("source"));
        let mut found = Vec::new();
        for section in categories(&document) {
            let kind = match section.key.as_str() {
                "packages" => Kind::Production,
                "dev-packages" => Kind::Development,
                // Other categories are installed where they are asked for by name.
                _ => Kind::Optional,
            };
            found.extend(section.value.entries().map(|entry| declared(entry, kind, &sources)));
        }
        Ok(found)
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let document = json(&lock.text)
            .map_err(|error| Unclear::new(format!("{} cannot be read: {}", lock.path, error.message)))?;
        let sources = document.at(&["_meta", "sources"]);
        let (addresses, first) = (addresses(sources), sources.and_then(|sources| sources.items().next()));
        let first = first.and_then(|source| source.text_of("url"));
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        for entry in document
            .entries()
            .filter(|entry| entry.key != "_meta")
            .flat_map(|category| category.value.entries())
        {
            let one = locked(entry, &addresses, first);
            // What several categories ask for is in each of them.
            if seen.insert((one.name.clone(), one.version.clone(), one.origin.clone())) {
                found.push(one);
            }
        }
        Ok(found)
    }
}

/// The tables of packages of a Pipfile.
fn categories(document: &Value) -> impl Iterator<Item = &Entry> {
    document.entries().filter(|entry| !OTHERS.contains(&entry.key.as_str()))
}

/// The name of a table of packages in the lock.
fn in_lock(section: &str) -> &str {
    match section {
        "packages" => "default",
        "dev-packages" => "develop",
        other => other,
    }
}

/// The addresses of sources, by their names.
fn addresses(sources: Option<&Value>) -> HashMap<&str, &str> {
    let sources = sources.into_iter().flat_map(Value::items);
    sources.filter_map(|source| Some((source.text_of("name")?, source.text_of("url")?))).collect()
}

fn judge(manifest: &Source, lock: &Source, verdict: &mut Verdict) {
    let (document, project) = match (json(&lock.text), toml(&manifest.text)) {
        (Ok(document), Ok(project)) => (document, project),
        (document, project) => {
            if let Err(error) = document {
                broken(unreadable(lock, &error, true, ANEW), verdict);
            }
            verdict.reasons.extend(project.err().map(|error| unreadable(manifest, &error, false, MEND)));
            return;
        }
    };
    if document.map().is_none() {
        let what = format!("{} is no object of JSON", lock.path);
        let reason = Reason::new(Drift::Unreadable, Breaks::Strict, what, ANEW);
        return broken(reason.in_lock(lock.whole()), verdict);
    }
    if let Some(spec) = document.at(&["_meta", "pipfile-spec"]).filter(|spec| spec.scalar() != Some(SPEC)) {
        let text = spec.scalar().unwrap_or_default();
        let what = format!("{} is of pipfile-spec {text}; known is {SPEC}", lock.path);
        return verdict.version_unknown(what, lock.place(&spec.span));
    }
    for category in ["default", "develop"] {
        if document.get(category).is_none_or(|value| value.data == Data::Null) {
            let what = format!("{} has no `{category}`", lock.path);
            let reason = Reason::new(Drift::Tampered, Breaks::Rewrite, what, MEND);
            verdict.drift(reason.in_lock(lock.whole()));
        }
    }
    if let Some(unclear) = odd(manifest, &project) {
        verdict.unclear(unclear);
    }
    let Some(hashes) = Hashes::new(&project) else {
        let why = "what Pipenv hashes of the Pipfile has a value that JSON does not have";
        return verdict.unclear(Unclear::at(why, manifest.whole()));
    };
    compare(manifest, lock, &project, &document, &hashes, verdict);
}

/// A lock that cannot be read: today's Pipenv fails of it in everything it does, and leaves it; older ones replace it.
fn broken(reason: Reason, verdict: &mut Verdict) {
    let lock = reason.lock.clone();
    verdict.drift(Reason { breaks: Breaks::Strict, ..reason });
    let why = "whether an ordinary install makes a new lock in the place of a broken one hangs on the version of Pipenv";
    verdict.unclear_for(Breaks::Rewrite, Unclear { why: why.to_owned(), place: lock });
}

/// What makes one Pipenv or another refuse a Pipfile as such.
fn odd(manifest: &Source, project: &Value) -> Option<Unclear> {
    let at = |why: String, value: &Value| Some(Unclear::at(why, manifest.place(&value.span)));
    for source in project.get("source").into_iter().flat_map(Value::items) {
        if let Some(key) = ["name", "url"].into_iter().find(|key| source.text_of(key).is_none()) {
            return at(
                format!("a source of {} has no `{key}`, and Pipenv may refuse that", manifest.path),
                source,
            );
        }
    }
    for section in categories(project) {
        if section.value.map().is_none() {
            return at(format!("`{}` is no table, and Pipenv refuses that", section.key), &section.value);
        }
        for entry in section.value.entries() {
            let name = &entry.key;
            match &entry.value.data {
                Data::Text(_) => {}
                Data::Map(map) => {
                    if let Some(odd) = map.iter().find(|part| !KEYS.contains(&part.key.as_str())) {
                        let why = format!(
                            "{name} has the key `{}`, which newer versions of Pipenv refuse",
                            odd.key
                        );
                        return at(why, &odd.value);
                    }
                }
                _ => return at(format!("{name} is neither a text nor a table"), &entry.value),
            }
        }
    }
    None
}

/// The hash by which Pipenv knows what a lock was made from, as its versions write it.
#[derive(Debug)]
struct Hashes {
    /// From 2026.4 on the names of packages are normalised.
    normalised: String,
    /// From 2022.10.9 on.
    written: String,
    /// Before there were categories.
    two_only: String,
}

impl Hashes {
    /// `None`: Python's JSON has no such value.
    fn new(project: &Value) -> Option<Self> {
        Some(Self {
            normalised: hash(project, true, true)?,
            written: hash(project, false, true)?,
            two_only: hash(project, false, false)?,
        })
    }

    /// Which versions of Pipenv take a lock with this hash.
    fn takers(&self, has: &str) -> Takers {
        match (self.written == has, self.normalised == has) {
            (true, true) => Takers::All,
            (true, false) => Takers::Some("before 2026.4 takes the lock, and a newer one does not"),
            (false, true) => Takers::Some("from 2026.4 on takes the lock, and an older one does not"),
            _ if self.two_only == has => Takers::Some(
                "before 2022.10.9, which knows no categories, takes the lock, and a newer one does not",
            ),
            _ => Takers::None,
        }
    }
}

/// Which versions of Pipenv take a lock.
enum Takers {
    All,
    /// The end of a sentence about Pipenv.
    Some(&'static str),
    None,
}

fn hash(project: &Value, is_normalised: bool, has_categories: bool) -> Option<String> {
    let default = toml(DEFAULT_SOURCE).ok()?;
    let empty = || Json::Map(BTreeMap::new());
    let sources = project.get("source").or_else(|| default.get("source"))?;
    let requires = project.get("requires").map_or_else(empty, Json::Value);
    let meta = canonical::map(vec![("sources", Json::Value(sources)), ("requires", requires)]);
    let mut content =
        canonical::map(vec![("_meta", Json::Map(meta)), ("default", empty()), ("develop", empty())]);
    for section in categories(project) {
        let name = in_lock(&section.key);
        // A category that has the name of one of the two in the lock is not looked at.
        if name == section.key && (!has_categories || matches!(name, "default" | "develop")) {
            continue;
        }
        let packages = match section.value.map() {
            Some(packages) if is_normalised => Json::Map(
                packages
                    .iter()
                    .map(|entry| (canonical_name(&entry.key), Json::Value(&entry.value)))
                    .collect(),
            ),
            _ => Json::Value(&section.value),
        };
        content.insert(name.to_owned(), packages);
    }
    let text = canonical::python(&Json::Map(content), ",", ":")?;
    Some(data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes())))
}

/// The name of a package as Python's `packaging` normalises it, marks at its ends included.
fn canonical_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            _ => out.extend(c.to_lowercase()),
        }
    }
    out
}

fn compare(
    manifest: &Source,
    lock: &Source,
    project: &Value,
    document: &Value,
    hashes: &Hashes,
    verdict: &mut Verdict,
) {
    let meta = document.get("_meta");
    let is_missing = meta
        .is_none_or(|meta| meta.data == Data::Null || (meta.map().is_some() && meta.entries().len() == 0));
    if is_missing {
        // Pipenv writes the metadata of today's Pipfile into such a lock, and takes it.
        let is_one = hashes.written == hashes.normalised;
        let breaks = if is_one { Breaks::Rewrite } else { Breaks::RewriteAndPerhapsStrict };
        let what = format!("{} has no `_meta`", lock.path);
        return verdict.drift(Reason::new(Drift::Tampered, breaks, what, MEND).in_lock(lock.whole()));
    }
    let Some(recorded) = document.at(&["_meta", "hash", "sha256"]).filter(|hash| hash.text().is_some())
    else {
        let what = format!("{} has no hash of {}", lock.path, manifest.path);
        return verdict.drift(Reason::new(Drift::Tampered, Breaks::Both, what, MEND).in_lock(lock.whole()));
    };
    let has = recorded.text().unwrap_or_default();
    let takers = hashes.takers(has);
    match takers {
        Takers::All => {}
        Takers::Some(which) => {
            let why = format!(
                "Pipenv {which}: they hash names of packages that are not in their normal form, and categories, in \
                 different ways"
            );
            verdict.unclear(Unclear::at(why, lock.place(&recorded.span)));
        }
        Takers::None => {
            let what = format!("the hash of {} is not that of {}", lock.path, manifest.path);
            let reason =
                Reason::new(Drift::RecordStale, Breaks::Both, what, MEND).in_manifest(manifest.whole());
            let reason = reason.in_lock(lock.place(&recorded.span));
            verdict.drift(reason.expected(&hashes.normalised).found(has));
        }
    }
    let is_stale = matches!(takers, Takers::None);
    let mut names = Names { manifest, lock, is_stale, verdict };
    for section in categories(project) {
        let category = in_lock(&section.key);
        names.compare(section, category, document.get(category));
    }
}

/// Names the dependencies that are not locked, or not as they are asked for.
struct Names<'a> {
    manifest: &'a Source,
    lock: &'a Source,
    /// Whether the hash is another. Where it is not, Pipenv takes the lock whatever it holds.
    is_stale: bool,
    verdict: &'a mut Verdict,
}

impl Names<'_> {
    fn compare(&mut self, section: &Entry, category: &str, locked: Option<&Value>) {
        let locked: HashMap<String, &Entry> =
            locked.into_iter().flat_map(Value::entries).map(|entry| (normal(&entry.key), entry)).collect();
        for asked in section.value.entries() {
            // Of anything else, a marker for one, what is locked hangs on more than the Pipfile.
            let is_plain = asked.value.entries().all(|part| PLAIN_KEYS.contains(&part.key.as_str()));
            let Some(range) = asked.value.text().or_else(|| asked.value.text_of("version")) else { continue };
            if !is_plain {
                continue;
            }
            let name = normal(&asked.key);
            let Some(found) = locked.get(&name) else {
                let what = format!("{name} is asked for and is not locked in `{category}`");
                self.tell(Drift::NotLocked, what, (asked, range), None);
                continue;
            };
            let version = found.value.text_of("version").and_then(|version| version.strip_prefix("=="));
            let requirement = Requirement::parse(&format!("{name} {range}"));
            let (Some(version), Some(requirement)) = (version, requirement) else { continue };
            if requirement.allows(version) == Some(false) {
                let what = format!("{name} is locked at a version that is not asked for");
                self.tell(Drift::LockedDifferently, what, (asked, range), Some((found, version)));
            }
        }
    }

    fn tell(&mut self, drift: Drift, what: String, asked: (&Entry, &str), found: Option<(&Entry, &str)>) {
        let place = self.manifest.place(&asked.0.span);
        if !self.is_stale {
            let why = format!("{what}, and Pipenv does not see it: the hash is the right one");
            return self.verdict.unclear(Unclear::at(why, place));
        }
        let reason = Reason::new(drift, Breaks::Both, what, MEND).dependency(normal(&asked.0.key));
        let mut reason = reason.in_manifest(place).expected(asked.1);
        if let Some((entry, version)) = found {
            reason = reason.in_lock(self.lock.place(&entry.span)).found(version);
        }
        self.verdict.drift(reason);
    }
}

fn declared(entry: &Entry, kind: Kind, sources: &HashMap<&str, &str>) -> Declared {
    let value = &entry.value;
    let requirement = value.text().or_else(|| value.text_of("version")).unwrap_or_default();
    let other = ["hg", "svn", "bzr"].into_iter().find_map(|key| value.text_of(key));
    let origin = match (value.text_of("index"), other) {
        (_, Some(url)) => Origin::Url { url: url.to_owned(), has_hash: false },
        (Some(index), None) => Origin::Registry(sources.get(index).copied().map(str::to_owned)),
        _ if value.map().is_some() => pyproject::of_table(value),
        _ => Origin::Registry(None),
    };
    let precision = match origin {
        Origin::Registry(_) => pyproject::precision(requirement),
        _ => Precision::None,
    };
    let (name, requirement, span) = (normal(&entry.key), requirement.to_owned(), entry.span.clone());
    Declared { name, requirement, kind, precision, origin, span }
}

fn locked(entry: &Entry, sources: &HashMap<&str, &str>, first: Option<&str>) -> Locked {
    let value = &entry.value;
    let version = value.text_of("version").unwrap_or_default();
    let file = value.text_of("path").or_else(|| value.text_of("file"));
    let other = ["hg", "svn", "bzr"].into_iter().find_map(|key| value.text_of(key));
    let (origin, needs_integrity) = if let Some(url) = value.text_of("git") {
        let commit = value.text_of("ref").filter(|name| python::is_commit(name)).map(str::to_owned);
        (LockedOrigin::Git { url: url.to_owned(), commit }, false)
    } else if let Some(url) = other {
        (LockedOrigin::Url(url.to_owned()), false)
    } else if let Some(file) = file {
        let is_far = file.contains("://") && !file.starts_with("file://");
        let origin =
            if is_far { LockedOrigin::Url(file.to_owned()) } else { LockedOrigin::Path(file.to_owned()) };
        (origin, is_far)
    } else {
        // What names no source comes from the first.
        let address = value.text_of("index").map_or(first, |index| sources.get(index).copied());
        (LockedOrigin::Registry(address.map(str::to_owned)), true)
    };
    let hashes = value.get("hashes").into_iter().flat_map(Value::items);
    let mut integrity: Vec<String> = hashes.filter_map(Value::text).map(str::to_owned).collect();
    integrity.sort();
    Locked {
        name: normal(&entry.key),
        version: version.trim_start_matches('=').to_owned(),
        origin,
        integrity,
        needs_integrity,
        runs_scripts: None,
        is_direct: None,
        span: entry.span.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(text: &str) -> String {
        data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
    }

    fn verdict(manifest: &str, lock: &str) -> Verdict {
        let mut verdict = Verdict::default();
        judge(&Source::new("Pipfile", manifest), &Source::new("Pipfile.lock", lock), &mut verdict);
        verdict
    }

    fn lock(hash: &str, default: &str) -> String {
        format!(
            r#"{{"_meta": {{"hash": {{"sha256": "{hash}"}}, "pipfile-spec": 6}}, "default": {default}, "develop": {{}}}}"#
        )
    }

    #[test]
    fn the_hash_is_over_what_python_writes() {
        let project = toml(
            "[packages]\nSix_B = \"*\"\n[\"caf\u{e9}\"]\na = {version = \"1\", editable = true}\n[scripts]\nx = \"y\"\n",
        );
        let hashes = Hashes::new(&project.unwrap()).unwrap();
        let meta = r#"{"_meta":{"requires":{},"sources":[{"name":"pypi","url":"https://pypi.org/simple","verify_ssl":true}]}"#;
        let category = r#""caf\u00e9":{"a":{"editable":true,"version":"1"}},"#;
        let text =
            |category, name| format!(r#"{meta},{category}"default":{{"{name}":"*"}},"develop":{{}}}}"#);
        assert_eq!(hashes.normalised, digest(&text(category, "six-b")));
        assert_eq!(hashes.written, digest(&text(category, "Six_B")));
        assert_eq!(hashes.two_only, digest(&text("", "Six_B")));
        assert!(Hashes::new(&toml("[packages]\nsix = 2024-01-01\n").unwrap()).is_none());
        assert_eq!(canonical_name("_A.-b"), "-a-b");
    }

    #[test]
    fn what_versions_of_pipenv_do_not_agree_on_cannot_be_told() {
        let manifest = "[packages]\nSix = \"*\"\n";
        let hashes = Hashes::new(&toml(manifest).unwrap()).unwrap();
        let six = r#"{"six": {"version": "==1.17.0"}}"#;
        for (hash, words) in
            [(&hashes.normalised, "from 2026.4 on takes"), (&hashes.written, "before 2026.4 takes")]
        {
            let found = verdict(manifest, &lock(hash, six));
            assert_eq!(found.strict(), crate::lockfile::Answer::CannotTell);
            assert!(found.reasons[0].what.contains(words), "{}", found.reasons[0].what);
        }
    }

    #[test]
    fn a_stale_lock_says_which_dependency() {
        let manifest = "[packages]\nsix = \"<1.15\"\nidna = \"*\"\nwin = {version = \"*\", markers = \"os_name == 'nt'\"}\n";
        let text = lock("00", r#"{"six": {"version": "==1.17.0"}}"#);
        let found: Vec<_> =
            verdict(manifest, &text).reasons.into_iter().map(|one| (one.drift, one.dependency)).collect();
        let named = |drift, name: &str| (Some(drift), Some(name.to_owned()));
        assert_eq!(
            found,
            [
                (Some(Drift::RecordStale), None),
                named(Drift::LockedDifferently, "six"),
                named(Drift::NotLocked, "idna")
            ]
        );
    }

    #[test]
    fn a_lock_without_what_is_asked_for_is_not_called_good() {
        let manifest = "[packages]\nsix = \"*\"\n";
        let hashes = Hashes::new(&toml(manifest).unwrap()).unwrap();
        let good = verdict(manifest, &lock(&hashes.normalised, r#"{"six": {"version": "==1.17.0"}}"#));
        assert_eq!(good.reasons, []);
        let without = verdict(manifest, &lock(&hashes.normalised, "{}"));
        assert_eq!(without.strict(), crate::lockfile::Answer::CannotTell);
        assert!(without.reasons[0].what.contains("six is asked for and is not locked"));
    }

    #[test]
    fn a_pipfile_says_what_it_asks_for() {
        let text = "[[source]]\nname = \"own\"\nurl = \"https://own.example.org\"\n[packages]\nA_b = {version = \"==1\", index = \"own\"}\n\
            [dev-packages]\ng = {git = \"https://git.example.org/g\", ref = \"v1\"}\n[docs]\np = {path = \"./p\", editable = true}\n\
            h = {hg = \"https://hg.example.org/h\"}\n[scripts]\nx = \"y\"\n";
        let found = Pipenv.declared(&Source::new("Pipfile", text)).unwrap();
        let kinds: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.kind, one.precision)).collect();
        assert_eq!(
            kinds,
            [
                ("a-b", Kind::Production, Precision::Exact),
                ("g", Kind::Development, Precision::None),
                ("p", Kind::Optional, Precision::None),
                ("h", Kind::Optional, Precision::None),
            ]
        );
        assert_eq!(found[0].origin, Origin::Registry(Some("https://own.example.org".to_owned())));
        let at = crate::lockfile::GitRef::Name("v1".to_owned());
        assert_eq!(found[1].origin, Origin::Git { url: "https://git.example.org/g".to_owned(), at });
        assert_eq!(found[2].origin, Origin::Path("./p".to_owned()));
    }

    #[test]
    fn a_lock_says_what_it_holds() {
        let text = r#"{"_meta": {"sources": [{"name": "one", "url": "https://one.example.org"}, {"name": "two", "url": "https://two.example.org"}]},
            "default": {"six": {"version": "==1.17.0", "hashes": ["sha256:b", "sha256:a"]},
                "own": {"version": "==1", "index": "two"}, "p": {"path": "./p", "editable": true},
                "g": {"git": "https://git.example.org/g", "ref": "0123456789012345678901234567890123456789"},
                "f": {"file": "https://files.example.org/f.zip"}},
            "develop": {"six": {"version": "==1.17.0"}}}"#;
        let found = Pipenv.locked(&Source::new("Pipfile.lock", text)).unwrap();
        let registry = |host: &str| LockedOrigin::Registry(Some(format!("https://{host}.example.org")));
        let kinds: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.needs_integrity)).collect();
        assert_eq!(kinds, [("six", true), ("own", true), ("p", false), ("g", false), ("f", true)]);
        assert_eq!((found[0].version.as_str(), &found[0].origin), ("1.17.0", &registry("one")));
        assert_eq!(found[0].integrity, ["sha256:a", "sha256:b"]);
        assert_eq!(found[1].origin, registry("two"));
        assert!(matches!(&found[3].origin, LockedOrigin::Git { commit: Some(_), .. }));
        assert_eq!(found[4].origin, LockedOrigin::Url("https://files.example.org/f.zip".to_owned()));
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_text_gets_a_verdict(manifest in "[a-z=\\[\\]{}\"',.\\n 0-9-]{0,120}", text in "[a-z:\\[\\]{}\",_ 0-9]{0,120}") {
            let _ = verdict(&manifest, &text);
            let _ = verdict("[packages]\na = \"*\"\n", &text);
            let _ = verdict(&manifest, &lock("00", "{}"));
            let _ = Pipenv.declared(&Source::new("Pipfile", &manifest));
            let _ = Pipenv.locked(&Source::new("Pipfile.lock", &text));
        }
    }
}
