//! Credentials without a shape of their own: a value that is assigned to a name which means a credential.
//!
//! Three questions, one file each: does the [`name`] mean a credential; what is [`written`] as its value; and does that
//! look like one ([`judge`]), for which [`words`] tells words from noise.

mod judge;
mod name;
mod words;
mod written;

pub(super) use words::is_word;

use super::detector::{Candidate, Detector, Opinion};
use std::ops::Range;

/// Every word of the dictionary.
pub(super) fn dictionary() -> impl Iterator<Item = &'static str> {
    words::all()
}

/// The detector's entry in the registry.
pub(super) static DETECTOR: Detector = Detector {
    name: "assignment",
    about: "a value that is given to a name which means a credential, in any language's way to write it",
    find,
};

/// The longest name, in bytes.
const LONGEST_NAME: usize = 80;

/// A value in quotes that is shorter, in bytes, has no assignment in it.
const SHORT: usize = 24;

/// Calls `found` with every value in `text` that is given to a name which means a credential.
fn find(text: &[u8], found: &mut dyn FnMut(Candidate)) {
    let mut at = 0;
    while let Some(name) = next_name(text, at) {
        at = name.end;
        let Some(kind) = text.get(name.clone()).and_then(name::kind).or_else(|| key_kind(text, &name)) else {
            continue;
        };
        let Some(value) = written::value(text, &name).or_else(|| written::compared(text, &name)) else {
            continue;
        };
        let Some(bytes) = text.get(value.range.clone()) else { continue };
        // A long value may hold names of its own, and is looked at for them too.
        if value.form == written::Form::Quoted && bytes.len() < SHORT {
            at = at.max(value.range.end);
        }
        let opinion = if is_example(text, name.start) {
            Opinion::Nothing("it is introduced as an example")
        } else {
            judge::judge(&judge::Value {
                bytes,
                name: text.get(name.clone()).unwrap_or(&[]),
                kind,
                form: value.form,
                in_call: value.in_call,
            })
        };
        found(Candidate {
            range: name.start.min(value.range.start)..value.range.end.max(name.end),
            secret: value.range,
            opinion,
        });
    }
}

/// What may begin a name.
const BEGINS: u8 = 1;
/// What a name is made of.
const PART: u8 = 2;

static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] = match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' => BEGINS | PART,
            b'-' | b'.' => PART,
            _ => 0,
        };
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

fn is(byte: u8, class: u8) -> bool {
    CLASSES[usize::from(byte)] & class != 0
}

/// The next run of characters that names are made of, without those that mean nothing for certain.
fn next_name(text: &[u8], from: usize) -> Option<Range<usize>> {
    let telling = name::telling();
    let mut at = from;
    loop {
        let start = at + text.get(at..)?.iter().position(|b| is(*b, BEGINS))?;
        let mut asked = name::Asked::default();
        let mut end = start;
        for byte in text.get(start..)? {
            if !is(*byte, PART) {
                break;
            }
            asked.add(*byte, telling);
            end += 1;
        }
        at = end;
        if !asked.may_mean(telling) {
            continue;
        }
        // A full stop or hyphen at the end does not belong to it.
        while end > start && text.get(end - 1).is_some_and(|b| matches!(b, b'.' | b'-')) {
            end -= 1;
        }
        if (2..=LONGEST_NAME).contains(&(end - start)) {
            return Some(start..end);
        }
    }
}

/// `# Example password: …`
fn is_example(text: &[u8], start: usize) -> bool {
    let before =
        text.get(start.saturating_sub(16)..start).unwrap_or(&[]).trim_ascii_end().to_ascii_lowercase();
    [&b"example"[..], b"sample", b"dummy", b"fake"].iter().any(|word| before.ends_with(word))
}

/// `API key: …`, `Unseal Key 1: …`: a name of several words. `?key=…`: a parameter of a URL.
fn key_kind(text: &[u8], name: &Range<usize>) -> Option<name::Kind> {
    let last = text.get(name.clone())?;
    if !last.eq_ignore_ascii_case(b"key") {
        return None;
    }
    let before = text.get(name.start.saturating_sub(24)..name.start)?;
    if before.ends_with(b"?") || before.ends_with(b"&") {
        return Some(name::Kind::Perhaps);
    }
    let word = before.strip_suffix(b" ")?.rsplit(|b| !b.is_ascii_alphanumeric()).next()?;
    name::kind(&[word, b"_", last].concat())
}

#[cfg(test)]
mod tests {
    use super::super::template::expand;
    use super::*;
    use crate::Confidence;
    use proptest::prelude::*;

