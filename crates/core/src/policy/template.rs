//! The commented `gatepost.toml` that `gatepost init` writes: every key with what it is for and its default.

use super::excuse::entry_of;
use super::key::{Key, Kind};
use super::merge::{get, set};
use super::presets::Preset;
use super::schema::{ROOT_KEYS, Schema};
use crate::check::CheckInfo;

/// Width to which comments are wrapped.
const WIDTH: usize = 100;

/// The text of a policy: every key of the schema with its help and, commented out, its default; what the preset
/// sets is not commented out. A line that opens with `#` and no space is a setting: without that `#` it says
/// the same as with it. `own` are settings beside the preset's, a path and its value as TOML each: what is drawn for
/// this one policy.
#[must_use]
pub fn render_template(schema: &Schema, preset: &Preset, own: &[(&str, toml::Value)]) -> String {
    let mut settings: toml::Table = preset.text.parse().unwrap_or_default();
    for (path, value) in own {
        set(&mut settings, path, value.clone());
    }
    let mut out = String::from(
        "# The policy of this repository for gatepost. `gatepost config check` reads it, `gatepost config show`\n\
         # prints what is in force. Lines that open with `#` and no space are the defaults.\n\n",
    );
    out.push_str("schema = 1\n");
    for key in ROOT_KEYS.iter().filter(|key| key.name != "schema") {
        out.push('\n');
        comment(&mut out, key.help);
        match settings.get(key.name) {
            Some(value) => out.push_str(&format!("{} = {value}\n", key.name)),
            None => out.push_str(&format!("#{} = {}\n", key.name, key.default)),
        }
    }
    for check in schema.checks().iter().filter(|check| !check.keys.is_empty()) {
        if let Some(key) = check.blocks {
            blocks(&mut out, check, key, &settings);
            continue;
        }
        out.push_str(&format!("\n# {} ({}-*).\n[{}]\n", sentence(check.title), check.family, check.section));
        section(&mut out, check.section, "", check.keys, &settings);
    }
    out.push_str(
        "\n# A deviation that somebody asked for, justified, owns, and that ends on a day.\n\
         # [[exception]]\n\
         # id = \"EX-2026-0001\"\n\
         # rule = \"a rule's id or code\"\n\
         # fingerprint = \"gp1:… from a report\"\n\
         # status = \"test-credential\"   # false-positive | test-credential | revoked | accepted-risk | fix-later\n\
         # reason = \"why it may stand, in a sentence\"\n\
         # owner = \"@team\"\n\
         # expires = 2027-03-31\n",
    );
    out
}

/// A section that is written as blocks: what it is for, its keys, and the preset's own blocks.
fn blocks(out: &mut String, check: &CheckInfo, key: &Key, settings: &toml::Table) {
    let heading = check.heading();
    out.push_str(&format!("\n# {} ({}-*).\n", sentence(check.title), check.family));
    comment(out, key.help);
    out.push_str(&format!("# One {heading} for each, with the keys:\n"));
    for key in key.kind.inner() {
        comment(out, &format!("- {} ({}): {}", key.name, key.kind.describe(), key.help));
    }
    for block in settings.get(key.name).and_then(toml::Value::as_array).into_iter().flatten() {
        out.push_str(&format!("{heading}\n"));
        for (name, value) in block.as_table().into_iter().flatten() {
            out.push_str(&format!("{name} = {value}\n"));
        }
    }
}

fn section(out: &mut String, section: &str, prefix: &str, keys: &[Key], settings: &toml::Table) {
    for key in keys {
        let name = format!("{prefix}{}", key.name);
        if let Kind::Table(inner) = key.kind {
            out.push('\n');
            comment(out, key.help);
            if is_by_name(inner) {
                by_name(out, &format!("{section}.{name}"), &name, inner, settings);
            } else {
                self::section(out, section, &format!("{name}."), inner, settings);
            }
            continue;
        }
        out.push('\n');
        comment(out, key.help);
        if let Kind::Choice(_) | Kind::ChoiceByStage(_) = key.kind {
            comment(out, &format!("{}.", sentence(&key.kind.describe())));
        }
        let path = format!("{section}.{name}");
        if let Some(value) = get(settings, &path) {
            out.push_str(&format!("{name} = {value}\n"));
        } else if let Kind::Tables(_) | Kind::Excuses { .. } = key.kind {
            // A table in the middle of its section would take the keys below it.
            out.push_str(&match key.kind {
                Kind::Excuses { subjects, .. } => {
                    format!("# {name} = [{}], with the keys:\n", entry_of(subjects, "a/glob/**"))
                }
                _ => format!("# One [[{path}]] for each, with the keys:\n"),
            });
            for key in key.kind.inner() {
                comment(out, &format!("- {} ({}): {}", key.name, key.kind.describe(), key.help));
            }
        } else if let Kind::Rules = key.kind {
            out.push_str(&format!("# One [[{path}]] for each; docs/rules-guide.md has the keys.\n"));
        } else if key.default.is_empty() {
            comment(out, &format!("`{name}` is not set; it takes {}.", key.kind.describe()));
        } else {
            out.push_str(&format!("#{name} = {}\n", key.default));
        }
    }
}

/// Whether a table has nothing but a level for each of many names: they are listed, and not explained one by one.
pub(super) fn is_by_name(keys: &[Key]) -> bool {
    keys.len() > 1 && keys.iter().all(|key| matches!(key.kind, Kind::Levels) && key.default.is_empty())
}

/// The names of such a table, and what is set in it.
fn by_name(out: &mut String, path: &str, name: &str, keys: &[Key], settings: &toml::Table) {
    let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
    comment(out, &format!("The names are {}.", names.join(", ")));
    for key in &names {
        if let Some(value) = get(settings, &format!("{path}.{key}")) {
            out.push_str(&format!("{name}.{key} = {value}\n"));
        }
    }
}

fn sentence(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Prose as comment lines.
fn comment(out: &mut String, text: &str) {
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH && line != "#" {
            out.push_str(&line);
            out.push('\n');
            "#".clone_into(&mut line);
        }
        line.push(' ');
        line.push_str(word);
    }
    if line != "#" {
        out.push_str(&line);
        out.push('\n');
    }
}
