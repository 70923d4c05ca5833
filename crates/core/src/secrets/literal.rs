//! The literal pass: one look at every byte, which finds where a rule's literals stand.
//!
//! Every literal is represented by its rarest four bytes. A table has a word for every hashed, case-folded three bytes: a bit
//! for each class of bytes that a fourth one may be of. It takes one load and a shift to ask it, and eight positions are asked a
//! step. What is left is asked whether the bytes on either side of the four may be those of a literal. No branch depends on
//! either answer: a processor that guesses wrong at every twentieth byte spends more time on that than on all the rest. The few
//! places that pass both are compared with the four bytes, with four more, and then with the literal itself.
//!
//! A literal of three bytes has all bits of its word. A long literal is represented by four bytes of each of its pieces, so that
//! wherever a text is cut, the literals across the cut are found by a look at a few bytes around it.

use super::keywords::{Announced, Keywords};
use super::windows::BESIDE;
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
    /// The built-in ones, and behind them a user's own.
    sets: [Keywords; 2],
    /// By hash of three bytes: the classes of the fourth.
    table: Box<[u32; TABLE]>,
    /// By hash of the four bytes: the classes of the byte behind them in the upper half, of the byte before them in the lower.
    beside: Box<[u32; BUCKETS]>,
    /// By hash of the four bytes, or of three: where their entries begin in `entries`; one more at the end.
    starts: Vec<u32>,
    entries: Vec<Entry>,
    /// By literal, in bytes.
    lengths: Vec<u16>,
    longest: usize,
}

impl std::fmt::Debug for Literals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Literals({})", self.len())
    }
}

#[derive(Clone, Copy, Default)]
struct Entry {
    /// The folded four bytes; of three, these and a zero byte.
    gram: u32,
    /// Four other bytes of the literal, folded.
    more: u32,
    /// Where they stand, from the first ones.
    more_at: i16,
    /// Where in the literal the first ones stand.
    at: u16,
    literal: u16,
}

const TABLE: usize = 1 << 15;
const BUCKETS: usize = 1 << 14;
/// So many positions are asked before the next question is put to those that are left.
const CHUNK: usize = 128;
/// What is read for them: a byte before the first one, and what is read behind the last ones.
const WINDOW: usize = CHUNK + 24;
/// The longest piece of a literal that four bytes of it stand for. Around a cut, so many bytes are looked at before and after it.
pub(super) const PIECE: usize = 24;
/// Folds ASCII case in four bytes at once. It folds some other bytes too; what matters is that equal letters
/// become equal.
const FOLD: u32 = 0x2020_2020;
const FOLD_8: u64 = 0x2020_2020_2020_2020;

/// The word of the table that four bytes belong to, by the first three, and the bit in it, by the last one: each letter has
/// its own.
const fn first(gram: u32) -> (usize, u32) {
    (((gram << 8).wrapping_mul(0x9E37_79B1) >> 17) as usize, (gram >> 24) & 31)
}

/// The bucket of four bytes, or of three and a zero byte.
const fn second(gram: u32) -> usize {
    (gram.wrapping_mul(0x85EB_CA6B) >> 18) as usize
}

/// What is left of four bytes without the last one.
const THREE: u32 = u32::MAX >> 8;

/// By which of eight positions are marked: their offsets, a byte for each, and how many they are.
static MARKED: [(u64, u8); 256] = marked();

const fn marked() -> [(u64, u8); 256] {
    let mut table = [(0, 0); 256];
    let mut marks = 0;
    while marks < table.len() {
        let (mut offsets, mut count, mut step) = (0, 0, 0);
        while step < 8 {
            if marks >> step & 1 != 0 {
                offsets |= step << (8 * count);
                count += 1;
            }
            step += 1;
        }
        table[marks] = (offsets, count);
        marks += 1;
    }
    table
}

/// The classes that a byte beside four others may be of, where one is known.
fn classes(byte: Option<&u8>) -> u32 {
    byte.map_or(0xFFFF, |byte| 1 << (byte & 15))
}

