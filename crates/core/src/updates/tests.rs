//! What the moments of freezes and windows mean. Rules about what arrives are tested by real pushes.

use crate::change::Push;
use crate::check::{Check, Context};
use crate::history::{History, Unanswered};
use crate::policy::{Layer, Origin, Policy, PolicyError};
use crate::sink::Collected;
use crate::{
    Change, Commit, Level, ObjectId, RefName, RefUpdate, RepoPath, Signature, Stage, Tag, Timestamp,
    TreeEntry,
};
use std::sync::Arc;

/// A repository that nobody may ask.
struct Silent;

impl History for Silent {
    fn commit(&self, _: &ObjectId) -> Result<Option<Arc<Commit>>, Unanswered> {
        unreachable!()
    }
    fn tag(&self, _: &ObjectId) -> Result<Option<Tag>, Unanswered> {
        unreachable!()
    }
    fn commits(&self, _: &[ObjectId], _: &[ObjectId]) -> Result<Vec<ObjectId>, Unanswered> {
        unreachable!()
    }
    fn merge_bases(&self, _: &ObjectId, _: &ObjectId) -> Result<Vec<ObjectId>, Unanswered> {
        unreachable!()
    }
    fn changes(&self, _: &ObjectId) -> Result<Vec<Change>, Unanswered> {
        unreachable!()
    }
    fn changes_between(&self, _: &ObjectId, _: &ObjectId) -> Result<Vec<Change>, Unanswered> {
        unreachable!()
    }
    fn entry(&self, _: &ObjectId, _: &RepoPath) -> Result<Option<TreeEntry>, Unanswered> {
        unreachable!()
    }
    fn files(&self, _: &ObjectId) -> Result<Vec<(RepoPath, TreeEntry)>, Unanswered> {
        unreachable!()
    }
    fn blob_size(&self, _: &ObjectId) -> Result<u64, Unanswered> {
        unreachable!()
    }
    fn blob(&self, _: &ObjectId, _: u64) -> Result<Option<Vec<u8>>, Unanswered> {
        unreachable!()
    }
    fn signatures(&self, _: &[ObjectId]) -> Result<Vec<Signature>, Unanswered> {
        unreachable!()
    }
}

fn build(text: &str, stage: Stage, now: &str) -> Result<Vec<Box<dyn Check>>, PolicyError> {
    let layer = Layer { origin: Origin::File("gatepost.toml".to_owned()), text: text.to_owned() };
    let policy = Policy::load(&[layer]).map_err(|errors| errors[0].clone())?;
    let context = Context {
        policy: &policy,
        stage,
        rules: crate::check::no_rules(),
        now: Timestamp::parse_rfc3339(now).unwrap(),
        fingerprint_key: None,
    };
    [&super::FREEZE, &super::WINDOW].into_iter().map(|info| (info.build)(&context)).collect()
}

/// What a push of `main` at a moment finds: codes and levels.
fn at(text: &str, stage: Stage, now: &str) -> Vec<(String, Level, String)> {
    let mut found = Collected::default();
    let id = ObjectId::from_bytes(&[1; 20]);
    let updates = [RefUpdate { name: RefName::from("refs/heads/main"), old: id, new: id }];
    let push = Push {
        stage,
        updates: &updates,
        moving: &updates,
        refs: &[],
        tags_here: &[],
        commits: &[],
        pusher: None,
        history: &Silent,
    };
    for check in build(text, stage, now).unwrap() {
        check.push(&push, &mut found);
    }
    let findings = found.findings.into_iter();
    findings.map(|finding| (finding.code.to_string(), finding.level, finding.message)).collect()
}

const FREEZE: &str = r#"
    [[freeze]]
    match = ["refs/heads/main"]
    from = 2026-12-18
    to = 2027-01-03
    approver = "the release manager"
    scope = "the year's end"
    exit-criteria = "the support team is back"
"#;

