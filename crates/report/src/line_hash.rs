//! What GitHub's code scanning knows a line by: `primaryLocationLineHash` of a SARIF result.
//!
//! The upload action of GitHub computes it for results that have none, and warns about another value; whoever uploads in
//! another way has to bring it along, or an alert is closed and opened again with every line that moves. The algorithm is
//! that of `src/fingerprints.ts` in github/codeql-action: for each line a polynomial hash (base 37, modulo 2^64) of the 100
//! UTF-16 code units from its start on, over the ends of lines, but without blanks and tabs; every end of a line counts
//! as `\n`; behind the last unit of the file come 0xFFFF and zeros. A number tells lines with the same hash apart.

use std::collections::{BTreeMap, HashMap};

/// How many code units a hash is of.
const WINDOW: usize = 100;

const BASE: u64 = 37;

/// What follows the last code unit of a file.
const END: u16 = 0xffff;

/// The hashes of `wanted` lines of a file, by line (from 1). Lines that the file does not have are left out.
#[must_use]
pub fn line_hashes(bytes: &[u8], wanted: &[u32]) -> BTreeMap<u32, String> {
    let text = String::from_utf8_lossy(bytes);
    let (units, starts) = units(&text);
    let mut hashes = BTreeMap::new();
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let last = wanted.iter().copied().max().unwrap_or(0);
    for ((line, hash), _) in (1_u32..).zip(rolling(&units, &starts)).zip(0..last) {
        let count = seen.entry(hash).or_default();
        *count += 1;
        if wanted.contains(&line) {
            hashes.insert(line, format!("{hash:x}:{count}"));
        }
    }
    hashes
}

/// The code units that count, and where among them lines begin.
fn units(text: &str) -> (Vec<u16>, Vec<usize>) {
    const LF: u16 = 10;
    const CR: u16 = 13;
    let (mut units, mut starts) = (Vec::with_capacity(text.len() + WINDOW + 1), Vec::new());
    let (mut begins, mut after_cr) = (true, false);
    for unit in text.encode_utf16().chain(std::iter::once(END)) {
        if unit == 0x20 || unit == 0x09 || (after_cr && unit == LF) {
            after_cr = false;
            continue;
        }
        after_cr = unit == CR;
        let unit = if unit == CR { LF } else { unit };
        if begins {
            starts.push(units.len());
        }
        begins = unit == LF;
        units.push(unit);
    }
    units.extend([0; WINDOW]);
    (units, starts)
}

/// The hash of the window at each of `starts`, which ascend.
fn rolling<'a>(units: &'a [u16], starts: &'a [usize]) -> impl Iterator<Item = u64> + 'a {
    let leading = (0..WINDOW).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    // The hash of the WINDOW units before `end`, of those before the first as zeros.
    let (mut hash, mut end) = (0_u64, 0_usize);
    starts.iter().map(move |start| {
        while end < start.saturating_add(WINDOW) {
            let arriving = units.get(end).copied().map_or(0, u64::from);
            let leaving = end.checked_sub(WINDOW).and_then(|at| units.get(at)).copied().map_or(0, u64::from);
            hash = hash.wrapping_mul(BASE).wrapping_add(arriving).wrapping_sub(leading.wrapping_mul(leaving));
            end += 1;
        }
        hash
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All hashes, in the order of the lines.
    fn all(text: &[u8]) -> Vec<String> {
        let lines: Vec<u32> = (1..=200).collect();
        line_hashes(text, &lines).into_values().collect()
    }

    /// The right-hand sides were computed by the action's own code (commit 0225834, with Node.js).
    #[test]
    fn hashes_are_those_of_the_upload_action() {
        assert_eq!(
            all(b" a\nb\n  \t\tc\n d"),
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]
        );
        assert_eq!(
            all(b" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End"),
            [
                "8b7cf3e952e7aeb2:1",
                "b1ae1287ec4718d9:1",
                "bff680108adb0fcc:1",
                "c6805c5e1288b612:1",
                "b86d3392aea1be30:1",
                "e6ceba753e1a442:1"
            ]
        );
        assert_eq!(all(b""), ["c129715d7a2bc9a3:1"]);
        assert_eq!(
            all(b"x=1\r\n\r\nx=1\r\ny\rz\n\n\n"),
            [
                "1d9e39d5e70b7384:1",
                "88ba6ba8e46c8718:1",
                "cad16963048ef40e:1",
                "2d953369d0a27902:1",
                "4353b226d60ee21b:1",
                "5b5d4caf73a13177:1",
                "3c5bef55b72b93c9:1",
                "c129715d7a2bc9a3:1"
            ]
        );
        let wide = format!("ab\u{fc}\u{1f600}c\n{}\nend\n", "k".repeat(250));
        assert_eq!(
            all(wide.as_bytes()),
            ["729dd3f2850e086c:1", "38ae8874fb795354:1", "fe2be582c6296f40:1", "c129715d7a2bc9a3:1"]
        );
        assert_eq!(
            all("\u{feff}a\r \nb".as_bytes()),
            ["6cb362224d3d5929:1", "cc4c43d77869440f:1", "8ee5a81e681643c1:1"]
        );
    }

    #[test]
    fn lines_alike_are_numbered_and_others_are_not_asked_for() {
        let text = "x\n".repeat(103);
        let hashes = line_hashes(text.as_bytes(), &[3, 1, 500]);
        let found: Vec<(u32, &str)> = hashes.iter().map(|(line, hash)| (*line, hash.as_str())).collect();
        assert_eq!(found, [(1, "c0fe7b2700d6c254:1"), (3, "c0fe7b2700d6c254:3")]);
        assert!(line_hashes(text.as_bytes(), &[]).is_empty());
        assert_eq!(line_hashes(b"\xff\xfe\n", &[1]), line_hashes("\u{fffd}\u{fffd}\n".as_bytes(), &[1]));
    }
}
