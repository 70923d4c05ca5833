//! The line that a finding stands in, laid out in terminal columns: escaped, tabs expanded, cut around the finding
//! where the terminal is too narrow, with the place of the caret.

use crate::mask::Mask;
use gatepost_core::Excerpt;
use gatepost_core::text::is_unsafe;
use unicode_width::UnicodeWidthChar as _;

/// Columns from one tab stop to the next.
const TAB: usize = 4;

/// A line ready to be printed.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Layout {
    /// The line; nothing in it does anything to a terminal but show itself.
    pub(crate) text: String,
    /// Column of the caret's first mark, from 0.
    pub(crate) start: usize,
    /// How many marks; at least one.
    pub(crate) marks: usize,
}

/// What one character of the line becomes.
struct Cell {
    text: String,
    width: usize,
    marked: bool,
}

/// Lays `excerpt` out; in at most `width` columns where there is a width.
pub(crate) fn layout(excerpt: &Excerpt, mask: &Mask, width: Option<usize>) -> Layout {
    let cells = cells(excerpt, mask);
    let total: usize = cells.iter().map(|cell| cell.width).sum();
    let start: usize = cells.iter().take_while(|cell| !cell.marked).map(|cell| cell.width).sum();
    match width.map(|width| width.max(16)).filter(|width| total > *width) {
        None => gather(&cells, "", ""),
        Some(width) => {
            // A third of the line is kept as context before the finding.
            let skip = start.saturating_sub(width / 3);
            let mut column = 0;
            let first = cells.iter().position(|cell| {
                column += cell.width;
                column > skip
            });
            let cells = cells.get(first.unwrap_or(0)..).unwrap_or_default();
            let before = if first.unwrap_or(0) > 0 { "\u{2026}" } else { "" };
            let room = width - usize::from(!before.is_empty()) - 1;
            let mut used = 0;
            let fitting = cells
                .iter()
                .position(|cell| {
                    used += cell.width;
                    used > room
                })
                .unwrap_or(cells.len());
            let after = if fitting < cells.len() { "\u{2026}" } else { "" };
            gather(cells.get(..fitting).unwrap_or_default(), before, after)
        }
    }
}

fn gather(cells: &[Cell], before: &str, after: &str) -> Layout {
    let mut text = before.to_owned();
    let mut column = before.chars().count();
    let (mut start, mut end) = (None, 0);
    for cell in cells {
        if cell.marked {
            start.get_or_insert(column);
            end = column + cell.width;
        }
        text.push_str(&cell.text);
        column += cell.width;
    }
    let start = start.unwrap_or(column);
    text.truncate(text.trim_end_matches(' ').len());
    text.push_str(after);
    Layout { text, start, marks: end.saturating_sub(start).max(1) }
}

/// The characters of the line. The part before the finding, the finding and the part after it are masked each by
/// itself, so that the marks stay where they belong.
fn cells(excerpt: &Excerpt, mask: &Mask) -> Vec<Cell> {
    let text = excerpt.text.trim_end_matches(['\r', '\n']);
    let start = floor_char_boundary(text, excerpt.start);
    let end = floor_char_boundary(text, excerpt.end).max(start);
    let parts = [
        (text.get(..start).unwrap_or_default(), false),
        (text.get(start..end).unwrap_or_default(), true),
        (text.get(end..).unwrap_or_default(), false),
    ];
    let mut cells = Vec::with_capacity(text.len());
    let mut column = 0;
    for (part, marked) in parts {
        if marked && part.is_empty() {
            // A place without extent still has a place.
            cells.push(Cell { text: String::new(), width: 0, marked });
        }
        for character in mask.text(part).chars() {
            let cell = cell(character, column, marked);
            column += cell.width;
            cells.push(cell);
        }
    }
    cells
}

fn cell(character: char, column: usize, marked: bool) -> Cell {
    if character == '\t' {
        let width = TAB - column % TAB;
        return Cell { text: " ".repeat(width), width, marked };
    }
    if is_unsafe(character) {
        let text = character.escape_unicode().to_string();
        return Cell { width: text.len(), text, marked };
    }
    Cell { text: character.to_string(), width: character.width().unwrap_or(0), marked }
}

/// The greatest character boundary at or before `at`.
fn floor_char_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr as _;

    fn no_mask() -> Mask {
        Mask::new(&testing::empty(), false)
    }

    fn lay(text: &str, marked: &str, width: Option<usize>) -> String {
        let start = text.find(marked).unwrap();
        let excerpt = Excerpt { text: text.to_owned(), start, end: start + marked.len() };
        let layout = layout(&excerpt, &no_mask(), width);
        format!("{}\n{}{}", layout.text, " ".repeat(layout.start), "^".repeat(layout.marks))
    }

    #[test]
    fn the_caret_stands_under_what_is_shown() {
        assert_eq!(lay("key = \"ab\"", "ab", None), "key = \"ab\"\n       ^^");
        assert_eq!(lay("\tkey\t=ab", "ab", None), "    key =ab\n         ^^");
        assert_eq!(lay("\x1b[1m=ab", "ab", None), "\\u{1b}[1m=ab\n          ^^");
        assert_eq!(lay("\u{6f22}\u{5b57}=ab", "ab", None), "\u{6f22}\u{5b57}=ab\n     ^^");
        assert_eq!(lay("e\u{301}=\u{6f22}", "\u{6f22}", None), "e\u{301}=\u{6f22}\n  ^^");
        assert_eq!(lay("ab\r\n", "ab", None), "ab\n^^");
    }

    #[test]
    fn a_place_without_extent_gets_one_mark() {
        assert_eq!(lay("abc", "", None), "abc\n^");
        let excerpt = Excerpt { text: "abc".to_owned(), start: 90, end: 12 };
        let layout = layout(&excerpt, &no_mask(), None);
        assert_eq!((layout.start, layout.marks), (3, 1));
    }

    #[test]
    fn a_long_line_is_cut_around_the_finding() {
        let text = format!("{}SECRET{}", "a".repeat(300), "b".repeat(300));
        assert_eq!(
            lay(&text, "SECRET", Some(30)),
            "\u{2026}aaaaaaaaaaSECRETbbbbbbbbbbbb\u{2026}\n           ^^^^^^"
        );
        assert_eq!(
            lay("SECRETbbbbbbbbbbbbbbbbbbb", "SECRET", Some(20)),
            "SECRETbbbbbbbbbbbbb\u{2026}\n^^^^^^"
        );
    }

    proptest! {
        #[test]
        fn any_excerpt_fits_and_is_safe(
            text in any::<String>(), start in 0_usize..80, end in 0_usize..80, width in 16_usize..60,
        ) {
            let excerpt = Excerpt { text, start, end };
            let layout = layout(&excerpt, &no_mask(), Some(width));
            prop_assert!(!layout.text.contains(is_unsafe));
            let shown: usize = layout.text.chars().map(|c| c.width().unwrap_or(0)).sum();
            prop_assert!(shown <= width, "{shown} > {width}");
            prop_assert!(layout.marks >= 1);
            prop_assert!(layout.text.width() <= shown);
        }
    }
}
