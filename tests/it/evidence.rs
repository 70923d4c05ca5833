//! The records that runs leave: what is in them, that a change of them shows, and which commits have none.

use crate::receive::{HOOK, Server};
use crate::support::{GATEPOST, ROOT, Repo, leak, token};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The lines of the log in a folder.
fn lines(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("gatepost.intoto.jsonl")).unwrap();
    text.split_inclusive('\n').map(str::to_owned).collect()
}

/// The statements of the log in a folder, each held against the schema.
fn statements(folder: &Path) -> Vec<Value> {
    let schema =
        std::fs::read_to_string(Path::new(ROOT).join("crates/evidence/schema/gate-run-v1.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let lines = lines(folder);
    let statements =
        lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()["statement"].take());
    let statements: Vec<Value> = statements.collect();
    for statement in &statements {
        let errors: Vec<String> = validator.iter_errors(statement).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{statement:#}");
    }
    statements
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// A repository with one commit on `main`, and a folder for records beside it.
fn repository() -> (Repo, PathBuf) {
    let repo = Repo::new();
    repo.write("README.md", "hello\n");
    repo.commit_all("docs: say hello");
    let folder = repo.beside("evidence");
    (repo, folder)
}

/// Judges `main..HEAD~0` as a CI system would, with a record.
fn ci(repo: &Repo, folder: &Path, from: &str) -> crate::support::Run {
    repo.gatepost(["run", "ci", "--from-ref", from, "--evidence", folder.to_str().unwrap()])
}

#[test]
fn a_run_leaves_a_statement_about_what_it_judged() {
    let (repo, folder) = repository();
    let base = repo.head();
    repo.write("a.txt", "a\n");
    let head = repo.commit_all("feat: add a letter\n\nRefs: PAY-7");
    ci(&repo, &folder, &base).ok();
    let all = statements(&folder);
    let statement = &all[0];
    assert_eq!(statement["subject"][0]["digest"]["gitCommit"], head.as_str());
    assert_eq!(statement["subject"][0]["digest"]["gitTree"], repo.git(["rev-parse", "HEAD^{tree}"]).as_str());
    let run = &statement["predicate"];
    assert_eq!((text(&run["gate"]), text(&run["result"]), &run["exitCode"]), ("ci", "PASS", &Value::from(0)));
    assert_eq!(run["enforcement"], "blocking");
    assert_eq!((&run["scope"]["commitsExpected"], &run["scope"]["commitsJudged"]), (&1.into(), &1.into()));
    assert_eq!(text(&run["scope"]["base"]), base);
    assert!(text(&run["scope"]["how"]).contains("--from-ref"), "{run:#}");
    assert_eq!(run["authors"][0], "A U Thor <author@example.com>");
    assert_eq!(run["tickets"][0], "PAY-7");
    assert_eq!(run["actor"]["authenticated"], false);
    assert_eq!(text(&run["tool"]["sha256"]).len(), 64);
    assert_eq!(run["retention"]["class"], "12-months");
    assert!(run["controls"].as_array().unwrap().contains(&Value::from("soc2:CC8.1")));
    assert!(run["notDecided"].as_array().unwrap().iter().any(|word| text(word).contains("approvals")));
}

#[test]
fn the_record_of_a_secret_has_its_fingerprint_and_nothing_of_it() {
    let (repo, folder) = repository();
    let base = repo.head();
    let (token, name) = (token(), token());
    repo.write("app.env", leak(&token));
    repo.commit_all(&format!("feat: use {name}"));
    ci(&repo, &folder, &base).failed(&[1], &["github-pat"]);
    let run = statements(&folder)[0]["predicate"].take();
    assert_eq!((text(&run["result"]), &run["exitCode"]), ("FAIL", &Value::from(1)));
    assert_eq!(run["retention"]["class"], "5-years");
    let listed = run["findings"]["listed"].as_array().unwrap();
    assert!(listed.iter().any(|finding| text(&finding["fingerprint"]).starts_with("gp")), "{run:#}");
    let whole = lines(&folder).concat();
    assert!(!whole.contains(&token) && !whole.contains(&name), "{whole}");
    assert!(!whole.contains("app.env"), "{whole}");
}

#[test]
fn a_run_that_fails_has_a_record_too() {
    let (repo, folder) = repository();
    repo.write("gatepost.toml", "schema = 1\n\n[secrets]\nlevle = \"deny\"\n");
    repo.commit_all("chore: a broken policy");
    ci(&repo, &folder, "HEAD").failed(&[2], &["levle"]);
    let run = statements(&folder)[0]["predicate"].take();
    assert_eq!((text(&run["result"]), &run["exitCode"]), ("ERROR", &Value::from(2)));
    assert!(text(&run["reason"]).contains("levle"), "{run:#}");
    assert_eq!(run["policy"], Value::Null);
    assert_eq!(run["scope"]["commitsJudged"], 0);
}

#[test]
fn what_could_not_be_judged_is_incomplete_and_a_dry_run_is_advisory() {
    let (repo, folder) = repository();
    let base = repo.head();
    repo.write("lost.txt", "lost\n");
    repo.commit_all("feat: lose a file");
    let blob = repo.git(["rev-parse", "HEAD:lost.txt"]);
    std::fs::remove_file(repo.loose(&blob)).unwrap();
    ci(&repo, &folder, &base).failed(&[3], &[]);
    repo.write("gatepost.toml", "schema = 1\nenforce = false\n");
    repo.git(["rm", "-q", "--cached", "lost.txt"]);
    repo.remove("lost.txt");
    let policy = repo.commit_all("chore: a dry run");
    repo.write("app.env", leak(&token()));
    repo.commit_all("feat: add a token");
    ci(&repo, &folder, &policy).ok();
    let all = statements(&folder);
    let (first, second) = (&all[0]["predicate"], &all[1]["predicate"]);
    assert_eq!(first["result"], "INCOMPLETE");
    assert_eq!(first["coverage"]["complete"], false);
    assert!(!first["coverage"]["unjudged"].as_array().unwrap().is_empty());
    assert_eq!((text(&second["result"]), text(&second["enforcement"])), ("FAIL", "advisory"));
    assert_eq!(text(&second["log"]["previous"]).len(), 64);
}

#[test]
fn gates_before_a_commit_and_scans_name_what_they_stand_on() {
    let (repo, folder) = repository();
    let at = folder.to_str().unwrap();
    repo.write("b.txt", "b\n");
    repo.git(["add", "b.txt"]);
    repo.gatepost(["run", "pre-commit", "--evidence", at]).ok();
    repo.gatepost(["scan", "--history", "--evidence", at, "--evidence-retention", "7-years"]).ok();
    repo.gatepost(["scan", "b.txt", "--evidence", at]).ok();
    let all = statements(&folder);
    let seen: Vec<_> = all
        .iter()
        .map(|one| {
            let run = &one["predicate"];
            let role = text(&one["subject"][0]["annotations"]["role"]);
            assert_eq!(text(&one["subject"][0]["digest"]["gitCommit"]), repo.head());
            (text(&run["gate"]), text(&run["reach"]), role)
        })
        .collect();
    assert_eq!(
        seen,
        [("pre-commit", "files", "context"), ("scan", "history", "judged"), ("scan", "files", "context")]
    );
    assert_eq!(all[1]["predicate"]["retention"]["class"], "7-years");
    // Before the first commit there is no commit to name, and the record says so.
    let empty = Repo::new();
    let folder = empty.beside("evidence");
    empty.gatepost(["run", "pre-commit", "--evidence", folder.to_str().unwrap()]).ok();
    let subject = statements(&folder)[0]["subject"][0].take();
    assert_eq!(subject["digest"]["gitTree"], "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    assert_eq!(subject["digest"]["gitCommit"], Value::Null);
    let run = statements(&folder)[0]["predicate"].take();
    assert_eq!(run["reason"], "nothing was judged: nothing is staged");
    assert!(!run["controls"].as_array().unwrap().contains(&Value::from("soc2:CC8.1")));
}

#[test]
fn a_run_whose_record_cannot_be_written_is_an_error() {
    let (repo, folder) = repository();
    let base = repo.head();
    let file = repo.beside("file");
    std::fs::write(&file, "").unwrap();
    ci(&repo, &file.join("evidence"), &base).failed(&[2], &["the run has no record"]);
    // Nothing is added to what is no log.
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("gatepost.intoto.jsonl"), "half a line").unwrap();
    ci(&repo, &folder, &base).failed(&[2], &["nothing can be added", "cut off"]);
    // Where there is no repository no commit can be named.
    let place = repo.beside("plain");
    std::fs::create_dir(&place).unwrap();
    std::fs::write(place.join("a.txt"), "a\n").unwrap();
    repo.run(GATEPOST, ["scan", "a.txt", "--evidence", "e"], &place, b"")
        .failed(&[2], &["no commit can be named"]);
    repo.gatepost(["config", "show", "--evidence", "e"]).failed(&[2], &["leaves no record"]);
    repo.gatepost(["scan", "--evidence-key", "k"]).failed(&[2], &["--evidence DIR"]);
    repo.gatepost(["run", "pre-commit", "--evidence", "e", "--evidence-key", "README.md"])
        .failed(&[2], &["cannot sign records", "ssh-keygen"]);
    repo.gatepost(["evidence", "verify", "nowhere"]).failed(&[2], &["there are no records"]);
    repo.gatepost(["evidence", "coverage", "HEAD..HEAD"]).failed(&[2], &["--evidence DIR"]);
}

#[test]
fn a_changed_a_dropped_and_a_moved_line_are_found() {
    let (repo, folder) = repository();
    let base = repo.head();
    for letter in ["a", "b", "c"] {
        repo.write(letter, letter);
        repo.commit_all(&format!("feat: add {letter}"));
        ci(&repo, &folder, &base).ok();
    }
    let verify = |more: &[&str]| {
        let path = folder.to_str().unwrap();
        repo.gatepost(["evidence", "verify", path].iter().chain(more))
    };
    let said = verify(&[]).ok().says(&["3 records", "head: ", "--expect"]);
    let head = said.out.lines().find_map(|line| line.strip_prefix("head: ")).unwrap().to_owned();
    let log = folder.join("gatepost.intoto.jsonl");
    let whole = lines(&folder);
    let broken = |lines: &[&str], at: &str, words: &str| {
        std::fs::write(&log, lines.concat()).unwrap();
        verify(&[]).failed(&[1], &[&format!("gatepost.intoto.jsonl:{at}: "), words]);
        repo.gatepost(["metrics", "--evidence", folder.to_str().unwrap()])
            .failed(&[2], &["not what was written"]);
    };
    let [one, two, three] = [&whole[0], &whole[1], &whole[2]].map(String::as_str);
    let changed = one.replace("\"result\":\"PASS\"", "\"result\":\"FAIL\"");
    assert_ne!(changed, one);
    broken(&[&changed, two, three], "2", "the line before it");
    broken(&[one, three], "2", "a line is gone");
    broken(&[two, one, three], "1", "a line is gone or added");
    broken(&[one, two, three.trim_end()], "3", "cut off");
    // What is cut off at the end is whole by itself; against the head that was kept it is not.
    std::fs::write(&log, [one, two].concat()).unwrap();
    verify(&[]).ok();
    verify(&["--expect", &head]).failed(&[1], &["its last lines are gone"]);
    std::fs::write(&log, whole.concat()).unwrap();
    verify(&["--expect", &head]).ok();
    verify(&["--expect", "abc"]).failed(&[2], &["64 hexadecimal"]);
    // A head of before is still in a log that has grown.
    ci(&repo, &folder, &base).ok();
    verify(&["--expect", &head]).ok().says(&["4 records", "had the expected head"]);
}

#[test]
fn the_commit_that_was_pushed_around_the_gate_is_found() {
    let server = Server::empty();
    let folder = server.repo.beside("evidence");
    let at = folder.to_str().unwrap();
    server.script("pre-receive", &format!("#!/bin/sh\nexec '{HOOK}' --evidence '{at}'\n"));
    let base = server.repo.head();
    server.push(&["main"]).ok();
    server.repo.write("a.txt", "a\n");
    server.repo.commit_all("feat: add a letter");
    server.push(&["main"]).ok();
    // The administrator takes the hook out, and a commit comes in.
    std::fs::rename(server.hook("pre-receive"), server.hook("away")).unwrap();
    server.repo.write("b.txt", "b\n");
    let around = server.repo.commit_all("feat: come around the gate");
    server.push(&["main"]).ok();
    std::fs::rename(server.hook("away"), server.hook("pre-receive")).unwrap();
    // What is refused leaves a record, and no valid one.
    let secret = server.repo.head();
    server.leak("app.env");
    server.refuses(&["main"], &["github-pat"]);
    server.repo.git(["reset", "-q", "--hard", &secret]);
    server.repo.write("c.txt", "c\n");
    server.repo.commit_all("feat: add the last letter");
    server.push(&["main"]).ok();
    let all = statements(&folder);
    let results: Vec<&str> = all.iter().map(|one| text(&one["predicate"]["result"])).collect();
    assert_eq!(results, ["PASS", "PASS", "FAIL", "PASS"]);
    assert_eq!(all[0]["predicate"]["scope"]["refs"][0]["name"], "refs/heads/main");
    let range = format!("{base}..main");
    let coverage = |more: &[&str]| {
        let all = ["evidence", "coverage", &range, "--evidence", at];
        server.repo.run(GATEPOST, all.iter().chain(more), &server.bare, b"")
    };
    let said = coverage(&[]).failed(&[1], &[&around[..12], "no record", "2 of 3 commits"]);
    assert_eq!(said.out.lines().count(), 2, "{}", said.out);
    coverage(&["--gate", "ci"]).failed(&[1], &["0 of 3 commits"]);
    coverage(&["--gate", "cl"]).failed(&[2], &["no gate `cl`"]);
    let upto = format!("{base}..{around}~1");
    server.repo.run(GATEPOST, ["evidence", "coverage", &upto, "--evidence", at], &server.bare, b"").ok();
}

#[test]
fn a_release_is_made_of_commits_with_records() {
    let server = Server::empty();
    let folder = server.repo.beside("evidence");
    let at = folder.to_str().unwrap();
    let recording = format!("#!/bin/sh\nexec '{HOOK}' --evidence '{at}'\n");
    server.script("pre-receive", &recording);
    server.push(&["main"]).ok();
    server.policy("schema = 1\n\n[[ref]]\nmatch = [\"refs/tags/v*\"]\nrecords = \"deny\"\n");
    let release = |name: &str| {
        server.repo.git(["tag", "-f", "-a", name, "-m", &format!("Release {name}")]);
    };
    release("v1.0.0");
    // A hook without a log cannot tell, and says whose matter it is.
    server.script("pre-receive", &format!("#!/bin/sh\nexec '{HOOK}'\n"));
    server.refuses(&["v1.0.0"], &["the administrator has it leave them: --evidence DIR"]);
    server.script("pre-receive", &recording);
    server.push(&["v1.0.0"]).ok();
    // A commit and its tag at once: the record of the push is not there yet.
    server.repo.write("a.txt", "a\n");
    server.repo.commit_all("feat: add a letter");
    release("v1.1.0");
    server.refuses(
        &["main", "v1.1.0"],
        &["GP-REF-053", "of 1 commit since v1.0.0", "push the branch before the tag"],
    );
    server.push(&["main"]).ok();
    server.push(&["v1.1.0"]).ok();
    // One that came in around the gate, below one that did not.
    std::fs::rename(server.hook("pre-receive"), server.hook("away")).unwrap();
    server.repo.write("b.txt", "b\n");
    let around = server.repo.commit_all("feat: come around the gate");
    server.push(&["main"]).ok();
    std::fs::rename(server.hook("away"), server.hook("pre-receive")).unwrap();
    server.repo.write("c.txt", "c\n");
    server.repo.commit_all("feat: add the last letter");
    server.push(&["main"]).ok();
    release("v1.2.0");
    server.refuses(&["v1.2.0"], &["of 2 commits since v1.1.0", "1 is without a record", &around[..7]]);
    // A log that was changed is nobody's evidence.
    let log = folder.join("gatepost.intoto.jsonl");
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text.replacen("PASS", "WARN", 1)).unwrap();
    server.refuses(&["v1.2.0"], &["the log is not what was written"]);
    std::fs::write(&log, text).unwrap();
    // Of the tags that came in none is signed.
    let numbers = server.repo.gatepost(["metrics", "--evidence", at]).ok().out;
    assert!(
        numbers.lines().any(|line| line.starts_with("gatepost_tags_total{") && line.ends_with(" 2")),
        "{numbers}"
    );
    assert!(
        numbers
            .lines()
            .any(|line| line.starts_with("gatepost_signed_tag_ratio{") && line.ends_with(" 0.000"))
    );
}

#[test]
fn a_squash_is_told_by_its_files() {
    let (repo, folder) = repository();
    let base = repo.head();
    repo.write("a.txt", "a\n");
    repo.commit_all("feat: add a letter");
    ci(&repo, &folder, &base).ok();
    repo.git(["commit", "-q", "--no-verify", "--amend", "-m", "feat: add a letter (#12)"]);
    let range = format!("{base}..HEAD");
    let all = ["evidence", "coverage", &range, "--evidence", folder.to_str().unwrap()];
    repo.gatepost(all).failed(&[1], &["its files are those of", "0 of 1 commits"]);
    repo.gatepost(all.iter().chain(&["--accept-tree"])).ok().says(&["by another commit with the same files"]);
}

#[test]
fn break_glass_is_a_bypass() {
    let server = Server::new();
    server.repo.run("git", ["config", "receive.advertisePushOptions", "true"], &server.bare, b"").ok();
    let folder = server.repo.beside("evidence");
    server.script("pre-receive", &format!("#!/bin/sh\nexec '{HOOK}' --evidence '{}'\n", folder.display()));
    server.policy("schema = 1\n\n[break-glass]\nallow = true\nrequire = []\n");
    server.repo.commit_all("did some stuff");
    let options = [
        "-o",
        "gatepost.break-glass.reason=payments are down since ten",
        "-o",
        "gatepost.break-glass.owner=@oncall",
        "-o",
        &format!("gatepost.break-glass.expires={}", crate::support::in_days(1)),
        "main",
    ]
    .map(str::to_owned);
    let run = server.push(&options);
    assert_eq!(run.code, 0, "{}", run.said());
    let run = statements(&folder)[0]["predicate"].take();
    assert_eq!(
        (text(&run["result"]), text(&run["bypass"]["method"])),
        ("BYPASSED", "break-glass"),
        "{run:#}"
    );
    assert_eq!((&run["bypass"]["approved"], text(&run["bypass"]["owner"])), (&false.into(), "@oncall"));
    let at = folder.to_str().unwrap();
    server
        .repo
        .gatepost(["evidence", "coverage", "main~1..main", "--evidence", at])
        .failed(&[1], &["recorded as BYPASSED"]);
    let numbers = server.repo.gatepost(["metrics", "--evidence", at]).ok().out;
    assert!(numbers.contains("approved=\"false\"} 1\n"), "{numbers}");
}

#[test]
fn what_there_was_no_time_for_is_counted_and_never_passes() {
    let server = Server::new();
    let folder = server.repo.beside("evidence");
    server.script("pre-receive", &format!("#!/bin/sh\nexec '{HOOK}' --evidence '{}'\n", folder.display()));
    for letter in ["a", "b"] {
        server.repo.write(letter, letter);
        server.repo.commit_all(&format!("feat: add {letter}"));
    }
    server.policy("schema = 1\n\n[server]\nbudget = \"0 s\"\non-timeout = \"deny\"\n");
    server.refuses(&["main"], &["the time is up"]);
    server.policy("schema = 1\n\n[server]\nbudget = \"0 s\"\non-timeout = \"record\"\n");
    server.push(&["main"]).ok();
    let all = statements(&folder);
    let (refused, recorded) = (&all[0]["predicate"], &all[1]["predicate"]);
    assert_eq!((text(&refused["result"]), text(&recorded["result"])), ("INCOMPLETE", "BYPASSED"));
    for run in [refused, recorded] {
        let scope = &run["scope"];
        assert_eq!((&scope["commitsExpected"], &scope["commitsJudged"]), (&2.into(), &0.into()), "{run:#}");
    }
    assert_eq!(recorded["bypass"]["method"], "time-out");
    assert_eq!(all[1]["subject"].as_array().unwrap().len(), 2);
    let at = folder.to_str().unwrap();
    server
        .repo
        .gatepost(["evidence", "coverage", "main~2..main", "--evidence", at])
        .failed(&[1], &["recorded as BYPASSED", "0 of 2 commits"]);
}

#[test]
fn a_period_and_a_release_for_an_auditor() {
    let (repo, folder) = repository();
    let base = repo.head();
    repo.git(["tag", "v1"]);
    repo.write("a.txt", "a\n");
    repo.commit_all("feat: add a letter");
    ci(&repo, &folder, &base).ok();
    repo.git(["tag", "v2"]);
    repo.write("b.txt", "b\n");
    let around = repo.commit_all("feat: add another");
    repo.git(["tag", "-a", "-m", "three", "v3"]);
    let at = folder.to_str().unwrap();
    let report = |more: &[&str]| repo.gatepost(["evidence", "report", "--evidence", at].iter().chain(more));
    let said = report(&["--since", "2020-01-01"]).ok().out;
    for words in ["# Evidence of gates: since 2020-01-01", "soc2:CC8.1", "| ci | 1 |", "separation of duties"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    let said = report(&["--since", "2999-01-01"]).ok().out;
    assert!(said.contains("from 0 records"), "{said}");
    let json: Value = serde_json::from_str(&report(&["-f", "json"]).ok().out).unwrap();
    assert_eq!((json["runs"].as_array().unwrap().len(), &json["gaps"]), (1, &Value::Null));
    let csv = report(&["-f", "csv"]).ok().out;
    assert_eq!(csv.lines().count(), 2, "{csv}");
    report(&["--release", "v2", "--after", "v1"]).ok().says(&["Commits without a valid record: 0"]);
    report(&["--release", "v3", "--after", "v2"])
        .failed(&[1], &["Commits without a valid record: 1", &around]);
    report(&["--release", "v9"]).failed(&[2], &[]);
    report(&["-f", "sarif"]).failed(&[2], &["there is no format"]);
}

#[test]
fn a_record_is_signed_with_a_key_and_verified_with_its_other_half() {
    let (repo, folder) = repository();
    let base = repo.head();
    let (key, other) = (repo.beside("key"), repo.beside("other"));
    for path in [&key, &other] {
        let made = ["-q", "-t", "ed25519", "-N", "", "-f", path.to_str().unwrap()];
        repo.run("ssh-keygen", made, repo.root(), b"").ok();
    }
    let sign = ["--evidence", folder.to_str().unwrap(), "--evidence-key", key.to_str().unwrap()];
    for letter in ["a", "b"] {
        repo.write(letter, letter);
        repo.commit_all(&format!("feat: add {letter}"));
        repo.gatepost(["run", "ci", "--from-ref", &base].iter().chain(&sign)).ok();
    }
    let verify = |key: &Path| {
        repo.gatepost([
            "evidence",
            "verify",
            folder.to_str().unwrap(),
            "--key",
            &format!("{}.pub", key.display()),
        ])
    };
    verify(&key).ok().says(&["every one is signed"]);
    verify(&other).failed(&[1], &["jsonl:1: it is not signed with a key that is given", "SHA256:"]);
    repo.gatepost(["evidence", "verify", folder.to_str().unwrap()])
        .ok()
        .says(&["2 are signed", "not verified"]);
    // The id of the key is the one that ssh-keygen says.
    let said = repo.run("ssh-keygen", ["-lf", &format!("{}.pub", key.display())], repo.root(), b"").ok().out;
    let id = said.split_whitespace().nth(1).unwrap();
    assert!(lines(&folder)[0].contains(id), "{id}");
    // One who may write the file and has no key cannot write it anew.
    ci(&repo, &folder, &base).ok();
    verify(&key).failed(&[1], &["jsonl:3: it is not signed"]);
    repo.gatepost([
        "run",
        "pre-commit",
        "--evidence",
        "e",
        "--evidence-key",
        &format!("{}.pub", key.display()),
    ])
    .failed(&[2], &["cannot sign records"]);
}
