//! The run-finder: where encoded text may stand.
//!
//! A *token* is a stretch of visible bytes without quotes and angle brackets. A *run* is a stretch of 24 bytes or more
//! that an encoding can consist of. Only tokens that hold a run are looked at. To find runs, the pass looks at the 24th
//! byte from where a run may begin and goes backwards: the first byte that belongs to no run moves it past that byte, so
//! that most of a text is never read.
//!
//! Encoded text is often wrapped: a token at the end of a line whose last 40 bytes or more are base64, in whole groups of
//! four, goes on at the next line's beginning. Tokens that hang together in this way are a *group*, and what is decoded
//! in a group depends on nothing but the bytes of its [`context`]. A scan of an edited text rests on that.

use std::ops::Range;

/// The least run, in bytes: 18 decoded bytes of base64.
const LEAST: usize = 24;
/// The least line that another one continues.
const WRAPPED: usize = 40;

const TOKEN: u8 = 1;
/// base64 in both alphabets, hexadecimal, and the characters of escapes.
const RUN: u8 = 2;
const BASE64: u8 = 4;

static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    loop {
        let mut class = 0;
        if byte > b' ' && byte != 0x7F && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>') {
            class |= TOKEN;
        }
        if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_') {
            class |= RUN | BASE64;
        }
        if matches!(byte, b'%' | b'\\' | b'&' | b'#' | b';' | b'{' | b'}') {
            class |= RUN;
        }
        table[byte as usize] = class;
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

fn is(byte: u8, class: u8) -> bool {
    CLASSES.get(usize::from(byte)).is_some_and(|classes| classes & class != 0)
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// A run of base64's characters.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) range: Range<usize>,
    /// The token's end; `None` when the run is looked at for itself alone.
    token_end: Option<usize>,
}

impl Run {
    /// The run without the lines that continue it.
    pub(super) fn alone(&self) -> Self {
        Self { token_end: None, ..self.clone() }
    }

    /// The run from `from` on, and the lines that continue it in whole units of `unit` characters.
    pub(super) fn lines<'a>(
        &self,
        bytes: &'a [u8],
        from: usize,
        unit: usize,
    ) -> impl Iterator<Item = Range<usize>> + Clone + use<'a> {
        let (token_end, first) = (self.token_end, from..self.range.end);
        std::iter::successors(Some((first, token_end)), move |(line, token_end)| {
            let is_whole = Some(line.end) == *token_end && line.len() % unit == 0;
            let next = is_whole.then(|| after(bytes, line.end)).flatten()?;
            let end = forward(bytes, next.start, BASE64).min(next.end);
            Some((next.start..end, Some(next.end)))
        })
        .map(|(line, _)| line)
    }
}

/// The next token that begins in `range` and holds a run; the range must begin and end at a token's edges.
pub(super) fn next(bytes: &[u8], range: Range<usize>) -> Option<Range<usize>> {
    let run = next_run(bytes, range.clone(), RUN)?;
    Some(back(bytes, run.start, TOKEN).max(range.start)..forward(bytes, run.end, TOKEN))
}

/// The next run of base64's characters in the part of a token from `at` on.
pub(super) fn next_base64(bytes: &[u8], at: usize, token: &Range<usize>) -> Option<Run> {
    let range = next_run(bytes, at.max(token.start)..token.end, BASE64)?;
    Some(Run { range, token_end: Some(token.end) })
}

fn next_run(bytes: &[u8], range: Range<usize>, class: u8) -> Option<Range<usize>> {
    let (mut at, end) = (range.start, range.end.min(bytes.len()));
    let bytes = bytes.get(..end)?;
    loop {
        let window = bytes.get(at..at.checked_add(LEAST)?)?;
        match window.iter().rposition(|byte| !is(*byte, class)) {
            Some(outside) => at += outside + 1,
            None => return Some(at..forward(bytes, at + LEAST, class)),
        }
    }
}

/// The end of the bytes of `class` that begin at `at`.
fn forward(bytes: &[u8], at: usize, class: u8) -> usize {
    let rest = bytes.get(at..).unwrap_or(&[]);
    at + rest.iter().position(|byte| !is(*byte, class)).unwrap_or(rest.len())
}

/// The start of the bytes of `class` that end at `at`.
fn back(bytes: &[u8], at: usize, class: u8) -> usize {
    let before = bytes.get(..at).unwrap_or(bytes);
    before.iter().rposition(|byte| !is(*byte, class)).map_or(0, |outside| outside + 1)
}

/// The token that continues the one that ends at `end`.
pub(super) fn after(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    let start = next_line(bytes, end)?;
    is(*bytes.get(start)?, BASE64).then_some(())?;
    is_wrapped(bytes, end).then(|| start..forward(bytes, start, TOKEN))
}

