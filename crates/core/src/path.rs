//! Paths and ref names as Git keeps them: bytes, separated by `/`, in no particular encoding.

use std::borrow::Cow;
use std::fmt;

/// A path inside a repository (or relative to a scanned folder): bytes, `/`-separated, never absolute.
///
/// Paths are not text: a report escapes what is not UTF-8 (see [`RepoPath::escaped`]).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct RepoPath(Vec<u8>);

impl RepoPath {
    /// A path from its bytes, taken as they are.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes after the last `/`.
    #[must_use]
    pub fn file_name(&self) -> &[u8] {
        self.0.rsplit(|&b| b == b'/').next().unwrap_or(&self.0)
    }

    /// Whether the bytes are UTF-8, so that [`RepoPath::escaped`] is the path itself.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        std::str::from_utf8(&self.0).is_ok()
    }

    /// The path for reports: bytes that are not UTF-8 are percent-escaped, everything else is kept.
    /// Control characters are kept too; who writes to a terminal escapes them (`text::display`).
    #[must_use]
    pub fn escaped(&self) -> Cow<'_, str> {
        escape(&self.0)
    }
}

impl From<&str> for RepoPath {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.escaped())
    }
}

/// A full ref name (`refs/heads/main`), as bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RefName(Vec<u8>);

impl RefName {
    /// A ref name from its bytes, taken as they are.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The name without `refs/heads/`; `None` when it is no branch.
    #[must_use]
    pub fn branch(&self) -> Option<&[u8]> {
        self.0.strip_prefix(b"refs/heads/")
    }

    /// The name without `refs/tags/`; `None` when it is no tag.
    #[must_use]
    pub fn tag(&self) -> Option<&[u8]> {
        self.0.strip_prefix(b"refs/tags/")
    }

    /// The name as people say it: of a branch without `refs/heads/`, of a tag without `refs/tags/`.
    #[must_use]
    pub fn short(&self) -> &[u8] {
        self.branch().or_else(|| self.tag()).unwrap_or(&self.0)
    }

    /// The short name for reports, escaped like [`RepoPath::escaped`].
    #[must_use]
    pub fn shown(&self) -> Cow<'_, str> {
        escape(self.short())
    }

    /// What it is: `branch`, `tag`, or any other `ref`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match (self.branch(), self.tag()) {
            (Some(_), _) => "branch",
            (_, Some(_)) => "tag",
            _ => "ref",
        }
    }

    /// `branch release/1.4`, `tag v1.4.2`, `ref refs/notes/x`: escaped like [`RepoPath::escaped`].
    #[must_use]
    pub fn described(&self) -> String {
        format!("{} {}", self.kind(), self.shown())
    }

    /// The name for reports, escaped like [`RepoPath::escaped`].
    #[must_use]
    pub fn escaped(&self) -> Cow<'_, str> {
        escape(&self.0)
    }
}

impl From<&str> for RefName {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl fmt::Debug for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.escaped())
    }
}

fn escape(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_text_are_percent_escaped() {
        assert_eq!(RepoPath::new(*b"a/\xff\xfe.txt").escaped(), "a/%FF%FE.txt");
        assert_eq!(RepoPath::from("ü/100%").escaped(), "ü/100%");
        assert_eq!(RepoPath::from("a/b/c").file_name(), b"c");
    }

    #[test]
    fn branches_and_tags_are_told_apart() {
        assert_eq!(RefName::from("refs/heads/a/b").branch(), Some(&b"a/b"[..]));
        assert_eq!(RefName::from("refs/tags/v1").tag(), Some(&b"v1"[..]));
        assert_eq!(RefName::from("refs/notes/x").branch(), None);
    }
}
