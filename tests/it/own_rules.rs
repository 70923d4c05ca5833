//! Rules of a repository's own: where they are read from, that they find, and that a change cannot alter those that judge it.

use crate::receive::Server;
use crate::support::Repo;

/// A rule for `acme_` and 32 hexadecimal digits, below its header.
fn rule(id: &str, prefix: &str) -> String {
    format!(
        "id = \"{id}\"\nname = \"Acme key\"\ndescription = \"A key of the Acme API.\"\nseverity = \"high\"\n\
         confidence = \"high\"\nregex = '''\\b{prefix}_[0-9a-f]{{32}}\\b'''\nrisk = \"Order anvils.\"\n\
         fix = [\"Revoke it at https://acme.example/keys\"]\nreference = \"https://acme.example/docs\"\n\
         examples = [\"{prefix}_{{hex:32}}\", \"key: {prefix}_{{hex:32}}\"]\n\
         counter-examples = [\"{prefix}_{{hex:31}}\", \"{prefix}_\"]\n"
    )
}

fn inline(id: &str, prefix: &str) -> String {
    format!("[[secrets.rules]]\nprovider = \"Acme\"\n{}", rule(id, prefix))
}

fn file(id: &str, prefix: &str) -> String {
    format!("provider = \"Acme\"\n\n[[rules]]\n{}", rule(id, prefix))
}

/// A value that the rule finds.
fn key(prefix: &str, seed: u64) -> String {
    gatepost_core::secrets::expand(&format!("{prefix}_{{hex:32}}"), seed)
}

const FILES: &str = "schema = 1\n[secrets]\nrule-files = [\"ci/rules/\"]\n";

#[test]
fn a_rule_of_the_policy_finds_everywhere_and_is_marked_as_such() {
    let repo = Repo::new();
    repo.write("gatepost.toml", format!("schema = 1\n{}", inline("acme-key", "acme")));
    repo.write("a.txt", format!("one {}\n", key("acme", 1)));
    repo.gatepost(["scan", "."]).refused(&["acme-key", "a.txt", "Order anvils"]);
    repo.git(["add", "."]);
    repo.gatepost(["scan", "--staged"]).refused(&["acme-key"]);
    repo.commit_all("feat: add a key");
    repo.gatepost(["scan", "--history"]).refused(&["acme-key"]);
    let listed = repo.gatepost(["rules", "list"]).ok().out;
    assert!(listed.contains("(own: gatepost.toml:2)") && listed.contains("1 of them the policy's own"));
    let shown = repo.gatepost(["rules", "show", "acme-key"]).ok().out;
    assert!(shown.contains("the policy's own: gatepost.toml:2"), "{shown}");
    let told = repo.gatepost(["explain", "acme-key"]).ok().out;
    assert!(told.contains("Order anvils") && told.contains("gatepost.toml:2"), "{told}");
}

#[test]
fn rule_files_are_found_beside_the_policy() {
    let repo = Repo::new();
    repo.write("gatepost.toml", FILES);
    repo.gatepost(["config", "check"]).failed(&[2], &["gatepost.toml:3:1", "ci/rules/", "cannot be read"]);
    repo.write("ci/rules/notes.md", "no rules\n");
    repo.gatepost(["config", "check"]).failed(&[2], &["there is no such file"]);
    repo.write("ci/rules/acme.toml", file("acme-key", "acme"));
    let checked = repo.gatepost(["config", "check"]).ok().out;
    assert!(
        checked.contains("read ci/rules/acme.toml") && checked.contains("1 rule of its own"),
        "{checked}"
    );
    let shown = repo.gatepost(["config", "show", "--origin"]).ok().out;
    assert!(shown.contains("[[secrets.rules]]   # ci/rules/acme.toml:3"), "{shown}");
    // What it prints says the same without the files.
    repo.write("other.toml", &shown);
    repo.write("a.txt", key("acme", 2));
    repo.gatepost(["--config", "other.toml", "scan", "a.txt"]).refused(&["acme-key"]);
    repo.write("ci/rules/acme.toml", file("acme-key", "acme").replace("regex =", "regx ="));
    repo.gatepost(["scan", "a.txt"]).failed(&[2], &["ci/rules/acme.toml:9:1", "did you mean `regex`?"]);
    repo.write("ci/rules/acme.toml", file("github-pat", "acme"));
    repo.gatepost(["scan", "a.txt"]).failed(&[2], &["a built-in rule is called `github-pat` already"]);
    // A pattern, and one that names nothing.
    repo.write("ci/rules/acme.toml", file("acme-key", "acme"));
    repo.write("gatepost.toml", "schema = 1\nsecrets.rule-files = [\"ci/rules/a*.toml\"]\n");
    repo.gatepost(["scan", "a.txt"]).refused(&["acme-key"]);
    repo.write("gatepost.toml", "schema = 1\nsecrets.rule-files = [\"ci/*/a.toml\"]\n");
    repo.gatepost(["scan", "a.txt"]).failed(&[2], &["`*` in the name of a folder"]);
}

