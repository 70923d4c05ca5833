//! A configuration of commitlint as a policy: `.commitlintrc` in JSON or YAML, the key `commitlint` of a `package.json`, and
//! `commitlint.config.js` (or .cjs, .mjs, .ts) as far as it is data.
//!
//! Source: `@commitlint/load`, `@commitlint/lint` and `@commitlint/rules` 20.

mod known;
mod rules;
mod writer;

use crate::{File, ImportError, Imported, Importer, script, tree};
use serde_json::{Map, Value};
use writer::Writer;

pub(crate) const IMPORTER: Importer = Importer {
    tool: "commitlint",
    reads: ".commitlintrc (JSON, YAML), package.json, commitlint.config.js (.cjs, .mjs, .ts) with a plain object",
    import,
};

const PRINT: &str = "let commitlint print what it makes of it, and import that: npx commitlint --print-config json > commitlint.json";

/// The severities by their names in TypeScript.
const SEVERITIES: [(&str, i64); 3] =
    [("RuleConfigSeverity.Disabled", 0), ("RuleConfigSeverity.Warning", 1), ("RuleConfigSeverity.Error", 2)];

fn import(file: &File<'_>) -> Result<Imported, ImportError> {
    let config = read(file)?;
    let Value::Object(config) = config else {
        return Err(error("it is no configuration of commitlint: an object is expected"));
    };
    let mut writer = Writer::new(file.name);
    let rules = merged(&config, &mut writer)?;
    let judged = rules::translate(&rules, &mut writer);
    own_messages(&config, &mut writer);
    for (key, value) in &config {
        other(key, value, &mut writer);
    }
    if judged == 0 {
        writer
            .leave("rules", "the configuration has no rule that is on, so the policy judges next to nothing");
    }
    Ok(writer.finish())
}

fn error(message: &str) -> ImportError {
    ImportError { line: None, message: message.to_owned(), fix: PRINT.to_owned() }
}

/// The configuration in a file.
fn read(file: &File<'_>) -> Result<Value, ImportError> {
    let ending = file.name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if ["js", "cjs", "mjs", "ts", "cts", "mts"].contains(&ending) {
        return script::exported(file.text, &SEVERITIES, PRINT);
    }
    let value = tree::read(file.text, PRINT)?;
    if file.name == "package.json" {
        return value
            .get("commitlint")
            .cloned()
            .ok_or_else(|| error("this package.json has no key `commitlint`"));
    }
    // Nothing in a file, or `{}` in YAML.
    Ok(if value.is_null() || value == Value::Array(Vec::new()) { Value::Object(Map::new()) } else { value })
}

/// The rules of everything that is extended, and those of the file over them.
fn merged(config: &Map<String, Value>, writer: &mut Writer) -> Result<Map<String, Value>, ImportError> {
    let mut rules = Map::new();
    let extended = match config.get("extends") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        Some(_) => return Err(error("`extends` is neither a name nor a list of names")),
    };
    for name in extended {
        match known::rules(name) {
            Some(known) => rules.extend(known),
            None => writer.leave(
                &format!("extends {name}"),
                "what it says is in another package; `npx commitlint --print-config json` prints it with the rest",
            ),
        }
    }
    match config.get("rules") {
        None | Some(Value::Null) => {}
        Some(Value::Object(own)) => rules.extend(own.clone()),
        Some(Value::Array(none)) if none.is_empty() => {}
        Some(_) => return Err(error("`rules` is no object")),
    }
    Ok(rules)
}

/// Messages that commitlint ignores unless it is told not to. A first commit is none of them.
fn own_messages(config: &Map<String, Value>, writer: &mut Writer) {
    let ignored = config.get("defaultIgnores") != Some(&Value::Bool(false));
    for key in ["merge", "revert", "fixup"] {
        writer.text(key, if ignored { "ignore" } else { "check" });
    }
    writer.text("initial", "check");
}

/// What is no rule.
fn other(key: &str, value: &Value, writer: &mut Writer) {
    let is_empty = match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    if is_empty {
        return;
    }
    match key {
        "extends" | "rules" | "defaultIgnores" | "$schema" => {}
        "parserPreset" => {
            let name = value.as_str().or_else(|| value.get("name")?.as_str()).unwrap_or("of its own");
            let is_conventional = name.contains("conventional-changelog-conventionalcommits");
            if !is_conventional {
                let name = format!("parserPreset {name}");
                writer.leave(&name, "headers are read as Conventional Commits; `header-match` can ask for more");
            }
        }
        "ignores" => writer.leave(
            "ignores",
            "functions cannot be carried over; messages of merges, reverts, fixups and first commits have keys of their own",
        ),
        "plugins" => writer.leave("plugins", "their rules are programs; `header-match` and `header-forbid` take expressions"),
        "helpUrl" => writer.leave("helpUrl", "put it in `on-deny`: that step is added to every finding that blocks"),
        "formatter" => writer.leave("formatter", "reports have formats of their own: -f"),
        "prompt" => writer.leave("prompt", "gatepost asks nothing"),
        key => writer.leave(key, "commitlint has no such setting that is known here"),
    }
}

#[cfg(test)]
mod tests;
