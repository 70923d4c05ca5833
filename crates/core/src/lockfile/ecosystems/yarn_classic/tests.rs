use super::*;
use crate::lockfile::Answer;
use proptest::prelude::*;

const MANIFEST: &str = r#"{"name": "x", "dependencies": {"a": "^1.0.0", "b": "npm:c@^2"}}"#;

const TEXT: &str = r#"# yarn lockfile v1


a@^1.0.0:
  version "1.2.0"
  resolved "https://registry.example.org/a/-/a-1.2.0.tgz#0123"
  dependencies:
    d "1"

"b@npm:c@^2":
  version "2.0.0"
  resolved "https://registry.example.org/c/-/c-2.0.0.tgz#0123"
  integrity sha512-AA==

"d@1":
  version "1.0.0"
  resolved "git+https://git.example.org/d.git#0123"
"#;

fn verdict(manifest: &str, lock: &str) -> Verdict {
    let read =
        |path: &str, _: u64| Ok(Some(if path == "yarn.lock" { lock } else { manifest }.as_bytes().to_vec()));
    let tree = Tree::new(vec!["package.json", "yarn.lock"], &read);
    let pairs = YarnClassic.pairs(&tree);
    YarnClassic.judge(&tree, &pairs[0])
}

#[test]
fn what_is_in_sync_has_no_reason() {
    assert_eq!(verdict(MANIFEST, TEXT).reasons, []);
}

#[test]
fn reasons_say_where() {
    let told = verdict(&MANIFEST.replace("^1.0.0", "^1.1.0"), TEXT);
    assert_eq!((told.strict(), told.rewrite()), (Answer::OutOfSync, Answer::OutOfSync));
    let whats: Vec<&str> = told.reasons.iter().map(|reason| reason.what.as_str()).collect();
    assert_eq!(
        whats,
        [
            "a ^1.1.0, asked for, is not in the lock",
            "a@^1.0.0 is in the lock and nothing asks for it",
            "d@1 is in the lock and nothing asks for it"
        ]
    );
    assert_eq!(told.reasons[0].manifest.as_ref().unwrap().line(), Some(1));
    assert_eq!(told.reasons[1].lock.as_ref().unwrap().line(), Some(4));
}

#[test]
fn a_lock_of_a_later_yarn_is_left_to_it() {
    let read = |_: &str, _: u64| Ok(Some(b"__metadata:\n  version: 8\n".to_vec()));
    let tree = Tree::new(vec!["package.json", "yarn.lock"], &read);
    assert_eq!(YarnClassic.pairs(&tree), []);
}

#[test]
fn what_a_lock_holds() {
    let locked = YarnClassic.locked(&Source::new(LOCK, TEXT)).unwrap();
    let told: Vec<_> =
        locked.iter().map(|l| (l.name.as_str(), l.version.as_str(), l.integrity.join(" "))).collect();
    assert_eq!(
        told,
        [
            ("a", "1.2.0", "sha1:0123".to_owned()),
            ("c", "2.0.0", "sha512-AA==".to_owned()),
            ("d", "1.0.0", "sha1:0123".to_owned())
        ]
    );
    assert!(matches!(&locked[0].origin, LockedOrigin::Registry(Some(url)) if url.ends_with("a-1.2.0.tgz")));
}

proptest! {
    #[test]
    fn arbitrary_text_gets_a_verdict(text in "(a@\\^1\\.0\\.0:|\"|,|:| |  |version|\n|\\PC){0,30}") {
        let _ = verdict(MANIFEST, &text);
        let _ = verdict(&text, TEXT);
    }
}
