use super::Bun;
use crate::lockfile::{Ecosystem, Kind, LockedOrigin, Origin, Pair, Precision, Source, Tree};
use proptest::prelude::*;

const LOCK: &str = r#"{
  "lockfileVersion": 1,
  "workspaces": {
    "": { "name": "x", "dependencies": { "a": "^1.0.0", "g": "github:o/p", }, },
    "p/m": { "name": "m", "version": "1.0.0", "devDependencies": { "b": "2.0.0", "t": "./t.tgz", }, },
  },
  "packages": {
    "a": ["a@1.2.0", "", { "dependencies": { "b": "^1.0.0" } }, "sha512-YQ=="],
    "b": ["b@1.0.0", "https://registry.example.org/b.tgz", {}, ""],
    "g": ["g@github:o/p#0123abc", {}, "o-p-0123abc"],
    "m": ["m@workspace:p/m"],
    "m/b": ["b@2.0.0", "", {}, "sha512-Yg=="],
    "t": ["t@t.tgz", {}],
    "u": ["u@https://example.org/u.tgz", {}],
  }
}
"#;

fn lock(text: &str) -> Source {
    Source::new("bun.lock", text)
}

#[test]
fn what_is_locked() {
    let locked = Bun.locked(&lock(LOCK)).unwrap();
    let told: Vec<_> = locked.iter().map(|l| (l.name.as_str(), l.version.as_str(), l.is_direct)).collect();
    assert_eq!(
        told,
        [
            ("a", "1.2.0", Some(true)),
            ("b", "1.0.0", Some(true)),
            ("g", "", Some(true)),
            ("b", "2.0.0", Some(true)),
            ("t", "", Some(true)),
            ("u", "", Some(false)),
        ]
    );
    assert_eq!(locked[0].integrity, ["sha512-YQ=="]);
    assert_eq!(locked[0].origin, LockedOrigin::Registry(None));
    assert_eq!(locked[1].origin, LockedOrigin::Registry(Some("https://registry.example.org/b.tgz".into())));
    assert!(locked[1].integrity.is_empty() && locked[1].needs_integrity);
    let git = LockedOrigin::Git { url: "https://github.com/o/p.git".into(), commit: Some("0123abc".into()) };
    assert_eq!((&locked[2].origin, locked[2].needs_integrity), (&git, false));
    assert_eq!(locked[4].origin, LockedOrigin::Path("t.tgz".into()));
    assert_eq!(locked[5].origin, LockedOrigin::Url("https://example.org/u.tgz".into()));
    assert!(LOCK.get(locked[3].span.clone()).unwrap().starts_with("\"m/b\": [\"b@2.0.0\""));
}

#[test]
fn what_is_declared() {
    let text = r#"{"dependencies": {"a": "^1", "g": "github:o/p"}, "devDependencies": {"m": "workspace:*"}}"#;
    let declared = Bun.declared(&Source::new("package.json", text)).unwrap();
    let told: Vec<_> = declared.iter().map(|d| (d.name.as_str(), d.kind, d.precision)).collect();
    assert_eq!(
        told,
        [
            ("a", Kind::Production, Precision::Range),
            ("g", Kind::Production, Precision::None),
            ("m", Kind::Development, Precision::None),
        ]
    );
    assert_eq!(declared[2].origin, Origin::Workspace);
    assert!(Bun.declared(&Source::new("package.json", "{")).is_err());
}

#[test]
fn what_has_no_version_in_its_header_is_no_lock() {
    assert_eq!(
        Bun.locked(&lock("{}")).unwrap_err().why,
        "bun.lock cannot be read: it has no lockfileVersion"
    );
    assert_eq!(Bun.locked(&lock("{\n,")).unwrap_err().place.unwrap().line(), Some(2));
}

#[test]
fn folders_of_packages() {
    let owners = ["a", "@s/a", "a/b", "a/@s/b", "@s/a/b", "@s/a/@t/b"].map(super::owner);
    assert_eq!(owners, ["", "", "a", "a", "@s/a", "@s/a"]);
}

proptest! {
    #[test]
    fn arbitrary_text_gets_a_verdict(at in 0usize..LOCK.len(), end in 0usize..LOCK.len(), text in "\\PC{0,20}") {
        let (start, end) = (at.min(end), at.max(end));
        let (Some(head), Some(tail)) = (LOCK.get(..start), LOCK.get(end..)) else { return Ok(()) };
        let broken = format!("{head}{text}{tail}");
        let read = |path: &str, _: u64| Ok(Some(match path {
            "bun.lock" => broken.clone().into_bytes(),
            _ => br#"{"name": "x", "dependencies": {"a": "^1.0.0"}}"#.to_vec(),
        }));
        let tree = Tree::new(vec!["bun.lock", "package.json"], &read);
        let _ = Bun.judge(&tree, &Pair::new("package.json", "bun.lock"));
        let _ = Bun.locked(&lock(&broken));
    }
}
