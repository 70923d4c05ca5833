//! Dart and Flutter: `pubspec.yaml` and `pubspec.lock`, by pub's `entrypoint.dart` and `lock_file.dart`.

use crate::lockfile::data::{Entry, Malformed, Value, yaml};
use crate::lockfile::ecosystem::{
    Breaks, Declared, Drift, Ecosystem, GitRef, Info, Kind, Locked, LockedOrigin, Origin, Pair, Precision,
    Reason, Role, Source, Unclear, Verdict,
};
use crate::lockfile::tree::{Tree, file_name, folder, is_in, join};
use semver::Version;

/// pub.
#[derive(Debug)]
pub(super) struct Pub;

static INFO: Info = Info {
    name: "pub",
    locks: "pubspec.lock",
    manifests: "pubspec.yaml",
    family: "pub",
    make: "dart pub get",
};

const SECTIONS: [(&str, Kind); 2] =
    [("dependencies", Kind::Production), ("dev_dependencies", Kind::Development)];

impl Ecosystem for Pub {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        let role = match file_name(path) {
            "pubspec.yaml" => Role::Manifest,
            "pubspec.lock" => Role::Lock,
            "pubspec_overrides.yaml" => Role::Settings,
            _ => return None,
        };
        (!is_in(path, &[".dart_tool", "build"])).then_some(role)
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let locks = tree.paths().iter().filter(|path| self.role(path) == Some(Role::Lock));
        locks
            .map(|lock| {
                let beside = |name: &str| join(folder(lock), name).filter(|path| tree.has(path));
                let Some(manifest) = beside("pubspec.yaml") else { return Pair::orphan(*lock) };
                let mut pair = Pair::new(manifest, *lock);
                pair.inputs.extend(beside("pubspec_overrides.yaml"));
                pair
            })
            .collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        let (Some(manifest), Some(lock)) = (&pair.manifest, &pair.lock) else { return verdict };
        let mut read = |path: &str| tree.read(path).map_err(|unread| verdict.unread(path, &unread)).ok();
        let (Some(manifest), Some(lock)) = (read(manifest), read(lock)) else { return verdict };
        match (yaml(&manifest.text), yaml(&lock.text)) {
            (Ok(root), Ok(locked)) => {
                let has_overrides = root.get("dependency_overrides").is_some() || !pair.inputs.is_empty();
                if has_overrides
                    || root.get("workspace").is_some()
                    || root.text_of("resolution") == Some("workspace")
                {
                    let why = "overrides and workspaces of pub are not judged";
                    verdict.unclear(Unclear::at(why, manifest.whole()));
                } else {
                    compare((&manifest, &root), (&lock, &locked), &mut verdict);
                }
            }
            (root, locked) => {
                for (source, result) in [(&manifest, root), (&lock, locked)] {
                    if let Err(malformed) = result {
                        let what = format!("{} is not YAML: {}", source.path, malformed.message);
                        let reason = Reason::new(Drift::Unreadable, Breaks::Both, what, INFO.make);
                        verdict.drift(reason.in_lock(source.line(malformed.line)));
                    }
                }
            }
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        let root = yaml(&manifest.text).map_err(|malformed| unclear(manifest, &malformed))?;
        let mut declared = Vec::new();
        for (section, kind) in SECTIONS {
            for entry in root.get(section).into_iter().flat_map(Value::entries) {
                let Some((requirement, origin)) = asked(entry) else { continue };
                declared.push(Declared {
                    name: entry.key.clone(),
                    kind,
                    precision: match (&origin, Range::new(&requirement)) {
                        (Origin::Registry(_), Some(Range { exact: Some(_), .. })) => Precision::Exact,
                        (Origin::Registry(_), Some(Range { low: None, high: None, .. })) => Precision::Any,
                        (Origin::Registry(_), _) => Precision::Range,
                        _ => Precision::None,
                    },
                    requirement,
                    origin,
                    span: entry.span.start..entry.value.span.end,
                });
            }
        }
        Ok(declared)
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let locked = yaml(&lock.text).map_err(|malformed| unclear(lock, &malformed))?;
        let entries = locked.get("packages").into_iter().flat_map(Value::entries);
        let found = entries.map(|entry| {
            let text =
                |key: &str| entry.value.at(&["description", key]).and_then(Value::scalar).map(str::to_owned);
            let origin = match entry.value.text_of("source") {
                Some("git") => {
                    LockedOrigin::Git { url: text("url").unwrap_or_default(), commit: text("resolved-ref") }
                }
                Some("path") => LockedOrigin::Path(text("path").unwrap_or_default()),
                _ => LockedOrigin::Registry(text("url")),
            };
            let integrity: Vec<String> =
                text("sha256").map(|sum| format!("sha256:{sum}")).into_iter().collect();
            let is_hosted = entry.value.text_of("source") == Some("hosted");
            let kind = entry.value.text_of("dependency").unwrap_or_default();
            Locked {
                name: entry.key.clone(),
                version: entry.value.get("version").and_then(Value::scalar).unwrap_or_default().to_owned(),
                needs_integrity: is_hosted && integrity.is_empty(),
                origin,
                integrity,
                runs_scripts: Some(false),
                is_direct: Some(kind.starts_with("direct")),
                span: entry.span.start..entry.value.span.end,
            }
        });
        Ok(found.collect())
    }
}

