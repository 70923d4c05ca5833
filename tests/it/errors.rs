//! What cannot be judged is never clean: exit code 2 or 3, the cause, and what to do about it.

use crate::support::{GATEPOST, Repo, leak, token};

#[test]
fn not_a_repository() {
    let repo = Repo::new();
    let empty = repo.beside("empty");
    std::fs::create_dir(&empty).unwrap();
    for arguments in [&["scan", "--history"][..], &["run", "pre-commit"], &["scan", "--staged"], &["install"]]
    {
        repo.run(GATEPOST, arguments, &empty, b"").failed(&[2, 3], &["repository", "fix:"]);
    }
}

#[test]
fn a_corrupt_index() {
    let repo = Repo::gated();
    repo.write("a.txt", "a\n");
    repo.git(["add", "."]);
    repo.write(".git/index", "no index at all, and long enough to be looked at");
    repo.gatepost(["run", "pre-commit"]).failed(&[2, 3], &["index", "fix:"]);
}

#[cfg(unix)]
#[test]
fn an_unreadable_index() {
    use std::os::unix::fs::PermissionsExt;
    let repo = Repo::gated();
    repo.write("a.txt", "a\n");
    repo.git(["add", "."]);
    let index = repo.root().join(".git/index");
    std::fs::set_permissions(&index, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&index).is_ok() {
        // root reads everything: an index that is a folder nobody reads.
        std::fs::remove_file(&index).unwrap();
        std::fs::create_dir(&index).unwrap();
    }
    repo.gatepost(["run", "pre-commit"]).failed(&[2, 3], &["index", "fix:"]);
}

#[test]
fn a_corrupt_object() {
    let repo = Repo::gated();
    let base = repo.head();
    repo.write("a.txt", "some text that is worth a blob\n");
    repo.commit_all("feat: text");
    let blob = repo.git(["rev-parse", "HEAD:a.txt"]);
    std::fs::write(repo.loose(&blob), b"\x78\x01garbage").unwrap();
    repo.gatepost(["scan", "--history"]).failed(&[3], &[&blob[..7]]);
    repo.gatepost(["scan", "--range", &format!("{base}..HEAD")]).failed(&[3], &[&blob[..7]]);
}

/// A clone that lacks a blob cannot be scanned whole, and says so at every gate.
#[test]
fn a_missing_blob() {
    let repo = Repo::gated();
    let base = repo.head();
    repo.write("a.txt", "some text that is worth a blob\n");
    repo.commit_all("feat: text");
    let blob = repo.git(["rev-parse", "HEAD:a.txt"]);
    std::fs::remove_file(repo.loose(&blob)).unwrap();
    repo.gatepost(["scan", "--range", &format!("{base}..HEAD")]).failed(&[3], &[&blob[..7]]);
    let zeros = "0".repeat(40);
    let push = format!("refs/heads/main {} refs/heads/main {zeros}\n", repo.head());
    repo.run(GATEPOST, ["run", "pre-push", "origin", "url"], repo.root(), push.as_bytes())
        .failed(&[3], &[&blob[..7]]);
    repo.try_git(["fsck"]).refused(&["missing blob"]);
    repo.gatepost(["scan", "--history"])
        .failed(&[3], &["1 object that the history needs is not here", "git fsck"]);
}

/// The same in packs, where most trees are edits of others: a partial clone that nobody calls one any more.
#[test]
fn blobs_missing_from_a_pack() {
    let repo = Repo::gated();
    for name in ["a", "b", "c"] {
        repo.write(format!("{name}.txt"), format!("{name}\n"));
        repo.commit_all("feat: text");
    }
    repo.git(["config", "uploadpack.allowFilter", "true"]);
    let clone = repo.beside("partial.git");
    let url = format!("file://{}", repo.root().display());
    repo.git(["clone", "-q", "--bare", "--filter=blob:none", &url, clone.to_str().unwrap()]);
    for key in ["remote.origin.promisor", "remote.origin.partialclonefilter"] {
        repo.run("git", ["config", "--unset", key], &clone, b"").ok();
    }
    repo.run(GATEPOST, ["scan", "--history"], &clone, b"")
        .failed(&[3], &["4 objects that the history needs are not here", "git fsck"]);
}