#[test]
fn a_disabled_rule_is_not_looked_for_and_needs_a_reason() {
    let repo = Repo::new();
    repo.write("a.txt", format!("one {}\n", key("acme", 3)));
    let own = inline("acme-key", "acme");
    let with = |entry: &str| repo.write("gatepost.toml", format!("schema = 1\n{own}\n{entry}"));
    with("[[secrets.disable-rules]]\nrule = \"acme-key\"\n");
    repo.gatepost(["scan", "a.txt"]).failed(&[2], &["has no reason"]);
    with("[[secrets.disable-rules]]\nrule = \"acme-keys\"\nreason = \"our own test keys\"\n");
    repo.gatepost(["scan", "a.txt"]).failed(&[2], &["acme-keys", "did you mean `acme-key`?"]);
    with("[[secrets.disable-rules]]\nrule = \"acme-key\"\nreason = \"our own test keys\"\n");
    repo.gatepost(["scan", "a.txt"]).ok();
    repo.commit_all("docs: say what is there");
    let told = repo.gatepost(["doctor"]).said();
    assert!(told.contains("secrets.disable-rules acme-key") && told.contains("1 of 1 finding"), "{told}");
}

#[test]
fn the_report_tells_which_rules_were_in_force() {
    let repo = Repo::new();
    repo.write("a.txt", "nothing\n");
    let digest = || {
        let out = repo.gatepost(["scan", "a.txt", "-f", "json"]).ok().out;
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        report["tool"]["ruleset_digest"].as_str().unwrap().to_owned()
    };
    let built_in = digest();
    repo.write("gatepost.toml", format!("schema = 1\n{}", inline("acme-key", "acme")));
    let own = digest();
    assert_ne!(own, built_in);
    repo.write("gatepost.toml", "schema = 1\nsecrets.rule-files = [\"r.toml\"]\n");
    repo.write("r.toml", file("acme-key", "acme"));
    assert_eq!(digest(), own, "wherever it stands");
}

#[test]
fn exceptions_and_baselines_are_for_own_rules_too() {
    let repo = Repo::new();
    repo.write("gatepost.toml", format!("schema = 1\n{}", inline("acme-key", "acme")));
    repo.write("a.txt", format!("one {}\n", key("acme", 4)));
    repo.commit_all("feat: add a key");
    repo.gatepost(["baseline", "create"]).ok();
    repo.gatepost(["scan", "."]).ok();
    std::fs::remove_file(repo.root().join("gatepost-baseline.txt")).unwrap();
    repo.write("a.txt", format!("one {} # gatepost:allow acme-key reason=\"a test key\"\n", key("acme", 4)));
    repo.gatepost(["scan", "."]).ok();
}

#[test]
fn a_push_is_judged_by_the_rules_that_were_there_before() {
    let server = Server::empty();
    server.repo.write("gatepost.toml", FILES);
    server.repo.write("ci/rules/acme.toml", file("acme-key", "acme"));
    server.repo.commit_all("feat: look for acme keys");
    server.push(&["main"]).ok();
    // The change drops the rule and brings the secret.
    server.repo.git(["rm", "-q", "ci/rules/acme.toml", "gatepost.toml"]);
    server.repo.write("a.txt", key("acme", 5));
    server.repo.commit_all("feat: add a key");
    server.refuses(&["main"], &["acme-key"]);
}

#[test]
fn a_policy_in_a_push_that_cannot_be_obeyed_is_refused_with_its_rule_files() {
    let server = Server::empty();
    server.repo.write("gatepost.toml", FILES);
    server.repo.write("ci/rules/acme.toml", file("acme-key", "acme"));
    server.repo.commit_all("feat: look for acme keys");
    server.push(&["main"]).ok();
    server.repo.write("ci/rules/acme.toml", file("github-pat", "acme"));
    server.repo.commit_all("feat: rename it");
    server.refuses(
        &["main"],
        &["the policy that this change leaves behind cannot be obeyed", "ci/rules/acme.toml"],
    );
}

