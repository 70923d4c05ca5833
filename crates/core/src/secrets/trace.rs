//! Scanning an edited text by what the text before it gave.
//!
//! In a pack most versions of a file are stored as an edit of another one: stretches copied from it, and some bytes
//! that are new. A [`Trace`] keeps what a scan saw: where literals stand and what each merged window gave. The scan of
//! the edited text then looks only at the new bytes and at the seams, takes over every hit that lies in a copied
//! stretch, and runs a regex again only where a window is not the same window as before.
//!
//! That is exact, since what a rule finds depends on nothing but the bytes of a merged window, on the byte on either
//! side of it, and on whether it touches an end of the text. A window is taken over only when all of this lies in
//! one copied stretch and the base had a window with the very same borders; a property test compares the two ways.

use super::collapse::collapse;
use super::decode::Layers;
use super::literal::Hit;
use super::rule::Window;
use super::scanner::{Match, Scanner};
use crate::Stretch;
use std::ops::Range;

/// Windows that may lie unmerged: a megabyte of one keyword that many rules have would else take gigabytes of them.
const MOST_UNMERGED: usize = 1 << 16;

/// What a scan of some bytes saw.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trace {
    len: usize,
    /// Sorted by offset.
    hits: Vec<Hit>,
    /// Sorted by rule, then place.
    windows: Vec<Ran>,
    /// The matches of the windows, in their order.
    matches: Vec<Match>,
    /// What stands encoded in the bytes.
    layers: Layers,
}

/// A merged window that a rule's regex was run over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Ran {
    rule: u32,
    from: usize,
    to: usize,
    /// Its part of [`Trace::matches`].
    first: u32,
    count: u32,
}

impl Trace {
    /// Whether there is nothing that looks like a secret.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.matches.is_empty() && self.layers.matches().next().is_none()
    }

    /// Whether something in the bytes unpacks to more than is decoded, so that a part of it was not scanned.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.layers.is_cut()
    }
}

impl Scanner {
    /// Scans bytes and keeps what it saw. [`Scanner::matches_of`] gives the secrets.
    #[must_use]
    pub fn trace(&self, bytes: &[u8]) -> Trace {
        let whole = [Stretch { range: 0..bytes.len(), from: None }];
        self.trace_edit(bytes, &Trace::default(), &whole)
    }

    /// Scans bytes that are an edit of the bytes that `base` was made of, as `stretches` says. The result is that of
    /// [`Scanner::trace`]. Stretches that do not fit the bytes or the base make it a scan of everything.
    #[must_use]
    pub fn trace_edit(&self, bytes: &[u8], base: &Trace, stretches: &[Stretch]) -> Trace {
        if !fit(stretches, bytes.len(), base.len) {
            return self.trace(bytes);
        }
        let hits = self.hits_of_edit(bytes, base, stretches);
        let mut trace = Trace { len: bytes.len(), hits, ..Trace::default() };
        let windows = self.windows(bytes, &trace.hits);
        trace.windows.reserve_exact(windows.len());
        for (rule, from, to) in windows {
            let first = trace.matches.len();
            match taken_over(base, stretches, bytes.len(), rule, from..to) {
                Some((ran, at)) => {
                    let end = (ran.first + ran.count) as usize;
                    let known = base.matches.get(ran.first as usize..end).unwrap_or(&[]);
                    trace.matches.extend(known.iter().map(|found| moved(found, at, from)));
                }
                None => self.run(rule as usize, bytes, from..to, &mut trace.matches),
            }
            let count = u32::try_from(trace.matches.len() - first).unwrap_or(u32::MAX);
            let first = u32::try_from(first).unwrap_or(u32::MAX);
            trace.windows.push(Ran { rule, from, to, first, count });
        }
        trace.layers = self.layers(bytes, &trace.hits, &base.layers, base.len, stretches);
        trace
    }

    /// The secrets of a scan, in their order: what [`Scanner::scan`] gives for the same bytes.
    #[must_use]
    pub fn matches_of(&self, trace: &Trace) -> Vec<Match> {
        collapse(self.ruleset(), trace.matches.iter().chain(trace.layers.matches()).cloned().collect())
    }

