//! Reports in the hands of those who read them: Microsoft's SARIF validator with the rules of GitHub and of Azure DevOps, a
//! reader of `JUnit`, a reader of CSV, and a browser.

use crate::support::{ROOT, Repo, Run, leak, run, token};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the validator says of our reports on purpose: why each is left as it is.
const EXPECTED: [(&str, &str); 9] = [
    ("GHAzDO1019", "the publishing task of Azure DevOps adds the properties of the build"),
    ("GHAzDO1020", "and the id that begins with them; ours keeps ranges and histories apart on GitHub"),
    ("SARIF2002", "messages are told literally, since GitHub takes no others"),
    ("SARIF2003", "a repository without a remote is cloned from nowhere"),
    ("SARIF2006", "addresses cannot be reached in a test"),
    ("SARIF2009", "ids of rules are those of the policy"),
    ("SARIF2010", "a snippet would carry the secret"),
    ("SARIF2011", "and so would the lines around it"),
    ("SARIF2014", "a message without a variable part says the same of every place"),
];

fn tools() -> PathBuf {
    std::env::var_os("E2E_TOOLS").map_or_else(|| Path::new(ROOT).join("target/tools"), PathBuf::from)
}

/// A tool that must be there.
pub(crate) fn tool(path: &str, how: &str) -> PathBuf {
    let tool = tools().join(path);
    assert!(tool.exists(), "there is no {}: {how}, or set E2E_TOOLS", tool.display());
    tool
}

/// A repository with something of every kind: paths that are no plain names, several places, an exception, a message that
/// breaks the rules, and a secret that is gone.
fn repository() -> Repo {
    let repo = Repo::new();
    repo.write("README.md", "hello\n");
    repo.commit_all("docs: say hello");
    let (one, other) = (token(), token());
    repo.write("a b/\u{fc} [x].env", format!("# \u{1f600}\nk\u{fc}\u{1f600}y {}", leak(&one)));
    repo.write("second.env", leak(&one));
    repo.write("third.env", leak(&other));
    let allowed = format!(
        "{} # gatepost:allow github-pat reason=\"an example for the docs\"\n",
        leak(&token()).trim_end()
    );
    repo.write("fourth.env", allowed);
    repo.commit_all("Added secrets");
    repo.remove("third.env");
    repo.commit_all("fix: remove one");
    repo
}

fn write(repo: &Repo, arguments: &[&str], format: &str) -> (PathBuf, Run) {
    let file = repo.beside(&format!("report.{format}"));
    let run = repo.gatepost([arguments, &["-f", format, "-o", file.to_str().unwrap()]].concat());
    assert!([0, 1].contains(&run.code), "{}", run.said());
    (file, run)
}

