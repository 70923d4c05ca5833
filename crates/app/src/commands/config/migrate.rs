//! `gatepost config migrate`: a policy in an older or another spelling, rewritten in the one that is read. Comments, order
//! and everything that needs no change stay as they are. What only a person can say (why a path is excluded) is asked for,
//! never invented.
//!
//! A new migration is one function and one line in [`MIGRATIONS`].

use super::escaped;
use gatepost_core::policy::{Layer, Origin, Policy};
use std::fmt::Write as _;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Key, TableLike, Value};

/// A policy rewritten.
#[derive(Debug)]
pub(crate) struct Migrated {
    /// The new text.
    pub(crate) text: String,
    /// What was changed, a line each.
    pub(crate) done: Vec<String>,
    /// What somebody has to do by hand, a line each.
    pub(crate) left: Vec<String>,
}

/// What a migration may use and leaves behind.
struct Run<'a> {
    reason: Option<&'a str>,
    done: Vec<String>,
    left: Vec<String>,
}

/// Every migration, in the order in which they are made.
const MIGRATIONS: &[fn(&mut DocumentMut, &mut Run<'_>)] = &[hyphens, schema, reasons];

/// Rewrites a policy.
///
/// # Errors
///
/// Text that is no TOML.
pub(crate) fn migrate(text: &str, reason: Option<&str>) -> Result<Migrated, String> {
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| format!("not TOML: {}", error.message()))?;
    let mut run = Run { reason, done: Vec::new(), left: Vec::new() };
    for migration in MIGRATIONS {
        migration(&mut document, &mut run);
    }
    let Run { done, mut left, .. } = run;
    let text = if done.is_empty() { text.to_owned() } else { document.to_string() };
    let layer = Layer { origin: Origin::File("the policy".to_owned()), text: text.clone() };
    if left.is_empty()
        && let Err(errors) = Policy::load(&[layer])
    {
        left.extend(errors.iter().map(ToString::to_string));
    }
    Ok(Migrated { text, done, left })
}

/// What was done, for people.
pub(crate) fn said(migrated: &Migrated, path: &str, written: bool) -> String {
    let mut out = String::new();
    let verb = if written { "changed" } else { "would change" };
    for line in &migrated.done {
        let _ = writeln!(out, "{verb}: {}", escaped(line));
    }
    for line in &migrated.left {
        let _ = writeln!(out, "left to you: {}", escaped(line));
    }
    let path = escaped(path);
    let _ = match (migrated.done.is_empty(), migrated.left.is_empty(), written) {
        (true, true, _) => writeln!(out, "{path} has the form that this version reads"),
        (true, false, _) => writeln!(out, "{path} was not changed"),
        (false, _, true) => writeln!(out, "wrote {path}"),
        (false, _, false) => writeln!(out, "{path} was not changed: add --write"),
    };
    out
}

/// `header_max` is `header-max`: other tools write underscores.
fn hyphens(document: &mut DocumentMut, run: &mut Run<'_>) {
    fn rename(table: &mut dyn TableLike, path: &str, run: &mut Run<'_>) {
        let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            let new = name.replace('_', "-");
            if new != name && table.get(&new).is_none() {
                let dotted = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                run.done.push(format!("`{dotted}` is `{new}`"));
                rename_key(table, &name, &new);
            }
            let inner = if path.is_empty() { new.clone() } else { format!("{path}.{new}") };
            match table.get_mut(&new) {
                Some(Item::ArrayOfTables(tables)) => {
                    tables.iter_mut().for_each(|table| rename(table, &inner, run));
                }
                Some(item) => {
                    if let Some(table) = item.as_table_like_mut() {
                        rename(table, &inner, run);
                    }
                }
                None => {}
            }
        }
    }
    rename(document.as_table_mut(), "", run);
}

/// Renames a key where it stands: taking every pair out and in again keeps the order.
fn rename_key(table: &mut dyn TableLike, old: &str, new: &str) {
    let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
    for name in names {
        let decor = table.key(&name).map(|key| key.leaf_decor().clone());
        let Some(item) = table.remove(&name) else { continue };
        let wanted = if name == old { new } else { name.as_str() };
        let key = decor.map_or_else(|| Key::new(wanted), |decor| Key::new(wanted).with_leaf_decor(decor));
        table.entry_format(&key).or_insert(item);
    }
}

