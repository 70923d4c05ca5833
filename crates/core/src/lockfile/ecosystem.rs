//! What an ecosystem is to the rest: which files have a part in it, which lock goes with which manifests, and the verdict
//! on such a pair. One file in `ecosystems/` and one line in its registry make one.

pub use super::source::{Place, Source};
use super::tree::Tree;
pub use super::verdict::{Answer, Breaks, Drift, Reason, Unclear, Verdict};
use std::fmt;
use std::ops::Range;

/// A package manager's manifests and locks.
pub trait Ecosystem: Sync + fmt::Debug {
    /// What is known of it before anything is read.
    fn info(&self) -> &'static Info;

    /// What part a file has in it, by its path alone; `None`: none. A path in `node_modules` and the like has none.
    fn role(&self, path: &str) -> Option<Role>;

    /// Every lock of the tree with what it was made from, and every lock without: what no lock stands beside is found by
    /// the survey. Reads no more than it takes to tell which manifests belong to a lock.
    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair>;

    /// Whether the lock and the manifests of a pair agree. The lock is there, and is a text without merge conflicts.
    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict;

    /// What a manifest asks for.
    ///
    /// # Errors
    ///
    /// Why it cannot be told.
    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear>;

    /// What a lock holds.
    ///
    /// # Errors
    ///
    /// Why it cannot be told.
    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear>;
}

/// What is known of an ecosystem before anything is read.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// Its name in the policy and in reports: `npm`.
    pub name: &'static str,
    /// Its files, for people: `package-lock.json, npm-shrinkwrap.json`.
    pub locks: &'static str,
    /// The manifests, for people: `package.json`.
    pub manifests: &'static str,
    /// Ecosystems of one family read the same manifests, and two locks of one manifest are rivals.
    pub family: &'static str,
    /// The command that makes a lock where there is none.
    pub make: &'static str,
}

/// What part a file has in an ecosystem.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// It says what is asked for.
    Manifest,
    /// It says what was chosen.
    Lock,
    /// It says how to choose: `.npmrc`, `.cargo/config.toml`.
    Settings,
    /// Its text says whether it is a manifest or a lock: `requirements.txt`.
    Either,
}

impl Role {
    /// Whether it may say what is asked for.
    #[must_use]
    pub const fn may_be_manifest(self) -> bool {
        matches!(self, Self::Manifest | Self::Either)
    }

    /// Whether it may say what was chosen.
    #[must_use]
    pub const fn may_be_lock(self) -> bool {
        matches!(self, Self::Lock | Self::Either)
    }
}

/// A lock and what it was made from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// The manifest that it belongs to; `None`: there is none.
    pub manifest: Option<String>,
    /// The lock; `None`: there is none.
    pub lock: Option<String>,
    /// Further manifests that it covers: the members of a workspace.
    pub members: Vec<String>,
    /// What else the verdict hangs on: settings, patches.
    pub inputs: Vec<String>,
}

impl Pair {
    /// A lock beside its manifest.
    #[must_use]
    pub fn new(manifest: impl Into<String>, lock: impl Into<String>) -> Self {
        Self {
            manifest: Some(manifest.into()),
            lock: Some(lock.into()),
            members: Vec::new(),
            inputs: Vec::new(),
        }
    }

    /// A lock without a manifest.
    #[must_use]
    pub fn orphan(lock: impl Into<String>) -> Self {
        Self { manifest: None, lock: Some(lock.into()), members: Vec::new(), inputs: Vec::new() }
    }

    /// Every file that the verdict hangs on.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let ends = self.manifest.iter().chain(&self.lock);
        ends.chain(&self.members).chain(&self.inputs).map(String::as_str)
    }
}

/// What a dependency is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// What is shipped needs it.
    Production,
    /// Only developing and testing need it.
    Development,
    /// Building needs it.
    Build,
    /// It may be missing.
    Optional,
    /// Whoever uses the package brings it.
    Peer,
}

/// How much a requirement leaves open.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Precision {
    /// One version.
    Exact,
    /// A range of versions: `^1.2`, `~> 1.2`, `>=1`, and of Cargo `1.2` as well.
    Range,
    /// Any version: `*`, `latest`, nothing at all.
    Any,
    /// It is about no version: a path, a commit, a member of the workspace.
    None,
}

/// Where a dependency comes from, as the manifest says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Origin {
    /// A registry; its address, where the manifest names one.
    Registry(Option<String>),
    /// A repository of Git.
    Git {
        /// Its address.
        url: String,
        /// What of it.
        at: GitRef,
    },
    /// A file of an address.
    Url {
        /// The address.
        url: String,
        /// Whether a hash says which file.
        has_hash: bool,
    },
    /// A folder or a file of this tree, or beside it.
    Path(String),
    /// A member of the same workspace.
    Workspace,
}

/// What of a repository of Git is asked for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GitRef {
    /// One commit, by its full id.
    Commit(String),
    /// A tag.
    Tag(String),
    /// A branch.
    Branch(String),
    /// A name that may be of a branch, a tag or a commit.
    Name(String),
    /// Whatever the default branch is.
    Default,
}

/// A dependency that a manifest asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Declared {
    /// The package, by the name that its registry knows it by.
    pub name: String,
    /// What is asked for, as it is written.
    pub requirement: String,
    /// What it is for.
    pub kind: Kind,
    /// How much it leaves open.
    pub precision: Precision,
    /// Where it comes from.
    pub origin: Origin,
    /// Where it stands in the manifest.
    pub span: Range<usize>,
}

/// A package that a lock holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Locked {
    /// The package, by the name that its registry knows it by.
    pub name: String,
    /// Its version; empty where the lock has none.
    pub version: String,
    /// Where it comes from.
    pub origin: LockedOrigin,
    /// Hashes of what is fetched, each with its algorithm (`sha512-…`, `sha256:…`, `h1:…`), sorted.
    pub integrity: Vec<String>,
    /// Whether a hash should be there: nothing in this tree has one, nor has a commit.
    pub needs_integrity: bool,
    /// Whether it runs programs when it is installed; `None`: the lock does not say.
    pub runs_scripts: Option<bool>,
    /// Whether a manifest asks for it by name; `None`: the lock does not say.
    pub is_direct: Option<bool>,
    /// Where it stands in the lock.
    pub span: Range<usize>,
}

/// Where a locked package comes from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LockedOrigin {
    /// A registry; the address of it or of the file, where the lock has one.
    Registry(Option<String>),
    /// A repository of Git.
    Git {
        /// Its address.
        url: String,
        /// The commit, where the lock has it.
        commit: Option<String>,
    },
    /// A file of an address.
    Url(String),
    /// This tree, or beside it.
    Path(String),
}
