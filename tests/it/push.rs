//! `git push` to a bare repository: what is judged is what the remote does not have.

use crate::support::{Repo, leak, token};
use std::path::PathBuf;

const RULE: &str = "github-pat";

/// A gated repository whose `main` has been pushed to a bare `origin`.
fn pushed() -> (Repo, PathBuf) {
    let repo = Repo::gated();
    let remote = repo.beside("origin.git");
    repo.git(["init", "-q", "--bare", "-b", "main", remote.to_str().unwrap()]);
    repo.git(["remote", "add", "origin", remote.to_str().unwrap()]);
    repo.git(["push", "-q", "origin", "main"]);
    (repo, remote)
}

/// Every ref of the remote, `name id` a line.
fn refs(repo: &Repo) -> String {
    repo.git(["ls-remote", "-q", "origin"])
}

#[test]
fn a_secret_committed_past_the_hook_is_stopped_on_its_way_out() {
    let (repo, _) = pushed();
    let (before, token) = (refs(&repo), token());
    repo.write("app.env", leak(&token));
    repo.commit_all("feat: add settings");
    // Taken out again: the commit that holds it is pushed all the same.
    repo.remove("app.env");
    repo.commit_all("fix: remove the settings");
    let run = repo.try_git(["push", "origin", "main"]).refused(&[RULE, "app.env"]);
    assert!(!run.said().contains(&token));
    assert_eq!(refs(&repo), before);
}

#[test]
fn a_bad_message_is_stopped_and_a_good_push_passes() {
    let (repo, _) = pushed();
    let before = refs(&repo);
    repo.commit_all("feat: good");
    let good = repo.head();
    repo.commit_all("bad message");
    repo.try_git(["push", "origin", "main"]).refused(&["GP-MSG-", "bad message"]);
    assert_eq!(refs(&repo), before);
    repo.try_git(["push", "origin", &format!("{good}:refs/heads/main")]).ok();
    assert!(refs(&repo).contains(&good));
}

#[test]
fn what_the_remote_has_is_not_judged_again() {
    let (repo, _) = pushed();
    repo.write("old.env", leak(&token()));
    repo.commit_all("feat: old leak");
    repo.git(["push", "-q", "--no-verify", "origin", "main"]);
    repo.write("new.txt", "new\n");
    let new = repo.commit_all("feat: new");
    repo.try_git(["push", "origin", "main"]).ok();
    // A new branch on old commits brings nothing new.
    repo.try_git(["push", "origin", "HEAD:refs/heads/again"]).ok();
    assert_eq!(refs(&repo).matches(&new).count(), 3, "{}", refs(&repo));
}

#[test]
fn a_new_branch() {
    let (repo, _) = pushed();
    let before = refs(&repo);
    repo.git(["checkout", "-q", "-b", "topic"]);
    repo.write("app.env", leak(&token()));
    repo.commit_all("feat: add settings");
    repo.try_git(["push", "origin", "topic"]).refused(&[RULE, "app.env"]);
    // Several refs at once: each is judged.
    repo.try_git(["push", "origin", "main:refs/heads/copy", "topic"]).refused(&[RULE, "app.env"]);
    assert_eq!(refs(&repo), before);
    repo.git(["reset", "-q", "--hard", "main"]);
    repo.commit_all("feat: nothing to see");
    repo.try_git(["push", "origin", "topic"]).ok();
    // Deleting it judges nothing.
    repo.try_git(["push", "origin", "--delete", "topic"]).ok();
    assert_eq!(refs(&repo), before);
}

#[test]
fn a_forced_push() {
    let (repo, _) = pushed();
    let before = refs(&repo);
    repo.git(["commit", "-q", "--no-verify", "--amend", "-m", "docs: say it anew"]);
    repo.write("app.env", leak(&token()));
    repo.commit_all("feat: add settings");
    repo.try_git(["push", "--force", "origin", "main"]).refused(&[RULE, "app.env"]);
    assert_eq!(refs(&repo), before);
    repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    repo.try_git(["push", "--force", "origin", "main"]).ok();
    assert!(refs(&repo).contains(&repo.head()));
}

#[test]
fn tags() {
    let (repo, _) = pushed();
    let before = refs(&repo);
    repo.git(["tag", "-a", "v1.0.0", "-m", &format!("release\n\n{}", leak(&token()))]);
    repo.try_git(["push", "origin", "v1.0.0"]).refused(&[RULE]);
    assert_eq!(refs(&repo), before);
    repo.git(["tag", "-f", "-a", "v1.0.0", "-m", "release"]);
    repo.git(["tag", "light"]);
    repo.try_git(["push", "origin", "v1.0.0", "light"]).ok();
    assert!(refs(&repo).contains("refs/tags/v1.0.0"));
}

#[test]
fn the_remote_branch_is_the_one_whose_name_counts() {
    let (repo, _) = pushed();
    repo.write(
        "gatepost.toml",
        "schema = 1\n\n[branch]\nlevel = \"deny\"\npatterns = [\"main\", \"feature/{slug}\"]\n",
    );
    repo.commit_all("chore: name branches");
    repo.try_git(["push", "origin", "main"]).ok();
    let before = refs(&repo);
    repo.try_git(["push", "origin", "main:refs/heads/My_Stuff"]).refused(&["GP-REF-", "My_Stuff"]);
    assert_eq!(refs(&repo), before);
    repo.try_git(["push", "origin", "main:refs/heads/feature/my-stuff"]).ok();
    assert!(refs(&repo).contains("refs/heads/feature/my-stuff"));
}

#[test]
fn nothing_to_push_is_no_failure() {
    let (repo, _) = pushed();
    repo.try_git(["push", "origin", "main"]).ok();
}
