//! Tests of the parts together.

#![allow(clippy::string_slice, reason = "the texts are ASCII")]

use super::*;
use crate::check::{Check, Context};
use crate::fingerprint::FingerprintKey;
use crate::fingerprint::tests::{key, key_text};
use crate::policy::{Layer, Origin, Policy, PolicyError};
use crate::report::Suppression;
use crate::sink::Collected;
use crate::{Confidence, Document, DocumentKind, Finding, Level, RepoPath, SkipReason, Stage, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

const RULES: &str = include_str!("tests.toml");

pub(super) fn rules() -> Vec<Rule> {
    RuleFile::parse(RULES).unwrap()
}

fn scanner() -> Scanner {
    Scanner::new(Arc::new(Ruleset::new(Builtin::none(), rules()).unwrap()))
}

/// What is found: rule, secret, confidence.
fn found(text: &str) -> Vec<(String, String, Confidence)> {
    let scanner = scanner();
    let matches = scanner.scan(text.as_bytes(), &mut Scratch::default());
    let rule = |m: &Match| scanner.ruleset().rule(m.rule).unwrap().id.to_string();
    matches.iter().map(|m| (rule(m), text[m.secret.clone()].to_owned(), m.confidence)).collect()
}

fn ids(text: &str) -> Vec<String> {
    found(text).into_iter().map(|(rule, ..)| rule).collect()
}

pub(super) fn check(stage: Stage, policy: &str) -> Secrets {
    try_check(stage, policy, None).unwrap()
}

fn try_check(
    stage: Stage,
    policy: &str,
    fingerprint_key: Option<&FingerprintKey>,
) -> Result<Secrets, PolicyError> {
    let layer = Layer { origin: Origin::File("gatepost.toml".into()), text: policy.to_owned() };
    let policy = Policy::load(&[layer]).unwrap();
    let now = Timestamp { seconds: 1_795_305_600, offset_minutes: 0 };
    let rules = Box::leak(Box::new(Builtin::new(&rules()).unwrap()));
    Secrets::new(&Context { policy: &policy, stage, rules, now, fingerprint_key })
}

pub(super) fn judge(check: &Secrets, path: &str, text: &[u8]) -> Collected {
    let (mut sink, path) = (Collected::default(), RepoPath::from(path));
    check.document(&Document { path: Some(&path), ..Document::new(DocumentKind::Blob, text) }, &mut sink);
    sink
}

pub(super) fn only(collected: Collected) -> Finding {
    assert_eq!(collected.findings.len(), 1, "{:?}", collected.findings);
    collected.findings.into_iter().next().unwrap()
}

#[test]
fn every_rule_that_cannot_be_used_is_told_of_once_whenever_it_is_needed() {
    let rule = |id: &str| {
        format!(
            "[[secrets.rules]]\nid = \"{id}\"\nprovider = \"Acme\"\nname = \"n\"\ndescription = \"d\"\nseverity = \"high\"\n\
             confidence = \"high\"\nregex = '{id}_(?:[0-9a-f]{{1,1000}}-){{1,1000}}'\nrisk = \"r\"\nfix = [\"f\"]\n\
             reference = \"https://example.com\"\nexamples = [\"a\", \"b\"]\ncounter-examples = [\"c\", \"d\"]\n"
        )
    };
    let check = check(Stage::Scan, &format!("{}{}", rule("huge"), rule("vast")));
    let told = |text: &str| judge(&check, "a", text.as_bytes()).problems.len();
    assert_eq!(
        [told("none"), told("huge_0-"), told("huge_0-"), told("vast_0-"), told("vast_0-")],
        [0, 1, 0, 1, 0]
    );
}

#[test]
fn every_rule_of_the_fixture_does_what_its_examples_say() {
    for rule in rules() {
        assert_eq!(selftest(&rule), [], "{}", rule.id);
    }
}

#[test]
fn a_failing_example_is_told() {
    let mut rule = rules().remove(0);
    rule.examples = vec!["nothing here".into()].into();
    rule.counter_examples = vec!["tok_{base62:30}{crc32}".into()].into();
    let said: Vec<String> = selftest(&rule).iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "rule `acme-token`: an example (seed 0) has 0 secrets, not 1: nothing here",
            "rule `acme-token`: a counter-example (seed 0) has 1 secrets, not 0: tok_{base62:30}{crc32}"
        ]
    );
}

