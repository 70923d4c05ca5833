//! What somebody types: scans of files and standard input, single checks, baselines, policies, outputs.

use crate::ci::report;
use crate::support::{GATEPOST, Repo, Run, leak, token};
use std::path::Path;

const RULE: &str = "github-pat";

/// A repository with one good commit and no hooks.
fn repository() -> Repo {
    let repo = Repo::new();
    repo.write("README.md", "hello\n");
    repo.commit_all("docs: say hello");
    repo
}

fn with_input(repo: &Repo, arguments: &[&str], input: &str) -> Run {
    repo.run(GATEPOST, arguments, repo.root(), input.as_bytes())
}

#[test]
fn standard_input() {
    let repo = repository();
    let run = with_input(&repo, &["scan", "--stdin", "--name", "conf/app.env"], &leak(&token()));
    run.failed(&[1], &[RULE, "conf/app.env:1:17"]);
    // The name counts where the policy speaks of paths.
    repo.write(
        "gatepost.toml",
        "schema = 1\n\n[secrets]\nexclude = [{ path = \"testdata/**\", reason = \"made for tests\" }]\n",
    );
    let run = with_input(&repo, &["scan", "--stdin", "--name", "testdata/app.env"], &leak(&token()));
    run.failed(&[0], &["skipped"]);
    with_input(&repo, &["scan", "--stdin"], "").failed(&[0], &[]);
    with_input(&repo, &["scan", "--name", "x"], "").failed(&[2], &["--stdin"]);
}

#[test]
fn files_and_folders() {
    let repo = repository();
    repo.write(".gitignore", "ignored/\n");
    repo.write("ignored/app.env", leak(&token()));
    repo.write("src/.hidden/app.env", leak(&token()));
    let said = repo.gatepost(["scan", "."]).failed(&[1], &["src/.hidden/app.env"]).said();
    assert!(!said.contains("ignored/app.env"), "{said}");
    repo.gatepost(["scan", ".", "--no-ignore"]).failed(&[1], &["src/.hidden/app.env", "ignored/app.env"]);
    // Named by hand is wanted.
    repo.gatepost(["scan", "ignored/app.env"]).failed(&[1], &["ignored/app.env"]);
    repo.gatepost(["scan", "README.md"]).failed(&[0], &["1 file", "clean"]);
    // Somewhere else than here.
    let src = repo.root().join("src");
    repo.run(GATEPOST, ["scan", "-C", src.to_str().unwrap()], Path::new("/"), b"")
        .failed(&[1], &[".hidden/app.env"]);
    repo.gatepost(["-C", "no-such-folder", "scan"]).failed(&[2], &["no-such-folder"]);
    let empty = repo.beside("empty");
    std::fs::create_dir(&empty).unwrap();
    repo.run(GATEPOST, ["scan"], &empty, b"").failed(&[0], &["nothing"]);
}

#[test]
fn reports_and_where_they_go() {
    let repo = repository();
    repo.write("app.env", leak(&token()));
    let file = repo.beside("report.json");
    let run = repo.gatepost(["scan", ".", "-f", "json", "-o", file.to_str().unwrap(), "-f", "human"]);
    let run = run.failed(&[1], &[RULE, "app.env"]);
    let written = Run { out: std::fs::read_to_string(&file).unwrap(), ..run };
    assert_eq!(report(&written)["findings"][0]["rule"], RULE);
    // Two reports in one place would be none.
    repo.gatepost(["scan", ".", "-f", "json", "-f", "human"]).failed(&[2], &["standard output", "-o"]);
    let first = repo.gatepost(["scan", ".", "-f", "json"]).failed(&[1], &[]);
    assert_eq!(report(&first)["enforced"], true);
}

#[test]
fn colour_is_asked_for_or_absent() {
    let repo = repository();
    repo.write("app.env", leak(&token()));
    let escapes = |arguments: &[&str]| repo.gatepost(arguments).said().contains('\u{1b}');
    assert!(!escapes(&["scan", ".", "--color", "never"]));
    assert!(!escapes(&["scan", "."]), "this is no terminal");
    assert!(escapes(&["scan", ".", "--color", "always"]));
    assert!(!escapes(&["scan", "--range", "x..y", "--color", "never"]));
}

