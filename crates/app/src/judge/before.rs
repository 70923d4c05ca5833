//! What a change did not add.
//!
//! A blob is judged whole, but who fixes a typo in a file has not brought in the secret that stood there already, a
//! merge has not brought in what one of its parents had, and who moves a file has not written it. Only what no
//! earlier version of the path has, and no file that the same change takes away, counts as this change's; the rest
//! is said in one line, and `gatepost scan` lists it.

use crate::collect::Collector;
use gatepost_core::{Change, ChangeSet, Document, DocumentKind, Finding, Gate, ObjectId, RepoPath};
use gatepost_source::{Error, Repository};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

/// A secret: its rule and its value.
type Identity = (String, Vec<u8>);

/// The secrets that were there before each commit of a change set, as far as somebody asked.
pub(super) struct Before<'a> {
    /// What each commit, or the index, takes away.
    deleted: HashMap<Option<ObjectId>, Vec<(&'a RepoPath, ObjectId)>>,
    /// The secrets in it, read once for the whole commit.
    moved: Mutex<HashMap<Option<ObjectId>, Arc<HashSet<Identity>>>>,
}

impl<'a> Before<'a> {
    /// Reads nothing yet: most changes have no secret to look back for.
    pub(super) fn new(changes: &'a ChangeSet) -> Self {
        let mut deleted: HashMap<_, Vec<_>> = HashMap::new();
        for change in changes.changes.iter().filter(|change| change.new.is_none()) {
            if let Some(old) = change.old.filter(|old| old.mode.is_blob()) {
                deleted.entry(change.commit).or_default().push((&change.path, old.id));
            }
        }
        Self { deleted, moved: Mutex::default() }
    }

    /// Takes out of `found` the secrets that an earlier version of the changed path has, or a file that went with
    /// the same change.
    pub(super) fn drop_what_was_there(
        &self,
        repository: &dyn Repository,
        gate: &Gate,
        change: &Change,
        found: &mut Collector,
    ) {
        let mut known: HashSet<Identity> = HashSet::new();
        // Without the earlier versions everything counts: that is the strict side.
        for id in earlier(repository, change).unwrap_or_default() {
            // What a comment allowed before is not known: when the comment goes, the secret counts.
            known.extend(secrets(repository, gate, &change.path, id).findings.iter().filter_map(identity));
        }
        let moved = self.moved(repository, gate, change.commit);
        let is_known = |identity| known.contains(&identity) || moved.contains(&identity);
        let before = found.findings.len();
        found.findings.retain(|finding| identity(finding).is_none_or(|identity| !is_known(identity)));
        found.known += (before - found.findings.len()) as u64;
    }

    /// The secrets in the files that a commit takes away. What was excused or excluded at the old path does not count:
    /// the excuse was for that place, and does not move along.
    fn moved(
        &self,
        repository: &dyn Repository,
        gate: &Gate,
        commit: Option<ObjectId>,
    ) -> Arc<HashSet<Identity>> {
        let Some(deleted) = self.deleted.get(&commit) else { return Arc::default() };
        // A thread that failed has left nothing half done in the map.
        let lock = || self.moved.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = lock().get(&commit) {
            return Arc::clone(known);
        }
        let mut known = HashSet::new();
        for (path, id) in deleted {
            let old = secrets(repository, gate, path, *id);
            known.extend(old.findings.iter().filter_map(identity));
        }
        let known = Arc::new(known);
        lock().insert(commit, Arc::clone(&known));
        known
    }
}

/// What a version of a file holds. One that was too large to be judged vouches for nothing: else a secret could come
/// in inside a huge file and stay when the file shrinks. The same goes for one that cannot be read.
fn secrets(repository: &dyn Repository, gate: &Gate, path: &RepoPath, id: ObjectId) -> Collector {
    let (mut old, mut buffer) = (Collector::default(), Vec::new());
    let is_small = repository.blob_size(&id).is_ok_and(|size| size <= gate.read_limit());
    if is_small && repository.read_blob(&id, &mut buffer).is_ok() {
        let document = Document {
            path: Some(path),
            id: Some(id),
            is_new: false,
            ..Document::new(DocumentKind::Blob, &buffer)
        };
        gate.document(&document, &mut old);
    }
    old
}

/// The versions of the path that the change builds on: in the commit's parents, or for the index in HEAD and in the
/// commit that is being merged.
fn earlier(repository: &dyn Repository, change: &Change) -> Result<Vec<ObjectId>, Error> {
    let mut versions: Vec<ObjectId> =
        change.old.iter().filter(|entry| entry.mode.is_blob()).map(|e| e.id).collect();
    let others = match change.commit {
        Some(commit) => repository.commit(&commit)?.parents.into_iter().skip(1).collect(),
        // A pseudoref that Git keeps while a merge with conflicts waits for its commit.
        None => repository.resolve("MERGE_HEAD").map_or_else(|_| Vec::new(), |id| vec![id]),
    };
    for parent in &others {
        versions.extend(repository.entry(parent, &change.path)?.filter(|e| e.mode.is_blob()).map(|e| e.id));
    }
    versions.dedup();
    Ok(versions)
}

fn identity(finding: &Finding) -> Option<Identity> {
    Some((finding.rule.clone(), finding.secret.as_ref()?.reveal().to_vec()))
}