#[test]
fn a_checksum_moves_the_confidence_one_step() {
    let sure = |text: &str| found(&expand(text, 3))[0].2;
    assert_eq!(sure("tok_{base62:30}{crc32}"), Confidence::High);
    assert_eq!(sure("tok_{base62:36}"), Confidence::Low);
}

#[test]
fn all_secrets_of_a_line_are_found_once() {
    let two = "tok_{base62:30}{crc32} tok_{base62:30}{crc32},tok_{base62:30}{crc32}";
    assert_eq!(ids(&expand(two, 1)), ["acme-token"; 3]);
    // One window holds the same literal several times.
    assert_eq!(ids(&expand("acme acme acme key = {hex:32} acme", 1)), ["acme-hex"]);
}

#[test]
fn word_boundaries_see_beyond_the_window() {
    assert_eq!(ids(&expand("xtok_{base62:30}{crc32}", 1)), [""; 0]);
    assert_eq!(ids(&expand("tok_{base62:30}{crc32}x", 1)), [""; 0]);
    assert_eq!(ids(&expand("(tok_{base62:30}{crc32})", 1)), ["acme-token"]);
}

#[test]
fn the_most_specific_rule_speaks() {
    let text = expand("api_key = \"tok_{base62:30}{crc32}\"", 2);
    assert_eq!(ids(&text), ["acme-token"]);
    assert_eq!(ids(&expand("api_key = \"{base62:24}\"", 2)), ["generic-key"]);
    assert_eq!(ids("api_key = \"your-api-key-goes-here\""), [""; 0]);
}

#[test]
fn hits_of_parts_add_up_and_lead_to_the_same_matches() {
    let scanner = scanner();
    let text =
        expand("tok_{base62:30}{crc32}\nacme key = {hex:32}\napi_key: '{base62:30}'\n{pem:PRIVATE KEY}\n", 5);
    let bytes = text.as_bytes();
    let whole = scanner.scan(bytes, &mut Scratch::default());
    assert_eq!(whole.len(), 4);
    for cut in 0..=bytes.len() {
        let mut hits = Vec::new();
        scanner.hits(bytes, cut..bytes.len(), &mut hits);
        scanner.hits(bytes, 0..cut, &mut hits);
        assert_eq!(scanner.evaluate(bytes, &hits, &mut Scratch::default()), whole, "cut at {cut}");
    }
}

#[test]
fn a_finding_says_what_where_why_and_what_next() {
    let text = expand("# x\ntoken = \"tok_{base62:30}{crc32}\" # end\n", 4);
    let finding = only(judge(&check(Stage::PreCommit, ""), "src/app.py", text.as_bytes()));
    assert_eq!(finding.message, "Acme token in src/app.py");
    assert_eq!(
        (finding.rule.as_str(), finding.code.as_str(), finding.family),
        ("acme-token", "acme-token", "GP-SEC")
    );
    assert_eq!(finding.level, Level::Deny);
    assert_eq!(
        finding.why,
        [
            "A token of the Acme API.",
            "What a thief can do: Order anvils.",
            "Its checksum is right, so it was issued in this form."
        ]
    );
    assert_eq!(
        finding.fix,
        [
            "Revoke it.",
            "Read it when the program runs: `os.environ[\"TOKEN\"]`, set from a secret store.",
            "If it is no secret, say so on the line: `gatepost:allow acme-token reason=\"…\"`."
        ]
    );
    let place = &finding.locations[0];
    let (span, excerpt) = (place.span.unwrap(), place.excerpt.clone().unwrap());
    assert_eq!((span.line, span.column, span.end_line, span.end_column), (2, 10, 2, 50));
    assert_eq!(excerpt.text, "token = \"tok_********\" # end");
    assert_eq!(&excerpt.text[excerpt.start..excerpt.end], "tok_********");
    assert!(!format!("{finding:?}").contains(&text[13..40]), "the secret is printed by accident");
}

