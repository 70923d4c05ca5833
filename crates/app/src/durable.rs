//! Files that are added to and never lost: a lock beside them, and lines that are on the disk or not there at all.
//!
//! As with Git's own lock files, one that a killed process left is never taken away by a program: it would have to guess. It is
//! waited for, and then named.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a lock is asked for, and how long is waited in between: five seconds in all.
const ATTEMPTS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// A lock file, which goes when this does.
#[derive(Debug)]
pub(crate) struct Lock(PathBuf);

impl Lock {
    /// Takes a lock; `None` when somebody keeps it.
    ///
    /// # Errors
    ///
    /// When the file cannot be made.
    pub(crate) fn take(path: PathBuf) -> io::Result<Option<Self>> {
        for attempt in 0..ATTEMPTS {
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    let lock = Self(path);
                    writeln!(file, "{}", std::process::id())?;
                    return Ok(Some(lock));
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    if attempt + 1 < ATTEMPTS {
                        std::thread::sleep(PAUSE);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Whoever wants the lock next is told of a file that could not be removed.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Adds lines to a file. When this comes back they are on the disk; when it fails nothing of them is left in the file.
///
/// # Errors
///
/// When they cannot be written.
pub(crate) fn append(path: &Path, lines: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    let length = file.metadata()?.len();
    file.write_all(lines).and_then(|()| file.sync_all()).inspect_err(|_| {
        // Half a line would break the file for the next one. The first error is the one that counts.
        let _ = file.set_len(length);
    })?;
    if length == 0
        && let Some(folder) = path.parent()
    {
        // The name of a new file is on the disk with its folder. Not every system opens folders.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}
