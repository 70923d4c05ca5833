//! The hooks that `gatepost install` writes, under plain git: every way to make a commit.

use crate::support::{GATEPOST, Repo, Run, leak, run, token};
use std::path::Path;

/// The rule that knows the tokens of these tests.
const RULE: &str = "github-pat";

/// `run` was refused for the secret in `path`, HEAD is where it was, and the secret itself is not printed.
#[track_caller]
fn secret_refused(repo: &Repo, run: Run, before: &str, path: &str, token: &str) {
    let run = run.refused(&[RULE, path]);
    assert!(!run.said().contains(token), "the secret is printed:\n{}", run.said());
    assert_eq!(repo.head(), before, "HEAD moved");
}

#[test]
fn commit() {
    let repo = Repo::gated();
    let (before, token) = (repo.head(), token());
    repo.write("app.env", leak(&token));
    repo.git(["add", "."]);
    let run = repo.try_git(["commit", "-m", "feat: add settings"]);
    secret_refused(&repo, run, &before, "app.env", &token);

    repo.write("app.env", "token = from-the-vault\n");
    repo.git(["add", "."]);
    repo.try_git(["commit", "-m", "feat: add settings"]).ok();
    assert_ne!(repo.head(), before);
}

#[test]
fn a_bad_message_is_refused_and_a_good_one_passes() {
    let repo = Repo::gated();
    let before = repo.head();
    repo.write("a.txt", "a\n");
    repo.git(["add", "."]);
    repo.try_git(["commit", "-m", "did some stuff"]).refused(&["GP-MSG-", "did some stuff"]);
    assert_eq!(repo.head(), before);
    repo.try_git(["commit", "-m", "feat(a): do some stuff"]).ok();
    assert_ne!(repo.head(), before);
}

#[test]
fn a_secret_in_the_message_is_refused() {
    let repo = Repo::gated();
    let (before, token) = (repo.head(), token());
    let run = repo.try_git(["commit", "--allow-empty", "-m", &format!("fix: log in\n\n{}", leak(&token))]);
    run.refused(&[RULE]);
    assert_eq!(repo.head(), before);
}

#[test]
fn commit_all() {
    let repo = Repo::gated();
    let (before, token) = (repo.head(), token());
    repo.write("README.md", leak(&token));
    let run = repo.try_git(["commit", "-a", "-m", "docs: say more"]);
    secret_refused(&repo, run, &before, "README.md", &token);
    repo.write("README.md", "more\n");
    repo.try_git(["commit", "-a", "-m", "docs: say more"]).ok();
}

#[test]
fn commit_patch() {
    let repo = Repo::gated();
    let (before, token) = (repo.head(), token());
    repo.write("README.md", leak(&token));
    let patch =
        |answer: &[u8]| repo.run("git", ["commit", "-p", "-m", "docs: say more"], repo.root(), answer);
    // git itself shows the patch, secret and all.
    patch(b"y\n").refused(&[RULE, "README.md:"]);
    assert_eq!(repo.head(), before);
    repo.write("README.md", "more\n");
    patch(b"y\n").ok();
    assert_ne!(repo.head(), before);
}

#[test]
fn commit_file_judges_what_is_committed_and_nothing_else() {
    let repo = Repo::gated();
    let token = token();
    repo.write("good.txt", "good\n");
    repo.write("bad.txt", "bad\n");
    let before = repo.commit_all("feat: two files");
    repo.write("good.txt", "better\n");
    repo.write("bad.txt", leak(&token));
    let run = repo.try_git(["commit", "-m", "fix: bad", "bad.txt"]);
    secret_refused(&repo, run, &before, "bad.txt", &token);
    // Staged, and yet no part of this commit: Git hands the hook an index of its own.
    repo.git(["add", "bad.txt"]);
    repo.try_git(["commit", "-m", "fix: good", "good.txt"]).ok();
    assert_ne!(repo.head(), before);
}

#[test]
fn amend() {
    let repo = Repo::gated();
    let (before, token) = (repo.head(), token());
    repo.write("README.md", leak(&token));
    repo.git(["add", "."]);
    let run = repo.try_git(["commit", "--amend", "--no-edit"]);
    secret_refused(&repo, run, &before, "README.md", &token);
    repo.write("README.md", "amended\n");
    repo.git(["add", "."]);
    repo.try_git(["commit", "--amend", "--no-edit"]).ok();
    assert_ne!(repo.head(), before);
}

