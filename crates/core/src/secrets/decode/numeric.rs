//! Numbers in escapes, and the loop that all decoders of escaped text share.

use super::View;
use super::hex::digit;
use std::ops::Range;

/// One escaped character.
pub(super) struct Escape {
    /// What it stands for.
    pub(super) means: Meaning,
    /// How many bytes it takes.
    pub(super) length: usize,
    /// Whether there is a reason to decode the text around it: the writer need not have escaped this character, so that
    /// somebody, or some program, escapes all that is there.
    pub(super) counts: bool,
}

pub(super) enum Meaning {
    Character(char),
    Byte(u8),
}

impl Escape {
    /// A character by its number. It counts when it is printable ASCII, as every character of a secret is.
    pub(super) fn of(number: u32, length: usize) -> Option<Self> {
        let character = char::from_u32(number)?;
        Some(Self { means: Meaning::Character(character), length, counts: matches!(character, ' '..='~') })
    }

    pub(super) fn byte(byte: u8, length: usize) -> Self {
        Self { means: Meaning::Byte(byte), length, counts: matches!(byte, b' '..=b'~') }
    }
}

/// A view of the text in `range`, when at least one escape in it counts. `parse` reads the escape at the start
/// of what it is given, which begins with `mark`.
pub(super) fn unescape(
    bytes: &[u8],
    range: Range<usize>,
    by: &'static str,
    mark: u8,
    parse: impl Fn(&[u8]) -> Option<Escape>,
) -> Option<View> {
    let text = bytes.get(range.clone())?;
    let marks = || memchr::memchr_iter(mark, text);
    if !marks().any(|at| text.get(at..).and_then(&parse).is_some_and(|escape| escape.counts)) {
        return None;
    }
    let mut view = View::new(by, text.len(), range.start);
    view.read = range.clone();
    let mut at = 0;
    for found in marks() {
        if found < at {
            continue;
        }
        let Some(escape) = text.get(found..).and_then(&parse) else { continue };
        view.copy(bytes, range.start + at..range.start + found);
        let from = range.start + found;
        match escape.means {
            Meaning::Character(character) => view.character(character, from, escape.length),
            Meaning::Byte(byte) => {
                view.units(from, 1, escape.length);
                view.bytes.push(byte);
            }
        }
        at = found + escape.length;
    }
    view.copy(bytes, range.start + at..range.end);
    Some(view)
}

/// The number that `digits`, all hexadecimal, stand for.
pub(super) fn hexadecimal(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    digits.iter().try_fold(0_u32, |number, byte| Some(number << 4 | u32::from(digit(*byte)?)))
}

/// The number that `digits`, all decimal, stand for.
pub(super) fn decimal(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    let value = |byte: &u8| byte.is_ascii_digit().then(|| u32::from(byte - b'0'));
    digits.iter().try_fold(0_u32, |number, byte| Some(number * 10 + value(byte)?))
}
