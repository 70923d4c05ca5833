//! What can be asked of a gate, and what cannot: exceptions that are named, break-glass, and everything by which
//! somebody might try to switch a gate off. Each of them with real git, and each time the gate has judged.

use crate::receive::Server;
use crate::support::{GATEPOST, Repo, Run, run, token};
use std::ffi::OsString;

const RULE: &str = "github-pat";

/// An exception for every message of an import, to be named, that ends on `expires`.
fn import(expires: &str) -> String {
    format!(
        "schema = 1\n\n[[exception]]\nid = \"EX-2026-0001\"\nrule = \"GP-MSG\"\nstatus = \"accepted-risk\"\n\
         reason = \"the old repository is imported as it is\"\nowner = \"@platform\"\nexpires = {expires}\n\
         on-request = true\nref = \"refs/heads/import/**\"\n"
    )
}

/// A server that takes push options, and a commit that its gate refuses for the message.
fn with_options(policy: &str) -> Server {
    let server = Server::new();
    server.repo.run("git", ["config", "receive.advertisePushOptions", "true"], &server.bare, b"").ok();
    server.policy(policy);
    server.repo.commit_all("did some stuff");
    server
}

const NAMED: &str = "gatepost.exception=EX-2026-0001";
const TO_IMPORT: &str = "main:refs/heads/import/a";

#[test]
fn a_registered_exception_holds_where_it_is_named() {
    let server = with_options(&import("2099-01-01"));
    server.refuses(&[TO_IMPORT], &["GP-MSG-"]);
    server.accepts(
        &["-o", NAMED, TO_IMPORT],
        &["exception EX-2026-0001 for GP-MSG was named: it covered 1 finding", "1 by exceptions"],
    );
    // For this push alone: the next one has to name it again.
    server.repo.commit_all("did more stuff");
    server.refuses(&[TO_IMPORT], &["GP-MSG-"]);
}

#[test]
fn an_exception_opens_nothing_but_what_it_is_for() {
    let server = with_options(&import("2099-01-01"));
    server.leak("app.env");
    server.refuses(&["-o", NAMED, TO_IMPORT], &[RULE, "app.env", "it covered 1 finding"]);
    server.repo.git(["reset", "-q", "--hard", "HEAD~2"]);
    server.repo.commit_all("feat: nothing wrong here");
    server.accepts(&["-o", NAMED, TO_IMPORT], &["was named: it covered nothing"]);
}

#[test]
fn an_exception_that_may_not_be_named_refuses_the_push() {
    let server = with_options(&import("2099-01-01"));
    server.refuses(&["-o", "gatepost.exception=EX-2026-0010", TO_IMPORT], &["did you mean EX-2026-0001?"]);
    server.refuses(&["-o", NAMED, "main:refs/heads/other"], &["refs/heads/import/**", "refs/heads/other"]);
    server.refuses(&["-o", NAMED, TO_IMPORT, "main"], &["refs/heads/main"]);
    server.refuses(
        &["-o", "gatepost.exeption=EX-2026-0001", TO_IMPORT],
        &["did you mean `gatepost.exception`?"],
    );
    server.policy(&import("2026-01-01"));
    server.refuses(&["-o", NAMED, TO_IMPORT], &["ended on 2026-01-01", "@platform"]);
    // What others ask of the server is theirs.
    server.policy("schema = 1\n");
    server.refuses(&["-o", "ci.skip", TO_IMPORT], &["GP-MSG-"]);
}

#[test]
fn an_exception_that_the_push_itself_brings_does_not_count() {
    let server = with_options("schema = 1\n");
    std::fs::remove_file(server.bare.join("gatepost.toml")).unwrap();
    server.repo.write("gatepost.toml", import("2099-01-01"));
    server.repo.commit_all("did a policy");
    server.refuses(&["-o", NAMED, TO_IMPORT], &["EX-2026-0001 is not in the policy"]);
}

#[test]
fn an_exception_for_what_is_never_opened_is_an_error_of_the_policy() {
    let repo = Repo::new();
    repo.write("gatepost.toml", import("2099-01-01").replace("GP-MSG", RULE));
    repo.gatepost(["config", "check"]).failed(&[2], &["gatepost.toml:3", "never", "fingerprint"]);
    // And of itself no exception is for a whole family.
    let always =
        import("2099-01-01").replace("on-request = true\nref = \"refs/heads/import/**\"", "path = \"*\"");
    repo.write("gatepost.toml", always);
    repo.gatepost(["config", "check"]).failed(&[2], &["GP-MSG", "not known"]);
}

#[test]
fn ci_takes_the_exceptions_of_the_base() {
    let repo = Repo::new();
    repo.write("gatepost.toml", import("2099-01-01"));
    let base = repo.commit_all("chore: a policy");
    repo.git(["checkout", "-q", "-b", "import/a"]);
    repo.commit_all("did some stuff");
    let ci = |more: &[&str]| {
        let base = ["run", "ci", "--from-ref", &base];
        repo.gatepost(base.iter().copied().chain(more.iter().copied()))
    };
    ci(&[]).failed(&[1], &["GP-MSG-"]);
    let covered = ci(&["--exception", "EX-2026-0001"]).ok();
    assert!(covered.said().contains("it covered 1 finding"), "{}", covered.said());
    ci(&["--exception", "EX-2026-0002"]).failed(&[2], &["did you mean EX-2026-0001?"]);
    repo.git(["checkout", "-q", "-b", "other"]);
    ci(&["--exception", "EX-2026-0001"]).failed(&[2], &["refs/heads/other"]);
    repo.git(["checkout", "-q", "--detach"]);
    ci(&["--exception", "EX-2026-0001"]).failed(&[2], &["--to-ref"]);
    ci(&["--exception", "EX-2026-0001", "--to-ref", "import/a"]).ok();
}

