//! Tokens that end in a checksum of their random part, in base 62: those of GitHub and npm.
//!
//! Confirmed by the vendors for `ghp_`, `gho_`, `ghu_`, `ghs_`, `ghr_` and `npm_`. GitHub's fine-grained tokens have
//! none that is documented.

use super::{PREFIX, StructureCheck, Subject, Verdict, fails, holds};
use crate::secrets::template::crc32_base62;

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "crc32-base62",
    about: "the last six characters are the CRC-32 of what is between the prefix and them, in base 62 (`0-9A-Za-z`, \
            padded with `0`)",
    params: &[PREFIX],
    source: "https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/",
    example: "{base62:30}{crc32}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    match subject.unprefixed().split_last_chunk::<6>() {
        Some((body, sum)) if !body.is_empty() && crc32_base62(body) == *sum => {
            holds("its checksum is right, so it was issued in this form")
        }
        _ => fails("its checksum is wrong: it is cut off, altered or made up"),
    }
}
