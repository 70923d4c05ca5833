//! Fingerprints: the identity of a finding across runs, clones, renames and rebases.
//!
//! A fingerprint stands in baselines and exception files that anybody may read, so it must not be a way
//! to look a secret up. The attack considered: somebody who has the baseline and a dictionary of likely
//! passwords hashes each of them and compares. Against a value with 80 bits of structure or more (a random
//! token) that is hopeless, and such a value is hashed itself: the fingerprint then survives every edit
//! around it. A weaker value (a password) is **never** hashed: its fingerprint is made of the
//! rule, of the key it is assigned to and of the text around it with the value cut out.

use data_encoding::Encoding;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::LazyLock;

/// `gp1:` and 16 base-32 characters (80 bits of SHA-256).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Fingerprint(String);

static BASE32: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut spec = data_encoding::Specification::new();
    spec.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    spec.encoding().ok()
});

impl Fingerprint {
    /// The fingerprint of a value that is too strong to be guessed (80 bits or more by its rule's structure).
    /// `family` names the kind of credential, so that two rules for one kind agree.
    #[must_use]
    pub fn of_value(family: &str, value: &[u8]) -> Self {
        Self::digest(&[b"value", family.as_bytes(), value])
    }

    /// The fingerprint of a place, for values that could be guessed and for findings that have no value: of
    /// the rule, a key (the variable's name, the path, the ref) and the text around the value, **with the value
    /// cut out**. White space is folded, so that reformatting does not change it.
    #[must_use]
    pub fn of_place(rule: &str, key: &[u8], surroundings: &[u8]) -> Self {
        let folded: Vec<u8> = surroundings.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
        Self::digest(&[b"place", rule.as_bytes(), key, &folded])
    }

    /// A fingerprint from its text form; `None` when it is not `gp1:` and 16 base-32 characters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let body = text.strip_prefix("gp1:")?;
        let valid = body.len() == 16 && body.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
        valid.then(|| Self(text.to_owned()))
    }

    /// The text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn digest(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // Lengths keep ("ab", "c") and ("a", "bc") apart.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let digest = hash.finalize();
        let head = digest.get(..10).unwrap_or(&[]);
        let body = BASE32.as_ref().map(|b| b.encode(head)).unwrap_or_default();
        Self(format!("gp1:{body}"))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_short_stable_and_parse_back() {
        let print = Fingerprint::of_value("github", b"value");
        assert_eq!(print.as_str().len(), 20);
        assert_eq!(Fingerprint::parse(print.as_str()), Some(print.clone()));
        assert_ne!(print, Fingerprint::of_value("gitlab", b"value"));
        assert_ne!(Fingerprint::of_place("r", b"ab", b"c"), Fingerprint::of_place("r", b"a", b"bc"));
        assert_eq!(
            Fingerprint::of_place("r", b"k", b"a = \n\t\"\""),
            Fingerprint::of_place("r", b"k", b"a=\"\"")
        );
        for bad in ["", "gp1:", "gp2:aaaaaaaaaaaaaaaa", "gp1:AAAAAAAAAAAAAAAA", "gp1:aaaaaaaaaaaaaaa1"] {
            assert!(Fingerprint::parse(bad).is_none(), "{bad}");
        }
    }
}
