//! What `gatepost.toml` means: layers, typed sections, levels, exceptions, and errors that show the line.

mod key;
mod levels;

pub use key::{Key, Kind};
pub use levels::Levels;

use crate::Exception;
use crate::check::CHECKS;
use serde::de::DeserializeOwned;
use std::fmt;

/// Where a layer of the policy comes from; later layers override earlier ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The defaults that gatepost is built with.
    BuiltIn,
    /// A file, by the name it was asked for.
    File(String),
    /// A file of a revision: `path` in `commit`.
    Revision {
        /// The commit, in hexadecimal.
        commit: String,
        /// The path in it.
        path: String,
    },
    /// An environment variable, by its name.
    Environment(String),
    /// A command-line flag, by its name.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built-in"),
            Self::File(name) => f.write_str(name),
            Self::Revision { commit, path } => write!(f, "{path} at {commit}"),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// One layer of the policy: TOML text and where it comes from.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Where it comes from.
    pub origin: Origin,
    /// The text.
    pub text: String,
}

/// What is wrong with a policy: what, where, and what was probably meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyError {
    /// The layer.
    pub origin: Origin,
    /// Line in it, from 1; `None` when the error is not about a line.
    pub line: Option<u32>,
    /// Column in bytes, from 1.
    pub column: Option<u32>,
    /// That line's text.
    pub source_line: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What was probably meant, or what is allowed.
    pub help: Option<String>,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.origin)?;
        if let Some(line) = self.line {
            write!(f, ":{line}:{}", self.column.unwrap_or(1))?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(help) = &self.help {
            write!(f, " ({help})")?;
        }
        Ok(())
    }
}

impl std::error::Error for PolicyError {}

/// A policy: every layer merged, checked against the keys that the checks declare.
#[derive(Clone, Debug)]
pub struct Policy {
    merged: toml::Table,
    exceptions: Vec<Exception>,
}

impl Policy {
    /// The policy in force when nobody wrote one.
    #[must_use]
    pub fn built_in() -> Self {
        Self::load(&[]).unwrap_or_else(|_| Self { merged: toml::Table::new(), exceptions: Vec::new() })
    }

    /// Merges the layers, in order, over the built-in defaults.
    ///
    /// # Errors
    ///
    /// Everything that is wrong in every layer, with lines.
    pub fn load(layers: &[Layer]) -> Result<Self, Vec<PolicyError>> {
        let mut merged = key::defaults(CHECKS);
        for layer in layers {
            let table: toml::Table = layer.text.parse().map_err(|e: toml::de::Error| {
                vec![PolicyError {
                    origin: layer.origin.clone(),
                    line: None,
                    column: None,
                    source_line: None,
                    message: e.message().to_owned(),
                    help: None,
                }]
            })?;
            merge(&mut merged, table);
        }
        Ok(Self { merged, exceptions: Vec::new() })
    }

    /// A check's section, as the type that the check declares for it.
    ///
    /// # Errors
    ///
    /// A value that the type cannot take.
    pub fn section<T: DeserializeOwned>(&self, name: &str) -> Result<T, PolicyError> {
        let table = self.merged.get(name).cloned().unwrap_or_else(|| toml::Table::new().into());
        table.try_into().map_err(|e: toml::de::Error| PolicyError {
            origin: Origin::BuiltIn,
            line: None,
            column: None,
            source_line: None,
            message: format!("[{name}]: {}", e.message()),
            help: None,
        })
    }

    /// The pattern of a ticket, set once for messages, branches and tags; `None` when it is not set.
    #[must_use]
    pub fn ticket(&self) -> Option<&str> {
        self.merged.get("message")?.get("ticket")?.as_str().filter(|pattern| !pattern.is_empty())
    }

    /// The exceptions.
    #[must_use]
    pub fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }
}

/// Tables merge key by key, everything else is replaced.
fn merge(into: &mut toml::Table, from: toml::Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => merge(old, new),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}
