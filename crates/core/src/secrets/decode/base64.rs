//! base64 and base64url (RFC 4648), padded or not.

use super::View;
use super::text::{is_hopeless, is_promising};
use super::token::Run;
use std::ops::Range;

/// How many characters are read before a run is taken.
const SNIFFED: usize = 24;
/// How many places of a run are tried: paths and names are runs as well, and encoded text may follow a `/` or `_`.
const TRIES: usize = 8;

pub(super) fn view(bytes: &[u8], run: &Run) -> Option<View> {
    let run_bytes = bytes.get(run.range.clone())?;
    let is_escape = run.range.start.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'\\');
    let first = usize::from(is_escape && matches!(run_bytes, [b'n' | b'r' | b't', ..]));
    let separators =
        run_bytes.iter().enumerate().filter(|(_, byte)| matches!(byte, b'/' | b'_' | b'-' | b'+'));
    let starts = std::iter::once(first).chain(separators.map(|(at, _)| at + 1));
    let start = starts
        .take_while(|start| run_bytes.len().saturating_sub(*start) >= SNIFFED)
        .take(TRIES)
        .find(|start| run_bytes.get(*start..).is_some_and(looks_encoded))?;
    let from = run.range.start + start;
    let lines = run.lines(bytes, from, 4);
    let length = lines.clone().map(|line| line.len()).sum::<usize>();
    let mut view = View::new("base64", length / 4 * 3 + 2, from);
    for line in lines {
        view.read.end = line.end;
        append(bytes, line, &mut view);
    }
    Some(view)
}

fn looks_encoded(characters: &[u8]) -> bool {
    let mut start = [0; SNIFFED / 4 * 3];
    let mut groups = characters.chunks_exact(4);
    for (index, (three, four)) in start.chunks_exact_mut(3).zip(&mut groups).enumerate() {
        let Some(decoded) = decode(four) else { return false };
        if index == 0 && is_hopeless(decoded) {
            return false;
        }
        three.copy_from_slice(&decoded);
    }
    is_promising(&start)
}

fn append(bytes: &[u8], line: Range<usize>, view: &mut View) {
    view.divided_units(line.start, 3, 4);
    let groups = bytes.get(line).unwrap_or(&[]).chunks(4);
    for group in groups {
        let mut four = [b'A'; 4];
        for (to, from) in four.iter_mut().zip(group) {
            *to = *from;
        }
        let Some(three) = decode(&four) else { return };
        // Two characters hold one byte, three hold two; one alone holds none.
        view.bytes.extend_from_slice(three.get(..group.len().saturating_sub(1)).unwrap_or(&[]));
    }
}

fn decode(group: &[u8]) -> Option<[u8; 3]> {
    let &[a, b, c, d] = group else { return None };
    let [a, b, c, d] = [value(a)?, value(b)?, value(c)?, value(d)?];
    Some([a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d])
}

/// A character's six bits, in either alphabet.
fn value(character: u8) -> Option<u8> {
    static VALUES: [u8; 256] = values();
    VALUES.get(usize::from(character)).copied().filter(|value| *value < 64)
}

const fn values() -> [u8; 256] {
    let mut table = [255; 256];
    let mut character = 0_u8;
    loop {
        table[character as usize] = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => 255,
        };
        if character == u8::MAX {
            return table;
        }
        character += 1;
    }
}
