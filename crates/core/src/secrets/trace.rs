//! Scanning an edited text by what the text before it gave.
//!
//! In a pack most versions of a file are stored as an edit of another one: stretches copied from it, and some bytes
//! that are new. A [`Trace`] keeps what a scan saw: where literals stand and what each merged window gave. The scan of
//! the edited text then looks only at the new bytes and at the seams, takes over every hit that lies in a copied
//! stretch, and runs a regex again only where a window is not the same window as before.
//!
//! That is exact, since what a rule finds depends on nothing but the bytes of a merged window, on a letter on either
//! side of it, and on whether it touches an end of the text. What a window gave is taken over only when all of this lies in
//! one copied stretch, and when the base's window ended where this one does; every other window is near a place that the
//! edit changed, and is made and run anew. Windows that gave nothing, nearly all of them, are not even kept: where nothing
//! changed, there is nothing to do. A property test compares the two ways.

use super::collapse::collapse;
use super::decode::Layers;
use super::keywords;
use super::literal::Hit;
use super::ruleset::Ruleset;
use super::scanner::{Match, Scanner, Scratch};
use super::windows::{BESIDE, Joined, Seen};
use crate::Stretch;
use crate::statistics::ScannerStatistics;
use std::ops::Range;

/// What a scan of some bytes saw.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trace {
    len: usize,
    /// Sorted by offset.
    hits: Vec<Hit>,
    /// Those that gave something, sorted by rule, then place.
    windows: Vec<Ran>,
    /// The matches of the windows, in their order.
    matches: Vec<Match>,
    /// What stands encoded in the bytes.
    layers: Layers,
}

/// A merged window that a rule's regex was run over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Ran {
    window: Joined,
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
    pub fn trace(&self, bytes: &[u8], scratch: &mut Scratch) -> Trace {
        let whole = [Stretch { range: 0..bytes.len(), from: None }];
        self.trace_edit(bytes, &Trace::default(), &whole, scratch)
    }

    /// Scans bytes that are an edit of the bytes that `base` was made of, as `stretches` says. The result is that of
    /// [`Scanner::trace`]. Stretches that do not fit the bytes or the base make it a scan of everything.
    #[must_use]
    pub fn trace_edit(
        &self,
        bytes: &[u8],
        base: &Trace,
        stretches: &[Stretch],
        scratch: &mut Scratch,
    ) -> Trace {
        if !fit(stretches, bytes.len(), base.len) {
            return self.trace(bytes, scratch);
        }
        let mut coarse = std::mem::take(&mut scratch.stretches);
        coarsen(stretches, &mut coarse);
        let trace = self.trace_coarse(bytes, base, &coarse, scratch);
        scratch.stretches = coarse;
        trace
    }

    fn trace_coarse(
        &self,
        bytes: &[u8],
        base: &Trace,
        stretches: &[Stretch],
        scratch: &mut Scratch,
    ) -> Trace {
        let edit = Edit { ruleset: self.ruleset(), base, stretches, len: bytes.len() };
        let hits = self.hits_of_edit(bytes, base, stretches, &mut scratch.windows.done);
        let mut trace = Trace { len: bytes.len(), hits, ..Trace::default() };
        let seen = Seen { ruleset: self.ruleset(), len: bytes.len(), hits: &trace.hits };
        let anew = scratch.windows.affected(seen, &edit.changed(), |window| !edit.holds(window));
        let (mut found, made, mut runs) = (Vec::new(), anew.len() as u64, 0);
        let mut carried = edit.carried(&base.windows, anew).into_iter().peekable();
        let carry = |(ran, window): (Ran, Joined), trace: &mut Trace| {
            let end = (ran.first + ran.count) as usize;
            let known = base.matches.get(ran.first as usize..end).unwrap_or(&[]);
            trace.keep(window, known.iter().map(|found| moved(found, ran.window.from, window.from)));
        };
        for &window in anew {
            while let Some(known) = carried.next_if(|(_, known)| *known < window) {
                carry(known, &mut trace);
            }
            runs += u64::from(self.run(window.rule as usize, bytes, window.from..window.to, &mut found));
            trace.keep(window, found.drain(..));
        }
        carried.for_each(|known| carry(known, &mut trace));
        scratch.windows.done.windows += made;
        scratch.windows.done.runs += runs;
        trace.layers =
            self.layers(bytes, &trace.hits, &base.layers, base.len, stretches, &mut scratch.windows);
        trace
    }

    /// The secrets of a scan, in their order: what [`Scanner::scan`] gives for the same bytes.
    #[must_use]
    pub fn matches_of(&self, trace: &Trace) -> Vec<Match> {
        collapse(self.ruleset(), trace.matches.iter().chain(trace.layers.matches()).cloned().collect())
    }

    /// The literal hits of an edited text: those of the base where they lie in a copied stretch, found anew in what is
    /// new and across every seam.
    fn hits_of_edit(
        &self,
        bytes: &[u8],
        base: &Trace,
        stretches: &[Stretch],
        done: &mut ScannerStatistics,
    ) -> Vec<Hit> {
        let literals = self.ruleset().literals();
        let mut hits = Vec::with_capacity(base.hits.len());
        let mut in_order = true;
        let mut look = |range: Range<usize>, hits: &mut Vec<Hit>| {
            let before = hits.len();
            done.bytes += range.len() as u64;
            literals.hits(bytes, range, hits);
            done.hits += hits.len().saturating_sub(before) as u64;
            // What reaches back over a seam begins before what was copied in front of it.
            let seam = hits.get(before.saturating_sub(1)..(before + 1).min(hits.len())).unwrap_or(&[]);
            in_order &= seam.is_sorted_by(|one, next| one < next);
        };
        let mut was_copied = false;
        for stretch in stretches {
            let Range { start, end } = stretch.range;
            let Some(from) = stretch.from else {
                look(start..end, &mut hits);
                was_copied = false;
                continue;
            };
            if was_copied {
                look(start..start, &mut hits);
            }
            was_copied = true;
            let known = base.hits.partition_point(|hit| hit.offset < from);
            let known = base.hits.get(known..).unwrap_or(&[]).iter();
            let until = from + (end - start);
            hits.extend(known.take_while(|hit| hit.offset < until).filter_map(|hit| {
                let offset = hit.offset - from + start;
                let ends = offset + literals.length(hit.literal);
                (ends <= end).then_some(Hit { offset, ..*hit })
            }));
        }
        if !in_order {
            hits.sort();
            hits.dedup();
        }
        hits
    }
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

