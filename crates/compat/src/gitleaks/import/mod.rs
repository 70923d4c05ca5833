//! A configuration of gitleaks, its ignore file or one of its reports as a policy of gatepost.
//!
//! gatepost's rules take the place of those that gitleaks brings along; what a configuration adds to them is carried over:
//! allowlists as `[[secrets.allow]]`, rules as `[[secrets.rules]]`. What means something else there is named, and not guessed.

mod examples;
mod globs;
mod lists;
mod rules;

use super::ignore::Ignored;
use super::read;
use crate::{File, ImportError, Imported, Importer, Left};
use gatepost_core::text::escape;
use serde_json::Value;

pub(crate) const IMPORTER: Importer = Importer {
    tool: "gitleaks",
    reads: ".gitleaks.toml, .gitleaksignore, a JSON report that is a baseline",
    import,
};

const FIX: &str = "give it a .gitleaks.toml, a .gitleaksignore, or a report in JSON";

/// What is accepted today is accepted by a baseline of our own.
const BASELINE: &str = "`gatepost baseline create` accepts the secrets that are there today, by fingerprints that do not move with lines";

fn import(file: &File<'_>) -> Result<Imported, ImportError> {
    if file.name.ends_with("gitleaksignore") {
        return Ok(ignore_file(file));
    }
    if file.text.trim_start().starts_with(['[', '{']) && file.name.ends_with(".json") {
        return report(file);
    }
    configuration(file)
}

/// The globs that an expression over paths is, where it can be said in globs.
pub(crate) fn path_globs(pattern: &str) -> Option<Vec<String>> {
    globs::globs(&super::translate::translate(pattern).ok()?)
}

/// What a policy is put together from.
pub(super) struct Writer {
    allow: Vec<String>,
    rules: Vec<String>,
    left: Vec<Left>,
}

impl Writer {
    pub(super) fn leave(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.left.push(Left { what: what.into(), why: why.into() });
    }
}

fn configuration(file: &File<'_>) -> Result<Imported, ImportError> {
    let document = read::document(file.text, true).map_err(|message| ImportError {
        line: None,
        message,
        fix: FIX.to_owned(),
    })?;
    let mut writer = Writer { allow: Vec::new(), rules: Vec::new(), left: Vec::new() };
    for key in &document.unknown {
        writer.leave(key, "gitleaks has no such setting: it did nothing there, either");
    }
    for (what, why) in &document.broken {
        writer.leave(what, format!("gitleaks cannot read it, either: {why}"));
    }
    let extend = &document.extend;
    if !extend.path.is_empty() {
        writer.leave(
            format!("extend.path {}", extend.path),
            "import that file as well; `extends` of a policy puts the two together",
        );
    }
    for id in &extend.disabled {
        writer.leave(
            format!("extend.disabledRules {id}"),
            "gatepost's rules have ids of their own: `gatepost rules list`, then [[secrets.disable-rules]]",
        );
    }
    for rule in &document.rules {
        rules::write(rule, &mut writer);
    }
    for list in &document.allowlists {
        lists::write(list, &[], "[allowlist]", &mut writer);
    }
    for (ids, list) in &document.targeted {
        lists::targeted(list, ids, &document.rules, &mut writer);
    }
    Ok(finish(file, writer))
}

fn finish(file: &File<'_>, writer: Writer) -> Imported {
    let mut policy = format!(
        "# Made of {} by `gatepost import gitleaks`. `gatepost config check` reads it and tries its rules, and docs/gitleaks.md\n\
         # says where the two judge differently. gatepost's own rules stand in for those that gitleaks brings along; the ids of those\n\
         # that come along begin with `gitleaks-`.\n\
         schema = 1\n\n[secrets]\ntrust-inline = [\"gatepost\", \"gitleaks\"]\n",
        escape(file.name)
    );
    for part in writer.allow.iter().chain(&writer.rules) {
        policy.push('\n');
        policy.push_str(part);
    }
    Imported { policy, left: writer.left }
}

/// The fingerprints of gitleaks name lines, and lines move: each is named, with the command that makes an exception of it.
fn ignore_file(file: &File<'_>) -> Imported {
    let mut ignored = Ignored::default();
    let odd = ignored.add(file.text);
    let mut writer = Writer { allow: Vec::new(), rules: Vec::new(), left: Vec::new() };
    for print in ignored.fingerprints().filter(|print| !odd.iter().any(|line| line == print)) {
        writer.leave(
            print,
            format!("a line number says nothing once lines move: {BASELINE}, and `gatepost exceptions add` one with reason, owner and last day"),
        );
    }
    for line in odd {
        writer.leave(line, "it is no fingerprint, and did nothing in gitleaks, either");
    }
    finish(file, writer)
}

fn report(file: &File<'_>) -> Result<Imported, ImportError> {
    let wrong = |message: String| ImportError { line: None, message, fix: FIX.to_owned() };
    let value: Value =
        serde_json::from_str(file.text).map_err(|error| wrong(format!("it is no JSON: {error}")))?;
    let rows = value
        .as_array()
        .ok_or_else(|| wrong("it is no report of gitleaks: a list is expected".to_owned()))?;
    let mut writer = Writer { allow: Vec::new(), rules: Vec::new(), left: Vec::new() };
    for row in rows {
        let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
        let line = row.get("StartLine").and_then(Value::as_i64).unwrap_or(0);
        writer.leave(format!("{}:{}:{line}", text("File"), text("RuleID")), BASELINE);
    }
    Ok(finish(file, writer))
}

#[cfg(test)]
mod tests;
