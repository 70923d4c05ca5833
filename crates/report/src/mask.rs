//! The last line of defence for secrets. Checks hand over messages and excerpts that are already masked; but a
//! secret can also stand in a file name, a ref name, an author's name, a message that a check got wrong or the
//! finding of another rule, and those reach the reports too. Every string of a report goes through its [`Mask`].

use gatepost_core::{Confidence, Report, Secret};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// Shorter secrets are not looked for outside their excerpt: a password such as `config` would blot out half of
/// the paths of a report, and tell by that what it is. A secret is looked up by this many of its first bytes.
const SHORTEST: usize = 12;

/// The first bytes of a secret.
type Head = [u8; SHORTEST];

/// Replaces the secrets of a report wherever they turn up.
///
/// A history's report can hold many thousands of secrets, and building a search automaton for them would take longer
/// than the scan; a table and a map are built in no time, and a string without a secret costs a look into the table for
/// each of its bytes.
#[derive(Debug)]
pub struct Mask {
    /// Whether a head may be in the map, by a hash of its last four bytes: the first ones are the same for all
    /// tokens of a kind. A power of two long; empty when there is nothing to hide.
    table: Vec<bool>,
    /// The secrets with that head, the longest first.
    secrets: HashMap<Head, Vec<Secret>>,
    shows_secrets: bool,
}

impl Mask {
    /// The mask of everything that `report` found, suppressed or not; one that hides nothing when secrets shall
    /// be shown. Guesses (a low confidence) are left out: many are no secrets but paths or names, and masking
    /// those everywhere would make the report unreadable.
    #[must_use]
    pub fn new(report: &Report, shows_secrets: bool) -> Self {
        let findings = report.findings.iter().chain(report.suppressed.iter().map(|s| &s.finding));
        let hidden = report.shard.iter().flat_map(|part| &part.hidden).filter(|_| !shows_secrets);
        let wanted: BTreeSet<&[u8]> = findings
            .filter(|finding| !shows_secrets && finding.confidence > Confidence::Low)
            .filter_map(|finding| finding.secret.as_ref().map(Secret::reveal))
            .chain(hidden.map(Secret::reveal))
            .collect();
        let mut mask = Self { table: Vec::new(), secrets: HashMap::new(), shows_secrets };
        // Backwards, what is longer comes before what it begins with.
        for secret in wanted.iter().rev() {
            if let Some(head) = secret.first_chunk() {
                mask.secrets.entry(*head).or_default().push(Secret::new(*secret));
            }
        }
        if !mask.secrets.is_empty() {
            let size = mask.secrets.len().saturating_mul(16).next_power_of_two().min(1 << 22);
            mask.table = vec![false; size];
            for head in mask.secrets.keys() {
                if let Some(entry) = mask.table.get_mut(slot(head, size)) {
                    *entry = true;
                }
            }
        }
        mask
    }

    /// Whether secrets shall be shown.
    pub(crate) const fn shows_secrets(&self) -> bool {
        self.shows_secrets
    }

    /// The secret with which `bytes` begins.
    fn secret_at(&self, bytes: &[u8]) -> Option<&Secret> {
        let head: &Head = bytes.first_chunk()?;
        if !*self.table.get(slot(head, self.table.len()))? {
            return None;
        }
        self.secrets.get(head)?.iter().find(|secret| bytes.starts_with(secret.reveal()))
    }

    /// `bytes` with every occurrence of a secret replaced by its redacted form.
    #[must_use]
    pub fn bytes<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        let (mut out, mut copied, mut at) = (Vec::new(), 0, 0);
        while let Some(rest) = bytes.get(at..).filter(|rest| rest.len() >= SHORTEST && !self.table.is_empty())
        {
            let Some(secret) = self.secret_at(rest) else {
                at += 1;
                continue;
            };
            out.extend_from_slice(bytes.get(copied..at).unwrap_or_default());
            out.extend_from_slice(secret.redacted().as_bytes());
            at += secret.len();
            copied = at;
        }
        if copied == 0 {
            return Cow::Borrowed(bytes);
        }
        out.extend_from_slice(bytes.get(copied..).unwrap_or_default());
        Cow::Owned(out)
    }

    /// `text` with every occurrence of a secret replaced by its redacted form.
    #[must_use]
    pub fn text<'b>(&self, text: &'b str) -> Cow<'b, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            // Only a secret that is not UTF-8 itself can leave half a character behind.
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }
}

/// The place of `head` in a table of `size` entries, a power of two.
fn slot(head: &Head, size: usize) -> usize {
    let tail = head.last_chunk().map_or(0, |tail| u32::from_le_bytes(*tail));
    // Multiplicative hashing: the lowest bits of the product are badly mixed and are dropped.
    let hash = tail.wrapping_mul(0x9E37_79B1) >> 8;
    usize::try_from(hash).unwrap_or(0) & size.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn mask(secrets: &[&str], shows_secrets: bool) -> Mask {
        let mut report = testing::empty();
        for secret in secrets {
            let mut finding = testing::finding("a-rule");
            finding.secret = Some(Secret::new(secret.as_bytes()));
            report.findings.push(finding);
        }
        Mask::new(&report, shows_secrets)
    }

    #[test]
    fn a_secret_is_masked_wherever_it_turns_up() {
        let value = "x7".repeat(10);
        let longer = format!("{value}-longer");
        let hidden = mask(&[&value, &longer, &value], false);
        assert_eq!(
            hidden.text(&format!("{value}/a/{value}{longer}.txt")),
            "x7x7********/a/x7x7********x7x7********.txt"
        );
        assert_eq!(hidden.text("nothing here"), "nothing here");
        assert_eq!(hidden.text(""), "");
        assert_eq!(mask(&[&value], true).text(&value), value);
    }

    #[test]
    fn short_passwords_and_guesses_leave_paths_alone() {
        assert_eq!(mask(&["config"], false).text("config/prod.env"), "config/prod.env");
        let mut report = testing::empty();
        let mut guess = testing::finding("a-rule");
        guess.confidence = Confidence::Low;
        guess.secret = Some(Secret::new(*b"config/settings"));
        report.findings.push(guess);
        let mask = Mask::new(&report, false);
        assert_eq!(mask.text("config/settings/prod.env"), "config/settings/prod.env");
    }
}
