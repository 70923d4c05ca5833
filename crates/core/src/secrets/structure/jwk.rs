//! JSON Web Keys (RFC 7517, 7518, 8037): which members are there tells a private key from a public one.

use super::decode::{base64, word};
use super::{StructureCheck, Subject, Verdict, fails, holds};
use serde_json::{Map, Value};

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "jwk",
    about: "a JSON object with `kty` and the private member of that type in base64url: `d` for RSA, EC and OKP, `k` for a \
            symmetric key",
    params: &[],
    source: "https://www.rfc-editor.org/rfc/rfc7518#section-6",
    example: "{jwk}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    // The secret may be the private member alone: the match has the object, then.
    let object = [subject.secret, subject.whole].into_iter().find_map(object);
    let Some(object) = object else {
        return fails("it is not a whole JSON object");
    };
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let bytes = |name: &str| text(name).and_then(|text| base64(text.as_bytes())).filter(|b| !b.is_empty());
    let curve = text("crv").and_then(word).unwrap_or("a curve without a name");
    let (private, what) = match text("kty") {
        Some("RSA") => {
            let bits = bytes("n").map_or(0, |modulus| modulus.len() * 8);
            ("d", format!("an RSA key of {bits} bits"))
        }
        Some("EC") => ("d", format!("an EC key on {curve}")),
        Some("OKP") => ("d", format!("a key on {curve}")),
        Some("oct") => {
            ("k", format!("a symmetric key of {} bits", bytes("k").map_or(0, |key| key.len() * 8)))
        }
        _ => return fails("its `kty` is none that is known"),
    };
    if bytes(private).is_some() {
        holds(format!("it is {what}, and its private member `{private}` is there"))
    } else if object.contains_key(private) {
        fails(format!("its private member `{private}` is not base64url"))
    } else {
        fails("it is a public key only")
    }
}

fn object(text: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(text).ok()
}

#[cfg(test)]
mod tests {
    use crate::secrets::structure::Outcome;
    use crate::secrets::structure::tests::judge;

    #[test]
    fn private_members_are_looked_for() {
        let of = |text: &str| judge("jwk", &[], text);
        let key = of(r#"{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ","d":"AQ"}"#);
        assert_eq!(key.outcome, Outcome::Holds);
        assert!(key.why.starts_with("it is an EC key on P-256"), "{}", key.why);
        assert_eq!(of(r#"{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}"#).why, "it is a public key only");
        assert_eq!(of(r#"{"kty":"oct","k":"not base64"}"#).outcome, Outcome::Fails);
        assert_eq!(of(r#"{"kty":"other","d":"AQ"}"#).outcome, Outcome::Fails);
    }
}
