//! Files of age, binary and armored.
//!
//! Source: <https://c2sp.org/age>: the line `age-encryption.org/v1`, then for each recipient a stanza `-> TYPE ARGUMENTS`,
//! then `---`. A stanza of X25519 does not tell whose it is; one for an SSH key has a tag of four bytes of that key's
//! hash. Stanzas whose type ends with `-grease` are noise that the specification asks for.

use super::{Format, Found, Input, Keys, armor, lines};

pub(super) const FORMAT: Format = Format {
    name: "age",
    other_keys: "encrypt it again for approved recipients: age -r RECIPIENT -o FILE PLAINTEXT",
    find,
};

const VERSION: &[u8] = b"age-encryption.org/v1";

fn find(input: &Input<'_>) -> Option<Found> {
    let mut keys = Keys::default();
    let mut any = false;
    if is_file(input.bytes) {
        any = true;
        keys.absorb(recipients(input.bytes));
    }
    for block in armor::blocks(input, "AGE ENCRYPTED FILE") {
        any = true;
        match block {
            Some(bytes) if is_file(&bytes) => keys.absorb(recipients(&bytes)),
            _ => keys.cannot_read("its armor holds no header of age"),
        }
    }
    any.then_some(Found { keys, taken: Vec::new() })
}

fn is_file(bytes: &[u8]) -> bool {
    bytes.strip_prefix(VERSION).is_some_and(|rest| rest.starts_with(b"\n"))
}

/// Whom a header names.
fn recipients(bytes: &[u8]) -> Keys {
    let mut keys = Keys::default();
    for (_, line) in lines(bytes).skip(1) {
        if line.starts_with(b"---") {
            break;
        }
        let Some(stanza) = line.strip_prefix(b"-> ") else { continue };
        let Ok(stanza) = std::str::from_utf8(stanza) else {
            keys.cannot_read("a recipient in its header is not text");
            break;
        };
        let mut words = stanza.split(' ');
        match (words.next().unwrap_or_default(), words.next()) {
            ("X25519", _) => keys.known.extend(["age".to_owned()]),
            (kind, _) if kind.ends_with("-grease") => {}
            (kind, Some(tag)) if kind.starts_with("ssh-") => keys.known.extend([format!("age:{kind}:{tag}")]),
            (kind, _) => keys.known.extend([format!("age:{kind}")]),
        }
    }
    if keys.known.is_empty() {
        keys.cannot_read("its header names no recipient");
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64;

    fn keys(bytes: &[u8]) -> Option<Vec<String>> {
        find(&Input::new(bytes)).map(|found| found.keys.known.into_iter().collect())
    }

    const HEADER: &str = "age-encryption.org/v1\n-> X25519 c2hhcmU\nYm9keQ\n-> ssh-ed25519 dGFn c2hhcmU\nYm9keQ\n-> scrypt c2FsdA 18\nYm9keQ\n-> x-grease a\nYm9keQ\n--- bWFj\n-> X1 after the end";

    #[test]
    fn every_stanza_names_a_key() {
        let all = ["age", "age:scrypt", "age:ssh-ed25519:dGFn"].map(str::to_owned).to_vec();
        assert_eq!(keys(HEADER.as_bytes()), Some(all.clone()));
        let armored = format!(
            "-----BEGIN AGE ENCRYPTED FILE-----\n{}\n-----END AGE ENCRYPTED FILE-----\n",
            BASE64.encode(HEADER.as_bytes())
        );
        assert_eq!(keys(armored.as_bytes()), Some(all));
        assert_eq!(keys(b"age-encryption.org/v1 is the first line\n"), None);
    }

    #[test]
    fn no_recipient_is_not_nobody() {
        let found = find(&Input::new(b"age-encryption.org/v1\n--- bWFj\n")).unwrap();
        assert_eq!(found.keys.unreadable.as_deref(), Some("its header names no recipient"));
    }
}
