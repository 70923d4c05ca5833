//! Fingerprints and baselines through real git: what an edit, a rename, a rebase or a formatter does to a secret's
//! identity, and what two branches do to one baseline.

use crate::ci::report;
use crate::support::{GATEPOST, Repo, Run, in_days, leak, run, token};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The fingerprints of each secret.
type Prints = BTreeMap<String, BTreeSet<String>>;

fn prints(repo: &Repo, scan: &[&str]) -> Prints {
    let arguments = ["scan", "-f", "json", "--show-secrets", "--no-baseline"].iter().chain(scan);
    let run = repo.gatepost(arguments);
    let report = report(&run);
    assert_eq!(report["complete"], true, "{report:#}");
    let mut prints = Prints::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        prints.entry(text("secret")).or_default().insert(text("fingerprint"));
    }
    prints
}

/// A random password of 20 characters, which only the name it is assigned to gives away.
fn password() -> String {
    let token = token();
    format!("{}7{}4{}", &token[5..11], &token[11..17], &token[17..23])
}

/// Secrets as the languages and formats of a repository hold them: paths, texts, and the values that stand in them.
fn sources() -> (Vec<(&'static str, String)>, BTreeSet<String>) {
    let (tokens, passwords): (Vec<String>, Vec<String>) =
        ((0..5).map(|_| token()).collect(), (0..12).map(|_| password()).collect());
    let [t0, t1, t2, t3, t4] = &tokens[..] else { unreachable!() };
    let [p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11] = &passwords[..] else { unreachable!() };
    let files = vec![
        (
            "app/main.py",
            format!(
                "import db\n\nDB_PASSWORD = \"{p0}\"\n\
                 session = db.connect(user=\"app\", password=\"{p1}\", timeout=30)\nGITHUB = \"{t0}\"\n"
            ),
        ),
        (
            "app/index.js",
            format!(
                "const apiSecret = \"{p2}\";\nconst url = \"postgres://app:{p3}@db.internal:5432/app\";\n\
                 send({{ github: \"{t1}\" }});\n"
            ),
        ),
        (
            "app/app.json",
            format!(
                "{{\n  \"db\": {{\n    \"clientSecret\": \"{p4}\",\n    \"port\": 5432\n  }},\n  \"github\": \"{t2}\"\n}}\n"
            ),
        ),
        ("app/app.yaml", format!("db:\n  password: \"{p5}\"\ngithub: {t3}\n")),
        ("app/app.toml", format!("[db]\npassword = \"{p6}\"\n")),
        ("app/.env", format!("API_KEY={p7}\nGITHUB={t4}\n")),
        ("app/schema.sql", format!("SET app.password = '{p8}';\n")),
        (
            "app/deploy.sh",
            format!("export DB_PASSWORD='{p9}'\ncurl -u deploy:{p10} https://app.internal/deploy\n"),
        ),
        ("app/app.xml", format!("<app>\n  <db user=\"app\" password=\"{p11}\"/>\n</app>\n")),
    ];
    (files, tokens.into_iter().chain(passwords).collect())
}

type Edit = fn(&str, &str) -> String;

/// What leaves a place as it is, key or no key.
const EDITS: &[(&str, Edit)] = &[
    ("lines above", |_, text| format!("\n\n\n{text}")),
    ("line ends", |_, text| text.replace('\n', "\r\n")),
    ("indentation", |_, text| text.lines().map(|line| format!("\t  {line}\n")).collect()),
    ("spaces", |_, text| text.replace(" = ", "=").replace(": ", ":   ")),
    ("quotes", |path, text| match path.rsplit('.').next() {
        Some("json") => text.to_owned(),
        _ => text.replace('"', "\0").replace('\'', "\"").replace('\0', "'"),
    }),
    ("semicolons", |_, text| text.replace(";\n", "\n")),
    ("a broken line", |_, text| text.replace("const url = ", "const url =\n    ")),
];

/// What makes another place of it: with a key, the fingerprint does not mind.
const LAYOUTS: &[(&str, Edit)] = &[
    ("one argument to a line", |_, text| {
        text.replace("connect(", "connect(\n    ")
            .replace(", password", ",\n    password")
            .replace(", timeout", ",\n    timeout")
    }),
    ("everything in one line", |path, text| match path.rsplit('.').next() {
        Some("json" | "xml") => text.lines().map(str::trim).collect(),
        _ => text.to_owned(),
    }),
    ("another name", |_, text| {
        text.replace("DB_PASSWORD", "DATABASE_PASSWORD").replace("clientSecret", "secret")
    }),
];

fn write(repo: &Repo, files: &[(&'static str, String)], edit: Edit) {
    for (path, text) in files {
        repo.write(path, edit(path, text));
    }
}

fn keyed() -> Repo {
    let repo = Repo::new();
    repo.gatepost(["init"]).ok();
    repo.commit_all("chore: adopt gatepost");
    repo
}

#[track_caller]
fn assert_each_has_one(prints: &Prints, expected: &BTreeSet<String>) {
    assert_eq!(&prints.keys().cloned().collect::<BTreeSet<_>>(), expected);
    let all: BTreeSet<&String> = prints.values().flatten().collect();
    assert!(prints.values().all(|of_one| of_one.len() == 1), "{prints:#?}");
    assert_eq!(all.len(), expected.len(), "two secrets share a fingerprint: {prints:#?}");
}

#[test]
fn with_a_key_nothing_but_the_value_counts() {
    let repo = keyed();
    let (files, secrets) = sources();
    repo.git(["checkout", "-q", "-b", "topic"]);
    write(&repo, &files, |_, text| text.to_owned());
    repo.commit_all("feat: add settings");
    let first = prints(&repo, &["."]);
    assert_each_has_one(&first, &secrets);
    for (what, edit) in EDITS.iter().chain(LAYOUTS) {
        write(&repo, &files, *edit);
        repo.commit_all(&format!("style: {what}"));
        assert_eq!(prints(&repo, &["."]), first, "{what}");
    }
    repo.git(["mv", "app", "service"]);
    repo.commit_all("refactor: rename the folder");
    assert_eq!(prints(&repo, &["."]), first);
    write(&repo, &files, |_, text| text.to_owned());
    repo.commit_all("feat: copy it back");
    assert_eq!(prints(&repo, &["."]), first);

    repo.git(["checkout", "-q", "main"]);
    repo.write("README.md", "hello\n");
    repo.commit_all("docs: say hello");
    repo.git(["rebase", "-q", "main", "topic"]);
    assert_eq!(prints(&repo, &["--range", "main..topic"]), first);
    repo.git(["checkout", "-q", "main"]);
    repo.git(["merge", "-q", "--squash", "topic"]);
    repo.commit_all("feat: all of it at once");
    repo.git(["gc", "-q"]);
    assert_eq!(prints(&repo, &["--range", "main~1..main"]), first);
    // Every version, before and after, in packs and in deltas.
    assert_each_has_one(&prints(&repo, &["--history"]), &secrets);
}

#[test]
fn without_a_key_a_place_holds_still() {
    let repo = Repo::new();
    let (files, secrets) = sources();
    write(&repo, &files, |_, text| text.to_owned());
    repo.commit_all("feat: add settings");
    let first = prints(&repo, &["."]);
    assert_each_has_one(&first, &secrets);
    for (what, edit) in EDITS {
        write(&repo, &files, *edit);
        assert_eq!(prints(&repo, &["."]), first, "{what}");
    }
    repo.commit_all("style: the last of them");
    repo.git(["mv", "app", "service"]);
    repo.commit_all("refactor: rename the folder");
    assert_eq!(prints(&repo, &["."]), first);
    assert_each_has_one(&prints(&repo, &["--history"]), &secrets);
    // The documentation says that these make another place; tokens do not mind them either.
    std::fs::remove_dir_all(repo.root().join("service")).unwrap();
    for (what, edit) in LAYOUTS {
        write(&repo, &files, *edit);
        let now = prints(&repo, &["."]);
        assert_ne!(now, first, "{what}");
        for (token, print) in now.iter().filter(|(secret, _)| secret.starts_with("ghp_")) {
            assert_eq!(Some(print), first.get(token), "{what}");
        }
    }
}

#[test]
fn a_second_password_in_the_same_place() {
    let of = |repo: &Repo, value: &str| {
        repo.write("app.py", format!("DB_PASSWORD = \"{value}\"\n"));
        prints(repo, &["."]).remove(value).unwrap()
    };
    let (one, two) = (password(), password());
    let (keyed, bound) = (keyed(), Repo::new());
    assert_ne!(of(&keyed, &one), of(&keyed, &two));
    assert_eq!(of(&bound, &one), of(&bound, &two));
    // Another repository has another key.
    assert_ne!(of(&keyed, &one), of(&self::keyed(), &one));
}

#[test]
fn the_baseline_of_the_base_and_a_password_that_moves_or_changes() {
    let level = "schema = 1\n[secrets]\ndeny-confidence = \"medium\"\n";
    for keyed in [true, false] {
        let repo = Repo::new();
        let key = repo.gatepost(["baseline", "key"]).ok().out;
        let key = format!("{level}fingerprint-key = \"{}\"\n", key.trim());
        repo.write("gatepost.toml", if keyed { &key } else { level });
        let (old, new) = (password(), password());
        repo.write("app.py", format!("DB_PASSWORD = \"{old}\"\n"));
        repo.commit_all("feat: add settings");
        repo.gatepost(["baseline", "create"]).failed(&[0], &["1 finding accepted"]);
        let base = repo.commit_all("chore: a baseline");
        let judged = |text: String| {
            repo.write("app.py", text);
            repo.commit_all("fix: move things about");
            let run = repo.gatepost(["run", "ci", "--from-ref", &base, "--to-ref", "HEAD"]);
            repo.git(["reset", "-q", "--hard", &base]);
            run.code
        };
        assert_eq!(judged(format!("import db\n\nDB_PASSWORD = '{old}'\n")), 0, "moved, keyed: {keyed}");
        // The file had that password already, whatever it was called.
        assert_eq!(
            judged(format!("DATABASE = db.connect(password='{old}')\n")),
            0,
            "renamed, keyed: {keyed}"
        );
        // Another password in the same place is new where there is a key, and where there is none nobody can tell.
        assert_eq!(judged(format!("DB_PASSWORD = \"{new}\"\n")), i32::from(keyed), "changed, keyed: {keyed}");
    }
}

#[test]
fn a_baseline_is_of_every_secret() {
    let repo = Repo::new();
    for flags in [["--min-severity", "high"], ["--min-confidence", "high"]] {
        let arguments = ["baseline", "update"].into_iter().chain(flags);
        repo.gatepost(arguments).failed(&[2], &["would drop the others"]);
    }
}

#[test]
fn init_draws_a_key_that_no_report_shows() {
    let repo = keyed();
    let text = std::fs::read_to_string(repo.root().join("gatepost.toml")).unwrap();
    let line = text.lines().find(|line| line.starts_with("fingerprint-key = \"gpk1:")).unwrap();
    let key = line.split('"').nth(1).unwrap();
    repo.write("app.py", format!("DB_PASSWORD = \"{}\"\n", password()));
    for format in ["json", "human"] {
        let run = repo.gatepost(["scan", "--history", ".", "-v", "-f", format]);
        assert!(!run.said().contains(&key[5..]), "{}", run.said());
    }
    // The policy itself is not taken for a leak.
    repo.gatepost(["scan", "gatepost.toml"]).failed(&[0], &["clean"]);
    let (one, two) =
        (repo.gatepost(["baseline", "key"]).ok().out, repo.gatepost(["baseline", "key"]).ok().out);
    assert!(one.starts_with("gpk1:") && one != two, "{one}{two}");
}

/// `gatepost scan app.py` with a key in the environment.
fn with_variable(repo: &Repo, key: &str, arguments: &[&str]) -> Run {
    let mut command = repo.command(GATEPOST, repo.root());
    run(command.env("GATEPOST_FINGERPRINT_KEY", key).args(arguments), b"")
}

#[test]
fn a_key_from_outside() {
    let repo = Repo::new();
    repo.write("gatepost.toml", "schema = 1\n\n[secrets]\nfingerprint-key = \"external\"\n");
    repo.write("app.py", format!("DB_PASSWORD = \"{}\"\n", password()));
    repo.commit_all("feat: add settings");
    let [mine, other] = [0, 1].map(|_| repo.gatepost(["baseline", "key"]).ok().out.trim().to_owned());
    let json = ["scan", "app.py", "-f", "json"];
    let print = |run: &Run| report(run)["findings"][0]["fingerprint"].as_str().unwrap().to_owned();

    let said =
        ["is \"external\", and no key was given", "gatepost.toml:4:1", "git config gatepost.fingerprintKey"];
    for arguments in
        [&["scan", "."][..], &["run", "pre-commit"], &["run", "pre-push"], &["baseline", "create"]]
    {
        repo.gatepost(arguments).failed(&[2], &said);
    }
    // This one would be shown by `config show`.
    let mut command = repo.command(GATEPOST, repo.root());
    command.env("GATEPOST_SECRETS_FINGERPRINT_KEY", &mine).args(["config", "show"]);
    let refused =
        run(&mut command, b"").failed(&[2], &["is not set by this variable", "GATEPOST_FINGERPRINT_KEY"]);
    assert!(!refused.said().contains(&mine[5..]), "{}", refused.said());
    repo.gatepost(["doctor"]).failed(&[1], &["no key was given"]);
    let from_variable = print(&with_variable(&repo, &mine, &json).ok());
    assert_ne!(print(&with_variable(&repo, &other, &json).ok()), from_variable);
    repo.git(["config", "gatepost.fingerprintKey", &mine]);
    assert_eq!(print(&repo.gatepost(json).ok()), from_variable);
    // Git's configuration is this repository's, the variable may be anybody's.
    assert_eq!(print(&with_variable(&repo, &other, &json).ok()), from_variable);
    for arguments in [&json[..], &["config", "show", "--origin"], &["scan", ".", "-v"]] {
        let run = repo.gatepost(arguments).ok();
        assert!(!run.said().contains(&mine[5..]), "{}", run.said());
    }
    repo.git(["config", "gatepost.fingerprintKey", &mine[..20]]);
    let run = repo.gatepost(["scan", "."]).failed(&[2], &["too short", "gatepost.fingerprintKey"]);
    assert!(!run.said().contains(&mine[5..20]), "{}", run.said());
}

/// A developer's clone of the repository.
fn clone(repo: &Repo, name: &str) -> std::path::PathBuf {
    let path = repo.beside(name);
    repo.git(["clone", "-q", repo.root().to_str().unwrap(), path.to_str().unwrap()]);
    path
}

/// Two developers who each accept secrets of their own, on branches `one` and `two` of one base.
fn two_branches(repo: &Repo) {
    // Neither has seen the other's branch.
    let clones = ["one", "two"].map(|branch| (branch, clone(repo, branch)));
    for (branch, path) in &clones {
        let git = |arguments: &[&str]| repo.run("git", arguments, path, b"").ok();
        git(&["checkout", "-q", "-b", branch]);
        for number in 0..4 {
            std::fs::write(path.join(format!("{branch}{number}.env")), leak(&token())).unwrap();
        }
        git(&["add", "-A"]);
        git(&["commit", "-q", "-m", "feat: leaks to live with"]);
        repo.run(GATEPOST, ["baseline", "update"], path, b"").failed(&[0], &["4 new"]);
        git(&["add", "-A"]);
        git(&["commit", "-q", "-m", "chore: accept them"]);
    }
    for (branch, path) in &clones {
        repo.git(["fetch", "-q", path.to_str().unwrap(), &format!("{branch}:{branch}")]);
    }
}

#[track_caller]
fn assert_both_are_in(repo: &Repo) {
    repo.gatepost(["scan", "."]).failed(&[0], &["8 by the baseline"]);
    repo.gatepost(["baseline", "diff"]).ok();
    repo.gatepost(["baseline", "update"]).failed(&[0], &["0 new, 0 gone"]);
    let attributes = std::fs::read_to_string(repo.root().join(".gitattributes")).unwrap();
    assert_eq!(attributes.matches("merge=union").count(), 1, "{attributes}");
}

#[test]
fn baselines_of_two_branches_merge_and_rebase() {
    let repo = Repo::new();
    repo.write("README.md", "hello\n");
    repo.write(".gitattributes", "* text=auto\r\n*.sh eol=lf\r\n");
    repo.commit_all("docs: say hello");
    repo.gatepost(["baseline", "create"]).failed(&[0], &["merge=union", ".gitattributes", "baseline key"]);
    let attributes = std::fs::read_to_string(repo.root().join(".gitattributes")).unwrap();
    assert_eq!(attributes, "* text=auto\r\n*.sh eol=lf\r\ngatepost-baseline.txt merge=union\r\n");
    repo.commit_all("chore: a baseline");
    two_branches(&repo);

    repo.git(["checkout", "-q", "-b", "merged", "one"]);
    repo.git(["merge", "-q", "--no-edit", "two"]);
    assert_both_are_in(&repo);
    repo.git(["checkout", "-q", "-f", "-b", "rebased", "two"]);
    repo.git(["rebase", "-q", "one"]);
    assert_both_are_in(&repo);
    repo.git(["checkout", "-q", "-f", "-b", "picked", "one"]);
    repo.git(["cherry-pick", "one..two"]);
    assert_both_are_in(&repo);

    // What the attribute is for: without it, Git asks.
    repo.git(["checkout", "-q", "-f", "-b", "asked", "one"]);
    repo.write(".git/info/attributes", "gatepost-baseline.txt merge=text\n");
    repo.try_git(["merge", "--no-edit", "two"]).failed(&[1], &["conflict", "gatepost-baseline.txt"]);
}

#[test]
fn two_branches_that_both_begin_a_baseline_merge() {
    let repo = Repo::new();
    repo.write("README.md", "hello\n");
    repo.commit_all("docs: say hello");
    two_branches(&repo);
    repo.git(["checkout", "-q", "one"]);
    repo.git(["merge", "-q", "--no-edit", "two"]);
    assert_both_are_in(&repo);
}

#[test]
fn git_reads_the_attribute_whatever_the_baseline_is_called() {
    for name in ["known secrets.txt", "security/known.txt", "[known].txt", "#known"] {
        let repo = Repo::new();
        repo.write("gatepost.toml", format!("schema = 1\n[secrets]\nbaseline = \"{name}\"\n"));
        repo.write("security/README.md", "hello\n");
        repo.commit_all("chore: adopt gatepost");
        for command in ["create", "update", "update"] {
            repo.gatepost(["baseline", command]).ok();
        }
        let said = repo.git(["check-attr", "merge", "--", name]);
        assert!(said.ends_with("merge: union"), "{said}");
        let text = std::fs::read_to_string(repo.root().join(".gitattributes")).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
    }
    // Somebody's own way to merge it is left, and that is said.
    let repo = Repo::new();
    repo.write(".gitattributes", "gatepost-baseline.txt merge=ours\n");
    repo.gatepost(["baseline", "create"]).failed(&[0], &["another way to merge"]);
    assert_eq!(
        std::fs::read_to_string(repo.root().join(".gitattributes")).unwrap(),
        "gatepost-baseline.txt merge=ours\n"
    );
}

#[test]
fn an_entry_whose_secret_is_gone_is_reported() {
    let repo = Repo::new();
    repo.write("kept.env", leak(&token()));
    repo.commit_all("feat: a leak that stays");
    repo.git(["checkout", "-q", "-b", "topic"]);
    repo.write("purged.env", leak(&token()));
    repo.commit_all("feat: a leak that goes");
    repo.git(["checkout", "-q", "main"]);
    repo.gatepost(["baseline", "create"]).failed(&[0], &["2 findings accepted"]);
    repo.commit_all("chore: a baseline");
    let stale = |arguments: &[&str]| report(&repo.gatepost(arguments))["stale_baseline"].clone();
    let history = ["scan", "--history", "-f", "json"];
    assert_eq!(stale(&history), serde_json::json!([]));

    repo.git(["branch", "-q", "-D", "topic"]);
    repo.git(["reflog", "expire", "--expire=now", "--all"]);
    repo.git(["gc", "-q", "--prune=now"]);
    let listed = stale(&history);
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    let print = listed[0].as_str().unwrap();
    let said = ["1 entry of the baseline", "nowhere any more", "gatepost baseline update"];
    repo.gatepost(["scan", "--history"]).failed(&[0], &said);
    repo.gatepost(["scan", "--history", "-v"]).failed(&[0], &[&format!("stale in the baseline: {print}")]);
    repo.gatepost(["baseline", "diff"]).failed(&[1], &[&format!("- {print}"), "1 gone"]);

    // What sees a part cannot tell.
    for part in [&["scan", "."][..], &["scan", "--range", "HEAD~1..HEAD"], &["scan", "--staged"]] {
        let run = repo.gatepost([part, &["-f", "json"]].concat());
        let report = report(&run);
        assert!(report.get("stale_baseline").is_none(), "{report:#}");
        assert!(!run.said().contains("of the baseline"), "{}", run.said());
    }
    let shallow = repo.beside("shallow");
    let url = format!("file://{}", repo.root().display());
    repo.git(["clone", "-q", "--depth", "1", &url, shallow.to_str().unwrap()]);
    let in_shallow = |arguments: &[&str]| repo.run(GATEPOST, arguments, Path::new(&shallow), b"");
    let run = in_shallow(&["scan", "--history", "--allow-shallow", "-f", "json"]);
    assert!(report(&run).get("stale_baseline").is_none(), "{}", run.out);
    // An entry whose secret is there, and which an exception covers as well, is not gone.
    repo.gatepost(["baseline", "update"]).failed(&[0], &["1 finding accepted", "1 gone"]);
    let text = std::fs::read_to_string(repo.root().join("gatepost-baseline.txt")).unwrap();
    let kept =
        text.lines().find_map(|line| line.split(' ').next().filter(|word| word.starts_with("gp1:"))).unwrap();
    repo.write(
        "gatepost.toml",
        format!(
            "schema = 1\n[[exception]]\nid = \"EX-2026-0001\"\nrule = \"github-pat\"\nfingerprint = \"{kept}\"\n\
             status = \"test-credential\"\nreason = \"made for the tests of this repository\"\n\
             owner = \"@platform\"\nexpires = {}\n",
            in_days(100)
        ),
    );
    assert_eq!(stale(&history), serde_json::json!([]));
}
