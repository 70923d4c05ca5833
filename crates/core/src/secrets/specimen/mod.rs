//! Secrets with a proof in them, made for templates: what a structure check accepts, and nobody ever issued.
//!
//! Each is put together as its vendor does it, from random bytes. None of them is a key of anything: the numbers of an
//! RSA key made here are no primes.

mod key;
mod token;

use super::template::{Random, uuid};

/// The text for a placeholder's name, such as `luhn:16`; `None` for a name that is not known here.
pub(super) fn make(name: &str, random: &mut Random) -> Option<String> {
    let (kind, argument) = name.split_once(':').unwrap_or((name, ""));
    let count = || argument.parse::<usize>().ok().filter(|count| *count <= 1 << 16);
    Some(match kind {
        "age" => token::age(random),
        "aws-key-id" => token::aws_key_id(if argument.is_empty() { "AKIA" } else { argument }, random),
        "base64-json" => token::base64_json(count()?, random),
        "base64-of" => data_encoding::BASE64.encode(&random.bytes(count()?)),
        "der-rsa" => data_encoding::BASE64.encode(&key::rsa(random)),
        "discord" => token::discord(random),
        "gcp-service-account" => token::service_account(random),
        "gitlab" => token::gitlab(argument, random),
        "grafana" => token::grafana(random),
        "iban" => token::iban(if argument.is_empty() { "DE" } else { argument }, random)?,
        "jwk" => token::jwk(random),
        "luhn" => token::luhn(count().filter(|count| *count > 1)?, random),
        "macaroon" => token::macaroon(argument, random)?,
        "nkey" => token::nkey(argument, random)?,
        "openssh" => key::openssh(if argument.is_empty() { "none" } else { argument }, random),
        "pem" => key::pem(argument, random),
        "pgp" => key::pgp(argument, random),
        "putty" => key::putty(random),
        "slack-bot" => token::slack_bot(random),
        "telegram" => token::telegram(random),
        "uuid" => uuid(argument.chars().next().filter(char::is_ascii_hexdigit)?, random),
        _ => return None,
    })
}
