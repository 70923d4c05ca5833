//! Comments that allow a secret: obeyed where their author answers for them, and on servers and in CI only where a revision
//! that the change cannot alter has them too.

use crate::ci::report;
use crate::receive::Server;
use crate::support::{GATEPOST, Repo, Run, in_days, leak, run, token};
use serde_json::{Value, json};

const RULE: &str = "github-pat";

/// What both gates say of a change that is refused for its own comment.
const OWN: &str = "a change cannot exempt itself";

fn allowed(rest: &str, token: &str) -> String {
    format!("# gatepost:allow {RULE} reason=\"made for a test\"{rest}\n{}", leak(token))
}

/// A server whose `main` has `app.env` with this content, taken in past the hook; the commit.
fn taken_in(content: &str) -> (Server, String) {
    let server = Server::new();
    server.repo.write("app.env", content);
    let base = server.repo.commit_all("feat: add settings");
    server.take_in();
    (server, base)
}

fn ci(repo: &Repo, base: &str) -> Run {
    repo.gatepost(["run", "ci", "--from-ref", base, "-f", "json"])
}

/// What suppressed findings in a run that passed.
fn suppressed_by(run: Run) -> Value {
    report(&run.ok())["suppressed_by"].clone()
}

#[test]
fn a_comment_counts_once_the_base_has_it() {
    let server = Server::new();
    let (repo, base, token) = (&server.repo, server.repo.head(), token());
    repo.write("app.env", allowed("", &token));
    let commit = repo.commit_all("feat: add settings");
    server.refuses(&["main"], &[RULE, "app.env", OWN]);
    ci(repo, &base).failed(&[1], &[OWN]);
    // A later commit of the same push finds it in an earlier one, which is no better.
    repo.write("app.env", format!("{}# more\n", allowed("", &token)));
    repo.commit_all("feat: add more settings");
    server.refuses(&["main"], &[RULE, "app.env", &commit[..7], OWN]);
    ci(repo, &base).failed(&[1], &[OWN]);

    server.take_in();
    let base = repo.head();
    repo.write("app.env", format!("# moved down\n\n{}", allowed("", &token)));
    repo.commit_all("feat: add a heading");
    let run = server.accepts(&["main"], &["clean, 1 suppressed", "1 by comments of gatepost"]);
    assert!(!run.said().contains(&token));
    let run = ci(repo, &base).ok();
    let found = report(&run);
    assert_eq!(found["suppressed_by"], json!([{ "kind": "inline", "dialect": "gatepost", "count": 1 }]));
    assert!(!run.out.contains(OWN), "{}", run.out);
    let by = &found["suppressed"][0]["by"];
    assert_eq!(*by, json!({ "kind": "inline", "dialect": "gatepost", "reason": "made for a test" }));
}

#[test]
fn a_branch_that_is_new_builds_on_what_the_repository_has() {
    let token = token();
    let (server, base) = taken_in(&allowed("", &token));
    let repo = &server.repo;
    repo.git(["checkout", "-q", "-b", "topic"]);
    repo.write("app.env", format!("{}# more\n", allowed("", &token)));
    repo.commit_all("feat: add more settings");
    server.accepts(&["topic"], &["1 suppressed"]);
    // What is removed and put back is what the base has.
    repo.remove("app.env");
    repo.commit_all("fix: remove the settings");
    repo.write("app.env", allowed("", &token));
    repo.commit_all("revert: put the settings back");
    server.accepts(&["topic:refs/heads/other"], &["1 suppressed"]);
    assert_eq!(suppressed_by(ci(repo, &base))[0]["count"], 1);
}

#[test]
fn a_range_is_judged_by_its_base_and_not_by_where_it_forked() {
    let (repo, token) = (Repo::new(), token());
    repo.write("app.env", allowed("", &token));
    repo.commit_all("feat: add settings");
    repo.git(["checkout", "-q", "-b", "topic"]);
    repo.write("other.txt", "other\n");
    repo.commit_all("feat: something else");
    repo.write("app.env", format!("{}# more\n", allowed("", &token)));
    repo.commit_all("feat: add more settings");
    assert_eq!(suppressed_by(ci(&repo, "main"))[0]["count"], 1);
    // The base has thought better of it meanwhile.
    repo.git(["checkout", "-q", "main"]);
    repo.remove("app.env");
    repo.commit_all("fix: remove the settings");
    repo.git(["checkout", "-q", "topic"]);
    ci(&repo, "main").failed(&[1], &["app.env", OWN]);
}

