//! SARIF against its schema, and against what the readers say beside it.

use super::*;
use crate::testing;
use gatepost_core::report::{About, Claim, Reach};
use gatepost_core::{Finding, Location, RepoPath, SkipReason, Span};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = include_str!("../../schema/third-party/sarif-2.1.0.json");
    let mut schema: Value = serde_json::from_str(schema).unwrap();
    // A stray bracket makes it a pattern of no language; we write no `language`.
    for of in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][of]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
});

fn write(reporter: &dyn Reporter, report: &Report) -> Value {
    let mut out = Vec::new();
    reporter.write(report, &Options::default(), &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn sarif(report: &Report) -> Value {
    let value = write(&Sarif, report);
    if let Err(error) = holds(&value) {
        panic!("{error}\n{value:#}");
    }
    value
}

/// What the schema says, and what GitHub and GitLab refuse or drop beyond it.
fn holds(value: &Value) -> Result<(), String> {
    let errors: Vec<String> =
        VALIDATOR.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    if !errors.is_empty() {
        return Err(format!("{errors:#?}"));
    }
    for run in value["runs"].as_array().unwrap() {
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for rule in rules {
            for key in ["shortDescription", "fullDescription", "help"] {
                let text = rule[key]["text"].as_str().unwrap_or_default();
                if text.is_empty() || text.encode_utf16().count() > LONGEST {
                    return Err(format!("{key} has {} characters", text.len()));
                }
            }
            let tags = rule["properties"]["tags"].as_array().unwrap();
            if tags.len() > 10 || rule["name"].as_str().unwrap().encode_utf16().count() > 255 {
                return Err(format!("{rule:#}"));
            }
        }
        let results = run["results"].as_array().unwrap();
        if results.len() > MOST {
            return Err(format!("{} results", results.len()));
        }
        for result in results {
            let text = result["message"]["text"].as_str().unwrap_or_default();
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            let place = &result["locations"][0]["physicalLocation"];
            let region = &place["region"];
            let number = |key: &str| region[key].as_u64().unwrap_or(0);
            let ordered =
                (number("startLine"), number("startColumn")) <= (number("endLine"), number("endColumn"));
            let good = !text.is_empty()
                && text.encode_utf16().count() <= LONGEST
                && rules[index]["id"] == result["ruleId"]
                && result["locations"].as_array().unwrap().len() == 1
                && number("startLine") > 0
                && number("startColumn") > 0
                && ordered
                && region.get("snippet").is_none()
                && place.get("contextRegion").is_none()
                && place["artifactLocation"]["uri"].as_str().is_some_and(|uri| !uri.is_empty())
                && result["partialFingerprints"]["primaryLocationLineHash"].is_string();
            if !good {
                return Err(format!("{result:#}"));
            }
        }
    }
    Ok(())
}

#[test]
fn reports_of_every_kind_hold() {
    for report in [testing::empty(), testing::full(), testing::shard()] {
        for reporter in [&Sarif as &dyn Reporter, &SarifGithub] {
            holds(&write(reporter, &report)).unwrap();
        }
    }
}

proptest! {
    #[test]
    fn any_report_holds(report in testing::any_report()) {
        prop_assert_eq!(holds(&write(&Sarif, &report)), Ok(()));
    }
}

#[test]
fn a_schema_that_refuses_nothing_would_prove_nothing() {
    let good = sarif(&testing::full());
    type Break = fn(&mut Value);
    let breaks: [Break; 5] = [
        |v| v["runs"][0]["results"][0]["level"] = json!("fatal"),
        |v| v["runs"][0]["results"][0]["suppressions"] = json!([{ "kind": "inSource", "status": "ok" }]),
        |v| {
            v["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"] =
                json!(0);
        },
        |v| drop(v["runs"][0]["tool"]["driver"].as_object_mut().unwrap().remove("name")),
        |v| v["runs"][0]["columnKind"] = json!("bytes"),
    ];
    for break_it in breaks {
        let mut bad = good.clone();
        break_it(&mut bad);
        assert!(holds(&bad).is_err(), "{bad:#}");
    }
}

#[test]
fn a_secret_is_told_as_the_readers_want_it() {
    let mut report = testing::empty();
    report.findings.push(testing::one_secret());
    let run = &sarif(&report)["runs"][0];
    let rule = &run["tool"]["driver"]["rules"][0];
    assert_eq!((&rule["id"], &rule["name"]), (&json!("github-pat"), &json!("GithubPat")));
    assert_eq!(rule["properties"]["security-severity"], "9.5");
    assert_eq!(rule["properties"]["tags"], json!(["security", "secret", "cwe-798"]));
    assert_eq!(rule["relationships"][0]["target"]["id"], "798");
    assert_eq!(run["taxonomies"][0]["name"], "CWE");
    let result = &run["results"][0];
    assert_eq!(result["level"], "error");
    assert_eq!(
        result["message"]["text"],
        "valid checksum: a real token (ghp_********)\n\
         Anybody who has it can read and write your repositories.\n\
         Fix: Revoke it at https://example.com/tokens.\nFix: git commit --amend"
    );
    assert_eq!(
        result["locations"][0]["physicalLocation"],
        json!({
            "artifactLocation": { "uri": "config/prod.env", "uriBaseId": "%SRCROOT%" },
            "region": { "startLine": 12, "startColumn": 17, "endLine": 12, "endColumn": 61 },
        })
    );
    assert_eq!(result["partialFingerprints"]["gatepost/v1"], report.findings[0].fingerprint.as_str());
    assert_eq!(run["columnKind"], "utf16CodeUnits");
}

#[test]
fn columns_are_utf16_code_units() {
    let mut report = testing::empty();
    report.findings.push(testing::one_secret());
    report.findings[0].locations[0].span = Some(Span {
        line: 2,
        column: 9,
        character: 4,
        utf16: 5,
        end_line: 2,
        end_column: 20,
        end_character: 15,
        end_utf16: 16,
        ..Span::default()
    });
    let region = &sarif(&report)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startColumn"], &region["endColumn"]), (&json!(5), &json!(16)));
}

#[test]
fn the_hash_of_the_line_is_taken_where_it_is_known() {
    let mut report = testing::empty();
    report.findings = vec![testing::one_secret(), testing::message_error()];
    report.about.lines = [((RepoPath::from("config/prod.env"), 12), "abc:1".to_owned())].into();
    let run = &sarif(&report)["runs"][0];
    let hash = |n: usize| &run["results"][n]["partialFingerprints"]["primaryLocationLineHash"];
    assert_eq!(hash(0), "abc:1");
    assert_eq!(hash(1), report.findings[1].fingerprint.as_str());
}

#[test]
fn nothing_that_changes_with_a_commit_is_in_a_path_or_a_rule() {
    let mut report = testing::full();
    let mut nowhere = testing::one_secret();
    nowhere.locations = vec![Location {
        subject: Some(format!("blob {}", testing::id('5'))),
        commit: Some(testing::id('6')),
        ..Location::default()
    }];
    report.findings.push(nowhere);
    let value = sarif(&report);
    let mut uris = BTreeSet::new();
    for result in value["runs"][0]["results"].as_array().unwrap() {
        uris.insert(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap());
    }
    assert_eq!(
        uris.into_iter().collect::<Vec<_>>(),
        [".git/commit-message", ".git/object", "config/prod.env", "dir/1.env", "notes/a.yml"]
    );
}

#[test]
fn what_is_no_plain_path_is_escaped() {
    let uri = |bytes: &[u8]| result::uri(&RepoPath::new(bytes));
    assert_eq!(uri(b"a b/c:d%[\xff\n.txt"), "a%20b/c%3Ad%25%5B%FF%0A.txt");
    assert_eq!(uri("\u{fc}".as_bytes()), "%C3%BC");
    assert_eq!(uri(b"//host/x"), "host/x");
    assert_eq!(uri(b""), ".");
}

#[test]
fn suppressions_say_who_and_why_and_github_gets_none() {
    let report = testing::full();
    let value = sarif(&report);
    let results = value["runs"][0]["results"].as_array().unwrap();
    let suppressions: Vec<&Value> = results.iter().filter_map(|result| result.get("suppressions")).collect();
    assert_eq!(suppressions.len(), report.suppressed.len());
    assert_eq!(
        suppressions[0][0],
        json!({
            "kind": "external",
            "status": "accepted",
            "justification": "made for the docs",
            "properties": {
                "by": "exception", "id": "EX-2026-0007", "status": "test-credential",
                "owner": "@platform", "approver": "@platform", "expires": "2027-05-22",
            },
        })
    );
    assert_eq!(suppressions[5][0]["kind"], "inSource");
    let github = write(&SarifGithub, &report);
    assert!(!github.to_string().contains("\"suppressions\""));
    assert_eq!(github["runs"][0]["results"].as_array().unwrap().len(), report.findings.len());
    assert_eq!(github["runs"][0]["properties"]["suppressed"], report.suppressed.len());
}

#[test]
fn an_exception_that_does_not_count_is_told_and_suppresses_nothing() {
    let mut report = testing::empty();
    report.findings.push(testing::one_secret());
    for (claim, status) in [(Claim::Pending, "underReview"), (Claim::Ended, "rejected")] {
        let exception = testing::exception("EX-1", "made for the docs");
        report.about.claims = [(report.findings[0].fingerprint.clone(), (claim, exception))].into();
        let value = sarif(&report);
        let suppressions = &value["runs"][0]["results"][0]["suppressions"];
        assert_eq!(
            (&suppressions[0]["status"], &suppressions[0]["properties"]["id"]),
            (&json!(status), &json!("EX-1"))
        );
        assert!(!write(&SarifGithub, &report).to_string().contains("\"suppressions\""));
    }
}

#[test]
fn where_it_comes_from_is_told_where_that_is_known() {
    let mut report = testing::empty();
    assert!(sarif(&report)["runs"][0].get("versionControlProvenance").is_none());
    report.about.repository = Some("https://example.com/a/b.git".to_owned());
    report.about.revision = Some(testing::id('9'));
    let told = &sarif(&report)["runs"][0]["versionControlProvenance"][0];
    assert_eq!(told["repositoryUri"], "https://example.com/a/b.git");
    assert_eq!(told["revisionId"], "9".repeat(40));
}

#[test]
fn an_incomplete_run_did_not_succeed() {
    let invocation = |report: &Report| sarif(report)["runs"][0]["invocations"][0].clone();
    let clean = invocation(&testing::empty());
    assert_eq!(clean["executionSuccessful"], true);
    assert_eq!(clean["startTimeUtc"], "2026-11-03T00:00:00Z");
    let mut report = testing::empty();
    report.coverage.skip(SkipReason::Missing);
    let skipped = invocation(&report);
    assert_eq!(skipped["executionSuccessful"], false);
    assert_eq!(skipped["toolExecutionNotifications"][0]["level"], "error");
    let full = invocation(&testing::full());
    let said = full["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
    assert!(said.ends_with("is missing (src/a.rs): git fetch --refetch"), "{said}");
}

#[test]
fn ranges_and_histories_are_kept_apart() {
    let id = |reach| {
        let about = About { reach, ..About::default() };
        sarif(&Report { about, ..testing::empty() })["runs"][0]["automationDetails"]["id"].clone()
    };
    assert_eq!(id(Reach::Range), "gatepost/range/");
    assert_eq!(id(Reach::History), "gatepost/history/");
    assert_eq!(
        sarif(&testing::shard())["runs"][0]["automationDetails"]["id"],
        "gatepost/files/shard-3-of-16/"
    );
}

#[test]
fn beyond_the_limits_the_worst_come_first_and_it_is_said() {
    let many = |count: usize| {
        let mut report = testing::empty();
        let noted = || Finding { level: gatepost_core::Level::Note, ..testing::message_error() };
        report.findings = std::iter::repeat_with(noted).take(count - 1).collect();
        report.findings.push(testing::one_secret());
        write(&Sarif, &report)
    };
    let value = many(KEPT + 1);
    assert_eq!(value["runs"].as_array().unwrap().len(), 1);
    assert_eq!(value["runs"][0]["results"][0]["ruleId"], "github-pat");
    assert_eq!(value["runs"][0]["results"].as_array().unwrap().len(), KEPT + 1);
    let said = value["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].clone();
    assert!(said.as_str().unwrap().starts_with("5001 results, the worst first"), "{said}");
    let value = many(MOST + 1);
    assert_eq!(value["runs"][1]["results"].as_array().unwrap().len(), 1);
    assert_eq!(value["runs"][1]["automationDetails"]["id"], "gatepost/files/part-2/");
}

#[test]
fn a_text_cannot_make_links() {
    let mut report = testing::empty();
    let mut finding = testing::one_secret();
    finding.message = "see [here](https://evil.example)".to_owned();
    let other = testing::at("a]b[c.env", 4, "x", &testing::token(), "");
    finding.locations.push(other);
    report.findings.push(finding);
    let result = &sarif(&report)["runs"][0]["results"][0];
    let text = result["message"]["text"].as_str().unwrap();
    assert!(text.starts_with("see \\[here\\](https://evil.example)"), "{text}");
    assert!(text.ends_with("Also at [a\\]b\\[c.env:4:2](1)."), "{text}");
    assert_eq!(result["relatedLocations"][0]["id"], 1);
}
