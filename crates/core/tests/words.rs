//! The table of letter triples is made from the dictionary. `GATEPOST_UPDATE=1 cargo test -p gatepost-core --test words`
//! writes it anew.

#![allow(clippy::disallowed_methods, reason = "a test may write the file that it holds up to date")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::path::Path;

/// 26 letters and the edge of a word.
const LETTERS: usize = 27;
const EDGE: usize = 26;

/// By three letters: how unexpected the third is behind the first two, in sixteenths of a bit. Triples that the dictionary
/// does not have count as three tenths of one.
fn triples(words: &str) -> Vec<u8> {
    let (mut triples, mut pairs) = (vec![0.3; LETTERS.pow(3)], vec![0.3 * 27.0; LETTERS.pow(2)]);
    for word in words.lines() {
        let (mut before, mut last) = (EDGE, EDGE);
        for next in word.bytes().map(|byte| usize::from(byte - b'a')).chain([EDGE]) {
            triples[(before * LETTERS + last) * LETTERS + next] += 1.0;
            pairs[before * LETTERS + last] += 1.0;
            (before, last) = (last, next);
        }
    }
    let cost = |(at, count): (usize, &f64)| (-(count / pairs[at / LETTERS]).log2() * 16.0).round() as u8;
    triples.iter().enumerate().map(cost).collect()
}

#[test]
fn the_triples_are_those_of_the_dictionary() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/secrets/generic");
    let table = triples(&std::fs::read_to_string(folder.join("words.txt")).unwrap());
    let file = folder.join("triples.bin");
    if std::env::var_os("GATEPOST_UPDATE").is_some() {
        std::fs::write(file, &table).unwrap();
    } else {
        assert!(std::fs::read(file).unwrap() == table, "run this test with GATEPOST_UPDATE=1");
    }
}
