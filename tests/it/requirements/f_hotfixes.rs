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
    // Nothing that nobody has reviewed comes along with it.
    gate.switch("work", "v1.4.2");
    gate.commit("fix: close the file");
    gate.refuses(&format!("HEAD:refs/heads/{HOTFIX}"), &["GP-REF-051", "that nobody has seen"]);
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

impl Gate {
    /// The fix in production: on the hotfix branch, and tagged. Its commit.
    fn mended(&self) -> String {
        self.accepts("main:refs/heads/release/1.5");
        self.accepts(&format!("v1.4.2^{{}}:refs/heads/{HOTFIX}"));
        self.on(HOTFIX);
        let fix = self.commit("fix: close the file");
        self.lands(&format!("HEAD:refs/heads/{HOTFIX}"));
        self.tag("v1.4.3", "HEAD", "Hotfix v1.4.3 (INC12345)");
        self.accepts("v1.4.3");
        fix
    }

    /// The fix picked to a branch, with the version named that it is in.
    fn port(&self, branch: &str, commit: &str) -> String {
        self.on(branch);
        self.git(&["cherry-pick", "-x", commit]);
        self.git(&["commit", "-q", "--amend", "--no-edit", "--trailer", "Ported-from: v1.4.3"]);
        self.lands(&format!("HEAD:refs/heads/{branch}"));
        self.0.repo.head()
    }
}

#[test]
fn f3_a_hotfix_comes_to_main_and_every_active_release_before_its_branch_goes() {
    let gate = in_production();
    let fix = gate.mended();
    let delete = format!(":refs/heads/{HOTFIX}");
    gate.refuses(&delete, &["GP-REF-046", "is not on main", "release/1.5"]);
    let ported = gate.port("main", &fix);
    gate.refuses(&delete, &["GP-REF-046", "release/1.5"]);
    // Nor is there a next version until then.
    gate.on(HOTFIX);
    gate.commit("fix: close the other file");
    gate.lands(&format!("HEAD:refs/heads/{HOTFIX}"));
    gate.tag("v1.4.4", "HEAD", "Hotfix v1.4.4 (INC12346)");
    gate.refuses("v1.4.4", &["GP-REF-046"]);
    gate.port("release/1.5", &ported);
    gate.accepts("v1.4.4");
}

#[test]
fn f4_a_forward_port_is_picked_with_its_origin() {
    let gate = in_production();
    let fix = gate.mended();
    gate.accepts(":refs/heads/release/1.5");
    gate.on("main");
    gate.git(&["cherry-pick", &fix]);
    gate.lands("HEAD:main");
    // It is there, and nothing leads back.
    gate.refuses(&format!(":refs/heads/{HOTFIX}"), &["GP-REF-046", "does not say that it was picked"]);
    let gate = in_production();
    let fix = gate.mended();
    gate.accepts(":refs/heads/release/1.5");
    gate.port("main", &fix);
    gate.accepts(&format!(":refs/heads/{HOTFIX}"));
}

#[test]
fn f5_a_forward_port_names_the_incident_and_the_version() {
    let gate = in_production();
    let fix = gate.mended();
    gate.on("main");
    gate.git(&["cherry-pick", "-x", &fix]);
    gate.declines("HEAD:main", &["GP-REF-049"]);
    gate.git(&["commit", "-q", "--amend", "--no-edit", "--trailer", "Ported-from: v1.4.3"]);
    gate.lands("HEAD:main");
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
