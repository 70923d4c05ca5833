//! Judging a change set: every changed blob read once, every message and name looked at, on as many threads as
//! the change is worth.

pub(crate) mod after;
mod before;
mod pending;
pub(crate) mod versions;
mod watched;

use crate::collect::{Collector, Disputes, Shared};
use crate::deadline::{self, Deadline};
use gatepost_core::{
    Change, ChangeSet, Commit, Document, DocumentKind, Gate, ObjectId, Problem, RepoPath, Sink, SkipReason,
    Stage, Tag, TreeEntry,
};
use gatepost_source::{Error, ErrorKind, Repository};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Builder;
use std::time::Duration;
use versions::{Reading, Versions};

/// Blobs for each thread: fewer are read by the thread that is already there, since another one needs a handle of its own.
const BLOBS_PER_THREAD: usize = 4;

/// Bytes for which another thread is worth it, however few blobs they are.
const BYTES_PER_THREAD: u64 = 1 << 20;

/// Judges a change set: its blobs, its texts, and what checks say of it as a whole.
///
/// # Errors
///
/// When another handle on the repository cannot be opened. Objects that cannot be read are problems in the result.
pub(crate) fn change_set(
    repository: &dyn Repository,
    gate: &Gate,
    changes: &ChangeSet,
    threads: usize,
) -> Result<Collector, Error> {
    versions(repository, gate, None, changes, threads, Deadline::default())
}

/// [`change_set`], with what a change set that brings many versions of its files can be judged by in less time. What comes
/// out is the same. What is not begun before `deadline` is late.
///
/// # Errors
///
/// As [`change_set`].
pub(crate) fn versions(
    repository: &dyn Repository,
    gate: &Gate,
    versions: Option<&Versions>,
    changes: &ChangeSet,
    threads: usize,
    deadline: Deadline,
) -> Result<Collector, Error> {
    let (mut collector, counted) = (Collector::default(), gate.statistics());
    collector.coverage.shallow = repository.info().shallow;
    collector.coverage.commits = changes.commits.len() as u64;
    gate.change_set(changes, &mut collector);
    if deadline.is_over() {
        let is_watched = |path: &RepoPath| {
            gate.watches(path) || gate.edit_limit(path).is_some() || gate.is_reading_trees(&[path])
        };
        let watched = changes.changes.iter().filter(|change| is_watched(&change.path));
        watched.filter_map(|change| change.commit).for_each(|commit| collector.late(commit));
    } else {
        watched::judge(repository, gate, changes, &mut collector);
        after::judge(repository, gate, changes, &mut collector);
    }
    texts(gate, changes, deadline, &mut collector);
    let work = blobs(changes, &mut collector);
    let before = before::Before::new(changes);
    let judging = Judging { gate, versions, before: &before, deadline };
    collector.absorb(judge_blobs(repository, &judging, &work, threads)?);
    name_authors(&mut collector, &changes.commits);
    collector.statistics.scanner.merge(gate.statistics().since(counted));
    if changes.stage.distrusts_change() && !collector.findings.is_empty() {
        collector.records.pending = pending::exceptions(repository, changes);
    }
    Ok(collector)
}

/// One blob and the changes that bring it in, each at another path.
struct Blob<'a> {
    id: ObjectId,
    changes: Vec<&'a Change>,
}

/// Groups the changes by blob, so that no blob is read twice. A blob that several commits bring to the same path
/// (a revert of a revert) is judged for the first of them; with another mode, once more.
fn blobs<'a>(changes: &'a ChangeSet, collector: &mut Collector) -> Vec<Blob<'a>> {
    let mut order: Vec<Blob<'a>> = Vec::new();
    let mut place: HashMap<ObjectId, usize> = HashMap::new();
    let mut seen: HashSet<(&RepoPath, TreeEntry)> = HashSet::new();
    let mut paths: HashSet<&RepoPath> = HashSet::new();
    for change in &changes.changes {
        paths.insert(&change.path);
        let Some(entry) = change.new else { continue };
        if !entry.mode.is_blob() {
            collector.skip(SkipReason::Submodule);
            continue;
        }
        if !seen.insert((&change.path, entry)) {
            continue;
        }
        let index = *place.entry(entry.id).or_insert_with(|| {
            order.push(Blob { id: entry.id, changes: Vec::new() });
            order.len() - 1
        });
        if let Some(blob) = order.get_mut(index) {
            blob.changes.push(change);
        }
    }
    collector.coverage.files = paths.len() as u64;
    order
}

/// What blobs are judged with.
struct Judging<'a> {
    gate: &'a Gate,
    versions: Option<&'a Versions>,
    before: &'a before::Before<'a>,
    deadline: Deadline,
}

