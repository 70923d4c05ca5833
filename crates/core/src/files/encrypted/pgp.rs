//! Messages of OpenPGP, binary and armored, that are encrypted.
//!
//! Source: RFC 9580: packet headers (section 4.2), public-key encrypted session keys (5.1), symmetric-key
//! encrypted session keys (5.3), encrypted data (5.7, 5.13; 20 comes from earlier drafts). Each session key packet names
//! its recipient by key id or fingerprint, which are those of the encryption key: often a subkey.

use super::{Format, Found, Input, Keys, armor, git_crypt};
use data_encoding::HEXUPPER;

pub(super) const FORMAT: Format = Format {
    name: "OpenPGP",
    other_keys: "encrypt it again for approved keys: gpg --encrypt --recipient KEY --output FILE PLAINTEXT",
    find,
};

const PUBLIC_KEY_SESSION: u8 = 1;
const SYMMETRIC_SESSION: u8 = 3;
const MARKER: u8 = 10;
const PADDING: u8 = 21;

/// Packets that hold encrypted data.
const ENCRYPTED: [u8; 3] = [9, 18, 20];

fn find(input: &Input<'_>) -> Option<Found> {
    // The key of git-crypt, encrypted for a person: it is meant to be committed.
    if git_crypt::is_shared_key(input.path) {
        return None;
    }
    let mut keys = Keys::default();
    let mut any = false;
    if let Some(found) = message(input.bytes) {
        any = true;
        keys.absorb(found);
    }
    for block in armor::blocks(input, "PGP MESSAGE") {
        match block.as_deref().map(|bytes| (message(bytes), bytes)) {
            Some((Some(found), _)) => {
                any = true;
                keys.absorb(found);
            }
            // What is only signed or compressed is packed up the same way.
            Some((None, bytes)) if is_readable(bytes) => {}
            _ => {
                any = true;
                keys.cannot_read("its armor holds no packets of OpenPGP");
            }
        }
    }
    any.then_some(Found { keys, taken: Vec::new() })
}

/// One packet: its type, its body as far as it is there, and what follows.
struct Packet<'a> {
    kind: u8,
    body: &'a [u8],
    rest: &'a [u8],
}

fn packet(bytes: &[u8]) -> Option<Packet<'_>> {
    let (first, rest) = bytes.split_first()?;
    let (kind, length, rest) = match first {
        0xc0..=0xff => {
            let (length, rest) = match rest {
                [one @ 0..=191, rest @ ..] => (usize::from(*one), rest),
                [one @ 192..=223, two, rest @ ..] => {
                    (((usize::from(*one) - 192) << 8) + usize::from(*two) + 192, rest)
                }
                [255, a, b, c, d, rest @ ..] => (u32::from_be_bytes([*a, *b, *c, *d]) as usize, rest),
                // The first part of a body in parts: only data has that.
                [_, rest @ ..] => (rest.len(), rest),
                [] => return None,
            };
            (first & 0x3f, length, rest)
        }
        0x80..=0xbf => {
            let (length, rest) = match (first & 3, rest) {
                (0, [a, rest @ ..]) => (usize::from(*a), rest),
                (1, [a, b, rest @ ..]) => (usize::from(u16::from_be_bytes([*a, *b])), rest),
                (2, [a, b, c, d, rest @ ..]) => (u32::from_be_bytes([*a, *b, *c, *d]) as usize, rest),
                (3, rest) => (rest.len(), rest),
                _ => return None,
            };
            ((first >> 2) & 0xf, length, rest)
        }
        _ => return None,
    };
    let (body, rest) = rest.split_at_checked(length).unwrap_or((rest, &[]));
    Some(Packet { kind, body, rest })
}

