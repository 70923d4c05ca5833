//! What must hold for every check of the registry.

use super::{Outcome, STRUCTURES, Structure, StructureCheck, Verdict, check};
use crate::secrets::rule::Fails;
use crate::secrets::template::expand;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// What a template stands for.
pub(super) fn template(template: &str, seed: u64) -> String {
    expand(template, seed)
}

/// Judges a secret that is the whole match.
pub(super) fn judge(kind: &'static str, params: &[(&'static str, u32)], secret: &str) -> Verdict {
    check(&structure(kind, params), secret.as_bytes(), secret.as_bytes())
}

fn structure(kind: &'static str, params: &[(&'static str, u32)]) -> Structure {
    let params: Vec<_> = params.iter().map(|(name, value)| ((*name).into(), *value)).collect();
    Structure { kind: kind.into(), params: params.into(), fails: Fails::Lower }
}

/// A check with the parameters that it must have.
fn plain(check: &StructureCheck) -> Structure {
    let needed: Vec<_> = check.params.iter().filter(|param| param.default.is_none()).collect();
    let params: Vec<_> =
        needed.iter().map(|param| (param.name, if param.name == "bytes" { 64 } else { 1 })).collect();
    structure(check.name, &params)
}

fn of(known: &StructureCheck, secret: &[u8]) -> Verdict {
    check(&plain(known), secret, secret)
}

#[test]
fn the_registry_is_in_order_and_says_what_is_needed() {
    let names: Vec<&str> = STRUCTURES.iter().map(|check| check.name).collect();
    let sorted: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names, sorted.into_iter().collect::<Vec<_>>());
    for check in STRUCTURES {
        assert!(check.source.starts_with("https://"), "{}", check.name);
        assert!(!check.about.is_empty() && !check.about.contains('|'), "{}", check.name);
        assert!(check.params.iter().all(|param| !matches!(param.name, "kind" | "fails")), "{}", check.name);
        assert_eq!(super::validate(&plain(check)), Ok(()));
    }
}

#[test]
fn every_check_holds_for_what_is_valid() {
    for known in STRUCTURES {
        for seed in 0..40 {
            let secret = expand(known.example, seed);
            let verdict = of(known, secret.as_bytes());
            // A UUID of any version is no proof.
            let expected = if known.name == "uuid" { Outcome::Open } else { Outcome::Holds };
            assert_eq!(verdict.outcome, expected, "{}: {} ({secret})", known.name, verdict.why);
        }
    }
}

#[test]
fn no_check_holds_for_what_is_cut_off() {
    for known in STRUCTURES {
        for seed in 0..12 {
            let secret = expand(known.example, seed);
            // Half of a number may have a right check digit by chance; nothing else may.
            let by_chance = known.name == "luhn";
            for part in [1, 2, 3].map(|quarter| secret.get(..secret.len() * quarter / 4).unwrap()) {
                let outcome = of(known, part.as_bytes()).outcome;
                assert!(outcome != Outcome::Holds || by_chance, "{}: {part}", known.name);
            }
            assert_ne!(of(known, b"").outcome, Outcome::Holds, "{}", known.name);
        }
    }
}

#[test]
fn what_is_invalid_fails_or_concludes_nothing() {
    for (kind, invalid, expected) in [
        ("slack", "xoxb-0{digits:11}-1{digits:12}-{base62:24}", Outcome::Fails),
        ("slack", "xoxb-1{digits:11}-1{hex:6}x{digits:6}-{base62:24}", Outcome::Fails),
        ("slack", "xoxb-1{digits:11}-1{digits:12}-{base62:30}", Outcome::Open),
        ("slack", "xapp-1-A{ALNUM:10}-{digits:13}-{hex:64}", Outcome::Open),
        ("telegram", "0{digits:9}:AA{base62:33}", Outcome::Fails),
        ("telegram", "1{digits:9}:AA{base62:32}", Outcome::Fails),
        ("telegram", "1{digits:9}:AA{base62:32}=", Outcome::Fails),
        ("stripe", "{base62:40}", Outcome::Open),
        ("base64-json", "eyJ{base64:60}", Outcome::Fails),
        ("luhn", "12a4", Outcome::Fails),
        ("luhn", "0000000000000000", Outcome::Fails),
        ("iban", "DE{digits:2}{hex:2}", Outcome::Fails),
        ("discord", "{discord}.{hex:4}", Outcome::Fails),
        ("macaroon", "{macaroon:pypi.org}AAAA", Outcome::Fails),
        ("nkey", "{nkey:U}AA", Outcome::Fails),
        ("aws-key-id", "{aws-key-id:ABIA}", Outcome::Open),
        ("putty", "PuTTY-User-Key-File-2: ssh-rsa", Outcome::Fails),
        ("pgp", "{pem:RSA PRIVATE KEY}", Outcome::Fails),
        ("pem", "{pgp}", Outcome::Fails),
        ("google-service-account", "{pem:PUBLIC KEY}", Outcome::Fails),
        ("jwk", "{jwt}", Outcome::Fails),
        ("jwt", "{jwk}", Outcome::Fails),
        ("uuid", "{hex:32}{hex:4}", Outcome::Fails),
    ] {
        let secret = expand(invalid, 21);
        let verdict = judge(kind, &[], &secret);
        assert_eq!(verdict.outcome, expected, "{kind}: {} ({secret})", verdict.why);
    }
}

