use super::*;
use crate::lockfile::{Answer, Drift};
use proptest::prelude::*;

const MAIN: &str = "terraform {\n  required_providers {\n    a = {\n      source  = \"acme/a\"\n      version = \"~> 1.2\"\n    }\n    b = \"2.0.1\"\n  }\n}\nresource \"terraform_data\" \"x\" {}\n";
const LOCKED: &str = "provider \"registry.terraform.io/acme/a\" {\n  version     = \"1.2.5\"\n  constraints = \"~> 1.0\"\n  hashes = [\n    \"zh:00\",\n    \"h1:AA=\",\n  ]\n}\n\nprovider \"registry.terraform.io/hashicorp/b\" {\n  version = \"2.0.1\"\n  hashes = [\n    \"h1:BB=\",\n  ]\n}\n";

fn judge(main: &str, lock: &str) -> Verdict {
    let read = |path: &str, _: u64| Ok(Some(if path == LOCK { lock } else { main }.as_bytes().to_vec()));
    let tree = Tree::new(vec!["main.tf", LOCK], &read);
    let pairs = Terraform.pairs(&tree);
    assert_eq!(pairs, [Pair::new("main.tf", LOCK)]);
    Terraform.judge(&tree, &pairs[0])
}

#[test]
fn providers_are_compared() {
    assert_eq!(judge(MAIN, LOCKED).reasons, []);
    let drift = |main: &str, lock: &str| judge(main, lock).reasons.first().and_then(|reason| reason.drift);
    assert_eq!(drift(&MAIN.replace("~> 1.2", "~> 2.0"), LOCKED), Some(Drift::LockedDifferently));
    let more = format!("{MAIN}resource \"c_x\" \"y\" {{}}\n");
    assert_eq!(drift(&more, LOCKED), Some(Drift::NotLocked));
    assert_eq!(drift(&MAIN.replace("    b = \"2.0.1\"\n", ""), LOCKED), Some(Drift::NotAskedFor));
    assert_eq!(drift(MAIN, &LOCKED.replace("\"h1:BB=\",", "")), Some(Drift::Tampered));
    let remote = format!("{MAIN}module \"m\" {{\n  source = \"acme/net/x\"\n}}\n");
    assert_eq!(judge(&remote, LOCKED).strict(), Answer::CannotTell);
}

/// Judges a folder with further files and links.
fn judge_with(files: &[(&str, &str)], links: Vec<&str>) -> Verdict {
    let read = |path: &str, _: u64| {
        let text = files.iter().find(|(known, _)| *known == path).map(|(_, text)| *text);
        Ok(text.map(|text| text.as_bytes().to_vec()))
    };
    let tree = Tree::new(files.iter().map(|(path, _)| *path).collect(), &read).with_links(links);
    Terraform.judge(&tree, &Terraform.pairs(&tree)[0])
}

#[test]
fn what_is_not_read_leaves_open_what_it_may_say() {
    let more = format!("{MAIN}resource \"c_x\" \"y\" {{}}\n");
    let told = |files: &[(&str, &str)], links: Vec<&str>| judge_with(files, links).strict();
    assert_eq!(told(&[("main.tf", &more), (LOCK, LOCKED)], vec![]), Answer::OutOfSync);
    for path in ["more.tf.json", "more.tofu", "terragrunt.hcl"] {
        assert_eq!(
            told(&[("main.tf", &more), (LOCK, LOCKED), (path, "{}")], vec![]),
            Answer::CannotTell,
            "{path}"
        );
    }
    assert_eq!(told(&[("main.tf", &more), (LOCK, LOCKED)], vec!["names.tf"]), Answer::CannotTell);
    assert_eq!(told(&[(LOCK, LOCKED)], vec!["main.tf"]), Answer::CannotTell);
    assert_eq!(told(&[("terragrunt.hcl", ""), (LOCK, LOCKED)], vec![]), Answer::CannotTell);
    // An override takes the place of what others say.
    let other = MAIN.replace("~> 1.2", "~> 2.0");
    let files = [("main.tf", other.as_str()), ("a_override.tf", MAIN), (LOCK, LOCKED)];
    assert_eq!(told(&files, vec![]), Answer::CannotTell);
    let files = [("main.tf", other.as_str()), ("a_override.tf", "variable \"x\" {}\n"), (LOCK, LOCKED)];
    assert_eq!(told(&files, vec![]), Answer::OutOfSync);
    for link in ["terragrunt.hcl", "x.tftest.hcl", "tests/x.tftest.hcl", "tests"] {
        assert_eq!(told(&[("main.tf", MAIN), (LOCK, LOCKED)], vec![link]), Answer::CannotTell, "{link}");
    }
    // What is explicit stays so whatever else is not read.
    assert_eq!(told(&[("main.tf", &other), (LOCK, LOCKED)], vec!["x.tf"]), Answer::OutOfSync);
    assert_eq!(judge("terraform {\n  x = <<\n}\n", LOCKED).strict(), Answer::CannotTell);
}

