//! The whole history: every object of a repository, each once, whether or not a ref still leads to it.
//!
//! A secret that was amended away, dropped with a branch or left in a stash is still in the object database,
//! and whoever clones or reads the server's disk can have it. So history is read from the packs and the loose
//! objects themselves, not from the commits that happen to be reachable.
//!
//! Packs are read by families of deltas: an object that is stored whole, and everything that is stored as an edit
//! of it. Each member is inflated once, with its base still in memory, and families that hold only trees or only
//! commits are passed over unless they are asked for. What this reader does not understand (a newer pack
//! or index version) goes through `git cat-file --batch-all-objects`, with the same results.
//!
//! [`walk`] reads; [`Graph::attribute`] says afterwards at which paths and by which commits a blob came in.

mod attribution;
mod cat_file;
mod delta;
mod directories;
mod family;
mod graph;
mod inflate;
mod large;
mod lend;
mod loose;
mod loose_blobs;
mod pack;
mod plan;
mod problems;
mod refs;
mod set;
mod store;
mod work;

pub use attribution::{Appearance, Attribution, attribute};
pub use graph::Graph;
pub(crate) use loose_blobs::LooseBlobs;

use crate::{Error, Repository, RepositoryInfo};
use directories::Environment;
use gatepost_core::{ObjectId, Problem, Shard, Stretch};
use graph::Recorder;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::{Opened, Store};

/// What to read.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many threads read and visit; 0 counts as 1.
    pub threads: usize,
    /// Objects of more bytes than this (blobs, in practice) are announced without their bytes ([`Object::bytes`] is
    /// `None`). It also bounds memory: a thread holds a handful of objects of at most this size. What smaller objects
    /// copy from a larger one is taken out while that one goes by. Trees of up to 256 MiB are read whatever it says,
    /// where the graph is asked for.
    pub max_blob: u64,
    /// The kinds of objects to visit.
    pub kinds: Kinds,
    /// Whether to write down how the objects hang together ([`Walked::graph`]), and so to find out that objects are missing
    /// which the history needs ([`Walked::missing`]). Reads trees, commits and tags, even when none are visited.
    pub graph: bool,
    /// The part of the objects to visit; `None`: all of them. The graph is that of the whole history all the same: that
    /// something is missing is a fact about the clone, and a tree tells of objects that may be of this shard.
    pub shard: Option<Shard>,
}

impl Options {
    /// Whether objects are read for what they name, whoever visits them.
    const fn reads_names(&self, kind: ObjectKind) -> bool {
        self.graph && !matches!(kind, ObjectKind::Blob)
    }

    /// Whether an object is in the part to visit.
    fn is_here(&self, id: &ObjectId) -> bool {
        self.shard.is_none_or(|shard| shard.contains(id))
    }

    /// Whether anything has to be done with an object.
    fn concerns(&self, kind: ObjectKind, id: &ObjectId) -> bool {
        self.reads_names(kind) || (self.kinds.contains(kind) && self.is_here(id))
    }

    /// The most bytes an object of a kind may have to be read. Trees are not for the visitor alone.
    fn limit(&self, kind: ObjectKind) -> u64 {
        match kind {
            ObjectKind::Tree if self.graph => self.max_blob.max(graph::MAX_TREE),
            _ => self.max_blob,
        }
    }
}

/// A choice of object kinds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kinds {
    /// File contents and link targets.
    pub blobs: bool,
    /// Commits.
    pub commits: bool,
    /// Annotated tags.
    pub tags: bool,
    /// Trees. They are many and large; ask only when needed.
    pub trees: bool,
}

impl Kinds {
    /// What people write: blobs, commits and tags.
    pub const CONTENT: Self = Self { blobs: true, commits: true, tags: true, trees: false };
    /// Everything.
    pub const ALL: Self = Self { trees: true, ..Self::CONTENT };

    /// These, and the kinds that name other objects.
    const fn and_links(self) -> Self {
        Self { commits: true, tags: true, trees: true, ..self }
    }

    /// Whether `kind` is chosen.
    #[must_use]
    pub const fn contains(self, kind: ObjectKind) -> bool {
        match kind {
            ObjectKind::Blob => self.blobs,
            ObjectKind::Commit => self.commits,
            ObjectKind::Tag => self.tags,
            ObjectKind::Tree => self.trees,
        }
    }
}

/// The kind of an object.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ObjectKind {
    /// A file's content or a link's target.
    Blob,
    /// A commit.
    Commit,
    /// An annotated tag.
    Tag,
    /// A directory.
    Tree,
}

