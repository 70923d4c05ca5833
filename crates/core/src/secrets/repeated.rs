//! Where secrets that were found stand once more, in places that no rule looks at: they are masked there too.
//!
//! A file may hold tens of thousands of secrets, and somebody who writes one may have them begin alike. So this looks
//! values up in a sorted list, where as many as there are cost no more than a few comparisons at any byte.

use super::scanner::Match;
use super::work;
use std::ops::Range;

/// Shorter values turn up everywhere, and longer ones nowhere else.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=65_535;
/// Bits by a hash of the first four bytes of a value.
const FILTER_BITS: u32 = 16;

/// The ranges of `bytes` in which the secret of a match stands, in any case, as it is or encoded as it was found; those of
/// the matches among them.
pub(super) fn repeated(bytes: &[u8], matches: &[Match]) -> Vec<Range<usize>> {
    let lower = bytes.to_ascii_lowercase();
    let decoded = matches.iter().filter_map(|found| found.decoded.as_ref());
    let decoded: Vec<Vec<u8>> = decoded.map(|decoded| decoded.value.to_ascii_lowercase()).collect();
    let values = matches.iter().filter_map(|found| lower.get(found.secret.clone()));
    let values = values.chain(decoded.iter().map(Vec::as_slice));
    let values = Values::new(values.filter(|value| LENGTHS.contains(&value.len())));
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (at, head) in lower.windows(4).enumerate() {
        if !values.may_begin(head) {
            continue;
        }
        if let Some(length) = lower.get(at..).and_then(|rest| values.longest_at(rest)) {
            // One within another is masked already.
            if ranges.last().is_none_or(|last| last.end < at + length) {
                ranges.push(at..at + length);
            }
        }
    }
    ranges
}

/// Values, ready to be looked up.
struct Values<'a> {
    /// Sorted, each once.
    all: Vec<&'a [u8]>,
    /// By value: the longest other one that it begins with.
    parents: Vec<Option<usize>>,
    filter: Vec<u64>,
}

impl<'a> Values<'a> {
    fn new(values: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut all: Vec<&[u8]> = values.collect();
        all.sort_unstable();
        all.dedup();
        let mut filter = vec![0u64; 1 << (FILTER_BITS - 6)];
        let mut parents: Vec<Option<usize>> = Vec::with_capacity(all.len());
        for (index, value) in all.iter().enumerate() {
            let (word, bit) = place(value);
            if let Some(word) = filter.get_mut(word) {
                *word |= bit;
            }
            let mut parent = index.checked_sub(1);
            while let Some(at) = parent.filter(|at| !all.get(*at).is_some_and(|p| value.starts_with(p))) {
                parent = parents.get(at).copied().flatten();
            }
            parents.push(parent);
        }
        Self { all, parents, filter }
    }

    fn may_begin(&self, head: &[u8]) -> bool {
        let (word, bit) = place(head);
        self.filter.get(word).is_some_and(|word| word & bit != 0)
    }

    /// The length of the longest value that `rest` begins with.
    fn longest_at(&self, rest: &[u8]) -> Option<usize> {
        let behind = self.all.partition_point(|value| {
            work::step();
            value <= &rest
        });
        let mut candidate = behind.checked_sub(1);
        while let Some(at) = candidate {
            work::step();
            let value = self.all.get(at)?;
            if rest.starts_with(value) {
                return Some(value.len());
            }
            candidate = self.parents.get(at).copied().flatten();
        }
        None
    }
}

/// The word and the bit of the filter for the first four bytes.
fn place(head: &[u8]) -> (usize, u64) {
    let four = head.first_chunk().map_or(0, |four| u32::from_le_bytes(*four));
    let hash = four.wrapping_mul(0x9E37_79B1) >> (32 - FILTER_BITS);
    ((hash >> 6) as usize, 1 << (hash & 63))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::Decoded;
    use crate::{Confidence, Severity};
    use proptest::prelude::*;

    fn found(secret: Range<usize>) -> Match {
        let (range, mask, unless) = (secret.clone(), secret.clone(), Vec::new());
        let (severity, confidence) = (Severity::High, Confidence::High);
        Match { rule: 0, range, secret, mask, severity, confidence, proof: None, unless, decoded: None }
    }

    fn bytes_in(ranges: &[Range<usize>]) -> Vec<usize> {
        let mut all: Vec<usize> = ranges.iter().cloned().flatten().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn values_are_found_in_any_case_and_short_ones_not() {
        let text = b"a=S3cr3t, b=S3CR3T x=abc abc";
        let ranges = repeated(text, &[found(2..8), found(21..24)]);
        assert_eq!(ranges, [2..8, 12..18]);
    }

    #[test]
    fn a_decoded_value_is_found_as_it_is_and_as_it_was_encoded() {
        let text = b"a=ENCODED b=S3CR3T c=encoded";
        let (value, inside): (Box<[u8]>, _) = (b"s3cr3t".as_slice().into(), 0..6);
        let (by, name, inside_mask) = (vec!["base64"], String::new(), inside.clone());
        let decoded = Some(Box::new(Decoded { value, by, name, inside, inside_mask }));
        let ranges = repeated(text, &[Match { decoded, ..found(2..9) }]);
        assert_eq!(ranges, [2..9, 12..18, 21..28]);
    }

    proptest! {
        #[test]
        fn every_byte_of_every_occurrence_is_covered(
            text in "[abAB]{0,60}", places in prop::collection::vec((0usize..60, 0usize..9), 0..6),
        ) {
            let within = |(start, length): &(usize, usize)| start + length <= text.len();
            let matches: Vec<Match> = places.iter().filter(|place| within(place))
                .map(|(start, length)| found(*start..start + length)).collect();
            let lower = text.to_ascii_lowercase().into_bytes();
            let mut plainly = Vec::new();
            for value in matches.iter().map(|m| &lower[m.secret.clone()]).filter(|value| value.len() >= 4) {
                plainly.extend((0..lower.len()).filter(|at| lower[*at..].starts_with(value)).map(|at| at..at + value.len()));
            }
            prop_assert_eq!(bytes_in(&repeated(text.as_bytes(), &matches)), bytes_in(&plainly));
        }
    }

    #[test]
    fn many_values_that_begin_alike_cost_a_few_comparisons_each() {
        let steps = |count: usize| {
            let text: String = (0..count).map(|n| format!("zq~_zq~_{n:08}\n")).collect();
            let matches: Vec<Match> = (0..count).map(|n| found(n * 17..n * 17 + 16)).collect();
            work::count(|| assert_eq!(repeated(text.as_bytes(), &matches).len(), count))
        };
        // Four bits more to search in, ten times as often.
        assert!(steps(20_000) <= 16 * steps(2_000), "{} {}", steps(20_000), steps(2_000));
    }
}
