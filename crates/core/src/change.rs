//! What a change is: paths with their old and new objects, commits, tags, and ref updates. The sources
//! in `gatepost-source` fill these; the checks read them.

use crate::pull_request::PullRequest;
use crate::{History, ObjectId, Pusher, RefName, RepoPath, Stage, Timestamp};

/// Who wrote or applied a commit, as the object says: untrusted bytes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Identity {
    /// The name.
    pub name: Vec<u8>,
    /// The e-mail address, without its angle brackets.
    pub email: Vec<u8>,
    /// When; `None` where the object has no readable date.
    pub time: Option<Timestamp>,
}

/// What kind of entry a tree holds at a path.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FileMode {
    /// A file (100644, and the historical 100664).
    File,
    /// An executable file (100755).
    Executable,
    /// A symbolic link (120000): the blob is its target.
    Symlink,
    /// A submodule (160000): the id is a commit of another repository.
    Submodule,
    /// A directory (040000). Only in sparse indexes and malformed trees.
    Tree,
}

impl FileMode {
    /// The mode of a tree or index entry, by its file-type bits (`git/object.h`, `S_IFMT`).
    #[must_use]
    pub const fn from_raw(mode: u32) -> Option<Self> {
        match mode & 0o170_000 {
            0o100_000 if mode & 0o100 != 0 => Some(Self::Executable),
            0o100_000 => Some(Self::File),
            0o120_000 => Some(Self::Symlink),
            0o160_000 => Some(Self::Submodule),
            0o040_000 => Some(Self::Tree),
            _ => None,
        }
    }

    /// Whether the entry's object is a blob of this repository.
    #[must_use]
    pub const fn is_blob(self) -> bool {
        matches!(self, Self::File | Self::Executable | Self::Symlink)
    }
}

/// What stands at a path: an object and its mode.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TreeEntry {
    /// The object.
    pub id: ObjectId,
    /// Its mode.
    pub mode: FileMode,
}

/// One path that a commit, or the index, changes. Renames are a deletion and an addition: similarity is
/// guesswork, and a renamed file is judged at its new path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// The path.
    pub path: RepoPath,
    /// What stood there before; of a merge, in its first parent. `None`: nothing.
    pub old: Option<TreeEntry>,
    /// What stands there now. `None`: deleted.
    pub new: Option<TreeEntry>,
    /// The commit that makes the change; `None` for the index.
    pub commit: Option<ObjectId>,
}

/// A file before and after, for checks that compare the two ([`crate::Check::watches`]).
#[derive(Clone, Copy, Debug)]
pub struct FileChange<'a> {
    /// The path.
    pub path: &'a RepoPath,
    /// What stood there before the change; `None`: nothing.
    pub old: Option<&'a [u8]>,
    /// What stands there now; `None`: it is deleted.
    pub new: Option<&'a [u8]>,
    /// The commit that brought it to what it is now, or, where that is none of the new ones, one that has it; `None` for the
    /// index.
    pub commit: Option<ObjectId>,
}

/// A file beside what it was made from, for checks that judge what a change adds to it ([`crate::Check::edit`]).
#[derive(Clone, Copy, Debug)]
pub struct Edit<'a> {
    /// The path.
    pub path: &'a RepoPath,
    /// What it was made from: the version before the change; of a merge's file the version of each side; of a file that
    /// was moved, what stood at its old path. Nothing: the file is new.
    pub before: &'a [&'a [u8]],
    /// What it is now.
    pub now: &'a [u8],
    /// The object of what it is now.
    pub id: ObjectId,
    /// The commit that made it so; `None` for the index.
    pub commit: Option<ObjectId>,
}

/// Reads a blob of at most so many bytes; `None` where it is larger.
pub type ReadBlob<'a> = dyn Fn(&ObjectId, u64) -> Result<Option<Vec<u8>>, crate::history::Unanswered> + 'a;

/// What stands once a change is made: in the index, or at the commit that a branch shall point at.
#[derive(Clone, Copy)]
pub struct After<'a> {
    /// The commit; `None` for the index.
    pub commit: Option<ObjectId>,
    /// Every file, sorted by path.
    pub files: &'a [(RepoPath, TreeEntry)],
    /// The paths that the change adds or alters, sorted.
    pub added: &'a [&'a RepoPath],
    /// The paths that the change takes away, sorted.
    pub gone: &'a [&'a RepoPath],
    /// Reads a blob of at most so many bytes; `None` where it is larger.
    pub blob: &'a ReadBlob<'a>,
}

impl std::fmt::Debug for After<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("After")
            .field("commit", &self.commit)
            .field("added", &self.added)
            .finish_non_exhaustive()
    }
}

