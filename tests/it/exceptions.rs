//! Exceptions through the real binaries: each state a record can be in, the commands that write and count them, and what
//! a change that brings its own exception is told.

use crate::ci::report;
use crate::support::{GATEPOST, Repo, Run, in_days, leak, token};

const RULE: &str = "github-pat";
const FILE: &str = "gatepost-exceptions.toml";

fn fingerprint(repo: &Repo, text: &str) -> String {
    let run =
        repo.run(GATEPOST, ["scan", "--stdin", "--no-config", "-f", "json"], repo.root(), text.as_bytes());
    report(&run)["findings"][0]["fingerprint"].as_str().unwrap().to_owned()
}

/// A record for a fingerprint, with these lines in place of those of the same keys.
fn record(print: &str, created: &str, expires: &str, lines: &str) -> String {
    let sound = [
        "id = \"EX-2026-0007\"".to_owned(),
        format!("rule = \"{RULE}\""),
        format!("fingerprint = \"{print}\""),
        "status = \"test-credential\"".to_owned(),
        "reason = \"made for the documentation\"".to_owned(),
        "owner = \"@platform\"".to_owned(),
        format!("created = {created}"),
        format!("expires = {expires}"),
    ];
    let key = |line: &str| line.split(' ').next().unwrap().to_owned();
    let replaced: Vec<String> = lines.lines().map(key).collect();
    let kept: Vec<String> = sound.into_iter().filter(|line| !replaced.contains(&key(line))).collect();
    format!("\n[[exception]]\n{}\n{lines}\n", kept.join("\n"))
}

/// A repository with a leak in its work tree, and the leak's fingerprint.
fn leaking() -> (Repo, String) {
    let repo = Repo::new();
    repo.write("README.md", "hello\n");
    repo.commit_all("docs: say hello");
    let text = leak(&token());
    repo.write("app.env", &text);
    let print = fingerprint(&repo, &text);
    (repo, print)
}

fn ci(repo: &Repo, base: &str) -> Run {
    repo.gatepost(["run", "ci", "--from-ref", base, "--to-ref", "HEAD"])
}

#[test]
fn every_state_of_a_record() {
    let (repo, print) = leaking();
    let with = |created: i64, expires: i64, lines: &str| {
        repo.write(FILE, record(&print, &in_days(created), &in_days(expires), lines));
        repo.gatepost(["scan", "app.env"])
    };
    // Valid; on its last day; a day after it.
    let said = with(0, 100, "").ok().said();
    assert!(said.contains("suppressed: 1 finding (1 by exceptions)") && !said.contains("ends"), "{said}");
    with(-10, 1, "").failed(&[0], &["ends tomorrow", "@platform"]);
    with(-10, 0, "").failed(&[0], &["ends today"]);
    with(-10, -1, "").failed(
        &[1],
        &[RULE, "EX-2026-0007 covered this until it ended on", "ask @platform", "its finding is back"],
    );
    // Nobody approves their own, nothing lasts for ever, and what is malformed is no policy.
    with(0, 100, "approver = \"@Platform\"")
        .failed(&[2], &["as owner and as approver", "approver = \"@Platform\""]);
    with(0, 366, "").failed(&[2], &["lasts 366 days", "the last day possible is"]);
    with(0, 31, "status = \"fix-later\"").failed(&[2], &["fix-later", "30"]);
    with(2, 100, "").failed(&[2], &["lies ahead"]);
    with(0, 100, "reason = \"\"").failed(&[2], &["`reason` is empty", FILE, "reason = \"\""]);
    with(0, 100, "colour = \"red\"").failed(&[2], &["unknown key `colour`", FILE]);
    with(0, 100, "status = \"revoked\"").failed(&[2], &["rotated-on", "rotated-by", "links"]);
    with(0, 100, "rule = \"github-pta\"").failed(&[2], &["did you mean `github-pat`"]);
    // An id is used once: in both files, and for all time.
    repo.write("gatepost.toml", record(&print, &in_days(0), &in_days(100), ""));
    with(0, 100, "").failed(&[2], &["stands twice", "gatepost.toml", FILE]);
    repo.write("gatepost.toml", "[exceptions]\nretired = [\"EX-2026-0007\"]\n");
    with(0, 100, "").failed(&[2], &["retired", FILE]);
    // The file has records and nothing else, and stays out where exceptions are final.
    repo.remove("gatepost.toml");
    repo.write(FILE, "[secrets]\nlevel = \"off\"\n");
    repo.gatepost(["scan", "app.env"]).failed(&[2], &["does not belong in the file of exceptions", FILE]);
    repo.write("gatepost.toml", "final = [\"exception\"]\n");
    with(0, 100, "").failed(&[2], &["exceptions are final in gatepost.toml"]);
}

