//! Signatures of commits and tags: where they stand in an object, what they are worth, and whom a policy trusts.
//!
//! Here is what can be told from bytes alone. Whether a signature was made by the key that it names is for `ssh-keygen` and
//! `gpg` to say, as it is with Git itself; `gatepost-source` asks them.

mod allowed_signers;
mod extract;
mod revoked;
mod ssh;
mod trust;

pub use allowed_signers::{AllowedSigner, WrongLine, allowed_signers};
pub use extract::{Signed, signed_commit, signed_tag};
pub use revoked::Revoked;
pub use ssh::{GIT_NAMESPACE, SshSignature, ssh_fingerprint};
pub use trust::{At, Trust, TrustFile, TrustFileKind};

use serde::Deserialize;
use std::fmt;

/// The kinds of signatures that Git knows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SignatureFormat {
    /// `ssh-keygen -Y sign`.
    Ssh,
    /// `gpg`.
    OpenPgp,
    /// `gpgsm`.
    X509,
}

/// The lines with which signatures begin (`gpg-interface.c` of Git).
const BEGINNINGS: [(&[u8], SignatureFormat); 4] = [
    (b"-----BEGIN PGP SIGNATURE-----", SignatureFormat::OpenPgp),
    (b"-----BEGIN PGP MESSAGE-----", SignatureFormat::OpenPgp),
    (b"-----BEGIN SIGNED MESSAGE-----", SignatureFormat::X509),
    (b"-----BEGIN SSH SIGNATURE-----", SignatureFormat::Ssh),
];

impl SignatureFormat {
    /// The format of a signature, by how it begins.
    #[must_use]
    pub fn of(signature: &[u8]) -> Option<Self> {
        BEGINNINGS.iter().find(|(beginning, _)| signature.starts_with(beginning)).map(|(_, format)| *format)
    }

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ssh => "SSH",
            Self::OpenPgp => "OpenPGP",
            Self::X509 => "X.509",
        }
    }
}

/// What became of a signature.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SignatureState {
    /// There is none.
    Unsigned,
    /// It was made by the key that it names, over exactly this object, and nothing speaks against the key.
    Valid {
        /// Whether the policy names the key as one whose signatures count.
        trusted: bool,
    },
    /// The key, or the signature, was past its end.
    Expired,
    /// The key was not valid yet.
    NotYetValid,
    /// The key is revoked; when does not matter.
    Revoked,
    /// It does not fit the object, or is no signature at all.
    Bad,
    /// The key is not here, so that nobody can tell.
    UnknownKey,
    /// It was made for something else than Git, or by a key that may sign other things alone.
    WrongNamespace,
    /// gatepost does not verify signatures of this kind.
    Unsupported,
}

/// A signature, as far as it could be judged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// What became of it.
    pub state: SignatureState,
    /// Its kind; `None` where there is none, or one that nobody knows.
    pub format: Option<SignatureFormat>,
    /// Who made it: the principal of the allowed signers, or the user id of the OpenPGP key. Untrusted text.
    pub signer: Option<String>,
    /// The key: `SHA256:…` of SSH, the fingerprint or the id of OpenPGP.
    pub key: Option<String>,
    /// What else is known about why, in words that follow a colon. Untrusted text.
    pub detail: Option<String>,
}

/// What a policy demands of a signature. Each level demands what the ones before it do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureLevel {
    /// Nothing: there need be none.
    #[default]
    Any,
    /// There is one, and nothing shows that it was made over something else or for something else.
    Signed,
    /// It was verified: by the key that it names, which is neither expired nor revoked.
    Valid,
    /// The policy trusts that key.
    Trusted,
}

impl SignatureLevel {
    /// The words of the policy, from the most lenient to the strictest.
    pub const WORDS: &'static [&'static str] = &["any", "signed", "valid", "trusted"];

    /// Its word in the policy.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Signed => "signed",
            Self::Valid => "valid",
            Self::Trusted => "trusted",
        }
    }
}

impl Signature {
    /// One of which nothing but its state is known.
    #[must_use]
    pub const fn new(state: SignatureState, format: Option<SignatureFormat>) -> Self {
        Self { state, format, signer: None, key: None, detail: None }
    }

    /// No signature.
    #[must_use]
    pub const fn unsigned() -> Self {
        Self::new(SignatureState::Unsigned, None)
    }

