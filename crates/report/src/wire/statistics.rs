//! Where the time of a run went, as a report has it.

use gatepost_core::statistics::Statistics;
use serde::Serialize;

/// Where the time went.
#[derive(Serialize)]
pub(super) struct WireStatistics {
    phases: Vec<WirePhase>,
    threads: u64,
    processor_seconds: Option<f64>,
    peak_memory: Option<u64>,
    scanner: WireScanner,
    /// Only of a history.
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<WireHistory>,
}

#[derive(Serialize)]
struct WirePhase {
    phase: &'static str,
    seconds: f64,
}

#[derive(Serialize)]
struct WireScanner {
    bytes: u64,
    hits: u64,
    windows: u64,
    runs: u64,
}

#[derive(Serialize)]
struct WireHistory {
    kinds: Vec<WireKind>,
    edits: u64,
    lent: u64,
    inflated: u64,
}

#[derive(Serialize)]
struct WireKind {
    kind: &'static str,
    objects: u64,
    bytes: u64,
}

impl WireStatistics {
    pub(super) fn of(statistics: &Statistics) -> Self {
        let scanner = statistics.scanner;
        Self {
            phases: statistics
                .phases
                .iter()
                .map(|(phase, took)| WirePhase { phase: phase.as_str(), seconds: took.as_secs_f64() })
                .collect(),
            threads: statistics.threads,
            processor_seconds: statistics.processor.map(|took| took.as_secs_f64()),
            peak_memory: statistics.peak_memory,
            scanner: WireScanner {
                bytes: scanner.bytes,
                hits: scanner.hits,
                windows: scanner.windows,
                runs: scanner.runs,
            },
            history: statistics.history.as_ref().map(|history| WireHistory {
                kinds: history
                    .kinds
                    .iter()
                    .map(|one| WireKind { kind: one.kind, objects: one.objects, bytes: one.bytes })
                    .collect(),
                edits: history.edits,
                lent: history.lent,
                inflated: history.inflated,
            }),
        }
    }
}
