//! A `.secrets.baseline` of detect-secrets as a policy: its filters for files and values are carried over, what it knows to
//! be there is named.
//!
//! Source: `detect_secrets` 1.5, `core/baseline.py` and `filters/`.

use crate::gitleaks;
use crate::{File, ImportError, Imported, Importer, Left};
use gatepost_core::text::escape;
use serde_json::Value;

pub(crate) const IMPORTER: Importer = Importer { tool: "detect-secrets", reads: ".secrets.baseline", import };

fn import(file: &File<'_>) -> Result<Imported, ImportError> {
    let wrong =
        |message: String| ImportError { line: None, message, fix: "name a .secrets.baseline".to_owned() };
    let value: Value =
        serde_json::from_str(file.text).map_err(|error| wrong(format!("it is no JSON: {error}")))?;
    if value.get("results").is_none_or(|results| !results.is_object()) {
        return Err(wrong("it is no baseline of detect-secrets: it has no `results`".to_owned()));
    }
    let mut policy = format!(
        "# Made of {} by `gatepost import detect-secrets`. `gatepost config check` reads it.\nschema = 1\n\n[secrets]\n\
         trust-inline = [\"gatepost\", \"detect-secrets\"]\n",
        escape(file.name)
    );
    let mut left = Vec::new();
    let list = |key: &str| value.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for filter in list("filters_used") {
        self::filter(filter, &mut policy, &mut left);
    }
    // Versions before 1.0 have one expression for files.
    if let Some(pattern) =
        value.get("exclude").and_then(|exclude| exclude.get("files")).and_then(Value::as_str)
    {
        excluded(pattern, &mut policy, &mut left);
    }
    for plugin in list("plugins_used") {
        self::plugin(plugin, &mut left);
    }
    let files = value.get("results").and_then(Value::as_object);
    for (name, results) in files.into_iter().flatten() {
        let count = results.as_array().map_or(0, Vec::len);
        left.push(Left {
            what: format!("{name}: {count} known"),
            why: "it knows them by SHA-1, which gatepost does not keep: `gatepost baseline create` accepts what is there today".to_owned(),
        });
    }
    Ok(Imported { policy, left })
}

fn filter(filter: &Value, policy: &mut String, left: &mut Vec<Left>) {
    let path = filter.get("path").and_then(Value::as_str).unwrap_or_default();
    let patterns = match filter.get("pattern") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let name = path.rsplit('.').next().unwrap_or(path);
    match name {
        "should_exclude_file" => patterns.iter().for_each(|pattern| excluded(pattern, policy, left)),
        "should_exclude_secret" => {
            for pattern in patterns {
                // Python's expressions: those that Rust reads mean the same there.
                if regex_syntax::parse(pattern).is_ok() {
                    policy.push_str(&entry("value", pattern));
                } else {
                    left.push(Left { what: format!("{name} {pattern}"), why: "it is no expression of Rust: write it anew as `value` of [[secrets.allow]]".to_owned() });
                }
            }
        }
        "should_exclude_line" => left.extend(patterns.iter().map(|pattern| Left {
            what: format!("{name} {pattern}"),
            why: "it looks at what stands around a secret: gatepost allows by value, by path, or by a comment on the line".to_owned(),
        })),
        "is_invalid_file" | "is_line_allowlisted" | "is_baseline_file" | "is_non_text_file" | "is_swagger_file" | "is_likely_id_string"
        | "is_templated_secret" | "is_sequential_string" | "is_indirect_reference" | "is_lock_file" | "is_potential_uuid"
        | "is_not_alphanumeric_string" | "is_prefixed_with_dollar_sign" | "is_ignored_due_to_verification_policies" => {
            // What is no secret by its form: gatepost has its own tests for that.
        }
        _ => left.push(Left { what: format!("the filter {path}"), why: "it is a program, or a list of words: `value` of [[secrets.allow]] takes expressions".to_owned() }),
    }
}

fn entry(key: &str, text: &str) -> String {
    format!(
        "\n[[secrets.allow]]\n{key} = {}\nreason = \"allowed in the baseline of detect-secrets\"\n",
        toml::Value::from(text)
    )
}

/// Files that are not looked at.
fn excluded(pattern: &str, policy: &mut String, left: &mut Vec<Left>) {
    // Python looks for the expression anywhere in the path, as gitleaks does.
    match gitleaks::path_globs(pattern) {
        Some(globs) => globs.iter().for_each(|glob| policy.push_str(&entry("path", glob))),
        None => left.push(Left {
            what: format!("should_exclude_file {pattern}"),
            why: "it cannot be said in globs without letting more through: write `path` of [[secrets.allow]] for it".to_owned(),
        }),
    }
}

fn plugin(plugin: &Value, left: &mut Vec<Left>) {
    let name = plugin.get("name").and_then(Value::as_str).unwrap_or_default();
    if let Some(path) = plugin.get("path").and_then(Value::as_str) {
        left.push(Left {
            what: format!("the plug-in {name} ({path})"),
            why: "it is a program: write it as a rule (docs/rules-guide.md)".to_owned(),
        });
    }
    if let Some(words) =
        plugin.get("keyword_exclude").and_then(Value::as_str).filter(|words| !words.is_empty())
    {
        left.push(Left {
            what: format!("keyword_exclude {words}"),
            why: "it looks at the name that a secret is given: gatepost allows by value or by path"
                .to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_carried_and_what_is_known_is_named() {
        let text = r#"{
            "version": "1.5.0",
            "plugins_used": [{"name": "Base64HighEntropyString", "limit": 4.5}, {"name": "Own", "path": "file://own.py"}],
            "filters_used": [
                {"path": "detect_secrets.filters.regex.should_exclude_file", "pattern": ["^tests/", "[a-z]+x$"]},
                {"path": "detect_secrets.filters.regex.should_exclude_secret", "pattern": ["^EXAMPLE", "(?=x)"]},
                {"path": "detect_secrets.filters.regex.should_exclude_line", "pattern": ["nosec"]},
                {"path": "detect_secrets.filters.heuristic.is_sequential_string"},
                {"path": "own.py::is_fine"}
            ],
            "results": {"a.py": [{"type": "Secret Keyword", "hashed_secret": "00"}]}
        }"#;
        let imported = import(&File { name: ".secrets.baseline", text }).unwrap();
        let policy: toml::Table = imported.policy.parse().unwrap();
        let allow = policy["secrets"]["allow"].as_array().unwrap();
        assert_eq!(allow[0]["path"].as_str(), Some("/tests/**"));
        assert_eq!(allow[1]["value"].as_str(), Some("^EXAMPLE"));
        assert_eq!((allow.len(), imported.left.len()), (2, 6), "{:?}", imported.left);
        assert!(import(&File { name: "x", text: "{}" }).is_err());
    }
}
