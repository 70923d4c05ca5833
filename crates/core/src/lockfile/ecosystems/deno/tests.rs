use super::*;
use crate::lockfile::{Answer, ECOSYSTEMS, survey};
use proptest::prelude::*;
use std::collections::BTreeMap;

const LOCK: &str = r#"{
  "version": "5",
  "specifiers": {
    "jsr:@s/x@1": "1.1.0",
    "npm:a@^1.2.0": "1.2.3_b@2.0.0"
  },
  "jsr": {
    "@s/x@1.1.0": {
      "integrity": "00ff",
      "dependencies": ["npm:a"]
    }
  },
  "npm": {
    "a@1.2.3_b@2.0.0": {
      "integrity": "sha512-YQ==",
      "dependencies": ["b", "c@npm:d@3.0.0"],
      "scripts": true
    },
    "b@2.0.0": {
      "integrity": "sha512-Yg==",
      "tarball": "https://registry.example.org/b.tgz"
    },
    "d@3.0.0": {}
  },
  "remote": {
    "https://example.org/x.ts": "aa"
  },
  "workspace": {
    "dependencies": ["jsr:@s/x@1", "npm:a@^1.2.0"]
  }
}
"#;

const CONFIG: &str = r#"{
  // comments are read
  "imports": {
    "a": "npm:a@1.2.x",
    "x/": "jsr:/@s/x@^1.0.0/",
    "here": "./here.ts",
    "far": "https://example.org/x.ts",
  },
  "compilerOptions": { "types": ["npm:@types/t", "./t.d.ts"] },
}
"#;

fn judge(files: &BTreeMap<&str, String>) -> Verdict {
    let read = |path: &str, _: u64| Ok(files.get(path).map(|text| text.clone().into_bytes()));
    let tree = Tree::new(files.keys().copied().collect(), &read);
    let mut all = Verdict::default();
    for pair in Deno.pairs(&tree) {
        all.reasons.extend(Deno.judge(&tree, &pair).reasons);
    }
    all
}

