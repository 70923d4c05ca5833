//! Rules of a policy's own: their keys, the ruleset that they make together with the built-in ones, and its digest.

use super::rule::Rule;
use super::ruleset::{Ruleset, canonical};
use super::settings;
use crate::Date;
use crate::check::Context;
use crate::policy::{Excuse, Origin, Policy, PolicyError};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// The keys of a rule, each with what it is for: those of a `[[secrets.rules]]`, and of a `[[rules]]` in a rule file.
pub const OWN_KEYS: &[(&str, &str)] = &[
    (
        "id",
        "Its id, and the code of its findings: lower-case letters, digits and hyphens. Never used again for something else. Required.",
    ),
    (
        "provider",
        "Who issues the credential. Required in `[[secrets.rules]]`; in a rule file it stands once, above the rules.",
    ),
    ("name", "A title. Required."),
    ("description", "What the credential is, in a sentence. Required."),
    ("severity", "How bad a leak is: `info`, `low`, `medium`, `high` or `critical`. Required."),
    ("confidence", "How sure a match is: `low`, `medium` or `high`. Required."),
    (
        "regex",
        "What it looks like: the syntax of the `regex` crate over bytes, ASCII. One of `regex`, `assigned` and `detector` is required.",
    ),
    (
        "assigned",
        "Instead of a regex: `{ to = \"acme\", value = \"[0-9a-f]{32}\" }`, a value that is assigned to a name, in whatever language. `role` are the words of which one stands behind `to`.",
    ),
    ("detector", "Instead of a regex: the name of a detector in code. It needs `keywords` and a `window`."),
    (
        "keywords",
        "Words of three bytes or more, one of which is in every match or within the window around it. Without them they are drawn from the regex.",
    ),
    (
        "window",
        "How far from a keyword a match can reach: `{ before = 0, after = 64 }` in bytes, or `\"whole\"`. Without it, it is worked out from the regex.",
    ),
    ("entropy", "The least Shannon entropy of the secret, in bits per byte, 0 to 8."),
    (
        "secret-group",
        "The capture group that is the secret; 0 is the whole match. Without it, the first group that took part, else the whole match.",
    ),
    (
        "strong",
        "Whether the secret has 80 bits of randomness or more, so that its fingerprint needs no key. By default so at high confidence.",
    ),
    ("path", "A regex that the path must match."),
    ("except-path", "A regex of paths at which the rule does not count."),
    (
        "structure",
        "A proof that the secret carries in itself: `{ kind = \"crc32-base62\", prefix = 4 }`. The kinds are in structure.md; with `fails = \"drop\"` a match without the proof is none.",
    ),
    (
        "with",
        "Other parts of the credential: a list of `{ rule = \"acme-id\", lines = 8, severity = \"critical\", confidence = \"high\" }`. Within so many lines of one, a match is worth that at least.",
    ),
    ("alone", "What a match is worth without any of them: a confidence, or `hidden`: it is not reported."),
    ("allow", "Secrets that are none: a list of `{ regex = \"…\", reason = \"…\" }`."),
    ("risk", "What somebody who has it can do. Required."),
    ("fix", "What to do next, a list with one step each. Required."),
    ("reference", "The vendor's page that the rule rests on. Required."),
    ("examples", "Two templates or more of texts with exactly this secret in them. Required."),
    ("counter-examples", "Two templates or more of texts in which the rule finds nothing. Required."),
];

/// The built-in rules and the policy's own, without those that the policy switches off.
pub(super) fn ruleset(context: &Context<'_>, disabled: &BTreeSet<String>) -> Result<Ruleset, PolicyError> {
    let own = context.policy.own_rules();
    let rules = own.iter().map(|own| own.rule.clone()).collect();
    Ruleset::without(context.rules, rules, disabled).map_err(|error| {
        match own.iter().find(|own| error.rule.as_deref() == Some(own.rule.id.as_ref())) {
            Some(own) => own.error(error.to_string(), None),
            None => PolicyError {
                origin: Origin::BuiltIn,
                line: None,
                column: None,
                source_line: None,
                message: error.to_string(),
                help: None,
            },
        }
    })
}

/// The digest of the rules in force: that of the built-in ones (`gatepost_rules::DIGEST`) where the policy neither adds a rule
/// nor switches one off today, else SHA-256, in hexadecimal, over that digest, the policy's own rules and what is off.
#[must_use]
pub fn ruleset_digest(built_in: &str, policy: &Policy, today: Date) -> String {
    #[derive(Deserialize, Default)]
    #[serde(rename_all = "kebab-case", default)]
    struct Section {
        disable_rules: Vec<Excuse>,
    }
    let section: Section = policy.section("secrets").unwrap_or_default();
    let disabled = settings::disabled(section.disable_rules, today);
    let own = policy.own_rules();
    if own.is_empty() && disabled.is_empty() {
        return built_in.to_owned();
    }
    let mut rules: Vec<&Rule> = own.iter().map(|own| &own.rule).collect();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    let mut hash = Sha256::new();
    let mut feed = |text: &str| {
        // Lengths keep ("ab", "c") and ("a", "bc") apart.
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    feed(built_in);
    for rule in rules {
        let mut text = String::new();
        canonical(rule, &mut text);
        feed(&text);
    }
    feed("off");
    disabled.iter().for_each(|id| feed(id));
    data_encoding::HEXLOWER.encode(&hash.finalize())
}
