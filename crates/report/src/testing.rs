//! Reports for tests. Tokens are built when the tests run; none stands in the source.

use gatepost_core::decision::DecisionOutcome;
use gatepost_core::exception::{Details, ExceptionStatus};
use gatepost_core::fingerprint::FingerprintKey;
use gatepost_core::report::{About, ShardPart, Suppression};
use gatepost_core::statistics::{HistoryStatistics, KindStatistics, ScannerStatistics};
use gatepost_core::{
    Code, Confidence, Coverage, Decision, Decisions, Excerpt, Finding, Fingerprint, Identity, KnownAs, Level,
    Location, ObjectId, Part, Phase, Problem, RepoPath, Report, Secret, Severity, Shard, SkipReason, Span,
    Stage, Statistics, Suppressed, Timestamp,
};
use gatepost_core::{Date, Exception};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::time::Duration;

pub(crate) fn id(digit: char) -> ObjectId {
    ObjectId::from_hex(String::from(digit).repeat(40).as_bytes()).unwrap()
}

pub(crate) fn empty() -> Report {
    Report {
        version: "1.2.3",
        ruleset_digest: "ab".repeat(32),
        policy_digest: "cd".repeat(32),
        stage: Stage::PreCommit,
        enforced: true,
        scope: "3 staged files".to_owned(),
        findings: Vec::new(),
        suppressed: Vec::new(),
        problems: Vec::new(),
        notices: Vec::new(),
        stale_baseline: None,
        decisions: None,
        shard: None,
        statistics: None,
        coverage: Coverage::default(),
        duration: Duration::from_millis(4),
        about: About {
            started: Some(Timestamp { seconds: 1_793_664_000, offset_minutes: 0 }),
            checks: vec![("secrets", "secrets"), ("message", "commit messages")],
            ..About::default()
        },
    }
}

/// A decision of each kind.
pub(crate) fn decisions() -> Decisions {
    let value = Secret::new("q7".repeat(12));
    let decision = |line: u32| Decision {
        rule: "a-rule".to_owned(),
        value: value.clone(),
        location: Location { excerpt: None, ..at("app.env", line, "KEY=", &value, "") },
        outcome: DecisionOutcome::NotReported,
        tests: Vec::new(),
        entropy: 1.0,
        severity: (Severity::High, Severity::High),
        confidence: (Confidence::Medium, Confidence::High),
    };
    let mut all = Decisions::default();
    let mut one = decision(3);
    one.decide(DecisionOutcome::NotReported, "structure", "its checksum fits");
    one.decide(DecisionOutcome::Reported(Level::Deny), "policy", "the policy's level is `deny`");
    all.push(one);
    let mut one = decision(4);
    one.decide(DecisionOutcome::Suppressed, "suppressed", "the baseline has it");
    all.push(one);
    let mut one = decision(5);
    one.decide(DecisionOutcome::NotReported, "entropy", "its entropy is 1.00 bits a byte, below 3");
    all.push(one);
    all.settle();
    all
}

/// A finding with a rule, words and nothing else.
pub(crate) fn finding(rule: &'static str) -> Finding {
    Finding {
        rule: rule.to_owned(),
        code: Code::new(rule),
        family: "GP-SEC",
        name: "A token".to_owned(),
        severity: Severity::High,
        confidence: Confidence::High,
        level: Level::Deny,
        message: "valid checksum: a real token".to_owned(),
        why: vec!["Anybody who has it can read and write your repositories.".to_owned()],
        fix: vec!["Revoke it at https://example.com/tokens.".to_owned(), "git commit --amend".to_owned()],
        fingerprint: Fingerprint::of_place(rule, b"key", b"around"),
        secret: None,
        locations: Vec::new(),
    }
}

/// A place at `line` of `path`, where `secret` follows `before` and is followed by `after`.
pub(crate) fn at(path: &str, line: u32, before: &str, secret: &Secret, after: &str) -> Location {
    let masked = secret.redacted();
    let column = u32::try_from(before.len()).unwrap() + 1;
    let character = u32::try_from(before.chars().count()).unwrap() + 1;
    let length = u32::try_from(secret.len()).unwrap();
    Location {
        path: Some(RepoPath::from(path)),
        span: Some(Span {
            start_byte: u64::from(line) * 40,
            end_byte: u64::from(line) * 40 + u64::from(length),
            line,
            column,
            character,
            utf16: character,
            end_line: line,
            end_column: column + length,
            end_character: character + length,
            end_utf16: character + length,
        }),
        excerpt: Some(Excerpt {
            text: format!("{before}{masked}{after}"),
            start: before.len(),
            end: before.len() + masked.len(),
        }),
        ..Location::default()
    }
}

