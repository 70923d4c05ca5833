//! The reference of every key as Markdown: the second half of `docs/policy.md`.

use super::key::{Key, Kind};
use super::record::EXCEPTION_KEYS;
use super::schema::{ROOT_KEYS, Schema};
use super::template::is_by_name;
use crate::secrets::OWN_KEYS;

/// Every key with what it takes, its default and what it is for, as Markdown.
#[must_use]
pub fn reference(schema: &Schema) -> String {
    let mut out = String::new();
    out.push_str("### Outside every section\n\n");
    rows(&mut out, "", ROOT_KEYS);
    for check in schema.checks() {
        let section = check.heading();
        out.push_str(&format!("### `{section}`: {}, `{}-*`\n\n", check.title, check.family));
        if let Some(blocks) = check.blocks {
            out.push_str(&format!("{}\n\n", blocks.help));
        }
        if check.keys.is_empty() {
            out.push_str("No keys.\n");
        }
        rows(&mut out, "", check.keys);
    }
    out.push_str("### `[[exception]]`\n\n");
    rows(&mut out, "", EXCEPTION_KEYS);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn rows(out: &mut String, prefix: &str, keys: &[Key]) {
    for key in keys {
        let name = format!("{prefix}{}", key.name);
        match key.kind {
            Kind::Table(inner) if is_by_name(inner) => {
                let names: Vec<String> = inner.iter().map(|key| format!("`{}`", key.name)).collect();
                out.push_str(&format!(
                    "- **`{name}`**: a table, each value {}. {} The names are {}.\n",
                    Kind::Levels.describe(),
                    key.help,
                    names.join(", ")
                ));
            }
            Kind::Table(inner) => rows(out, &format!("{name}."), inner),
            Kind::Tables(_) | Kind::Excuses { .. } => {
                out.push_str(&format!("- **`{name}`**: {}. {}\n", key.kind.describe(), key.help));
                for key in key.kind.inner() {
                    out.push_str(&format!("  - `{}`: {}. {}\n", key.name, key.kind.describe(), key.help));
                }
            }
            Kind::Rules => {
                out.push_str(&format!("- **`{name}`**: {}. {}\n", key.kind.describe(), key.help));
                for (name, help) in OWN_KEYS {
                    out.push_str(&format!("  - `{name}`: {help}\n"));
                }
            }
            kind => {
                out.push_str(&format!("- **`{name}`**: {}", kind.describe()));
                if !key.default.is_empty() {
                    out.push_str(&format!("; default `{}`", key.default));
                }
                out.push_str(&format!(". {}\n", key.help));
            }
        }
    }
    if prefix.is_empty() {
        out.push('\n');
    }
}