/// The window around a place near an end of the text: what is missing counts as zero bytes, which no literal has beside it.
fn padded(bytes: &[u8], at: usize) -> [u8; WINDOW] {
    let mut window = [0; WINDOW];
    let (skipped, from) = if at == 0 { (1, 0) } else { (0, at - 1) };
    let places = window.iter_mut().skip(skipped);
    places.zip(bytes.get(from..).unwrap_or(&[])).for_each(|(to, byte)| *to = *byte);
    window
}

/// Four bytes, folded.
fn folded(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*four) | FOLD)
}

/// The entry of a literal by the four bytes at `at`.
fn entry(text: &[u8], literal: u16, at: u16) -> Entry {
    if let [a, b, c] = *text {
        let gram = u32::from_le_bytes([a, b, c, 0]) | (FOLD & THREE);
        return Entry { gram, more: 0, more_at: 0, at: 0, literal };
    }
    // As far from the first ones as they can be without a gap.
    let places = [4, -4, 3, -3, 2, -2, 1, -1];
    let more = places
        .into_iter()
        .find_map(|far: i16| Some((far, folded(text, usize::from(at).checked_add_signed(far.into())?)?)));
    let gram = folded(text, at.into()).unwrap_or(0);
    let (more_at, more) = more.unwrap_or((0, gram));
    Entry { gram, more, more_at, at, literal }
}

impl Literals {
    /// The keywords of built-in rules and of a user's own.
    #[must_use]
    pub fn new(builtin: Keywords, own: Keywords) -> Self {
        let count = builtin.len() + own.len();
        let mut set = Self {
            longest: 0,
            table: zeros(),
            beside: zeros(),
            starts: vec![0; BUCKETS + 1],
            entries: Vec::new(),
            lengths: Vec::with_capacity(count),
            sets: [builtin, own],
        };
        let mut entries = Vec::with_capacity(count + 256);
        for literal in 0..count {
            let first = entries.len();
            set.represent(literal, &mut entries);
            let length = set.text(u32::try_from(literal).unwrap_or(u32::MAX)).len();
            for entry in entries.get(first..).unwrap_or(&[]) {
                set.mark(entry);
            }
            set.lengths.push(u16::try_from(length).unwrap_or(u16::MAX));
            set.longest = set.longest.max(length);
        }
        set.sort(&entries);
        set
    }

    /// Marks four bytes, or three with whatever comes after them, and counts them in their bucket.
    fn mark(&mut self, &Entry { gram, at, literal, .. }: &Entry) {
        let (place, bit) = first(gram);
        let is_three = gram >> 24 == 0;
        if let Some(word) = self.table.get_mut(place) {
            *word |= if is_three { u32::MAX } else { 1 << bit };
        }
        let text = self.text(literal.into());
        let before = usize::from(at).checked_sub(1).and_then(|before| text.get(before));
        let behind = text.get(usize::from(at) + 4);
        let beside = if is_three { u32::MAX } else { classes(behind) << 16 | classes(before) };
        if let Some(known) = self.beside.get_mut(second(gram)) {
            *known |= beside;
        }
        if let Some(count) = self.starts.get_mut(second(gram)) {
            *count += 1;
        }
    }

    /// Puts the entries, which are counted, in their buckets.
    fn sort(&mut self, entries: &[Entry]) {
        let mut sum = 0;
        for start in &mut self.starts {
            sum += *start;
            *start = sum;
        }
        self.entries = vec![Entry::default(); entries.len()];
        for entry in entries {
            let Some(start) = self.starts.get_mut(second(entry.gram)) else { continue };
            *start -= 1;
            if let Some(place) = self.entries.get_mut(*start as usize) {
                *place = *entry;
            }
        }
    }

    /// The entries of a literal: its rarest four bytes, and of a long one some of each piece that does not hold these.
    fn represent(&self, literal: usize, entries: &mut Vec<Entry>) {
        let [builtin, own] = &self.sets;
        let at = match literal.checked_sub(builtin.len()) {
            None => builtin.rarest.get(literal),
            Some(index) => own.rarest.get(index),
        };
        let at = at.copied().unwrap_or(0);
        let literal = u16::try_from(literal).unwrap_or(u16::MAX);
        let text = self.text(literal.into());
        entries.push(entry(text, literal, at));
        if text.len() <= PIECE {
            return;
        }
        let rarest = usize::from(at);
        for end in (PIECE..text.len()).step_by(PIECE).chain([text.len()]) {
            let start = end - PIECE;
            if rarest < start || rarest + 4 > end {
                let piece = text.get(start..end).unwrap_or(&[]);
                let at = u16::try_from(start).unwrap_or(u16::MAX);
                let at = at.saturating_add(self::rarest(piece, &estimated_commonness));
                entries.push(entry(text, literal, at));
            }
        }
    }

