//! Values whose pieces stand apart: `"abc" + "def"`, and lines that a backslash joins.
//!
//! Looked for only behind a literal's hit, in the bytes of its line and up to [`AHEAD`] bytes on: a credential's prefix,
//! or the name it is assigned to, is in the first piece. What a hit leads to depends on no other bytes.

use super::View;

/// How far behind a hit pieces are followed, in bytes.
pub(super) const AHEAD: usize = 512;
/// How much of the line before a hit is taken along, in bytes.
pub(super) const BEHIND: usize = 128;
/// The most pieces.
const PIECES: usize = 64;

/// What joins two pieces: given the text's end of what may be looked at, and the offset of a quote or a line's end.
pub(super) type Joint = fn(&[u8], usize) -> Option<Joined>;

/// A place where two pieces meet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Joined {
    /// Where the first piece ends.
    pub(super) end: usize,
    /// Where the next one begins.
    pub(super) next: usize,
}

/// The text from the line's beginning on, its pieces joined; `None` when there is nothing to join.
pub(super) fn view(bytes: &[u8], offset: usize, joints: &[(&'static str, Joint)]) -> Option<View> {
    let bytes = bytes.get(..offset.saturating_add(AHEAD).min(bytes.len()))?;
    let mut view: Option<View> = None;
    let (mut at, mut piece, mut pieces) = (offset, None, 0);
    let end = loop {
        let rest = bytes.get(at..)?;
        let Some(found) = memchr::memchr3(b'"', b'\'', b'\n', rest).map(|found| at + found) else {
            break bytes.len();
        };
        let joined = joints.iter().find_map(|(name, joint)| Some((name, joint(bytes, found)?)));
        match joined.filter(|_| pieces < PIECES) {
            Some((name, Joined { end, next })) => {
                let view = view.get_or_insert_with(|| View::new(name, AHEAD, offset));
                let start = piece.unwrap_or_else(|| beginning(bytes, offset));
                view.copy(bytes, start..end);
                piece = Some(next);
                pieces += 1;
                at = next.max(found + 1);
            }
            None if bytes.get(found) == Some(&b'\n') => break found,
            None => at = found + 1,
        }
    };
    let mut view = view?;
    view.copy(bytes, piece?..end);
    view.read = beginning(bytes, offset)..end;
    Some(view)
}

/// The beginning of the line, or [`BEHIND`] bytes before the hit.
fn beginning(bytes: &[u8], offset: usize) -> usize {
    let from = offset.saturating_sub(BEHIND);
    let before = bytes.get(from..offset).unwrap_or(&[]);
    from + memchr::memrchr(b'\n', before).map_or(0, |end| end + 1)
}

/// The offset behind blanks.
pub(super) fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or(&[]);
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// The offset behind a line's end that begins at `at`.
pub(super) fn skip_line_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at..)? {
        [b'\n', ..] => Some(at + 1),
        [b'\r', b'\n', ..] => Some(at + 2),
        _ => None,
    }
}
