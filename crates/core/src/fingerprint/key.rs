//! The key that fingerprints of weak values are made with.
//!
//! It exists as text, because it stands in a policy, in a Git configuration or in a variable of a CI system: `gpk1:`
//! and at least 26 base-32 characters, 130 bits. The prefix tells a key from a fingerprint that was pasted by mistake.

use super::ALPHABET;
use hmac::{Hmac, KeyInit};
use sha2::Sha256;
use std::fmt;

/// How a key begins.
const PREFIX: &str = "gpk1:";

/// The fewest characters behind the prefix: five bits each, 130 bits.
const LEAST: usize = 26;

/// The most characters behind the prefix: more adds nothing, and a file that was pasted by mistake is told.
const MOST: usize = 128;

/// Fewer different characters than this were typed, not drawn: of 26 drawn ones, that has a chance of less than one in
/// a million.
const LEAST_DIFFERENT: usize = 10;

/// A secret key for [`super::Fingerprint::of_keyed_value`]. It does not print itself.
#[derive(Clone)]
pub struct FingerprintKey(pub(super) Hmac<Sha256>);

/// Why a text is no key. None of the words holds any of the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyError {
    /// It does not begin with `gpk1:`, or has other characters than a-z and 2-7 behind it.
    Malformed,
    /// It has less than 130 bits.
    TooShort {
        /// How many characters it has behind the prefix.
        found: usize,
    },
    /// It is longer than any key.
    TooLong,
    /// It has too few different characters to have been drawn at random.
    NotRandom,
}

impl KeyError {
    /// What to do about it.
    pub const HELP: &'static str = "`gatepost baseline key` makes a new one";
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => write!(f, "a key is `{PREFIX}` and {LEAST} or more of a-z and 2-7"),
            Self::TooShort { found } => {
                write!(
                    f,
                    "the key is too short: {found} characters behind `{PREFIX}`, at least {LEAST} are needed"
                )
            }
            Self::TooLong => write!(f, "the key is longer than {MOST} characters"),
            Self::NotRandom => f.write_str("the key is not random: it has only a few different characters"),
        }
    }
}

impl std::error::Error for KeyError {}

impl FingerprintKey {
    /// A key from its text.
    ///
    /// # Errors
    ///
    /// A text that is no key, or one that could be guessed.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let body = text.strip_prefix(PREFIX).ok_or(KeyError::Malformed)?;
        if !body.bytes().all(|byte| ALPHABET.as_bytes().contains(&byte)) {
            return Err(KeyError::Malformed);
        }
        if body.len() < LEAST {
            return Err(KeyError::TooShort { found: body.len() });
        }
        if body.len() > MOST {
            return Err(KeyError::TooLong);
        }
        let different = ALPHABET.chars().filter(|letter| body.contains(*letter)).count();
        if different < LEAST_DIFFERENT {
            return Err(KeyError::NotRandom);
        }
        Hmac::new_from_slice(body.as_bytes()).map(Self).map_err(|_| KeyError::Malformed)
    }

    /// Whether a text is meant as a key: it is not to be repeated, whatever is wrong with it.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// A key that is made of other things that a guesser does not have: their digest.
    #[must_use]
    pub fn derived(digest: &[u8; 32]) -> Option<Self> {
        Hmac::new_from_slice(digest).map(Self).ok()
    }

    /// The text of a new key of 160 bits; `random` must come from the system's generator.
    #[must_use]
    pub fn text(random: &[u8; 20]) -> String {
        format!("{PREFIX}{}", super::base32(random))
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey(not shown)")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::string_slice, reason = "the texts are ASCII")]

    use super::*;

    /// A key, drawn from a seed.
    pub(crate) fn key(seed: u64) -> FingerprintKey {
        FingerprintKey::parse(&key_text(seed)).unwrap()
    }

    pub(crate) fn key_text(seed: u64) -> String {
        use sha2::Digest;
        let digest = Sha256::digest(seed.to_le_bytes());
        FingerprintKey::text(&<[u8; 20]>::try_from(&digest[..20]).unwrap())
    }

    #[test]
    fn keys_parse_back_and_do_not_print_themselves() {
        let text = key_text(1);
        assert_eq!(text.len(), 37);
        let key = FingerprintKey::parse(&text).unwrap();
        assert_eq!(format!("{key:?}"), "FingerprintKey(not shown)");
        assert_ne!(text, key_text(2));
    }

    #[test]
    fn what_is_no_key_is_told_without_being_shown() {
        let body = key_text(1)[5..].to_owned();
        let long = format!("gpk1:{}", body.repeat(5));
        for (text, error) in [
            ("", KeyError::Malformed),
            (body.as_str(), KeyError::Malformed),
            (&format!("gp1:{body}"), KeyError::Malformed),
            (&format!("gpk1:{}", body.to_uppercase()), KeyError::Malformed),
            (&format!("gpk1:{body} "), KeyError::Malformed),
            (&format!("gpk1:{}", &body[..25]), KeyError::TooShort { found: 25 }),
            (&format!("gpk1:{}", "ab".repeat(16)), KeyError::NotRandom),
            (&long, KeyError::TooLong),
        ] {
            assert_eq!(FingerprintKey::parse(text).map(|_| ()), Err(error), "{text}");
            assert!(!error.to_string().contains(&body[..8]), "{error}");
        }
        assert!(FingerprintKey::parse(&format!("gpk1:{}", &body[..26])).is_ok());
    }
}
