//! A file of a tree as text, and the places in it that reasons point at.

use crate::Span;
use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

/// A file that was read: its path and its text. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path from the root of the tree.
    pub path: Rc<str>,
    /// Its text.
    pub text: Rc<str>,
    positions: Rc<OnceCell<Positions>>,
}

impl Source {
    /// A text at a path.
    #[must_use]
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.into(), text: text.into(), positions: Rc::default() }
    }

    /// The place of some bytes of it.
    #[must_use]
    pub fn place(&self, span: &Range<usize>) -> Place {
        let text = self.text.as_bytes();
        let start = span.start.min(text.len());
        let end = span.end.clamp(start, text.len());
        // Of what goes over several lines the first is pointed at.
        let end =
            memchr::memchr(b'\n', text.get(start..end).unwrap_or_default()).map_or(end, |at| start + at);
        let (first, last) = (self.position(start), self.position(end));
        let span = Span {
            start_byte: start as u64,
            end_byte: end as u64,
            line: number(first.line),
            column: number(start - first.line_start),
            character: number(first.characters),
            utf16: number(first.utf16),
            end_line: number(last.line),
            end_column: number(end - last.line_start),
            end_character: number(last.characters),
            end_utf16: number(last.utf16),
        };
        Place { path: self.path.to_string(), span: Some(span) }
    }

    /// The place of a line, from 1; `None`: of the file as a whole.
    #[must_use]
    pub fn line(&self, line: Option<u32>) -> Place {
        let Some(line) = line else { return self.whole() };
        let start = self.positions().start_of(self.text.as_bytes(), line.saturating_sub(1) as usize);
        self.place(&(start..start))
    }

    /// The line in which a byte stands, from 1.
    #[must_use]
    pub fn line_of(&self, offset: usize) -> u32 {
        number(self.position(offset).line)
    }

    /// The place of the file as a whole.
    #[must_use]
    pub fn whole(&self) -> Place {
        Place { path: self.path.to_string(), span: None }
    }

    fn position(&self, offset: usize) -> Position {
        self.positions().at(self.text.as_bytes(), offset)
    }

    fn positions(&self) -> &Positions {
        self.positions.get_or_init(|| Positions::new(self.text.as_bytes()))
    }
}

/// Where something stands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// The path.
    pub path: String,
    /// Where in it; `None`: the file as a whole.
    pub span: Option<Span>,
}

impl Place {
    /// The line, from 1; `None`: the file as a whole.
    #[must_use]
    pub fn line(&self) -> Option<u32> {
        self.span.map(|span| span.line)
    }
}

/// The position of every so many bytes of a text: a lock of many megabytes can have a reason on every line, or all of them on
/// one line, and counting from its beginning for each would never end.
#[derive(Debug)]
struct Positions {
    known: Vec<Position>,
}

/// A position, counted from 0.
#[derive(Clone, Copy, Default, Debug)]
struct Position {
    line: usize,
    /// Where its line begins.
    line_start: usize,
    /// Of its line, before it.
    characters: usize,
    /// UTF-16 code units of its line, before it.
    utf16: usize,
}

/// Bytes from one known position to the next.
const BLOCK: usize = 1024;

impl Positions {
    fn new(text: &[u8]) -> Self {
        let mut position = Position::default();
        let known = text.chunks(BLOCK).enumerate().map(|(block, bytes)| {
            let before = position;
            position = position.after(block * BLOCK, bytes);
            before
        });
        Self { known: known.collect() }
    }

    fn at(&self, text: &[u8], offset: usize) -> Position {
        let offset = offset.min(text.len());
        let block = (offset / BLOCK).min(self.known.len().saturating_sub(1));
        let known = self.known.get(block).copied().unwrap_or_default();
        known.after(block * BLOCK, text.get(block * BLOCK..offset).unwrap_or_default())
    }

    /// Where a line begins, from 0; the beginning of the text where it has no such line.
    fn start_of(&self, text: &[u8], line: usize) -> usize {
        let Some(ends) = line.checked_sub(1) else { return 0 };
        // The block in which the line before it ends: the last that begins in that line or above.
        let block = self.known.partition_point(|known| known.line <= ends).saturating_sub(1);
        let above = self.known.get(block).map_or(0, |known| known.line);
        let from = block * BLOCK;
        let mut found = memchr::memchr_iter(b'\n', text.get(from..).unwrap_or_default());
        found.nth(ends.saturating_sub(above)).map_or(0, |at| from + at + 1)
    }
}

impl Position {
    /// The position behind `bytes`, which stand from `start` on.
    fn after(mut self, start: usize, bytes: &[u8]) -> Self {
        let mut rest = bytes;
        if let Some(last) = memchr::memrchr(b'\n', bytes) {
            self.line += memchr::memchr_iter(b'\n', bytes).count();
            self.line_start = start + last + 1;
            (self.characters, self.utf16) = (0, 0);
            rest = bytes.get(last + 1..).unwrap_or_default();
        }
        // Of UTF-8, each character has one byte that does not continue it, and those of four bytes are two units.
        let characters = rest.iter().filter(|byte| !(0x80..0xc0).contains(*byte)).count();
        self.characters += characters;
        self.utf16 += characters + rest.iter().filter(|byte| **byte >= 0xf0).count();
        self
    }
}

/// A count from 0 as a number from 1.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::LineIndex;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_are_those_that_counting_from_the_beginning_gives(
            parts in prop::collection::vec((0..3_usize, "[aé€😀]{0,9}", 0..900_usize), 0..12),
            (start, length) in (0..40_000_usize, 0..3000_usize),
            line in 0..40_u32,
        ) {
            let part = |(ends, word, times): &(usize, String, usize)| "\n".repeat(*ends) + &word.repeat(*times);
            let text: String = parts.iter().map(part).collect();
            let floor = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            let (start, end) = (floor(start), floor(start + length));
            let within = text.get(start..end).unwrap();
            let first_line = start + within.find('\n').unwrap_or(within.len());
            let source = Source::new("a.lock", &text);
            let wanted = LineIndex::new(text.as_bytes()).span(start..first_line);
            prop_assert_eq!(source.place(&(start..end)).span, Some(wanted));
            prop_assert_eq!(source.line_of(start), wanted.line);
            let begins = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
            let begin = begins.clone().nth(line.saturating_sub(1) as usize).unwrap_or_default();
            let place = source.line(Some(line)).span.map(|span| span.start_byte);
            prop_assert_eq!(place, Some(begin as u64));
        }
    }
}