#[test]
fn a_policy_asks_for_more() {
    let (repo, print) = leaking();
    repo.write(
        "gatepost.toml",
        "[exceptions]\nrequire = [\"ticket\"]\nmax-days.test-credential = 90\n\n[exceptions.approvers]\ndefault = [\"security\"]\n\n\
         [[exceptions.group]]\nname = \"security\"\nmembers = [\"@alice\", \"@bob\"]\n",
    );
    let (today, soon) = (in_days(0), in_days(30));
    repo.write(FILE, record(&print, &today, &soon, ""));
    repo.gatepost(["scan", "app.env"]).failed(&[2], &["no `ticket`", "no `approver`", "@alice, @bob"]);
    repo.write(FILE, record(&print, &today, &soon, "ticket = \"SEC-1\"\napprover = \"@mallory\""));
    repo.gatepost(["scan", "app.env"]).failed(&[2], &["@mallory", "may not"]);
    repo.write(FILE, record(&print, &today, &soon, "ticket = \"SEC-1\"\napprover = \"@bob\""));
    let run = repo.gatepost(["scan", "app.env", "-f", "json"]).ok();
    let by = &report(&run)["suppressed"][0]["by"];
    assert_eq!((by["id"].as_str(), by["owner"].as_str()), (Some("EX-2026-0007"), Some("@platform")));
    assert_eq!((by["approver"].as_str(), by["expires"].as_str()), (Some("@bob"), Some(soon.as_str())));
    assert_eq!(by["status"], "test-credential");
    // What is printed is a policy that says the same.
    let shown = repo.gatepost(["config", "show"]).ok().out;
    repo.write("shown/gatepost.toml", &shown);
    let again = repo.gatepost(["config", "show", "--config", "shown/gatepost.toml"]).ok().out;
    assert_eq!(again, shown);
}

#[test]
fn from_add_to_the_commit_to_ci() {
    let (repo, print) = leaking();
    let base = repo.head();
    let add = |more: &[&str]| {
        let fixed =
            ["exceptions", "add", "--status", "test-credential", "--reason", "made for the documentation"];
        repo.gatepost(fixed.iter().chain(more))
    };
    add(&["gp1:abcdefghij234567", "--owner", "@a", "--expires", "30d"]).failed(&[2], &["--rule"]);
    add(&[&print, "--owner", "@a", "--expires", "400d"])
        .failed(&[2], &["lasts 400 days", "nothing was written"]);
    add(&[&print, "--expires", "30d"]).failed(&[2], &["--owner"]);
    assert!(!repo.root().join(FILE).exists());
    repo.git(["config", "user.email", "dev@example.com"]);
    let said = add(&[
        &print,
        "--expires",
        "90d",
        "--field",
        "risk=none: it opens nothing",
        "--field",
        "links=https://example.com/1",
    ])
    .ok()
    .said();
    for word in [FILE, "rule = \"github-pat\"", "owner is dev@example.com", "once it is in the base revision"]
    {
        assert!(said.contains(word), "does not say `{word}`:\n{said}");
    }
    let year = &in_days(0)[..4];
    let first = format!("EX-{year}-0001");
    assert!(said.contains(&first), "{said}");
    // At home it counts at once; the change that brings it is refused, and told.
    repo.git(["add", "app.env"]);
    repo.gatepost(["run", "pre-commit"]).ok();
    repo.commit_all("feat: add settings");
    ci(&repo, &base)
        .failed(&[1], &[RULE, &format!("Exception {first} for it is in this change"), "a change of its own"]);
    // The exception first, then what it is for.
    repo.git(["reset", "-q", "--soft", &base]);
    repo.git(["reset", "-q", "app.env"]);
    repo.git(["commit", "-q", "--no-verify", "-m", "chore: an exception"]);
    let next = repo.head();
    ci(&repo, &base).ok();
    repo.commit_all("feat: add settings");
    ci(&repo, &next).ok();
    // The second id is another one, and the first record is as it was.
    let before = std::fs::read_to_string(repo.root().join(FILE)).unwrap();
    let run = add(&["--path", "docs/**", "--rule", RULE, "--owner", "@a", "--expires", "30d"]).ok();
    assert!(run.said().contains(&format!("EX-{year}-0002")), "{}", run.said());
    let after = std::fs::read_to_string(repo.root().join(FILE)).unwrap();
    assert!(after.starts_with(&before), "{after}");
}

