//! `gatepost config show | check`, and how a policy's errors look on a terminal.

pub(crate) mod migrate;
pub(crate) mod schema;

use crate::settings::Settings;
use gatepost_core::Date;
use gatepost_core::policy::{Entry, Origin, Policy, PolicyError};
use gatepost_core::secrets::selftest;
use gatepost_core::text::display;
use std::fmt::Write as _;

/// Beyond this width a value does not push the column of origins further out.
const VALUE_WIDTH: usize = 60;

/// The policy in force, as TOML that says the same when it is read as a policy. With `origin`, a comment
/// behind each key says which layer set it.
#[must_use]
pub(crate) fn show(policy: &Policy, origin: bool) -> String {
    let entries = policy.entries();
    // Rules stand in blocks of their own, those of rule files too: the text says the same without the files.
    let shown = |entry: &&Entry| !["secrets.rules", "secrets.rule-files"].contains(&entry.path.as_str());
    let rows: Vec<(String, String)> = entries
        .iter()
        .filter(shown)
        .map(|entry| {
            let line = entry.line.map_or_else(String::new, |line| format!(":{line}"));
            (
                format!("{} = {}", entry.path, entry.value),
                format!("{}{line}", escaped(&entry.origin.to_string())),
            )
        })
        .collect();
    let widths = rows.iter().map(|(setting, _)| setting.chars().count());
    let width = widths.filter(|width| *width <= VALUE_WIDTH).max().unwrap_or(0);
    let mut out = String::new();
    for (setting, from) in &rows {
        // Writing to a string cannot fail.
        let _ =
            if origin { writeln!(out, "{setting:width$}   # {from}") } else { writeln!(out, "{setting}") };
    }
    own_rules(policy, &entries, origin, &mut out);
    for overlay in policy.overlays() {
        let (layer, line) = overlay.origin();
        let line = line.map_or_else(String::new, |line| format!(":{line}"));
        let from = if origin { format!("   # {}{line}", escaped(&layer.to_string())) } else { String::new() };
        let _ = writeln!(out, "\n[[overlay]]{from}");
        for line in overlay.scope() {
            let _ = writeln!(out, "{line}");
        }
        for (path, value) in overlay.settings() {
            let _ = writeln!(out, "{path} = {value}");
        }
    }
    for exception in policy.exceptions() {
        out.push_str("\n[[exception]]\n");
        for (key, value) in exception.fields() {
            let _ = writeln!(out, "{key} = {value}");
        }
    }
    out
}

/// The policy's own rules, one block each.
fn own_rules(policy: &Policy, entries: &[Entry], origin: bool, out: &mut String) {
    if let Some(files) =
        entries.iter().find(|entry| entry.path == "secrets.rule-files" && entry.value != "[]")
    {
        let _ = writeln!(out, "\n# The rules of {} = {} are among these.", files.path, files.value);
    }
    for (table, own) in policy.own_rule_tables().zip(policy.own_rules()) {
        let (layer, line) = own.origin();
        let line = line.map_or_else(String::new, |line| format!(":{line}"));
        let from = if origin { format!("   # {}{line}", escaped(&layer.to_string())) } else { String::new() };
        let _ = writeln!(out, "\n[[secrets.rules]]{from}");
        for (key, value) in table {
            let _ = writeln!(out, "{key} = {value}");
        }
    }
}