/// Whom an encrypted message is for; `None` when the bytes are no such message.
fn message(mut bytes: &[u8]) -> Option<Keys> {
    let mut keys = Keys::default();
    loop {
        let next = packet(bytes)?;
        match next.kind {
            PUBLIC_KEY_SESSION => recipient(next.body, &mut keys)?,
            SYMMETRIC_SESSION if matches!(next.body.first(), Some(4..=6)) => {
                keys.known.insert("pgp:passphrase".to_owned());
            }
            MARKER | PADDING => {}
            kind if ENCRYPTED.contains(&kind) => break,
            _ => return None,
        }
        bytes = next.rest;
    }
    let nobody = keys.known.is_empty() && keys.unreadable.is_none();
    // Data alone is what ancient versions wrote for a passphrase; four bytes of a binary file look like it too.
    (!nobody).then_some(keys)
}

fn recipient(body: &[u8], keys: &mut Keys) -> Option<()> {
    let id = match body {
        [3, rest @ ..] => rest.get(..8)?,
        // Version, and a length of a version and a fingerprint.
        [6, length, rest @ ..] => rest.get(..usize::from(*length))?.get(1..).unwrap_or_default(),
        _ => return None,
    };
    if id.iter().all(|byte| *byte == 0) {
        keys.cannot_read("a recipient in it is anonymous");
    } else {
        keys.known.insert(format!("pgp:{}", HEXUPPER.encode(id)));
    }
    Some(())
}

/// Whether the bytes begin with a packet that a message can begin with.
fn is_readable(bytes: &[u8]) -> bool {
    const BEGINNINGS: [u8; 5] = [2, 4, 8, MARKER, 11];
    packet(bytes).is_some_and(|packet| BEGINNINGS.contains(&packet.kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64;

    /// A session key for a key id, in a header of the old form, and encrypted data in one of the new form.
    fn encrypted(ids: &[[u8; 8]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for id in ids {
            let body = [&[3][..], id, &[1], &[0x5a; 40]].concat();
            bytes.extend([0x85, 0, u8::try_from(body.len()).unwrap()]);
            bytes.extend(body);
        }
        bytes.extend([0xd2, 40, 1]);
        bytes.extend([0xa5; 39]);
        bytes
    }

    fn keys(bytes: &[u8]) -> Option<Keys> {
        find(&Input::new(bytes)).map(|found| found.keys)
    }

    fn armored(bytes: &[u8]) -> Vec<u8> {
        let encoded = BASE64.encode(bytes);
        format!("-----BEGIN PGP MESSAGE-----\n\n{encoded}\n-----END PGP MESSAGE-----\n").into_bytes()
    }

    #[test]
    fn every_recipient_is_named() {
        let bytes = encrypted(&[[0xab; 8], *b"\x01\x23\x45\x67\x89\xab\xcd\xef"]);
        let both = ["pgp:0123456789ABCDEF", "pgp:ABABABABABABABAB"];
        for bytes in [bytes.clone(), armored(&bytes)] {
            let found = keys(&bytes).unwrap();
            assert!(found.known.iter().eq(both.iter()), "{found:?}");
            assert_eq!(found.unreadable, None);
        }
        let hidden = keys(&encrypted(&[[0; 8]])).unwrap();
        assert_eq!(hidden.unreadable.as_deref(), Some("a recipient in it is anonymous"));
        let passphrase = [&[0xc3, 4, 4, 9, 0, 8][..], &[0xd2, 2, 1, 1]].concat();
        assert_eq!(keys(&passphrase), Some(Keys::one("pgp:passphrase")));
        let sixth = [&[0xc1, 24, 6, 21, 4][..], &[0x11; 20], &[25], &[0xd2, 2, 2, 1]].concat();
        assert_eq!(keys(&sixth), Some(Keys::one(format!("pgp:{}", "11".repeat(20)))));
    }

    #[test]
    fn signed_messages_and_other_bytes_are_not_encrypted() {
        let compressed = [&[0xa3, 1][..], &[0x42; 60]].concat();
        assert_eq!(keys(&armored(&compressed)), None);
        assert_eq!(keys(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), None);
        assert_eq!(keys(b"\xd2\x02\x01\x01"), None);
        assert_eq!(keys(b""), None);
        assert!(keys(&armored(&[0; 40])).unwrap().unreadable.is_some());
    }
}