fn unclear(source: &Source, malformed: &Malformed) -> Unclear {
    Unclear::at(format!("{} is not YAML: {}", source.path, malformed.message), source.line(malformed.line))
}

/// What is asked for, and from where; `None`: from an SDK, which is the machine's.
fn asked(entry: &Entry) -> Option<(String, Origin)> {
    let value = &entry.value;
    if value.map().is_none() {
        return Some((value.scalar().unwrap_or("any").to_owned(), Origin::Registry(None)));
    }
    let version = value.get("version").and_then(Value::scalar).unwrap_or("any").to_owned();
    if value.get("sdk").is_some() {
        return None;
    }
    if let Some(path) = value.text_of("path") {
        return Some((version, Origin::Path(path.to_owned())));
    }
    if let Some(git) = value.get("git") {
        let url = git.text().or_else(|| git.text_of("url")).unwrap_or_default().to_owned();
        let name = git.get("ref").and_then(Value::scalar);
        let is_commit = |name: &str| name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        let at = match name {
            Some(name) if is_commit(name) => GitRef::Commit(name.to_owned()),
            Some(name) => GitRef::Name(name.to_owned()),
            None => GitRef::Default,
        };
        return Some((version, Origin::Git { url, at }));
    }
    let hosted = value.get("hosted");
    let url = hosted.and_then(|hosted| hosted.text().or_else(|| hosted.text_of("url")));
    Some((version, Origin::Registry(url.map(str::to_owned))))
}

fn compare((manifest, root): (&Source, &Value), (lock, locked): (&Source, &Value), verdict: &mut Verdict) {
    let mut names = std::collections::HashSet::new();
    for (section, kind) in SECTIONS {
        for entry in root.get(section).into_iter().flat_map(Value::entries) {
            names.insert(entry.key.as_str());
            let at = manifest.place(&(entry.span.start..entry.value.span.end));
            let drift = |drift: Drift, breaks: Breaks, what: String| {
                Reason::new(drift, breaks, what, INFO.make).dependency(&entry.key).in_manifest(at.clone())
            };
            let Some(known) =
                locked.at(&["packages"]).and_then(Value::map).and_then(|map| map.entry(&entry.key))
            else {
                let what = format!("{section} asks for {}, the lock does not have it", entry.key);
                verdict.drift(drift(Drift::NotLocked, Breaks::Both, what));
                continue;
            };
            let place = lock.place(&known.span);
            let Some((requirement, origin)) = asked(entry) else { continue };
            let source = known.value.text_of("source").unwrap_or_default();
            let expected = match origin {
                Origin::Git { .. } => "git",
                Origin::Path(_) => "path",
                _ => "hosted",
            };
            if source != expected {
                let what =
                    format!("{} is asked for from `{expected}`, the lock has it from `{source}`", entry.key);
                verdict.drift(
                    drift(Drift::LockedDifferently, Breaks::Both, what)
                        .in_lock(place)
                        .expected(expected)
                        .found(source),
                );
                continue;
            }
            let wanted = if kind == Kind::Production { "direct main" } else { "direct dev" };
            let is_kind = known.value.text_of("dependency") == Some(wanted) || kind == Kind::Development;
            if !is_kind {
                let what =
                    format!("{} is in {section}, and the lock wrote it down as something else", entry.key);
                verdict.drift(
                    drift(Drift::RecordStale, Breaks::RewriteAndPerhapsStrict, what)
                        .in_lock(place.clone())
                        .expected(wanted),
                );
            }
            let version = known.value.get("version").and_then(Value::scalar).unwrap_or_default();
            match Range::new(&requirement)
                .zip(Version::parse(version).ok())
                .and_then(|(range, version)| range.allows(&version))
            {
                Some(true) => {}
                Some(false) => {
                    let what =
                        format!("{section} asks for {} `{requirement}`, the lock has {version}", entry.key);
                    verdict.drift(
                        drift(Drift::LockedDifferently, Breaks::Both, what)
                            .in_lock(place)
                            .expected(requirement)
                            .found(version),
                    );
                }
                None => {
                    let why =
                        format!("whether `{requirement}` takes {} {version} is not understood", entry.key);
                    verdict.unclear(Unclear::at(why, at));
                }
            }
        }
    }
    for entry in locked.get("packages").into_iter().flat_map(Value::entries) {
        let is_direct = entry.value.text_of("dependency").is_some_and(|kind| kind.starts_with("direct"));
        if is_direct && !names.contains(entry.key.as_str()) {
            let what = format!("the lock has {} as asked for, and nothing asks for it", entry.key);
            let reason = Reason::new(Drift::NotAskedFor, Breaks::RewriteAndPerhapsStrict, what, INFO.make);
            verdict.drift(reason.dependency(&entry.key).in_lock(lock.place(&entry.span)));
        }
    }
    // What packages need, and where a path or a commit leads, stands in no lock of pub.
    verdict.unclear(Unclear::at("the lock does not say what its packages need", lock.whole()));
}