#[test]
fn records_go_where_the_others_are() {
    let (repo, print) = leaking();
    let policy = format!(
        "# ours\r\nschema = 1\r\n{}",
        record(&print, &in_days(0), &in_days(30), "").replace('\n', "\r\n")
    );
    repo.write("gatepost.toml", &policy);
    repo.gatepost([
        "exceptions",
        "add",
        "--path",
        "docs/**",
        "--rule",
        RULE,
        "--status",
        "false-positive",
        "--reason",
        "examples in the docs",
        "--owner",
        "@docs",
        "--expires",
        "30d",
    ])
    .ok();
    assert!(!repo.root().join(FILE).exists());
    let text = std::fs::read_to_string(repo.root().join("gatepost.toml")).unwrap();
    assert!(text.starts_with(&policy) && !text.replace("\r\n", "").contains('\n'), "{text:?}");
    repo.gatepost(["config", "check"]).ok();
}

#[test]
fn a_history_tells_what_is_for_nothing() {
    let (repo, print) = leaking();
    let (today, later) = (in_days(0), in_days(100));
    let records = [
        record(&print, &today, &later, ""),
        record("gp1:abcdefghij234567", &today, &later, "id = \"EX-2026-0008\""),
        record("gp1:abcdefghij234567", &in_days(-20), &in_days(-1), "id = \"EX-2026-0009\""),
        record("gp1:abcdefghij234567", &today, &later, "id = \"EX-2026-0010\"\nrule = \"header-too-long\""),
    ];
    let text = format!("# kept\nschema = 1\n{}# the end\n", records.concat());
    repo.write(FILE, &text);
    repo.commit_all("feat: add settings");
    // A warning by default; a range knows nothing of it; the policy can deny it.
    let said = repo.gatepost(["scan", "--history"]).ok().said();
    assert!(said.contains("GP-POL-101") && said.contains("EX-2026-0008"), "{said}");
    assert!(said.contains("GP-POL-102") && said.contains("EX-2026-0009"), "{said}");
    let json = report(&repo.gatepost(["scan", "--history", "-f", "json"]).ok());
    let ours = json["findings"].as_array().unwrap().iter().find(|f| f["code"] == "GP-POL-101").unwrap();
    assert_eq!(
        (ours["family"].as_str(), ours["locations"][0]["path"].as_str()),
        (Some("GP-POL"), Some(FILE))
    );
    assert_eq!(
        ours["locations"][0]["line"],
        text.lines().position(|line| line.contains("0008")).unwrap() + 1
    );
    assert!(!said.contains("EX-2026-0010"), "a history scan does not judge messages:\n{said}");
    let said = repo.gatepost(["scan", "--range", "HEAD~1..HEAD"]).ok().said();
    assert!(!said.contains("GP-POL"), "{said}");
    repo.write("gatepost.toml", "[exceptions]\nunused = \"deny\"\n");
    repo.gatepost(["scan", "--history"]).failed(&[1], &["error[GP-POL-101]", FILE]);
    repo.remove("gatepost.toml");

    let audit = repo.gatepost(["exceptions", "audit", "-f", "json"]).failed(&[1], &[]);
    let audit: serde_json::Value = serde_json::from_str(&audit.out).unwrap();
    let uses = |id: &str| {
        let rows = audit["exceptions"].as_array().unwrap();
        rows.iter().find(|row| row["id"] == id).unwrap()["uses"].clone()
    };
    assert_eq!((uses("EX-2026-0007"), uses("EX-2026-0008")), (1.into(), 0.into()));
    assert!(uses("EX-2026-0010").is_null());
    repo.gatepost(["exceptions", "audit", "--exit-zero"]).ok();
    repo.gatepost(["exceptions", "audit", "-f", "xml"]).failed(&[2], &["human, json, markdown, csv"]);
    repo.gatepost(["exceptions", "audit", "--no-scan", "--as-of", &today, "-f", "csv"])
        .failed(&[1], &["days_left"]);
    let list = repo.gatepost(["exceptions", "list", "--state", "active"]).ok().out;
    assert!(list.contains("EX-2026-0007") && !list.contains("EX-2026-0009"), "{list}");
    let list = repo.gatepost(["exceptions", "list", "--expiring", "30d", "--as-of", &in_days(80)]).ok().out;
    assert!(list.contains("EX-2026-0007") && !list.contains("EX-2026-0009"), "{list}");

    let said = repo.gatepost(["exceptions", "prune"]).ok().said();
    assert!(said.contains("EX-2026-0009") && !said.contains("EX-2026-0008"), "{said}");
    assert_eq!(
        std::fs::read_to_string(repo.root().join(FILE)).unwrap(),
        text,
        "nothing is taken out unasked"
    );
    repo.gatepost(["exceptions", "prune", "--unused", "--write"]).ok();
    let kept = [&records[0], &records[3]].map(String::as_str).concat();
    let retired = "[exceptions]\nretired = [\"EX-2026-0008\", \"EX-2026-0009\"]\n";
    let left = std::fs::read_to_string(repo.root().join(FILE)).unwrap();
    assert_eq!(left, format!("# kept\nschema = 1\n{kept}# the end\n\n{retired}"));
    repo.gatepost(["exceptions", "prune", "--unused"]).failed(&[0], &["no record is over"]);
    // Their ids are gone for good.
    let again =
        ["exceptions", "add", "--id", "EX-2026-0008", "--path", "a", "--rule", RULE, "--status", "fix-later"];
    let rest = ["--reason", "mended next week", "--owner", "@a", "--expires", "7d"];
    repo.gatepost(again.iter().chain(&rest)).failed(&[2], &["retired", "nothing was written"]);
}

