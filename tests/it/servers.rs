//! `pre-receive` on the servers there are, by the variables that each of them documents: who pushes, how lines begin, how much
//! is said, and what happens when the time is up.

use crate::receive::{HOOK, Server};
use crate::support::{Repo, Run, leak, run, token};
use gatepost_evidence::break_glass::{Log, Record};
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;

const RULE: &str = "github-pat";

/// What GitLab sets for a push over SSH.
const GITLAB: &[(&str, &str)] = &[
    ("GL_ID", "user-3"),
    ("GL_PROJECT_PATH", "group/project"),
    ("GL_PROTOCOL", "ssh"),
    ("GL_REPOSITORY", "project-7"),
    ("GL_USERNAME", "alice"),
];
/// What Gitea and Forgejo set.
const GITEA: &[(&str, &str)] = &[
    ("GITEA_REPO_NAME", "project"),
    ("GITEA_REPO_USER_NAME", "group"),
    ("GITEA_PUSHER_NAME", "alice"),
    ("GITEA_PUSHER_EMAIL", "alice@example.com"),
    ("GITEA_PUSHER_ID", "3"),
    ("GITEA_KEY_ID", "1"),
    ("GITEA_DEPLOY_KEY_ID", "0"),
    ("GITEA_PR_ID", "0"),
];
/// What GitHub Enterprise Server sets for a push over SSH.
const GITHUB: &[(&str, &str)] = &[
    ("GITHUB_REPO_NAME", "group/project"),
    ("GITHUB_REPO_PUBLIC", "false"),
    ("GITHUB_USER_LOGIN", "alice"),
    ("GITHUB_USER_IP", "192.0.2.1"),
    ("GITHUB_PUBLIC_KEY_FINGERPRINT", "a1:b2"),
];

fn push_with(server: &Server, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
    let mut command = server.repo.command("git", server.repo.root());
    command.args(["push", "origin"].map(OsString::from)).args(arguments).envs(variables.iter().copied());
    run(&mut command, b"")
}

/// What the hook itself says of a push, without Git in between.
fn hook_says(server: &Server, variables: &[(&str, &str)], arguments: &[&str]) -> (Run, String) {
    let said = server.bare.join("said");
    let save = format!("#!/bin/sh\n{HOOK} >'{0}' 2>&1; code=$?; cat '{0}'; exit $code\n", said.display());
    server.script("pre-receive", &save);
    let pushed = push_with(server, variables, arguments);
    (pushed, std::fs::read_to_string(said).unwrap())
}

#[test]
fn gitlab_shows_every_line() {
    let server = Server::new();
    server.leak("app.env");
    server.repo.commit_all("did some stuff");
    let (pushed, said) = hook_says(&server, GITLAB, &["main"]);
    pushed.refused(&["pre-receive hook declined", RULE, "app.env", "did some stuff"]);
    assert!(said.lines().count() > 10, "{said}");
    let plain: Vec<&str> = said.lines().filter(|line| !line.starts_with("GL-HOOK-ERR: ")).collect();
    assert_eq!(plain, [] as [&str; 0]);
    assert!(said.ends_with('\n'));
    // What is no report is shown as well: a broken policy, and a hook that finds no gatepost.
    server.policy("schema = 1\n[secrts]\n");
    let (pushed, said) = hook_says(&server, GITLAB, &["main"]);
    pushed.refused(&["the server's policy is broken"]);
    assert!(said.lines().all(|line| line.starts_with("GL-HOOK-ERR: ")), "{said}");
    std::fs::remove_file(server.hook("pre-receive")).unwrap();
    std::fs::copy(HOOK, server.hook("pre-receive")).unwrap();
    push_with(&server, GITLAB, &["main"])
        .refused(&["GL-HOOK-ERR: gatepost: the pre-receive gate could not start"]);
}

#[test]
fn others_get_the_words_as_they_are_at_home() {
    for variables in
        [GITEA, GITHUB, &[("GL_USER", "alice"), ("GL_REPO", "project")], &[("REMOTE_USER", "alice")]]
    {
        let server = Server::new();
        server.leak("app.env");
        let (pushed, said) = hook_says(&server, variables, &["main"]);
        pushed.refused(&["pre-receive hook declined"]);
        assert!(said.starts_with(&format!("error[{RULE}]: ")), "{said}");
        assert!(!said.contains("HOOK-ERR") && said.ends_with('\n'), "{said}");
    }
}

#[test]
fn the_variables_of_two_servers_are_said() {
    let server = Server::new();
    server.repo.commit_all("feat: nothing wrong here");
    let both = [GITLAB, GITEA].concat();
    push_with(&server, &both, &["main"]).ok().failed(&[0], &["GitLab and Gitea or Forgejo at once"]);
    server.repo.commit_all("feat: nor here");
    server.policy("schema = 1\n\n[server]\nplatform = \"gitlab\"\n");
    let run = push_with(&server, &both, &["main"]).ok();
    assert!(!run.said().contains("at once"), "{}", run.said());
}

