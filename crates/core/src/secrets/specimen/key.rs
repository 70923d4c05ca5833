//! Private keys in their containers.

use crate::secrets::structure::crc24;
use crate::secrets::template::Random;
use data_encoding::BASE64;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// The algorithm identifier of RSA: its object identifier, and no parameters.
const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
/// `PBES2`, password-based encryption (RFC 8018).
const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// A block of PEM. What is in it fits the label where the label is one of a private key or of a public one.
pub(super) fn pem(label: &str, random: &mut Random) -> String {
    let raw = match label {
        "RSA PRIVATE KEY" => rsa(random),
        "PRIVATE KEY" => {
            let key = tlv(OCTET_STRING, &rsa(random));
            tlv(SEQUENCE, &[tlv(INTEGER, &[0]), tlv(SEQUENCE, RSA), key].concat())
        }
        "ENCRYPTED PRIVATE KEY" => {
            let algorithm = tlv(SEQUENCE, &tlv(OID, PBES2));
            tlv(SEQUENCE, &[algorithm, tlv(OCTET_STRING, &random.bytes(1232))].concat())
        }
        "EC PRIVATE KEY" => ec(random),
        "DSA PRIVATE KEY" => {
            let mut parts = vec![tlv(INTEGER, &[0])];
            parts.extend([128, 20, 128, 128, 20].map(|length| integer(length, random)));
            tlv(SEQUENCE, &parts.concat())
        }
        "PUBLIC KEY" => {
            let numbers = [integer(256, random), tlv(INTEGER, &[1, 0, 1])].concat();
            let key = [vec![0], tlv(SEQUENCE, &numbers)].concat();
            tlv(SEQUENCE, &[tlv(SEQUENCE, RSA), tlv(BIT_STRING, &key)].concat())
        }
        "OPENSSH PRIVATE KEY" => return openssh("none", random),
        "PGP PRIVATE KEY BLOCK" => return pgp("open", random),
        _ => random.bytes(600),
    };
    block(label, &BASE64.encode(&raw), 64)
}

/// A key as RFC 8017 has it, of 2048 bits.
pub(super) fn rsa(random: &mut Random) -> Vec<u8> {
    let mut parts = vec![tlv(INTEGER, &[0]), integer(256, random), tlv(INTEGER, &[1, 0, 1])];
    parts.extend([256, 128, 128, 128, 128, 128].map(|length| integer(length, random)));
    tlv(SEQUENCE, &parts.concat())
}

fn ec(random: &mut Random) -> Vec<u8> {
    let key = tlv(OCTET_STRING, &random.bytes(32));
    let curve = tlv(0xa0, &tlv(OID, P256));
    let point = [vec![0, 4], random.bytes(64)].concat();
    let point = tlv(0xa1, &tlv(BIT_STRING, &point));
    tlv(SEQUENCE, &[tlv(INTEGER, &[1]), key, curve, point].concat())
}

/// A positive number of exactly so many bytes.
fn integer(length: usize, random: &mut Random) -> Vec<u8> {
    let mut content = vec![0];
    content.extend(random.bytes(length));
    if let Some(first) = content.get_mut(1) {
        *first |= 0x80;
    }
    tlv(INTEGER, &content)
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short @ 0..=0x7f) => out.push(short),
        _ => {
            out.push(0x82);
            out.extend(u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    out.extend_from_slice(content);
    out
}

/// Ed25519 in OpenSSH's container.
pub(super) fn openssh(cipher: &str, random: &mut Random) -> String {
    let kind: &[u8] = b"ssh-ed25519";
    let public = [string(kind), string(&random.bytes(32))].concat();
    let private = if cipher == "none" {
        let check = random.bytes(4);
        let mut private =
            [check.clone(), check, public.clone(), string(&random.bytes(64)), string(b"made")].concat();
        let padding = (1..=8u8).take((8 - private.len() % 8) % 8);
        private.extend(padding);
        private
    } else {
        random.bytes(160)
    };
    let function: &[u8] = if cipher == "none" { b"none" } else { b"bcrypt" };
    let raw = [
        b"openssh-key-v1\0".to_vec(),
        string(cipher.as_bytes()),
        string(function),
        string(b""),
        vec![0, 0, 0, 1],
        string(&public),
        string(&private),
    ];
    block("OPENSSH PRIVATE KEY", &BASE64.encode(&raw.concat()), 70)
}

fn string(content: &[u8]) -> Vec<u8> {
    let mut out = u32::try_from(content.len()).unwrap_or(0).to_be_bytes().to_vec();
    out.extend_from_slice(content);
    out
}

/// `open`, `locked` with a pass phrase, or a `stub`.
pub(super) fn pgp(kind: &str, random: &mut Random) -> String {
    let mut number = |length: u16| {
        let mut out = (length * 8).to_be_bytes().to_vec();
        out.extend(random.bytes(usize::from(length)));
        if let Some(first) = out.get_mut(2) {
            *first |= 0x80;
        }
        out
    };
    // Version 4, a day in November 2023, RSA.
    let mut key = vec![4, 0x65, 0x50, 0, 0, 1];
    key.extend(number(256));
    key.extend([0, 17, 1, 0, 1]);
    match kind {
        // AES-256, iterated and salted with SHA-256.
        "locked" => {
            key.extend([254, 9, 3, 8]);
            key.extend(random.bytes(8 + 1 + 16 + 660));
        }
        "stub" => key.extend(b"\xff\x00\x65\x02GNU\x01"),
        _ => {
            key.push(0);
            for length in [256, 128, 128, 128] {
                key.extend(number(length));
            }
            key.extend([0, 0]);
        }
    }
    let mut raw = vec![0x95];
    raw.extend(u16::try_from(key.len()).unwrap_or(u16::MAX).to_be_bytes());
    raw.extend(key);
    let [_, sum @ ..] = crc24(&raw).to_be_bytes();
    let label = "PGP PRIVATE KEY BLOCK";
    let text = block(label, &BASE64.encode(&raw), 64).replacen("-----\n", "-----\n\n", 1);
    text.replacen("\n-----END", &format!("\n={}\n-----END", BASE64.encode(&sum)), 1)
}

pub(super) fn putty(random: &mut Random) -> String {
    let kind: &[u8] = b"ssh-ed25519";
    let public = BASE64.encode(&[string(kind), string(&random.bytes(32))].concat());
    let private = BASE64.encode(&string(&random.bytes(32)));
    let (first, second) = public.split_at_checked(64).unwrap_or((&public, ""));
    format!(
        "PuTTY-User-Key-File-2: ssh-ed25519\nEncryption: none\nComment: made by a test\nPublic-Lines: 2\n{first}\n{second}\n\
         Private-Lines: 1\n{private}"
    )
}

fn block(label: &str, body: &str, width: usize) -> String {
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(width) {
        out.extend(line.iter().copied().map(char::from));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----"));
    out
}