/// The shortest stretch that is worth taking over, in bytes. Git copies whatever is longer than a few bytes, and every seam
/// costs a look at what is beside it.
const WORTH: usize = 128;

/// The same edit with fewer stretches: short copies count as new.
fn coarsen(stretches: &[Stretch], coarse: &mut Vec<Stretch>) {
    coarse.clear();
    for stretch in stretches {
        let from = stretch.from.filter(|_| stretch.range.len() >= WORTH);
        match coarse.last_mut() {
            Some(last) if last.from.is_none() && from.is_none() => last.range.end = stretch.range.end,
            _ => coarse.push(Stretch { range: stretch.range.clone(), from }),
        }
    }
}

/// What a text has of its base.
struct Edit<'a> {
    ruleset: &'a Ruleset,
    base: &'a Trace,
    /// They fit.
    stretches: &'a [Stretch],
    len: usize,
}

impl Edit<'_> {
    /// The places that are not as they were: what is new, the seams, and an end that was not one or is not one any more.
    /// Sorted; they may touch.
    fn changed(&self) -> Vec<Range<usize>> {
        let mut changed: Vec<Range<usize>> = Vec::new();
        let mut expected = Some(0);
        for Stretch { range, from } in self.stretches {
            match from {
                None => changed.push(range.clone()),
                Some(from) if range.start > 0 || *from > 0 => changed.push(range.start..range.start),
                Some(_) => {}
            }
            expected = from.map(|from| from + range.len());
        }
        if expected != Some(self.base.len) {
            changed.push(self.len..self.len);
        }
        changed
    }

    /// Whether the base had this very window, in what was copied.
    fn holds(&self, window: &Joined) -> bool {
        let index = self.stretches.partition_point(|stretch| stretch.range.end <= window.from);
        // An empty stretch, or a window that begins at the very end, has nothing to take over.
        let Some(stretch) = self.stretches.get(index) else { return false };
        self.has(stretch, window.from..window.to) && !self.went_further(stretch, window)
    }

    /// Whether the window of a copied stretch was joined, in the base, with that of a hit that was not copied along.
    fn went_further(&self, stretch: &Stretch, window: &Joined) -> bool {
        let (Some(from), Some(rule)) = (stretch.from, self.ruleset.rule(window.rule as usize)) else {
            return true;
        };
        let literals = self.ruleset.literals();
        let there = |at: usize| at - stretch.range.start + from;
        let copied = from..there(stretch.range.end);
        let before = Joined { rule: window.rule, from: there(window.from), to: there(window.to) };
        let seen = Seen { ruleset: self.ruleset, len: self.base.len, hits: &self.base.hits };
        let reach = literals.reach(keywords::class(rule.window));
        let not_copied = |hit: &Hit| {
            let end = hit.offset + literals.length(hit.literal);
            (hit.offset < copied.start || end > copied.end) && seen.touches(hit, &before)
        };
        // The hits within reach, without those between the ends of what was copied: these are copied, all of them.
        let within = |from: usize, to: usize| {
            let first = seen.hits.partition_point(|hit| hit.offset < from);
            seen.hits.get(first..).unwrap_or(&[]).iter().take_while(move |hit| hit.offset < to)
        };
        let (low, high) = (before.from.saturating_sub(reach), before.to.saturating_add(reach));
        within(low, copied.start.min(high)).any(not_copied)
            || within(copied.end.saturating_sub(literals.longest()).max(low), high).any(not_copied)
    }

    /// Whether a copied stretch has this range, and what a regex looks at on either side of it: bytes, or an end of the text
    /// that was one.
    fn has(&self, stretch: &Stretch, range: Range<usize>) -> bool {
        let Some(from) = stretch.from else { return false };
        let Range { start, end } = stretch.range;
        let left = range.start >= start.saturating_add(BESIDE) || (start == 0 && from == 0);
        let at_end = end == self.len && from + stretch.range.len() == self.base.len;
        let right = range.end.saturating_add(BESIDE) <= end || at_end;
        left && right && range.start < end
    }

    /// The base's windows that were copied with all that counts beside them, each with its new place, without those that
    /// are a part of a window that was made anew; sorted.
    fn carried(&self, windows: &[Ran], anew: &[Joined]) -> Vec<(Ran, Joined)> {
        let mut carried = Vec::new();
        for ran in windows {
            for stretch in self.stretches {
                let Some(place) = stretch.from.and_then(|from| ran.window.from.checked_sub(from)) else {
                    continue;
                };
                let (from, length) = (stretch.range.start + place, ran.window.to - ran.window.from);
                let window = Joined { rule: ran.window.rule, from, to: from + length };
                // The base's ends count as well: beside them nothing stood.
                let at_ends = (ran.window.from > 0 || from == 0)
                    && (ran.window.to < self.base.len || window.to == self.len);
                let next = anew.partition_point(|other| (other.rule, other.to) < (window.rule, from));
                let is_part =
                    anew.get(next).is_some_and(|other| other.rule == window.rule && other.from <= window.to);
                if at_ends && self.has(stretch, from..window.to) && !is_part {
                    carried.push((*ran, window));
                }
            }
        }
        carried.sort_unstable_by_key(|(_, window)| *window);
        carried
    }
}

