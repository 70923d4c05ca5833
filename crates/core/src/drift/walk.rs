//! Commands in a YAML tree, each with what the tables around it say of it.

use super::codes::GATE_REMOVED;
use super::gate::{Gate, MOST_GATES, Measure, Setting};
use super::shell::{self, is_ours};
use crate::CodeInfo;
use crate::text::YamlNode;

/// How one CI system or hook manager writes things.
#[derive(Clone, Copy)]
pub(super) struct Dialect {
    /// Keys of which the texts are no commands.
    pub(super) texts: &'static [&'static str],
    /// What a table says of the commands in it.
    pub(super) around: fn(YamlNode<'_>) -> Vec<Setting>,
}

/// The gates in a tree. `place` and `settings` are those of what the tree stands in.
pub(super) fn gates(node: YamlNode<'_>, dialect: &Dialect, place: &str, settings: &[Setting]) -> Vec<Gate> {
    let mut out = Vec::new();
    walk(node, dialect, place, "", settings, &mut out);
    out
}

fn walk(
    node: YamlNode<'_>,
    dialect: &Dialect,
    place: &str,
    key: &str,
    settings: &[Setting],
    out: &mut Vec<Gate>,
) {
    if out.len() > MOST_GATES {
        return;
    }
    if let Some(text) = node.text() {
        commands(&[(node, text)], key, place, settings, out);
        return;
    }
    // Texts in a list are one script: what ends it in the first ends it for all.
    let texts: Vec<_> = node.items().filter_map(|item| Some((item, item.text()?))).collect();
    commands(&texts, key, place, settings, out);
    for item in node.items().filter(|item| item.text().is_none()) {
        walk(item, dialect, place, key, settings, out);
    }
    let entries = node.entries();
    if entries.is_empty() {
        return;
    }
    let inner = combined(settings, (dialect.around)(node));
    for (key, value) in entries.into_iter().filter(|(key, _)| !dialect.texts.contains(key)) {
        let place = match (place, value.text()) {
            // The last key is the same for every step: `run`, `script`.
            (_, Some(_)) => place.to_owned(),
            ("", _) => key.to_owned(),
            (place, _) => format!("{place}.{key}"),
        };
        walk(value, dialect, &place, key, &inner, out);
    }
}

fn commands(
    texts: &[(YamlNode<'_>, &str)],
    key: &str,
    place: &str,
    settings: &[Setting],
    out: &mut Vec<Gate>,
) {
    let place = place.to_owned();
    if key == "uses" {
        let names = texts.iter().map(|(node, text)| (node, text.split('@').next().unwrap_or(text)));
        for (node, name) in names {
            if name.split('/').any(is_ours) || name == "pre-commit/action" {
                let what = format!("`uses: {name}`");
                let (place, settings) = (place.clone(), settings.to_vec());
                out.push(Gate { what, place, line: node.line(), removed: &GATE_REMOVED, settings });
            }
        }
        return;
    }
    let parts: Vec<(u32, &str)> = texts.iter().map(|(node, text)| (node.line(), *text)).collect();
    for invocation in shell::invocations_in(&parts) {
        let line = invocation.line;
        let what = format!("`{}`", invocation.command);
        let own = invocation.settings.into_iter().map(|setting| setting.at(line)).collect();
        let settings = combined(settings, own);
        out.push(Gate { what, place: place.clone(), line, removed: &GATE_REMOVED, settings });
    }
}

/// Settings of a table with those of what it stands in: what softens adds up, of all else the inner one holds.
pub(super) fn combined(outer: &[Setting], inner: Vec<Setting>) -> Vec<Setting> {
    let mut out = outer.to_vec();
    for mut setting in inner {
        match out.iter_mut().find(|other| other.name == setting.name) {
            Some(other) => {
                if let (Measure::Softened(items), Measure::Softened(more)) =
                    (&other.measure, &mut setting.measure)
                {
                    more.extend(items.iter().cloned());
                }
                *other = setting;
            }
            None => out.push(setting),
        }
    }
    out
}

/// A key that lets a command be passed by unless its value is one of `harmless`; one of `total` switches it off.
pub(super) fn softener(
    table: YamlNode<'_>,
    key: &str,
    harmless: &[&str],
    total: &[&str],
    code: &'static CodeInfo,
) -> Option<Setting> {
    let value = table.get(key)?;
    let text = value.flat();
    let bare = text.trim_start_matches("${{").trim_end_matches("}}").trim();
    if harmless.contains(&bare) {
        return None;
    }
    Some(Setting::softened(key, &text, total.contains(&bare), code).at(value.line()))
}
