//! The questions that gatepost asks of a repository, whoever answers them.
//!
//! Two implementations stand behind [`Repository`]: libgit2, which is fast and needs no `git` program, and
//! a `git` subprocess for what libgit2 cannot open. They give the same answers; a test holds that.

pub(crate) mod config;
pub(crate) mod object;
pub(crate) mod store;
pub(crate) mod tree;
pub(crate) mod walk;

use crate::{Error, ObjectKind};
pub use gatepost_core::Reference;
use gatepost_core::{Change, Commit, Identity, ObjectId, RefName, RepoPath, Tag, TreeEntry};
use std::path::PathBuf;

/// Who answers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Backend {
    /// libgit2, in this process.
    Libgit2,
    /// The `git` program.
    GitCommand,
}

/// What a repository is, found when it is opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RepositoryInfo {
    /// The directory of this work tree's own files (`.git`, or `.git/worktrees/x`), absolute.
    pub git_dir: PathBuf,
    /// The directory that all work trees share, absolute.
    pub common_dir: PathBuf,
    /// The root of the work tree, absolute; `None` for a bare repository.
    pub work_tree: Option<PathBuf>,
    /// Whether history is cut off (`shallow` file).
    pub shallow: bool,
    /// Whether objects may be missing on purpose (a promisor remote).
    pub partial: bool,
    /// Length of an object id in bytes: 20 or 32.
    pub hash_len: usize,
    /// Who answers.
    pub backend: Backend,
}

/// Where HEAD is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Head {
    /// On a branch that has a commit.
    Branch(RefName, ObjectId),
    /// On a branch that has none yet.
    Unborn(RefName),
    /// On a commit, no branch.
    Detached(ObjectId),
}

/// The questions. A handle is used by one thread at a time; [`Repository::another`] makes one for another thread.
///
/// Replace refs (`refs/replace/*`) and grafts are never obeyed: what is judged is what is stored.
pub trait Repository: Send {
    /// What the repository is.
    fn info(&self) -> &RepositoryInfo;

    /// Another handle on the same repository.
    ///
    /// # Errors
    ///
    /// When it cannot be opened again.
    fn another(&self) -> Result<Box<dyn Repository>, Error>;

    /// Where HEAD is.
    ///
    /// # Errors
    ///
    /// When HEAD is missing or broken.
    fn head(&self) -> Result<Head, Error>;

    /// What the index that Git handed over (`GIT_INDEX_FILE`) changes against HEAD: by object id, the whole repository
    /// whatever the current directory, without intent-to-add entries, sorted by path. Unmerged paths are an error.
    ///
    /// # Errors
    ///
    /// When the index or HEAD's tree cannot be read.
    fn staged(&self) -> Result<Vec<Change>, Error>;

    /// The commit, tag, tree or blob that `revision` names (gitrevisions(7)).
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::UnknownRevision`].
    fn resolve(&self, revision: &str) -> Result<ObjectId, Error>;

    /// The commits reachable from `include` and not from `exclude`, parents before children. Ids of tags are
    /// peeled; ids of trees and blobs are ignored.
    ///
    /// # Errors
    ///
    /// When a commit is missing ([`crate::ErrorKind::MissingObject`], or [`crate::ErrorKind::Shallow`] where the
    /// clone hides it).
    fn commits(&self, include: &[ObjectId], exclude: &[ObjectId]) -> Result<Vec<ObjectId>, Error>;

    /// A commit.
    ///
    /// # Errors
    ///
    /// When it is missing or no commit.
    fn commit(&self, id: &ObjectId) -> Result<Commit, Error>;

    /// An annotated tag; `None` when the object is no tag.
    ///
    /// # Errors
    ///
    /// When it is missing or broken.
    fn tag(&self, id: &ObjectId) -> Result<Option<Tag>, Error>;

    /// Reads an object as it is stored into `buffer`, which is cleared first: what signatures are made over.
    ///
    /// # Errors
    ///
    /// When it is missing or broken.
    fn raw(&self, id: &ObjectId, buffer: &mut Vec<u8>) -> Result<ObjectKind, Error>;

    /// What a commit changes: the paths whose entry differs from the entry in **every** parent, sorted by path. Of a
    /// root commit, every path. So a merge's own content is seen and what it took over is not.
    ///
    /// # Errors
    ///
    /// When a tree is missing or broken.
    fn changes(&self, commit: &ObjectId) -> Result<Vec<Change>, Error>;

    /// What is another in the tree of the commit `new` than in that of the commit `old`, sorted by path, whatever lies
    /// between the two. Folders that are the same in both are not read.
    ///
    /// # Errors
    ///
    /// When one of them is no commit, or a tree is missing or broken.
    fn changes_between(&self, old: &ObjectId, new: &ObjectId) -> Result<Vec<Change>, Error>;

    /// The best common ancestors of two commits, as `git merge-base --all` has them; none where their histories have
    /// nothing in common. One that the other builds on is its own.
    ///
    /// # Errors
    ///
    /// As [`Repository::commits`].
    fn merge_bases(&self, one: &ObjectId, other: &ObjectId) -> Result<Vec<ObjectId>, Error>;

    /// What stands at `path` in the tree of `commit`.
    ///
    /// # Errors
    ///
    /// When a tree is missing or broken.
    fn entry(&self, commit: &ObjectId, path: &RepoPath) -> Result<Option<TreeEntry>, Error>;

    /// Every file in the tree of `commit`, submodules and symbolic links among them, sorted by path.
    ///
    /// # Errors
    ///
    /// When a tree is missing or broken.
    fn files(&self, commit: &ObjectId) -> Result<Vec<(RepoPath, TreeEntry)>, Error>;

    /// Every ref, sorted by name; HEAD is not among them.
    ///
    /// # Errors
    ///
    /// When they cannot be listed.
    fn references(&self) -> Result<Vec<Reference>, Error>;

    /// A value of the configuration as Git sees it.
    ///
    /// # Errors
    ///
    /// When the configuration cannot be read.
    fn config(&self, key: &str) -> Result<Option<String>, Error>;

    /// The size of a blob in bytes, without reading it.
    ///
    /// # Errors
    ///
    /// When it is missing or broken.
    fn blob_size(&self, id: &ObjectId) -> Result<u64, Error>;

    /// Reads a blob into `buffer`, which is cleared first.
    ///
    /// # Errors
    ///
    /// When it is missing or broken.
    fn read_blob(&self, id: &ObjectId, buffer: &mut Vec<u8>) -> Result<(), Error>;

    /// The size of a blob; one of at most `limit` bytes is read into `buffer`, which is cleared first.
    ///
    /// # Errors
    ///
    /// When it is missing or broken.
    fn read_blob_up_to(&self, id: &ObjectId, limit: u64, buffer: &mut Vec<u8>) -> Result<u64, Error> {
        let size = self.blob_size(id)?;
        if size <= limit {
            self.read_blob(id, buffer)?;
        }
        Ok(size)
    }

    /// Who made a commit in the making (`user.name`, `user.email`, `GIT_AUTHOR_*`), where it is known.
    fn author(&self) -> Option<Identity>;
}