#[test]
fn at_home_nothing_can_be_named() {
    let repo = Repo::gated();
    for stage in [&["pre-commit"][..], &["commit-msg", "MSG"], &["pre-push"]] {
        let arguments = [&["run"], stage, &["--exception", "EX-1"]].concat();
        repo.gatepost(arguments).failed(&[2], &["--exception"]);
    }
}

/// A push with more in its environment: what a pusher controls where Git runs the server's side on the same machine.
fn push_with(server: &Server, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
    let mut command = server.repo.command("git", server.repo.root());
    command.args(["push", "origin"].map(OsString::from)).args(arguments).envs(variables.iter().copied());
    run(&mut command, b"")
}

#[test]
fn no_variable_switches_a_gate_off() {
    let server = with_options(&import("2099-01-01"));
    server.leak("app.env");
    let before = server.refs();
    let told = [
        (&[("GATEPOST_SKIP", "1")][..], "GATEPOST_SKIP"),
        (&[("GATEPOST_EXCEPTION", "EX-2026-0001")], "GATEPOST_EXCEPTION"),
        (&[("GATEPOST_ENFORCE", "false")], "GATEPOST_ENFORCE"),
        (&[("GATEPOST_SECRETS_LEVEL", "off")], "GATEPOST_SECRETS_LEVEL"),
        (&[("GATEPOST_BREAK_GLASS_ALLOW", "true")], "GATEPOST_BREAK_GLASS_ALLOW"),
        (&[("GATEPOST_BREAK_GLASS_NEVER", "GP-PIN")], "GATEPOST_BREAK_GLASS_NEVER"),
        // These are nobody's, and the gate judges as ever.
        (&[("SKIP", "gatepost"), ("PRE_COMMIT_ALLOW_NO_CONFIG", "1")], RULE),
        (&[("GIT_PUSH_OPTION_COUNT", "1"), ("GIT_PUSH_OPTION_0", NAMED)], "GP-MSG-"),
    ];
    for (variables, word) in told {
        push_with(&server, variables, &[TO_IMPORT]).refused(&["pre-receive hook declined", word]);
        assert_eq!(server.refs(), before, "{variables:?}");
    }
    // Git counts its own options: a smuggled one more is not among them.
    let smuggled = [("GIT_PUSH_OPTION_COUNT", "2"), ("GIT_PUSH_OPTION_1", NAMED)];
    let said =
        push_with(&server, &smuggled, &["-o", "ci.skip", TO_IMPORT]).refused(&["GP-MSG-", RULE]).said();
    assert!(!said.contains("was named"), "{said}");
    assert_eq!(server.refs(), before);
}

#[test]
fn a_hook_that_git_did_not_call_right_could_not_check() {
    let server = with_options("schema = 1\n");
    let head = server.repo.head();
    let update = format!("{} {head} refs/heads/main\n", "0".repeat(40));
    let hook = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = server.repo.command(GATEPOST, &server.bare);
        command.args(["run", "pre-receive"]).args(arguments).envs(variables.iter().copied());
        run(&mut command, update.as_bytes())
    };
    hook(&[("GIT_PUSH_OPTION_COUNT", "many")], &[]).failed(&[2], &["GIT_PUSH_OPTION_COUNT"]);
    hook(&[("GIT_PUSH_OPTION_COUNT", "1")], &[]).failed(&[2], &["GIT_PUSH_OPTION_0"]);
    // Flags are the administrator's, who writes the hook; one that makes the gate a decoration is refused.
    hook(&[], &["--exit-zero"]).failed(&[2], &["enforce = false"]);
    hook(&[], &["--min-severity", "critical"]).failed(&[2], &["--min-severity"]);
    hook(&[], &["--exception", "EX-1"]).failed(&[2], &["--exception"]);
}

#[test]
fn the_hooks_at_home_know_no_variable_that_skips_them() {
    let repo = Repo::gated();
    let secret = crate::support::leak(&token());
    repo.write("app.env", secret);
    repo.git(["add", "-A"]);
    let variables = [
        ("GATEPOST_SKIP", "1"),
        ("GATEPOST_ENFORCE", "false"),
        ("GATEPOST_SECRETS_LEVEL", "off"),
        ("SKIP", "all"),
    ];
    for (name, value) in variables {
        let mut command = repo.command("git", repo.root());
        command.args(["commit", "-m", "feat: add settings"]).env(name, value);
        let word = if name == "SKIP" { RULE } else { name };
        run(&mut command, b"").refused(&[word]);
    }
    assert_eq!(repo.git(["rev-list", "--count", "HEAD"]), "1");
}
