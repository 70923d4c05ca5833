//! Reads what [`crate::json`] writes, for who puts reports together or writes them in another format.
//!
//! A report has less in it than what it was made of. A secret that is not shown is represented by a value that stands for it:
//! the same for the same secret, redacted as that is, and no way to it. The line around a finding is not in a report at all,
//! and columns in UTF-16 units are those in characters.

mod wire;

use gatepost_core::{RepoPath, Report};
use std::fmt;

/// Why some bytes are not read as a report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReadError {
    /// They are no JSON, or do not have the shape of a report: why, with line and column.
    Malformed(String),
    /// They are a report of another schema than `gatepost.report/1`: which, where it says so.
    OtherSchema(Option<String>),
    /// They are a report of another version of gatepost, whose words may mean something else: which.
    OtherVersion(String),
    /// A value is none that this version writes: the key, and the value.
    Unknown(&'static str, String),
    /// It says that it is complete and names what could not be judged, or the other way round.
    Contradiction,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => write!(f, "it is no report in JSON: {why}"),
            Self::OtherSchema(Some(schema)) => {
                write!(f, "its schema is {schema:?}, and not {:?}", crate::wire::SCHEMA)
            }
            Self::OtherSchema(None) => {
                write!(f, "it has no `schema`, which in a report is {:?}", crate::wire::SCHEMA)
            }
            Self::OtherVersion(version) => write!(f, "it was written by gatepost {version}"),
            Self::Unknown(key, value) => {
                write!(f, "its `{key}` has a value that is never written: {value:?}")
            }
            Self::Contradiction => f.write_str("its `complete` contradicts its `problems` and `coverage`"),
        }
    }
}

impl std::error::Error for ReadError {}

/// A report that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The report.
    pub report: Report,
    /// Whether its secrets are the secrets themselves, and not what stands for them.
    pub shows_secrets: bool,
}

/// Reads a report that was written by `version`, this version of gatepost.
///
/// # Errors
///
/// Bytes that are no report of that version.
pub fn report(bytes: &[u8], version: &'static str) -> Result<Read, ReadError> {
    let malformed = |error: serde_json::Error| ReadError::Malformed(error.to_string());
    let header: wire::Header = serde_json::from_slice(bytes).map_err(malformed)?;
    if header.schema.as_deref() != Some(crate::wire::SCHEMA) {
        return Err(ReadError::OtherSchema(header.schema));
    }
    if let Some(other) = header.tool.and_then(|tool| tool.version).filter(|other| *other != version) {
        return Err(ReadError::OtherVersion(other));
    }
    let read: wire::Report = serde_json::from_slice(bytes).map_err(malformed)?;
    let (complete, shows_secrets) = (read.complete, read.shows_secrets());
    let report = read.into_report(version)?;
    let read = Read { report, shows_secrets };
    if read.report.is_complete() == complete { Ok(read) } else { Err(ReadError::Contradiction) }
}

/// A path as a report has it: its bytes where these are not text.
fn path(text: String, bytes: Option<String>) -> Result<RepoPath, ReadError> {
    match bytes {
        None => Ok(RepoPath::new(text.into_bytes())),
        Some(encoded) => match data_encoding::BASE64.decode(encoded.as_bytes()) {
            Ok(bytes) => Ok(RepoPath::new(bytes)),
            Err(_) => Err(ReadError::Unknown("path_bytes", encoded)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Json;
    use crate::{Options, Reporter as _, testing};
    use proptest::prelude::*;

    const VERSION: &str = "1.2.3";

    fn write(report: &Report, show_secrets: bool) -> Vec<u8> {
        let mut out = Vec::new();
        Json.write(report, &Options { show_secrets, ..Options::default() }, &mut out).unwrap();
        out
    }

    proptest! {
        /// What is read is written as it was.
        #[test]
        fn any_report_survives(mut report in testing::any_report(), show_secrets: bool) {
            report.decisions = None;
            let text = write(&report, show_secrets);
            let Read { report: read, .. } = super::report(&text, VERSION).unwrap();
            let again = write(&read, show_secrets);
            prop_assert_eq!(String::from_utf8(again).unwrap(), String::from_utf8(text).unwrap());
        }
    }

    #[test]
    fn a_full_report_and_that_of_a_shard_survive() {
        let mut full = testing::full();
        full.decisions = None;
        let shard = Report { statistics: None, ..testing::shard() };
        for report in [full, shard] {
            let text = write(&report, false);
            let Read { report: read, shows_secrets } = super::report(&text, VERSION).unwrap();
            assert!(!shows_secrets);
            // Tags are made of a key, which no report has.
            if let (Some(part), Some(of)) = (&read.shard, &report.shard) {
                assert!(part.key.is_none());
                assert_eq!((part.shard, &part.objects), (of.shard, &of.objects));
            }
            let without_tags = |text: Vec<u8>| -> Vec<String> {
                let text = String::from_utf8(text).unwrap();
                text.lines().filter(|line| !line.contains("value_tag")).map(str::to_owned).collect()
            };
            assert_eq!(without_tags(write(&read, false)), without_tags(text));
        }
    }

    #[test]
    fn what_is_no_report_is_told() {
        let good = String::from_utf8(write(&testing::empty(), false)).unwrap();
        let with = |from: &str, to: &str| {
            assert!(good.contains(from), "{from}");
            super::report(good.replacen(from, to, 1).as_bytes(), VERSION).map(|_| ())
        };
        assert_eq!(
            with("report/1", "report/2"),
            Err(ReadError::OtherSchema(Some("gatepost.report/2".into())))
        );
        assert_eq!(with("\"schema\"", "\"scheme\""), Err(ReadError::OtherSchema(None)));
        assert_eq!(with("1.2.3", "1.2.4"), Err(ReadError::OtherVersion("1.2.4".into())));
        assert_eq!(with("\"pre-commit\"", "\"lunch\""), Err(ReadError::Unknown("stage", "lunch".into())));
        assert_eq!(with("\"complete\": true", "\"complete\": false"), Err(ReadError::Contradiction));
        assert!(
            matches!(with("\"scope\"", "\"scoop\""), Err(ReadError::Malformed(why)) if why.contains("line"))
        );
        assert!(matches!(super::report(b"", VERSION), Err(ReadError::Malformed(_))));
    }

    #[test]
    fn secrets_that_are_not_shown_are_told_apart_by_what_stands_for_them() {
        let report = testing::shard();
        let read = super::report(&write(&report, false), VERSION).unwrap().report;
        let (before, after) = (&report.findings, &read.findings);
        assert!(before.len() > 2);
        for (one, other) in before.iter().enumerate().flat_map(|(n, _)| (0..n).map(move |m| (n, m))) {
            let same = |list: &[gatepost_core::Finding]| list[one].secret == list[other].secret;
            assert_eq!(same(before), same(after), "{one} and {other}");
        }
        for (before, after) in before.iter().zip(after) {
            let shown = |finding: &gatepost_core::Finding| {
                finding.secret.as_ref().map(gatepost_core::Secret::redacted)
            };
            assert_eq!(shown(before), shown(after));
            assert_ne!(before.secret, after.secret);
        }
    }
}
