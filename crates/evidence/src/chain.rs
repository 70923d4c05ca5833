//! A log that shows when it was changed: JSON Lines, each with its number and the SHA-256 of the line before.
//!
//! Whoever changes, removes or reorders a line breaks the chain at the next one. What a chain alone cannot show is that
//! the last lines are gone, or that all of it was written anew by somebody who may write the file: for that its head
//! must be kept elsewhere, too.

use crate::{digest, text};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One line: a record and its place in the chain.
#[derive(Serialize, Deserialize)]
struct Link<R> {
    /// From 1.
    sequence: u64,
    /// SHA-256 of the line before, without its line end, in hexadecimal; `None` of the first.
    previous: Option<String>,
    #[serde(flatten)]
    record: R,
}

/// A log that is whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chain<R> {
    records: Vec<R>,
    head: Option<String>,
}

/// Where a log is not what was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for Broken {}

impl<R> Default for Chain<R> {
    fn default() -> Self {
        Self { records: Vec::new(), head: None }
    }
}

impl<R: DeserializeOwned> Chain<R> {
    /// Reads a log and holds every line against the one before.
    ///
    /// # Errors
    ///
    /// The first line that is not what was written.
    pub fn read(bytes: &[u8]) -> Result<Self, Broken> {
        let mut chain = Self::default();
        let mut number = 0;
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            number += 1;
            let broken = |what: String| Broken { line: number, what };
            let Some(line) = line.strip_suffix(b"\n") else {
                return Err(broken("it has no end: its writing was cut off".to_owned()));
            };
            let link: Link<R> =
                serde_json::from_slice(line).map_err(|error| broken(format!("it is no record: {error}")))?;
            if link.sequence != number {
                return Err(broken(format!(
                    "its number is {}, not {number}: a line is gone or added",
                    link.sequence
                )));
            }
            if link.previous != chain.head {
                return Err(broken("the line before it is not the one that it was written after".to_owned()));
            }
            chain.head = Some(digest(line));
            chain.records.push(link.record);
        }
        Ok(chain)
    }
}

impl<R> Chain<R> {
    /// The records, in order.
    #[must_use]
    pub fn records(&self) -> &[R] {
        &self.records
    }

    /// SHA-256 of the last line, in hexadecimal: what to keep elsewhere. `None` while there is none.
    #[must_use]
    pub fn head(&self) -> Option<&str> {
        self.head.as_deref()
    }
}

impl<R: Serialize> Chain<R> {
    /// Adds a record and gives its line, with the line end, to be appended to the file.
    ///
    /// # Errors
    ///
    /// A record that JSON cannot hold.
    pub fn push(&mut self, record: R) -> Result<String, serde_json::Error> {
        let sequence = self.records.len() as u64 + 1;
        let link = Link { sequence, previous: self.head.clone(), record };
        let line = text::line(&link)?;
        self.head = Some(digest(line.as_bytes()));
        self.records.push(link.record);
        Ok(line + "\n")
    }
}

/// The end of a log: all that is needed to add to it, however long it is.
///
/// Whether the lines before are what was written is [`Chain::read`]'s to find out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tail {
    sequence: u64,
    head: Option<String>,
}

impl Tail {
    /// The end of a log whose last line, with its line end, this is; of an empty log: nothing.
    ///
    /// # Errors
    ///
    /// What is wrong with the line: nothing can be added after it.
    pub fn of(last: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Number {
            sequence: u64,
        }
        if last.is_empty() {
            return Ok(Self::default());
        }
        let line = last.strip_suffix(b"\n").ok_or("its last line has no end: its writing was cut off")?;
        let number: Number =
            serde_json::from_slice(line).map_err(|error| format!("its last line is no record: {error}"))?;
        Ok(Self { sequence: number.sequence, head: Some(digest(line)) })
    }