impl ObjectKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Blob, Self::Commit, Self::Tag, Self::Tree];

    /// The kind that an object header names (`blob`, `commit`, `tag`, `tree`).
    fn from_name(name: &[u8]) -> Option<Self> {
        match name {
            b"blob" => Some(Self::Blob),
            b"commit" => Some(Self::Commit),
            b"tag" => Some(Self::Tag),
            b"tree" => Some(Self::Tree),
            _ => None,
        }
    }

    /// Git's word for the kind.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Commit => "commit",
            Self::Tag => "tag",
            Self::Tree => "tree",
        }
    }
}

/// An object on its visit.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    /// Its id. It is the name under which the object is stored; the bytes are not hashed again.
    pub id: ObjectId,
    /// Its kind.
    pub kind: ObjectKind,
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes; `None` when it is larger than [`Options::max_blob`] allows.
    pub bytes: Option<&'a [u8]>,
}

/// How an object is made from another one: what the visitor kept of that one, and what was copied from it.
#[derive(Clone, Copy, Debug)]
pub struct Edit<'a, T> {
    /// What the visitor kept of the base.
    pub base: &'a T,
    /// The object's bytes, stretch by stretch: copied from the base, or new.
    pub stretches: &'a [Stretch],
}

/// Who is shown the objects, by several threads at once.
///
/// A closure that needs no state of its own is a visitor too: `|object: &Object<'_>| ...`.
pub trait Visitor: Sync {
    /// What one thread keeps from visit to visit: scratch space, findings.
    type Worker: Send;

    /// What is kept of an object while others that are stored as edits of it are visited.
    type Trace;

    /// The state of a thread that starts.
    fn worker(&self) -> Self::Worker;

    /// Shows one object. Objects come in no particular order, but where one is stored as an edit of another one that
    /// was visited before and of which something was kept, that is said.
    fn visit(
        &self,
        worker: &mut Self::Worker,
        object: &Object<'_>,
        edit: Option<Edit<'_, Self::Trace>>,
    ) -> Option<Self::Trace>;

    /// Lends an object that is not of the shard ([`Options::shard`]), where enough of its edits are: what is kept of it is
    /// the base of theirs. Nothing that is found in it is to be reported.
    fn pass(
        &self,
        _worker: &mut Self::Worker,
        _object: &Object<'_>,
        _edit: Option<Edit<'_, Self::Trace>>,
    ) -> Option<Self::Trace> {
        None
    }
}

impl<F: Fn(&Object<'_>) + Sync> Visitor for F {
    type Worker = ();
    type Trace = ();

    fn worker(&self) {}

    fn visit(&self, (): &mut (), object: &Object<'_>, _: Option<Edit<'_, ()>>) -> Option<()> {
        self(object);
        None
    }
}

/// How far a walk is, for whoever draws a progress bar from another thread.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
    bytes: AtomicU64,
}

impl Progress {
    /// Objects visited or found unreadable.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Objects to visit; 0 while they are being counted, and where Git does the reading.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// Bytes of the objects visited.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn set_total(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    fn add(&self, objects: u64, bytes: u64) {
        self.done.fetch_add(objects, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// Who read the objects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reader {
    /// The pack reader of this module.
    Packs,
    /// `git cat-file`, and why.
    GitCommand(String),
}

/// What a walk did.
#[derive(Debug)]
pub struct Walked<W> {
    /// The states of the threads, at least one.
    pub workers: Vec<W>,
    /// Who read.
    pub reader: Reader,
    /// Objects visited, of every kind.
    pub objects: u64,
    /// Blobs visited, with or without bytes.
    pub blobs: u64,
    /// Commits visited.
    pub commits: u64,
    /// Annotated tags visited.
    pub tags: u64,
    /// Trees visited.
    pub trees: u64,
    /// Bytes of all objects that were visited with their bytes.
    pub bytes: u64,
    /// Objects announced without their bytes.
    pub too_large: u64,
    /// Objects that are there and could not be read. Each of the first thousand has its own problem.
    pub unreadable: u64,
    /// Objects that refs lead to and that are not here. Counted in partial clones, where the promisor remote has them,
    /// and with [`Options::graph`].
    pub missing: u64,
    /// Their ids, sorted.
    pub missing_ids: Vec<ObjectId>,
    /// How the objects hang together, where [`Options::graph`] asks for it.
    pub graph: Option<Graph>,
    /// What it took.
    pub work: Work,
    /// What went wrong, sorted. Empty means that everything was read that is here.
    pub problems: Vec<Problem>,
}

/// What a walk took, beyond what was visited.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Work {
    /// Objects and bytes that were read, visited or not, in the order of [`ObjectKind::ALL`].
    pub read: [(u64, u64); 4],
    /// Blobs that were shown as an edit of a base of which something was kept.
    pub edits: u64,
    /// Bytes that inflating and applying deltas made: of what was read, and of the bases that it took.
    pub inflated: u64,
    /// Blobs that were not visited and lent to others as a base ([`Visitor::pass`]).
    pub lent: u64,
    /// How long finding the packs and sorting out their deltas took.
    pub opening: Duration,
    /// How long reading and visiting took.
    pub walking: Duration,
    /// How long it took to find out what is missing.
    pub asking: Duration,
}

