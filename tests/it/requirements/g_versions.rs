//! Tags and versions.

use super::{Gate, edited};

/// A server that has released `v1.4.2` from `main`.
fn released() -> Gate {
    let gate = Gate::new();
    gate.released("v1.4.2", "main");
    gate
}

impl Gate {
    /// A signed tag at HEAD, and what the server says of it.
    #[track_caller]
    fn tag_refused(&self, name: &str, message: &str, words: &[&str]) {
        self.tag(name, "HEAD", message);
        self.refuses(&format!("refs/tags/{name}"), words);
    }

    #[track_caller]
    fn tag_taken(&self, name: &str, message: &str) {
        self.tag(name, "HEAD", message);
        self.accepts(&format!("refs/tags/{name}"));
    }
}

#[test]
fn g1_a_tag_is_v_and_three_numbers() {
    let gate = released();
    for name in ["2.4.1", "v2.4", "v2.04.1", "release-2.4.1", "V2.4.1"] {
        gate.tag_refused(name, &format!("Release {name}"), &["GP-REF-031", name]);
    }
    gate.tag_taken("v2.4.1", "Release v2.4.1");
}

#[test]
fn g2_a_tag_is_annotated() {
    let gate = released();
    gate.git(&["tag", "v1.4.3"]);
    gate.refuses("v1.4.3", &["GP-REF-030"]);
}

#[test]
fn g3_a_tag_is_signed() {
    let gate = released();
    gate.git(&["tag", "-a", "v1.4.3", "-m", "Release v1.4.3"]);
    gate.refuses("v1.4.3", &["GP-REF-041"]);
    gate.tag_taken("v1.4.3", "Release v1.4.3");
    // By whom: the keys that the organisation names.
    let trusted = edited(&[("tag-signatures = \"valid\"", "tag-signatures = \"trusted\"")]);
    let gate = Gate::of(&format!("{trusted}\n[signatures]\nallowed-signers-files = [\"signers\"]\n"));
    gate.can_sign();
    let key = std::fs::read_to_string(gate.0.repo.beside("key.pub")).unwrap();
    std::fs::write(gate.0.bare.join("signers"), format!("release@example.com {key}")).unwrap();
    gate.tag_taken("v1.4.2", "Release v1.4.2");
    let other = gate.0.repo.beside("other");
    let other = other.to_str().unwrap();
    gate.0
        .repo
        .run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", other], gate.0.repo.root(), b"")
        .ok();
    gate.git(&["-c", &format!("user.signingKey={other}"), "tag", "-s", "v1.4.3", "-m", "Release v1.4.3"]);
    gate.refuses("v1.4.3", &["GP-REF-041"]);
}

#[test]
fn g4_tags_are_made_by_the_pipeline_alone() {
    let commented = "# { match = [\"refs/tags/**\"], create = \"deny\", exempt = [\n#   {";
    let written = "{ match = [\"refs/tags/**\"], create = \"deny\", exempt = [\n  {";
    let gate = Gate::of(&edited(&[(commented, written)]));
    gate.tag("v1.4.2", "HEAD", "Release v1.4.2");
    gate.refuses("v1.4.2", &["GP-REF-010"]);
    gate.push_as(&[("GL_USER", "alice"), ("GL_REPO", "r")], "v1.4.2").refused(&["GP-REF-010"]);
    gate.push_as(&[("GL_USER", "release-bot"), ("GL_REPO", "r")], "v1.4.2").ok();
}

#[test]
fn g5_a_tag_is_neither_moved_nor_made_again() {
    let gate = released();
    gate.on_main("fix: close the file");
    gate.tag("v1.4.2", "HEAD", "Release v1.4.2");
    gate.refuses("+refs/tags/v1.4.2", &["GP-REF-012"]);
    gate.refuses(":refs/tags/v1.4.2", &["GP-REF-013"]);
    gate.push_as(&[("GL_USER", "admin"), ("GL_REPO", "r")], ":refs/tags/v1.4.2").refused(&["GP-REF-013"]);
}

#[test]
fn g6_a_tag_leads_to_one_commit() {
    let gate = released();
    gate.tag("v1.4.3", "HEAD^{tree}", "Release v1.4.3");
    gate.refuses("v1.4.3", &["GP-REF-030", "which is no commit"]);
}

#[test]
fn g7_a_tag_is_on_main_a_release_or_a_hotfix_branch() {
    let gate = released();
    gate.commit("feat: add the export");
    gate.accepts("HEAD:refs/heads/feature/PROJ-1-export");
    gate.tag_refused("v1.5.0", "Release v1.5.0", &["GP-REF-032"]);
    gate.lands("HEAD:main");
    gate.accepts("v1.5.0");
}

#[test]
fn g8_a_tag_of_a_release_branch_has_its_line() {
    let gate = released();
    gate.accepts("main:refs/heads/release/1.4");
    let fix = gate.on_main("fix: close the file");
    gate.on("release/1.4");
    gate.git(&["cherry-pick", "-x", &fix]);
    gate.lands("HEAD:refs/heads/release/1.4");
    gate.tag_refused("v1.5.0", "Release v1.5.0", &["GP-REF-032", "1.4.*"]);
    gate.tag_taken("v1.4.3", "Release v1.4.3");
}

