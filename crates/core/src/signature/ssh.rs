//! What an SSH signature says of itself, and the fingerprints of SSH keys.
//!
//! Source: `PROTOCOL.sshsig` of OpenSSH. The signature itself is not checked here.

use data_encoding::{BASE64, BASE64_NOPAD};
use sha2::{Digest, Sha256};

/// The namespace in which Git signs.
pub const GIT_NAMESPACE: &str = "git";

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
const MAGIC: &[u8] = b"SSHSIG";
const VERSION: u32 = 1;
/// How long the lines of an armour are that `ssh-keygen` writes.
const LINE: usize = 70;

/// An SSH signature, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SshSignature {
    /// The key that made it, or its certificate, as SSH writes keys.
    pub key: Vec<u8>,
    /// What it was made for.
    pub namespace: Vec<u8>,
    blob: Vec<u8>,
}

impl SshSignature {
    /// Takes an armoured signature apart; `None` when it is none.
    #[must_use]
    pub fn parse(armour: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(armour).ok()?;
        let (inside, after) = text.strip_prefix(BEGIN)?.split_once(END)?;
        if !after.trim().is_empty() {
            return None;
        }
        let encoded: String = inside.split_ascii_whitespace().collect();
        let blob = BASE64.decode(encoded.as_bytes()).ok()?;
        let mut rest = blob.strip_prefix(MAGIC)?;
        if take_number(&mut rest)? != VERSION {
            return None;
        }
        let key = take_string(&mut rest)?.to_vec();
        let namespace = take_string(&mut rest)?.to_vec();
        let _reserved = take_string(&mut rest)?;
        let _hash = take_string(&mut rest)?;
        let _signature = take_string(&mut rest)?;
        (rest.is_empty() && key_type(&key).is_some()).then_some(Self { key, namespace, blob })
    }

    /// Whether a certificate made it.
    #[must_use]
    pub fn is_by_certificate(&self) -> bool {
        key_type(&self.key).is_some_and(|name| name.contains("-cert-v"))
    }

    /// The fingerprint of its key.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        ssh_fingerprint(&self.key)
    }

    /// The key as a line of `authorized_keys` has it: its type and its base64.
    #[must_use]
    pub fn key_line(&self) -> String {
        format!("{} {}", key_type(&self.key).unwrap_or_default(), BASE64.encode(&self.key))
    }

    /// It in a fresh armour: what others read in it is what was read here.
    #[must_use]
    pub fn armoured(&self) -> String {
        let encoded = BASE64.encode(&self.blob);
        let mut text = format!("{BEGIN}\n");
        for line in encoded.as_bytes().chunks(LINE) {
            text.push_str(&String::from_utf8_lossy(line));
            text.push('\n');
        }
        text + END + "\n"
    }
}

/// `SHA256:…` of a key, as `ssh-keygen -l` shows it.
#[must_use]
pub fn ssh_fingerprint(key: &[u8]) -> String {
    format!("SHA256:{}", BASE64_NOPAD.encode(&Sha256::digest(key)))
}

/// The key of `TYPE BASE64`; else what is wrong with it.
pub(super) fn public_key(kind: &str, encoded: &str) -> Result<Vec<u8>, String> {
    let key = BASE64.decode(encoded.as_bytes()).map_err(|_| "the key is cut off, or no base64".to_owned())?;
    match key_type(&key) {
        Some(found) if found == kind => Ok(key),
        Some(found) => {
            Err(format!("the key says that it is {}, not {}", found.escape_debug(), kind.escape_debug()))
        }
        None => Err("the key is cut off, or no SSH public key".to_owned()),
    }
}

/// The type that a key begins with.
fn key_type(key: &[u8]) -> Option<&str> {
    let mut rest = key;
    let name = std::str::from_utf8(take_string(&mut rest)?).ok()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-@._".contains(c);
    (!rest.is_empty() && !name.is_empty() && name.chars().all(plain)).then_some(name)
}

fn take_number(rest: &mut &[u8]) -> Option<u32> {
    let (number, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    Some(u32::from_be_bytes(*number))
}

fn take_string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_number(rest)?).ok()?;
    let (string, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(string)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    fn string(bytes: &[u8]) -> Vec<u8> {
        let mut out = u32::try_from(bytes.len()).unwrap().to_be_bytes().to_vec();
        out.extend_from_slice(bytes);
        out
    }

    pub(in super::super) fn key(kind: &str, seed: u8) -> Vec<u8> {
        [string(kind.as_bytes()), string(&[seed; 32])].concat()
    }

    fn signature(key: &[u8], namespace: &[u8]) -> Vec<u8> {
        let parts = [string(key), string(namespace), string(b""), string(b"sha512"), string(b"signature")];
        [MAGIC.to_vec(), VERSION.to_be_bytes().to_vec(), parts.concat()].concat()
    }

    fn armour(blob: &[u8]) -> String {
        format!("{BEGIN}\n{}\n{END}\n", BASE64.encode(blob))
    }

    #[test]
    fn a_signature_says_whose_it_is_and_what_for() {
        let key = key("ssh-ed25519", 7);
        let parsed = SshSignature::parse(armour(&signature(&key, b"file")).as_bytes()).unwrap();
        assert_eq!((&parsed.key, parsed.namespace.as_slice()), (&key, b"file".as_slice()));
        assert!(parsed.fingerprint().starts_with("SHA256:") && !parsed.is_by_certificate());
        assert_eq!(SshSignature::parse(parsed.armoured().as_bytes()), Some(parsed.clone()));
        assert_eq!(public_key("ssh-ed25519", parsed.key_line().split_once(' ').unwrap().1), Ok(key.clone()));
        assert!(public_key("ssh-rsa", &BASE64.encode(&key)).unwrap_err().contains("ssh-ed25519"));
    }

    #[test]
    fn what_is_cut_off_or_goes_on_is_none() {
        let blob = signature(&key("ssh-ed25519", 7), b"git");
        for length in 0..blob.len() {
            assert_eq!(SshSignature::parse(armour(&blob[..length]).as_bytes()), None, "{length}");
        }
        assert_eq!(SshSignature::parse(armour(&[blob.as_slice(), b"x"].concat()).as_bytes()), None);
        let whole = armour(&blob);
        assert_eq!(SshSignature::parse(format!("{whole}more\n").as_bytes()), None);
        assert_eq!(SshSignature::parse(format!("{whole}{whole}").as_bytes()), None);
    }

    proptest! {
        #[test]
        fn anything_can_be_looked_at(blob in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = SshSignature::parse(&blob);
            let _ = SshSignature::parse(armour(&[MAGIC, &VERSION.to_be_bytes(), &blob].concat()).as_bytes());
        }
    }
}
