//! Ed25519 keys, as OpenSSL and OpenSSH write them.

use data_encoding::{BASE64, BASE64_NOPAD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// What begins an Ed25519 key in PKCS#8 (RFC 8410), behind the length of the whole and the version.
const PKCS8: &[u8] = &[0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// What begins a public one (RFC 8410).
const SPKI: &[u8] = &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

const SSH: &str = "ssh-ed25519";

/// What signs. It does not show itself.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

/// What tells whether it did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicKey(VerifyingKey);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public().id())
    }
}

impl SecretKey {
    /// A key as `openssl genpkey -algorithm ed25519` writes it, or `ssh-keygen -t ed25519`.
    ///
    /// # Errors
    ///
    /// What it is instead, without a byte of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let seed = match block(text)? {
            ("PRIVATE KEY", der) => pkcs8(&der).ok_or("it is no Ed25519 key in PKCS#8")?,
            ("OPENSSH PRIVATE KEY", blob) => openssh(&blob)?,
            ("ENCRYPTED PRIVATE KEY", _) => return Err(ENCRYPTED.to_owned()),
            (other, _) => return Err(format!("it is a {}, and no Ed25519 private key", shown(other))),
        };
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// The key that verifies.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    #[cfg(test)]
    pub(crate) fn of_seed(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
    }
}

const ENCRYPTED: &str = "it is encrypted, and nobody is there to be asked for its passphrase";

impl PublicKey {
    /// A key as `openssl pkey -pubout` writes it, or a line of `ssh-keygen` (`ssh-ed25519 AAAA…`).
    ///
    /// # Errors
    ///
    /// What it is instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        const NO_KEY: &str = "it is no Ed25519 public key";
        let raw = if text.trim_start().starts_with(SSH) {
            let blob = text.split_whitespace().nth(1).and_then(|word| BASE64.decode(word.as_bytes()).ok());
            let blob = blob.ok_or(NO_KEY)?;
            let mut rest = blob.as_slice();
            let kind = string(&mut rest).ok_or(NO_KEY)?;
            let key = string(&mut rest).filter(|_| kind == SSH.as_bytes()).ok_or(NO_KEY)?;
            key.to_vec()
        } else {
            match block(text)? {
                ("PUBLIC KEY", der) => der.strip_prefix(SPKI).ok_or(NO_KEY)?.to_vec(),
                (other, _) if other.ends_with("PRIVATE KEY") => {
                    return Err("it is a private key: records are verified with the public one".to_owned());
                }
                (other, _) => return Err(format!("it is a {}, and no Ed25519 public key", shown(other))),
            }
        };
        let raw: [u8; 32] = raw.try_into().map_err(|_| NO_KEY)?;
        VerifyingKey::from_bytes(&raw).map(Self).map_err(|_| NO_KEY.to_owned())
    }

    /// Its fingerprint, as `ssh-keygen -l` prints it: `SHA256:…`.
    #[must_use]
    pub fn id(&self) -> String {
        let mut blob = Vec::new();
        for part in [SSH.as_bytes(), self.0.as_bytes()] {
            blob.extend(u32::try_from(part.len()).unwrap_or_default().to_be_bytes());
            blob.extend(part);
        }
        format!("SHA256:{}", BASE64_NOPAD.encode(&Sha256::digest(&blob)))
    }

    /// Whether `signature` is this key's over `message`. Weak keys and signatures in a second form are refused.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|one| self.0.verify_strict(message, &one).is_ok())
    }
}

/// The label and the bytes of a PEM block (RFC 7468).
fn block(text: &str) -> Result<(&str, Vec<u8>), String> {
    const NO_KEY: &str = "it is no key: it has no block of PEM";
    let (_, rest) = text.split_once("-----BEGIN ").ok_or(NO_KEY)?;
    let (label, rest) = rest.split_once("-----").ok_or(NO_KEY)?;
    let (body, _) = rest.split_once("-----END ").ok_or(NO_KEY)?;
    let body: String = body.split_whitespace().collect();
    let bytes = BASE64.decode(body.as_bytes()).map_err(|_| "its block of PEM is no base64")?;
    Ok((label, bytes))
}

/// A label of somebody's file, as far as it may be shown.
fn shown(label: &str) -> String {
    label.chars().filter(|c| c.is_ascii_uppercase() || *c == ' ').take(40).collect()
}