#[test]
fn a_change_that_drops_a_rule_weakens_a_gate() {
    let repo = Repo::new();
    repo.write("gatepost.toml", FILES);
    repo.write(
        "ci/rules/acme.toml",
        &(file("acme-key", "acme") + "\n[[rules]]\n" + &rule("other-key", "other")),
    );
    repo.commit_all("feat: look for keys");
    let before = repo.git(["rev-parse", "HEAD"]).trim().to_owned();
    repo.write("ci/rules/acme.toml", file("acme-key", "acme"));
    repo.commit_all("feat: look for fewer keys");
    let run = repo.gatepost(["run", "ci", "--from-ref", &before, "--to-ref", "HEAD"]);
    assert!(run.said().contains("no longer has the rule `other-key`"), "{}", run.said());
}

/// The blocks of TOML in a page.
fn blocks(page: &str) -> Vec<String> {
    let parts = page.split("```toml\n").skip(1);
    parts.map(|part| part.split_once("\n```").unwrap().0.to_owned() + "\n").collect()
}

#[test]
fn the_rules_of_the_guide_do_what_their_examples_say() {
    let page =
        std::fs::read_to_string(std::path::Path::new(crate::support::ROOT).join("docs/rules-guide.md"))
            .unwrap();
    let blocks = blocks(&page);
    let of = |word: &str| blocks.iter().find(|block| block.contains(word)).unwrap();
    let repo = Repo::new();
    repo.write("gatepost.toml", of("[[secrets.rules]]"));
    repo.write("rules/acme.toml", of("[[rules]]"));
    let tried = repo.gatepost(["rules", "test", "rules/acme.toml"]).ok().out;
    assert!(tried.contains("1 rules, 4 examples, 0 failed, 0 warnings"), "{tried}");
    let tried = repo.gatepost(["rules", "test", "gatepost.toml"]).ok().out;
    assert!(tried.contains("1 rules, 4 examples, 0 failed, 0 warnings"), "{tried}");
    // The two blocks that go on with the policy.
    repo.write("ci/rules/one.toml", file("ci-key", "cici"));
    repo.write("rules/team-a.toml", file("team-key", "team"));
    let whole = [of("[[secrets.rules]]"), of("rule-files"), of("disable-rules")].map(String::as_str).concat();
    repo.write("gatepost.toml", whole);
    let checked = repo.gatepost(["config", "check"]).ok().out;
    assert!(checked.contains("4 rules of its own"), "{checked}");
}

#[test]
fn a_rule_on_trial_is_told_what_is_wrong_with_it() {
    let repo = Repo::new();
    let slow = file("slow-key", "slow").replace("\\bslow_[0-9a-f]{32}\\b", "[0-9a-f]{32}\\b");
    repo.write("slow.toml", slow);
    let tried = repo.gatepost(["rules", "test", "slow.toml"]);
    let tried = tried.failed(&[0, 1], &["no literal can be drawn", "of 10000 random values", "MB/s"]).out;
    assert!(tried.contains("ok      example"), "{tried}");
    repo.write("bad.toml", file("bad-key", "bad").replace("{hex:31}", "{hex:32}"));
    let tried = repo.gatepost(["rules", "test", "bad.toml"]).failed(&[1], &["FAILED", "1 failed"]).out;
    assert!(tried.contains("a counter-example (seed 0) has 1 secrets, not 0"), "{tried}");
}

#[test]
fn a_rule_too_large_to_use_is_never_silent() {
    let repo = Repo::new();
    let huge = inline("huge-key", "huge").replace("[0-9a-f]{32}\\b", "(?:[0-9a-f]{1,1000}-){1,1000}");
    repo.write("gatepost.toml", format!("schema = 1\n{huge}"));
    repo.write("a.txt", "huge_00\n");
    repo.commit_all("docs: say huge");
    repo.gatepost(["config", "check"]).failed(&[2], &["gatepost.toml:2:1", "huge-key", "memory"]);
    repo.gatepost(["scan", "a.txt"]).failed(&[3], &["huge-key", "config check"]);
    repo.gatepost(["scan", "--history"]).failed(&[3], &["huge-key"]);
    repo.write("a.txt", "nothing of the kind\n");
    repo.gatepost(["scan", "a.txt"]).ok();
}