/// Git prunes what no ref leads to piece by piece: a tree without its blob is then no loss.
#[test]
fn what_no_ref_leads_to_may_be_pruned_in_part() {
    let repo = Repo::gated();
    repo.write("gone.txt", "some text that is worth a blob\n");
    repo.commit_all("feat: text");
    let blob = repo.git(["rev-parse", "HEAD:gone.txt"]);
    repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(["reflog", "expire", "--expire=now", "--all"]);
    // `reset` keeps the old tip in a ref of its own.
    repo.try_git(["update-ref", "-d", "ORIG_HEAD"]);
    std::fs::remove_file(repo.loose(&blob)).unwrap();
    repo.gatepost(["scan", "--history"]).ok();
}

#[test]
fn findings_outrank_what_could_not_be_judged() {
    let repo = Repo::gated();
    let base = repo.head();
    repo.write("a.txt", "some text that is worth a blob\n");
    repo.write("app.env", leak(&token()));
    repo.commit_all("feat: text");
    let blob = repo.git(["rev-parse", "HEAD:a.txt"]);
    std::fs::remove_file(repo.loose(&blob)).unwrap();
    let run = repo.gatepost(["scan", "--range", &format!("{base}..HEAD"), "-f", "json"]).failed(&[1], &[]);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["complete"], false);
    assert_eq!(report["result"], "violations");
}

#[test]
fn a_partial_clone() {
    let repo = Repo::gated();
    repo.write("a.txt", "a\n");
    repo.commit_all("feat: text");
    repo.git(["config", "uploadpack.allowFilter", "true"]);
    let clone = repo.beside("partial");
    let url = format!("file://{}", repo.root().display());
    repo.git(["clone", "-q", "--no-checkout", "--filter=blob:none", &url, clone.to_str().unwrap()]);
    // Nobody answers any more: the blobs are out of reach, not only not here yet.
    std::fs::rename(repo.root(), repo.beside("gone")).unwrap();
    repo.run(GATEPOST, ["scan", "--history"], &clone, b"").failed(&[2, 3], &["partial", "fix:"]);
    repo.run(GATEPOST, ["scan", "--range", "HEAD~1..HEAD"], &clone, b"").failed(&[2, 3], &[]);
}

#[test]
fn a_shallow_clone_hides_the_base() {
    let repo = Repo::gated();
    let base = repo.head();
    for text in ["one", "two", "three"] {
        repo.write("a.txt", text);
        repo.commit_all("feat: text");
    }
    let clone = repo.beside("shallow");
    let url = format!("file://{}", repo.root().display());
    repo.git(["clone", "-q", "--depth", "2", &url, clone.to_str().unwrap()]);
    let gatepost = |arguments: &[&str]| repo.run(GATEPOST, arguments, &clone, b"");
    gatepost(&["scan", "--history"]).failed(&[3], &["shallow", "unshallow"]);
    gatepost(&["run", "ci", "--from-ref", &base, "--to-ref", "HEAD"])
        .failed(&[2, 3], &["shallow", "unshallow"]);
    gatepost(&["scan", "--range", &format!("{base}..HEAD")]).failed(&[2, 3], &["shallow", "unshallow"]);
    // What the clone has whole can be judged.
    gatepost(&["scan", "--range", "HEAD~1..HEAD"]).ok();
}

#[test]
fn an_unknown_revision() {
    let repo = Repo::gated();
    repo.gatepost(["scan", "--range", "nothing..HEAD"]).failed(&[2], &["nothing", "fix:"]);
    repo.gatepost(["run", "ci", "--from-ref", "nothing"]).failed(&[2], &["nothing", "fix:"]);
}

