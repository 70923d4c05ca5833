//! Private keys in DER: PKCS #1 (RFC 8017), SEC 1 (RFC 5915), DSA as OpenSSL writes it, PKCS #8 (RFC 5958) and its
//! encrypted form.

use super::Contents;
use crate::secrets::rule::Text;
use crate::secrets::structure::decode::Reader;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
/// The parameters of a SEC 1 key, `[0]`.
const PARAMETERS: u8 = 0xa0;

/// Object identifiers of algorithms and curves: RFC 8017, 5480, 8410, 3279, SEC 2.
const NAMES: &[(&[u8], &str)] = &[
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01], "RSA"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a], "RSA-PSS"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x03, 0x01], "DH"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01], "DSA"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01], "EC"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07], "P-256"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x22], "P-384"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x23], "P-521"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x0a], "secp256k1"),
    (&[0x2b, 0x65, 0x6e], "X25519"),
    (&[0x2b, 0x65, 0x6f], "X448"),
    (&[0x2b, 0x65, 0x70], "Ed25519"),
    (&[0x2b, 0x65, 0x71], "Ed448"),
];

/// What DER holds.
pub(in crate::secrets::structure) fn contents(raw: &[u8]) -> Contents {
    let mut reader = Reader(raw);
    match header(&mut reader) {
        // What follows is somebody else's: where a block has no last line, text behind it can look like base64.
        Some((SEQUENCE, length)) => match reader.take(length) {
            Some(content) => inner(content).unwrap_or(Contents::Other),
            None => Contents::CutOff,
        },
        _ => Contents::Other,
    }
}

/// Tag and length of an element.
fn header(reader: &mut Reader<'_>) -> Option<(u8, usize)> {
    let tag = reader.byte()?;
    let first = reader.byte()?;
    match first {
        0..=0x7f => Some((tag, usize::from(first))),
        0x81..=0x84 => Some((tag, reader.number(usize::from(first & 0x7f))?)),
        _ => None,
    }
}

fn element<'a>(reader: &mut Reader<'a>) -> Option<(u8, &'a [u8])> {
    let (tag, length) = header(reader)?;
    Some((tag, reader.take(length)?))
}

/// The elements of a sequence, if it is made of whole ones; twelve are more than any key has.
fn elements(content: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut reader = Reader(content);
    let mut found = Vec::new();
    while !reader.0.is_empty() && found.len() < 12 {
        found.push(element(&mut reader)?);
    }
    reader.0.is_empty().then_some(found)
}

fn inner(content: &[u8]) -> Option<Contents> {
    let all = elements(content)?;
    Some(match all.as_slice() {
        // RSAPrivateKey: version, n, e, d, p, q, dP, dQ, qInv.
        [version, modulus, rest @ ..]
            if rest.len() >= 7
                && is_version(*version)
                && all.iter().take(9).all(|part| part.0 == INTEGER) =>
        {
            Contents::Private(format!("an RSA key of {} bits", bits(modulus.1)).into())
        }
        // DSA: version, p, q, g, y, x.
        [version, prime, rest @ ..]
            if rest.len() == 4 && is_version(*version) && all.iter().all(|part| part.0 == INTEGER) =>
        {
            Contents::Private(format!("a DSA key of {} bits", bits(prime.1)).into())
        }
        // ECPrivateKey: version 1, the key, [0] the curve, [1] the public key.
        [(INTEGER, [1]), (OCTET_STRING, key), rest @ ..] if !key.is_empty() => {
            let curve = rest.iter().find(|part| part.0 == PARAMETERS).and_then(|part| oid(part.1));
            Contents::Private(elliptic(curve))
        }
        // PrivateKeyInfo: version, algorithm, the key, attributes.
        [version, (SEQUENCE, algorithm), (OCTET_STRING, key), ..] if is_version(*version) => {
            Contents::Private(pkcs8(algorithm, key))
        }
        // EncryptedPrivateKeyInfo: algorithm, the encrypted key.
        [(SEQUENCE, algorithm), (OCTET_STRING, key)] if !key.is_empty() => {
            oid(algorithm).map_or(Contents::Other, |_| Contents::Encrypted(Text::Borrowed("")))
        }
        // SubjectPublicKeyInfo, and a certificate.
        [(SEQUENCE, _), (BIT_STRING, _)] | [(SEQUENCE, _), (SEQUENCE, _), (BIT_STRING, _)] => {
            Contents::Public
        }
        _ => Contents::Other,
    })
}

fn is_version((tag, content): (u8, &[u8])) -> bool {
    tag == INTEGER && matches!(content, [0 | 1])
}

fn pkcs8(algorithm: &[u8], key: &[u8]) -> Text {
    match oid(algorithm).and_then(name) {
        Some("RSA" | "RSA-PSS") => match contents(key) {
            Contents::Private(what) => what,
            _ => Text::Borrowed("an RSA key"),
        },
        Some("EC") => {
            // The curve is the algorithm's parameter.
            let mut reader = Reader(algorithm);
            let curve = element(&mut reader).and_then(|_| oid(reader.0));
            elliptic(curve)
        }
        Some(name @ ("Ed25519" | "Ed448")) => format!("an {name} key").into(),
        Some(name @ "X25519" | name @ "X448") => format!("an {name} key").into(),
        Some(name) => format!("a {name} key").into(),
        None => Text::Borrowed("a key of an algorithm without a common name"),
    }
}

fn elliptic(curve: Option<&[u8]>) -> Text {
    match curve.and_then(name) {
        Some(curve) => format!("an EC key on {curve}").into(),
        None => Text::Borrowed("an EC key"),
    }
}

/// The object identifier that some content begins with.
fn oid(content: &[u8]) -> Option<&[u8]> {
    match element(&mut Reader(content))? {
        (OID, content) => Some(content),
        _ => None,
    }
}

fn name(oid: &[u8]) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| *known == oid).map(|(_, name)| *name)
}

/// How many bits a number has, without the zero byte that says it is not negative.
fn bits(number: &[u8]) -> usize {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
    let digits = number.get(start..).unwrap_or(&[]);
    let leading = digits.first().map_or(0, |byte| byte.leading_zeros() as usize);
    (digits.len() * 8).saturating_sub(leading)
}