/// A range of versions, as Dart writes it.
struct Range {
    exact: Option<Version>,
    low: Option<(Version, bool)>,
    high: Option<(Version, bool)>,
}

impl Range {
    fn new(text: &str) -> Option<Self> {
        let mut range = Self { exact: None, low: None, high: None };
        let text = text.trim();
        if matches!(text, "any" | "") {
            return Some(range);
        }
        if let Some(version) = text.strip_prefix('^') {
            let low = Version::parse(version.trim()).ok()?;
            let high = if low.major > 0 {
                Version::new(low.major.checked_add(1)?, 0, 0)
            } else {
                Version::new(0, low.minor.checked_add(1)?, 0)
            };
            (range.low, range.high) = (Some((low, true)), Some((high, false)));
            return Some(range);
        }
        if let Ok(version) = Version::parse(text) {
            range.exact = Some(version);
            return Some(range);
        }
        let mut rest = text;
        while !rest.is_empty() {
            let sign = ["<=", ">=", "<", ">"].into_iter().find(|sign| rest.starts_with(*sign))?;
            let after = rest.strip_prefix(sign)?.trim_start();
            let end = after.find([' ', '<', '>']).unwrap_or(after.len());
            let version = Version::parse(after.get(..end)?).ok()?;
            let bound = Some((version, sign.ends_with('=')));
            if sign.starts_with('>') {
                range.low = bound;
            } else {
                range.high = bound;
            }
            rest = after.get(end..)?.trim_start();
        }
        Some(range)
    }