impl Trace {
    /// Keeps what a window gave, if it gave something.
    fn keep(&mut self, window: Joined, found: impl Iterator<Item = Match>) {
        let first = self.matches.len();
        self.matches.extend(found);
        let count = u32::try_from(self.matches.len() - first).unwrap_or(u32::MAX);
        if count > 0 {
            self.windows.push(Ran { window, first: u32::try_from(first).unwrap_or(u32::MAX), count });
        }
    }
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
mod equal;

#[cfg(test)]
impl Scanner {
    /// The trace of an edit. In tests stretches are mostly so short that they would not be taken over; so they are taken as
    /// they are, and as they come.
    fn both_ways(&self, bytes: &[u8], base: &Trace, stretches: &[Stretch]) -> Trace {
        let fine = self.trace_coarse(bytes, base, stretches, &mut Scratch::default());
        let coarse = self.trace_edit(bytes, base, stretches, &mut Scratch::default());
        assert!(fine == coarse, "{stretches:?}");
        fine
    }
}

#[cfg(test)]
mod tests {
    use super::super::windows::Windows;
    use super::*;
    use crate::secrets::{Builtin, RuleFile, Ruleset, Scratch};
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

[[rules]]
id = "far"
name = "n"
description = "d"
severity = "high"
confidence = "low"
regex = '''@key[^;]{0,1400};([0-9a-c]{3})'''
keywords = ["@key"]
window = { before = 40, after = 1404 }
risk = "r"
fix = ["f"]
reference = "https://example.com"
examples = ["@key;{hex:3}", "@key ;{hex:3}"]
counter-examples = ["a", "b"]
"#;