    /// The literal with this index, in lower case; empty when there is none.
    #[must_use]
    pub fn text(&self, literal: u32) -> &[u8] {
        let (set, index) = self.set(literal);
        set.get(index)
    }

    /// Its length, in bytes.
    #[inline]
    #[must_use]
    pub fn length(&self, literal: u32) -> usize {
        self.lengths.get(literal as usize).copied().unwrap_or(0).into()
    }

    fn set(&self, literal: u32) -> (&Keywords, usize) {
        let [builtin, own] = &self.sets;
        match (literal as usize).checked_sub(builtin.len()) {
            None => (builtin, literal as usize),
            Some(index) => (own, index),
        }
    }

    /// The rules of some classes that a literal announces.
    pub(super) fn announced(&self, literal: u32, classes: &Range<usize>) -> impl Iterator<Item = Announced> {
        let (set, index) = self.set(literal);
        set.announced(index, classes)
    }

    /// The rules that no literal announces.
    pub(super) fn unannounced(&self) -> impl Iterator<Item = u32> {
        self.sets.iter().flat_map(|set| set.unannounced.iter().copied())
    }

    /// How far the rules of a class reach, from the first byte of a literal, with what a regex looks at beside that.
    pub(super) fn reach(&self, class: usize) -> usize {
        let reach = self.sets.iter().filter_map(|set| set.reach.get(class)).max().copied().unwrap_or(0);
        (reach as usize).saturating_add(self.longest).saturating_add(BESIDE)
    }

    /// How many there are. One that stands in both sets counts twice.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Length of the longest literal, in bytes: how far beside an edit hits may appear or vanish.
    #[must_use]
    pub const fn longest(&self) -> usize {
        self.longest
    }

    /// Appends every literal of `bytes` that has a byte in `range`; where the range is empty, every literal that begins before
    /// it and ends behind it. Sorted, each once.
    pub fn hits(&self, bytes: &[u8], range: Range<usize>, hits: &mut Vec<Hit>) {
        if self.is_empty() {
            return;
        }
        let before = hits.len();
        self.look(bytes, &range, hits);
        if let Some(new) = hits.get_mut(before..)
            && !new.is_sorted_by(|one, next| one < next)
        {
            new.sort_unstable();
            // A long literal is found by each of its pieces.
            let mut kept = before;
            for at in before..hits.len() {
                if kept == before || hits.get(kept - 1) != hits.get(at) {
                    hits.swap(kept, at);
                    kept += 1;
                }
            }
            hits.truncate(kept);
        }
    }

    fn look(&self, bytes: &[u8], range: &Range<usize>, hits: &mut Vec<Hit>) {
        let end = range.end.saturating_add(PIECE).min(bytes.len());
        let mut at = range.start.saturating_sub(PIECE);
        let touches = |from: usize, to: usize| from < range.end && to > range.start;
        let mut places = [0; CHUNK + 8];
        while at < end {
            let padded;
            let window = match at.checked_sub(1).and_then(|before| bytes.get(before..)?.first_chunk()) {
                Some(window) => window,
                None => {
                    padded = self::padded(bytes, at);
                    &padded
                }
            };
            let count = self.marked(window, end - at, &mut places);
            for place in places.iter().take(count) {
                let four = window.get(usize::from(*place) + 1..).and_then(<[u8]>::first_chunk::<4>);
                let gram = u32::from_le_bytes(*four.unwrap_or(&[0; 4])) | FOLD;
                self.verify(bytes, at + usize::from(*place), gram, &touches, hits);
            }
            at += CHUNK;
        }
    }