#[test]
fn levels_follow_the_confidence() {
    let level = |policy: &str, text: &str| {
        let text = expand(text, 6);
        only(judge(&check(Stage::PrePush, policy), "f", text.as_bytes())).level
    };
    let (high, medium, low) = ("tok_{base62:30}{crc32}", "acme key = {hex:32}", "tok_{base62:36}");
    assert_eq!([high, medium, low].map(|t| level("", t)), [Level::Deny, Level::Warn, Level::Note]);
    let lenient = "[secrets]\nlevel = \"note\"";
    assert_eq!([high, medium, low].map(|t| level(lenient, t)), [Level::Note; 3]);
    let strict = "[secrets]\ndeny-confidence = \"low\"";
    assert_eq!([high, medium, low].map(|t| level(strict, t)), [Level::Deny; 3]);
    let off = check(Stage::Ci, "[secrets]\nlevel = { pre-commit = \"deny\" }");
    assert!(judge(&off, "f", expand(high, 1).as_bytes()).findings.is_empty());
}

#[test]
fn comments_suppress_here_and_not_on_a_server() {
    let text = expand("tok_{base62:30}{crc32} # gatepost:allow acme-token reason=\"made for the docs\"\n", 1);
    let here = judge(&check(Stage::PreCommit, ""), "f", text.as_bytes());
    assert!(here.findings.is_empty());
    let wanted = Suppression::Inline {
        dialect: "gatepost",
        reason: Some("made for the docs".into()),
        until: None,
        id: None,
    };
    assert_eq!(here.suppressed[0].by, wanted);
    let there = only(judge(&check(Stage::PreReceive, ""), "f", text.as_bytes()));
    assert!(there.why.iter().any(|why| why.contains("a change cannot exempt itself")), "{:?}", there.why);
    assert!(there.fix.last().unwrap().contains(there.fingerprint.as_str()));
}

#[test]
fn a_gate_that_distrusts_obeys_what_was_there_and_what_its_policy_names() {
    let text = expand(
        "tok_{base62:30}{crc32} # gatepost:allow acme-token reason=\"made for the docs\" until=2000-01-01 id=EX-1\n",
        1,
    );
    let run = |policy: &str, text: &str, was_there: bool| {
        let (mut sink, path) = (Collected::default(), RepoPath::from("f"));
        let document =
            Document { path: Some(&path), was_there, ..Document::new(DocumentKind::Blob, text.as_bytes()) };
        check(Stage::Ci, policy).document(&document, &mut sink);
        (sink.findings.len(), sink.suppressed.len())
    };
    // What came in on a comment's word came in on it, whatever the comment says today.
    assert_eq!(run("", &text, true), (0, 1));
    assert_eq!(run("[secrets]\ntrust-inline = []", &text, true), (1, 0));
    let holds = text.replace(" until=2000-01-01 id=EX-1", "");
    assert_eq!(run("", &holds, false), (1, 0));
    let named = "[secrets]\ntrust-added-inline = [\"acme-token\"]";
    assert_eq!(run(named, &holds, false), (0, 1));
    assert_eq!(run(named, &text, false), (1, 0), "it ended");
    assert_eq!(run("[secrets]\ntrust-added-inline = [\"acme-key\"]", &holds, false), (1, 0));
    // The policy's own list needs nobody's word.
    let listed = "[[secrets.allow]]\npath = \"f\"\nreason = \"documented example\"";
    assert_eq!(run(listed, &holds, false), (0, 1));
}

