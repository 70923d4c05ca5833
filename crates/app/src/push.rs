//! What a push brings: the new commits and tags behind the new values of its refs, on either side of the wire.

use crate::collect::Collector;
use crate::exit::Failure;
use crate::judge;
use crate::session::Session;
use gatepost_core::{
    ChangeSet, Document, DocumentKind, Gate, ObjectId, Problem, RefUpdate, Sink, SkipReason, Stage,
};
use gatepost_source::{Error, ErrorKind, Repository};

/// A push, sorted by what its new values are.
struct Push {
    /// The new commits and tags, and the updates.
    set: ChangeSet,
    /// New values that are neither commits nor tags of commits.
    other: Vec<ObjectId>,
}

/// Judges a push, and says in words what it was.
///
/// Commits that only refs beside branches and tags bring (`refs/notes/*`, `refs/stash`) have messages that Git wrote
/// and nobody reads: their content is judged and the form of their messages is not.
///
/// # Errors
///
/// When the range cannot be walked: a push that cannot be known is not judged, and does not pass.
pub(crate) fn judge(
    session: &Session,
    repository: &dyn Repository,
    updates: Vec<RefUpdate>,
    known: &[ObjectId],
) -> Result<(Collector, String), Failure> {
    let (ordinary, beside): (Vec<_>, Vec<_>) =
        updates.into_iter().partition(|update| update.name.branch().is_some() || update.name.tag().is_some());
    let gate = session.gate(|_| true)?;
    let mut push = change_set(repository, session.stage, ordinary, known)?;
    let mut collected = judge::change_set(repository, &gate, &push.set, session.threads)?;
    collected.absorb(other_objects(repository, &gate, &push.other));
    if !beside.is_empty() {
        let gate = session.gate(|check| check.section != "message")?;
        let judged: Vec<ObjectId> =
            known.iter().copied().chain(push.set.commits.iter().map(|commit| commit.id)).collect();
        let more = change_set(repository, session.stage, beside, &judged)?;
        collected.absorb(judge::change_set(repository, &gate, &more.set, session.threads)?);
        collected.absorb(other_objects(repository, &gate, &more.other));
        push.set.ref_updates.extend(more.set.ref_updates);
        push.set.commits.extend(more.set.commits);
    }
    let scope = scope(&push.set);
    Ok((collected, scope))
}

/// The commits reachable from the new values, all of them together, and from nothing in `known`; the tags on the way.
///
/// # Errors
///
/// When the range cannot be walked: a push that cannot be known is not judged, and does not pass.
fn change_set(
    repository: &dyn Repository,
    stage: Stage,
    updates: Vec<RefUpdate>,
    known: &[ObjectId],
) -> Result<Push, Failure> {
    let (mut commits, mut tags, mut other) = (Vec::new(), Vec::new(), Vec::new());
    for mut id in updates.iter().filter_map(|update| update.new) {
        // A tag can point at a tag; Git itself peels without a limit, and each step is another object.
        while let Some(tag) = repository.tag(&id)? {
            id = tag.target;
            tags.push(tag);
        }
        match repository.commit(&id) {
            Ok(_) => commits.push(id),
            Err(error) if error.kind == ErrorKind::MissingObject => return Err(error.into()),
            Err(_) => other.push(id),
        }
    }
    let mut set = judge::range(repository, stage, &commits, known)?;
    set.tags = tags;
    set.ref_updates = updates;
    Ok(Push { set, other })
}

/// Judges new values that are no commits: a ref can point at a blob, or at a tree, whose content has no path.
fn other_objects(repository: &dyn Repository, gate: &Gate, ids: &[ObjectId]) -> Collector {
    let (mut collected, mut buffer) = (Collector::default(), Vec::new());
    for id in ids {
        let read = repository.blob_size(id).and_then(|size| {
            if size > gate.read_limit() {
                return Ok(false);
            }
            repository.read_blob(id, &mut buffer).map(|()| true)
        });
        match read {
            Ok(false) => collected.skip(SkipReason::TooLarge),
            Ok(true) => {
                collected.coverage.blobs += 1;
                collected.coverage.bytes += buffer.len() as u64;
                let subject = format!("blob {}", id.short());
                let document = Document {
                    subject: Some(&subject),
                    id: Some(*id),
                    ..Document::new(DocumentKind::Blob, &buffer)
                };
                gate.document(&document, &mut collected);
            }
            Err(error) => {
                collected.skip(SkipReason::Unreadable);
                collected.problem(no_commit(id, &error));
            }
        }
    }
    collected
}

fn no_commit(id: &ObjectId, error: &Error) -> Problem {
    Problem {
        what: format!("a ref points at an object that is neither a commit nor a blob: {}", error.message),
        place: Some(id.to_string()),
        fix: "push commits, or tags of commits".to_owned(),
    }
}

/// What was judged, in words.
fn scope(set: &ChangeSet) -> String {
    let plural =
        |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let refs = plural(set.ref_updates.len(), "ref", "refs");
    let deleted = set.ref_updates.iter().filter(|update| update.new.is_none()).count();
    let commits = plural(set.commits.len(), "new commit", "new commits");
    match (set.ref_updates.len(), deleted) {
        (0, _) => "nothing is pushed".to_owned(),
        (all, deleted) if all == deleted => format!("{refs} deleted, no new commits"),
        (_, 0) => format!("{refs}, {commits}"),
        (_, deleted) => format!("{refs} ({deleted} deleted), {commits}"),
    }
}