#[test]
fn a_freeze_holds_from_its_first_second_through_its_last() {
    for (now, frozen) in [
        ("2026-12-17T23:59:59Z", false),
        ("2026-12-18T00:00:00Z", true),
        ("2027-01-03T23:59:59Z", true),
        ("2027-01-04T00:00:00Z", false),
    ] {
        let found = at(FREEZE, Stage::PreReceive, now);
        assert_eq!(!found.is_empty(), frozen, "{now}: {found:?}");
    }
    let found = at(FREEZE, Stage::PreReceive, "2026-12-20T12:00:00Z");
    let message = "the branch main is frozen from 2026-12-18 to 2027-01-03: the year's end";
    assert_eq!(found, [("GP-REF-060".to_owned(), Level::Deny, message.to_owned())]);
    // Elsewhere than on the server it is a warning.
    for stage in [Stage::PrePush, Stage::Ci] {
        assert_eq!(at(FREEZE, stage, "2026-12-20T12:00:00Z")[0].1, Level::Warn);
    }
    let instants = FREEZE
        .replace("2026-12-18\n", "2026-12-18T18:00:00+01:00\n")
        .replace("2027-01-03\n", "\"2027-01-03T06:00:00Z\"\n");
    for (now, frozen) in [
        ("2026-12-18T16:59:59Z", false),
        ("2026-12-18T17:00:00Z", true),
        ("2027-01-03T05:59:59Z", true),
        ("2027-01-03T06:00:00Z", false),
    ] {
        assert_eq!(!at(&instants, Stage::PreReceive, now).is_empty(), frozen, "{now}");
    }
}

#[test]
fn a_window_is_open_at_its_hours_by_the_clock_of_its_zone() {
    let window = r#"
        [[window]]
        match = ["refs/heads/main"]
        days = ["mon", "tue", "wed", "thu"]
        from = "09:00"
        to = "16:00"
        time-zone = "Europe/Berlin"
    "#;
    // 2026-11-30 is a Monday; in July the clocks of Berlin are two hours ahead of UTC, in November one.
    for (now, open) in [
        ("2026-11-30T07:59:59Z", false),
        ("2026-11-30T08:00:00Z", true),
        ("2026-11-30T14:59:59Z", true),
        ("2026-11-30T15:00:00Z", false),
        ("2026-07-06T07:00:00Z", true),
        ("2026-07-06T14:00:00Z", false),
        ("2026-12-04T10:00:00Z", false),
    ] {
        let found = at(window, Stage::PreReceive, now);
        assert_eq!(found.is_empty(), open, "{now}: {found:?}");
    }
    let night =
        "[[window]]\nmatch = [\"refs/heads/main\"]\ndays = [\"fri\"]\nfrom = \"22:00\"\nto = \"02:00\"\n";
    for (now, open) in [
        ("2026-12-04T21:59:00Z", false),
        ("2026-12-04T23:00:00Z", true),
        ("2026-12-05T01:59:00Z", true),
        ("2026-12-05T02:00:00Z", false),
        ("2026-12-04T01:00:00Z", false),
    ] {
        assert_eq!(at(night, Stage::PreReceive, now).is_empty(), open, "{now}");
    }
    // Of several windows one is enough.
    let both = format!("{window}{night}");
    assert!(at(&both, Stage::PreReceive, "2026-12-04T23:00:00Z").is_empty());
    assert_eq!(at(&both, Stage::PreReceive, "2026-12-06T12:00:00Z").len(), 1);
    assert!(at(&night.replace("main", "release/*"), Stage::PreReceive, "2026-12-06T12:00:00Z").is_empty());
}

#[test]
fn what_can_never_hold_is_an_error_of_the_policy() {
    let window = |rest: &str| format!("[[window]]\nmatch = [\"refs/heads/main\"]\n{rest}\n");
    for (text, word) in [
        (FREEZE.replace("2027-01-03", "2026-12-01"), "it ends (2026-12-01) before it begins"),
        (FREEZE.replace("the release manager", " "), "`approver` is empty"),
        (FREEZE.replace("approver", "# approver"), "approver"),
        (FREEZE.replace("2026-12-18\n", "\"soon\"\n"), "found \"soon\""),
        (FREEZE.replace("2026-12-18\n", "2026-12-18T18:00:00\n"), "a day or an instant"),
        (window("days = [\"mon\"]\nfrom = \"9\"\nto = \"10:00\""), "`from` is no time of day"),
        (window("days = []\nfrom = \"09:00\"\nto = \"10:00\""), "it never opens"),
        (window("days = [\"mon\"]\nfrom = \"09:00\"\nto = \"09:00\""), "it never opens"),
        (
            window("days = [\"mon\"]\nfrom = \"09:00\"\nto = \"10:00\"\ntime-zone = \"Mars\""),
            "`time-zone` is not known",
        ),
    ] {
        let error = build(&text, Stage::PreReceive, "2026-12-20T12:00:00Z").unwrap_err();
        assert!(error.to_string().contains(word), "{error}\n{text}");
    }
}
