//! Compares the two ways to scan a history, over a real one: every blob that is stored as an edit of another one is scanned by what
//! its base gave, as `gatepost scan --history` does, and whole, as a file is. The two must find the same.
//!
//! ```sh
//! cargo run --release -p gatepost-app --example differential -- REPO            # the built-in rules
//! cargo run --release -p gatepost-app --example differential -- REPO --noisy    # and rules that match ordinary code
//! cargo run --release -p gatepost-app --example differential -- REPO --every 10 # every tenth edit is compared
//! ```
//!
//! `REPO` is a folder in a repository, or a git directory. `--noisy` adds the rules of `noisy.toml`, read as a user's rule
//! file is: without literals, with short ones and common words, with wide windows, line anchors, boundaries, several parts;
//! nearly every edit then touches the windows of a dozen matches. All rules count at every confidence.
//!
//! What is compared of each such blob: all that the scan of the edit kept (literal hits, windows, matches, what was decoded)
//! with what a scan of nothing but new bytes keeps; the matches are made of that. What a scan of an edit kept is what the next
//! edit is scanned by, so that a fault is passed on along a chain of deltas. That makes a sample worth something where the noisy
//! rules would take an hour: with `--every N` one in N blobs is compared, by its id, and every blob is scanned by its edit.
//!
//! It prints counts and the first mismatches: the blob's id, and each match that only one of the two has, with its rule and
//! the offsets of its secret, never the secret. It ends with 0 when there was no mismatch and everything could be read, with
//! 1 otherwise, and with 2 when it could not begin. A repository in which no blob is stored as an edit compares nothing: that
//! is 1 as well.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

use gatepost_core::Stretch;
use gatepost_core::secrets::{Match, RuleFile, Ruleset, Scanner, Scratch, Trace};
use gatepost_source::history::{self, Edit, Kinds, Object, Progress, Visitor};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

/// A user's rules that match far too much.
const NOISY: &str = include_str!("noisy.toml");
/// Larger blobs are left out, as by the default policy.
const MAX_BLOB: u64 = 50 << 20;
/// How many mismatches are printed.
const PRINTED: usize = 20;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            eprintln!("differential: {why}");
            ExitCode::from(2)
        }
    }
}

/// Whether the two ways found the same.
fn run() -> Result<bool, String> {
    let (mut repository, mut is_noisy, mut every): (Option<PathBuf>, bool, u64) = (None, false, 1);
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--noisy") => is_noisy = true,
            Some("--every") => {
                let number = arguments.next().and_then(|number| number.to_str()?.parse().ok());
                every = number.filter(|number| *number > 0).ok_or("--every takes a number, 1 or more")?;
            }
            Some(flag) if flag.starts_with('-') => return Err(format!("there is no {flag}\n{USAGE}")),
            _ if repository.is_none() => repository = Some(argument.into()),
            _ => return Err(format!("one repository at a time\n{USAGE}")),
        }
    }
    let folder = repository.ok_or(USAGE)?;
    let repository = gatepost_source::open(Some(&folder)).map_err(|error| error.to_string())?;
    let own = if is_noisy { RuleFile::parse(NOISY).map_err(|error| error.to_string())? } else { Vec::new() };
    let own_count = own.len();
    let ruleset = Ruleset::new(&gatepost_rules::BUILTIN, own).map_err(|error| error.to_string())?;
    let compare = Compare { scanner: Scanner::new(Arc::new(ruleset)), every };
    let options = history::Options {
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        max_blob: MAX_BLOB,
        kinds: Kinds { commits: false, tags: false, ..Kinds::CONTENT },
        graph: false,
        shard: None,
    };
    println!(
        "{}: {} built-in rules and {own_count} noisy ones",
        folder.display(),
        gatepost_rules::BUILTIN.len()
    );
    let started = Instant::now();
    let walked = history::walk(repository.as_ref(), &options, &compare, &Progress::default())
        .map_err(|error| error.to_string())?;
    let seconds = started.elapsed().as_secs_f64();
    let mut seen = Seen::default();
    for worker in walked.workers {
        seen.add(worker);
    }
    seen.print(&compare.scanner);
    println!("{seconds:.0} s on {} threads", options.threads);
    for problem in &walked.problems {
        println!("PROBLEM: {}", problem.what);
    }
    for failure in compare.scanner.ruleset().failures() {
        println!("PROBLEM: {failure}");
    }
    if seen.compared == 0 {
        println!(
            "NOTHING COMPARED: no blob, or none of the sample, is stored as an edit of another one; `git repack -a -d` makes some"
        );
    }
    let is_whole = walked.problems.is_empty() && compare.scanner.ruleset().failures().is_empty();
    Ok(is_whole && seen.compared > 0 && seen.mismatches == 0)
}

const USAGE: &str = "usage: differential REPO [--noisy] [--every N]";

struct Compare {
    scanner: Scanner,
    /// One blob in so many is compared.
    every: u64,
}

