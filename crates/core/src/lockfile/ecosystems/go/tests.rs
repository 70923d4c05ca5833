use super::*;
use crate::lockfile::{Answer, Drift};
use proptest::prelude::*;
use std::collections::BTreeMap;

const HASH: &str = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

type Files = BTreeMap<&'static str, String>;

fn files() -> Files {
    let sums = format!("a.org/x v1.2.0 {HASH}\na.org/x v1.2.0/go.mod {HASH}\n");
    let code = "package m\n\nimport (\n\t\"fmt\"\n\n\t\"a.org/x/sub\"\n)\n";
    [
        ("go.mod", "module example.com/m\n\ngo 1.22\n\nrequire a.org/x v1.2.0\n".to_owned()),
        ("go.sum", sums),
        ("m.go", code.to_owned()),
    ]
    .into()
}

fn with_tree<R>(files: &Files, ask: impl FnOnce(&Tree<'_>) -> R) -> R {
    let read = |path: &str, _: u64| Ok(files.get(path).map(|text| text.clone().into_bytes()));
    ask(&Tree::new(files.keys().copied().collect(), &read))
}

fn judge(files: &Files) -> Verdict {
    with_tree(files, |tree| {
        let pairs = Go.pairs(tree);
        let mut all = Verdict::default();
        for pair in pairs {
            all.reasons.extend(Go.judge(tree, &pair).reasons);
        }
        all
    })
}

#[test]
fn a_tidy_module_is_in_sync() {
    assert_eq!(judge(&files()).reasons, []);
}

#[test]
fn a_bumped_version_names_both_versions_and_where_they_stand() {
    let mut files = files();
    files.insert("go.mod", "module example.com/m\n\ngo 1.22\n\nrequire a.org/x v1.3.0\n".to_owned());
    let verdict = judge(&files);
    assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::OutOfSync, Answer::OutOfSync));
    let reason = &verdict.reasons[0];
    assert_eq!(reason.drift, Some(Drift::LockedDifferently));
    assert_eq!((reason.expected.as_deref(), reason.found.as_deref()), (Some("v1.3.0"), Some("v1.2.0")));
    assert_eq!(reason.manifest.as_ref().unwrap().line(), Some(5));
    assert_eq!(reason.lock.as_ref().unwrap().line(), Some(1));
    assert_eq!(reason.mend, "go mod tidy");
}

#[test]
fn two_hashes_of_one_thing_are_told() {
    let mut files = files();
    let other = HASH.replace("47DE", "57DE");
    files.insert(
        "go.sum",
        format!("a.org/x v1.2.0 {HASH}\na.org/x v1.2.0 {other}\na.org/x v1.2.0/go.mod {HASH}\n"),
    );
    let verdict = judge(&files);
    assert_eq!(verdict.reasons.len(), 1, "{verdict:?}");
    assert_eq!(verdict.reasons[0].drift, Some(Drift::Tampered));
    assert_ne!(verdict.strict(), Answer::InSync);
}

#[test]
fn what_lies_outside_or_is_generated_cannot_be_told() {
    let mut outside = files();
    outside.get_mut("go.mod").unwrap().push_str("\nreplace a.org/x => ../x\n");
    assert_eq!(judge(&outside).strict(), Answer::CannotTell);
    let mut generated = files();
    generated.insert("n.go", "package m\n\nimport _ \"example.com/m/gen\"\n".to_owned());
    assert_eq!(judge(&generated).strict(), Answer::CannotTell);
}

#[test]
fn what_a_link_leads_to_cannot_be_told() {
    let mut files = files();
    files.remove("m.go");
    assert_eq!(judge(&files).rewrite(), Answer::OutOfSync);
    let read = |path: &str, _: u64| Ok(files.get(path).map(|text| text.clone().into_bytes()));
    let told = |links| {
        let tree = Tree::new(files.keys().copied().collect(), &read).with_links(links);
        let verdict = Go.judge(&tree, &Pair::new("go.mod", "go.sum"));
        (verdict.strict(), verdict.rewrite())
    };
    assert_eq!(told(vec!["a/m.go"]), (Answer::CannotTell, Answer::CannotTell));
    assert_eq!(told(vec!["vendor/m.go", "testdata/m.go", "_m.go", "m"]).1, Answer::OutOfSync);
}

