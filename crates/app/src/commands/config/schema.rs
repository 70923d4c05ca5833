//! `gatepost config schema`: the JSON Schema of a policy, so that editors complete keys and mark mistakes while somebody
//! types. It is made from the same keys that the policy is checked against, and draft 7 is what TOML editors know.

mod rule;

use gatepost_core::check::Scope;
use gatepost_core::policy::{Key, Kind, Schema, exception_keys, root_keys};
use gatepost_core::{Level, Severity, Stage};
use serde_json::{Map, Value, json};

/// Where the schema says it comes from.
const ID: &str = "https://github.com/gatepost/gatepost/schema/policy-1.json";

/// The JSON Schema, as text.
#[must_use]
pub(crate) fn text(schema: &Schema) -> String {
    let mut text = serde_json::to_string_pretty(&value(schema)).unwrap_or_default();
    text.push('\n');
    text
}

/// The JSON Schema.
fn value(schema: &Schema) -> Value {
    let mut properties: Map<String, Value> = root_keys().iter().map(property).collect();
    let (mut overlay, mut sections) = (Map::new(), Map::new());
    properties.extend(schema.blocks().map(property));
    for check in schema.checks().iter().filter(|check| check.blocks.is_none()) {
        sections.insert(check.section.to_owned(), described(object(check.keys), check.title));
        if check.scope != Scope::Run {
            let keys = check.keys.iter().filter(|key| !check.run_keys.contains(&key.name));
            let inner = closed(keys.map(property).collect());
            overlay.insert(check.section.to_owned(), described(inner, check.title));
        }
    }
    properties.extend(sections);
    let globs = json!({ "type": "array", "items": { "type": "string", "minLength": 1 }, "minItems": 1 });
    overlay.insert("paths".to_owned(), described(globs.clone(), "The paths it is for, as globs."));
    overlay.insert("branches".to_owned(), described(globs, "The branches it is for, as globs."));
    let mut overlay = closed(overlay);
    if let Some(overlay) = overlay.as_object_mut() {
        overlay.insert("anyOf".to_owned(), json!([{ "required": ["paths"] }, { "required": ["branches"] }]));
    }
    properties.insert(
        "overlay".to_owned(),
        described(json!({ "type": "array", "items": overlay }), "Settings for some paths or branches."),
    );
    let required = ["id", "rule", "status", "reason", "owner", "expires"];
    let mut exception = object(exception_keys());
    if let Some(exception) = exception.as_object_mut() {
        exception.insert("required".to_owned(), json!(required));
    }
    properties.insert(
        "exception".to_owned(),
        described(
            json!({ "type": "array", "items": exception }),
            "Deviations that somebody asked for, justified and owns, and that end on a day.",
        ),
    );
    let mut root = closed(properties);
    if let Some(root) = root.as_object_mut() {
        root.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
        root.insert("$id".to_owned(), json!(ID));
        root.insert("title".to_owned(), json!("The policy of gatepost"));
    }
    root
}

/// An object that has these properties and no others.
fn closed(properties: Map<String, Value>) -> Value {
    let mut object = Map::new();
    object.insert("type".to_owned(), json!("object"));
    object.insert("properties".to_owned(), Value::Object(properties));
    object.insert("additionalProperties".to_owned(), json!(false));
    Value::Object(object)
}

fn object(keys: &[Key]) -> Value {
    closed(keys.iter().map(property).collect())
}

fn described(mut value: Value, text: &str) -> Value {
    if let Some(object) = value.as_object_mut() {
        object.insert("description".to_owned(), json!(text));
    }
    value
}

fn property(key: &Key) -> (String, Value) {
    let mut value = described(kind(&key.kind), key.help);
    let default = format!("default = {}", key.default).parse::<toml::Table>().ok();
    let default = default.and_then(|table| serde_json::to_value(table.get("default")?).ok());
    if let (Some(object), Some(default)) = (value.as_object_mut(), default) {
        object.insert("default".to_owned(), default);
    }
    (key.name.to_owned(), value)
}

