//! The literal pass: one look at every byte, which finds where a rule's literals stand.
//!
//! Every literal is represented by one of its 4-grams, the rarest by a table of how common bytes are in source
//! text. A table of 64 KiB has one bit for every hashed, case-folded 4-gram: whether some literal is represented by
//! it. It stays in the second-level cache, eight positions are asked per step, and most of a text is passed over without
//! a branch taken. What is left is compared with a smaller, exact table and then with the literal itself.
//!
//! A literal of three bytes has no 4-gram: it is entered once for every byte that may follow it. That is why the
//! table has bits and not bytes: a few dozen such literals would fill a tenth of 65,536 places.

use std::ops::Range;

/// A literal found in a text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Hit {
    /// Offset of the literal's first byte.
    pub offset: usize,
    /// Index of the literal (see [`Literals::text`]).
    pub literal: u32,
}

/// A set of literals, ready to be looked for.
pub struct Literals {
    texts: Vec<Box<[u8]>>,
    /// A bit by first hash: whether some literal's 4-gram has it.
    table: Box<[u8; TABLE]>,
    /// By second hash: where its entries begin in `entries`; one more at the end.
    starts: Vec<u16>,
    entries: Vec<Entry>,
    longest: usize,
}

impl std::fmt::Debug for Literals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Literals({})", self.texts.len())
    }
}

#[derive(Clone, Copy)]
struct Entry {
    /// The folded 4-gram.
    gram: u32,
    /// The bits of it that count: three bytes or four.
    mask: u32,
    literal: u16,
    /// Where in the literal the 4-gram stands.
    at: u16,
}

const TABLE: usize = 1 << 16;
const SECOND_BITS: u32 = 12;
/// Folds ASCII case in four bytes at once. It folds some other bytes too; what matters is that equal letters
/// become equal.
const FOLD: u32 = 0x2020_2020;
const FOLD_8: u64 = 0x2020_2020_2020_2020;
/// The most literals, and the longest, that a set can hold: entries count with 16 bits.
const MOST: usize = 16_000;

/// The byte of the table that a 4-gram has its bit in, and which bit it is.
const fn first(gram: u32) -> (u16, u32) {
    let hash = gram.wrapping_mul(0x9E37_79B1);
    ((hash >> 16) as u16, (hash >> 13) & 7)
}

const fn second(gram: u32) -> usize {
    // The last byte is left out, so that a three-byte literal has one place for all its continuations.
    ((gram & 0x00FF_FFFF).wrapping_mul(0x85EB_CA6B) >> (32 - SECOND_BITS)) as usize
}

