//! ZIP (PKWARE's APPNOTE, 6.3.10), and everything that is one: jars, wheels, packages of NuGet, office documents, apps.
//!
//! The directory at the end says what is in it. What stands between its files is searched for headers that the directory
//! does not have: of a broken archive that finds everything, and of a sound one what somebody took out of the directory alone.

use super::unpacker::little;
use super::{Format, Holds, Unpacker, bz2, xz, zst};
use crate::SkipReason;
use flate2::bufread::DeflateDecoder;
use lzma_rust2::{LzmaReader, XzReader};
use memchr::memmem;
use std::ops::Range;

pub(super) static FORMAT: Format = Format { name: "zip", holds: Holds::Files, is, open };

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
/// Length of the end record without its comment, and of the longest comment.
const END_SIZE: usize = 22;
const COMMENT: usize = 0xffff;

/// A file begins with a header, an empty archive with the end, and one behind a program ends with the end.
fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(LOCAL)
        || bytes.starts_with(END)
        || bytes
            .len()
            .checked_sub(END_SIZE)
            .and_then(|at| bytes.get(at..))
            .is_some_and(|end| end.starts_with(END))
}

/// A file, as the directory or its own header describes it.
struct Member {
    name: Range<usize>,
    method: u64,
    is_encrypted: bool,
    /// Size when unpacked; not to be trusted.
    size: u64,
    data: Range<usize>,
}

fn open(bytes: &[u8], unpacker: &mut Unpacker<'_>) {
    let mut known: Vec<Range<usize>> = Vec::new();
    let is_whole = directory(bytes, |header, data| {
        match data {
            Some(member) => {
                known.push(header..member.data.end);
                take(bytes, &member, unpacker);
            }
            None => unpacker.skip(SkipReason::UnreadableArchive),
        }
        !unpacker.is_spent()
    });
    if !is_whole {
        unpacker.skip(SkipReason::UnreadableArchive);
    }
    known.sort_unstable_by_key(|range| range.start);
    let mut at = 0;
    for range in known {
        unlisted(bytes, at..range.start, unpacker);
        at = at.max(range.end);
    }
    unlisted(bytes, at..bytes.len(), unpacker);
}

/// Reads the directory: of each file the place of its header, and what it is if that header is there, until `take` says
/// that it is enough. Whether there is a directory, and all of it could be read.
fn directory(bytes: &[u8], mut take: impl FnMut(usize, Option<Member>) -> bool) -> bool {
    let Some((mut at, shift, count)) = end(bytes) else { return false };
    let mut seen = 0_u64;
    while let Some(entry) = bytes.get(at..).filter(|entry| entry.starts_with(CENTRAL)) {
        let number = |place| little::<2>(entry, place).and_then(|number| usize::try_from(number).ok());
        let (Some(name), Some(extra), Some(comment)) = (number(28), number(30), number(32)) else {
            return false;
        };
        let Some(fields) = Fields::read(entry, 8, 46 + name..46 + name + extra) else { return false };
        let header = fields.header.and_then(|header| usize::try_from(header).ok()?.checked_add(shift));
        let member = header.and_then(|header| local(bytes, header, Some(&fields)));
        seen += 1;
        if !take(header.unwrap_or_default(), member) {
            return true;
        }
        at += 46 + name + extra + comment;
    }
    // The count is of 16 bits; ZIP64 has more, and some writers let it overflow.
    seen & 0xffff == count & 0xffff
}

/// Where the directory begins, how far everything stands behind where it says that it stands, and how many files there are.
fn end(bytes: &[u8]) -> Option<(usize, usize, u64)> {
    let from = bytes.len().saturating_sub(END_SIZE + COMMENT);
    let place = from + memmem::rfind(bytes.get(from..)?, END)?;
    let record = bytes.get(place..)?;
    let (mut count, mut size, mut start) =
        (little::<2>(record, 10)?, little::<4>(record, 12)?, little::<4>(record, 16)?);
    let mut behind = place;
    // ZIP64: a locator before the end record, and a larger end record before that.
    let locator =
        place.checked_sub(20).and_then(|at| bytes.get(at..place)).filter(|l| l.starts_with(b"PK\x06\x07"));
    let large = locator.and_then(|_| memmem::rfind(bytes.get(..place)?, b"PK\x06\x06"));
    if let Some(large) = large {
        let record = bytes.get(large..)?;
        (count, size, start) = (little::<8>(record, 32)?, little::<8>(record, 40)?, little::<8>(record, 48)?);
        behind = large;
    }
    let begin = behind.checked_sub(usize::try_from(size).ok()?)?;
    Some((begin, begin.saturating_sub(usize::try_from(start).ok()?), count))
}

/// What the directory and a local header both say of a file.
struct Fields {
    flags: u64,
    method: u64,
    packed: u64,
    size: u64,
    /// Where its header stands; in the directory only.
    header: Option<u64>,
}

