//! What can be asked of a gate, and what cannot: exceptions that are named, break-glass, and everything by which
//! somebody might try to switch a gate off. Each of them with real git, and each time the gate has judged.

use crate::receive::{HOOK, Server};
use crate::support::{GATEPOST, Repo, Run, in_days, run, token};
use gatepost_core::Timestamp;
use gatepost_evidence::break_glass::{Activation, Actor, Commits, Ending, Log, Record, Settled, Tool};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

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
    let server = with_options(&import(&in_days(100)));
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
    let server = with_options(&import(&in_days(100)));
    server.leak("app.env");
    server.refuses(&["-o", NAMED, TO_IMPORT], &[RULE, "app.env", "it covered 1 finding"]);
    server.repo.git(["reset", "-q", "--hard", "HEAD~2"]);
    server.repo.commit_all("feat: nothing wrong here");
    server.accepts(&["-o", NAMED, TO_IMPORT], &["was named: it covered nothing"]);
}

#[test]
fn an_exception_that_may_not_be_named_refuses_the_push() {
    let server = with_options(&import(&in_days(100)));
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
    server.repo.write("gatepost.toml", import(&in_days(100)));
    server.repo.commit_all("did a policy");
    server.refuses(&["-o", NAMED, TO_IMPORT], &["EX-2026-0001 is not in the policy"]);
}

#[test]
fn an_exception_for_what_is_never_opened_is_an_error_of_the_policy() {
    let repo = Repo::new();
    repo.write("gatepost.toml", import(&in_days(100)).replace("GP-MSG", RULE));
    repo.gatepost(["config", "check"]).failed(&[2], &["gatepost.toml:5", "never", "fingerprint"]);
    // And of itself no exception is for a whole family.
    let always = import(&in_days(100))
        .replace("on-request = true\nref = \"refs/heads/import/**\"", "path = \"docs/*\"");
    repo.write("gatepost.toml", always);
    repo.gatepost(["config", "check"]).failed(&[2], &["GP-MSG", "not known"]);
}

#[test]
fn ci_takes_the_exceptions_of_the_base() {
    let repo = Repo::new();
    repo.write("gatepost.toml", import(&in_days(100)));
    let base = repo.commit_all("chore: a policy");
    repo.git(["checkout", "-q", "-b", "import/a"]);
    repo.commit_all("did some stuff");
    let ci = |more: &[&str]| {
        let base = ["run", "ci", "--from-ref", &base];
        repo.gatepost(base.iter().copied().chain(more.iter().copied()))
    };
    ci(&[]).failed(&[1], &["GP-MSG-"]);
    let there = ["--exception", "EX-2026-0001", "--branch", "import/a"];
    let covered = ci(&there).ok();
    assert!(covered.said().contains("it covered 1 finding"), "{}", covered.said());
    ci(&["--exception", "EX-2026-0002"]).failed(&[2], &["did you mean EX-2026-0001?"]);
    ci(&["--exception", "EX-2026-0001", "--branch", "other"]).failed(&[2], &["refs/heads/other"]);
    // The name of the branch that is judged is no word for where it goes.
    ci(&["--exception", "EX-2026-0001"]).failed(&[2], &["--branch"]);
    repo.git(["branch", "import/b", &base]);
    repo.gatepost(["run", "ci", "--from-ref", "import/b", "--exception", "EX-2026-0001"]).ok();
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
    let server = with_options(&import(&in_days(100)));
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

/// A policy with break-glass.
const GLASS: &str = "schema = 1\n\n[break-glass]\nallow = true\n";

/// What a full request says.
fn request() -> Vec<(&'static str, String)> {
    let day = now().date().checked_add_days(1).unwrap().to_string();
    vec![
        ("reason", "payments are down, the fix cannot wait".to_owned()),
        ("owner", "@oncall".to_owned()),
        ("approver", "@release-manager".to_owned()),
        ("expires", day.clone()),
        ("scope", "payments, main".to_owned()),
        ("rollback", "git revert and deploy the build before".to_owned()),
        ("remediation", day),
    ]
}

fn now() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp { seconds: i64::try_from(elapsed.as_secs()).unwrap(), offset_minutes: 0 }
}

/// The arguments of a push that asks for break-glass.
fn glass(refs: &[&str]) -> Vec<String> {
    let options = request().into_iter().map(|(field, value)| format!("gatepost.break-glass.{field}={value}"));
    let options = options.flat_map(|option| ["-o".to_owned(), option]);
    options.chain(refs.iter().map(|name| (*name).to_owned())).collect()
}

