//! What an ecosystem is to the rest: which files have a part in it, which lock goes with which manifests, and the verdict
//! on such a pair. One file in `ecosystems/` and one line in its registry make one.

pub use super::source::{Place, Source};
use super::tree::{Tree, Unread};
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

/// An answer to one of the two questions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Answer {
    /// The two agree.
    InSync,
    /// Nobody can tell from the files alone.
    CannotTell,
    /// They do not agree.
    OutOfSync,
}

impl Answer {
    /// The answer as reports write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InSync => "in-sync",
            Self::CannotTell => "cannot-tell",
            Self::OutOfSync => "out-of-sync",
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a drift makes of the two questions: would a strict install (`npm ci`, `--locked`, `--frozen-lockfile`) refuse, and
/// would an ordinary install rewrite the lock.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Breaks {
    /// The strict install refuses, and an ordinary one rewrites.
    Both,
    /// The strict install refuses; an ordinary one leaves the lock as it is.
    Strict,
    /// The strict install takes it; an ordinary one rewrites the lock.
    Rewrite,
    /// The strict install takes it or not, nobody can tell; an ordinary one rewrites the lock.
    RewriteAndPerhapsStrict,
    /// Something is wrong, and nobody can tell whether either install minds.
    Perhaps,
}

/// Why something cannot be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unclear {
    /// Why, as a sentence without its stop: Gemfile has a condition in line 7.
    pub why: String,
    /// Where, where there is such a place.
    pub place: Option<Place>,
}

impl Unclear {
    /// Something that cannot be told.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), place: None }
    }

    /// The same, at a place.
    #[must_use]
    pub fn at(why: impl Into<String>, place: Place) -> Self {
        Self { why: why.into(), place: Some(place) }
    }
}

/// The kind of a drift; each has a code of the family `GP-LOCK`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Drift {
    /// The manifest asks for something that the lock does not have.
    NotLocked,
    /// The lock has it at a version, or from a source, that the manifest does not allow.
    LockedDifferently,
    /// The lock's copy of what the manifest says, or the hash of it, is not that of the manifest.
    RecordStale,
    /// The lock has something that nothing asks for.
    NotAskedFor,
    /// The lock does not hold together: what a locked package needs is not locked, or not as it needs it.
    LockIncomplete,
    /// Settings that decide what is chosen are not those that the lock was made with: overrides, resolutions, patches.
    SettingsDiffer,
    /// The members of the workspace are not those that the lock knows.
    MembersDiffer,
    /// Something in the lock is not what it was when the tool wrote it: a checksum is gone, a header is of another form.
    Tampered,
    /// The lock, or the manifest, cannot be read as what it is.
    Unreadable,
    /// A key or an entry stands twice.
    Repeated,
    /// There are marks of a merge conflict. The survey finds them before an ecosystem is asked.
    Conflict,
    /// The lock is of a form that is not known. It goes with `cannot tell`, never with a verdict: see
    /// [`Verdict::version_unknown`].
    VersionUnknown,
}

/// Why a pair is out of sync, or why nobody can tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// What kind of drift it is; `None`: nobody can tell, and `what` is why.
    pub drift: Option<Drift>,
    /// Which of the two questions it decides; of a reason why nobody can tell, which it leaves open.
    pub breaks: Breaks,
    /// The dependency, where it is about one.
    pub dependency: Option<String>,
    /// What is wrong: one sentence with the particulars, without its stop.
    pub what: String,
    /// Where in the manifest.
    pub manifest: Option<Place>,
    /// Where in the lock.
    pub lock: Option<Place>,
    /// What the manifest asks for.
    pub expected: Option<String>,
    /// What the lock has.
    pub found: Option<String>,
    /// The command that mends it, for the version of the tool that wrote the lock.
    pub mend: String,
}

/// The verdict on a pair.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    /// Every reason that was found.
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// Would a strict install take the lock?
    #[must_use]
    pub fn strict(&self) -> Answer {
        self.answer(|breaks| match breaks {
            Breaks::Both | Breaks::Strict => Some(true),
            Breaks::Rewrite => None,
            Breaks::RewriteAndPerhapsStrict | Breaks::Perhaps => Some(false),
        })
    }

    /// Would an ordinary install leave the lock as it is?
    #[must_use]
    pub fn rewrite(&self) -> Answer {
        self.answer(|breaks| match breaks {
            Breaks::Strict => None,
            Breaks::Perhaps => Some(false),
            Breaks::Both | Breaks::Rewrite | Breaks::RewriteAndPerhapsStrict => Some(true),
        })
    }

    /// `part` says of a reason whether it is about the question, and whether it decides it.
    fn answer(&self, part: impl Fn(Breaks) -> Option<bool>) -> Answer {
        let answers = self.reasons.iter().filter_map(|reason| {
            let is_deciding = part(reason.breaks)?;
            let is_known = !matches!(reason.drift, None | Some(Drift::VersionUnknown));
            let is_certain = is_deciding && is_known;
            Some(if is_certain { Answer::OutOfSync } else { Answer::CannotTell })
        });
        answers.max().unwrap_or(Answer::InSync)
    }

    /// Something that cannot be told, whichever question is asked.
    pub fn unclear(&mut self, unclear: Unclear) {
        self.unclear_for(Breaks::Both, unclear);
    }

    /// Something that leaves only some of the questions open: `Breaks::Strict` that of the strict install alone.
    pub fn unclear_for(&mut self, breaks: Breaks, unclear: Unclear) {
        self.reasons.push(Reason {
            drift: None,
            breaks,
            dependency: None,
            what: unclear.why,
            manifest: unclear.place,
            lock: None,
            expected: None,
            found: None,
            mend: String::new(),
        });
    }

    /// The lock says that it is of a form that is not known: both questions are open, and it is told at the level of the
    /// strict one.
    pub fn version_unknown(&mut self, what: impl Into<String>, lock: Place) {
        let reason = Reason::new(Drift::VersionUnknown, Breaks::Both, what, "");
        self.reasons.push(reason.in_lock(lock));
    }

    /// A drift.
    pub fn drift(&mut self, reason: Reason) {
        self.reasons.push(reason);
    }

    /// A file that was not read: nobody can tell.
    pub fn unread(&mut self, path: &str, unread: &Unread) {
        self.unclear(Unclear {
            why: format!("{path} {unread}"),
            place: Some(Place { path: path.to_owned(), span: None }),
        });
    }
}

impl Reason {
    /// A drift with nothing further known of it; the rest is set field by field.
    #[must_use]
    pub fn new(drift: Drift, breaks: Breaks, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            drift: Some(drift),
            breaks,
            dependency: None,
            what: what.into(),
            manifest: None,
            lock: None,
            expected: None,
            found: None,
            mend: mend.into(),
        }
    }

    /// The dependency that it is about.
    #[must_use]
    pub fn dependency(mut self, name: impl Into<String>) -> Self {
        self.dependency = Some(name.into());
        self
    }

    /// Where in the manifest it stands.
    #[must_use]
    pub fn in_manifest(mut self, place: Place) -> Self {
        self.manifest = Some(place);
        self
    }

    /// Where in the lock it stands.
    #[must_use]
    pub fn in_lock(mut self, place: Place) -> Self {
        self.lock = Some(place);
        self
    }

    /// What the manifest asks for.
    #[must_use]
    pub fn expected(mut self, value: impl Into<String>) -> Self {
        self.expected = Some(value.into());
        self
    }

    /// What the lock has.
    #[must_use]
    pub fn found(mut self, value: impl Into<String>) -> Self {
        self.found = Some(value.into());
        self
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
