//! age's identities: Bech32 (BIP 173), whose last six characters are a checksum.

use super::{StructureCheck, Subject, Verdict, fails, holds};

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "age",
    about: "Bech32 with a right checksum; what stands before the last `1` is its prefix",
    params: &[],
    source: "https://github.com/C2SP/C2SP/blob/main/age.md",
    example: "{age}",
    check,
};

/// The characters that stand for 0 to 31.
pub(in crate::secrets) const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

fn check(subject: &Subject<'_>) -> Verdict {
    let text = subject.secret.to_ascii_lowercase();
    let data = text
        .iter()
        .rposition(|byte| *byte == b'1')
        .and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?)));
    let right = data.is_some_and(|(prefix, data)| {
        let digit =
            |byte: &u8| ALPHABET.iter().zip(0u8..).find(|(known, _)| *known == byte).map(|(_, digit)| digit);
        let digits: Option<Vec<u8>> = data.iter().map(digit).collect();
        data.len() > 6 && digits.is_some_and(|digits| polymod(prefix, &digits) == 1)
    });
    if right {
        holds("its checksum is right, so a program of age made it")
    } else {
        fails("its checksum is wrong: it is cut off, altered or made up")
    }
}

/// The remainder of BIP 173 over a prefix and its digits: 1 where the checksum is right.
pub(in crate::secrets) fn polymod(prefix: &[u8], digits: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let high = prefix.iter().map(|byte| byte >> 5);
    let low = prefix.iter().map(|byte| byte & 31);
    let all = high.chain([0]).chain(low).chain(digits.iter().copied());
    all.fold(1u32, |sum, digit| {
        let top = sum >> 25;
        let sum = ((sum & 0x01ff_ffff) << 5) ^ u32::from(digit);
        GENERATOR.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1).fold(sum, |sum, (_, g)| sum ^ g)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        // BIP 173 gives `A12UEL5L` as valid: the prefix `a` and no data.
        let digits: Vec<u8> = b"2uel5l"
            .iter()
            .map(|byte| ALPHABET.iter().position(|known| known == byte).unwrap() as u8)
            .collect();
        assert_eq!(polymod(b"a", &digits), 1);
    }
}
