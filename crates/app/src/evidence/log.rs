//! The log of records on the disk: `gatepost.intoto.jsonl` in the folder that is named.

use crate::durable::{self, Lock};
use crate::exit::Failure;
use gatepost_evidence::chain::Tail;
use gatepost_evidence::dsse::{PublicKey, SecretKey};
use gatepost_evidence::run::{Log, Read, Statement, seal};
use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// The name of the log in its folder.
const NAME: &str = "gatepost.intoto.jsonl";

/// How much is read at once when the last line is looked for.
const STEP: u64 = 64 * 1024;

/// A log.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
}

impl LogFile {
    /// The log of a folder, which is made where it is not there.
    ///
    /// # Errors
    ///
    /// A folder that cannot be made, and a log that nothing can be added to.
    pub(crate) fn to_write(directory: &Path) -> Result<Self, Failure> {
        // A run may change its directory.
        let directory = std::path::absolute(directory).unwrap_or_else(|_| directory.to_path_buf());
        let log = Self { path: directory.join(NAME) };
        std::fs::create_dir_all(&directory).map_err(|error| log.unwritable(&error))?;
        log.tail()?;
        Ok(log)
    }

    /// The log of a folder, or a file that is one.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub(crate) fn to_read(path: &Path) -> Result<Self, Failure> {
        let path = if path.is_dir() { path.join(NAME) } else { path.to_path_buf() };
        if path.is_file() {
            return Ok(Self { path });
        }
        Err(Failure::usage(
            format!("there are no records: {} is not there", path.display()),
            "name the folder that runs leave their records in: gatepost run ci --evidence DIR",
        ))
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Its bytes.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, Failure> {
        std::fs::read(&self.path).map_err(|error| self.unreadable(&error))
    }

    /// What stands in it.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is not what was written.
    pub(crate) fn read(&self, keys: &[PublicKey]) -> Result<Log, Failure> {
        Log::read(&self.bytes()?, Read { keys, expect: None }).map_err(|broken| {
            Failure::usage(
                format!(
                    "the log is not what was written: {}:{}: {}",
                    self.path.display(),
                    broken.line,
                    broken.what
                ),
                "nothing that it says can be relied on: compare it with a copy, and put back what was there",
            )
        })
    }

    /// Adds a record. When this comes back it is on the disk.
    ///
    /// # Errors
    ///
    /// When it is not.
    pub(crate) fn append(&self, statement: Statement, key: Option<&SecretKey>) -> Result<(), Failure> {
        let path = self.path.with_extension("jsonl.lock");
        let Some(_lock) = Lock::take(path.clone()).map_err(|error| self.unwritable(&error))? else {
            return Err(Failure::usage(
                format!("the run has no record: another run holds the log, {} is there", path.display()),
                format!("run it again; when no gatepost runs there: rm {}", path.display()),
            ));
        };
        let line = seal(&self.tail()?, statement, key).map_err(|error| self.unwritable(&error.into()))?;
        durable::append(&self.path, line.as_bytes()).map_err(|error| self.unwritable(&error))
    }

    /// The end of the log. Its beginning is not read: a log of years is added to as fast as a new one.
    fn tail(&self) -> Result<Tail, Failure> {
        let last = match File::open(&self.path) {
            Ok(mut file) => last_line(&mut file).map_err(|error| self.unreadable(&error))?,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(self.unreadable(&error)),
        };
        Tail::of(&last).map_err(|what| {
            Failure::usage(
                format!("nothing can be added to {}: {what}", self.path.display()),
                "find out why, put back what was there, or begin a log in another folder",
            )
        })
    }

    fn unreadable(&self, error: &io::Error) -> Failure {
        Failure::usage(
            format!("cannot read the records in {}: {error}", self.path.display()),
            "let the user that runs gatepost read the folder",
        )
    }

    fn unwritable(&self, error: &io::Error) -> Failure {
        Failure::usage(
            format!("the run has no record: cannot write {}: {error}", self.path.display()),
            "no run passes without its record: let the user that runs gatepost write the folder, or leave --evidence away",
        )
    }
}

/// The last line of a file, with its line end where it has one; empty of an empty file.
fn last_line(file: &mut File) -> io::Result<Vec<u8>> {
    let length = file.seek(SeekFrom::End(0))?;
    let (mut start, mut bytes) = (length, Vec::new());
    loop {
        let from = start.saturating_sub(STEP);
        let mut part = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        file.by_ref().take(start.saturating_sub(from)).read_to_end(&mut part)?;
        part.append(&mut bytes);
        bytes = part;
        // The line end before the last line, and not the one at its end.
        let inner = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        if let Some(at) = inner.iter().rposition(|byte| *byte == b'\n') {
            return Ok(bytes.split_off(at.saturating_add(1)));
        }
        if from == 0 {
            return Ok(bytes);
        }
        start = from;
    }
}

/// Reads the key that signs.
///
/// # Errors
///
/// A file that cannot be read, or is no key.
pub(super) fn secret_key(path: &Path) -> Result<SecretKey, Failure> {
    let text = key_text(path)?;
    SecretKey::parse(&text).map_err(|what| {
        Failure::usage(
            format!("{} cannot sign records: {what}", path.display()),
            "make a key of their own for records: ssh-keygen -t ed25519 -N '' -f evidence-key",
        )
    })
}

/// Reads the keys that may have signed.
///
/// # Errors
///
/// A file that cannot be read, or is no key.
pub(crate) fn public_keys(paths: &[PathBuf]) -> Result<Vec<PublicKey>, Failure> {
    let read = |path: &PathBuf| {
        PublicKey::parse(&key_text(path)?).map_err(|what| {
            Failure::usage(
                format!("{} verifies no records: {what}", path.display()),
                "name the public half of the key that signs: evidence-key.pub",
            )
        })
    };
    paths.iter().map(read).collect()
}

fn key_text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(
            format!("cannot read the key {}: {error}", path.display()),
            "name a file that you may read",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_found_however_long_lines_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let long = "x".repeat(200_000);
        for (text, last) in [
            (String::new(), String::new()),
            ("a\n".to_owned(), "a\n".to_owned()),
            (format!("a\n{long}\n"), format!("{long}\n")),
            (format!("{long}\nb\n"), "b\n".to_owned()),
            (format!("{long}\nb"), "b".to_owned()),
            (long.clone(), long.clone()),
        ] {
            std::fs::write(&path, &text).unwrap();
            let found = last_line(&mut File::open(&path).unwrap()).unwrap();
            assert_eq!(found.len(), last.len());
            assert_eq!(found, last.as_bytes());
        }
    }
}
