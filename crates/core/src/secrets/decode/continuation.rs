//! Lines that go on: a backslash at the end (C, shells, Make, YAML's double quotes), a backtick (PowerShell), a caret
//! (cmd). The next line's indentation is left out.
//!
//! A value that is cut in two is joined wherever the sign stands directly behind it. A sign behind a blank is at the
//! end of every line of a long command: there, only a line that ends with `=`, `:` or `(` before it is joined.

use super::join::{BEHIND, Joined, skip_blanks};

/// How many blanks may stand before a sign. What a hit leads to depends on no byte farther back than [`BEHIND`], and the line may
/// have ended up to three bytes before it.
const BLANKS: usize = BEHIND - 3;

/// At a line's end: the text of the next line.
pub(super) fn joint(bytes: &[u8], line_end: usize) -> Option<Joined> {
    bytes.get(line_end).filter(|byte| **byte == b'\n')?;
    let line = bytes.get(..line_end)?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (sign, before) = line.split_last()?;
    if !matches!(sign, b'\\' | b'`' | b'^') {
        return None;
    }
    let blanks = before.iter().rev().take(BLANKS).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let text = before.get(..before.len() - blanks)?;
    let last = *text.last()?;
    let is_open =
        if blanks > 0 { matches!(last, b'=' | b':' | b'(') } else { last != b'\n' && last != *sign };
    is_open.then(|| Joined { end: before.len(), next: skip_blanks(bytes, line_end + 1) })
}
