//! Names of branches.

use super::{Gate, TRAILERS, message};

const NAME: &str = "GP-REF-001";

impl Gate {
    /// Versions from which hotfixes begin, and branches of these names, all accepted.
    #[track_caller]
    fn takes(&self, names: &[&str]) {
        for version in ["v1.4.2", "v1.8.2", "v2.1.0"] {
            self.released(version, "main");
        }
        for name in names {
            self.accepts(&format!("main:refs/heads/{name}"));
        }
    }

    #[track_caller]
    fn takes_none(&self, names: &[&str]) {
        for name in names {
            self.refuses(&format!("main:refs/heads/{name}"), &[NAME, name]);
        }
    }
}

#[test]
fn a1_feature_branches_carry_ticket_and_slug() {
    let gate = Gate::new();
    gate.takes(&["feature/PLT-423-add-oauth-provider"]);
    gate.takes_none(&[
        "feature/add-oauth-provider",
        "feature/PLT-423-Add_OAuth",
        "feature/PLT-423",
        "Feature/PLT-423-x",
    ]);
}

#[test]
fn a2_bugfix_branches_carry_the_ticket_alone() {
    let gate = Gate::new();
    gate.takes(&["bugfix/PLT-423"]);
    gate.takes_none(&["bugfix/login", "bugfix/PLT-423-login"]);
}

#[test]
fn a3_hotfix_branches_may_carry_the_ticket_alone() {
    let gate = Gate::new();
    gate.takes(&["hotfix/PLT-423"]);
    gate.takes_none(&["hotfix/urgent"]);
}

#[test]
fn a4_release_branches_carry_a_version() {
    let gate = Gate::new();
    gate.takes(&["release/2.4.1"]);
    gate.takes_none(&["release/next", "release/v2.4.1"]);
}

#[test]
fn a5_the_ticket_of_a_feature_branch_is_of_any_project() {
    let gate = Gate::new();
    gate.takes(&["feature/PROJ-1234-add-invoice-export"]);
    gate.takes_none(&["feature/proj-1234-add-invoice-export"]);
}

#[test]
fn a6_release_branches_have_two_numbers() {
    let gate = Gate::new();
    gate.takes(&["release/1.8", "release/2.1", "release/1.6"]);
    gate.takes_none(&["release/1", "release/01.8"]);
}

#[test]
fn a7_hotfix_branches_have_a_version_and_a_ticket() {
    let gate = Gate::new();
    gate.takes(&["hotfix/1.8.3-PROJ-8821", "hotfix/2.1.0-PROJ-9999"]);
    gate.takes_none(&["hotfix/1.8.3", "hotfix/1.8-PROJ-8821", "hotfix/PROJ-8821-1.8.3"]);
}

#[test]
fn a8_a_ticket_may_have_no_hyphen() {
    let gate = Gate::new();
    gate.takes(&["hotfix/1.4.3-INC12345"]);
    gate.takes_none(&["hotfix/1.4.3-12345"]);
}

#[test]
fn a9_the_pattern_of_feature_branches() {
    let gate = Gate::new();
    gate.takes(&["feature/ABC-123-add-timeout"]);
    gate.takes_none(&["feature/ABC-add-timeout", "feature/ABC-123-add_timeout", "feature/ABC-123-"]);
    // As it was printed, with the slash and the end mended, for who wants the expression itself.
    let gate = Gate::with("[branch]\npatterns = [\"main\", \"/^feature/[A-Z]+-[0-9]+-[a-z0-9-]+$/\"]\n");
    gate.takes(&["feature/ABC-123-add-timeout"]);
    gate.takes_none(&["feature/INC123-add-timeout"]);
}

#[test]
fn a10_the_pattern_of_release_branches() {
    let gate = Gate::with("[branch]\npatterns = [\"main\", \"/^release/[0-9]+\\\\.[0-9]+$/\"]\n");
    gate.takes(&["release/1.4"]);
    gate.takes_none(&["release/1.4.0"]);
    Gate::new().takes(&["release/1.4"]);
}

#[test]
fn a11_the_pattern_of_hotfix_branches() {
    let gate = Gate::new();
    gate.takes(&["hotfix/1.4.2-ABC-987"]);
    gate.takes_none(&["hotfix/1.4.2-ABC", "hotfix/1.4.2_ABC-987"]);
}