#[test]
fn a_pusher_reads_ten_findings_and_how_many_there_are() {
    let server = Server::new();
    for number in 0..25 {
        server.repo.write(format!("{number}.env"), leak(&token()));
    }
    server.repo.commit_all("feat: add settings");
    let (pushed, said) = hook_says(&server, &[], &["main"]);
    pushed.refused(&["pre-receive hook declined"]);
    assert_eq!(said.matches(&format!("error[{RULE}]: ")).count(), 10, "{said}");
    for words in ["15 more findings, by rule:", "15  github-pat", "gatepost run ci --from-ref", "25 errors"] {
        assert!(said.contains(words), "does not say `{words}`:\n{said}");
    }
    assert!(said.trim_end().lines().last().unwrap().starts_with("gatepost: 25 errors"), "{said}");
    // Whoever keeps the whole report has all of them.
    let log = server.bare.join("report.json");
    let script = format!("#!/bin/sh\nexec {HOOK} -f human -f json -o - -o '{}'\n", log.display());
    server.script("pre-receive", &script);
    server.refuses(&["main"], &["the report that the server keeps has all of them"]);
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(log).unwrap()).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), 25);
}

#[test]
fn what_is_sent_has_an_end() {
    let server = Server::new();
    let mut stream = String::new();
    for number in 0..40 {
        let from = if number == 0 { "from refs/heads/main\n" } else { "" };
        let subject = format!("{number} {}", "long ".repeat(20_000));
        stream.push_str(&format!(
            "commit refs/heads/many\ncommitter A <a@example.com> {} +0000\ndata {}\n{subject}\n{from}\n",
            1_700_000_000 + number,
            subject.len(),
        ));
    }
    server.repo.run("git", ["fast-import", "--quiet"], server.repo.root(), stream.as_bytes()).ok();
    let (pushed, said) = hook_says(&server, GITLAB, &["many"]);
    pushed.refused(&["pre-receive hook declined"]);
    assert!(said.len() <= 64 * 1024, "{}", said.len());
    assert!(said.lines().last().unwrap().starts_with("GL-HOOK-ERR: gatepost: "), "{said}");
}

/// A policy with no time at all: what it says happens without a clock having a say.
fn no_time(on_timeout: &str) -> String {
    format!("schema = 1\n\n[server]\nbudget = \"0 s\"\non-timeout = \"{on_timeout}\"\n")
}

/// Commits so many files, one a commit.
fn commits(repo: &Repo, number: usize) {
    for index in 0..number {
        repo.write(format!("{index}.txt"), format!("{index}\n"));
        repo.commit_all("feat: add a file");
    }
}

#[test]
fn when_the_time_is_up_a_push_is_refused_with_what_is_known() {
    let server = Server::new();
    server.policy(&no_time("deny"));
    commits(&server.repo, 3);
    let run = server.refuses(
        &["main"],
        &[
            "INCOMPLETE",
            "the time is up: judged 0 of 3 commits in 0 s",
            "push fewer commits",
            "`budget` in [server]",
        ],
    );
    assert!(!run.said().contains("clean"), "{}", run.said());
    let code = server.bare.join("code");
    let script = format!("#!/bin/sh\n{HOOK}; code=$?; echo $code >'{}'; exit $code\n", code.display());
    server.script("pre-receive", &script);
    server.refuses(&["main"], &[]);
    assert_eq!(std::fs::read_to_string(code).unwrap(), "3\n");
    // Nothing is to be judged in a deletion, and a ref that only moves back.
    server.accepts(&["main~3:refs/heads/old"], &[]);
    server.accepts(&["--delete", "old"], &["no new commits"]);
    server.policy("schema = 1\n\n[server]\nbudget = \"60 min\"\n");
    server.accepts(&["main"], &["3 commits, clean"]);
}

#[test]
fn a_push_that_comes_in_unjudged_is_owed_and_judged_later() {
    let server = Server::new();
    server.policy(&no_time("record"));
    let (commit, _) = server.leak("app.env");
    let run = push_with(&server, GITLAB, &["main"]).ok();
    for words in ["NOT JUDGED IN FULL TO-", "judged 0 of 1 commit in 0 s", "gatepost break-glass check"] {
        assert!(run.said().contains(words), "{}", run.said());
    }
    let log = std::fs::read(server.bare.join("gatepost/break-glass.jsonl")).unwrap();
    let log = Log::read(&log).unwrap();
    let [Record::TimeOut(record)] = log.records() else { panic!("{:?}", log.records()) };
    assert_eq!((record.actor.name.as_str(), record.actor.authenticated), ("alice", true));
    assert_eq!(record.commits.ids, std::slice::from_ref(&commit));
    assert_eq!(record.scope.as_deref(), Some("group/project"));
    // To another branch it comes judged.
    server.policy("schema = 1\n");
    server.refuses(&["main:refs/heads/other"], &[RULE, &commit[..7], "before the time sufficed"]);
    // The administrator judges it.
    let gatepost =
        |arguments: &[&str]| server.repo.run(crate::support::GATEPOST, arguments, &server.bare, b"");
    gatepost(&["break-glass", "list"]).ok().failed(&[0], &["TO-", "the time is up", "1 open"]);
    gatepost(&["break-glass", "check"]).ok().failed(&[0], &[RULE, "is still denied"]);
    server.repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    server.accepts(&["--force", "main"], &[]);
    gatepost(&["break-glass", "check"]).ok().failed(&[0], &["withdrawn"]);
    server.accepts(&["main:refs/heads/other"], &[]);
}

