//! The log of runs: each line a statement, or an envelope with a signed one.

use super::statement::{Place, Statement};
use crate::chain::{Broken, Chain, Tail};
use crate::dsse::{Envelope, PublicKey, SecretKey};
use crate::text;
use gatepost_core::Timestamp;
use serde::{Deserialize, Serialize};

/// What a line holds beside its place in the chain: one of the two.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// A statement that is not signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Box<Statement>>,
    /// A signed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub envelope: Option<Envelope>,
}

/// A log that is whole.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Log {
    /// Its statements, in order.
    pub records: Vec<Stored>,
    /// SHA-256 of the last line: what to keep elsewhere.
    pub head: Option<String>,
}

/// A statement as a log has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    /// What it says.
    pub statement: Statement,
    /// The id of the key that it claims to be signed with.
    pub signed: Option<String>,
}

/// How a log is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Read<'a> {
    /// Each record must be signed with one of these; empty: signatures are not looked at.
    pub keys: &'a [PublicKey],
    /// A head that the log once had: it must still have had it.
    pub expect: Option<&'a str>,
}

impl Log {
    /// Reads a log, and holds every line against the one before.
    ///
    /// # Errors
    ///
    /// The first line that is not what was written, and a head that the log never had.
    pub fn read(bytes: &[u8], how: Read<'_>) -> Result<Self, Broken> {
        let chain = Chain::<Entry>::read(bytes)?;
        let mut log = Self { records: Vec::new(), head: chain.head().map(str::to_owned) };
        // The head that the log had after each line is what the next one names.
        let mut seen = how.expect.is_none() || chain.head() == how.expect;
        for (entry, line) in chain.records().iter().zip(1..) {
            let broken = |what: String| Broken { line, what };
            let stored = open(entry, how.keys).map_err(broken)?;
            let place = &stored.statement.predicate.log;
            if place.sequence != line {
                let said = place.sequence;
                return Err(broken(format!("its statement was written as number {said}, not {line}")));
            }
            seen |= place.previous.is_some() && place.previous.as_deref() == how.expect;
            log.records.push(stored);
        }
        if !seen {
            return Err(Broken {
                line: chain.records().len() as u64 + 1,
                what: "the log never had the head that is expected: its last lines are gone, or it was written anew"
                    .to_owned(),
            });
        }
        Ok(log)
    }

    /// The statements of runs that began at `since` or after.
    pub fn since(&self, since: Option<Timestamp>) -> impl Iterator<Item = &Statement> {
        let started =
            move |statement: &&Statement| since.is_none_or(|since| statement.predicate.started >= since);
        self.records.iter().map(|stored| &stored.statement).filter(started)
    }
}

fn open(entry: &Entry, keys: &[PublicKey]) -> Result<Stored, String> {
    let (statement, signed) = match (&entry.statement, &entry.envelope) {
        (Some(statement), None) if keys.is_empty() => ((**statement).clone(), None),
        (Some(_), None) => return Err("it is not signed".to_owned()),
        (None, Some(envelope)) => {
            let payload = if keys.is_empty() { envelope.payload()? } else { envelope.verify(keys)? };
            let statement = serde_json::from_slice(&payload)
                .map_err(|error| format!("what it signs is no statement of a run: {error}"))?;
            (statement, envelope.key_id().map(str::to_owned))
        }
        _ => return Err("it holds neither one statement nor one envelope".to_owned()),
    };
    let known = statement.kind == super::STATEMENT_TYPE && statement.predicate_type == super::PREDICATE_TYPE;
    if known { Ok(Stored { statement, signed }) } else { Err("it is a statement of another kind".to_owned()) }
}

/// The line of a run's statement, which gets its place in the log at `tail`, signed where there is a key.
///
/// # Errors
///
/// A statement that JSON cannot hold.
pub fn seal(
    tail: &Tail,
    mut statement: Statement,
    key: Option<&SecretKey>,
) -> Result<String, serde_json::Error> {
    statement.predicate.log = Place { sequence: tail.next(), previous: tail.head().map(str::to_owned) };
    let entry = match key {
        None => Entry { statement: Some(Box::new(statement)), envelope: None },
        Some(key) => {
            let payload = text::line(&statement)?;
            Entry { statement: None, envelope: Some(Envelope::sign(payload.as_bytes(), key)) }
        }
    };
    tail.line(&entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::testing::{key, log, statement};

    #[test]
    fn what_is_written_is_read_and_the_head_tells_what_is_gone() {
        let text =
            log(&[statement("PASS", &["1"]), statement("FAIL", &["2"]), statement("WARN", &["3"])], None);
        let whole = Log::read(text.as_bytes(), Read::default()).unwrap();
        let heads: Vec<_> =
            whole.records.iter().map(|r| r.statement.predicate.log.previous.clone()).collect();
        assert_eq!(heads[0], None);
        let head = whole.head.clone().unwrap();
        let cut: String = text.split_inclusive('\n').take(2).collect();
        let cut_log = Log::read(cut.as_bytes(), Read::default()).unwrap();
        assert_eq!(cut_log.head, heads[2], "a log that was cut off is whole by itself");
        let expect = |text: &str, head: &str| {
            Log::read(text.as_bytes(), Read { expect: Some(head), ..Read::default() })
                .map(|log| log.records.len())
        };
        assert_eq!(expect(&text, &head), Ok(3));
        assert_eq!(expect(&text, heads[2].as_deref().unwrap()), Ok(3), "a head that it had before");
        assert_eq!(expect(&cut, &head).unwrap_err().line, 3);
        assert!(expect("", &head).is_err());
    }

    #[test]
    fn a_signature_binds_what_was_said_and_where() {
        let key = key(1);
        let keys = [key.public()];
        let text = log(&[statement("FAIL", &["1"]), statement("PASS", &["2"])], Some(&key));
        let signed = Read { keys: &keys, ..Read::default() };
        let read = Log::read(text.as_bytes(), signed).unwrap();
        assert_eq!(read.records[0].signed.as_deref(), Some(keys[0].id().as_str()));
        assert_eq!(Log::read(text.as_bytes(), Read::default()).unwrap().records.len(), 2);
        let other = [super::super::testing::key(2).public()];
        let error = Log::read(text.as_bytes(), Read { keys: &other, ..Read::default() }).unwrap_err();
        assert!(
            error.to_string().starts_with("line 1: it is not signed with a key that is given"),
            "{error}"
        );
        // Without the key nobody writes a log anew: the record at another place says where it was.
        let last = read.records[1].clone();
        let line = text.split_inclusive('\n').nth(1).unwrap();
        let entry: Entry = serde_json::from_str(line).unwrap();
        let forged = Tail::default().line(&entry).unwrap();
        let error = Log::read(forged.as_bytes(), signed).unwrap_err();
        assert_eq!(error.to_string(), "line 1: its statement was written as number 2, not 1");
        let plain = log(&[last.statement], None);
        assert!(Log::read(plain.as_bytes(), signed).unwrap_err().to_string().contains("it is not signed"));
    }
}
