//! JSON and YAML as one tree.

use crate::ImportError;
use gatepost_core::text::{Yaml, YamlNode};
use serde_json::{Map, Value};

/// Reads a text that is JSON, or else YAML. Scalars of YAML are numbers, truths and nothings where they look like it.
///
/// # Errors
///
/// What is neither.
pub(crate) fn read(text: &str, fix: &str) -> Result<Value, ImportError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let json = match serde_json::from_str(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let fix = fix.to_owned();
    if text.trim_start().starts_with(['{', '[']) {
        let line = u32::try_from(json.line()).ok();
        return Err(ImportError { line, message: format!("it is no JSON: {json}"), fix });
    }
    let yaml = Yaml::parse(text).map_err(|error| ImportError {
        line: error.line,
        message: format!("it is no YAML: {}", error.message),
        fix,
    })?;
    Ok(yaml.documents().next().map_or(Value::Null, of_yaml))
}

/// The reader bounds the nesting.
fn of_yaml(node: YamlNode<'_>) -> Value {
    if let Some(text) = node.text() {
        return match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "" | "null" | "~" => Value::Null,
            text => text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
        };
    }
    let entries = node.entries();
    if entries.is_empty() {
        return Value::Array(node.items().map(of_yaml).collect());
    }
    let own = |(key, value): (&str, YamlNode<'_>)| (key.to_owned(), of_yaml(value));
    Value::Object(entries.into_iter().map(own).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_and_yaml_are_one_tree() {
        let expected = json!({ "a": [2, "always", ["x"]], "b": true, "c": null });
        assert_eq!(read(r#"{"a": [2, "always", ["x"]], "b": true, "c": null}"#, ""), Ok(expected.clone()));
        assert_eq!(read("a:\n  - 2\n  - always\n  - [x]\nb: true\nc: ~\n", ""), Ok(expected));
        assert_eq!(read("", ""), Ok(Value::Null));
    }

    #[test]
    fn what_is_neither_is_told_with_its_line() {
        assert_eq!(read("{\n\"a\": }", "mend it").unwrap_err().line, Some(2));
        let error = read("a: b\n- c: [", "mend it").unwrap_err();
        assert!(error.message.starts_with("it is no YAML") && error.fix == "mend it", "{error:?}");
    }
}
