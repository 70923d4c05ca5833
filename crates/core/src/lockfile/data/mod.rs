//! Manifests and lock files as one kind of tree, whatever they are written in, with the place of every key and value:
//! an ecosystem compares values and says where they stand, and need not know JSON from TOML from YAML.
//!
//! Whoever pushes has written these files. Nesting is bounded, an alias of YAML counts as often as it is used, and a text
//! that is not what it should be is an [`Malformed`] with its line.

mod json;
mod toml;
mod yaml;

pub use self::json::{json, json_with_comments};
pub use self::toml::toml;
pub use self::yaml::{yaml, yaml_documents};

use std::collections::HashMap;
use std::ops::Range;

/// Deepest nesting that is read.
pub const DEEPEST: usize = 128;

/// Most values of one text, with YAML's aliases written out. A lock file of 50 MiB has about two million.
pub const MOST_VALUES: usize = 4_000_000;

/// Entries from which on a map keeps an index: fewer are found faster one by one.
const INDEXED_FROM: usize = 12;

/// What is wrong with a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Malformed {
    /// The line, from 1; `None` where the text is wrong as a whole.
    pub line: Option<u32>,
    /// What is wrong, as the end of a sentence: `a comma is missing`.
    pub message: String,
}

/// A value and where it stands.
#[derive(Clone, PartialEq, Debug)]
pub struct Value {
    /// Its bytes in the text; of a TOML table, its header.
    pub span: Range<usize>,
    /// What it is.
    pub data: Data,
}

/// What a value is.
#[derive(Clone, PartialEq, Debug)]
pub enum Data {
    /// `null`; in YAML nothing and `~` as well.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written; of TOML a date and a time too.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A map.
    Map(Map),
}

/// The keys of a map in the order in which they are written.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: Vec<Entry>,
    index: HashMap<String, usize>,
}

/// A key and its value.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// The value.
    pub value: Value,
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Map {
    fn new(entries: Vec<Entry>) -> Self {
        let mut index = HashMap::new();
        if entries.len() >= INDEXED_FROM {
            index.extend(entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)));
        }
        Self { entries, index }
    }

    /// The entry of a key; where the key is there twice, the last one, as the tools read it.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        if self.entries.len() >= INDEXED_FROM {
            return self.entries.get(*self.index.get(key)?);
        }
        self.entries.iter().rev().find(|entry| entry.key == key)
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Every entry, those too whose key comes again later.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries whose key was there before.
    pub fn repeated(&self) -> impl Iterator<Item = &Entry> {
        let mut seen = std::collections::HashSet::new();
        self.entries.iter().filter(move |entry| !seen.insert(entry.key.as_str()))
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = &'a Entry;
    type IntoIter = std::slice::Iter<'a, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Value {
    /// The value of a key, where this is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.map()?.get(key)
    }

    /// The value at the end of a path of keys.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The map, where this is one.
    #[must_use]
    pub fn map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The entries of a map; none of anything else.
    pub fn entries(&self) -> std::slice::Iter<'_, Entry> {
        match &self.data {
            Data::Map(map) => map.iter(),
            _ => [].iter(),
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> std::slice::Iter<'_, Self> {
        match &self.data {
            Data::List(items) => items.iter(),
            _ => [].iter(),
        }
    }

    /// The text, where this is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of anything that is neither list nor map nor null, as it is written.
    #[must_use]
    pub fn scalar(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) | Data::Number(text) => Some(text),
            Data::Bool(true) => Some("true"),
            Data::Bool(false) => Some("false"),
            _ => None,
        }
    }

    /// The truth value, where this is one.
    #[must_use]
    pub fn bool(&self) -> Option<bool> {
        match self.data {
            Data::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The text of a key.
    #[must_use]
    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// Whether the two say the same, wherever they stand and in whatever order keys are written.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.data, &other.data) {
            (Data::List(one), Data::List(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.is_same(two))
            }
            (Data::Map(one), Data::Map(two)) => {
                one.len() == two.len()
                    && one
                        .iter()
                        .all(|entry| two.get(&entry.key).is_some_and(|value| entry.value.is_same(value)))
            }
            (one, two) => one == two,
        }
    }
}

/// The line in which a byte of a text stands, from 1.
#[must_use]
pub fn line_of(text: &str, offset: usize) -> u32 {
    let before = text.as_bytes().get(..offset.min(text.len())).unwrap_or_default();
    u32::try_from(memchr::memchr_iter(b'\n', before).count()).unwrap_or(u32::MAX).saturating_add(1)
}

/// How many values are left to read, and how deep the next one may be.
#[derive(Debug)]
struct Budget {
    left: usize,
}

impl Budget {
    /// For a text whose values are parted by any of `marks`: a parser builds its tree before anything can be counted, so
    /// a text that has too many of them is not given to one.
    fn of(text: &str, marks: [u8; 3]) -> Result<Self, Malformed> {
        let [one, two, three] = marks;
        let mut budget = Self { left: MOST_VALUES };
        budget.take(memchr::memchr3_iter(one, two, three, text.as_bytes()).count())?;
        Ok(Self { left: MOST_VALUES })
    }

    fn take(&mut self, count: usize) -> Result<(), Malformed> {
        match self.left.checked_sub(count) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Malformed { line: None, message: format!("it has more than {MOST_VALUES} values") }),
        }
    }
}

fn too_deep(text: &str, offset: usize) -> Malformed {
    Malformed { line: Some(line_of(text, offset)), message: format!("it is nested more than {DEEPEST} deep") }
}

#[cfg(test)]
mod tests;
