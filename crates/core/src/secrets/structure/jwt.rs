//! JSON Web Tokens (RFC 7519), signed (RFC 7515) or encrypted (RFC 7516).
//!
//! Whether a token has expired is for who knows the time; the check states the day.

use super::decode::{base64, day, word};
use super::{StructureCheck, Subject, Verdict, fails, holds, weaker};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "jwt",
    about: "a JSON Web Token: a header and a payload that are JSON in base64url, the header with `alg`, and a signature of the \
            length that this algorithm has; or the five parts of an encrypted one. Without a signature it weighs less",
    params: &[],
    source: "https://www.rfc-editor.org/rfc/rfc7519",
    example: "{jwt}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    let parts: Vec<&[u8]> = subject.secret.split(|byte| *byte == b'.').collect();
    let header = parts.first().and_then(|part| object(part));
    let alg = header.as_ref().and_then(|header| header.get("alg")).and_then(Value::as_str);
    let (Some(header), Some(alg)) = (&header, alg) else {
        return fails("its header is not JSON in base64url with an `alg`");
    };
    match parts.as_slice() {
        [_, payload, rest @ ..] if rest.len() <= 1 => {
            signed(alg, payload, rest.first().copied().unwrap_or(&[]))
        }
        [_, _, iv, text, tag] if header.contains_key("enc") => {
            if [iv, text, tag].iter().all(|part| base64(part).is_some_and(|bytes| !bytes.is_empty())) {
                holds(format!("it is an encrypted token (JWE, `alg` {}), complete", word(alg).unwrap_or("?")))
            } else {
                fails("its parts are not base64url")
            }
        }
        _ => fails("it has neither the three parts of a signed token nor the five of an encrypted one"),
    }
}

fn signed(alg: &str, payload: &[u8], signature: &[u8]) -> Verdict {
    let Some(claims) = object(payload) else {
        return fails("its payload is not JSON in base64url");
    };
    let facts = facts(&claims);
    if alg.eq_ignore_ascii_case("none") || signature.is_empty() {
        return weaker(format!(
            "it is not signed (`alg` none or cut off), so no careful server accepts it{facts}"
        ));
    }
    let length = base64(signature).map_or(0, |bytes| bytes.len());
    if !lengths(alg).contains(&length) {
        return fails(format!(
            "its signature is not of the length that `alg` {} has: it is cut off, altered or made up",
            word(alg).unwrap_or("?")
        ));
    }
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") == Some("supabase") && text("role") == Some("anon") {
        return weaker(format!("it is Supabase's `anon` key, which is made to be public{facts}"));
    }
    let alg = word(alg).unwrap_or("?");
    holds(format!(
        "its header and payload decode to JSON (`alg` {alg}), so it is a token and not only shaped like one{facts}"
    ))
}

/// How many bytes a signature has. Sources: RFC 7518, section 3; RFC 8037, section 3.1; RFC 8812, section 3.2.
fn lengths(alg: &str) -> RangeInclusive<usize> {
    match alg {
        "HS256" => 32..=32,
        "HS384" => 48..=48,
        "HS512" | "ES256" | "ES256K" => 64..=64,
        "ES384" => 96..=96,
        "ES512" => 132..=132,
        // As long as the key; 1024 bits are too few and were common.
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => 128..=2048,
        // Ed25519 and Ed448.
        "EdDSA" => 64..=114,
        _ => 1..=usize::MAX,
    }
}

/// The days that the claims name. `iat` alone says how old a token is that never expires.
fn facts(claims: &Map<String, Value>) -> String {
    let of = |name: &str| claims.get(name).and_then(Value::as_f64).and_then(|seconds| day(seconds as i64));
    match (of("exp"), of("iat")) {
        (Some(day), _) => format!("; it expires on {day}"),
        (None, _) if claims.contains_key("exp") => String::new(),
        (None, Some(day)) => format!("; it was issued on {day} and does not expire"),
        (None, None) => "; it does not expire".to_owned(),
    }
}

/// A base64url part that decodes to a JSON object.
fn object(part: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(&base64(part)?).ok()
}

#[cfg(test)]
mod tests {
    use crate::secrets::structure::Outcome;
    use crate::secrets::structure::tests::{judge, template};
    use data_encoding::BASE64URL_NOPAD as URL;

    fn token(header: &str, payload: &str, signature: &str) -> String {
        format!("{}.{}.{signature}", URL.encode(header.as_bytes()), URL.encode(payload.as_bytes()))
    }

    #[test]
    fn tokens_are_told_from_look_alikes() {
        let of = |text: &str| judge("jwt", &[], text).outcome;
        let good = template("{jwt}", 4);
        assert_eq!(of(&good), Outcome::Holds);
        let (unsigned, signature) = good.rsplit_once('.').unwrap();
        assert_eq!(of(&format!("{unsigned}.")), Outcome::Weaker);
        assert_eq!(of(&token("{\"alg\":\"None\"}", "{}", signature)), Outcome::Weaker);
        assert_eq!(of(good.get(..good.len() - 4).unwrap()), Outcome::Fails);
        assert_eq!(of(&token("{\"alg\":\"RS256\"}", "{}", signature)), Outcome::Fails);
        assert_eq!(of(&token("{\"alg\":\"ML-DSA-44\"}", "{}", signature)), Outcome::Holds);
        assert_eq!(of(&token("{\"typ\":\"JWT\"}", "{}", signature)), Outcome::Fails);
        assert_eq!(of(&token("{\"alg\":\"ES256\"}", "[]", signature)), Outcome::Fails);
        assert_eq!(of(&template("eyJ{base64url:30}.eyJ{base64url:30}.{base64url:40}", 4)), Outcome::Fails);
        assert_eq!(of("eyJ"), Outcome::Fails);
    }

    #[test]
    fn days_are_stated() {
        let why = |claims: &str| {
            judge("jwt", &[], &token("{\"alg\":\"HS256\"}", claims, &URL.encode(&[1; 32]))).why.into_owned()
        };
        assert!(why("{\"exp\":1614816000}").ends_with("; it expires on 2021-03-04"));
        assert!(why("{\"iat\":1614816000.5}").ends_with("issued on 2021-03-04 and does not expire"));
        assert!(why("{\"exp\":\"soon\"}").ends_with("shaped like one"));
        assert!(why("{}").contains("(`alg` HS256)"));
    }

    #[test]
    fn what_is_public_by_design_weighs_less() {
        let of = |role: &str| {
            let claims = format!("{{\"iss\":\"supabase\",\"role\":\"{role}\"}}");
            judge("jwt", &[], &token("{\"alg\":\"HS256\"}", &claims, &URL.encode(&[1; 32]))).outcome
        };
        assert_eq!(of("anon"), Outcome::Weaker);
        assert_eq!(of("service_role"), Outcome::Holds);
    }

    #[test]
    fn encrypted_tokens_have_five_parts() {
        let header = URL.encode(b"{\"alg\":\"dir\",\"enc\":\"A256GCM\"}");
        let of = |text: &str| judge("jwt", &[], text).outcome;
        assert_eq!(of(&format!("{header}..aXY.dGV4dA.dGFn")), Outcome::Holds);
        assert_eq!(of(&format!("{header}..aXY.dGV4dA.")), Outcome::Fails);
        assert_eq!(of(&format!("{header}..aXY.dGV4dA")), Outcome::Fails);
    }
}