#[test]
fn a_comment_that_the_change_alters_is_its_own() {
    let token = token();
    let before = allowed(" until=2999-01-01", &token);
    let (server, base) = taken_in(&before);
    let repo = &server.repo;
    let cases: [(&str, &dyn Fn()); 6] = [
        ("a later day", &|| repo.write("app.env", before.replace("2999", "3999"))),
        ("no day", &|| repo.write("app.env", allowed("", &token))),
        ("another reason", &|| repo.write("app.env", before.replace("test", "joke"))),
        ("another secret", &|| repo.write("app.env", before.replace(&token, &crate::support::token()))),
        ("another file", &|| {
            repo.remove("app.env");
            repo.write("moved.env", &before);
        }),
        ("another file as well", &|| repo.write("copy.env", &before)),
    ];
    for (what, write) in cases {
        repo.git(["reset", "-q", "--hard", &base]);
        write();
        repo.commit_all("feat: change settings");
        let said = server.refuses(&["main"], &[RULE, OWN]).said();
        assert!(!said.contains(&token), "{what}");
        ci(repo, &base).failed(&[1], &[OWN]);
    }
    // The comment goes, and the secret stays.
    repo.git(["reset", "-q", "--hard", &base]);
    repo.write("app.env", leak(&token));
    repo.commit_all("feat: change settings");
    server.refuses(&["main"], &[RULE]);
    ci(repo, &base).failed(&[1], &[RULE]);
}

#[test]
fn a_comment_for_a_secret_that_was_there_is_new_all_the_same() {
    let token = token();
    let (server, base) = taken_in(&leak(&token));
    let repo = &server.repo;
    repo.write("app.env", format!("{}# more\n", leak(&token)));
    repo.commit_all("feat: add more settings");
    server.accepts(&["main"], &["1 secret was in these files before"]);
    repo.git(["reset", "-q", "--hard", &base]);
    repo.write("app.env", allowed("", &token));
    repo.commit_all("feat: allow the secret");
    ci(repo, &base).failed(&[1], &[OWN]);
    server.refuses(&["+main"], &[RULE, OWN]);
}

#[test]
fn the_policy_names_rules_whose_comments_a_change_may_bring() {
    let server = Server::new();
    server.policy(&format!("schema = 1\n\n[secrets]\ntrust-added-inline = [\"{RULE}\"]\n"));
    let repo = &server.repo;
    let base = repo.head();
    repo.write("app.env", allowed("", &token()));
    repo.commit_all("feat: add settings");
    server.accepts(&["main"], &["1 by comments of gatepost"]);
    // No other rule …
    let other = token().replace("ghp_", "gho_");
    let comment = allowed("", &other).replace(RULE, "github-oauth-token");
    repo.write("other.env", comment);
    repo.commit_all("feat: add other settings");
    server.refuses(&["main"], &["github-oauth-token", OWN]);
    // … no other tool's comment …
    repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    repo.write("other.env", format!("{} # gitleaks:allow\n", leak(&token()).trim_end()));
    repo.commit_all("feat: add other settings");
    server.refuses(&["main"], &[RULE, "trust-inline = \"own\""]);
    // … and not by the word of the change itself.
    repo.git(["reset", "-q", "--hard", &base]);
    repo.write("gatepost.toml", format!("schema = 1\n\n[secrets]\ntrust-added-inline = [\"{RULE}\"]\n"));
    repo.write("app.env", allowed("", &token()));
    repo.commit_all("feat: add settings");
    ci(repo, &base).failed(&[1], &[OWN]);
}

#[test]
fn rules_and_dialects_that_nobody_knows_are_errors() {
    let repo = Repo::new();
    let policy = |text: &str| {
        repo.write("gatepost.toml", format!("schema = 1\n\n[secrets]\n{text}\n"));
        repo.gatepost(["config", "check"])
    };
    policy("trust-added-inline = [\"github-pet\"]")
        .failed(&[2], &["gatepost.toml:4", "`github-pet`, which is not known", "did you mean `github-pat`?"]);
    policy("trust-inline = [\"gitleeks\"]").failed(&[2], &["gatepost.toml:4", "did you mean \"gitleaks\"?"]);
    policy("trust-inline = \"gitleaks\"").failed(&[2], &["write it as a list: [\"gitleaks\"]"]);
    policy("trust-inline = [\"gatepost\", \"gitleaks\"]").ok();
}

