//! Files that git-crypt's filter has encrypted.
//!
//! Source: <https://github.com/AGWA/git-crypt/blob/master/commands.cpp>, `clean`: ten bytes, `\0GITCRYPT\0`, then a
//! nonce of twelve. Nothing in the file names the key: who can open it is told by the files in `.git-crypt/keys`, each
//! the key itself, encrypted for one person.

use super::{Format, Found, Input, Keys};

pub(super) const FORMAT: Format = Format {
    name: "git-crypt",
    other_keys: "take FILE out of .gitattributes, or encrypt it with another tool",
    find,
};

fn find(input: &Input<'_>) -> Option<Found> {
    let encrypted = input.bytes.starts_with(b"\0GITCRYPT\0");
    encrypted.then(|| Found { keys: Keys::one("git-crypt"), taken: Vec::new() })
}

/// Whether a path is one of a key that git-crypt has encrypted for a person.
pub(super) fn is_shared_key(path: &[u8]) -> bool {
    path.starts_with(b".git-crypt/keys/") && path.ends_with(b".gpg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_magic_bytes_stand_at_the_start() {
        let found = |bytes: &[u8]| find(&Input::new(bytes)).map(|found| found.keys);
        assert_eq!(found(b"\0GITCRYPT\0nonce nonce data"), Some(Keys::one("git-crypt")));
        assert_eq!(found(b"see \0GITCRYPT\0"), None);
        assert_eq!(found(b"\0GITCRYPTKEY\0\0\0\x02"), None, "a key, not a file that it opens");
        assert!(is_shared_key(b".git-crypt/keys/default/0/0123456789ABCDEF0123456789ABCDEF01234567.gpg"));
        assert!(!is_shared_key(b"src/.git-crypt/keys/a.gpg") && !is_shared_key(b".git-crypt/keys/a.txt"));
    }
}