    static SCANNER: LazyLock<Scanner> = LazyLock::new(|| {
        let rules = RuleFile::parse(RULES).unwrap();
        Scanner::new(Arc::new(Ruleset::new(Builtin::none(), rules).unwrap()))
    });

    fn trace(bytes: &[u8]) -> Trace {
        SCANNER.trace(bytes, &mut Scratch::default())
    }

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
            let of_base = trace(base.as_bytes());
            let (child, stretches) = edited(&base, &first);
            let of_child = SCANNER.both_ways(&child, &of_base, &stretches);
            prop_assert_eq!(&of_child, &trace(&child));
            let child = String::from_utf8(child).unwrap();
            let (grandchild, stretches) = edited(&child, &second);
            let of_grandchild = SCANNER.both_ways(&grandchild, &of_child, &stretches);
            prop_assert_eq!(&of_grandchild, &trace(&grandchild));
            let scanned = SCANNER.scan(&grandchild, &mut Scratch::default());
            prop_assert_eq!(SCANNER.matches_of(&of_grandchild), scanned);
        }

        #[test]
        fn stretches_that_do_not_fit_are_not_believed(
            base in text(0..20), child in text(0..20), from in 0usize..50, end in 0usize..50,
        ) {
            let of_base = trace(base.as_bytes());
            let wrong = [Stretch { range: 0..end, from: Some(from) }];
            if end != child.len() || from + end > base.len() {
                let found = SCANNER.trace_edit(child.as_bytes(), &of_base, &wrong, &mut Scratch::default());
                prop_assert_eq!(found, trace(child.as_bytes()));
            }
        }
    }

    #[test]
    fn the_windows_of_a_keyword_again_and_again_are_merged_while_they_are_made() {
        let text = "key_".repeat(100_000);
        let mut hits = Vec::new();
        SCANNER.hits(text.as_bytes(), 0..text.len(), &mut hits);
        hits.sort_unstable();
        let mut windows = Windows::default();
        let joined = windows.all(Seen { ruleset: SCANNER.ruleset(), len: text.len(), hits: &hits });
        // One for each rule with this literal.
        assert!(hits.len() >= 100_000 && joined.len() == 2, "{joined:?}");
    }

    #[test]
    fn a_rule_that_reaches_no_byte_beyond_its_literal_is_found_in_an_edit() {
        let rules =
            RULES.replacen(r"\bkey_[a-c0-9]{4,12}\b", "key_q0x7", 1).replacen("\"key_\"", "\"key_q0x7\"", 1);
        let mut rules = RuleFile::parse(&rules).unwrap();
        rules.truncate(1);
        assert_eq!(rules[0].window, crate::secrets::Window::Bytes { before: 0, after: 0 });
        let scanner = Scanner::new(Arc::new(Ruleset::new(Builtin::none(), rules).unwrap()));
        let scratch = &mut Scratch::default();
        let base = scanner.trace(b"nothing\n", scratch);
        let text = b"nothing\nkey_q0x7\n";
        let stretches =
            [Stretch { range: 0..8, from: Some(0) }, Stretch { range: 8..text.len(), from: None }];
        let of_text = scanner.trace_edit(text, &base, &stretches, scratch);
        assert_eq!(of_text.matches.len(), 1);
        assert_eq!(scanner.matches_of(&of_text), scanner.scan(text, scratch));
    }

    #[test]
    fn a_copy_with_one_new_line_runs_no_regex_over_the_copied_windows() {
        let base = "key_abc012 and\nnothing\n";
        let of_base = trace(base.as_bytes());
        assert_eq!(of_base.matches.len(), 1);
        let child = format!("new\n{base}");
        let stretches =
            [Stretch { range: 0..4, from: None }, Stretch { range: 4..child.len(), from: Some(0) }];
        let of_child = SCANNER.both_ways(child.as_bytes(), &of_base, &stretches);
        assert_eq!(of_child.matches[0].secret.start, of_base.matches[0].secret.start + 4);
    }
}