/// What one thread counted.
#[derive(Default)]
struct Seen {
    scratch: Scratch,
    blobs: u64,
    bytes: u64,
    edits: u64,
    /// Of the blobs that are edits.
    edited_bytes: u64,
    /// Of these, bytes that were not copied.
    new_bytes: u64,
    compared: u64,
    with_matches: u64,
    matches: u64,
    decoded: u64,
    too_large: u64,
    mismatches: u64,
    first: Vec<Mismatch>,
}

/// A blob of which the two ways say different things.
struct Mismatch {
    id: String,
    size: usize,
    /// Offsets of what was not copied.
    new: Vec<(usize, usize)>,
    only_of_edit: Vec<Match>,
    only_of_whole: Vec<Match>,
}

impl Visitor for Compare {
    type Worker = Seen;
    type Trace = Trace;

    fn worker(&self) -> Seen {
        Seen::default()
    }

    fn visit(&self, seen: &mut Seen, object: &Object<'_>, edit: Option<Edit<'_, Trace>>) -> Option<Trace> {
        let Some(bytes) = object.bytes else {
            seen.too_large += 1;
            return None;
        };
        seen.blobs += 1;
        seen.bytes += object.size;
        let Some(Edit { base, stretches }) = edit else {
            return Some(self.scanner.trace(bytes, &mut seen.scratch));
        };
        let of_edit = self.scanner.trace_edit(bytes, base, stretches, &mut seen.scratch);
        seen.edits += 1;
        seen.edited_bytes += object.size;
        let new = stretches.iter().filter(|stretch| stretch.from.is_none());
        seen.new_bytes += new.map(|stretch| stretch.range.len() as u64).sum::<u64>();
        let id = object.id.as_bytes().iter().rev().fold(0, |id, byte| id << 8 | u64::from(*byte));
        if !id.is_multiple_of(self.every) {
            return Some(of_edit);
        }
        let of_whole = self.scanner.trace(bytes, &mut seen.scratch);
        let theirs = self.scanner.matches_of(&of_whole);
        seen.compared += 1;
        seen.with_matches += u64::from(!theirs.is_empty());
        seen.matches += theirs.len() as u64;
        seen.decoded += theirs.iter().filter(|found| found.decoded.is_some()).count() as u64;
        if of_edit != of_whole {
            let ours = self.scanner.matches_of(&of_edit);
            seen.mismatch(object, bytes.len(), stretches, &ours, &theirs);
        }
        Some(of_edit)
    }
}

impl Seen {
    fn mismatch(
        &mut self,
        object: &Object<'_>,
        size: usize,
        stretches: &[Stretch],
        ours: &[Match],
        theirs: &[Match],
    ) {
        self.mismatches += 1;
        if self.first.len() < PRINTED {
            let only = |left: &[Match], right: &[Match]| {
                left.iter().filter(|m| !right.contains(m)).cloned().collect()
            };
            let new = stretches.iter().filter(|stretch| stretch.from.is_none());
            self.first.push(Mismatch {
                id: object.id.to_string(),
                size,
                new: new.map(|stretch| (stretch.range.start, stretch.range.end)).collect(),
                only_of_edit: only(ours, theirs),
                only_of_whole: only(theirs, ours),
            });
        }
    }

    fn add(&mut self, other: Self) {
        self.blobs += other.blobs;
        self.bytes += other.bytes;
        self.edits += other.edits;
        self.edited_bytes += other.edited_bytes;
        self.compared += other.compared;
        self.new_bytes += other.new_bytes;
        self.with_matches += other.with_matches;
        self.matches += other.matches;
        self.decoded += other.decoded;
        self.too_large += other.too_large;
        self.mismatches += other.mismatches;
        self.first.extend(other.first);
    }

    fn print(&self, scanner: &Scanner) {
        println!("{} blobs ({} MB), {} too large to be read", self.blobs, self.bytes >> 20, self.too_large);
        println!(
            "{} of them edits ({} MB, {} MB new in them)",
            self.edits,
            self.edited_bytes >> 20,
            self.new_bytes >> 20
        );
        println!(
            "{} edits compared, {} with matches: {} matches ({} decoded), {} mismatches",
            self.compared, self.with_matches, self.matches, self.decoded, self.mismatches
        );
        for mismatch in self.first.iter().take(PRINTED) {
            println!(
                "MISMATCH: blob {} ({} bytes), new in it: {:?}",
                mismatch.id, mismatch.size, mismatch.new
            );
            if mismatch.only_of_edit.is_empty() && mismatch.only_of_whole.is_empty() {
                println!("  the same matches, but not the same literal hits or windows");
            }
            for (who, found) in [("edit", &mismatch.only_of_edit), ("whole", &mismatch.only_of_whole)] {
                for found in found.iter().take(PRINTED) {
                    let rule = scanner.ruleset().rule(found.rule).map_or("?", |rule| rule.id.as_ref());
                    println!(
                        "  only by the scan of the {who}: {rule} at {:?}, {}",
                        found.secret, found.confidence
                    );
                }
            }
        }
    }
}
