//! Protected branches, and what may be merged to them.

use super::{Gate, edited, message};

/// A server with the three kinds of protected branches, all at `main`.
fn protected() -> Gate {
    protected_by(Gate::new())
}

fn protected_by(gate: Gate) -> Gate {
    gate.released("v1.4.2", "main");
    for name in PROTECTED {
        gate.there(&format!("refs/heads/main:refs/heads/{name}"));
    }
    gate
}

const PROTECTED: [&str; 3] = ["main", "release/1.4", "hotfix/1.4.3-INC12345"];

impl Gate {
    /// A commit on a branch of its own that a release branch takes: its origin is on `main`.
    fn picked(&self) {
        self.switch("fix", "main");
        self.commit("fix: close the file");
        self.there("refs/heads/fix:refs/heads/main");
        self.switch("pick", "HEAD~1");
        self.git(&["cherry-pick", "-x", "fix"]);
    }
}

#[test]
fn d1_protected_branches_are_not_pushed_to() {
    let gate = protected();
    gate.commit("fix: close the file");
    for name in PROTECTED {
        gate.refuses(&format!("HEAD:refs/heads/{name}"), &["GP-REF-011", "merge request"]);
    }
    gate.lands("HEAD:main");
    gate.lands("HEAD:refs/heads/hotfix/1.4.3-INC12345");
    gate.git(&["reset", "-q", "--hard", "HEAD~1"]);
    gate.picked();
    gate.refuses("pick:refs/heads/release/1.4", &["GP-REF-011"]);
    gate.lands("pick:refs/heads/release/1.4");
}

#[test]
fn d2_protected_branches_are_not_forced() {
    let gate = protected();
    gate.git(&["checkout", "-q", "--detach", "main~1"]);
    gate.commit("fix: another history");
    for name in PROTECTED {
        let refspec = format!("+HEAD:refs/heads/{name}");
        gate.refuses(&refspec, &["GP-REF-014"]);
        gate.declines(&refspec, &["GP-REF-014"]);
    }
}

#[test]
fn d3_protected_branches_are_not_deleted() {
    let gate = protected();
    // Git keeps the branch that HEAD is at by itself.
    gate.0.repo.run("git", ["config", "receive.denyDeleteCurrent", "ignore"], &gate.0.bare, b"").ok();
    gate.refuses(":main", &["GP-REF-013"]);
    gate.declines(":main", &["GP-REF-013"]);
}

#[test]
fn d4_the_history_of_protected_branches_is_linear() {
    let gate = protected();
    gate.picked();
    gate.git(&["merge", "-q", "--no-ff", "-m", "Merge branch 'fix'", "fix"]);
    for name in PROTECTED {
        gate.declines(&format!("HEAD:refs/heads/{name}"), &["GP-REF-015", "Merge branch"]);
    }
}

#[test]
fn d5_one_pull_request_is_one_commit_on_main() {
    let gate = protected();
    gate.commit("feat: add the export");
    gate.commit("feat: add the import");
    gate.declines("HEAD:main", &["GP-REF-017", "2 arrive"]);
    gate.lands("HEAD~1:main");
    gate.lands("HEAD:main");
}

#[test]
fn d6_release_branches_are_linear_or_where_the_team_reads_it_so_take_merge_commits() {
    // Linear everywhere is the stricter reading.
    let gate = protected();
    gate.picked();
    gate.switch("merged", "main");
    gate.git(&["merge", "-q", "--no-ff", "-m", "Merge branch 'pick'", "pick"]);
    gate.declines("merged:refs/heads/release/1.4", &["GP-REF-015"]);
    gate.lands("pick:refs/heads/release/1.4");

    let merges = "{ match = [\"refs/heads/{main,release/*,hotfix/*}\"], merges = \"deny\" },\n";
    let apart = "{ match = [\"refs/heads/{main,hotfix/*}\"], merges = \"deny\" },\n\
                 { match = [\"refs/heads/release/*\"], merge-required = \"deny\" },\n";
    let gate = protected_by(Gate::of(&edited(&[(merges, apart)])));
    gate.picked();
    gate.declines("pick:refs/heads/release/1.4", &["GP-REF-016"]);
    gate.switch("merged", "main");
    gate.git(&["merge", "-q", "--no-ff", "-m", "Merge branch 'pick'", "pick"]);
    gate.lands("merged:refs/heads/release/1.4");
    gate.git(&["checkout", "-q", "fix"]);
    gate.git(&["merge", "-q", "--no-ff", "-m", "Merge branch 'pick'", "pick"]);
    gate.declines("fix:main", &["GP-REF-015"]);
}