fn kind(kind: &Kind) -> Value {
    match kind {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Integer { min, max: i64::MAX } => json!({ "type": "integer", "minimum": min }),
        Kind::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Size => json!({ "oneOf": [
            { "type": "integer", "minimum": 0 },
            { "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? ?([kMG]?B|[KMG]iB)?$" },
        ] }),
        Kind::Text => json!({ "type": "string" }),
        Kind::Choice(words) => json!({ "type": "string", "enum": words }),
        Kind::ChoiceByStage(words) => choice_by_stage(words),
        Kind::ChoiceOrList { words, items } => json!({ "oneOf": [
            { "type": "string", "enum": words },
            { "type": "array", "items": { "type": "string", "enum": items }, "uniqueItems": true },
        ] }),
        Kind::Levels => levels(),
        Kind::Regex => json!({ "type": "string", "format": "regex" }),
        Kind::Glob => json!({ "type": "string", "minLength": 1 }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Moment => json!({ "oneOf": [
            { "type": "string", "format": "date" },
            { "type": "string", "format": "date-time" },
        ] }),
        Kind::List(item) => json!({ "type": "array", "items": self::kind(item), "uniqueItems": true }),
        Kind::Table(keys) => object(keys),
        Kind::Tables(keys) => json!({ "type": "array", "items": object(keys) }),
        Kind::Rules => json!({ "type": "array", "items": rule::schema() }),
        Kind::Excuses { subjects, .. } => {
            let mut entry = closed(kind.inner().map(property).collect());
            let any: Vec<Value> = subjects.iter().map(|key| json!({ "required": [key.name] })).collect();
            if let Some(entry) = entry.as_object_mut() {
                entry.insert("required".to_owned(), json!(["reason"]));
                entry.insert("anyOf".to_owned(), Value::Array(any));
            }
            json!({ "type": "array", "items": entry })
        }
    }
}

/// One word, or one for each stage.
fn choice_by_stage(words: &[&str]) -> Value {
    let word = json!({ "type": "string", "enum": words });
    let names: Vec<&str> = Stage::ALL.iter().map(|stage| stage.as_str()).collect();
    let properties: Map<String, Value> =
        names.iter().chain(&["default"]).map(|name| ((*name).to_owned(), word.clone())).collect();
    json!({ "oneOf": [
        word,
        {
            "type": "object", "properties": properties, "additionalProperties": false,
            "anyOf": [{ "required": ["default"] }, { "required": names }],
        },
    ] })
}

/// A level, or a table of levels by stage, by severity, or both.
fn levels() -> Value {
    let words: Vec<&str> = Level::ALL.iter().map(|level| level.as_str()).collect();
    let level = json!({ "type": "string", "enum": words });
    let mut severities: Map<String, Value> =
        Severity::ALL.iter().map(|severity| (severity.as_str().to_owned(), level.clone())).collect();
    severities.insert("default".to_owned(), level.clone());
    let by_severity = json!({
        "type": "object", "properties": severities, "additionalProperties": false, "minProperties": 1,
    });
    let stage = json!({ "oneOf": [level, by_severity] });
    let mut both = severities;
    both.extend(Stage::ALL.iter().map(|name| (name.as_str().to_owned(), stage.clone())));
    json!({ "oneOf": [
        level,
        { "type": "object", "properties": both, "additionalProperties": false, "minProperties": 1 },
    ] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatepost_core::policy::{PRESETS, Preset, render_template};

    fn validator() -> jsonschema::Validator {
        jsonschema::draft7::new(&value(&Schema::built_in())).unwrap()
    }

    /// A policy as an editor's validator sees it: dates are text.
    fn json(text: &str) -> Value {
        fn plain(value: toml::Value) -> Value {
            match value {
                toml::Value::Datetime(day) => json!(day.to_string()),
                toml::Value::Array(items) => items.into_iter().map(plain).collect(),
                toml::Value::Table(table) => {
                    table.into_iter().map(|(key, value)| (key, plain(value))).collect::<Map<_, _>>().into()
                }
                other => serde_json::to_value(other).unwrap(),
            }
        }
        plain(toml::Value::Table(text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"))))
    }

    #[test]
    fn what_gatepost_accepts_the_schema_accepts() {
        let validator = validator();
        let template = render_template(&Schema::built_in(), Preset::find("default").unwrap(), &[]);
        // The template with every default spelt out.
        let spelt: String = template
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(setting) if !setting.starts_with(' ') => format!("{setting}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let own = r#"
            [secrets]
            level = { default = "deny", ci = { critical = "deny", default = "warn" }, scan = "note" }
            max-file-size = "1.5 MiB"
            trust-inline = ["gatepost", "gitleaks"]
            exclude = [{ path = "a/**", reason = "generated code", until = 2027-01-01 }]
            [[secrets.allow]]
            value = "EXAMPLE"
            rules = ["github-pat"]
            reason = "documented examples"
            [[overlay]]
            branches = ["release/*"]
            message.header-max = 50
            [[exception]]
            id = "EX-1"
            rule = "github-pat"
            path = "docs/**"
            status = "false-positive"
            reason = "an example in the docs"
            owner = "@docs"
            expires = 2027-01-01
        "#;
        let texts = PRESETS.iter().map(|preset| preset.text.to_owned());
        for text in texts.chain([template.clone(), spelt, own.to_owned()]) {
            let errors: Vec<String> = validator
                .iter_errors(&json(&text))
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{errors:#?}\n{text}");
        }
    }

    #[test]
    fn what_gatepost_refuses_the_schema_refuses() {
        let validator = validator();
        for text in [
            "enfroce = true",
            "schema = 2",
            "[mesage]\nlevel = \"deny\"",
            "[message]\nhedder-max = 72",
            "[message]\nheader-max = \"72\"",
            "[message]\nlevel = \"error\"",
            "[message]\nlevel = { pre-comit = \"deny\" }",
            "[message]\nlevel = { pre-commit = { ci = \"deny\" } }",
            "[files]\nmax-size = \"5 MegaBytes\"",
            "[files]\nexclude = [\"docs/**\"]",
            "[files]\nexclude = [{ path = \"docs/**\" }]",
            "[files]\nexclude = [{ reason = \"nobody knows what for\" }]",
            "[secrets]\ntrust-inline = [\"gitleeks\"]",
            "[[overlay]]\nfiles.level = \"deny\"",
            "[[overlay]]\npaths = [\"a\"]\nsecrets.baseline = \"x\"",
            "[[exception]]\nid = \"EX-1\"",
        ] {
            assert!(!validator.is_valid(&json(text)), "{text}");
        }
    }
}