/// The seed in `PrivateKeyInfo` of either version; what stands behind it is not needed.
fn pkcs8(der: &[u8]) -> Option<[u8; 32]> {
    let [0x30, _, 0x02, 0x01, 0x00 | 0x01, rest @ ..] = der else { return None };
    rest.strip_prefix(PKCS8)?.first_chunk().copied()
}

/// The seed in OpenSSH's own form (PROTOCOL.key).
fn openssh(blob: &[u8]) -> Result<[u8; 32], String> {
    const NO_KEY: &str = "it is no Ed25519 key of OpenSSH";
    let mut rest = blob.strip_prefix(b"openssh-key-v1\0").ok_or(NO_KEY)?;
    let cipher = string(&mut rest).ok_or(NO_KEY)?;
    if cipher != b"none" {
        return Err(ENCRYPTED.to_owned());
    }
    let seed = (|| {
        let (_kdf, _options) = (string(&mut rest)?, string(&mut rest)?);
        let (1, mut rest) = number(rest)? else { return None };
        let (_public, mut secret) = (string(&mut rest)?, string(&mut rest)?);
        let (_check, after) = number(secret)?;
        secret = number(after)?.1;
        let kind = string(&mut secret)?;
        let _public = string(&mut secret)?;
        string(&mut secret)?.first_chunk().copied().filter(|_| kind == SSH.as_bytes())
    })();
    seed.ok_or_else(|| NO_KEY.to_owned())
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    Some((u32::from_be_bytes(*length), rest))
}

/// The next string, which has its length before it (RFC 4251).
fn string<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, rest) = number(bytes)?;
    let (string, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *bytes = rest;
    Some(string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pem(label: &str, der: &[u8]) -> String {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", BASE64.encode(der))
    }

    /// A key in PKCS#8, made here so that none stands in the repository.
    fn private(seed: u8) -> String {
        pem("PRIVATE KEY", &[&[0x30, 0x2e, 0x02, 0x01, 0x00], PKCS8, &[seed; 32]].concat())
    }

    #[test]
    fn a_key_and_its_other_half() {
        let key = SecretKey::parse(&private(9)).unwrap();
        let public = key.public();
        let spki = pem("PUBLIC KEY", &[SPKI, public.0.as_bytes()].concat());
        assert_eq!(PublicKey::parse(&spki).unwrap(), public);
        let mut blob = Vec::new();
        for part in [SSH.as_bytes(), public.0.as_bytes()] {
            blob.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
            blob.extend(part);
        }
        let line = format!("ssh-ed25519 {} someone@example.com\n", BASE64.encode(&blob));
        assert_eq!(PublicKey::parse(&line).unwrap(), public);
        assert!(public.verifies(b"x", &key.sign(b"x")));
        assert!(!public.verifies(b"y", &key.sign(b"x")));
        assert!(!public.verifies(b"x", b"short"));
        assert!(!format!("{key:?}").contains("09"), "{key:?}");
    }

    #[test]
    fn what_is_no_key_is_told() {
        let secret = |text: &str| SecretKey::parse(text).unwrap_err();
        assert!(secret("nothing").contains("no block of PEM"));
        assert!(secret(&pem("ENCRYPTED PRIVATE KEY", b"x")).contains("encrypted"));
        assert!(secret(&pem("RSA PRIVATE KEY", b"x")).contains("RSA PRIVATE KEY"));
        assert!(secret(&pem("PRIVATE KEY", b"x")).contains("no Ed25519 key"));
        let sealed = [b"openssh-key-v1\0".as_slice(), &[0, 0, 0, 3], b"aes"].concat();
        assert!(secret(&pem("OPENSSH PRIVATE KEY", &sealed)).contains("encrypted"));
        assert!(PublicKey::parse(&private(1)).unwrap_err().contains("private key"));
        assert!(PublicKey::parse("ssh-ed25519 AAAA").unwrap_err().contains("no Ed25519 public key"));
    }

    proptest! {
        #[test]
        fn nothing_that_is_read_makes_it_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for label in ["PRIVATE KEY", "OPENSSH PRIVATE KEY", "PUBLIC KEY"] {
                let _ = SecretKey::parse(&pem(label, &bytes));
                let _ = PublicKey::parse(&pem(label, &bytes));
            }
            let whole = [b"openssh-key-v1\0".as_slice(), &bytes].concat();
            prop_assert!(SecretKey::parse(&pem("OPENSSH PRIVATE KEY", &whole)).is_err());
        }
    }
}
