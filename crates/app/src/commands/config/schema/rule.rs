//! The schema of one secret rule.

use super::{closed, described};
use gatepost_core::secrets::{OWN_KEYS, STRUCTURES};
use gatepost_core::{Confidence, Severity};
use serde_json::{Map, Value, json};

/// An entry of `secrets.rules`.
pub(super) fn schema() -> Value {
    let properties: Map<String, Value> =
        OWN_KEYS.iter().map(|(name, help)| ((*name).to_owned(), described(value(name), help))).collect();
    let mut rule = closed(properties);
    if let Some(rule) = rule.as_object_mut() {
        let required: Vec<&str> =
            OWN_KEYS.iter().filter(|(_, help)| help.contains("Required")).map(|(name, _)| *name).collect();
        rule.insert("required".to_owned(), json!(required));
        let ways = ["regex", "assigned", "detector"].map(|way| json!({ "required": [way] }));
        rule.insert("oneOf".to_owned(), json!(ways));
    }
    rule
}

fn value(key: &str) -> Value {
    let texts = |least: usize| json!({ "type": "array", "items": { "type": "string" }, "minItems": least });
    match key {
        "id" => json!({ "type": "string", "pattern": "^[a-z]([a-z0-9-]*[a-z0-9])?$" }),
        "severity" => {
            json!({ "type": "string", "enum": words(Severity::ALL.iter().map(|word| word.as_str())) })
        }
        "confidence" => {
            json!({ "type": "string", "enum": words(confidences()) })
        }
        "assigned" => object(&[("to", true), ("role", false), ("value", true)]),
        "keywords" => json!({ "type": "array", "items": { "type": "string", "minLength": 3 } }),
        "window" => json!({ "oneOf": [
            { "type": "string", "enum": ["whole"] },
            {
                "type": "object",
                "properties": { "before": count(), "after": count() },
                "required": ["before", "after"],
                "additionalProperties": false,
            },
        ] }),
        "entropy" => json!({ "type": "number", "minimum": 0, "maximum": 8 }),
        "secret-group" => count(),
        "strong" => json!({ "type": "boolean" }),
        "structure" => structure(),
        "with" => json!({ "type": "array", "items": partner() }),
        "alone" => json!({ "type": "string", "enum": confidences().chain(["hidden"]).collect::<Vec<_>>() }),
        "allow" => json!({ "type": "array", "items": object(&[("regex", true), ("reason", true)]) }),
        "examples" | "counter-examples" => texts(2),
        "fix" => texts(1),
        _ => json!({ "type": "string" }),
    }
}

fn confidences() -> impl Iterator<Item = &'static str> {
    Confidence::ALL.iter().map(|word| word.as_str())
}

/// A structure check: its kind, its parameters, and what failing does.
fn structure() -> Value {
    let params =
        STRUCTURES.iter().flat_map(|check| check.params).map(|param| (param.name.to_owned(), count()));
    let mut properties: Map<String, Value> = params.collect();
    let kinds = words(STRUCTURES.iter().map(|check| check.name));
    properties.insert("kind".to_owned(), json!({ "type": "string", "enum": kinds }));
    properties.insert("fails".to_owned(), json!({ "type": "string", "enum": ["lower", "drop"] }));
    let mut structure = closed(properties);
    if let Some(structure) = structure.as_object_mut() {
        structure.insert("required".to_owned(), json!(["kind"]));
    }
    structure
}

/// Another part of the credential.
fn partner() -> Value {
    json!({
        "type": "object",
        "properties": {
            "rule": { "type": "string" },
            "lines": { "type": "integer", "minimum": 0, "maximum": 100 },
            "severity": value("severity"),
            "confidence": value("confidence"),
        },
        "required": ["rule", "lines"],
        "additionalProperties": false,
    })
}

fn words(words: impl Iterator<Item = &'static str>) -> Value {
    words.collect::<Vec<_>>().into()
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX })
}

/// An object of texts, each required or not.
fn object(keys: &[(&str, bool)]) -> Value {
    let text = |(name, _): &(&str, bool)| ((*name).to_owned(), json!({ "type": "string" }));
    let mut object = closed(keys.iter().map(text).collect());
    if let Some(object) = object.as_object_mut() {
        let required: Vec<&str> =
            keys.iter().filter(|(_, required)| *required).map(|(name, _)| *name).collect();
        object.insert("required".to_owned(), json!(required));
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_rules_are_rules_of_the_schema() {
        let validator = jsonschema::draft7::new(&schema()).unwrap();
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut rules = 0;
        for path in files.filter(|path| path.extension().is_some_and(|e| e == "toml")) {
            let table: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
            let Some(provider) = table.get("provider") else { continue };
            for rule in table.get("rules").unwrap().as_array().unwrap() {
                let mut rule = serde_json::to_value(rule).unwrap();
                rule["provider"] = json!(provider.as_str().unwrap());
                assert!(validator.is_valid(&rule), "{rule:#}");
                rule["regx"] = json!("a");
                assert!(!validator.is_valid(&rule));
                rules += 1;
            }
        }
        assert!(rules > 100, "{rules}");
    }
}
