//! Reads one file into a buffer that the next one uses again. Nothing is mapped: a file that is cut short while
//! it is mapped ends the process.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

/// What was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Read {
    /// All of it: so many bytes at the beginning of the buffer.
    Whole(usize),
    /// It has this many bytes, or more.
    TooLarge(u64),
}

/// The least that a buffer grows to, in bytes.
const LEAST: usize = 64 << 10;

/// Reads a file of at most `limit` bytes. The buffer only grows, so that its bytes are set to zero once and not for every
/// file.
pub(super) fn file(path: &Path, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Read> {
    let mut file = fs::File::open(path)?;
    let size = file.metadata()?.len();
    if size > limit {
        return Ok(Read::TooLarge(size));
    }
    // One byte more than it should have tells that it is growing, and some files under /proc have no size.
    make_room(buffer, usize::try_from(size).unwrap_or_default().saturating_add(1))?;
    let mut len = 0;
    loop {
        if len as u64 > limit {
            return Ok(Read::TooLarge(len as u64));
        }
        if len == buffer.len() {
            make_room(buffer, len.saturating_mul(2))?;
        }
        match file.read(buffer.get_mut(len..).unwrap_or_default()) {
            Ok(0) => return Ok(Read::Whole(len)),
            Ok(count) => len = len.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Makes a buffer at least so long.
fn make_room(buffer: &mut Vec<u8>, room: usize) -> io::Result<()> {
    let room = room.max(LEAST);
    if let Some(more) = room.checked_sub(buffer.len()) {
        buffer.try_reserve(more).map_err(io::Error::other)?;
        buffer.resize(room, 0);
    }
    Ok(())
}

/// Reads where a symbolic link points.
pub(super) fn link(path: &Path, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Read> {
    let target = super::slashes(&fs::read_link(path)?);
    if target.len() as u64 > limit {
        return Ok(Read::TooLarge(target.len() as u64));
    }
    make_room(buffer, target.len())?;
    if let Some(start) = buffer.get_mut(..target.len()) {
        start.copy_from_slice(&target);
    }
    Ok(Read::Whole(target.len()))
}
