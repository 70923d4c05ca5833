//! The throughput of the scanner on one core, text by text: the literal pass alone, aho-corasick's DFA over the same
//! literals, and the whole scanner, with the built-in rules.
//!
//! ```sh
//! cargo bench -p gatepost-benches                                     # 8 MiB a text, the best of 5
//! cargo bench -p gatepost-benches -- --mib 32 --repeat 9 json         # larger, and only texts with `json` in their name
//! GATEPOST_BENCH_SOURCE=DIR cargo bench -p gatepost-benches           # source code of your own to make the texts of
//! GATEPOST_BENCH_TEXTS=DIR cargo bench -p gatepost-benches            # and real texts: each file or folder in DIR is one
//! cargo test -p gatepost-benches --benches                            # a moment's run, which only shows that it works
//! ```
//!
//! The DFA folds ASCII case as the pass does and reports overlapping occurrences as it does; that both find the same number is
//! checked, since otherwise nothing is compared. Time is the processor's, where the system tells it. Only ratios within one run
//! mean something.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

mod texts;

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};
use gatepost_core::secrets::{Hit, Ruleset, Scanner, Scratch};
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use texts::Text;

const USAGE: &str =
    "usage: cargo bench -p gatepost-benches [-- [--mib N] [--repeat N] [PART OF A TEXT'S NAME]]";

struct Asked {
    bytes: usize,
    repeat: usize,
    wanted: String,
}

/// What came of one text. The throughputs are in GB/s.
struct Row {
    name: String,
    megabytes: f64,
    pass: f64,
    automaton: f64,
    whole: f64,
    hits: usize,
    matches: usize,
}

fn main() -> ExitCode {
    match arguments().and_then(|asked| bench(&asked)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<Asked, String> {
    let mut arguments = std::env::args().skip(1);
    let mut asked = Asked { bytes: 1 << 16, repeat: 1, wanted: String::new() };
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let value = arguments.next().and_then(|value| value.parse::<usize>().ok());
            value
                .filter(|value| *value > 0)
                .ok_or_else(|| format!("{argument} needs a number above 0\n{USAGE}"))
        };
        match argument.as_str() {
            // `cargo bench` says this first; `cargo test` does not, and wants to know no more than that it works.
            "--bench" => (asked.bytes, asked.repeat) = (8 << 20, 5),
            "--mib" => asked.bytes = number()? << 20,
            "--repeat" => asked.repeat = number()?,
            flag if flag.starts_with('-') => return Err(format!("there is no flag {flag}\n{USAGE}")),
            _ => asked.wanted = argument,
        }
    }
    Ok(asked)
}

fn bench(asked: &Asked) -> Result<(), String> {
    let ruleset = Ruleset::new(&gatepost_rules::BUILTIN, Vec::new()).map_err(|error| error.to_string())?;
    let automaton = automaton(&ruleset).map_err(|error| format!("the DFA: {error}"))?;
    println!(
        "{} rules, {} literals; the DFA takes {:.1} MB; one core, best of {} by {} time",
        ruleset.rules().count(),
        ruleset.literals().len(),
        automaton.memory_usage() as f64 / 1e6,
        asked.repeat,
        if processor_time().is_some() { "CPU" } else { "wall" }
    );
    let scanner = Scanner::new(Arc::new(ruleset));
    let (mut rows, all) = (Vec::new(), texts::all(asked.bytes)?);
    println!(
        "\n| text | MB | literal pass, GB/s | DFA, GB/s | pass / DFA | whole scanner, GB/s | literals / KB | matches |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    for text in all.iter().filter(|text| text.name.contains(&asked.wanted)) {
        let row = measure(&scanner, &automaton, text, asked.repeat)?;
        println!(
            "| {} | {:.1} | {:.2} | {:.2} | {:.1}x | {:.3} | {:.2} | {} |",
            row.name,
            row.megabytes,
            row.pass,
            row.automaton,
            row.pass / row.automaton,
            row.whole,
            row.hits as f64 / row.megabytes / 1e3,
            row.matches
        );
        rows.push(row);
    }
    if rows.is_empty() {
        return Err(format!("no text has `{}` in its name", asked.wanted));
    }
    println!();
    worst("literal pass", &mut rows, |row| row.pass);
    worst("whole scanner", &mut rows, |row| row.whole);
    Ok(())
}

