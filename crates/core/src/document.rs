//! The one contract between sources and checks: some bytes, and what is known of where they came from.

use crate::{FileMode, ObjectId, RepoPath};
use std::ops::Range;

/// What the bytes of a [`Document`] are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DocumentKind {
    /// A blob: a file's content, or a symbolic link's target.
    Blob,
    /// A file outside Git, or in a work tree.
    File,
    /// Standard input.
    Stdin,
    /// A commit message.
    CommitMessage,
    /// The message of an annotated tag.
    TagMessage,
    /// The author or committer line of a commit, or a tagger's.
    Identity,
    /// The name of a branch, a tag or another ref.
    RefName,
    /// The name of a file.
    FileName,
}

impl DocumentKind {
    /// Whether the bytes can be an archive: those of a file can.
    #[must_use]
    pub const fn can_be_archive(self) -> bool {
        matches!(self, Self::Blob | Self::File | Self::Stdin)
    }
}

/// Bytes to judge. Sources lend them for the time of one call; checks keep no reference.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// What the bytes are.
    pub kind: DocumentKind,
    /// The path, where one is known.
    pub path: Option<&'a RepoPath>,
    /// What to call it when there is no path (see [`crate::Location::subject`]).
    pub subject: Option<&'a str>,
    /// The object, where there is one.
    pub id: Option<ObjectId>,
    /// The mode, where there is one.
    pub mode: Option<FileMode>,
    /// The commit that brought it in, where one is known.
    pub commit: Option<ObjectId>,
    /// Whether the path had another object, or none, before. `false`: the path existed already.
    pub is_new: bool,
    /// Whether the bytes are those of a version that was there before the change under judgement. What a comment allowed
    /// in it came in on the comment's word, whatever became of the day that it names.
    pub was_there: bool,
    /// Size in bytes, known even when `bytes` is not there.
    pub size: u64,
    /// The bytes; `None` when the source left them unread because they exceed the policy's limit.
    pub bytes: Option<&'a [u8]>,
}

impl<'a> Document<'a> {
    /// A document of `kind` that is nothing but its bytes.
    #[must_use]
    pub fn new(kind: DocumentKind, bytes: &'a [u8]) -> Self {
        Self {
            kind,
            path: None,
            subject: None,
            id: None,
            mode: None,
            commit: None,
            is_new: true,
            was_there: false,
            size: bytes.len() as u64,
            bytes: Some(bytes),
        }
    }
}

/// A stretch of an edited text, in the order of the text. Stretches leave no gaps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stretch {
    /// Where it is, in bytes of the edited text.
    pub range: Range<usize>,
    /// Where its bytes begin in the base; `None` when they are new.
    pub from: Option<usize>,
}
