//! How this process speaks to people. What goes to a terminal, or over the wire to whoever pushed, passes through here
//! last: nothing in it does anything to a terminal but show itself, a server gets its prefix on every line, and a pusher
//! is sent no more than somebody reads.
//!
//! Reports escape what they show where they write it. This is the second lock, for what one of them forgets.

use gatepost_core::text::{is_unsafe, without_commands};
use std::borrow::Cow;
use std::sync::OnceLock;

/// The most that a pusher is sent, and the longest line of it, in bytes.
const MOST: usize = 64 * 1024;
const LONGEST: usize = 4 * 1024;

/// Set once, by the gate that speaks to a pusher.
static PUSHER: OnceLock<&'static str> = OnceLock::new();

/// From now on everything is for a pusher, whose server wants `prefix` before every line.
pub(crate) fn to_pusher(prefix: &'static str) {
    // A process runs one gate: whoever comes second says the same.
    let _ = PUSHER.set(prefix);
}

/// What is really said for `text`. Colour was asked for, or its marks are escaped as any others.
pub(crate) fn said(text: &str, color: bool) -> String {
    let safe = safe(text, color);
    // The log of a job is read by the CI system as well.
    let safe = without_commands(&safe);
    match PUSHER.get() {
        Some(prefix) => to_wire(&safe, prefix),
        None => safe.into_owned(),
    }
}

/// `text` with every unsafe character as `\u{..}`; line ends, tabs and, with colour, its marks stay.
fn safe(text: &str, color: bool) -> Cow<'_, str> {
    let stays = |c: char| !is_unsafe(c) || matches!(c, '\n' | '\t') || (color && c == '\u{1b}');
    if text.chars().all(stays) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if stays(character) {
            out.push(character);
        } else {
            out.extend(character.escape_unicode());
        }
    }
    Cow::Owned(out)
}

/// Whole lines, each with its prefix. Of too many the last is sent all the same: it is the sum.
fn to_wire(text: &str, prefix: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.lines().map(bounded).collect();
    let length = |line: &str| prefix.len() + line.len() + 1;
    let all: usize = lines.iter().map(|line| length(line)).sum();
    let (last, before) = match lines.split_last() {
        Some((last, before)) if all > MOST => (Some(last), before),
        _ => (None, lines.as_slice()),
    };
    let mut room = MOST - length("") - LONGEST;
    let mut out = String::with_capacity(all.min(MOST));
    let mut push = |line: &str| {
        out.push_str(prefix);
        out.push_str(line);
        out.push('\n');
    };
    let mut left = 0_usize;
    for line in before {
        let fits = last.is_none() || (left == 0 && length(line) <= room);
        if fits {
            room = room.saturating_sub(length(line));
            push(line);
        } else {
            left += 1;
        }
    }
    if let Some(last) = last {
        push(&format!("… {left} more lines are not sent: a push is told no more than {} KiB", MOST / 1024));
        push(last);
    }
    out
}

/// A line of at most [`LONGEST`] bytes, which says what it lacks.
fn bounded(line: &str) -> Cow<'_, str> {
    if line.len() <= LONGEST {
        return Cow::Borrowed(line);
    }
    let mut end = LONGEST - 64;
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let kept = line.get(..end).unwrap_or_default();
    Cow::Owned(format!("{kept}… ({} more bytes)", line.len() - kept.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_have_their_prefix_and_end() {
        assert_eq!(
            to_wire("one\n\ntwo", "GL-HOOK-ERR: "),
            "GL-HOOK-ERR: one\nGL-HOOK-ERR: \nGL-HOOK-ERR: two\n"
        );
        assert_eq!(to_wire("one\n", ""), "one\n");
        assert_eq!(to_wire("", "x"), "");
    }

    #[test]
    fn colour_stays_where_it_was_asked_for() {
        assert_eq!(safe("\u{1b}[1ma\tb\n\u{7}", true), "\u{1b}[1ma\tb\n\\u{7}");
        assert_eq!(safe("\u{1b}[1ma\r", false), "\\u{1b}[1ma\\u{d}");
    }

    #[test]
    fn of_too_much_the_beginning_and_the_sum_are_sent() {
        let text = format!("{}gatepost: 7 errors\n", format!("{}\n", "x".repeat(99)).repeat(2_000));
        let sent = to_wire(&text, "p: ");
        assert!(sent.len() <= MOST, "{}", sent.len());
        assert!(sent.starts_with("p: xxx") && sent.ends_with("p: gatepost: 7 errors\n"));
        let kept = sent.matches("p: xxx").count();
        assert!(sent.contains(&format!("p: … {} more lines are not sent", 2_000 - kept)), "{kept}");
    }

    #[test]
    fn a_line_has_an_end() {
        let line = bounded(&"ü".repeat(LONGEST)).into_owned();
        assert!(line.len() <= LONGEST, "{}", line.len());
        let kept = line.chars().filter(|c| *c == 'ü').count();
        assert!(line.ends_with(&format!("… ({} more bytes)", 2 * (LONGEST - kept))));
    }

    proptest! {
        #[test]
        fn nothing_unsafe_is_sent_and_no_more_than_there_is_room_for(
            lines in proptest::collection::vec("\\PC{0,40}|[\\x00-\\x1f\\x7f-\\u{9f}\\u{200b}-\\u{202e}]{0,9}", 0..60),
            times in 1_usize..80,
        ) {
            let sent = to_wire(&safe(&lines.join("\n").repeat(times), false), "GL-HOOK-ERR: ");
            prop_assert!(sent.len() <= MOST);
            prop_assert!(sent.is_empty() || sent.ends_with('\n'));
            prop_assert!(sent.lines().all(|line| line.starts_with("GL-HOOK-ERR: ")));
            prop_assert!(!sent.contains(|c| is_unsafe(c) && !matches!(c, '\n' | '\t')));
        }
    }
}