/// A policy says which form it has.
fn schema(document: &mut DocumentMut, run: &mut Run<'_>) {
    if document.get("schema").is_none() && document.iter().next().is_some() {
        run.done.push("`schema = 1` at the top".to_owned());
        // What stood first keeps its comment: the new line goes above it.
        let rest = document.to_string();
        if let Ok(new) = format!("schema = 1\n{rest}").parse() {
            *document = new;
        }
    }
}

/// Lists that excuse something, by section and key, and what an entry is called.
const EXCUSES: &[(&str, &str, &str)] =
    &[("secrets", "exclude", "path"), ("files", "exclude", "path"), ("branch", "exempt", "name")];

/// `exclude = ["vendor/**"]  # third party` becomes `exclude = [{ path = "vendor/**", reason = "third party" }]`.
fn reasons(document: &mut DocumentMut, run: &mut Run<'_>) {
    for (section, key, name) in EXCUSES {
        let array = document.get_mut(section).and_then(|item| item.get_mut(key)).and_then(Item::as_array_mut);
        if let Some(array) = array {
            give_reasons(array, &format!("{section}.{key}"), name, run);
        }
    }
}

fn give_reasons(array: &mut Array, path: &str, name: &str, run: &mut Run<'_>) {
    if array.iter().all(|value| value.as_str().is_none()) {
        return;
    }
    // A comment in an array belongs to the value after it or, at the end of a line, to the one before it.
    let trailing = comment(array.trailing().as_str().unwrap_or_default());
    let behind = array.decor().suffix().and_then(|suffix| suffix.as_str()).map(comment).unwrap_or_default();
    let comments: Vec<String> = array
        .iter()
        .skip(1)
        .map(|value| {
            value.decor().prefix().and_then(|prefix| prefix.as_str()).map(same_line).unwrap_or_default()
        })
        .chain([if trailing.is_empty() { behind } else { trailing }])
        .collect();
    for (value, comment) in array.iter_mut().zip(comments) {
        let Some(glob) = value.as_str().map(str::to_owned) else { continue };
        let reason =
            if comment.chars().count() >= 10 { Some(comment) } else { run.reason.map(str::to_owned) };
        let Some(reason) = reason else {
            run.left.push(format!(
                "`{path}`: say why \"{glob}\" is left out, with --reason or in a comment behind it"
            ));
            continue;
        };
        run.done.push(format!("`{path}`: \"{glob}\" has the reason \"{reason}\""));
        let mut table = InlineTable::new();
        table.insert(name, glob.into());
        table.insert("reason", reason.into());
        let decor = value.decor().clone();
        *value = Value::InlineTable(table);
        *value.decor_mut() = decor;
    }
}

/// The text of a comment.
fn comment(text: &str) -> String {
    let text = text.lines().map(str::trim).find(|line| line.starts_with('#')).unwrap_or_default();
    text.trim_start_matches('#').trim().to_owned()
}

/// The comment at the end of the line above a value.
fn same_line(prefix: &str) -> String {
    comment(prefix.lines().next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_taken_from_comments_and_never_invented() {
        let old = "\
# Ours.
[secrets]
deny_confidence = \"high\" # for now
exclude = [
    \"vendor/**\", # third party, scanned upstream
    \"testdata/**\",
]

[files]
exclude = [\"docs/images/**\"] # screenshots of the manual
";
        let migrated = migrate(old, None).unwrap();
        assert_eq!(
            migrated.left,
            [
                "`secrets.exclude`: say why \"testdata/**\" is left out, with --reason or in a comment behind it"
            ]
        );
        insta::assert_snapshot!(migrate(old, Some("generated for the tests")).unwrap().text);
        insta::assert_snapshot!(said(&migrated, "gatepost.toml", false));
    }

    #[test]
    fn what_is_well_formed_is_left_alone() {
        let text = "schema = 1   # as it is\n[files]\nmax-size = \"1 MiB\"\n";
        let migrated = migrate(text, None).unwrap();
        assert_eq!((migrated.text.as_str(), migrated.done.len(), migrated.left.len()), (text, 0, 0));
        assert!(migrate("[files", None).unwrap_err().contains("not TOML"));
    }
}
