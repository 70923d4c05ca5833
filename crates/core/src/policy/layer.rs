//! One layer's text, checked against every key there is: what it sets, and everything that is wrong with it.

use super::key::{Key, Kind, one_of};
use super::nearest;
use super::own_rules::{self, OwnRule};
use super::record::{Record, records};
use super::schema::{ROOT_KEYS, Schema};
use super::source::{Place, Source};
use super::validate::{Errors, Value, find, found_in_words, value};
use super::{Layer, Origin, Overlay, PolicyError};
use crate::check::Scope;
use crate::text::PathGlob;
use toml::de::{DeTable, DeValue};

/// What stands in a policy as a list of tables of its own.
const BLOCKS: [&str; 2] = ["overlay", "exception"];

/// One key that a layer sets.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// `message.header-max`; `enforce` for a key of the root.
    pub(super) path: String,
    pub(super) value: toml::Value,
    pub(super) place: Place,
}

/// What a layer says.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) settings: Vec<Setting>,
    pub(super) overlays: Vec<Overlay>,
    pub(super) records: Vec<Record>,
    pub(super) finals: Vec<(String, Place)>,
    pub(super) extends: Vec<(String, Place)>,
    pub(super) own_rules: Vec<OwnRule>,
}

/// Reads a layer.
pub(super) fn read(schema: &Schema, layer: &Layer) -> Result<Read, Vec<PolicyError>> {
    let source = Source { origin: &layer.origin, text: &layer.text };
    let mut errors = Errors::new(source);
    let (root, syntax) = DeTable::parse_recoverable(&layer.text);
    if !syntax.is_empty() {
        // What was recovered after a syntax error is guesswork; errors in it would mislead.
        for error in syntax {
            let span = error.span().unwrap_or(layer.text.len()..layer.text.len());
            let (message, help) = syntax_error(error.message());
            errors.push(span, message, help);
        }
        return Err(errors.into_sorted());
    }
    let mut read = Read::default();
    for (name, found) in root.get_ref() {
        let word = name.get_ref().as_ref();
        if let Some(keys) = schema.section(word) {
            section(keys, word, found, &mut read.settings, &mut errors);
            if let Some(rules) = found.get_ref().as_table().and_then(|table| own_rules_of(keys, table)) {
                read.own_rules = own_rules::read(rules, &mut errors);
            }
        } else if let Some(key) = schema.block(word) {
            if let Some(value) = value(key.kind, found, word, &mut errors) {
                let place = errors.source.place(name.span().start);
                read.settings.push(Setting { path: word.to_owned(), value, place });
            }
        } else if word == "overlay" {
            read.overlays = overlays(schema, found, &mut errors);
        } else if word == "exception" {
            read.records = records(found, &mut errors);
        } else if let Some(key) = ROOT_KEYS.iter().find(|key| key.name == word) {
            root_key(schema, key, found, &mut read, &mut errors);
        } else {
            let (message, help) = unknown(schema, word, found.get_ref());
            errors.push(name.span(), message, help);
        }
    }
    // The parser's tables are in alphabetic order; people read from the top.
    read.settings.sort_by_key(|setting| setting.place.order());
    let errors = errors.into_sorted();
    if errors.is_empty() { Ok(read) } else { Err(errors) }
}

/// The value of a section's key that takes secret rules.
fn own_rules_of<'t, 'i>(keys: &[Key], table: &'t DeTable<'i>) -> Option<&'t Value<'i>> {
    let key = keys.iter().find(|key| matches!(key.kind, Kind::Rules))?;
    table.get(key.name)
}

fn section(
    keys: &[Key],
    path: &str,
    found: &Value<'_>,
    settings: &mut Vec<Setting>,
    errors: &mut Errors<'_>,
) {
    let Some(table) = found.get_ref().as_table() else {
        let message = format!("`{path}`: expected a table, found {}", found_in_words(found.get_ref()));
        errors.push(found.span(), message, format!("write [{path}], with one bracket"));
        return;
    };
    for (name, found) in table {
        let Some(key) = find(keys, name, path, errors) else { continue };
        let inner = format!("{path}.{}", key.name);
        match key.kind {
            Kind::Table(keys) => section(keys, &inner, found, settings, errors),
            kind => {
                if let Some(value) = value(kind, found, &inner, errors) {
                    let place = errors.source.place(name.span().start);
                    settings.push(Setting { path: inner, value, place });
                }
            }
        }
    }
}

