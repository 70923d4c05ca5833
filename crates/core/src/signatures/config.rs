//! The keys of `[signatures]`.

use crate::policy::{Key, Kind, Policy, PolicyError, Strictness};
use crate::signature::{At, Trust};
use serde::Deserialize;

/// The section, as the policy holds it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// Lines of allowed signers.
    pub allowed_signers: Vec<String>,
    /// Files of allowed signers.
    pub allowed_signers_files: Vec<String>,
    /// OpenPGP public keys, in their armour.
    pub openpgp_keys: Vec<String>,
    /// Files of OpenPGP public keys.
    pub openpgp_keys_files: Vec<String>,
    /// Keys whose signatures no longer count.
    pub revoked_keys: Vec<String>,
    /// Files of them.
    pub revoked_keys_files: Vec<String>,
    /// When a key must have been valid.
    pub at: At,
}

const TEXTS: Kind = Kind::List(&Kind::Text);

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "allowed-signers",
        kind: TEXTS,
        default: "[]",
        strictness: Strictness::FewerItems,
        help: "Whose SSH signatures are trusted: lines as in ssh-keygen(1), ALLOWED SIGNERS, with `cert-authority`, `namespaces`, `valid-after` and `valid-before` where wanted. Times without `Z` are UTC. Layers add up.",
    },
    Key {
        name: "allowed-signers-files",
        kind: TEXTS,
        default: "[]",
        strictness: Strictness::FewerItems,
        help: "Files of such lines, relative to the policy file and from where that comes from: the same commit, or the same folder. Layers add up.",
    },
    Key {
        name: "openpgp-keys",
        kind: TEXTS,
        default: "[]",
        strictness: Strictness::FewerItems,
        help: "Whose OpenPGP signatures are trusted: public keys, each as `gpg --armor --export KEY` writes it. No other keyring is looked at. Layers add up.",
    },
    Key {
        name: "openpgp-keys-files",
        kind: TEXTS,
        default: "[]",
        strictness: Strictness::FewerItems,
        help: "Files of OpenPGP public keys, relative to the policy file and from where that comes from. Layers add up.",
    },
    Key {
        name: "revoked-keys",
        kind: TEXTS,
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "Keys whose signatures do not count, whenever they were made: SSH public keys, their `SHA256:` fingerprints, fingerprints of OpenPGP keys. Layers add up.",
    },
    Key {
        name: "revoked-keys-files",
        kind: TEXTS,
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "Files of revoked keys, one a line, or key revocation lists of OpenSSH (`ssh-keygen -k`), relative to the policy file and from where that comes from. Layers add up.",
    },
    Key {
        name: "at",
        kind: Kind::Choice(&["commit", "now"]),
        default: "\"commit\"",
        strictness: Strictness::Words(&[&["commit"], &["now"]]),
        help: "When the key must have been valid: at the `commit`'s own date, as Git has it, or then and still `now`. Who signs can write any date into a commit.",
    },
];

impl Config {
    /// The section of a policy.
    ///
    /// # Errors
    ///
    /// A value that its key does not take.
    pub fn new(policy: &Policy) -> Result<Self, PolicyError> {
        policy.section("signatures")
    }

    /// Whether it names anybody at all whose signatures are trusted.
    #[must_use]
    pub fn names_keys(&self) -> bool {
        let lists = [
            &self.allowed_signers,
            &self.allowed_signers_files,
            &self.openpgp_keys,
            &self.openpgp_keys_files,
        ];
        lists.iter().any(|list| !list.is_empty())
    }

    /// Whom it trusts by itself, without the files that it names.
    ///
    /// # Errors
    ///
    /// A line that nobody understands.
    pub fn trust(&self, policy: &Policy) -> Result<Trust, PolicyError> {
        let mut trust = Trust::default();
        trust.at = self.at;
        let wrong = |key: &str, number: usize, why: &str| {
            let message = format!("`signatures.{key}`, entry {}: {why}", number.saturating_add(1));
            policy.error(&format!("signatures.{key}"), message, None)
        };
        for (number, line) in self.allowed_signers.iter().enumerate() {
            // Of one line the number says nothing.
            let added = trust.add_allowed_signers(line).map_err(|why| why.replacen("line 1: ", "", 1));
            added.map_err(|why| wrong("allowed-signers", number, &why))?;
        }
        for (number, keys) in self.openpgp_keys.iter().enumerate() {
            let keys = keys.trim_start();
            trust.add_openpgp_keys(keys.as_bytes()).map_err(|why| wrong("openpgp-keys", number, &why))?;
        }
        for (number, key) in self.revoked_keys.iter().enumerate() {
            trust.revoke(key).map_err(|why| wrong("revoked-keys", number, &why))?;
        }
        Ok(trust)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Layer, Origin};

    fn layer(name: &str, text: &str) -> Layer {
        Layer { origin: Origin::File(name.to_owned()), text: format!("[signatures]\n{text}\n") }
    }

    #[test]
    fn nobody_is_trusted_until_a_policy_says_so() {
        let config = Config::new(&Policy::built_in()).unwrap();
        assert_eq!(config.at, At::Commit);
        assert_eq!(config.trust(&Policy::built_in()), Ok(Trust::default()));
    }

    #[test]
    fn a_line_that_nobody_understands_is_an_error_with_its_place() {
        let policy = Policy::load(&[layer("p.toml", "allowed-signers = [\"dev ssh-ed25519\"]")]).unwrap();
        let error = Config::new(&policy).unwrap().trust(&policy).unwrap_err();
        assert_eq!(error.line, Some(2));
        assert!(
            error.message.starts_with("`signatures.allowed-signers`, entry 1: there is no key"),
            "{error}"
        );
        let policy = Policy::load(&[layer("p.toml", "revoked-keys = [\"somebody\"]")]).unwrap();
        assert!(Config::new(&policy).unwrap().trust(&policy).is_err());
    }

    #[test]
    fn layers_add_up_and_what_is_final_takes_no_more_signers_and_more_revocations() {
        let first = "final = [\"signatures.allowed-signers\", \"signatures.revoked-keys\", \"signatures.at\"]\n\
                     [signatures]\nallowed-signers = [\"a\"]\nrevoked-keys = [\"x\"]\nat = \"now\"\n";
        let first = Layer { origin: Origin::File("org.toml".to_owned()), text: first.to_owned() };
        let policy = Policy::load(&[first.clone(), layer("repo.toml", "revoked-keys = [\"y\"]")]).unwrap();
        assert_eq!(Config::new(&policy).unwrap().revoked_keys, ["x", "y"]);
        for weaker in ["allowed-signers = [\"b\"]", "at = \"commit\""] {
            assert!(Policy::load(&[first.clone(), layer("repo.toml", weaker)]).is_err(), "{weaker}");
        }
    }
}
