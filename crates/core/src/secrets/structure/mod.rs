//! Proofs that secrets carry in themselves, checked offline.
//!
//! A checksum, a container that parses, an account number that can be one: such a proof says more than entropy does.
//! What it says raises or lowers the confidence of a finding, or its severity; it takes a finding away only where the
//! rule says so. One check is one file here and one line in [`STRUCTURES`]; rules, reports and documentation know the
//! checks through that registry alone.
//!
//! A check sees the secret and the match around it, and nothing else: no clock, no network. It may tell facts that the
//! secret gives away (an account number, a last day), and never a part of the secret itself.

mod age;
mod aws_key_id;
mod base64;
mod base64_json;
mod crc32_base62;
mod crc32_hex;
mod decode;
mod discord;
mod gitlab;
mod google_service_account;
mod iban;
mod jwk;
mod jwt;
mod key;
mod luhn;
mod macaroon;
mod nkey;
mod pem;
mod pgp;
mod putty;
mod slack;
mod stripe;
mod telegram;
mod uuid;
mod written;

#[cfg(test)]
mod tests;

use super::rule::{Structure, Text};
// What the makers of specimens share with the checks.
pub(super) use age::{ALPHABET, polymod};
pub(super) use gitlab::base36;
pub(super) use iban::remainder;
pub(super) use luhn::sum as luhn_sum;
pub(super) use nkey::{SEED, crc16};
pub(super) use pgp::crc24;
pub(super) use written::{parse, validate};

/// Every structure check, in the order of their names. To add one: a file beside this one, and a line here.
pub static STRUCTURES: &[StructureCheck] = &[
    age::CHECK,
    aws_key_id::CHECK,
    base64::CHECK,
    base64_json::CHECK,
    crc32_base62::CHECK,
    crc32_hex::CHECK,
    discord::CHECK,
    gitlab::CHECK,
    google_service_account::CHECK,
    iban::CHECK,
    jwk::CHECK,
    jwt::CHECK,
    luhn::CHECK,
    macaroon::CHECK,
    nkey::CHECK,
    pem::CHECK,
    pgp::CHECK,
    putty::CHECK,
    slack::CHECK,
    stripe::CHECK,
    telegram::CHECK,
    uuid::CHECK,
];

/// A structure check: what a rule can ask for with `structure = { kind = "…" }`.
#[derive(Debug)]
pub struct StructureCheck {
    /// Its name, the `kind` in a rule: `crc32-base62`.
    pub name: &'static str,
    /// What it checks, as a clause: `the last six characters are …`.
    pub about: &'static str,
    /// What a rule can tell it.
    pub params: &'static [Param],
    /// Where it is documented: a standard, the vendor's page, or the vendor's source. An `https` address.
    pub source: &'static str,
    /// A template (see [`super::expand`]) of a secret for which the proof holds, with the parameters' default values.
    pub example: &'static str,
    check: fn(&Subject<'_>) -> Verdict,
}

/// A number that a rule can give to a structure check.
#[derive(Debug)]
pub struct Param {
    /// Its key in the rule.
    pub name: &'static str,
    /// What it says, as a clause.
    pub about: &'static str,
    /// The value where the rule gives none; `None` where it must give one.
    pub default: Option<u32>,
    /// The greatest value.
    pub most: u32,
}

/// How long a prefix is that the check passes over; several checks have it.
const PREFIX: Param =
    Param { name: "prefix", about: "characters before what is checked", default: Some(0), most: 64 };

/// What a check judges.
struct Subject<'a> {
    /// The secret.
    secret: &'a [u8],
    /// The whole match, the secret in it.
    whole: &'a [u8],
    structure: &'a Structure,
}

impl<'a> Subject<'a> {
    /// The number that the rule gives, or the check's default.
    fn param(&self, param: &Param) -> usize {
        let given = self.structure.params.iter().find(|(name, _)| name == param.name);
        given.map(|(_, value)| *value).or(param.default).map_or(0, |value| value as usize)
    }

    /// The secret behind the prefix of so many characters as the rule says.
    fn unprefixed(&self) -> &'a [u8] {
        self.secret.get(self.param(&PREFIX)..).unwrap_or(&[])
    }
}

/// What a structure check says about a match.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    /// Why, with the facts, as a clause that begins with `it` or `its`; empty when there is nothing to say.
    pub(super) why: Text,
}

/// What follows from a structure check.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// The proof holds: one step more confidence.
    Holds,
    /// A secret, but of less use to a thief: one step less severity.
    Weaker,
    /// The proof does not hold: one step less confidence, or no finding.
    Fails,
    /// Nothing to conclude: a form that carries no proof.
    Open,
}

fn holds(why: impl Into<Text>) -> Verdict {
    Verdict { outcome: Outcome::Holds, why: why.into() }
}

fn weaker(why: impl Into<Text>) -> Verdict {
    Verdict { outcome: Outcome::Weaker, why: why.into() }
}

fn fails(why: impl Into<Text>) -> Verdict {
    Verdict { outcome: Outcome::Fails, why: why.into() }
}

fn open(why: impl Into<Text>) -> Verdict {
    Verdict { outcome: Outcome::Open, why: why.into() }
}

impl Structure {
    /// The check that this asks for; `None` for a name that no check has.
    #[must_use]
    pub fn check(&self) -> Option<&'static StructureCheck> {
        STRUCTURES.iter().find(|check| check.name == self.kind)
    }
}

/// Checks a secret that stands in a match. A structure that [`validate`] refuses concludes nothing; its rule is told of
/// as broken elsewhere.
pub(super) fn check(structure: &Structure, secret: &[u8], whole: &[u8]) -> Verdict {
    match structure.check() {
        Some(known) => (known.check)(&Subject { secret, whole, structure }),
        None => open(""),
    }
}
