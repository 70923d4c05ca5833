//! Allow-lists from the policy file to the report: every entry says why, what it hides is counted, and it ends.

use crate::ci::report;
use crate::support::{GATEPOST, Repo, Run, in_days, leak, run, token};
use serde_json::json;

const RULE: &str = "github-pat";

/// A repository with this policy.
fn with_policy(text: &str) -> Repo {
    let repo = Repo::new();
    repo.write("gatepost.toml", format!("schema = 1\n\n{text}\n"));
    repo.commit_all("chore: a policy");
    repo
}

fn scan(repo: &Repo) -> Run {
    repo.gatepost(["scan", "-f", "json"])
}

#[test]
fn an_entry_without_a_reason_is_refused_with_the_text_to_write() {
    let repo = with_policy("[secrets]\nexclude = [\"testdata/**\"]");
    repo.gatepost(["scan"]).failed(
        &[2],
        &[
            "\"testdata/**\" has no reason",
            "gatepost.toml:4:12",
            "write { path = \"testdata/**\", reason = \"why, in a sentence\" }",
        ],
    );
    // What it says to write is a policy.
    let repo =
        with_policy("[secrets]\nexclude = [{ path = \"testdata/**\", reason = \"why, in a sentence\" }]");
    repo.gatepost(["config", "check"]).ok();
    let mut command = repo.command(GATEPOST, repo.root());
    command.env("GATEPOST_SECRETS_EXCLUDE", "**").arg("scan");
    run(&mut command, b"")
        .failed(&[2], &["GATEPOST_SECRETS_EXCLUDE", "an allow-list cannot be set by a variable"]);
}

#[test]
fn what_is_allowed_is_reported_and_what_is_excluded_is_counted() {
    let token = token();
    let start: String = token.chars().take(8).collect();
    let repo = with_policy(&format!(
        "[secrets]\nexclude = [{{ path = \"vendor/**\", reason = \"kept as it came\" }}]\n\n[[secrets.allow]]\npath = \"docs/**\"\nvalue = \
         \"^{start}\"\nrules = [\"{RULE}\"]\nreason = \"the example of the manual\"\nowner = \"@docs\""
    ));
    repo.write("docs/a.md", leak(&token));
    repo.write("vendor/b.env", leak(&token));
    let found = report(&scan(&repo).ok());
    assert_eq!(found["suppressed_by"], json!([{ "kind": "allow-list", "count": 1 }]));
    assert_eq!(
        found["suppressed"][0]["by"],
        json!({
            "kind": "allow-list",
            "entry": format!("docs/** with a value like ^{start} ({RULE})"),
            "reason": "the example of the manual",
        })
    );
    assert_eq!(
        found["coverage"]["skipped"][0],
        json!({ "reason": "excluded", "count": 1, "declared": true })
    );
    let said = repo.gatepost(["scan"]).ok().said();
    assert!(
        said.contains("1 by the allow-list") && said.contains("clean, 1 skipped (1 excluded), 1 suppressed"),
        "{said}"
    );
    // Path and value must both hold, and the rule must be one of those named.
    repo.write("src/a.md", leak(&token));
    scan(&repo).failed(&[1], &["src/a.md"]);
    repo.remove("src/a.md");
    repo.write("docs/c.md", leak(&crate::support::token()));
    scan(&repo).failed(&[1], &["docs/c.md"]);
    repo.write("docs/c.md", leak(&token.replace("ghp_", "gho_")));
    scan(&repo).failed(&[1], &["docs/c.md"]);
}

#[test]
fn a_history_asks_for_every_path_that_a_secret_has() {
    let repo = with_policy("[[secrets.allow]]\npath = \"docs/**\"\nreason = \"the example of the manual\"");
    let secret = leak(&token());
    repo.write("docs/a.md", &secret);
    repo.commit_all("docs: an example");
    let history = || repo.gatepost(["scan", "--history", "-f", "json"]);
    assert_eq!(report(&history().ok())["suppressed"][0]["by"]["kind"], "allow-list");
    // The same bytes at another path, once, long ago.
    repo.write("src/a.rs", &secret);
    repo.commit_all("feat: the example as code");
    repo.remove("src/a.rs");
    repo.commit_all("fix: take it out");
    let found = report(&history().failed(&[1], &[]));
    assert_eq!(
        (found["findings"][0]["rule"].as_str(), found["suppressed"].as_array().map(Vec::len)),
        (Some(RULE), Some(0))
    );
}

#[test]
fn an_entry_that_has_ended_hides_nothing_and_says_so() {
    let until = |day: &str| {
        format!(
            "[secrets]\nexclude = [{{ path = \"old/**\", reason = \"to be removed soon\", until = {day} }}]\n\n[[secrets.allow]]\npath = \
             \"docs/**\"\nreason = \"the example of the manual\"\nowner = \"@docs\"\nuntil = {day}"
        )
    };
    let repo = with_policy(&until("2999-01-01"));
    repo.write("old/a.env", leak(&token()));
    repo.write("docs/a.md", leak(&token()));
    scan(&repo).failed(&[0], &["allow-list", "excluded"]);
    repo.write("gatepost.toml", format!("schema = 1\n\n{}\n", until("2000-01-01")));
    repo.gatepost(["scan"]).failed(
        &[1],
        &[
            "old/a.env",
            "docs/a.md",
            "notice: the entry `old/**` of `secrets.exclude` ended on 2000-01-01 and hides nothing any more",
            "notice: the entry `docs/**` of `secrets.allow` ended on 2000-01-01",
            "renew it with @docs",
        ],
    );
}

