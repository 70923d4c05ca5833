//! `gatepost run ci`: a range, judged by the policy of the revision before it, which the range itself cannot weaken.

use crate::support::{GATEPOST, Repo, Run, leak, token};
use serde_json::Value;

const RULE: &str = "github-pat";

/// A repository with a good commit; that commit.
fn repository() -> (Repo, String) {
    let repo = Repo::new();
    repo.write("README.md", "hello\n");
    let base = repo.commit_all("docs: say hello");
    (repo, base)
}

fn ci(repo: &Repo, base: &str) -> Run {
    repo.gatepost(["run", "ci", "--from-ref", base, "--to-ref", "HEAD"])
}

/// The report of a run, which must be one by the published schema.
#[track_caller]
pub(crate) fn report(run: &Run) -> Value {
    let report: Value =
        serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.said()));
    let schema = std::path::Path::new(crate::support::ROOT).join("crates/report/schema/report-1.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    let errors: Vec<String> = jsonschema::draft202012::new(&schema)
        .unwrap()
        .iter_errors(&report)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, [] as [String; 0], "{report:#}");
    report
}

fn fingerprint(repo: &Repo, text: &str) -> String {
    let run = repo.run(GATEPOST, ["scan", "--stdin", "-f", "json"], repo.root(), text.as_bytes());
    report(&run)["findings"][0]["fingerprint"].as_str().unwrap().to_owned()
}

#[test]
fn a_good_range_and_a_bad_one() {
    let (repo, base) = repository();
    repo.write("a.txt", "a\n");
    repo.commit_all("feat: add a");
    let said = ci(&repo, &base).ok().said();
    assert!(said.contains("1 file, 1 commit, clean"), "{said}");
    let token = token();
    repo.write("app.env", leak(&token));
    let commit = repo.commit_all("feat: add settings");
    repo.remove("app.env");
    repo.commit_all("did some stuff");
    let run = ci(&repo, &base).failed(&[1], &[RULE, "app.env", &commit[..7], "GP-MSG-", "did some stuff"]);
    assert!(!run.said().contains(&token));
}

#[test]
fn a_range_cannot_weaken_the_policy_that_judges_it() {
    let (repo, _) = repository();
    repo.write("gatepost.toml", "schema = 1\n");
    let base = repo.commit_all("chore: a policy");
    let weaker = [
        "schema = 1\nenforce = false\n",
        "schema = 1\n\n[secrets]\nlevel = \"off\"\n",
        "schema = 1\n\n[secrets]\nexclude = [{ path = \"*.env\", reason = \"made for tests\" }]\n",
        "schema = 1\n\n[secrets]\nlevel = { ci = \"note\" }\n",
    ];
    for policy in weaker {
        repo.git(["reset", "-q", "--hard", &base]);
        repo.write("gatepost.toml", policy);
        repo.write("app.env", leak(&token()));
        repo.commit_all("feat: add settings");
        ci(&repo, &base).failed(&[1], &[RULE, "app.env"]);
        // From then on it is the policy.
        let next = repo.head();
        repo.write("more.env", leak(&token()));
        repo.commit_all("feat: add more");
        ci(&repo, &next).failed(&[0], &[]);
    }
    // Nor is what lies in the work tree asked.
    repo.git(["reset", "-q", "--hard", &base]);
    repo.write("app.env", leak(&token()));
    repo.commit_all("feat: add settings");
    repo.write("gatepost.toml", weaker[1]);
    ci(&repo, &base).failed(&[1], &[RULE]);
    // Nor the environment.
    let mut command = repo.command(GATEPOST, repo.root());
    command.env("GATEPOST_SECRETS_LEVEL", "off").args(["run", "ci", "--from-ref", &base]);
    let run = crate::support::run(&mut command, b"");
    assert!([1, 2].contains(&run.code), "{}", run.said());
}

#[test]
fn a_range_cannot_excuse_itself() {
    let (repo, _) = repository();
    repo.write("gatepost.toml", "schema = 1\n\n[secrets]\ntrust-inline = \"all\"\n");
    let base = repo.commit_all("chore: a policy");
    let token = token();
    let print = fingerprint(&repo, &leak(&token));
    let exception = format!(
        "schema = 1\n\n[[exception]]\nid = \"EX-1\"\nrule = \"{RULE}\"\nfingerprint = \"{print}\"\nstatus = \"false-positive\"\n\
         reason = \"an example\"\nowner = \"@me\"\napprover = \"@you\"\ncreated = 2000-01-01\nexpires = 2999-01-01\n"
    );
    let cases: [(&str, &dyn Fn()); 4] = [
        ("an exception", &|| {
            repo.write("app.env", leak(&token));
            repo.write("gatepost.toml", &exception);
        }),
        ("a baseline", &|| {
            repo.write("app.env", leak(&token));
            repo.write("gatepost-baseline.txt", format!("{print} {RULE}\n"));
        }),
        ("our comment", &|| {
            repo.write("app.env", format!("# gatepost:allow {RULE} reason=\"it is mine\"\n{}", leak(&token)));
        }),
        ("another tool's comment", &|| {
            repo.write("app.env", format!("{} # gitleaks:allow\n", leak(&token).trim_end()));
        }),
    ];
    for (what, write) in cases {
        repo.git(["reset", "-q", "--hard", &base]);
        write();
        repo.commit_all("feat: add settings");
        let run = ci(&repo, &base);
        assert_eq!(run.code, 1, "{what} was obeyed:\n{}", run.said());
    }
}

