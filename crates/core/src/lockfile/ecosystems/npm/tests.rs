use super::*;
use crate::lockfile::{Answer, LockedOrigin, Want, survey};
use proptest::prelude::*;

const MANIFEST: &str = r#"{"name": "x", "version": "1.0.0", "dependencies": {"a": "^1.0.0"}}"#;

const LOCK_TEXT: &str = r#"{
  "name": "x", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
  "packages": {
    "": {"name": "x", "version": "1.0.0", "dependencies": {"a": "^1.0.0"}},
    "node_modules/a": {"version": "1.2.0", "resolved": "https://registry.example.org/a/-/a-1.2.0.tgz",
      "integrity": "sha512-AAAA", "hasInstallScript": true, "dependencies": {"b": "2"}},
    "node_modules/a/node_modules/b": {"name": "c", "version": "2.0.0", "resolved": "git+ssh://git@git.example.org/c.git#0123"}
  }
}"#;

fn verdict(files: &[(&str, &str)]) -> Verdict {
    let read = |path: &str, _: u64| {
        Ok(files.iter().find(|(name, _)| *name == path).map(|(_, text)| text.as_bytes().to_vec()))
    };
    let tree = Tree::new(files.iter().map(|(path, _)| *path).collect(), &read);
    let pairs = Npm.pairs(&tree);
    Npm.judge(&tree, &pairs[0])
}

#[test]
fn reasons_have_both_places_and_what_stands_there() {
    let manifest = MANIFEST.replace("^1.0.0", "^2.0.0");
    let verdict = verdict(&[("package.json", &manifest), ("package-lock.json", LOCK_TEXT)]);
    assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::OutOfSync, Answer::OutOfSync));
    let [reason] = verdict.reasons.as_slice() else { panic!("{verdict:?}") };
    assert_eq!(reason.drift, Some(Drift::LockedDifferently));
    assert_eq!(reason.what, "a ^2.0.0, asked for, is locked at 1.2.0");
    assert_eq!((reason.expected.as_deref(), reason.found.as_deref()), (Some("^2.0.0"), Some("1.2.0")));
    let lines = [&reason.manifest, &reason.lock].map(|place| place.as_ref().unwrap().line());
    assert_eq!(lines, [Some(1), Some(5)]);
}

#[test]
fn what_is_in_sync_has_no_reason() {
    let verdict = verdict(&[("w/package.json", MANIFEST), ("w/package-lock.json", LOCK_TEXT)]);
    assert_eq!(verdict.reasons, []);
}

#[test]
fn settings_and_members_belong_to_the_pair() {
    let root = r#"{"workspaces": ["p/*"], "dependencies": {"v": "file:./v"}}"#;
    let files = [
        ".npmrc",
        "package-lock.json",
        "package.json",
        "p/a/package.json",
        "v/package.json",
        "q/package-lock.json",
    ];
    let read = |path: &str, _: u64| {
        Ok(Some(if path == "package.json" { root.as_bytes().to_vec() } else { b"{}".to_vec() }))
    };
    let tree = Tree::new(files.to_vec(), &read);
    let pairs = Npm.pairs(&tree);
    assert_eq!(pairs[0].members, ["p/a/package.json", "v/package.json"]);
    assert_eq!(pairs[0].inputs, [".npmrc"]);
    assert_eq!(pairs[1], Pair::orphan("q/package-lock.json"));
    let records = survey(&tree, &Want { ecosystems: Some(&["npm"]), touched: None });
    assert_eq!(records.len(), 2, "{records:?}");
}

#[test]
fn what_is_installed_is_nobodys() {
    assert_eq!(Npm.role("node_modules/a/package-lock.json"), None);
    assert_eq!(Npm.role("a/npm-shrinkwrap.json"), Some(Role::Lock));
    assert_eq!(Npm.role("a/package.json"), Some(Role::Manifest));
}

#[test]
fn what_a_lock_holds() {
    let locked = Npm.locked(&Source::new(LOCK, LOCK_TEXT)).unwrap();
    let [a, c] = locked.as_slice() else { panic!("{locked:?}") };
    assert_eq!((a.name.as_str(), a.version.as_str()), ("a", "1.2.0"));
    assert_eq!((a.is_direct, a.runs_scripts, a.needs_integrity), (Some(true), Some(true), true));
    assert_eq!(a.integrity, ["sha512-AAAA"]);
    assert!(matches!(&a.origin, LockedOrigin::Registry(Some(url)) if url.ends_with("a-1.2.0.tgz")));
    assert_eq!((c.name.as_str(), c.is_direct, c.needs_integrity), ("c", Some(false), false));
    assert!(matches!(&c.origin, LockedOrigin::Git { commit: Some(commit), .. } if commit == "0123"));
}

#[test]
fn what_an_old_lock_holds() {
    let text = r#"{"lockfileVersion": 1, "dependencies": {
        "a": {"version": "1.0.0", "resolved": "https://registry.example.org/a/-/a-1.0.0.tgz", "dependencies": {
            "b": {"version": "npm:c@2.0.0"}}},
        "d": {"version": "git+https://git.example.org/d.git#0123"}}}"#;
    let locked = Npm.locked(&Source::new(LOCK, text)).unwrap();
    let told: Vec<_> =
        locked.iter().map(|l| (l.name.as_str(), l.version.as_str(), l.needs_integrity)).collect();
    assert_eq!(told, [("a", "1.0.0", true), ("c", "2.0.0", true), ("d", "", false)]);
}

#[test]
fn a_lock_that_is_not_read_is_told() {
    let member = r#"{"name": "m"}"#;
    let root = r#"{"workspaces": ["m"]}"#;
    let verdict =
        verdict(&[("m/package-lock.json", LOCK_TEXT), ("m/package.json", member), ("package.json", root)]);
    assert_eq!(verdict.strict(), Answer::CannotTell);
    assert!(verdict.reasons[0].what.contains("the lock of the workspace of package.json"));
}

proptest! {
    #[test]
    fn arbitrary_text_gets_a_verdict(lock in "[\\[\\]{}\":,a-z0-9/^ ]{0,80}", cut in 0..LOCK_TEXT.len()) {
        let _ = verdict(&[("package.json", MANIFEST), ("package-lock.json", &lock)]);
        let _ = verdict(&[("package.json", MANIFEST), ("package-lock.json", LOCK_TEXT.get(..cut).unwrap_or_default())]);
        let _ = Npm.locked(&Source::new(LOCK, &lock));
    }
}