/// What there is to say of settings that are sound: the layers, what they set, and exceptions that ended.
#[must_use]
pub(crate) fn check(settings: &Settings, today: Date) -> String {
    let policy = &settings.policy;
    let mut out = String::new();
    for layer in &settings.layers {
        let _ = writeln!(out, "read {}", escaped(&layer.origin.to_string()));
    }
    for file in &settings.rule_files {
        let _ = writeln!(out, "read {}", escaped(&file.origin.to_string()));
    }
    for file in &settings.trust_files {
        let _ = writeln!(out, "read {}", escaped(&file.name));
    }
    if settings.layers.is_empty() {
        out.push_str("no policy file: the built-in defaults are in force (`gatepost init` writes one)\n");
    }
    for exception in policy.exceptions().iter().filter(|exception| exception.is_expired(today)) {
        let _ = writeln!(
            out,
            "warning: exception {} ended on {}: renew it or remove it",
            escaped(&exception.id),
            exception.expires
        );
    }
    for failure in policy.own_rules().iter().flat_map(|own| selftest(&own.rule)) {
        let what = escaped(&failure.to_string());
        let _ = writeln!(out, "warning: {what}: the rule does not do what its examples say");
    }
    if !policy.enforce() {
        out.push_str("note: `enforce = false`, a dry run: nothing is refused\n");
    }
    let set = policy.entries().iter().filter(|entry| entry.origin != Origin::BuiltIn).count();
    let own = match policy.own_rules().len() {
        0 => String::new(),
        rules => format!(", {} of its own", counted(rules, "rule")),
    };
    let _ = writeln!(
        out,
        "the policy is sound: {} set, {}{own}",
        counted(set, "key"),
        counted(policy.exceptions().len(), "exception")
    );
    out
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The errors of a policy for a terminal: each with its line, a mark below what is wrong, and what was meant.
/// Untrusted characters are escaped; there is no colour in it.
#[must_use]
pub(crate) fn render_errors(errors: &[PolicyError]) -> String {
    let rendered: Vec<String> = errors
        .iter()
        .map(|error| {
            let origin = error.origin.to_string();
            let source = error.source_line.as_deref();
            snippet(&error.message, &origin, error.line, error.column, source, error.help.as_deref())
        })
        .collect();
    rendered.join("\n")
}

/// One error in the manner of rustc.
pub(super) fn snippet(
    message: &str,
    place: &str,
    line: Option<u32>,
    column: Option<u32>,
    source: Option<&str>,
    help: Option<&str>,
) -> String {
    let mut out = format!("error: {}\n", escaped(message));
    let help = help.map(escaped);
    let (Some(line), Some(source)) = (line, source) else {
        let _ = writeln!(out, "  --> {}", escaped(place));
        if let Some(help) = help {
            let _ = writeln!(out, "   = help: {help}");
        }
        return out;
    };
    let column = column.unwrap_or(1);
    let number = line.to_string();
    let gutter = " ".repeat(number.len() + 1);
    let excerpt = Excerpt::new(source, usize::try_from(column).unwrap_or(1).saturating_sub(1));
    let _ = writeln!(out, "{gutter}--> {}:{line}:{column}", escaped(place));
    let _ = writeln!(out, "{gutter} |");
    let _ = writeln!(out, " {number} | {}", excerpt.text);
    let mark = format!("{}{}", " ".repeat(excerpt.start), "^".repeat(excerpt.width));
    let _ = writeln!(out, "{gutter} | {mark}{}", help.map_or_else(String::new, |help| format!(" {help}")));
    out
}

/// A line of a policy, escaped and at most [`Excerpt::SHOWN`] characters long, with what is marked in it.
struct Excerpt {
    text: String,
    /// Characters before the mark.
    start: usize,
    /// Characters marked, at least one.
    width: usize,
}

impl Excerpt {
    const SHOWN: usize = 100;
    /// Characters kept before the mark when the line is cut.
    const BEFORE: usize = 20;

    fn new(line: &str, offset: usize) -> Self {
        let (before, rest) = line.split_at_checked(offset).unwrap_or((line, ""));
        let (token, after) = rest.split_at_checked(token_len(rest)).unwrap_or((rest, ""));
        let (before, token, after) = (escaped(before), escaped(token), escaped(after));
        let skipped = before.chars().count().saturating_sub(Self::BEFORE);
        let whole = before.chars().count() + token.chars().count() + after.chars().count();
        let cut_front = whole > Self::SHOWN && skipped > 0;
        let before: String = if cut_front {
            format!("…{}", before.chars().skip(skipped).collect::<String>())
        } else {
            before
        };
        let start = before.chars().count();
        let mut text = format!("{before}{token}{after}");
        if text.chars().count() > Self::SHOWN {
            text = text.chars().take(Self::SHOWN).chain(['…']).collect();
        }
        let width = token.chars().count().min(Self::SHOWN.saturating_sub(start)).max(1);
        Self { text, start, width }
    }
}

/// Length in bytes of the key, text, list or word that the rest of a line begins with.
fn token_len(rest: &str) -> usize {
    let close = match rest.chars().next() {
        Some('"') => Some('"'),
        Some('\'') => Some('\''),
        Some('[') => Some(']'),
        Some('{') => Some('}'),
        _ => None,
    };
    if let Some(close) = close {
        let mut escape = false;
        let end = rest.char_indices().skip(1).find(|(_, c)| {
            let found = *c == close && !escape;
            escape = *c == '\\' && close == '"' && !escape;
            found
        });
        let mut end = end.map_or(rest.len(), |(at, c)| at + c.len_utf8());
        if rest.starts_with("[[") && rest.get(end..).is_some_and(|rest| rest.starts_with(']')) {
            end += 1;
        }
        return end;
    }
    let stop = |c: char| c.is_whitespace() || matches!(c, '=' | ',' | ']' | '}' | '#' | '.');
    // Numbers and dates have points and colons in them; keys are cut at the point.
    let number = rest.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+');
    rest.find(|c: char| stop(c) && !(number && c == '.')).unwrap_or(rest.len())
}

/// Text that is safe on a terminal, in one line. A tab is one space: what is marked below it must stay below it.
pub(crate) fn escaped(text: &str) -> String {
    display(text.replace('\t', " ").as_bytes()).into_owned()
}

#[cfg(test)]
mod tests;
