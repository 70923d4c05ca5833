//! OpenPGP signatures, verified by `gpg` against the keys of the policy and no others: a keyring of its own, no agent, no
//! network. Its status lines are read as Git reads them (`parse_gpg_output` in `gpg-interface.c`).

use super::program::{Program, Ran, Workshop, failed};
use crate::{Error, platform};
use gatepost_core::signature::{At, Signed, Trust};
use gatepost_core::{Signature, SignatureFormat, SignatureState, Timestamp};
use std::collections::HashMap;
use std::sync::OnceLock;

const GPG: Program = Program {
    name: "gpg",
    what_for: "OpenPGP",
    install: "install GnuPG 2.2 or newer where gatepost runs, or add its directory to PATH",
};

/// What every run is given. Whom the policy names is trusted, so there is no web of trust to be asked.
const ALWAYS: [&str; 14] = [
    "--homedir",
    "../gnupg",
    "--batch",
    "--no-tty",
    "--no-options",
    "--no-autostart",
    "--no-auto-key-locate",
    "--no-auto-key-retrieve",
    "--no-auto-check-trustdb",
    "--trust-model=always",
    "--lock-never",
    "--keyid-format=long",
    "--status-fd=1",
    "--display-charset=utf-8",
];

/// Verifies OpenPGP signatures.
#[derive(Debug, Default)]
pub(super) struct OpenPgp {
    ready: OnceLock<Result<HashMap<String, Facts>, Error>>,
}

/// What is known of a key or subkey of the policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Facts {
    /// Whether its owner revoked it.
    revoked: bool,
    /// When it was made, in seconds since the epoch.
    created: i64,
}

/// What the status lines of a run say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Status {
    /// The verdicts: one for each signature.
    verdicts: Vec<String>,
    /// The key's id, or its fingerprint where it is known.
    key: Option<String>,
    signer: Option<String>,
    /// The fingerprint of the primary key.
    primary: Option<String>,
    /// Why `gpg` cannot tell: the code of `ERRSIG`.
    code: Option<String>,
}

/// The code of `ERRSIG` for a key that is not there (`doc/DETAILS` of `GnuPG`).
const NO_PUBLIC_KEY: &str = "9";

impl OpenPgp {
    pub(super) fn verify(
        &self,
        workshop: &Workshop,
        trust: &Trust,
        signed: &Signed,
        (made, now): (Timestamp, Timestamp),
    ) -> Result<Signature, Error> {
        let new = |state| Signature::new(state, Some(SignatureFormat::OpenPgp));
        if trust.openpgp().is_empty() {
            return Ok(new(SignatureState::UnknownKey).because("the policy has no OpenPGP keys"));
        }
        if !is_time(made) {
            return Ok(new(SignatureState::Bad).because("its date is none that a key can have"));
        }
        let keys = self.ready.get_or_init(|| prepare(workshop, trust)).as_ref().map_err(Clone::clone)?;
        let mut signature = verify_at(workshop, trust, keys, signed, made)?;
        if trust.at == At::Now && signature.state == (SignatureState::Valid { trusted: true }) {
            signature = verify_at(workshop, trust, keys, signed, now)?;
        }
        Ok(signature)
    }
}

/// `gpg` counts in 32 bits.
fn is_time(time: Timestamp) -> bool {
    u32::try_from(time.seconds).is_ok_and(|seconds| seconds > 0)
}

/// What a signature is worth at a time.
fn verify_at(
    workshop: &Workshop,
    trust: &Trust,
    keys: &HashMap<String, Facts>,
    signed: &Signed,
    time: Timestamp,
) -> Result<Signature, Error> {
    let job = workshop.job()?;
    job.write("payload", &signed.payload)?;
    job.write("signature", &signed.signature)?;
    let frozen = format!("--faked-system-time={}!", time.seconds);
    let arguments = [ALWAYS.as_slice(), &[&frozen, "--verify", "signature", "-"]].concat();
    let ran = job.run(GPG, &arguments, Some("payload"))?;
    let status = Status::read(&ran.stdout);
    let (state, detail) = judge(&status, &ran, trust, keys, time)?;
    let key = status.key.clone();
    let signer = status.signer;
    Ok(Signature { signer, key, detail, ..Signature::new(state, Some(SignatureFormat::OpenPgp)) })
}

