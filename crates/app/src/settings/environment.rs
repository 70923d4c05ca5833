//! `GATEPOST_<SECTION>_<KEY>`: keys of the policy as environment variables. A variable that names no key is
//! an error, as an unknown key in a file is.

use super::whole;
use gatepost_core::policy::{Kind, Layer, Origin, PolicyError, Schema, nearest};
use gatepost_core::signature::TrustFileKind;
use std::collections::BTreeMap;
use std::ffi::OsString;

/// What every variable of gatepost begins with.
const PREFIX: &str = "GATEPOST_";

/// The key of fingerprints, where the policy leaves it out.
pub(crate) const FINGERPRINT_KEY: &str = "GATEPOST_FINGERPRINT_KEY";

/// Variables that are no keys of the policy, and what they do.
pub const OTHER_VARIABLES: &[(&str, &str)] = &[
    (FINGERPRINT_KEY, "the key of fingerprints, where the policy says `fingerprint-key = \"external\"`"),
    ("GATEPOST_EVIDENCE", "the folder in which runs leave their records, as --evidence"),
    ("GATEPOST_EVIDENCE_KEY", "the key that signs them, as --evidence-key"),
    ("GATEPOST_LOG", "how much gatepost tells of its own work on standard error"),
    ("GATEPOST_UPDATE", "has gatepost's own tests rewrite the files that they compare with"),
];

/// The variable of a key: `GATEPOST_MESSAGE_HEADER_MAX` of `message.header-max`.
#[must_use]
pub fn variable(path: &str) -> String {
    format!("{PREFIX}{}", path.replace(['.', '-'], "_").to_ascii_uppercase())
}

/// A layer for each variable that names a key, in the order of their names.
pub(super) fn layers(
    schema: &Schema,
    environment: &[(OsString, OsString)],
    errors: &mut Vec<PolicyError>,
) -> Vec<Layer> {
    // Asked by every hook on every commit: nothing is built when there is nothing to read.
    let mut ours: Vec<(String, &OsString)> = environment
        .iter()
        .filter_map(|(name, value)| Some((name.to_str()?.to_owned(), value)))
        .filter(|(name, _)| {
            name.starts_with(PREFIX) && !OTHER_VARIABLES.iter().any(|(other, _)| other == name)
        })
        .collect();
    if ours.is_empty() {
        return Vec::new();
    }
    ours.sort();
    let keys: BTreeMap<String, (String, Kind)> =
        schema.keys().into_iter().map(|(path, key)| (variable(&path), (path, key.kind))).collect();
    let mut layers = Vec::new();
    for (name, value) in ours {
        let origin = Origin::Environment(name.clone());
        match (keys.get(&name), value.to_str()) {
            // It would be shown: by `config show`, and where a gate refuses the variable.
            (Some((path, _)), _) if path == "secrets.fingerprint-key" => {
                let help = format!(
                    "let the policy say `fingerprint-key = \"external\"`, and set {FINGERPRINT_KEY} to the key"
                );
                errors.push(whole(
                    origin,
                    "the key of fingerprints is not set by this variable".to_owned(),
                    help,
                ));
            }
            (Some((path, _)), _) if path == "secrets.rule-files" => {
                errors.push(super::rule_files::homeless(origin));
            }
            (Some((path, _)), _) if TrustFileKind::ALL.iter().any(|kind| kind.key() == path) => {
                errors.push(super::trust_files::homeless(origin, path));
            }
            (Some((_, Kind::Tables(_) | Kind::Rules)), _) => {
                let help = "set it in gatepost.toml".to_owned();
                errors.push(whole(origin, "a list of tables cannot be set by a variable".to_owned(), help));
            }
            (Some((_, Kind::Excuses { .. })), _) => {
                let message = "an allow-list cannot be set by a variable: each of its entries has a reason";
                errors.push(whole(origin, message.to_owned(), "set it in gatepost.toml".to_owned()));
            }
            (Some((path, kind)), Some(value)) => {
                layers.push(Layer { origin, text: format!("{path} = {}", toml_value(*kind, value)) });
            }
            (Some(_), None) => {
                errors.push(whole(origin, "is not UTF-8 text".to_owned(), "set it to UTF-8 text".to_owned()));
            }
            (None, _) => {
                let known =
                    keys.keys().map(String::as_str).chain(OTHER_VARIABLES.iter().map(|(name, _)| *name));
                let help = match nearest(&name, known) {
                    Some(near) => format!("did you mean {near}? If not, unset it"),
                    None => "unset it; `gatepost config show` names the keys".to_owned(),
                };
                errors.push(whole(origin, "no key of the policy has this name".to_owned(), help));
            }
        }
    }
    layers
}

/// A variable's text as TOML. Lists may be written with commas; what has brackets, braces or quotes is taken as TOML
/// when it is one value; everything else is text where its key takes text. The policy judges the result.
fn toml_value(kind: Kind, text: &str) -> String {
    let quoted = || toml::Value::String(text.to_owned()).to_string();
    match kind {
        Kind::ChoiceOrList { words, .. } if words.contains(&text) => quoted(),
        Kind::List(_) | Kind::ChoiceOrList { .. } if !text.trim_start().starts_with('[') => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            toml::Value::Array(items.map(|item| toml::Value::String(item.to_owned())).collect()).to_string()
        }
        Kind::List(_) | Kind::ChoiceOrList { .. } | Kind::Bool | Kind::Integer { .. } => {
            one_value(text).unwrap_or_else(quoted)
        }
        Kind::Size if text.bytes().all(|b| b.is_ascii_digit()) => one_value(text).unwrap_or_else(quoted),
        Kind::Levels | Kind::ChoiceByStage(_) if text.trim_start().starts_with('{') => {
            one_value(text).unwrap_or_else(quoted)
        }
        _ => quoted(),
    }
}

/// The text as exactly one TOML value, written anew: what follows it on a second line must not become
/// another key.
fn one_value(text: &str) -> Option<String> {
    let table: toml::Table = format!("value = {text}").parse().ok()?;
    match (table.len(), table.get("value")) {
        (1, Some(value)) => Some(value.to_string()),
        _ => None,
    }
}
