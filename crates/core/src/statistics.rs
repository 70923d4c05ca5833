//! Where the time of a run went, as facts: no words and no format, which are for whoever shows them.

use crate::severity::words;
use std::time::Duration;

/// What a run did and how long it took.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Statistics {
    /// The parts of the run, in the order in which they began, with the wall time of each. What is between them is not told.
    pub phases: Vec<(Phase, Duration)>,
    /// How many threads there were at most.
    pub threads: u64,
    /// The processor time of all threads together; `None` where the platform does not tell.
    pub processor: Option<Duration>,
    /// The most memory that was resident at a time, in bytes, with mapped files; `None` where the platform does not tell.
    pub peak_memory: Option<u64>,
    /// Of a history: what was read from the object database.
    pub history: Option<HistoryStatistics>,
    /// What the scanner for secrets did.
    pub scanner: ScannerStatistics,
}

/// What was read from an object database.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HistoryStatistics {
    /// Git's word for each kind of object, with how many were read and their bytes.
    pub kinds: Vec<KindStatistics>,
    /// Blobs that came as an edit of another one, so that little more than the edit was looked at.
    pub edits: u64,
    /// Blobs of other shards that were looked at as the base of such edits.
    pub lent: u64,
    /// Bytes that inflating objects and applying deltas made, the bases that it took included.
    pub inflated: u64,
}

/// How many objects of a kind there were.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KindStatistics {
    /// Git's word for the kind: `blob`, `commit`, `tag`, `tree`.
    pub kind: &'static str,
    /// How many were read.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What a scanner did. Decoded text counts in the windows and not in the bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ScannerStatistics {
    /// Bytes in which literals were looked for.
    pub bytes: u64,
    /// Literals that were found in them. What is taken over from the base of an edit is not found again.
    pub hits: u64,
    /// Windows around them that were made: one rule each.
    pub windows: u64,
    /// Windows over which the rule's regex, or its detector, was run.
    pub runs: u64,
}

impl ScannerStatistics {
    /// What came since `before`, which was counted by the same scanner.
    #[must_use]
    pub const fn since(self, before: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(before.bytes),
            hits: self.hits.saturating_sub(before.hits),
            windows: self.windows.saturating_sub(before.windows),
            runs: self.runs.saturating_sub(before.runs),
        }
    }

    /// Adds another thread's.
    pub const fn merge(&mut self, other: Self) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.hits = self.hits.saturating_add(other.hits);
        self.windows = self.windows.saturating_add(other.windows);
        self.runs = self.runs.saturating_add(other.runs);
    }
}

/// A part of a run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Phase {
    /// Reading the policy and making the rules ready.
    Policy,
    /// Finding the packs, and which object is stored as an edit of which.
    Opening,
    /// Reading and scanning objects.
    Walk,
    /// Finding out what the history needs and is not there.
    Links,
    /// Finding out which commits brought the blobs with findings in, and at which paths.
    Attribution,
    /// Reading and judging what is no history: files, messages, a change.
    Judging,
    /// Applying exceptions and the baseline.
    Settling,
    /// Writing the reports.
    Report,
}

words!(Phase {
    Policy = "policy",
    Opening = "opening",
    Walk = "walk",
    Links = "links",
    Attribution = "attribution",
    Judging = "judging",
    Settling = "settling",
    Report = "report",
});
