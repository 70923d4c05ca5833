//! How findings leave: one file per format behind one small trait, and a registry.
//!
//! A reporter is handed a finished [`Report`] and a writer. It cannot ask Git, the clock or the terminal
//! anything, so the same report gives the same bytes everywhere. What it must never do is decided here once for
//! all formats: no byte of a secret beyond [`Secret::redacted`](gatepost_core::Secret::redacted) leaves unless
//! [`Options::show_secrets`] asks for it, and no untrusted byte reaches a terminal unescaped.
//!
//! To add a format: a file with a [`Reporter`], and its line in [`FORMATS`].
//!
//! ```
//! use gatepost_core::{Coverage, Report, Stage};
//! use gatepost_report::Options;
//!
//! let report = Report {
//!     version: "1.0.0",
//!     ruleset_digest: String::new(),
//!     policy_digest: String::new(),
//!     stage: Stage::PreCommit,
//!     enforced: true,
//!     scope: "1 staged file".to_owned(),
//!     findings: Vec::new(),
//!     suppressed: Vec::new(),
//!     problems: Vec::new(),
//!     notices: Vec::new(),
//!     stale_baseline: None,
//!     decisions: None,
//!     shard: None,
//!     statistics: None,
//!     coverage: Coverage { files: 1, ..Coverage::default() },
//!     duration: std::time::Duration::from_millis(4),
//!     about: gatepost_core::report::About::default(),
//! };
//! let mut out = Vec::new();
//! gatepost_report::format("human").unwrap().write(&report, &Options::default(), &mut out).unwrap();
//! assert_eq!(out, b"gatepost: 1 file, clean, 4 ms\n");
//!
//! let mut out = Vec::new();
//! gatepost_report::format("json").unwrap().write(&report, &Options::default(), &mut out).unwrap();
//! let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
//! assert_eq!(value["schema"], "gatepost.report/1");
//! assert_eq!(value["result"], "pass");
//! ```
//!
//! The JSON of [`json`] is described by a schema (`schema/report-1.json`) that a test holds it to.

use gatepost_core::Report;
use std::io;

pub mod audit;
pub mod csv;
mod decisions;
#[cfg(feature = "locks")]
pub mod deps;
pub mod exceptions;
mod excerpt;
mod foreign;
pub mod forward_ports;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod human;
pub mod json;
pub mod jsonl;
pub mod junit;
mod line_hash;
#[cfg(feature = "locks")]
pub mod locks;
pub mod markdown;
mod mask;
pub mod read;
pub mod sarif;
mod statistics;
mod style;
mod summary;
mod table;
#[cfg(test)]
mod testing;
mod wire;
mod xml;

pub use line_hash::line_hashes;
pub use mask::Mask;
pub use statistics::statistics;
pub use summary::grouped;

/// What a reporter may be asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// Colour, for formats that know it.
    pub color: bool,
    /// Show secrets instead of masking them.
    pub show_secrets: bool,
    /// Less, for formats for people: nothing when clean, no notices (1); only the summary's one line, and
    /// nothing when clean (2).
    pub quiet: u8,
    /// More, for formats for people: every finding, notes in full, every place, what was suppressed and why.
    pub verbose: u8,
    /// Who reads it, of formats for people.
    pub reader: Reader,
    /// Width of the terminal in columns; `None`: not a terminal, nothing is shortened to fit.
    pub width: Option<u16>,
}

/// Who reads a report for people.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Reader {
    /// Whoever runs gatepost.
    #[default]
    Here,
    /// Whoever pushed: a server answers them, and they cannot ask it for more.
    Pusher {
        /// Whether the server also keeps the whole report.
        has_whole: bool,
    },
}

/// Writes a report in one format.
pub trait Reporter: Sync {
    /// The format's name, as `-f` takes it.
    fn name(&self) -> &'static str;

    /// What it is for, in a few words.
    fn summary(&self) -> &'static str;

    /// Whether it says what only the files that are checked out tell: [`About::revision`] and [`About::lines`].
    ///
    /// [`About::revision`]: gatepost_core::report::About::revision
    /// [`About::lines`]: gatepost_core::report::About::lines
    fn wants_checkout(&self) -> bool {
        false
    }

    /// Writes the report.
    ///
    /// # Errors
    ///
    /// When `out` cannot be written.
    fn write(&self, report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<()>;
}

/// Every format there is.
pub static FORMATS: &[&dyn Reporter] = &[
    &human::Human,
    &json::Json,
    &jsonl::JsonLines,
    &sarif::Sarif,
    &sarif::SarifGithub,
    &github::Github,
    &gitlab::CodeQuality,
    &gitlab::SecretDetection,
    &junit::Junit,
    &csv::Csv,
    &markdown::Markdown,
    &html::Html,
];

/// The format called `name`; `None` when there is none.
#[must_use]
pub fn format(name: &str) -> Option<&'static dyn Reporter> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use std::collections::BTreeSet;

