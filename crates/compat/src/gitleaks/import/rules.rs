//! Rules as `[[secrets.rules]]`.

use super::examples::with_examples;
use super::globs::globs;
use super::{Writer, lists};
use crate::gitleaks::allowlist::{Allowlist, Target};
use crate::gitleaks::config::Rule;
use toml::{Table, Value};

/// The shortest keyword that a rule takes.
const SHORTEST_KEYWORD: usize = 3;

/// The farthest that another part of a credential may be.
const MOST_LINES: i64 = 1000;

/// An id as gatepost has it: lower-case letters, digits and hyphens. Its beginning is none of a built-in rule, since an id that
/// one of them has is refused.
pub(super) fn own_id(id: &str) -> String {
    let mut out = String::new();
    for c in id.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    format!("gitleaks-{}", if out.is_empty() { "rule" } else { out.trim_end_matches('-') })
}

/// A rule, with what is let through for it.
pub(super) fn write(rule: &Rule, writer: &mut Writer) {
    let shown = if rule.id.is_empty() { rule.description.clone() } else { rule.id.clone() };
    let Some(regex) = &rule.regex else {
        without_regex(rule, &shown, writer);
        return;
    };
    let id = own_id(&shown);
    let mut table = Table::new();
    let mut set = |key: &str, value: Value| table.insert(key.to_owned(), value);
    let name = if rule.description.trim().is_empty() { shown.as_str() } else { rule.description.trim() };
    for (key, text) in [
        ("id", id.as_str()),
        ("name", name),
        ("description", name),
        ("severity", "high"),
        ("confidence", "high"),
        ("regex", regex.translated()),
        ("risk", "Use what the secret opens."),
        ("reference", "the configuration of gitleaks that it comes from"),
    ] {
        set(key, Value::from(text));
    }
    set(
        "fix",
        Value::Array(vec![
            Value::from("Revoke the secret where it was issued"),
            Value::from("Keep the new one in a secret store"),
        ]),
    );
    if rule.entropy > 0.0 {
        set("entropy", Value::Float(rule.entropy.min(8.0)));
    }
    if rule.secret_group > 0 {
        set("secret-group", Value::Integer(i64::try_from(rule.secret_group).unwrap_or(0)));
    }
    if let Some(path) = &rule.path {
        set("path", Value::from(path.translated()));
    }
    let words: Vec<Value> = rule
        .keywords
        .iter()
        .filter(|word| word.len() >= SHORTEST_KEYWORD && word.is_ascii())
        .map(|word| Value::from(word.as_str()))
        .collect();
    if !words.is_empty() && words.len() == rule.keywords.len() {
        // gatepost looks for them near a match; gitleaks takes them anywhere in the file.
        set("keywords", Value::Array(words));
        set("window", Value::from("whole"));
    }
    company(rule, &shown, &mut table, writer);
    let (inside, outside): (Vec<&Allowlist>, Vec<&Allowlist>) =
        rule.allowlists.iter().map(AsRef::as_ref).partition(|list| is_of_the_rule(list));
    let allow: Vec<Value> = inside.iter().flat_map(|list| allowed(list)).collect();
    if !allow.is_empty() {
        table.insert("allow".to_owned(), Value::Array(allow));
    }
    let Some(whole) = with_examples(&table, regex.translated()) else {
        writer.leave(
            format!("the rule `{shown}`"),
            format!("no examples could be made for it, which a rule needs: write it by hand with two (docs/rules-guide.md); its regex is {}", regex.translated()),
        );
        return;
    };
    writer.rules.push(text(&whole));
    for list in outside {
        lists::write(list, std::slice::from_ref(&id), &format!("{shown}: [[rules.allowlists]]"), writer);
    }
}

/// A rule that finds files by their names, or that changes one of gitleaks' own.
fn without_regex(rule: &Rule, shown: &str, writer: &mut Writer) {
    if let Some(path) = &rule.path {
        let named = globs(path.translated()).map_or(String::new(), |globs| {
            format!(" = {}", Value::Array(globs.into_iter().map(Value::from).collect()))
        });
        writer.leave(
            format!("the rule `{shown}`"),
            format!("it finds files by their names: `forbid{named}` in [files]"),
        );
        return;
    }
    writer.leave(
        format!("the rule `{shown}`"),
        "it changes a rule of gitleaks; gatepost's have ids of their own: `gatepost rules list`, then [[secrets.allow]] or [[secrets.disable-rules]]",
    );
}

/// Rules that must match near.
fn company(rule: &Rule, shown: &str, table: &mut Table, writer: &mut Writer) {
    match rule.required.as_slice() {
        [] => {}
        [one] if one.within_columns.is_none() && one.within_lines.is_some_and(|lines| (0..=MOST_LINES).contains(&lines)) => {
            let with = Table::from_iter([
                ("rule".to_owned(), Value::from(own_id(&one.id))),
                ("lines".to_owned(), Value::Integer(one.within_lines.unwrap_or(0))),
            ]);
            table.insert("with".to_owned(), Value::Array(vec![Value::Table(with)]));
            table.insert("alone".to_owned(), Value::from("hidden"));
        }
        _ => writer.leave(
            format!("{shown}: [[rules.required]]"),
            "gatepost asks for one of several parts within so many lines: it is found without them; see `with` in docs/rules-guide.md",
        ),
    }
    if rule.skip_report {
        table.insert("alone".to_owned(), Value::from("hidden"));
    }
}

/// Whether an allowlist can stand in the rule itself.
fn is_of_the_rule(list: &Allowlist) -> bool {
    let is_one_kind = list.regexes.is_empty() || list.stopwords.is_empty();
    list.paths.is_empty()
        && list.commits.is_empty()
        && list.target == Target::Secret
        && (!list.is_and || is_one_kind)
}

fn allowed(list: &Allowlist) -> Vec<Value> {
    let reason = if list.description.is_empty() {
        "allowed in the configuration of gitleaks"
    } else {
        &list.description
    };
    let words = list.stopwords.iter().map(|word| format!("(?i){}", regex_syntax::escape(word)));
    let texts = list.regexes.iter().map(|regex| regex.translated().to_owned()).chain(words);
    texts
        .map(|text| {
            Value::Table(Table::from_iter([
                ("regex".to_owned(), Value::from(text)),
                ("reason".to_owned(), Value::from(reason)),
            ]))
        })
        .collect()
}

/// A rule as a policy has it.
fn text(rule: &Table) -> String {
    let mut out = "[[secrets.rules]]\n".to_owned();
    let order = ["id", "name", "description", "severity", "confidence", "regex", "keywords", "window"];
    let rank = |key: &str| order.iter().position(|name| *name == key).unwrap_or(order.len());
    let mut keys: Vec<&String> = rule.keys().collect();
    keys.sort_by_key(|key| rank(key));
    for key in keys {
        if let Some(value) = rule.get(key) {
            out.push_str(&format!("{key} = {value}\n"));
        }
        if key == "id" {
            out.push_str("provider = \"gitleaks\"\n");
        }
    }
    out
}
