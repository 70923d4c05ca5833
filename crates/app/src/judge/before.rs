//! What a change did not add.
//!
//! A blob is judged whole, but who fixes a typo in a file has not brought in the secret that stood there already, a
//! merge has not brought in what one of its parents had, and who moves a file has not written it. Only what no
//! earlier version of the path has, and no file that the same change takes away, counts as this change's; the rest
//! is said in one line, and `gatepost scan` lists it.
//!
//! What was there vouches for no more than it was: a secret that an exception let stand at its old place, or that had a
//! milder level there, stands nowhere else for that.
//!
//! A secret that a comment allows came in on that comment's word. It is not among those that were there: when the comment
//! goes, or its day is over, the secret counts. Where changes are not trusted, the comment itself must have been there, at
//! the same path and saying the same, in a revision that the change cannot alter; else it is the change's own.

use crate::collect::{Collector, Disputes};
use gatepost_core::report::Suppression;
use gatepost_core::{
    Change, ChangeSet, Document, DocumentKind, Finding, Gate, Level, ObjectId, RepoPath, Suppressed,
};
use gatepost_source::{Error, Repository};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

/// A secret: its rule and its value.
type Identity = (String, Vec<u8>);

/// The secrets that were there, each with the strictest level that it had.
type Known = HashMap<Identity, Level>;

/// A secret and the comment that allows it.
type Allowance = (Identity, Suppression);

