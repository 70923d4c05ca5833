//! gitleaks' decoding: what looks encoded is decoded in its place, and the text is scanned again, several times over. Each
//! decoded segment knows where it came from.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// How something is encoded, from the one that goes first where two overlap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    Percent,
    Unicode,
    Hex,
    Base64,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Percent => "percent",
            Self::Unicode => "unicode",
            Self::Hex => "hex",
            Self::Base64 => "base64",
        }
    }
}

/// A piece of a text that was decoded.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// All segments of the pass before.
    before: Arc<[Segment]>,
    /// Where it stands in the first text.
    original: Range<usize>,
    /// Where it stood in the text of the pass before.
    encoded: Range<usize>,
    /// Where it stands now.
    decoded: Range<usize>,
    kinds: BTreeSet<Kind>,
    depth: usize,
}

/// Whether two ranges overlap or touch.
const fn meet(a: &Range<usize>, b: &Range<usize>) -> bool {
    b.start <= a.end && b.end >= a.start
}

/// Decodes what is encoded in a text: the new text and its segments; `None` where nothing is.
pub(super) fn decode(text: &[u8], before: &Arc<[Segment]>) -> Option<(Vec<u8>, Arc<[Segment]>)> {
    let mut out: Vec<u8> = Vec::new();
    let mut segments = Vec::new();
    let mut copied = 0;
    for (kind, range) in encodings(text) {
        let Some(encoded) = text.get(range.clone()) else { continue };
        let value = match kind {
            Kind::Percent => percent(encoded),
            Kind::Unicode => unicode(encoded),
            Kind::Hex => hex(encoded),
            Kind::Base64 => base64(encoded),
        };
        if value.is_empty() {
            continue;
        }
        out.extend_from_slice(text.get(copied..range.start).unwrap_or(&[]));
        let start = out.len();
        out.extend_from_slice(&value);
        copied = range.end;
        let mut kinds = BTreeSet::from([kind]);
        for one in before.iter().filter(|one| meet(&range, &one.decoded)) {
            kinds.extend(&one.kinds);
        }
        segments.push(Segment {
            before: Arc::clone(before),
            original: to_original(before, range.clone()),
            encoded: range,
            decoded: start..out.len(),
            kinds,
            depth: 1 + before.first().map_or(0, |one| one.depth),
        });
    }
    if segments.is_empty() {
        return None;
    }
    out.extend_from_slice(text.get(copied..).unwrap_or(&[]));
    Some((out, segments.into()))
}

/// The segments that a match in the present text overlaps.
pub(super) fn overlapping<'s>(segments: &'s [Segment], found: &Range<usize>) -> Vec<&'s Segment> {
    segments.iter().filter(|segment| meet(&segment.decoded, found)).collect()
}

/// Where a match in the present text stands in the first one.
pub(super) fn adjusted(segments: &[&Segment], found: &Range<usize>) -> Range<usize> {
    let Some(first) = segments.first() else { return found.clone() };
    to_original_of(segments.iter().copied(), &first.before, found.clone())
}

fn to_original(segments: &Arc<[Segment]>, range: Range<usize>) -> Range<usize> {
    match segments.first() {
        None => range,
        Some(first) => to_original_of(segments.iter(), &first.before, range),
    }
}

fn to_original_of<'s>(
    segments: impl Iterator<Item = &'s Segment>,
    before: &Arc<[Segment]>,
    range: Range<usize>,
) -> Range<usize> {
    let mut encoded: Option<Range<usize>> = None;
    for segment in segments.filter(|segment| meet(&segment.decoded, &range)) {
        if segment.decoded.start <= range.start && range.end <= segment.decoded.end {
            return segment.original.clone();
        }
        // As far as the range reaches over what was decoded, it reaches over what was encoded.
        let left = segment.decoded.start.saturating_sub(range.start);
        let right = range.end.saturating_sub(segment.decoded.end);
        let outer = segment.encoded.start.saturating_sub(left)..segment.encoded.end + right;
        encoded = Some(match encoded {
            None => outer,
            Some(old) => old.start.min(outer.start)..old.end.max(outer.end),
        });
    }
    match encoded {
        None => range,
        Some(encoded) => to_original(before, encoded),
    }
}

