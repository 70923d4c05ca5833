//! What a request would bring to its target branch, judged by `[[ref]]`, `[[freeze]]` and `[[window]]` in `gatepost run ci`:
//! real clones, with the variables of the systems that name the branch.

use crate::ci::report;
use crate::support::{GATEPOST, Repo, Run, in_days, run};
use serde_json::{Value, json};
use std::path::PathBuf;

const NULL: &str = "0000000000000000000000000000000000000000";

/// A server's repository. Its `main` has a policy; what is committed afterwards is on whatever branch is checked out.
fn origin(blocks: &str) -> Repo {
    let repo = Repo::new();
    repo.write("gatepost.toml", format!("schema = 1\n{blocks}\n"));
    repo.commit_all("chore: begin");
    repo
}

fn commit(repo: &Repo, path: &str, message: &str) -> String {
    repo.write(path, format!("{message}\n"));
    repo.commit_all(message)
}

/// A clone of the whole history, as a job of GitLab has it: no branch of its own.
fn clone(origin: &Repo) -> PathBuf {
    let clone = origin.beside("clone");
    let _ = std::fs::remove_dir_all(&clone);
    let url = format!("file://{}", origin.root().display());
    origin.git(["init", "-q", clone.to_str().unwrap()]);
    let git = |arguments: &[&str]| drop(origin.run("git", arguments, &clone, b"").ok());
    git(&["remote", "add", "origin", &url]);
    git(&["fetch", "-q", "origin"]);
    git(&["remote", "set-head", "origin", "main"]);
    git(&["checkout", "-q", "--detach", "origin/main"]);
    clone
}

fn ci(origin: &Repo, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
    let mut command = origin.command(GATEPOST, &clone(origin));
    command.envs(variables.iter().copied());
    run(command.args(["run", "ci"]).args(arguments), b"")
}

/// A merge request from `head` to a branch.
fn request(origin: &Repo, target: &str, head: &str) -> Run {
    let head = origin.git(["rev-parse", head]);
    ci(
        origin,
        &[
            ("GITLAB_CI", "true"),
            ("CI_MERGE_REQUEST_IID", "7"),
            ("CI_MERGE_REQUEST_TITLE", "fix: close the file"),
            ("CI_MERGE_REQUEST_DESCRIPTION", ""),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", target),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", &head),
            ("CI_COMMIT_SHA", &head),
        ],
        &[],
    )
}