/// Reads every `[[overlay]]`.
fn overlays(schema: &Schema, found: &Value<'_>, errors: &mut Errors<'_>) -> Vec<Overlay> {
    let Some(items) = found.get_ref().as_array() else {
        let help = "write [[overlay]], with two brackets, above each one".to_owned();
        errors.push(found.span(), "`overlay`: expected a list of tables", help);
        return Vec::new();
    };
    items.iter().filter_map(|item| overlay(schema, item, errors)).collect()
}

fn overlay(schema: &Schema, found: &Value<'_>, errors: &mut Errors<'_>) -> Option<Overlay> {
    let Some(table) = found.get_ref().as_table() else {
        errors.push(found.span(), "`overlay`: expected a table", "write [[overlay]]".to_owned());
        return None;
    };
    let mut overlay = Overlay {
        paths: Vec::new(),
        branches: Vec::new(),
        settings: Vec::new(),
        origin: errors.source.origin.clone(),
        place: errors.source.place(found.span().start),
    };
    for (name, found) in table {
        let word = name.get_ref().as_ref();
        match (word, schema.section(word)) {
            ("paths", _) => overlay.paths = globs("overlay.paths", "", found, errors),
            // Globs over branch names are tied to the beginning: `main` is not `feature/main`.
            ("branches", _) => overlay.branches = globs("overlay.branches", "/", found, errors),
            (_, Some(keys)) => section(keys, word, found, &mut overlay.settings, errors),
            (_, None) => {
                let sections = schema.sections().map(|(name, _)| name);
                let help = match nearest(word, sections.chain(["paths", "branches"])) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => {
                        "an overlay has `paths`, `branches` and sections such as [overlay.secrets]".to_owned()
                    }
                };
                errors.push(name.span(), format!("unknown key `{word}` in [[overlay]]"), help);
            }
        }
    }
    overlay.settings.sort_by_key(|setting| setting.place.order());
    if !table.contains_key("paths") && !table.contains_key("branches") {
        let help = "add paths = [\"infra/**\"] or branches = [\"release/*\"]".to_owned();
        errors.push(found.span(), "an [[overlay]] without `paths` and `branches` is for nothing", help);
    }
    for setting in &overlay.settings {
        if let Some((message, help)) = cannot_overlay(schema, &overlay, &setting.path) {
            errors.push_at(&setting.place, message, help);
        }
    }
    Some(overlay)
}

/// Why an overlay cannot set a key: it would do nothing, silently.
fn cannot_overlay(schema: &Schema, overlay: &Overlay, path: &str) -> Option<(String, String)> {
    let (section, key) = path.split_once('.').unwrap_or((path, ""));
    let check = schema.checks().iter().find(|check| check.section == section)?;
    if check.scope == Scope::Run || check.run_keys.contains(&key) {
        return Some((
            format!("`{path}` holds for the whole run, and an overlay cannot set it"),
            format!("set it in [{section}], outside every overlay"),
        ));
    }
    (overlay.has_paths() && check.scope != Scope::Path).then(|| {
        (
            format!("[overlay.{section}] with `paths` would do nothing: [{section}] does not judge paths"),
            "use an overlay that has `branches` alone".to_owned(),
        )
    })
}

fn globs(key: &str, prefix: &str, found: &Value<'_>, errors: &mut Errors<'_>) -> Vec<PathGlob> {
    let Some(toml::Value::Array(list)) = value(Kind::List(&Kind::Glob), found, key, errors) else {
        return Vec::new();
    };
    if list.is_empty() {
        errors.push(found.span(), format!("`{key}` is empty, and the overlay is for nothing"), None);
    }
    let globs = list.iter().filter_map(toml::Value::as_str);
    globs
        .filter_map(|glob| {
            let glob = if prefix.is_empty() {
                glob.to_owned()
            } else {
                format!("/{}", glob.trim_start_matches('/'))
            };
            PathGlob::new(&glob)
                .map_err(|why| errors.push(found.span(), format!("`{key}`: {why}"), None))
                .ok()
        })
        .collect()
}