/// aho-corasick's DFA over the literals of the rules.
fn automaton(ruleset: &Ruleset) -> Result<AhoCorasick, BuildError> {
    let literals = ruleset.literals();
    let texts = (0..).map(|index| literals.text(index)).take(literals.len());
    AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).ascii_case_insensitive(true).build(texts)
}

fn measure(scanner: &Scanner, automaton: &AhoCorasick, text: &Text, repeat: usize) -> Result<Row, String> {
    let bytes: usize = text.documents.iter().map(Vec::len).sum();
    let (mut found, mut scratch) = (Vec::<Hit>::new(), Scratch::default());
    let (pass, hits) = best(repeat, || {
        let documents = text.documents.iter().map(|document| {
            found.clear();
            scanner.hits(document, 0..document.len(), &mut found);
            black_box(&found).len()
        });
        documents.sum()
    });
    let (dfa, same) = best(repeat, || {
        let documents = text.documents.iter().map(|document| {
            found.clear();
            found.extend(
                automaton
                    .find_overlapping_iter(document)
                    .map(|hit| Hit { offset: hit.start(), literal: hit.pattern().as_u32() }),
            );
            black_box(&found).len()
        });
        documents.sum()
    });
    if hits != same {
        return Err(format!("{}: the literal pass finds {hits} literals, the DFA {same}", text.name));
    }
    // The first scan compiles the regexes that the text needs; it is no run among others.
    let mut scan =
        || text.documents.iter().map(|document| black_box(scanner.scan(document, &mut scratch)).len()).sum();
    scan();
    let (whole, matches) = best(repeat, scan);
    let pace = |seconds: f64| bytes as f64 / 1e9 / seconds;
    Ok(Row {
        name: text.name.clone(),
        megabytes: bytes as f64 / 1e6,
        pass: pace(pass),
        automaton: pace(dfa),
        whole: pace(whole),
        hits,
        matches,
    })
}

/// How long a run lasts at least when there are several, in seconds: the system counts processor time in milliseconds.
const LEAST: f64 = 0.3;

/// The time that a pass takes, in seconds, in the shortest of some runs, and what it gives. A run is as many passes as it takes
/// to be measured.
fn best(repeat: usize, mut pass: impl FnMut() -> usize) -> (f64, usize) {
    let least = if repeat > 1 { LEAST } else { 0.0 };
    let (mut shortest, mut given) = (f64::INFINITY, 0);
    for _ in 0..repeat {
        let (started, before, mut passes) = (Instant::now(), processor_time(), 0.0);
        let wall = loop {
            given = pass();
            passes += 1.0;
            let wall = started.elapsed().as_secs_f64();
            if wall >= least {
                break wall;
            }
        };
        let processor = processor_time().zip(before).map(|(after, before)| after - before);
        shortest = shortest.min(processor.filter(|time| *time >= LEAST / 10.0).unwrap_or(wall) / passes);
    }
    (shortest, given)
}

/// How long this thread has had a processor, in seconds: what runs beside counts for less in it than in wall time. Known on
/// Linux (`schedstat`: the first number, nanoseconds).
fn processor_time() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split_whitespace().next()?.parse::<f64>().ok()? / 1e9)
}

/// Says how much slower the slowest text is than the one in the middle.
fn worst(what: &str, rows: &mut [Row], pace: impl Fn(&Row) -> f64) {
    rows.sort_by(|a, b| pace(a).total_cmp(&pace(b)));
    if let (Some(slowest), Some(middle)) = (rows.first(), rows.get(rows.len() / 2)) {
        println!(
            "{what}: the slowest text ({}) takes {:.1} times the median ({})",
            slowest.name,
            pace(middle) / pace(slowest),
            middle.name
        );
    }
}
