//! Every error text as a snapshot with its line, the days around an end, and the findings about records.

use super::*;
use crate::policy::{Layer, Origin, Policy, PolicyError};
use crate::report::Suppression;
use crate::settle::tests::secret;
use crate::{Date, Level, Severity, Stage, Suppressed};

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn policy(text: &str) -> Policy {
    let origin = Origin::File("gatepost.toml".to_owned());
    Policy::load(&[Layer { origin, text: text.to_owned() }]).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

/// The errors of a policy on 2026-11-22, each with its line.
fn errors(text: &str) -> String {
    let severity = |rule: &str| match rule {
        "aws-root-key" => Some(Severity::Critical),
        "github-pat" => Some(Severity::High),
        "GP-MSG-001" => Some(Severity::Low),
        _ => None,
    };
    shown(&problems(&policy(text), &Facts { severity: &severity, today: day("2026-11-22") }))
}

fn shown(errors: &[PolicyError]) -> String {
    let lines = errors.iter().map(|error| {
        let line = error.source_line.as_deref().map_or(String::new(), |line| format!("\n    > {line}"));
        format!("{error}{line}\n")
    });
    lines.collect()
}

/// A record that is sound, with these lines in place of those of the same keys.
fn record(lines: &str) -> String {
    let sound = [
        "id = \"EX-2026-0007\"",
        "rule = \"github-pat\"",
        "path = \"docs/**\"",
        "status = \"test-credential\"",
        "reason = \"documented example key\"",
        "owner = \"@platform\"",
        "created = 2026-11-22",
        "expires = 2027-05-22",
    ];
    let key = |line: &str| line.split(' ').next().unwrap().to_owned();
    let replaced: Vec<String> = lines.lines().map(key).collect();
    let kept: Vec<&str> = sound.into_iter().filter(|line| !replaced.contains(&key(line))).collect();
    format!("\n[[exception]]\n{}\n{lines}\n", kept.join("\n"))
}

#[test]
fn a_record_that_is_sound() {
    assert_eq!(errors(&record("")), "");
    assert_eq!(errors(&record("approver = \"@security\"")), "");
    // Tomorrow here is today elsewhere.
    assert_eq!(errors(&record("created = 2026-11-23")), "");
    assert_eq!(errors(&record("created = 2026-11-22\nexpires = 2027-11-22")), "", "365 days");
    let rotated = "status = \"revoked\"\nrotated-on = 2026-11-20\nrotated-by = \"@ops\"\nlinks = [\"https://example.com/1\"]";
    assert_eq!(errors(&record(rotated)), "");
}

#[test]
fn approver_and_owner() {
    let same = record("approver = \" @Platform\"");
    insta::assert_snapshot!(errors(&same));
    assert_eq!(errors(&format!("exceptions.approver-must-differ = false\n{same}")), "");
}

#[test]
fn over_long() {
    let records = [
        record("id = \"EX-1\"\ncreated = 2026-11-22\nexpires = 2027-11-23"),
        record("id = \"EX-2\"\nstatus = \"fix-later\"\nexpires = 2026-12-23"),
        record("id = \"EX-3\"\nstatus = \"accepted-risk\"\nexpires = 2027-05-22"),
        record("id = \"EX-4\"\nexpires = 2026-11-21"),
        // Without a day of its making, its life is counted from today.
        record("id = \"EX-5\"\nexpires = 2999-01-01").replace("created = 2026-11-22\n", ""),
    ];
    insta::assert_snapshot!(errors(&records.concat()));
    let tight = "[exceptions]\nmax-days.test-credential = 90\nmax-days.fix-later = 60\n";
    insta::assert_snapshot!(
        "over_long_by_the_policy",
        errors(&format!(
            "{tight}{}{}",
            record(""),
            record("id = \"EX-2\"\nstatus = \"fix-later\"\nexpires = 2027-01-20")
        ))
    );
}

#[test]
fn days_that_cannot_be() {
    let rotated = "status = \"revoked\"\nrotated-on = 2026-11-24\nrotated-by = \"@ops\"\nlinks = [\"https://example.com/1\"]";
    let records = [
        record("id = \"EX-1\"\ncreated = 2026-11-24"),
        record(&format!("id = \"EX-2\"\n{rotated}")),
        record("id = \"EX-3\"\nreview = 2027-05-23"),
    ];
    insta::assert_snapshot!(errors(&records.concat()));
}

#[test]
fn a_record_that_can_never_match() {
    let pathless = |lines: &str| record(lines).replace("path = \"docs/**\"\n", "");
    let commit = format!("commit = \"{}\"", "a".repeat(40));
    let print = "fingerprint = \"gp1:abcdefghij234567\"";
    let records = [
        record("id = \"EX-1\"\nrule = \"GP-MSG-001\""),
        record("id = \"EX-2\"\nrule = \"header-too-long\"\npath = \"docs/**\"") + print + "\n",
        record("id = \"EX-3\"\nrule = \"GP-REF-001\""),
        pathless(&format!("id = \"EX-4\"\nrule = \"GP-REF-001\"\n{commit}")),
        record("id = \"EX-5\"\nrule = \"GP-MSG\"\non-request = true"),
    ];
    insta::assert_snapshot!(errors(&records.concat()));
    let fine = [
        pathless(&format!("id = \"EX-1\"\nrule = \"GP-MSG-001\"\n{commit}")),
        pathless(&format!("id = \"EX-2\"\nrule = \"GP-REF-001\"\n{print}")),
        // What weakens a gate stands in a file, and so do secrets, and files themselves.
        record("id = \"EX-3\"\nrule = \"GP-POL-001\""),
        record(&format!("id = \"EX-4\"\nrule = \"GP-FILE-001\"\n{commit}")),
        record(&format!("id = \"EX-5\"\nrule = \"github-pat\"\n{commit}")),
        record("id = \"EX-6\"\nrule = \"GP-POL\"\non-request = true"),
    ];
    assert_eq!(errors(&fine.concat()), "");
}

#[test]
fn a_path_for_everything_needs_something_narrower_beside_it() {
    let with = |lines: &str| errors(&record(&format!("path = \"**\"\n{lines}")));
    insta::assert_snapshot!(with(""));
    assert_eq!(with("fingerprint = \"gp1:abcdefghij234567\""), "");
    assert_eq!(with(&format!("commit = \"{}\"", "a".repeat(40))), "");
    assert_eq!(with("on-request = true"), "");
}

#[test]
fn an_id_that_was_used_before() {
    let text = format!(
        "exceptions.retired = [\"EX-2026-0007\", \"ex-2026-0041\", \"EX-2025-0100\"]\n{}",
        record("")
    );
    insta::assert_snapshot!(errors(&text));
    assert_eq!(next_id(&policy(""), day("2026-11-22")), "EX-2026-0001");
    assert_eq!(next_id(&policy(&text), day("2026-11-22")), "EX-2026-0042");
    assert_eq!(next_id(&policy(&text), day("2027-01-01")), "EX-2027-0001");
}

#[test]
fn retired_ids_of_all_layers_add_up() {
    let layer =
        |name: &str, text: &str| Layer { origin: Origin::File(name.to_owned()), text: text.to_owned() };
    let layers = [
        layer("org.toml", "final = [\"exceptions\"]\n[exceptions]\nretired = [\"EX-1\"]\n"),
        layer("gatepost.toml", "[exceptions]\nretired = [\"EX-2\", \"EX-1\"]\n"),
        layer("gatepost-exceptions.toml", "[exceptions]\nretired = [\"EX-3\"]\n"),
    ];
    let policy = Policy::load(&layers).unwrap();
    assert_eq!(Config::of(&policy).unwrap().retired, ["EX-1", "EX-2", "EX-3"]);
}

#[test]
fn what_every_record_must_have() {
    let every = "[exceptions]\nmin-reason = 30\nrequire = [\"fingerprint\", \"approver\", \"ticket\", \"created\", \"policy-ref\", \
                 \"scope\", \"risk\", \"compensating-controls\", \"review\", \"rollback\", \"links\"]\n";
    insta::assert_snapshot!(errors(&format!("{every}{}", record("").replace("created = 2026-11-22\n", ""))));
    let full = record(
        "fingerprint = \"gp1:abcdefghij234567\"\nreason = \"the documentation shows this very key\"\napprover = \"@security\"\n\
         ticket = \"SEC-1\"\npolicy-ref = \"SEC-7 section 3\"\nscope = \"this repository\"\nrisk = \"low: it opens nothing\"\n\
         compensating-controls = \"the account has no rights\"\nreview = 2027-02-22\nrollback = \"remove the page\"\n\
         links = [\"https://example.com/1\"]",
    );
    assert_eq!(errors(&format!("{every}{full}")), "");
}

const APPROVERS: &str = r#"
[exceptions.approvers]
critical = ["security"]
default = ["security", "@lead"]

[[exceptions.group]]
name = "security"
members = ["@alice", "bob@example.com"]
"#;

#[test]
fn approvers_by_severity() {
    let records = [
        record("id = \"EX-1\"\nrule = \"aws-root-key\""),
        record("id = \"EX-2\"\nrule = \"aws-root-key\"\napprover = \"@lead\""),
        record("id = \"EX-3\"\nrule = \"github-pat\"\napprover = \"@mallory\""),
    ];
    insta::assert_snapshot!(errors(&format!("{APPROVERS}{}", records.concat())));
    let fine = [
        record("id = \"EX-1\"\nrule = \"aws-root-key\"\napprover = \"@Alice\""),
        record("id = \"EX-2\"\nrule = \"github-pat\"\napprover = \"bob@example.com\""),
        record("id = \"EX-3\"\nrule = \"GP-MSG-001\"\napprover = \"@lead\"")
            .replace("path = \"docs/**\"", "fingerprint = \"gp1:abcdefghij234567\""),
    ];
    assert_eq!(errors(&format!("{APPROVERS}{}", fine.concat())), "");
}

#[test]
fn lists_of_approvers_that_nobody_is_in() {
    insta::assert_snapshot!(errors(
        r#"
[exceptions.approvers]
critical = ["sceurity"]

[[exceptions.group]]
name = "security"

[[exceptions.group]]
members = ["@alice"]

[[exceptions.group]]
name = "security"
members = ["@alice"]
"#
    ));
}

#[test]
fn a_gate_is_not_built_over_records_that_are_not_allowed() {
    let context = |policy| crate::check::Context {
        policy,
        stage: Stage::Ci,
        rules: crate::check::no_rules(),
        now: crate::Timestamp { seconds: 1_795_305_600, offset_minutes: 0 },
        fingerprint_key: None,
    };
    let sound = policy(&record(""));
    assert!(crate::Gate::new(&context(&sound)).is_ok());
    let wrong = policy(&record("expires = 2999-01-01"));
    let errors = crate::Gate::new(&context(&wrong)).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].source_line.as_deref(), Some("expires = 2999-01-01"));
}