#[test]
fn what_is_declared() {
    let declared = Deno.declared(&Source::new("deno.jsonc", CONFIG)).unwrap();
    let told: Vec<_> = declared.iter().map(|d| (d.name.as_str(), d.precision)).collect();
    assert_eq!(
        told,
        [
            ("a", Precision::Range),
            ("@s/x", Precision::Range),
            ("https://example.org/x.ts", Precision::None),
            ("@types/t", Precision::Any),
        ]
    );
    assert!(CONFIG.get(declared[0].span.clone()).unwrap().starts_with("\"a\": \"npm:a@1.2.x\""));
    let exact =
        Deno.declared(&Source::new("deno.json", r#"{"imports": {"a": "npm:a@1.2.3/x.js"}}"#)).unwrap();
    assert_eq!((exact[0].name.as_str(), exact[0].precision), ("a", Precision::Exact));
    let package = r#"{"devDependencies": {"a": "^1"}}"#;
    let package = Deno.declared(&Source::new("package.json", package)).unwrap();
    assert_eq!((package[0].name.as_str(), package[0].kind), ("a", Kind::Development));
    assert!(Deno.declared(&Source::new("deno.json", "{")).is_err());
}

#[test]
fn what_is_locked() {
    let locked = Deno.locked(&Source::new("deno.lock", LOCK)).unwrap();
    let told: Vec<_> =
        locked.iter().map(|l| (l.name.as_str(), l.version.as_str(), l.is_direct, l.runs_scripts)).collect();
    assert_eq!(
        told,
        [
            ("@s/x", "1.1.0", Some(true), Some(false)),
            ("a", "1.2.3", Some(true), Some(true)),
            ("b", "2.0.0", Some(false), Some(false)),
            ("d", "3.0.0", Some(false), Some(false)),
            ("https://example.org/x.ts", "", None, Some(false)),
        ]
    );
    assert_eq!(locked[0].integrity, ["sha256:00ff"]);
    assert_eq!(locked[1].integrity, ["sha512-YQ=="]);
    assert_eq!(
        locked[2].origin,
        LockedOrigin::Registry(Some("https://registry.example.org/b.tgz".to_owned()))
    );
    assert!(locked[3].integrity.is_empty() && locked[3].needs_integrity);
    assert_eq!(locked[4].origin, LockedOrigin::Url("https://example.org/x.ts".to_owned()));
    let first = r#"{"https://example.org/x.ts": "aa"}"#;
    assert_eq!(Deno.locked(&Source::new("deno.lock", first)).unwrap().len(), 1);
    assert!(Deno.locked(&Source::new("deno.lock", r#"{"version": "6"}"#)).is_err());
}

#[test]
fn a_requirement_that_changed_is_told_with_both_places() {
    let mut files: BTreeMap<&str, String> =
        [("deno.json", CONFIG.to_owned()), ("deno.lock", LOCK.to_owned())].into();
    let verdict = judge(&files);
    let told: Vec<_> = verdict.reasons.iter().map(|r| (r.drift, r.dependency.as_deref())).collect();
    assert_eq!(verdict.strict(), Answer::OutOfSync);
    // `1.2.x` is no `^1.2.0`, and the lock has nothing of the types.
    assert!(told.contains(&(Some(Drift::LockedDifferently), Some("a"))), "{told:?}");
    assert!(told.contains(&(Some(Drift::NotLocked), Some("@types/t"))), "{told:?}");
    let changed = verdict.reasons.iter().find(|r| r.drift == Some(Drift::LockedDifferently)).unwrap();
    assert_eq!(
        (changed.expected.as_deref(), changed.found.as_deref()),
        (Some("npm:a@1.2.x"), Some("npm:a@^1.2.0"))
    );
    assert_eq!(changed.manifest.as_ref().and_then(crate::lockfile::Place::line), Some(4));
    assert_eq!(changed.lock.as_ref().and_then(crate::lockfile::Place::line), Some(29));
    assert_eq!(changed.mend, MEND);
    files.insert("deno.json", r#"{"imports": {"a": "npm:a@^1.2.0/", "x": "jsr:@s/x@1"}}"#.to_owned());
    assert_eq!(judge(&files), Verdict::default());
}

#[test]
fn what_another_lock_says_is_not_judged() {
    let config = r#"{"imports": {"a": "npm:a@^1.2.0", "x": "jsr:@s/x@1"}, "lock": OTHER}"#;
    for (lock, is_read) in [
        ("true", true),
        ("\"./deno.lock\"", true),
        ("{\"frozen\": true}", true),
        ("false", false),
        ("\"x.lock\"", false),
    ] {
        let files = [("deno.json", config.replace("OTHER", lock)), ("deno.lock", LOCK.to_owned())].into();
        let expected = if is_read { Answer::InSync } else { Answer::CannotTell };
        assert_eq!(judge(&files).strict(), expected, "{lock}");
    }
    let below = |above: &str, text: &str| {
        let config = config.replace("OTHER", "true");
        let lock = LOCK.to_owned();
        let files = [(above, text.to_owned()), ("m/deno.json", config), ("m/deno.lock", lock)].into();
        judge(&files).strict()
    };
    assert_eq!(below("deno.json", r#"{"workspace": ["./m"]}"#), Answer::CannotTell);
    assert_eq!(below("deno.json", r#"{"workspace": ["./n", "!./o"]}"#), Answer::InSync);
    // Deno reads what stands above before it decides.
    assert_eq!(below("deno.json", "{"), Answer::CannotTell);
    assert_eq!(below("package.json", "{"), Answer::CannotTell);
    assert_eq!(below("package.json", r#"{"workspaces": ["+(m)*"]}"#), Answer::CannotTell);
}

#[test]
fn members_that_are_not_known_are_not_compared() {
    let recorded = r#""members": {"m": {"dependencies": ["jsr:@s/x@1", "npm:a@^1.2.0"]}}"#;
    let lock = LOCK.replace(r#""dependencies": ["jsr:@s/x@1", "npm:a@^1.2.0"]"#, recorded);
    let mut files: BTreeMap<&str, String> = [
        ("deno.json", r#"{"workspace": ["./m", "!./n"]}"#.to_owned()),
        ("m/deno.json", r#"{"imports": {"a": "npm:a@^1.2.0", "x": "jsr:@s/x@1"}}"#.to_owned()),
        ("n/deno.json", r#"{"imports": {"b": "npm:b@2"}}"#.to_owned()),
        ("deno.lock", lock),
    ]
    .into();
    let verdict = judge(&files);
    assert_eq!(
        (verdict.strict(), verdict.rewrite()),
        (Answer::CannotTell, Answer::CannotTell),
        "{verdict:?}"
    );
    files.insert("deno.json", r#"{"workspace": ["./m"]}"#.to_owned());
    assert_eq!(judge(&files), Verdict::default());
}

#[test]
fn what_deno_refuses_is_drift() {
    let strict = |config: &str, lock: &str| {
        judge(&[("deno.json", config.to_owned()), ("deno.lock", lock.to_owned())].into()).strict()
    };
    let imports = r#""imports": {"a": "npm:a@^1.2.0", "x": "jsr:@s/x@1"}"#;
    for (workspace, answer) in [
        ("[]", Answer::InSync),
        ("null", Answer::InSync),
        ("[1]", Answer::OutOfSync),
        ("\"m\"", Answer::OutOfSync),
        ("{}", Answer::OutOfSync),
        ("{\"members\": \"m\"}", Answer::OutOfSync),
    ] {
        let config = format!("{{{imports}, \"workspace\": {workspace}}}");
        assert_eq!(strict(&config, LOCK), answer, "{workspace}");
    }
    let nameless = LOCK.replace("@s/x@1.1.0\": {", "@s/x\": {");
    assert_eq!(strict(&format!("{{{imports}}}"), &nameless), Answer::OutOfSync);
}

#[test]
fn addresses_are_looked_for_in_the_import_map_as_well() {
    let strict = |imports: &str| {
        let map = format!("{{\"imports\": {{\"a\": \"npm:a@^1.2.0\", \"x\": \"jsr:@s/x@1\", {imports}}}}}");
        let own = [("deno.json", map.clone()), ("deno.lock", LOCK.to_owned())].into();
        let config = r#"{"importMap": "map.json"}"#.to_owned();
        let beside = [("deno.json", config), ("map.json", map), ("deno.lock", LOCK.to_owned())].into();
        (judge(&own).strict(), judge(&beside).strict())
    };
    let (is_same, is_open) = ((Answer::InSync, Answer::InSync), (Answer::CannotTell, Answer::CannotTell));
    assert_eq!(strict(r#""far": "https://example.org/x.ts""#), is_same);
    assert_eq!(strict(r#""far": "https://example.org/y.ts""#), is_open);
    assert_eq!(strict(r#""far/": "https://example.org/far/""#), is_same);
}

#[test]
fn pairs_of_a_workspace() {
    let files: BTreeMap<&str, &str> = [
        ("deno.lock", LOCK),
        ("deno.jsonc", r#"{"workspace": ["./m", "p/*", "../x"], "importMap": "map.json"}"#),
        ("map.json", r#"{"imports": {}}"#),
        ("m/deno.json", "{}"),
        ("p/q/package.json", "{}"),
        ("other/deno.lock", LOCK),
        ("web/package.json", r#"{"dependencies": {"a": "1"}}"#),
        ("web/deno.lock", LOCK),
    ]
    .into();
    let read = |path: &str, _: u64| Ok(files.get(path).map(|text| text.as_bytes().to_vec()));
    let tree = Tree::new(files.keys().copied().collect(), &read);
    let pairs = Deno.pairs(&tree);
    let root = pairs.iter().find(|pair| pair.lock.as_deref() == Some("deno.lock")).unwrap();
    assert_eq!(root.manifest.as_deref(), Some("deno.jsonc"));
    // A member outside leaves the members open, and that is said; a change of one that is named is judged all the same.
    assert_eq!(root.members, ["m/deno.json", "p/q/package.json"]);
    assert_eq!(root.inputs, ["map.json"]);
    let verdict = Deno.judge(&tree, root);
    assert!(verdict.reasons.iter().any(|reason| reason.what.contains("../x")), "{verdict:?}");
    assert!(pairs.contains(&Pair::orphan("other/deno.lock")));
    assert!(pairs.iter().any(|pair| pair.manifest.as_deref() == Some("web/package.json")));
}

#[test]
fn a_manifest_of_deno_alone_is_missed_its_lock() {
    let files: BTreeMap<&str, &str> =
        [("deno.json", CONFIG), ("web/package.json", r#"{"dependencies": {"a": "1"}}"#)].into();
    let read = |path: &str, _: u64| Ok(files.get(path).map(|text| text.as_bytes().to_vec()));
    let tree = Tree::new(files.keys().copied().collect(), &read);
    let records = survey(&tree, &crate::lockfile::Want::default());
    let told: Vec<_> = records.iter().map(|r| (r.ecosystem, r.pair.manifest.as_deref().unwrap())).collect();
    // The settings of Deno above say whose the package.json is.
    assert_eq!(told, [("deno", "deno.json"), ("deno", "web/package.json")]);
    assert!(ECOSYSTEMS.iter().any(|ecosystem| ecosystem.info().name == "deno"));
}

#[test]
fn requirements_are_compared_by_what_they_stand_for() {
    let npm = |text: &str| requirement::Versions::parse(text, Spelling::Npm);
    for (one, other) in [
        ("^3.0.0", "3"),
        ("3.x", "3"),
        ("~1.2", "1.2.x"),
        (">=1.0.0 <2.0.0", "1"),
        ("1.0.0 - 1.0", "1.0"),
        ("=1.2.3", "v1.2.3"),
        (">=1.2.3, <1.3", "~1.2.3"),
        ("", "*"),
        ("^0.0.3", ">=0.0.3 <0.0.4"),
        ("1||2", "1 || 2"),
    ] {
        assert_eq!(npm(one).unwrap(), npm(other).unwrap(), "{one} {other}");
    }
    for (one, other) in
        [("^3.0.1", "3"), ("1 || 2", "2 || 1"), ("1.2.3+a", "1.2.3"), ("latest", "*"), (">1", ">=1")]
    {
        assert_ne!(npm(one).unwrap(), npm(other).unwrap(), "{one} {other}");
    }
    let invalid = Err(requirement::Unread::Invalid);
    assert_eq!(npm("owner/project"), invalid);
    for text in ["^1 || 2", ">=1", "01", "1.2.3.4", ""] {
        assert_eq!(requirement::Versions::parse(text, Spelling::Specifier), invalid, "{text}");
    }
}

#[test]
fn a_version_does_or_does_not() {
    let does = |asked: &str, version: &str| Asked::of_package("a", asked).unwrap().unwrap().does(version);
    for (asked, version) in
        [("^1", "1.9.0"), ("~1.2.3", "1.2.9"), ("^1.0.0-rc.1", "1.0.0-rc.2"), ("<2 || 3", "3.1.0")]
    {
        assert_eq!(does(asked, version), Some(true), "{asked} {version}");
    }
    for (asked, version) in
        [("^1", "2.0.0"), ("^1", "1.0.0-rc.1"), (">1.0.0-rc.10", "1.0.0-rc.9"), ("<1.0.0", "1.0.0")]
    {
        assert_eq!(does(asked, version), Some(false), "{asked} {version}");
    }
    assert_eq!(does("latest", "1.0.0"), None);
    assert!(Asked::of_package("a", "file:../a").is_none() && Asked::of_package("a", "github:o/p").is_none());
    let jsr = Asked::of_package("x", "jsr:@s/y@^1").unwrap().unwrap();
    assert_eq!(jsr.name, "@jsr/s__y");
}

proptest! {
    #[test]
    fn arbitrary_requirements_are_read(text in "[0-9x*^~<>=|.v &,+a/@:-]{0,24}|\\PC{0,24}") {
        for spelling in [Spelling::Npm, Spelling::Specifier, Spelling::Record] {
            let one = requirement::Versions::parse(&text, spelling);
            prop_assert_eq!(&one, &requirement::Versions::parse(&text, spelling));
            let _ = Asked::parse(&format!("npm:{text}"), spelling);
        }
        if let Some(Ok(asked)) = Asked::of_package("a", &text) {
            let _ = asked.does("1.2.3-rc.1");
        }
    }

    #[test]
    fn arbitrary_text_gets_a_verdict(at in 0..LOCK.len(), cut in 0..200usize, put in "[{}\\[\\]\",:0-9a-z@]{0,8}") {
        let end = (at + cut).min(LOCK.len());
        let lock = format!("{}{put}{}", LOCK.get(..at).unwrap_or_default(), LOCK.get(end..).unwrap_or_default());
        let files = [("deno.json", CONFIG.to_owned()), ("deno.lock", lock.clone())].into();
        for reason in judge(&files).reasons {
            prop_assert!(!reason.what.is_empty());
        }
        let _ = Deno.locked(&Source::new("deno.lock", &lock));
    }
}
