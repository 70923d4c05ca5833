//! Where a finding stands.

use crate::{Fingerprint, Identity, ObjectId, RepoPath, Timestamp};

/// A stretch of bytes in a document, with the lines and columns people and editors count.
///
/// Lines and columns start at 1. `column` counts bytes, `character` counts Unicode scalar values (an
/// undecodable byte counts as one). Ends are exclusive: `end_column` is the column after the last byte.
/// A line ends at `\n`, `\r\n` or a lone `\r`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Span {
    /// Offset of the first byte, from 0.
    pub start_byte: u64,
    /// Offset after the last byte.
    pub end_byte: u64,
    /// Line of the first byte.
    pub line: u32,
    /// Column of the first byte, in bytes.
    pub column: u32,
    /// Column of the first byte, in characters.
    pub character: u32,
    /// Column of the first byte, in UTF-16 code units (what SARIF and editors count).
    pub utf16: u32,
    /// Line of the last byte.
    pub end_line: u32,
    /// Column after the last byte, in bytes.
    pub end_column: u32,
    /// Column after the last byte, in characters.
    pub end_character: u32,
    /// Column after the last byte, in UTF-16 code units.
    pub end_utf16: u32,
}

/// The line a finding stands in, with every secret of it already masked: safe to show.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Excerpt {
    /// The (shortened) line. Control characters are still in it; who writes to a terminal escapes them.
    pub text: String,
    /// Where in `text` the finding begins, in bytes.
    pub start: usize,
    /// Where in `text` it ends, in bytes.
    pub end: usize,
}

/// One place where a finding stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Location {
    /// The path; `None` for what has none (a commit message, a branch name, a dangling object).
    pub path: Option<RepoPath>,
    /// Where in that file, if it is an archive: the path of the entry in it, and where that is an archive in turn, of the
    /// entry in that. Empty for what stands in the file itself. `span` counts in the innermost entry.
    pub inner: Vec<RepoPath>,
    /// What the bytes are when there is no path, or more than the path says: `commit message`,
    /// `tag message v1.2`, `branch name`, `blob 1234…`, `index`.
    pub subject: Option<String>,
    /// Where in the document.
    pub span: Option<Span>,
    /// The commit that brought it in, where one is known.
    pub commit: Option<ObjectId>,
    /// When that commit was made, by its committer's clock: in a history, of two places that which is older counts.
    pub committed: Option<Timestamp>,
    /// The object the bytes were read from, where there is one.
    pub object: Option<ObjectId>,
    /// Author of that commit, with the date.
    pub author: Option<Identity>,
    /// Whether the same blob stands in the tree of HEAD (or of the judged ref's new tip); `None`: not looked up.
    pub in_tip: Option<bool>,
    /// The decoders that led here, outermost first (`base64`, `utf-16le`); empty for plain bytes.
    pub decoded_by: Vec<&'static str>,
    /// The line, masked.
    pub excerpt: Option<Excerpt>,
    /// What stands near it in the same document and belongs to the same credential, in the order of the document.
    pub parts: Vec<Part>,
    /// What the place is known as by itself, where its finding is under another rule or fingerprint: what an exception for
    /// this place has to name.
    pub known_as: Option<Box<KnownAs>>,
}

/// The rule and the fingerprint that a place has by itself.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct KnownAs {
    /// The rule.
    pub rule: String,
    /// The fingerprint.
    pub fingerprint: Fingerprint,
}

/// Another part of the same credential: the key id beside its secret.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Part {
    /// The rule that finds it.
    pub rule: String,
    /// That rule's title: `AWS access key ID`.
    pub name: String,
    /// Where it stands in the document.
    pub span: Span,
}

/// What stands between the path of an archive and that of an entry in it.
const INSIDE: &str = "!/";

impl Location {
    /// The path for reports, with those inside archives: `lib/app.jar!/conf/x.env`. Escaped as [`RepoPath::escaped`];
    /// `None` where there is no path.
    #[must_use]
    pub fn shown_path(&self) -> Option<String> {
        Some(format!("{}{}", self.path.as_ref()?.escaped(), self.shown_inner()))
    }

    /// What follows the name of an archive in reports: `!/conf/x.env`; nothing outside of archives.
    #[must_use]
    pub fn shown_inner(&self) -> String {
        self.inner.iter().map(|name| format!("{INSIDE}{}", name.escaped())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_goes_on_inside_archives() {
        let mut location = Location::default();
        assert_eq!(location.shown_path(), None);
        location.path = Some(RepoPath::from("dist/app.zip"));
        assert_eq!(location.shown_path().as_deref(), Some("dist/app.zip"));
        location.inner = vec![RepoPath::from("lib/a.jar"), RepoPath::new(*b"x\xff.env")];
        assert_eq!(location.shown_path().as_deref(), Some("dist/app.zip!/lib/a.jar!/x%FF.env"));
    }
}
