//! Helm: `Chart.yaml` and `Chart.lock`, before Helm 3 `requirements.yaml` and `requirements.lock`.
//!
//! The lock has a digest of the dependencies of both files (`HashReq` in Helm's `internal/resolver`): `helm dependency build`
//! refuses where it is another.

use crate::lockfile::canonical::go_text;
use crate::lockfile::data::{Malformed, Value, yaml};
use crate::lockfile::ecosystem::{
    Breaks, Declared, Drift, Ecosystem, Info, Kind, Locked, LockedOrigin, Origin, Pair, Precision, Reason,
    Role, Source, Unclear, Verdict,
};
use crate::lockfile::tree::{Tree, file_name};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// Helm 2 and 3.
#[derive(Debug)]
pub(super) struct Helm;

static INFO: Info = Info {
    name: "helm",
    locks: "Chart.lock, requirements.lock",
    manifests: "Chart.yaml, requirements.yaml",
    family: "helm",
    make: "helm dependency update",
};

impl Ecosystem for Helm {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        match file_name(path) {
            "Chart.yaml" | "requirements.yaml" => Some(Role::Manifest),
            "Chart.lock" | "requirements.lock" => Some(Role::Lock),
            _ => None,
        }
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let locks = tree.paths().iter().filter(|path| self.role(path) == Some(Role::Lock));
        locks
            .filter_map(|lock| {
                let manifest = format!("{}.yaml", lock.trim_end_matches(".lock"));
                // Python has files of requirements too; that of a chart stands beside its Chart.yaml.
                let is_chart = lock.ends_with("Chart.lock")
                    || tree.has(&format!("{}Chart.yaml", lock.trim_end_matches("requirements.lock")));
                is_chart.then(|| {
                    if tree.has(&manifest) { Pair::new(manifest, *lock) } else { Pair::orphan(*lock) }
                })
            })
            .collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        let (Some(manifest), Some(lock)) = (&pair.manifest, &pair.lock) else { return verdict };
        let mut read = |path: &str| tree.read(path).map_err(|unread| verdict.unread(path, &unread)).ok();
        let (Some(manifest), Some(lock)) = (read(manifest), read(lock)) else { return verdict };
        match (yaml(&manifest.text), yaml(&lock.text)) {
            (Ok(root), Ok(locked)) => compare((&manifest, &root), (&lock, &locked), &mut verdict),
            (root, locked) => {
                for (source, result) in [(&manifest, root), (&lock, locked)] {
                    if let Err(malformed) = result {
                        verdict.drift(unreadable(source, &malformed));
                    }
                }
            }
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        let root = yaml(&manifest.text).map_err(|malformed| unclear(manifest, &malformed))?;
        let declared = dependencies(&root).filter_map(|value| {
            let requirement = value.get("version").and_then(Value::scalar).unwrap_or_default().to_owned();
            let repository = value.text_of("repository").unwrap_or_default();
            let path = repository.strip_prefix("file://");
            Some(Declared {
                name: value.text_of("name")?.to_owned(),
                kind: Kind::Production,
                precision: match semver::Version::parse(requirement.trim_start_matches(['v', '='])) {
                    _ if path.is_some() => Precision::None,
                    Ok(_) => Precision::Exact,
                    Err(_) if matches!(requirement.as_str(), "" | "*" | "x") => Precision::Any,
                    Err(_) => Precision::Range,
                },
                origin: match path {
                    Some(path) => Origin::Path(path.to_owned()),
                    None => Origin::Registry((!repository.is_empty()).then(|| repository.to_owned())),
                },
                requirement,
                span: value.span.clone(),
            })
        });
        Ok(declared.collect())
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let locked = yaml(&lock.text).map_err(|malformed| unclear(lock, &malformed))?;
        let found = dependencies(&locked).filter_map(|value| {
            let repository = value.text_of("repository").unwrap_or_default();
            Some(Locked {
                name: value.text_of("name")?.to_owned(),
                version: value.get("version").and_then(Value::scalar).unwrap_or_default().to_owned(),
                origin: match repository.strip_prefix("file://") {
                    Some(path) => LockedOrigin::Path(path.to_owned()),
                    None => LockedOrigin::Registry((!repository.is_empty()).then(|| repository.to_owned())),
                },
                integrity: Vec::new(),
                // Helm's lock has no hash of any chart.
                needs_integrity: false,
                runs_scripts: Some(false),
                is_direct: Some(true),
                span: value.span.clone(),
            })
        });
        Ok(found.collect())
    }
}

