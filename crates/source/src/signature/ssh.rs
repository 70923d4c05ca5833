//! SSH signatures, verified as Git does it (`verify_ssh_signed_buffer` in `gpg-interface.c`): the principals of the key, then
//! `verify` for each of them, else `check-novalidate`. What depends on the key alone is asked once for each key.

use super::program::{Job, Program, Ran, Workshop, failed};
use crate::Error;
use gatepost_core::signature::{AllowedSigner, At, GIT_NAMESPACE, Signed, SshSignature, Trust};
use gatepost_core::{Signature, SignatureFormat, SignatureState, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

const SSH_KEYGEN: Program = Program {
    name: "ssh-keygen",
    what_for: "SSH",
    install: "install OpenSSH 8.9 or newer where gatepost runs, or add its directory to PATH",
};

/// Files in a job's folder, and one folder up.
const PAYLOAD: &str = "payload";
const SIGNATURE: &str = "signature";
const ONE_SIGNER: &str = "one_signer";
const ALLOWED: &str = "allowed_signers";
const ALLOWED_UP: &str = "../allowed_signers";

/// Verifies SSH signatures.
#[derive(Debug, Default)]
pub(super) struct Ssh {
    ready: OnceLock<Result<Vec<String>, Error>>,
    revoked: Mutex<HashMap<Vec<u8>, bool>>,
    now: Mutex<HashMap<Vec<u8>, Accepted>>,
}

/// Whether the allowed signers take a signature.
#[derive(Clone, Debug)]
enum Accepted {
    /// As that of a principal.
    As(String),
    /// They do not, in the words of `ssh-keygen`.
    No(String),
}

/// A signature on its way, and where its files lie.
struct Case<'a> {
    job: &'a Job<'a>,
    trust: &'a Trust,
    signature: &'a SshSignature,
}

impl Ssh {
    pub(super) fn verify(
        &self,
        workshop: &Workshop,
        trust: &Trust,
        signed: &Signed,
        (made, now): (Timestamp, Timestamp),
    ) -> Result<Signature, Error> {
        let new = |state| Signature::new(state, Some(SignatureFormat::Ssh));
        let Some(signature) = SshSignature::parse(&signed.signature) else {
            return Ok(new(SignatureState::Bad).because("it is cut off or broken"));
        };
        let key = Some(signature.fingerprint());
        if signature.namespace != GIT_NAMESPACE.as_bytes() {
            let namespace = String::from_utf8_lossy(&signature.namespace);
            let other = Signature { key, ..new(SignatureState::WrongNamespace) };
            return Ok(other.because(format!("it was made for the namespace `{namespace}`")));
        }
        let (Some(made), Some(now)) = (verify_time(made), verify_time(now)) else {
            return Ok(
                Signature { key, ..new(SignatureState::Bad) }.because("its date is none that a key can have")
            );
        };
        let lists = self.ready.get_or_init(|| prepare(workshop, trust)).as_ref().map_err(Clone::clone)?;
        let job = workshop.job()?;
        job.write(PAYLOAD, &signed.payload)?;
        job.write(SIGNATURE, signature.armoured().as_bytes())?;
        let case = Case { job: &job, trust, signature: &signature };
        let accepted = case.accepted(&made)?;
        if let (Accepted::No(_), false) = (&accepted, case.is_good()?) {
            return Ok(Signature { key, ..new(SignatureState::Bad) }
                .because("the object was changed, or the signature"));
        }
        if self.is_revoked(&case, &accepted, &made, lists)? {
            return Ok(Signature { key, ..new(SignatureState::Revoked) });
        }
        let (signer, state, detail) = match accepted {
            Accepted::No(words) => {
                let (state, detail) = case.why(&words);
                (None, state, detail)
            }
            Accepted::As(signer) => {
                let still = if trust.at == At::Now { self.at_present(&case, &now)? } else { None };
                let (state, detail) = match still {
                    None => (SignatureState::Valid { trusted: true }, None),
                    Some(words) => case.why(&words),
                };
                (Some(signer), state, detail)
            }
        };
        Ok(Signature { signer, key, detail, ..new(state) })
    }

    /// Why the allowed signers do not take the key at present, where they do not.
    fn at_present(&self, case: &Case<'_>, now: &str) -> Result<Option<String>, Error> {
        let words = |accepted: &Accepted| match accepted {
            Accepted::As(_) => None,
            Accepted::No(words) => Some(words.clone()),
        };
        if let Some(known) = lock(&self.now).get(&case.signature.key) {
            return Ok(words(known));
        }
        let accepted = case.accepted(now)?;
        let answer = words(&accepted);
        lock(&self.now).insert(case.signature.key.clone(), accepted);
        Ok(answer)
    }

