//! Commit and tag objects, read from their raw bytes: one reading for every backend, so that no library's
//! leniency, graft or re-encoding stands between what is stored and what is judged.
//!
//! Format: `gitformat-commit` as implemented by Git's `commit.c`, `tag.c` and `ident.c`. A missing tree or target
//! is an error; anything about people and dates is taken as it is, since `receive.fsckObjects` is off by default.

use crate::Error;
use gatepost_core::{Commit, Identity, ObjectId, Tag, Timestamp};

/// The kinds of objects.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// A commit.
    Commit,
    /// A tree.
    Tree,
    /// A blob.
    Blob,
    /// An annotated tag.
    Tag,
}

impl Kind {
    /// The word that Git uses for the kind.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }

    /// The kind that Git's word names.
    pub(crate) fn from_name(name: &[u8]) -> Option<Self> {
        [Self::Commit, Self::Tree, Self::Blob, Self::Tag].into_iter().find(|k| k.name().as_bytes() == name)
    }
}

/// A commit from its raw bytes, as a walk over a history has them.
///
/// # Errors
///
/// [`crate::ErrorKind::CorruptObject`] when they are no commit.
pub fn parse_commit(id: ObjectId, raw: &[u8]) -> Result<Commit, Error> {
    let mut lines = Headers { rest: raw };
    let tree = lines.take_id(b"tree").ok_or_else(|| Error::corrupt(&id, "a commit without a tree"))?;
    let mut parents = Vec::new();
    while let Some(parent) = lines.take_id(b"parent") {
        parents.push(parent);
    }
    let mut author = None;
    let mut committer = None;
    let mut encoding = None;
    while let Some((name, value)) = lines.next_header() {
        match name {
            b"author" if author.is_none() => author = Some(parse_identity(value)),
            b"committer" if committer.is_none() => committer = Some(parse_identity(value)),
            b"encoding" if encoding.is_none() => encoding = Some(value.to_vec()),
            _ => {}
        }
    }
    Ok(Commit {
        id,
        tree,
        parents,
        author: author.unwrap_or_default(),
        committer: committer.unwrap_or_default(),
        encoding,
        message: lines.rest.to_vec(),
    })
}

/// The parents of a commit, without reading the rest of it.
pub(crate) fn parse_parents(id: ObjectId, raw: &[u8]) -> Result<Vec<ObjectId>, Error> {
    let mut lines = Headers { rest: raw };
    if lines.take_id(b"tree").is_none() {
        return Err(Error::corrupt(&id, "a commit without a tree"));
    }
    Ok(std::iter::from_fn(|| lines.take_id(b"parent")).collect())
}

/// An annotated tag from its raw bytes.
///
/// # Errors
///
/// [`crate::ErrorKind::CorruptObject`] when they are no tag.
pub fn parse_tag(id: ObjectId, raw: &[u8]) -> Result<Tag, Error> {
    let mut lines = Headers { rest: raw };
    let target = lines.take_id(b"object").ok_or_else(|| Error::corrupt(&id, "a tag without a target"))?;
    let mut name = None;
    let mut tagger = None;
    while let Some((header, value)) = lines.next_header() {
        match header {
            b"tag" if name.is_none() => name = Some(value.to_vec()),
            b"tagger" if tagger.is_none() => tagger = Some(parse_identity(value)),
            _ => {}
        }
    }
    Ok(Tag { id, target, name: name.unwrap_or_default(), tagger, message: lines.rest.to_vec() })
}

/// `Name <email> seconds offset`, as `split_ident_line` of Git's `ident.c` reads it: the address is what stands between
/// the first `<` and the next `>`, the date what follows the last `>`.
pub(crate) fn parse_identity(line: &[u8]) -> Identity {
    let Some(open) = line.iter().position(|&b| b == b'<') else {
        return Identity { name: line.trim_ascii().to_vec(), ..Identity::default() };
    };
    let (name, rest) = line.split_at(open);
    let rest = rest.get(1..).unwrap_or_default();
    let email = rest.split(|&b| b == b'>').next().unwrap_or_default();
    let date = rest.rsplit(|&b| b == b'>').next().filter(|date| date.len() < rest.len());
    Identity {
        name: name.trim_ascii().to_vec(),
        email: email.trim_ascii().to_vec(),
        time: date.and_then(parse_date),
    }
}

/// `seconds +hhmm`; an unreadable offset counts as UTC, unreadable seconds as no date.
pub(crate) fn parse_date(date: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(date).ok()?;
    let mut words = text.split_ascii_whitespace();
    let seconds = words.next()?.parse().ok()?;
    let offset_minutes = words.next().and_then(parse_offset).unwrap_or(0);
    Some(Timestamp { seconds, offset_minutes })
}

fn parse_offset(word: &str) -> Option<i32> {
    let (sign, digits) = match word.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, word.strip_prefix('+')?),
    };
    if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i32 = digits.parse().ok()?;
    Some(sign * (number / 100 * 60 + number % 100))
}

/// The header lines of an object; after the last one, `rest` is the message.
struct Headers<'a> {
    rest: &'a [u8],
}