fn judge(
    status: &Status,
    ran: &Ran,
    trust: &Trust,
    keys: &HashMap<String, Facts>,
    time: Timestamp,
) -> Result<(SignatureState, Option<String>), Error> {
    let because = |state, words: &str| Ok((state, Some(words.to_owned())));
    let verdict = match status.verdicts.as_slice() {
        [one] => one.as_str(),
        [] if ran.stdout.contains("[GNUPG:] ") => {
            return because(SignatureState::Bad, "gpg finds no signature over the object in it");
        }
        [] => return Err(failed(GPG, &ran.stderr)),
        _ => return because(SignatureState::Bad, "there is more than one in it"),
    };
    let named = [&status.key, &status.primary].into_iter().flatten();
    let is_revoked = |fingerprint: &String| {
        trust.revoked().has_openpgp(fingerprint) || keys.get(fingerprint).is_some_and(|facts| facts.revoked)
    };
    let revoked = named.clone().any(is_revoked);
    match verdict {
        "BADSIG" => because(SignatureState::Bad, "the object was changed, or the signature"),
        "REVKEYSIG" => Ok((SignatureState::Revoked, None)),
        "GOODSIG" | "EXPSIG" | "EXPKEYSIG" if revoked => Ok((SignatureState::Revoked, None)),
        "GOODSIG" if ran.success && status.primary.is_some() => {
            Ok((SignatureState::Valid { trusted: true }, None))
        }
        "EXPSIG" => because(SignatureState::Expired, "the signature itself had an end"),
        "EXPKEYSIG" => Ok((SignatureState::Expired, None)),
        "ERRSIG" if status.code.as_deref() == Some(NO_PUBLIC_KEY) => Ok((SignatureState::UnknownKey, None)),
        "ERRSIG" if named.clone().any(|key| keys.get(key).is_some_and(|key| key.created > time.seconds)) => {
            because(SignatureState::NotYetValid, "it was made later")
        }
        "ERRSIG" => {
            let code = status.code.as_deref().unwrap_or("none");
            Ok((SignatureState::UnknownKey, Some(format!("gpg cannot check it (ERRSIG, code {code})"))))
        }
        _ => Err(failed(GPG, &ran.stderr)),
    }
}

impl Status {
    fn read(stdout: &str) -> Self {
        let mut status = Self::default();
        for line in stdout.lines().filter_map(|line| line.strip_prefix("[GNUPG:] ")) {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let fields: Vec<&str> = rest.split(' ').collect();
            match word {
                "GOODSIG" | "BADSIG" | "EXPSIG" | "EXPKEYSIG" | "REVKEYSIG" => {
                    status.verdicts.push(word.to_owned());
                    let (key, signer) = rest.split_once(' ').unwrap_or((rest, ""));
                    status.key = Some(key.to_owned());
                    status.signer = Some(signer.to_owned()).filter(|signer| !signer.is_empty());
                }
                "ERRSIG" => {
                    status.verdicts.push(word.to_owned());
                    let fingerprint = fields.get(6).filter(|field| field.len() >= 40);
                    status.key = fingerprint.or(fields.first()).map(|&key| key.to_owned());
                    status.code = fields.get(5).map(|&code| code.to_owned());
                }
                "VALIDSIG" => {
                    status.key = fields.first().map(|&key| key.to_owned());
                    status.primary = fields.get(9).or(fields.first()).map(|&key| key.to_owned());
                }
                _ => {}
            }
        }
        status
    }
}

/// Makes the keyring; what it says of each key and subkey, by fingerprint.
fn prepare(workshop: &Workshop, trust: &Trust) -> Result<HashMap<String, Facts>, Error> {
    let home = workshop.path().join("gnupg");
    platform::create_private(&home)
        .map_err(|error| failed(GPG, &format!("no keyring can be made: {error}")))?;
    let job = workshop.job()?;
    for (number, keys) in trust.openpgp().iter().enumerate() {
        job.write("keys", keys)?;
        let ran = job.run(GPG, &[ALWAYS.as_slice(), &["--import", "keys"]].concat(), None)?;
        if !ran.success || !ran.stdout.contains("[GNUPG:] IMPORT_OK ") {
            let number = number.saturating_add(1);
            let why =
                format!("it cannot import the OpenPGP keys of the policy, number {number}: {}", ran.stderr);
            return Err(failed(GPG, &why));
        }
    }
    let list = ["--with-colons", "--with-subkey-fingerprint", "--fixed-list-mode", "--list-keys"];
    let ran = job.run(GPG, &[ALWAYS.as_slice(), &list].concat(), None)?;
    if !ran.success {
        return Err(failed(GPG, &ran.stderr));
    }
    Ok(listed(&ran.stdout))
}