#[test]
fn an_allow_list_covers_by_path_value_and_rule() {
    let token = expand("tok_{base62:30}{crc32}", 1);
    let finding = only(judge(&check(Stage::Scan, ""), "docs/a", token.as_bytes()));
    let covers = |entry: &str, paths: &[&str]| {
        let policy = format!("[[secrets.allow]]\n{entry}\nreason = \"documented example\"");
        let paths: Vec<RepoPath> = paths.iter().map(|path| RepoPath::from(*path)).collect();
        check(Stage::Scan, &policy).allowed(&finding, &paths).is_some()
    };
    assert!(covers("path = \"docs/**\"", &["docs/a", "docs/b"]));
    assert!(!covers("path = \"docs/**\"", &["docs/a", "src/b"]), "every path must be covered");
    assert!(!covers("path = \"docs/**\"", &[]), "bytes without a path have none that is");
    let start = format!("value = \"^{}\"", &token[..8]);
    assert!(covers(&start, &["src/b"]) && covers(&start, &[]));
    assert!(!covers("value = \"^EXAMPLE\"", &["src/b"]));
    assert!(!covers(&format!("path = \"docs/**\"\n{start}"), &["src/b"]), "both must hold");
    assert!(covers(&format!("{start}\nrules = [\"acme-token\"]"), &["src/b"]));
    assert!(!covers(&format!("{start}\nrules = [\"acme-key\"]"), &["src/b"]));
    assert!(!covers(&format!("{start}\nuntil = 2000-01-01"), &["src/b"]), "it ended");
}

#[test]
fn what_the_policy_leaves_out_is_counted() {
    let check = check(
        Stage::Scan,
        "[secrets]\nexclude = [{ path = \"testdata/**\", reason = \"made for tests\" }]\nmax-file-size = 100",
    );
    let token = expand("tok_{base62:30}{crc32}", 1);
    assert_eq!(judge(&check, "testdata/a", token.as_bytes()).skips, [SkipReason::Excluded]);
    assert_eq!(judge(&check, "a", &[b'x'; 101]).skips, [SkipReason::TooLarge]);
    assert_eq!(check.limit(), 100);
    let mut sink = Collected::default();
    let unread = Document { size: 1000, bytes: None, ..Document::new(DocumentKind::Blob, b"") };
    check.document(&unread, &mut sink);
    assert_eq!(sink.skips, [SkipReason::TooLarge]);
}

#[test]
fn a_blob_is_excluded_only_when_all_its_paths_are() {
    let check = check(
        Stage::Scan,
        "[secrets]\nexclude = [{ path = \"node_modules/**\", reason = \"made for tests\" }]",
    );
    let token = expand("tok_{base62:30}{crc32}", 1);
    let document = Document::new(DocumentKind::Blob, token.as_bytes());
    let detection = check.detect(&document, &mut Scratch::default()).remove(0);
    let admits = |paths: &[&str]| {
        check.admits(&detection, &paths.iter().map(|p| RepoPath::from(*p)).collect::<Vec<_>>())
    };
    assert!(!admits(&["node_modules/a", "node_modules/b"]));
    assert!(admits(&["node_modules/a", "src/a"]));
    assert!(admits(&[]));
}

#[test]
fn a_rule_with_a_path_holds_there_and_leaves_the_rest_to_others() {
    let check = check(Stage::Scan, "");
    let text = expand("api_key = {base62:32}", 8);
    let rule = |path: &str| only(judge(&check, path, text.as_bytes())).rule;
    assert_eq!(rule("deploy/acme.conf"), "acme-conf");
    assert_eq!(rule("src/main.c"), "generic-key");
}

