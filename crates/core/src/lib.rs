//! The checks of gatepost, as pure functions over bytes and values.
//!
//! Nothing in this crate opens a file, asks the clock, reads the environment, starts a process, talks to
//! Git or prints. What is judged is handed in ([`Document`], [`ChangeSet`]); what is found leaves through
//! a [`Sink`]. That makes every check testable with a string, embeddable in a server, and impossible to
//! fool with an environment variable.
//!
//! | I have | I want | start at |
//! |---|---|---|
//! | bytes | the secrets in them | [`secrets::Scanner`] |
//! | a change set and a policy | every finding | [`check::Gate`] |
//! | a commit message | its header, body and trailers | [`message`] |
//! | a `gatepost.toml` | its settings, or errors with lines | [`policy`] |
//!
//! Subjects (`secrets`, `message`, `refs`, `files`) never import one another: they share the vocabulary
//! of this page and `text`.

pub mod change;
pub mod check;
pub mod code;
pub mod coverage;
pub mod date;
pub mod document;
pub mod exception;
pub mod files;
pub mod finding;
pub mod fingerprint;
pub mod location;
pub mod message;
pub mod object;
pub mod path;
pub mod policy;
pub mod refs;
pub mod report;
pub mod secrets;
pub mod severity;
pub mod sink;
pub mod stage;
pub mod text;

pub use change::{Change, ChangeSet, Commit, FileMode, Identity, RefUpdate, Tag, TreeEntry};
pub use check::{Check, CheckInfo, Gate};
pub use code::{Code, CodeInfo};
pub use coverage::{Coverage, SkipReason};
pub use date::{Date, Timestamp};
pub use document::{Document, DocumentKind};
pub use exception::Exception;
pub use finding::{Finding, Secret};
pub use fingerprint::Fingerprint;
pub use location::{Excerpt, Location, Span};
pub use object::ObjectId;
pub use path::{RefName, RepoPath};
pub use report::{Outcome, Problem, Report, Suppressed};
pub use severity::{Confidence, Level, Severity};
pub use sink::Sink;
pub use stage::Stage;
