//! tar: ustar and pax (POSIX.1-2017, `pax`, "ustar Interchange Format"), GNU's (its manual, "Basic Tar Format") and the old one
//! without magic bytes. Files stand in it as they are.

use super::{Format, Holds, Unpacker};
use crate::SkipReason;

pub(super) static FORMAT: Format = Format { name: "tar", holds: Holds::Files, is, open };

/// Everything begins at a multiple of this.
const BLOCK: usize = 512;

/// The magic bytes; the old format has none, but a sum over its header that nothing else has by accident.
fn is(bytes: &[u8]) -> bool {
    let Some(header) = bytes.get(..BLOCK) else { return false };
    header.get(257..262) == Some(b"ustar") || (header.get(154) == Some(&0) && has_sum(header))
}

fn open(bytes: &[u8], unpacker: &mut Unpacker<'_>) {
    let mut at = 0;
    // What the headers before a file's own say of it.
    let (mut long_name, mut long_size) = (None, None);
    while !unpacker.is_spent() {
        let Some(header) = at_least(bytes, at, BLOCK) else {
            if bytes.get(at..).is_some_and(|rest| rest.iter().any(|byte| *byte != 0)) {
                unpacker.skip(SkipReason::UnreadableArchive);
            }
            return;
        };
        at += BLOCK;
        if header.iter().all(|byte| *byte == 0) {
            // The end; but archives that were joined go on behind it.
            continue;
        }
        let kind = header.get(156).copied().unwrap_or_default();
        let size =
            long_size.filter(|_| !is_about_next(kind)).or_else(|| header.get(124..136).and_then(number));
        let Some(size) = size.and_then(|size| usize::try_from(size).ok()).filter(|_| has_sum(header)) else {
            return unpacker.skip(SkipReason::UnreadableArchive);
        };
        if kind == b'S' {
            at = past_map(bytes, header, at);
        }
        let size = if has_content(kind) { size } else { 0 };
        let content = bytes.get(at..).unwrap_or_default();
        let is_cut = content.len() < size;
        let content = content.get(..size).unwrap_or(content);
        match kind {
            b'L' => long_name = Some(until_nul(content).to_vec()),
            b'x' => {
                long_name = record(content, b"path").map(<[u8]>::to_vec).or(long_name);
                long_size = record(content, b"size").and_then(decimal).or(long_size);
            }
            kind if is_about_next(kind) => {}
            kind => {
                let name = long_name.take().unwrap_or_else(|| short_name(header));
                long_size = None;
                if is_file(kind) && size > 0 {
                    unpacker.entry(&name, content);
                }
            }
        }
        if is_cut {
            return unpacker.skip(SkipReason::UnreadableArchive);
        }
        at = at.saturating_add(size).checked_next_multiple_of(BLOCK).unwrap_or(usize::MAX);
    }
}

fn at_least(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(length)?)
}

/// Headers that speak of the next one: GNU's long names, and pax.
const fn is_about_next(kind: u8) -> bool {
    matches!(kind, b'L' | b'K' | b'x' | b'g' | b'X' | b'V' | b'N')
}

/// Links, devices, folders and pipes have a size at times, and never content.
const fn has_content(kind: u8) -> bool {
    !matches!(kind, b'1'..=b'6')
}

/// Unknown kinds are files (POSIX).
const fn is_file(kind: u8) -> bool {
    has_content(kind)
}

/// Passes over the further blocks of a map of GNU's sparse files: the content is what the holes leave.
fn past_map(bytes: &[u8], header: &[u8], mut at: usize) -> usize {
    let mut more = header.get(482).is_some_and(|flag| *flag != 0);
    while let Some(block) = at_least(bytes, at, BLOCK).filter(|_| more) {
        more = block.get(504).is_some_and(|flag| *flag != 0);
        at += BLOCK;
    }
    at
}

fn short_name(header: &[u8]) -> Vec<u8> {
    let name = until_nul(header.get(..100).unwrap_or_default());
    // In GNU's own format other things stand where ustar has the prefix.
    let is_posix = header.get(257..263) == Some(b"ustar\0");
    let prefix = until_nul(header.get(345..500).filter(|_| is_posix).unwrap_or_default());
    if prefix.is_empty() { name.to_vec() } else { [prefix, b"/", name].concat() }
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A number in octal digits, or as GNU writes large ones, with the first bit set.
fn number(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        let start = u64::from(first & 0x7f);
        return rest
            .iter()
            .try_fold(start, |number, byte| number.checked_mul(256).map(|number| number | u64::from(*byte)));
    }
    let digits = until_nul(field).trim_ascii();
    digits.iter().try_fold(0_u64, |number, digit| match digit {
        b'0'..=b'7' => number.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

/// Whether a header has the sum that it says: of all bytes, with spaces for the sum itself. Some tars counted the bytes
/// as signed.
fn has_sum(header: &[u8]) -> bool {
    let Some(said) = header.get(148..156).and_then(number).and_then(|sum| i64::try_from(sum).ok()) else {
        return false;
    };
    let (mut sum, mut signed) = (0_i64, 0_i64);
    for (at, byte) in header.iter().enumerate() {
        let byte = if (148..156).contains(&at) { b' ' } else { *byte };
        sum += i64::from(byte);
        signed += i64::from(byte.cast_signed());
    }
    said == sum || said == signed
}

/// The value of a pax record, `LENGTH KEY=VALUE\n`: the last one counts.
fn record<'a>(content: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let (mut rest, mut found) = (content, None);
    while let Some(space) = memchr::memchr(b' ', rest) {
        let length = rest.get(..space).and_then(decimal).and_then(|length| usize::try_from(length).ok());
        let Some(record) = length.and_then(|length| rest.get(space + 1..length)) else { break };
        if let Some(value) = record.strip_prefix(key).and_then(|value| value.strip_prefix(b"=")) {
            found = Some(value.strip_suffix(b"\n").unwrap_or(value));
        }
        rest = length.and_then(|length| rest.get(length..)).unwrap_or_default();
    }
    found
}

fn decimal(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
