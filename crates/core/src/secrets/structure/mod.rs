//! Proofs that secrets carry in themselves, checked offline. One file each, one line each in [`check`].

mod crc32;
mod jwt;
mod pem;

use super::rule::Structure;

/// What a structure check says about a match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// The proof holds: one step more confidence.
    Holds(&'static str),
    /// The proof does not hold: one step less confidence.
    Fails(&'static str),
    /// A secret, but of less use to a thief: one step less severity.
    Weaker(&'static str),
    /// Not a secret at all.
    NoSecret,
}

/// Checks a secret.
pub(super) fn check(structure: Structure, secret: &[u8]) -> Verdict {
    match structure {
        Structure::Crc32Base62 { prefix } => crc32::check(prefix, secret),
        Structure::Jwt => jwt::check(secret),
        Structure::Pem => pem::check(secret),
    }
}