#[test]
fn the_resolution_of_a_conflict() {
    let repo = Repo::gated();
    let token = token();
    repo.git(["checkout", "-q", "-b", "side"]);
    repo.write("README.md", "side\n");
    repo.commit_all("docs: side");
    repo.git(["checkout", "-q", "main"]);
    repo.write("README.md", "main\n");
    let before = repo.commit_all("docs: main");
    assert_ne!(repo.try_git(["merge", "side"]).code, 0);
    repo.write("README.md", leak(&token));
    repo.git(["add", "."]);
    let run = repo.try_git(["commit", "--no-edit"]);
    secret_refused(&repo, run, &before, "README.md", &token);
    repo.write("README.md", "both\n");
    repo.git(["add", "."]);
    repo.try_git(["commit", "--no-edit"]).ok();
    assert_ne!(repo.head(), before);
}

#[test]
fn a_linked_work_tree() {
    let repo = Repo::gated();
    let token = token();
    let other = repo.beside("other");
    repo.git(["worktree", "add", "-q", "-b", "other", other.to_str().unwrap()]);
    std::fs::write(other.join("app.env"), leak(&token)).unwrap();
    let git = |arguments: &[&str]| repo.run("git", arguments, &other, b"");
    git(&["add", "."]).ok();
    let before = git(&["rev-parse", "HEAD"]).ok().out;
    git(&["commit", "-m", "feat: add settings"]).refused(&[RULE, "app.env"]);
    assert_eq!(git(&["rev-parse", "HEAD"]).ok().out, before);
    std::fs::write(other.join("app.env"), "none\n").unwrap();
    git(&["commit", "-a", "-m", "not conventional"]).refused(&["GP-MSG-"]);
    git(&["commit", "-a", "-m", "feat: add settings"]).ok();
}

#[test]
fn a_submodule() {
    let repo = Repo::gated();
    let token = token();
    repo.git(["clone", "-q", "--bare", ".", repo.beside("lib.git").to_str().unwrap()]);
    repo.git(["submodule", "add", "-q", repo.beside("lib.git").to_str().unwrap(), "lib"]);
    let lib = repo.root().join("lib");
    let git = |arguments: &[&str]| repo.run("git", arguments, &lib, b"");
    repo.run(GATEPOST, ["install"], &lib, b"").ok();
    // The commit of the outer repository holds a link to a commit, which is no blob.
    repo.try_git(["commit", "-m", "feat: add the library"]).ok();

    std::fs::write(lib.join("app.env"), leak(&token)).unwrap();
    git(&["add", "."]).ok();
    let before = git(&["rev-parse", "HEAD"]).ok().out;
    git(&["commit", "-m", "feat: add settings"]).refused(&[RULE, "app.env"]);
    assert_eq!(git(&["rev-parse", "HEAD"]).ok().out, before);
    std::fs::write(lib.join("app.env"), "none\n").unwrap();
    git(&["add", "."]).ok();
    git(&["commit", "-m", "feat: add settings"]).ok();
}

#[test]
fn a_sub_folder() {
    let repo = Repo::gated();
    let (before, token) = (repo.head(), token());
    repo.write("deep/er/a.txt", "a\n");
    repo.write("elsewhere/app.env", leak(&token));
    repo.git(["add", "."]);
    let deep = repo.root().join("deep/er");
    let commit = || repo.run("git", ["commit", "-m", "feat: add settings"], &deep, b"");
    secret_refused(&repo, commit(), &before, "elsewhere/app.env", &token);
    repo.write("elsewhere/app.env", "none\n");
    repo.git(["add", "."]);
    commit().ok();
}

#[test]
fn staged_counts_and_the_work_tree_does_not() {
    let repo = Repo::gated();
    let (before, token) = (repo.head(), token());
    repo.write("app.env", leak(&token));
    repo.git(["add", "."]);
    repo.write("app.env", "cleaned up, but only here\n");
    let run = repo.try_git(["commit", "-m", "feat: add settings"]);
    secret_refused(&repo, run, &before, "app.env", &token);
    repo.git(["add", "."]);
    repo.write("app.env", leak(&token));
    repo.write("untracked.env", leak(&token));
    repo.try_git(["commit", "-m", "feat: add settings"]).ok();
    assert_ne!(repo.head(), before);
}

#[test]
fn intent_to_add_is_not_in_the_commit() {
    let repo = Repo::gated();
    let (before, token) = (repo.head(), token());
    repo.write("later.env", leak(&token));
    repo.git(["add", "-N", "later.env"]);
    repo.write("now.txt", "now\n");
    repo.git(["add", "now.txt"]);
    repo.try_git(["commit", "-m", "feat: now"]).ok();
    assert_ne!(repo.head(), before);
}