#[test]
fn half_a_history_tells_nothing() {
    let (repo, print) = leaking();
    repo.write(FILE, record(&print, &in_days(0), &in_days(100), ""));
    repo.commit_all("feat: add settings");
    repo.write("a.txt", "a\n");
    repo.remove("app.env");
    repo.commit_all("fix: remove the settings");
    let clone = repo.beside("shallow");
    let url = format!("file://{}", repo.root().display());
    repo.git(["clone", "-q", "--depth", "1", &url, clone.to_str().unwrap()]);
    let gatepost = |arguments: &[&str]| repo.run(GATEPOST, arguments, &clone, b"");
    gatepost(&["exceptions", "audit"]).failed(&[3], &["shallow", "A ? in USES"]);
    gatepost(&["exceptions", "prune", "--unused", "--write"]).failed(&[3], &["shallow"]);
    let said = gatepost(&["scan", "--history", "--allow-shallow"]).said();
    assert!(!said.contains("GP-POL-101"), "{said}");
    assert!(repo.gatepost(["scan", "--history"]).ok().said().contains("1 by exceptions"));
}

/// A bare repository with our hook; the developer's `main` is pushed.
#[cfg(unix)]
fn server(repo: &Repo) -> std::path::PathBuf {
    let bare = repo.beside("server.git");
    repo.git(["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]);
    repo.git(["remote", "add", "origin", bare.to_str().unwrap()]);
    let hook = env!("CARGO_BIN_EXE_gatepost-pre-receive");
    std::os::unix::fs::symlink(hook, bare.join("hooks/pre-receive")).unwrap();
    repo.git(["push", "-q", "origin", "main"]);
    bare
}

#[cfg(unix)]
#[test]
fn a_push_brings_no_exception_for_itself() {
    let (repo, print) = leaking();
    let bare = server(&repo);
    let text = std::fs::read_to_string(repo.root().join("app.env")).unwrap();
    let sound = record(&print, &in_days(0), &in_days(30), "");
    let push = |branch: &str| repo.try_git(["push", "origin", branch]);
    // Both at once, and in either file.
    for file in [FILE, "gatepost.toml"] {
        repo.git(["checkout", "-q", "-B", "topic", "main"]);
        repo.write(file, &sound);
        repo.write("app.env", &text);
        repo.commit_all("feat: add settings");
        push("topic").refused(&[
            RULE,
            "Exception EX-2026-0007 for it is in this change",
            "counts once it is in the base",
        ]);
        repo.git(["checkout", "-q", "main"]);
        repo.write("app.env", &text);
    }
    // The exception first: it is reviewed by whoever reviews the default branch, and then it counts.
    repo.write(FILE, &sound);
    repo.git(["add", FILE]);
    repo.git(["commit", "-q", "--no-verify", "-m", "chore: an exception"]);
    push("main").ok();
    repo.git(["checkout", "-q", "-B", "topic"]);
    repo.commit_all("feat: add settings");
    let run = push("topic").ok();
    assert!(run.said().contains("1 by exceptions"), "{}", run.said());
    // A file of exceptions that is broken refuses everything, and shows the pusher its line: it is their file.
    repo.git(["checkout", "-q", "main"]);
    repo.write(FILE, sound.replace("owner", "onwer"));
    repo.git(["add", FILE]);
    repo.git(["commit", "-q", "--no-verify", "-m", "chore: break it"]);
    std::fs::rename(bare.join("hooks/pre-receive"), bare.join("hooks/off")).unwrap();
    push("main").ok();
    std::fs::rename(bare.join("hooks/off"), bare.join("hooks/pre-receive")).unwrap();
    repo.git(["checkout", "-q", "topic"]);
    repo.write("b.txt", "b\n");
    repo.commit_all("feat: add b");
    push("topic").refused(&["unknown key `onwer`", "onwer = \"@platform\""]);
    // The server's own directory comes first, and has its own file.
    std::fs::write(bare.join("gatepost.toml"), "schema = 1\n").unwrap();
    push("topic").ok();
    std::fs::write(bare.join(FILE), sound.replace("owner", "onwer")).unwrap();
    repo.write("c.txt", "c\n");
    repo.commit_all("feat: add c");
    let run = push("topic").refused(&["the server's policy is broken"]);
    assert!(!run.said().contains("onwer ="), "{}", run.said());
    // It is read also where the policy is that of the default branch.
    std::fs::remove_file(bare.join("gatepost.toml")).unwrap();
    std::fs::remove_file(bare.join(FILE)).unwrap();
    let more = leak(&token());
    repo.git(["checkout", "-q", "-B", "repair", "main~1"]);
    std::fs::rename(bare.join("hooks/pre-receive"), bare.join("hooks/off")).unwrap();
    repo.git(["push", "-q", "-f", "origin", "repair:main"]);
    std::fs::rename(bare.join("hooks/off"), bare.join("hooks/pre-receive")).unwrap();
    repo.write("more.env", &more);
    repo.commit_all("feat: add more settings");
    push("repair").refused(&[RULE, "more.env"]);
    let own = record(&fingerprint(&repo, &more), &in_days(0), &in_days(30), "id = \"EX-2026-0100\"");
    std::fs::write(bare.join(FILE), own).unwrap();
    push("repair").ok();
}

#[test]
fn two_hundred_records_are_audited_at_eighty_columns() {
    let repo = Repo::new();
    let statuses = ["false-positive", "test-credential", "accepted-risk", "fix-later"];
    let rules = [RULE, "jwt", "header-too-long"];
    let days: Vec<(String, String)> = (0..20).map(|n| (in_days(-n), in_days(29 - n * 2))).collect();
    let records: String = (1..=200)
        .map(|number| {
            let (created, expires) = &days[number % 20];
            let lines = format!(
                "id = \"EX-2026-{number:04}\"\nstatus = \"{}\"\nrule = \"{}\"\nowner = \"team-{}-with-a-long-name@example.com\"",
                statuses[number % 4],
                rules[number % 3],
                number % 12
            );
            record("gp1:abcdefghij234567", created, expires, &lines)
        })
        .collect();
    repo.write(FILE, records);
    repo.commit_all("chore: exceptions");
    let text = repo.gatepost(["exceptions", "audit"]).failed(&[1], &["200 exceptions: 50 expired"]).out;
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("EX-")).count(), 200);
    let path = repo.beside("audit.md");
    let arguments =
        ["exceptions", "audit", "-f", "markdown", "-o", path.to_str().unwrap(), "-f", "human", "-o", "-"];
    assert_eq!(repo.gatepost(arguments).failed(&[1], &[]).out, text);
    let markdown = std::fs::read_to_string(path).unwrap();
    assert_eq!(markdown.lines().filter(|line| line.starts_with("| EX-")).count(), 200, "{markdown}");
}
