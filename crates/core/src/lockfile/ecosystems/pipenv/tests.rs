use super::hash::canonical_name;
use super::*;
use sha2::{Digest, Sha256};

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
    let text = |category, name| format!(r#"{meta},{category}"default":{{"{name}":"*"}},"develop":{{}}}}"#);
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
    let manifest =
        "[packages]\nsix = \"<1.15\"\nidna = \"*\"\nwin = {version = \"*\", markers = \"os_name == 'nt'\"}\n";
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
