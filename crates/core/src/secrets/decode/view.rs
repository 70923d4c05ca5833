//! Decoded text, and the way back from it to the bytes that it was decoded from.

use std::ops::Range;

/// Decoded text that knows where each of its bytes comes from.
#[derive(Debug)]
pub(in crate::secrets) struct View {
    /// The text.
    pub(in crate::secrets) bytes: Vec<u8>,
    /// The decoder's name.
    pub(in crate::secrets) by: &'static str,
    /// Whether there was more than may be decoded.
    pub(super) cut: bool,
    /// What was read of the original.
    pub(super) read: Range<usize>,
    /// Sorted by `at`; the first one is at 0.
    segments: Vec<Segment>,
}

/// From one place of the text to the next segment: units of `out` bytes, each made of `unit` original ones.
#[derive(Clone, Copy, Debug)]
struct Segment {
    /// Where in the text it begins.
    at: usize,
    /// Where in the original.
    from: usize,
    out: usize,
    unit: usize,
    /// Whether a part of a unit's bytes came of a part of its original, in proportion (base64); else of all of it.
    divides: bool,
}

impl View {
    pub(super) fn new(by: &'static str, capacity: usize, start: usize) -> Self {
        let (bytes, segments) = (Vec::with_capacity(capacity), Vec::new());
        Self { bytes, by, cut: false, read: start..start, segments }
    }

    /// Says that what is appended from here on comes from `from`, every `out` bytes of `unit` original ones.
    pub(super) fn units(&mut self, from: usize, out: usize, unit: usize) {
        let at = self.bytes.len();
        if let Some(last) = self.segments.last()
            && (last.out, last.unit, last.divides) == (out, unit, false)
            && out > 0
            && (at - last.at).is_multiple_of(out)
            && last.from + (at - last.at) / out * unit == from
        {
            // It goes on as before.
            return;
        }
        self.segments.push(Segment { at, from, out, unit, divides: false });
    }

    /// As [`View::units`], for units of which a part comes from a part of the original.
    pub(super) fn divided_units(&mut self, from: usize, out: usize, unit: usize) {
        self.segments.push(Segment { at: self.bytes.len(), from, out, unit, divides: true });
    }

    /// Appends bytes of the original as they are.
    pub(super) fn copy(&mut self, original: &[u8], range: Range<usize>) {
        if !range.is_empty() {
            self.units(range.start, 1, 1);
            self.bytes.extend_from_slice(original.get(range).unwrap_or(&[]));
        }
    }

    /// Appends a character that `unit` original bytes at `from` stand for.
    pub(super) fn character(&mut self, character: char, from: usize, unit: usize) {
        self.units(from, character.len_utf8(), unit);
        self.bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// The original bytes that a range of the text was decoded from; empty when the range is.
    pub(in crate::secrets) fn origin(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.place(range.start).0;
        let last = range.end.checked_sub(1).filter(|last| *last >= range.start);
        start..last.map_or(start, |last| self.place(last).1.max(start))
    }

    /// First and last of the original bytes that one byte of the text was decoded from, the end exclusive.
    fn place(&self, at: usize) -> (usize, usize) {
        let index = self.segments.partition_point(|segment| segment.at <= at);
        let Some(segment) = index.checked_sub(1).and_then(|index| self.segments.get(index)) else {
            return (self.read.start, self.read.end);
        };
        let (out, unit) = (segment.out.max(1), segment.unit);
        let inside = at - segment.at;
        let (start, end) = if segment.divides {
            (inside.saturating_mul(unit) / out, (inside + 1).saturating_mul(unit).div_ceil(out))
        } else {
            let number = inside / out;
            (number.saturating_mul(unit), (number + 1).saturating_mul(unit))
        };
        let limit = self.read.end;
        (segment.from.saturating_add(start).min(limit), segment.from.saturating_add(end).min(limit))
    }
}
