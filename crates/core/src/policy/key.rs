//! The keys of the policy as data: what they are called, what they take, what they are by default and
//! what they are for. Validation, `gatepost init`, `gatepost config show` and the reference page all come
//! from here, so that none of them can disagree.

use super::excuse::COMMON_KEYS;
use super::levels::LEVEL_WORDS;
use super::strictness::Strictness;

/// One key of a section.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name, `header-max`.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Its default, as TOML (`100`, `"deny"`, `["feat", "fix"]`); empty: not set.
    pub default: &'static str,
    /// Which of two of its values lets less through.
    pub strictness: Strictness,
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
    /// One of these words, or a table of them by stage.
    ChoiceByStage(&'static [&'static str]),
    /// One word, or a list of some of the things that the words stand for.
    ChoiceOrList {
        /// The words.
        words: &'static [&'static str],
        /// The things.
        items: &'static [&'static str],
    },
    /// A level, or a table of levels by stage, by severity, or both.
    Levels,
    /// A regular expression (the `regex` crate's syntax).
    Regex,
    /// A glob over paths (the `globset` crate's syntax; `*` stays within a directory, `**` crosses).
    Glob,
    /// A calendar day, `2027-03-31`.
    Date,
    /// A calendar day, or an instant with its offset, `2026-12-18T18:00:00+01:00`.
    Moment,
    /// A list of values of one kind.
    List(&'static Kind),
    /// A table with these keys.
    Table(&'static [Key]),
    /// A list of tables with these keys: `[[files.path]]`.
    Tables(&'static [Key]),
    /// An allow-list: tables with a `reason`, and if wanted an `owner` and a last day, `until`.
    Excuses {
        /// What an entry can be for; it has at least one of them.
        subjects: &'static [Key],
        /// What else an entry can say.
        further: &'static [Key],
    },
    /// Secret rules: tables with the keys of [`crate::secrets::OWN_KEYS`].
    Rules,
}

impl Key {
    /// What is wrong with the key itself: a default that it would not take, or no help. Tests walk the
    /// registry with it.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(kebab) {
            problems.push(format!("`{}` is not lower case with hyphens", self.name));
        }
        if self.help.trim().is_empty() {
            problems.push(format!("`{}` has no help", self.name));
        }
        problems.extend(self.kind.inner().flat_map(Self::problems));
        if !matches!(self.kind, Kind::Table(_) | Kind::Tables(_)) && !self.default.is_empty() {
            problems.extend(super::validate::default_problems(self));
        }
        problems
    }
}

impl Kind {
    /// The keys of the tables that it takes.
    pub fn inner(self) -> impl Iterator<Item = &'static Key> + Clone {
        let (first, second, common): (&[Key], &[Key], &[Key]) = match self {
            Self::Table(keys) | Self::Tables(keys) => (keys, &[], &[]),
            Self::Excuses { subjects, further } => (subjects, further, COMMON_KEYS),
            _ => (&[], &[], &[]),
        };
        first.iter().chain(second).chain(common)
    }

    /// What the key takes, in words that follow "expected": `a whole number from 10 to 1000`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Bool => "`true` or `false`".to_owned(),
            Self::Integer { min, max } if min == max => format!("the number {min}"),
            Self::Integer { min, max: i64::MAX } => format!("a whole number, {min} or more"),
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::Size => "a size, such as \"5 MiB\" or a number of bytes".to_owned(),
            Self::Text => "text in quotes".to_owned(),
            Self::Choice(words) => format!("one of {}", one_of(words)),
            Self::ChoiceByStage(words) => format!("one of {}, or a table of them by stage", one_of(words)),
            Self::ChoiceOrList { words, items } => {
                format!("one of {}, or a list of {}", one_of(words), one_of(items))
            }
            Self::Levels => {
                format!("a level ({LEVEL_WORDS}) or a table of levels by stage, by severity or both")
            }
            Self::Regex => "a regular expression in quotes".to_owned(),
            Self::Glob => "a glob in quotes".to_owned(),
            Self::Date => "a day, such as 2027-03-31".to_owned(),
            Self::Moment => "a day or an instant, such as 2027-03-31 or 2027-03-31T18:00:00Z".to_owned(),
            Self::List(kind) => format!("a list, each item {}", kind.describe()),
            Self::Table(_) => "a table".to_owned(),
            Self::Tables(_) => "a list of tables".to_owned(),
            Self::Excuses { .. } => "a list of entries, each with a reason".to_owned(),
            Self::Rules => "a list of rules".to_owned(),
        }
    }
}

/// `"a", "b" or "c"`.
pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// The table of all defaults of `keys`.
pub(super) fn defaults(keys: &[Key]) -> toml::Table {
    let mut table = toml::Table::new();
    for key in keys {
        if let Kind::Table(inner) = key.kind {
            table.insert(key.name.to_owned(), toml::Value::Table(defaults(inner)));
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
    use serde::Deserialize;
    toml::Value::deserialize(toml::de::ValueDeserializer::parse(text).ok()?).ok()
}
