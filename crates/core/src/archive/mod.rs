//! Looking inside archives: from the bytes of one to the bytes of what is in it, and in that, and in that.
//!
//! A key in a jar is leaked as much as one in a text file, and no other gate of a change sees it. What is an archive is told
//! by its bytes and never by its name. Everything here is bounded by [`Limits`]: how deep archives stand in one another, how
//! much is unpacked, how many entries are looked at. What is left out for such a limit, and what is encrypted, broken or
//! packed in an unknown way, is counted by its reason, and what could be unpacked until then is still handed out.
//!
//! Each format is a file of its own with a [`Format`], and a line in [`FORMATS`].

mod bz2;
mod gz;
mod pdf;
mod png;
mod sealed;
mod tar;
mod unpacker;
mod xz;
mod zip;
mod zst;

#[cfg(test)]
pub(crate) mod packing;
#[cfg(test)]
mod tests;

pub use unpacker::Unpacker;

use crate::{RepoPath, SkipReason};
use std::collections::BTreeMap;

/// Every format there is.
pub static FORMATS: &[&Format] = &[
    &zip::FORMAT,
    &tar::FORMAT,
    &gz::FORMAT,
    &bz2::FORMAT,
    &xz::FORMAT,
    &zst::FORMAT,
    &pdf::FORMAT,
    &png::FORMAT,
    &sealed::SEVEN_ZIP,
    &sealed::RAR,
];

/// A kind of archive.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Its usual ending: `zip`.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Whether bytes are of this format. It looks at a few bytes at fixed places: every blob is asked.
    pub is: fn(&[u8]) -> bool,
    /// Hands everything that is in it to the unpacker.
    pub open: fn(&[u8], &mut Unpacker<'_>),
}

/// What a format holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holds {
    /// Files, each with a name.
    Files,
    /// One compressed file. An archive in it has no name of its own in the path of what is found.
    OneFile,
    /// Parts of one document. It is no level of depth.
    Parts,
}

/// How far an archive is unpacked. What lies beyond is counted as skipped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How many archives may stand in one another; a tar and its compression are one. 0: none is opened.
    pub depth: u32,
    /// The most bytes to unpack for one outermost archive, over all levels.
    pub total: u64,
    /// The most bytes of one entry.
    pub entry: u64,
    /// The most bytes that one packed byte may become, once an entry has more than 1 MiB.
    pub ratio: u64,
    /// The most entries for one outermost archive, over all levels.
    pub entries: u32,
}

/// The name of an entry that has none: most single compressed files do not say what they hold.
pub const UNNAMED: &[u8] = b"content";

/// Entries of one outermost archive that are looked at. The largest archives that people commit, SDKs as jars, have
/// some ten thousand.
pub const MAX_ENTRIES: u32 = 100_000;

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 3, total: 64 << 20, entry: 50 << 20, ratio: 200, entries: MAX_ENTRIES }
    }
}

/// Something unpacked.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Its path, outermost archive first; one name for each archive that it is in, except that an archive in a single
    /// compressed file is taken for the file.
    pub names: &'a [RepoPath],
    /// How many formats it is in: 1 for what is in the outermost. Entries come after all that is in them, so that what
    /// came since the last entry of this level or a lower one is in this one.
    pub level: u32,
    /// Its bytes; only their beginning where a limit or a defect cut it short.
    pub bytes: &'a [u8],
}

/// What was not unpacked, counted by reason.
pub type Skips = BTreeMap<SkipReason, u64>;

/// The format of bytes, where it is a known one.
#[must_use]
pub fn recognise(bytes: &[u8]) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| (format.is)(bytes))
}

/// Unpacks bytes that are an archive, and what is in them, within limits, and hands every entry to `visit`: also those
/// that were opened in turn. Bytes that are no archive give nothing.
///
/// ```
/// use gatepost_core::archive::{Limits, open};
///
/// // A gzip file (RFC 1952) with one stored block.
/// let packed = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x01\x05\0\xfa\xffhello\x86\xa6\x10\x36\x05\0\0\0";
/// let mut seen = Vec::new();
/// let skips = open(packed, &Limits::default(), &mut |entry| seen.push(entry.bytes.to_vec()));
/// assert_eq!(seen, [b"hello"]);
/// assert!(skips.is_empty());
/// ```
pub fn open(bytes: &[u8], limits: &Limits, visit: &mut dyn FnMut(&Entry<'_>)) -> Skips {
    if limits.depth == 0 {
        return Skips::new();
    }
    let Some(format) = recognise(bytes) else { return Skips::new() };
    let mut unpacker = Unpacker::new(limits, visit);
    unpacker.open(format, bytes);
    unpacker.finish()
}
