//! The Swift Package Manager: `Package.swift` and `Package.resolved`.
//!
//! A Package.swift is a program. From version 3 on the lock has a hash of its text (`originHash`, in `SwiftPM`'s
//! `Workspace+Dependencies.swift`): where that is another, the packages are resolved again.

use crate::lockfile::data::{Value, json};
use crate::lockfile::ecosystem::{
    Breaks, Declared, Drift, Ecosystem, Info, Locked, LockedOrigin, Pair, Reason, Role, Source, Unclear,
    Verdict,
};
use crate::lockfile::tree::{Tree, file_name, folder, is_in};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// The Swift Package Manager.
#[derive(Debug)]
pub(super) struct SwiftPm;

static INFO: Info = Info {
    name: "swiftpm",
    locks: "Package.resolved",
    manifests: "Package.swift",
    family: "swiftpm",
    make: "swift package resolve",
};

impl Ecosystem for SwiftPm {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        let name = file_name(path);
        let role = match name {
            "Package.swift" => Role::Manifest,
            // That of an Xcode workspace hangs on the project file, which is not read.
            "Package.resolved" if !is_in(path, &["xcshareddata"]) => Role::Lock,
            _ if name.starts_with("Package@swift-") && name.ends_with(".swift") => Role::Settings,
            _ => return None,
        };
        Some(role)
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let locks = tree.paths().iter().filter(|path| self.role(path) == Some(Role::Lock));
        locks
            .map(|lock| {
                let manifest = format!("{}.swift", lock.trim_end_matches(".resolved"));
                if !tree.has(&manifest) {
                    return Pair::orphan(*lock);
                }
                let home = folder(lock);
                let others = tree
                    .under(home)
                    .iter()
                    .filter(|path| folder(path) == home && self.role(path) == Some(Role::Settings));
                let mut pair = Pair::new(manifest, *lock);
                pair.inputs = others.map(|path| (*path).to_owned()).collect();
                pair
            })
            .collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        let (Some(manifest), Some(path)) = (&pair.manifest, &pair.lock) else { return verdict };
        let lock = match tree.read(path) {
            Ok(lock) => lock,
            Err(unread) => {
                verdict.unread(path, &unread);
                return verdict;
            }
        };
        let locked = match json(&lock.text) {
            Ok(locked) => locked,
            Err(malformed) => {
                let what = format!("{} is not JSON: {}", lock.path, malformed.message);
                let reason = Reason::new(Drift::Unreadable, Breaks::Both, what, INFO.make);
                verdict.drift(reason.in_lock(lock.line(malformed.line)));
                return verdict;
            }
        };
        let version = locked.get("version").and_then(Value::scalar).unwrap_or_default();
        match (version, locked.text_of("originHash")) {
            ("3", Some(found)) => {
                let mut expected = Vec::new();
                for path in std::iter::once(manifest).chain(&pair.inputs) {
                    match tree.bytes(path) {
                        Ok(bytes) => expected.push(HEXLOWER.encode(&Sha256::digest(bytes))),
                        Err(unread) => verdict.unread(path, &unread),
                    }
                }
                if verdict.reasons.is_empty() && !expected.iter().any(|hash| hash == found) {
                    let what = "the lock was resolved from another Package.swift: their hashes differ";
                    let reason =
                        Reason::new(Drift::RecordStale, Breaks::RewriteAndPerhapsStrict, what, INFO.make);
                    let place =
                        locked.get("originHash").map_or_else(|| lock.whole(), |hash| lock.place(&hash.span));
                    let reason = reason.in_lock(place).found(found).expected(expected.join(" or "));
                    verdict.drift(reason);
                }
            }
            ("1" | "2" | "3", _) => {
                let why = "the lock has no hash of Package.swift, which is a program";
                verdict.unclear(Unclear::at(why, lock.whole()));
            }
            (version, _) => {
                verdict.version_unknown(format!("the lock is of version `{version}`"), lock.whole());
            }
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        Err(Unclear::at("a Package.swift is a program, and is not read", manifest.whole()))
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let locked = json(&lock.text).map_err(|malformed| {
            let why = format!("{} is not JSON: {}", lock.path, malformed.message);
            Unclear::at(why, lock.line(malformed.line))
        })?;
        let pins = locked.get("pins").or_else(|| locked.at(&["object", "pins"]));
        let found = pins.into_iter().flat_map(Value::items).filter_map(|pin| {
            let state = |key: &str| pin.at(&["state", key]).and_then(Value::text).map(str::to_owned);
            let location =
                pin.text_of("location").or_else(|| pin.text_of("repositoryURL")).unwrap_or_default();
            let origin = match pin.text_of("kind") {
                Some("registry") => LockedOrigin::Registry(None),
                Some("localSourceControl") => LockedOrigin::Path(location.to_owned()),
                _ => LockedOrigin::Git { url: location.to_owned(), commit: state("revision") },
            };
            Some(Locked {
                name: pin.text_of("identity").or_else(|| pin.text_of("package"))?.to_owned(),
                version: state("version").or_else(|| state("branch")).unwrap_or_default(),
                needs_integrity: false,
                origin,
                integrity: Vec::new(),
                runs_scripts: None,
                is_direct: None,
                span: pin.span.clone(),
            })
        });
        Ok(found.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::Answer;

    const PACKAGE: &str = "// swift-tools-version:5.9\nimport PackageDescription\n";

    fn judge(lock: &str) -> Verdict {
        let read = |path: &str, _: u64| {
            Ok(Some(if path == "Package.swift" { PACKAGE } else { lock }.as_bytes().to_vec()))
        };
        let tree = Tree::new(vec!["Package.swift", "Package.resolved"], &read);
        SwiftPm.judge(&tree, &SwiftPm.pairs(&tree)[0])
    }

    fn lock(version: u32, hash: &str) -> String {
        format!(
            "{{\"originHash\": \"{hash}\", \"version\": {version}, \"pins\": [{{\"identity\": \"a\", \"kind\": \"remoteSourceControl\", \"location\": \"https://git.example.org/a\", \"state\": {{\"revision\": \"0a1b\", \"version\": \"1.2.0\"}}}}]}}"
        )
    }

    #[test]
    fn the_hash_of_the_manifest_decides() {
        let hash = HEXLOWER.encode(&Sha256::digest(PACKAGE));
        assert_eq!(judge(&lock(3, &hash)).reasons, []);
        let verdict = judge(&lock(3, "00"));
        assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::CannotTell, Answer::OutOfSync));
        assert_eq!(judge(&lock(2, "")).rewrite(), Answer::CannotTell);
        assert_eq!(judge(&lock(9, "")).reasons[0].drift, Some(Drift::VersionUnknown));
        assert_eq!(judge("{").strict(), Answer::OutOfSync);
    }

    #[test]
    fn locked() {
        let locked = SwiftPm.locked(&Source::new("Package.resolved", &lock(3, ""))).unwrap();
        assert_eq!((locked[0].name.as_str(), locked[0].version.as_str()), ("a", "1.2.0"));
        assert!(
            matches!(&locked[0].origin, LockedOrigin::Git { commit: Some(commit), .. } if commit == "0a1b")
        );
    }
}