#[test]
fn a_change_cannot_bring_the_entry_that_hides_it() {
    let repo = with_policy("");
    let base = repo.head();
    repo.write(
        "gatepost.toml",
        "schema = 1\n\n[[secrets.allow]]\npath = \"*.env\"\nreason = \"trust me, I am an engineer\"\n",
    );
    repo.write("app.env", leak(&token()));
    repo.commit_all("feat: add settings");
    repo.gatepost(["run", "ci", "--from-ref", &base]).failed(&[1], &[RULE]);
    // From then on it is the policy.
    let base = repo.head();
    repo.write("more.env", leak(&token()));
    repo.commit_all("feat: add more settings");
    repo.gatepost(["run", "ci", "--from-ref", &base]).failed(&[0], &["1 by the allow-list"]);
}

#[test]
fn the_doctor_says_what_each_entry_hides() {
    let repo = with_policy(&format!(
        "[secrets]\nexclude = [\n  {{ path = \"testdata/**\", reason = \"generated fixtures\" }},\n  {{ path = \"gone/**\", reason = \
         \"was here before\" }},\n  {{ path = \"old/**\", reason = \"to be removed soon\", until = 2000-01-01 }},\n]\n\n[[secrets.allow]]\n\
         path = \"docs/**\"\nrules = [\"{RULE}\"]\nreason = \"the example of the manual\"\nuntil = 2999-01-01\n\n[files]\nexclude = [{{ path = \
         \"*.txt\", reason = \"nobody minds text\" }}]\n\n[branch]\nexempt = [{{ name = \"dependabot/**\", reason = \"named by a \
         robot\" }}]\n\n[[exception]]\nid = \"EX-1\"\nrule = \"{RULE}\"\npath = \"src/**\"\nstatus = \"test-credential\"\nreason = \"a \
         documented example\"\nowner = \"@platform\"\nexpires = {}",
        in_days(100)
    ));
    for number in 1..=11 {
        repo.write(format!("text/{number}.txt"), "text\n");
    }
    for path in ["testdata/a.env", "testdata/b.env", "testdata/c.env", "docs/a.md", "src/a.env"] {
        repo.write(path, leak(&token()));
    }
    repo.write("docs/b.md", "no secret\n");
    repo.commit_all("feat: files");
    repo.git(["branch", "dependabot/cargo/serde"]);
    let said = repo.gatepost(["doctor"]).said();
    let lines: Vec<&str> = said.lines().skip_while(|line| !line.contains("held against")).collect();
    assert_eq!(
        lines,
        [
            "ok    allow-lists are held against 18 files at HEAD and 5 findings in them",
            "warn  secrets.exclude testdata/**  hides 3 of 18 files (16.7 %), 3 of 5 findings (60 %)  reason: generated fixtures  -> \
             it hides most findings: narrow it",
            "warn  secrets.exclude gone/**  unused, hides nothing at HEAD  reason: was here before  -> remove it, unless the \
             history or another branch needs it",
            "warn  secrets.exclude old/**  ended on 2000-01-01, hides nothing  -> renew it, or remove it",
            "ok    secrets.allow docs/** (github-pat)  hides 2 of 18 files (11.1 %), 1 of 5 findings (20 %)  reason: the example of \
             the manual, until 2999-01-01",
            "ok    branch.exempt dependabot/**  hides 1 of 2 branches (50 %)  reason: named by a robot",
            "warn  files.exclude *.txt  hides 11 of 18 files (61.1 %), none of 0 findings  reason: nobody minds text  -> it hides most \
             files: narrow it",
            &format!(
                "ok    exception EX-1 src/** (github-pat)  hides 1 of 18 files (5.6 %), 1 of 5 findings (20 %)  reason: a \
                 documented example, until {}",
                in_days(100)
            ),
        ],
        "{said}"
    );
    // Without entries there is nothing to say, and nothing is read.
    let plain = with_policy("");
    assert!(!plain.gatepost(["doctor"]).said().contains("held against"));
    let unborn = Repo::new();
    unborn.write(
        "gatepost.toml",
        "[files]\nexclude = [{ path = \"*.txt\", reason = \"nobody minds text\" }]\n",
    );
    assert!(unborn.gatepost(["doctor"]).said().contains("there is no commit yet to hold them against"));
}

#[test]
fn the_doctor_knows_what_overlays_list() {
    let repo = with_policy(
        "[files]\nexclude = [{ path = \"*.txt\", reason = \"nobody minds text\" }]\n\n[[overlay]]\npaths = [\"docs/**\"]\nfiles.exclude = [{ \
         path = \"*.png\", reason = \"these are screenshots\" }]\n\n[[overlay]]\npaths = [\"gone/**\"]\nfiles.exclude = [{ path = \"*.svg\", \
         reason = \"these are drawings\" }]",
    );
    for path in ["a.txt", "docs/b.txt", "docs/c.png", "d.png", "e.svg", "f.md"] {
        repo.write(path, "text\n");
    }
    repo.commit_all("feat: files");
    let said = repo.gatepost(["doctor"]).said();
    let lines: Vec<&str> = said.lines().skip_while(|line| !line.contains("held against")).skip(1).collect();
    assert_eq!(
        lines,
        [
            // In docs the overlay's list takes the place of the policy's.
            "ok    files.exclude *.txt  hides 1 of 7 files (14.3 %), none of 0 findings  reason: nobody minds text",
            "ok    files.exclude *.png  hides 1 of 7 files (14.3 %), none of 0 findings  reason: these are screenshots",
            "warn  files.exclude *.svg  unused, hides nothing at HEAD  reason: these are drawings  -> remove it, unless the history or \
             another branch needs it",
        ],
        "{said}"
    );
}