    /// The same, with a word about why.
    #[must_use]
    pub fn because(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// Whether it is as good as a policy demands.
    #[must_use]
    pub const fn meets(&self, level: SignatureLevel) -> bool {
        use SignatureState::{Bad, Unsigned, Valid, WrongNamespace};
        match level {
            SignatureLevel::Any => true,
            SignatureLevel::Signed => !matches!(self.state, Unsigned | Bad | WrongNamespace),
            SignatureLevel::Valid => matches!(self.state, Valid { .. }),
            SignatureLevel::Trusted => matches!(self.state, Valid { trusted: true }),
        }
    }
}

impl fmt::Display for Signature {
    /// What it is, as the end of a sentence that begins with the object: `has no signature`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(format) = self.format.map(SignatureFormat::name) else {
            f.write_str(match self.state {
                SignatureState::Unsigned => "has no signature",
                _ => "has a signature that is none",
            })?;
            return self.because_of(f);
        };
        let what = match self.state {
            SignatureState::Unsigned => return f.write_str("has no signature"),
            SignatureState::Valid { trusted: true } => "a good",
            SignatureState::Valid { trusted: false } => "a valid, untrusted",
            SignatureState::Bad => "a bad",
            _ => "an",
        };
        let article = if what == "an" && !format.starts_with(['S', 'O', 'X']) { "a" } else { what };
        write!(f, "has {article} {format} signature")?;
        if let Some(signer) = &self.signer {
            write!(f, " by {}", crate::text::display(signer.as_bytes()))?;
        }
        let (of_key, without_key) = match self.state {
            SignatureState::Expired => (", which had expired", " that had expired"),
            SignatureState::NotYetValid => (", which was not valid yet", " that was made too early"),
            SignatureState::Revoked => (", which is revoked", " by a revoked key"),
            SignatureState::UnknownKey => (", which the policy does not have", " that cannot be checked"),
            SignatureState::WrongNamespace => (", and not for Git", " that is not for Git"),
            SignatureState::Unsupported => ("", " that gatepost cannot verify"),
            SignatureState::Unsigned | SignatureState::Valid { .. } | SignatureState::Bad => ("", ""),
        };
        match &self.key {
            Some(key) => write!(f, " with the key {key}{of_key}")?,
            None => f.write_str(without_key)?,
        }
        self.because_of(f)
    }
}

impl Signature {
    /// What whoever made it can do where it is not good enough, beside signing anew.
    #[must_use]
    pub fn advice(&self) -> String {
        let key = self.key.as_deref().unwrap_or("the key");
        match (self.state, self.format) {
            (SignatureState::Unsigned | SignatureState::Bad, _) => "sign it with your key".to_owned(),
            (SignatureState::Unsupported, _) => {
                "sign with an SSH or OpenPGP key: git config gpg.format ssh".to_owned()
            }
            (SignatureState::Revoked, _) => format!("{key} no longer counts: sign with another key"),
            (SignatureState::Expired | SignatureState::NotYetValid, _) => {
                format!(
                    "sign with a key that is valid, or have the dates of {key} changed in [signatures] of the policy"
                )
            }
            (SignatureState::WrongNamespace, _) => {
                "sign by Git itself, with a key that may sign for Git: git commit -S".to_owned()
            }
            (_, Some(SignatureFormat::OpenPgp)) => {
                format!("if {key} is yours, have it added to `openpgp-keys` in [signatures] of the policy")
            }
            _ => {
                format!("if {key} is yours, have it added to `allowed-signers` in [signatures] of the policy")
            }
        }
    }

    fn because_of(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.detail {
            Some(detail) => write!(f, ": {}", crate::text::display(detail.as_bytes())),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [SignatureState; 10] = [
        SignatureState::Unsigned,
        SignatureState::Bad,
        SignatureState::WrongNamespace,
        SignatureState::Unsupported,
        SignatureState::UnknownKey,
        SignatureState::Expired,
        SignatureState::NotYetValid,
        SignatureState::Revoked,
        SignatureState::Valid { trusted: false },
        SignatureState::Valid { trusted: true },
    ];

    #[test]
    fn each_level_demands_what_the_one_before_it_does() {
        let levels =
            [SignatureLevel::Any, SignatureLevel::Signed, SignatureLevel::Valid, SignatureLevel::Trusted];
        let passing = levels.map(|level| {
            let good = |state: &&SignatureState| Signature::new(**state, None).meets(level);
            STATES.iter().filter(good).copied().collect::<Vec<_>>()
        });
        assert_eq!(passing.each_ref().map(Vec::len), [10, 7, 2, 1]);
        for (lenient, strict) in passing.iter().zip(passing.iter().skip(1)) {
            assert!(strict.iter().all(|state| lenient.contains(state)));
        }
        assert_eq!(levels.map(SignatureLevel::word), SignatureLevel::WORDS);
    }

    #[test]
    fn what_it_is_worth_is_said_in_words_and_nothing_reaches_the_terminal() {
        let ssh = |state| Signature {
            signer: Some("dev@example.com\u{1b}[2J".to_owned()),
            key: Some("SHA256:abc".to_owned()),
            ..Signature::new(state, Some(SignatureFormat::Ssh))
        };
        let words: Vec<String> = STATES.iter().map(|state| ssh(*state).to_string()).collect();
        assert!(words.iter().all(|words| !words.contains('\u{1b}')), "{words:#?}");
        assert_eq!(words[0], "has no signature");
        assert_eq!(
            words[5],
            "has an SSH signature by dev@example.com\\u{1b}[2J with the key SHA256:abc, which had expired"
        );
        assert_eq!(
            Signature::new(SignatureState::Bad, None).because("it begins with nonsense").to_string(),
            "has a signature that is none: it begins with nonsense"
        );
        assert_eq!(
            Signature::new(SignatureState::Unsupported, Some(SignatureFormat::X509)).to_string(),
            "has an X.509 signature that gatepost cannot verify"
        );
    }
}