fn judge_blobs(
    repository: &dyn Repository,
    judging: &Judging<'_>,
    work: &[Blob<'_>],
    threads: usize,
) -> Result<Collector, Error> {
    let threads = worth(repository, judging.gate, work, threads);
    // This thread has a handle already.
    let others: Vec<_> = (1..threads).map(|_| repository.another()).collect::<Result<_, _>>()?;
    let chains = match judging.versions {
        Some(_) => versions::by_path(work),
        None => (0..work.len()).map(|index| vec![index]).collect(),
    };
    let (next, shared) = (AtomicUsize::new(0), Shared::default());
    let run = |handle: &dyn Repository| {
        let (mut buffer, mut reading) = (Vec::new(), judging.versions.map(Reading::new));
        while let Some(chain) = chains.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Some(reading) = &mut reading {
                reading.forget();
            }
            for &index in chain {
                let Some(blob) = work.get(index) else { continue };
                let mut part = Collector::default();
                judge_blob(handle, judging, blob, reading.as_mut(), &mut buffer, &mut part);
                shared.absorb(|| index, part);
            }
        }
        if let Some(reading) = reading {
            let mut part = Collector::default();
            part.statistics.scanner = reading.statistics();
            shared.absorb(|| work.len(), part);
        }
    };
    std::thread::scope(|scope| {
        let run = &run;
        // A thread that cannot be started is done without: the others take its blobs.
        let start = |handle: Box<dyn Repository>| {
            Builder::new().spawn_scoped(scope, move || run(handle.as_ref())).ok()
        };
        let started: Vec<_> = others.into_iter().filter_map(start).collect();
        run(repository);
        for thread in started {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    Ok(shared.into_inner())
}

/// How many of at most `threads` threads some blobs are worth: by their number, or by their size where they are few.
fn worth(repository: &dyn Repository, gate: &Gate, work: &[Blob<'_>], threads: usize) -> usize {
    let by_number = work.len().div_ceil(BLOBS_PER_THREAD);
    if by_number > 1 || work.len() < 2 || threads < 2 {
        return by_number.min(threads).max(1);
    }
    // What is too large is not read; what has no size is told of when it is judged.
    let limit = gate.read_limit();
    let sizes = work.iter().filter_map(|blob| repository.blob_size(&blob.id).ok());
    let bytes: u64 = sizes.filter(|size| *size <= limit).sum();
    let by_size = usize::try_from(bytes / BYTES_PER_THREAD).unwrap_or(usize::MAX);
    by_size.min(work.len()).min(threads).max(1)
}

fn judge_blob(
    repository: &dyn Repository,
    judging: &Judging<'_>,
    blob: &Blob<'_>,
    reading: Option<&mut Reading<'_>>,
    buffer: &mut Vec<u8>,
    part: &mut Collector,
) {
    let Judging { gate, before, deadline, .. } = *judging;
    if deadline.is_over() {
        let commits: BTreeSet<ObjectId> = blob.changes.iter().filter_map(|change| change.commit).collect();
        part.skip(SkipReason::TimeOut);
        part.late.extend(commits);
        return;
    }
    let (size, is_read) = match repository.read_blob_up_to(&blob.id, gate.read_limit(), buffer) {
        Ok(size) => (size, size <= gate.read_limit()),
        Err(error) => {
            let path = blob.changes.first().map(|change| change.path.escaped().into_owned());
            part.skip(skip_reason(&error));
            part.problem(unreadable(&error, path.unwrap_or_else(|| blob.id.to_string())));
            return;
        }
    };
    part.coverage.blobs += 1;
    part.coverage.bytes += if is_read { size } else { 0 };
    let clean = reading.filter(|_| is_read).and_then(|reading| reading.look(buffer));
    for change in &blob.changes {
        let gate_here = clean.and_then(|versions| versions.rest_at(&change.path)).unwrap_or(gate);
        let document = Document {
            kind: DocumentKind::Blob,
            path: Some(&change.path),
            subject: None,
            id: Some(blob.id),
            mode: change.new.map(|entry| entry.mode),
            commit: change.commit,
            is_new: change.old.is_none(),
            was_there: false,
            size,
            bytes: is_read.then_some(buffer.as_slice()),
        };
        let mut found = Disputes::default();
        gate_here.document(&document, &mut found);
        part.absorb(before.settle(repository, gate, change, found));
    }
}

/// The problem that an object which cannot be read is.
pub(crate) fn unreadable(error: &Error, place: String) -> Problem {
    Problem { what: error.message.clone(), place: Some(place), fix: error.fix.clone() }
}

/// How the coverage counts an object that cannot be read.
pub(crate) fn skip_reason(error: &Error) -> SkipReason {
    match error.kind {
        ErrorKind::MissingObject => SkipReason::Missing,
        ErrorKind::Shallow => SkipReason::Shallow,
        ErrorKind::TimeOut => SkipReason::TimeOut,
        _ => SkipReason::Unreadable,
    }
}

/// Messages, identities, ref names and file names: small documents of their own.
fn texts(gate: &Gate, changes: &ChangeSet, deadline: Deadline, collector: &mut Collector) {
    let mut identities = Identities::default();
    for commit in &changes.commits {
        if deadline.is_over() {
            collector.late(commit.id);
        } else {
            commit_texts(gate, commit, &mut identities, collector);
        }
    }
    // Tags, names of refs and names of files are few, and never late.
    for tag in &changes.tags {
        tag_texts(gate, tag, collector);
    }
    for update in changes.ref_updates.iter().filter(|update| update.new.is_some()) {
        ref_text(gate, update.name.as_bytes(), collector);
    }
    if let Some(message) = &changes.message {
        let cleaned = gatepost_core::message::clean(&message.bytes, &message.cleanup);
        text(gate, DocumentKind::CommitMessage, "commit message", None, None, &cleaned.bytes, collector);
    }
    if let Some(request) = &changes.pull_request {
        let parts = [("title", request.title.known()), ("body", request.body.known().map(|body| &body.text))];
        for (part, written) in parts.into_iter().filter_map(|(part, text)| Some((part, text?))) {
            let subject = format!("{part} of {}", request.name);
            text(gate, DocumentKind::CommitMessage, &subject, None, None, written.as_bytes(), collector);
        }
    }
    // A path that a push brings is looked at once, whatever the number of commits.
    let mut seen = HashSet::new();
    for change in changes.changes.iter().filter(|change| change.new.is_some() && change.old.is_none()) {
        if seen.insert(&change.path) {
            let bytes = change.path.as_bytes();
            let document = Document {
                path: Some(&change.path),
                subject: Some("file name"),
                commit: change.commit,
                ..Document::new(DocumentKind::FileName, bytes)
            };
            gate.document(&document, collector);
        }
    }
}

/// The identities that were judged and have nothing in them: a history has few people and many commits.
#[derive(Debug, Default)]
pub(crate) struct Identities(HashSet<Vec<u8>>);

impl Identities {
    /// Judges who wrote or brought in a commit, unless the same was judged before and nothing was said.
    fn judge(
        &mut self,
        gate: &Gate,
        role: &str,
        commit: &Commit,
        identity: Vec<u8>,
        collector: &mut Collector,
    ) {
        if self.0.contains(&identity) {
            collector.coverage.texts += 1;
            collector.coverage.bytes += identity.len() as u64;
            return;
        }
        let said = |collector: &Collector| {
            let skipped: u64 = collector.coverage.skipped.values().sum();
            let Collector { findings, suppressed, problems, decisions, .. } = collector;
            (findings.len(), suppressed.len(), problems.len(), decisions.count(), skipped)
        };
        let before = said(collector);
        let subject = format!("{role} of {}", commit.id.short());
        let id = Some(commit.id);
        text(gate, DocumentKind::Identity, &subject, id, id, &identity, collector);
        if said(collector) == before {
            self.0.insert(identity);
        }
    }
}

/// The message and the identities of a commit.
pub(crate) fn commit_texts(
    gate: &Gate,
    commit: &Commit,
    identities: &mut Identities,
    collector: &mut Collector,
) {
    let id = Some(commit.id);
    let subject = format!("commit message of {}", commit.id.short());
    text(gate, DocumentKind::CommitMessage, &subject, id, id, &commit.message, collector);
    let author = [commit.author.name.as_slice(), b" <", &commit.author.email, b">"].concat();
    let committer = [commit.committer.name.as_slice(), b" <", &commit.committer.email, b">"].concat();
    let committer = (committer != author).then_some(committer);
    identities.judge(gate, "author", commit, author, collector);
    if let Some(committer) = committer {
        identities.judge(gate, "committer", commit, committer, collector);
    }
}

/// The message and the tagger of an annotated tag.
pub(crate) fn tag_texts(gate: &Gate, tag: &Tag, collector: &mut Collector) {
    let name = RepoPath::new(tag.name.clone());
    let subject = format!("message of tag {}", name.escaped());
    text(gate, DocumentKind::TagMessage, &subject, Some(tag.id), None, &tag.message, collector);
    if let Some(tagger) = &tag.tagger {
        let tagger = [tagger.name.as_slice(), b" <", &tagger.email, b">"].concat();
        let subject = format!("tagger of {}", name.escaped());
        text(gate, DocumentKind::Identity, &subject, Some(tag.id), None, &tagger, collector);
    }
}

/// The name of a ref.
pub(crate) fn ref_text(gate: &Gate, name: &[u8], collector: &mut Collector) {
    let subject = format!("name of ref {}", RepoPath::new(name).escaped());
    text(gate, DocumentKind::RefName, &subject, None, None, name, collector);
}

fn text(
    gate: &Gate,
    kind: DocumentKind,
    subject: &str,
    id: Option<ObjectId>,
    commit: Option<ObjectId>,
    bytes: &[u8],
    collector: &mut Collector,
) {
    collector.coverage.texts += 1;
    collector.coverage.bytes += bytes.len() as u64;
    let document = Document { subject: Some(subject), id, commit, ..Document::new(kind, bytes) };
    gate.document(&document, collector);
}

/// Fills in who wrote the commit that a finding stands in.
fn name_authors(collector: &mut Collector, commits: &[Commit]) {
    let by_id: HashMap<ObjectId, &Commit> = commits.iter().map(|commit| (commit.id, commit)).collect();
    let suppressed = collector.suppressed.iter_mut().map(|suppressed| &mut suppressed.finding);
    for finding in collector.findings.iter_mut().chain(suppressed) {
        for location in finding.locations.iter_mut().filter(|location| location.author.is_none()) {
            let commit = location.commit.and_then(|id| by_id.get(&id));
            location.author = commit.map(|commit| commit.author.clone());
        }
    }
}

/// What the commits of a change set build on and are not themselves: what was there before all of them.
pub(crate) fn built_on(changes: &ChangeSet) -> Vec<ObjectId> {
    let own: HashSet<ObjectId> = changes.commits.iter().map(|commit| commit.id).collect();
    let parents = changes.commits.iter().flat_map(|commit| &commit.parents);
    let mut seen = HashSet::new();
    parents.filter(|parent| !own.contains(parent) && seen.insert(**parent)).copied().collect()
}

/// The commits of a range and what they change, as a change set.
///
/// # Errors
///
/// When a commit or a tree is missing or broken: then the range itself is not known.
pub(crate) fn range(
    repository: &dyn Repository,
    stage: Stage,
    include: &[ObjectId],
    exclude: &[ObjectId],
) -> Result<ChangeSet, Error> {
    range_until(repository, stage, include, exclude, Deadline::default()).map(|(changes, _)| changes)
}

/// The same, as far as it comes before `deadline`, and the ids of the commits that it does not come to.
///
/// # Errors
///
/// As [`range`].
pub(crate) fn range_until(
    repository: &dyn Repository,
    stage: Stage,
    include: &[ObjectId],
    exclude: &[ObjectId],
    deadline: Deadline,
) -> Result<(ChangeSet, Vec<ObjectId>), Error> {
    let (mut changes, mut late) = (ChangeSet::new(stage), Vec::new());
    for id in commits_until(repository, include, exclude, deadline)? {
        if deadline.is_over() {
            late.push(id);
            continue;
        }
        changes.commits.push(repository.commit(&id)?);
        changes.changes.extend(repository.changes(&id)?);
    }
    Ok((changes, late))
}

/// How long the walk from the new values to the refs may take in any case: without it nobody knows what there is to judge.
const LEAST_WALK: Duration = Duration::from_secs(1);

/// The commits of a range, unless finding them takes longer than there is time. Then nothing is known of what there is to judge,
/// and it is refused whatever else a policy says of time.
fn commits_until(
    repository: &dyn Repository,
    include: &[ObjectId],
    exclude: &[ObjectId],
    deadline: Deadline,
) -> Result<Vec<ObjectId>, Error> {
    let Some(left) = deadline.left() else { return repository.commits(include, exclude) };
    let own = repository.another()?;
    let (include, exclude) = (include.to_vec(), exclude.to_vec());
    let walked = deadline::within(left.max(LEAST_WALK), move || own.commits(&include, &exclude));
    walked
        .map_err(|error| too_slow(&format!("no thread could be started: {error}")))?
        .unwrap_or_else(|| Err(too_slow("the time is up, and which commits are new is not known yet")))
}

fn too_slow(what: &str) -> Error {
    let fix = "push again, later or less at once; an administrator can help the walk along \
               (`git gc` and `git commit-graph write --reachable` in the repository on the server) or raise `budget` in [server]";
    Error::new(ErrorKind::TimeOut, what, fix)
}
