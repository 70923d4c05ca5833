//! Laying layers over one another: later ones override, `final` and gates hold against weakening.

use super::layer::{Read, Setting, read};
use super::own_rules;
use super::record::RecordPlace;
use super::source::Place;
use super::strictness::shown;
use super::{Comparison, Layer, Origin, Overlay, Policy, PolicyError, Schema, Strictness};

/// What a policy is loaded for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Purpose {
    /// A gate. The environment and flags can make a setting stricter ([`Strictness`]), and nothing else.
    Gate,
    /// A scan that somebody asked for: the environment and flags can set everything.
    Scan,
}

/// Lists to which each layer adds, beside the sections that are written as blocks. An id that was used stays used,
/// whichever layer says so.
pub(super) const ADDS_UP: &[&str] = &[
    "exceptions.retired",
    "secrets.rule-files",
    "signatures.allowed-signers",
    "signatures.allowed-signers-files",
    "signatures.openpgp-keys",
    "signatures.openpgp-keys-files",
    "signatures.revoked-keys",
    "signatures.revoked-keys-files",
];

/// A key that is final, and who says so.
struct Final {
    path: String,
    origin: Origin,
    place: Place,
}

pub(super) fn load(schema: Schema, purpose: Purpose, layers: &[Layer]) -> Result<Policy, Vec<PolicyError>> {
    let mut policy = Policy::defaults(schema);
    policy.is_written = layers
        .iter()
        .any(|layer| !matches!(layer.origin, Origin::BuiltIn | Origin::Environment(_) | Origin::Flag(_)));
    let mut errors = Vec::new();
    let mut finals: Vec<Final> = Vec::new();
    for layer in layers {
        match read(&schema, layer) {
            Ok(read) => lay(&mut policy, purpose, layer, read, &mut finals, &mut errors),
            Err(wrong) => errors.extend(wrong),
        }
    }
    if errors.is_empty() { Ok(policy) } else { Err(errors) }
}

fn lay(
    policy: &mut Policy,
    purpose: Purpose,
    layer: &Layer,
    read: Read,
    finals: &mut Vec<Final>,
    errors: &mut Vec<PolicyError>,
) {
    let origin = &layer.origin;
    let outside = matches!(origin, Origin::Environment(_) | Origin::Flag(_));
    for mut setting in read.settings {
        let old = get(&policy.merged, &setting.path);
        let adds_up =
            ADDS_UP.contains(&setting.path.as_str()) || policy.schema.block(&setting.path).is_some();
        if let (Some(old), true) = (old, adds_up) {
            setting.value = united(old, setting.value);
        }
        if setting.path == own_rules::RULES {
            setting.value = own_rules::joined(old, setting.value);
        }
        let weaker = weakening(&policy.schema, &setting.path, old, &setting.value);
        let error = weaker.and_then(|weaker| {
            if let Some(guard) = guarding(finals, &setting.path) {
                Some(final_error(guard, origin, &setting, old, &weaker))
            } else if outside && purpose == Purpose::Gate {
                Some(gate_error(origin, &setting, &weaker))
            } else {
                None
            }
        });
        match error {
            Some(error) => errors.push(error),
            None => {
                set(&mut policy.merged, &setting.path, setting.value);
                policy.origins.insert(setting.path, (origin.clone(), setting.place));
            }
        }
    }
    errors.extend(own_rules::add(&mut policy.own_rules, read.own_rules));
    for overlay in read.overlays {
        lay_overlay(policy, overlay, finals, errors);
    }
    for record in read.records {
        let id = &record.exception.id;
        if let Some(guard) = guarding(finals, "exception") {
            let message = format!("exception `{id}` is added, and exceptions are final in {}", guard.words());
            errors.push(record.at.error("id", message, Some("ask for it there".to_owned())));
            continue;
        }
        if let Some(at) = policy.exceptions.iter().position(|other| other.id == *id) {
            let first = policy.places.get(at).map_or_else(String::new, RecordPlace::words);
            let message = format!("the id `{id}` stands twice: an exception has it already in {first}");
            let help = "give this one an id of its own; ids are never used again".to_owned();
            errors.push(record.at.error("id", message, Some(help)));
            continue;
        }
        policy.exceptions.push(record.exception);
        policy.places.push(record.at);
    }
    finals.extend(read.finals.into_iter().map(|(path, place)| Final { path, origin: origin.clone(), place }));
}

