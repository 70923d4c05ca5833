//! A log that shows when it was changed: JSON Lines, each with its number and the SHA-256 of the line before.
//!
//! Whoever changes, removes or reorders a line breaks the chain at the next one. What a chain alone cannot show is that
//! the last lines are gone, or that all of it was written anew by somebody who may write the file: for that its head
//! must be kept elsewhere, too.

use crate::text;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
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

fn digest(line: &[u8]) -> String {
    Sha256::digest(line).iter().map(|byte| format!("{byte:02x}")).collect()
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