    fn opinions(text: &str) -> Vec<(String, Opinion)> {
        let mut all = Vec::new();
        find(text.as_bytes(), &mut |c| {
            all.push((text.get(c.secret).unwrap_or_default().to_owned(), c.opinion));
        });
        all
    }

    #[test]
    fn random_values_are_found_whatever_the_language_and_the_seed() {
        let lines = [
            "password = \"{base62:16}\"",
            "DB_PASSWORD={alnum:14}",
            "      POSTGRES_PASSWORD: {base62:12}",
            "'clientSecret': '{hex:40}',",
            "authToken := `{base64:40}`",
            "user=bob password={base62:14}",
            "Password:{base62:12} ID:bob",
            "CREATE USER bob WITH PASSWORD '{base62:14}';",
        ];
        for line in lines {
            for seed in 0..200 {
                let text = expand(line, seed);
                let found = opinions(&text);
                assert!(found.iter().any(|(_, o)| matches!(o, Opinion::Credential(..))), "{text}: {found:?}");
            }
        }
    }

    #[test]
    fn every_test_that_says_no_has_its_reason() {
        let cases = [
            ("# Example password: kJ8mQ2xv7Z", "it is introduced as an example"),
            ("password = \"${DB_PASSWORD}\"", "it is filled in later, or names where the value is"),
            ("password: \"{{ vault_password }}\"", "it is filled in later, or names where the value is"),
            ("PASSWORD=changeme-please", "it is an identifier made of words"),
            ("token: '14050471'", "it is a number, a date, a version or an address"),
            ("const token = getToken(user, 3)", "it is an expression or a variable, and no literal"),
            ("\"secret\": \"/run/secrets/db_x9\"", "it is a URL, a path, a file name or an e-mail address"),
            ("pgPass = require('pgpass')", "it says what its name says"),
            ("password = '新密码新密码'", "it is text in another script, or no text at all"),
            ("password: \"$2b$12$abcdefghijklmnopqrstuv\"", "it is a digest or an encrypted value"),
            ("api_key = \"api_key_for_the_service\"", "it says what its name says"),
            ("secret: \"keep this one to yourself\"", "it is a sentence or a list of words"),
            ("password = \"pw\"", "it is too short for what its name says"),
            (
                "stripe_key = \"6f9619ff-8b86-d011-b42d-00cf4fc964ff\"",
                "it is a UUID, and its name does not say that it is a secret",
            ),
            ("password: \"sunshine\"", "it is an identifier made of words"),
            ("pwd = \"(?i)pass.*\\s+[^ ]+\"", "it is an expression or a variable, and no literal"),
        ];
        for (line, why) in cases {
            let found = opinions(line);
            assert!(found.iter().any(|(_, o)| *o == Opinion::Nothing(why)), "{line}: {found:?}");
            assert!(!found.iter().any(|(_, o)| matches!(o, Opinion::Credential(..))), "{line}: {found:?}");
        }
    }

    #[test]
    fn how_sure_depends_on_the_value_and_on_how_it_is_written() {
        let sure = |line: &str| {
            opinions(&expand(line, 5)).iter().find_map(|(_, o)| match o {
                Opinion::Credential(confidence, _) => Some(*confidence),
                Opinion::Nothing(_) => None,
            })
        };
        assert_eq!(sure("api_key = \"{base62:32}\""), Some(Confidence::Medium));
        assert_eq!(sure("password = \"zlxsozpr\""), Some(Confidence::Low));
        assert_eq!(sure("{ user: svc, password: {base62:20} }"), Some(Confidence::Low));
        assert_eq!(sure("stripe_key = \"{base62:32}\""), Some(Confidence::Low));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            name in "(password|api_key|SECRET|token) ?[=:(<,\"'>]{0,3}",
        ) {
            let text = [name.as_bytes(), &bytes].concat();
            find(&text, &mut |c| {
                assert!(c.secret.start <= c.secret.end && c.secret.end <= text.len());
                assert!(c.range.start <= c.range.end && c.range.end <= text.len());
            });
        }

        #[test]
        fn broken_assignments_are_read_without_harm(
            pieces in prop::collection::vec(
                prop_oneof![
                    Just("password"), Just("api_key"), Just(" "), Just("="), Just(":"), Just("\""), Just("'"), Just("\\"), Just("("),
                    Just("</"), Just(">"), Just("<"), Just("\n"), Just("&quot;"), Just("||"), Just("x9Zq"), Just("{"), Just("}"), Just(","),
                ],
                0..40,
            ),
        ) {
            let text = pieces.concat();
            find(text.as_bytes(), &mut |c| assert!(c.secret.end <= text.len() && c.range.end <= text.len()));
        }
    }
}