#[test]
fn d7_main_release_and_hotfix_are_protected_and_others_are_not() {
    let gate = protected();
    for name in ["develop", "feature/PROJ-1-x"] {
        let refspec = format!("HEAD:refs/heads/{name}");
        gate.commit("feat: add the export");
        gate.accepts(&refspec);
        gate.git(&["commit", "-q", "--amend", "-m", &message("feat: add another export")]);
        gate.accepts(&format!("+{refspec}"));
    }
}

#[test]
fn d8_administrators_are_not_exempt() {
    let gate = protected();
    gate.commit("fix: close the file");
    for user in [
        &[("GL_USER", "admin"), ("GL_REPO", "r")][..],
        &[("GITEA_PUSHER_NAME", "admin")],
        &[
            ("GL_ID", "user-1"),
            ("GL_USERNAME", "root"),
            ("GL_PROTOCOL", "ssh"),
            ("GL_REPOSITORY", "project-1"),
        ],
    ] {
        gate.push_as(user, "HEAD:main").refused(&["GP-REF-011"]);
    }
}

#[test]
fn d9_tags_are_signed_and_commits_should_be() {
    let gate = protected();
    gate.switch("work", "main");
    gate.commit("feat: add the export");
    let said = gate.lands("HEAD:main").said();
    assert!(said.contains("warning") && said.contains("GP-REF-040"), "{said}");
    gate.can_sign();
    gate.git(&["commit", "-q", "--allow-empty", "-S", "-m", &message("feat: add the import")]);
    let said = gate.lands("HEAD:main").said();
    assert!(!said.contains("GP-REF-040"), "{said}");
    gate.git(&["tag", "-a", "v1.5.0", "-m", "Release v1.5.0"]);
    gate.refuses("v1.5.0", &["GP-REF-041"]);
    gate.tag("v1.5.0", "HEAD", "Release v1.5.0");
    gate.accepts("v1.5.0");
    // Where commits must be signed.
    let must = "[[ref]]\nmatch = [\"refs/heads/main\"]\ncommit-signatures = \"valid\"\n";
    let gate = Gate::with(must);
    gate.commit("feat: add the export");
    gate.declines("HEAD:main", &["GP-REF-040"]);
}

#[test]
fn d12_settings_of_protection_that_are_kept_as_a_file_do_not_become_weaker() {
    let gate = Gate::new();
    let settings = |approvals: u8, checks: &str| {
        let text = format!(
            "branches:\n  - name: main\n    protection:\n      required_pull_request_reviews:\n        required_approving_review_count: {approvals}\n      \
             required_status_checks:\n        strict: true\n        contexts: [{checks}]\n      enforce_admins: true\n"
        );
        gate.0.repo.write(".github/settings.yml", text);
    };
    settings(2, "sast-scan, sca-scan, secrets-scan, iac-scan, unit-tests");
    gate.commit("ci: protect main");
    gate.lands("HEAD:main");
    settings(1, "sast-scan, sca-scan, secrets-scan, iac-scan, unit-tests");
    gate.commit("ci: one reviewer will do");
    gate.refuses("HEAD:refs/heads/chore/PROJ-1-x", &["GP-POL-011"]);
    gate.git(&["reset", "-q", "--hard", "HEAD~1"]);
    settings(2, "unit-tests");
    gate.commit("ci: fewer checks");
    gate.declines("HEAD:main", &["GP-POL-011"]);
}