/// What the validator says of a file: rule, level, and the arguments of the message.
fn validate(repo: &Repo, file: &Path) -> Vec<(String, String, String)> {
    let how = "npm install --prefix target/tools/reports @microsoft/sarif-multitool-linux@5";
    let program = tool("reports/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool", how);
    let said = repo.beside("validated.sarif");
    let mut command = Command::new(program);
    command.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1").arg("validate").arg(file);
    command.args([
        "--rule-kind",
        "Sarif;Ghas;Ado",
        "--level",
        "Error;Warning;Note",
        "--log",
        "ForceOverwrite",
    ]);
    // It ends with 0 whatever it found: what counts is what it wrote.
    run(command.arg("--output").arg(&said), b"").ok();
    let value: Value = serde_json::from_slice(&std::fs::read(said).unwrap()).unwrap();
    let results = value["runs"][0]["results"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("warning").to_owned();
    results.iter().map(|r| (text(&r["ruleId"]), text(&r["level"]), r["message"].to_string())).collect()
}

#[test]
fn the_validator_of_sarif_has_nothing_to_say_that_we_do_not_know() {
    let repo = repository();
    let cases: [&[&str]; 4] = [
        &["scan", "."],
        &["scan", "--history"],
        &["scan", "--range", "HEAD~2..HEAD"],
        &["run", "ci", "--from-ref", "HEAD~2", "--to-ref", "HEAD"],
    ];
    for arguments in cases {
        for format in ["sarif", "sarif-github"] {
            let (file, _) = write(&repo, arguments, format);
            let said = validate(&repo, &file);
            let unknown: Vec<_> =
                said.iter().filter(|(rule, ..)| !EXPECTED.iter().any(|(known, _)| known == rule)).collect();
            assert!(unknown.is_empty(), "{arguments:?} {format}: {unknown:#?}");
        }
    }
}

#[test]
fn the_validator_finds_what_is_wrong() {
    let repo = repository();
    let (file, _) = write(&repo, &["scan", "."], "sarif");
    let mut value: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    value["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"] = 0.into();
    std::fs::write(&file, value.to_string()).unwrap();
    let said = validate(&repo, &file);
    assert!(said.iter().any(|(rule, level, _)| rule == "JSON1008" && level == "error"), "{said:#?}");
}

#[test]
fn a_reader_of_junit_counts_what_we_count() {
    let repo = repository();
    let python =
        tool("bin/python", "python3 -m venv target/tools && target/tools/bin/pip install junitparser");
    let (file, _) = write(&repo, &["run", "ci", "--from-ref", "HEAD~2", "--to-ref", "HEAD"], "junit");
    let script = "import sys, junitparser, json\n\
        suites = junitparser.JUnitXml.fromfile(sys.argv[1])\n\
        cases = [(s.name, c.name, [type(r).__name__ for r in c.result]) for s in suites for c in s]\n\
        print(json.dumps([[suites.tests, suites.failures, suites.errors, suites.skipped], cases]))";
    let mut command = Command::new(python);
    let run = run(command.args(["-c", script]).arg(&file), b"").ok();
    let value: Value = serde_json::from_str(&run.out).unwrap();
    let cases = value[1].as_array().unwrap();
    let with = |kind: &str| cases.iter().filter(|case| case[2][0] == kind).count();
    assert_eq!(value[0], serde_json::json!([cases.len(), with("Failure"), with("Error"), with("Skipped")]));
    assert!(with("Failure") >= 3, "{cases:#?}");
    let names: Vec<&str> = cases.iter().map(|case| case[0].as_str().unwrap()).collect();
    assert!(names.contains(&"gatepost.message") && names.contains(&"gatepost.files"), "{names:?}");
}

#[test]
fn a_reader_of_csv_finds_every_place() {
    let repo = repository();
    let (file, _) = write(&repo, &["scan", "--history"], "csv");
    let script = "import csv, json, sys\nprint(json.dumps(list(csv.DictReader(open(sys.argv[1], newline='', encoding='utf-8')))))";
    let run = run(Command::new("python3").args(["-c", script]).arg(&file), b"").ok();
    let rows: Value = serde_json::from_str(&run.out).unwrap();
    let paths: Vec<&str> = rows.as_array().unwrap().iter().map(|row| row["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["a b/\u{fc} [x].env", "second.env", "third.env", "fourth.env"]);
    assert_eq!(rows[2]["in_tip"], "no");
    assert_eq!(rows[3]["status"], "inline");
}

#[test]
fn the_page_is_used_by_the_keyboard_in_a_browser() {
    let how = "npm install --prefix target/tools/reports puppeteer-core@24";
    let modules = tool("reports/node_modules/puppeteer-core", how);
    let browser = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(|name| {
        std::env::split_paths(&std::env::var_os("PATH")?)
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    });
    let browser = browser.unwrap_or_else(|| panic!("there is no browser: apt-get install chromium"));
    let repo = repository();
    let (file, _) = write(&repo, &["scan", "--history"], "html");
    let mut command = Command::new("node");
    command.arg(Path::new(ROOT).join("tests/e2e/page.mjs"));
    command.arg(modules.parent().unwrap().parent().unwrap()).arg(browser).arg(&file);
    let run = run(&mut command, b"").ok();
    let seen: Value = serde_json::from_str(&run.out).unwrap();
    let number = |key: &str| seen[key].as_i64().unwrap();
    // Two secrets stand, and one is suppressed, which is hidden at first.
    assert_eq!((number("all"), number("first"), number("cleared")), (3, 2, 2), "{seen:#}");
    assert_eq!((number("searched"), number("open"), number("unreached")), (1, 1, 0), "{seen:#}");
    assert_eq!((number("byRule"), number("withoutErrors"), number("overflow")), (2, 0, 0), "{seen:#}");
    assert!(seen["row"].as_str().unwrap().contains("a b/\u{fc} [x].env:2"), "{seen:#}");
    assert_eq!(seen["row"], seen["rowAgain"]);
    assert_eq!(seen["dark"], seen["darkByButton"]);
    assert_ne!(seen["dark"], seen["light"]);
    assert_eq!(seen["injected"], false);
    assert_eq!((&seen["asked"], &seen["errors"]), (&serde_json::json!([]), &serde_json::json!([])));
}