/// Another part of a credential, at `line`.
pub(crate) fn part(rule: &str, name: &str, line: u32) -> Part {
    let span = at("", line, "id = ", &token(), "").span.unwrap();
    Part { rule: rule.to_owned(), name: name.to_owned(), span }
}

/// A token that looks like one and is none.
pub(crate) fn token() -> Secret {
    Secret::new(format!("{}_{}", "ghp", "0123456789".repeat(4)))
}

/// One secret in one committed file.
pub(crate) fn one_secret() -> Finding {
    let mut finding = finding("github-pat");
    finding.name = "GitHub personal access token".to_owned();
    finding.locations = vec![at("config/prod.env", 12, "github_token = \"", &token(), "\"")];
    finding.secret = Some(token());
    finding
}

pub(crate) fn attributed(mut location: Location) -> Location {
    location.commit = Some(id('1'));
    location.object = Some(id('2'));
    location.author = Some(Identity {
        name: b"Jane Doe".to_vec(),
        email: b"jane@example.com".to_vec(),
        time: Some(Timestamp { seconds: 1_793_664_000, offset_minutes: 60 }),
    });
    location.in_tip = Some(true);
    location
}

/// A message that breaks a rule, in a commit.
pub(crate) fn message_error() -> Finding {
    let header = "Fixed the thing that did not work";
    Finding {
        rule: "type-missing".to_owned(),
        code: Code::new("GP-MSG-002"),
        family: "GP-MSG",
        name: "The header has no type".to_owned(),
        severity: Severity::Low,
        message: "a type and a colon are expected here".to_owned(),
        why: vec!["Change logs and version numbers are made from it.".to_owned()],
        fix: vec!["Begin with one of feat, fix, docs: `fix: the thing that did not work`.".to_owned()],
        locations: vec![Location {
            subject: Some("commit message".to_owned()),
            commit: Some(id('3')),
            span: Some(Span {
                line: 1,
                column: 1,
                character: 1,
                utf16: 1,
                end_byte: 5,
                end_line: 1,
                end_column: 6,
                end_character: 6,
                end_utf16: 6,
                start_byte: 0,
            }),
            excerpt: Some(Excerpt { text: header.to_owned(), start: 0, end: 5 }),
            ..Location::default()
        }],
        ..finding("type-missing")
    }
}

/// The report of a shard, with what only such a one has.
pub(crate) fn shard() -> Report {
    let other = Secret::new(format!("{}_{}", "ghp", "9876543210".repeat(4)));
    let with = |secret: &Secret, path: &str| {
        let mut place = attributed(at(path, 3, "a = ", secret, ""));
        place.committed = Some(Timestamp { seconds: 1_793_664_060, offset_minutes: 0 });
        Finding { secret: Some(secret.clone()), locations: vec![place], ..one_secret() }
    };
    let short = [Secret::new("hunter2"), Secret::new("hunter3")];
    let findings = vec![
        with(&token(), "a.env"),
        with(&other, "a.env"),
        with(&token(), "b.env"),
        with(&short[0], "c.env"),
        with(&short[1], "c.env"),
        with(&short[0], "d.env"),
    ];
    let mut unused = message_error();
    unused.rule = "unused-exception".to_owned();
    Report {
        stage: Stage::Scan,
        scope: "shard 3/16 of the whole history".to_owned(),
        findings,
        suppressed: vec![Suppressed { finding: with(&token(), "e.env"), by: Suppression::Baseline }],
        shard: Some(ShardPart {
            shard: Shard::new(3, 16).unwrap(),
            objects: "12".repeat(32),
            key: FingerprintKey::derived(&[7; 32]),
            hidden: Vec::new(),
            unused: vec![unused],
        }),
        statistics: Some(statistics()),
        ..empty()
    }
}

/// Where the time went in a history.
pub(crate) fn statistics() -> Statistics {
    let kinds =
        [("blob", 43_597, 3_400_000_000), ("commit", 1, 300), ("tag", 0, 0), ("tree", 90_000, 12_345_678)];
    Statistics {
        phases: vec![
            (Phase::Policy, Duration::from_millis(3)),
            (Phase::Walk, Duration::from_millis(1234)),
            (Phase::Attribution, Duration::from_micros(700)),
        ],
        threads: 2,
        processor: Some(Duration::from_millis(2345)),
        peak_memory: Some(203_000_000),
        history: Some(HistoryStatistics {
            kinds: kinds
                .into_iter()
                .map(|(kind, objects, bytes)| KindStatistics { kind, objects, bytes })
                .collect(),
            edits: 40_000,
            lent: 12,
            inflated: 3_600_000_000,
        }),
        scanner: ScannerStatistics { bytes: 222_000_000, hits: 1_234_567, windows: 234_567, runs: 1000 },
    }
}

