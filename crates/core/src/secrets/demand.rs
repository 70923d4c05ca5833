//! A run of bytes that every match of a rule holds, and the test for it in a window.
//!
//! A keyword says little by itself: `stripe` stands in a thousand lines without a key. Most rules want a value behind it,
//! and a value is a long run of few characters (32 hexadecimal digits, 40 of base64url). To look for such a run takes one
//! look at every n-th byte; the regex is compiled, and run, only where there is one. A window without one holds no match, so
//! that nothing is lost by it.

use super::literal::commonness;
use super::rule::Text;
use regex_syntax::hir::{Class, Hir, HirKind};
use std::sync::LazyLock;

/// A run of bytes that is in every match of a regex.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Demand {
    /// Which bytes it is made of: a bit for each, the lowest of the first word for 0.
    pub bytes: [u64; 4],
    /// How many of them follow each other at least.
    pub least: u32,
}

/// A demand is worth its test when ordinary text meets it rarely: this many bits, by [`rarity`].
const WORTH: f64 = 6.0;
/// Parts of a concatenation that are looked at together; more are looked at in pieces.
const TOGETHER: usize = 48;

impl Demand {
    /// The best demand that a regex makes, if it makes one that neither ordinary text nor one of the keywords meets.
    pub(super) fn of(hir: &Hir, keywords: &[Text]) -> Option<Self> {
        let (worth, best) = best(hir, keywords)?;
        (worth >= WORTH && best.least >= 4).then_some(best)
    }

    /// Whether `text` holds such a run.
    #[must_use]
    pub fn is_met(&self, text: &[u8]) -> bool {
        let least = self.least as usize;
        let Some(step) = least.checked_sub(1) else { return true };
        // The end of a run that began at or before `begin` and reaches up to `seen`.
        let (mut begin, mut seen) = (0, 0);
        loop {
            let last = begin + step;
            if last >= text.len() {
                return false;
            }
            // Backwards from where the run would end: the first byte that is none of them moves it furthest.
            match (seen..=last).rev().find(|&at| !text.get(at).is_some_and(|byte| self.has(*byte))) {
                None => return true,
                Some(gap) => (begin, seen) = (gap + 1, last + 1),
            }
            seen = seen.max(begin);
        }
    }

    /// A run that is in a keyword is in every window.
    fn says_more_than(&self, keywords: &[Text]) -> bool {
        let meets =
            |word: &Text| self.is_met(word.as_bytes()) || self.is_met(word.to_ascii_uppercase().as_bytes());
        self.least > 0 && !keywords.iter().any(meets)
    }

    fn has(&self, byte: u8) -> bool {
        let word = self.bytes.get(usize::from(byte >> 6)).copied().unwrap_or(u64::MAX);
        word >> (byte & 63) & 1 != 0
    }
}

/// The best demand within a regex, and what it is worth.
fn best(hir: &Hir, keywords: &[Text]) -> Option<(f64, Demand)> {
    let whole = alone(hir).filter(|one| one.says_more_than(keywords)).map(|one| (rarity(&one), one));
    let inner = match hir.kind() {
        HirKind::Capture(capture) => best(&capture.sub, keywords),
        HirKind::Repetition(repetition) if repetition.min > 0 => best(&repetition.sub, keywords),
        HirKind::Concat(parts) => better(
            together(parts, keywords).into_iter().chain(parts.iter().filter_map(|part| best(part, keywords))),
        ),
        // Whichever alternative it is, there is a run of what one of them demands.
        HirKind::Alternation(parts) => {
            let all: Option<Vec<Demand>> = parts.iter().map(|part| Some(best(part, keywords)?.1)).collect();
            all.and_then(|all| all.into_iter().reduce(either)).map(|one| (rarity(&one), one))
        }
        _ => None,
    };
    better(whole.into_iter().chain(inner))
}

fn better(all: impl Iterator<Item = (f64, Demand)>) -> Option<(f64, Demand)> {
    all.max_by(|left, right| left.0.total_cmp(&right.0))
}

/// What parts that follow each other demand together: a run of any of their bytes, as long as the shortest match.
fn together(parts: &[Hir], keywords: &[Text]) -> Option<(f64, Demand)> {
    let each: Vec<Demand> = parts.iter().map(alone).collect::<Option<_>>()?;
    let from = |start: usize| {
        let run = each.get(start..).unwrap_or(&[]).iter().take(TOGETHER);
        run.scan(Demand { bytes: [0; 4], least: 0 }, |sum, part| {
            *sum = Demand { least: sum.least.saturating_add(part.least), ..either(*sum, *part) };
            Some(*sum)
        })
    };
    let runs = (0..each.len()).flat_map(from).filter(|run| run.says_more_than(keywords));
    better(runs.map(|run| (rarity(&run), run)))
}

