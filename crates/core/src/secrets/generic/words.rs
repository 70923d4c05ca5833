//! Whether letters are words or noise: a small dictionary, and how often three letters follow one another in it.
//!
//! Entropy cannot tell a word from a random string of the same length; these two can. The dictionary is in `words.txt`
//! (the two commonest levels of SCOWL and the vocabulary of programs), the table of triples in `triples.bin` is made from
//! it; `tests/words.rs` holds the two together.

use crate::secrets::work;

/// The dictionary: lower-case words of three letters and more, sorted, one a line.
static WORDS: &[u8] = include_bytes!("words.txt");
/// By three letters (`TRIPLE`): how unexpected the third is behind the first two, in sixteenths of a bit.
static TRIPLES: &[u8] = include_bytes!("triples.bin");

/// 26 letters and the edge of a word.
const LETTERS: usize = 27;
const EDGE: usize = 26;
const SHORTEST: usize = 3;

/// Three-letter beginnings of words.
const HEADS: usize = 26 * 26 * 26;
/// By three letters: where the words that begin with them stand in [`WORDS`]. Made by the compiler.
static STARTS: [u32; HEADS + 1] = starts(WORDS);

#[allow(clippy::cast_possible_truncation, reason = "the dictionary has less than 4 GiB")]
const fn starts(words: &[u8]) -> [u32; HEADS + 1] {
    let mut starts = [words.len() as u32; HEADS + 1];
    let (mut next, mut at) = (0, 0);
    while at + 2 < words.len() {
        let head = ((words[at] - b'a') as usize * 26 + (words[at + 1] - b'a') as usize) * 26
            + (words[at + 2] - b'a') as usize;
        while next <= head {
            starts[next] = at as u32;
            next += 1;
        }
        while at < words.len() && words[at] != b'\n' {
            at += 1;
        }
        at += 1;
    }
    starts
}

/// Calls `found` with the length of every word of the dictionary that lower-case letters begin with, the shortest first.
fn words_at(letters: &[u8], mut found: impl FnMut(usize)) {
    let Some([a, b, c]) = letters.first_chunk::<SHORTEST>() else { return };
    let head = (letter(*a) * 26 + letter(*b)) * 26 + letter(*c);
    let (Some(from), Some(to)) = (STARTS.get(head), STARTS.get(head + 1)) else { return };
    if [a, b, c].iter().any(|byte| !byte.is_ascii_lowercase()) {
        return;
    }
    let mut words = WORDS.get(*from as usize..*to as usize).unwrap_or(&[]);
    while !words.is_empty() {
        work::step();
        let end = words.iter().position(|byte| *byte == b'\n').unwrap_or(words.len());
        let word = words.get(..end).unwrap_or(&[]);
        if letters.starts_with(word) {
            found(end);
        } else if word > letters {
            return;
        }
        words = words.get(end + 1..).unwrap_or(&[]);
    }
}

/// Every word of the dictionary.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    std::str::from_utf8(WORDS).unwrap_or_default().lines()
}

/// Whether lower-case letters are a word of the dictionary.
pub(in crate::secrets) fn is_word(word: &[u8]) -> bool {
    let mut is_one = false;
    words_at(word, |length| is_one |= length == word.len());
    is_one
}

/// How many of some lower-case letters can be covered by words.
pub(super) fn covered(letters: &[u8]) -> usize {
    // best[n]: the most of the first n letters.
    let mut best = vec![0usize; letters.len() + 1];
    for start in 0..letters.len() {
        let before = best.get(start).copied().unwrap_or(0);
        let mut reach = |length: usize, with: usize| {
            if let Some(slot) = best.get_mut(start + length) {
                *slot = with.max(*slot);
            }
        };
        reach(1, before);
        words_at(letters.get(start..).unwrap_or(&[]), |length| reach(length, before + length));
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

    #[test]
    fn letters_that_are_all_words_take_steps_in_proportion() {
        let letters = b"conconsiderationrestoreinterinformationcontroller".repeat(40);
        let steps = |length: usize| work::count(|| assert!(covered(&letters[..length]) > length / 2));
        let (short, long) = (steps(150), steps(1500));
        assert!(long <= 11 * short && long < 100 * 1500, "{short} {long}");
    }

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
