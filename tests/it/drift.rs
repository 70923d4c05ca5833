//! Weakened gates, from end to end: `run ci` and `pre-receive` say what was and what is, at the level of the policy before the
//! change.

use crate::ci::report;
use crate::receive::Server;
use crate::support::{GATEPOST, Repo, Run, in_days};
use std::path::PathBuf;

const DENY: &str = "schema = 1\n\n[drift]\nlevel = \"deny\"\n";
const WORKFLOW: &str = "on: pull_request\njobs:\n  gate:\n    steps:\n      - run: gatepost run ci\n";

/// A repository whose base has a policy and a workflow with a gate; that base.
fn repository(policy: &str) -> (Repo, String) {
    let repo = Repo::new();
    repo.write("gatepost.toml", policy);
    repo.write(".github/workflows/ci.yml", WORKFLOW);
    let base = repo.commit_all("chore: gates");
    (repo, base)
}

fn ci(repo: &Repo, base: &str) -> Run {
    repo.gatepost(["run", "ci", "--from-ref", base])
}

/// Sets the workflow and commits it.
fn workflow(repo: &Repo, text: &str) -> String {
    repo.write(".github/workflows/ci.yml", text);
    repo.commit_all("ci: change the workflow")
}

fn soft() -> String {
    WORKFLOW.replace("run ci", "run ci || true")
}

#[test]
fn a_weakened_gate_is_a_warning_until_the_base_denies_it() {
    let words = ["GP-POL-009", ".github/workflows/ci.yml:5", "was: it decides", "is now: lost to || true"];
    let (repo, base) = repository("schema = 1\n");
    let commit = workflow(&repo, &soft());
    ci(&repo, &base).failed(&[0], &words).failed(&[0], &[&commit[..7], "gatepost explain exceptions"]);
    let (repo, base) = repository(DENY);
    workflow(&repo, &soft());
    ci(&repo, &base).failed(&[1], &words);
    // Once the base has it, it is what gates are compared with.
    let base = repo.head();
    repo.write("a.txt", "a\n");
    repo.commit_all("feat: add a");
    ci(&repo, &base).failed(&[0], &["clean"]);
}

#[test]
fn a_change_cannot_switch_the_check_off_that_judges_it() {
    let (repo, base) = repository(DENY);
    repo.write("gatepost.toml", DENY.replace("\"deny\"", "\"off\""));
    repo.remove(".github/workflows/ci.yml");
    repo.commit_all("chore: rest");
    let words =
        ["GP-POL-001", "`drift.level` was: \"deny\", is now: \"off\"", "GP-POL-008", "`gatepost run ci`"];
    ci(&repo, &base).failed(&[1], &words);
    // Nor by deleting the policy, nor by an exception of its own.
    repo.git(["reset", "-q", "--hard", &base]);
    repo.remove("gatepost.toml");
    repo.commit_all("chore: no policy");
    let run = ci(&repo, &base).failed(&[1], &["GP-POL-003", "had: schema = 1", "now: the built-in defaults"]);
    let print = run.said().split_whitespace().find(|word| word.starts_with("gp1:")).map(str::to_owned);
    repo.git(["reset", "-q", "--hard", &base]);
    workflow(&repo, &soft());
    let report = report(&repo.gatepost(["run", "ci", "--from-ref", &base, "-f", "json"]));
    let found = report["findings"][0]["fingerprint"].as_str().unwrap();
    assert_ne!(print.as_deref(), Some(found));
    let exception = format!(
        "{DENY}\n[[exception]]\nid = \"EX-1\"\nrule = \"gate-not-blocking\"\nfingerprint = \"{found}\"\n\
         status = \"accepted-risk\"\nreason = \"the job is being rebuilt\"\nowner = \"@platform\"\nexpires = {}\n",
        in_days(100)
    );
    repo.write("gatepost.toml", &exception);
    repo.commit_all("chore: excuse ourselves");
    ci(&repo, &base).failed(&[1], &["GP-POL-009"]);
    // In the base it counts, for this edit and no other.
    repo.git(["reset", "-q", "--hard", &base]);
    repo.write("gatepost.toml", &exception);
    let base = repo.commit_all("chore: an exception that was asked for");
    workflow(&repo, &soft());
    ci(&repo, &base).failed(&[0], &["suppressed"]);
    workflow(&repo, &WORKFLOW.replace("run ci", "run ci --exit-zero"));
    ci(&repo, &base).failed(&[1], &["GP-POL-009", "--exit-zero"]);
}

