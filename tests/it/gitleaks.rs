//! gitleaks' command line: what its users have keeps working, and nothing that failed looks clean.

use crate::support::{GATEPOST, Repo, Run, leak, run, token};
use std::path::Path;
use std::process::Command;

/// A configuration of gitleaks with one rule; its value has the form of a made-up service.
const CONFIG: &str = r#"
title = "test"
[[rules]]
id = "acme-key"
description = "A key of Acme"
regex = '''acme_([0-9a-f]{16})'''
entropy = 2
keywords = ["acme_"]
tags = ["key"]
[[rules.allowlists]]
stopwords = ["0000"]
"#;

/// A repository with that configuration.
fn repo() -> Repo {
    let repo = Repo::new();
    repo.write(".gitleaks.toml", CONFIG);
    repo.write("README.md", "hello\n");
    repo.commit_all("docs: say hello");
    repo
}

/// A key; each number makes another.
fn key(number: u64) -> String {
    format!("acme_{:016x}", (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn gitleaks<const N: usize>(repo: &Repo, arguments: [&str; N]) -> Run {
    let mut all = vec!["gitleaks"];
    all.extend(arguments);
    repo.gatepost(all)
}

/// The same with a variable.
fn with<const N: usize>(repo: &Repo, arguments: [&str; N], variable: (&str, &str)) -> Run {
    let mut command = repo.command(GATEPOST, repo.root());
    command.arg("gitleaks").args(arguments).env(variable.0, variable.1);
    run(&mut command, b"")
}

/// What a run that could not see everything must not say.
#[track_caller]
fn is_no_clean_result(run: &Run, words: &[&str]) {
    let said = run.said();
    assert_eq!(run.code, 1, "{said}");
    assert!(!said.contains("no leaks found"), "{said}");
    for word in words {
        assert!(said.contains(word), "does not say `{word}`:\n{said}");
    }
}

#[test]
fn the_line_of_its_hook_sees_what_is_staged() {
    let repo = repo();
    gitleaks(&repo, ["git", "--pre-commit", "--redact", "--staged", "--verbose"])
        .ok()
        .says(&["no leaks found"]);
    repo.write("a.txt", format!("one\nkey = {}\n", key(1)));
    repo.git(["add", "a.txt"]);
    let run = gitleaks(&repo, ["git", "--pre-commit", "--redact", "--staged", "--verbose"]);
    assert_eq!(run.code, 1, "{}", run.said());
    assert!(!run.said().contains(&key(1)[5..]), "{}", run.said());
    run.says(&["RuleID:      acme-key", "Line:        2", "a.txt:acme-key:2", "REDACTED", "leaks found: 1"]);
    let old = gitleaks(&repo, ["protect", "--staged", "--exit-code", "7"]);
    assert_eq!(old.code, 7, "{}", old.said());
}

#[test]
fn reports_have_its_fields_and_a_baseline_of_them_is_understood() {
    let repo = repo();
    repo.write("a.txt", format!("one\nkey = {}\n", key(2)));
    repo.commit_all("feat: add <a> key\n\nwith a body");
    let report = repo.root().join("report.json");
    let path = report.to_str().unwrap();
    assert_eq!(gitleaks(&repo, ["git", "-r", path]).code, 1);
    let text = std::fs::read_to_string(&report).unwrap();
    let rows: serde_json::Value = serde_json::from_str(&text).unwrap();
    let row = &rows[0];
    assert_eq!((row["RuleID"].as_str(), row["StartLine"].as_i64()), (Some("acme-key"), Some(2)));
    // The column on a later line of a piece is one too many there.
    assert_eq!((row["StartColumn"].as_i64(), row["EndColumn"].as_i64()), (Some(8), Some(28)));
    assert_eq!(row["Match"].as_str(), Some(key(2).as_str()));
    assert_eq!(row["Secret"].as_str(), Some(&key(2)[5..]));
    assert_eq!(row["Tags"][0].as_str(), Some("key"));
    assert_eq!(row["Message"].as_str(), Some("feat: add <a> key\n\nwith a body"));
    assert!(text.contains("\\u003ca\\u003e") && text.starts_with("[\n {\n  \"RuleID\""), "{text}");
    gitleaks(&repo, ["git", "-b", path]).ok().says(&["no leaks found"]);
    std::fs::write(
        repo.root().join(".gitleaksignore"),
        format!("{}\n", row["Fingerprint"].as_str().unwrap()),
    )
    .unwrap();
    gitleaks(&repo, ["git"]).ok();
    for (format, word) in
        [("csv", "RuleID,Commit,File"), ("junit", "<testsuites>"), ("sarif", "\"version\": \"2.1.0\"")]
    {
        gitleaks(&repo, ["dir", "-i", "README.md", "-f", format, "-r", "-"]).says(&[word]);
    }
}

#[test]
fn each_source_is_read_and_each_comment_obeyed() {
    let repo = repo();
    repo.write("a.txt", format!("{}\n{} # gitleaks:allow\nacme_0000{}\n", key(3), key(4), "12345678abcd"));
    gitleaks(&repo, ["dir", "."]).says(&["leaks found: 1"]);
    gitleaks(&repo, ["detect", "--no-git", "--ignore-gitleaks-allow"]).says(&["leaks found: 2"]);
    gitleaks(&repo, ["dir", "a.txt", "-c", ".gitleaks.toml"]).says(&["leaks found: 1"]);
    let mut stdin = repo.command(GATEPOST, repo.root());
    stdin.args(["gitleaks", "stdin"]);
    assert_eq!(run(&mut stdin, key(5).as_bytes()).code, 1);
}

#[test]
fn its_environment_names_configurations_in_its_order() {
    let repo = repo();
    repo.write("other.toml", "[[rules]]\nid = 'other'\nregex = 'hello'\n");
    let environment = |name: &str, value: &str| with(&repo, ["dir", "README.md", "-v"], (name, value));
    environment("GITLEAKS_CONFIG", "other.toml").says(&["RuleID:      other"]);
    environment("GITLEAKS_CONFIG_TOML", "[[rules]]\nid = 'text'\nregex = 'hello'")
        .says(&["RuleID:      text"]);
    repo.write("extended.toml", "[extend]\npath = 'other.toml'\n");
    gitleaks(&repo, ["dir", "README.md", "-v", "-c", "extended.toml"]).says(&["RuleID:      other"]);
    repo.write("default.toml", "[extend]\nuseDefault = true\n");
    let base = ("GATEPOST_GITLEAKS_DEFAULT", "other.toml");
    with(&repo, ["dir", "README.md", "-v", "-c", "default.toml"], base).says(&["RuleID:      other"]);
}

#[test]
fn without_a_configuration_gatepost_s_own_rules_stand_in_and_say_so() {
    let repo = Repo::new();
    repo.write("a.env", leak(&token()));
    let run = gitleaks(&repo, ["dir", ".", "-v"]);
    assert_eq!(run.code, 1, "{}", run.said());
    run.says(&["github-pat", "gatepost's own rules stand in"]);
}

#[cfg(unix)]
#[test]
fn a_link_called_gitleaks_is_gitleaks() {
    let repo = repo();
    let link = repo.root().join("../gitleaks");
    std::os::unix::fs::symlink(GATEPOST, &link).unwrap();
    let output = Command::new(&link).arg("version").output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stdout).trim()), (Some(0), "8.30.1"));
    let output = Command::new(&link).args(["git", "--no-such-flag"]).output().unwrap();
    assert_eq!(output.status.code(), Some(126));
}