fn dependencies(root: &Value) -> impl Iterator<Item = &Value> {
    root.get("dependencies").into_iter().flat_map(Value::items)
}

fn unreadable(source: &Source, malformed: &Malformed) -> Reason {
    let what = format!("{} is not YAML: {}", source.path, malformed.message);
    Reason::new(Drift::Unreadable, Breaks::Both, what, INFO.make).in_lock(source.line(malformed.line))
}

fn unclear(source: &Source, malformed: &Malformed) -> Unclear {
    Unclear::at(format!("{} is not YAML: {}", source.path, malformed.message), source.line(malformed.line))
}

fn compare((manifest, root): (&Source, &Value), (lock, locked): (&Source, &Value), verdict: &mut Verdict) {
    let named = |value: &&Value| {
        value.text_of("repository").is_some_and(|url| url.starts_with('@') || url.starts_with("alias:"))
    };
    if let Some(value) = dependencies(root).find(named) {
        let why = "a repository is named by an alias, which stands in the settings of each user";
        verdict.unclear(Unclear::at(why, manifest.place(&value.span)));
        return;
    }
    let Some(digest) = locked.get("digest").filter(|digest| digest.text().is_some()) else {
        let reason = Reason::new(Drift::Tampered, Breaks::Both, "the lock has no `digest`", INFO.make);
        verdict.drift(reason.in_lock(lock.whole()));
        return;
    };
    let (Some(asked), Some(known)) = (list(root), list(locked)) else {
        let why = "a dependency has a value that Helm would not take";
        verdict.unclear(Unclear::at(why, manifest.whole()));
        return;
    };
    let found = digest.text().unwrap_or_default();
    let hash = |text: &str| format!("sha256:{}", HEXLOWER.encode(&Sha256::digest(text)));
    let expected = hash(&format!("[{asked},{known}]"));
    // Helm 2 left the lock out.
    let is_old = manifest.path.ends_with("requirements.yaml")
        && hash(&format!("{{\"dependencies\":{asked}}}")) == found;
    if found == expected || is_old {
        return;
    }
    let what = "the lock was made from other dependencies: their digests differ";
    let reason = Reason::new(Drift::RecordStale, Breaks::Both, what, INFO.make);
    verdict.drift(
        reason
            .in_manifest(manifest.whole())
            .in_lock(lock.place(&digest.span))
            .expected(expected)
            .found(found),
    );
    differences((manifest, root), (lock, locked), verdict);
}

/// Which of the dependencies it is, as far as that can be seen.
fn differences(
    (manifest, root): (&Source, &Value),
    (lock, locked): (&Source, &Value),
    verdict: &mut Verdict,
) {
    let of = |root| {
        let named = dependencies(root).filter_map(|value| Some((value.text_of("name")?, value)));
        named.collect::<HashMap<&str, &Value>>()
    };
    let (asked, known) = (of(root), of(locked));
    for (name, value) in &asked {
        if !known.contains_key(name) {
            let what = format!("{name} is asked for, the lock does not have it");
            let reason = Reason::new(Drift::NotLocked, Breaks::Both, what, INFO.make);
            verdict.drift(reason.dependency(*name).in_manifest(manifest.place(&value.span)));
        }
    }
    for (name, value) in known.iter().filter(|(name, _)| !asked.contains_key(*name)) {
        let what = format!("the lock has {name}, which nothing asks for");
        let reason = Reason::new(Drift::NotAskedFor, Breaks::Both, what, INFO.make);
        verdict.drift(reason.dependency(*name).in_lock(lock.place(&value.span)));
    }
}

/// The dependencies as Go writes the list of them; `None`: one has a value of a kind that it has not.
fn list(root: &Value) -> Option<String> {
    let Some(value) =
        root.get("dependencies").filter(|value| !matches!(value.data, crate::lockfile::data::Data::Null))
    else {
        return Some("null".to_owned());
    };
    let mut out = String::from("[");
    for (at, dependency) in value.items().enumerate() {
        if at > 0 {
            out.push(',');
        }
        one(dependency, &mut out)?;
    }
    out.push(']');
    Some(out)
}

