//! Whether letters are words or noise: a small dictionary, and how often three letters follow one another in it.
//!
//! Entropy cannot tell a word from a random string of the same length; these two can. The dictionary is in `words.txt`
//! (the two commonest levels of SCOWL and the vocabulary of programs), the table of triples in `triples.bin` is made from
//! it; `tests/words.rs` holds the two together.

/// The dictionary: lower-case words of three letters and more, sorted, one a line.
static WORDS: &[u8] = include_bytes!("words.txt");
/// By three letters (`TRIPLE`): how unexpected the third is behind the first two, in sixteenths of a bit.
static TRIPLES: &[u8] = include_bytes!("triples.bin");

/// 26 letters and the edge of a word.
const LETTERS: usize = 27;
const EDGE: usize = 26;
const LONGEST: usize = 14;
const SHORTEST: usize = 3;

/// Every word of the dictionary.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    std::str::from_utf8(WORDS).unwrap_or_default().lines()
}

/// Whether lower-case letters are a word of the dictionary.
pub(in crate::secrets) fn is_word(word: &[u8]) -> bool {
    if !(SHORTEST..=LONGEST).contains(&word.len()) {
        return false;
    }
    let (mut low, mut high) = (0, WORDS.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start =
            WORDS.get(low..middle).and_then(|b| memchr::memrchr(b'\n', b)).map_or(low, |at| low + at + 1);
        let end = WORDS.get(start..high).and_then(|b| memchr::memchr(b'\n', b)).map_or(high, |at| start + at);
        match WORDS.get(start..end).unwrap_or(&[]).cmp(word) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

/// How many of some lower-case letters can be covered by words.
pub(super) fn covered(letters: &[u8]) -> usize {
    // best[n]: the most of the first n letters.
    let mut best = vec![0usize; letters.len() + 1];
    for end in 1..=letters.len() {
        let mut most = best.get(end - 1).copied().unwrap_or(0);
        for length in SHORTEST..=LONGEST.min(end) {
            let start = end - length;
            let with = best.get(start).copied().unwrap_or(0) + length;
            if with > most && letters.get(start..end).is_some_and(is_word) {
                most = with;
            }
        }
        if let Some(slot) = best.get_mut(end) {
            *slot = most;
        }
    }
    best.last().copied().unwrap_or(0)
}

/// How unexpected lower-case letters are as a word, in bits: about 2.9 a letter for words, 6 for noise.
pub(super) fn surprise(letters: &[u8]) -> f64 {
    let (mut before, mut last, mut sum) = (EDGE, EDGE, 0u32);
    let ends = letters.iter().map(|byte| letter(*byte)).chain([EDGE]);
    for next in ends {
        let triple = (before * LETTERS + last) * LETTERS + next;
        sum += u32::from(TRIPLES.get(triple).copied().unwrap_or(0));
        (before, last) = (last, next);
    }
    f64::from(sum) / 16.0
}

fn letter(byte: u8) -> usize {
    usize::from(byte.to_ascii_lowercase().wrapping_sub(b'a')).min(EDGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words() -> Vec<&'static str> {
        std::str::from_utf8(WORDS).unwrap().lines().collect()
    }

    #[test]
    fn the_dictionary_is_sorted_and_every_word_is_found() {
        let words = words();
        assert!(words.is_sorted() && words.len() > 10_000);
        assert!(words.iter().all(|word| is_word(word.as_bytes())));
        for none in ["", "a", "zz", "passwordz", "zlxsozpr", "aaaaaaaaaaaaaaaaaaaa"] {
            assert!(!is_word(none.as_bytes()), "{none}");
        }
    }

    #[test]
    fn words_are_told_from_noise() {
        let rate = |word: &str| surprise(word.as_bytes()) / word.len() as f64;
        for word in ["whitespace", "encryption", "translation", "withdrawal"] {
            assert!(rate(word) < 4.0, "{word} {}", rate(word));
        }
        for noise in ["zlxsozpr", "qddxermjj", "xvhtpkw"] {
            assert!(rate(noise) > 4.8, "{noise} {}", rate(noise));
        }
        assert_eq!(covered(b"encryptionkeyzzq"), 13);
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert!(covered(&bytes) <= bytes.len());
            prop_assert!(surprise(&bytes) >= 0.0);
        }
    }
}
