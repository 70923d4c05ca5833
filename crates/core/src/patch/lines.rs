//! The lines of a diff.

use super::compact::compact;
use super::myers::mark;

/// How many unchanged lines stand around a change.
const CONTEXT: usize = 3;

/// Hands the lines of a diff over, each with its mark and without the headers of hunks.
pub(super) fn changed(old: &[u8], new: &[u8], mut line: impl FnMut(&'static str, &[u8])) {
    let split = |text| <[u8]>::split_inclusive(text, |&byte: &u8| byte == b'\n');
    let (before, after): (Vec<&[u8]>, Vec<&[u8]>) = (split(old).collect(), split(new).collect());
    let (mut removed, mut added) = (vec![false; before.len()], vec![false; after.len()]);
    mark(&before, &after, &mut removed, &mut added);
    compact(&before, &mut removed, &mut added);
    compact(&after, &mut added, &mut removed);
    // How many of the next unchanged lines are shown because a change was before them.
    let (mut one, mut other, mut shown, mut waiting) = (0usize, 0usize, 0usize, Vec::new());
    loop {
        let (gone, come) = (removed.get(one) == Some(&true), added.get(other) == Some(&true));
        if gone || come {
            waiting.drain(..).for_each(|text| line("", text));
            shown = CONTEXT;
        }
        if gone {
            line("-", before.get(one).copied().unwrap_or_default());
            one = one.saturating_add(1);
        } else if come {
            line("+", after.get(other).copied().unwrap_or_default());
            other = other.saturating_add(1);
        } else {
            let Some(text) = after.get(other).copied() else { return };
            if shown > 0 {
                line("", text);
                shown = shown.saturating_sub(1);
            } else {
                if waiting.len() == CONTEXT {
                    waiting.remove(0);
                }
                waiting.push(text);
            }
            (one, other) = (one.saturating_add(1), other.saturating_add(1));
        }
    }
}
