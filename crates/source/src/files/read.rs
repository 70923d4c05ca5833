//! Reads one file into a buffer that the next one uses again. Nothing is mapped: a file that is cut short while
//! it is mapped ends the process.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

/// What was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Read {
    /// All of it is in the buffer.
    Whole,
    /// It has this many bytes, or more.
    TooLarge(u64),
}

/// Reads a file of at most `limit` bytes.
pub(super) fn file(path: &Path, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Read> {
    buffer.clear();
    let file = fs::File::open(path)?;
    let size = file.metadata()?.len();
    if size > limit {
        return Ok(Read::TooLarge(size));
    }
    // It may be growing, and some files under /proc have no size: never more than was allowed.
    let room = usize::try_from(size).unwrap_or_default().saturating_add(1);
    buffer.try_reserve(room).map_err(io::Error::other)?;
    let read = file.take(limit.saturating_add(1)).read_to_end(buffer)? as u64;
    Ok(if read > limit { Read::TooLarge(read) } else { Read::Whole })
}

/// Reads where a symbolic link points.
pub(super) fn link(path: &Path, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Read> {
    buffer.clear();
    let target = fs::read_link(path)?;
    let bytes = super::slashes(&target);
    if bytes.len() as u64 > limit {
        return Ok(Read::TooLarge(bytes.len() as u64));
    }
    buffer.extend_from_slice(&bytes);
    Ok(Read::Whole)
}