/// What a finding says of how it was decoded.
pub(super) fn tags(segments: &[&Segment]) -> Vec<String> {
    let Some(first) = segments.first() else { return Vec::new() };
    let kinds: BTreeSet<Kind> = segments.iter().flat_map(|segment| segment.kinds.iter().copied()).collect();
    let kinds = kinds.into_iter().map(|kind| format!("decoded:{}", kind.name()));
    kinds.chain([format!("decode-depth:{}", first.depth)]).collect()
}

/// The lines of the present text that segments stand in.
pub(super) fn line<'t>(segments: &[&Segment], text: &'t [u8]) -> &'t [u8] {
    let start = segments.iter().map(|segment| segment.decoded.start).min().unwrap_or(0);
    let end = segments.iter().map(|segment| segment.decoded.end).max().unwrap_or(text.len());
    let head = text.get(..=start).or_else(|| text.get(..start)).unwrap_or(text);
    let first = head.iter().rposition(|&byte| byte == b'\n').unwrap_or(0);
    let tail = text.get(end..).unwrap_or(&[]);
    let last = tail.iter().position(|&byte| byte == b'\n').map_or(text.len(), |at| end + at);
    text.get(first..last).unwrap_or(text)
}

const HEX: u8 = 1;
const BASE64: u8 = 2;
const OTHER: u8 = 4;

/// What a byte can be a part of.
const CLASSES: [u8; 256] = {
    let mut table = [0u8; 256];
    let mut byte = 0usize;
    while byte < 256 {
        #[allow(clippy::cast_possible_truncation, reason = "it is below 256")]
        let letter = byte as u8;
        let mut class = 0;
        if letter.is_ascii_hexdigit() {
            class |= HEX;
        }
        if letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'/' | b'+' | b'-') {
            class |= BASE64;
        }
        if matches!(letter, b'%' | b'\\') {
            class |= OTHER;
        }
        table[byte] = class;
        byte += 1;
    }
    table
};

fn class(text: &[u8], at: usize) -> u8 {
    text.get(at).and_then(|&byte| CLASSES.get(usize::from(byte))).copied().unwrap_or(0)
}

fn run(text: &[u8], from: usize, of: u8) -> usize {
    let rest = text.get(from..).unwrap_or(&[]);
    rest.iter()
        .take_while(|byte| CLASSES.get(usize::from(**byte)).is_some_and(|class| class & of != 0))
        .count()
}

/// What looks encoded, from left to right; of two that touch, only the one that goes first.
///
/// gitleaks looks for it with one expression:
/// `%XX(.*%XX)?`, `(U+XXXX(\s|$))+` or `(?i)(\\{1,2}uXXXX)+`, `[0-9A-Fa-f]{32,}`, `[\w/+-]{16,}={0,2}`.
fn encodings(text: &[u8]) -> Vec<(Kind, Range<usize>)> {
    let mut all: Vec<(Kind, Range<usize>)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let class = class(text, at);
        if class == 0 {
            let rest = text.get(at..).unwrap_or(&[]);
            let next = rest.iter().position(|byte| CLASSES.get(usize::from(*byte)) != Some(&0));
            at += next.unwrap_or(rest.len());
            continue;
        }
        if class & OTHER != 0 {
            let found = percent_at(text, at).map(|end| (Kind::Percent, end));
            match found.or_else(|| escapes_at(text, at).map(|end| (Kind::Unicode, end))) {
                Some((kind, end)) => {
                    all.push((kind, at..end));
                    at = end;
                }
                None => at += 1,
            }
            continue;
        }
        at = word_at(text, at, &mut all);
    }
    (0..all.len()).filter(|&index| wins(&all, index)).filter_map(|index| all.get(index).cloned()).collect()
}

/// What stands in a run of letters of Base64; gives back where to go on.
fn word_at(text: &[u8], start: usize, all: &mut Vec<(Kind, Range<usize>)>) -> usize {
    let length = run(text, start, BASE64);
    let end = start + length;
    let mut at = start;
    while at < end {
        if let Some(to) = code_points_at(text, at) {
            all.push((Kind::Unicode, at..to));
            return to;
        }
        let hex = run(text, at, HEX);
        if hex >= 32 {
            all.push((Kind::Hex, at..at + hex));
            return at + hex;
        }
        if end - at >= 16 {
            let padding = text.iter().skip(end).take(2).take_while(|&&byte| byte == b'=').count();
            all.push((Kind::Base64, at..end + padding));
            return end + padding;
        }
        // Too short for anything but a code point.
        let rest = text.get(at + 1..end).unwrap_or(&[]);
        match rest.iter().position(|&byte| byte == b'U') {
            Some(next) => at += 1 + next,
            None => return end,
        }
    }
    end
}

