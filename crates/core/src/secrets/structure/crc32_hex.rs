//! Tokens that end in `_` and a checksum of all that stands before it, in hexadecimal: Grafana's service account tokens.

use super::{StructureCheck, Subject, Verdict, fails, holds};

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "crc32-hex",
    about: "the eight characters behind the last `_` are the CRC-32 of all before it, in hexadecimal, least significant \
            byte first",
    params: &[],
    source: "https://github.com/grafana/grafana/blob/main/pkg/components/satokengen/tokengen.go",
    example: "{grafana}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    let parts = subject.secret.split_last_chunk::<9>();
    let right = parts.is_some_and(|(body, tail)| {
        let sum = data_encoding::HEXLOWER.encode(&crc32fast::hash(body).to_le_bytes());
        tail.strip_prefix(b"_").is_some_and(|digits| digits == sum.as_bytes())
    });
    if right {
        holds("its checksum is right, so it was issued in this form")
    } else {
        fails("its checksum is wrong: it is cut off, altered or made up")
    }
}
