//! `gatepost scan --why`: each decision, with the test that made it, and no value in clear.

use crate::support::{GATEPOST, Repo, leak, token};
use serde_json::Value;

/// One line for each kind of rejection, by rules that everybody has, and one real secret twice.
fn texts(token: &str) -> Vec<(&'static str, String)> {
    let certificate = format!("-----BEGIN {}", "CERTIFICATE-----");
    vec![
        ("app.env", leak(token)),
        ("template.env", "password = \"${DB_PASSWORD}\"\n".to_owned()),
        ("phrase.env", format!("github_token = \"ghp_EXAMPLE{}\"\n", &token[11..])),
        ("entropy.env", format!("key = AKIA{}\n", "AB2".repeat(6).get(..16).unwrap())),
        ("allow.env", format!("id = AKIA{}EXAMPLE\n", "Q7XK2M5TB")),
        ("generated.lock", format!("password = \"{}\"\n", &token[4..30])),
        ("old/app.env", leak(token)),
        ("public.pem", certificate),
    ]
}

fn repo(token: &str) -> Repo {
    let repo = Repo::new();
    repo.write(
        "gatepost.toml",
        "[secrets]\nexclude = [{ path = \"old/**\", reason = \"kept for the record\" }]\n",
    );
    repo.commit_all("feat: set the policy up");
    for (path, text) in texts(token) {
        repo.write(path, text);
    }
    repo
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The decisions about a path: rule, outcome and the test that decided.
fn about(report: &Value, path: &str) -> Vec<(String, String, String)> {
    let all = report["decisions"].as_array().unwrap();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    all.iter()
        .filter(|one| one["location"]["path"] == path)
        .map(|one| (word(&one["rule"]), word(&one["outcome"]), word(&one["decided_by"])))
        .collect()
}

#[track_caller]
fn has(report: &Value, path: &str, rule: &str, outcome: &str, test: &str) {
    let found = about(report, path);
    let wanted = (rule.to_owned(), outcome.to_owned(), test.to_owned());
    assert!(found.contains(&wanted), "{path}: no {wanted:?} in {found:?}");
}

#[test]
fn every_kind_of_rejection_is_told_from_every_source() {
    let token = token();
    let repo = repo(&token);
    let check = |run: crate::support::Run| {
        let run = run.failed(&[1], &[]);
        assert!(!run.said().contains(&token[4..30]), "{}", run.said());
        let report = json(&run.out);
        has(&report, "app.env", "github-pat", "reported", "policy");
        has(&report, "app.env", "generic-credential", "not-reported", "overlap");
        has(&report, "template.env", "generic-credential", "not-reported", "value");
        has(&report, "phrase.env", "github-pat", "not-reported", "placeholder");
        has(&report, "entropy.env", "aws-access-key", "not-reported", "entropy");
        has(&report, "allow.env", "aws-access-key", "not-reported", "placeholder");
        has(&report, "generated.lock", "generic-credential", "not-reported", "except-path");
        has(&report, "old/app.env", "github-pat", "not-reported", "exclude");
        assert_eq!(report["decisions_left_out"], 0);
    };
    check(repo.gatepost(["scan", "--why", "-f", "json", "."]));
    repo.git(["add", "-A"]);
    check(repo.gatepost(["scan", "--why", "-f", "json", "--staged"]));
    repo.commit_all("feat: add settings");
    check(repo.gatepost(["scan", "--why", "-f", "json", "--range", "HEAD~1..HEAD"]));
}

#[test]
fn a_person_reads_one_line_for_each() {
    let token = token();
    let repo = repo(&token);
    let run = repo.gatepost(["scan", "--why", "template.env", "app.env"]).failed(&[1], &[]);
    for words in [
        "  template.env:1:13  generic-credential  ********  not reported: it is filled in later, or names where the value is (value)\n",
        "  app.env:1:17  github-pat  ghp_********  reported: error\n",
        "    = structure: its checksum is right, so it was issued in this form\n",
        "    = policy: the policy's level for severity high and confidence high is `deny`\n",
    ] {
        assert!(run.out.contains(words), "{words}{}", run.out);
    }
    assert!(!run.said().contains(&token));
    // Without the flag there is none of it.
    let plain = repo.gatepost(["scan", "template.env"]).ok();
    assert!(!plain.said().contains("not reported"), "{}", plain.said());
    let plain = repo.gatepost(["scan", "-f", "json", "template.env"]).ok();
    assert_eq!(json(&plain.out).get("decisions"), None);
}

#[test]
fn standard_input_and_what_is_let_stand_are_explained() {
    let (repo, token) = (Repo::new(), token());
    let text = format!("# gatepost:allow github-pat reason=\"made for a test\"\n{}", leak(&token));
    let arguments = ["scan", "--why", "--stdin", "--name", "app.env", "-f", "json"];
    let run = repo.run(GATEPOST, arguments, repo.root(), text.as_bytes()).ok();
    let report = json(&run.out);
    has(&report, "app.env", "github-pat", "suppressed", "suppressed");
    let clauses = report["decisions"][0]["tests"].as_array().unwrap();
    let last = clauses.last().unwrap();
    assert_eq!(last["clause"], "a comment of gatepost allows it: made for a test");
    // What stood there before is not the change's.
    repo.write("app.env", leak(&token));
    repo.commit_all("feat: add settings");
    repo.write("app.env", format!("{}# more\n", leak(&token)));
    repo.git(["add", "-A"]);
    let report = json(&repo.gatepost(["scan", "--why", "--staged", "-f", "json"]).ok().out);
    has(&report, "app.env", "github-pat", "not-reported", "change");
}

#[test]
fn a_history_is_not_explained_and_says_what_to_do() {
    let repo = Repo::new();
    repo.commit_all("feat: begin");
    repo.gatepost(["scan", "--why", "--history"])
        .failed(&[2], &["--why is not offered with --history", "gatepost scan --stdin --name PATH --why"]);
}