    /// The places of a window at which a literal may be represented, of the first `wanted` ones and up to seven more: how many
    /// they are. A window begins a byte before its first place.
    #[inline]
    fn marked(&self, window: &[u8; WINDOW], wanted: usize, places: &mut [u8; CHUNK + 8]) -> usize {
        let mut count = 0;
        let eight = |at: usize| window.get(at..).and_then(<[u8]>::first_chunk::<8>).unwrap_or(&[0; 8]);
        for at in (0..wanted.min(CHUNK)).step_by(8) {
            let low = u64::from_le_bytes(*eight(at + 1)) | FOLD_8;
            let high = u64::from_le_bytes(*eight(at + 5)) | FOLD_8;
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
            for gram in grams.into_iter().rev() {
                marks = marks << 1 | self.is_marked(gram);
            }
            let (offsets, more) = MARKED[(marks & 255) as usize];
            let offsets = offsets + at as u64 * 0x0101_0101_0101_0101;
            if let Some(room) = places.get_mut(count..count + 8) {
                room.copy_from_slice(&offsets.to_le_bytes());
            }
            count += usize::from(more);
        }
        // Those that pass the second question are moved to the front.
        let mut left = 0;
        for index in 0..count.min(places.len()) {
            let place = places[index];
            places[left.min(index)] = place;
            left += self.may_stand(window, place) as usize;
        }
        left
    }

    /// 1 when the bytes beside the four at a place are of classes that literals with such four have there, else 0.
    #[inline]
    fn may_stand(&self, window: &[u8; WINDOW], place: u8) -> u32 {
        let around = window.get(usize::from(place)..).and_then(<[u8]>::first_chunk::<6>);
        let &[before, a, b, c, d, behind] = around.unwrap_or(&[0; 6]);
        let gram = u32::from_le_bytes([a, b, c, d]) | FOLD;
        let beside = self.beside[second(gram)];
        let is_known = (beside >> (before & 15)) & (beside >> (16 + (behind & 15))) & 1;
        // Of three bytes nothing more is asked.
        let three = self.beside[second(gram & THREE)];
        is_known | u32::from(three == u32::MAX)
    }

    /// 1 when some literal may be represented by this 4-gram, else 0.
    #[inline]
    fn is_marked(&self, gram: u32) -> u32 {
        let (place, bit) = first(gram);
        (self.table[place & (TABLE - 1)] >> bit) & 1
    }

    fn verify(
        &self,
        bytes: &[u8],
        at: usize,
        gram: u32,
        touches: &impl Fn(usize, usize) -> bool,
        hits: &mut Vec<Hit>,
    ) {
        for entry in self.bucket(gram) {
            let more = || folded(bytes, at.checked_add_signed(entry.more_at.into())?);
            if entry.gram == gram && more() == Some(entry.more) {
                self.compare(bytes, at, entry, touches, hits);
            }
        }
        let (place, _) = first(gram);
        if self.table[place & (TABLE - 1)] == u32::MAX {
            let three = gram & THREE;
            for entry in self.bucket(three) {
                if entry.gram == three {
                    self.compare(bytes, at, entry, touches, hits);
                }
            }
        }
    }

    fn bucket(&self, gram: u32) -> &[Entry] {
        let slot = second(gram);
        let (Some(&from), Some(&to)) = (self.starts.get(slot), self.starts.get(slot + 1)) else { return &[] };
        self.entries.get(from as usize..to as usize).unwrap_or(&[])
    }

    #[inline]
    fn compare(
        &self,
        bytes: &[u8],
        at: usize,
        entry: &Entry,
        touches: &impl Fn(usize, usize) -> bool,
        hits: &mut Vec<Hit>,
    ) {
        let Some(offset) = at.checked_sub(usize::from(entry.at)) else { return };
        let text = self.text(entry.literal.into());
        let Some(end) = offset.checked_add(text.len()) else { return };
        let found = bytes.get(offset..end);
        if touches(offset, end) && found.is_some_and(|found| found.eq_ignore_ascii_case(text)) {
            hits.push(Hit { offset, literal: entry.literal.into() });
        }
    }
}

/// An array of zeros that was never on the stack.
fn zeros<const N: usize>() -> Box<[u32; N]> {
    vec![0; N].into_boxed_slice().try_into().unwrap_or_else(|_| Box::new([0; N]))
}