    /// The literal hits of an edited text: those of the base where they lie in a copied stretch, found anew in what is
    /// new and wherever a literal may reach across a seam.
    fn hits_of_edit(&self, bytes: &[u8], base: &Trace, stretches: &[Stretch]) -> Vec<Hit> {
        let literals = self.ruleset().literals();
        let reach = literals.longest().saturating_sub(1);
        let mut hits = Vec::with_capacity(base.hits.len());
        let mut unseen: Option<Range<usize>> = None;
        let last = stretches.len().saturating_sub(1);
        for (index, stretch) in stretches.iter().enumerate() {
            let Range { start, end } = stretch.range;
            // A literal that begins before `clear` ends within the stretch; the last stretch has no seam behind it.
            let clear = match stretch.from {
                None => start,
                Some(_) if index == last => end,
                Some(_) => end.saturating_sub(reach).max(start),
            };
            if let Some(from) = stretch.from.filter(|_| clear > start) {
                self.look(bytes, unseen.take(), &mut hits);
                let in_base = from..from + (clear - start);
                let known = base.hits.partition_point(|hit| hit.offset < in_base.start);
                let known = base.hits.get(known..).unwrap_or(&[]).iter();
                hits.extend(known.take_while(|hit| hit.offset < in_base.end).filter_map(|hit| {
                    let offset = hit.offset - from + start;
                    let ends = offset + literals.text(hit.literal).len();
                    (ends <= end).then_some(Hit { offset, ..*hit })
                }));
            }
            if clear < end {
                let from = unseen.take().map_or(clear, |before| before.start);
                unseen = Some(from..end);
            }
        }
        self.look(bytes, unseen, &mut hits);
        hits
    }

    /// Appends the hits of a range, sorted.
    fn look(&self, bytes: &[u8], range: Option<Range<usize>>, hits: &mut Vec<Hit>) {
        let Some(range) = range else { return };
        let before = hits.len();
        self.hits(bytes, range, hits);
        if let Some(new) = hits.get_mut(before..) {
            new.sort_unstable();
        }
    }

    /// The merged windows of hits: rule, start and end, sorted.
    fn windows(&self, bytes: &[u8], hits: &[Hit]) -> Vec<(u32, usize, usize)> {
        let mut windows = Vec::with_capacity(hits.len());
        self.spread(bytes, hits, &mut windows);
        merge(&mut windows);
        windows
    }

    /// Appends a window for every hit and rule, unsorted, and merged only as far as memory asks for it.
    pub(super) fn spread(&self, bytes: &[u8], hits: &[Hit], windows: &mut Vec<(u32, usize, usize)>) {
        let ruleset = self.ruleset();
        let mut most = MOST_UNMERGED;
        for hit in hits {
            if windows.len() >= most {
                merge(windows);
                most = MOST_UNMERGED.max(windows.len().saturating_mul(2));
            }
            let end = hit.offset.saturating_add(ruleset.literals().text(hit.literal).len());
            if end > bytes.len() {
                // Not a hit in these bytes.
                continue;
            }
            for &index in ruleset.rules_of(hit.literal) {
                let Some(rule) = ruleset.rule(index as usize) else { continue };
                let (from, to) = match rule.window {
                    Window::Whole => (0, bytes.len()),
                    Window::Bytes { before, after } => (
                        hit.offset.saturating_sub(before as usize),
                        end.saturating_add(after as usize).min(bytes.len()),
                    ),
                };
                windows.push((index, from, to));
            }
        }
        windows.extend(ruleset.unannounced().iter().map(|&index| (index, 0, bytes.len())));
    }
}

/// Joins the windows of a rule that touch; they are sorted by rule and place then.
fn merge(windows: &mut Vec<(u32, usize, usize)>) {
    windows.sort_unstable();
    windows.dedup_by(|next, kept| {
        let merges = next.0 == kept.0 && next.1 <= kept.2;
        if merges {
            kept.2 = kept.2.max(next.2);
        }
        merges
    });
}

/// Whether the stretches cover the text without gaps and lie in the base.
fn fit(stretches: &[Stretch], len: usize, base: usize) -> bool {
    let mut at = 0;
    for stretch in stretches {
        let Range { start, end } = stretch.range;
        let inside = stretch
            .from
            .is_none_or(|from| from.checked_add(end.saturating_sub(start)).is_some_and(|e| e <= base));
        if start != at || end < start || !inside {
            return false;
        }
        at = end;
    }
    at == len
}