impl<'a> Headers<'a> {
    /// The id in the next line, when that line is the header `name`.
    fn take_id(&mut self, name: &[u8]) -> Option<ObjectId> {
        let (line, rest) = split_line(self.rest);
        let id = line.strip_prefix(name)?.strip_prefix(b" ").and_then(ObjectId::from_hex)?;
        self.rest = rest;
        Some(id)
    }

    /// The next header; continuation lines are passed over, the blank line ends the headers.
    fn next_header(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        while !self.rest.is_empty() {
            let (line, rest) = split_line(self.rest);
            self.rest = rest;
            if line.is_empty() {
                return None;
            }
            if line.first() == Some(&b' ') {
                continue;
            }
            let end = line.iter().position(|&b| b == b' ').unwrap_or(line.len());
            let (name, value) = line.split_at(end);
            return Some((name, value.get(1..).unwrap_or_default()));
        }
        None
    }
}

/// The first line without its end, and what follows.
fn split_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|&b| b == b'\n') {
        Some(end) => (bytes.get(..end).unwrap_or_default(), bytes.get(end + 1..).unwrap_or_default()),
        None => (bytes, &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> ObjectId {
        ObjectId::from_hex(&[b'a'; 40]).unwrap()
    }

    fn lines(lines: &[&str]) -> Vec<u8> {
        lines.join("\n").replace("ID", &"b".repeat(40)).into_bytes()
    }

    #[test]
    fn a_signed_commit_keeps_its_message_and_skips_the_signature() {
        let raw = lines(&[
            "tree ID",
            "parent ID",
            "parent ID",
            "author A U Thor <a@example.org> 1700000000 -0330",
            "committer C <c@example.org> 1700000001 +0530",
            "encoding ISO-8859-1",
            "gpgsig -----BEGIN PGP SIGNATURE-----",
            " ",
            " author nobody <x@y> 1 +0000",
            " -----END PGP SIGNATURE-----",
            "",
            "subject",
            "",
            "author not a header",
            "",
        ]);
        let commit = parse_commit(id(), &raw).unwrap();
        assert_eq!(commit.parents.len(), 2);
        assert_eq!(commit.author.name, b"A U Thor");
        assert_eq!(commit.author.time, Some(Timestamp { seconds: 1_700_000_000, offset_minutes: -210 }));
        assert_eq!(commit.committer.time.map(|t| t.offset_minutes), Some(330));
        assert_eq!(commit.encoding.as_deref(), Some(&b"ISO-8859-1"[..]));
        assert_eq!(commit.message, b"subject\n\nauthor not a header\n");
    }

    #[test]
    fn a_parent_after_the_author_is_no_parent() {
        let raw = lines(&["tree ID", "author A <a> 1 +0000", "parent ID", "", "x"]);
        assert_eq!(parse_commit(id(), &raw).unwrap().parents, []);
        assert_eq!(parse_parents(id(), &raw).unwrap(), []);
    }

    #[test]
    fn odd_identities_are_taken_as_they_are() {
        let read = |line: &[u8]| {
            let identity = parse_identity(line);
            (
                String::from_utf8(identity.name).unwrap(),
                String::from_utf8(identity.email).unwrap(),
                identity.time.map(|time| time.seconds),
            )
        };
        let expect =
            |name: &str, email: &str, seconds: Option<i64>| (name.to_owned(), email.to_owned(), seconds);
        assert_eq!(read(b"nobody"), expect("nobody", "", None));
        assert_eq!(read(b"<> 12 +0000"), expect("", "", Some(12)));
        assert_eq!(read(b"A <a> b> 12 +0000"), expect("A", "a", Some(12)));
        assert_eq!(read(b"A <a> yesterday"), expect("A", "a", None));
        assert_eq!(read(b"A <a> 99999999999999999999 +0000"), expect("A", "a", None));
        assert_eq!(read(b"A <a> 5 +99999999999"), expect("A", "a", Some(5)));
        assert_eq!(read(b"A <a"), expect("A", "a", None));
        assert_eq!(read(b""), expect("", "", None));
    }

    #[test]
    fn tags_old_and_new() {
        let old = parse_tag(id(), &lines(&["object ID", "type commit", "tag v0", "", "old"])).unwrap();
        assert_eq!((old.name, old.tagger, old.message), (b"v0".to_vec(), None, b"old".to_vec()));
        let new =
            parse_tag(id(), &lines(&["object ID", "type blob", "tag v1", "tagger T <t> 7 +0000", "", ""]));
        assert_eq!(new.unwrap().tagger.map(|tagger| tagger.name), Some(b"T".to_vec()));
    }

    #[test]
    fn garbage_is_corrupt_and_never_a_panic() {
        for raw in [&b""[..], b"\n", b"tree", b"tree \n", b"tree zz\n\n", b"parent x", &[0xff; 64]] {
            assert_eq!(parse_commit(id(), raw).unwrap_err().kind, crate::ErrorKind::CorruptObject);
            assert_eq!(parse_tag(id(), raw).unwrap_err().kind, crate::ErrorKind::CorruptObject);
        }
        let good = lines(&["tree ID", "author A <a> 1 +0000", "encoding x", " y", "", "m"]);
        for end in 0..good.len() {
            let _ = parse_commit(id(), &good[..end]);
            let _ = parse_tag(id(), &good[end..]);
        }
    }
}
