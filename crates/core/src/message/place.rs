//! Where a finding stands in a message: lines and columns, and the line to show.

use super::parse::lines;
use crate::{Excerpt, Span};
use std::ops::Range;

/// The line that `range` begins in, shortened around it, with `range` marked.
pub(super) fn excerpt(text: &str, range: &Range<usize>) -> Option<Excerpt> {
    const SHOWN: usize = 200;
    let line = lines(text).take_while(|line| line.start <= range.start).last()?;
    let inside = |at: usize| at.saturating_sub(line.start).min(line.text.len());
    let (start, end) = (inside(range.start), inside(range.end));
    let mut from = if line.text.len() > SHOWN { start.saturating_sub(SHOWN / 2) } else { 0 };
    let mut to = from.saturating_add(SHOWN).min(line.text.len());
    while !line.text.is_char_boundary(from) {
        from = from.saturating_sub(1);
    }
    while !line.text.is_char_boundary(to) {
        to = to.saturating_add(1);
    }
    let shown = line.text.get(from..to)?;
    Some(Excerpt {
        text: shown.to_owned(),
        start: start.saturating_sub(from),
        end: end.saturating_sub(from).min(shown.len()),
    })
}

/// The lines and columns of a range of a text.
pub(super) fn span(text: &str, range: &Range<usize>) -> Span {
    let place = |offset: usize| {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count();
        let tail = before.rsplit('\n').next().unwrap_or_default();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
        (count(line), count(tail.len()), count(tail.chars().count()), count(tail.encode_utf16().count()))
    };
    let (line, column, character, utf16) = place(range.start);
    let (end_line, end_column, end_character, end_utf16) = place(range.end);
    Span {
        start_byte: range.start as u64,
        end_byte: range.end as u64,
        line,
        column,
        character,
        utf16,
        end_line,
        end_column,
        end_character,
        end_utf16,
    }
}
