//! Hexadecimal digits, two a byte (RFC 4648, base16), in either case, perhaps behind `0x`.

use super::View;
use super::text::{is_hopeless, is_promising};
use super::token::Run;

/// How many digits are read before a run is taken.
const SNIFFED: usize = 24;

pub(super) fn view(bytes: &[u8], run: &Run) -> Option<View> {
    let mut from = run.range.start;
    let mut digits = bytes.get(run.range.clone())?;
    if let Some(rest) = digits.strip_prefix(b"0x") {
        (from, digits) = (from + 2, rest);
    }
    let mut start = [0; SNIFFED / 2];
    if digits.len() % 2 != 0 || digits.len() < SNIFFED {
        return None;
    }
    if let [a, b, c, d, e, f, ..] = *digits
        && is_hopeless([decode(&[a, b])?, decode(&[c, d])?, decode(&[e, f])?])
    {
        // Most hashes end here.
        return None;
    }
    for (byte, two) in start.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = decode(two)?;
    }
    if !is_promising(&start) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let lines = run.lines(bytes, from, 2);
    let length = lines.clone().map(|line| line.len()).sum::<usize>();
    let mut view = View::new("hex", length / 2, from);
    for line in lines {
        let digits = bytes.get(line.clone()).unwrap_or(&[]);
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            break;
        }
        view.read.end = line.end;
        view.units(line.start, 1, 2);
        view.bytes.extend(digits.chunks_exact(2).filter_map(decode));
    }
    Some(view)
}

fn decode(two: &[u8]) -> Option<u8> {
    let &[high, low] = two else { return None };
    Some(digit(high)? << 4 | digit(low)?)
}

/// The value of a hexadecimal digit.
pub(super) const fn digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
