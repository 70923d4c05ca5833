//! Keys whose signatures no longer count, whenever they were made.

use super::ssh::{public_key, ssh_fingerprint};
use data_encoding::BASE64_NOPAD;
use std::collections::BTreeSet;

/// How a key revocation list of OpenSSH begins (`PROTOCOL.krl`).
const KRL_MAGIC: &[u8] = b"SSHKRL\n\0";

/// The keys that a policy revokes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Revoked {
    /// SSH keys, by `SHA256:…`.
    ssh: BTreeSet<String>,
    /// OpenPGP keys, by their fingerprints in upper case.
    openpgp: BTreeSet<String>,
    /// Key revocation lists of OpenSSH.
    lists: Vec<Vec<u8>>,
}

impl Revoked {
    /// Adds a key: an SSH public key, its `SHA256:` fingerprint, or the fingerprint of an OpenPGP key.
    ///
    /// # Errors
    ///
    /// What is wrong, in words.
    pub fn add(&mut self, key: &str) -> Result<(), String> {
        let key = key.trim();
        if let Some(hash) = key.strip_prefix("SHA256:") {
            let hash = hash.trim_end_matches('=');
            if BASE64_NOPAD.decode(hash.as_bytes()).is_ok_and(|hash| hash.len() == 32) {
                self.ssh.insert(format!("SHA256:{hash}"));
                return Ok(());
            }
            return Err(
                "the SHA256 fingerprint is cut off: copy it from `ssh-keygen -l -f KEY.pub`".to_owned()
            );
        }
        let digits: String = key.trim_start_matches("0x").chars().filter(|c| !c.is_whitespace()).collect();
        if matches!(digits.len(), 40 | 64) && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            self.openpgp.insert(digits.to_ascii_uppercase());
            return Ok(());
        }
        let mut words = key.split_ascii_whitespace();
        match (words.next(), words.next()) {
            (Some(kind), Some(encoded)) => {
                self.ssh.insert(ssh_fingerprint(&public_key(kind, encoded)?));
                Ok(())
            }
            _ => Err("it is neither an SSH public key (`ssh-ed25519 AAAA…`), nor its `SHA256:` fingerprint, nor the \
                      40 digits of an OpenPGP fingerprint"
                .to_owned()),
        }
    }

    /// Adds a file: a key revocation list of OpenSSH, or a key a line.
    ///
    /// # Errors
    ///
    /// The first line that is no key.
    pub fn add_file(&mut self, bytes: &[u8]) -> Result<(), String> {
        if bytes.starts_with(KRL_MAGIC) {
            self.lists.push(bytes.to_vec());
            return Ok(());
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|_| "it is neither text nor a key revocation list of OpenSSH".to_owned())?;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                self.add(line).map_err(|why| format!("line {}: {why}", index.saturating_add(1)))?;
            }
        }
        Ok(())
    }

    /// Whether there is any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ssh.is_empty() && self.openpgp.is_empty() && self.lists.is_empty()
    }

    /// The fingerprints of SSH keys.
    pub fn ssh(&self) -> impl Iterator<Item = &str> {
        self.ssh.iter().map(String::as_str)
    }

    /// The fingerprints of all keys that are named.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.ssh.iter().chain(&self.openpgp).map(String::as_str)
    }

    /// Whether an SSH key is named. What lists say is for `ssh-keygen`.
    #[must_use]
    pub fn has_ssh(&self, fingerprint: &str) -> bool {
        self.ssh.contains(fingerprint)
    }

    /// Whether an OpenPGP key is named.
    #[must_use]
    pub fn has_openpgp(&self, fingerprint: &str) -> bool {
        self.openpgp.contains(&fingerprint.to_ascii_uppercase())
    }

    /// The key revocation lists of OpenSSH.
    #[must_use]
    pub fn lists(&self) -> &[Vec<u8>] {
        &self.lists
    }
}

#[cfg(test)]
mod tests {
    use super::super::ssh::tests::key;
    use super::*;
    use data_encoding::BASE64;

    #[test]
    fn keys_can_be_named_in_every_way_that_people_have_them() {
        let key = key("ssh-ed25519", 9);
        let fingerprint = ssh_fingerprint(&key);
        let mut revoked = Revoked::default();
        let line = format!("ssh-ed25519 {} dev@example.com", BASE64.encode(&key));
        revoked.add_file(format!("# left\n\n{line}\nAB{} \n", "12 ".repeat(19)).as_bytes()).unwrap();
        assert!(revoked.has_ssh(&fingerprint) && revoked.has_openpgp(&format!("ab{}", "12".repeat(19))));
        let mut by_fingerprint = Revoked::default();
        by_fingerprint.add(&fingerprint).unwrap();
        assert!(by_fingerprint.has_ssh(&fingerprint) && !by_fingerprint.is_empty());
        by_fingerprint.add_file(b"SSHKRL\n\0rest").unwrap();
        assert_eq!(by_fingerprint.lists().len(), 1);
    }

    #[test]
    fn what_is_no_key_revokes_nothing_in_silence() {
        for text in ["SHA256:abc", "dev@example.com", "ssh-ed25519 AAAA", "1234ABCD"] {
            assert!(Revoked::default().add(text).is_err(), "{text}");
        }
        let wrong = Revoked::default().add_file(b"# x\nnobody\n").unwrap_err();
        assert!(wrong.starts_with("line 2: "), "{wrong}");
        assert!(Revoked::default().add_file(b"\xff\xfe").is_err());
    }
}