#[test]
fn a_policy_that_stops_every_gate_is_denied_although_the_level_warns() {
    let (repo, base) = repository("schema = 1\n");
    repo.write("gatepost-exceptions.toml", "[[exception]]\nid = \"EX-1\"\n");
    repo.commit_all("chore: half a record");
    ci(&repo, &base).failed(&[1], &["GP-POL-013", "gatepost-exceptions.toml", "it cannot be read"]);
    repo.git(["reset", "-q", "--hard", &base]);
    workflow(&repo, "on: [\njobs:\n  gate:\n    steps:\n      - run: gatepost run ci\n");
    ci(&repo, &base).failed(&[0], &["GP-POL-013", ".github/workflows/ci.yml"]);
}

#[test]
fn a_hook_that_may_end_before_the_gate_is_found() {
    let (repo, _) = repository(DENY);
    repo.write(".githooks/pre-push", "#!/bin/sh\ngatepost run pre-push\n");
    let base = repo.commit_all("chore: a hook");
    repo.write(".githooks/pre-push", "#!/bin/sh\n[ -n \"$FAST\" ] && exit 0\ngatepost run pre-push\n");
    let guarded = repo.commit_all("chore: go faster");
    let words = ["GP-POL-010", "`early exit` was: none, is now: [ -n $FAST ] && exit 0"];
    ci(&repo, &base).failed(&[1], &words);
    // What was there before is nobody's news.
    repo.write(
        ".githooks/pre-push",
        "#!/bin/sh\nset -e\n[ -n \"$FAST\" ] && exit 0\ngatepost run pre-push\n",
    );
    repo.commit_all("chore: stop at errors");
    ci(&repo, &guarded).failed(&[0], &["clean"]);
}

