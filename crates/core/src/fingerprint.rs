//! Fingerprints: the identity of a finding across runs, clones, renames and rebases.
//!
//! A fingerprint stands in baselines, exception files and reports that anybody may read, so it must not be a way to look a
//! secret up. The attack considered: somebody who has it and a dictionary of likely passwords hashes each of them and
//! compares. There are three ways, and which one is taken depends on the value alone and on whether there is a key:
//!
//! - **A strong value** (80 bits or more by its rule's structure, a random token) is hashed itself
//!   ([`Fingerprint::of_value`]): no dictionary has it. Without a key, so that one exception holds in every repository.
//! - **A weak value with a key** ([`FingerprintKey`]): HMAC-SHA256 of the value ([`Fingerprint::of_keyed_value`]). The
//!   value alone decides, so the fingerprint survives every edit around it. Who has the key can try a dictionary:
//!   where the fingerprints are more public than the repository may be, the key is kept outside it.
//! - **A weak value without a key** is never hashed: its fingerprint is made of the rule, of the name it is assigned
//!   to and of the text around it with the value cut out ([`Fingerprint::of_place`]). All values have the same
//!   fingerprint in the same place, so nothing can be learned, and whoever excepts one excepts all that follow it there.
//!
//! Considered and not done:
//!
//! - *A slow hash* (Argon2, PBKDF2) without a key: a tenth of a second a guess is a day for a million passwords, once,
//!   for whoever wants to know; and it is a tenth of a second for every finding of every hook.
//! - *A salt in the baseline*: it stops tables that were made beforehand, not a dictionary that is hashed afterwards.
//! - *A few bits of the value* mixed into the place, to tell two passwords apart: eight bits leave 4,000 of a million
//!   candidates, and of the hundred commonest passwords, most often none or one. A password that is found at the top of
//!   every dictionary would be named.
//! - *A key made of the repository* (the root commit's id): it is as public as the repository.
//!
//! What is left: text around a value that no rule knows to be secret is hashed as it is when there is no key. And 80
//! bits of a hash collide by accident less than once in a million among a million fingerprints; to hit a given one takes
//! 2^80 tries, to make two values that share one 2^40, by somebody who may choose both.

mod key;

pub use key::{FingerprintKey, KeyError};

use data_encoding::Encoding;
use hmac::Mac;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::LazyLock;

/// `gp1:` and 16 base-32 characters (80 bits of SHA-256).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Fingerprint(String);

/// The digits of RFC 4648's base 32, in lower case.
const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz234567";

static BASE32: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut spec = data_encoding::Specification::new();
    spec.symbols.push_str(ALPHABET);
    spec.encoding().ok()
});

fn base32(bytes: &[u8]) -> String {
    BASE32.as_ref().map(|encoding| encoding.encode(bytes)).unwrap_or_default()
}

impl Fingerprint {
    /// The fingerprint of a value that is too strong to be guessed (80 bits or more by its rule's structure).
    /// `family` names the kind of credential, so that two rules for one kind agree.
    #[must_use]
    pub fn of_value(family: &str, value: &[u8]) -> Self {
        Self::digest(&[b"value", family.as_bytes(), value])
    }

    /// The fingerprint of a value that could be guessed, made with a key that the guesser does not have. `family` as in
    /// [`Fingerprint::of_value`].
    #[must_use]
    pub fn of_keyed_value(key: &FingerprintKey, family: &str, value: &[u8]) -> Self {
        let mut mac = key.0.clone();
        feed(&[b"keyed value", family.as_bytes(), value], |bytes| mac.update(bytes));
        Self::truncated(&mac.finalize().into_bytes())
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
        feed(parts, |bytes| hash.update(bytes));
        Self::truncated(&hash.finalize())
    }

    fn truncated(digest: &[u8]) -> Self {
        Self(format!("gp1:{}", base32(digest.get(..10).unwrap_or(&[]))))
    }
}

/// Hands the parts to a hash, each behind its length: that keeps ("ab", "c") and ("a", "bc") apart.
fn feed(parts: &[&[u8]], mut update: impl FnMut(&[u8])) {
    for part in parts {
        update(&(part.len() as u64).to_le_bytes());
        update(part);
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) use super::key::tests::{key, key_text};

    /// What is published stays valid: these three were computed with other software.
    #[test]
    fn known_answers() {
        let key = FingerprintKey::parse("gpk1:abcdefghijklmnopqrstuvwxyz234567").unwrap();
        assert_eq!(Fingerprint::of_value("GitHub", b"value").as_str(), "gp1:rwfgvn77bsc2lmfs");
        assert_eq!(Fingerprint::of_keyed_value(&key, "Generic", b"value").as_str(), "gp1:vvhmroqyrckcvqp6");
        assert_eq!(Fingerprint::of_place("rule", b"key", b"a = b").as_str(), "gp1:2ddubajnjeeaoacl");
    }

    #[test]
    fn a_key_a_family_and_the_way_all_count() {
        let print = Fingerprint::of_keyed_value(&key(1), "Generic", b"value");
        assert_eq!(print, Fingerprint::of_keyed_value(&key(1), "Generic", b"value"));
        assert_ne!(print, Fingerprint::of_keyed_value(&key(2), "Generic", b"value"));
        assert_ne!(print, Fingerprint::of_keyed_value(&key(1), "HTTP", b"value"));
        assert_ne!(print, Fingerprint::of_value("Generic", b"value"));
    }

    proptest! {
        #[test]
        fn different_values_have_different_fingerprints(
            one in proptest::collection::vec(any::<u8>(), 0..60),
            two in proptest::collection::vec(any::<u8>(), 0..60),
            seed in any::<u64>(),
        ) {
            let key = key(seed);
            let same = one == two;
            prop_assert_eq!(Fingerprint::of_value("f", &one) == Fingerprint::of_value("f", &two), same);
            let keyed = |value: &[u8]| Fingerprint::of_keyed_value(&key, "f", value);
            prop_assert_eq!(keyed(&one) == keyed(&two), same);
        }
    }

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
