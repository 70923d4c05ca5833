//! The floor: how long it takes to inflate every blob of a repository with gatepost's own reader, and to do nothing with
//! them. A scan of the history cannot be faster than this; how near it comes is what `benches/peers/run` prints.
//!
//! ```sh
//! cargo run --release -p gatepost-benches --bin floor -- [--threads N] [--repeat N] REPOSITORY
//! ```
//!
//! Prints one line a run: seconds, blobs, bytes, throughput, and the peak of resident memory, with mapped pack files and
//! without them. The peaks are of the whole process, so those of a second run are at least those of the first; they are known
//! on Linux only. A repository that cannot be read whole has no floor: then the exit code is 1.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

use gatepost_source::history::{Kinds, Object, Options, Progress, Walked, walk};
use gatepost_source::{Error, open};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The largest blob that gatepost reads without a policy, in bytes.
const MAX_BLOB: u64 = 50 << 20;

const USAGE: &str = "usage: floor [--threads N] [--repeat N] REPOSITORY";

struct Asked {
    threads: usize,
    repeat: usize,
    repository: PathBuf,
}

fn main() -> ExitCode {
    let asked = match arguments() {
        Ok(asked) => asked,
        Err(wrong) => {
            eprintln!("{wrong}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    for _ in 0..asked.repeat {
        match run(&asked) {
            Ok(true) => {}
            Ok(false) => return ExitCode::FAILURE,
            Err(error) => {
                eprintln!("{}\n{}", error.message, error.fix);
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

fn arguments() -> Result<Asked, String> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut asked = Asked { threads, repeat: 1, repository: PathBuf::new() };
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = |name: &str| {
            let value = arguments.next().and_then(|value| value.to_str()?.parse().ok());
            value.filter(|value| *value > 0).ok_or_else(|| format!("{name} needs a number above 0"))
        };
        match argument.to_str() {
            Some("--threads") => asked.threads = number("--threads")?,
            Some("--repeat") => asked.repeat = number("--repeat")?,
            Some(flag) if flag.starts_with('-') => return Err(format!("there is no flag {flag}")),
            _ if asked.repository.as_os_str().is_empty() => asked.repository = argument.into(),
            _ => return Err("one repository at a time".to_owned()),
        }
    }
    if asked.repository.as_os_str().is_empty() {
        return Err("which repository?".to_owned());
    }
    Ok(asked)
}

/// Reads the repository once, and says whether all of it was read.
fn run(asked: &Asked) -> Result<bool, Error> {
    let (is_done, private) = (AtomicBool::new(false), AtomicU64::new(0));
    let (walked, seconds) = std::thread::scope(|scope| {
        scope.spawn(|| watch(&is_done, &private));
        let started = Instant::now();
        let walked = inflate(asked);
        let seconds = started.elapsed().as_secs_f64();
        is_done.store(true, Ordering::Relaxed);
        (walked, seconds)
    });
    let (walked, checksum) = walked?;
    for problem in &walked.problems {
        eprintln!("{}: {}", problem.place.as_deref().unwrap_or("the repository"), problem.what);
    }
    let megabytes = |kibibytes: Option<u64>| {
        kibibytes.map_or_else(|| "unknown".to_owned(), |n| format!("{} MB", n * 1024 / 1_000_000))
    };
    println!(
        "{seconds:.3} s, {} blobs, {:.1} MB, {:.2} GB/s, {} threads, {} too large, peak {}, without mapped files {}, checksum {checksum:016x}",
        walked.blobs,
        walked.bytes as f64 / 1e6,
        walked.bytes as f64 / 1e9 / seconds,
        asked.threads,
        walked.too_large,
        megabytes(status("VmHWM:")),
        megabytes(Some(private.into_inner()).filter(|peak| *peak > 0)),
    );
    Ok(walked.problems.is_empty() && walked.unreadable == 0)
}

/// The walk, and a sum over its objects, in which their order plays no part: the same for every number of threads.
fn inflate(asked: &Asked) -> Result<(Walked<()>, u64), Error> {
    let repository = open(Some(&asked.repository))?;
    let options = Options {
        threads: asked.threads,
        max_blob: MAX_BLOB,
        kinds: Kinds { blobs: true, commits: false, tags: false, trees: false },
        graph: false,
        shard: None,
    };
    let sum = AtomicU64::new(0);
    let look = |object: &Object<'_>| {
        let last = object.bytes.and_then(|bytes| bytes.last()).copied().unwrap_or_default();
        let of_this = (object.size << 8 | u64::from(last)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        sum.fetch_add(of_this, Ordering::Relaxed);
    };
    let walked = walk(repository.as_ref(), &options, &look, &Progress::default())?;
    Ok((walked, sum.into_inner()))
}

/// Keeps the most memory that was resident and not a mapped file, in KiB.
fn watch(is_done: &AtomicBool, peak: &AtomicU64) {
    while !is_done.load(Ordering::Relaxed) {
        let Some(now) = status("RssAnon:") else { return };
        peak.fetch_max(now, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// A line of `/proc/self/status`, as `proc_pid_status(5)` has it, in KiB.
fn status(name: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    text.lines().find_map(|line| line.strip_prefix(name))?.trim().strip_suffix(" kB")?.parse().ok()
}