/// A push to a branch, by the event of GitHub.
fn pushed(origin: &Repo, branch: &str, before: &str) -> Run {
    let after = origin.git(["rev-parse", branch]);
    let event = json!({
        "ref": format!("refs/heads/{branch}"), "before": before, "after": after, "forced": false,
        "repository": {"default_branch": "main"},
    });
    let file = origin.beside("event.json");
    std::fs::write(&file, event.to_string()).unwrap();
    let file = file.to_str().unwrap().to_owned();
    ci(
        origin,
        &[("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "push"), ("GITHUB_EVENT_PATH", &file)],
        &[],
    )
}

#[test]
fn a_release_branch_is_asked_what_types_come_to_it() {
    let origin = origin("[[ref]]\nmatch = [\"refs/heads/release/*\"]\ntypes = [\"fix\", \"docs\"]");
    origin.git(["branch", "release/1.4"]);
    origin.git(["checkout", "-q", "-b", "topic"]);
    commit(&origin, "a.txt", "fix: close the file");
    request(&origin, "release/1.4", "topic").ok();
    let feature = commit(&origin, "b.txt", "feat: add b");
    request(&origin, "release/1.4", "topic").failed(
        &[1],
        &["GP-REF-020", &feature[..7], "has the type `feat`, and the branch release/1.4 takes fix, docs"],
    );
    // Nobody asks it of main.
    request(&origin, "main", "topic").ok();
}

#[test]
fn a_branch_that_is_behind_its_target_brings_only_its_own() {
    let origin = origin(
        "[[ref]]\nmatch = [\"refs/heads/main\"]\ntypes = [\"fix\"]\nmerges = \"deny\"\nforce = \"deny\"\n\
         update = \"deny\"\none-commit = \"deny\"\nmerge-required = \"deny\"\nmax-commits = 2\nmax-files = 2\n\
         max-size = \"1 KiB\"\nunrelated = \"deny\"\ncommitter-is-pusher = \"deny\"",
    );
    origin.git(["checkout", "-q", "-b", "topic"]);
    commit(&origin, "a.txt", "fix: close the file");
    commit(&origin, "b.txt", "fix: close the other file");
    origin.git(["checkout", "-q", "main"]);
    for number in 0..4 {
        commit(&origin, &format!("main{number}.txt"), "feat: came to main since");
    }
    // How the ref moves is no question: nothing moves.
    request(&origin, "main", "topic").ok();
    // What the target has already comes back with a merge of it, and is nobody's; the merge itself is there.
    origin.git(["checkout", "-q", "topic"]);
    origin.git(["merge", "-q", "--no-ff", "-m", "Merge branch 'main' into topic", "main"]);
    let run = request(&origin, "main", "topic").failed(&[1], &["GP-REF-015", "GP-REF-022", "3 new commits"]);
    assert!(!run.said().contains("came to main since"), "{}", run.said());
}

#[test]
fn limits_and_addresses_and_dates_are_those_of_what_the_request_brings() {
    let origin = origin(
        "[[ref]]\nmatch = [\"refs/heads/main\"]\nmax-commits = 1\nmax-files = 1\nmax-size = 8\n\
         author-email = ['.*@corp\\.example']\ncommitter-email = ['.*@corp\\.example']\nmax-age-days = 1",
    );
    origin.git(["checkout", "-q", "-b", "topic"]);
    commit(&origin, "a.txt", "fix: close the file");
    let mut command = origin.command("git", origin.root());
    command.args(["commit", "-q", "--allow-empty", "-m", "fix: an old one"]);
    run(command.env("GIT_COMMITTER_DATE", "2001-01-01T00:00:00Z"), b"").ok();
    commit(&origin, "b.txt", "fix: close the other file");
    request(&origin, "main", "topic").failed(
        &[1],
        &[
            "3 new commits come to the branch main, and the most is 1",
            "2 files change on the branch main, and the most is 1",
            "GP-REF-024",
            "GP-REF-025",
            "GP-REF-026",
            "is older than 1 days",
        ],
    );
    let levels =
        origin.git(["show", "main:gatepost.toml"]).replace("max-commits", "level = \"warn\"\nmax-commits");
    origin.git(["checkout", "-q", "main"]);
    origin.write("gatepost.toml", levels);
    origin.commit_all("chore: warn");
    request(&origin, "main", "topic").failed(&[0], &["GP-REF-022"]);
}

#[test]
fn what_is_picked_is_looked_for_on_the_branches_of_the_server() {
    let origin = origin(
        "[[ref]]\nmatch = [\"refs/heads/release/*\"]\ncherry-pick-from = [\"refs/heads/main\", \"refs/heads/develop/*\"]",
    );
    origin.git(["branch", "release/1.4"]);
    origin.git(["branch", "develop/2"]);
    let first = commit(&origin, "a.txt", "fix: close the file");
    origin.git(["checkout", "-q", "develop/2"]);
    let second = commit(&origin, "b.txt", "fix: close the other file");
    origin.git(["checkout", "-q", "-b", "backport", "release/1.4"]);
    origin.git(["cherry-pick", "-x", &first]);
    origin.git(["cherry-pick", "-x", &second]);
    request(&origin, "release/1.4", "backport").ok();
    let third = commit(&origin, "c.txt", "fix: nowhere else");
    request(&origin, "release/1.4", "backport")
        .failed(&[1], &["GP-REF-021", &third[..7], "does not say which commit it was picked from"]);
    // A branch that is in the clone and not meant: the line names what only it has.
    origin.git(["checkout", "-q", "-b", "second", "release/1.4"]);
    origin.git(["cherry-pick", "-x", &third]);
    request(&origin, "release/1.4", "second")
        .failed(&[1], &["GP-REF-021", "says that it was picked from", "which is not on refs/heads/main"]);
}

#[test]
fn signatures_are_asked_of_what_arrives_by_the_keys_of_the_base() {
    let key = |repo: &Repo, name: &str| {
        let file = repo.beside(name);
        let arguments = ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file.to_str().unwrap()];
        repo.run("ssh-keygen", arguments, repo.root(), b"").ok();
        (file.clone(), std::fs::read_to_string(file.with_extension("pub")).unwrap())
    };
    let origin = origin(
        "[signatures]\nallowed-signers-files = [\"signers\"]\n[[ref]]\nmatch = [\"refs/heads/main\"]\n\
         commit-signatures = \"trusted\"",
    );
    let (dev, public) = key(&origin, "dev");
    let (stranger, other) = key(&origin, "stranger");
    origin.write("signers", format!("dev@example.com {public}"));
    origin.commit_all("chore: name who signs");
    origin.git(["config", "gpg.format", "ssh"]);
    origin.git(["checkout", "-q", "-b", "topic"]);
    let signed = |file: &PathBuf, message: &str| {
        origin.git(["config", "user.signingKey", file.to_str().unwrap()]);
        origin.git(["commit", "-q", "--allow-empty", "-S", "-m", message]);
    };
    signed(&dev, "fix: signed");
    request(&origin, "main", "topic").ok();
    // A request cannot name its own key.
    origin.write("signers", format!("dev@example.com {public}\nstranger@example.com {other}"));
    origin.git(["add", "-A"]);
    signed(&stranger, "chore: name myself");
    let run =
        request(&origin, "main", "topic").failed(&[1], &["GP-REF-040", "valid, untrusted SSH signature"]);
    assert_eq!(run.said().matches("untrusted").count(), 1, "{}", run.said());
    origin.git(["commit", "-q", "--allow-empty", "-m", "fix: not signed"]);
    request(&origin, "main", "topic").failed(&[1], &["GP-REF-040", "has no signature"]);
}

#[test]
fn a_push_is_judged_as_the_branch_that_was_pushed() {
    let origin = origin("[[ref]]\nmatch = [\"refs/heads/release/*\"]\nmerges = \"deny\"\ntypes = [\"fix\"]");
    // A new one: what no other branch has.
    commit(&origin, "a.txt", "feat: a feature of main");
    origin.git(["checkout", "-q", "-b", "release/1.4"]);
    commit(&origin, "b.txt", "fix: close the file");
    pushed(&origin, "release/1.4", NULL).ok();
    let before = origin.head();
    commit(&origin, "c.txt", "feat: add c");
    pushed(&origin, "release/1.4", NULL).failed(&[1], &["GP-REF-020", "feat: add c"]);
    pushed(&origin, "release/1.4", &before).failed(&[1], &["GP-REF-020", "feat: add c"]);
    // What main has for long comes to the release all the same, as the server would see it.
    origin.git(["checkout", "-q", "main"]);
    commit(&origin, "d.txt", "feat: add d");
    origin.git(["checkout", "-q", "release/1.4"]);
    origin.git(["reset", "-q", "--hard", &before]);
    origin.git(["merge", "-q", "--no-ff", "-m", "Merge branch 'main'", "main"]);
    pushed(&origin, "release/1.4", &before)
        .failed(&[1], &["GP-REF-015", "Merge branch 'main'", "GP-REF-020", "feat: add d"]);
    // Another branch is another matter.
    origin.git(["checkout", "-q", "-b", "topic"]);
    pushed(&origin, "topic", NULL).ok();
}

#[test]
fn a_freeze_and_a_window_warn() {
    let (from, to) = (in_days(-1), in_days(1));
    let origin = origin(&format!(
        "[[freeze]]\nmatch = [\"refs/heads/main\"]\nfrom = {from}\nto = {to}\napprover = \"@release\"\n\
         scope = \"the year's end\"\nexit-criteria = \"it is January\"\n\
         [[ref]]\nmatch = [\"refs/heads/main\"]\nvia = \"push\"\ntypes = [\"docs\"]"
    ));
    origin.git(["checkout", "-q", "-b", "topic"]);
    commit(&origin, "a.txt", "fix: close the file");
    // A merge is no push, and what is asked of pushes alone is not asked.
    request(&origin, "main", "topic").failed(&[0], &["GP-REF-060", "the year's end", "The server decides"]);
}

#[test]
fn a_target_that_nobody_names_is_said() {
    let origin = origin("[[ref]]\nmatch = [\"refs/heads/main\"]\ntypes = [\"docs\"]");
    let base = origin.head();
    commit(&origin, "a.txt", "fix: close the file");
    let range = ["--from-ref", &base, "--to-ref", "origin/main"];
    let words = ["which branch this comes to is not known", "nothing of [[ref]] was judged", "--branch main"];
    ci(&origin, &[], &range).failed(&[0], &words);
    let named: Vec<&str> = range.iter().copied().chain(["--branch", "main"]).collect();
    ci(&origin, &[], &named).failed(&[1], &["GP-REF-020", "the branch main takes docs"]);
    // A revision that is a branch says it by itself.
    origin.git(["checkout", "-q", "-b", "topic"]);
    commit(&origin, "b.txt", "fix: close the other file");
    let run = ci(&origin, &[], &["--from-ref", "origin/main", "--to-ref", "origin/topic", "-f", "json"]);
    let told: Value = report(&run);
    assert_eq!((run.code, told["findings"][0]["code"].as_str()), (1, Some("GP-REF-020")), "{told:#}");
    assert_eq!(told["findings"].as_array().unwrap().len(), 1);
    // Without such rules there is nothing to say.
    origin.git(["checkout", "-q", "main"]);
    origin.write("gatepost.toml", "schema = 1\n");
    let base = origin.commit_all("chore: ask nothing");
    commit(&origin, "c.txt", "fix: close it");
    let run = ci(&origin, &[], &["--from-ref", &base, "--to-ref", "origin/main"]).ok();
    assert!(!run.said().contains("is not known"), "{}", run.said());
}
