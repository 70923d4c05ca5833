//! The pieces that gitleaks takes a file apart into, and the files that it does not look into.
//!
//! A keyword counts in its piece only, so that where pieces end decides what is found. Files are read as there: 100 kB at a
//! time, each read lengthened to the next empty line, what is left in the reader's buffer as a piece of its own.

/// The most that is read at once.
const READ: usize = 100_000;

/// The most that is read on to find an empty line.
const PEEK: usize = 25_000;

/// What the reader keeps.
const BUFFER: usize = 4096;

/// A piece of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece<'a> {
    /// Its text.
    pub text: &'a [u8],
    /// The line that it begins on, from 1.
    pub start_line: i64,
}

/// The pieces of a file; none of a file of a kind that is not looked into.
pub struct Pieces<'a> {
    bytes: &'a [u8],
    /// Up to here they have been handed out.
    at: usize,
    /// Up to here they have been read.
    read: usize,
    lines: i64,
}

impl<'a> Pieces<'a> {
    /// Of all bytes of a file.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, read: 0, lines: 0 }
    }

    /// How long the next piece is before it is lengthened.
    fn first(&mut self) -> usize {
        if self.at == self.read {
            self.read = self.bytes.len().min(self.at + READ);
        }
        (self.read - self.at).min(READ)
    }

    /// One byte more.
    fn grow(&mut self, end: usize) -> Option<usize> {
        if end == self.read {
            self.read = self.bytes.len().min(end + BUFFER);
        }
        (end < self.read).then_some(end + 1)
    }

    fn lengthened(&mut self, length: usize) -> usize {
        let mut end = self.at + length;
        let ends = |from: usize, to: usize| self.bytes.get(from..to).unwrap_or(&[]);
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let tail = ends(self.at, end).iter().rev().take_while(|byte| blank(byte));
        if tail.filter(|byte| **byte == b'\n').count() >= 2 {
            return end;
        }
        let mut feeds = 0;
        loop {
            match end.checked_sub(1).and_then(|last| self.bytes.get(last)) {
                Some(b'\n') => {
                    feeds += 1;
                    if feeds >= 2 {
                        return end;
                    }
                }
                Some(byte) if blank(byte) => {}
                _ => feeds = 0,
            }
            if end - self.at - length >= PEEK {
                return end;
            }
            match self.grow(end) {
                Some(next) => end = next,
                None => return end,
            }
        }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let length = self.first();
        let start = self.bytes.get(self.at..self.at + length).filter(|start| !start.is_empty())?;
        // Until there has been a line feed.
        if self.lines == 0 && is_application(start) {
            self.at = self.bytes.len();
            self.read = self.at;
            return None;
        }
        let end = self.lengthened(length);
        let text = self.bytes.get(self.at..end).unwrap_or(start);
        let piece = Piece { text, start_line: self.lines + 1 };
        let feeds = memchr::memchr_iter(b'\n', text).count();
        self.lines += i64::try_from(feeds).unwrap_or(i64::MAX);
        self.at = end;
        Some(piece)
    }
}

/// Whether bytes begin like a program, a document, a font or an archive.
///
/// Source: what `github.com/h2non/filetype` 1.1.3 calls `application/*`, but for what it calls an image, a sound or a film
/// before that.
#[must_use]
pub fn is_application(bytes: &[u8]) -> bool {
    let at = |from: usize, magic: &[u8]| bytes.get(from..from + magic.len()) == Some(magic);
    let starts = |magics: &[&[u8]]| magics.iter().any(|magic| bytes.starts_with(magic));
    let has = |length: usize| bytes.len() > length;
    if is_media(bytes) {
        return false;
    }
    let plain: &[&[u8]] = &[
        b"\x1f\x8b\x08",
        b"BZh",
        b"7z\xbc\xaf\x27\x1c",
        b"%PDF",
        b"MZ",
        b"{\\rtf",
        b"NES\x1a",
        b"Cr24",
        b"%!",
        b"\xfd7zXZ\0",
        b"SQLi",
        b"!<arch>",
        b"LZIP",
        b"MSCF",
        b"ISc(",
        b"\x1f\xa0",
        b"\x1f\x9d",
        b"Rar!\x1a\x07\0",
        b"Rar!\x1a\x07\x01",
        b"CWS",
        b"FWS",
        b"\xd0\xcf\x11\xe0",
        b"\0asm\x01\0\0\0",
        b"wOFF\0\x01\0\0",
        b"wOF2\0\x01\0\0",
        b"\0\x01\0\0\0",
        b"OTTO\0",
        b"\xfe\xed\xfa\xcf",
        b"\xfe\xed\xfa\xce",
        b"\xbe\xba\xfe\xca",
        b"\xcf\xfa\xed\xfe",
        b"\xce\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
    ];
    starts(plain) && !is_other_office(bytes)
        || is_zip(bytes)
        || at(257, b"ustar")
        || (has(96) && at(0, b"\xed\xab\xee\xdb"))
        || (has(52) && at(0, b"\x7fELF"))
        || at(128, b"DICM")
        || at(32_769, b"CD001")
        || (at(34, b"LP")
            && [&b"\x02\0\x01"[..], b"\x01\0\0", b"\x02\0\x02"].iter().any(|magic| at(8, magic)))
        || (at(0, b"dex\n") && at(36, b"p"))
        || (has(100) && at(0, b"dey\n") && at(40, b"dex\n") && at(76, b"p"))
        || is_zstd(bytes)
}

