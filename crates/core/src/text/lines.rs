//! Lines and columns, counted the three ways that people, editors and formats count them.

use crate::Span;
use std::ops::Range;

/// Where the lines of a text begin. Made once per text, and only when there is something to point at.
#[derive(Debug)]
pub struct LineIndex<'a> {
    bytes: &'a [u8],
    /// Offset of every line's first byte.
    starts: Vec<usize>,
    /// The last position that was counted: a line of 300 KB with a thousand findings is counted through once.
    last: Position,
}

#[derive(Clone, Copy, Debug, Default)]
struct Position {
    offset: usize,
    line: usize,
    characters: u32,
    utf16: u32,
}

impl<'a> LineIndex<'a> {
    /// Finds the lines of `bytes`. A line ends at `\n`, `\r\n` or a lone `\r`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let half = bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n');
            if !half {
                starts.push(at + 1);
            }
        }
        Self { bytes, starts, last: Position::default() }
    }

    /// The line, from 0, that the byte at `offset` stands in; a line's end belongs to the line.
    #[must_use]
    pub fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The bytes of a line (from 0) without its end; an empty range behind the last line.
    #[must_use]
    pub fn range(&self, line: usize) -> Range<usize> {
        let start = self.starts.get(line).copied().unwrap_or(self.bytes.len());
        let next = self.starts.get(line.saturating_add(1)).copied().unwrap_or(self.bytes.len());
        let text = self.bytes.get(start..next).unwrap_or(&[]);
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        start..start + text.len()
    }

    /// How many lines there are; a text that ends with a line end has an empty last one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there is no line: never, an empty text has an empty one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// A range of bytes as lines and columns. What is behind the text's end counts as its end. Quickest when asked in
    /// the order of the ranges' starts.
    #[must_use]
    pub fn span(&mut self, range: Range<usize>) -> Span {
        let start = range.start.min(self.bytes.len());
        let end = range.end.clamp(start, self.bytes.len());
        let first = self.position(start, self.line_of(start), self.last);
        let last_line = if end > start { self.line_of(end - 1) } else { first.line };
        let last = self.position(end, last_line, first);
        self.last = first;
        let line_start = |line: usize| self.starts.get(line).copied().unwrap_or(0);
        Span {
            start_byte: start as u64,
            end_byte: end as u64,
            line: number(first.line),
            column: number(start - line_start(first.line)),
            character: first.characters.saturating_add(1),
            utf16: first.utf16.saturating_add(1),
            end_line: number(last.line),
            end_column: number(end - line_start(last.line)),
            end_character: last.characters.saturating_add(1),
            end_utf16: last.utf16.saturating_add(1),
        }
    }

    /// Counts up to `offset`, from `known` when it stands before it in the same line.
    fn position(&self, offset: usize, line: usize, known: Position) -> Position {
        let start = self.starts.get(line).copied().unwrap_or(0);
        let mut at = if known.line == line && (start..=offset).contains(&known.offset) {
            known
        } else {
            Position { offset: start, line, characters: 0, utf16: 0 }
        };
        for chunk in self.bytes.get(at.offset..offset).unwrap_or(&[]).utf8_chunks() {
            for character in chunk.valid().chars() {
                at.characters = at.characters.saturating_add(1);
                at.utf16 = at.utf16.saturating_add(if character.len_utf16() == 2 { 2 } else { 1 });
            }
            let undecodable = u32::try_from(chunk.invalid().len()).unwrap_or(u32::MAX);
            at.characters = at.characters.saturating_add(undecodable);
            at.utf16 = at.utf16.saturating_add(undecodable);
        }
        Position { offset, ..at }
    }
}

/// A count from 0 as a number from 1.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_counts_once() {
        let text = b"a\nb\r\nc\rd\r\r\n";
        let mut lines = LineIndex::new(text);
        let line = |offset: usize, lines: &mut LineIndex<'_>| lines.span(offset..offset + 1).line;
        let all: Vec<u32> = (0..text.len()).map(|at| line(at, &mut lines)).collect();
        assert_eq!(all, [1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5]);
        assert_eq!(lines.len(), 6);
        assert_eq!(lines.range(1), 2..3);
        assert_eq!(lines.range(4), 9..9);
        assert_eq!(lines.range(99), 11..11);
    }

    #[test]
    fn columns_count_bytes_characters_and_utf_16_units() {
        let text = "x\n\u{fc}\u{1f600}key\n".as_bytes();
        let at = text.windows(3).position(|w| w == b"key").unwrap();
        let span = LineIndex::new(text).span(at..at + 3);
        assert_eq!((span.line, span.column, span.character, span.utf16), (2, 7, 3, 4));
        assert_eq!((span.end_line, span.end_column, span.end_character, span.end_utf16), (2, 10, 6, 7));
        let invalid = LineIndex::new(b"\xff\xfeab").span(2..4);
        assert_eq!((invalid.column, invalid.character), (3, 3));
    }

    #[test]
    fn a_cached_position_changes_nothing() {
        let text = "a\u{fc}b\nc\u{1f600}d e f".as_bytes();
        let mut cached = LineIndex::new(text);
        for start in 0..=text.len() {
            for end in start..=text.len() {
                // Ranges that begin inside a character are counted from what came before, so they are left out.
                if std::str::from_utf8(&text[..start]).is_ok() {
                    assert_eq!(
                        cached.span(start..end),
                        LineIndex::new(text).span(start..end),
                        "{start}..{end}"
                    );
                }
            }
        }
        let beyond = cached.span(90..99);
        assert_eq!((beyond.start_byte, beyond.end_byte), (text.len() as u64, text.len() as u64));
    }
}
