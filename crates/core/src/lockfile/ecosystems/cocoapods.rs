//! `CocoaPods`: `Podfile` and `Podfile.lock`.
//!
//! A Podfile is a program. The lock has the SHA-1 of its text (`PODFILE CHECKSUM`, in `CocoaPods`' `Core/podfile.rb`): where
//! that is another, `pod install` writes the lock anew, be it for a comment.

use crate::lockfile::data::{Value, yaml};
use crate::lockfile::ecosystem::{
    Breaks, Declared, Drift, Ecosystem, Info, Locked, LockedOrigin, Pair, Reason, Role, Source, Unclear,
    Verdict,
};
use crate::lockfile::tree::{Tree, file_name, is_in};
use data_encoding::HEXLOWER;
use sha1::{Digest as _, Sha1};

/// `CocoaPods`.
#[derive(Debug)]
pub(super) struct CocoaPods;

static INFO: Info = Info {
    name: "cocoapods",
    locks: "Podfile.lock",
    manifests: "Podfile",
    family: "cocoapods",
    make: "pod install",
};

impl Ecosystem for CocoaPods {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        let role = match file_name(path) {
            "Podfile" => Role::Manifest,
            "Podfile.lock" => Role::Lock,
            _ => return None,
        };
        (!is_in(path, &["Pods", "node_modules"])).then_some(role)
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let locks = tree.paths().iter().filter(|path| self.role(path) == Some(Role::Lock));
        locks
            .map(|lock| {
                let manifest = lock.trim_end_matches(".lock");
                if tree.has(manifest) { Pair::new(manifest, *lock) } else { Pair::orphan(*lock) }
            })
            .collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        let (Some(manifest), Some(lock)) = (&pair.manifest, &pair.lock) else { return verdict };
        let mut read = |path: &str| tree.read(path).map_err(|unread| verdict.unread(path, &unread)).ok();
        let (Some(manifest), Some(lock)) = (read(manifest), read(lock)) else { return verdict };
        let locked = match yaml(&lock.text) {
            Ok(locked) => locked,
            Err(malformed) => {
                let what = format!("{} is not YAML: {}", lock.path, malformed.message);
                let reason = Reason::new(Drift::Unreadable, Breaks::Both, what, INFO.make);
                verdict.drift(reason.in_lock(lock.line(malformed.line)));
                return verdict;
            }
        };
        // A checksum of digits alone is a number to YAML.
        let Some((value, found)) =
            locked.get("PODFILE CHECKSUM").and_then(|value| Some((value, value.scalar()?)))
        else {
            let why = "the lock has no checksum of the Podfile, which is a program";
            verdict.unclear(Unclear::at(why, lock.whole()));
            return verdict;
        };
        let expected = HEXLOWER.encode(&Sha1::digest(manifest.text.as_bytes()));
        if expected != found {
            let what = "the lock was made from another Podfile: their checksums differ";
            let reason = Reason::new(Drift::RecordStale, Breaks::RewriteAndPerhapsStrict, what, INFO.make);
            let reason = reason.in_manifest(manifest.whole()).in_lock(lock.place(&value.span));
            verdict.drift(reason.expected(expected).found(found));
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        Err(Unclear::at("a Podfile is a program, and is not read", manifest.whole()))
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let locked = yaml(&lock.text).map_err(|malformed| {
            let why = format!("{} is not YAML: {}", lock.path, malformed.message);
            Unclear::at(why, lock.line(malformed.line))
        })?;
        let direct: std::collections::HashSet<&str> = locked
            .get("DEPENDENCIES")
            .into_iter()
            .flat_map(Value::items)
            .filter_map(Value::scalar)
            .map(|text| text.split(" (").next().unwrap_or(text))
            .collect();
        let mut found = Vec::new();
        for item in locked.get("PODS").into_iter().flat_map(Value::items) {
            let text = item.scalar().or_else(|| item.entries().next().map(|entry| entry.key.as_str()));
            let Some(text) = text else { continue };
            let (name, version) = text.split_once(" (").unwrap_or((text, ""));
            let pod = name.split('/').next().unwrap_or(name);
            let of = |section: &str, key: &str| {
                locked.at(&[section, pod, key]).and_then(Value::scalar).map(str::to_owned)
            };
            let origin = if let Some(path) = of("EXTERNAL SOURCES", ":path") {
                LockedOrigin::Path(path)
            } else if let Some(url) = of("EXTERNAL SOURCES", ":git") {
                LockedOrigin::Git { url, commit: of("CHECKOUT OPTIONS", ":commit") }
            } else if let Some(url) = of("EXTERNAL SOURCES", ":podspec") {
                LockedOrigin::Url(url)
            } else {
                LockedOrigin::Registry(None)
            };
            let sum = locked.at(&["SPEC CHECKSUMS", pod]).and_then(Value::scalar);
            let integrity: Vec<String> = sum.map(|sum| format!("sha1:{sum}")).into_iter().collect();
            found.push(Locked {
                name: name.to_owned(),
                version: version.trim_end_matches(')').to_owned(),
                needs_integrity: integrity.is_empty() && matches!(origin, LockedOrigin::Registry(_)),
                origin,
                integrity,
                runs_scripts: None,
                is_direct: Some(direct.contains(name)),
                span: item.span.clone(),
            });
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::Answer;

    const PODFILE: &str = "target 'App' do\n  pod 'One', '~> 1.0'\nend\n";

    fn lock(sum: &str) -> String {
        format!(
            "PODS:\n  - One (1.2.0):\n    - Two/Core (= 2.0)\n  - Two/Core (2.0)\n\nDEPENDENCIES:\n  - One (~> 1.0)\n\nSPEC CHECKSUMS:\n  One: aa\n  Two: bb\n\nPODFILE CHECKSUM: {sum}\n\nCOCOAPODS: 1.15.2\n"
        )
    }

    fn judge(lock: &str) -> Verdict {
        let read =
            |path: &str, _: u64| Ok(Some(if path == "Podfile" { PODFILE } else { lock }.as_bytes().to_vec()));
        let tree = Tree::new(vec!["Podfile", "Podfile.lock"], &read);
        CocoaPods.judge(&tree, &Pair::new("Podfile", "Podfile.lock"))
    }

    #[test]
    fn the_checksum_of_the_podfile_decides() {
        let sum = HEXLOWER.encode(&Sha1::digest(PODFILE));
        assert_eq!(judge(&lock(&sum)).reasons, []);
        let verdict = judge(&lock("00aa"));
        assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::CannotTell, Answer::OutOfSync));
        assert_eq!(judge("PODS: []\n").rewrite(), Answer::CannotTell);
        assert_eq!(judge("PODS: [\n").strict(), Answer::OutOfSync);
    }

    #[test]
    fn locked() {
        let locked = CocoaPods.locked(&Source::new("Podfile.lock", &lock("aa"))).unwrap();
        let rows: Vec<_> =
            locked.iter().map(|pod| (pod.name.as_str(), pod.version.as_str(), pod.is_direct)).collect();
        assert_eq!(rows, [("One", "1.2.0", Some(true)), ("Two/Core", "2.0", Some(false))]);
        assert_eq!(locked[1].integrity, ["sha1:bb"]);
    }
}