    /// The number of the next line.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.sequence.saturating_add(1)
    }

    /// SHA-256 of the last line, in hexadecimal; `None` while there is none.
    #[must_use]
    pub fn head(&self) -> Option<&str> {
        self.head.as_deref()
    }

    /// The line of the next record, with its line end.
    ///
    /// # Errors
    ///
    /// A record that JSON cannot hold.
    pub fn line<R: Serialize>(&self, record: &R) -> Result<String, serde_json::Error> {
        let link = Link { sequence: self.next(), previous: self.head.clone(), record };
        Ok(text::line(&link)? + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
    struct Note {
        text: String,
    }

    fn log(texts: &[&str]) -> String {
        let mut chain = Chain::default();
        texts.iter().map(|text| chain.push(Note { text: (*text).to_owned() }).unwrap()).collect()
    }

    fn broken(text: &str) -> String {
        Chain::<Note>::read(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn the_first_line_of_a_log() {
        assert_eq!(log(&["a\u{1b}"]), "{\"sequence\":1,\"previous\":null,\"text\":\"a\\u001b\"}\n");
        assert_eq!(Chain::<Note>::read(b"").unwrap(), Chain::default());
    }

    #[test]
    fn every_way_to_break_it_is_told_with_its_line() {
        let whole = log(&["one", "two", "three"]);
        let lines: Vec<&str> = whole.split_inclusive('\n').collect();
        assert!(broken(&whole.replace("one", "eno")).starts_with("line 2: the line before it"));
        assert!(broken(&[lines[0], lines[2]].concat()).starts_with("line 2: its number is 3, not 2"));
        assert!(broken(&[lines[1], lines[0]].concat()).starts_with("line 1: its number is 2, not 1"));
        assert!(broken(whole.trim_end()).starts_with("line 3: it has no end"));
        assert!(
            broken(&whole.replace("{\"sequence\":2", "{\"sequence\":\"2"))
                .starts_with("line 2: it is no record")
        );
        assert!(broken(&format!("{whole}\n")).starts_with("line 4: it is no record"));
        assert!(broken(&format!("{}{}", lines[0], lines[0])).starts_with("line 2: its number is 1, not 2"));
    }

    #[test]
    fn a_line_that_is_added_at_the_tail_is_the_one_that_the_chain_would_add() {
        let whole = log(&["one", "two"]);
        let last = whole.split_inclusive('\n').next_back().unwrap();
        let tail = Tail::of(last.as_bytes()).unwrap();
        let added = tail.line(&Note { text: "three".to_owned() }).unwrap();
        assert_eq!(format!("{whole}{added}"), log(&["one", "two", "three"]));
        assert_eq!(Tail::of(b"").unwrap().line(&Note { text: "one".to_owned() }).unwrap(), log(&["one"]));
        assert!(Tail::of(b"{\"sequence\":1}").unwrap_err().contains("no end"));
        assert!(Tail::of(b"nothing\n").unwrap_err().contains("no record"));
    }

    proptest! {
        #[test]
        fn what_is_pushed_is_read_and_a_changed_byte_is_noticed(
            texts in proptest::collection::vec(any::<String>(), 1..6),
            place in any::<proptest::sample::Index>(),
            byte in any::<u8>(),
        ) {
            let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
            let whole = log(&borrowed);
            let read = Chain::<Note>::read(whole.as_bytes()).unwrap();
            let again: Vec<&str> = read.records().iter().map(|note| note.text.as_str()).collect();
            prop_assert_eq!(&again, &borrowed);
            // In the last line nothing but the head, kept elsewhere, shows a change.
            let mut changed = whole.clone().into_bytes();
            let at = place.index(changed.len());
            if changed[at] != byte {
                changed[at] = byte;
                match Chain::<Note>::read(&changed) {
                    Ok(other) => prop_assert_ne!(other.head(), read.head()),
                    Err(broken) => prop_assert!(broken.line >= 1),
                }
            }
        }
    }
}