#[test]
fn what_go_could_not_read_is_never_in_sync() {
    let mut broken = files();
    broken.get_mut("go.mod").unwrap().push_str("\nreplace a.org/x => ./x\n");
    broken.insert("x/go.mod", "module a.org/x\n".to_owned());
    assert_eq!(judge(&broken).reasons, []);
    broken.insert("x/go.mod", "module a.org/x\nrequire (\n".to_owned());
    assert_eq!(judge(&broken).strict(), Answer::OutOfSync);
    for code in ["", "not go\n", "package m\n\nimport (\n\t\"fmt\"\n\t?\n\t\"b.org/y\"\n)\n"] {
        let mut unread = files();
        unread.insert("n.go", code.to_owned());
        let verdict = judge(&unread);
        assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::CannotTell, Answer::CannotTell), "{code}");
    }
}

#[test]
fn members_that_are_not_read_leave_a_workspace_open() {
    let work: Files = [
        ("go.work", "go 1.22\n\nuse ./x\n".to_owned()),
        ("go.work.sum", String::new()),
        ("x/go.mod", "module a.org/x\n\ngo 1.22\n".to_owned()),
    ]
    .into();
    assert_eq!(judge(&work).reasons, []);
    let mut broken = work.clone();
    broken.get_mut("x/go.mod").unwrap().push_str("needs\n");
    assert_eq!(judge(&broken).strict(), Answer::OutOfSync);
    let mut outside = work.clone();
    outside.get_mut("go.work").unwrap().push_str("use ../y\n");
    assert_eq!(judge(&outside).strict(), Answer::CannotTell);
    let told = |files: &Files, links, pair: &Pair| {
        let read = |path: &str, _: u64| Ok(files.get(path).map(|text| text.clone().into_bytes()));
        let tree = Tree::new(files.keys().copied().collect(), &read).with_links(links);
        Go.judge(&tree, pair).strict()
    };
    let mut linked = work;
    linked.remove("x/go.mod");
    let pair = Pair::new("go.work", "go.work.sum");
    assert_eq!(told(&linked, vec![], &pair), Answer::OutOfSync);
    assert_eq!(told(&linked, vec!["x"], &pair), Answer::CannotTell);
    let pair = Pair::new("go.mod", "go.sum");
    assert_eq!(told(&files(), vec!["go.work"], &pair), Answer::CannotTell);
}

#[test]
fn many_requirements_and_many_copies_are_compared_in_time() {
    let lines = |of: &dyn Fn(usize) -> String| (0..60_000).map(of).collect::<String>();
    let requires = lines(&|at| format!("\ta.org/m{at} v1.0.0\n"));
    let list = lines(&|at| format!("# a.org/n{at} v1.0.0\n## explicit\n"));
    let files: Files = [
        ("go.mod", format!("module m\n\ngo 1.22\n\nrequire (\n{requires})\n")),
        ("vendor/modules.txt", list),
    ]
    .into();
    assert_eq!(judge(&files).strict(), Answer::OutOfSync);
}

#[test]
fn in_a_workspace_a_module_of_it_needs_no_sum() {
    let mut files = files();
    files.insert("go.sum", String::new());
    files.insert("go.work", "go 1.22\n\nuse (\n\t.\n\t./x\n)\n".to_owned());
    files.insert("x/go.mod", "module a.org/x\n\ngo 1.22\n".to_owned());
    let verdict = judge(&files);
    assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::InSync, Answer::CannotTell), "{verdict:?}");
    files.insert("x/go.mod", "module a.org/x\n\ngo 1.23\n".to_owned());
    assert_eq!(judge(&files).strict(), Answer::CannotTell);
}

