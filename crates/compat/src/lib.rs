//! Other tools' dialects: what a repository has for another tool, as a policy of gatepost.
//!
//! Reading is pure: text in, a policy and a list of what it could not say out. Nothing is run, and nothing is fetched:
//! a configuration that is a program is read as far as it is data. A tool is one file with an [`Importer`] and one line in
//! [`IMPORTERS`].

mod commitlint;
mod detect_secrets;
pub mod gitleaks;
mod script;
mod tree;

use std::fmt;

/// Every tool whose configuration can be read.
pub static IMPORTERS: &[&Importer] = &[&commitlint::IMPORTER, &gitleaks::IMPORTER, &detect_secrets::IMPORTER];

/// What reads the configuration of one tool.
#[derive(Clone, Copy, Debug)]
pub struct Importer {
    /// The tool's name, as it is typed.
    pub tool: &'static str,
    /// What is read, in a few words.
    pub reads: &'static str,
    /// Reads it.
    pub import: fn(&File<'_>) -> Result<Imported, ImportError>,
}

impl Importer {
    /// The importer for a tool.
    #[must_use]
    pub fn find(tool: &str) -> Option<&'static Self> {
        IMPORTERS.iter().copied().find(|importer| importer.tool == tool)
    }
}

/// A file to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct File<'a> {
    /// Its name, without folders: the form of the text may depend on it.
    pub name: &'a str,
    /// What is in it.
    pub text: &'a str,
}

/// What became of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
    /// A policy.
    pub policy: String,
    /// What the policy could not say.
    pub left: Vec<Left>,
}

/// Something that a policy could not say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Left {
    /// What: the name of a rule or of a setting.
    pub what: String,
    /// Why, and what can be done instead.
    pub why: String,
}

/// Why a file could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportError {
    /// The line, from 1; `None` when the error is not about a line.
    pub line: Option<u32>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for ImportError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_has_a_name_of_its_own_and_says_what_is_read() {
        for (index, importer) in IMPORTERS.iter().enumerate() {
            assert!(!importer.reads.is_empty(), "{}", importer.tool);
            assert!(importer.tool.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", importer.tool);
            let first = IMPORTERS.iter().position(|other| other.tool == importer.tool);
            assert_eq!(first, Some(index), "{} stands twice", importer.tool);
        }
        assert!(Importer::find("nothing").is_none());
    }
}
