//! The keys of the policy as data: what they are called, what they take, what they are by default and
//! what they are for. Validation, `gatepost init`, `gatepost config show` and the reference page all come
//! from here, so that none of them can disagree.

use crate::check::CheckInfo;

/// One key of a section.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name, `header-max`.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Its default, as TOML (`100`, `"deny"`, `["feat", "fix"]`); empty: not set.
    pub default: &'static str,
    /// What it is for, in a sentence or two.
    pub help: &'static str,
}

/// What a key takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number within a range, both ends included.
    Integer {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// A size: a number of bytes, or text such as `"5 MiB"` (B, KiB, MiB, GiB, kB, MB, GB).
    Size,
    /// Any text.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A level, or a table of levels by stage.
    Levels,
    /// A regular expression (the `regex` crate's syntax).
    Regex,
    /// A glob over paths (the `globset` crate's syntax; `*` stays within a directory, `**` crosses).
    Glob,
    /// A calendar day, `2027-03-31`.
    Date,
    /// A list of values of one kind.
    List(&'static Kind),
    /// A table with these keys.
    Table(&'static [Key]),
    /// A list of tables with these keys: `[[files.path]]`.
    Tables(&'static [Key]),
}

/// The table of all defaults.
pub(super) fn defaults(checks: &[&CheckInfo]) -> toml::Table {
    let mut root = toml::Table::new();
    for check in checks {
        root.insert(check.section.to_owned(), toml::Value::Table(section_defaults(check.keys)));
    }
    root
}

fn section_defaults(keys: &[Key]) -> toml::Table {
    let mut table = toml::Table::new();
    for key in keys {
        if let Kind::Table(inner) = key.kind {
            table.insert(key.name.to_owned(), toml::Value::Table(section_defaults(inner)));
        } else if !key.default.is_empty()
            && let Some(value) = parse_value(key.default)
        {
            table.insert(key.name.to_owned(), value);
        }
    }
    table
}

/// A TOML value from its text. The registry test proves that every default parses.
pub(super) fn parse_value(text: &str) -> Option<toml::Value> {
    format!("v = {text}").parse::<toml::Table>().ok()?.remove("v")
}
