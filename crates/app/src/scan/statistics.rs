//! What a walk over a history took, for `--stats`.

use crate::collect::Collector;
use gatepost_core::statistics::{HistoryStatistics, KindStatistics};
use gatepost_core::{Gate, Phase};
use gatepost_source::history::{ObjectKind, Work};

/// Adds what a walk took.
pub(super) fn of_walk(work: &Work, gate: &Gate, collected: &mut Collector) {
    let statistics = &mut collected.statistics;
    statistics.scanner.merge(gate.statistics());
    let phases = [(Phase::Opening, work.opening), (Phase::Walk, work.walking), (Phase::Links, work.asking)];
    statistics.phases.extend(phases);
    let kinds = ObjectKind::ALL.iter().zip(work.read);
    statistics.history = Some(HistoryStatistics {
        kinds: kinds
            .map(|(kind, (objects, bytes))| KindStatistics { kind: kind.as_str(), objects, bytes })
            .collect(),
        edits: work.edits,
        lent: work.lent,
        inflated: work.inflated,
    });
}