#[test]
fn a_lock_of_opentofu_is_of_its_registry() {
    let lock = LOCKED.replace("registry.terraform.io", "registry.opentofu.org");
    assert_eq!(judge(MAIN, &lock).reasons, []);
    let verdict = judge(&MAIN.replace("~> 1.2", "~> 2.0"), &lock);
    assert_eq!(verdict.reasons[0].mend, "tofu init -backend=false -upgrade");
    let explicit = MAIN.replace("\"acme/a\"", "\"registry.opentofu.org/acme/a\"");
    assert_eq!(judge(&explicit, &lock).reasons, []);
}

#[test]
fn a_broken_lock_is_made_afresh() {
    for lock in [format!("{LOCKED}}}"), LOCKED.replace("\"1.2.5\"", "1"), format!("{LOCKED}{LOCKED}")] {
        let verdict = judge(MAIN, &lock);
        assert_eq!(verdict.strict(), Answer::OutOfSync);
        let mends: Vec<_> = verdict.reasons.iter().map(|reason| reason.mend.as_str()).collect();
        assert!(mends.contains(&"rm .terraform.lock.hcl && terraform init -backend=false"), "{mends:?}");
    }
    assert_eq!(judge(MAIN, &format!("{LOCKED}module \"x\" {{}}\n")).strict(), Answer::CannotTell);
}

#[test]
fn the_pair_has_the_modules() {
    let main = format!("{MAIN}module \"net\" {{\n  source = \"../net\"\n}}\n");
    let read =
        |path: &str, _: u64| Ok(Some(if path == "app/main.tf" { &main } else { "" }.as_bytes().to_vec()));
    let lock = "app/.terraform.lock.hcl";
    let paths = vec![
        "app/.terraform/x/.terraform.lock.hcl",
        lock,
        "app/main.tf",
        "app/vars.tf",
        "net/main.tf",
        "other/main.tf",
    ];
    let mut pair = Pair::new("app/main.tf", lock);
    pair.members = vec!["app/vars.tf".to_owned()];
    pair.inputs = vec!["net/main.tf".to_owned()];
    assert_eq!(Terraform.pairs(&Tree::new(paths, &read)), [pair]);
    assert_eq!(Terraform.pairs(&Tree::new(vec![LOCK], &read)), [Pair::orphan(LOCK)]);
}

#[test]
fn declared_and_locked() {
    let text = format!(
        "{MAIN}terraform {{\n  required_providers {{\n    c = {{\n      source = \"tf.example.org/acme/c\"\n    }}\n    t = {{\n      source = \"terraform.io/builtin/terraform\"\n    }}\n  }}\n}}\n"
    );
    let declared = Terraform.declared(&Source::new("main.tf", &text)).unwrap();
    let found: Vec<_> =
        declared.iter().map(|one| (one.name.as_str(), one.precision, one.origin.clone())).collect();
    let own = || Origin::Registry(None);
    let other = Origin::Registry(Some("https://tf.example.org".to_owned()));
    assert_eq!(
        found,
        [
            ("acme/a", Precision::Range, own()),
            ("hashicorp/b", Precision::Exact, own()),
            ("acme/c", Precision::Any, other)
        ]
    );
    assert_eq!(text.get(declared[0].span.clone()), Some("\"~> 1.2\""));
    let locked = Terraform.locked(&Source::new(LOCK, LOCKED)).unwrap();
    assert_eq!((locked[0].name.as_str(), locked[0].version.as_str()), ("acme/a", "1.2.5"));
    assert_eq!(locked[0].origin, LockedOrigin::Registry(Some("https://registry.terraform.io".to_owned())));
    assert_eq!(locked[0].integrity, ["h1:AA=", "zh:00"]);
    assert!(locked[1].needs_integrity && locked[1].is_direct.is_none());
}

#[test]
fn what_nests_too_deep_is_not_read() {
    let deep = format!("x = {}", "[".repeat(100_000));
    assert_eq!(judge(&deep, LOCKED).strict(), Answer::CannotTell);
}

proptest! {
    #[test]
    fn arbitrary_text_gets_a_verdict(main in "\\PC{0,60}", lock in "\\PC{0,60}", at in 0..300_usize) {
        let _ = judge(&main, &lock).strict();
        let cut = |text: &str| text.chars().take(at).collect::<String>();
        let _ = judge(&format!("{}{main}", cut(MAIN)), &format!("{}{lock}", cut(LOCKED))).strict();
    }
}