fn root_key(schema: &Schema, key: &Key, found: &Value<'_>, read: &mut Read, errors: &mut Errors<'_>) {
    if key.name == "schema" {
        if let DeValue::Integer(number) = found.get_ref()
            && number.to_string() != "1"
        {
            let message = format!("schema {number} is not known to this version of gatepost");
            let help = "it reads schema 1; a newer policy needs a newer gatepost".to_owned();
            errors.push(found.span(), message, help);
            return;
        }
        value(key.kind, found, key.name, errors);
        return;
    }
    let place = errors.source.place(found.span().start);
    let Some(checked) = value(key.kind, found, key.name, errors) else { return };
    let texts = found.get_ref().as_array().into_iter().flatten().filter_map(|item| {
        let place = errors.source.place(item.span().start);
        item.get_ref().as_str().map(|text| (text.to_owned(), place, item.span()))
    });
    match key.name {
        "extends" => read.extends = texts.map(|(text, place, _)| (text, place)).collect(),
        "final" => {
            let texts: Vec<_> = texts.collect();
            for (path, place, span) in texts {
                if schema.names(&path) {
                    read.finals.push((path, place));
                } else {
                    let help = nearest(&path, schema.paths().iter().map(String::as_str))
                        .map(|near| format!("did you mean \"{near}\"?"));
                    errors.push(
                        span,
                        format!("`final` names \"{path}\", which is no key of the policy"),
                        help,
                    );
                }
            }
        }
        _ => {
            let path = key.name.to_owned();
            read.settings.push(Setting { path, value: checked, place });
        }
    }
}

/// What is said about a name that stands at the root and is not known.
fn unknown(schema: &Schema, word: &str, value: &DeValue<'_>) -> (String, Option<String>) {
    let is_section = match value {
        DeValue::Table(_) => true,
        DeValue::Array(items) => items.iter().any(|item| item.get_ref().is_table()),
        _ => false,
    };
    let what = if is_section { "section" } else { "key" };
    let message = match is_section {
        true => format!("unknown section [{word}]"),
        false => format!("unknown {what} `{word}`"),
    };
    let homes: Vec<&str> =
        schema.sections().filter(|(_, keys)| keys.iter().any(|k| k.name == word)).map(|(s, _)| s).collect();
    if let Some(home) = homes.first().filter(|_| !is_section) {
        return (message, Some(format!("`{word}` is a key of a section: write it below [{home}]")));
    }
    let sections = schema.sections().map(|(name, _)| name);
    let blocks: Vec<&str> = BLOCKS.into_iter().chain(schema.blocks().map(|key| key.name)).collect();
    let known = sections.clone().chain(ROOT_KEYS.iter().map(|key| key.name)).chain(blocks.iter().copied());
    let help = match nearest(word, known) {
        Some(block) if blocks.contains(&block) => format!("did you mean [[{block}]]?"),
        Some(near) if schema.section(near).is_some() => format!("did you mean [{near}]?"),
        Some(near) => format!("did you mean `{near}`?"),
        None if is_section => {
            let known: Vec<String> = sections
                .map(|name| format!("[{name}]"))
                .chain(schema.blocks().map(|key| format!("[[{}]]", key.name)))
                .collect();
            format!("the sections are {}, [[overlay]] and [[exception]]", known.join(", "))
        }
        None => format!(
            "outside every section stand {}",
            one_of(&ROOT_KEYS.iter().map(|k| k.name).collect::<Vec<_>>())
        ),
    };
    (message, Some(help))
}

/// The TOML parser's words, with a remedy for the slips that people make most.
fn syntax_error(message: &str) -> (String, Option<String>) {
    let help = if message.contains("duplicate key") {
        Some("a key stands once in its section, and a section once in the file".to_owned())
    } else if message.contains("string values must be quoted") {
        Some("put text in quotes: \"text\"".to_owned())
    } else {
        None
    };
    (format!("not TOML: {message}"), help)
}

/// The `extends` of a layer, for whoever finds and reads the files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Extends {
    /// What it names: a path, or `repo@<full commit id>:path`.
    pub reference: String,
    origin: Origin,
    place: Place,
}

impl Extends {
    /// An error about this entry: it shows the line of the policy that names it.
    #[must_use]
    pub fn error(&self, message: String, help: Option<String>) -> PolicyError {
        self.place.error(&self.origin, message, help)
    }
}

/// What a layer extends, in its order. The layer is checked in full.
///
/// # Errors
///
/// Everything that is wrong in the layer.
pub fn extends(schema: &Schema, layer: &Layer) -> Result<Vec<Extends>, Vec<PolicyError>> {
    let read = read(schema, layer)?;
    let origin = &layer.origin;
    Ok(read
        .extends
        .into_iter()
        .map(|(reference, place)| Extends { reference, origin: origin.clone(), place })
        .collect())
}
