//! Files that checks watch whole: each as a change set leaves it, beside what it was before.
//!
//! What one commit does to a file and a later one undoes has not happened to whoever takes the last one. So every tip of
//! the change set is judged for itself: a tip is a commit that a ref shall point at, or that no other one builds on.

use super::{skip_reason, unreadable};
use crate::collect::Collector;
use gatepost_core::change::FileChange;
use gatepost_core::{
    Change, ChangeSet, Commit, Gate, ObjectId, Problem, RepoPath, Sink, SkipReason, TreeEntry,
};
use gatepost_source::{Error, Repository};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Largest watched file that is read, in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// What stands at a path; `None`: nothing.
type Entry = Option<TreeEntry>;

/// A version of a file, and what stood there before the change set touched it: a merge has more than one such past.
struct Version {
    entry: Entry,
    bases: Vec<Entry>,
    commit: Option<ObjectId>,
}

/// Has the checks judge the watched files of a change set.
pub(super) fn judge(
    repository: &dyn Repository,
    gate: &Gate,
    changes: &ChangeSet,
    collector: &mut Collector,
) {
    let watched: Vec<&Change> = changes.changes.iter().filter(|change| gate.watches(&change.path)).collect();
    if watched.is_empty() {
        return;
    }
    let mut blobs = Blobs { repository, read: HashMap::new() };
    if changes.commits.is_empty() {
        judge_versions(gate, &staged(repository, &watched), &mut blobs, collector);
        return;
    }
    let graph: HashMap<ObjectId, &Commit> =
        changes.commits.iter().map(|commit| (commit.id, commit)).collect();
    for tip in tips(changes, &graph) {
        match versions_at(repository, &tip, &graph, &watched) {
            Ok(versions) => judge_versions(gate, &versions, &mut blobs, collector),
            Err(error) => {
                collector.skip(skip_reason(&error));
                collector.problem(unreadable(&error, tip.to_string()));
            }
        }
    }
}

/// What the index changes. What a merge in the making takes over as it is, it does not change.
fn staged<'c>(repository: &dyn Repository, watched: &[&'c Change]) -> BTreeMap<&'c RepoPath, Version> {
    let merged = repository.resolve("MERGE_HEAD").ok();
    let taken_over = |change: &&&Change| {
        let theirs = merged.map(|commit| repository.entry(&commit, &change.path));
        matches!(theirs, Some(Ok(entry)) if entry == change.new)
    };
    let changed = watched.iter().filter(|change| !taken_over(change));
    changed
        .map(|change| {
            let version = Version { entry: change.new, bases: vec![change.old], commit: change.commit };
            (&change.path, version)
        })
        .collect()
}

/// The commits that somebody will have: those that refs shall point at, and those that none builds on.
fn tips(changes: &ChangeSet, graph: &HashMap<ObjectId, &Commit>) -> Vec<ObjectId> {
    let parents: HashSet<&ObjectId> = changes.commits.iter().flat_map(|commit| &commit.parents).collect();
    let named = changes.ref_updates.iter().filter_map(|update| update.new);
    let tagged = changes.tags.iter().map(|tag| tag.target);
    let named: HashSet<ObjectId> = named.chain(tagged).filter(|id| graph.contains_key(id)).collect();
    let ids = changes.commits.iter().map(|commit| commit.id);
    ids.filter(|id| named.contains(id) || !parents.contains(id)).collect()
}

/// The commits of the change set that a tip builds on, itself among them.
fn ancestry(tip: &ObjectId, graph: &HashMap<ObjectId, &Commit>) -> HashSet<ObjectId> {
    let (mut seen, mut next) = (HashSet::new(), vec![*tip]);
    while let Some(id) = next.pop() {
        if let Some(commit) = graph.get(&id)
            && seen.insert(id)
        {
            next.extend(&commit.parents);
        }
    }
    seen
}

