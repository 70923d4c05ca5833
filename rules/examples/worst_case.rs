//! How slow the slowest rule is: every rule alone, over texts made to be the worst for it, as a multiple of the median.
//!
//! ```sh
//! cargo run --release -p gatepost-rules --example worst_case            # about a minute
//! cargo run --release -p gatepost-rules --example worst_case -- 1024    # KiB of text; 256 without it
//! cargo run --release -p gatepost-rules --example worst_case -- 256 jwt # only rules with this in their id
//! ```
//!
//! A text is grown fourfold until it has the size asked for or takes too long, so that a rule whose time grows with
//! the square of the text shows up in a minute and not in an hour. Only ratios within one run mean something.

#![allow(clippy::print_stdout, reason = "it is a program")]

use gatepost_core::secrets::{Builtin, Rule, Ruleset, Scanner, Scratch, expand};
use gatepost_rules::BUILTIN;
use std::sync::Arc;
use std::time::Instant;

/// A text that takes a rule longer than this, in seconds, is not grown any more.
const ENOUGH: f64 = 0.25;
/// The size in bytes that every text has first.
const SMALLEST: usize = 16 << 10;

struct Worst<'a> {
    rule: &'a Rule,
    text: &'static str,
    /// Seconds per byte.
    pace: f64,
    size: usize,
    /// How the pace changed with the last growth of the text: 1 is linear, 4 is quadratic.
    growth: f64,
    matches: usize,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let size = arguments.next().and_then(|size| size.parse().ok()).unwrap_or(256) << 10;
    let wanted = arguments.next().unwrap_or_default();
    let started = Instant::now();
    let mut all: Vec<Worst<'_>> = Vec::new();
    for rule in BUILTIN.rules().filter(|rule| rule.id.contains(&wanted)) {
        let ruleset =
            Builtin::new(std::slice::from_ref(rule)).and_then(|alone| Ruleset::new(&alone, Vec::new()));
        let Ok(ruleset) = ruleset else { continue };
        let scanner = Scanner::new(Arc::new(ruleset));
        // Compile first: what is asked is the pace over text.
        let _ = scan(&scanner, seeds(rule, &scanner).first().map_or(&[], |(_, seed)| seed));
        all.extend(worst(rule, &scanner, size));
    }
    all.sort_by(|a, b| b.pace.total_cmp(&a.pace));
    let Some(median) = all.get(all.len() / 2).map(|worst| worst.pace) else {
        println!("no rule has `{wanted}` in its id");
        return;
    };
    println!(
        "{} rules in {:.0} s; median {:.0} MB/s",
        all.len(),
        started.elapsed().as_secs_f64(),
        1e-6 / median
    );
    println!("{:>8} {:>9} {:>9} {:>6} {:>8}  rule, text", "multiple", "MB/s", "KiB", "growth", "matches");
    for worst in all.iter().take(10) {
        println!(
            "{:>7.1}x {:>9.2} {:>9} {:>6.1} {:>8}  {}, {}",
            worst.pace / median,
            1e-6 / worst.pace,
            worst.size >> 10,
            worst.growth,
            worst.matches,
            worst.rule.id,
            worst.text
        );
    }
}

/// The text of a rule that takes it the longest.
fn worst<'a>(rule: &'a Rule, scanner: &Scanner, size: usize) -> Option<Worst<'a>> {
    let measured = seeds(rule, scanner).into_iter().map(|(text, seed)| {
        let (mut length, mut before) = (SMALLEST.min(size), None);
        loop {
            let bytes = repeated(&seed, length);
            let (seconds, matches) = scan(scanner, &bytes);
            let pace = seconds / bytes.len().max(1) as f64;
            let growth = before.map_or(1.0, |before| pace / before);
            if length >= size || seconds > ENOUGH {
                return Worst { rule, text, pace, size: length, growth, matches };
            }
            before = Some(pace);
            length = length.saturating_mul(4).min(size);
        }
    });
    measured.max_by(|a, b| a.pace.total_cmp(&b.pace))
}

/// Seconds that this thread has run: where the system does not tell, seconds that went by. On a machine that others use as
/// well only the first compares rule with rule.
fn clock(started: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ran = told.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    ran.map_or_else(|| started.elapsed().as_secs_f64(), |nanoseconds| nanoseconds * 1e-9)
}

/// The better of two scans, in seconds, and how many matches there were.
fn scan(scanner: &Scanner, bytes: &[u8]) -> (f64, usize) {
    let mut scratch = Scratch::default();
    let (mut best, started) = ((f64::MAX, 0), Instant::now());
    for _ in 0..2 {
        let before = clock(started);
        let found = scanner.scan(bytes, &mut scratch).len();
        let seconds = clock(started) - before;
        best = (seconds.min(best.0), found);
        if seconds > ENOUGH {
            break;
        }
    }
    best
}

/// What is repeated to make a rule's texts.
fn seeds(rule: &Rule, scanner: &Scanner) -> Vec<(&'static str, Vec<u8>)> {
    let mut seeds = Vec::new();
    let example = rule.examples.first().map_or("", |example| example);
    let example = expand(example, 7).into_bytes();
    let found = scanner.scan(&example, &mut Scratch::default());
    let secret = found.first().map_or(0..example.len(), |found| found.secret.clone());
    let value = example.get(secret.clone()).unwrap_or(&[]);
    let before = example.get(..secret.start).unwrap_or(&[]);
    for keyword in rule.keywords.iter().take(4).map(|keyword| keyword.as_bytes()) {
        seeds.push(("keyword again and again", keyword.to_vec()));
        seeds.push(("keyword, =", [keyword, b"="].concat()));
        seeds.push(("keyword, blanks", [keyword, &[b' '; 200]].concat()));
        seeds.push(("keyword, one blank", [keyword, b" "].concat()));
        seeds.push(("keyword, lines", [keyword, &[b'\n'; 60]].concat()));
        seeds.push(("keyword, what a value is made of", [keyword, &run_of(value, 4096)].concat()));
        seeds
            .push(("keyword, =, what a value is made of", [keyword, b" = \"", &run_of(value, 250)].concat()));
    }
    if value.len() > 1 {
        let cut = value.get(..value.len() - 1).unwrap_or(&[]);
        seeds.push(("example without its last character", [before, cut, b"\n"].concat()));
        seeds.push(("value without its last character", cut.to_vec()));
        seeds.push(("example, what a value is made of", [before, &run_of(value, 4096)].concat()));
    }
    let examples = (0..40).flat_map(|seed| {
        let example = rule.examples.first().map_or("", |example| example);
        [expand(example, seed).into_bytes(), b"\n".to_vec()].concat()
    });
    seeds.push(("examples", examples.collect()));
    seeds
}

/// Characters of `value` in no order.
fn run_of(value: &[u8], length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        value.get((state >> 8) as usize % value.len().max(1)).copied().unwrap_or(b'a')
    };
    (0..length).map(next).collect()
}

fn repeated(seed: &[u8], size: usize) -> Vec<u8> {
    seed.iter().copied().cycle().take(size).collect()
}