#[test]
fn pairs_of_modules_workspaces_and_copies() {
    let mut files = files();
    for path in [
        "go.work",
        "go.work.sum",
        "lone/go.sum",
        "vendor/modules.txt",
        "vendor/a.org/x/go.sum",
        "b/testdata/go.sum",
    ] {
        files.insert(path, String::new());
    }
    files.insert("go.work", "go 1.22\n\nuse .\n".to_owned());
    let mut expected = vec![
        Pair { inputs: vec!["go.work".to_owned()], ..Pair::new("go.mod", "go.sum") },
        Pair { members: vec!["go.mod".to_owned()], ..Pair::new("go.work", "go.work.sum") },
        Pair::orphan("lone/go.sum"),
        Pair { inputs: vec!["go.work".to_owned()], ..Pair::new("go.mod", "vendor/modules.txt") },
    ];
    let mut pairs = with_tree(&files, |tree| Go.pairs(tree));
    for pairs in [&mut expected, &mut pairs] {
        pairs.sort_by(|one, two| one.lock.cmp(&two.lock));
    }
    assert_eq!(pairs, expected);
}

#[test]
fn declared_and_locked() {
    let text = "module m\n\nrequire (\n\ta.org/x v1.2.0\n\ta.org/y v0.0.0\n\ta.org/z main\n)\n\nreplace a.org/y => ./y\n";
    let declared = Go.declared(&Source::new("go.mod", text)).unwrap();
    let kinds: Vec<_> = declared.iter().map(|declared| (declared.precision, &declared.origin)).collect();
    let (registry, here) = (Origin::Registry(None), Origin::Path("./y".to_owned()));
    assert_eq!(kinds, [(Precision::Exact, &registry), (Precision::None, &here), (Precision::Any, &registry)]);
    assert_eq!(text.get(declared[0].span.clone()), Some("a.org/x v1.2.0"));
    let here = "module m\n\nrequire a.org/y v0.0.0\n\nreplace a.org/y => ./y\n";
    assert_eq!(Go.declared(&Source::new("go.mod", here)).unwrap(), []);
    assert!(Go.declared(&Source::new("go.mod", "module\n")).is_err());

    let files = files();
    let locked = Go.locked(&Source::new("go.sum", &files["go.sum"])).unwrap();
    assert_eq!(locked.len(), 1);
    assert_eq!((locked[0].name.as_str(), locked[0].version.as_str()), ("a.org/x", "v1.2.0"));
    assert_eq!(
        (locked[0].integrity.as_slice(), locked[0].needs_integrity),
        ([HASH.to_owned()].as_slice(), true)
    );
    assert!(Go.locked(&Source::new("go.sum", "a v1\n")).is_err());
    let list = "# a.org/x v1.2.0\n## explicit; go 1.21\na.org/x/sub\n# a.org/y v0.0.0 => ./y\n## explicit\na.org/y\n# a.org/y => ./y\n";
    let locked = Go.locked(&Source::new("vendor/modules.txt", list)).unwrap();
    assert_eq!(locked.len(), 2);
    assert_eq!(locked[1].origin, LockedOrigin::Path("./y".to_owned()));
}

proptest! {
    #[test]
    fn arbitrary_text_gets_a_verdict(
        module in "(module a|require|replace|=>|\\./b|a\\.org/x v1\\.0\\.0|go 1\\.22|[()\n ]|\\PC){0,20}",
        sums in "(a\\.org/x v1\\.0\\.0|/go\\.mod| h1:|[\n ]|\\PC){0,20}",
        code in "(package a|import|\"a\\.org/x\"|//go:build |[()\n ;]|\\PC){0,20}",
        list in "(# a\\.org/x v1\\.0\\.0|## explicit|=>|a\\.org/x|[\n ]|\\PC){0,20}",
    ) {
        let files: Files =
            [("go.mod", module), ("go.sum", sums), ("m.go", code), ("vendor/modules.txt", list)].into();
        let _ = judge(&files).strict();
    }
}
