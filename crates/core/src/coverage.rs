//! What a run looked at, and what it did not. A result without this is a guess.

use crate::severity::words;
use std::collections::BTreeMap;

/// Why something was not judged.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum SkipReason {
    /// A path that the policy excludes.
    Excluded,
    /// Larger than the policy's limit.
    TooLarge,
    /// Ignored by `.gitignore` or `.ignore` in a scan of files.
    Ignored,
    /// A submodule: its content is in another repository.
    Submodule,
    /// An object that could not be read or decoded.
    Unreadable,
    /// An object that the repository does not have (a partial clone, a broken one).
    Missing,
    /// History that a shallow clone does not have.
    Shallow,
    /// Time ran out.
    TimeOut,
    /// What an archive holds beyond the policy's limits: too deep, too large, too many entries.
    ArchiveLimit,
    /// What an archive holds that becomes so much larger unpacked that it is a bomb.
    ArchiveRatio,
    /// What an archive holds under a password.
    EncryptedArchive,
    /// What an archive holds that is broken.
    UnreadableArchive,
    /// What an archive holds that is packed in a way which is not known, and archives of formats that are not opened.
    UnsupportedArchive,
}

words!(SkipReason {
    Excluded = "excluded",
    TooLarge = "too-large",
    Ignored = "ignored",
    Submodule = "submodule",
    Unreadable = "unreadable",
    Missing = "missing",
    Shallow = "shallow",
    TimeOut = "time-out",
    ArchiveLimit = "archive-limit",
    ArchiveRatio = "archive-ratio",
    EncryptedArchive = "encrypted-archive",
    UnreadableArchive = "unreadable-archive",
    UnsupportedArchive = "unsupported-archive",
});

impl SkipReason {
    /// Whether the policy, or the nature of the thing, declares the skip: it is counted and the run
    /// stays complete. Every other reason makes the run incomplete.
    ///
    /// A broken or encrypted archive is as it is by nature: its own bytes were all read and judged, nobody can read more, and
    /// the test data of many projects has some. It is no object that the repository failed to give.
    #[must_use]
    pub const fn is_declared(self) -> bool {
        match self {
            Self::Excluded
            | Self::TooLarge
            | Self::Ignored
            | Self::Submodule
            | Self::ArchiveLimit
            | Self::ArchiveRatio
            | Self::EncryptedArchive
            | Self::UnreadableArchive
            | Self::UnsupportedArchive => true,
            Self::Unreadable | Self::Missing | Self::Shallow | Self::TimeOut => false,
        }
    }
}

/// What a run looked at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Coverage {
    /// Commits judged.
    pub commits: u64,
    /// Objects that the source listed, of every kind.
    pub objects: u64,
    /// Blobs read and judged.
    pub blobs: u64,
    /// Bytes judged, of blobs, files and messages.
    pub bytes: u64,
    /// Files, or changed paths, judged.
    pub files: u64,
    /// Messages, names and identities judged.
    pub texts: u64,
    /// What was skipped, counted by reason.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// Whether the repository is a shallow clone.
    pub shallow: bool,
}

impl Coverage {
    /// Counts one skip.
    pub fn skip(&mut self, reason: SkipReason) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    /// Adds what another part of the run looked at.
    pub fn merge(&mut self, other: &Self) {
        self.commits += other.commits;
        self.objects += other.objects;
        self.blobs += other.blobs;
        self.bytes += other.bytes;
        self.files += other.files;
        self.texts += other.texts;
        self.shallow |= other.shallow;
        for (reason, count) in &other.skipped {
            *self.skipped.entry(*reason).or_default() += count;
        }
    }

    /// Whether everything was judged that was asked for, but for skips that are declared.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.skipped.iter().all(|(reason, count)| *count == 0 || reason.is_declared())
    }

    /// Whether nothing at all was judged.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.commits == 0 && self.objects == 0 && self.blobs == 0 && self.files == 0 && self.texts == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_undeclared_skips_make_a_run_incomplete() {
        let mut coverage = Coverage::default();
        coverage.skip(SkipReason::TooLarge);
        assert!(coverage.is_complete());
        coverage.skip(SkipReason::Missing);
        assert!(!coverage.is_complete());
    }
}