/// Keys and subkeys from `gpg --with-colons --list-keys` (`doc/DETAILS` of `GnuPG`): what stands in `pub` or `sub` is about the
/// `fpr` that follows.
fn listed(text: &str) -> HashMap<String, Facts> {
    let (mut keys, mut facts) = (HashMap::new(), None);
    for line in text.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        match fields.first() {
            Some(&("pub" | "sub")) => {
                let revoked = fields.get(1) == Some(&"r");
                let created = fields.get(5).and_then(|created| created.parse().ok()).unwrap_or(0);
                facts = Some(Facts { revoked, created });
            }
            Some(&"fpr") => {
                if let (Some(facts), Some(fingerprint)) = (facts.take(), fields.get(9)) {
                    keys.insert((*fingerprint).to_owned(), facts);
                }
            }
            _ => {}
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIMARY: &str = "EBC72FE8C80D6AB77713FEA299BA02ABF71CD282";
    const SUBKEY: &str = "602C1ED8698721CEA358F7DA4BF9F9167D67E974";

    #[test]
    fn status_lines_are_read_as_git_reads_them() {
        let text = format!(
            "[GNUPG:] NEWSIG a@x\n[GNUPG:] GOODSIG 4BF9F9167D67E974 A B <a@x>\n\
             [GNUPG:] VALIDSIG {SUBKEY} 2026-11-30 1796064233 0 4 0 22 8 00 {PRIMARY}\n"
        );
        let status = Status::read(&text);
        assert_eq!(status.verdicts, ["GOODSIG"]);
        assert_eq!(status.signer.as_deref(), Some("A B <a@x>"));
        assert_eq!((status.key.as_deref(), status.primary.as_deref()), (Some(SUBKEY), Some(PRIMARY)));
        let unknown = Status::read(&format!("[GNUPG:] ERRSIG 4BF9F9167D67E974 22 8 00 1 9 {SUBKEY}\n"));
        assert_eq!((unknown.code.as_deref(), unknown.key.as_deref()), (Some("9"), Some(SUBKEY)));
        assert_eq!(Status::read("GOODSIG 4BF9F9167D67E974 said by somebody else"), Status::default());
    }

    #[test]
    fn two_verdicts_and_none_are_not_one() {
        let ran = |stdout: &str| Ran { success: true, stdout: stdout.to_owned(), stderr: String::new() };
        let state = |stdout: &str| {
            let time = Timestamp { seconds: 5, offset_minutes: 0 };
            let (status, ran) = (Status::read(stdout), ran(stdout));
            judge(&status, &ran, &Trust::default(), &HashMap::new(), time).map(|(state, _)| state)
        };
        let good = "[GNUPG:] GOODSIG 4BF9F9167D67E974 A\n";
        let valid = format!("[GNUPG:] VALIDSIG {SUBKEY} d 1 0 4 0 22 8 00 {PRIMARY}\n");
        assert_eq!(state(&format!("{good}{valid}")), Ok(SignatureState::Valid { trusted: true }));
        assert_eq!(state(&format!("{good}{valid}{good}{valid}")), Ok(SignatureState::Bad));
        assert_eq!(state("[GNUPG:] NODATA 1\n"), Ok(SignatureState::Bad));
        assert!(state("").is_err() && state(good).is_err());
    }

    #[test]
    fn keys_and_subkeys_are_told_apart() {
        let text = format!(
            "tru::1:1:0:3:1:5\npub:r:255:22:99:1700000000:::-:::sc::::::23::0:\nfpr:::::::::{PRIMARY}:\n\
             uid:r::::17::H::A::::::::::0:\nsub:-:255:22:4B:1700000009:::::s::::::23:\nfpr:::::::::{SUBKEY}:\n"
        );
        let keys = listed(&text);
        assert_eq!(keys[PRIMARY], Facts { revoked: true, created: 1_700_000_000 });
        assert_eq!(keys[SUBKEY], Facts { revoked: false, created: 1_700_000_009 });
    }
}
