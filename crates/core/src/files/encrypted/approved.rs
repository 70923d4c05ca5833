//! The keys that a policy approves.

use super::KINDS;
use crate::text::nearest;
use globset::{GlobBuilder, GlobMatcher};

/// Globs over identifiers of keys. Unlike those over paths, `*` crosses `/`: an identifier is a name, not a path.
#[derive(Clone, Debug, Default)]
pub(in crate::files) struct ApprovedKeys(Vec<GlobMatcher>);

impl ApprovedKeys {
    /// Compiles the globs.
    ///
    /// # Errors
    ///
    /// What is wrong with the first that no key can match, and what was probably meant.
    pub(in crate::files) fn new(globs: &[String]) -> Result<Self, (String, Option<String>)> {
        globs.iter().map(|glob| compile(glob)).collect::<Result<_, _>>().map(Self)
    }

    pub(in crate::files) fn contains(&self, identifier: &str) -> bool {
        self.0.iter().any(|glob| glob.is_match(identifier))
    }
}

fn compile(glob: &str) -> Result<GlobMatcher, (String, Option<String>)> {
    let kind = glob.split(':').next().unwrap_or(glob);
    if !kind.contains(['*', '?', '[', '{']) && !KINDS.contains(&kind) {
        let help = match nearest(kind, KINDS.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the kinds of keys are {}", KINDS.join(", ")),
        };
        return Err((format!("`{glob}` begins with no kind of key that is known"), Some(help)));
    }
    // Fingerprints are copied with spaces and in either case; all other names are told apart by case.
    let is_fingerprint = kind == "pgp";
    let pattern = if is_fingerprint { glob.replace(' ', "") } else { glob.to_owned() };
    // Beyond what its regular expressions may grow to, globset panics.
    if pattern.len() > crate::text::PathGlob::LONGEST {
        return Err((format!("a glob of {} bytes is too long", pattern.len()), None));
    }
    let built = GlobBuilder::new(&pattern).literal_separator(false).case_insensitive(is_fingerprint).build();
    let built = built.map_err(|error| (format!("`{glob}` is not a glob: {}", error.kind()), None))?;
    Ok(built.compile_matcher())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_cross_slashes_and_fingerprints_ignore_case_and_spaces() {
        let approves = |glob: &str, key: &str| ApprovedKeys::new(&[glob.to_owned()]).unwrap().contains(key);
        assert!(approves(
            "aws-kms:arn:aws:kms:eu-central-1:111122223333:*",
            "aws-kms:arn:aws:kms:eu-central-1:111122223333:key/1-2"
        ));
        assert!(!approves(
            "aws-kms:arn:aws:kms:*:111122223333:*",
            "aws-kms:arn:aws:kms:eu-central-1:444455556666:key/1"
        ));
        assert!(approves(
            "hc-vault:https://vault.example/*",
            "hc-vault:https://vault.example/v1/sops/keys/a"
        ));
        assert!(approves("pgp:fbc7 b9e2", "pgp:FBC7B9E2") && !approves("pgp:FBC7", "pgp:FBC7B9E2"));
        assert!(
            approves("ansible-vault", "ansible-vault") && !approves("ansible-vault", "ansible-vault:prod")
        );
        assert!(!approves("hc-vault:https://v/Prod", "hc-vault:https://v/prod"));
    }

    #[test]
    fn a_glob_that_no_key_can_match_is_an_error() {
        let error = |glob: &str| ApprovedKeys::new(&[glob.to_owned()]).unwrap_err();
        let (message, help) = error("awskms:arn:aws:kms:*");
        assert_eq!(message, "`awskms:arn:aws:kms:*` begins with no kind of key that is known");
        assert_eq!(help.as_deref(), Some("did you mean `aws-kms`?"));
        assert!(error("https://vault.example").1.unwrap().contains("hc-vault, hckms"));
        assert!(error("age:[").0.contains("is not a glob"));
        assert!(error(&format!("age:{}", "a".repeat(5000))).0.contains("too long"));
    }
}
