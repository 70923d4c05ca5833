//! What counts as a ticket and as a reason.

use crate::policy::{Policy, PolicyError, without_anchors};
use regex::bytes::Regex;

/// Tickets where the policy has no form of its own: `ABC-123` and `#123`. Unlike those of a branch name they stand in
/// prose, among words such as `V2`.
const DEFAULT: &str = "[A-Z][A-Z0-9_]+-[0-9]+|#[0-9]+";

/// Names of standards and of ciphers that look like a ticket.
const NO_PROJECTS: &[&str] = &["AES", "CVE", "CWE", "IEEE", "ISO", "PEP", "PKCS", "RFC", "SHA", "UTF"];

/// Others, which are none with this number alone.
const NO_TICKETS: &[&str] = &["BASE-64", "BASE64", "MD-5", "MD5", "X-509", "X509"];

/// The fewest characters of a reason, as of an exception's.
pub(super) const FEWEST_CHARACTERS: usize = crate::policy::REASON_CHARACTERS;

/// What a ticket looks like.
#[derive(Debug)]
pub(super) struct Tickets(Regex);

impl Tickets {
    pub(super) fn new(policy: &Policy) -> Result<Self, PolicyError> {
        let form = without_anchors(policy.ticket().unwrap_or(DEFAULT)).to_owned();
        Regex::new(&form)
            .map(Self)
            .map_err(|error| policy.error("message.ticket", format!("`message.ticket`: {error}"), None))
    }

    /// Whether a text names a ticket.
    pub(super) fn are_in(&self, text: &[u8]) -> bool {
        self.0.find_iter(text).any(|found| {
            let is_part = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
            let before = found.start().checked_sub(1).and_then(|at| text.get(at));
            // `#` is a beginning of its own.
            let begins = !is_part(before) || found.as_bytes().starts_with(b"#");
            begins && !is_part(text.get(found.end())) && !is_standard(found.as_bytes())
        })
    }
}

fn is_standard(ticket: &[u8]) -> bool {
    let name = ticket.split(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or_default();
    NO_PROJECTS.iter().any(|known| known.as_bytes() == name)
        || NO_TICKETS.iter().any(|known| known.as_bytes() == ticket)
}

/// Whether a text says why: ten characters or more, letters among them, once the signs around it are gone.
pub(super) fn is_reason(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let text = text.trim_matches(|character: char| !character.is_alphanumeric());
    text.chars().count() >= FEWEST_CHARACTERS && text.chars().filter(|c| c.is_alphabetic()).count() >= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_a_word_of_its_own_and_no_standard() {
        let tickets = Tickets::new(&Policy::built_in()).unwrap();
        for text in ["(PROJ-12)", "see PROJ-12: x", "#7", "fixes#7", "https://x.example/browse/AB-1"] {
            assert!(tickets.are_in(text.as_bytes()), "{text}");
        }
        for text in ["UTF-8", "SHA-256 and RFC-2119", "X-509", "PROJ-12a", "aPROJ-12", "V2", "PROJ", ""] {
            assert!(!tickets.are_in(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_reason_has_ten_characters() {
        assert!(is_reason(b" -- the API is untyped"));
        for text in [&b"-- because"[..], b"1234567890123", b"----------------", b""] {
            assert!(!is_reason(text), "{text:?}");
        }
    }
}