#[test]
fn records_that_ended_or_are_for_nothing() {
    let text = [
        record("id = \"EX-1\"\nexpires = 2026-11-22"),
        record("id = \"EX-2\"\nexpires = 2026-11-23"),
        record("id = \"EX-3\"\nexpires = 2027-01-01"),
    ];
    let policy = policy(&text.concat());
    let unused = [policy.exceptions()[0].clone(), policy.exceptions()[2].clone()];
    let said = |today: &str| -> Vec<String> {
        let found = findings(&policy, &unused, day(today), Stage::Scan);
        found.iter().map(|f| format!("{} {} {}", f.code, f.level, f.message)).collect()
    };
    insta::assert_snapshot!(said("2026-11-23").join("\n"));
    // Through the end of its last day.
    assert!(!said("2026-11-22").join("").contains("ended"));
    let found = findings(&policy, &unused, day("2026-11-23"), Stage::Scan);
    let at = &found[0].locations[0];
    let excerpt = at.excerpt.as_ref().unwrap();
    assert_eq!(excerpt.text, "id = \"EX-1\"");
    assert_eq!(excerpt.text.get(excerpt.start..excerpt.end), Some("\"EX-1\""));
    assert_eq!((at.span.unwrap().line, at.span.unwrap().column), (9, 6));
}