/// A commit, as its object says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Commit {
    /// Its id.
    pub id: ObjectId,
    /// Its tree.
    pub tree: ObjectId,
    /// Its parents, in order. More than one makes it a merge.
    pub parents: Vec<ObjectId>,
    /// The author.
    pub author: Identity,
    /// The committer.
    pub committer: Identity,
    /// The `encoding` header, where there is one. Without it Git takes the message for UTF-8.
    pub encoding: Option<Vec<u8>>,
    /// The message, byte for byte.
    pub message: Vec<u8>,
}

/// An annotated tag, as its object says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tag {
    /// Its id.
    pub id: ObjectId,
    /// The object it names.
    pub target: ObjectId,
    /// Its name.
    pub name: Vec<u8>,
    /// Who made it; old tags have nobody.
    pub tagger: Option<Identity>,
    /// The message, with a signature if there is one, byte for byte.
    pub message: Vec<u8>,
}

/// A ref that a push moves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefUpdate {
    /// The name of the ref **on the receiving side**.
    pub name: RefName,
    /// What it pointed at; `None`: the ref is new.
    pub old: Option<ObjectId>,
    /// What it shall point at; `None`: the ref is deleted.
    pub new: Option<ObjectId>,
}

/// A ref and what it points at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference {
    /// Its full name.
    pub name: RefName,
    /// The object it points at (a tag object for an annotated tag).
    pub target: ObjectId,
}

/// Refs that move together, and the repository they move in: what rules for refs are shown.
#[derive(Clone, Copy)]
pub struct Push<'a> {
    /// The gate.
    pub stage: Stage,
    /// The refs that move and are judged here.
    pub updates: &'a [RefUpdate],
    /// Every ref that moves with them, those that are judged by another policy too.
    pub moving: &'a [RefUpdate],
    /// The refs of the receiving side before they move, as far as they are known here.
    pub refs: &'a [Reference],
    /// At `pre-push` the tags that are here: the receiving side has most of them, and nobody can tell which. They vouch for
    /// nothing.
    pub tags_here: &'a [Reference],
    /// The commits that no ref had before, parents before children.
    pub commits: &'a [Commit],
    /// Who pushes and how, where the platform says so.
    pub pusher: Option<&'a Pusher>,
    /// What else there is to know, for whoever asks.
    pub history: &'a dyn History,
}

impl std::fmt::Debug for Push<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { stage, updates, pusher, .. } = self;
        f.debug_struct("Push")
            .field("stage", stage)
            .field("updates", updates)
            .field("pusher", pusher)
            .finish()
    }
}

/// A commit message that is still being written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PendingMessage {
    /// The bytes of the message file, before Git's clean-up.
    pub bytes: Vec<u8>,
    /// The encoding that Git will say the message is in (`i18n.commitEncoding`). `None`: UTF-8.
    pub encoding: Option<Vec<u8>>,
    /// The author that the commit will have, where it is known.
    pub author: Option<Identity>,
    /// How Git will clean it up.
    pub cleanup: crate::message::Cleanup,
    /// Whether the commit being made is a merge.
    pub is_merge: bool,
    /// Whether it will be the branch's first commit.
    pub is_initial: bool,
}

/// Everything one run judges, but the contents: those are read when a check asks ([`crate::Document`]).
#[derive(Clone, Debug)]
pub struct ChangeSet {
    /// The gate.
    pub stage: Stage,
    /// Commits that the change cannot alter. On servers and in CI a comment that allows a secret is obeyed only where
    /// one of them has it too.
    pub trusted: Vec<ObjectId>,
    /// The commit that a range begins at, which CI judges; `None` elsewhere. What the range changes as a whole is what it
    /// changes since its end and this commit parted.
    pub base: Option<ObjectId>,
    /// The new commits, parents before children.
    pub commits: Vec<Commit>,
    /// The new annotated tags.
    pub tags: Vec<Tag>,
    /// The changed paths; one path can stand here once for every commit that changes it.
    pub changes: Vec<Change>,
    /// The refs that move.
    pub ref_updates: Vec<RefUpdate>,
    /// The branch that a commit in the making lands on; `None` when HEAD is detached or nothing is made.
    pub branch: Option<RefName>,
    /// The message in the making (`commit-msg`).
    pub message: Option<PendingMessage>,
    /// Who pushes, and how; `None` where no server tells (every gate but `pre-receive`).
    pub pusher: Option<Pusher>,
    /// The pull request that the commits are, where CI knows of one.
    pub pull_request: Option<PullRequest>,
}

impl ChangeSet {
    /// An empty change set for `stage`.
    #[must_use]
    pub const fn new(stage: Stage) -> Self {
        Self {
            stage,
            trusted: Vec::new(),
            base: None,
            commits: Vec::new(),
            tags: Vec::new(),
            changes: Vec::new(),
            ref_updates: Vec::new(),
            branch: None,
            message: None,
            pusher: None,
            pull_request: None,
        }
    }
}
