//! Binary data as text between two lines of dashes, which age and OpenPGP share.
//!
//! Sources: RFC 9580, section 6 (headers, an empty line, base64, a checksum that begins with `=`); the specification of age
//! (<https://c2sp.org/age#ascii-armor>), which has no headers and no checksum. In JSON and in source code the line
//! ends are escapes, and quotes stand around the lines.

use super::Input;
use data_encoding::{BASE64, BASE64_NOPAD};
use memchr::memmem;

/// The longest block that is decoded, in bytes of text: recipients stand at the start.
const LONGEST: usize = 1 << 20;

/// The fewest base64 characters of a block that is more than a placeholder in a manual.
const FEWEST: usize = 32;

/// The decoded start of every block with a label; `None` for one that is not base64. Blocks inside what another format
/// has taken do not count.
pub(super) fn blocks(input: &Input<'_>, label: &str) -> Vec<Option<Vec<u8>>> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut blocks = Vec::new();
    let mut done = 0;
    for at in memmem::find_iter(input.bytes, begin.as_bytes()) {
        // A block that never ends may hold the beginnings of thousands: each byte is decoded once.
        if at < done || input.is_taken(at) {
            continue;
        }
        let rest = input.bytes.get(at + begin.len()..).unwrap_or_default();
        let rest = rest.get(..LONGEST).unwrap_or(rest);
        let length = memmem::find(rest, end.as_bytes()).unwrap_or(rest.len());
        done = at + begin.len() + length;
        let digits = digits(rest.get(..length).unwrap_or_default());
        if digits.len() >= FEWEST {
            blocks.push(decode(digits));
        }
    }
    blocks
}

/// The base64 of a body, without headers, checksum and what strings in source code put around it.
fn digits(body: &[u8]) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = vec![Vec::new()];
    let mut rest = body;
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'\\', [b'n', after @ ..]) => {
                rest = after;
                lines.push(Vec::new());
            }
            (b'\\', [b'r' | b't', after @ ..]) => rest = after,
            (b'\n', _) => lines.push(Vec::new()),
            (b' ' | b'\t' | b'\r' | b'"' | b'\'' | b'\\' | b',', _) => {}
            (byte, _) => {
                if let Some(line) = lines.last_mut() {
                    line.push(*byte);
                }
            }
        }
    }
    let data = lines.iter().filter(|line| !line.contains(&b':') && line.first() != Some(&b'='));
    data.flatten().copied().collect()
}

/// Decodes; what was cut off in the middle, up to its last whole group of four.
fn decode(mut digits: Vec<u8>) -> Option<Vec<u8>> {
    if let Ok(bytes) = BASE64.decode(&digits) {
        return Some(bytes);
    }
    while digits.last() == Some(&b'=') {
        digits.pop();
    }
    digits.truncate(digits.len() / 4 * 4);
    BASE64_NOPAD.decode(&digits).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Option<Vec<u8>>> {
        blocks(&Input::new(text.as_bytes()), "TEST")
    }

    #[test]
    fn headers_checksums_quotes_and_escapes_are_taken_off() {
        let data = b"some data that is long enough to count".to_vec();
        let encoded = BASE64.encode(&data);
        let (one, two) = encoded.split_at(20);
        for text in [
            format!("-----BEGIN TEST-----\n{one}\n{two}\n-----END TEST-----\n"),
            format!(
                "-----BEGIN TEST-----\r\nComment: x\r\n\r\n{one}\r\n{two}\r\n=AbCd\r\n-----END TEST-----\r\n"
            ),
            format!("key: |\n    -----BEGIN TEST-----\n    {one}\n    {two}\n    -----END TEST-----\n"),
            format!("{{\"key\": \"-----BEGIN TEST-----\\n{one}\\n{two}\\n-----END TEST-----\"}}"),
        ] {
            assert_eq!(of(&text), [Some(data.clone())], "{text}");
        }
    }

    #[test]
    fn a_placeholder_is_no_block_and_a_broken_one_is_not_decoded() {
        assert_eq!(of("-----BEGIN TEST-----\n...\n-----END TEST-----\n"), []);
        assert_eq!(of(&format!("-----BEGIN TEST-----\n{}\n", "?!".repeat(40))), [None]);
        let cut = BASE64.encode(&[7; 60]);
        assert_eq!(of(&format!("-----BEGIN TEST-----\n{}", cut.get(..41).unwrap())), [Some(vec![7; 30])]);
    }
}