#[test]
fn what_records_mean_is_up_to_the_policy() {
    let levels = "[exceptions]\nunused = \"deny\"\nexpired = { scan = \"off\", default = \"deny\" }\n";
    let policy = policy(&format!("{levels}{}", record("expires = 2026-11-23")));
    let level = |today: &str| -> Vec<Level> {
        let found = findings(&policy, policy.exceptions(), day(today), Stage::Scan);
        found.iter().map(|finding| finding.level).collect()
    };
    assert_eq!(level("2026-11-22"), [Level::Deny]);
    assert_eq!(level("2026-11-24"), []);
}

#[test]
fn an_end_that_is_near_is_spoken_of() {
    let policy = policy(&record("expires = 2026-12-06"));
    let by = Suppression::Exception(Box::new(policy.exceptions()[0].clone()));
    let suppressed = vec![
        Suppressed { finding: secret("github-pat", 1, &["docs/a"]), by: by.clone() },
        Suppressed { finding: secret("github-pat", 2, &["docs/b"]), by },
        Suppressed { finding: secret("github-pat", 3, &["c"]), by: Suppression::Baseline },
    ];
    let said = |today: &str| ending_soon(&policy, &suppressed, day(today));
    assert_eq!(said("2026-11-21"), [] as [&str; 0], "15 days");
    assert_eq!(said("2026-12-07"), [] as [&str; 0], "it is over");
    let days = ["2026-11-22", "2026-12-05", "2026-12-06"].map(|today| said(today).join("\n"));
    insta::assert_snapshot!(days.join("\n"));
}