    /// A writer that takes `left` bytes and then fails, as a full disk or a closed pipe does.
    struct Full {
        left: usize,
    }

    impl io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.left == 0 {
                return Err(io::Error::from(io::ErrorKind::StorageFull));
            }
            let taken = bytes.len().min(self.left);
            self.left -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_format_has_a_name_of_its_own_and_says_what_it_is_for() {
        let names: BTreeSet<_> = FORMATS.iter().map(|f| f.name()).collect();
        assert_eq!(names.len(), FORMATS.len());
        for reporter in FORMATS {
            assert!(!reporter.summary().is_empty(), "{}", reporter.name());
            assert_eq!(format(reporter.name()).map(Reporter::name), Some(reporter.name()));
        }
        assert!(format("yaml").is_none());
        let page = include_str!("../../../docs/reports.md");
        for reporter in FORMATS {
            assert!(
                page.contains(&format!("`{}`", reporter.name())),
                "{} is not in the docs",
                reporter.name()
            );
        }
    }

    #[test]
    fn every_format_writes_full_and_empty_reports() {
        for reporter in FORMATS {
            for report in [testing::empty(), testing::full()] {
                let mut out = Vec::new();
                reporter.write(&report, &Options::default(), &mut out).unwrap();
                assert!(out.ends_with(b"\n"), "{}", reporter.name());
                assert!(std::str::from_utf8(&out).is_ok(), "{}", reporter.name());
            }
        }
    }

    #[test]
    fn a_writer_that_fails_at_any_byte_is_an_error() {
        for reporter in FORMATS {
            let mut whole = Vec::new();
            reporter.write(&testing::full(), &Options::default(), &mut whole).unwrap();
            for left in (0..whole.len()).step_by(97).chain([whole.len() - 1]) {
                let error =
                    reporter.write(&testing::full(), &Options::default(), &mut Full { left }).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{} at {left}", reporter.name());
            }
        }
    }
}

#[cfg(test)]
mod secrecy {
    //! The promise that counts: no format lets a byte of a secret out beyond its redacted form.

    use super::*;
    use crate::testing;
    use gatepost_core::report::Suppression;
    use gatepost_core::{Identity, Problem, RepoPath, Secret, Suppressed};
    use proptest::prelude::*;

    /// A report with `secret` in every place where a source or a check could bring it by mistake.
    fn leaky(secret: &Secret) -> Report {
        let text = String::from_utf8_lossy(secret.reveal()).into_owned();
        let mut finding = testing::finding("a-rule");
        finding.message = format!("found {text} here");
        finding.name = format!("Token {text}");
        finding.why.push(text.clone());
        finding.fix.push(format!("git tag -d {text}"));
        let mut location =
            testing::attributed(testing::at("a.env", 3, "a = ", secret, &format!(" # {text}")));
        location.path = Some(RepoPath::new([b"dir/", secret.reveal(), b".txt"].concat()));
        location.subject = Some(format!("branch name {text}"));
        location.author = Some(Identity { name: secret.reveal().to_vec(), ..Identity::default() });
        finding.locations = vec![location.clone(), location.clone()];
        finding.secret = Some(secret.clone());
        let by = Suppression::Exception(Box::new(testing::exception(&text, &format!("{text} is fine"))));
        let mut report = testing::full();
        report.scope = format!("branch {text}");
        report.notices.push(format!("the base is {text}"));
        let problem =
            Problem { what: format!("{text} is missing"), place: Some(text.clone()), fix: text.clone() };
        report.problems.push(problem);
        // Another finding, on the same file and quoting the same name.
        let mut other = testing::message_error();
        other.message = format!("{text} is no name for a branch");
        other.locations.push(location.clone());
        report.findings.push(other);
        report.suppressed.push(Suppressed { finding: finding.clone(), by });
        report.findings.push(finding);
        report
    }

    proptest! {
        #[test]
        fn no_secret_leaves_unless_asked_for(head in "[A-Z0-9]{6}", body in "[A-Z0-9]{0,50}", end in "[A-Z0-9]{6}", verbose in 0_u8..2) {
            // The prefix may be shown, what comes after it may not; lower case and upper case keep it from
            // being a word of the report.
            let tail = format!("{head}{body}{end}");
            let secret = Secret::new(format!("abcd{tail}"));
            for reporter in FORMATS {
                let mut out = Vec::new();
                let options = Options { verbose, ..Options::default() };
                reporter.write(&leaky(&secret), &options, &mut out).unwrap();
                let text = String::from_utf8(out).unwrap();
                prop_assert!(!text.contains(&head) && !text.contains(&end), "{text}");
                prop_assert!(text.contains(&secret.redacted()));

                let mut out = Vec::new();
                reporter.write(&leaky(&secret), &Options { show_secrets: true, ..options }, &mut out).unwrap();
                prop_assert!(String::from_utf8(out).unwrap().contains(&tail));
            }
        }
    }
}