/// Takes an overlay over, unless it weakens what an earlier layer made final.
fn lay_overlay(policy: &mut Policy, overlay: Overlay, finals: &[Final], errors: &mut Vec<PolicyError>) {
    let found = errors.len();
    for setting in &overlay.settings {
        let old = get(&policy.merged, &setting.path);
        let Some(guard) = guarding(finals, &setting.path) else { continue };
        if let Some(weaker) = weakening(&policy.schema, &setting.path, old, &setting.value) {
            errors.push(final_error(guard, &overlay.origin, setting, old, &weaker));
        }
    }
    if errors.len() == found {
        policy.overlays.push(overlay);
    }
}

/// The items of both lists, each once.
pub(super) fn united(old: &toml::Value, new: toml::Value) -> toml::Value {
    let (Some(old), toml::Value::Array(new)) = (old.as_array(), &new) else { return new };
    let added = new.iter().filter(|item| !old.contains(item));
    toml::Value::Array(old.iter().chain(added).cloned().collect())
}

/// In which way a new value may let more through than the old one; `None` when it can not.
fn weakening(schema: &Schema, path: &str, old: Option<&toml::Value>, new: &toml::Value) -> Option<String> {
    let strictness = schema.key(path).map_or(Strictness::Unordered, |key| key.strictness);
    match strictness.compare(old, Some(new)) {
        Comparison::Same | Comparison::Stricter => None,
        Comparison::Weaker(why) => Some(why),
        Comparison::Unknown => {
            Some("nobody can tell which of the two lets more through, so it must stay as it is".to_owned())
        }
    }
}

fn guarding<'f>(finals: &'f [Final], path: &str) -> Option<&'f Final> {
    finals.iter().find(|guard| {
        path.strip_prefix(guard.path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

fn final_error(
    guard: &Final,
    origin: &Origin,
    setting: &Setting,
    old: Option<&toml::Value>,
    weaker: &str,
) -> PolicyError {
    let path = &setting.path;
    let (new, old) = (shown(Some(&setting.value)), shown(old));
    let message = format!("`{path} = {new}` weakens what is final in {}: {old}", guard.words());
    setting.place.error(origin, message, Some(format!("{weaker}; remove the line, or change it there")))
}

fn gate_error(origin: &Origin, setting: &Setting, weaker: &str) -> PolicyError {
    let path = &setting.path;
    let message = format!("`{path} = {}` could weaken a gate", shown(Some(&setting.value)));
    setting.place.error(origin, message, Some(format!("{weaker}; set it in gatepost.toml instead")))
}

impl Final {
    fn words(&self) -> String {
        self.place.words(&self.origin)
    }
}

impl Place {
    /// `gatepost.toml, line 7`.
    pub(super) fn words(&self, origin: &Origin) -> String {
        self.line.map_or_else(|| origin.to_string(), |line| format!("{origin}, line {line}"))
    }
}

/// The value at a path.
pub(super) fn get<'t>(table: &'t toml::Table, path: &str) -> Option<&'t toml::Value> {
    match path.split_once('.') {
        Some((first, rest)) => get(table.get(first)?.as_table()?, rest),
        None => table.get(path),
    }
}

/// Sets the value at a path.
pub(super) fn set(table: &mut toml::Table, path: &str, value: toml::Value) {
    match path.split_once('.') {
        Some((first, rest)) => {
            let inner = table.entry(first).or_insert_with(|| toml::Table::new().into());
            if let toml::Value::Table(inner) = inner {
                set(inner, rest, value);
            }
        }
        None => {
            table.insert(path.to_owned(), value);
        }
    }
}
