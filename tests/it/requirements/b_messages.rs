//! Messages of commits, at the commit-msg hook and at the server.

use super::{Gate, message};
use crate::support::{Repo, Run};

/// A developer with the hooks and the preset.
struct Home(Repo);

impl Home {
    fn new() -> Self {
        Self::with("")
    }

    fn with(more: &str) -> Self {
        let repo = Repo::new();
        repo.write("gatepost.toml", format!("schema = 1\nextends = [\"preset:regulated\"]\n\n{more}"));
        repo.commit_all("ci: begin");
        repo.gatepost(["install"]).ok();
        Self(repo)
    }

    fn commit(&self, message: &str) -> Run {
        self.0.try_git(["commit", "-q", "--allow-empty", "-m", message])
    }

    #[track_caller]
    fn takes(&self, message: &str) {
        self.commit(message).ok();
    }

    #[track_caller]
    fn refuses(&self, message: &str, words: &[&str]) {
        let before = self.0.head();
        self.commit(message).refused(words);
        assert_eq!(self.0.head(), before);
    }
}

#[test]
fn b1_a_header_has_one_of_nine_types() {
    let home = Home::new();
    for name in ["feat", "fix", "chore", "refactor", "test", "docs", "ci", "perf", "security"] {
        home.takes(&message(&format!("{name}(api): say more")));
    }
    for name in ["style", "build", "feature", "Feat"] {
        home.refuses(&message(&format!("{name}(api): say more")), &["GP-MSG-002", "feat"]);
    }
}

#[test]
fn b2_a_header_follows_conventional_commits() {
    let home = Home::new();
    home.refuses(&message("added the export"), &["GP-MSG-001"]);
    home.refuses(&message("feat:"), &["GP-MSG-007"]);
    home.refuses(&message("feat() add"), &["GP-MSG-001"]);
}

#[test]
fn b3_an_equivalent_standard_is_written_down() {
    let home =
        Home::with("[message]\nrules.not-conventional = \"off\"\nheader-match = ['^[A-Z]+-[0-9]+ [A-Z]']\n");
    home.takes(&message("PROJ-1234 Add the export"));
    home.refuses(&message("Add the export"), &["GP-MSG-030"]);
    // The ticket is demanded all the same.
    home.refuses("PROJ-1234 Add the export\n\nRisk: low", &["GP-MSG-012"]);
}

#[test]
fn b4_trailers_name_ticket_risk_and_owners() {
    let home = Home::new();
    home.takes(
        "feat(api): add idempotency key support\n\nRefs: TICKET-1234\nRisk: medium\nOwners: @team-api",
    );
    home.refuses("feat(api): add idempotency key support\n\nRefs: TICKET-1234", &["GP-MSG-012", "Risk"]);
    home.refuses("feat(api): add idempotency key support\n\nRisk: medium", &["GP-MSG-012", "Refs"]);
}

#[test]
fn b5_the_ticket_stands_in_the_message() {
    let home = Home::new();
    home.takes("fix: keep the login\n\nFor PROJ-1234.\n\nRefs: the incident\nRisk: low");
    home.refuses("fix: keep the login\n\nRefs: the incident\nRisk: low", &["GP-MSG-011"]);
}

#[test]
fn b6_the_header_may_name_the_ticket() {
    let home = Home::new();
    for header in ["feat: add the export (PROJ-1234)", "fix: close the file (PROJ-1234)"] {
        home.takes(&message(header));
    }
    // The other reading: the header alone.
    let home = Home::with("[message]\ntrailers.required = [\"Risk\"]\n");
    home.takes("feat: add the export (PROJ-1234)\n\nRisk: low");
    home.refuses("feat: add the export\n\nRisk: low", &["GP-MSG-011"]);
}

#[test]
fn b7_the_risk_is_low_medium_or_high() {
    let home = Home::new();
    for risk in ["low", "medium", "high"] {
        home.takes(&format!("fix: keep the login\n\nRefs: PROJ-1\nRisk: {risk}"));
    }
    home.refuses("fix: keep the login\n\nRefs: PROJ-1\nRisk: none", &["GP-MSG-028"]);
    home.refuses("fix: keep the login\n\nRefs: PROJ-1\nRisk:", &["GP-MSG-012"]);
}

#[test]
fn b8_code_has_owners() {
    let home = Home::new();
    home.takes(&format!("{}\nOwners: @team-api", message("fix: keep the login")));
    home.refuses(&format!("{}\nOwners: somebody", message("fix: keep the login")), &["GP-MSG-028"]);
    let gate = Gate::new();
    gate.0.repo.remove("CODEOWNERS");
    gate.commit("chore: take the owners away");
    gate.refuses("HEAD:refs/heads/chore/PROJ-1-x", &["GP-FILE-015", "CODEOWNERS"]);
    gate.0.repo.write("CODEOWNERS", "src/** somebody\n");
    gate.commit("chore: name somebody");
    gate.refuses("HEAD:refs/heads/chore/PROJ-1-x", &["GP-FILE-017"]);
    let owned = Gate::with("[files]\nowned-paths = [\"config/**\"]\n");
    owned.0.repo.write("CODEOWNERS", "/src/ @team-api\n");
    owned.0.repo.write("config/prod.toml", "port = 80\n");
    owned.commit("chore: configure production");
    owned.refuses("HEAD:refs/heads/chore/PROJ-1-x", &["GP-FILE-018", "config/prod.toml"]);
    // The other reading: every commit names its own.
    let home = Home::with("[message]\ntrailers.required = [\"Refs\", \"Risk\", \"Owners\"]\n");
    home.refuses(&message("fix: keep the login"), &["GP-MSG-012", "Owners"]);
}