/// Everything a report can hold.
pub(crate) fn full() -> Report {
    let mut everywhere = one_secret();
    everywhere.locations =
        (1..=8).map(|n| attributed(at(&format!("dir/{n}.env"), n * 3, "a = ", &token(), ""))).collect();
    everywhere.locations[7].known_as = Some(Box::new(KnownAs {
        rule: "generic-credential".to_owned(),
        fingerprint: Fingerprint::of_place("generic-credential", b"a", b"a"),
    }));
    everywhere.locations[0].parts = vec![part("account-id", "account ID", 2)];
    let mut decoded = finding("npm-token");
    decoded.level = Level::Warn;
    decoded.locations = vec![Location {
        path: Some(RepoPath::from("notes/a.yml")),
        inner: vec![RepoPath::from("lib/a.jar"), RepoPath::from("b/c.yml")],
        decoded_by: vec!["base64", "utf-16le"],
        in_tip: Some(false),
        ..Location::default()
    }];
    let mut noted = finding("generic-password");
    noted.level = Level::Note;
    let by = |by| Suppressed { finding: one_secret(), by };
    let mut coverage = Coverage {
        commits: 3,
        objects: 40,
        blobs: 14,
        bytes: 12_345,
        files: 14,
        texts: 9,
        ..Coverage::default()
    };
    for reason in [SkipReason::TooLarge, SkipReason::Excluded, SkipReason::Missing] {
        coverage.skip(reason);
    }
    Report {
        decisions: Some(decisions()),
        stage: Stage::Ci,
        scope: "main..HEAD".to_owned(),
        findings: vec![everywhere, one_secret(), decoded, message_error(), noted],
        suppressed: vec![
            by(Suppression::Exception(Box::new(exception("EX-2026-0007", "made for the docs")))),
            by(Suppression::BreakGlass {
                id: "BG-20261124-1".to_owned(),
                reason: "payments are down".to_owned(),
                owner: "@oncall".to_owned(),
            }),
            by(Suppression::Baseline),
            by(Suppression::AllowList {
                entry: "docs/** with a value like EXAMPLE".to_owned(),
                reason: "documented examples".to_owned(),
            }),
            by(Suppression::Inline { dialect: "gitleaks", reason: None, until: None, id: None }),
            by(Suppression::Inline {
                dialect: "gatepost",
                reason: Some("an example".to_owned()),
                until: gatepost_core::Date::parse("2027-03-31"),
                id: Some("EX-2026-0007".to_owned()),
            }),
        ],
        problems: vec![Problem {
            what: "object 4444444444444444444444444444444444444444 is missing".to_owned(),
            place: Some("src/a.rs".to_owned()),
            fix: "git fetch --refetch".to_owned(),
        }],
        notices: vec!["exception EX-2025-0001 expired on 2026-01-31".to_owned()],
        stale_baseline: Some(vec![(Fingerprint::of_value("Old", b"gone"), "github-pat".to_owned())]),
        coverage,
        ..empty()
    }
}

/// An exception with this text wherever it has text.
pub(crate) fn exception(id: &str, reason: &str) -> Exception {
    let who = if reason == "made for the docs" { "@platform" } else { reason };
    Exception {
        id: id.to_owned(),
        rule: "github-pat".to_owned(),
        fingerprint: None,
        path: Some("docs/**".to_owned()),
        commit: None,
        status: ExceptionStatus::TestCredential,
        reason: reason.to_owned(),
        owner: who.to_owned(),
        approver: Some(who.to_owned()),
        ticket: None,
        created: None,
        expires: Date::new(2027, 5, 22).unwrap(),
        on_request: false,
        refs: None,
        details: Details::default(),
    }
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![vec(any::<u8>(), 0..24), any::<String>().prop_map(String::into_bytes)]
}

fn any_span() -> impl Strategy<Value = Span> {
    (any::<u32>(), any::<u32>(), any::<u64>(), any::<u32>()).prop_map(|(line, column, byte, length)| Span {
        start_byte: byte,
        end_byte: byte.saturating_add(length.into()),
        line: line.max(1),
        column: column.max(1),
        character: column.max(1),
        utf16: column.max(1),
        end_line: line.max(1),
        end_column: column.saturating_add(length).max(1),
        end_character: column.saturating_add(length).max(1),
        end_utf16: column.saturating_add(length).max(1),
    })
}

fn any_identity() -> impl Strategy<Value = Identity> {
    let time = option::of(any::<(i64, i32)>())
        .prop_map(|time| time.map(|(seconds, offset_minutes)| Timestamp { seconds, offset_minutes }));
    (any_bytes(), any_bytes(), time).prop_map(|(name, email, time)| Identity { name, email, time })
}

