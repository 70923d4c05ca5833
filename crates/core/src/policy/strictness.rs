//! Which of two values of a key lets less through. `final` rests on it, so do gates against the environment and flags, and
//! so does what is said of a change that edits a policy.

use super::Levels;
use super::by_stage;
use super::excuse::{covers, shown_cover};
use crate::fingerprint::FingerprintKey;
use crate::text::Size;
use crate::{Confidence, Date, Level, Severity};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use toml::Value;

/// Words, each with the list that it stands for.
pub type NamedLists = &'static [(&'static str, &'static [&'static str])];

/// How the values of a key compare.
#[derive(Clone, Copy, Debug)]
pub enum Strictness {
    /// They do not: of two patterns nobody can tell which one lets more through.
    Unordered,
    /// It has no say in what is let through.
    Neutral,
    /// Any value is stricter than none; of two values nobody can tell.
    Present,
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
    /// As `FewerItems`, and a word stands for a list.
    FewerNamed(NamedLists),
    /// Entries of an allow-list, by what they cover and how long; not by what they say for themselves.
    FewerExcuses,
    /// Each item of the list demands something: with it the policy is stricter.
    MoreItems,
    /// Secret rules, by their ids: without one of them the policy is weaker.
    MoreRules,
    /// Words (`true` and `false` among them) from the most lenient to the strictest; those of one rank do not compare.
    Words(&'static [&'static [&'static str]]),
    /// As `Words`, stage by stage.
    WordsByStage(&'static [&'static [&'static str]]),
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
            Self::Neutral => Comparison::Same,
            Self::Present => present(old, new),
            Self::Levels => levels(old, new),
            Self::Smaller | Self::SmallerOrNone | Self::Greater => self.numbers(old, new),
            Self::FewerItems | Self::FewerOrAll | Self::MoreItems => self.items(old, new),
            Self::FewerNamed(lists) => {
                let named = |value: Option<&Value>| value.map(|value| named(lists, value));
                Self::FewerItems.items(named(old).as_ref(), named(new).as_ref())
            }
            Self::FewerExcuses => excuses(old, new),
            Self::MoreRules => rules(old, new),
            Self::Words(ranks) => words(ranks, old, new),
            Self::WordsByStage(ranks) => by_stage::compare(ranks, old, new),
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
        let texts = |list: &[Value]| list.iter().map(ToString::to_string).collect::<HashSet<_>>();
        let (before, after) = (texts(&old), texts(&new));
        let added: Vec<&Value> = new.iter().filter(|item| !before.contains(&item.to_string())).collect();
        let gone: Vec<&Value> = old.iter().filter(|item| !after.contains(&item.to_string())).collect();
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

fn present(old: Option<&Value>, new: Option<&Value>) -> Comparison {
    let is_set = |value: Option<&Value>| value.is_some_and(|value| value.as_str() != Some(""));
    match (is_set(old), is_set(new)) {
        (false, false) => Comparison::Same,
        (false, true) => Comparison::Stricter,
        (true, false) => Comparison::Weaker(format!("it was {}", shown(old))),
        (true, true) => Comparison::Unknown,
    }
}

fn levels(old: Option<&Value>, new: Option<&Value>) -> Comparison {
    let read = |value: Option<&Value>| Levels::deserialize(value?.clone()).ok();
    let (old, new) = match (read(old), read(new)) {
        (Some(old), Some(new)) => (old, new),
        // A key without a default has the level of its section: nothing is stricter than `deny`, nothing weaker than `off`.
        (None, Some(new)) if new.weaker_than(&Levels::all(Level::Deny)).is_none() => {
            return Comparison::Stricter;
        }
        (None, Some(new)) if Levels::all(Level::Off).weaker_than(&new).is_none() => {
            return Comparison::Weaker("it had the level of its section".to_owned());
        }
        _ => return Comparison::Unknown,
    };
    match new.weaker_than(&old) {
        Some(weaker) => Comparison::Weaker(weaker.to_string()),
        None if old == new => Comparison::Same,
        None => Comparison::Stricter,
    }
}

/// The list that a word stands for; a list stands for itself.
fn named(lists: NamedLists, value: &Value) -> Value {
    let list = value.as_str().and_then(|word| lists.iter().find(|(name, _)| *name == word));
    list.map_or_else(
        || value.clone(),
        |(_, items)| Value::Array(items.iter().map(|item| Value::String((*item).to_owned())).collect()),
    )
}

fn excuses(old: Option<&Value>, new: Option<&Value>) -> Comparison {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let (old, new) = (list(old), list(new));
    let until = |entry: &Value| entry.get("until").and_then(Value::as_str).and_then(Date::parse);
    let same = |entry: &Value, entries: &[Value]| {
        entries.iter().find(|other| covers(other) == covers(entry)).cloned()
    };
    let mut shorter = old.iter().any(|entry| same(entry, &new).is_none());
    for entry in &new {
        let what = shown_cover(entry);
        let Some(before) = same(entry, &old) else {
            return Comparison::Weaker(format!("it newly has {what}"));
        };
        match (until(&before), until(entry)) {
            (Some(day), None) => {
                return Comparison::Weaker(format!("{what} was to end on {day}, and no longer ends"));
            }
            (Some(day), Some(later)) if later > day => {
                return Comparison::Weaker(format!("{what} was to end on {day}, and now on {later}"));
            }
            (day, now) => shorter |= day != now,
        }
    }
    if shorter { Comparison::Stricter } else { Comparison::Same }
}

/// Keys of a rule that only say something to people, and those by which it is tried.
const RULE_WORDS: [&str; 8] =
    ["name", "provider", "description", "risk", "fix", "reference", "examples", "counter-examples"];

fn rules(old: Option<&Value>, new: Option<&Value>) -> Comparison {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let (old, new) = (list(old), list(new));
    let id = |rule: &Value| rule.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let rank = |rule: &Value| {
        let word = |key: &str| rule.get(key).and_then(Value::as_str).unwrap_or_default();
        (Severity::from_word(word("severity")), Confidence::from_word(word("confidence")))
    };
    let finds = |rule: &Value| {
        let mut table = rule.as_table().cloned().unwrap_or_default();
        table.retain(|key, _| !RULE_WORDS.contains(&key) && !["severity", "confidence"].contains(&key));
        table
    };
    let by_id: HashMap<String, &Value> = new.iter().map(|rule| (id(rule), rule)).collect();
    let (mut unknown, mut stricter) = (false, new.len() > old.len());
    for before in &old {
        let name = id(before);
        let Some(after) = by_id.get(&name) else {
            return Comparison::Weaker(format!("it no longer has the rule `{name}`"));
        };
        let ((severity, confidence), (now, sure)) = (rank(before), rank(after));
        if now < severity || sure < confidence {
            return Comparison::Weaker(format!("the rule `{name}` is less severe or less sure than it was"));
        }
        stricter |= (now, sure) != (severity, confidence);
        unknown |= finds(before) != finds(after);
    }
    match (unknown, stricter) {
        (true, _) => Comparison::Unknown,
        (false, true) => Comparison::Stricter,
        (false, false) => Comparison::Same,
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

/// A value as the policy writes it, for a message; keys of fingerprints are not repeated there.
pub(crate) fn shown(value: Option<&Value>) -> String {
    match value {
        None => "not set".to_owned(),
        Some(Value::String(text)) if FingerprintKey::is_meant(text) => "\"gpk1:…\"".to_owned(),
        Some(value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
    fn a_level_where_there_was_that_of_the_section() {
        let new = |text: &str| {
            let table: toml::Table = format!("v = {text}").parse().unwrap();
            Strictness::Levels.compare(None, table.get("v"))
        };
        assert_eq!(new("\"deny\""), Comparison::Stricter);
        assert_eq!(new("\"off\""), Comparison::Weaker("it had the level of its section".to_owned()));
        assert_eq!(new("\"warn\""), Comparison::Unknown);
        assert_eq!(new("{ ci = \"deny\" }"), Comparison::Unknown);
    }

    #[test]
    fn a_key_of_fingerprints_is_not_repeated() {
        assert_eq!(shown(Some(&Value::from("gpk1:abcdefgh"))), "\"gpk1:…\"");
        assert_eq!(shown(Some(&Value::from("external"))), "\"external\"");
        assert_eq!(shown(None), "not set");
    }

    #[test]
    fn a_value_where_there_was_none() {
        assert_eq!(compare(Strictness::Present, "\"\"", "\"a\""), Comparison::Stricter);
        assert_eq!(compare(Strictness::Present, "\"a\"", "\"b\""), Comparison::Unknown);
        assert_eq!(weaker(Strictness::Present, "\"a\"", "\"\""), "it was \"a\"");
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
    fn words_that_stand_for_lists() {
        const TRUST: Strictness =
            Strictness::FewerNamed(&[("none", &[]), ("own", &["a"]), ("all", &["a", "b"])]);
        assert_eq!(compare(TRUST, "\"all\"", "\"own\""), Comparison::Stricter);
        assert_eq!(compare(TRUST, "\"all\"", r#"["b"]"#), Comparison::Stricter);
        assert_eq!(compare(TRUST, "\"own\"", r#"["a"]"#), Comparison::Same);
        assert_eq!(compare(TRUST, r#"["a"]"#, "[]"), Comparison::Stricter);
        assert_eq!(weaker(TRUST, "\"own\"", r#"["b"]"#), "it newly has \"b\"");
        assert_eq!(weaker(TRUST, "\"none\"", "\"all\""), "it newly has \"a\", \"b\"");
    }

    #[test]
    fn excuses_by_what_they_cover() {
        const EXCUSES: Strictness = Strictness::FewerExcuses;
        let entry = |rest: &str| format!("[{{ path = \"a/**\", reason = \"because\"{rest} }}]");
        let one = entry("");
        assert_eq!(compare(EXCUSES, &one, &one.replace("because", "of course")), Comparison::Same);
        assert_eq!(compare(EXCUSES, &one, &entry(", owner = \"@me\"")), Comparison::Same);
        assert_eq!(compare(EXCUSES, &one, "[]"), Comparison::Stricter);
        assert_eq!(weaker(EXCUSES, "[]", &one), "it newly has \"a/**\"");
        let wider = entry(", value = \"x\"");
        assert_eq!(weaker(EXCUSES, &one, &wider), "it newly has { path = \"a/**\", value = \"x\" }");
        let until = |day: &str| entry(&format!(", until = \"{day}\""));
        assert_eq!(compare(EXCUSES, &one, &until("2027-01-01")), Comparison::Stricter);
        assert_eq!(compare(EXCUSES, &until("2027-01-02"), &until("2027-01-01")), Comparison::Stricter);
        assert_eq!(
            weaker(EXCUSES, &until("2027-01-01"), &until("2027-01-02")),
            "\"a/**\" was to end on 2027-01-01, and now on 2027-01-02"
        );
        assert_eq!(
            weaker(EXCUSES, &until("2027-01-01"), &one),
            "\"a/**\" was to end on 2027-01-01, and no longer ends"
        );
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

    fn excuses() -> impl Strategy<Value = Value> {
        let day = prop_oneof![Just(None), Just(Some("2027-01-01")), Just(Some("2027-06-01"))];
        proptest::collection::btree_map(prop_oneof![Just("a"), Just("b"), Just("c")], (day, "[a-z]{3}"), 0..4)
            .prop_map(|entries| {
                let entry = |(path, (until, reason)): (&str, (Option<&str>, String))| {
                    let mut table = toml::Table::new();
                    table.insert("path".to_owned(), Value::String(path.to_owned()));
                    table.insert("reason".to_owned(), Value::String(reason));
                    table.extend(until.map(|day| ("until".to_owned(), Value::String(day.to_owned()))));
                    Value::Table(table)
                };
                Value::Array(entries.into_iter().map(entry).collect())
            })
    }

    proptest! {
        #[test]
        fn what_is_stricter_one_way_is_weaker_the_other(old in excuses(), new in excuses()) {
            let there = Strictness::FewerExcuses.compare(Some(&old), Some(&new));
            let back = Strictness::FewerExcuses.compare(Some(&new), Some(&old));
            match there {
                Comparison::Same => prop_assert_eq!(back, Comparison::Same),
                Comparison::Stricter => prop_assert!(matches!(back, Comparison::Weaker(_))),
                // It may also be weaker both ways: one entry more, and another one less.
                Comparison::Weaker(_) => prop_assert!(back != Comparison::Same),
                Comparison::Unknown => prop_assert!(false, "lists always compare"),
            }
        }
    }
}
