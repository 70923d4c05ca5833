//! Whose signatures count: what a policy and the files that it names say of keys.

use super::{AllowedSigner, Revoked, allowed_signers};
use serde::Deserialize;

/// When a key must have been valid.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum At {
    /// When the object says that it was made, as Git has it.
    #[default]
    Commit,
    /// Then, and still now: who signs can write any date into a commit.
    Now,
}

/// What a file that a policy names is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TrustFileKind {
    /// Allowed signers of `ssh-keygen`.
    AllowedSigners,
    /// Keys that are revoked, or a key revocation list of OpenSSH.
    RevokedKeys,
    /// OpenPGP public keys.
    OpenPgpKeys,
}

impl TrustFileKind {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::AllowedSigners, Self::RevokedKeys, Self::OpenPgpKeys];

    /// The key of the policy that names such files.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::AllowedSigners => "signatures.allowed-signers-files",
            Self::RevokedKeys => "signatures.revoked-keys-files",
            Self::OpenPgpKeys => "signatures.openpgp-keys-files",
        }
    }
}

/// A file that a policy names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrustFile {
    /// What it is.
    pub kind: TrustFileKind,
    /// What it is called.
    pub name: String,
    /// What stands in it.
    pub bytes: Vec<u8>,
}

/// Whose signatures count.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trust {
    allowed: Vec<AllowedSigner>,
    revoked: Revoked,
    openpgp: Vec<Vec<u8>>,
    /// When a key must have been valid.
    pub at: At,
}

impl Trust {
    /// Adds lines of allowed signers.
    ///
    /// # Errors
    ///
    /// The first line that is none.
    pub fn add_allowed_signers(&mut self, text: &str) -> Result<(), String> {
        self.allowed.extend(allowed_signers(text).map_err(|wrong| wrong.to_string())?);
        Ok(())
    }

    /// Revokes a key: an SSH public key or its `SHA256:` fingerprint, or the fingerprint of an OpenPGP key.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn revoke(&mut self, key: &str) -> Result<(), String> {
        self.revoked.add(key)
    }

    /// Adds OpenPGP public keys, in their armour or without.
    ///
    /// # Errors
    ///
    /// When they are something else.
    pub fn add_openpgp_keys(&mut self, keys: &[u8]) -> Result<(), String> {
        let has = |words: &str| keys.windows(words.len()).any(|window| window == words.as_bytes());
        if has("-----BEGIN PGP PRIVATE KEY BLOCK-----") {
            return Err("it is a private key, which nobody else may have: export the public one, \
                        `gpg --armor --export KEY`"
                .to_owned());
        }
        // The first octet of a packet has its highest bit set (RFC 9580, 4.2).
        let is_packet = keys.first().is_some_and(|first| *first >= 0x80);
        if !is_packet && !has("-----BEGIN PGP PUBLIC KEY BLOCK-----") {
            return Err("it is no OpenPGP public key: export it with `gpg --armor --export KEY`".to_owned());
        }
        self.openpgp.push(keys.to_vec());
        Ok(())
    }

    /// Adds a file.
    ///
    /// # Errors
    ///
    /// What is wrong in it.
    pub fn add_file(&mut self, file: &TrustFile) -> Result<(), String> {
        match file.kind {
            TrustFileKind::AllowedSigners => {
                let text = std::str::from_utf8(&file.bytes).map_err(|_| "it is no UTF-8 text".to_owned())?;
                self.add_allowed_signers(text)
            }
            TrustFileKind::RevokedKeys => self.revoked.add_file(&file.bytes),
            TrustFileKind::OpenPgpKeys => self.add_openpgp_keys(&file.bytes),
        }
    }

    /// The allowed signers.
    #[must_use]
    pub fn allowed(&self) -> &[AllowedSigner] {
        &self.allowed
    }

    /// The keys that are revoked.
    #[must_use]
    pub const fn revoked(&self) -> &Revoked {
        &self.revoked
    }

    /// OpenPGP public keys.
    #[must_use]
    pub fn openpgp(&self) -> &[Vec<u8>] {
        &self.openpgp
    }

    /// Whether it names any key that could be trusted.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        !self.allowed.is_empty() || !self.openpgp.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_is_no_public_one() {
        let mut trust = Trust::default();
        let private = "-----BEGIN PGP PRIVATE ".to_owned() + "KEY BLOCK-----\n";
        assert!(trust.add_openpgp_keys(private.as_bytes()).unwrap_err().contains("private"));
        assert!(trust.add_openpgp_keys(b"nothing").is_err() && trust.add_openpgp_keys(b"").is_err());
        trust.add_openpgp_keys(b"\x98\x33").unwrap();
        assert!(trust.has_keys());
    }
}
