//! What `gatepost.toml` means: layers, typed sections, levels, exceptions, and errors that show the line.
//!
//! Text becomes a policy in two steps. Each layer is read on its own against the keys that the checks declare, and
//! every mistake in it is collected with its line. Then the layers are laid over the built-in
//! defaults, in order: a key that a later layer sets replaces the earlier value (a list and a table of levels are
//! one value each), and exceptions add up. What may not be weakened is held there: `final`, and levels
//! against the environment and flags.
//!
//! ```
//! use gatepost_core::policy::{Layer, Origin, Policy};
//!
//! let origin = Origin::File("gatepost.toml".to_owned());
//! let policy = Policy::load(&[Layer { origin: origin.clone(), text: "enforce = false".to_owned() }]).unwrap();
//! assert!(!policy.enforce());
//!
//! let errors = Policy::load(&[Layer { origin, text: "enfroce = false".to_owned() }]).unwrap_err();
//! assert_eq!(errors[0].to_string(), "gatepost.toml:1:1: unknown key `enfroce` (did you mean `enforce`?)");
//! ```

mod access;
mod by_stage;
mod closed;
mod compare;
mod exception_file;
mod excuse;
mod key;
mod layer;
mod levels;
mod merge;
mod named_files;
mod on_top;
mod overlay;
mod own_rules;
mod presets;
mod record;
mod reference;
mod schema;
mod source;
mod strictness;
mod template;
#[cfg(test)]
mod tests;
mod validate;

pub use crate::text::Size;
pub use crate::text::nearest;
pub use by_stage::ByStage;
pub use compare::{CompareError, PolicyChange, PolicyChangeKind, compare};
pub use exception_file::{exception_file_errors, exceptions_of};
pub(crate) use excuse::REASON_CHARACTERS;
pub use excuse::{EXCUSED_PATHS, Excuse};
pub use key::{Key, Kind};
pub use layer::{Extends, extends};
pub use levels::{Levels, SeverityLevels, WeakerLevel};
pub use merge::Purpose;
pub use named_files::{NamedFiles, named_files};
pub use on_top::LeftOut;
pub use overlay::Overlay;
pub use own_rules::{OwnRule, rule_files};
pub use presets::{PRESETS, Preset};
pub use reference::reference;
pub use schema::{Schema, root_keys};
pub use strictness::{Comparison, NamedLists, Strictness};
pub use template::render_template;
/// A value of a policy: TOML's own.
pub use toml::Value;

use crate::{Exception, Level};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use source::Place;
use std::collections::BTreeMap;
use std::fmt;

/// Where a layer of the policy comes from; later layers override earlier ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The defaults that gatepost is built with.
    BuiltIn,
    /// A file, by the name it was asked for.
    File(String),
    /// A preset, by its name.
    Preset(String),
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
            Self::Preset(name) => write!(f, "preset {name}"),
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
    schema: Schema,
    merged: toml::Table,
    /// Where the keys that are not at their defaults were set.
    origins: BTreeMap<String, (Origin, Place)>,
    overlays: Vec<Overlay>,
    exceptions: Vec<Exception>,
    /// Where each exception stands, in the same order.
    places: Vec<record::RecordPlace>,
    /// The secret rules of its layers and of their rule files.
    own_rules: Vec<OwnRule>,
    /// SHA-256 of files whose contents count, with the keys that name them.
    contents: Vec<(String, String)>,
    /// Whether a layer is somebody's text, and not only the environment and flags.
    is_written: bool,
}

/// One key with its value: a row of `gatepost config show`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// `message.header-max`.
    pub path: String,
    /// The value, as TOML.
    pub value: String,
    /// The layer that set it.
    pub origin: Origin,
    /// The line in that layer, from 1; `None` for layers without lines.
    pub line: Option<u32>,
}

static BUILT_IN: Origin = Origin::BuiltIn;

/// What a ticket looks like when the policy does not say: with a hyphen or without.
pub const DEFAULT_TICKET: &str = "[A-Z]+-?[0-9]+";