#[test]
fn a_policy_with_a_typo() {
    let repo = Repo::gated();
    let before = repo.head();
    repo.write("gatepost.toml", "schema = 1\n\n[secrts]\nlevel = \"deny\"\n");
    repo.gatepost(["config", "check"]).failed(&[2], &["gatepost.toml", "secrts", "secrets"]);
    repo.gatepost(["scan", "."]).failed(&[2], &["secrts"]);
    repo.git(["add", "."]);
    repo.try_git(["commit", "-m", "chore: add the policy"]).refused(&["secrts"]);
    assert_eq!(repo.head(), before);
    repo.write("gatepost.toml", "schema = 1\n\n[secrets]\nlevel = \"dney\"\n");
    repo.gatepost(["config", "check"]).failed(&[2], &["dney", "deny"]);
}

#[test]
fn two_policies() {
    let repo = Repo::gated();
    repo.write("gatepost.toml", "schema = 1\n");
    repo.write(".gatepost.toml", "schema = 1\n");
    repo.gatepost(["run", "pre-commit"]).failed(&[2], &["gatepost.toml", ".gatepost.toml"]);
}

#[test]
fn an_output_that_cannot_be_written() {
    let repo = Repo::gated();
    let place = repo.beside("no/such/folder/report.json");
    repo.gatepost(["scan", ".", "-f", "json", "-o", place.to_str().unwrap()]).failed(&[2], &["report.json"]);
    repo.gatepost(["scan", ".", "-f", "no-such-format"]).failed(&[2], &["no-such-format", "json"]);
}

#[test]
fn exit_zero_hides_violations_and_nothing_else() {
    let repo = Repo::gated();
    repo.write("app.env", leak(&token()));
    repo.gatepost(["scan", "."]).failed(&[1], &["github-pat"]);
    repo.gatepost(["scan", ".", "--exit-zero"]).failed(&[0], &["github-pat"]);
    repo.gatepost(["scan", "--range", "nothing..HEAD", "--exit-zero"]).failed(&[2], &[]);
}

#[test]
fn a_file_that_is_not_there() {
    let repo = Repo::gated();
    repo.gatepost(["scan", "no-such-file"]).failed(&[2, 3], &["no-such-file"]);
}

#[test]
fn judging_nothing_is_said() {
    let repo = Repo::gated();
    let run = repo.gatepost(["run", "pre-commit"]).ok();
    assert!(run.said().contains("nothing"), "{}", run.said());
}

#[cfg(unix)]
#[test]
fn a_repository_of_somebody_else_is_explained() {
    use std::os::unix::fs::chown;
    let repo = Repo::gated();
    // Only root can give a repository away; who cannot has nothing to test here and says so.
    if let Err(error) = chown(repo.root().join(".git"), Some(4321), None) {
        assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
        return;
    }
    chown(repo.root(), Some(4321), None).unwrap();
    repo.gatepost(["run", "pre-commit"]).failed(&[2, 3], &["safe.directory", "git config --global --add"]);
    repo.gatepost(["doctor"]).failed(&[1], &["safe.directory", "git config --global --add"]);
}

#[test]
fn a_bare_repository_has_no_files_no_index_and_no_commits_to_gate() {
    let repo = Repo::new();
    repo.git(["init", "-q", "--bare", "b.git"]);
    let bare = |arguments: &[&str]| {
        let arguments = [&["-C", "b.git"], arguments].concat();
        repo.gatepost(arguments)
    };
    bare(&["scan"]).failed(&[2], &["bare repository", "gatepost scan --history"]);
    bare(&["scan", "--staged"]).failed(&[2], &["bare repository", "no index"]);
    bare(&["install"]).failed(&[2], &["bare repository", "pre-receive"]);
    assert!(!repo.root().join("b.git/hooks/pre-commit").exists());
}
