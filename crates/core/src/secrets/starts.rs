//! Where a match of a regex can begin: by what its first bytes can be.

use regex_syntax::hir::{Class, Hir, HirKind};
use std::ops::Range;

/// How many bytes are looked at.
const MOST: usize = 4;
/// With fewer there are too many places.
const LEAST: usize = 3;

/// Bytes: a bit for each.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct Bytes([u64; 4]);

/// What the first bytes of every match are, each for itself.
#[derive(Debug)]
pub(super) struct Starts(Vec<Bytes>);

impl Starts {
    /// `None` where too little is known.
    pub(super) fn of(hir: &Hir) -> Option<Self> {
        let mut first = Vec::with_capacity(MOST);
        lead(hir, &mut first);
        (first.len() >= LEAST).then_some(Self(first))
    }

    /// The first place in a range at which a match can begin that ends in it.
    pub(super) fn next(&self, text: &[u8], range: Range<usize>) -> Option<usize> {
        let begins = |bytes: &[u8]| self.0.iter().zip(bytes).all(|(known, byte)| known.has(*byte));
        let place = text.get(range.clone())?.windows(self.0.len()).position(begins)?;
        Some(range.start + place)
    }
}

impl Bytes {
    fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte >> 6)).is_some_and(|word| word >> (byte & 63) & 1 != 0)
    }

    fn add(&mut self, range: std::ops::RangeInclusive<u8>) {
        for byte in range {
            if let Some(word) = self.0.get_mut(usize::from(byte >> 6)) {
                *word |= 1 << (byte & 63);
            }
        }
    }
}

/// Appends the first bytes of a match of a part of a regex. Whether that is the part from end to end, so that the next part's follow.
fn lead(hir: &Hir, first: &mut Vec<Bytes>) -> bool {
    if first.len() >= MOST {
        return false;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => {
            for &byte in literal.0.iter().take(MOST - first.len()) {
                let mut one = Bytes::default();
                one.add(byte..=byte);
                first.push(one);
            }
            true
        }
        HirKind::Class(class) => {
            let mut one = Bytes::default();
            match class {
                Class::Bytes(class) => class.ranges().iter().for_each(|r| one.add(r.start()..=r.end())),
                Class::Unicode(class) => match class.to_byte_class() {
                    Some(class) => class.ranges().iter().for_each(|r| one.add(r.start()..=r.end())),
                    // Letters of several bytes.
                    None => return false,
                },
            }
            first.push(one);
            true
        }
        HirKind::Repetition(repetition) => {
            let times = usize::try_from(repetition.min).unwrap_or(MOST);
            let is_whole = (0..times.min(MOST)).all(|_| lead(&repetition.sub, first));
            is_whole && times <= MOST && repetition.max == Some(repetition.min)
        }
        HirKind::Capture(capture) => lead(&capture.sub, first),
        HirKind::Concat(parts) => parts.iter().all(|part| lead(part, first)),
        HirKind::Alternation(parts) => alternatives(parts, first),
    }
}

/// Whichever alternative it is, its bytes are among those of all of them, as far as the shortest goes.
fn alternatives(parts: &[Hir], first: &mut Vec<Bytes>) -> bool {
    let before = first.len();
    let mut shared: Option<(Vec<Bytes>, bool)> = None;
    for part in parts {
        // As if the alternative stood alone: what is beyond the most is not looked at.
        let mut its = first.clone();
        let is_whole = lead(part, &mut its);
        let its = its.split_off(before);
        shared = Some(match shared {
            None => (its, is_whole),
            Some((sum, was_whole)) => {
                let is_whole = was_whole && is_whole && sum.len() == its.len();
                let either = |(one, other): (&Bytes, &Bytes)| {
                    Bytes(std::array::from_fn(|at| {
                        one.0.get(at).copied().unwrap_or(u64::MAX)
                            | other.0.get(at).copied().unwrap_or(u64::MAX)
                    }))
                };
                (sum.iter().zip(&its).map(either).collect(), is_whole)
            }
        });
    }
    let Some((shared, is_whole)) = shared else { return false };
    first.extend(shared);
    is_whole
}

#[cfg(test)]
mod tests {
    use super::super::derive::parse;
    use super::*;

    fn of(regex: &str) -> Option<Vec<String>> {
        let texts = |known: &Bytes| (b' '..=b'~').filter(|byte| known.has(*byte)).map(char::from).collect();
        Some(Starts::of(&parse(regex).unwrap())?.0.iter().map(texts).collect())
    }

    #[test]
    fn the_first_bytes_are_those_of_every_match() {
        let known = |regex: &str, bytes: &[&str]| {
            let bytes = bytes.iter().map(|&set| set.to_owned()).collect();
            assert_eq!(of(regex), Some(bytes), "{regex}");
        };
        known("abcdef", &["a", "b", "c", "d"]);
        known(r"\b(?i:ab)(?:c){2}", &["Aa", "Bb", "c", "c"]);
        known("(?:abc|xyzw)q", &["ax", "by", "cz"]);
        known("(?:abc|xyz)q", &["ax", "by", "cz", "q"]);
    }

    #[test]
    fn too_few_bytes_are_none() {
        for regex in ["ab", "ab?c", "(?:a|bcd)ef?", "[ab]{1,3}cd", "a*bcd", "(?:|abc)d", "ab(?:|c)de"] {
            assert_eq!(of(regex), None, "{regex}");
        }
    }

    #[test]
    fn a_place_is_where_all_bytes_fit_within_the_range() {
        let starts = Starts::of(&parse("(?:abc|xyz)").unwrap()).unwrap();
        let text = b"ab abc xbz";
        assert_eq!(starts.next(text, 0..text.len()), Some(3));
        assert_eq!(starts.next(text, 4..text.len()), Some(7));
        assert_eq!(starts.next(text, 4..text.len() - 1), None);
    }
}