/// A pattern without the anchors at its ends. A ticket stands inside a message or a name, and anchors would tie it to
/// the ends of the whole.
#[must_use]
pub fn without_anchors(pattern: &str) -> &str {
    let pattern = pattern.trim_start_matches('^');
    let inner = pattern.trim_end_matches('$');
    // Behind an odd number of backslashes, the first `$` is a dollar sign.
    let escapes = inner.len() - inner.trim_end_matches('\\').len();
    let kept = if escapes % 2 == 1 && inner.len() < pattern.len() { inner.len() + 1 } else { inner.len() };
    pattern.get(..kept).unwrap_or(pattern)
}

/// The keys of an `[[exception]]`, in the order in which one is written.
#[must_use]
pub fn exception_keys() -> &'static [Key] {
    record::EXCEPTION_KEYS
}

impl Policy {
    /// The policy in force when nobody wrote one.
    #[must_use]
    pub fn built_in() -> Self {
        Self::defaults(Schema::built_in())
    }

    /// The defaults of a schema.
    #[must_use]
    pub fn defaults(schema: Schema) -> Self {
        Self {
            schema,
            merged: schema.defaults(),
            origins: BTreeMap::new(),
            overlays: Vec::new(),
            exceptions: Vec::new(),
            places: Vec::new(),
            own_rules: Vec::new(),
            contents: Vec::new(),
            is_written: false,
        }
    }

    /// Merges the layers, in order, over the built-in defaults, for a gate: the environment and flags can not make
    /// it more lenient ([`Purpose::Gate`]).
    ///
    /// # Errors
    ///
    /// Everything that is wrong in every layer, with lines.
    pub fn load(layers: &[Layer]) -> Result<Self, Vec<PolicyError>> {
        Self::load_for(Schema::built_in(), Purpose::Gate, layers)
    }

    /// As [`Policy::load`], with other keys or for another purpose.
    ///
    /// # Errors
    ///
    /// As [`Policy::load`].
    pub fn load_for(schema: Schema, purpose: Purpose, layers: &[Layer]) -> Result<Self, Vec<PolicyError>> {
        merge::load(schema, purpose, layers)
    }

    /// A check's section, as the type that the check declares for it.
    ///
    /// # Errors
    ///
    /// A value that the type cannot take.
    pub fn section<T: DeserializeOwned>(&self, name: &str) -> Result<T, PolicyError> {
        let table = self.merged.get(name).cloned().unwrap_or_else(|| toml::Table::new().into());
        table.try_into().map_err(|error: toml::de::Error| {
            self.error(name, format!("[{name}]: {}", error.message()), None)
        })
    }

    /// The blocks of a check's section (`[[ref]]`), each as the type that the check declares for one, in their order.
    ///
    /// # Errors
    ///
    /// A value that the type cannot take.
    pub fn blocks<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, PolicyError> {
        let blocks = self.merged.get(name).and_then(toml::Value::as_array).into_iter().flatten();
        blocks
            .enumerate()
            .map(|(at, block)| {
                block.clone().try_into().map_err(|error: toml::de::Error| {
                    let number = at.saturating_add(1);
                    self.error(name, format!("[[{name}]] number {number}: {}", error.message()), None)
                })
            })
            .collect()
    }

    /// An error about the value of a key, with the line that set it: for what only a check can see.
    /// Of a section, or of a key that is at its default, the error names the section's last layer or the defaults.
    #[must_use]
    pub fn error(&self, path: &str, message: String, help: Option<String>) -> PolicyError {
        match self.origins.get(path) {
            Some((origin, place)) => place.error(origin, message, help),
            None => {
                let inner = format!("{path}.");
                let within = self.origins.iter().filter(|(key, _)| key.starts_with(&inner));
                let mut origins = within.map(|(_, (origin, _))| origin);
                let origin = origins.next_back().unwrap_or(&BUILT_IN);
                Place::default().error(origin, message, help)
            }
        }
    }

    /// The pattern of a ticket (`message.ticket`), set once for messages, branches and tags; `None` when it is not
    /// set: then it is [`DEFAULT_TICKET`].
    #[must_use]
    pub fn ticket(&self) -> Option<&str> {
        self.merged.get("message")?.get("ticket")?.as_str().filter(|pattern| !pattern.is_empty())
    }

    /// Whether the gate refuses what it denies; `false` is a dry run.
    #[must_use]
    pub fn enforce(&self) -> bool {
        self.merged.get("enforce").and_then(toml::Value::as_bool).unwrap_or(true)
    }