fn wins(all: &[(Kind, Range<usize>)], index: usize) -> bool {
    let Some((kind, range)) = all.get(index) else { return false };
    let yields =
        |other: Option<&(Kind, Range<usize>)>| other.is_some_and(|(of, at)| meet(range, at) && of < kind);
    !yields(index.checked_sub(1).and_then(|before| all.get(before))) && !yields(all.get(index + 1))
}

fn hex_pair(text: &[u8], at: usize) -> bool {
    text.get(at..at + 2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
}

/// `%XX`, and up to the last one on the line.
fn percent_at(text: &[u8], at: usize) -> Option<usize> {
    if text.get(at) != Some(&b'%') || !hex_pair(text, at + 1) {
        return None;
    }
    let rest = text.get(at + 3..).unwrap_or(&[]);
    let line = rest.split(|&byte| byte == b'\n').next().unwrap_or(&[]);
    // A dot matches characters, and a bad byte is none.
    let valid = line.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
    let last = (0..valid.saturating_sub(2))
        .rev()
        .find(|&index| line.get(index) == Some(&b'%') && hex_pair(line, index + 1));
    Some(at + 3 + last.map_or(0, |index| index + 3))
}

fn four_hex(text: &[u8], at: usize) -> bool {
    text.get(at..at + 4).is_some_and(|four| four.iter().all(u8::is_ascii_hexdigit))
}

/// `(U+XXXX(\s|$))+`
fn code_points_at(text: &[u8], mut at: usize) -> Option<usize> {
    let start = at;
    while text.get(at..at + 2) == Some(b"U+") && four_hex(text, at + 2) {
        match text.get(at + 6) {
            Some(b' ' | b'\t' | b'\n' | b'\r' | b'\x0c') => at += 7,
            None => return Some(at + 6),
            Some(_) => break,
        }
    }
    (at > start).then_some(at)
}

/// One `\uXXXX` or `\\uXXXX`: where its digits begin.
fn escape_at(text: &[u8], at: usize) -> Option<usize> {
    let slashes = text.iter().skip(at).take(2).take_while(|&&byte| byte == b'\\').count();
    let letter = text.get(at + slashes)?;
    (slashes > 0 && matches!(letter, b'u' | b'U') && four_hex(text, at + slashes + 1))
        .then_some(at + slashes + 1)
}

/// `(\\{1,2}uXXXX)+`
fn escapes_at(text: &[u8], mut at: usize) -> Option<usize> {
    let start = at;
    while let Some(digits) = escape_at(text, at) {
        at = digits + 4;
    }
    (at > start).then_some(at)
}

const fn is_printable(byte: u8) -> bool {
    byte > 0x08 && byte < 0x7f
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn pair(text: &[u8], at: usize) -> Option<u8> {
    Some(digit(*text.get(at)?)? << 4 | digit(*text.get(at + 1)?)?)
}

fn percent(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match pair(text, at + 1).filter(|_| byte == b'%') {
            Some(value) if !is_printable(value) => return Vec::new(),
            Some(value) => {
                out.push(value);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

fn hex(text: &[u8]) -> Vec<u8> {
    if !text.len().is_multiple_of(2) || !text.iter().any(u8::is_ascii_digit) {
        return Vec::new();
    }
    let bytes = (0..text.len()).step_by(2).map(|at| pair(text, at).filter(|&byte| is_printable(byte)));
    bytes.collect::<Option<Vec<u8>>>().unwrap_or_default()
}

/// Base64 with padding, or Base64 for addresses without. What is not text is nothing.
fn base64(text: &[u8]) -> Vec<u8> {
    if !text.iter().any(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'/' | b'-' | b'_')) {
        return Vec::new();
    }
    let padding = text.iter().rev().take(2).take_while(|&&byte| byte == b'=').count();
    let body = text.get(..text.len() - padding).unwrap_or(text);
    if text.len().is_multiple_of(4)
        && let Some(value) = base64_body(body, [b'+', b'/'])
    {
        return value;
    }
    let is_plain = padding == 0 && body.len() % 4 != 1;
    if is_plain { base64_body(body, [b'-', b'_']).unwrap_or_default() } else { Vec::new() }
}

fn base64_body(body: &[u8], last_two: [u8; 2]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len() * 3 / 4);
    let (mut held, mut bits) = (0u32, 0u32);
    for &byte in body {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            byte if byte == last_two[0] => 62,
            byte if byte == last_two[1] => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(value)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            let byte = u8::try_from(held >> bits & 0xff).unwrap_or(0);
            if !is_printable(byte) {
                return None;
            }
            out.push(byte);
        }
    }
    Some(out)
}

/// `U+XXXX` and `\uXXXX` as characters.
fn unicode(text: &[u8]) -> Vec<u8> {
    let mut out = String::new();
    let mut at = 0;
    while at < text.len() {
        let digits = match text.get(at) {
            Some(b'U') => Some(at + 2),
            Some(b'\\') => escape_at(text, at),
            _ => None,
        };
        let Some(digits) = digits else {
            at += 1;
            continue;
        };
        let number = text.get(digits..digits + 4).and_then(|four| std::str::from_utf8(four).ok());
        let number = number.and_then(|four| u32::from_str_radix(four, 16).ok()).unwrap_or(0xfffd);
        out.push(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER));
        at = digits + 4;
    }
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<(String, Vec<String>)> {
        let (out, segments) = decode(text.as_bytes(), &Arc::from([]))?;
        let all: Vec<&Segment> = segments.iter().collect();
        Some((String::from_utf8(out).unwrap(), tags(&all)))
    }

    fn of(text: &str, decoded: &str, kind: &str) {
        let tags = vec![format!("decoded:{kind}"), "decode-depth:1".to_owned()];
        assert_eq!(first(text), Some((decoded.to_owned(), tags)), "{text}");
    }

    #[test]
    fn each_encoding_is_decoded_in_its_place() {
        of("a=%6b%65y", "a=key", "percent");
        of("a=%6b and %65y", "a=k and ey", "percent");
        of(r"x \u006b\u0065\u0079 y", "x key y", "unicode");
        of(r"x \\u006b\\U0065 y", "x ke y", "unicode");
        of("U+006B U+0065 ", "ke", "unicode");
        of("6b65793d6b65793d6b65793d6b65793d", "key=key=key=key=", "hex");
        of("k: a2V5PWtleT1rZXk9a2V5PQ==;", "k: key=key=key=key=;", "base64");
        of("k: a2V5PWtleT1rZXk9a2V5PQ;", "k: key=key=key=key=;", "base64");
    }

    #[test]
    fn what_only_looks_encoded_is_left_alone() {
        for text in
            ["%zz", "100%", "abcdefghijklmnopqrstuvwx", "0123456789abcdef", "U+00", "a2V5", "\\u00", "%00%41"]
        {
            assert_eq!(first(text), None, "{text}");
        }
    }

    #[test]
    fn a_second_layer_knows_where_the_first_one_stood() {
        // Base64 of Base64 of a text.
        let text = "x ZlRBNVBUQTVQVEE1UFRBNVBUQTVQVEE1UFRBNVBUQT0= y";
        let (out, one) = decode(text.as_bytes(), &Arc::from([])).unwrap();
        assert!(out.starts_with(b"x fTA5PTA5"), "{}", String::from_utf8_lossy(&out));
        let (out, two) = decode(&out, &one).unwrap();
        assert!(out.starts_with(b"x }09=09="), "{}", String::from_utf8_lossy(&out));
        let met = overlapping(&two, &(2..6));
        assert_eq!(adjusted(&met, &(2..6)), 2..46);
        assert_eq!(tags(&met), ["decoded:base64", "decode-depth:2"]);
    }

    #[test]
    fn the_end_of_a_text_breaks_nothing() {
        for text in ["%", "%4", "\\", "\\u", "U", "U+", "U+1234", "=", "", "\n"] {
            let _ = first(text);
        }
    }
}
