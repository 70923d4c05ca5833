//! A file of a tree as text, and the places in it that reasons point at.

use crate::Span;
use crate::text::LineIndex;
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
    lines: Rc<OnceCell<LineCounts>>,
}

impl Source {
    /// A text at a path.
    #[must_use]
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.into(), text: text.into(), lines: Rc::default() }
    }

    /// The place of some bytes of it.
    #[must_use]
    pub fn place(&self, span: &Range<usize>) -> Place {
        let text = self.text.as_bytes();
        let start = span.start.min(text.len());
        // Of what goes over several lines the first is pointed at. Only it is looked at: a lock has many megabytes.
        let line_start = memchr::memrchr(b'\n', text.get(..start).unwrap_or_default()).map_or(0, |at| at + 1);
        let line = text.get(line_start..).unwrap_or_default();
        let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let end = span.end.clamp(start, line_start + line.len().max(start - line_start));
        let mut place = LineIndex::new(line).span(start - line_start..end - line_start);
        let above = self.line_of(line_start) - 1;
        (place.line, place.end_line) = (place.line + above, place.end_line + above);
        place.start_byte += line_start as u64;
        place.end_byte += line_start as u64;
        Place { path: self.path.to_string(), span: Some(place) }
    }

    /// The place of a line, from 1; `None`: of the file as a whole.
    #[must_use]
    pub fn line(&self, line: Option<u32>) -> Place {
        let Some(line) = line else { return self.whole() };
        let start = self.counts().start_of(self.text.as_bytes(), line);
        self.place(&(start..start))
    }

    /// The line in which a byte stands, from 1.
    #[must_use]
    pub fn line_of(&self, offset: usize) -> u32 {
        self.counts().above(self.text.as_bytes(), offset).saturating_add(1)
    }

    /// The place of the file as a whole.
    #[must_use]
    pub fn whole(&self) -> Place {
        Place { path: self.path.to_string(), span: None }
    }

    fn counts(&self) -> &LineCounts {
        self.lines.get_or_init(|| LineCounts::new(self.text.as_bytes()))
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

/// How many lines end before each block of a text: a lock of many megabytes can have a reason on every line, and counting
/// from its beginning for each would never end. A number for each line would be larger than a text of short ones.
#[derive(Debug)]
struct LineCounts {
    before: Vec<u32>,
}

/// Bytes from one count to the next.
const BLOCK: usize = 4096;

impl LineCounts {
    fn new(text: &[u8]) -> Self {
        let mut count: u32 = 0;
        let before = text.chunks(BLOCK).map(|block| {
            let before = count;
            count = count.saturating_add(ends(block));
            before
        });
        Self { before: before.collect() }
    }

    /// How many lines end before a byte.
    fn above(&self, text: &[u8], offset: usize) -> u32 {
        let offset = offset.min(text.len());
        let block = (offset / BLOCK).min(self.before.len().saturating_sub(1));
        let counted = self.before.get(block).copied().unwrap_or_default();
        counted.saturating_add(ends(text.get(block * BLOCK..offset).unwrap_or_default()))
    }

    /// Where a line begins, from 1; the beginning of the text where it has no such line.
    fn start_of(&self, text: &[u8], line: u32) -> usize {
        let Some(wanted) = line.checked_sub(2) else { return 0 };
        // The block in which the line before it ends: the last that not all of those end before.
        let block = self.before.partition_point(|before| *before <= wanted).saturating_sub(1);
        let counted = self.before.get(block).copied().unwrap_or_default();
        let from = block * BLOCK;
        let mut found = memchr::memchr_iter(b'\n', text.get(from..).unwrap_or_default());
        found.nth((wanted - counted.min(wanted)) as usize).map_or(0, |at| from + at + 1)
    }
}

fn ends(text: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_are_those_that_counting_from_the_beginning_gives(
            parts in prop::collection::vec((0..3_usize, 0..6000_usize), 0..12),
            offset in 0..70_000_usize,
            line in 0..40_u32,
        ) {
            let text: String = parts.iter().map(|(ends, run)| "\n".repeat(*ends) + &"x".repeat(*run)).collect();
            let source = Source::new("a.lock", &text);
            let counted = text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
            prop_assert_eq!(source.line_of(offset) as usize, counted);
            let starts: Vec<usize> = std::iter::once(0)
                .chain(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1))
                .collect();
            let start = starts.get(line.saturating_sub(1) as usize).copied().unwrap_or_default();
            let place = source.line(Some(line)).span.map(|span| span.start_byte);
            prop_assert_eq!(place, Some(start as u64));
        }
    }
}
