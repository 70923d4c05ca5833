//! Which of two values of a key lets less through. `final` rests on it, so do gates against the environment and flags, and
//! so does what is said of a change that edits a policy.

use super::Levels;
use crate::text::Size;
use serde::Deserialize;
use toml::Value;

/// How the values of a key compare.
#[derive(Clone, Copy, Debug)]
pub enum Strictness {
    /// They do not: of two patterns nobody can tell which one lets more through.
    Unordered,
    /// Levels, stage by stage and severity by severity.
    Levels,
    /// The smaller number or size is the stricter one.
    Smaller,
    /// As `Smaller`, and 0 is no limit at all.
    SmallerOrNone,
    /// The greater number or size is the stricter one.
    Greater,
    /// Each item of the list excuses something: without it the policy is stricter.
    FewerItems,
    /// As `FewerItems`, and an empty list excuses everything.
    FewerOrAll,
    /// Each item of the list demands something: with it the policy is stricter.
    MoreItems,
    /// Words (`true` and `false` among them) from the most lenient to the strictest; those of one rank do not compare.
    Words(&'static [&'static [&'static str]]),
}

/// What became of a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// It says the same.
    Same,
    /// It lets less through, and nothing more.
    Stricter,
    /// It lets more through: in which way, in words that follow the value.
    Weaker(String),
    /// Nobody can tell.
    Unknown,
}

impl Strictness {
    /// Compares a new value with an old one. `None` is a key that is not set.
    #[must_use]
    pub fn compare(self, old: Option<&Value>, new: Option<&Value>) -> Comparison {
        if old == new {
            return Comparison::Same;
        }
        match self {
            Self::Unordered => Comparison::Unknown,
            Self::Levels => levels(old, new),
            Self::Smaller | Self::SmallerOrNone | Self::Greater => self.numbers(old, new),
            Self::FewerItems | Self::FewerOrAll | Self::MoreItems => self.items(old, new),
            Self::Words(ranks) => words(ranks, old, new),
        }
    }

    fn numbers(self, old: Option<&Value>, new: Option<&Value>) -> Comparison {
        let (Some(old_number), Some(new_number)) = (old.and_then(number), new.and_then(number)) else {
            return Comparison::Unknown;
        };
        let rank = |number: u64| match (self, number) {
            (Self::SmallerOrNone, 0) => u64::MAX,
            (Self::Greater, number) => u64::MAX - number,
            (_, number) => number,
        };
        match rank(new_number).cmp(&rank(old_number)) {
            std::cmp::Ordering::Equal => Comparison::Same,
            std::cmp::Ordering::Less => Comparison::Stricter,
            std::cmp::Ordering::Greater => Comparison::Weaker(format!("the limit was {}", shown(old))),
        }
    }

    fn items(self, old: Option<&Value>, new: Option<&Value>) -> Comparison {
        let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let (old, new) = (list(old), list(new));
        let added: Vec<&Value> = new.iter().filter(|item| !old.contains(item)).collect();
        let gone: Vec<&Value> = old.iter().filter(|item| !new.contains(item)).collect();
        let (excused, demanded) = match self {
            Self::MoreItems => (gone.as_slice(), added.as_slice()),
            _ => (added.as_slice(), gone.as_slice()),
        };
        if let Self::FewerOrAll = self {
            if new.is_empty() && !old.is_empty() {
                return Comparison::Weaker("an empty list allows everything".to_owned());
            }
            if old.is_empty() && !new.is_empty() {
                return Comparison::Stricter;
            }
        }
        match (excused.first(), demanded.first()) {
            (None, None) => Comparison::Same,
            (None, Some(_)) => Comparison::Stricter,
            (Some(_), _) => {
                let named: Vec<String> = excused.iter().map(|item| shown(Some(item))).collect();
                let what = if matches!(self, Self::MoreItems) { "no longer has" } else { "newly has" };
                Comparison::Weaker(format!("it {what} {}", named.join(", ")))
            }
        }
    }
}

fn levels(old: Option<&Value>, new: Option<&Value>) -> Comparison {
    let read = |value: Option<&Value>| Levels::deserialize(value?.clone()).ok();
    let (Some(old), Some(new)) = (read(old), read(new)) else { return Comparison::Unknown };
    match new.weaker_than(&old) {
        Some(weaker) => Comparison::Weaker(weaker.to_string()),
        None if old == new => Comparison::Same,
        None => Comparison::Stricter,
    }
}

fn words(ranks: &[&[&str]], old: Option<&Value>, new: Option<&Value>) -> Comparison {
    let rank = |value: Option<&Value>| {
        let word = match value? {
            Value::Boolean(flag) => flag.to_string(),
            other => other.as_str()?.to_owned(),
        };
        ranks.iter().position(|words| words.contains(&word.as_str()))
    };
    match (rank(old), rank(new)) {
        (Some(before), Some(after)) if after > before => Comparison::Stricter,
        (Some(before), Some(after)) if after < before => Comparison::Weaker(format!("it was {}", shown(old))),
        _ => Comparison::Unknown,
    }
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Integer(number) => u64::try_from(*number).ok(),
        Value::String(text) => Size::parse(text).ok().map(|size| size.0),
        _ => None,
    }
}

