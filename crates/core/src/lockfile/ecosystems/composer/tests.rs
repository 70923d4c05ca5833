use super::*;
use crate::lockfile::Answer;
use proptest::prelude::*;

const MANIFEST: &str = r#"{
    "name": "acme/app",
    "require": {"php": ">=8.1", "acme/one": "^1.0", "Acme/Two": "2.3.4"},
    "require-dev": {"acme/dev": "*", "acme/branch": "dev-main#0a1b2c"}
}
"#;

fn lock_of(manifest: &str, packages: &str, dev: &str) -> String {
    let hash = content_hash(&json(manifest).unwrap());
    format!(
        "{{\n\"content-hash\": \"{hash}\",\n\"packages\": [\n{packages}\n],\n\"packages-dev\": [\n{dev}\n],\n\
         \"minimum-stability\": \"dev\"\n}}\n"
    )
}

const ONE: &str = r#"{"name": "acme/one", "version": "v1.2.0", "require": {"acme/two": "^2"}, "type": "composer-plugin",
    "dist": {"type": "zip", "url": "https://dist.example.org/one.zip", "reference": "0a1b", "shasum": ""}}"#;
const TWO: &str = r#"{"name": "acme/two", "version": "2.3.4", "dist": {"type": "zip",
    "url": "https://dist.example.org/two.zip", "shasum": "aa"}}"#;
const DEV: &str = r#"{"name": "acme/dev", "version": "1.0.0", "dist": {"type": "path", "url": "packages/dev"}},
    {"name": "acme/branch", "version": "dev-main", "source": {"type": "git", "url": "https://git.example.org/b", "reference": "0a1b2c"}}"#;

fn judge(manifest: &str, lock: &str) -> Verdict {
    let read = |path: &str, _: u64| {
        Ok(Some(if path == "composer.json" { manifest } else { lock }.as_bytes().to_vec()))
    };
    let tree = Tree::new(vec!["composer.json", "composer.lock"], &read);
    Composer.judge(&tree, &Pair::new("composer.json", "composer.lock"))
}

#[test]
fn a_lock_that_goes_with_its_manifest_is_in_sync() {
    let lock = lock_of(MANIFEST, &format!("{ONE},\n{TWO}"), DEV);
    let verdict = judge(MANIFEST, &lock);
    assert_eq!(verdict.reasons, []);
}

#[test]
fn what_is_missing_is_said_with_its_lines() {
    let lock = lock_of(MANIFEST, ONE, DEV);
    let verdict = judge(MANIFEST, &lock);
    let [root, needed] = verdict.reasons.as_slice() else { panic!("{verdict:?}") };
    assert_eq!(root.drift, Some(Drift::NotLocked));
    assert_eq!(root.what, "require asks for acme/two `2.3.4`, the lock does not have it");
    assert_eq!(root.manifest.as_ref().unwrap().line(), Some(3));
    assert_eq!(root.mend, "composer update acme/two --with-dependencies");
    assert_eq!(needed.drift, Some(Drift::LockIncomplete));
    assert_eq!(needed.lock.as_ref().unwrap().line(), Some(4));
    assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::OutOfSync, Answer::OutOfSync));
}

#[test]
fn another_manifest_is_another_hash_and_nothing_more() {
    let lock = lock_of(MANIFEST, &format!("{ONE},\n{TWO}"), DEV);
    let verdict = judge(&MANIFEST.replace("^1.0", "^1.1"), &lock);
    assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::InSync, Answer::OutOfSync));
    assert_eq!(verdict.reasons[0].drift, Some(Drift::RecordStale));
    let without = lock.replace("content-hash", "hash");
    let verdict = judge(MANIFEST, &without);
    assert_eq!(verdict.rewrite(), Answer::OutOfSync, "the hash of old locks is that of the file");
}

#[test]
fn a_newer_composer_is_not_taken_for_this_one() {
    let lock = lock_of(MANIFEST, &format!("{ONE},\n{TWO}"), DEV)
        .replace("{\n\"content", "{\n\"plugin-api-version\": \"3.0.0\",\n\"content");
    let verdict = judge(MANIFEST, &lock);
    assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::CannotTell, Answer::CannotTell));
}

#[test]
fn what_composer_does_not_read_is_not_judged() {
    let manifest = MANIFEST.replace("\"name\"", "\"config\": {\"lock\": false}, \"name\"");
    assert_eq!(judge(&manifest, "{}").strict(), Answer::CannotTell);
}

#[test]
fn declared_and_locked() {
    let declared = Composer.declared(&Source::new("composer.json", MANIFEST)).unwrap();
    let rows: Vec<_> = declared.iter().map(|d| (d.name.as_str(), d.kind, d.precision)).collect();
    assert_eq!(
        rows,
        [
            ("acme/one", Kind::Production, Precision::Range),
            ("acme/two", Kind::Production, Precision::Exact),
            ("acme/dev", Kind::Development, Precision::Any),
            ("acme/branch", Kind::Development, Precision::Any),
        ]
    );
    let lock = lock_of(MANIFEST, &format!("{ONE},\n{TWO}"), DEV);
    let locked = Composer.locked(&Source::new("composer.lock", &lock)).unwrap();
    let [one, two, dev, branch] = locked.as_slice() else { panic!("{locked:?}") };
    assert_eq!((one.runs_scripts, one.needs_integrity), (Some(true), false));
    assert_eq!(
        (two.integrity.as_slice(), two.runs_scripts),
        (["sha1:aa".to_owned()].as_slice(), Some(false))
    );
    assert_eq!(dev.origin, LockedOrigin::Path("packages/dev".to_owned()));
    assert!(matches!(&branch.origin, LockedOrigin::Git { commit: Some(commit), .. } if commit == "0a1b2c"));
}

#[test]
fn packages_of_this_tree_need_no_lock() {
    let root =
        r#"{"repositories": [{"type": "path", "url": "packages/*"}, {"type": "path", "url": "../lib"}]}"#;
    let read = |path: &str, _: u64| {
        Ok(Some(if path == "app/composer.json" { root } else { "{}" }.as_bytes().to_vec()))
    };
    let paths = vec![
        "app/composer.json",
        "app/composer.lock",
        "app/packages/a/composer.json",
        "app/packages/a/b/composer.json",
        "lib/composer.json",
        "lib/vendor/composer.lock",
        "other/composer.lock",
    ];
    let tree = Tree::new(paths, &read);
    let pairs = Composer.pairs(&tree);
    assert_eq!(pairs.len(), 2);
    assert_eq!(pairs[0].members, ["app/packages/a/composer.json", "lib/composer.json"]);
    assert_eq!(pairs[1], Pair::orphan("other/composer.lock"));
}

proptest! {
    #[test]
    fn arbitrary_text_gets_a_verdict(manifest in "\\PC{0,60}", lock in "\\PC{0,60}") {
        let _ = judge(&manifest, &lock).strict();
        let _ = Composer.declared(&Source::new("composer.json", &manifest));
        let _ = Composer.locked(&Source::new("composer.lock", &lock));
    }
}
