//! The key of fingerprints as a thing of this machine: drawn here, and looked up where the policy leaves it out.

use crate::exit::Failure;
use crate::settings::environment::FINGERPRINT_KEY;
use gatepost_core::fingerprint::{FingerprintKey, KeyError};
use gatepost_core::policy::Policy;
use gatepost_core::secrets::EXTERNAL_KEY;
use gatepost_source::Repository;

/// The setting of Git that has the key.
const SETTING: &str = "gatepost.fingerprintKey";

/// The text of a new key.
///
/// # Errors
///
/// When the system has no random numbers to give.
pub(crate) fn draw() -> Result<String, Failure> {
    let mut random = [0; 20];
    getrandom::fill(&mut random).map_err(|error| {
        Failure::usage(
            format!("the system gives no random numbers: {error}"),
            "try again once it has collected some",
        )
    })?;
    Ok(FingerprintKey::text(&random))
}

/// The key from outside the repository, where the policy says that it is there: from Git's configuration, else from the
/// environment. `None` where there is none: the check for secrets then says what to do.
///
/// # Errors
///
/// A key that is malformed or could be guessed, without showing it.
pub(crate) fn external(
    policy: &Policy,
    repository: Option<&dyn Repository>,
) -> Result<Option<FingerprintKey>, Failure> {
    if policy.text("secrets.fingerprint-key").as_deref() != Some(EXTERNAL_KEY) {
        return Ok(None);
    }
    let configured = repository.map(|repository| repository.config(SETTING)).transpose()?.flatten();
    if let Some(text) = configured.filter(|text| !text.is_empty()) {
        return parse(&text, &format!("`git config {SETTING}`")).map(Some);
    }
    match std::env::var_os(FINGERPRINT_KEY).filter(|text| !text.is_empty()) {
        Some(text) => {
            parse(&text.to_string_lossy(), &format!("the environment variable {FINGERPRINT_KEY}")).map(Some)
        }
        None => Ok(None),
    }
}

fn parse(text: &str, origin: &str) -> Result<FingerprintKey, Failure> {
    FingerprintKey::parse(text.trim()).map_err(|wrong| {
        let fix = format!("set the key that this repository's baseline was made with; {}", KeyError::HELP);
        Failure::usage(format!("{origin}: {wrong}"), fix)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_drawn_anew_each_time_and_parse() {
        let (one, two) = (draw().unwrap(), draw().unwrap());
        assert_ne!(one, two);
        assert!(FingerprintKey::parse(&one).is_ok() && FingerprintKey::parse(&two).is_ok());
    }
}
