//! Which lines of a text are news.
//!
//! Not by a difference of two texts line for line: that calls a block added which only moved, and every line of it which
//! an editor indented. A line is news when the text has it more often than each version it was made from. Of several
//! equal lines those are taken first that stand behind another line than before.

use crate::text::LineIndex;
use std::collections::{HashMap, HashSet};

/// For each line of `now`, whether none of the versions `before` has it. With no such version all lines are news.
pub(super) fn added(now: &[u8], lines: &LineIndex<'_>, before: &[&[u8]]) -> Vec<bool> {
    let texts = trimmed(now, lines);
    let mut added: Vec<bool> = texts.iter().map(|text| !text.is_empty()).collect();
    for version in before {
        let index = LineIndex::new(version);
        for (is_added, is_new) in added.iter_mut().zip(against(&texts, &trimmed(version, &index))) {
            *is_added &= is_new;
        }
    }
    added
}

fn trimmed<'a>(bytes: &'a [u8], lines: &LineIndex<'_>) -> Vec<&'a [u8]> {
    let line = |line| bytes.get(lines.range(line)).unwrap_or_default().trim_ascii();
    (0..lines.len()).map(line).collect()
}

/// Each line with the one before it that is not empty.
fn pairs<'t, 'a>(texts: &'t [&'a [u8]]) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'t, 'a> {
    let mut before: &[u8] = b"";
    texts.iter().map(move |text| {
        let pair = (before, *text);
        if !text.is_empty() {
            before = text;
        }
        pair
    })
}

fn against(now: &[&[u8]], old: &[&[u8]]) -> Vec<bool> {
    let mut more: HashMap<&[u8], usize> = HashMap::new();
    for text in now {
        *more.entry(text).or_default() += 1;
    }
    for text in old {
        if let Some(count) = more.get_mut(text) {
            *count = count.saturating_sub(1);
        }
    }
    let known: HashSet<(&[u8], &[u8])> = pairs(old).collect();
    let is_known: Vec<bool> = pairs(now).map(|pair| known.contains(&pair)).collect();
    let mut out = vec![false; now.len()];
    // First those in a new place, then, from the end, as many of the others as there are more than before.
    for wanted in [false, true] {
        for ((is_new, text), known) in out.iter_mut().zip(now).zip(&is_known).rev() {
            if *known == wanted
                && let Some(count) = more.get_mut(text).filter(|count| **count > 0)
            {
                *count -= 1;
                *is_new = true;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(now: &str, before: &[&str]) -> Vec<usize> {
        let before: Vec<&[u8]> = before.iter().map(|text| text.as_bytes()).collect();
        let added = added(now.as_bytes(), &LineIndex::new(now.as_bytes()), &before);
        added.iter().enumerate().filter(|(_, added)| **added).map(|(line, _)| line + 1).collect()
    }

    #[test]
    fn lines_that_moved_or_were_indented_are_no_news() {
        assert_eq!(news("a\nb\n", &[]), [1, 2]);
        assert_eq!(news("b\n\ta\r\nc\n", &["a\nb\n"]), [3]);
        assert_eq!(news("", &["a\n"]), [0; 0]);
        assert_eq!(news("a\n\n\n", &["a"]), [0; 0], "an empty line is nothing");
    }

    #[test]
    fn of_equal_lines_the_one_in_a_new_place_is_the_news() {
        assert_eq!(news("x\nlog\ny\nlog\n", &["y\nlog\nx\n"]), [2]);
        assert_eq!(news("x\nlog\nlog\n", &["x\nlog\n"]), [3]);
        assert_eq!(news("log\nlog\nlog\n", &[]), [1, 2, 3]);
    }

    #[test]
    fn what_either_side_of_a_merge_had_is_no_news() {
        assert_eq!(news("a\nb\nc\n", &["a\n", "b\n"]), [3]);
    }
}
