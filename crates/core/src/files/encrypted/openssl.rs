//! What `openssl enc` writes, which is also what transcrypt writes.
//!
//! Sources: <https://docs.openssl.org/master/man1/openssl-enc/>: a salted file begins with `Salted__` and eight bytes of
//! salt; <https://github.com/elasticdog/transcrypt/blob/main/docs/algorithm.rst>: transcrypt stores the same in
//! base64, where it begins with `U2FsdGVkX1`. Both derive the key from a password that nothing in the file names.

use super::{Format, Found, Input, Keys};

pub(super) const FORMAT: Format = Format {
    name: "OpenSSL or transcrypt",
    other_keys: "encrypt FILE with a tool that names its keys, such as SOPS",
    find,
};

/// The fewest base64 characters: sixteen bytes of header and one block.
const FEWEST: usize = 43;

fn find(input: &Input<'_>) -> Option<Found> {
    let key = if input.bytes.starts_with(b"Salted__") {
        "openssl"
    } else if is_base64_file(input.bytes) {
        "transcrypt"
    } else {
        return None;
    };
    Some(Found { keys: Keys::one(key), taken: Vec::new() })
}

/// Whether the file is base64 throughout and begins with the header.
fn is_base64_file(bytes: &[u8]) -> bool {
    let digit = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'\n' | b'\r');
    bytes.starts_with(b"U2FsdGVkX1") && bytes.len() >= FEWEST && bytes.iter().all(digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_file_must_be_the_data() {
        let found = |bytes: &[u8]| find(&Input::new(bytes)).map(|found| found.keys);
        let encoded = data_encoding::BASE64.encode(b"Salted__saltsaltdata of one block");
        assert_eq!(found(format!("{encoded}\n").as_bytes()), Some(Keys::one("transcrypt")));
        assert_eq!(found(b"Salted__saltsaltdata"), Some(Keys::one("openssl")));
        assert_eq!(found(format!("{encoded} and words\n").as_bytes()), None);
        assert_eq!(found(b"U2FsdGVkX1\n"), None);
    }
}
