//! What a command of Git prints for people, read as it comes: for who must see exactly what another tool sees.
//!
//! Everything else in this crate reads objects. A patch is what `git log -p` prints, and where another tool is stood in for,
//! its commits, hunks and line numbers are those of Git.

use super::process::{Git, failed};
use crate::{Error, ErrorKind};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;
use std::process::Stdio;

/// How a command ended whose output was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Printed<T> {
    /// What became of its output.
    pub value: T,
    /// Why it failed, if it did: what was read is then not all there is.
    pub failure: Option<String>,
    /// What it said on standard error.
    pub said: Vec<String>,
}

/// Runs `git` in a directory and hands what it prints to `read`.
///
/// # Errors
///
/// When it cannot be started. That it failed is in the answer, since a part of its output may have been read.
pub fn read_printed<A: AsRef<OsStr>, T>(
    directory: &Path,
    arguments: &[A],
    read: impl FnOnce(&mut dyn BufRead) -> T,
) -> Result<Printed<T>, Error> {
    let git = Git::new(Some(directory));
    let mut command = git.command(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| git.cannot_start(&error))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (value, said) = std::thread::scope(|scope| {
        // From another thread: a full pipe would stop Git.
        let listener = scope.spawn(move || {
            let mut said = Vec::new();
            // What cannot be read of it is about a failure that the exit status tells as well.
            let _ = stderr.map(|mut stderr| stderr.read_to_end(&mut said));
            said
        });
        let value = match stdout {
            Some(stdout) => read(&mut BufReader::with_capacity(1 << 16, stdout)),
            None => read(&mut std::io::empty()),
        };
        (value, listener.join().unwrap_or_default())
    });
    let status = child.wait().map_err(|error| {
        Error::new(ErrorKind::GitCommand, format!("git could not be waited for: {error}"), "try again")
    })?;
    let said: Vec<String> = String::from_utf8_lossy(&said).lines().map(str::to_owned).collect();
    let failure = (!status.success()).then(|| {
        let marked = said.iter().find(|line| line.starts_with("fatal:") || line.starts_with("error:"));
        let reason = marked.or_else(|| said.first()).map_or("it said nothing", String::as_str);
        failed(of_command(arguments), reason).message
    });
    Ok(Printed { value, failure, said })
}

/// All that `git` prints.
///
/// # Errors
///
/// When it cannot be started, or fails.
pub fn printed<A: AsRef<OsStr>>(directory: &Path, arguments: &[A]) -> Result<Vec<u8>, Error> {
    Git::new(Some(directory)).output(arguments, b"")
}

/// The arguments from the command on: without `-c name=value` before it.
fn of_command<A: AsRef<OsStr>>(mut arguments: &[A]) -> &[A] {
    while let [flag, _, rest @ ..] = arguments
        && flag.as_ref() == "-c"
    {
        arguments = rest;
    }
    arguments
}