/// The base's window that is this window moved, and where it stood there.
fn taken_over(
    base: &Trace,
    stretches: &[Stretch],
    len: usize,
    rule: u32,
    window: Range<usize>,
) -> Option<(Ran, usize)> {
    let index = stretches.partition_point(|stretch| stretch.range.end <= window.start);
    // An empty stretch, or a window that begins at the very end, has nothing to take over.
    let stretch = stretches.get(index)?;
    let from = stretch.from?;
    let Range { start, end } = stretch.range;
    let there = window.start.checked_sub(start)? + from;
    let there_end = there + (window.end - window.start);
    // The byte on either side counts, and so does an end of the text: both must be the same in the base.
    let left = if window.start == 0 { there == 0 } else { window.start > start };
    let right = if window.end == len { there_end == base.len && window.end <= end } else { window.end < end };
    if !left || !right {
        return None;
    }
    let place = base.windows.binary_search_by(|ran| (ran.rule, ran.from).cmp(&(rule, there))).ok()?;
    let ran = base.windows.get(place)?;
    (ran.to == there_end).then_some((*ran, there))
}

/// A match of a window that stood at `from` and stands at `to` now.
pub(super) fn moved(found: &Match, from: usize, to: usize) -> Match {
    let shift = |range: &Range<usize>| {
        let place = |at: usize| (at + to).saturating_sub(from);
        place(range.start)..place(range.end)
    };
    Match {
        range: shift(&found.range),
        secret: shift(&found.secret),
        mask: shift(&found.mask),
        unless: found.unless.clone(),
        proof: found.proof.clone(),
        decoded: found.decoded.clone(),
        ..*found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::{RuleFile, Ruleset, Scratch};
    use proptest::prelude::*;
    use std::sync::{Arc, LazyLock};

    /// Short literals and short windows, so that a hundred bytes hold many of them; `\b`, `$` and `^` look beyond the
    /// window, one rule has several hits a match, one looks before its literal, one at the whole text.
    const RULES: &str = r#"
provider = "Test"

[[rules]]
id = "word"
name = "n"
description = "d"
severity = "high"
confidence = "high"
regex = '''\bkey_[a-c0-9]{4,12}\b'''
keywords = ["key_"]
risk = "r"
fix = ["f"]
reference = "https://example.com"
examples = ["key_{hex:4}", "key_{hex:5}"]
counter-examples = ["a", "b"]

[[rules]]
id = "end"
name = "n"
description = "d"
severity = "high"
confidence = "medium"
regex = '''abc[a-c ]{0,6}=([0-9a-c]{3,6})(?:;|$)'''
keywords = ["abc", "bc="]
risk = "r"
fix = ["f"]
reference = "https://example.com"
examples = ["abc={hex:4}", "abc={hex:5}"]
counter-examples = ["a", "b"]

[[rules]]
id = "before"
name = "n"
description = "d"
severity = "high"
confidence = "medium"
regex = '''(?:^|[0-9])([a-c]{2,5})@key'''
keywords = ["@key"]
window = { before = 7, after = 2 }
risk = "r"
fix = ["f"]
reference = "https://example.com"
examples = ["1{hex:4}@key", "2{hex:5}@key"]
counter-examples = ["a", "b"]

[[rules]]
id = "whole"
name = "n"
description = "d"
severity = "high"
confidence = "low"
regex = '''(?s)=c.*key_'''
keywords = ["key_"]
window = "whole"
risk = "r"
fix = ["f"]
reference = "https://example.com"
examples = ["=c key_", "=ca key_"]
counter-examples = ["a", "b"]
"#;

    static SCANNER: LazyLock<Scanner> = LazyLock::new(|| {
        let rules = RuleFile::parse(RULES).unwrap();
        Scanner::new(Arc::new(Ruleset::new(&[], rules).unwrap()))
    });

    fn text(pieces: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("key_"),
            Just("abc"),
            Just("@key"),
            Just("="),
            Just(";"),
            Just(" "),
            Just("a"),
            Just("b"),
            Just("c"),
            Just("0"),
            Just("12"),
            Just("\n"),
            Just("key_abc012"),
            Just("abc=012;"),
            Just("~~~~~~~~~~"),
            // In base64: ` key_abc012 x key_b0c1 ` twice, whole lines of it, a half, and one that is not text.
            Just(" a2V5X2FiYzAxMiB4IGtleV9iMGMx"),
            Just("\"IGtleV9hYmMwMTIgeCBrZXlfYjBjMSAg"),
            Just("IGtleV9hYmMwMTIgeCBrZXlfYjBjMSAgIGtleV9hYmMw\n"),
            Just("MTIg"),
            Just("\n  "),
            Just("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"),
            // Escaped: `key_abc` and `key_b0`.
            Just("\\u006b\\u0065\\u0079_abc012"),
            Just("%6b%65%79_b0c1%20aaaaaaaa"),
            Just("&#107;ey_abc&#48;aaaaaaaaaa"),
            Just("6b65795f61626330313220782078207820"),
            // In pieces.
            Just("\"key_ab\" + \"c012\""),
            Just("key_ab\\\n  c012"),
            Just("\" + \""),
            Just("\\\n"),
            // A wide gap: what is behind a hit's reach.
            Just(*WIDE),
        ];
        prop::collection::vec(piece, pieces).prop_map(|pieces| pieces.concat())
    }

    /// As wide as what is looked at behind a hit.
    static WIDE: LazyLock<&'static str> = LazyLock::new(|| "~ ".repeat(500).leak());

    /// An edit: copies of random places of the base and new text, as bytes and as stretches.
    fn edited(base: &str, plan: &[(usize, usize, Option<String>)]) -> (Vec<u8>, Vec<Stretch>) {
        let (mut out, mut stretches) = (Vec::new(), Vec::new());
        for (at, length, new) in plan {
            let start = out.len();
            let from = match new {
                Some(new) => {
                    out.extend_from_slice(new.as_bytes());
                    None
                }
                None => {
                    let from = at % (base.len() + 1);
                    let length = length % (base.len() - from + 1);
                    out.extend_from_slice(&base.as_bytes()[from..from + length]);
                    Some(from)
                }
            };
            stretches.push(Stretch { range: start..out.len(), from });
        }
        (out, stretches)
    }

    fn plan() -> impl Strategy<Value = Vec<(usize, usize, Option<String>)>> {
        let new = prop_oneof![3 => Just(None), 2 => text(0..4).prop_map(Some)];
        prop::collection::vec((0usize..4000, 0usize..4000, new), 0..7)
    }

    proptest! {
        /// Three generations, so that what was taken over is taken over again.
        #[test]
        fn a_scan_of_an_edit_sees_what_a_scan_of_everything_sees(
            base in text(0..60), first in plan(), second in plan(),
        ) {
            let trace = SCANNER.trace(base.as_bytes());
            let (child, stretches) = edited(&base, &first);
            let of_child = SCANNER.trace_edit(&child, &trace, &stretches);
            prop_assert_eq!(&of_child, &SCANNER.trace(&child));
            let child = String::from_utf8(child).unwrap();
            let (grandchild, stretches) = edited(&child, &second);
            let of_grandchild = SCANNER.trace_edit(&grandchild, &of_child, &stretches);
            prop_assert_eq!(&of_grandchild, &SCANNER.trace(&grandchild));
            let scanned = SCANNER.scan(&grandchild, &mut Scratch::default());
            prop_assert_eq!(SCANNER.matches_of(&of_grandchild), scanned);
        }

        #[test]
        fn stretches_that_do_not_fit_are_not_believed(
            base in text(0..20), child in text(0..20), from in 0usize..50, end in 0usize..50,
        ) {
            let trace = SCANNER.trace(base.as_bytes());
            let wrong = [Stretch { range: 0..end, from: Some(from) }];
            if end != child.len() || from + end > base.len() {
                let found = SCANNER.trace_edit(child.as_bytes(), &trace, &wrong);
                prop_assert_eq!(found, SCANNER.trace(child.as_bytes()));
            }
        }
    }

    #[test]
    fn the_windows_of_a_keyword_again_and_again_are_merged_while_they_are_made() {
        let text = "key_".repeat(100_000);
        let mut hits = Vec::new();
        SCANNER.hits(text.as_bytes(), 0..text.len(), &mut hits);
        let mut windows = Vec::new();
        SCANNER.spread(text.as_bytes(), &hits, &mut windows);
        assert!(hits.len() >= 100_000 && windows.len() <= MOST_UNMERGED + 8, "{}", windows.len());
        // One for each rule with this literal.
        assert_eq!(SCANNER.windows(text.as_bytes(), &hits).len(), 2);
    }

    #[test]
    fn a_copy_with_one_new_line_runs_no_regex_over_the_copied_windows() {
        let base = "key_abc012 and\nnothing\n";
        let trace = SCANNER.trace(base.as_bytes());
        assert_eq!(trace.matches.len(), 1);
        let child = format!("new\n{base}");
        let stretches =
            [Stretch { range: 0..4, from: None }, Stretch { range: 4..child.len(), from: Some(0) }];
        let of_child = SCANNER.trace_edit(child.as_bytes(), &trace, &stretches);
        assert_eq!(of_child.matches[0].secret.start, trace.matches[0].secret.start + 4);
    }
}
