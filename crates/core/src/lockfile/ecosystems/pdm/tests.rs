use super::*;
use crate::lockfile::Answer;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

fn digest(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

fn verdict(files: &[(&str, &str)]) -> Verdict {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    let read = |path: &str, _: u64| Ok(files.get(path).map(|text| text.as_bytes().to_vec()));
    let tree = Tree::new(files.keys().copied().collect(), &read);
    let pair = Pdm.pairs(&tree).into_iter().find(|pair| pair.lock.as_deref() == Some("pdm.lock"));
    Pdm.judge(&tree, &pair.unwrap())
}

fn lock(version: &str, hash: &str, rest: &str) -> String {
    format!("[metadata]\nlock_version = \"{version}\"\ncontent_hash = \"sha256:{hash}\"\n{rest}")
}

const PROJECT: &str = "[project]\nname = \"app\"\nrequires-python = \">=3.11\"\ndependencies = [\"six>=1\", \"x\u{e9}\"]\n\
    [dependency-groups]\nA_b = [\"one\", {include-group = \"c\"}]\nc = []\n\
    [tool.pdm.dev-dependencies]\na-b = [\"two\"]\n\
    [tool.pdm.resolution]\nrespect-source-order = true\noverrides = {two = \"1\"}\n";

#[test]
fn the_hash_is_over_what_python_writes() {
    let project = toml(PROJECT).unwrap();
    let start = "{\"dependencies\": [\"six>=1\", \"x\\u00e9\"], \"dev-dependencies\": ";
    let rest = "\"requires-python\": \">=3.11\"";
    let one = format!(
        "{start}{{\"a-b\": [\"two\"]}}, \"optional-dependencies\": {{}}, \"overrides\": {{\"two\": \"1\"}}, {rest}, \"sources\": []}}"
    );
    assert_eq!(of_project(&project, Form::Overrides), Ok(digest(&one)));
    let resolution =
        "\"resolution\": {\"overrides\": {\"two\": \"1\"}, \"respect-source-order\": true}, \"sources\": []}";
    let two = format!("{start}{{\"a-b\": [\"two\"]}}, \"optional-dependencies\": {{}}, {rest}, {resolution}");
    assert_eq!(of_project(&project, Form::Resolution), Ok(digest(&two)));
    let groups = "{\"a-b\": [\"one\", {\"include-group\": \"c\"}, \"two\"], \"c\": []}";
    let three = format!("{start}{groups}, \"optional-dependencies\": {{}}, {rest}, {resolution}");
    assert_eq!(of_project(&project, Form::Groups), Ok(digest(&three)));
    let old = toml("[project]\nname = \"a\"\n[tool.pdm.overrides]\nsix = \"1\"\n").unwrap();
    let old_text = "{\"dependencies\": [], \"dev-dependencies\": {}, \"optional-dependencies\": {}, \"overrides\": {\"six\": \"1\"}, \"requires-python\": \"\", \"sources\": []}";
    assert_eq!(of_project(&old, Form::Overrides), Ok(digest(old_text)));
    assert!(matches!(of_project(&toml("[tool.poetry]\n").unwrap(), Form::Groups), Err(Failed::Unclear(_))));
    let repeated = toml("[project]\nname = \"a\"\n[dependency-groups]\na_b = []\nA-b = []\n").unwrap();
    assert_eq!(of_project(&repeated, Form::Groups), Err(Failed::Repeated("a-b".to_owned())));
    assert_eq!(group_name("A__b \u{e9}c"), "a-b-c");
}

#[test]
fn the_members_of_a_workspace_count() {
    let root =
        "[project]\nname = \"app\"\n[tool.pdm.workspace]\nmembers = [\"packages/*\", \"./tool\", \"none\"]\n";
    let member = "[project]\nname = \"member\"\n";
    let [one, two] = [root, member].map(|text| of_project(&toml(text).unwrap(), Form::Workspace).unwrap());
    let whole = digest(&format!("{one}\0packages/a\0{two}\0tool\0{two}"));
    let text = lock("4.5.1", &whole, "strategy = [\"inherit_metadata\"]\n");
    let mut files = vec![
        ("pyproject.toml", root),
        ("pdm.lock", &*text),
        ("packages/a/pyproject.toml", member),
        ("packages/a/b/pyproject.toml", member),
        ("tool/pyproject.toml", member),
    ];
    assert_eq!(verdict(&files).reasons, []);
    files.push(("packages/c/pyproject.toml", member));
    assert_eq!(verdict(&files).strict(), Answer::OutOfSync);
    let deep = root.replace("packages/*", "packages/**");
    files[0].1 = &deep;
    assert_eq!(verdict(&files).strict(), Answer::CannotTell);
    let outside = root.replace("./tool", "../tool");
    files[0].1 = &outside;
    assert_eq!(verdict(&files).strict(), Answer::CannotTell);
}

#[test]
fn a_lock_is_read_as_its_version_says() {
    let project = toml(PROJECT).unwrap();
    let hash = |form| of_project(&project, form).unwrap();
    let strict = |version: &str, hash: &str| {
        verdict(&[("pyproject.toml", PROJECT), ("pdm.lock", &lock(version, hash, "groups = []\n"))]).strict()
    };
    assert_eq!(strict("4.4.1", &hash(Form::Overrides)), Answer::InSync);
    assert_eq!(strict("4.4.2", &hash(Form::Overrides)), Answer::OutOfSync);
    assert_eq!(strict("4.4.2", &hash(Form::Resolution)), Answer::InSync);
    assert_eq!(strict("4.5.0", &hash(Form::Resolution)), Answer::CannotTell);
    assert_eq!(strict("4.5.0", &hash(Form::Groups)), Answer::InSync);
    assert_eq!(strict("4.5.1", &hash(Form::Resolution)), Answer::OutOfSync);
    assert_eq!(strict("4.6.0", &hash(Form::Groups)), Answer::CannotTell);
    assert_eq!(strict("", &hash(Form::Groups)), Answer::OutOfSync);
}

#[test]
fn what_a_lock_with_the_right_hash_lacks_is_told() {
    let manifest = "[project]\nname = \"app\"\ndependencies = [\"six>=1\", \"win ; os_name == 'nt'\"]\n[tool.pdm.dev-dependencies]\ndev = [\"tool\"]\n";
    let hash = of_project(&toml(manifest).unwrap(), Form::Overrides).unwrap();
    let of = |rest: &str| verdict(&[("pyproject.toml", manifest), ("pdm.lock", &lock("4.4", &hash, rest))]);
    let six = "groups = [\"default\"]\n[[package]]\nname = \"six\"\nversion = \"1.17.0\"\n";
    assert_eq!(of(six).reasons, []);
    let old = of(&six.replace("1.17.0", "0.9"));
    assert_eq!((old.strict(), old.rewrite()), (Answer::OutOfSync, Answer::InSync));
    assert_eq!(old.reasons[0].found.as_deref(), Some("0.9"));
    let newer = of("groups = [\"default\"]\nstrategy = [\"inherit_metadata\"]\n");
    assert_eq!((newer.strict(), newer.rewrite()), (Answer::CannotTell, Answer::CannotTell));
    let dev = of(&six.replace("[\"default\"]", "[\"default\", \"dev\"]"));
    assert_eq!((dev.strict(), dev.rewrite()), (Answer::CannotTell, Answer::InSync));
    let below = of(&format!("{six}dependencies = [\"gone>=1\", \"other; os_name == 'nt'\"]\n"));
    assert_eq!((below.strict(), below.reasons.len()), (Answer::CannotTell, 1));
}

#[test]
fn a_stale_lock_says_which_dependency() {
    let manifest = "[project]\nname = \"app\"\ndependencies = [\"six<1\", \"idna\"]\n[dependency-groups]\ndev = [\"tool\"]\n";
    let text =
        lock("4.5.1", "00", "groups = [\"default\"]\n[[package]]\nname = \"six\"\nversion = \"1.17.0\"\n");
    let found = verdict(&[("pyproject.toml", manifest), ("pdm.lock", &text)]).reasons;
    let found: Vec<_> = found.iter().map(|one| (one.drift, one.dependency.as_deref())).collect();
    let differs = (Some(Drift::LockedDifferently), Some("six"));
    assert_eq!(found, [(Some(Drift::RecordStale), None), differs, (Some(Drift::NotLocked), Some("idna"))]);
}

#[test]
fn a_lock_says_what_it_holds() {
    let text = "[metadata.files]\n\"old 1\" = [{file = \"a\", hash = \"sha256:02\"}]\n\
        [[package]]\nname = \"Six\"\nversion = \"1.16.0\"\nfiles = [{file = \"a\", hash = \"sha256:00\"}]\n\
        [[package]]\nname = \"six\"\nversion = \"1.16.0\"\nextras = [\"a\"]\n\
        [[package]]\nname = \"own\"\nversion = \"1\"\npath = \"./own\"\neditable = true\n\
        [[package]]\nname = \"g\"\nversion = \"1\"\ngit = \"https://git.example.org/g\"\nref = \"main\"\nrevision = \"abc\"\n\
        [[package]]\nname = \"f\"\nversion = \"1\"\nurl = \"https://files.example.org/f.whl\"\nfiles = [{file = \"f\"}]\n\
        [[package]]\nname = \"s\"\nversion = \"1\"\nfiles = [{url = \"https://files.example.org/s.whl\", hash = \"sha256:01\"}]\n\
        [[package]]\nname = \"old\"\nversion = \"1\"\n";
    let found = Pdm.locked(&Source::new("pdm.lock", text)).unwrap();
    let kinds: Vec<_> =
        found.iter().map(|one| (one.name.as_str(), one.integrity.len(), one.needs_integrity)).collect();
    assert_eq!(
        kinds,
        [
            ("six", 1, true),
            ("own", 0, false),
            ("g", 0, false),
            ("f", 0, true),
            ("s", 1, true),
            ("old", 1, true)
        ]
    );
    assert_eq!(found[1].origin, LockedOrigin::Path("./own".to_owned()));
    let url = "https://git.example.org/g".to_owned();
    assert_eq!(found[2].origin, LockedOrigin::Git { url, commit: Some("abc".to_owned()) });
    assert_eq!(found[4].origin, LockedOrigin::Registry(Some("https://files.example.org/s.whl".to_owned())));
}

proptest::proptest! {
    #[test]
    fn arbitrary_text_gets_a_verdict(
        manifest in "[a-z=\\[\\]{}\"',.*\\n 0-9-]{0,120}",
        text in "[a-z=\\[\\]{}\"',.\\n 0-9-]{0,120}",
    ) {
        let project = format!("[project]\nname = \"a\"\n[tool.pdm.workspace]\nmembers = [\"{}\"]\n", text.replace(['"', '\\', '\n'], ""));
        for (manifest, text) in [
            (&*manifest, &*lock("4.5.1", "00", &text)),
            (&*manifest, &*text),
            (&*project, &*lock("4.5.1", "00", "")),
        ] {
            let _ = verdict(&[("pyproject.toml", manifest), ("pdm.lock", text), ("a/pyproject.toml", manifest)]);
            let _ = Pdm.locked(&Source::new("pdm.lock", text));
        }
    }
}