#[test]
fn each_dialect_can_be_switched_on_alone() {
    let repo = Repo::new();
    repo.write("gatepost.toml", "schema = 1\n\n[secrets]\ntrust-inline = [\"gitleaks\"]\n");
    let line = |comment: &str| format!("{} # {comment}\n", leak(&token()).trim_end());
    let own = format!("gatepost:allow {RULE} reason=\"made for a test\"");
    repo.write("app.env", [line("gitleaks:allow"), line("kingfisher:ignore"), line(&own)].concat());
    repo.commit_all("feat: add settings");
    let scan = |variable: Option<&str>| {
        let mut command = repo.command(GATEPOST, repo.root());
        if let Some(value) = variable {
            command.env("GATEPOST_SECRETS_TRUST_INLINE", value);
        }
        let report = report(&run(command.args(["scan", "app.env", "-f", "json"]), b""));
        let by = report["suppressed_by"].as_array().unwrap().iter();
        let by: Vec<String> = by.map(|row| row["dialect"].as_str().unwrap().to_owned()).collect();
        (by.join(" "), report["findings"].as_array().unwrap().len())
    };
    assert_eq!(scan(None), ("gitleaks".to_owned(), 2));
    assert_eq!(scan(Some("kingfisher,gatepost")), ("gatepost kingfisher".to_owned(), 1));
    assert_eq!(scan(Some("kingfisher")), ("kingfisher".to_owned(), 2));
    assert_eq!(scan(Some("all")), ("gatepost gitleaks kingfisher".to_owned(), 0));
    assert_eq!(scan(Some("none")), (String::new(), 3));
    // At a gate a variable can take dialects away, and add none.
    repo.write("new.env", line("gitleaks:allow"));
    repo.git(["add", "-A"]);
    let gate = |value: &str| {
        let mut command = repo.command(GATEPOST, repo.root());
        command.env("GATEPOST_SECRETS_TRUST_INLINE", value).args(["run", "pre-commit"]);
        run(&mut command, b"")
    };
    gate("none").failed(&[1], &[RULE, "trust-inline = \"none\""]);
    gate("all").failed(&[2], &["could weaken a gate", "it newly has"]);
    repo.gatepost(["run", "pre-commit"]).failed(&[0], &["1 by comments of gitleaks"]);
}

#[test]
fn a_comment_that_ended_brings_the_secret_back() {
    let repo = Repo::gated();
    let token = token();
    repo.write("app.env", allowed(" until=2000-01-01", &token));
    repo.commit_all("feat: add settings");
    repo.gatepost(["scan"]).failed(&[1], &["The `gatepost:allow` comment here ended on 2000-01-01."]);
    // It came in on a word that no longer holds: the next change of the file mends it.
    repo.write("app.env", format!("{}# more\n", allowed(" until=2000-01-01", &token)));
    repo.git(["add", "-A"]);
    repo.try_git(["commit", "-m", "feat: add more"]).refused(&[RULE, "ended on 2000-01-01"]);
    repo.write("app.env", allowed(" until=2999-01-01", &token));
    repo.git(["add", "-A"]);
    repo.try_git(["commit", "-m", "feat: allow it for longer"]).ok();
}

#[test]
fn a_comment_points_at_an_exception_that_is_registered() {
    let repo = Repo::new();
    repo.write("app.env", allowed(" id=EX-2026-0001", &token()));
    let scan = || repo.gatepost(["scan", "app.env", "-v"]);
    scan().failed(&[1], &["points at exception EX-2026-0001, which the policy does not have"]);
    let policy = |expires: &str| {
        repo.write(
            "gatepost.toml",
            format!(
                "schema = 1\n\n[[exception]]\nid = \"EX-2026-0001\"\nrule = \"{RULE}\"\npath = \"docs/**\"\n\
                 status = \"test-credential\"\nreason = \"a documented example\"\nowner = \"@platform\"\nexpires = {expires}\n"
            ),
        );
    };
    policy(&in_days(100));
    scan().failed(&[0], &["comment of gatepost, EX-2026-0001: made for a test"]);
    policy("2000-01-01");
    scan().failed(&[1], &["points at exception EX-2026-0001, which ended on 2000-01-01"]);
    repo.write("app.env", format!("# gatepost:allow {RULE}\n{}", leak(&token())));
    scan().failed(&[1], &["comment here is not obeyed: its reason is missing"]);
}
