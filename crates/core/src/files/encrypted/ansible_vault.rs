//! Files and values of Ansible Vault.
//!
//! Source: <https://docs.ansible.com/ansible/latest/vault_guide/vault_using_encrypted_content.html>, "Format of files
//! encrypted with Ansible Vault": a header `$ANSIBLE_VAULT;1.1;AES256` or `$ANSIBLE_VAULT;1.2;AES256;LABEL`, then
//! hexadecimal digits in lines of 80. A value in YAML (`!vault |`) is the same, indented; in JSON its line ends are
//! escapes.

use super::{Format, Found, Input, Keys};
use memchr::memmem;

pub(super) const FORMAT: Format = Format {
    name: "Ansible Vault",
    other_keys: "ansible-vault rekey --new-vault-id LABEL@prompt FILE, with a label that is approved; values inside YAML are made anew with ansible-vault encrypt_string",
    find,
};

const HEADER: &[u8] = b"$ANSIBLE_VAULT;";

/// The longest header line, in bytes: labels are short names.
const LONGEST_HEADER: usize = 512;

fn find(input: &Input<'_>) -> Option<Found> {
    let mut keys = Keys::default();
    let mut any = false;
    for at in memmem::find_iter(input.bytes, HEADER) {
        let rest = input.bytes.get(at + HEADER.len()..).unwrap_or_default();
        if let Some(found) = vault(rest) {
            any = true;
            keys.absorb(found);
        }
    }
    any.then_some(Found { keys, taken: Vec::new() })
}

/// The key of one vault, whose text goes on after `$ANSIBLE_VAULT;`. A header that no data follows is a mention.
fn vault(rest: &[u8]) -> Option<Keys> {
    let head = rest.get(..LONGEST_HEADER).unwrap_or(rest);
    let end = head.iter().position(|byte| matches!(byte, b'\n' | b'\r' | b'\\'))?;
    let (header, body) = (rest.get(..end)?, rest.get(end..)?);
    let body = skip_line_end(body);
    let digits = body.iter().take(4).take_while(|byte| byte.is_ascii_hexdigit()).count();
    if digits < 4 {
        return None;
    }
    let header = std::str::from_utf8(header).ok()?;
    let fields: Vec<&str> = header.trim().split(';').map(str::trim).collect();
    Some(match fields.as_slice() {
        ["1.0" | "1.1", _] | ["1.2", _, ""] => Keys::one("ansible-vault"),
        ["1.2", _, label] => Keys::one(format!("ansible-vault:{label}")),
        _ => {
            let mut keys = Keys::default();
            keys.cannot_read("its header is neither of version 1.1 nor of 1.2");
            keys
        }
    })
}

/// What follows a line end, real or written as an escape, and the indentation after it.
fn skip_line_end(mut rest: &[u8]) -> &[u8] {
    loop {
        rest = match rest {
            [b'\n' | b'\r' | b' ' | b'\t', after @ ..] | [b'\\', b'n' | b'r', after @ ..] => after,
            _ => return rest,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Option<Keys> {
        find(&Input::new(text.as_bytes())).map(|found| found.keys)
    }

    #[test]
    fn the_label_is_the_key() {
        let body = "3961326631".repeat(8);
        for (text, key) in [
            (format!("$ANSIBLE_VAULT;1.1;AES256\n{body}\n"), "ansible-vault"),
            (format!("$ANSIBLE_VAULT;1.1;AES256\r\n{body}\r\n"), "ansible-vault"),
            (format!("$ANSIBLE_VAULT;1.2;AES256;prod\n{body}\n"), "ansible-vault:prod"),
            (
                format!("user: a\npass: !vault |\n    $ANSIBLE_VAULT;1.2;AES256;dev\n    {body}\n"),
                "ansible-vault:dev",
            ),
            (format!("{{\"__ansible_vault\": \"$ANSIBLE_VAULT;1.1;AES256\\n{body}\\n\"}}"), "ansible-vault"),
        ] {
            assert_eq!(keys(&text), Some(Keys::one(key)), "{text}");
        }
        let two = format!("$ANSIBLE_VAULT;1.2;AES256;a\n{body}\n$ANSIBLE_VAULT;1.2;AES256;b\n{body}\n");
        assert_eq!(keys(&two).unwrap().known.len(), 2);
    }

    #[test]
    fn a_mention_is_no_vault_and_an_unknown_version_is_not_guessed_at() {
        assert_eq!(keys("files begin with $ANSIBLE_VAULT;1.1;AES256\nand so on\n"), None);
        assert_eq!(keys("grep -l '^$ANSIBLE_VAULT;' -r ."), None);
        let unknown = keys("$ANSIBLE_VAULT;2.0;AES512;a;b\n39613266\n").unwrap();
        assert!(unknown.known.is_empty() && unknown.unreadable.is_some());
    }
}
