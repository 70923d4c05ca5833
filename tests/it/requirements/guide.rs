//! What the guide of the preset has people type, typed: a release, a hotfix, and its way to the versions that follow.

use super::Gate;
use crate::support::ROOT;
use std::path::Path;

/// A developer who has read the guide.
struct Reader {
    gate: Gate,
    page: String,
}

impl Reader {
    /// Types a line of the page, with this commit for its `COMMIT`.
    #[track_caller]
    fn types(&self, line: &str, commit: &str) {
        assert!(self.page.contains(line), "docs/regulated.md does not have `{line}`");
        let repo = &self.gate.0.repo;
        repo.run("sh", ["-e", "-c", &line.replace("COMMIT", commit)], repo.root(), b"").ok();
    }

    /// The merge button, by rebase: what is checked out comes to the branch.
    #[track_caller]
    fn merged(&self, branch: &str) {
        self.gate.lands(&format!("HEAD:refs/heads/{branch}"));
        self.gate.git(&["fetch", "-q", "origin"]);
    }
}

#[test]
fn a_release_and_a_hotfix_go_through_as_the_guide_says() {
    let page = std::fs::read_to_string(Path::new(ROOT).join("docs/regulated.md")).unwrap();
    let reader = Reader { gate: Gate::new(), page };
    let gate = &reader.gate;
    gate.can_sign();
    gate.on_main("feat: add the export");

    reader.types("git push origin origin/main:refs/heads/release/1.8", "");
    let fix = gate.on_main("fix: close the file");
    gate.git(&["fetch", "-q", "origin"]);
    reader.types("git switch -c backport/PROJ-8821-to-1.8 origin/release/1.8", "");
    reader.types("git cherry-pick -x COMMIT", &fix);
    reader.types("git push -u origin HEAD", "");
    reader.merged("release/1.8");
    reader.types("git tag -s v1.8.0 -m 'Release v1.8.0' origin/release/1.8 && git push origin v1.8.0", "");

    gate.on_main("feat: add the import");
    reader.types("git push origin 'v1.8.0^{}:refs/heads/hotfix/1.8.1-INC12345'", "");
    gate.git(&["fetch", "-q", "origin"]);
    reader.types("git switch -c bugfix/INC12345 origin/hotfix/1.8.1-INC12345", "");
    let mended = gate.commit("security: check the length");
    reader.merged("hotfix/1.8.1-INC12345");
    reader.types(
        "git tag -s v1.8.1 -m 'Hotfix v1.8.1 (INC12345)' origin/hotfix/1.8.1-INC12345 && git push origin v1.8.1",
        "",
    );

    let check = || {
        let line = "gatepost check refs --forward-ports --at origin";
        assert!(reader.page.contains(line));
        gate.0.repo.write("gatepost.toml", "schema = 1\nextends = [\"preset:regulated\"]\n");
        let run = gate.0.repo.gatepost(line.split(' ').skip(1));
        gate.0.repo.remove("gatepost.toml");
        run
    };
    check().failed(&[1], &["2 of 3 are owed"]);
    reader.types("git switch -c chore/INC12345-forward-port origin/main", "");
    reader.types("git cherry-pick -x COMMIT", &mended);
    reader.types("git commit --amend --no-edit --trailer 'Ported-from: v1.8.1'", "");
    let ported = gate.0.repo.head();
    reader.merged("main");
    check().failed(&[1], &[&format!("`git cherry-pick -x {}`", &mended[..12]), "land it on release/1.8"]);
    gate.switch("again", "origin/release/1.8");
    reader.types("git cherry-pick -x COMMIT", &ported);
    reader.merged("release/1.8");
    check().ok();
    reader.types("git push origin --delete hotfix/1.8.1-INC12345", "");
}

#[test]
fn the_message_of_the_guide_is_one_that_the_preset_takes() {
    let page = std::fs::read_to_string(Path::new(ROOT).join("docs/regulated.md")).unwrap();
    let shown = page.split("```text\n").nth(1).unwrap().split("\n```").next().unwrap();
    let gate = Gate::new();
    gate.commit_all(shown);
    gate.accepts("HEAD:refs/heads/feature/PROJ-1234-add-invoice-export");
    gate.commit_all(&shown.replace("Risk: medium", "Risk: none"));
    gate.refuses("HEAD:refs/heads/feature/PROJ-1234-add-invoice-export", &["GP-MSG-028"]);
}

#[test]
fn the_preset_fits_on_one_screen() {
    let text = gatepost_core::policy::Preset::find("regulated").unwrap().text;
    assert!(text.lines().count() <= 60, "{} lines", text.lines().count());
    let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > 100).collect();
    assert!(long.is_empty(), "{long:#?}");
}