#[test]
fn a12_chore_branches() {
    let gate = Gate::new();
    gate.takes(&["chore/ABC-555-dep-bump"]);
    gate.takes_none(&["chore/dep-bump", "chore/ABC-555"]);
}

#[test]
fn a13_backport_branches_name_their_release() {
    let gate = Gate::new();
    gate.takes(&["backport/PROJ-8821-to-1.6"]);
    gate.takes_none(&["backport/PROJ-8821", "backport/1.6"]);
}

#[test]
fn a14_a_revert_is_a_feature_branch() {
    let gate = Gate::new();
    gate.takes(&["feature/PROJ-77-revert-invoice-export"]);
    gate.takes_none(&["revert/PROJ-77"]);
}

#[test]
fn a15_another_scheme_of_tickets_is_written_down() {
    let gate = Gate::with("[message]\nticket = \"[0-9]+\"\n");
    gate.takes(&["feature/423-add-oauth-provider", "hotfix/1.4.3-987"]);
    gate.takes_none(&["feature/PLT-423-add-oauth-provider"]);
}

#[test]
fn a16_every_branch_has_a_known_name_and_a_ticket() {
    let gate = Gate::new();
    gate.takes_none(&["my-stuff", "alice/PROJ-1", "feature/no-ticket", "test"]);
}

#[test]
fn a17_the_branches_that_live_long() {
    let gate = Gate::new();
    gate.takes(&["develop"]);
    gate.takes_none(&["master", "trunk"]);
}

#[test]
fn a18_gates_go_by_the_kind_of_branch() {
    let gate = Gate::with("[[overlay]]\nbranches = [\"feature/*\"]\nmarkers.todo = \"allow\"\n");
    gate.0.repo.write("src/app.rs", "// TODO: the other half\n");
    gate.commit("feat: add a half");
    gate.refuses("HEAD:refs/heads/bugfix/PROJ-1", &["GP-MARK-001"]);
    gate.accepts("HEAD:refs/heads/feature/PROJ-1-half");
}

#[test]
fn a19_environments_are_no_branches() {
    Gate::new().takes_none(&["production", "staging", "env/production", "deploy/eu-1"]);
}

#[test]
fn a20_branches_that_are_open_for_more_than_two_days_are_listed() {
    let gate = Gate::new();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    for (name, days) in [("feature/PROJ-1-old", 3), ("feature/PROJ-2-new", 1), ("release/1.4", 90)] {
        gate.switch(name, "main");
        let mut command = gate.0.repo.command("git", gate.0.repo.root());
        command.env("GIT_COMMITTER_DATE", format!("{} +0000", now - days * 86_400 - 60));
        command.args(["commit", "-q", "--allow-empty", "-m", &message("fix: mend it")]);
        crate::support::run(&mut command, b"").ok();
        gate.there(&format!("{name}:{name}"));
    }
    let run = gate.0.repo.gatepost(["audit", "--repo", gate.0.bare.to_str().unwrap()]);
    let run = run.failed(&[1], &["stale-branch", "refs/heads/feature/PROJ-1-old: open for 3 days"]);
    assert!(!run.out.contains("PROJ-2-new:") && !run.out.contains("release/1.4: open"), "{}", run.out);
}

#[test]
fn a21_branches_that_are_merged_are_deleted() {
    let gate = Gate::new();
    gate.accepts("main:refs/heads/feature/PROJ-1-done");
    let run = gate.0.repo.gatepost(["audit", "--repo", gate.0.bare.to_str().unwrap()]);
    run.failed(&[1], &["merged-branch", "git push --delete REMOTE feature/PROJ-1-done"]);
    gate.accepts(":refs/heads/feature/PROJ-1-done");
}

#[test]
fn a22_a_release_branch_can_be_made_to_have_its_record() {
    let record = "docs/decision-records/branching-and-release.md";
    let gate = Gate::with(&format!(
        "[[overlay]]\nbranches = [\"release/*\"]\nfiles.require = [\"CODEOWNERS\", \"/{record}\"]\n"
    ));
    gate.accepts("main:refs/heads/feature/PROJ-1-x");
    gate.refuses("main:refs/heads/release/1.4", &["GP-FILE-015", record]);
    gate.0.repo.write(record, "Owner, support horizon, backports\n");
    gate.0.repo.commit_all(&format!("docs: say how releases branch\n\n{TRAILERS}"));
    gate.lands("HEAD:main");
    gate.accepts("HEAD:refs/heads/release/1.4");
}