#[test]
fn what_was_judged_and_denies_refuses_whatever_the_time() {
    let server = Server::new();
    let rules = "[branch]\nlevel = \"deny\"\npatterns = [\"main\"]\n";
    server.policy(&format!("{}\n{rules}", no_time("record")));
    commits(&server.repo, 1);
    server.refuses(&["main:refs/heads/My_Stuff"], &["GP-REF-", "the time is up: judged 0 of 1 commit"]);
    assert!(!server.bare.join("gatepost/break-glass.jsonl").exists());
    // Where nothing can be written down, nothing comes in.
    std::fs::write(server.bare.join("gatepost"), "").unwrap();
    server.refuses(&["main"], &["cannot write the log"]);
}

#[test]
fn rules_for_refs_that_had_no_time_are_no_pass() {
    let server = Server::new();
    commits(&server.repo, 2);
    server.accepts(&["main"], &[]);
    let rules = "[[ref]]\nmatch = [\"refs/heads/*\"]\nforce = \"deny\"\n\n[[ref]]\nmatch = [\"refs/heads/kept\"]\ndelete = \"deny\"\n";
    server.policy(&format!("schema = 1\n\n{rules}"));
    server.accepts(&["main:refs/heads/kept"], &[]);
    server.policy(&format!("{}\n{rules}", no_time("deny")));
    let words = ["the time is up", "not what it does to its refs"];
    server.refuses(&["--force", "main~1:refs/heads/main"], &words);
    // What takes no look at the repository is judged whatever the time.
    server.refuses(&["--delete", "kept"], &["GP-REF-", "kept"]);
    server.policy(&format!("{}\n{rules}", no_time("record")));
    server.accepts(&["--force", "main~1:refs/heads/main"], &["NOT JUDGED IN FULL TO-"]);
    server.refuses(&["--delete", "kept"], &["GP-REF-", "kept"]);
}

#[test]
fn a_walk_that_takes_too_long_is_given_up_and_the_push_refused() {
    let server = Server::new();
    // A repository that `git` reads for us, and a `git` that never ends its walk.
    let (repo, bare) = (Repo::new(), server.repo.beside("other.git"));
    let git = |arguments: &[&str], folder: &std::path::Path| repo.run("git", arguments, folder, b"").ok();
    let work = repo.beside("work");
    git(&["init", "-q", "--object-format=sha256", "-b", "main", work.to_str().unwrap()], repo.root());
    git(
        &["init", "-q", "--bare", "--object-format=sha256", "-b", "main", bare.to_str().unwrap()],
        repo.root(),
    );
    git(&["commit", "-q", "--allow-empty", "-m", "docs: say hello"], &work);
    let tools = server.repo.beside("tools");
    std::fs::create_dir(&tools).unwrap();
    let slow = "#!/bin/sh\ncase \"$*\" in *rev-list*) sleep 5;; esac\n";
    let real = "PATH=${PATH#*:} exec git \"$@\"\n";
    std::fs::write(tools.join("git"), format!("{slow}{real}")).unwrap();
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(tools.join("git"), executable.clone()).unwrap();
    let hook = bare.join("hooks/pre-receive");
    std::fs::write(&hook, format!("#!/bin/sh\nPATH={}:$PATH exec {HOOK}\n", tools.display())).unwrap();
    std::fs::set_permissions(&hook, executable).unwrap();
    for on_timeout in ["deny", "record"] {
        std::fs::write(bare.join("gatepost.toml"), no_time(on_timeout)).unwrap();
        let words = ["the time is up, and which commits are new is not known yet", "`budget` in [server]"];
        repo.run("git", ["push", bare.to_str().unwrap(), "main"], &work, b"").refused(&words);
    }
    // With all the time there is, the walk is waited for.
    std::fs::write(bare.join("gatepost.toml"), "schema = 1\n").unwrap();
    let run = repo.run("git", ["push", bare.to_str().unwrap(), "main"], &work, b"").ok();
    assert!(run.said().contains("1 commit, clean"), "{}", run.said());
}

#[test]
fn github_gives_five_seconds_and_the_policy_less() {
    let server = Server::new();
    server.policy("schema = 1\n\n[server]\nbudget = \"4.5 seconds\"\n");
    server.repo.commit_all("feat: nothing wrong here");
    server.refuses(&["main"], &["policy is broken (line 4)"]);
    server.policy("schema = 1\n");
    push_with(&server, GITHUB, &["main"]).ok();
}
