//! From literal hits to the windows that regexes run over, joined where they touch.

use super::keywords::CLASSES;
use super::literal::Hit;
use super::ruleset::Ruleset;
use crate::statistics::ScannerStatistics;
use crate::text::merge;
use std::ops::Range;

/// How far beside a window a regex looks, in bytes: one for most of what it can ask (`\b`, `$`, `(?R)`), and a letter of up to four
/// where a rule asks for the boundaries of any script, `(?u:\b)`.
pub(super) const BESIDE: usize = 4;

/// A text, by the literals that were found in it.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) ruleset: &'a Ruleset,
    pub(super) len: usize,
    /// Sorted.
    pub(super) hits: &'a [Hit],
}

/// A window that a rule's regex runs over: joined of all that touch each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Joined {
    pub(super) rule: u32,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Buffers in which windows are joined; one for every thread.
#[derive(Debug, Default)]
pub(super) struct Windows {
    /// By rule: the window that still grows; its end is 0 where there is none.
    open: Vec<(usize, usize)>,
    /// The rules that have one.
    growing: Vec<u32>,
    joined: Vec<Joined>,
    /// What the thread has done so far.
    pub(super) done: ScannerStatistics,
}

impl Windows {
    /// The windows of all hits, joined, sorted by rule and place.
    pub(super) fn all(&mut self, seen: Seen<'_>) -> &[Joined] {
        self.joined.clear();
        self.add(&seen, seen.hits, CLASSES);
        self.joined.extend(seen.unannounced());
        self.joined.sort_unstable();
        &self.joined
    }

    /// The joined windows for which `is_affected` says so, sorted by rule and place. Each of them must be no farther from one of
    /// the places `changed` than its rule reaches.
    pub(super) fn affected(
        &mut self,
        seen: Seen<'_>,
        changed: &[Range<usize>],
        is_affected: impl Fn(&Joined) -> bool,
    ) -> &[Joined] {
        self.joined.clear();
        for class in CLASSES {
            let reach = seen.ruleset.literals().reach(class);
            let mut far = reach.saturating_mul(2);
            // A window is joined with what touches it, and this with what touches that: the look goes further until
            // all that an affected window can be joined of was seen.
            while !self.near(&seen, class, reach, far, changed, &is_affected) {
                far = far.saturating_mul(2);
            }
        }
        self.joined.extend(seen.unannounced().filter(&is_affected));
        self.joined.sort_unstable();
        &self.joined
    }

    /// Adds the affected windows of a class, made of the hits that are no farther than `far` from what has changed. Whether
    /// they are whole: else there may be more to them, and they were not added.
    fn near(
        &mut self,
        seen: &Seen<'_>,
        class: usize,
        reach: usize,
        far: usize,
        changed: &[Range<usize>],
        is_affected: &impl Fn(&Joined) -> bool,
    ) -> bool {
        let around =
            |at: &Range<usize>| at.start.saturating_sub(far)..at.end.saturating_add(far).min(seen.len);
        let near = merge(changed.iter().map(around).collect());
        let before = self.joined.len();
        for range in &near {
            let hits =
                seen.hits.get(seen.hits.partition_point(|hit| hit.offset < range.start)..).unwrap_or(&[]);
            let count = hits.partition_point(|hit| hit.offset <= range.end);
            self.add(seen, hits.get(..count).unwrap_or(&[]), class..class + 1);
        }
        let is_whole = |window: &Joined| {
            let (from, to) =
                (window.from.saturating_sub(reach), window.to.saturating_add(reach).min(seen.len));
            let at = near.partition_point(|range| range.end < to);
            near.get(at).is_some_and(|range| range.start <= from)
        };
        let mut kept = before;
        for at in before..self.joined.len() {
            let Some(window) = self.joined.get(at).copied().filter(is_affected) else { continue };
            if !is_whole(&window) {
                self.joined.truncate(before);
                return false;
            }
            self.joined.swap(kept, at);
            kept += 1;
        }
        self.joined.truncate(kept);
        true
    }

    /// Joins the windows of some hits, of the rules of some classes.
    fn add(&mut self, seen: &Seen<'_>, hits: &[Hit], classes: Range<usize>) {
        let (literals, rules) = (seen.ruleset.literals(), seen.ruleset.len());
        if self.open.len() < rules {
            self.open.resize(rules, (0, 0));
        }
        for hit in hits {
            let found = hit.offset..hit.offset.saturating_add(literals.length(hit.literal));
            if found.end > seen.len {
                // Not a hit in this text.
                continue;
            }
            for announced in literals.announced(hit.literal, &classes) {
                let Range { start: from, end: to } = announced.window(&found, seen.len);
                // Hits come in order, and a rule's windows begin equally far before them: only the last one can grow.
                let Some(open) = self.open.get_mut(announced.rule as usize) else { continue };
                if open.1 == 0 {
                    self.growing.push(announced.rule);
                    *open = (from, to);
                } else if from <= open.1 {
                    open.1 = open.1.max(to);
                } else {
                    self.joined.push(Joined { rule: announced.rule, from: open.0, to: open.1 });
                    *open = (from, to);
                }
            }
        }
        for rule in self.growing.drain(..) {
            if let Some(open) = self.open.get_mut(rule as usize) {
                self.joined.push(Joined { rule, from: open.0, to: open.1 });
                *open = (0, 0);
            }
        }
        if !seen.ruleset.is_whole() {
            self.joined.retain(|window| seen.ruleset.is_on(window.rule));
        }
    }
}

impl Seen<'_> {
    /// Whether the window of a hit for a rule touches `window`.
    pub(super) fn touches(&self, hit: &Hit, window: &Joined) -> bool {
        let literals = self.ruleset.literals();
        let found = hit.offset..hit.offset.saturating_add(literals.length(hit.literal));
        let mut its = literals.announced(hit.literal, &CLASSES).filter(|one| one.rule == window.rule);
        its.any(|one| {
            let Range { start, end } = one.window(&found, self.len);
            start <= window.to && window.from <= end
        })
    }

    /// The windows of the rules that no literal announces.
    fn unannounced(&self) -> impl Iterator<Item = Joined> {
        let rules = self.ruleset.literals().unannounced().filter(|rule| self.ruleset.is_on(*rule));
        rules.map(|rule| Joined { rule, from: 0, to: self.len })
    }
}