/// The secrets that were there before each commit of a change set, as far as somebody asked.
pub(super) struct Before<'a> {
    /// What each commit, or the index, takes away.
    deleted: HashMap<Option<ObjectId>, Vec<(&'a RepoPath, ObjectId)>>,
    /// The secrets in it, read once for the whole commit.
    moved: Mutex<HashMap<Option<ObjectId>, Arc<Known>>>,
    /// The versions that are under judgement themselves.
    brought: HashSet<(&'a RepoPath, ObjectId)>,
    /// The revisions that the change cannot alter.
    trusted: &'a [ObjectId],
    /// What comments allow in them, read once for each path.
    allowed: Mutex<HashMap<RepoPath, Arc<HashSet<Allowance>>>>,
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
        Self {
            deleted,
            moved: Mutex::default(),
            brought: changes
                .changes
                .iter()
                .filter_map(|change| Some((&change.path, change.new?.id)))
                .collect(),
            trusted: &changes.trusted,
            allowed: Mutex::default(),
        }
    }

    /// What the change itself brings: of what was found without the secrets that an earlier version of the changed path
    /// has, or a file that went with the same change, and with every comment that is in dispute decided on.
    pub(super) fn settle(
        &self,
        repository: &dyn Repository,
        gate: &Gate,
        change: &Change,
        disputes: Disputes,
    ) -> Collector {
        let Disputes { mut collected, disputed } = disputes;
        if collected.findings.iter().any(|finding| finding.secret.is_some()) {
            self.drop_what_was_there(repository, gate, change, &mut collected);
        }
        // Also of a secret that was there: a comment that is new, longer or about another rule is the change's.
        for disputed in disputed {
            let Some(identity) = identity(&disputed.finding) else {
                collected.findings.push(disputed.stand());
                continue;
            };
            let allowance = (identity, disputed.by.clone());
            if self.allowed(repository, gate, &change.path).contains(&allowance) {
                collected.suppressed.push(disputed.vouch());
            } else if !self.came_in_before(repository, gate, change, &allowance) {
                collected.findings.push(disputed.stand());
            }
        }
        collected
    }

    fn drop_what_was_there(
        &self,
        repository: &dyn Repository,
        gate: &Gate,
        change: &Change,
        found: &mut Collector,
    ) {
        let mut known = Known::new();
        // Without the earlier versions everything counts: that is the strict side.
        for id in earlier(repository, change).unwrap_or_default() {
            let old = secrets(repository, gate, &change.path, id);
            // At its own place an exception is asked again; one for a commit had its say when that came in.
            let excepted = |finding: &Finding| gate.exceptions_for(finding).any(|one| one.commit.is_none());
            remember(&mut known, old.findings.iter().filter(|finding| !excepted(finding)));
        }
        let moved = self.moved(repository, gate, change.commit);
        let is_known = |finding: &Finding| {
            let Some(identity) = identity(finding) else { return false };
            let levels = [known.get(&identity), moved.get(&identity)];
            levels.into_iter().flatten().any(|level| *level >= finding.level)
        };
        let before = found.findings.len();
        found.findings.retain(|finding| !is_known(finding));
        found.known += (before - found.findings.len()) as u64;
    }

    /// Whether an earlier version that is under judgement itself has the secret with the comment: it is told of there.
    fn came_in_before(
        &self,
        repository: &dyn Repository,
        gate: &Gate,
        change: &Change,
        allowance: &Allowance,
    ) -> bool {
        let versions = earlier(repository, change).unwrap_or_default().into_iter();
        let mut judged = versions.filter(|id| self.brought.contains(&(&change.path, *id)));
        judged.any(|id| allowances(repository, gate, &change.path, id).any(|known| known == *allowance))
    }

    /// What comments allow at a path in the trusted revisions. One that cannot be read vouches for nothing.
    fn allowed(&self, repository: &dyn Repository, gate: &Gate, path: &RepoPath) -> Arc<HashSet<Allowance>> {
        let lock = || self.allowed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = lock().get(path) {
            return Arc::clone(known);
        }
        let entries = self.trusted.iter().filter_map(|revision| repository.entry(revision, path).ok()?);
        let versions: HashSet<ObjectId> =
            entries.filter(|entry| entry.mode.is_blob()).map(|e| e.id).collect();
        let known = versions.into_iter().flat_map(|id| allowances(repository, gate, path, id));
        let known: Arc<HashSet<Allowance>> = Arc::new(known.collect());
        lock().insert(path.clone(), Arc::clone(&known));
        known
    }

    /// The secrets in the files that a commit takes away. What was excused or excluded at the old path does not count:
    /// the excuse was for that place, and does not move along.
    fn moved(&self, repository: &dyn Repository, gate: &Gate, commit: Option<ObjectId>) -> Arc<Known> {
        let Some(deleted) = self.deleted.get(&commit) else { return Arc::default() };
        // A thread that failed has left nothing half done in the map.
        let lock = || self.moved.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = lock().get(&commit) {
            return Arc::clone(known);
        }
        let mut known = Known::new();
        for (path, id) in deleted {
            let old = secrets(repository, gate, path, *id);
            let excepted = |finding: &Finding| gate.exceptions_for(finding).next().is_some();
            remember(&mut known, old.findings.iter().filter(|finding| !excepted(finding)));
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
            was_there: true,
            ..Document::new(DocumentKind::Blob, &buffer)
        };
        gate.document(&document, &mut old);
    }
    old
}

/// What is suppressed in a version of a file, by a comment or by the policy.
fn allowances(
    repository: &dyn Repository,
    gate: &Gate,
    path: &RepoPath,
    id: ObjectId,
) -> impl Iterator<Item = Allowance> + use<> {
    let suppressed = secrets(repository, gate, path, id).suppressed.into_iter();
    suppressed.filter_map(|Suppressed { finding, by }| Some((identity(&finding)?, by)))
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

fn remember<'f>(known: &mut Known, findings: impl Iterator<Item = &'f Finding>) {
    for (identity, level) in findings.filter_map(|finding| Some((identity(finding)?, finding.level))) {
        let strictest = known.entry(identity).or_insert(level);
        *strictest = level.max(*strictest);
    }
}

fn identity(finding: &Finding) -> Option<Identity> {
    Some((finding.rule.clone(), finding.secret.as_ref()?.reveal().to_vec()))
}
