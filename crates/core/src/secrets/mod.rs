//! Finding secrets in bytes.
//!
//! A [`Rule`] says what a credential looks like. A [`Ruleset`] makes rules ready, a [`Scanner`] finds [`Match`]es
//! with it, and [`Secrets`] makes findings of them under a policy.
//!
//! How a scan goes: one pass over the bytes finds the rules' literals ([`Literals`]); around every hit the rule's regex
//! runs in the rule's window; what it finds has to be random enough, must not be a [`placeholder`], must not be
//! allowed by the rule, and is checked for the proof that some credentials carry in themselves.
//!
//! ```
//! use gatepost_core::secrets::{Builtin, RuleFile, Ruleset, Scanner, Scratch, expand};
//! use gatepost_core::text::LineIndex;
//! use std::sync::Arc;
//!
//! let rules = RuleFile::parse(r#"
//! provider = "Acme"
//! [[rules]]
//! id = "acme-key"
//! name = "Acme API key"
//! description = "A key of the Acme API."
//! severity = "high"
//! confidence = "high"
//! regex = '''\bacme_[0-9a-f]{32}\b'''
//! risk = "Order anvils."
//! fix = ["Revoke it at https://acme.example/keys."]
//! reference = "https://acme.example/docs/keys"
//! examples = ["acme_{hex:32}", "key: acme_{hex:32}"]
//! counter-examples = ["acme_{hex:31}", "acme_{hex:33}"]
//! "#)?;
//! let scanner = Scanner::new(Arc::new(Ruleset::new(Builtin::none(), rules)?));
//!
//! let text = expand("# settings\nkey = acme_{hex:32}\n", 1);
//! let mut lines = LineIndex::new(text.as_bytes());
//! for found in scanner.scan(text.as_bytes(), &mut Scratch::default()) {
//!     let rule = scanner.ruleset().rule(found.rule).map_or("?", |rule| rule.name.as_ref());
//!     println!("line {}: {rule}", lines.span(found.secret).line);
//! #   assert_eq!((rule, found.range), ("Acme API key", 17..54));
//! }
//! # Ok::<(), gatepost_core::secrets::RuleError>(())
//! ```

mod allow;
mod archives;
mod assigned;
mod collapse;
mod decode;
mod demand;
mod derive;
mod detect;
mod detection;
mod detector;
mod entropy;
mod error;
mod explain;
mod facts;
mod generic;
mod identity;
mod inline;
mod instead;
mod keywords;
mod literal;
mod looks;
mod own;
mod packed;
mod parts;
mod pattern;
mod placeholder;
mod repeated;
mod rule;
mod ruleset;
mod sample;
mod scanner;
mod scratches;
mod selftest;
mod settings;
mod specimen;
mod starts;
mod structure;
mod syntax;
mod template;
mod trace;
mod trial;
mod windows;
mod work;

#[cfg(test)]
mod tests;

pub use allow::Allowed;
pub use decode::{DECODERS, Decoder, Decoding};
pub use demand::Demand;
pub use detect::Secrets;
pub use detection::Detection;
pub use entropy::shannon;
pub use error::RuleError;
pub use facts::Facts;
pub use inline::dialect;
pub use keywords::Keywords;
pub use literal::{Hit, Literals, estimated_commonness};
pub use own::{OWN_KEYS, ruleset_digest};
pub use packed::{Packed, Packing, Place};
pub use placeholder::{PLACEHOLDERS, Placeholder, placeholder};
pub use rule::{Allow, Alone, Fails, List, Partner, Rule, Structure, Text, Window};
pub use ruleset::{Builtin, Ruleset};
pub use sample::Sample;
pub use scanner::{Decoded, Match, Rejected, Rejection, Scanner, Scratch};
pub use selftest::{Failure, selftest};
pub use settings::EXTERNAL_KEY;
pub use structure::{Param, STRUCTURES, StructureCheck};
pub use syntax::RuleFile;
pub(crate) use syntax::own_rule;
pub use template::expand;
pub use trace::Trace;
pub use trial::{Trial, Verdict, Warning};

use crate::check::{CheckInfo, Places, Scope};

/// The check's entry in the registry.
pub static CHECK: CheckInfo = CheckInfo {
    section: "secrets",
    family: "GP-SEC",
    title: "credentials in files, messages and names",
    codes: &[],
    keys: settings::KEYS,
    blocks: None,
    scope: Scope::Path,
    run_keys: &[
        "archive-depth",
        "archive-max-size",
        "archive-max-ratio",
        "rules",
        "rule-files",
        "disable-rules",
        "baseline",
        "trust-inline",
        "trust-added-inline",
        "fingerprint-key",
    ],
    places: Places { path: true, commit: true },
    build: |context| Ok(Box::new(Secrets::new(context)?)),
};