#[test]
fn checksums_notice_every_changed_character() {
    for kind in ["age", "aws-key-id", "crc32-base62", "crc32-hex", "gitlab-routable", "iban", "luhn", "nkey"]
    {
        let known = STRUCTURES.iter().find(|check| check.name == kind).unwrap();
        // An account number is no checksum: any other one may be right.
        if kind == "aws-key-id" {
            continue;
        }
        let secret = expand(known.example, 9).into_bytes();
        for at in 0..secret.len() {
            let mut changed = secret.clone();
            changed[at] = if changed[at] == b'7' { b'3' } else { b'7' };
            assert_ne!(of(known, &changed).outcome, Outcome::Holds, "{kind}: character {at}");
        }
    }
}

#[test]
fn clauses_read_as_sentences_and_hold_no_part_of_the_secret() {
    for known in STRUCTURES {
        for secret in [expand(known.example, 5), String::from("x")] {
            let why = of(known, secret.as_bytes()).why;
            let begins = ["it ", "its ", "the block "].iter().any(|start| why.starts_with(start));
            assert!(begins || why.is_empty(), "{}: {why}", known.name);
            assert!(!why.ends_with('.'), "{}: {why}", known.name);
            // An e-mail address stands in a key file, beside the secret.
            let shown =
                secret.as_bytes().windows(16).any(|part| why.as_bytes().windows(16).any(|w| w == part));
            assert!(!shown || known.name == "google-service-account", "{}: {why}", known.name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_makes_a_check_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[!-~\n]{0,200}") {
        for known in STRUCTURES {
            of(known, &bytes);
            of(known, text.as_bytes());
        }
    }

    #[test]
    fn no_change_of_a_valid_secret_makes_a_check_panic(seed: u64, at: prop::sample::Index, byte: u8, cut: prop::sample::Index) {
        for known in STRUCTURES {
            let mut secret = expand(known.example, seed).into_bytes();
            let at = at.index(secret.len());
            secret[at] = byte;
            of(known, &secret);
            secret.truncate(cut.index(secret.len()));
            of(known, &secret);
        }
    }

    #[test]
    fn random_text_has_no_checksum(seed: u64) {
        for (kind, shaped) in [
            ("crc32-base62", "{base62:36}"),
            ("crc32-hex", "glsa_{base62:32}_{hex:8}"),
            ("nkey", "SU{base32:56}"),
            ("age", "AGE-SECRET-KEY-1{ALNUM:58}"),
            ("macaroon", "AgEIcHlwaS5vcmc{base64url:120}"),
            ("pem", "-----BEGIN PRIVATE KEY-----\n{base64:640}\n-----END PRIVATE KEY-----"),
            ("jwt", "eyJ{base64url:30}.eyJ{base64url:30}.{base64url:40}"),
            ("discord", "M{base62:23}.{base62:6}.{base62:38}"),
        ] {
            // The chance is one in 65,536 for the shortest of them; those seeds do not count.
            let verdict = judge(kind, &[], &expand(shaped, seed));
            prop_assert!(verdict.outcome == Outcome::Fails || kind == "nkey", "{}: {}", kind, verdict.why);
        }
    }
}