/// A value as the policy writes it.
pub(super) fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "not set".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(strictness: Strictness, old: &str, new: &str) -> Comparison {
        let value = |text: &str| {
            let table: toml::Table = format!("v = {text}").parse().unwrap();
            table["v"].clone()
        };
        strictness.compare(Some(&value(old)), Some(&value(new)))
    }

    fn weaker(strictness: Strictness, old: &str, new: &str) -> String {
        match compare(strictness, old, new) {
            Comparison::Weaker(why) => why,
            other => panic!("{old} to {new} is {other:?}"),
        }
    }

    #[test]
    fn numbers_and_sizes() {
        assert_eq!(compare(Strictness::Smaller, "\"5 MiB\"", "\"1 MiB\""), Comparison::Stricter);
        assert_eq!(compare(Strictness::Smaller, "\"1 MiB\"", "1048576"), Comparison::Same);
        assert_eq!(weaker(Strictness::Smaller, "\"5 MiB\"", "\"6 MiB\""), "the limit was \"5 MiB\"");
        assert_eq!(compare(Strictness::SmallerOrNone, "0", "100"), Comparison::Stricter);
        assert_eq!(weaker(Strictness::SmallerOrNone, "100", "0"), "the limit was 100");
        assert_eq!(weaker(Strictness::Greater, "\"50 MiB\"", "\"1 MiB\""), "the limit was \"50 MiB\"");
    }

    #[test]
    fn lists_by_what_their_items_do() {
        assert_eq!(compare(Strictness::FewerItems, r#"["a", "b"]"#, r#"["b"]"#), Comparison::Stricter);
        assert_eq!(compare(Strictness::FewerItems, r#"["a", "b"]"#, r#"["b", "a"]"#), Comparison::Same);
        assert_eq!(weaker(Strictness::FewerItems, r#"["a"]"#, r#"["b"]"#), "it newly has \"b\"");
        assert_eq!(weaker(Strictness::MoreItems, r#"["a"]"#, r#"["b"]"#), "it no longer has \"a\"");
        assert_eq!(compare(Strictness::FewerOrAll, "[]", r#"["a"]"#), Comparison::Stricter);
        assert_eq!(weaker(Strictness::FewerOrAll, r#"["a"]"#, "[]"), "an empty list allows everything");
    }

    #[test]
    fn words_by_rank_and_never_within_one() {
        const SCOPE: Strictness = Strictness::Words(&[&["optional"], &["required", "forbidden"]]);
        assert_eq!(compare(SCOPE, "\"optional\"", "\"required\""), Comparison::Stricter);
        assert_eq!(weaker(SCOPE, "\"forbidden\"", "\"optional\""), "it was \"forbidden\"");
        assert_eq!(compare(SCOPE, "\"forbidden\"", "\"required\""), Comparison::Unknown);
        const ENFORCE: Strictness = Strictness::Words(&[&["false"], &["true"]]);
        assert_eq!(weaker(ENFORCE, "true", "false"), "it was true");
    }
}
