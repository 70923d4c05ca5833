//! What formats hand their entries to: it keeps the limits, counts what is left out, and opens archives in archives.

use super::{Entry, Format, Holds, Limits, Skips, UNNAMED, recognise};
use crate::{RepoPath, SkipReason};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An entry of fewer bytes is no bomb, whatever its ratio: small files of zeros are common.
const RATIO_FROM: u64 = 1 << 20;

/// How many bytes are unpacked at a time.
const CHUNK: usize = 32 << 10;

/// The longest name that is kept, in bytes.
const MAX_NAME: usize = 4096;

/// The state of an unpacking.
pub struct Unpacker<'a> {
    limits: &'a Limits,
    /// Bytes that may still be unpacked.
    left: u64,
    /// Entries that may still come.
    entries_left: u32,
    /// Whether a limit for the whole has been reached and counted.
    spent: bool,
    skips: Skips,
    names: Vec<RepoPath>,
    level: u32,
    depth: u32,
    /// What the format holds that is being read.
    holds: Holds,
    visit: &'a mut dyn FnMut(&Entry<'_>),
}

impl std::fmt::Debug for Unpacker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unpacker")
            .field("names", &self.names)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

impl<'a> Unpacker<'a> {
    pub(super) fn new(limits: &'a Limits, visit: &'a mut dyn FnMut(&Entry<'_>)) -> Self {
        Self {
            limits,
            left: limits.total,
            entries_left: limits.entries,
            spent: false,
            skips: Skips::new(),
            names: Vec::new(),
            level: 0,
            depth: 0,
            holds: Holds::Files,
            visit,
        }
    }

    pub(super) fn finish(self) -> Skips {
        self.skips
    }

    /// Counts something that is left out.
    pub fn skip(&mut self, reason: SkipReason) {
        *self.skips.entry(reason).or_default() += 1;
    }

    /// Whether nothing more is taken: a format that has much to read on need not.
    #[must_use]
    pub const fn is_spent(&self) -> bool {
        self.spent
    }

    /// Opens what was recognised. What is in it comes with the names that stand now.
    pub(super) fn open(&mut self, format: &Format, bytes: &[u8]) {
        // A compressed tar is one archive to everybody.
        let is_one = format.holds == Holds::Files && self.holds == Holds::OneFile && format.name == "tar";
        let is_level = format.holds != Holds::Parts && !is_one;
        let deepest = self.limits.depth.saturating_mul(2).saturating_add(2);
        if (is_level && self.depth >= self.limits.depth) || self.level >= deepest {
            return self.skip(SkipReason::ArchiveLimit);
        }
        // An archive that is all that a compressed file holds has that file's name.
        let hidden = if self.holds == Holds::OneFile && format.holds != Holds::Parts {
            self.names.pop()
        } else {
            None
        };
        let outer = std::mem::replace(&mut self.holds, format.holds);
        self.depth += u32::from(is_level);
        (format.open)(bytes, self);
        self.depth -= u32::from(is_level);
        self.holds = outer;
        self.names.extend(hidden);
    }

    /// Takes an entry that stands in the archive as it is, and that no other entry shares bytes with.
    pub fn entry(&mut self, name: &[u8], bytes: &[u8]) {
        if !self.takes_another() {
            return;
        }
        let most = usize::try_from(self.limits.entry).unwrap_or(usize::MAX);
        if bytes.len() > most {
            self.skip(SkipReason::ArchiveLimit);
        }
        self.hand_out(name, bytes.get(..most).unwrap_or(bytes));
    }

    /// Takes an entry that is unpacked from `packed` bytes. A reader that fails has been broken; what it gave before is
    /// taken.
    pub fn unpack(&mut self, name: &[u8], packed: usize, reader: impl Read) {
        if let Some(reason) = self.try_unpack(name, packed, reader) {
            self.skip(reason);
        }
    }

    /// As [`Unpacker::unpack`], for a format that knows better why a reader fails: the reason is given back, not counted.
    pub fn try_unpack(&mut self, name: &[u8], packed: usize, reader: impl Read) -> Option<SkipReason> {
        if !self.takes_another() {
            return None;
        }
        let mut out = Vec::new();
        // The decoders are other people's: one that falls over its input has found it broken, and the gate stands.
        let cut = catch_unwind(AssertUnwindSafe(|| self.fill(&mut out, packed as u64, reader)))
            .unwrap_or(Some(SkipReason::UnreadableArchive));
        self.left = self.left.saturating_sub(out.len() as u64);
        if !out.is_empty() {
            self.hand_out(name, &out);
        }
        cut
    }

    /// Reads until the end, or until something cuts it short: the reason.
    fn fill(&self, out: &mut Vec<u8>, packed: u64, mut reader: impl Read) -> Option<SkipReason> {
        let most = self.limits.entry.min(self.left);
        let ratio = packed.saturating_mul(self.limits.ratio).max(RATIO_FROM);
        let mut chunk = [0; CHUNK];
        loop {
            let read = match reader.read(&mut chunk) {
                Ok(0) => return None,
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(_) => return Some(SkipReason::UnreadableArchive),
            };
            let room = usize::try_from(most.saturating_sub(out.len() as u64)).unwrap_or(usize::MAX);
            let new = chunk.get(..read).unwrap_or(&[]);
            out.extend_from_slice(new.get(..room).unwrap_or(new));
            if read > room {
                return Some(SkipReason::ArchiveLimit);
            }
            if out.len() as u64 > ratio {
                return Some(SkipReason::ArchiveRatio);
            }
        }
    }

    /// Whether an entry more is within the limits of the whole. That it is not is counted once.
    fn takes_another(&mut self) -> bool {
        if self.left == 0 || self.entries_left == 0 {
            if !std::mem::replace(&mut self.spent, true) {
                self.skip(SkipReason::ArchiveLimit);
            }
            return false;
        }
        self.entries_left -= 1;
        true
    }

    fn hand_out(&mut self, name: &[u8], bytes: &[u8]) {
        self.names.push(tidy(name));
        self.level += 1;
        if let Some(format) = recognise(bytes) {
            self.open(format, bytes);
        }
        (self.visit)(&Entry { names: &self.names, level: self.level, bytes });
        self.level -= 1;
        self.names.pop();
    }
}

/// A name as a path: relative, and not longer than a path can be.
fn tidy(name: &[u8]) -> RepoPath {
    let mut name = name;
    while let Some(rest) = name.strip_prefix(b"./").or_else(|| name.strip_prefix(b"/")) {
        name = rest;
    }
    let name = name.get(..MAX_NAME).unwrap_or(name);
    RepoPath::new(if name.is_empty() { UNNAMED } else { name })
}

/// Reads one packed stream after the other: formats let them stand in a row, and what is unpacked is one file.
pub(super) struct InARow<'a, R> {
    current: Option<R>,
    /// What no reader has yet.
    bytes: &'a [u8],
    /// The reader of the stream that bytes begin with, or `None` where nothing of the format follows.
    start: fn(&'a [u8]) -> Option<std::io::Result<R>>,
    /// What a reader left.
    rest: fn(R) -> &'a [u8],
    /// Streams that may still come.
    left: u32,
}

impl<'a, R> InARow<'a, R> {
    pub(super) const fn new(
        bytes: &'a [u8],
        start: fn(&'a [u8]) -> Option<std::io::Result<R>>,
        rest: fn(R) -> &'a [u8],
    ) -> Self {
        Self { current: None, bytes, start, rest, left: super::MAX_ENTRIES }
    }
}

impl<R: Read> Read for InARow<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        loop {
            if let Some(reader) = &mut self.current {
                let read = reader.read(out)?;
                if read > 0 || out.is_empty() {
                    return Ok(read);
                }
            }
            if let Some(done) = self.current.take() {
                self.bytes = (self.rest)(done);
            }
            let Some(next) = (self.start)(self.bytes) else { return Ok(0) };
            self.left = self.left.checked_sub(1).ok_or(std::io::ErrorKind::InvalidData)?;
            self.current = Some(next?);
        }
    }
}

/// A number of `N` bytes at a place, the least byte first.
pub(super) fn little<const N: usize>(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(N)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
}
