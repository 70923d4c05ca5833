//! OpenPGP private keys in ASCII armour (RFC 9580): the checksum, the first packet, and whether it is protected.

use super::decode::{Reader, base64, base64_head, day};
use super::key::armor;
use super::{StructureCheck, Subject, Verdict, fails, holds, weaker};

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "pgp",
    about: "an armoured OpenPGP block whose CRC-24 is right, if it has one, and whose first packet is a secret key; one with a \
            pass phrase weighs less",
    params: &[],
    source: "https://www.rfc-editor.org/rfc/rfc9580#section-5.5.3",
    example: "{pgp}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    let body = armor::body(subject.secret);
    // The checksum is a line of `=` and four characters.
    let (text, sum) = match body.split_last_chunk::<5>() {
        Some((text, [b'=', sum @ ..])) if !sum.contains(&b'=') => (text, base64(sum)),
        _ => (body.as_slice(), None),
    };
    let Some(raw) = base64_head(text) else { return fails("its body is not base64") };
    let [_, right @ ..] = crc24(&raw).to_be_bytes();
    if sum.is_some_and(|sum| sum != right) {
        return fails("its checksum is wrong: it is altered or made up");
    }
    match secret_key(&raw) {
        Some(Key { protection: Protection::None, made }) => {
            holds(format!("it is a private key without a pass phrase{}", since(made)))
        }
        Some(Key { protection: Protection::PassPhrase, made }) => {
            weaker(format!("it is encrypted: a thief needs its pass phrase too{}", since(made)))
        }
        Some(Key { protection: Protection::Stub, made }) => weaker(format!(
            "its primary key is only a stub, the key itself is on a card or elsewhere{}",
            since(made)
        )),
        None => fails("its first packet is no secret key, or is cut off"),
    }
}

fn since(made: Option<String>) -> String {
    made.map(|day| format!("; it was made on {day}")).unwrap_or_default()
}

struct Key {
    protection: Protection,
    /// The day it was made.
    made: Option<String>,
}

enum Protection {
    None,
    PassPhrase,
    Stub,
}

/// The first packet, if it is a secret key of version 4 or 6.
fn secret_key(raw: &[u8]) -> Option<Key> {
    let mut reader = Reader(packet(raw)?);
    let version = reader.byte()?;
    let made = reader.number(4)?;
    let algorithm = reader.byte()?;
    match version {
        4 => public(&mut reader, algorithm)?,
        6 => {
            let length = reader.number(4)?;
            reader.take(length)?;
        }
        _ => return None,
    }
    let protection = match reader.byte()? {
        0 => Protection::None,
        // A cipher, and how the pass phrase becomes a key; 101 is GnuPG's own, for keys that are not here.
        253..=255 if version == 4 && reader.0.get(1) == Some(&101) => Protection::Stub,
        _ => Protection::PassPhrase,
    };
    Some(Key { protection, made: day(i64::try_from(made).ok()?) })
}

/// The content of the first packet, which must be a secret key (type 5).
fn packet(raw: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader(raw);
    let head = reader.byte()?;
    let length = match head {
        // The newer form has its own lengths.
        0xc5 => match reader.byte()? {
            short @ 0..=191 => usize::from(short),
            two @ 192..=223 => (usize::from(two) - 192) * 256 + usize::from(reader.byte()?) + 192,
            255 => reader.number(4)?,
            _ => return None,
        },
        0x94 => reader.number(1)?,
        0x95 => reader.number(2)?,
        0x96 => reader.number(4)?,
        _ => return None,
    };
    reader.take(length)
}

/// Passes over the public numbers of an algorithm.
fn public(reader: &mut Reader<'_>, algorithm: u8) -> Option<()> {
    let curve = matches!(algorithm, 18 | 19 | 22);
    if curve {
        let length = usize::from(reader.byte()?);
        reader.take(length)?;
    }
    let numbers = match algorithm {
        1..=3 => 2,
        16 => 3,
        17 => 4,
        18 | 19 | 22 => 1,
        _ => 0,
    };
    for _ in 0..numbers {
        let bits = reader.number(2)?;
        reader.take(bits.div_ceil(8))?;
    }
    match algorithm {
        // Key derivation parameters.
        18 => {
            let length = usize::from(reader.byte()?);
            reader.take(length)?;
        }
        // X25519, Ed25519: 32 bytes; X448: 56; Ed448: 57.
        25 | 27 => drop(reader.take(32)?),
        26 => drop(reader.take(56)?),
        28 => drop(reader.take(57)?),
        1..=3 | 16 | 17 | 19 | 22 => {}
        _ => return None,
    }
    Some(())
}

/// CRC-24 of RFC 9580, section 6.1.1.
pub(in crate::secrets) fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00b7_04ce, |crc, byte| {
        let mut crc = crc ^ (u32::from(*byte) << 16);
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4cfb;
            }
        }
        crc & 0x00ff_ffff
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::structure::Outcome;
    use crate::secrets::structure::tests::{judge, template};

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc24(b"123456789"), 0x21cf02);
    }

    #[test]
    fn protection_is_told() {
        let of = |kind: &str| judge("pgp", &[], &template(&format!("{{pgp:{kind}}}"), 6));
        let open = of("open");
        assert_eq!(open.outcome, Outcome::Holds);
        assert!(open.why.contains("without a pass phrase; it was made on 20"), "{}", open.why);
        assert_eq!(of("locked").outcome, Outcome::Weaker);
        assert!(of("stub").why.contains("stub"));
        let block = template("{pgp}", 6);
        let at = block.find("\n=").unwrap();
        let wrong = format!("{}\n=AAAA{}", block.get(..at).unwrap(), block.get(at + 6..).unwrap());
        assert_eq!(judge("pgp", &[], &wrong).outcome, Outcome::Fails);
        assert_eq!(judge("pgp", &[], &template("{pem:PGP PUBLIC KEY BLOCK}", 6)).outcome, Outcome::Fails);
    }
}