#[test]
fn a_baseline_of_the_base_is_obeyed() {
    let (repo, _) = repository();
    let token = token();
    repo.write("gatepost-baseline.txt", format!("{} {RULE}\n", fingerprint(&repo, &leak(&token))));
    let base = repo.commit_all("chore: a baseline");
    repo.write("old.env", leak(&token));
    repo.commit_all("feat: what everybody knows");
    let run = repo.gatepost(["run", "ci", "--from-ref", &base, "-f", "json"]).ok();
    assert_eq!(report(&run)["suppressed"][0]["by"]["kind"], "baseline", "{}", run.out);
}

#[test]
fn the_content_that_only_a_merge_has() {
    let (repo, base) = repository();
    repo.git(["checkout", "-q", "-b", "side"]);
    repo.write("side.txt", "side\n");
    repo.commit_all("feat: side");
    repo.git(["checkout", "-q", "main"]);
    repo.write("main.txt", "main\n");
    let before = repo.commit_all("feat: main");
    repo.git(["merge", "-q", "--no-ff", "--no-commit", "side"]);
    repo.write("evil.env", leak(&token()));
    let merge = repo.commit_all("Merge branch 'side'");
    ci(&repo, &base).failed(&[1], &[RULE, "evil.env", &merge[..7]]);
    ci(&repo, &before).failed(&[1], &[RULE, "evil.env", &merge[..7]]);
}

#[test]
fn a_base_that_is_not_named_or_not_there() {
    let (repo, base) = repository();
    repo.gatepost(["run", "ci"]).failed(&[2], &["base of the range", "--from-ref", "PRE_COMMIT_FROM_REF"]);
    // As a hook manager names it.
    let mut command = repo.command(GATEPOST, repo.root());
    command.env("PRE_COMMIT_FROM_REF", &base).env("PRE_COMMIT_TO_REF", "HEAD").args(["run", "ci"]);
    crate::support::run(&mut command, b"").failed(&[0], &["nothing"]);
}

#[test]
fn an_empty_range_is_said() {
    let (repo, base) = repository();
    ci(&repo, &base).failed(&[0], &["0 commits in", "nothing"]);
}

#[test]
fn a_shallow_clone_that_hides_the_base() {
    let (repo, base) = repository();
    for text in ["one", "two", "three"] {
        repo.write("a.txt", text);
        repo.commit_all("feat: text");
    }
    let clone = repo.beside("shallow");
    let url = format!("file://{}", repo.root().display());
    repo.git(["clone", "-q", "--depth", "2", &url, clone.to_str().unwrap()]);
    let ci = |base: &str| repo.run(GATEPOST, ["run", "ci", "--from-ref", base], &clone, b"");
    ci(&base).failed(&[3], &["shallow", "git fetch --unshallow"]);
    // What is asked for lies within the clone: the edge has no say.
    ci("HEAD~1").failed(&[0], &["1 commit"]);
    // The base is here as a commit of its own, and what lies between is not.
    repo.run("git", ["fetch", "-q", "--depth", "1", "origin", &base], &clone, b"").ok();
    ci(&base).failed(&[3], &["shallow", "git fetch --unshallow"]);
}

#[test]
fn a_range_that_is_scanned() {
    let (repo, base) = repository();
    repo.write("app.env", leak(&token()));
    let commit = repo.commit_all("did some stuff");
    // Secrets only: a scan has no opinion on messages.
    let run = repo.gatepost(["scan", "--range", &format!("{base}..HEAD"), "-f", "json"]).failed(&[1], &[]);
    let report = report(&run);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{report:#}");
    let place = &report["findings"][0]["locations"][0];
    assert_eq!((place["path"].as_str(), place["commit"].as_str()), (Some("app.env"), Some(commit.as_str())));
    assert_eq!(place["author"], "A U Thor <author@example.com>");
    for bad in ["HEAD", "a...b"] {
        repo.gatepost(["scan", "--range", bad]).failed(&[2], &["A..B"]);
    }
}