fn strs(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

impl Server {
    fn log_path(&self) -> PathBuf {
        self.bare.join("gatepost/break-glass.jsonl")
    }

    /// What the log says. It is whole.
    #[track_caller]
    fn log(&self) -> Vec<Record> {
        let bytes = std::fs::read(self.log_path()).unwrap_or_default();
        Log::read(&bytes).unwrap().records().to_vec()
    }

    /// Writes a log as earlier pushes would have.
    fn write_log(&self, records: &[Record]) {
        let mut log = Log::default();
        let text: String = records.iter().map(|record| log.push(record.clone()).unwrap()).collect();
        std::fs::create_dir_all(self.log_path().parent().unwrap()).unwrap();
        std::fs::write(self.log_path(), text).unwrap();
    }

    /// Lets a push through by break-glass, for a record as the gate writes it.
    #[track_caller]
    fn opened(&self, refs: &[&str]) -> Activation {
        self.accepts(&strs(&glass(refs)), &["LET THROUGH by break-glass"]);
        match self.log().pop().unwrap() {
            Record::Activation(activation) => *activation,
            other => panic!("{other:?}"),
        }
    }

    fn gatepost(&self, arguments: &[&str]) -> Run {
        self.repo.run(GATEPOST, arguments, &self.bare, b"")
    }
}

/// The same activation, as if it had been `hours` ago and due a day later.
fn ago(activation: &Activation, hours: i64) -> Activation {
    let time = now().plus_hours(-hours);
    Activation { id: format!("BG-{hours}"), time, due: time.plus_hours(24), ..activation.clone() }
}

fn activated(activation: &Activation) -> Record {
    Record::Activation(Box::new(activation.clone()))
}

fn settled(activation: &Activation) -> Record {
    Record::Settled(Settled {
        of: activation.id.clone(),
        time: activation.due,
        how: Ending::Passed,
        tool: Tool::default(),
    })
}

#[test]
fn break_glass_is_refused_until_the_policy_allows_it() {
    let server = with_options("schema = 1\n");
    server.refuses(
        &strs(&glass(&["main"])),
        &["the policy of this repository does not allow it", "allow = true"],
    );
    assert_eq!(server.log(), []);
    // No more does the policy that the push itself brings.
    std::fs::remove_file(server.bare.join("gatepost.toml")).unwrap();
    server.repo.write("gatepost.toml", GLASS);
    server.repo.commit_all("did a policy");
    server.refuses(&strs(&glass(&["main"])), &["does not allow it"]);
}

#[test]
fn a_request_that_does_not_say_what_it_must_is_told_everything_at_once() {
    let server = with_options(GLASS);
    let owner = "gatepost.break-glass.owner=@oncall";
    let same = "gatepost.break-glass.approver=@OnCall";
    server.refuses(
        &["-o", owner, "-o", same, "main"],
        &[
            "reason is missing",
            "approver is the owner",
            "expires is missing",
            "scope is missing",
            "rollback is missing",
            "remediation is missing",
            "git push -o 'gatepost.break-glass.reason=<why this cannot wait>'",
        ],
    );
    server.refuses(&["-o", "gatepost.break-glass", "main"], &["owner is missing"]);
    server.refuses(
        &["-o", "gatepost.break-glass.resaon=x", "main"],
        &["did you mean `gatepost.break-glass.reason`?"],
    );
    assert_eq!(server.log(), []);
}

#[test]
fn one_push_is_let_through_judged_in_full_and_on_record() {
    let server = with_options(GLASS);
    let bad = server.repo.head();
    server.refuses(&["main"], &["GP-MSG-"]);
    let report = server.bare.join("report.json");
    server.script(
        "pre-receive",
        &format!("#!/bin/sh\nexec {HOOK} -f human -o /dev/stderr -f json -o '{}'\n", report.display()),
    );
    server.repo.git(["tag", "light"]);
    let before = now();
    let run = push_with(&server, &[("GL_USERNAME", "alice")], &strs(&glass(&["main", "light"]))).ok();
    let said = run.said();
    for word in [
        "BREAK-GLASS BG-",
        "@oncall",
        "not-conventional",
        "1 of 2 in 30 days",
        "1 finding LET THROUGH by break-glass",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(server.refs().contains(&bad));

    let log = server.log();
    let [Record::Activation(record)] = log.as_slice() else { panic!("{log:?}") };
    assert!(record.id.starts_with("BG-20") && record.time >= before);
    assert_eq!((record.owner.as_str(), record.approver.as_deref()), ("@oncall", Some("@release-manager")));
    assert_eq!(
        record.actor,
        Actor { name: "alice".to_owned(), source: "GL_USERNAME".to_owned(), authenticated: true }
    );
    let refs: Vec<&str> = record.refs.iter().map(|change| change.name.as_str()).collect();
    assert_eq!(refs, ["refs/heads/main", "refs/tags/light"]);
    assert_eq!((record.commits.count, record.commits.ids.as_slice()), (1, std::slice::from_ref(&bad)));
    assert_eq!(record.commits.boundary, [server.repo.git(["rev-parse", "main~1"])]);
    // The gate judged: what it found, and how much it looked at.
    assert_eq!((record.opened.len(), record.opened[0].rule.as_str()), (1, "not-conventional"));
    assert_eq!(record.opened[0].places[0].commit.as_deref(), Some(bad.as_str()));
    assert!(record.coverage.commits == 1 && record.coverage.texts > 1, "{:?}", record.coverage);
    assert_eq!(record.tool.policy_digest.len(), 64);

    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert_eq!((&report["result"], report["findings"].as_array().unwrap().len()), (&"pass".into(), 0));
    let by = &report["suppressed"][0]["by"];
    assert_eq!((&by["kind"], &by["id"]), (&"break-glass".into(), &record.id.as_str().into()));
    assert_eq!(by["owner"], "@oncall");

    // It was for one push.
    server.repo.commit_all("did more stuff");
    server.refuses(&["main"], &["GP-MSG-"]);
}

#[test]
fn what_never_opens_stays_shut_and_costs_nothing() {
    let server = with_options(GLASS);
    let (_, token) = server.leak("app.env");
    let run = server.refuses(
        &strs(&glass(&["main"])),
        &[RULE, "GP-MSG-", "opened nothing and is not counted", "the policy keeps github-pat shut"],
    );
    assert!(!run.said().contains(&token));
    assert_eq!(server.log(), []);
    // A policy can close more than secrets, by family, code or name.
    for word in ["GP-MSG", "GP-MSG-001", "not-conventional"] {
        server.policy(&format!("{GLASS}never = [\"GP-SEC\", \"{word}\"]\n"));
        server.repo.git(["reset", "-q", "--hard", "HEAD"]);
        server
            .refuses(&strs(&glass(&["main~1:refs/heads/main"])), &["the policy keeps not-conventional shut"]);
    }
    server.policy(&format!("{GLASS}never = [\"GP-MGS\"]\n"));
    server.refuses(&strs(&glass(&["main"])), &["policy is broken"]);
    server
        .gatepost(&["config", "check", "gatepost.toml"])
        .failed(&[2], &["GP-MGS", "did you mean \"GP-MSG\"?"]);
    assert_eq!(server.log(), []);
}

#[test]
fn no_secret_reaches_the_record() {
    let server = with_options(&format!("{GLASS}never = []\n"));
    server.repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    let (_, token) = server.leak("app.env");
    let mut arguments = glass(&["main"]);
    arguments[1] = format!("gatepost.break-glass.reason=the token {token} is needed");
    let run = server.accepts(&strs(&arguments), &["LET THROUGH"]);
    assert!(!run.said().contains(&token), "{}", run.said());
    let log = std::fs::read_to_string(server.log_path()).unwrap();
    assert!(log.contains(RULE) && log.contains("app.env") && !log.contains(&token), "{log}");
}

#[test]
fn asking_for_what_is_not_needed_is_not_counted() {
    let server = with_options(GLASS);
    server.repo.git(["commit", "-q", "--amend", "--allow-empty", "-m", "chore: nothing wrong here"]);
    server.accepts(
        &strs(&glass(&["main"])),
        &["opened nothing and is not counted: the push passes without it"],
    );
    server.policy(&format!("enforce = false\n{GLASS}"));
    server.repo.commit_all("did some stuff");
    assert_eq!(server.log(), []);
    server.accepts(&strs(&glass(&["main"])), &["not counted: this is a dry run"]);
    // What is on record is what the dry run would have refused.
    assert!(matches!(server.log().as_slice(), [Record::DryRun(_)]), "{:?}", server.log());
}

#[test]
fn what_could_not_be_judged_is_not_opened() {
    let server = with_options(GLASS);
    let repo = &server.repo;
    repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    repo.write("a.txt", "text that is worth a blob\n");
    repo.commit_all("feat: text");
    server.accepts(&["main"], &[]);
    let blob = repo.git(["rev-parse", "HEAD:a.txt"]);
    std::fs::remove_file(server.bare.join("objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    repo.git(["mv", "a.txt", "b.txt"]);
    repo.commit_all("did another name");
    server.refuses(&strs(&glass(&["main"])), &["b.txt", "what could not be checked is never let through"]);
    assert_eq!(server.log(), []);
}

#[test]
fn the_limit_holds_and_says_when_the_next_one_is_possible() {
    let server = with_options(GLASS);
    let sample = server.opened(&["main"]);
    let (first, second) = (ago(&sample, 29 * 24), ago(&sample, 48));
    server.write_log(&[activated(&first), settled(&first), activated(&second), settled(&second)]);
    server.repo.commit_all("did more stuff");
    let next = first.time.plus_hours(30 * 24).to_string();
    server.refuses(
        &strs(&glass(&["main"])),
        &["GP-MSG-", "2 in 30 days is the limit", &first.id, &second.id, "payments are down", &next],
    );
    assert_eq!(server.log().len(), 4);
    // What left the window no longer counts.
    let old = ago(&sample, 31 * 24);
    server.write_log(&[activated(&old), settled(&old), activated(&second), settled(&second)]);
    server.opened(&["main"]);
    assert_eq!(server.log().len(), 5);
}

#[test]
fn what_is_overdue_is_said_at_every_push_and_stops_the_next_one() {
    let server = with_options(GLASS);
    let late = ago(&server.opened(&["main"]), 25);
    server.write_log(&[activated(&late)]);
    server
        .accepts(&["main~1:refs/heads/other"], &["OVERDUE: break-glass BG-25", "refs/heads/main", "@oncall"]);
    server.repo.commit_all("did more stuff");
    server.refuses(
        &strs(&glass(&["main"])),
        &["break-glass is refused: BG-25 is overdue", "gatepost break-glass check"],
    );
    assert_eq!(server.log(), [activated(&late)]);
}

#[test]
fn a_log_that_was_changed_lets_nothing_through() {
    let server = with_options(GLASS);
    let sample = server.opened(&["main"]);
    let old = ago(&sample, 24 * 40);
    server.write_log(&[activated(&old), settled(&old)]);
    let text = std::fs::read_to_string(server.log_path()).unwrap().replacen("payments", "nothing!", 1);
    std::fs::write(server.log_path(), &text).unwrap();
    server.repo.commit_all("did more stuff");
    server.refuses(&strs(&glass(&["main"])), &["break-glass.jsonl:2", "not what was written", "GP-MSG-"]);
    assert_eq!(std::fs::read_to_string(server.log_path()).unwrap(), text);
    for what in ["list", "check"] {
        server.gatepost(&["break-glass", what]).failed(&[2], &["break-glass.jsonl:2"]);
    }
    // An ordinary push owes the log nothing, and says what is wrong with it.
    server.accepts(&["main~1:refs/heads/other"], &["break-glass.jsonl:2"]);
}

#[test]
fn without_a_record_nothing_is_let_through() {
    let server = with_options(GLASS);
    // A file where the folder should be: whoever runs the tests may be allowed to write everywhere.
    std::fs::write(server.bare.join("gatepost"), "").unwrap();
    server.refuses(&strs(&glass(&["main"])), &["GP-MSG-", "cannot write the log of break-glass"]);
    std::fs::remove_file(server.bare.join("gatepost")).unwrap();
    std::fs::create_dir_all(server.log_path()).unwrap();
    server.refuses(&strs(&glass(&["main"])), &["GP-MSG-", "the log of break-glass"]);
}

#[test]
fn a_lock_that_nobody_gives_back_is_named() {
    let server = with_options(GLASS);
    server.write_log(&[]);
    let lock = server.log_path().with_extension("jsonl.lock");
    std::fs::write(&lock, "1\n").unwrap();
    server
        .refuses(&strs(&glass(&["main"])), &["another push holds the log", "rm ", "break-glass.jsonl.lock"]);
    assert!(lock.exists(), "a lock is not a program's to take away");
    std::fs::remove_file(&lock).unwrap();
    server.opened(&["main"]);
    assert!(!lock.exists());
}

#[test]
fn pushes_at_once_share_one_limit_and_one_log() {
    let server = with_options(GLASS);
    // Each brings a commit of its own: what one push let in is no other's to answer for.
    let base = server.repo.git(["rev-parse", "main~1"]);
    let refs: Vec<String> = (0..5)
        .map(|number| {
            let tree = format!("{base}^{{tree}}");
            let commit =
                server.repo.git(["commit-tree", &tree, "-p", &base, "-m", &format!("did thing {number}")]);
            format!("{commit}:refs/heads/b{number}")
        })
        .collect();
    let passed: usize = std::thread::scope(|scope| {
        let server = &server;
        let pushes: Vec<_> =
            refs.iter().map(|name| scope.spawn(move || server.push(&glass(&[name])).code)).collect();
        pushes.into_iter().map(|push| usize::from(push.join().unwrap() == 0)).sum()
    });
    assert_eq!((passed, server.log().len()), (2, 2));
    assert_eq!(server.refs().matches("refs/heads/b").count(), 2);
}

#[test]
fn only_those_whom_the_policy_names_may_ask() {
    let server = with_options(&format!("{GLASS}actors = [\"alice\", \"release-manager\"]\n"));
    let arguments = glass(&["main"]);
    push_with(&server, &[("GL_USERNAME", "mallory")], &strs(&arguments))
        .refused(&["mallory (by GL_USERNAME) is not among those who may ask", "alice, release-manager"]);
    push_with(&server, &[("USER", "git")], &strs(&arguments)).refused(&["git (by USER)"]);
    let nobody = [("USER", ""), ("LOGNAME", ""), ("USERNAME", "")];
    push_with(&server, &nobody, &strs(&arguments)).refused(&[
        "a pusher whom neither the platform nor the account names",
        "one of GL_USERNAME, GL_USER",
    ]);
    assert_eq!(server.log(), []);
    push_with(&server, &[("GL_USERNAME", "alice"), ("USER", "git")], &strs(&arguments)).ok();
    assert_eq!(server.log().len(), 1);
}

#[test]
fn what_was_let_through_is_listed_until_it_is_mended() {
    let server = with_options(GLASS);
    server.gatepost(&["break-glass", "list"]).failed(&[0], &["nothing was let through"]);
    server.gatepost(&["break-glass", "check"]).failed(&[0], &["nothing was let through"]);
    let sample = server.opened(&["main"]);
    server
        .gatepost(&["break-glass", "list"])
        .failed(&[0], &["open", &sample.id, "@oncall", "1 of 2 used in 30 days"]);
    // The same commits, in full: they are as bad as they were, but there is time.
    server.gatepost(&["break-glass", "check"]).failed(&[0], &["GP-MSG-", "is still denied: 1 finding"]);
    let late = ago(&sample, 25);
    server.write_log(&[activated(&late)]);
    server.gatepost(&["break-glass", "list"]).failed(&[1], &["overdue", "BG-25", "1 overdue, 0 open"]);
    server.gatepost(&["break-glass", "list", "--exit-zero"]).failed(&[0], &["1 overdue"]);
    let json = server.gatepost(&["break-glass", "check", "-f", "json"]).failed(&[1], &[]);
    let list: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&list["schema"], &list["summary"]["overdue"]), (&"gatepost.break-glass/1".into(), &1.into()));
    assert_eq!(list["activations"][0]["state"], "overdue");
    server.gatepost(&["break-glass", "list", "-f", "sarif"]).failed(&[2], &["human or json"]);
    server.gatepost(&["break-glass", "list", "-o", "file"]).failed(&[2], &["standard output"]);
}

#[test]
fn it_is_settled_when_the_same_commits_pass() {
    let server = with_options(GLASS);
    let sample = server.opened(&["main"]);
    let commit = sample.commits.ids[0].clone();
    let policy = |more: &str| {
        server.policy(&format!(
            "{GLASS}\n[[exception]]\nid = \"EX-2026-0002\"\nrule = \"not-conventional\"\ncommit = \"{commit}\"\n\
             status = \"accepted-risk\"\nreason = \"pushed while payments were down\"\nowner = \"@oncall\"\n\
             expires = {}\n{more}",
            in_days(100)
        ));
    };
    // An exception that would have to be named is not: nobody names it here.
    policy("on-request = true\n");
    server.gatepost(&["break-glass", "check"]).failed(&[0], &["is still denied"]);
    policy("");
    server
        .gatepost(&["break-glass", "check"])
        .failed(&[0], &["passes in full: settled", "0 open, 1 settled"]);
    let log = server.log();
    let [_, Record::Settled(end)] = log.as_slice() else { panic!("{log:?}") };
    assert_eq!((end.of.as_str(), end.how), (sample.id.as_str(), Ending::Passed));
    // Once is enough.
    server.gatepost(&["break-glass", "check"]).failed(&[0], &["1 settled"]);
    assert_eq!(server.log().len(), 2);
}

#[test]
fn it_is_withdrawn_when_no_ref_reaches_it() {
    let server = with_options(GLASS);
    let sample = server.opened(&["main", "main:refs/heads/copy"]);
    server.accepts(&["--force", "main~1:refs/heads/main"], &[]);
    server.gatepost(&["break-glass", "check"]).failed(&[0], &["is still denied"]);
    server.accepts(&["--delete", "copy"], &[]);
    server.gatepost(&["break-glass", "check"]).failed(&[0], &[&sample.id, "withdrawn", "1 settled"]);
    // Its objects may be gone, too.
    server.write_log(&[activated(&sample)]);
    let git = ["-c", "gc.reflogExpire=now", "gc", "-q", "--prune=now"];
    server.repo.run("git", git, &server.bare, b"").ok();
    server.accepts(&["main~1:refs/heads/other"], &["clean"]);
    server.gatepost(&["break-glass", "check"]).failed(&[0], &[&sample.id, "withdrawn"]);
}

#[test]
fn a_part_that_is_left_is_owed_like_the_whole() {
    let server = with_options(GLASS);
    server.repo.commit_all("did more stuff");
    let sample = server.opened(&["main"]);
    assert_eq!(sample.commits.count, 2);
    server.accepts(&["--force", "main~1:refs/heads/main"], &[]);
    server.gatepost(&["break-glass", "check"]).failed(&[0], &["is still denied: 1 finding"]);
}

#[test]
fn a_ref_is_owed_while_it_is_there() {
    let server = with_options(&format!("{GLASS}\n[branch]\nlevel = \"deny\"\npatterns = [\"main\"]\n"));
    server.repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    // No commit comes with it: the name alone is denied.
    let sample = server.opened(&["main:refs/heads/My_Stuff"]);
    assert_eq!((sample.commits.count, sample.opened[0].rule.as_str()), (0, "branch-name"));
    server.gatepost(&["break-glass", "check"]).failed(&[0], &["is still denied: 1 finding"]);
    server.accepts(&["--delete", "My_Stuff"], &[]);
    server.gatepost(&["break-glass", "check"]).failed(&[0], &["withdrawn"]);
}

#[test]
fn more_commits_than_a_record_lists_are_found_again() {
    let server = with_options(GLASS);
    server.repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    let mut stream = String::new();
    for number in 0..1001 {
        let from = if number == 0 { "from refs/heads/main\n" } else { "" };
        stream.push_str(&format!(
            "commit refs/heads/many\ncommitter A <a@example.com> {} +0000\ndata <<END\ndid thing {number}\nEND\n{from}\n",
            1_700_000_000 + number
        ));
    }
    server.repo.run("git", ["fast-import", "--quiet"], server.repo.root(), stream.as_bytes()).ok();
    let sample = server.opened(&["many"]);
    assert_eq!((sample.commits.count, sample.commits.ids.len(), sample.opened.len()), (1001, 0, 1001));
    assert_eq!(sample.commits.tips, [server.repo.git(["rev-parse", "many"])]);
    assert_eq!(sample.commits.boundary, [server.repo.git(["rev-parse", "main"])]);
    server.gatepost(&["break-glass", "check"]).failed(&[0], &["is still denied: 1001 findings"]);
    server.policy(&format!("{GLASS}\n[message]\nlevel = \"warn\"\n"));
    server.gatepost(&["break-glass", "check"]).failed(&[0], &["passes in full: settled"]);
}

#[test]
fn a_server_that_takes_no_push_options_is_told_by_git() {
    let server = Server::new();
    server.policy(GLASS);
    server.repo.commit_all("did some stuff");
    let before = server.refs();
    server.push(&glass(&["main"])).refused(&["does not support push options"]);
    assert_eq!(server.refs(), before);
}

#[test]
fn what_break_glass_let_in_is_judged_again_for_every_other_ref() {
    let server = with_options(&format!("{GLASS}\n[branch]\nother-refs = \"off\"\n"));
    let bad = server.repo.head();
    let sample = server.opened(&["main:refs/heads/tmp"]);
    // Refs reach it by now: for a branch that moves, one that is made, a tag, a merge, and under commits of its own.
    let again = format!("1 commit that break-glass {} let in for refs/heads/tmp alone", sample.id);
    let words = ["GP-MSG-", again.as_str(), "`gatepost break-glass check` on the server"];
    server.refuses(&["main"], &words);
    server.refuses(&["main:refs/heads/other"], &words);
    server.refuses(&["main:refs/tags/light"], &words);
    server.repo.commit_all("feat: nothing wrong here");
    server.refuses(&["main:refs/heads/other"], &words);
    server.repo.git(["checkout", "-q", "-b", "side", "main~2"]);
    server.repo.git(["merge", "-q", "--no-ff", "-m", "Merge branch 'tmp'", &bad]);
    server.refuses(&["side:refs/heads/main"], &words);
    server.repo.git(["tag", "-a", "v1", "-m", "the first", &bad]);
    server.refuses(&["v1"], &words);
    let blob = server.repo.git(["rev-parse", "main:README.md"]);
    server.accepts(&[&format!("{blob}:refs/blobs/readme")], &["clean"]);
    // Beside branches and tags nobody reads messages, here as ever.
    server.accepts(&["main~1:refs/notes/x"], &[&again]);
    // Where it is on record it is no news, and what is not of it is judged as ever.
    server.accepts(&["main:refs/heads/tmp"], &["1 commit, clean"]);
    server.accepts(&["main~2:refs/heads/old"], &["clean"]);
    assert_eq!(server.log(), [activated(&sample)]);
}

#[test]
fn a_ref_that_moved_in_the_same_push_is_let_no_more_than_it_got() {
    let server = with_options(GLASS);
    server.repo.git(["checkout", "-q", "-b", "side", "main~1"]);
    server.repo.commit_all("feat: nothing wrong here");
    let sample = server.opened(&["side:refs/heads/main", "main:refs/heads/tmp"]);
    assert_eq!(sample.commits.count, 2);
    server.refuses(
        &["--force", "main"],
        &["GP-MSG-", "let in for refs/heads/tmp alone was judged again for refs/heads/main"],
    );
    server.accepts(&["side:refs/heads/other"], &["1 commit, clean"]);
}

#[test]
fn the_next_ref_can_be_opened_too_and_has_its_own_record() {
    let server = with_options(GLASS);
    let first = server.opened(&["main:refs/heads/tmp"]);
    let second = server.opened(&["main"]);
    assert_eq!(
        (&second.commits.ids, &second.commits.boundary),
        (&first.commits.ids, &first.commits.boundary)
    );
    assert_eq!(second.refs[0].name, "refs/heads/main");
    assert_eq!(second.opened.len(), 1);
}

#[test]
fn what_is_settled_is_believed_everywhere() {
    let server = with_options(GLASS);
    let sample = server.opened(&["main:refs/heads/tmp"]);
    server.refuses(&["main"], &["GP-MSG-"]);
    server.write_log(&[activated(&sample), settled(&sample)]);
    let said = server.accepts(&["main"], &[]).said();
    assert!(!said.contains("judged again"), "{said}");
}

#[test]
fn a_secret_that_was_let_in_goes_no_further() {
    let server = with_options(&format!("{GLASS}never = []\n"));
    server.repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    let (_, token) = server.leak("app.env");
    server.opened(&["main:refs/heads/tmp"]);
    let said = server.refuses(&["main"], &[RULE, "app.env"]).said();
    assert!(!said.contains(&token), "{said}");
    server.refuses(&["main:refs/stash"], &[RULE]);
}

#[test]
fn more_commits_than_a_record_lists_are_judged_again_too() {
    let server = with_options(GLASS);
    let sample = server.opened(&["main:refs/heads/tmp"]);
    let commits = Commits { ids: Vec::new(), ..sample.commits.clone() };
    server.write_log(&[activated(&Activation { commits: commits.clone(), ..sample.clone() })]);
    server.refuses(&["main"], &["GP-MSG-", "1 commit that break-glass"]);
    // What Git has thrown away meanwhile is looked for below the refs of the record.
    let tips = vec!["1".repeat(40)];
    server.write_log(&[activated(&Activation { commits: Commits { tips, ..commits }, ..sample })]);
    server.refuses(&["main"], &["GP-MSG-", "1 commit that break-glass"]);
}

#[test]
fn what_an_exception_let_in_is_judged_again_for_every_other_ref() {
    let server = with_options(&import(&in_days(100)));
    server.accepts(&["-o", NAMED, TO_IMPORT], &["it covered 1 finding"]);
    server
        .refuses(&["main"], &["GP-MSG-", "by naming the exception EX-2026-0001", "for refs/heads/import/a"]);
    server.refuses(&["main:refs/heads/import/b"], &["GP-MSG-", "-o gatepost.exception=EX-2026-0001"]);
    server.accepts(&["-o", NAMED, "main:refs/heads/import/b"], &["it covered 1 finding"]);
    server.repo.commit_all("feat: nothing wrong here");
    server.accepts(&["main:refs/heads/import/b"], &["1 commit, clean"]);
    // It was let in there: made anew, the ref may have it.
    server.accepts(&["--delete", "import/b"], &[]);
    server.accepts(&["main:refs/heads/import/b"], &["clean"]);
    // What passes by now goes everywhere.
    server.policy("schema = 1\n\n[message]\nlevel = \"off\"\n");
    server.accepts(&["main"], &["1 commit, clean", "judged again for refs/heads/main"]);
}

#[test]
fn while_the_log_cannot_be_believed_everything_is_judged_again() {
    let server = with_options(GLASS);
    server.opened(&["main:refs/heads/tmp"]);
    std::fs::write(server.log_path(), "{}\n").unwrap();
    let words = ["GP-MSG-", "break-glass.jsonl:1", "is judged again for it"];
    server.refuses(&["main"], &words);
    server.refuses(&["main:refs/heads/other"], &words);
    // An ordinary push is not held up by it.
    server.repo.git(["checkout", "-q", "-b", "side", "main~1"]);
    server.repo.commit_all("feat: nothing wrong here");
    server.accepts(&["side:refs/heads/main"], &["1 commit, clean", "break-glass.jsonl:1"]);
    server.accepts(&["--delete", "tmp"], &["break-glass.jsonl:1"]);
}

#[test]
fn naming_an_exception_leaves_a_record() {
    let server = with_options(&import(&in_days(100)));
    let bad = server.repo.head();
    push_with(&server, &[("GL_USERNAME", "alice")], &["-o", NAMED, TO_IMPORT]).ok();
    let log = server.log();
    let [Record::Exception(named)] = log.as_slice() else { panic!("{log:?}") };
    assert_eq!((named.id.as_str(), named.rule.as_str()), ("EX-2026-0001", "GP-MSG"));
    assert_eq!((named.owner.as_str(), named.expires.to_string()), ("@platform", in_days(100)));
    assert_eq!((named.actor.name.as_str(), named.actor.authenticated), ("alice", true));
    assert_eq!((named.refs[0].name.as_str(), &named.refs[0].old), ("refs/heads/import/a", &None));
    assert_eq!(named.refs[0].new.as_ref(), Some(&bad));
    assert_eq!((named.commits.count, named.commits.ids.as_slice()), (1, std::slice::from_ref(&bad)));
    assert_eq!((named.covered.len(), named.covered[0].rule.as_str()), (1, "not-conventional"));
    assert_eq!(named.covered[0].places[0].commit.as_ref(), Some(&bad));
    assert_eq!((named.tool.policy_digest.len(), named.tool.ruleset_digest.len()), (64, 64));

    // It owes nothing, and is listed beside what does.
    let list =
        server.gatepost(&["break-glass", "list"]).failed(&[0], &["EX-2026-0001", "by alice", "0 of 2"]);
    assert!(list.out.contains("0 overdue, 0 open, 0 settled"), "{}", list.out);
    let json = server.gatepost(&["break-glass", "list", "-f", "json"]).ok();
    let list: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(list["exceptions"][0]["covered"][0]["rule"], "not-conventional");
    assert_eq!(list["activations"], serde_json::json!([]));
}

#[test]
fn no_record_is_left_by_an_exception_that_let_nothing_in() {
    let server = with_options(&import(&in_days(100)));
    // It covered something, and the push is refused for something else.
    server.leak("app.env");
    server.refuses(&["-o", NAMED, TO_IMPORT], &[RULE, "it covered 1 finding"]);
    server.repo.git(["reset", "-q", "--hard", "HEAD~2"]);
    server.repo.commit_all("feat: nothing wrong here");
    server.accepts(&["-o", NAMED, TO_IMPORT], &["it covered nothing"]);
    server.policy(&import(&in_days(100)).replace("schema = 1\n", "schema = 1\nenforce = false\n"));
    server.repo.commit_all("did some stuff");
    server.accepts(&["-o", NAMED, TO_IMPORT], &["it covered 1 finding"]);
    assert!(!server.log_path().exists());
}

#[test]
fn an_exception_without_a_record_lets_nothing_in() {
    let server = with_options(&import(&in_days(100)));
    std::fs::write(server.bare.join("gatepost"), "").unwrap();
    server.refuses(&["-o", NAMED, TO_IMPORT], &["GP-MSG-", "cannot write the log of break-glass"]);
    std::fs::remove_file(server.bare.join("gatepost")).unwrap();
    server.write_log(&[]);
    std::fs::write(server.log_path(), "{}\n").unwrap();
    server.refuses(&["-o", NAMED, TO_IMPORT], &["GP-MSG-", "break-glass.jsonl:1"]);
}

#[test]
fn both_ways_in_one_push_are_both_on_record() {
    // The exception covers the message, and break-glass opens the name of a ref.
    let glass_for_names =
        "[break-glass]\nallow = true\n\n[branch]\nlevel = \"deny\"\npatterns = [\"main\"]\n";
    let server = with_options(&format!("{}\n{glass_for_names}", import(&in_days(100))));
    let arguments = [vec!["-o".to_owned(), NAMED.to_owned()], glass(&[TO_IMPORT])].concat();
    server.accepts(&strs(&arguments), &["LET THROUGH by break-glass", "it covered 1 finding"]);
    let log = server.log();
    let [Record::Activation(activation), Record::Exception(named)] = log.as_slice() else {
        panic!("{log:?}")
    };
    assert_eq!(
        (activation.opened[0].rule.as_str(), activation.exceptions.as_slice()),
        ("branch-name", &["EX-2026-0001".to_owned()][..])
    );
    assert_eq!(named.covered[0].rule, "not-conventional");
}

#[test]
fn a_variable_or_flag_of_the_hook_is_named_and_not_its_value() {
    let server = with_options("schema = 1\n");
    let value = "something-private";
    let said = push_with(&server, &[("GATEPOST_MESSAGE_LEVEL", value)], &["main"]).refused(&[
        "the server's hook refuses the variable GATEPOST_MESSAGE_LEVEL",
        "tell the administrator: unset it in the environment of the server's pre-receive hook",
    ]);
    let said = said.said();
    assert!(!said.contains(value) && !said.contains("config check"), "{said}");
    server.script("pre-receive", &format!("#!/bin/sh\nexec {HOOK} --profile audit\n"));
    server.policy("schema = 1\n");
    server.refuses(
        &["main"],
        &["refuses the flag --profile audit", "take it out of the server's pre-receive hook"],
    );
    server.policy("schema = 1\n\n[secrets]\nlevel = \"nonsense\"\n");
    server.refuses(&["main"], &["gatepost.toml", "`gatepost config check` in the server's repository"]);
}
