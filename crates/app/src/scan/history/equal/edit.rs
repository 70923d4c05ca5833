//! How files change from one version to the next.

use super::random::Random;
use super::text::{self, Pool};
use std::ops::Range;

/// A new file.
pub(super) fn fresh(pool: &Pool, random: &mut Random) -> Vec<u8> {
    let mut out = String::new();
    for _ in 0..2 + random.below(8) {
        let count = random.below(14);
        out.push_str(&text::lines(random, count));
        out.push_str(&pool.snippet(random));
    }
    out.into_bytes()
}

/// The next version of a file; `others` are files to copy from.
pub(super) fn edit(bytes: &mut Vec<u8>, others: &[Vec<u8>], pool: &Pool, random: &mut Random) {
    for _ in 0..1 + random.below(3) {
        match random.below(20) {
            0..10 => by_lines(bytes, pool, random),
            10..17 => by_bytes(bytes, pool, random),
            17 => *bytes = random.pick_ref(others).clone(),
            18 => {
                let other = random.pick_ref(others).clone();
                let part = range(other.len(), random);
                let at = random.below(bytes.len() + 1);
                bytes.splice(at..at, other[part].iter().copied());
            }
            _ => as_a_whole(bytes, pool, random),
        }
    }
    // So that a test of a thousand versions stays small.
    bytes.truncate(24 << 10);
}

/// Some places side by side.
fn range(end: usize, random: &mut Random) -> Range<usize> {
    let from = random.below(end + 1);
    let length =
        if random.one_in(3) { random.below(end - from + 1) } else { random.below((end - from + 1).min(8)) };
    from..from + length
}

/// Lines come, go, and move.
fn by_lines(bytes: &mut Vec<u8>, pool: &Pool, random: &mut Random) {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let at = random.below(lines.len() + 1);
    match random.below(6) {
        0 | 1 => lines.insert(at, pool.snippet(random).into_bytes()),
        2 => {
            let gone = range(lines.len(), random);
            lines.drain(gone);
        }
        3 => {
            let moved: Vec<Vec<u8>> = lines.drain(range(lines.len(), random)).collect();
            let at = random.below(lines.len() + 1);
            lines.splice(at..at, moved);
        }
        4 if !lines.is_empty() => {
            let (one, other) = (random.below(lines.len()), random.below(lines.len()));
            lines.swap(one, other);
        }
        _ => {
            let copied = lines[range(lines.len(), random)].to_vec();
            lines.splice(at..at, copied);
        }
    }
    *bytes = lines.concat();
}

/// A few bytes change, wherever they stand: in a token, at its edge, in an escape, at a line's end.
fn by_bytes(bytes: &mut Vec<u8>, pool: &Pool, random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    match random.below(8) {
        0 => {
            let gone = range(bytes.len(), random);
            bytes.drain(gone);
        }
        1 => bytes.insert(at, random.pick(b"\n\r \"=a_0\\%&+/\0;\xc3\xa9")),
        2 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.pick(b"\n x0_\"\\=\x80");
            }
        }
        3 => {
            if let Some(end) = bytes.iter().skip(at).position(|byte| *byte == b'\n') {
                bytes.remove(at + end);
            }
        }
        4 => bytes.truncate(at),
        5 => drop(bytes.drain(..at.min(200))),
        6 => bytes.extend_from_slice(pool.snippet(random).trim_end().as_bytes()),
        _ => {
            let piece = pool.snippet(random).into_bytes();
            let part = range(piece.len(), random);
            bytes.splice(at..at, piece[part].iter().copied());
        }
    }
}

/// The file becomes something else: empty, binary, longer than the limit, in other line ends, in another encoding.
fn as_a_whole(bytes: &mut Vec<u8>, pool: &Pool, random: &mut Random) {
    match random.below(8) {
        0 => bytes.clear(),
        1 => {
            let text = bytes.split(|byte| *byte == b'\r').flatten().copied();
            *bytes = text.collect();
        }
        2 => {
            let ends = |byte: &u8| if *byte == b'\n' { b"\r\n".to_vec() } else { vec![*byte] };
            *bytes = bytes.iter().flat_map(ends).collect();
        }
        3 => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let is_little = random.one_in(2);
            let mark: &[u8] = match (random.one_in(2), is_little) {
                (true, true) => b"\xff\xfe",
                (true, false) => b"\xfe\xff",
                _ => b"",
            };
            let wide = |unit: u16| if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() };
            *bytes = mark.iter().copied().chain(text.encode_utf16().flat_map(wide)).collect();
        }
        // Back from UTF-16, and whatever else had zero bytes.
        4 => bytes.retain(|byte| *byte != 0 && *byte < 0xfe),
        5 => {
            let noise: Vec<u8> = (0..300).map(|_| random.next().to_le_bytes()[0]).collect();
            let at = random.below(bytes.len() + 1);
            bytes.splice(at..at, noise);
        }
        6 => *bytes = bytes.repeat(1 + random.below(4)),
        _ => *bytes = fresh(pool, random),
    }
}
