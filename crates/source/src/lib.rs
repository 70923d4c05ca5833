//! Where the bytes come from: Git repositories, files and folders, standard input.
//!
//! git2, gix-pack and the `git` subprocess live in this crate and nowhere else. Everything that leaves it
//! is vocabulary of `gatepost-core`.

mod error;
mod repository;

pub use error::{Error, ErrorKind};
pub use repository::{Backend, Head, Reference, Repository, RepositoryInfo};