fn any_location() -> impl Strategy<Value = Location> {
    let excerpt = (any::<String>(), 0_usize..99, 0_usize..99).prop_map(|(text, start, end)| Excerpt {
        text,
        start,
        end,
    });
    (
        option::of(any_bytes().prop_map(RepoPath::new)),
        option::of(any::<String>()),
        option::of(any_span()),
        (any::<bool>(), any::<bool>()),
        option::of(any_identity()),
        any::<Option<bool>>(),
        option::of(excerpt),
        vec(any_part(), 0..3),
        vec(
            any_bytes().prop_filter("names are never empty", |b| !b.is_empty()).prop_map(RepoPath::new),
            0..3,
        ),
    )
        .prop_map(|(path, subject, span, (commit, object), author, in_tip, excerpt, parts, inner)| {
            Location {
                path,
                inner,
                subject,
                span,
                commit: commit.then(|| id('a')),
                committed: None,
                object: object.then(|| ObjectId::from_bytes(&[7; 32]).unwrap()),
                author,
                in_tip,
                decoded_by: if commit && object { vec!["hex"] } else { Vec::new() },
                excerpt,
                parts,
                known_as: None,
            }
        })
}

fn any_part() -> impl Strategy<Value = Part> {
    (any::<String>(), any::<String>(), any_span()).prop_map(|(rule, name, span)| Part {
        rule: format!("r{rule}"),
        name,
        span,
    })
}

/// A finding with anything in every place that is free text.
fn any_finding() -> impl Strategy<Value = Finding> {
    (
        (any::<String>(), any::<String>(), any::<String>()),
        (vec(any::<String>(), 0..3), vec(any::<String>(), 0..3)),
        (select(Severity::ALL), select(Confidence::ALL), select(Level::ALL)),
        option::of(any_bytes().prop_map(Secret::new)),
        vec(any_location(), 0..6),
    )
        .prop_map(|((rule, name, message), (why, fix), levels, secret, locations)| Finding {
            rule: format!("r{rule}"),
            code: Code::owned(format!("r{rule}")),
            family: "GP-SEC",
            name,
            severity: levels.0,
            confidence: levels.1,
            level: levels.2,
            message,
            why,
            fix,
            fingerprint: Fingerprint::of_place(&rule, b"", b""),
            secret,
            locations,
        })
}

fn any_suppression() -> impl Strategy<Value = Suppression> {
    prop_oneof![
        any::<(String, String)>()
            .prop_map(|(id, reason)| Suppression::Exception(Box::new(exception(&id, &reason)))),
        any::<(String, String, String)>().prop_map(|(id, reason, owner)| Suppression::BreakGlass {
            id,
            reason,
            owner
        }),
        Just(Suppression::Baseline),
        any::<(String, String)>().prop_map(|(entry, reason)| Suppression::AllowList { entry, reason }),
        any::<(String, String)>().prop_map(|(entry, reason)| Suppression::Exempt { entry, reason }),
        any::<(Option<String>, Option<String>)>().prop_map(|(reason, id)| Suppression::Inline {
            dialect: "gatepost",
            reason,
            until: id.as_ref().and_then(|_| gatepost_core::Date::parse("2027-03-31")),
            id,
        }),
    ]
}

/// Any report there could be, and some that could not.
pub(crate) fn any_report() -> impl Strategy<Value = Report> {
    let suppressed = (any_finding(), any_suppression()).prop_map(|(finding, by)| Suppressed { finding, by });
    let problem =
        any::<(String, Option<String>, String)>().prop_map(|(what, place, fix)| Problem { what, place, fix });
    (
        vec(any_finding(), 0..4),
        vec(suppressed, 0..3),
        vec(problem, 0..3),
        (vec(any::<String>(), 0..3), any::<String>(), any::<bool>(), select(Stage::ALL)),
        (any::<[u64; 6]>(), vec(select(SkipReason::ALL), 0..4), any::<u64>()),
    )
        .prop_map(
            |(findings, suppressed, problems, (notices, scope, enforced, stage), (n, skips, millis))| {
                let mut coverage = Coverage {
                    commits: n[0],
                    objects: n[1],
                    blobs: n[2],
                    bytes: n[3],
                    files: n[4],
                    texts: n[5],
                    shallow: enforced,
                    ..Coverage::default()
                };
                skips.into_iter().for_each(|reason| coverage.skip(reason));
                let duration = Duration::from_millis(millis);
                Report {
                    findings,
                    suppressed,
                    problems,
                    notices,
                    scope,
                    enforced,
                    stage,
                    coverage,
                    duration,
                    ..empty()
                }
            },
        )
}
