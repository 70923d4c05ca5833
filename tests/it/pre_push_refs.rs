//! Rules for refs that move, judged at home: `pre-push` knows the refs of the remote as they were fetched last, and not
//! who pushes.

use crate::support::Repo;

/// A gated repository whose `main` and whose policy have been pushed to a bare `origin`.
fn pushed(blocks: &str) -> Repo {
    let repo = Repo::gated();
    repo.write("gatepost.toml", format!("schema = 1\n{blocks}\n"));
    repo.commit_all("chore: begin");
    let remote = repo.beside("origin.git");
    repo.git(["init", "-q", "--bare", "-b", "main", remote.to_str().unwrap()]);
    repo.git(["remote", "add", "origin", remote.to_str().unwrap()]);
    repo.git(["push", "-q", "--no-verify", "origin", "main"]);
    repo
}

fn commit(repo: &Repo, path: &str, message: &str) -> String {
    repo.write(path, format!("{message}\n"));
    repo.commit_all(message)
}

#[test]
fn a_branch_is_not_deleted_and_another_is() {
    let repo = pushed("[[ref]]\nmatch = [\"refs/heads/kept\"]\ndelete = \"deny\"");
    repo.git(["push", "-q", "origin", "HEAD:refs/heads/kept", "HEAD:refs/heads/mine"]);
    repo.try_git(["push", "origin", ":kept"]).refused(&["GP-REF-013", "the branch kept may not be deleted"]);
    repo.try_git(["push", "origin", ":mine"]).ok();
}

#[test]
fn a_push_with_force_is_stopped_and_a_fast_forward_is_not() {
    let repo = pushed("[[ref]]\nmatch = [\"refs/heads/main\"]\nforce = \"deny\"");
    commit(&repo, "a.txt", "feat: add a");
    repo.try_git(["push", "origin", "main"]).ok();
    repo.git(["commit", "-q", "--no-verify", "--amend", "-m", "feat: add b"]);
    repo.try_git(["push", "--force", "origin", "main"]).refused(&["GP-REF-014", "would be forced"]);
    repo.try_git(["push", "--force", "origin", "main:refs/heads/mine"]).ok();
}

#[test]
fn tags_and_updates_are_stopped() {
    let repo = pushed(
        "[[ref]]\nmatch = [\"refs/tags/v*\"]\nmove = \"deny\"\n[[ref]]\nmatch = [\"refs/heads/main\"]\nupdate = \"deny\"",
    );
    repo.git(["tag", "v1"]);
    repo.try_git(["push", "origin", "v1"]).ok();
    commit(&repo, "a.txt", "feat: add a");
    repo.git(["tag", "-f", "v1"]);
    repo.try_git(["push", "--force", "origin", "v1"]).refused(&["GP-REF-012"]);
    repo.try_git(["push", "origin", "main"]).refused(&["GP-REF-011"]);
}

#[test]
fn whom_a_block_exempts_only_the_server_knows() {
    let repo = pushed(
        "[[ref]]\nmatch = [\"refs/heads/main\"]\nupdate = \"deny\"\n\
         exempt = [{ name = \"release-bot\", reason = \"writes the version\" }]",
    );
    commit(&repo, "a.txt", "feat: add a");
    let run = repo.try_git(["push", "origin", "main"]).ok();
    for words in ["GP-REF-011", "The server decides"] {
        assert!(run.said().contains(words), "{}", run.said());
    }
}

#[test]
fn what_arrives_is_measured_by_what_was_fetched_last() {
    let repo = pushed(
        "[[ref]]\nmatch = [\"refs/heads/release/*\"]\ntypes = [\"fix\"]\ncherry-pick-from = [\"refs/heads/main\"]",
    );
    // A new branch brings what no branch of the remote has.
    repo.try_git(["push", "origin", "main:refs/heads/release/1.4"]).ok();
    commit(&repo, "a.txt", "feat: add a");
    let fix = commit(&repo, "b.txt", "fix: close the file");
    repo.git(["checkout", "-q", "-b", "release", "origin/main"]);
    repo.git(["cherry-pick", "-x", &fix]);
    // Here main has it; the remote's main has not.
    repo.try_git(["push", "origin", "release:refs/heads/release/1.4"])
        .refused(&["GP-REF-021", "which is not on refs/heads/main"]);
    repo.try_git(["push", "origin", "main"]).ok();
    repo.try_git(["push", "origin", "release:refs/heads/release/1.4"]).ok();
    repo.try_git(["push", "origin", "main:refs/heads/release/1.4", "--force"])
        .refused(&["GP-REF-020", "feat: add a"]);
}
