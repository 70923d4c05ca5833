//! The log of break-glass, and of exceptions that were named, on the disk: `gatepost/break-glass.jsonl` in the
//! repository's own directory.
//!
//! Who adds to it holds `break-glass.jsonl.lock` from reading to writing, so that two pushes at once cannot both take
//! the last place.

use crate::durable::{self, Lock};
use crate::exit::Failure;
use gatepost_evidence::break_glass::{Log, Record};
use gatepost_source::Repository;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Where a repository's log is.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
}

impl LogFile {
    /// The log of a repository, whether it is there or not.
    pub(crate) fn of(repository: &dyn Repository) -> Self {
        Self { path: repository.info().common_dir.join("gatepost").join("break-glass.jsonl") }
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it; `None` when nothing was ever written.
    ///
    /// # Errors
    ///
    /// A log that cannot be read, or that is not what was written.
    pub(crate) fn read(&self) -> Result<Option<Log>, Failure> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Failure::usage(
                    format!("cannot read the log of break-glass {}: {error}", self.path.display()),
                    "let the user that runs the hook read and write it",
                ));
            }
        };
        Log::read(&bytes).map(Some).map_err(|broken| {
            Failure::usage(
                format!(
                    "the log of break-glass is not what was written: {}:{}: {}",
                    self.path.display(),
                    broken.line,
                    broken.what
                ),
                "no push is let through by it until an administrator has found out why: compare it with a copy, and \
                 put back what was there",
            )
        })
    }

    /// Takes the lock and reads the log under it.
    ///
    /// # Errors
    ///
    /// A lock that somebody keeps, a folder that cannot be written, and as [`LogFile::read`].
    pub(crate) fn lock(&self) -> Result<Held<'_>, Failure> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| self.unwritable(&error))?;
        }
        let lock = self.path.with_extension("jsonl.lock");
        if let Some(held) = Lock::take(lock.clone()).map_err(|error| self.unwritable(&error))? {
            let log = self.read()?.unwrap_or_default();
            return Ok(Held { file: self, log, _lock: held });
        }
        Err(Failure::usage(
            format!("another push holds the log of break-glass: {} is there", lock.display()),
            format!("push again; when no gatepost runs on the server: rm {}", lock.display()),
        ))
    }

    fn unwritable(&self, error: &io::Error) -> Failure {
        Failure::usage(
            format!("cannot write the log of break-glass {}: {error}", self.path.display()),
            "nothing is let through without a record: let the user that runs the hook write it",
        )
    }
}

/// The log under its lock.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    file: &'a LogFile,
    log: Log,
    _lock: Lock,
}

impl Held<'_> {
    /// What stands in it.
    pub(crate) fn records(&self) -> &[Record] {
        self.log.records()
    }

    /// Adds records, all of them or none. When this comes back they are on the disk.
    ///
    /// # Errors
    ///
    /// When they cannot be written; then nothing of them is left in the file.
    pub(crate) fn append(&mut self, records: Vec<Record>) -> Result<(), Failure> {
        let lines: Result<String, _> = records.into_iter().map(|record| self.log.push(record)).collect();
        let lines = lines.map_err(|error| self.file.unwritable(&error.into()))?;
        durable::append(&self.file.path, lines.as_bytes()).map_err(|error| self.file.unwritable(&error))
    }
}