/// The start of the token that the one at `start` continues.
fn before(bytes: &[u8], start: usize) -> Option<usize> {
    is(*bytes.get(start)?, BASE64).then_some(())?;
    let end = previous_line(bytes, start)?;
    is_wrapped(bytes, end).then(|| back(bytes, end, TOKEN))
}

/// Whether the line that ends at `end` ends as wrapped base64 does.
fn is_wrapped(bytes: &[u8], end: usize) -> bool {
    let length = end - back(bytes, end, BASE64);
    length >= WRAPPED && length.is_multiple_of(4)
}

/// Where the text of the next line begins, when `at` is the end of a line.
fn next_line(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let line = rest.strip_prefix(b"\n").or_else(|| rest.strip_prefix(b"\r\n"))?;
    let indentation = line.iter().take_while(|byte| is_blank(byte)).count();
    Some(at + rest.len() - line.len() + indentation)
}

/// Where the line before ends, when `at` is the beginning of a line's text.
fn previous_line(bytes: &[u8], at: usize) -> Option<usize> {
    let before = bytes.get(..at)?;
    let blanks = before.iter().rev().take_while(|byte| is_blank(byte)).count();
    let line = before.get(..at - blanks)?.strip_suffix(b"\n")?;
    Some(line.strip_suffix(b"\r").unwrap_or(line).len())
}

/// What a group depends on: itself, a byte on either side, and where it may be continued, how the line before it ends
/// and how the one behind it begins.
pub(super) fn context(bytes: &[u8], group: &Range<usize>) -> Range<usize> {
    let previous = previous_line(bytes, group.start).map(|end| back(bytes, end, BASE64));
    let next = next_line(bytes, group.end);
    let start = previous.unwrap_or(group.start).saturating_sub(1);
    start..next.unwrap_or(group.end).saturating_add(1).min(bytes.len())
}

/// The end of the token that `at` stands in; `at` itself outside of tokens.
pub(super) fn end(bytes: &[u8], at: usize) -> usize {
    forward(bytes, at, TOKEN)
}

/// The smallest range around `range` that begins and ends with groups and holds every group whose context it touches.
pub(super) fn widen(bytes: &[u8], range: &Range<usize>) -> Range<usize> {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let mut start = back(bytes, range.start, TOKEN);
    let left = bytes.get(..start).unwrap_or(&[]);
    start = left.iter().rposition(|byte| !is_space(byte)).map_or(0, |last| last + 1);
    start = back(bytes, start, TOKEN);
    while let Some(previous) = before(bytes, start) {
        start = previous;
    }
    let mut end = forward(bytes, range.end, TOKEN);
    let right = bytes.get(end..).unwrap_or(&[]);
    end += right.iter().position(|byte| !is_space(byte)).unwrap_or(right.len());
    end = forward(bytes, end, TOKEN);
    while let Some(next) = after(bytes, end) {
        end = next.end;
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_are_those_that_a_look_at_every_byte_finds(text in "[a-d \\\\\"]{0,40}([a-d%]{20,30}[ \"a])*[a-d ]{0,60}") {
            let bytes = text.as_bytes();
            let (mut at, mut found) = (0, Vec::new());
            while let Some(run) = next_run(bytes, at..bytes.len(), RUN) {
                at = run.end;
                found.push(run);
            }
            let mut wanted = Vec::new();
            let mut start = 0;
            for end in 0..=bytes.len() {
                if bytes.get(end).is_none_or(|byte| !is(*byte, RUN)) {
                    if end - start >= LEAST {
                        wanted.push(start..end);
                    }
                    start = end + 1;
                }
            }
            prop_assert_eq!(found, wanted);
        }

        #[test]
        fn a_widened_range_holds_the_groups_whose_context_it_touches(
            text in "([a-c]{40}(\n|\r\n|\n  )|[a-c]{24}|[ \n\"=a])*", from in 0usize..300, length in 0usize..40,
        ) {
            let bytes = text.as_bytes();
            let from = from.min(bytes.len());
            let range = from..(from + length).min(bytes.len());
            let wide = widen(bytes, &range);
            prop_assert!(wide.start <= range.start && range.end <= wide.end);
            let mut at = 0;
            while let Some(token) = next(bytes, at..bytes.len()) {
                let mut group = token;
                while let Some(more) = after(bytes, group.end) {
                    group.end = more.end;
                }
                at = group.end;
                let context = context(bytes, &group);
                if context.start < range.end && range.start < context.end {
                    prop_assert!(wide.start <= group.start && group.end <= wide.end, "{group:?} {wide:?}");
                } else {
                    prop_assert!(group.end <= wide.start || wide.start <= group.start);
                    prop_assert!(group.start >= wide.end || group.end <= wide.end);
                }
            }
        }
    }
}