#[test]
fn fingerprints_hold_still_where_they_should() {
    let check = check(Stage::Scan, "");
    let print = |path: &str, text: &str| only(judge(&check, path, text.as_bytes())).fingerprint;
    let token = expand("tok_{base62:30}{crc32}", 1);
    assert_eq!(print("a", &token), print("b", &format!("\n\nother = {token}")));
    // A weak value is not part of it; its place is.
    let at = |value: &str| print("a", &format!("x = 1; api_key = \"{value}\""));
    assert_eq!(at(&expand("{base62:24}", 1)), at(&expand("{base62:24}", 2)));
    let other = format!("api_secret_key = \"{}\"", expand("{base62:24}", 1));
    assert_ne!(at(&expand("{base62:24}", 1)), print("a", &other));
}

#[test]
fn with_a_key_a_weak_value_is_known_by_itself() {
    let own = check(Stage::Scan, &format!("[secrets]\nfingerprint-key = \"{}\"", key_text(1)));
    let outside = "[secrets]\nfingerprint-key = \"external\"";
    let outside = try_check(Stage::Scan, outside, Some(&key(1))).unwrap();
    let print = |check: &Secrets, text: &str| only(judge(check, "a", text.as_bytes())).fingerprint;
    let (one, two) = (expand("{base62:24}", 1), expand("{base62:24}", 2));
    let first = print(&own, &format!("api_key = \"{one}\""));
    assert_eq!(print(&own, &format!("x = {{ api-key: '{one}', }}")), first);
    assert_eq!(print(&outside, &format!("API_KEY={one}")), first);
    assert_ne!(print(&own, &format!("api_key = \"{two}\"")), first);
    // Strong values are the same in every repository.
    let token = expand("tok_{base62:30}{crc32}", 1);
    assert_eq!(print(&own, &token), print(&check(Stage::Scan, ""), &token));
    assert!(!format!("{own:?}").contains(&key_text(1)[5..]));
}

#[test]
fn a_key_that_is_none_is_an_error_with_its_line() {
    let error = |value: &str| {
        let policy = format!("[secrets]\nlevel = \"deny\"\nfingerprint-key = {value}\n");
        let error = try_check(Stage::Scan, &policy, None).unwrap_err();
        assert_eq!(error.line, Some(3));
        error.to_string()
    };
    let errors = ["\"external\"", "\"extern\"", "\"gpk1:abcdefgh\"", "\"gpk1:aaaaaaaaaaaaaaaaaaaaaaaaaa\""];
    insta::assert_snapshot!(errors.map(error).join("\n"));
}

#[test]
fn a_long_line_gives_a_short_excerpt_and_masks_its_neighbours() {
    let pad = "lorem, ipsum; ".repeat(12_000);
    let text = expand(&format!("{pad} tok_{{base62:30}}{{crc32}} and tok_{{base62:30}}{{crc32}} {pad}"), 9);
    let all = judge(&check(Stage::Scan, ""), "min.js", text.as_bytes());
    assert_eq!(all.findings.len(), 2);
    for finding in &all.findings {
        let excerpt = finding.locations[0].excerpt.as_ref().unwrap();
        assert!(excerpt.text.chars().count() < 130, "{}", excerpt.text);
        assert_eq!(excerpt.text.matches("tok_********").count(), 2, "{}", excerpt.text);
    }
}

#[test]
fn digests_tell_rulesets_apart() {
    let digest = |rules: Vec<Rule>| Ruleset::new(Builtin::none(), rules).unwrap().digest();
    let mut changed = rules();
    changed[0].entropy = Some(1.0);
    assert_eq!(digest(rules()), digest(rules()));
    assert_ne!(digest(rules()), digest(changed));
    assert_eq!(digest(rules()).len(), 64);
}

#[test]
fn wrong_rules_are_refused() {
    let error = |change: fn(&mut Rule)| {
        let mut rule = rules().remove(0);
        rule.id = "own-rule".into();
        change(&mut rule);
        Ruleset::new(&Builtin::new(&rules()).unwrap(), vec![rule]).unwrap_err().to_string()
    };
    assert_eq!(
        error(|r| r.id = "acme-token".into()),
        "rule `acme-token`: another rule has this id; choose one of your own"
    );
    assert!(error(|r| r.regex = "a{".into()).starts_with("rule `own-rule`: regex: "));
    assert!(error(|r| r.regex = "abcd(x{1000}){1000}".into()).contains("bytes of memory"));
    assert!(error(|r| r.keywords = vec!["ab".into()].into()).contains("three bytes"));
}

