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
//! | an archive | what is in it, within limits | [`archive`] |
//! | a `gatepost.toml` | its settings, or errors with lines | [`policy`] |
//!
//! # Secrets in bytes
//!
//! A [`secrets::Scanner`] needs rules: the built-in ones are the constants `gatepost_rules::BUILTIN`, and a
//! [`secrets::RuleFile`] reads rules of your own. It has no settings and knows no paths: bytes in, places out.
//!
//! ```
//! use gatepost_core::secrets::{Builtin, RuleFile, Ruleset, Scanner, Scratch, expand};
//! use std::sync::Arc;
//!
//! let acme = r#"
//!     provider = "Acme"
//!     [[rules]]
//!     id = "acme-key"
//!     name = "Acme API key"
//!     description = "A key of the Acme API."
//!     severity = "high"
//!     confidence = "high"
//!     regex = '\bacme_[0-9a-f]{32}\b'
//!     risk = "Order anvils."
//!     fix = ["Revoke it at https://acme.example/keys."]
//!     reference = "https://acme.example/docs/keys"
//!     examples = ["acme_{hex:32}", "key: acme_{hex:32}"]
//!     counter-examples = ["acme_{hex:31}", "acme_{hex:33}"]
//! "#;
//! let scanner = Scanner::new(Arc::new(Ruleset::new(Builtin::none(), RuleFile::parse(acme)?)?));
//!
//! // Templates keep tokens that look real out of source code: this one is made here.
//! let bytes = expand("[api]\nkey = acme_{hex:32}\n", 1).into_bytes();
//! // Scratch memory is for one thread; keep it from one scan to the next.
//! let mut scratch = Scratch::default();
//! let found = scanner.scan(&bytes, &mut scratch);
//! assert_eq!(found.len(), 1);
//! assert_eq!(scanner.ruleset().rule(found[0].rule).unwrap().id, "acme-key");
//! assert!(bytes[found[0].secret.clone()].starts_with(b"acme_"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A policy and a gate
//!
//! A [`policy::Policy`] is layers of TOML over the defaults, and everything that is wrong in them comes at once, each
//! mistake with its line. A [`Gate`] builds the checks that the policy switches on; it judges [`Document`]s (contents,
//! names) and whole [`ChangeSet`]s (messages, branches), and is asked from as many threads as you like. `now` and
//! the rules are arguments: the same input gives the same findings everywhere.
//!
//! ```
//! use gatepost_core::change::PendingMessage;
//! use gatepost_core::check::Context;
//! use gatepost_core::message::{Cleanup, CleanupMode};
//! use gatepost_core::policy::{Layer, Origin, Policy};
//! use gatepost_core::sink::Collected;
//! use gatepost_core::{ChangeSet, Gate, Level, Stage, Timestamp};
//!
//! let text = "[message]\ntypes = [\"feat\", \"fix\"]\nheader-max = 50\n".to_owned();
//! let layer = Layer { origin: Origin::File("gatepost.toml".to_owned()), text };
//! let policy = Policy::load(&[layer]).expect("the policy is sound");
//!
//! let context = Context {
//!     policy: &policy,
//!     stage: Stage::CommitMsg,
//!     rules: gatepost_core::secrets::Builtin::none(), // &gatepost_rules::BUILTIN, to look for secrets too
//!     now: Timestamp { seconds: 1_795_305_600, offset_minutes: 0 },
//!     fingerprint_key: None,
//! };
//! let gate = Gate::new(&context).expect("so are the values that only a check can see");
//!
//! let mut change_set = ChangeSet::new(Stage::CommitMsg);
//! change_set.message = Some(PendingMessage {
//!     bytes: b"feet: add the export\n\n# Please enter the commit message.\n".to_vec(),
//!     encoding: None,
//!     cleanup: Cleanup { mode: CleanupMode::Strip, comment: b"#".to_vec() },
//!     is_merge: false,
//!     is_initial: false,
//!     author: None,
//! });
//!
//! let mut sink = Collected::default();
//! gate.change_set(&change_set, &mut sink);
//! for finding in &sink.findings {
//!     println!("{}: {}", finding.code.as_str(), finding.message);
//!     println!("  {}", finding.fix.join("\n  "));
//! }
//! assert_eq!(sink.findings[0].rule, "unknown-type");
//! assert_eq!(sink.findings[0].level, Level::Deny);
//! assert_eq!(sink.findings[0].fix[0], "make the first line: feat: add the export");
//! // What could not be judged is never silent.
//! assert!(sink.problems.is_empty() && sink.skips.is_empty());
//! ```
//!
//! What comes after a gate (exceptions, the baseline, the order of a report, its outcome) is [`settle`] and
//! [`Report`]; `gatepost-report` writes reports, and `gatepost-source` has the bytes of Git repositories and files.
//!
//! # Inside
//!
//! Subjects (`secrets`, `message`, `refs`, `updates`, `pull_request`, `files`, `markers`, `lockfile`, `drift`) never import one
//! another: they share the vocabulary of this page, `policy`, `text`, `patch` and `archive`.

pub mod archive;
pub mod baseline;
pub mod break_glass;
pub mod change;
pub mod check;
pub mod code;
pub mod coverage;
pub mod date;
pub mod decision;
pub mod document;
pub mod drift;
pub mod exception;
pub mod exceptions;
pub mod files;
pub mod finding;
pub mod fingerprint;
pub mod history;
pub mod limits;
pub mod location;
#[cfg(feature = "locks")]
pub mod lockfile;
pub mod markers;
pub mod message;
pub mod object;
pub mod patch;
pub mod path;
pub mod policy;
pub mod pull_request;
pub mod pusher;
pub mod refs;
pub mod report;
pub mod secrets;
pub mod server;
pub mod settle;
pub mod severity;
pub mod shard;
pub mod signature;
pub mod signatures;
pub mod sink;
pub mod stage;
pub mod statistics;
pub mod text;
pub mod updates;

pub use baseline::Baseline;
pub use change::{
    Change, ChangeSet, Commit, FileChange, FileMode, Identity, Push, RefUpdate, Reference, Tag, TreeEntry,
};
pub use check::{Check, CheckInfo, Gate};
pub use code::{Code, CodeInfo};
pub use coverage::{Coverage, SkipReason};
pub use date::{Date, Timestamp};
pub use decision::{Decision, Decisions};
pub use document::{Document, DocumentKind, Stretch};
pub use exception::Exception;
pub use finding::{Finding, Secret};
pub use fingerprint::Fingerprint;
pub use history::{History, Unanswered};
pub use location::{Excerpt, KnownAs, Location, Part, Span};
pub use object::ObjectId;
pub use path::{RefName, RepoPath};
pub use pusher::{Pusher, Via};
pub use report::{Outcome, Problem, Report, Suppressed};
pub use severity::{Confidence, Level, Severity};
pub use shard::{ObjectSet, Shard};
pub use signature::{Signature, SignatureFormat, SignatureLevel, SignatureState};
pub use sink::Sink;
pub use stage::Stage;
pub use statistics::{Phase, Statistics};
