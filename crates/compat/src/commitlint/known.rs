//! What the shared configurations say that nearly everybody extends.
//!
//! Source: `@commitlint/config-conventional` 20, `@commitlint/config-angular` 20.

use serde_json::{Map, Value, json};

/// The rules of a shared configuration, by the names under which it can be extended.
pub(super) fn rules(name: &str) -> Option<Map<String, Value>> {
    let rules = match name.strip_prefix("@commitlint/config-").unwrap_or(name) {
        "conventional" => conventional(),
        "angular" => angular(),
        _ => return None,
    };
    match rules {
        Value::Object(rules) => Some(rules),
        _ => None,
    }
}

const CASES: [&str; 4] = ["sentence-case", "start-case", "pascal-case", "upper-case"];

fn conventional() -> Value {
    json!({
        "body-leading-blank": [1, "always"],
        "body-max-line-length": [2, "always", 100],
        "footer-leading-blank": [1, "always"],
        "footer-max-line-length": [2, "always", 100],
        "header-max-length": [2, "always", 100],
        "header-trim": [2, "always"],
        "subject-case": [2, "never", CASES],
        "subject-empty": [2, "never"],
        "subject-full-stop": [2, "never", "."],
        "type-case": [2, "always", "lower-case"],
        "type-empty": [2, "never"],
        "type-enum": [
            2,
            "always",
            ["build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"],
        ],
    })
}

fn angular() -> Value {
    json!({
        "subject-exclamation-mark": [2, "never"],
        "body-leading-blank": [1, "always"],
        "footer-leading-blank": [1, "always"],
        "header-max-length": [2, "always", 72],
        "scope-case": [2, "always", "lower-case"],
        "subject-case": [2, "never", CASES],
        "subject-empty": [2, "never"],
        "subject-full-stop": [2, "never", "."],
        "type-case": [2, "always", "lower-case"],
        "type-empty": [2, "never"],
        "type-enum": [
            2,
            "always",
            ["build", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"],
        ],
    })
}