    /// `None`: it hangs on rules of pre-releases that are not followed here.
    fn allows(&self, version: &Version) -> Option<bool> {
        if let Some(exact) = &self.exact {
            return Some(exact == version);
        }
        if !version.pre.is_empty() || self.high.as_ref().is_some_and(|(high, _)| !high.pre.is_empty()) {
            return None;
        }
        let above = |(low, is_in): &(Version, bool)| version > low || (*is_in && version == low);
        let below = |(high, is_in): &(Version, bool)| version < high || (*is_in && version == high);
        Some(self.low.as_ref().is_none_or(above) && self.high.as_ref().is_none_or(below))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::Answer;
    use proptest::prelude::*;

    const MANIFEST: &str = "name: app\ndependencies:\n  one: ^1.2.0\n  two:\n    git:\n      url: https://git.example.org/two.git\n      ref: v1\n  flutter:\n    sdk: flutter\ndev_dependencies:\n  lints: '>=2.0.0 <4.0.0'\n";
    const LOCK: &str = "packages:\n  flutter:\n    dependency: \"direct main\"\n    description: flutter\n    source: sdk\n    version: \"0.0.0\"\n  lints:\n    dependency: \"direct dev\"\n    description:\n      name: lints\n      sha256: aa\n      url: \"https://pub.example.org\"\n    source: hosted\n    version: \"3.0.0\"\n  one:\n    dependency: \"direct main\"\n    description:\n      name: one\n      url: \"https://pub.example.org\"\n    source: hosted\n    version: \"1.9.1\"\n  two:\n    dependency: \"direct main\"\n    description:\n      ref: v1\n      resolved-ref: \"0a1b\"\n      url: \"https://git.example.org/two.git\"\n    source: git\n    version: \"1.0.0\"\n";

    fn drifts(manifest: &str, lock: &str) -> (Vec<Reason>, Answer) {
        let read = |path: &str, _: u64| {
            Ok(Some(if path == "pubspec.yaml" { manifest } else { lock }.as_bytes().to_vec()))
        };
        let tree = Tree::new(vec!["pubspec.yaml", "pubspec.lock"], &read);
        let verdict = Pub.judge(&tree, &Pub.pairs(&tree)[0]);
        let strict = verdict.strict();
        (verdict.reasons.into_iter().filter(|reason| reason.drift.is_some()).collect(), strict)
    }

    #[test]
    fn what_is_asked_for_is_compared() {
        assert_eq!(drifts(MANIFEST, LOCK), (vec![], Answer::CannotTell));
        let (found, strict) = drifts(&MANIFEST.replace("^1.2.0", "^2.0.0"), LOCK);
        assert_eq!((found[0].drift, strict), (Some(Drift::LockedDifferently), Answer::OutOfSync));
        assert_eq!(found[0].manifest.as_ref().unwrap().line(), Some(3));
        let (found, _) = drifts(&MANIFEST.replace("lints", "tests"), LOCK);
        assert_eq!(
            found.iter().map(|reason| reason.drift).collect::<Vec<_>>(),
            [Some(Drift::NotLocked), Some(Drift::NotAskedFor)]
        );
        let (found, _) = drifts(&MANIFEST.replace("one: ^1.2.0", "one: {path: ../one}"), LOCK);
        assert_eq!(found[0].found.as_deref(), Some("hosted"));
        assert_eq!(
            drifts(&format!("{MANIFEST}dependency_overrides:\n  one: any\n"), LOCK).1,
            Answer::CannotTell
        );
    }

    #[test]
    fn ranges_are_those_of_dart() {
        let allows =
            |range: &str, version: &str| Range::new(range).unwrap().allows(&Version::parse(version).unwrap());
        assert_eq!(allows("^0.0.3", "0.0.9"), Some(true));
        assert_eq!(allows("^0.2.1", "0.3.0"), Some(false));
        assert_eq!(allows(">=1.0.0 <2.0.0", "2.0.0"), Some(false));
        assert_eq!(allows("any", "9.0.0"), Some(true));
        assert_eq!(allows("1.0.0", "1.0.1"), Some(false));
        assert_eq!(allows("^1.0.0", "2.0.0-dev"), None);
        assert!(Range::new("~>1").is_none());
    }

    #[test]
    fn declared_and_locked() {
        let declared = Pub.declared(&Source::new("pubspec.yaml", MANIFEST)).unwrap();
        let rows: Vec<_> = declared.iter().map(|one| (one.name.as_str(), one.kind, one.precision)).collect();
        assert_eq!(
            rows,
            [
                ("one", Kind::Production, Precision::Range),
                ("two", Kind::Production, Precision::None),
                ("lints", Kind::Development, Precision::Range)
            ]
        );
        let locked = Pub.locked(&Source::new("pubspec.lock", LOCK)).unwrap();
        let rows: Vec<_> = locked.iter().map(|one| (one.name.as_str(), one.needs_integrity)).collect();
        assert_eq!(rows, [("flutter", false), ("lints", false), ("one", true), ("two", false)]);
    }

    proptest! {
        #[test]
        fn arbitrary_text_gets_a_verdict(manifest in "\\PC{0,60}", lock in "\\PC{0,60}", range in "[<>=^0-9. a-]{0,20}") {
            let _ = (drifts(&manifest, &lock), Range::new(&range).is_some());
        }
    }
}
