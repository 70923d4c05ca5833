//! What the process has used, for `--stats`.

use crate::session::Session;
use gatepost_core::{Phase, Statistics};
use std::time::{Duration, Instant};

/// `1 repository`, `2 repositories`.
pub(crate) fn repositories(count: usize) -> String {
    if count == 1 { "1 repository".to_owned() } else { format!("{count} repositories") }
}

/// Adds what is known only at the end of a run. `settling` is when settling began.
pub(crate) fn complete(statistics: &mut Statistics, session: &Session, settling: Instant) {
    if statistics.history.is_none() {
        statistics.phases.insert(0, (Phase::Policy, session.ready));
        let judged = settling.duration_since(session.started).saturating_sub(session.ready);
        statistics.phases.push((Phase::Judging, judged));
    }
    statistics.phases.push((Phase::Settling, settling.elapsed()));
    statistics.threads = session.threads as u64;
    statistics.processor = processor();
    statistics.peak_memory = peak_memory();
}

/// The processor time of all threads.
#[cfg(unix)]
fn processor() -> Option<Duration> {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let (seconds, nanoseconds) = (u64::try_from(used.tv_sec).ok()?, u32::try_from(used.tv_nsec).ok()?);
    Some(Duration::new(seconds, nanoseconds))
}

#[cfg(not(unix))]
fn processor() -> Option<Duration> {
    None
}

/// The most memory that was resident, in bytes: the high-water mark that Linux keeps. Other systems do not tell without
/// calls of their own.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}