#[test]
fn what_is_restored_in_the_same_range_is_no_finding() {
    let (repo, base) = repository(DENY);
    let weak = workflow(&repo, &soft());
    repo.remove(".github/workflows/ci.yml");
    repo.commit_all("ci: no workflow");
    workflow(&repo, WORKFLOW);
    ci(&repo, &base).failed(&[0], &["clean"]);
    repo.gatepost(["run", "ci", "--from-ref", &base, "--to-ref", &weak]).failed(&[1], &["GP-POL-009"]);
    // In several steps it is told of once, from the first value to the last.
    repo.git(["reset", "-q", "--hard", &base]);
    workflow(&repo, &soft());
    workflow(&repo, &format!("# soon\n{}", soft()));
    let report = report(&repo.gatepost(["run", "ci", "--from-ref", &base, "-f", "json"]).failed(&[1], &[]));
    assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{report:#}");
}

#[test]
fn a_merge_is_judged_by_what_it_makes_of_a_file() {
    let (repo, base) = repository(DENY);
    repo.git(["checkout", "-q", "-b", "side"]);
    workflow(&repo, &format!("# side\n{WORKFLOW}"));
    repo.git(["checkout", "-q", "main"]);
    repo.write("a.txt", "a\n");
    let before = repo.commit_all("feat: add a");
    repo.git(["merge", "-q", "--no-ff", "side", "-m", "Merge branch 'side'"]);
    ci(&repo, &base).failed(&[0], &["clean"]);
    repo.git(["reset", "-q", "--hard", &before]);
    repo.git(["merge", "-q", "--no-ff", "--no-commit", "side"]);
    workflow(&repo, &soft());
    ci(&repo, &base).failed(&[1], &["GP-POL-009"]);
}

#[test]
fn a_file_that_the_policy_extends_is_watched_whatever_its_name() {
    let (repo, _) = repository("schema = 1\nextends = [\"policy/base.toml\"]\n");
    repo.write("policy/base.toml", "[drift]\nlevel = \"deny\"\n\n[files]\nmax-size = \"1 MiB\"\n");
    let base = repo.commit_all("chore: a policy to build on");
    repo.write("policy/base.toml", "[drift]\nlevel = \"deny\"\n\n[files]\nmax-size = \"9 MiB\"\n");
    repo.commit_all("chore: more room");
    let words = ["GP-POL-001", "policy/base.toml", "was: \"1 MiB\", is now: \"9 MiB\""];
    ci(&repo, &base).failed(&[1], &words);
    repo.git(["reset", "-q", "--soft", &base]);
    repo.gatepost(["run", "pre-commit"]).failed(&[1], &words);
}

#[test]
fn a_key_that_is_trusted_by_a_push_is_told_by_the_server() {
    let server = Server::new();
    let repo = &server.repo;
    let make = |name: &str| {
        let file = repo.beside(name);
        let arguments = ["-q", "-t", "ed25519", "-N", "", "-f", file.to_str().unwrap()];
        repo.run("ssh-keygen", arguments, repo.root(), b"").ok();
        format!("{name}@example.com {}", std::fs::read_to_string(file.with_extension("pub")).unwrap())
    };
    let (one, two) = (make("one"), make("two"));
    let names =
        "schema = 1\n[signatures]\nallowed-signers-files = [\"keys/signers\"]\n[drift]\nlevel = \"deny\"\n";
    repo.write("gatepost.toml", names);
    repo.write("keys/signers", &one);
    repo.write("keys/other", &one);
    repo.commit_all("ci: say whose signatures count");
    server.take_in();
    let digest = || {
        let report = report(&repo.gatepost(["scan", "README.md", "-f", "json"]).ok());
        report["tool"]["policy_digest"].as_str().unwrap().to_owned()
    };
    let before = digest();
    repo.write("keys/other", format!("{one}{two}"));
    repo.commit_all("docs: write down another list");
    server.accepts(&["main"], &["clean"]);
    assert_eq!(digest(), before);
    repo.write("keys/signers", format!("{one}{two}"));
    repo.commit_all("ci: trust another one");
    server.refuses(&["main"], &["GP-POL-001", "keys/signers", "two@example.com SHA256:"]);
    assert_ne!(digest(), before, "the digest is of the keys, too");
}

#[test]
fn staged_files_are_compared_with_head() {
    let (repo, _) = repository(DENY);
    repo.write(".github/workflows/ci.yml", soft());
    repo.git(["add", "-A"]);
    repo.gatepost(["run", "pre-commit"]).failed(&[1], &["GP-POL-009", "is now: lost to || true"]);
    repo.write(".github/workflows/ci.yml", WORKFLOW.replace("gate:", "checks:"));
    repo.git(["add", "-A"]);
    repo.gatepost(["run", "pre-commit"]).failed(&[0], &["clean"]);
}

#[test]
fn a_version_that_cannot_be_read_is_not_passed_over() {
    let (repo, base) = repository(DENY);
    let old = repo.git(["rev-parse", "HEAD:.github/workflows/ci.yml"]);
    workflow(&repo, &soft());
    std::fs::remove_file(repo.loose(&old)).unwrap();
    ci(&repo, &base).failed(&[3], &[".github/workflows/ci.yml", &old]);
}

#[test]
fn hostile_names_do_not_reach_the_terminal() {
    let (repo, base) = repository(DENY);
    let hostile = WORKFLOW.replace("gate:", "\"\\e[2Jgate\":");
    workflow(&repo, &hostile);
    repo.git(["tag", "base"]);
    workflow(&repo, "on: pull_request\njobs: {}\n");
    let run =
        repo.gatepost(["run", "ci", "--from-ref", "base"]).failed(&[1], &["GP-POL-008", "\\u{1b}[2Jgate"]);
    assert!(!run.said().contains('\u{1b}'), "{:?}", run.said());
    assert_ne!(base, repo.head());
}

/// A server with our hook, and `main` with a policy and a workflow.
fn server() -> (Repo, PathBuf) {
    let (repo, _) = repository(DENY);
    let bare = repo.beside("server.git");
    repo.git(["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]);
    repo.git(["remote", "add", "origin", bare.to_str().unwrap()]);
    repo.git(["push", "-q", "origin", "main"]);
    let hook = bare.join("hooks/pre-receive");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_gatepost-pre-receive"), hook).unwrap();
    (repo, bare)
}

#[test]
fn a_push_is_judged_by_what_the_server_had() {
    let (repo, bare) = server();
    let weak = workflow(&repo, &soft());
    let push = |arguments: &[&str]| repo.try_git(["push", "origin"].iter().chain(arguments));
    push(&["main"]).refused(&[
        "pre-receive hook declined",
        "GP-POL-009",
        "was: it decides",
        "lost to || true",
    ]);
    workflow(&repo, WORKFLOW);
    // A ref that stops at the weak commit has it, whatever comes behind it on another.
    push(&["main", &format!("{weak}:refs/heads/weak")]).refused(&["GP-POL-009"]);
    push(&["main"]).ok();
    // The administrator lets it through once: from then on it is what there is.
    std::fs::write(bare.join("gatepost.toml"), "schema = 1\n\n[drift]\nlevel = \"off\"\n").unwrap();
    workflow(&repo, &soft());
    push(&["main"]).ok();
    std::fs::remove_file(bare.join("gatepost.toml")).unwrap();
    repo.write("a.txt", "a\n");
    repo.commit_all("feat: add a");
    push(&["main"]).ok();
}

/// The message of a commit with the tree of one revision and several parents.
fn merge_of(repo: &Repo, tree: &str, parents: &[&str]) -> String {
    let tree = format!("{tree}^{{tree}}");
    let mut arguments = vec!["commit-tree", &tree, "-m", "Merge branch 'side'"];
    parents.iter().for_each(|parent| arguments.extend(["-p", parent]));
    repo.git(arguments)
}

#[test]
fn commits_that_are_known_already_move_a_branch_too() {
    let (repo, _) = server();
    let push = |refspec: &str| repo.try_git(["push", "origin", refspec]);
    let base = repo.head();
    repo.remove("gatepost.toml");
    let weak = repo.commit_all("chore: no policy");
    repo.write("gatepost.toml", DENY);
    let restored = repo.commit_all("chore: the policy again");
    push(&format!("{restored}:refs/heads/feature")).ok();
    let words = ["GP-POL-003", "had: schema = 1", "now: the built-in defaults", &weak[..7]];
    push(&format!("{weak}:main")).refused(&words);
    push(&format!("+{weak}:feature")).refused(&words);
    // What is restored on the way is not held against a branch, and one that only lagged behind may catch up.
    push(&format!("{base}:refs/heads/lagging")).ok();
    push(&format!("{restored}:main")).ok();
    repo.write(".github/workflows/more.yml", WORKFLOW);
    let stricter = repo.commit_all("ci: one more gate");
    push(&format!("{stricter}:main")).ok();
    push(&format!("{stricter}:lagging")).ok();
    push(&format!("+{restored}:main")).refused(&["GP-POL-008", ".github/workflows/more.yml"]);
}

#[test]
fn neither_a_merge_nor_a_forced_push_goes_back_to_before_the_gates() {
    let (repo, bare) = server();
    let (push, tip) = (|refspec: &str| repo.try_git(["push", "origin", refspec]), repo.head());
    std::fs::remove_file(bare.join("hooks/pre-receive")).unwrap();
    repo.git(["checkout", "-q", "--orphan", "before"]);
    repo.git(["rm", "-q", "-r", "-f", "."]);
    repo.write("README.md", "hello\n");
    let root = repo.commit_all("docs: say hello");
    push("before").ok();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_gatepost-pre-receive"), bare.join("hooks/pre-receive"))
        .unwrap();
    let merge = merge_of(&repo, &root, &[&tip, &root]);
    let words = ["GP-POL-003", "GP-POL-008", ".github/workflows/ci.yml"];
    push(&format!("{merge}:main")).refused(&words);
    push(&format!("+{root}:main")).refused(&words);
    repo.gatepost(["run", "ci", "--from-ref", &tip, "--to-ref", &merge]).failed(&[1], &words);
    let turned = merge_of(&repo, &root, &[&root, &tip]);
    repo.gatepost(["run", "ci", "--from-ref", &tip, "--to-ref", &turned]).failed(&[1], &words);
    // Before it is sent, the same is said.
    repo.git(["checkout", "-q", "main"]);
    repo.gatepost(["install"]).ok();
    let run = push(&format!("+{root}:main")).refused(&words);
    assert!(!run.said().contains("remote:"), "{}", run.said());
}

#[test]
fn a_branch_is_not_blamed_for_what_its_base_gained_meanwhile() {
    let (repo, _) = repository(DENY);
    repo.git(["checkout", "-q", "-b", "feature"]);
    repo.write("a.txt", "a\n");
    let feature = repo.commit_all("feat: add a");
    repo.git(["checkout", "-q", "main"]);
    repo.write(".github/workflows/more.yml", WORKFLOW);
    repo.write("gatepost.toml", format!("{DENY}\n[files]\nmax-size = \"1 MiB\"\n"));
    let main = repo.commit_all("ci: one more gate");
    let judged = |head: &str| repo.gatepost(["run", "ci", "--from-ref", &main, "--to-ref", head]);
    judged(&feature).failed(&[0], &["clean"]);
    // With the base merged in, its gates are the branch's to keep.
    judged(&merge_of(&repo, &feature, &[&feature, &main])).failed(&[1], &["GP-POL-001", "GP-POL-008"]);
    repo.git(["merge", "-q", "--no-ff", "feature", "-m", "Merge branch 'feature'"]);
    judged(&repo.head()).failed(&[0], &["clean"]);
}

#[test]
fn where_a_branch_parted_from_its_base_twice() {
    let (repo, start) = repository(DENY);
    repo.write("a.txt", "a\n");
    let feature = repo.commit_all("feat: add a");
    repo.git(["checkout", "-q", "--detach", &start]);
    repo.write(".github/workflows/more.yml", WORKFLOW);
    let gated = repo.commit_all("ci: one more gate");
    let judged = |base: &str, head: &str| repo.gatepost(["run", "ci", "--from-ref", base, "--to-ref", head]);
    // Both have both, each by a merge of its own.
    let base = merge_of(&repo, &gated, &[&gated, &feature]);
    judged(&base, &merge_of(&repo, &gated, &[&feature, &gated])).failed(&[0], &["clean"]);
    // What one of the two commits had is gone after the merge, though the other never had it.
    judged(&base, &merge_of(&repo, &start, &[&feature, &gated]))
        .failed(&[1], &["GP-POL-008", ".github/workflows/more.yml"]);
    // What the base gave up on its own, and had merged, is not the branch's doing.
    let soft = workflow(&repo, &soft());
    let base = merge_of(&repo, &soft, &[&soft, &feature]);
    judged(&base, &merge_of(&repo, &soft, &[&feature, &soft])).failed(&[0], &["clean"]);
    judged(&base, &merge_of(&repo, &start, &[&feature, &soft])).failed(&[1], &["GP-POL-008"]);
}

#[test]
fn a_directory_or_a_submodule_is_no_file() {
    let (repo, base) = repository(DENY);
    let replaced = |path: &str| {
        repo.git(["reset", "-q", "--hard", &base]);
        repo.remove(path);
        repo.write(format!("{path}/README"), "moved\n");
        repo.git(["add", "-A"]);
    };
    for (path, code) in [(".github/workflows/ci.yml", "GP-POL-008"), ("gatepost.toml", "GP-POL-003")] {
        replaced(path);
        // A policy that is a folder stops whoever reads the work tree, in its own words.
        if path != "gatepost.toml" {
            repo.gatepost(["run", "pre-commit"]).failed(&[1], &[code, path]);
        }
        repo.commit_all("chore: make room");
        ci(&repo, &base).failed(&[1], &[code, path]);
        repo.git(["reset", "-q", "--hard", &base]);
        repo.remove(path);
        repo.git(["rm", "-q", "--cached", path]);
        repo.git(["update-index", "--add", "--cacheinfo", &format!("160000,{base},{path}")]);
        repo.git(["commit", "-q", "--no-verify", "-m", "chore: make room"]);
        ci(&repo, &base).failed(&[1], &[code, path]);
    }
}

#[test]
fn a_policy_under_the_other_name_is_compared_with_the_one_in_force() {
    let repo = Repo::new();
    repo.write(".gatepost.toml", format!("{DENY}\n[files]\nforbid = [\"*.pfx\"]\n"));
    let base = repo.commit_all("chore: gates");
    repo.write("gatepost.toml", "schema = 1\n");
    let added = repo.commit_all("chore: another name");
    let words =
        ["GP-POL-001", "gatepost.toml", "`files.forbid` was: [\"*.pfx\"]", "`drift.level` was: \"deny\""];
    ci(&repo, &base).failed(&[1], &words);
    // Nor in two steps: what is there under both names is not a name that is given up.
    repo.git(["rm", "-q", ".gatepost.toml"]);
    repo.commit_all("chore: one name");
    ci(&repo, &base).failed(&[1], &words);
    repo.git(["reset", "-q", "--hard", &added]);
    repo.write("gatepost.toml", format!("{DENY}\n[files]\nforbid = [\"*.p12\", \"*.pfx\"]\n"));
    repo.commit_all("chore: as strict");
    // No gate is weaker, but nobody could tell which of the two is in force.
    ci(&repo, &base).failed(&[2], &["clean", "both"]);
    repo.git(["rm", "-q", ".gatepost.toml"]);
    repo.commit_all("chore: one name");
    ci(&repo, &base).failed(&[0], &["clean"]);
}

#[test]
fn a_remote_value_that_is_not_here_is_said() {
    let (repo, bare) = server();
    std::fs::remove_file(bare.join("hooks/pre-receive")).unwrap();
    let other = repo.beside("other");
    repo.git(["clone", "-q", bare.to_str().unwrap(), other.to_str().unwrap()]);
    let in_other = |arguments: &[&str]| repo.run("git", arguments, &other, b"").ok();
    in_other(&["commit", "-q", "--allow-empty", "-m", "feat: from elsewhere"]);
    in_other(&["push", "-q", "origin", "main"]);
    repo.gatepost(["install"]).ok();
    repo.write("a.txt", "a\n");
    repo.commit_all("feat: add a");
    let run = repo.try_git(["push", "--force", "origin", "main"]).ok();
    assert!(run.said().contains("after `git fetch`"), "{}", run.said());
}

#[test]
fn the_codes_are_explained() {
    let repo = Repo::new();
    let run = repo.run(GATEPOST, ["explain", "gate-removed"], repo.root(), b"").ok();
    assert!(run.out.contains("GP-POL-008") && run.out.contains("Put it back."), "{}", run.out);
}
