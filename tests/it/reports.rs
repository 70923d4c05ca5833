//! Reports for other tools, written by the real binary.

use crate::support::{GATEPOST, Repo, leak, run, token};
use serde_json::Value;
use std::path::Path;

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A SARIF report of a command that ends with 1.
fn sarif(repo: &Repo, arguments: &[&str]) -> Value {
    let file = repo.beside("report.sarif");
    let name = file.to_str().unwrap();
    let run = repo.gatepost([arguments, &["-f", "sarif", "-o", name]].concat());
    assert_eq!(run.code, 1, "{}", run.said());
    json(&file)
}

fn line_hashes(value: &Value) -> Vec<&str> {
    let results = value["runs"][0]["results"].as_array().unwrap();
    results
        .iter()
        .map(|result| result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap())
        .collect()
}

#[test]
fn sarif_knows_lines_that_are_checked_out_and_columns_in_utf16() {
    let repo = Repo::new();
    repo.write("a.env", format!("# \u{1f600}\n\u{fc}\u{1f600} {}", leak(&token())));
    repo.commit_all("feat: add it");
    let value = sarif(&repo, &["scan", "."]);
    let run = &value["runs"][0];
    assert_eq!(run["properties"]["revision"], repo.head());
    let region = &run["results"][0]["locations"][0]["physicalLocation"]["region"];
    // Three code units and a blank before `github_token = "`.
    assert_eq!((region["startLine"].as_u64(), region["startColumn"].as_u64()), (Some(2), Some(21)));
    let hashes = line_hashes(&value);
    assert!(hashes[0].ends_with(":1") && !hashes[0].starts_with("gp1:"), "{hashes:?}");

    let history = sarif(&repo, &["scan", "--history"]);
    assert_eq!(line_hashes(&history), hashes);
    let id = |value: &Value| value["runs"][0]["automationDetails"]["id"].as_str().unwrap().to_owned();
    assert_eq!((id(&value), id(&history)), ("gatepost/files/".to_owned(), "gatepost/history/".to_owned()));
}

#[test]
fn sarif_knows_what_is_gone_by_its_own_fingerprint() {
    let repo = Repo::new();
    repo.write("README.md", "hello\n");
    let base = repo.commit_all("docs: say hello");
    repo.write("a.env", leak(&token()));
    let added = repo.commit_all("feat: add it");
    repo.write("a.env", "nothing here\n");
    repo.commit_all("fix: remove it");
    let history = sarif(&repo, &["scan", "--history"]);
    let result = &history["runs"][0]["results"][0];
    assert_eq!(line_hashes(&history), [result["partialFingerprints"]["gatepost/v1"].as_str().unwrap()]);
    let text = history.to_string();
    assert!(!text.contains('@') && !text.contains("add it"), "{text}");
    let range = sarif(&repo, &["scan", "--range", &format!("{base}..{added}")]);
    assert_eq!(range["runs"][0]["automationDetails"]["id"], "gatepost/range/");
    assert_eq!(line_hashes(&range), line_hashes(&history));
}

#[test]
fn several_reports_are_written_at_once_and_none_is_ever_half_there() {
    let repo = Repo::new();
    repo.write("a.env", leak(&token()));
    let (one, other) = (repo.beside("one.sarif"), repo.beside("other.json"));
    let names = [one.to_str().unwrap(), other.to_str().unwrap()];
    let run = repo
        .gatepost(["scan", ".", "-f", "sarif", "-o", names[0], "-f", "json", "-o", names[1], "-f", "human"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("a.env") && json(&one)["version"] == "2.1.0");
    assert_eq!(json(&other)["schema"], "gatepost.report/1");
    let left: Vec<_> =
        std::fs::read_dir(one.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".tmp")), "{left:?}");
}

#[test]
fn what_a_commit_says_is_no_command_to_a_ci_system() {
    let repo = Repo::new();
    repo.write("a ##vso[task.setvariable variable=PATH]x.env", leak(&token()));
    let run = repo.gatepost(["scan", "."]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("# #vso[task.setvariable") && !run.out.contains("##vso["), "{}", run.out);
}

#[test]
fn a_file_is_for_the_format_before_it() {
    let repo = Repo::new();
    repo.write("a.env", leak(&token()));
    let file = repo.beside("report");
    let name = file.to_str().unwrap();
    let run = repo.gatepost(["-C", ".", "scan", "-f", "human", "-f", "sarif", "-o", name, "."]);
    assert!(run.out.contains("a.env:1:17"), "{}", run.said());
    assert_eq!(json(&file)["version"], "2.1.0");
    repo.gatepost(["-f", "json", "-o", name, "scan", ".", "-q"]);
    assert_eq!(json(&file)["schema"], "gatepost.report/1");
    repo.gatepost(["scan", ".", "-o", name, "-f", "json", "-o", "other"]).failed(&[2], &["2 -o for 1 -f"]);
}

#[test]
fn on_github_the_summary_of_the_job_gets_the_report_and_keeps_what_it_had() {
    let repo = Repo::new();
    repo.write("a.env", leak(&token()));
    let summary = repo.beside("summary.md");
    std::fs::write(&summary, "before\n").unwrap();
    let scan = || {
        let mut command = repo.command(GATEPOST, repo.root());
        command.args(["scan", ".", "-f", "github"]).env("GITHUB_STEP_SUMMARY", &summary);
        run(&mut command, b"")
    };
    let said = scan();
    assert_eq!(said.code, 1, "{}", said.said());
    assert!(said.out.starts_with("::error file=a.env,line=1,"), "{}", said.out);
    let text = std::fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("before\n## ") && text.contains("`a.env:1:17`"), "{text}");

    // Above the limit GitHub shows nothing at all: a line takes the place of the report.
    std::fs::write(&summary, "x".repeat(1000 * 1024)).unwrap();
    assert_eq!(scan().code, 1);
    let text = std::fs::read_to_string(&summary).unwrap();
    assert!(text.ends_with("the log has the report\n") && text.len() < 1024 * 1024);

    std::fs::remove_file(&summary).unwrap();
    std::fs::create_dir(&summary).unwrap();
    scan().failed(&[2], &["GITHUB_STEP_SUMMARY", "cannot write"]);
}

#[test]
fn every_format_is_written_and_none_shows_the_secret() {
    let repo = Repo::new();
    let secret = token();
    repo.write(format!("{secret}.env"), leak(&secret));
    repo.write("=1+1,\"<b>.env", leak(&secret));
    repo.commit_all("feat: add it");
    let known = repo.gatepost(["scan", "-f", "no-such-format"]).refused(&["formats: human, json"]);
    let list = known.said();
    let formats = list.split("formats: ").nth(1).unwrap().lines().next().unwrap().split(", ");
    for format in formats {
        for arguments in [["scan", "."], ["scan", "--history"]] {
            let run = repo.gatepost([&arguments[..], &["-f", format]].concat());
            assert_eq!(run.code, 1, "{format}: {}", run.said());
            let plain = run.out.replace('\\', "");
            assert!(plain.contains("ghp_********"), "{format}: {}", run.out);
            assert!(!run.said().contains(&secret[8..]), "{format}: {}", run.said());
        }
    }
}