#[test]
fn git_that_fails_is_no_clean_result() {
    let repo = repo();
    is_no_clean_result(
        &gitleaks(&repo, ["git", "--log-opts=--no-such-option"]),
        &["git log", "nothing was scanned"],
    );
    is_no_clean_result(&gitleaks(&repo, ["git", "--log-opts=gone..HEAD"]), &["gone"]);
    // Whatever code leaks have, an error has its own.
    is_no_clean_result(&gitleaks(&repo, ["git", "--log-opts=--no-such-option", "--exit-code", "0"]), &[]);
    is_no_clean_result(
        &gitleaks(&repo, ["git", "--log-opts=--no-such-option", "-l", "fatal"]),
        &["nothing was scanned"],
    );
    let elsewhere = tempfile::tempdir().unwrap();
    is_no_clean_result(
        &gitleaks(&repo, ["git", elsewhere.path().to_str().unwrap()]),
        &["not a git repository"],
    );
    is_no_clean_result(&gitleaks(&repo, ["git", "no-such-folder"]), &["no-such-folder"]);
    is_no_clean_result(&gitleaks(&repo, ["dir", "no-such-folder"]), &["no-such-folder"]);
}

#[test]
fn options_under_which_git_prints_no_patch_are_refused() {
    let repo = repo();
    repo.write("a.txt", key(6));
    repo.commit_all("feat: a key");
    for options in ["--output=/dev/null", "-s", "--all --name-only"] {
        is_no_clean_result(&gitleaks(&repo, ["git", "--log-opts", options]), &["prints no patches"]);
    }
    is_no_clean_result(&gitleaks(&repo, ["git", "--log-opts", "--format=%an"]), &["no commits in it"]);
}