    /// Whether the key of a good signature is revoked.
    fn is_revoked(
        &self,
        case: &Case<'_>,
        accepted: &Accepted,
        made: &str,
        lists: &[String],
    ) -> Result<bool, Error> {
        if case.trust.revoked().has_ssh(&case.signature.fingerprint()) {
            return Ok(true);
        }
        if lists.is_empty() {
            return Ok(false);
        }
        if let Some(known) = lock(&self.revoked).get(&case.signature.key) {
            return Ok(*known);
        }
        let (signers, principal) = match accepted {
            Accepted::As(principal) => (ALLOWED_UP, principal.as_str()),
            // A certificate that nobody vouches for is worth nothing, revoked or not.
            Accepted::No(_) if case.signature.is_by_certificate() => return Ok(false),
            Accepted::No(_) => {
                case.job.write(ONE_SIGNER, format!("signer {}\n", case.signature.key_line()).as_bytes())?;
                (ONE_SIGNER, "signer")
            }
        };
        let mut revoked = false;
        for list in lists {
            let time = format!("-Overify-time={made}");
            let arguments = ["-f", signers, "-I", principal, "-r", list, &time];
            revoked |= !is_good(&case.verify("verify", &arguments)?)?;
        }
        lock(&self.revoked).insert(case.signature.key.clone(), revoked);
        Ok(revoked)
    }
}

impl Case<'_> {
    /// Whether the allowed signers take the signature at a time.
    fn accepted(&self, time: &str) -> Result<Accepted, Error> {
        if self.trust.allowed().is_empty() {
            return Ok(Accepted::No(String::new()));
        }
        let time = format!("-Overify-time={time}");
        let (principals, mut words) = if self.signature.is_by_certificate() {
            self.principals_of_certificate(&time)?
        } else {
            // A key stands in the lines as it is, so that half of the runs can be done without. Whether a line counts, by
            // its options and its time, `verify` judges again.
            let lines = self.trust.allowed().iter().filter(|signer| signer.key == self.signature.key);
            (lines.flat_map(AllowedSigner::names).map(str::to_owned).collect(), String::new())
        };
        for principal in principals {
            let ran = self.verify("verify", &["-f", ALLOWED_UP, "-I", &principal, &time])?;
            if is_good(&ran)? {
                return Ok(Accepted::As(principal));
            }
            words.push_str(&ran.stderr);
        }
        Ok(Accepted::No(words))
    }

    /// Whom the allowed signers may take a certificate's signature for; else why nobody.
    fn principals_of_certificate(&self, time: &str) -> Result<(Vec<String>, String), Error> {
        let arguments = ["-Y", "find-principals", "-f", ALLOWED_UP, "-s", SIGNATURE, time];
        let ran = self.job.run(SSH_KEYGEN, &arguments, None)?;
        if !ran.success && !ran.stderr.contains("No principal matched") {
            return Err(failed(SSH_KEYGEN, &ran.stderr));
        }
        if ran.stderr.contains("no valid principals found") {
            // The authority is known; why the certificate does not count is said on request alone.
            let ran = self.job.run(SSH_KEYGEN, &[&["-v"], arguments.as_slice()].concat(), None)?;
            return Ok((Vec::new(), ran.stderr));
        }
        let lines = ran.stdout.lines().map(|line| line.trim_end_matches('\r'));
        Ok((lines.filter(|line| !line.is_empty()).map(str::to_owned).collect(), ran.stderr))
    }

    /// Whether the key that the signature names made it, over this object.
    fn is_good(&self) -> Result<bool, Error> {
        is_good(&self.verify("check-novalidate", &[])?)
    }

    fn verify(&self, what: &str, further: &[&str]) -> Result<Ran, Error> {
        let arguments = [&["-Y", what, "-n", GIT_NAMESPACE, "-s", SIGNATURE], further].concat();
        self.job.run(SSH_KEYGEN, &arguments, Some(PAYLOAD))
    }

    /// What a good signature is worth that the allowed signers do not take.
    fn why(&self, words: &str) -> (SignatureState, Option<String>) {
        let after = |mark: &str| {
            let line = words.lines().find(|line| line.contains(mark))?;
            Some(line.split_once(mark)?.1.trim_start_matches([':', ' ']).to_owned())
                .filter(|rest| !rest.is_empty())
        };
        let is_known = self.trust.allowed().iter().any(|signer| signer.key == self.signature.key);
        if words.contains("not permitted for use in signature namespace") {
            let detail = "the allowed signers have it for other namespaces".to_owned();
            (SignatureState::WrongNamespace, Some(detail))
        } else if words.contains("expired") {
            (SignatureState::Expired, after("expired"))
        } else if words.contains("not yet valid") {
            (SignatureState::NotYetValid, after("not yet valid"))
        } else if is_known {
            let detail = words.lines().next().unwrap_or("ssh-keygen does not say why").to_owned();
            (SignatureState::UnknownKey, Some(detail))
        } else if self.signature.is_by_certificate() {
            let detail = "nobody whom the policy trusts issued the certificate for it".to_owned();
            (SignatureState::UnknownKey, Some(detail))
        } else {
            (SignatureState::Valid { trusted: false }, None)
        }
    }
}