/// What a part is made of, and how long it is at least; `None` when nothing matches it.
fn alone(hir: &Hir) -> Option<Demand> {
    let mut bytes = [0; 4];
    consumes(hir, &mut bytes);
    Some(Demand { bytes, least: u32::try_from(hir.properties().minimum_len()?).ok()? })
}

fn either(left: Demand, right: Demand) -> Demand {
    let mut bytes = left.bytes;
    bytes.iter_mut().zip(right.bytes).for_each(|(to, from)| *to |= from);
    Demand { bytes, least: left.least.min(right.least) }
}

/// Adds every byte that a match can be made of.
fn consumes(hir: &Hir, bytes: &mut [u64; 4]) {
    let mut add = |from: u8, to: u8| {
        for byte in from..=to {
            if let Some(word) = bytes.get_mut(usize::from(byte >> 6)) {
                *word |= 1 << (byte & 63);
            }
        }
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => literal.0.iter().for_each(|byte| add(*byte, *byte)),
        HirKind::Class(Class::Bytes(class)) => class.ranges().iter().for_each(|r| add(r.start(), r.end())),
        HirKind::Class(Class::Unicode(class)) => {
            for range in class.ranges() {
                match (u8::try_from(u32::from(range.start())), u8::try_from(u32::from(range.end()))) {
                    (Ok(start), Ok(end)) if end < 0x80 => add(start, end),
                    // Beyond ASCII a character is several bytes.
                    (Ok(start), _) if start < 0x80 => add(start, 0xff),
                    _ => add(0x80, 0xff),
                }
            }
        }
        HirKind::Repetition(repetition) => consumes(&repetition.sub, bytes),
        HirKind::Capture(capture) => consumes(&capture.sub, bytes),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().for_each(|part| consumes(part, bytes));
        }
    }
}

/// How rare such a run is, in bits, were every byte drawn for itself from ordinary text.
fn rarity(demand: &Demand) -> f64 {
    /// How often a byte stands in text, for itself and summed up.
    static WEIGHTS: LazyLock<([f64; 256], f64)> = LazyLock::new(|| {
        let weights = std::array::from_fn(|byte| match u8::try_from(byte) {
            Ok(byte @ b' '..=b'~') => f64::from(1_u32 << commonness(byte)),
            _ => 2.0,
        });
        (weights, weights.iter().sum())
    });
    let (weights, all) = &*WEIGHTS;
    let some: f64 =
        weights.iter().zip(0..=u8::MAX).filter(|(_, byte)| demand.has(*byte)).map(|(weight, _)| weight).sum();
    f64::from(demand.least) * (all / some).log2()
}

#[cfg(test)]
mod tests {
    use super::super::derive::parse;
    use super::*;
    use proptest::prelude::*;

    fn of(regex: &str) -> Option<(String, u32)> {
        let demand = Demand::of(&parse(regex).unwrap(), &["stripe".into(), "password".into()])?;
        let bytes = (b' '..=b'~').filter(|byte| demand.has(*byte)).map(char::from).collect();
        Some((bytes, demand.least))
    }

    #[test]
    fn the_longest_run_of_the_fewest_bytes_is_demanded() {
        let hex = "0123456789abcdef".to_owned();
        assert_eq!(of(r"(?i:stripe)[^\n]{0,40}?[=:]\s*([0-9a-f]{32})\b"), Some((hex.clone(), 32)));
        assert_eq!(of(r"key: (?:[0-9a-f]{40}|[0-9a-f]{24,})"), Some((hex, 24)));
        // What touches the run is a part of it.
        assert_eq!(of(r"key=[0-9a-f]{24}"), Some(("0123456789=abcdefky".to_owned(), 28)));
        assert_eq!(
            of(r"id: ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{12})")
                .map(|(bytes, least)| (bytes.contains('-'), least)),
            Some((true, 26))
        );
        assert_eq!(of(r"(?s)password.*"), None);
    }

    /// One byte after another.
    fn naive(demand: &Demand, text: &[u8]) -> bool {
        text.split(|byte| !demand.has(*byte)).any(|run| run.len() >= demand.least as usize)
    }

    proptest! {
        #[test]
        fn a_run_is_seen_where_there_is_one(text in "[ab-]{0,40}", least in 1u32..12) {
            let mut bytes = [0; 4];
            bytes[1] = 1 << (b'a' & 63) | 1 << (b'b' & 63);
            let demand = Demand { bytes, least };
            prop_assert_eq!(demand.is_met(text.as_bytes()), naive(&demand, text.as_bytes()));
        }
    }
}