#[test]
fn what_is_left_out_of_a_report() {
    let repo = repository();
    // A generic assignment is not as sure as a token with a right checksum.
    repo.write("a.py", format!("db_password = \"{}\"\n", &token()[4..40]));
    repo.write("b.env", leak(&token()));
    let count = |arguments: &[&str]| {
        let run = repo.gatepost([&["scan", ".", "-f", "json"], arguments].concat());
        report(&run)["findings"].as_array().unwrap().len()
    };
    assert_eq!((count(&[]), count(&["--min-confidence", "high"])), (2, 1));
    assert_eq!((count(&["--min-severity", "info"]), count(&["--min-severity", "critical"])), (2, 0));
    repo.gatepost(["scan", ".", "--min-confidence", "certain"]).failed(&[2], &["low, medium or high"]);
    assert_eq!(repo.gatepost(["scan", ".", "--exit-zero"]).code, 0);
    let few = repo.gatepost(["scan", ".", "--min-severity", "critical"]).ok();
    assert!(few.said().contains("2 findings are below --min-confidence or --min-severity"), "{}", few.said());
    repo.git(["add", "."]);
    repo.gatepost(["run", "pre-commit"]).failed(&[1], &[RULE]);
    repo.gatepost(["run", "pre-commit", "--min-severity", "critical"]).failed(&[2], &["at a gate"]);
}

#[test]
fn what_is_skipped_is_counted_once() {
    let repo = repository();
    repo.write("gatepost.toml", "schema = 1\n[secrets]\nmax-file-size = \"1 KiB\"\nexclude = [{ path = \"td/**\", reason = \"made for tests\" }]\n");
    repo.write("large.txt", "x".repeat(2000));
    repo.write("td/data.env", leak(&token()));
    let skipped = |run: &Run| report(run)["coverage"]["skipped"].clone();
    let expected = serde_json::json!([
        {"reason": "excluded", "count": 1, "declared": true},
        {"reason": "too-large", "count": 1, "declared": true},
    ]);
    assert_eq!(skipped(&repo.gatepost(["scan", "-f", "json"]).ok()), expected);
    repo.git(["add", "."]);
    assert_eq!(skipped(&repo.gatepost(["scan", "--staged", "-f", "json"]).ok()), expected);
    assert_eq!(skipped(&repo.gatepost(["run", "pre-commit", "-f", "json"]).ok()), expected);
}

#[cfg(unix)]
#[test]
fn a_pipe_that_somebody_names_is_read() {
    let repo = repository();
    repo.write("leak.env", leak(&token()));
    let script = format!("mkfifo p; cat leak.env > p & exec {GATEPOST} scan p");
    repo.run("sh", ["-c", &script], repo.root(), b"").failed(&[1], &["p:1", RULE]);
}

#[test]
fn a_message() {
    let repo = repository();
    let check = |message: &str| with_input(&repo, &["check", "message", "-"], message);
    check("feat: say hello\n").ok();
    check("hello\n").failed(&[1], &["GP-MSG-001", "hello"]);
    check("# only a comment\n").failed(&[1], &["GP-MSG-015"]);
    repo.write("msg", "feat: a file\n");
    repo.gatepost(["check", "message", "msg"]).ok();
    repo.gatepost(["check", "message", "no-such-file"]).failed(&[2], &["no-such-file"]);
    let base = repo.head();
    let bad = repo.commit_all("did some stuff");
    repo.gatepost(["check", "message", "--range", &format!("{base}..HEAD")])
        .failed(&[1], &["GP-MSG-001", &bad[..7]]);
    repo.gatepost(["check", "message", "--range", "HEAD..HEAD"]).failed(&[0], &["0 messages"]);
}

#[test]
fn a_branch() {
    let repo = repository();
    repo.write(
        "gatepost.toml",
        "schema = 1\n\n[branch]\nlevel = \"deny\"\npatterns = [\"main\", \"feature/{slug}\"]\n",
    );
    repo.gatepost(["check", "branch"]).ok();
    repo.gatepost(["check", "branch", "feature/my-stuff"]).ok();
    repo.gatepost(["check", "branch", "My_Stuff"]).failed(&[1], &["GP-REF-001", "My_Stuff"]);
    repo.git(["checkout", "-q", "-b", "My_Stuff"]);
    repo.gatepost(["check", "branch"]).failed(&[1], &["My_Stuff"]);
    repo.git(["checkout", "-q", "--detach"]);
    repo.gatepost(["check", "branch"]).failed(&[0], &["detached"]);
}

#[test]
fn sizes_and_binaries() {
    let repo = repository();
    repo.write("gatepost.toml", "schema = 1\n\n[files]\nlevel = \"deny\"\nmax-size = \"1 KiB\"\n");
    let base = repo.commit_all("chore: a policy");
    repo.gatepost(["check", "files"]).failed(&[0], &["nothing is staged"]);
    repo.write("large.txt", "x".repeat(2000));
    repo.git(["add", "."]);
    repo.gatepost(["check", "files"]).failed(&[1], &["GP-FILE-001", "large.txt"]);
    repo.commit_all("feat: a large file");
    repo.gatepost(["check", "files", "--range", &format!("{base}..HEAD")]).failed(&[1], &["large.txt"]);
}