/// What `-Y verify` and `-Y check-novalidate` found. Anything else that they say is no verdict.
fn is_good(ran: &Ran) -> Result<bool, Error> {
    if ran.success && ran.stdout.starts_with("Good \"git\" signature") {
        Ok(true)
    } else if !ran.success && ran.stdout.contains("Could not verify signature") {
        Ok(false)
    } else {
        Err(failed(SSH_KEYGEN, &format!("{} {}", ran.stdout, ran.stderr)))
    }
}

/// Writes what all signatures need; the revocation lists, as a job finds them.
fn prepare(workshop: &Workshop, trust: &Trust) -> Result<Vec<String>, Error> {
    let signers: String = trust.allowed().iter().map(|signer| format!("{}\n", signer.line)).collect();
    workshop.write(ALLOWED, signers.as_bytes())?;
    let job = workshop.job()?;
    let mut lists = Vec::new();
    for (number, list) in trust.revoked().lists().iter().enumerate() {
        let name = format!("revoked-{number}");
        workshop.write(&name, list)?;
        lists.push(format!("../{name}"));
    }
    // Keys that are named one by one: a list of them says of certificates what it says of their keys and authorities.
    let named: String = trust.revoked().ssh().map(|fingerprint| format!("hash: {fingerprint}\n")).collect();
    if !named.is_empty() {
        job.write("named", named.as_bytes())?;
        let ran = job.run(SSH_KEYGEN, &["-q", "-k", "-f", "../revoked-named", "named"], None)?;
        if !ran.success {
            return Err(failed(SSH_KEYGEN, &ran.stderr));
        }
        lists.push("../revoked-named".to_owned());
    }
    for list in &lists {
        let ran = job.run(SSH_KEYGEN, &["-Q", "-l", "-f", list], None)?;
        if !ran.success {
            return Err(failed(SSH_KEYGEN, &format!("a list of revoked keys is broken: {}", ran.stderr)));
        }
    }
    Ok(lists)
}

/// The last second of the year 9998: everything up to here has a year of four digits and a calendar.
const LATEST: i64 = 253_370_764_799;

/// `YYYYMMDDHHMMSS` in UTC; `None` outside of what `ssh-keygen` can say.
fn verify_time(time: Timestamp) -> Option<String> {
    let in_range = (0..=LATEST).contains(&time.seconds);
    in_range.then(|| time.to_string().chars().filter(char::is_ascii_digit).collect())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_ssh_keygen_takes_them() {
        let at = |seconds| verify_time(Timestamp { seconds, offset_minutes: 120 });
        assert_eq!(at(0).as_deref(), Some("19700101000000"));
        assert_eq!(at(LATEST).as_deref(), Some("99981231235959"));
        assert_eq!((at(-1), at(LATEST + 1), at(i64::MAX)), (None, None, None));
    }

    #[test]
    fn what_ssh_keygen_never_says_is_no_verdict() {
        let ran =
            |success, stdout: &str| Ran {
                success, stdout: stdout.to_owned(), stderr: "usage: …".to_owned()
            };
        assert!(is_good(&ran(true, "Good \"git\" signature for x with ED25519 key SHA256:y\n")).unwrap());
        assert!(!is_good(&ran(false, "Could not verify signature.\n")).unwrap());
        for odd in [
            ran(false, ""),
            ran(true, ""),
            ran(false, "Good \"git\" signature"),
            ran(true, "Could not verify signature."),
        ] {
            assert!(is_good(&odd).is_err(), "{odd:?}");
        }
    }
}