/// The watched files as they are at a tip, where the change set made them so.
fn versions_at<'c>(
    repository: &dyn Repository,
    tip: &ObjectId,
    graph: &HashMap<ObjectId, &Commit>,
    watched: &[&'c Change],
) -> Result<BTreeMap<&'c RepoPath, Version>, Error> {
    let ancestry = ancestry(tip, graph);
    let mut by_path: BTreeMap<&RepoPath, Vec<Version>> = BTreeMap::new();
    // Parents come before children, so what a change builds on is there already.
    for change in watched.iter().filter(|change| change.commit.is_some_and(|id| ancestry.contains(&id))) {
        let versions = by_path.entry(&change.path).or_default();
        let mut bases = bases_of(versions, change.old);
        let others = change.commit.and_then(|id| graph.get(&id)).map_or(&[][..], |commit| &commit.parents);
        for parent in others.iter().skip(1) {
            bases.extend(bases_of(versions, repository.entry(parent, &change.path)?));
        }
        bases.dedup();
        versions.push(Version { entry: change.new, bases, commit: change.commit });
    }
    let mut out = BTreeMap::new();
    for (path, versions) in by_path {
        let current = repository.entry(tip, path)?;
        // What a merge took over from elsewhere, the change set did not make.
        if let Some(version) = versions.into_iter().rev().find(|version| version.entry == current) {
            out.insert(path, version);
        }
    }
    Ok(out)
}

fn bases_of(versions: &[Version], entry: Entry) -> Vec<Entry> {
    let version = versions.iter().rev().find(|version| version.entry == entry);
    version.map_or_else(|| vec![entry], |version| version.bases.clone())
}

/// Hands the files over, all of them together: what leaves one may have come to another. Those with several pasts are
/// handed over with each.
fn judge_versions(
    gate: &Gate,
    versions: &BTreeMap<&RepoPath, Version>,
    blobs: &mut Blobs<'_>,
    collector: &mut Collector,
) {
    for version in versions.values() {
        for entry in version.bases.iter().chain([&version.entry]).flatten() {
            blobs.load(entry);
        }
    }
    let mut told = HashSet::new();
    let pasts = versions.values().map(|version| version.bases.len()).max().unwrap_or(0);
    for past in 0..pasts {
        let mut changes = Vec::new();
        for (path, version) in versions {
            let Some(base) = version.bases.get(past).or(version.bases.last()) else { continue };
            if *base == version.entry {
                continue;
            }
            match (blobs.bytes(base), blobs.bytes(&version.entry)) {
                (Ok(old), Ok(new)) => changes.push(FileChange { path, old, new, commit: version.commit }),
                (Err(problem), _) | (_, Err(problem)) => {
                    if told.insert(path) {
                        let (reason, problem) = problem.at(path);
                        collector.skip(reason);
                        collector.problem(problem);
                    }
                }
            }
        }
        gate.file_changes(&changes, collector);
    }
}

/// Blobs that were read, each once.
struct Blobs<'r> {
    repository: &'r dyn Repository,
    read: HashMap<ObjectId, Result<Vec<u8>, Unread>>,
}

/// Why a blob was not read.
enum Unread {
    Error(Error),
    TooLarge(u64),
}

impl Unread {
    fn at(&self, path: &RepoPath) -> (SkipReason, Problem) {
        let place = path.escaped().into_owned();
        match self {
            Self::Error(error) => (skip_reason(error), unreadable(error, place)),
            Self::TooLarge(size) => {
                let problem = Problem {
                    what: format!("a file that gates rest on has {size} bytes and cannot be compared"),
                    place: Some(place),
                    fix: format!("make it smaller than {MOST_BYTES} bytes"),
                };
                (SkipReason::Unreadable, problem)
            }
        }
    }
}

impl Blobs<'_> {
    fn load(&mut self, entry: &TreeEntry) {
        if entry.mode.is_blob() && !self.read.contains_key(&entry.id) {
            let read = self.fetch(&entry.id);
            self.read.insert(entry.id, read);
        }
    }

    fn fetch(&self, id: &ObjectId) -> Result<Vec<u8>, Unread> {
        let size = self.repository.blob_size(id).map_err(Unread::Error)?;
        if size > MOST_BYTES {
            return Err(Unread::TooLarge(size));
        }
        let mut bytes = Vec::new();
        self.repository.read_blob(id, &mut bytes).map_err(Unread::Error)?;
        Ok(bytes)
    }

    /// The bytes of an entry that was loaded; `None` where nothing stands there, or no file.
    fn bytes(&self, entry: &Entry) -> Result<Option<&[u8]>, &Unread> {
        match entry.as_ref().and_then(|entry| self.read.get(&entry.id)) {
            Some(Ok(bytes)) => Ok(Some(bytes)),
            Some(Err(unread)) => Err(unread),
            None => Ok(None),
        }
    }
}