#[test]
fn an_old_repository_starts_at_once() {
    let repo = repository();
    repo.write("old.env", leak(&token()));
    repo.commit_all("feat: an old leak");
    repo.remove("old.env");
    let other = token();
    repo.write("still.env", leak(&other));
    repo.commit_all("feat: one that is still there");
    repo.gatepost(["baseline", "diff"]).failed(&[1], &["2 not in the baseline"]);
    repo.gatepost(["baseline", "create"]).failed(&[0], &["2 findings accepted"]);
    let text = std::fs::read_to_string(repo.root().join("gatepost-baseline.txt")).unwrap();
    assert!(!text.contains(&other) && text.matches("gp1:").count() == 2, "{text}");
    repo.gatepost(["baseline", "create"]).failed(&[2], &["is there already", "baseline update"]);
    repo.gatepost(["baseline", "diff"]).ok();
    repo.gatepost(["scan", "--history"]).ok();
    repo.gatepost(["scan", "--history", "--no-baseline"]).failed(&[1], &[RULE]);

    repo.gatepost(["install"]).ok();
    repo.git(["add", "."]);
    repo.try_git(["commit", "-m", "chore: adopt gatepost"]).ok();
    repo.write("still.env", format!("# a new line\n{}", leak(&other)));
    repo.git(["add", "."]);
    repo.try_git(["commit", "-m", "docs: comment"]).ok();
    repo.write("new.env", leak(&token()));
    repo.git(["add", "."]);
    repo.try_git(["commit", "-m", "feat: add settings"]).refused(&[RULE, "new.env"]);
    repo.gatepost(["baseline", "diff"]).failed(&[1], &["1 not in the baseline"]);
    repo.gatepost(["baseline", "update"]).failed(&[0], &["3 findings accepted", "1 new"]);
    repo.gatepost(["baseline", "diff"]).ok();
}

#[test]
fn baselines_of_two_branches_merge() {
    let repo = repository();
    // Sorted by fingerprint: the first goes to one branch, the last to the other, those in between are old.
    let mut lines: Vec<(String, String)> = (0..8)
        .map(|_| {
            let text = leak(&token());
            let run = with_input(&repo, &["scan", "--stdin", "-f", "json"], &text);
            (report(&run)["findings"][0]["fingerprint"].as_str().unwrap().to_owned(), text)
        })
        .collect();
    lines.sort();
    let (first, last) = (lines.remove(0).1, lines.pop().unwrap().1);
    for (number, (_, text)) in lines.iter().enumerate() {
        repo.write(format!("old{number}.env"), text);
    }
    repo.commit_all("feat: old leaks");
    repo.gatepost(["baseline", "create"]).ok();
    repo.commit_all("chore: a baseline");
    for (branch, text) in [("one", &first), ("two", &last)] {
        repo.git(["checkout", "-q", "-b", branch, "main"]);
        repo.write(format!("{branch}.env"), text);
        repo.commit_all("feat: a leak to live with");
        repo.gatepost(["baseline", "update"]).ok();
        repo.commit_all("chore: accept it");
    }
    // `update` looked at every branch: what it wrote holds for both.
    repo.git(["checkout", "-q", "one"]);
    repo.git(["merge", "-q", "--no-edit", "two"]);
    repo.gatepost(["scan", "."]).failed(&[0], &["clean"]);
    repo.gatepost(["baseline", "diff"]).ok();
}

#[test]
fn init_writes_a_policy_that_is_sound() {
    let repo = repository();
    repo.gatepost(["init"]).failed(&[0], &["gatepost.toml", "gatepost install"]);
    repo.gatepost(["config", "check"]).failed(&[0], &["the policy is sound"]);
    repo.gatepost(["init"]).failed(&[2], &["is there already"]);
    repo.gatepost(["install"]).ok();
    repo.git(["add", "."]);
    repo.try_git(["commit", "-m", "chore: adopt gatepost"]).ok();
    repo.remove("gatepost.toml");
    repo.gatepost(["init", "--preset", "conventional-branch"])
        .failed(&[2], &["conventional-branch", "did you mean `conventional-branches`"]);
    repo.gatepost(["init", "--preset", "conventional-branches"]).ok();
    repo.gatepost(["config", "check"]).ok();
}

#[test]
fn config_says_where_a_value_comes_from() {
    let repo = repository();
    repo.write("gatepost.toml", "schema = 1\n\n[message]\nheader-max = 72\n");
    let mut command = repo.command(GATEPOST, repo.root());
    command.env("GATEPOST_FILES_MAX_SIZE", "1 MiB").args(["config", "show", "--origin"]);
    let shown = crate::support::run(&mut command, b"").ok().out;
    let line = |key: &str| {
        shown.lines().find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("{key}: {shown}"))
    };
    assert!(line("message.header-max = 72").ends_with("gatepost.toml:4"), "{shown}");
    assert!(line("files.max-size").contains("GATEPOST_FILES_MAX_SIZE"), "{shown}");
    assert!(line("secrets.level").contains("built-in"), "{shown}");
    // Without origins it is a policy again.
    let policy = repo.gatepost(["config", "show"]).ok().out;
    repo.write("gatepost.toml", policy);
    repo.gatepost(["config", "check"]).ok();
}