fn one(dependency: &Value, out: &mut String) -> Option<()> {
    let text = |key: &str| dependency.get(key).and_then(Value::scalar).unwrap_or_default();
    out.push_str("{\"name\":");
    go_text(text("name"), out);
    for (key, is_always) in [("version", false), ("repository", true), ("condition", false)] {
        if is_always || !text(key).is_empty() {
            go_text_field(key, text(key), out);
        }
    }
    if let Some(tags) = dependency.get("tags").filter(|tags| tags.items().len() > 0) {
        out.push_str(",\"tags\":");
        json(tags, out, 0)?;
    }
    if dependency.get("enabled").and_then(Value::bool) == Some(true) {
        out.push_str(",\"enabled\":true");
    }
    if let Some(values) = dependency.get("import-values").filter(|values| values.items().len() > 0) {
        out.push_str(",\"import-values\":");
        json(values, out, 0)?;
    }
    if !text("alias").is_empty() {
        go_text_field("alias", text("alias"), out);
    }
    out.push('}');
    Some(())
}

fn go_text_field(key: &str, value: &str, out: &mut String) {
    out.push(',');
    go_text(key, out);
    out.push(':');
    go_text(value, out);
}

/// Go sorts the keys of a map. Numbers are written in ways of their own: nobody has them here.
fn json(value: &Value, out: &mut String, depth: usize) -> Option<()> {
    use crate::lockfile::data::Data;
    match &value.data {
        Data::Text(text) => go_text(text, out),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::List(items) if depth < 8 => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                json(item, out, depth + 1)?;
            }
            out.push(']');
        }
        Data::Map(map) if depth < 8 => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|one, two| one.key.cmp(&two.key));
            out.push('{');
            for (at, entry) in entries.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                go_text(&entry.key, out);
                out.push(':');
                json(&entry.value, out, depth + 1)?;
            }
            out.push('}');
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::Answer;
    use proptest::prelude::*;

    const CHART: &str = "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n- name: db\n  version: \">=1.0 <2\"\n  repository: https://charts.example.org\n  condition: db.enabled\n  import-values:\n  - child: a\n    parent: b\n- name: own\n  version: 0.1.0\n  repository: file://../own\n";

    /// The text that is hashed, from the documented struct of Helm.
    const HASHED: &str = "[[{\"name\":\"db\",\"version\":\"\\u003e=1.0 \\u003c2\",\"repository\":\"https://charts.example.org\",\"condition\":\"db.enabled\",\"import-values\":[{\"child\":\"a\",\"parent\":\"b\"}]},{\"name\":\"own\",\"version\":\"0.1.0\",\"repository\":\"file://../own\"}],[{\"name\":\"db\",\"version\":\"1.4.2\",\"repository\":\"https://charts.example.org\"},{\"name\":\"own\",\"version\":\"0.1.0\",\"repository\":\"file://../own\"}]]";

    fn lock() -> String {
        let digest = HEXLOWER.encode(&Sha256::digest(HASHED));
        format!(
            "dependencies:\n- name: db\n  repository: https://charts.example.org\n  version: 1.4.2\n- name: own\n  repository: file://../own\n  version: 0.1.0\ndigest: sha256:{digest}\ngenerated: \"2026-01-01T00:00:00Z\"\n"
        )
    }

    fn judge(chart: &str, lock: &str) -> Verdict {
        let read = |path: &str, _: u64| {
            Ok(Some(if path == "Chart.yaml" { chart } else { lock }.as_bytes().to_vec()))
        };
        let tree = Tree::new(vec!["Chart.yaml", "Chart.lock"], &read);
        Helm.judge(&tree, &Pair::new("Chart.yaml", "Chart.lock"))
    }

    #[test]
    fn the_digest_says_whether_they_agree() {
        assert_eq!(judge(CHART, &lock()).reasons, []);
        let verdict = judge(&CHART.replace("<2", "<3"), &lock());
        assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::OutOfSync, Answer::OutOfSync));
        let verdict = judge(&CHART.replace("name: own", "name: other"), &lock());
        assert!(verdict.reasons.iter().any(|reason| reason.drift == Some(Drift::NotLocked)));
        assert_eq!(
            judge(&CHART.replace("https://charts.example.org", "\"@mine\""), &lock()).strict(),
            Answer::CannotTell
        );
    }

    #[test]
    fn declared_and_locked() {
        let declared = Helm.declared(&Source::new("Chart.yaml", CHART)).unwrap();
        assert_eq!((declared[0].precision, declared[1].precision), (Precision::Range, Precision::None));
        let locked = Helm.locked(&Source::new("Chart.lock", &lock())).unwrap();
        assert_eq!(
            (locked[0].version.as_str(), &locked[1].origin),
            ("1.4.2", &LockedOrigin::Path("../own".to_owned()))
        );
    }

    proptest! {
        #[test]
        fn arbitrary_text_gets_a_verdict(chart in "\\PC{0,60}", lock in "\\PC{0,60}") {
            let _ = judge(&chart, &lock).strict();
        }
    }
}