/// Shows every object of `repository` to `visitor`: of every pack and every loose object, of the alternates as well
/// (`objects/info/alternates`, `GIT_ALTERNATE_OBJECT_DIRECTORIES`), reachable or not, each once.
///
/// Objects that are broken become problems and the walk goes on; a second, sound copy of one is used where there
/// is one. Replace refs play no part: objects are shown under the names they are stored under.
///
/// # Errors
///
/// When the object database cannot be read at all, or Git is needed and cannot be run.
pub fn walk<V: Visitor>(
    repository: &dyn Repository,
    options: &Options,
    visitor: &V,
    progress: &Progress,
) -> Result<Walked<V::Worker>, Error> {
    walk_in(repository, &Environment::of_process(), options, visitor, progress)
}

fn walk_in<V: Visitor>(
    repository: &dyn Repository,
    environment: &Environment,
    options: &Options,
    visitor: &V,
    progress: &Progress,
) -> Result<Walked<V::Worker>, Error> {
    let info = repository.info();
    let mut lost = Vec::new();
    let started = Instant::now();
    let mut walked = match Store::open(info, environment)? {
        Opened::Store(store) => {
            let opened = started.elapsed();
            let store = Arc::new(store);
            if options.graph {
                lost = refs::lost(repository, &store)?;
            }
            let recorder = options.graph.then(|| Recorder::new(Some(Arc::clone(&store)), info)).flatten();
            let (mut walked, parts) = work::walk_store(&store, options, visitor, progress, recorder.as_ref());
            walked.work.opening += opened;
            walked.graph = recorder.map(|recorder| recorder.finish(parts));
            walked
        }
        Opened::NotUnderstood(why) => {
            let recorder = options.graph.then(|| Recorder::new(None, info)).flatten();
            let (mut walked, parts) =
                cat_file::walk(info, environment, why, options, visitor, progress, recorder.as_ref())?;
            walked.graph = recorder.map(|recorder| recorder.finish(parts));
            walked
        }
    };
    match &walked.graph {
        Some(graph) => walked.problems.extend_from_slice(graph.problems()),
        None if options.graph => walked.problems.push(Problem {
            what: "the history has more objects than can be told apart".to_owned(),
            place: None,
            fix: "whether some are missing, and paths and commits of findings, are not known".into(),
        }),
        None => {}
    }
    let asked = Instant::now();
    // Where a ref leads nowhere Git counts nothing, and says so less well.
    let counted = if lost.is_empty() { missing(info, environment, &walked) } else { Ok(Vec::new()) };
    walked.problems.append(&mut lost);
    match counted {
        Ok(missing) => (walked.missing, walked.missing_ids) = (missing.len() as u64, missing),
        Err(error) => walked.problems.push(Problem {
            what: format!("the objects that this repository lacks cannot be counted: {error}"),
            place: None,
            fix: error.fix,
        }),
    }
    walked.work.asking = asked.elapsed();
    walked.problems.sort_by(|a, b| (&a.place, &a.what).cmp(&(&b.place, &b.what)));
    Ok(walked)
}

/// The objects that refs lead to and that are not here, sorted. Git is asked where so many are missing that it is known to be so (a
/// partial clone), and where Git read the objects.
fn missing<W>(
    info: &RepositoryInfo,
    environment: &Environment,
    walked: &Walked<W>,
) -> Result<Vec<ObjectId>, Error> {
    match &walked.graph {
        Some(graph) if walked.reader == Reader::Packs && !info.partial => match graph.nowhere() {
            0 => Ok(Vec::new()),
            _ => Ok(graph.missing(&cat_file::tips(info, environment)?)),
        },
        None if !info.partial => Ok(Vec::new()),
        _ => cat_file::missing(info, environment),
    }
}
