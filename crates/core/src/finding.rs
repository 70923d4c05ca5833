//! A finding: what a check has to say, with where, why and what to do.

use crate::{Code, Confidence, Fingerprint, Level, Location, Severity};
use std::fmt;

/// Something a check found. Plain data; the reporters in `gatepost-report` give it a form.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's id or name: `github-pat`, `header-too-long`.
    pub rule: String,
    /// The rule's code: `github-pat`, `GP-MSG-001`.
    pub code: Code,
    /// The family: `GP-SEC`, `GP-MSG`, `GP-REF`, `GP-FILE`, `GP-POL`, `GP-MARK`.
    pub family: &'static str,
    /// A title for people: `GitHub personal access token`.
    pub name: String,
    /// How bad it would be.
    pub severity: Severity,
    /// How sure the rule is.
    pub confidence: Confidence,
    /// What the policy does with it.
    pub level: Level,
    /// One sentence: what was found, with the particulars. Holds no secret.
    pub message: String,
    /// Why it matters, a sentence each.
    pub why: Vec<String>,
    /// What to type or change next, one step each. A step that is a command is one line that can be
    /// pasted.
    pub fix: Vec<String>,
    /// Its identity across runs.
    pub fingerprint: Fingerprint,
    /// The secret, for rules that find one.
    pub secret: Option<Secret>,
    /// Where it stands; at least one. The first is the one shown.
    pub locations: Vec<Location>,
}

impl Finding {
    /// Whether the rule sees that something is a secret, and not whose: its findings leave the word to any other rule.
    #[must_use]
    pub fn is_generic(&self) -> bool {
        self.rule.starts_with("generic-")
    }

    /// Makes the message of a secret name the first of its places: `GitHub token in config/prod.env`. Nothing changes
    /// when that has neither path nor subject.
    pub fn name_place(&mut self) {
        let Some(first) = self.locations.first() else { return };
        if let Some(path) = first.shown_path() {
            self.message = format!("{} in {path}", self.name);
        } else if let Some(subject) = &first.subject {
            self.message = format!("{} in {subject}{}", self.name, first.shown_inner());
        }
    }

    /// Whether `word` is the finding's rule, its code or its family.
    #[must_use]
    pub fn is_named(&self, word: &str) -> bool {
        self.rule == word || self.code.as_str() == word || self.family == word
    }
}

/// A secret's bytes, kept from being printed by accident: `Debug` and `Display` show no byte of it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Wraps the bytes of a secret.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes themselves. Only `--show-secrets`, fingerprints and structure checks need them.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What reports show: at most the first four characters, and those only of a value of sixteen
    /// bytes and more, then asterisks. Never more than a quarter of the value.
    #[must_use]
    pub fn redacted(&self) -> String {
        let shown = if self.0.len() >= 16 { 4 } else { 0 };
        let mut out: String = self
            .0
            .iter()
            .take(shown)
            .map(|&b| if b.is_ascii_graphic() { char::from(b) } else { '*' })
            .collect();
        out.push_str(&"*".repeat(8));
        out
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed_by_accident() {
        let secret = Secret::new(*b"correct horse battery staple");
        assert_eq!(format!("{secret:?}"), "Secret(28 bytes)");
        assert_eq!(secret.to_string(), "corr********");
        assert_eq!(Secret::new(*b"hunter2").to_string(), "********");
    }
}