impl Fields {
    /// Reads them where `flags` stands in a header; `extra` are its further fields, ZIP64's large numbers among them.
    fn read(header: &[u8], flags: usize, extra: Range<usize>) -> Option<Self> {
        let mut fields = Self {
            flags: little::<2>(header, flags)?,
            method: little::<2>(header, flags + 2)?,
            packed: little::<4>(header, flags + 12)?,
            size: little::<4>(header, flags + 16)?,
            header: if flags == 8 { little::<4>(header, 42) } else { None },
        };
        let mut extra = header.get(extra)?;
        while let (Some(id), Some(length)) = (little::<2>(extra, 0), little::<2>(extra, 2)) {
            let length = usize::try_from(length).ok()?;
            let data = extra.get(4..4 + length)?;
            if id == 1 {
                let mut places = (0..).step_by(8);
                let large = u64::from(u32::MAX);
                let header = fields.header.as_mut();
                for field in [&mut fields.size, &mut fields.packed].into_iter().chain(header) {
                    if *field == large {
                        *field = little::<8>(data, places.next()?)?;
                    }
                }
            }
            extra = extra.get(4 + length..)?;
        }
        Some(fields)
    }
}

/// The file whose header stands at a place; the directory knows sizes that the header may not.
fn local(bytes: &[u8], at: usize, listed: Option<&Fields>) -> Option<Member> {
    let header = bytes.get(at..).filter(|header| header.starts_with(LOCAL))?;
    let number = |place| little::<2>(header, place).and_then(|number| usize::try_from(number).ok());
    let (name, extra) = (number(26)?, number(28)?);
    let own;
    let fields = match listed {
        Some(listed) => listed,
        None => {
            own = Fields::read(header, 6, 30 + name..30 + name + extra)?;
            &own
        }
    };
    let start = at + 30 + name + extra;
    let rest = bytes.get(start..)?;
    // A file that was written to a pipe has its size behind it: without a directory it ends where the next thing begins.
    let packed = if listed.is_none() && fields.flags & 8 != 0 && fields.packed == 0 {
        next_signature(rest)
    } else {
        usize::try_from(fields.packed).unwrap_or(usize::MAX).min(rest.len())
    };
    Some(Member {
        name: at + 30..at + 30 + name,
        method: fields.method,
        is_encrypted: fields.flags & 0x2001 != 0,
        size: fields.size,
        data: start..start + packed,
    })
}

/// Where the next header or the description of the file before it begins.
fn next_signature(bytes: &[u8]) -> usize {
    let is_one = |at: &usize| {
        let rest = bytes.get(*at..).unwrap_or_default();
        [LOCAL, CENTRAL, END, b"PK\x07\x08"].iter().any(|signature| rest.starts_with(signature))
    };
    memmem::find_iter(bytes, b"PK").find(is_one).unwrap_or(bytes.len())
}

/// Files whose headers stand in a gap that the directory leaves.
fn unlisted(bytes: &[u8], gap: Range<usize>, unpacker: &mut Unpacker<'_>) {
    let mut at = gap.start;
    while !unpacker.is_spent() {
        let Some(found) = bytes.get(at..gap.end.max(at)).and_then(|gap| memmem::find(gap, LOCAL)) else {
            return;
        };
        let member = local(bytes, at + found, None);
        at += found + LOCAL.len();
        if let Some(member) = member {
            at = at.max(member.data.end);
            take(bytes, &member, unpacker);
        }
    }
}

fn take(bytes: &[u8], member: &Member, unpacker: &mut Unpacker<'_>) {
    let name = bytes.get(member.name.clone()).unwrap_or_default();
    let data = bytes.get(member.data.clone()).unwrap_or_default();
    if data.is_empty() || (name.ends_with(b"/") && member.size == 0) {
        return;
    }
    if member.is_encrypted {
        return unpacker.skip(SkipReason::EncryptedArchive);
    }
    let length = data.len();
    match member.method {
        0 => unpacker.unpack(name, length, data),
        8 => unpacker.unpack(name, length, DeflateDecoder::new(data)),
        12 => unpacker.unpack(name, length, bz2::reader(data)),
        14 => match lzma(data, member.size) {
            Some(reader) => unpacker.unpack(name, length, reader),
            None => unpacker.skip(SkipReason::UnreadableArchive),
        },
        93 => unpacker.unpack(name, length, zst::reader(data)),
        95 => unpacker.unpack(name, length, XzReader::new_mem_limit(data, true, xz::MEMORY)),
        _ => unpacker.skip(SkipReason::UnsupportedArchive),
    }
}

/// LZMA as it stands in a ZIP (5.8.8): a version, the properties with their length, and the stream.
fn lzma(data: &[u8], size: u64) -> Option<LzmaReader<&[u8]>> {
    let properties = data.get(4..9).filter(|_| little::<2>(data, 2) == Some(5))?;
    let dictionary = u32::try_from(little::<4>(properties, 1)?).ok()?;
    let property = *properties.first()?;
    if lzma_rust2::lzma_get_memory_usage_by_props(dictionary, property).ok()? > xz::MEMORY {
        return None;
    }
    LzmaReader::new_with_props(data.get(9..)?, size, property, dictionary, None).ok()
}
