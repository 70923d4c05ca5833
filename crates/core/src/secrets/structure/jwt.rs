//! JSON Web Tokens (RFC 7519): a header and a payload, both JSON objects in base64url.

use super::Verdict;
use data_encoding::BASE64URL_NOPAD;

pub(super) fn check(secret: &[u8]) -> Verdict {
    let mut parts = secret.split(|b| *b == b'.');
    let (Some(header), Some(payload)) = (parts.next(), parts.next()) else {
        return Verdict::Fails("it has no three parts");
    };
    let signature = parts.next().unwrap_or(&[]);
    match (object(header), object(payload)) {
        (Some(header), Some(_)) if has_alg(&header) => {
            if signature.is_empty() {
                Verdict::Weaker("it is not signed (`alg` none or cut off), so no careful server accepts it")
            } else {
                Verdict::Holds(
                    "its header and payload decode to JSON, so it is a token and not only shaped like one",
                )
            }
        }
        _ => Verdict::Fails("its header or payload is not JSON in base64url"),
    }
}

/// A base64url part that decodes to something in braces.
fn object(part: &[u8]) -> Option<Vec<u8>> {
    let unpadded = part.strip_suffix(b"==").or_else(|| part.strip_suffix(b"=")).unwrap_or(part);
    let text = BASE64URL_NOPAD.decode(unpadded).ok()?;
    let trimmed = text.trim_ascii();
    (trimmed.starts_with(b"{") && trimmed.ends_with(b"}") && std::str::from_utf8(trimmed).is_ok())
        .then_some(text)
}

fn has_alg(header: &[u8]) -> bool {
    memchr::memmem::find(header, b"\"alg\"")
        .and_then(|at| header.get(at + 5..))
        .is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::template::expand;

    #[test]
    fn tokens_are_told_from_look_alikes() {
        let token = expand("{jwt}", 4);
        assert!(matches!(check(token.as_bytes()), Verdict::Holds(_)));
        let (unsigned, _) = token.rsplit_once('.').unwrap();
        assert!(matches!(check(format!("{unsigned}.").as_bytes()), Verdict::Weaker(_)));
        let fake = expand("eyJ{base64url:30}.eyJ{base64url:30}.{base64url:40}", 4);
        assert!(matches!(check(fake.as_bytes()), Verdict::Fails(_)));
        assert!(matches!(check(b"eyJ"), Verdict::Fails(_)));
    }
}