#[test]
fn what_a_match_is_judged_by_is_compiled_for_the_first_one() {
    let mut rule = rules().remove(0);
    rule.allow = vec![Allow { regex: "a{".into(), reason: "none".into() }].into();
    assert!(Ruleset::new(Builtin::none(), vec![rule.clone()]).is_err());
    let detector = Rule {
        id: "in-code".into(),
        detector: Some("assignment".into()),
        keywords: vec!["api_key".into()].into(),
        window: Window::Bytes { before: 200, after: 200 },
        except_path: Some("a{".into()),
        allow: List::default(),
        structure: None,
        regex: "".into(),
        ..rule.clone()
    };
    let ruleset = Ruleset::without(Builtin::none(), vec![rule, detector], &BTreeSet::new()).unwrap();
    let scanner = Scanner::new(Arc::new(ruleset));
    let scan = |text: &str| {
        let found = scanner.scan(text.as_bytes(), &mut Scratch::default()).len();
        (found, scanner.ruleset().failures().len())
    };
    assert_eq!(scan("tok_ api_key = "), (0, 0));
    assert_eq!(scan(&expand("tok_{base62:30}{crc32}", 3)), (1, 1));
    assert_eq!(scan(&expand("api_key = '{base62:32}'", 3)), (1, 2));
}

/// Pieces that make matches, near misses, line ends and undecodable bytes common. Every kind has seeds of its own: equal
/// ones begin with the same random characters.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        (0u64..9).prop_map(|seed| expand("tok_{base62:30}{crc32}", seed).into_bytes()),
        (10u64..19).prop_map(|seed| expand("api_key = '{base62:32}'", seed).into_bytes()),
        (20u64..29).prop_map(|seed| expand("acme key = {hex:32}", seed).into_bytes()),
        (30u64..39).prop_map(|seed| expand("{pem:PRIVATE KEY}", seed).into_bytes()),
        Just(b" # gatepost:allow acme-token reason=\"made for a test\"".to_vec()),
        Just(b"tok_".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_excerpt_shows_a_secret_and_no_input_breaks_the_scan(bytes in pieces()) {
        let check = check(Stage::Scan, "");
        let document = Document::new(DocumentKind::Blob, &bytes);
        let detections = check.detect(&document, &mut Scratch::default());
        for detection in &detections {
            let excerpt = detection.finding.locations[0].excerpt.as_ref().unwrap();
            prop_assert!(excerpt.text.get(excerpt.start..excerpt.end).is_some_and(|mask| mask.ends_with("********")));
            for other in &detections {
                let secret = other.finding.secret.as_ref().unwrap().reveal();
                // Four characters may be shown.
                let tail = String::from_utf8_lossy(&secret[5..21]).into_owned();
                prop_assert!(!excerpt.text.contains(&tail), "{} / {} {}", excerpt.text, other.finding.rule, String::from_utf8_lossy(secret));
            }
            let span = detection.finding.locations[0].span.unwrap();
            prop_assert!(span.line >= 1 && span.column >= 1 && span.end_byte <= bytes.len() as u64);
        }
    }

    /// What is far from an edit is found as before: the promise that incremental scans rest on.
    #[test]
    fn a_match_depends_on_its_surroundings_alone(before in pieces(), after in pieces(), seed in 0u64..99) {
        let token = expand("tok_{base62:30}{crc32}", seed).into_bytes();
        let bytes = [&before[..], b"\n", &token, b"\n", &after].concat();
        let at = before.len() + 1;
        let matches = scanner().scan(&bytes, &mut Scratch::default());
        prop_assert!(matches.iter().any(|m| m.mask.start <= at && at + token.len() <= m.mask.end));
    }
}
