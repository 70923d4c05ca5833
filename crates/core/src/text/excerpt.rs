//! The line around a finding, short and with every secret in it masked.

use crate::{Excerpt, Secret};
use std::ops::Range;

/// Bytes shown before the finding and behind it; masks are short, so a line has about 120 columns.
const BEFORE: usize = 48;
const AFTER: usize = 56;

/// The part of the line `line` around `focus`, all secrets masked. All ranges are into `bytes`; `masks` must be
/// sorted and must not overlap (see [`merge`]); the one that holds `focus` becomes the marked part.
#[must_use]
pub fn excerpt(bytes: &[u8], line: Range<usize>, focus: Range<usize>, masks: &[Range<usize>]) -> Excerpt {
    let focus = focus.start.clamp(line.start, line.end)..focus.end.clamp(line.start, line.end);
    let from = boundary(bytes, focus.start.saturating_sub(BEFORE).max(line.start));
    let to = boundary(bytes, focus.end.saturating_add(AFTER).min(line.end));
    let mut out = Excerpt::default();
    if from > line.start {
        out.text.push('\u{2026}');
    }
    let mut at = from;
    let first = masks.partition_point(|mask| mask.end <= from);
    for mask in masks.iter().skip(first).take_while(|mask| mask.start < to) {
        let piece = mask.start.max(from)..mask.end.min(to);
        push(&mut out.text, bytes, at..piece.start);
        let start = out.text.len();
        out.text.push_str(&redacted(bytes, mask, &piece));
        if mask.start <= focus.start && focus.start < mask.end {
            (out.start, out.end) = (start, out.text.len());
        }
        at = piece.end;
    }
    push(&mut out.text, bytes, at..to);
    if to < line.end {
        out.text.push('\u{2026}');
    }
    out
}

/// Sorts ranges and joins those that overlap.
#[must_use]
pub fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

fn redacted(bytes: &[u8], mask: &Range<usize>, piece: &Range<usize>) -> String {
    // The first characters of a long secret help to recognise it; the middle of one shows nothing.
    let whole = if piece.start == mask.start { bytes.get(mask.clone()).unwrap_or(&[]) } else { &[] };
    Secret::new(whole.get(..whole.len().min(16)).unwrap_or(whole)).redacted()
}

fn push(out: &mut String, bytes: &[u8], range: Range<usize>) {
    out.push_str(&String::from_utf8_lossy(bytes.get(range).unwrap_or(&[])));
}

/// The start of the character that `at` stands in, so that none is cut.
fn boundary(bytes: &[u8], at: usize) -> usize {
    let continues = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
    (at.saturating_sub(3)..=at).rev().find(|at| !continues(*at)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_secret_of_the_line_is_masked() {
        let bytes = b"a = \"0123456789abcdefgh\", b = \"short\"";
        let masks = merge(vec![31..36, 5..23]);
        assert_eq!(
            excerpt(bytes, 0..37, 31..36, &masks),
            Excerpt { text: "a = \"0123********\", b = \"********\"".into(), start: 25, end: 33 }
        );
    }

    #[test]
    fn long_lines_are_shortened_and_characters_kept_whole() {
        let line =
            format!("{}SECRETSECRETSECRETSECRET{}", "\u{fc}".repeat(100_000), "\u{fc}".repeat(100_000));
        let short = excerpt(
            line.as_bytes(),
            0..line.len(),
            200_000..200_024,
            &merge(vec![200_000..200_024, 200_000..200_024]),
        );
        assert_eq!(short.text.get(short.start..short.end), Some("SECR********"));
        assert_eq!(short.text.chars().count(), 1 + 24 + 12 + 28 + 1);
        assert!(!short.text.contains('\u{fffd}'));
    }

    #[test]
    fn a_secret_cut_off_by_the_shortening_shows_nothing() {
        let bytes = [b"TOPSECRETTOPSECRETTOPSECRET".as_slice(), &[b' '; 40], b"pass=hunter2hunter"].concat();
        let short = excerpt(&bytes, 0..bytes.len(), 72..85, &[0..27, 72..85]);
        assert_eq!(short.text, format!("\u{2026}********{}pass=********", " ".repeat(40)));
    }
}
