//! Keys that are so many bytes in base64: those of Azure's storage, service bus and shared access signatures.

use super::decode::{base64, percent};
use super::{Param, StructureCheck, Subject, Verdict, fails, holds};

const BYTES: Param =
    Param { name: "bytes", about: "how many bytes the text stands for", default: None, most: 4096 };

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "base64",
    about: "base64 or base64url, percent-escaped or not, of exactly so many bytes, without stray bits at the end",
    params: &[BYTES],
    source: "https://www.rfc-editor.org/rfc/rfc4648#section-3.5",
    example: "{base64-of:64}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    let bytes = subject.param(&BYTES);
    match base64(&percent(subject.secret)) {
        Some(key) if key.len() == bytes => holds(format!("it is base64 of {bytes} bytes, as such keys are")),
        Some(_) => fails(format!("it is base64, but not of {bytes} bytes, as such keys are")),
        None => fails("it is not what an encoder of base64 writes: it is cut off, altered or made up"),
    }
}

#[cfg(test)]
mod tests {
    use crate::secrets::structure::Outcome;
    use crate::secrets::structure::tests::{judge, template};

    #[test]
    fn length_and_last_bits_count() {
        let key = template("{base64-of:32}", 2);
        assert_eq!(judge("base64", &[("bytes", 32)], &key).outcome, Outcome::Holds);
        assert_eq!(judge("base64", &[("bytes", 64)], &key).outcome, Outcome::Fails);
        let escaped = key.replace('+', "%2B").replace('/', "%2f").replace('=', "%3D");
        assert_eq!(judge("base64", &[("bytes", 32)], &escaped).outcome, Outcome::Holds);
        // 43 characters have 258 bits: the last two must be zero.
        let stray = format!("{}B=", key.get(..42).unwrap());
        assert_eq!(judge("base64", &[("bytes", 32)], &stray).outcome, Outcome::Fails);
    }
}
