//! PEM blocks (RFC 7468) and their older encrypted form (RFC 1421), and OpenSSH's own container.
//!
//! Source for the latter: `PROTOCOL.key` of OpenSSH.

use super::Verdict;
use data_encoding::BASE64;
use memchr::memmem::find;

pub(super) fn check(secret: &[u8]) -> Verdict {
    let Some(label) = label(secret) else { return Verdict::Fails("the block has no label") };
    if find(label, b"PRIVATE KEY").is_none() {
        return Verdict::NoSecret;
    }
    let body = body(secret);
    let encrypted = "it is encrypted: a thief needs its pass phrase too";
    if find(label, b"ENCRYPTED").is_some() || find(secret, b"Proc-Type: 4,ENCRYPTED").is_some() {
        return Verdict::Weaker(encrypted);
    }
    let head_len = (body.len() / 4 * 4).min(64);
    let Some(head) = body.get(..head_len).filter(|h| h.len() >= 40).and_then(|h| BASE64.decode(h).ok())
    else {
        return Verdict::Fails("the block's body is not base64, or is too short for a key");
    };
    if let Some(rest) = head.strip_prefix(b"openssh-key-v1\0\0\0\0") {
        // A length byte and the cipher's name; `none` is four bytes.
        return if rest.starts_with(b"\x04none") { holds() } else { Verdict::Weaker(encrypted) };
    }
    if body.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')) {
        holds()
    } else {
        Verdict::Fails("the block's body is not base64 throughout")
    }
}

const fn holds() -> Verdict {
    Verdict::Holds("it is a private key in full, without a pass phrase")
}

fn label(secret: &[u8]) -> Option<&[u8]> {
    let start = find(secret, b"-----BEGIN ")? + b"-----BEGIN ".len();
    let rest = secret.get(start..)?;
    rest.get(..find(rest, b"-----")?)
}

/// The base64 between the lines of dashes, without what strings in source code put around it: quotes, line ends that
/// are written `\n`, `+` and `.` that join strings at a line's end.
fn body(secret: &[u8]) -> Vec<u8> {
    let inner = find(secret, b"-----BEGIN ").and_then(|begin| {
        let rest = secret.get(begin + 11..)?;
        let rest = rest.get(find(rest, b"-----")? + 5..)?;
        rest.get(..find(rest, b"-----END").unwrap_or(rest.len()))
    });
    let mut out = Vec::new();
    for line in inner.unwrap_or(&[]).split(|b| matches!(b, b'\n' | b'\r')) {
        for piece in split_escapes(line) {
            // `Name: value` and `Name=value` headers are not part of the body.
            if memchr::memchr(b':', piece).is_none() {
                let piece = piece.trim_ascii();
                let quoted = memchr::memchr2(b'"', b'\'', piece).is_some();
                let skip = |b: &u8| {
                    b.is_ascii_whitespace()
                        || matches!(b, b'"' | b'\'' | b',' | b';' | b'\\')
                        || (quoted && *b == b'.')
                };
                let piece: Vec<u8> = piece.iter().copied().filter(|b| !skip(b)).collect();
                let joined = if quoted { piece.strip_suffix(b"+").unwrap_or(&piece) } else { &piece };
                out.extend_from_slice(joined);
            }
        }
    }
    out
}

/// Splits at a written-out `\n` or `\r`.
fn split_escapes(line: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = line;
    let escape = |bytes: &[u8]| {
        memchr::memchr_iter(b'\\', bytes).find(|at| matches!(bytes.get(at + 1), Some(b'n' | b'r')))
    };
    while let Some(at) = escape(rest) {
        pieces.push(rest.get(..at).unwrap_or(&[]));
        rest = rest.get(at + 2..).unwrap_or(&[]);
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::template::expand;

    #[test]
    fn keys_are_told_from_certificates_and_encrypted_keys() {
        let block = |label: &str| expand(&format!("{{pem:{label}}}"), 11);
        let rsa = block("RSA PRIVATE KEY");
        assert!(matches!(check(rsa.as_bytes()), Verdict::Holds(_)));
        assert!(matches!(check(rsa.replace('\n', "\\n").as_bytes()), Verdict::Holds(_)));
        assert!(matches!(check(rsa.replace('\n', "\\n\" +\n  \"").as_bytes()), Verdict::Holds(_)));
        assert!(matches!(check(block("ENCRYPTED PRIVATE KEY").as_bytes()), Verdict::Weaker(_)));
        assert_eq!(check(block("CERTIFICATE").as_bytes()), Verdict::NoSecret);
        assert_eq!(check(block("PUBLIC KEY").as_bytes()), Verdict::NoSecret);
        let old = rsa.replacen("-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", 1);
        assert!(matches!(check(old.as_bytes()), Verdict::Weaker(_)));
        let shortened = "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----";
        assert!(matches!(check(shortened.as_bytes()), Verdict::Fails(_)));
    }

    #[test]
    fn openssh_names_its_cipher() {
        let key = |cipher: &str| {
            let mut raw = b"openssh-key-v1\0\0\0\0".to_vec();
            raw.push(u8::try_from(cipher.len()).unwrap());
            raw.extend_from_slice(cipher.as_bytes());
            raw.resize(200, 7);
            let (begin, end) = ("-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----");
            format!("{begin}\n{}\n{end}", BASE64.encode(&raw))
        };
        assert!(matches!(check(key("none").as_bytes()), Verdict::Holds(_)));
        assert!(matches!(check(key("aes256-ctr").as_bytes()), Verdict::Weaker(_)));
    }
}