#[test]
fn every_code_and_rule_is_explained() {
    let repo = repository();
    let overview = repo.gatepost(["explain"]).ok().out;
    let rows = overview.lines().filter(|line| line.starts_with("  GP-"));
    let codes: Vec<(&str, &str)> = rows
        .map(|row| row.split_whitespace())
        .map(|mut row| (row.next().unwrap(), row.next().unwrap()))
        .collect();
    assert!(codes.len() >= 20, "{overview}");
    for (code, name) in codes {
        let text = repo.gatepost(["explain", code]).ok().out;
        for word in [code, name, "Why:", "What to do:", "Fires on:", "Silent on:"] {
            assert!(text.contains(word), "{code} does not say `{word}`:\n{text}");
        }
        assert_eq!(repo.gatepost(["explain", name]).ok().out, text);
    }
    repo.gatepost(["explain", RULE]).failed(&[0], &["GitHub", "What to do:", "Reference: https://"]);
    repo.gatepost(["explain", "exceptions"]).failed(&[0], &["[[exception]]"]);
    repo.gatepost(["explain", "GP-MSG-01"]).failed(&[2], &["GP-MSG-01", "did you mean"]);
}

/// A file of one rule.
const ACME: &str = r#"
provider = "Acme"
[[rules]]
id = "acme-key"
name = "Acme key"
description = "A key."
severity = "high"
confidence = "high"
regex = '\bacme_[0-9a-f]{32}\b'
risk = "Order anvils."
fix = ["Revoke it."]
reference = "https://acme.example"
examples = ["acme_{hex:32}", "key: acme_{hex:32}"]
counter-examples = ["acme_{hex:31}", "acme_"]
"#;

#[test]
fn rules() {
    let repo = repository();
    let list = repo.gatepost(["rules", "list"]).ok().out;
    assert!(list.lines().count() > 80, "{list}");
    repo.gatepost(["rules", "show", RULE]).failed(&[0], &[RULE, "regex", "keywords", "example"]);
    repo.gatepost(["rules", "show", "github-pta"]).failed(&[2], &["github-pat"]);
    repo.write("acme.toml", ACME);
    repo.gatepost(["rules", "test", "acme.toml"]).failed(&[0], &["1 rules, 4 examples, 0 failed"]);
    repo.write("rules.toml", "[[rules]]\nid = 1\n");
    repo.gatepost(["rules", "test", "rules.toml"]).failed(&[2], &["rules.toml"]);
}

#[test]
fn completions() {
    let repo = repository();
    for (shell, word) in [
        ("bash", "complete"),
        ("zsh", "#compdef gatepost"),
        ("fish", "complete -c gatepost"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let text = repo.gatepost(["completions", shell]).ok().out;
        assert!(text.contains(word) && text.contains("pre-receive"), "{shell}: {text}");
    }
    repo.gatepost(["completions", "ksh"]).failed(&[2], &["ksh"]);
}

#[test]
fn help_shows_examples() {
    let repo = repository();
    repo.gatepost(["--help"]).failed(&[0], &["Examples:", "Exit codes:"]);
    repo.gatepost(["scan", "--help"]).failed(&[0], &["Examples:", "--stdin"]);
    let version = repo.gatepost(["--version"]).ok().out;
    assert_eq!(version.trim(), format!("gatepost {}", env!("CARGO_PKG_VERSION")));
    repo.gatepost(["scna"]).failed(&[2], &["scan"]);
    repo.gatepost([] as [&str; 0]).failed(&[2], &["Usage"]);
}

#[cfg(unix)]
#[test]
fn a_report_never_takes_the_place_of_a_pipe_or_a_link() {
    let repo = repository();
    repo.write("target/r.json", "old");
    std::os::unix::fs::symlink("target/r.json", repo.root().join("link.json")).unwrap();
    repo.gatepost(["scan", "README.md", "-f", "json", "-o", "link.json"]).ok();
    assert!(repo.root().join("link.json").is_symlink());
    assert!(
        std::fs::read_to_string(repo.root().join("target/r.json")).unwrap().contains("gatepost.report/1")
    );

    let script = format!("mkfifo p; {GATEPOST} scan README.md -f json -o p & cat p; test -p p");
    let run = repo.run("sh", ["-c", &script], repo.root(), b"").ok();
    assert!(run.out.contains("gatepost.report/1"), "{}", run.said());

    let run = repo.gatepost(["scan", "README.md", "-f", "json", "-o", "/dev/stdout"]).ok();
    assert!(run.out.contains("gatepost.report/1"), "{}", run.said());
}
