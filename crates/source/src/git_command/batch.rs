//! A `git cat-file --batch` that stays: one process answers for every object.

use super::process::Git;
use crate::{Error, ErrorKind};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// What the child is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    /// Header and contents.
    Contents,
    /// The header alone.
    Headers,
}

/// A child that is waiting for questions.
#[derive(Debug)]
pub(super) struct Batch {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

/// What the child answered to one question.
pub(super) enum Reply {
    /// `<id> <kind> <size>`; of [`Mode::Contents`], the contents follow and have to be read.
    Found { id: Vec<u8>, kind: Vec<u8>, size: u64 },
    /// Any other line: the object is missing, or the expression is ambiguous.
    Other(Vec<u8>),
}

impl Batch {
    pub(super) fn start(git: &Git, mode: Mode) -> Result<Self, Error> {
        let flag = match mode {
            Mode::Contents => "--batch",
            Mode::Headers => "--batch-check",
        };
        let mut command = git.command(&["cat-file", flag]);
        // Nobody reads this child's standard error; who wants the reason of a failure asks a child of its own.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| git.cannot_start(&error))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(stdin), Some(stdout)) => Ok(Self { child, stdin, stdout: BufReader::new(stdout) }),
            _ => Err(ended()),
        }
    }

    /// Asks for one object, by id or by expression (which must hold no line feed).
    pub(super) fn ask(&mut self, question: &str) -> Result<Reply, Error> {
        let sent = self.stdin.write_all(format!("{question}\n").as_bytes()).and_then(|()| self.stdin.flush());
        sent.map_err(|_| ended())?;
        let mut line = Vec::new();
        self.stdout.read_until(b'\n', &mut line).map_err(|_| ended())?;
        if line.pop() != Some(b'\n') {
            return Err(ended());
        }
        let words: Vec<&[u8]> = line.split(|&b| b == b' ').collect();
        if let [id, kind, size] = words.as_slice() {
            let size = std::str::from_utf8(size).ok().and_then(|size| size.parse().ok());
            if let (Some(size), true) = (size, matches!(id.len(), 40 | 64)) {
                return Ok(Reply::Found { id: id.to_vec(), kind: kind.to_vec(), size });
            }
        }
        Ok(Reply::Other(line))
    }

    /// Reads the contents that follow a [`Reply::Found`] into `buffer`, which is cleared first.
    pub(super) fn contents(&mut self, size: u64, buffer: &mut Vec<u8>) -> Result<(), Error> {
        buffer.clear();
        let mut contents = (&mut self.stdout).take(size.saturating_add(1));
        contents.read_to_end(buffer).map_err(|_| ended())?;
        let complete = u64::try_from(buffer.len()).is_ok_and(|read| read == size.saturating_add(1));
        if !complete || buffer.pop() != Some(b'\n') {
            return Err(ended());
        }
        Ok(())
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // A child that waits for a question holds nothing that killing it could lose.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ended() -> Error {
    Error::new(
        ErrorKind::GitCommand,
        "`git cat-file` ended before it had answered",
        "run `git fsck` in the repository to see what is wrong",
    )
}
