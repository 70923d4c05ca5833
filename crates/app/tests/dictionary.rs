//! A published baseline against a million likely passwords: what somebody learns who has the file, this program's source
//! and everything about a password's place but the password.

// clippy lets tests unwrap, and does not count the helpers of an integration test among them.
#![allow(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "tests fail by panicking, and the texts are ASCII"
)]

use gatepost_core::baseline::Baseline;
use gatepost_core::check::Context;
use gatepost_core::fingerprint::FingerprintKey;
use gatepost_core::policy::{Layer, Origin, Policy};
use gatepost_core::sink::Collected;
use gatepost_core::{Document, DocumentKind, Fingerprint, Gate, Stage, Timestamp};
use std::collections::BTreeSet;

const CANDIDATES: usize = 1_000_000;

/// A likely password: a word of two syllables, `secret`, two digits and a sign.
type Password = [u8; 13];

const CONSONANTS: &[u8; 20] = b"bcdfghjklmnpqrstvwxz";
const VOWELS: &[u8; 5] = b"aeiou";

/// The candidate of a number, `Rumosecret47!`: a hundred syllables, twice, and a hundred numbers make a million.
fn candidate(number: usize) -> Password {
    let (first, second, digits) = (number % 100, number / 100 % 100, number / 10_000);
    let mut word = *b"____secret__!";
    word[0] = CONSONANTS[first % 20].to_ascii_uppercase();
    word[1] = VOWELS[first / 20];
    word[2] = CONSONANTS[second % 20];
    word[3] = VOWELS[second / 20];
    word[10] = b'0' + u8::try_from(digits / 10).unwrap();
    word[11] = b'0' + u8::try_from(digits % 10).unwrap();
    word
}

/// Some of the candidates, two in each 50,000 of them, in which no letter comes too often to look random.
fn passwords(from: usize) -> Vec<Password> {
    let varied = |word: &Password| word.iter().collect::<BTreeSet<_>>().len() >= 10;
    let steps = (from..CANDIDATES).step_by(25_000);
    steps.map(|start| (start..).map(candidate).find(varied).unwrap()).collect()
}

/// A line for each of them.
fn line(index: usize, password: &str) -> String {
    format!("password{index} = \"{password}\"\n")
}

/// The baseline that gatepost writes for these passwords, as the world sees it.
fn published(policy: &str, passwords: &[Password]) -> Vec<Fingerprint> {
    let layer = Layer { origin: Origin::File("gatepost.toml".to_owned()), text: policy.to_owned() };
    let policy = Policy::load(&[layer]).unwrap();
    let now = Timestamp { seconds: 1_795_305_600, offset_minutes: 0 };
    let rules = &gatepost_rules::BUILTIN;
    let context = Context { policy: &policy, stage: Stage::Scan, rules, now, fingerprint_key: None };
    let words = passwords.iter().map(|password| std::str::from_utf8(password).unwrap());
    let text: String = words.enumerate().map(|(at, password)| line(at, password)).collect();
    let mut sink = Collected::default();
    let document = Document::new(DocumentKind::Blob, text.as_bytes());
    Gate::new(&context).unwrap().document(&document, &mut sink);
    let text = Baseline::of(&sink.findings).render();
    let baseline = Baseline::parse(&text).unwrap();
    assert_eq!(baseline.len(), passwords.len(), "{text}");
    baseline.entries().map(|(fingerprint, _)| fingerprint.clone()).collect()
}

/// How many of the candidates `guess` finds in the baseline. It is sorted.
fn recovered(baseline: &[Fingerprint], guess: impl Fn(&Password) -> Fingerprint + Sync) -> usize {
    let hits = |from: usize, to: usize| {
        (from..to).filter(|number| baseline.binary_search(&guess(&candidate(*number))).is_ok()).count()
    };
    let half = CANDIDATES / 2;
    std::thread::scope(|scope| {
        let other = scope.spawn(|| hits(half, CANDIDATES));
        hits(0, half) + other.join().unwrap()
    })
}

/// A key, and another one.
fn key(number: usize) -> String {
    FingerprintKey::text(&std::array::from_fn(|at| u8::try_from((at * 89 + number * 7 + 13) % 256).unwrap()))
}

/// The rule's family, which a baseline's lines give away with the rule.
const FAMILY: &str = "Generic";

/// The hash of a value, as tokens are hashed.
fn of_value(candidate: &Password) -> Fingerprint {
    Fingerprint::of_value(FAMILY, candidate)
}

#[test]
fn a_million_passwords_recover_nothing_from_a_keyed_baseline() {
    let baseline = published(&format!("[secrets]\nfingerprint-key = \"{}\"\n", key(0)), &passwords(0));
    assert_eq!(recovered(&baseline, of_value), 0);
    let another = FingerprintKey::parse(&key(1)).unwrap();
    assert_eq!(recovered(&baseline, |word| Fingerprint::of_keyed_value(&another, FAMILY, word)), 0);
    // Who has the key can try a dictionary: the documentation says so.
    let key = FingerprintKey::parse(&key(0)).unwrap();
    let known = passwords(0);
    let named = known.iter().map(|word| Fingerprint::of_keyed_value(&key, FAMILY, word));
    assert_eq!(named.collect::<BTreeSet<_>>(), baseline.into_iter().collect());
}

#[test]
fn a_million_passwords_recover_nothing_from_a_baseline_without_a_key() {
    let baseline = published("", &passwords(0));
    assert_eq!(recovered(&baseline, of_value), 0);
    // With all that can be known of a password but itself: the rule, the name, and what stands around it.
    let place = |word: &Password| {
        let around = [b"password0=", &word[..]].concat();
        Fingerprint::of_place("generic-credential", b"password0", &around)
    };
    assert_eq!(recovered(&baseline, place), 0);
    // Whatever the passwords are, the file is the same: there is nothing in it to be found.
    assert_eq!(published("", &passwords(1_000)), baseline);
}

#[test]
fn the_attack_is_one() {
    let mut hashed: Vec<Fingerprint> = passwords(0).iter().map(of_value).collect();
    hashed.sort();
    assert_eq!(recovered(&hashed, of_value), passwords(0).len());
    // The place of a password is known to whoever knows its line, and tells nothing of it.
    let place = Fingerprint::of_place("generic-credential", b"password0", b"password0=");
    assert!(published("", &passwords(0)).contains(&place));
}
