//! Release branches.

use super::{Gate, message};
use crate::support::{in_days, run};

const RELEASE: &str = "HEAD:refs/heads/release/1.4";

/// A server with `release/1.4`, cut from `main`.
fn cut() -> Gate {
    cut_with("")
}

fn cut_with(more: &str) -> Gate {
    let gate = Gate::with(more);
    gate.accepts("main:refs/heads/release/1.4");
    gate
}

#[test]
fn e1_a_release_branch_is_cut_from_main() {
    let gate = Gate::new();
    gate.on("main");
    gate.commit("feat: add the export");
    gate.accepts("HEAD:refs/heads/feature/PROJ-1-export");
    gate.refuses(RELEASE, &["GP-REF-038"]);
    gate.lands("HEAD:main");
    gate.accepts(RELEASE);
}

#[test]
fn e2_after_the_cut_there_are_fixes_and_no_features() {
    for kind in ["feat", "perf", "refactor"] {
        let gate = cut();
        let commit = gate.on_main(&format!("{kind}: add the export"));
        gate.on("release/1.4");
        gate.git(&["cherry-pick", "-x", &commit]);
        gate.declines(RELEASE, &["GP-REF-020", &format!("`{kind}`")]);
    }
    let gate = cut();
    for kind in ["fix", "security", "test", "docs", "ci", "chore"] {
        let commit = gate.on_main(&format!("{kind}: make it ready"));
        gate.on("release/1.4");
        gate.git(&["cherry-pick", "-x", &commit]);
        gate.lands(RELEASE);
    }
}

#[test]
fn e3_a_fix_lands_on_main_first_and_is_picked_with_its_origin() {
    let gate = cut();
    gate.on("release/1.4");
    gate.commit("fix: close the file");
    gate.declines(RELEASE, &["GP-REF-021", "git cherry-pick -x"]);
    let fix = gate.on_main("fix: close the file");
    gate.on("release/1.4");
    gate.git(&["cherry-pick", &fix]);
    gate.declines(RELEASE, &["GP-REF-021"]);
    gate.on("release/1.4");
    gate.git(&["cherry-pick", "-x", &fix]);
    gate.lands(RELEASE);
}

#[test]
fn e4_a_pick_is_the_same_change_or_says_why_not() {
    let gate = cut();
    let fix = gate.on_main("fix: close the file");
    gate.on("release/1.4");
    let typed = format!("fix: close the file\n\n(cherry picked from commit {fix})\n{}", super::TRAILERS);
    gate.0.repo.write("src/by-hand.txt", "closed in another way\n");
    gate.0.repo.commit_all(&typed);
    gate.declines(RELEASE, &["GP-REF-048", "Conflict-resolved"]);
    gate.on("release/1.4");
    gate.git(&["cherry-pick", "-x", &fix]);
    let path = gate.git(&["show", "--name-only", "--format=", "HEAD"]);
    gate.0.repo.write(&path, "closed, as this version has it\n");
    gate.git(&["commit", "-q", "-a", "--amend", "--no-edit"]);
    gate.declines(RELEASE, &["GP-REF-048"]);
    gate.git(&[
        "commit",
        "-q",
        "--amend",
        "--no-edit",
        "--trailer",
        "Conflict-resolved: the file has another name",
    ]);
    gate.lands(RELEASE);
}

#[test]
fn e5_a_fix_of_the_release_alone_has_a_record_with_reason_risk_and_approver() {
    let gate = cut();
    gate.on("release/1.4");
    gate.commit("fix: talk to the old gateway");
    let mut amend = gate.0.repo.command("git", gate.0.repo.root());
    amend.args(["commit", "-q", "--amend", "--no-edit"]).env("GIT_COMMITTER_DATE", "2020-01-01T12:00:00Z");
    run(&mut amend, b"").ok();
    let fix = gate.0.repo.head();
    gate.declines(RELEASE, &["GP-REF-021"]);
    let record = format!(
        r#"[[exception]]
id = "EX-2026-0007"
rule = "not-cherry-picked"
commit = "{fix}"
status = "accepted-risk"
reason = "1.4 alone talks to the old gateway"
owner = "@payments"
approver = "@security"
ticket = "PROJ-1234"
policy-ref = "release branches: fixes land on main first"
scope = "release/1.4"
risk = "low: the code is gone from main"
compensating-controls = "the acceptance tests of 1.4"
rollback = "revert the commit"
links = ["https://example.com/requests/7"]
created = {}
review = {}
expires = {}
"#,
        in_days(0),
        in_days(10),
        in_days(30)
    );
    for (without, word) in [("approver", "approver"), ("risk", "risk"), ("reason", "reason")] {
        let lines = record.lines().filter(|line| !line.starts_with(without)).map(|line| format!("{line}\n"));
        gate.0.repo.write(
            "poor.toml",
            format!("schema = 1\nextends = [\"preset:regulated\"]\n{}", lines.collect::<String>()),
        );
        gate.0.repo.gatepost(["config", "check", "poor.toml"]).failed(&[2], &[word]);
    }
    std::fs::remove_file(gate.0.repo.root().join("poor.toml")).unwrap();
    gate.0.policy(&format!("schema = 1\nextends = [\"preset:regulated\"]\n{record}"));
    let said = gate.lands(RELEASE).said();
    assert!(said.contains("1 suppressed"), "{said}");
    // And it comes to main the same day.
    gate.on("release/1.4");
    gate.commit("fix: another");
    gate.declines(RELEASE, &["GP-REF-052", "owes a commit for longer than 1 day", "is not on main"]);
    gate.refuses(":refs/heads/release/1.4", &["GP-REF-046", "is not on main"]);
    gate.on("main");
    gate.git(&["cherry-pick", "-x", &fix]);
    gate.git(&["commit", "-q", "--amend", "--no-edit", "--trailer", "Ported-from: v1.4.0"]);
    gate.lands("HEAD:main");
    gate.accepts(":refs/heads/release/1.4");
}

#[test]
fn e6_a_backport_is_picked_from_the_commit_that_was_merged() {
    let gate = cut();
    gate.on("main");
    let own = gate.commit("fix: close the file");
    gate.accepts("HEAD:refs/heads/bugfix/PROJ-1");
    // The server squashes: what is on main is another commit.
    gate.git(&["commit", "-q", "--amend", "-m", &message("fix: close the file (PROJ-1)")]);
    let merged = gate.0.repo.head();
    gate.lands("HEAD:main");
    gate.on("release/1.4");
    gate.git(&["cherry-pick", "-x", &own]);
    gate.declines(RELEASE, &["GP-REF-021", "which is not on refs/heads/main"]);
    gate.on("release/1.4");
    gate.git(&["cherry-pick", "-x", &merged]);
    gate.lands(RELEASE);
}

#[test]
fn e7_a_release_branch_goes_when_every_fix_of_it_is_on_main() {
    let gate = cut();
    let fix = gate.on_main("fix: close the file");
    gate.on("release/1.4");
    gate.git(&["cherry-pick", "-x", &fix]);
    gate.lands(RELEASE);
    // What came from main is there.
    gate.accepts(":refs/heads/release/1.4");
    let gate = cut();
    gate.on("release/1.4");
    gate.commit("fix: close the file");
    gate.there("refs/heads/work:refs/heads/release/1.4");
    gate.refuses(":refs/heads/release/1.4", &["GP-REF-046", "git cherry-pick -x"]);
}