#[test]
fn b9_a_breaking_change_is_marked_twice() {
    let home = Home::new();
    home.takes("feat(api)!: drop the old key\n\nBREAKING CHANGE: the key is gone\nRefs: PROJ-1\nRisk: high");
    home.refuses(&message("feat(api)!: drop the old key"), &["GP-MSG-013"]);
    home.refuses(
        "feat(api): drop the old key\n\nBREAKING CHANGE: the key is gone\nRefs: PROJ-1\nRisk: high",
        &["GP-MSG-013"],
    );
}

#[test]
fn b11_a_change_is_taken_back_by_a_revert_and_not_by_rewriting() {
    let gate = Gate::new();
    gate.commit("feat: add the export");
    gate.lands("HEAD:main");
    gate.declines("+HEAD~1:main", &["GP-REF-014", "git revert"]);
    gate.git(&["revert", "--no-edit", "HEAD"]);
    gate.accepts("HEAD:refs/heads/feature/PROJ-77-revert-export");
    gate.lands("HEAD:main");
}

#[test]
fn b12_dependencies_change_alone() {
    let gate = Gate::new();
    gate.0.repo.write("Cargo.lock", "version = 4\n");
    gate.commit("feat: read dates with a library");
    gate.refuses("HEAD:refs/heads/feature/PROJ-1-dates", &["GP-MSG-032"]);
    gate.git(&["reset", "-q", "--hard", "HEAD~1"]);
    gate.0.repo.write("Cargo.lock", "version = 4\n");
    gate.0.repo.commit_all(&message("chore(deps): add a library for dates"));
    gate.accepts("HEAD:refs/heads/chore/PROJ-1-deps");
}

#[test]
fn b14_nothing_drives_by_without_ticket_and_risk() {
    let gate = Gate::new();
    gate.commit_all("fix: while I was here");
    let words = ["GP-MSG-011", "GP-MSG-012", "while I was here"];
    gate.refuses("HEAD:refs/heads/bugfix/PROJ-1", &words);
    gate.declines("HEAD:main", &words);
    gate.git(&["reset", "-q", "--hard", "HEAD~1"]);
    gate.commit_all("fixup! docs: say who answers for what");
    gate.refuses("HEAD:refs/heads/bugfix/PROJ-1", &["GP-MSG-016"]);
}

#[test]
fn b13_entries_of_the_changelog_name_pull_request_and_ticket_and_mark_backports_and_what_breaks() {
    let gate = super::Gate::new();
    gate.released("v1.4.2", "main");
    gate.on("main");
    gate.0.repo.write("src/export.txt", "rows\n");
    gate.commit_all(
        "feat(api)!: drop the port (PROJ-7)\n\nBREAKING CHANGE: it is gone\n\nRefs: PROJ-7\nRisk: low\n",
    );
    gate.lands("HEAD:main");
    let tagged = |entries: &str| {
        gate.on("main");
        gate.0.repo.write("CHANGELOG.md", format!("## 2.0.0\n{entries}"));
        gate.commit_all(&super::message("docs: write the changelog"));
        gate.lands("HEAD:main");
        gate.tag("v2.0.0", "HEAD", "Release v2.0.0");
        let said = gate.accepts("refs/tags/v2.0.0").said();
        gate.0.repo.run("git", ["update-ref", "-d", "refs/tags/v2.0.0"], &gate.0.bare, b"").ok();
        said
    };
    for (entries, words) in [
        ("", "no entry names PROJ-7"),
        ("- **breaking**: no port any more (PROJ-7)\n", "names no pull request"),
        ("- **breaking**: no port any more (#8)\n", "names no ticket"),
        ("- no port any more (PROJ-7, #8)\n", "is not marked as breaking"),
    ] {
        let said = tagged(entries);
        assert!(said.contains("warning[GP-REF-050]") && said.contains(words), "{entries}: {said}");
    }
    let said = tagged("### Breaking\n\n- no port any more (PROJ-7, #8)\n");
    assert!(!said.contains("GP-REF-050"), "{said}");
    // A backport names what it was picked from.
    let fix = gate.on_main("fix: close the file");
    gate.switch("cut", "v1.4.2");
    gate.there("refs/heads/cut:refs/heads/release/1.4");
    gate.on("release/1.4");
    gate.git(&["cherry-pick", "-x", &fix]);
    gate.lands("HEAD:refs/heads/release/1.4");
    let ported = |line: &str| {
        gate.on("release/1.4");
        gate.0.repo.write("CHANGELOG.md", format!("## 1.4.3\n- {line}\n"));
        gate.commit_all(&super::message("docs: write the changelog"));
        gate.there("refs/heads/work:refs/heads/release/1.4");
        gate.tag("v1.4.3", "HEAD", "Release v1.4.3");
        let said = gate.accepts("refs/tags/v1.4.3").said();
        gate.0.repo.run("git", ["update-ref", "-d", "refs/tags/v1.4.3"], &gate.0.bare, b"").ok();
        // A fetch would bring it along.
        gate.git(&["tag", "-d", "v1.4.3"]);
        said
    };
    let said = ported("the file is closed (PROJ-1234, #9)");
    assert!(said.contains("it is a backport"), "{said}");
    for line in [
        "the file is closed, backport of #8 (PROJ-1234, #9)",
        &format!("closed, {} (PROJ-1234, #9)", &fix[..9]),
    ] {
        let said = ported(line);
        assert!(!said.contains("GP-REF-050"), "{said}");
    }
}