    /// A step that is added to every finding of this level: where to open its ticket, whom to ask.
    #[must_use]
    pub fn step_on(&self, level: Level) -> Option<&str> {
        let key = match level {
            Level::Deny => "on-deny",
            Level::Warn => "on-warn",
            Level::Note | Level::Off => return None,
        };
        self.merged.get(key)?.as_str().filter(|step| !step.is_empty())
    }

    /// The exceptions of every layer, in order.
    #[must_use]
    pub fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }

    /// The exceptions whose rule is not known: such an exception would do nothing, silently. `known` has the ids
    /// of the secret rules; the codes and names of the checks are known here. A family is a rule only for an exception
    /// that holds on request.
    #[must_use]
    pub fn exceptions_for_unknown_rules(&self, known: &[&str]) -> Vec<PolicyError> {
        let codes = || self.schema.checks().iter().flat_map(|check| check.codes);
        let names = || codes().flat_map(|code| [code.code, code.name]).chain(known.iter().copied());
        let unknown = |exception: &&Exception| {
            let is_family = self.schema.checks().iter().any(|check| check.family == exception.rule);
            !(exception.on_request && is_family || names().any(|name| name == exception.rule))
        };
        self.exceptions
            .iter()
            .filter(unknown)
            .map(|exception| {
                let message = format!(
                    "exception `{}` is for the rule `{}`, which is not known",
                    exception.id, exception.rule
                );
                let help = nearest(&exception.rule, names())
                    .map(|near| format!("did you mean `{near}`?"))
                    .or_else(|| Some("`gatepost rules list` names the rules".to_owned()));
                self.exception_error(&exception.id, "rule", message, help)
            })
            .collect()
    }

    /// The layer that set a key; [`Origin::BuiltIn`] for what nobody set.
    #[must_use]
    pub fn origin(&self, path: &str) -> &Origin {
        self.origins.get(path).map_or(&BUILT_IN, |(origin, _)| origin)
    }

    /// Every key that has a value, in the registry's order.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let keys = self.schema.keys().into_iter();
        keys.filter_map(|(path, _)| {
            let value = merge::get(&self.merged, &path)?.to_string();
            let origin = self.origin(&path).clone();
            let line = self.origins.get(&path).and_then(|(_, place)| place.line);
            Some(Entry { path, value, origin, line })
        })
        .collect()
    }

    /// SHA-256, in hexadecimal, of what the exceptions say.
    #[must_use]
    pub fn exceptions_digest(&self) -> String {
        let mut hash = Sha256::new();
        let mut exceptions: Vec<&Exception> = self.exceptions.iter().collect();
        exceptions.sort_by(|a, b| a.id.cmp(&b.id));
        for (key, value) in exceptions.into_iter().flat_map(Exception::fields) {
            for text in [key, &value.to_string()] {
                hash.update((text.len() as u64).to_le_bytes());
                hash.update(text);
            }
        }
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }

    /// Says what stands in a file that the key at `path` names, so that its contents are part of [`Policy::digest`].
    pub fn add_contents(&mut self, path: &str, bytes: &[u8]) {
        self.contents.push((path.to_owned(), data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))));
        self.contents.sort();
    }

    /// SHA-256, in hexadecimal, of what the policy says: its values, its exceptions, and the contents of the files of keys
    /// that it names. Two policies that say the same have the same digest, wherever it is said.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let mut feed = |text: &str| {
            // Lengths keep ("ab", "c") and ("a", "bc") apart.
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        };
        let mut entries = self.entries();
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        for entry in entries {
            feed(&entry.path);
            feed(&entry.value);
        }
        for overlay in &self.overlays {
            overlay.scope().iter().for_each(|line| feed(line));
            for (path, value) in overlay.settings() {
                feed(path);
                feed(&value.to_string());
            }
        }
        for (path, contents) in &self.contents {
            feed(path);
            feed(contents);
        }
        let mut exceptions: Vec<&Exception> = self.exceptions.iter().collect();
        exceptions.sort_by(|a, b| a.id.cmp(&b.id));
        for exception in exceptions {
            for (key, value) in exception.fields() {
                feed(key);
                feed(&value.to_string());
            }
        }
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }
}