#[test]
fn an_unborn_branch() {
    let repo = Repo::new();
    let token = token();
    repo.gatepost(["install"]).ok();
    repo.write("app.env", leak(&token));
    repo.git(["add", "."]);
    let run = repo.try_git(["commit", "-m", "feat: begin"]);
    secret_refused(&repo, run, "unborn", "app.env", &token);
    repo.write("app.env", "none\n");
    repo.git(["add", "."]);
    repo.try_git(["commit", "-m", "feat: begin"]).ok();
    assert_ne!(repo.head(), "unborn");
}

#[test]
fn deletions_only() {
    let repo = Repo::gated();
    let token = token();
    repo.write("app.env", leak(&token));
    let before = repo.commit_all("feat: leak");
    repo.git(["rm", "-q", "app.env"]);
    repo.try_git(["commit", "-m", "fix: remove the settings"]).ok();
    assert_ne!(repo.head(), before);
}

#[test]
fn a_secret_that_was_there_before_does_not_stop_other_work_on_the_repository() {
    let repo = Repo::gated();
    repo.write("old.env", leak(&token()));
    let before = repo.commit_all("feat: old leak");
    repo.write("new.txt", "new\n");
    repo.git(["add", "."]);
    repo.try_git(["commit", "-m", "feat: new"]).ok();
    assert_ne!(repo.head(), before);
}

#[test]
fn every_hook_binary_runs_its_stage() {
    let repo = Repo::gated();
    let token = token();
    repo.write("app.env", leak(&token));
    repo.git(["add", "."]);
    let pre_commit = env!("CARGO_BIN_EXE_gatepost-pre-commit");
    repo.run(pre_commit, [] as [&str; 0], repo.root(), b"").failed(&[1], &[RULE, "app.env"]);
    repo.write(".git/MSG", "bad message\n");
    let commit_msg = env!("CARGO_BIN_EXE_gatepost-commit-msg");
    repo.run(commit_msg, [".git/MSG"], repo.root(), b"").failed(&[1], &["GP-MSG-"]);
    let (old, new) = (repo.head(), repo.commit_all("feat: leak"));
    let zeros = "0".repeat(40);
    let push = format!("refs/heads/main {new} refs/heads/main {zeros}\n");
    let pre_push = env!("CARGO_BIN_EXE_gatepost-pre-push");
    repo.run(pre_push, ["origin", "url"], repo.root(), push.as_bytes()).failed(&[1], &[RULE, "app.env"]);
    // On a server the new commits are not in any ref yet.
    repo.git(["update-ref", "refs/heads/main", &old]);
    let receive = format!("{old} {new} refs/heads/main\n");
    let pre_receive = env!("CARGO_BIN_EXE_gatepost-pre-receive");
    repo.run(pre_receive, [] as [&str; 0], repo.root(), receive.as_bytes()).failed(&[1], &[RULE, "app.env"]);
}

#[cfg(unix)]
#[test]
fn a_hook_binary_alone_says_what_it_misses() {
    let repo = Repo::new();
    let alone = repo.beside("gatepost-pre-commit");
    // A file that was just written is busy for as long as another test's child holds it: a link writes nothing.
    let hook = env!("CARGO_BIN_EXE_gatepost-pre-commit");
    std::fs::hard_link(hook, &alone).or_else(|_| std::fs::copy(hook, &alone).map(drop)).unwrap();
    repo.run(&alone, [] as [&str; 0], repo.root(), b"").failed(&[2], &["there is no", "install"]);
}

#[cfg(unix)]
#[test]
fn hooks_run_without_a_path_of_the_users_own() {
    let repo = Repo::gated();
    let before = repo.head();
    repo.write("app.env", leak(&token()));
    repo.git(["add", "."]);
    let mut command = repo.command("git", repo.root());
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin").args(["commit", "-m", "feat: add settings"]);
    run(&mut command, b"").refused(&[RULE]);
    assert_eq!(repo.head(), before);
}

#[cfg(unix)]
#[test]
fn a_hook_that_was_there_runs_first_and_comes_back() {
    use std::os::unix::fs::PermissionsExt;
    let repo = Repo::new();
    let hook = repo.root().join(".git/hooks/pre-commit");
    repo.write(".git/hooks/pre-commit", "#!/bin/sh\necho mine was here >&2\n");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    let said = repo.gatepost(["install"]).ok().said();
    assert!(said.contains("pre-commit.before-gatepost"), "{said}");
    repo.write("app.env", leak(&token()));
    repo.git(["add", "."]);
    repo.try_git(["commit", "-m", "feat: x"]).refused(&["mine was here", RULE]);
    repo.gatepost(["uninstall"]).ok();
    assert_eq!(std::fs::read_to_string(&hook).unwrap(), "#!/bin/sh\necho mine was here >&2\n");
    repo.try_git(["commit", "-m", "no gate"]).ok();
}

