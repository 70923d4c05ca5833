//! Signatures over statements: envelopes of DSSE (Dead Simple Signing Envelope, v1), signed with Ed25519.

mod keys;

pub use keys::{PublicKey, SecretKey};

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

/// What the payload of our envelopes is.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A payload and who signed it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<Signature>,
}

/// One signature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Signature {
    keyid: String,
    sig: String,
}

impl Envelope {
    /// Signs a statement.
    #[must_use]
    pub fn sign(payload: &[u8], key: &SecretKey) -> Self {
        let sig = BASE64.encode(&key.sign(&encoding(PAYLOAD_TYPE, payload)));
        Self {
            payload: BASE64.encode(payload),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: vec![Signature { keyid: key.public().id(), sig }],
        }
    }

    /// What is signed, whoever did.
    ///
    /// # Errors
    ///
    /// A payload that is no base64.
    pub fn payload(&self) -> Result<Vec<u8>, String> {
        BASE64.decode(self.payload.as_bytes()).map_err(|error| format!("its payload is no base64: {error}"))
    }

    /// What one of `keys` signed.
    ///
    /// # Errors
    ///
    /// When none of them did.
    pub fn verify(&self, keys: &[PublicKey]) -> Result<Vec<u8>, String> {
        let payload = self.payload()?;
        let signed = encoding(&self.payload_type, &payload);
        let is_by = |signature: &Signature, key: &PublicKey| {
            BASE64.decode(signature.sig.as_bytes()).is_ok_and(|bytes| key.verifies(&signed, &bytes))
        };
        // The id of a key is not signed: it is a hint, and every key is tried.
        if self.signatures.iter().any(|signature| keys.iter().any(|key| is_by(signature, key))) {
            return Ok(payload);
        }
        let claimed = self.key_id().unwrap_or("nobody");
        Err(format!("it is not signed with a key that is given; it says that it is signed by {claimed}"))
    }

    /// The key that the first signature claims to be by.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.signatures.first().map(|signature| signature.keyid.as_str())
    }
}

/// What is signed: the type and the payload, each with its length, so that neither can pass for part of the other.
fn encoding(kind: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::testing::key;

    #[test]
    fn the_encoding_is_the_one_of_the_specification() {
        // The example of the specification, protocol.md.
        let encoded = encoding("http://example.com/HelloWorld", b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn a_changed_payload_or_type_is_not_what_was_signed() {
        let key = key(7);
        let keys = [key.public()];
        let envelope = Envelope::sign(b"{}", &key);
        assert_eq!(envelope.verify(&keys).unwrap(), b"{}");
        let other = Envelope { payload: BASE64.encode(b"{ }"), ..envelope.clone() };
        assert!(other.verify(&keys).is_err());
        let other = Envelope { payload_type: "text/plain".to_owned(), ..envelope.clone() };
        assert!(other.verify(&keys).is_err());
        let other = Envelope { payload: "%".to_owned(), ..envelope };
        assert!(other.verify(&keys).unwrap_err().contains("no base64"));
    }
}
