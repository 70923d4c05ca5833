//! What several checks decode with. Nothing here is a check.

use crate::Timestamp;
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
use std::borrow::Cow;

/// Base64 or base64url, with padding or without it; the bits that belong to no byte have to be zero, as every encoder
/// leaves them.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let bare = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    if bare.iter().any(|byte| matches!(byte, b'-' | b'_')) {
        BASE64URL_NOPAD.decode(bare).ok()
    } else {
        BASE64_NOPAD.decode(bare).ok()
    }
}

/// The bytes of base64 that may be cut off anywhere: those of its whole groups of four.
pub(super) fn base64_head(text: &[u8]) -> Option<Vec<u8>> {
    let bare = text.get(..text.iter().rposition(|byte| *byte != b'=')? + 1)?;
    base64(bare).or_else(|| base64(bare.get(..bare.len() / 4 * 4)?))
}

/// Text without its percent escapes (RFC 3986); what is no escape stays.
pub(super) fn percent(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'%') {
        return Cow::Borrowed(text);
    }
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let escaped = digit(at + 1).zip(digit(at + 2)).filter(|_| *byte == b'%');
        match escaped.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    Cow::Owned(out)
}

/// A name out of a secret that may be shown: a short word of letters, digits and `._@/-`.
pub(super) fn word(text: &str) -> Option<&str> {
    let shown = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'@' | b'/' | b'-');
    ((1..=100).contains(&text.len()) && text.bytes().all(shown)).then_some(text)
}

/// The day of a moment, in UTC, from its seconds since 1970; `None` before 2000 and after 2200, where no credential is
/// from.
pub(super) fn day(seconds: i64) -> Option<String> {
    (946_684_800..7_258_118_400)
        .contains(&seconds)
        .then(|| Timestamp { seconds, offset_minutes: 0 }.date().to_string())
}

/// A reader over a byte string that may end anywhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// A big-endian number of `count` bytes, at most eight.
    pub(super) fn number(&mut self, count: usize) -> Option<usize> {
        let bytes = self.take(count.min(8))?;
        let number = bytes.iter().fold(0u64, |sum, byte| sum.wrapping_shl(8) | u64::from(*byte));
        usize::try_from(number).ok()
    }

    /// Bytes behind their length, a number of four bytes (RFC 4251, `string`).
    pub(super) fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.number(4)?;
        self.take(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_undone() {
        assert_eq!(percent(b"a%2Bb%3d%zz%4").as_ref(), b"a+b=%zz%4");
        assert_eq!(percent(b"plain").as_ref(), b"plain");
    }

    #[test]
    fn only_days_and_words_that_can_be_are_shown() {
        assert_eq!(day(1_614_816_000).as_deref(), Some("2021-03-04"));
        assert_eq!(day(12), None);
        assert_eq!(day(i64::MAX), None);
        assert_eq!(word("HS256"), Some("HS256"));
        assert_eq!(word("a\u{1b}[2J"), None);
        assert_eq!(word(""), None);
    }

    proptest! {
        #[test]
        fn base64_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..80), cut in 0usize..8) {
            for text in [data_encoding::BASE64.encode(&bytes), BASE64URL_NOPAD.encode(&bytes)] {
                prop_assert_eq!(base64(text.as_bytes()), Some(bytes.clone()));
                let cut = text.len().saturating_sub(cut);
                let head = base64_head(&text.as_bytes()[..cut]).unwrap_or_default();
                prop_assert!(bytes.starts_with(&head) && head.len() + 9 >= bytes.len());
            }
        }
    }
}
