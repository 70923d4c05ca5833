//! Where the time of a run went, in words.

use crate::summary::{bytes, duration, grouped};
use gatepost_core::Phase;
use gatepost_core::statistics::{HistoryStatistics, Statistics};
use std::time::Duration;

/// The words for people, a line for each fact, without a line end at the end. `whole` is how long the run took.
#[must_use]
pub fn statistics(statistics: &Statistics, whole: Duration) -> String {
    let mut lines = vec![format!("gatepost: where the time went, of {}:", duration(whole))];
    for (phase, took) in &statistics.phases {
        lines.push(format!("  {:>9}  {}", duration(*took), phase_in_words(*phase)));
    }
    lines.push(machine(statistics));
    if let Some(history) = &statistics.history {
        lines.extend(of_history(history));
    }
    let scanner = statistics.scanner;
    lines.push(format!(
        "  scanner: {} looked at for literals, {} found; {} around them, in {} a rule was tried",
        bytes(scanner.bytes),
        grouped(scanner.hits),
        many(scanner.windows, "window"),
        grouped(scanner.runs),
    ));
    lines.join("\n")
}

const fn phase_in_words(phase: Phase) -> &'static str {
    match phase {
        Phase::Policy => "reading the policy and making the rules ready",
        Phase::Opening => "finding the packs and which object is an edit of which",
        Phase::Walk => "reading objects, scanning them and writing down how they hang together",
        Phase::Links => "finding out what the history needs and is not there",
        Phase::Attribution => "finding the commits and paths of what was found",
        Phase::Judging => "reading and judging",
        Phase::Settling => "exceptions, the baseline, and putting the report together",
        Phase::Report => "writing the report",
    }
}

fn machine(statistics: &Statistics) -> String {
    let mut parts = vec![many(statistics.threads, "thread")];
    if let Some(processor) = statistics.processor {
        parts.push(format!("{} of processor time in all", duration(processor)));
    }
    if let Some(peak) = statistics.peak_memory {
        parts.push(format!("{} of memory at the peak, mapped files included", bytes(peak)));
    }
    format!("  machine: {}", parts.join(", "))
}

fn of_history(history: &HistoryStatistics) -> Vec<String> {
    let kinds: Vec<String> = history
        .kinds
        .iter()
        .filter(|kind| kind.objects > 0)
        .map(|kind| format!("{} ({})", many(kind.objects, kind.kind), bytes(kind.bytes)))
        .collect();
    let kinds = if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(", ") };
    let lent = match history.lent {
        0 => String::new(),
        lent => format!("; {} of other shards looked at for the sake of their edits", many(lent, "blob")),
    };
    vec![
        format!("  objects: {kinds} read; {} made by inflating", bytes(history.inflated)),
        format!("  edits: {} came as an edit of another one{lent}", many(history.edits, "blob")),
    ]
}

/// `1,234 blobs`.
fn many(number: u64, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {one}{plural}", grouped(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_history_is_told_in_plain_words() {
        let report = testing::shard();
        insta::assert_snapshot!(statistics(&report.statistics.unwrap(), report.duration));
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        let facts = Statistics { threads: 1, ..Statistics::default() };
        let text = statistics(&facts, Duration::from_millis(3));
        assert!(text.contains("machine: 1 thread\n"), "{text}");
        assert!(!text.contains("objects:"), "{text}");
    }
}
