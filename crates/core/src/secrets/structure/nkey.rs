//! NATS' seeds: base 32 of a prefix that says whose key it is, 32 bytes, and a CRC-16.

use super::{StructureCheck, Subject, Verdict, fails, holds};
use data_encoding::BASE32_NOPAD;

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "nkey",
    about: "a seed of NATS: 58 characters of base 32 whose last two bytes are the CRC-16 (XMODEM) of those before, least \
            significant first",
    params: &[],
    source: "https://github.com/nats-io/nkeys/blob/main/strkey.go",
    example: "{nkey:U}",
    check,
};

/// The prefix of a seed, `S` in the first five bits.
pub(in crate::secrets) const SEED: u8 = 18 << 3;

/// Whose keys there are, by the letter that their public half begins with.
const OWNERS: &[(char, &str)] = &[
    ('A', "an account"),
    ('C', "a cluster"),
    ('N', "a server"),
    ('O', "an operator"),
    ('U', "a user"),
    ('X', "a curve key"),
];

fn check(subject: &Subject<'_>) -> Verdict {
    let wrong = || fails("its checksum is wrong: it is cut off, altered or made up");
    let Ok(raw) = BASE32_NOPAD.decode(subject.secret) else { return wrong() };
    let (Some((body, sum)), Some([first, second, ..])) = (raw.split_last_chunk::<2>(), raw.get(..2)) else {
        return wrong();
    };
    if crc16(body) != u16::from_le_bytes(*sum) || body.len() != 34 || first & 0xf8 != SEED {
        return wrong();
    }
    let five = usize::from((first & 7) << 2 | second >> 6);
    let letter = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".get(five).copied().map(char::from);
    // The five bits stand for the letter, three bits to the left of where a byte would have them.
    match OWNERS.iter().find(|(known, _)| letter == Some(*known)) {
        Some((_, owner)) => holds(format!("its checksum is right: it is the seed of {owner}")),
        None => holds("its checksum is right: it is a seed"),
    }
}

/// CRC-16/XMODEM: polynomial 0x1021, beginning with 0.
pub(in crate::secrets) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0u16, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::structure::tests::{judge, template};

    #[test]
    fn the_checksum_is_the_usual_one_and_owners_are_told() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
        for (letter, owner) in OWNERS {
            let seed = template(&format!("{{nkey:{letter}}}"), 2);
            assert!(seed.starts_with(&format!("S{letter}")) && seed.len() == 58, "{seed}");
            assert!(judge("nkey", &[], &seed).why.ends_with(owner));
        }
    }
}
