//! The escapes of string literals: `\u0067` (JSON, Java, JavaScript and their kin), `\u{67}` (Rust, Swift, ECMAScript),
//! `\U00000067` (C, Python), `\x67`, `\147`, and beside them `\n` and the like.

use super::View;
use super::numeric::{Escape, Meaning, hexadecimal, unescape};
use std::ops::Range;

pub(super) fn view(bytes: &[u8], token: Range<usize>) -> Option<View> {
    unescape(bytes, token, "escapes", b'\\', escape)
}

fn escape(text: &[u8]) -> Option<Escape> {
    let number = |range: Range<usize>| hexadecimal(text.get(range)?);
    match *text.get(1)? {
        b'u' if text.get(2) == Some(&b'{') => {
            let digits = text.get(3..)?.iter().take(7).position(|byte| *byte == b'}')?;
            Escape::of(number(3..3 + digits)?, digits + 4)
        }
        b'u' => {
            let first = number(2..6)?;
            let low = || (text.get(6..8)? == b"\\u").then(|| number(8..12))?;
            match (first, low()) {
                (0xD800..=0xDBFF, Some(low @ 0xDC00..=0xDFFF)) => {
                    Escape::of(0x1_0000 + ((first - 0xD800) << 10) + (low - 0xDC00), 12)
                }
                _ => Escape::of(first, 6),
            }
        }
        b'U' => Escape::of(number(2..10)?, 10),
        b'x' => Some(Escape::byte(u8::try_from(number(2..4)?).ok()?, 4)),
        high @ b'0'..=b'3' => {
            let digit =
                |at: usize| text.get(at).filter(|byte| matches!(byte, b'0'..=b'7')).map(|byte| byte - b'0');
            Some(Escape::byte((high - b'0') << 6 | digit(2)? << 3 | digit(3)?, 4))
        }
        simple => simple_escape(text, simple),
    }
}

/// `\n` and its like: common in ordinary text, so they are no reason to decode it. `\\u0067` is one: it takes two layers.
fn simple_escape(text: &[u8], letter: u8) -> Option<Escape> {
    let character = match letter {
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'\\' | b'/' => char::from(letter),
        _ => return None,
    };
    let counts = letter == b'\\' && text.get(1..).and_then(escape).is_some_and(|inner| inner.counts);
    Some(Escape { means: Meaning::Character(character), length: 2, counts })
}