/// Where the rarest four bytes of a literal stand; 0 when it has only three.
pub(super) fn rarest(text: &[u8], commonness: &impl Fn([u8; 4]) -> f64) -> u16 {
    let grams =
        text.windows(4).zip(0u16..).filter_map(|(four, at)| Some((commonness(four.try_into().ok()?), at)));
    grams.min_by(|left, right| left.0.total_cmp(&right.0)).map_or(0, |(_, at)| at)
}

/// How common four bytes are, by how common each of them is: good enough for a user's rules. Of built-in ones it is counted.
#[must_use]
pub fn estimated_commonness(four: [u8; 4]) -> f64 {
    f64::from(four.map(commonness).iter().sum::<u32>())
}

/// How common a byte is in source text, from 0 to 9: roughly the logarithm of its frequency, letters taken without
/// case.
pub(super) const fn commonness(byte: u8) -> u32 {
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
    use std::borrow::Cow;

    fn naive(literals: &[Vec<u8>], bytes: &[u8], range: &Range<usize>) -> Vec<(usize, Vec<u8>)> {
        let mut found: Vec<(usize, Vec<u8>)> = Vec::new();
        for literal in literals {
            let literal = literal.to_ascii_lowercase();
            for (offset, window) in bytes.windows(literal.len()).enumerate() {
                let touches = offset < range.end && offset + literal.len() > range.start;
                if touches && window.eq_ignore_ascii_case(&literal) {
                    found.push((offset, literal.clone()));
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }

    fn set(literals: &[Vec<u8>]) -> Result<Literals, crate::secrets::RuleError> {
        let text = |literal: &Vec<u8>| Cow::Owned(String::from_utf8(literal.clone()).unwrap());
        let mut rule = crate::secrets::tests::rules().remove(0);
        // Half of them a user's own.
        let (own, builtin) = literals.split_at(literals.len() / 2);
        let [builtin, own] = [builtin, own].map(|literals| {
            rule.keywords = literals.iter().map(text).collect();
            Keywords::new([(&rule, 0)].into_iter(), estimated_commonness)
        });
        Ok(Literals::new(builtin?, own?))
    }

    fn ours(literals: &[Vec<u8>], bytes: &[u8], range: &Range<usize>) -> Vec<(usize, Vec<u8>)> {
        let set = set(literals).unwrap();
        let mut hits = Vec::new();
        set.hits(bytes, range.clone(), &mut hits);
        assert!(hits.is_sorted_by(|one, next| one < next));
        let mut found: Vec<_> = hits.iter().map(|h| (h.offset, set.text(h.literal).to_vec())).collect();
        found.sort();
        found.dedup();
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

        /// Long ones, cut anywhere.
        #[test]
        fn long_literals_are_found_across_every_cut(
            literals in prop::collection::vec("[a-c]{3,90}", 1..6),
            picks in prop::collection::vec(0usize..6, 0..6),
            cut in 0usize..300,
        ) {
            let text: String = picks.iter().filter_map(|at| literals.get(*at)).map(|l| format!("{l}-")).collect();
            let literals: Vec<Vec<u8>> = literals.into_iter().map(String::into_bytes).collect();
            let range = cut..cut;
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

    /// As long as keywords may be, and more pieces of them in all than sixteen bits count.
    #[test]
    fn many_pieces_of_very_long_literals_are_told_apart() {
        let long = |first: u8| {
            let letter = |at: u32| b'a' + u8::try_from((at.wrapping_mul(0x9E37_79B1) >> 24) % 26).unwrap();
            let rest = (1..60_000).map(|at| letter(at + u32::from(first) * 65_536));
            std::iter::once(first).chain(rest).collect::<Vec<u8>>()
        };
        let literals: Vec<Vec<u8>> = (b'A'..=b'^').map(long).collect();
        assert!(literals.len() * 60_000 / PIECE > usize::from(u16::MAX));
        let set = set(&literals).unwrap();
        for text in [&literals[0], &literals[29]] {
            for cut in [1, 30_000, 59_999] {
                let mut hits = Vec::new();
                set.hits(text, cut..cut, &mut hits);
                assert_eq!(hits.len(), 1, "{cut}");
            }
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
        assert!(set(&[b"ab".to_vec()]).is_err());
        assert!(set(&[]).unwrap().is_empty());
    }
}
