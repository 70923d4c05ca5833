//! Loose objects: one zlib stream a file, `objects/ab/cdef…`, that begins with `blob 123` and a NUL.

use super::ObjectKind;
use super::inflate::{Chunks, Inflater};
use gatepost_core::{ObjectId, Problem};
use std::fs;
use std::io::{BufRead, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

/// The most bytes a header takes: the longest kind, twenty digits, a space and a NUL, rounded up.
const MAX_HEADER: usize = 32;

/// How much of a file is enough to inflate its header.
const START: u64 = 4096;

/// Where a directory keeps a loose object.
pub(super) fn path(directory: &Path, id: &ObjectId) -> PathBuf {
    let hex = id.to_string();
    match hex.split_at_checked(2) {
        Some((first, rest)) => directory.join(first).join(rest),
        None => directory.to_path_buf(),
    }
}

/// Every loose object with the number of its directory, sorted by id, each once; files that are not named like an
/// object (Git's temporary files) are none.
pub(super) fn list(directories: &[PathBuf], hash_len: usize) -> (Vec<(ObjectId, u32)>, Vec<Problem>) {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for (number, directory) in directories.iter().enumerate() {
        for first in 0..=0xff_u8 {
            let first = format!("{first:02x}");
            let fan = directory.join(&first);
            let result = fs::read_dir(&fan).and_then(|entries| {
                for entry in entries {
                    let name = entry?.file_name();
                    let hex = format!("{first}{}", name.to_str().unwrap_or_default());
                    if hex.len() == 2 * hash_len
                        && !hex.bytes().any(|byte| byte.is_ascii_uppercase())
                        && let Some(id) = ObjectId::from_hex(hex.as_bytes())
                    {
                        found.push((id, u32::try_from(number).unwrap_or(u32::MAX)));
                    }
                }
                Ok(())
            });
            match result {
                Err(error) if error.kind() != ErrorKind::NotFound => problems.push(Problem {
                    what: format!("loose objects cannot be listed: {error}"),
                    place: Some(fan.display().to_string()),
                    fix: "make the directory readable for the user that runs gatepost; its objects were not judged"
                        .into(),
                }),
                _ => {}
            }
        }
    }
    found.sort_unstable();
    found.dedup_by_key(|(id, _)| *id);
    (found, problems)
}

/// What a loose object is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loose {
    pub(super) kind: ObjectKind,
    pub(super) size: u64,
    /// How many bytes of the buffer are the header.
    pub(super) header: usize,
    /// Whether the buffer holds the object, after its header.
    pub(super) whole: bool,
}

/// Reads a loose object into `out`, header and all; an object of more bytes than `limit` says of its kind is not
/// inflated.
///
/// The error is in words.
pub(super) fn read(
    path: &Path,
    limit: impl FnOnce(ObjectKind) -> u64,
    inflater: &mut Inflater,
    out: &mut Vec<u8>,
) -> Result<Loose, String> {
    let mut file = fs::File::open(path).map_err(|error| error.to_string())?;
    let mut stream = Vec::new();
    (&mut file).take(START).read_to_end(&mut stream).map_err(|error| error.to_string())?;
    let mut start = [0; MAX_HEADER];
    let written = inflater.start(&stream, &mut start).ok_or("it is no zlib stream")?;
    let mut loose = start.get(..written).and_then(header).ok_or("its header is malformed")?;
    if loose.size > limit(loose.kind) {
        return Ok(loose);
    }
    // Deflate adds a few bytes to what it cannot shrink; a longer file is not this object.
    let longest = loose.size.saturating_add(loose.size / 64).saturating_add(START);
    (&mut file).take(longest).read_to_end(&mut stream).map_err(|error| error.to_string())?;
    let whole = loose.size.saturating_add(loose.header as u64);
    inflater.whole(&stream, whole, out).ok_or("its data is corrupt or not of the size it declares")?;
    loose.whole = true;
    Ok(loose)
}

/// Reads past the header of a loose object that is inflated chunk by chunk; returns the size that the header says.
pub(super) fn skip_header<R: BufRead>(chunks: &mut Chunks<'_, R>) -> Option<u64> {
    let mut start = Vec::new();
    while start.len() < MAX_HEADER {
        start.push(*chunks.take(1)?.first()?);
        if start.last() == Some(&0) {
            return header(&start).map(|loose| loose.size);
        }
    }
    None
}

/// Parses `blob 123` and a NUL.
fn header(bytes: &[u8]) -> Option<Loose> {
    let end = bytes.iter().position(|&byte| byte == 0)?;
    let text = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let (kind, size) = text.split_once(' ')?;
    if !size.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(Loose {
        kind: ObjectKind::from_name(kind.as_bytes())?,
        size: size.parse().ok()?,
        header: end + 1,
        whole: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_strict() {
        let parsed = header(b"blob 12\0hello").unwrap();
        assert_eq!((parsed.kind, parsed.size, parsed.header), (ObjectKind::Blob, 12, 8));
        for bad in [&b"blob 12"[..], b"blub 12\0", b"blob +1\0", b"blob \0", b"blob\0", b"\0"] {
            assert!(header(bad).is_none(), "{bad:?}");
        }
    }
}