#[test]
fn doctor_sees_what_install_did() {
    let repo = Repo::new();
    repo.gatepost(["doctor"]).failed(&[1], &["pre-commit: not installed", "gatepost install"]);
    repo.gatepost(["install"]).ok();
    let run = repo.gatepost(["doctor"]).ok();
    assert!(run.said().contains("pre-push: installed"), "{}", run.said());
    assert!(Path::new(GATEPOST).is_absolute());
}

#[test]
fn a_secret_that_moves_with_its_file_is_not_a_new_one() {
    let repo = Repo::gated();
    repo.write("old/a.env", format!("{}# one\n", leak(&token())));
    repo.commit_all("feat: add settings");
    repo.git(["mv", "old", "new"]);
    repo.write("new/a.env", repo.git(["show", "HEAD:old/a.env"]) + "\n# two\n");
    repo.git(["add", "-A"]);
    let run = repo.try_git(["commit", "-qm", "refactor: move the settings"]).ok();
    assert!(run.said().contains("1 secret was in these files before this change"), "{}", run.said());

    repo.git(["mv", "new/a.env", "b.env"]);
    repo.write("b.env", leak(&token()));
    repo.git(["add", "-A"]);
    repo.try_git(["commit", "-qm", "refactor: move and leak"]).refused(&["b.env:1", "github-pat"]);
}

#[test]
fn a_secret_that_was_excluded_at_its_old_place_does_not_slip_out_by_moving() {
    let repo = Repo::gated();
    repo.write(
        "gatepost.toml",
        "schema = 1\n[secrets]\nexclude = [{ path = \"testdata/**\", reason = \"made for tests\" }]\n",
    );
    repo.write("testdata/a.env", leak(&token()));
    repo.commit_all("test: add data");
    repo.git(["mv", "testdata/a.env", "a.env"]);
    repo.try_git(["commit", "-qm", "refactor: move"]).refused(&["a.env:1", "github-pat"]);
}

#[test]
fn a_merge_with_conflicts_is_not_blamed_for_the_secrets_of_the_other_side() {
    let repo = Repo::gated();
    repo.git(["switch", "-qc", "side"]);
    repo.write("side.env", leak(&token()));
    repo.write("both", "side\n");
    repo.commit_all("feat: side");
    repo.git(["switch", "-q", "main"]);
    repo.write("both", "main\n");
    repo.commit_all("feat: main");
    assert_ne!(repo.try_git(["merge", "-q", "side"]).code, 0);

    repo.write("both", leak(&token()));
    repo.git(["add", "both"]);
    let run = repo.try_git(["commit", "-q", "--no-edit"]).refused(&["both:1", "1 error"]);
    assert!(!run.said().contains("side.env"), "{}", run.said());
    repo.write("both", "both\n");
    repo.git(["add", "both"]);
    repo.try_git(["commit", "-q", "--no-edit"]).ok();
}

#[test]
fn the_message_can_be_picked_up_again_from_a_sub_folder() {
    let repo = Repo::gated();
    repo.write("a b/c.txt", "c\n");
    let folder = repo.root().join("a b");
    repo.run("git", ["add", "c.txt"], &folder, b"").ok();
    let run = repo.run("git", ["commit", "-qm", "adds c"], &folder, b"").refused(&["GP-MSG-001"]);
    let said = run.said();
    let next = said.lines().find_map(|line| line.trim().strip_prefix("git commit -eF ")).unwrap();
    let picked = repo.run("sh", ["-c", &format!("cat {next}")], &folder, b"").ok();
    assert_eq!(picked.out, "adds c\n");
}

#[test]
fn a_message_in_the_encoding_that_the_configuration_names_is_read_in_it() {
    let repo = Repo::gated();
    repo.write("m", b"feat: open the caf\xe9\n");
    repo.try_git(["commit", "-q", "--allow-empty", "-F", "m"]).refused(&["GP-MSG-017"]);
    repo.git(["config", "i18n.commitEncoding", "ISO-8859-1"]);
    repo.try_git(["commit", "-q", "--allow-empty", "-F", "m"]).ok();
}
