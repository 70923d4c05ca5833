//! Rule examples are templates, so that no token that looks live lies in a repository: `ghp_{base62:30}{crc32}`.

use super::specimen;
use data_encoding::{BASE64, BASE64URL_NOPAD};

pub(super) const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A template's text. Equal seeds give equal texts; different seeds different ones.
///
/// `{base62:N}`, `{hex:N}`, `{HEX:N}`, `{base64:N}`, `{base64url:N}`, `{base32:N}`, `{digits:N}`, `{lower:N}`, `{upper:N}`,
/// `{alnum:N}` (`a-z0-9`) and `{ALNUM:N}` (`A-Z0-9`) stand for N random characters; `{uuid}` for a random UUID; `{crc32}`
/// for the CRC-32 of the random text just before it, in six base-62 characters; `{jwt}` for a signed-looking JSON Web
/// Token; `{pem:LABEL}` for a PEM block; `{basic}` for `user:password` in base64.
///
/// For secrets with a proof in them: `{aws-key-id}` or `{aws-key-id:ASIA}`, `{gitlab:glpat-}`, `{grafana}`, `{macaroon:pypi.org}`,
/// `{base64-of:N}` (N random bytes), `{base64-json:N}` (an object with N random characters), `{gcp-service-account}`,
/// `{der-rsa}`, `{openssh}` or `{openssh:aes256-ctr}`, `{putty}`, `{pgp}` or `{pgp:locked}`, `{age}`, `{jwk}`, `{nkey:U}`,
/// `{slack-bot}`, `{telegram}`, `{discord}`, `{uuid:4}`, `{luhn:16}`, `{iban:DE}`. Any other braces stay as they are.
#[must_use]
pub fn expand(template: &str, seed: u64) -> String {
    let mut random = Random(seed ^ 0x6761_7465_706f_7374);
    let mut out = String::new();
    let mut previous = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let made = after
            .split_once('}')
            .and_then(|(name, tail)| Some((placeholder(name, &previous, &mut random)?, tail)));
        match made {
            Some((text, tail)) => {
                out.push_str(&text);
                previous = text;
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// CRC-32 (IEEE 802.3) of `bytes` in six base-62 characters, `0-9A-Za-z`, padded with `0`.
pub(super) fn crc32_base62(bytes: &[u8]) -> [u8; 6] {
    let mut value = crc32fast::hash(bytes);
    let mut out = [b'0'; 6];
    for slot in out.iter_mut().rev() {
        *slot = BASE62.as_bytes().get((value % 62) as usize).copied().unwrap_or(b'0');
        value /= 62;
    }
    out
}

fn placeholder(name: &str, previous: &str, random: &mut Random) -> Option<String> {
    match name {
        "uuid" => return Some(uuid('4', random)),
        "crc32" => return Some(crc32_base62(previous.as_bytes()).iter().copied().map(char::from).collect()),
        "jwt" => return Some(jwt(random)),
        "basic" => {
            let pair =
                format!("{}:{}", random.text("abcdefghijklmnopqrstuvwxyz", 6), random.text(BASE62, 14));
            return Some(BASE64.encode(pair.as_bytes()));
        }
        _ => {}
    }
    if let Some(made) = specimen::make(name, random) {
        return Some(made);
    }
    let (kind, argument) = name.split_once(':')?;
    let length: usize = argument.parse().ok().filter(|n| *n <= 1 << 16)?;
    let alphabet = match kind {
        "base62" => BASE62,
        "hex" => "0123456789abcdef",
        "HEX" => "0123456789ABCDEF",
        "base64" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "base64url" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        "base32" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "digits" => "0123456789",
        "lower" => "abcdefghijklmnopqrstuvwxyz",
        "upper" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "alnum" => "abcdefghijklmnopqrstuvwxyz0123456789",
        "ALNUM" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        _ => return None,
    };
    Some(random.text(alphabet, length))
}

pub(super) fn uuid(version: char, random: &mut Random) -> String {
    let hex = |random: &mut Random, n| random.text("0123456789abcdef", n);
    let variant = random.text("89ab", 1);
    let (a, b, c) = (hex(random, 8), hex(random, 4), hex(random, 3));
    format!("{a}-{b}-{version}{c}-{variant}{}-{}", hex(random, 3), hex(random, 12))
}

fn jwt(random: &mut Random) -> String {
    let header = BASE64URL_NOPAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let payload =
        format!(r#"{{"sub":"{}","iat":1{}}}"#, random.text(BASE62, 12), random.text("123456789", 9));
    let signature = BASE64URL_NOPAD.encode(&random.bytes(32));
    format!("{header}.{}.{signature}", BASE64URL_NOPAD.encode(payload.as_bytes()))
}

/// `SplitMix64` (Steele, Lea, Flood, 2014): small, and random enough to look random.
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(super) fn text(&mut self, alphabet: &str, length: usize) -> String {
        let letters = alphabet.as_bytes();
        let mut letter = || {
            let index = usize::try_from(self.next() % letters.len().max(1) as u64).unwrap_or(0);
            letters.get(index).copied().map_or('0', char::from)
        };
        (0..length).map(|_| letter()).collect()
    }

    pub(super) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_expand_and_other_braces_stay() {
        let text = expand("a {b} {hex:4} ${VAR} {{ x }} {", 1);
        assert!(text.starts_with("a {b} ") && text.ends_with(" ${VAR} {{ x }} {"), "{text}");
        assert_eq!(text.len(), "a {b} 0000 ${VAR} {{ x }} {".len());
        assert_eq!(expand("{base62:40}", 7), expand("{base62:40}", 7));
        assert_ne!(expand("{base62:40}", 7), expand("{base62:40}", 8));
        assert_eq!(expand("{uuid}", 3).len(), 36);
        let pem = expand("{pem:RSA PRIVATE KEY}", 3);
        assert!(
            pem.starts_with("-----BEGIN RSA PRIVATE KEY-----\n")
                && pem.ends_with("\n-----END RSA PRIVATE KEY-----")
        );
        assert_eq!(expand("{jwt}", 3).split('.').count(), 3);
    }

    #[test]
    fn the_checksum_is_the_documented_one() {
        // CRC-32 of "123456789" is CBF43926 (the check value of the standard).
        let value = 0xCBF4_3926_u32;
        let digits = crc32_base62(b"123456789");
        let back = digits
            .iter()
            .fold(0u64, |sum, d| sum * 62 + BASE62.bytes().position(|b| b == *d).unwrap() as u64);
        assert_eq!(back, u64::from(value));
        let text = expand("{base62:30}{crc32}", 5);
        let (body, sum) = text.split_at(30);
        assert_eq!(crc32_base62(body.as_bytes()), sum.as_bytes());
    }
}
