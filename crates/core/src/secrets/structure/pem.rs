//! Private keys in PEM (RFC 7468) and its older encrypted form (RFC 1421): what is in the block, and whether it is whole.

use super::decode::base64_head;
use super::key::{Contents, armor, der, openssh};
use super::{StructureCheck, Subject, Verdict, fails, holds, weaker};
use memchr::memmem::find;

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "pem",
    about: "a PEM block that holds a whole private key: PKCS #1, PKCS #8, SEC 1, DSA or OpenSSH's own container; one that is \
            encrypted weighs less",
    params: &[],
    source: "https://www.rfc-editor.org/rfc/rfc7468",
    example: "{pem:PRIVATE KEY}",
    check,
};

/// The least characters of base64 of a private key: an Ed25519 key in PKCS #8 has 64.
const SHORTEST: usize = 40;

fn check(subject: &Subject<'_>) -> Verdict {
    let block = subject.secret;
    let Some(label) = armor::label(block) else { return fails("the block has no label") };
    if find(label, b"PRIVATE KEY").is_none() {
        return fails("it is no private key: its label says what else it is");
    }
    let body = armor::body(block);
    if body.len() < SHORTEST {
        return fails("it is too short for a key");
    }
    if !body.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')) {
        return fails("its body is not base64 throughout");
    }
    let Some(raw) = base64_head(&body) else { return fails("its body is not base64") };
    if find(block, b"Proc-Type: 4,ENCRYPTED").is_some() || find(block, b"Proc-Type:4,ENCRYPTED").is_some() {
        // What is encrypted is the key itself: nothing of it can be looked at.
        return encrypted("");
    }
    match openssh::contents(&raw).unwrap_or_else(|| der::contents(&raw)) {
        Contents::Private(what) => holds(format!("it is {what}, in full and without a pass phrase")),
        Contents::Encrypted(how) => encrypted(&how),
        Contents::Public => fails("it is a public key or a certificate, whatever its label says"),
        Contents::CutOff => fails("it is cut off: the key would be longer than what is there"),
        Contents::Other if armor::is_closed(block) => {
            fails("its body decodes, but to no private key: it is altered or made up")
        }
        Contents::Other => {
            fails("its body decodes, but to no private key: it is cut off, altered or made up")
        }
    }
}

fn encrypted(how: &str) -> Verdict {
    let how = if how.is_empty() { String::new() } else { format!(" with {how}") };
    weaker(format!("it is encrypted{how}: a thief needs its pass phrase too"))
}

#[cfg(test)]
mod tests {
    use crate::secrets::structure::Outcome;
    use crate::secrets::structure::tests::{judge, template};

    fn of(block: &str) -> (Outcome, String) {
        let verdict = judge("pem", &[], block);
        (verdict.outcome, verdict.why.into_owned())
    }

    fn block(label: &str) -> String {
        template(&format!("{{pem:{label}}}"), 11)
    }

    #[test]
    fn keys_are_named() {
        for (label, what) in [
            ("RSA PRIVATE KEY", "it is an RSA key of 2048 bits, in full and without a pass phrase"),
            ("PRIVATE KEY", "it is an RSA key of 2048 bits, in full and without a pass phrase"),
            ("EC PRIVATE KEY", "it is an EC key on P-256, in full and without a pass phrase"),
            ("DSA PRIVATE KEY", "it is a DSA key of 1024 bits, in full and without a pass phrase"),
            ("OPENSSH PRIVATE KEY", "it is a key of type ssh-ed25519, in full and without a pass phrase"),
        ] {
            assert_eq!(of(&block(label)), (Outcome::Holds, what.to_owned()), "{label}");
        }
        let (outcome, why) = of(&block("ENCRYPTED PRIVATE KEY"));
        assert_eq!(outcome, Outcome::Weaker, "{why}");
        let (outcome, why) = of(&template("{openssh:aes256-ctr}", 3));
        assert_eq!(
            (outcome, why.as_str()),
            (Outcome::Weaker, "it is encrypted with aes256-ctr: a thief needs its pass phrase too")
        );
        let old = block("RSA PRIVATE KEY").replacen(
            "-----\n",
            "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n",
            1,
        );
        assert_eq!(of(&old).0, Outcome::Weaker);
    }

    #[test]
    fn what_source_code_puts_around_a_key_does_not_count() {
        let rsa = block("RSA PRIVATE KEY");
        assert_eq!(of(&rsa.replace('\n', "\\n")).0, Outcome::Holds);
        assert_eq!(of(&rsa.replace('\n', "\\n\" +\n  \"")).0, Outcome::Holds);
        assert_eq!(of(&rsa.replace('\n', "\r\n    ")).0, Outcome::Holds);
    }

    #[test]
    fn what_is_no_whole_key_fails() {
        assert_eq!(of(&block("CERTIFICATE")).0, Outcome::Fails);
        assert_eq!(of(&block("PUBLIC KEY")).0, Outcome::Fails);
        assert_eq!(
            of("-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----").0,
            Outcome::Fails
        );
        let random = template("-----BEGIN PRIVATE KEY-----\n{base64:640}\n-----END PRIVATE KEY-----", 1);
        assert_eq!(of(&random).0, Outcome::Fails);
        let relabelled = block("PUBLIC KEY").replace("PUBLIC", "PRIVATE");
        assert_eq!(of(&relabelled).0, Outcome::Fails, "{relabelled}");
        for label in ["RSA PRIVATE KEY", "OPENSSH PRIVATE KEY"] {
            let block = block(label);
            let (outcome, why) = of(block.get(..block.len() / 2).unwrap());
            assert_eq!(outcome, Outcome::Fails);
            assert!(why.starts_with("it is cut off"), "{why}");
        }
    }
}