impl Literals {
    /// A set of literals, each ASCII, of three bytes or more, in any case. Equal ones are one. `None` when a literal
    /// is too short or too long (64 KiB), or when there are more than 16,000.
    #[must_use]
    pub fn new<'a>(literals: impl IntoIterator<Item = &'a [u8]>) -> Option<Self> {
        let mut texts: Vec<Box<[u8]>> =
            literals.into_iter().map(|l| l.to_ascii_lowercase().into_boxed_slice()).collect();
        texts.sort_unstable();
        texts.dedup();
        if texts.len() > MOST || texts.iter().any(|t| t.len() < 3 || t.len() > usize::from(u16::MAX)) {
            return None;
        }
        let mut table: Box<[u8; TABLE]> = vec![0; TABLE].into_boxed_slice().try_into().ok()?;
        let mut mark = |gram: u32| {
            let (place, bit) = first(gram);
            table[usize::from(place)] |= 1 << bit;
        };
        let mut entries = Vec::with_capacity(texts.len());
        for (index, text) in texts.iter().enumerate() {
            let literal = u16::try_from(index).ok()?;
            let (at, gram) = rarest(text);
            if text.len() == 3 {
                // Folded, a byte has one of 128 values.
                for next in (0..=u8::MAX).filter(|next| next & 0x20 != 0) {
                    mark(gram | u32::from(next) << 24);
                }
                entries.push(Entry { gram, mask: 0x00FF_FFFF, literal, at: 0 });
            } else {
                mark(gram);
                entries.push(Entry { gram, mask: u32::MAX, literal, at });
            }
        }
        entries.sort_by_key(|entry| second(entry.gram));
        let mut starts = vec![0u16; (1 << SECOND_BITS) + 1];
        for entry in &entries {
            if let Some(count) = starts.get_mut(second(entry.gram) + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let longest = texts.iter().map(|t| t.len()).max().unwrap_or(0);
        Some(Self { texts, table, starts, entries, longest })
    }

    /// The literal with this index, in lower case.
    #[must_use]
    pub fn text(&self, literal: u32) -> &[u8] {
        self.texts.get(literal as usize).map_or(&[], |text| text)
    }

    /// The index of a literal (lower case).
    #[must_use]
    pub fn position(&self, literal: &[u8]) -> Option<u32> {
        self.texts.binary_search_by(|t| t.as_ref().cmp(literal)).ok().and_then(|i| u32::try_from(i).ok())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Length of the longest literal, in bytes: how far beside an edit hits may appear or vanish.
    #[must_use]
    pub const fn longest(&self) -> usize {
        self.longest
    }

    /// Appends every literal that begins in `range` and lies in `bytes` (it may end behind the range), in no
    /// particular order.
    pub fn hits(&self, bytes: &[u8], range: Range<usize>, hits: &mut Vec<Hit>) {
        if self.texts.is_empty() {
            return;
        }
        // A literal that begins in the range may be represented by a 4-gram behind it.
        let end = range.end.saturating_add(self.longest).min(bytes.len());
        let mut at = range.start;
        let begins = |hit: &Hit| range.contains(&hit.offset);
        // 16 bytes are read for eight positions.
        while let Some(chunk) = bytes.get(at..at.saturating_add(16)).filter(|_| at < end) {
            let Some((low, high)) =
                chunk.first_chunk::<8>().zip(chunk.get(4..).and_then(<[u8]>::first_chunk::<8>))
            else {
                break;
            };
            let (low, high) = (u64::from_le_bytes(*low) | FOLD_8, u64::from_le_bytes(*high) | FOLD_8);
            let grams = [
                low as u32,
                (low >> 8) as u32,
                (low >> 16) as u32,
                (low >> 24) as u32,
                high as u32,
                (high >> 8) as u32,
                (high >> 16) as u32,
                (high >> 24) as u32,
            ];
            let mut marks = 0;
            for (step, gram) in grams.into_iter().enumerate() {
                marks |= self.is_marked(gram) << step;
            }
            while marks != 0 {
                let step = marks.trailing_zeros() as usize;
                if let Some(gram) = grams.get(step) {
                    self.verify(bytes, at + step, *gram, &begins, hits);
                }
                marks &= marks - 1;
            }
            at += 8;
        }
        // The last bytes: what is missing of a 4-gram counts as zero bytes.
        while at < end {
            let mut four = [0; 4];
            for (to, from) in four.iter_mut().zip(bytes.get(at..).unwrap_or(&[])) {
                *to = *from;
            }
            let gram = u32::from_le_bytes(four) | FOLD;
            if self.is_marked(gram) != 0 {
                self.verify(bytes, at, gram, &begins, hits);
            }
            at += 1;
        }
    }

    /// 1 when some literal may be represented by this 4-gram, else 0.
    #[inline]
    fn is_marked(&self, gram: u32) -> u32 {
        let (place, bit) = first(gram);
        (u32::from(self.table[usize::from(place)]) >> bit) & 1
    }

    fn verify(
        &self,
        bytes: &[u8],
        at: usize,
        gram: u32,
        begins: &impl Fn(&Hit) -> bool,
        hits: &mut Vec<Hit>,
    ) {
        let slot = second(gram);
        let (Some(&from), Some(&to)) = (self.starts.get(slot), self.starts.get(slot + 1)) else { return };
        for entry in self.entries.get(usize::from(from)..usize::from(to)).unwrap_or(&[]) {
            if gram & entry.mask != entry.gram {
                continue;
            }
            let Some(offset) = at.checked_sub(usize::from(entry.at)) else { continue };
            let text = self.text(u32::from(entry.literal));
            let hit = Hit { offset, literal: u32::from(entry.literal) };
            if begins(&hit)
                && bytes
                    .get(offset..offset + text.len())
                    .is_some_and(|found| found.eq_ignore_ascii_case(text))
            {
                hits.push(hit);
            }
        }
    }
}

/// The rarest 4-gram of a literal, folded, and where it stands; of three bytes, these and a zero byte.
fn rarest(text: &[u8]) -> (u16, u32) {
    let mut best = (u32::MAX, 0, 0);
    for (at, four) in text.windows(4).enumerate() {
        let common: u32 = four.iter().map(|b| commonness(*b)).sum();
        if let Ok(four) = <[u8; 4]>::try_from(four)
            && common < best.0
        {
            best = (common, at, u32::from_le_bytes(four) | FOLD);
        }
    }
    if best.0 == u32::MAX
        && let [a, b, c] = *text
    {
        return (0, u32::from_le_bytes([a, b, c, 0]) | 0x0020_2020);
    }
    (u16::try_from(best.1).unwrap_or(0), best.2)
}

/// How common a byte is in source text, from 0 to 9: roughly the logarithm of its frequency, letters taken without
/// case.
const fn commonness(byte: u8) -> u32 {
    match byte.to_ascii_lowercase() {
        b' ' | b'e' | b't' => 9,
        b'a' | b'i' | b'n' | b'o' | b'r' | b's' => 8,
        b'l' | b'c' | b'd' | b'u' | b'm' | b'p' | b'_' => 7,
        b'f' | b'h' | b'g' | b'0' | b'.' | b'-' => 6,
        b'b' | b'y' | b'v' | b'w' | b'1' | b'2' | b'/' | b'=' | b'"' | b'*' => 5,
        b'k' | b'x' | b'3'..=b'9' | b':' | b'<' | b'>' => 4,
        b'j' | b'q' | b'z' => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(literals: &[Vec<u8>], bytes: &[u8], range: &Range<usize>) -> Vec<(usize, Vec<u8>)> {
        let mut found: Vec<(usize, Vec<u8>)> = Vec::new();
        for literal in literals {
            let literal = literal.to_ascii_lowercase();
            for (offset, window) in bytes.windows(literal.len()).enumerate() {
                if range.contains(&offset) && window.eq_ignore_ascii_case(&literal) {
                    found.push((offset, literal.clone()));
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }

    fn ours(literals: &[Vec<u8>], bytes: &[u8], range: &Range<usize>) -> Vec<(usize, Vec<u8>)> {
        let set = Literals::new(literals.iter().map(Vec::as_slice)).unwrap();
        let mut hits = Vec::new();
        set.hits(bytes, range.clone(), &mut hits);
        let mut found: Vec<_> = hits.iter().map(|h| (h.offset, set.text(h.literal).to_vec())).collect();
        found.sort();
        found
    }

    proptest! {
        /// A small alphabet makes hits, overlaps and near misses common.
        #[test]
        fn the_pass_finds_what_a_naive_search_finds(
            literals in prop::collection::vec("[a-cA-C_@`]{3,9}", 1..12),
            text in "[a-cA-C_@`~\u{0}]{0,200}",
            from in 0usize..220,
            length in 0usize..220,
        ) {
            let literals: Vec<Vec<u8>> = literals.into_iter().map(String::into_bytes).collect();
            let range = from..from + length;
            prop_assert_eq!(ours(&literals, text.as_bytes(), &range), naive(&literals, text.as_bytes(), &range));
        }

        #[test]
        fn the_pass_is_exact_over_any_bytes(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            cuts in prop::collection::vec((0usize..300, 3usize..12), 1..20),
        ) {
            let literals: Vec<Vec<u8>> = cuts.iter()
                .filter_map(|(at, len)| bytes.get(*at..at + len))
                .filter(|l| l.is_ascii()).map(<[u8]>::to_vec).collect();
            let range = 0..bytes.len();
            prop_assert_eq!(ours(&literals, &bytes, &range), naive(&literals, &bytes, &range));
        }
    }

    #[test]
    fn literals_are_found_at_every_edge() {
        for text in ["abc", "ABC", "xabc", "0123456789abcdefabc", "abcd0123456789abcdef"] {
            let (literals, range) = (vec![b"abc".to_vec(), b"abcd".to_vec()], 0..text.len());
            assert_eq!(
                ours(&literals, text.as_bytes(), &range),
                naive(&literals, text.as_bytes(), &range),
                "{text}"
            );
        }
        assert!(Literals::new([b"ab".as_slice()]).is_none());
        assert!(Literals::new([]).unwrap().is_empty());
    }
}
