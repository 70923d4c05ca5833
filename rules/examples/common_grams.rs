//! Counts groups of four bytes, letters taken without case, in the files that it is given, and writes the 8,192 commonest:
//! each as its four bytes, the commonest first. `rules/common-grams.bin` was made by it over the sources of a dozen projects
//! in as many languages; of a keyword, the four bytes that are rarest by this count are what a scan looks for.
//!
//! ```sh
//! cargo run --release -p gatepost-rules --example common_grams -- rules/common-grams.bin FILE...
//! ```

#![allow(clippy::print_stderr, reason = "a program for the terminal")]

use std::collections::HashMap;

fn main() -> std::io::Result<()> {
    let mut files = std::env::args_os().skip(1);
    let Some(out) = files.next() else {
        eprintln!("usage: common_grams OUT FILE...");
        return Ok(());
    };
    let mut counts: HashMap<[u8; 4], u64> = HashMap::new();
    for file in files {
        for four in std::fs::read(file)?.windows(4) {
            if let Ok(four) = <[u8; 4]>::try_from(four) {
                *counts.entry(four.map(|byte| byte | 0x20)).or_default() += 1;
            }
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(&right.0)));
    let commonest: Vec<u8> = counts.iter().take(8192).flat_map(|(four, _)| *four).collect();
    std::fs::write(out, commonest)
}
