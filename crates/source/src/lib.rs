//! Where the bytes come from: Git repositories, files and folders, standard input.
//!
//! git2, gix-pack and the `git` subprocess live in this crate and nowhere else. Everything that leaves it
//! is vocabulary of `gatepost-core`.
//!
//! | I have | I want | start at |
//! |---|---|---|
//! | a repository | what is staged, a range, commits, blobs | [`open`], [`Repository`] |
//! | a repository | every object that it stores, reachable or not | [`history`] |
//! | files and folders | their bytes, but for ignored ones | [`files::walk`] |
//! | a commit or a tag | what its signature is worth | [`Verifier`] |
//! | standard input | its bytes, up to a size | [`stdin::read`] |
//!
//! What the next commit would hold, by the object database and not by the work tree:
//!
//! ```no_run
//! let repository = gatepost_source::open(None)?;
//! let mut bytes = Vec::new(); // one buffer for all blobs
//! for change in repository.staged()? {
//!     let Some(entry) = change.new.filter(|entry| entry.mode.is_blob()) else {
//!         println!("{}: deleted, or a submodule", change.path.escaped());
//!         continue;
//!     };
//!     // A size is known without reading; a limit is the caller's.
//!     let size = repository.blob_size(&entry.id)?;
//!     if size <= 50 << 20 {
//!         repository.read_blob(&entry.id, &mut bytes)?;
//!     }
//!     println!("{}: {size} bytes, object {}", change.path.escaped(), entry.id);
//! }
//! # Ok::<(), gatepost_source::Error>(())
//! ```
//!
//! Every error has a [kind](ErrorKind) for programs, a message, and what to do next for people.

mod error;
pub mod files;
mod git_command;
pub mod history;
mod libgit2;
mod open;
mod pinned;
mod platform;
mod repository;
mod signature;
pub mod stdin;
mod threads;

pub use error::{Error, ErrorKind};
pub use git_command::{Printed, printed, read_printed};
pub use open::{open, open_with, trust_object_names};
pub use pinned::file_at;
pub use repository::object::{Kind as ObjectKind, parse_commit, parse_tag};
pub use repository::{Backend, Head, Reference, Repository, RepositoryInfo};
pub use signature::Verifier;
pub use threads::in_threads;
