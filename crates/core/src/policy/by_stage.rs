//! One word for every stage, or a word for each: `deny-confidence = { default = "high", ci = "medium" }`.
//!
//! Unlike a level, which is off where none is named, such a word always says something: a table has a `default`, or
//! names every stage.

use super::nearest;
use super::strictness::Comparison;
use super::validate::{Errors, found_in_words};
use crate::Stage;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A word for every stage.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged)]
pub enum ByStage {
    /// The same at each.
    One(String),
    /// By the stage's name, and `default` for the stages that are not named.
    Table(BTreeMap<String, String>),
}

impl ByStage {
    /// The word at `stage`; `None` only for a table that no policy gives, without the stage and without a `default`.
    #[must_use]
    pub fn at(&self, stage: Stage) -> Option<&str> {
        match self {
            Self::One(word) => Some(word),
            Self::Table(table) => {
                table.get(stage.as_str()).or_else(|| table.get("default")).map(String::as_str)
            }
        }
    }
}

/// Checks a table of words; what is wrong in it is said.
pub(super) fn table(
    words: &[&str],
    table: &DeTable<'_>,
    span: Range<usize>,
    path: &str,
    errors: &mut Errors<'_>,
) -> Option<toml::Value> {
    let known = || Stage::ALL.iter().map(|stage| stage.as_str()).chain(["default"]);
    let mut out = toml::Table::new();
    for (name, value) in table {
        let stage = name.get_ref().as_ref();
        if !known().any(|known| known == stage) {
            let help = match nearest(stage, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it takes {}", known().collect::<Vec<_>>().join(", ")),
            };
            errors.push(name.span(), format!("unknown stage `{stage}` in `{path}`"), help);
            continue;
        }
        match value.get_ref() {
            DeValue::String(word) if words.contains(&word.as_ref()) => {
                out.insert(stage.to_owned(), toml::Value::String(word.to_string()));
            }
            other => {
                let expected = super::key::one_of(words);
                let found =
                    other.as_str().map_or_else(|| found_in_words(other).to_owned(), |w| format!("\"{w}\""));
                let message = format!("`{path}.{stage}`: expected one of {expected}, found {found}");
                errors.push(value.span(), message, None);
            }
        }
    }
    let is_whole = out.contains_key("default") || out.len() == Stage::ALL.len();
    if out.len() == table.len() && !is_whole {
        let first = words.first().copied().unwrap_or_default();
        let help = format!("add `default = \"{first}\"` or another word, or name each of them");
        errors.push(span, format!("`{path}` says nothing for the stages that it does not name"), help);
        return None;
    }
    (out.len() == table.len()).then_some(toml::Value::Table(out))
}

/// Compares words stage by stage; `ranks` are from the most lenient to the strictest.
pub(super) fn compare(ranks: &[&[&str]], old: Option<&toml::Value>, new: Option<&toml::Value>) -> Comparison {
    let read = |value: Option<&toml::Value>| ByStage::deserialize(value?.clone()).ok();
    let (Some(old), Some(new)) = (read(old), read(new)) else { return Comparison::Unknown };
    let rank = |word: Option<&str>| ranks.iter().position(|words| word.is_some_and(|w| words.contains(&w)));
    let mut stricter = false;
    for stage in Stage::ALL {
        let (Some(before), Some(after)) = (rank(old.at(*stage)), rank(new.at(*stage))) else {
            return Comparison::Unknown;
        };
        if after < before {
            let word = old.at(*stage).unwrap_or_default();
            return Comparison::Weaker(match (&old, &new) {
                (ByStage::One(_), ByStage::One(_)) => format!("it was \"{word}\""),
                _ => format!("at {stage} it was \"{word}\""),
            });
        }
        stricter |= after > before;
    }
    if stricter { Comparison::Stricter } else { Comparison::Same }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANKS: &[&[&str]] = &[&["high"], &["medium"], &["low"]];

    fn compared(old: &str, new: &str) -> Comparison {
        let value = |text: &str| {
            let table: toml::Table = format!("v = {text}").parse().unwrap();
            table["v"].clone()
        };
        compare(RANKS, Some(&value(old)), Some(&value(new)))
    }

    #[test]
    fn words_compare_stage_by_stage() {
        let (high, low) = ("\"high\"", "\"low\"");
        assert_eq!(compared(high, low), Comparison::Stricter);
        assert_eq!(compared(low, high), Comparison::Weaker("it was \"low\"".to_owned()));
        assert_eq!(compared(high, "{ default = \"high\" }"), Comparison::Same);
        assert_eq!(compared(high, "{ default = \"high\", ci = \"low\" }"), Comparison::Stricter);
        let weaker =
            compared("{ default = \"low\", ci = \"high\" }", "{ default = \"low\", scan = \"medium\" }");
        assert_eq!(weaker, Comparison::Weaker("at scan it was \"low\"".to_owned()));
        assert_eq!(compared(high, "1"), Comparison::Unknown);
    }

    #[test]
    fn a_stage_that_is_not_named_has_the_default() {
        let table = |pairs: &[(&str, &str)]| {
            ByStage::Table(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
        };
        let some = table(&[("default", "high"), ("ci", "medium")]);
        assert_eq!((some.at(Stage::Ci), some.at(Stage::PrePush)), (Some("medium"), Some("high")));
        assert_eq!(table(&[("ci", "medium")]).at(Stage::PrePush), None);
    }
}
