//! Tokens that end in a checksum: GitHub, npm and others.
//!
//! Source: <https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>

use super::Verdict;
use crate::secrets::template::crc32_base62;

pub(super) fn check(prefix: u8, secret: &[u8]) -> Verdict {
    let parts = secret.get(usize::from(prefix)..).and_then(<[u8]>::split_last_chunk::<6>);
    match parts {
        Some((body, sum)) if crc32_base62(body) == *sum => {
            Verdict::Holds("its checksum is right, so it was issued in this form")
        }
        _ => Verdict::Fails("its checksum is wrong: cut off, altered or made up"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::template::expand;

    #[test]
    fn a_changed_character_is_noticed() {
        let token = expand("ghp_{base62:30}{crc32}", 9);
        assert!(matches!(check(4, token.as_bytes()), Verdict::Holds(_)));
        let mut broken = token.into_bytes();
        broken[10] = if broken[10] == b'a' { b'b' } else { b'a' };
        assert!(matches!(check(4, &broken), Verdict::Fails(_)));
        assert!(matches!(check(4, b"ghp_1"), Verdict::Fails(_)));
    }
}