#[test]
fn a_part_of_the_history_is_no_clean_result_unless_it_was_asked_for() {
    let repo = repo();
    repo.write("a.txt", key(7));
    repo.commit_all("feat: a key");
    repo.write("a.txt", "nothing\n");
    repo.commit_all("fix: no key");
    let clone = repo.root().join("../clone");
    repo.git([
        "clone",
        "-q",
        "--depth=1",
        &format!("file://{}", repo.root().display()),
        clone.to_str().unwrap(),
    ]);
    let clone = clone.to_str().unwrap();
    is_no_clean_result(&gitleaks(&repo, ["git", clone]), &["shallow clone", "--unshallow"]);
    gitleaks(&repo, ["git", clone, "--log-opts=-1"]).ok().says(&["shallow clone"]);
    gitleaks(&repo, ["git", "--log-opts=-1"]).ok();
    // All commits are looked at, and those of every branch.
    repo.git(["checkout", "-q", "-b", "side", "HEAD~2"]);
    for number in 0..40 {
        repo.write("b.txt", format!("{number}\n"));
        repo.commit_all("chore: more");
    }
    repo.git(["checkout", "-q", "main"]);
    gitleaks(&repo, ["git"]).says(&["leaks found: 1", "43 commits scanned"]);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_no_clean_result() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = repo();
    let lock = |name: &str| {
        std::fs::set_permissions(repo.root().join(name), std::fs::Permissions::from_mode(0o000)).unwrap();
        // Root reads it all the same.
        std::fs::read(repo.root().join(name)).is_err()
    };
    repo.write("locked.txt", "x\n");
    if lock("locked.txt") {
        is_no_clean_result(&gitleaks(&repo, ["dir", "."]), &["locked.txt", "a part was scanned only"]);
    }
    // A link that leads nowhere, where links are to be followed, is a file that cannot be read for anybody.
    std::os::unix::fs::symlink("nowhere", repo.root().join("link")).unwrap();
    is_no_clean_result(
        &gitleaks(&repo, ["dir", ".", "--follow-symlinks"]),
        &["link", "a part was scanned only"],
    );
    std::fs::remove_file(repo.root().join("link")).unwrap();
    repo.write("bad-ignore", "x");
    std::fs::write(repo.root().join("bad-ignore"), b"\xff\xfe").unwrap();
    is_no_clean_result(
        &gitleaks(&repo, ["dir", "README.md", "-i", "bad-ignore"]),
        &["bad-ignore", "cannot be read"],
    );
    is_no_clean_result(&gitleaks(&repo, ["dir", "README.md", "-i", "gone"]), &["gone", "not there"]);
    is_no_clean_result(&gitleaks(&repo, ["dir", "README.md", "-b", "gone.json"]), &["baseline"]);
    is_no_clean_result(&gitleaks(&repo, ["dir", "README.md", "-c", "gone.toml"]), &["configuration"]);
}

#[test]
fn a_list_of_files_is_not_taken_for_nothing() {
    let repo = repo();
    repo.write("a.txt", key(8));
    is_no_clean_result(&gitleaks(&repo, ["dir", "a.txt", "README.md"]), &["2 paths"]);
}

#[test]
fn a_broken_configuration_says_where() {
    let repo = repo();
    for (text, words) in [
        ("[[rules]]\nid = 'x'\nregex = '(?=a)'\n", ["x", "look-around"]),
        ("[[rules]]\nid = 'x'\n", ["x", "neither a regex nor a path"]),
        ("[[rules]]\nregex = 'a'\n", ["no id", "a"]),
        ("[allowlist]\n", ["allowlists", "at least one of"]),
        ("rules = 3\n", ["rules", "list of tables"]),
        ("title = \n", ["line 1", "no TOML"]),
        ("[[allowlists]]\ntargetRules = ['y']\npaths = ['a']\n", ["y", "no such rule"]),
    ] {
        repo.write("bad.toml", text);
        is_no_clean_result(&gitleaks(&repo, ["dir", "README.md", "-c", "bad.toml"]), &words);
    }
}

#[test]
fn a_configuration_can_be_imported() {
    let repo = repo();
    let run = repo.gatepost(["import", "gitleaks", ".gitleaks.toml", "-o", "gatepost.toml"]).ok();
    assert!(run.err.is_empty(), "{}", run.said());
    repo.gatepost(["config", "check"]).ok();
    assert!(Path::new(repo.root()).join("gatepost.toml").is_file());
    repo.write("a.txt", format!("key = {}\n", key(9)));
    repo.gatepost(["scan", "a.txt"]).refused(&["gitleaks-acme-key"]);
}