#[test]
fn g9_a_version_says_what_the_changes_demand() {
    let gate = released();
    gate.on_main("feat: add the export");
    gate.tag_refused("v1.4.3", "Release v1.4.3", &["GP-REF-034", "v1.5.0"]);
    gate.tag_taken("v1.5.0", "Release v1.5.0");
    gate.on("main");
    gate.commit_all("feat!: drop the old key\n\nBREAKING CHANGE: the key is gone\nRefs: PROJ-1\nRisk: high");
    gate.lands("HEAD:main");
    gate.tag_refused("v1.6.0", "Release v1.6.0", &["GP-REF-034", "v2.0.0"]);
    gate.tag_taken("v2.0.0", "Release v2.0.0");
    gate.on_main("fix: close the file");
    gate.tag_taken("v2.0.1", "Release v2.0.1");
}

#[test]
fn g10_a_calendar_is_written_down() {
    let semver = "name = [\"v{semver}\"]";
    let calendar = edited(&[(semver, "name = [\"v{yyyy}.{0m}.{micro}\"]"), ("bump = \"deny\", ", "")]);
    let gate = Gate::of(&calendar);
    gate.tag_taken("v2026.02.0", "Release v2026.02.0");
    gate.on_main("feat: add the export");
    for name in ["v2026.2.1", "v2026.13.0", "v2.4.1"] {
        gate.tag_refused(name, &format!("Release {name}"), &["GP-REF-031"]);
    }
    // A hotfix counts the last number up.
    gate.tag_taken("v2026.02.1", "Release v2026.02.1");
    // Who has not written it down has versions of three numbers.
    let gate = Gate::new();
    gate.tag_refused("v2026.02.0", "Release v2026.02.0", &["GP-REF-031"]);
}

#[test]
fn g11_a_version_is_one_commit_for_ever() {
    let gate = released();
    gate.on_main("fix: close the file");
    gate.tag_refused("v1.4.2+again", "Release v1.4.2+again", &["GP-REF-033", "the same version"]);
    gate.tag_refused("v1.4.1", "Release v1.4.1", &["GP-REF-033"]);
    // A signed tag of one version does not pass for another.
    gate.tag("v1.4.3", "HEAD", "Release v1.4.3");
    gate.refuses("refs/tags/v1.4.3:refs/tags/v1.4.4", &["GP-REF-037"]);
}

#[test]
fn g12_the_message_of_a_tag_names_its_version_and_that_of_a_hotfix_the_ticket() {
    let gate = released();
    gate.tag_refused("v1.4.3", "the next one", &["GP-REF-035"]);
    gate.accepts("v1.4.2^{}:refs/heads/hotfix/1.4.3-INC12345");
    gate.on("hotfix/1.4.3-INC12345");
    gate.commit("fix: close the file");
    gate.lands("HEAD:refs/heads/hotfix/1.4.3-INC12345");
    gate.tag_refused("v1.4.3", "Hotfix v1.4.3", &["GP-REF-035", "ticket"]);
    gate.tag_taken("v1.4.3", "Hotfix v1.4.3 (INC12345)");
}

#[test]
fn g14_the_release_job_verifies_what_is_tagged() {
    let gate = released();
    let check = || {
        let arguments = ["check", "refs", "--config", "gatepost.toml"];
        gate.0.repo.run(crate::support::GATEPOST, arguments, &gate.0.bare, b"")
    };
    check().ok();
    gate.git(&["tag", "-a", "v1.4.3", "-m", "Release v1.4.3"]);
    gate.there("refs/tags/v1.4.3:refs/tags/v1.4.3");
    check().failed(&[1], &["GP-REF-041", "v1.4.3"]);
}

#[test]
fn g15_tags_and_branches_that_are_there_are_audited() {
    let gate = released();
    gate.git(&["tag", "nightly"]);
    gate.there("refs/tags/nightly:refs/tags/nightly");
    gate.there("refs/heads/main:refs/heads/my-stuff");
    let bare = gate.0.bare.to_str().unwrap();
    let run =
        gate.0.repo.gatepost(["audit", "--repo", bare]).failed(&[1], &["nightly", "refs/heads/my-stuff"]);
    assert!(!run.out.contains("refs/tags/v1.4.2"), "{}", run.out);
}

#[test]
fn g16_parts_of_a_repository_have_versions_of_their_own() {
    let gate = Gate::of(&edited(&[("name = [\"v{semver}\"]", "name = [\"{any}/v{semver}\"]")]));
    gate.tag_taken("payments/v2.0.0", "Release payments/v2.0.0");
    gate.tag_taken("billing/v1.0.0", "Release billing/v1.0.0");
    gate.tag_refused("v3.0.0", "Release v3.0.0", &["GP-REF-031"]);
    gate.tag_refused("payments/v1.9.0", "Release payments/v1.9.0", &["GP-REF-033"]);
}

#[test]
fn g17_an_old_tool_is_excepted_until_a_day() {
    let until = |day: &str| {
        let exempt = format!(
            "exempt = [{{ name = \"old-tool\", reason = \"tags without a signature\", until = {day} }}], "
        );
        edited(&[("tag-signatures = \"valid\"", &format!("{exempt}tag-signatures = \"valid\""))])
    };
    for (day, passes) in [("2099-01-01", true), ("2020-01-01", false)] {
        let gate = Gate::of(&until(day));
        gate.git(&["tag", "-a", "v1.4.2", "-m", "Release v1.4.2"]);
        gate.refuses("v1.4.2", &["GP-REF-041"]);
        let run = gate.push_as(&[("GL_USER", "old-tool"), ("GL_REPO", "r")], "v1.4.2");
        if passes {
            run.ok()
        } else {
            run.refused(&["GP-REF-041"])
        };
    }
}