/// An old Office file of more than 513 bytes that is none of those that are told apart.
fn is_other_office(bytes: &[u8]) -> bool {
    let kinds: [&[u8]; 4] = [b"\xec\xa5", b"\xa0\x46", b"\x09\x08", b"\xfd\xff"];
    let kind = bytes.get(512..514);
    bytes.starts_with(b"\xd0\xcf\x11\xe0") && kind.is_some_and(|kind| !kinds.contains(&kind))
}

fn is_zip(bytes: &[u8]) -> bool {
    matches!(bytes, [b'P', b'K', 3 | 5 | 7, 4 | 6 | 8, ..])
}

fn is_zstd(mut bytes: &[u8]) -> bool {
    loop {
        if bytes.starts_with(b"\x28\xb5\x2f\xfd") {
            return true;
        }
        let Some((head, rest)) = bytes.split_first_chunk::<8>() else { return false };
        let [a, b, c, d, length @ ..] = *head;
        if u32::from_le_bytes([a, b, c, d]) & 0xffff_fff0 != 0x184d_2a50 {
            return false;
        }
        let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
        let Some(next) = rest.get(length..) else { return false };
        bytes = next;
    }
}

/// Images, sounds and films that begin like one of the others.
fn is_media(bytes: &[u8]) -> bool {
    // Only these have a beginning in common with a kind above: an icon, and a film whose box says so.
    bytes.starts_with(b"\0\0\x01\0") || bytes.get(4..8) == Some(b"ftyp")
}

/// The compressed forms that have a name of their own.
const COMPRESSED: [&str; 11] = ["br", "bz2", "gz", "lz4", "lz", "mz", "sz", "s2", "xz", "zz", "zst"];

/// What is packed in a file, by its name: gitleaks looks at nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Packed {
    /// Files.
    Archive,
    /// One file.
    Compressed,
}

/// Whether a name is that of an archive or of something compressed.
#[must_use]
pub fn packed(path: &[u8]) -> Option<Packed> {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path).to_ascii_lowercase();
    let mut endings = name.split(|&byte| byte == b'.');
    let _ = endings.next();
    let endings: Vec<&[u8]> = endings.collect();
    let last = endings.last()?;
    if endings.contains(&&b"tar"[..]) || [&b"zip"[..], b"7z", b"rar"].contains(last) {
        return Some(Packed::Archive);
    }
    COMPRESSED.iter().any(|ending| ending.as_bytes() == *last).then_some(Packed::Compressed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(text: &[u8]) -> Vec<usize> {
        Pieces::new(text).map(|piece| piece.text.len()).collect()
    }

    #[test]
    fn a_small_file_is_one_piece_and_an_empty_one_is_none() {
        assert_eq!(lengths(b"a\n\nb"), [4]);
        assert_eq!(lengths(b""), [] as [usize; 0]);
    }

    #[test]
    fn a_piece_goes_on_to_the_next_empty_line_and_the_rest_of_the_buffer_is_the_next_one() {
        let mut text = vec![b'x'; 100_000];
        text.extend_from_slice(b"yy\n\n");
        text.extend(vec![b'z'; 10_000]);
        // 4 of the 4096 bytes in the buffer went into the first piece; the next begins with the other 4092 and goes on as
        // far as it may, or to the end.
        assert_eq!(lengths(&text), [100_004, 10_000]);
        let long = vec![b'x'; 300_000];
        assert_eq!(lengths(&long)[0], 125_000);
        assert_eq!(lengths(&long).iter().sum::<usize>(), 300_000);
    }

    #[test]
    fn lines_are_counted_over_pieces() {
        let mut text = b"a\n".repeat(60_000);
        text.extend_from_slice(b"\nend\n");
        let starts: Vec<i64> = Pieces::new(&text).map(|piece| piece.start_line).collect();
        assert_eq!(starts, [1, 60_002], "{starts:?}");
    }

    #[test]
    fn programs_documents_and_archives_are_not_looked_into() {
        for bytes in [&b"MZ"[..], b"%PDF-1.4", b"PK\x03\x04", b"\x1f\x8b\x08\0", b"\xca\xfe\xba\xbe"] {
            assert!(is_application(bytes), "{bytes:?}");
            assert_eq!(lengths(bytes), [] as [usize; 0]);
        }
        for bytes in [&b"#!/bin/sh\n"[..], b"\x89PNG\r\n", b"PK", b"", b"GIF89a"] {
            assert!(!is_application(bytes), "{bytes:?}");
        }
    }

    #[test]
    fn archives_are_told_by_their_names() {
        for (name, expected) in [
            ("a/b.ZIP", Some(Packed::Archive)),
            ("a.tar.gz", Some(Packed::Archive)),
            ("a.tar.b.c", Some(Packed::Archive)),
            ("a.gz", Some(Packed::Compressed)),
            ("zip", None),
            ("a.zip/b", None),
            ("a.tgz", None),
        ] {
            assert_eq!(packed(name.as_bytes()), expected, "{name}");
        }
    }
}
