//! Lines and columns as gitleaks counts them. Reports and baselines hold them, so they are counted here in the same way:
//! right on the first line of a piece, one too many on later ones, and an end column of 0 where a match reaches over the last
//! line feed.

use std::ops::Range;

/// Where a match stands in its piece of text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Place {
    /// From 0.
    pub(super) start_line: i64,
    pub(super) end_line: i64,
    pub(super) start_column: i64,
    pub(super) end_column: i64,
    /// The bytes of the lines.
    pub(super) lines: Range<usize>,
}

/// The places of the line feeds in a text.
pub(super) fn line_feeds(text: &[u8]) -> Vec<usize> {
    text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect()
}

/// Where a match stands.
pub(super) fn place(feeds: &[usize], text: &[u8], found: &Range<usize>) -> Place {
    let one = [text.len()];
    let feeds = if feeds.is_empty() { &one[..] } else { feeds };
    let before = |index: usize| index.checked_sub(1).and_then(|index| feeds.get(index)).copied().unwrap_or(0);
    let signed = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let column = |at: usize, line: usize| signed(at) - signed(before(line));
    let mut place = Place::default();
    let first = feeds.partition_point(|&feed| feed <= found.start);
    let is_set = first < feeds.len();
    if let Some(&feed) = feeds.get(first) {
        (place.start_line, place.end_line) = (signed(first), signed(first));
        place.start_column = column(found.start, first) + 1;
        place.lines = before(first)..feed;
    }
    let last = feeds.partition_point(|&feed| feed < found.end);
    if let Some(&feed) = feeds.get(last)
        && before(last) < found.end
    {
        place.end_line = signed(last);
        place.end_column = column(found.end, last);
        place.lines.end = feed;
    }
    if !is_set {
        (place.start_line, place.end_line) = (signed(feeds.len()), signed(feeds.len()));
        place.start_column = column(found.start, feeds.len()) + 1;
        place.end_column = column(found.end, feeds.len());
        let rest = text.get(found.end..).unwrap_or(&[]);
        let length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        place.lines.end = found.end + length;
    }
    place.lines.end = place.lines.end.max(found.end);
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, word: &str) -> (i64, i64, i64, i64, String) {
        let start = text.find(word).unwrap();
        let found = start..start + word.len();
        let place = place(&line_feeds(text.as_bytes()), text.as_bytes(), &found);
        let lines = text.get(place.lines).unwrap().to_owned();
        (place.start_line, place.end_line, place.start_column, place.end_column, lines)
    }

    #[test]
    fn lines_and_columns_are_those_of_gitleaks() {
        assert_eq!(at("key abc", "abc"), (0, 0, 5, 7, "key abc".to_owned()));
        assert_eq!(at("key abc\nx\n", "abc"), (0, 0, 5, 7, "key abc".to_owned()));
        // One too many, as there.
        assert_eq!(at("x\nkey abc\ny\n", "abc"), (1, 1, 6, 8, "\nkey abc".to_owned()));
        assert_eq!(at("x\nkey abc", "abc"), (1, 1, 6, 8, "x\nkey abc".to_owned()));
        assert_eq!(at("x\na\nb\nc\n", "a\nb"), (1, 2, 2, 2, "\na\nb".to_owned()));
        // Over the last line feed.
        assert_eq!(at("x\na\nb", "a\nb"), (1, 1, 2, 0, "\na\nb".to_owned()));
    }
}
