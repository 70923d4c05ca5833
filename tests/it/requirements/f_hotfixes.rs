//! Hotfixes.

use super::Gate;

const HOTFIX: &str = "hotfix/1.4.3-INC12345";

/// A server that has released `v1.4.2`, and whose `main` has gone on.
fn in_production() -> Gate {
    let gate = Gate::new();
    gate.released("v1.4.2", "main");
    gate.on_main("feat: add the export");
    gate
}

#[test]
fn f1_a_hotfix_is_cut_from_the_tag_in_production() {
    let gate = in_production();
    gate.refuses(&format!("origin/main:refs/heads/{HOTFIX}"), &["GP-REF-038", "v1.4.2"]);
    gate.accepts(&format!("v1.4.2^{{}}:refs/heads/{HOTFIX}"));
}

#[test]
fn f2_a_hotfix_is_released_as_the_next_patch_with_a_signed_tag() {
    let gate = in_production();
    gate.accepts(&format!("v1.4.2^{{}}:refs/heads/{HOTFIX}"));
    gate.on(HOTFIX);
    gate.commit("fix: close the file");
    gate.lands(&format!("HEAD:refs/heads/{HOTFIX}"));
    for (name, code) in [("v1.4.1", "GP-REF-033"), ("v1.5.0", "GP-REF-032"), ("1.4.3", "GP-REF-031")] {
        gate.tag(name, "HEAD", &format!("Hotfix {name} (INC12345)"));
        gate.refuses(name, &[code]);
    }
    gate.git(&["tag", "-a", "v1.4.3", "-m", "Hotfix v1.4.3 (INC12345)"]);
    gate.refuses("v1.4.3", &["GP-REF-041"]);
    gate.tag("v1.4.3", "HEAD", "Hotfix v1.4.3 (INC12345)");
    gate.accepts("v1.4.3");
}

#[test]
fn f6_a_hotfix_has_the_fix_and_its_tests() {
    let gate = in_production();
    gate.accepts(&format!("v1.4.2^{{}}:refs/heads/{HOTFIX}"));
    for kind in ["feat", "refactor", "chore", "docs"] {
        gate.on(HOTFIX);
        gate.commit(&format!("{kind}: while we are here"));
        gate.declines(&format!("HEAD:refs/heads/{HOTFIX}"), &["GP-REF-020", &format!("`{kind}`")]);
    }
    gate.on(HOTFIX);
    for kind in ["fix", "security", "test"] {
        gate.commit(&format!("{kind}: close the file"));
    }
    gate.lands(&format!("HEAD:refs/heads/{HOTFIX}"));
}

#[test]
fn f7_a_hotfix_is_named_after_the_version_that_it_makes_or_the_one_that_it_mends() {
    let gate = in_production();
    gate.accepts("v1.4.2^{}:refs/heads/hotfix/1.4.3-INC12345");
    gate.accepts("v1.4.2^{}:refs/heads/hotfix/1.4.2-ABC-987");
    gate.refuses("origin/main:refs/heads/hotfix/1.4.2-ABC-988", &["GP-REF-038"]);
}
