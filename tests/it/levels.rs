//! What a secret does by how sure it is, at each stage and with each profile.

use crate::ci::report;
use crate::support::Repo;
use gatepost_core::secrets::expand;

/// Secrets of high, medium and low confidence: a token whose checksum is right, one whose checksum is wrong, and what
/// only has the outline of a web token.
fn secrets() -> [(&'static str, String); 3] {
    let outline = "eyJ{base62:31}.eyJ{base62:61}.{base62:43}";
    [
        ("high.env", format!("A={}\n", expand("ghp_{base62:30}{crc32}", 1))),
        ("medium.env", format!("A={}\n", expand("ghp_{base62:30}000000", 1))),
        ("low.txt", format!("see {} there\n", expand(outline, 1))),
    ]
}

/// A repository with a gate and one commit for each secret on a branch, and the level that a scan of each has.
fn repository() -> Repo {
    let repo = Repo::gated();
    repo.write("gatepost.toml", "schema = 1\n");
    repo.commit_all("chore: add a policy");
    for (path, text) in secrets() {
        repo.git(["checkout", "-q", "-b", path, "main"]);
        repo.write(path, text);
        repo.commit_all("feat: add it");
    }
    repo.git(["checkout", "-q", "main"]);
    repo
}

/// The levels of the three at a command with these flags, and its exit codes.
fn outcome(repo: &Repo, command: impl Fn(&str) -> Vec<String>) -> Vec<(String, i32)> {
    secrets()
        .iter()
        .map(|(branch, _)| {
            repo.git(["checkout", "-q", branch]);
            let run = repo.gatepost(command(branch).iter().chain(&["-f".to_owned(), "json".to_owned()]));
            let report = report(&run);
            let found = report["findings"].as_array().unwrap();
            assert_eq!(found.len(), 1, "{branch}: {report:#}");
            let confidence = branch.split('.').next();
            assert_eq!(found[0]["confidence"].as_str(), confidence, "{report:#}");
            (found[0]["level"].as_str().unwrap().to_owned(), run.code)
        })
        .collect()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn levels(expected: [(&str, i32); 3]) -> Vec<(String, i32)> {
    expected.map(|(level, code)| (level.to_owned(), code)).to_vec()
}

#[test]
fn a_commit_is_refused_at_high_confidence_warned_of_at_medium_and_silent_at_low() {
    let repo = Repo::gated();
    let [high, medium, low] = secrets();
    let commit = |(path, text): &(&str, String)| {
        repo.write(path, text);
        repo.git(["add", path]);
        let run = repo.try_git(["commit", "-m", "feat: add it"]);
        repo.git(["reset", "-q", "--hard"]);
        run
    };
    commit(&high).refused(&["error[github-pat]", "1 error in 1 file"]);
    let said = commit(&medium).ok().said();
    assert!(said.contains("warning[github-pat]") && said.contains("1 warning in 1 file"), "{said}");
    assert!(said.contains("checksum"), "the report says why it is less sure: {said}");
    let said = commit(&low).ok().said();
    assert!(said.contains("gatepost: 1 file, clean, 1 note, "), "{said}");
    assert!(!said.contains("[jwt]"), "a note is a number: {said}");
}

#[test]
fn profiles_move_the_line() {
    let repo = repository();
    let ci = |flags: &'static str| {
        move |branch: &str| words(&format!("run ci --from-ref main --to-ref {branch} {flags}"))
    };
    let default = levels([("deny", 1), ("warn", 0), ("note", 0)]);
    assert_eq!(outcome(&repo, ci("")), default);
    assert_eq!(outcome(&repo, ci("--profile default")), default);
    let strict = levels([("deny", 1), ("deny", 1), ("warn", 0)]);
    assert_eq!(outcome(&repo, ci("--profile strict")), strict);
    let scan =
        |flags: &'static str| move |branch: &str| words(&format!("scan --range main..{branch} {flags}"));
    assert_eq!(outcome(&repo, scan("")), default);
    assert_eq!(outcome(&repo, scan("--profile strict")), strict);
    assert_eq!(outcome(&repo, scan("--profile audit")), levels([("warn", 0); 3]));
    // A gate is not made an audit by a flag.
    let run = repo.gatepost(ci("--profile audit")("high.env"));
    run.failed(&[2], &["--profile audit", "could weaken a gate"]);
}

#[test]
fn each_stage_has_a_line_of_its_own() {
    let repo = repository();
    repo.git(["checkout", "-q", "main"]);
    let policy = |line: &str| {
        repo.git(["checkout", "-q", "main"]);
        repo.write("gatepost.toml", format!("schema = 1\n[secrets]\ndeny-confidence = {line}\n"));
        repo.commit_all("chore: move the line");
        for (branch, _) in secrets() {
            repo.git(["checkout", "-q", branch]);
            repo.git(["merge", "-q", "--no-verify", "--no-edit", "main"]);
        }
    };
    policy("{ default = \"high\", ci = \"medium\", scan = \"low\" }");
    let ci = |branch: &str| words(&format!("run ci --from-ref main --to-ref {branch}"));
    assert_eq!(outcome(&repo, ci), levels([("deny", 1), ("deny", 1), ("warn", 0)]));
    let scan = |branch: &str| words(&format!("scan {branch}"));
    assert_eq!(outcome(&repo, scan), levels([("deny", 1); 3]));

    // What a flag or a variable may do is judged stage by stage.
    let mut ci = repo.command(crate::support::GATEPOST, repo.root());
    ci.args(["run", "ci", "--from-ref", "main", "--to-ref", "high.env"]);
    ci.env("GATEPOST_SECRETS_DENY_CONFIDENCE", "{ default = \"medium\", ci = \"high\" }");
    crate::support::run(&mut ci, b"")
        .failed(&[2], &["could weaken a gate", "GATEPOST_SECRETS_DENY_CONFIDENCE"]);

    for (line, said) in [
        ("{ ci = \"medium\" }", "says nothing for the stages that it does not name"),
        ("{ default = \"high\", cii = \"low\" }", "did you mean `ci`?"),
        ("{ default = \"sure\" }", "expected one of \"low\", \"medium\" or \"high\", found \"sure\""),
        ("\"sure\"", "expected one of \"low\", \"medium\" or \"high\", found \"sure\""),
    ] {
        repo.write("gatepost.toml", format!("schema = 1\n[secrets]\ndeny-confidence = {line}\n"));
        repo.gatepost(["config", "check"]).failed(&[2], &[said]);
    }
}
