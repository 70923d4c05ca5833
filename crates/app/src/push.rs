//! What a push brings: the new commits and tags behind the new values of its refs, on either side of the wire.

use crate::bypass::record::Pushed;
use crate::bypass::recorded::Recorded;
use crate::collect::Collector;
use crate::exit::Failure;
use crate::judge::{self, versions::Versions};
use crate::moves;
use crate::session::Session;
use gatepost_core::history::follow_tags;
use gatepost_core::policy::Overlay;
use gatepost_core::{
    ChangeSet, Document, DocumentKind, Finding, Fingerprint, Gate, ObjectId, Problem, RefName, RefUpdate,
    Sink, SkipReason, Tag,
};
use gatepost_source::{Error, ErrorKind, Repository};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What came of judging a push.
pub(crate) struct Judged {
    /// What was found.
    pub(crate) collected: Collector,
    /// What it was, in words.
    pub(crate) scope: String,
    /// What it was: its refs and its commits.
    pub(crate) pushed: Pushed,
    /// What the time did not suffice for; `None`: it sufficed.
    pub(crate) unjudged: Option<Unjudged>,
}

/// Commits that could not be judged in time.
pub(crate) struct Unjudged {
    /// How many were not judged in full.
    pub(crate) late: usize,
    /// How many there are.
    pub(crate) of: usize,
    /// Those of them that were not even read.
    pub(crate) unread: Vec<ObjectId>,
}

/// A push, sorted by what its new values are.
struct Push {
    /// The new commits and tags, and the updates.
    set: ChangeSet,
    /// New values that are commits, or tags of commits: those commits.
    tips: Vec<ObjectId>,
    /// New values that are neither commits nor tags of commits.
    other: Vec<ObjectId>,
    /// How many of the commits are not new, and judged again.
    again: usize,
    /// New commits that were not even read before the time was up.
    late: Vec<ObjectId>,
}

/// A ref that the receiving side has, as far as is known here.
pub(crate) struct Known {
    /// Its name there; `None` where only its value is known.
    pub(crate) name: Option<RefName>,
    /// Its value.
    pub(crate) id: ObjectId,
}

/// Judges a push.
///
/// Refs are judged in groups: those for which the same overlays of the policy count, and those whose commits have messages
/// that Git wrote and nobody reads (`refs/notes/*`, `refs/stash`): of these the content is judged and the form of the
/// messages is not.
///
/// What `recorded` has is judged again with the refs that it newly reaches.
///
/// # Errors
///
/// When the range cannot be walked: a push that cannot be known is not judged, and does not pass.
pub(crate) fn judge(
    session: &Session,
    repository: &dyn Repository,
    updates: Vec<RefUpdate>,
    known: &[Known],
    recorded: &Recorded,
) -> Result<Judged, Failure> {
    let moving = updates.clone();
    let (ordinary, beside): (Vec<_>, Vec<_>) =
        updates.into_iter().partition(|update| !is_beside(&update.name));
    let (mut judged, mut tips, mut repeated) = (ChangeSet::new(session.stage), Vec::new(), 0);
    let mut collected = Collector::default();
    let all: Vec<ObjectId> = known.iter().map(|known| known.id).collect();
    for (group, updates) in groups(session, ordinary) {
        let branch = updates.first().map(|update| update.name.clone());
        let gate = session.gate_on(branch.as_ref(), |_| true)?;
        let vouched = group.vouched_for(session, known, &updates);
        let again = recorded.again(repository, &updates, &mut collected.notices)?;
        let push = change_set(session, repository, updates, &vouched, &again)?;
        let versions = Versions::new(session, branch.as_ref(), push.set.commits.len())?;
        let threads = session.threads;
        let (set, deadline) = (&push.set, session.deadline);
        collected.absorb(judge::versions(repository, &gate, versions.as_ref(), set, threads, deadline)?);
        collected.absorb(other_objects(repository, &gate, &push.other));
        collected.absorb(moves::judge(session, repository, &gate, &push.set, &moving, known));
        push.late.iter().for_each(|id| collected.late(*id));
        take(&mut judged, push.set);
        tips.extend(push.tips);
        repeated = repeated.max(push.again);
    }
    collected.findings = once(std::mem::take(&mut collected.findings));
    if !beside.is_empty() {
        let gate = session.gate_on(None, |check| check.section != "message")?;
        let before: Vec<ObjectId> =
            all.iter().copied().chain(judged.commits.iter().map(|commit| commit.id)).collect();
        let again = recorded.again(repository, &beside, &mut collected.notices)?;
        let mut push = change_set(session, repository, beside, &before, &again)?;
        // What the first half of the push brings is as new as the second.
        let pushed: HashSet<ObjectId> = judged.commits.iter().map(|commit| commit.id).collect();
        push.set.trusted.retain(|id| !pushed.contains(id));
        let (set, threads, deadline) = (&push.set, session.threads, session.deadline);
        collected.absorb(judge::versions(repository, &gate, None, set, threads, deadline)?);
        collected.absorb(other_objects(repository, &gate, &push.other));
        collected.absorb(moves::judge(session, repository, &gate, &push.set, &moving, known));
        push.late.iter().for_each(|id| collected.late(*id));
        take(&mut judged, push.set);
        tips.extend(push.tips);
        repeated = repeated.max(push.again);
    }
    let scope = scope(&judged, repeated);
    let ChangeSet { ref_updates: updates, commits, .. } = judged;
    let unjudged = (collected.late_refs || !collected.late.is_empty()).then(|| {
        let read: HashSet<ObjectId> = commits.iter().map(|commit| commit.id).collect();
        let unread: Vec<ObjectId> = collected.late.iter().filter(|id| !read.contains(id)).copied().collect();
        Unjudged { late: collected.late.len(), of: commits.len() + unread.len(), unread }
    });
    Ok(Judged { collected, scope, pushed: Pushed { updates, commits, tips }, unjudged })
}

/// Whether the commits of a ref have messages that Git wrote.
fn is_beside(name: &RefName) -> bool {
    name.as_bytes().starts_with(b"refs/notes/") || name.as_bytes() == b"refs/stash"
}

/// Refs that are judged alike.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    /// The overlays for branches that count.
    overlays: Vec<usize>,
    /// Whether the refs exist already. Only asked where the policy has overlays for branches.
    moved: bool,
}

/// Whether the policy judges one branch by other settings than another.
fn by_branch(session: &Session) -> bool {
    session.policy().overlays().iter().any(Overlay::has_branches)
}

fn groups(session: &Session, updates: Vec<RefUpdate>) -> BTreeMap<Group, Vec<RefUpdate>> {
    let mut groups: BTreeMap<Group, Vec<RefUpdate>> = BTreeMap::new();
    for update in updates {
        let overlays = session.policy().overlays_of_branch(Some(&update.name));
        let moved = by_branch(session) && update.old.is_some();
        groups.entry(Group { overlays, moved }).or_default().push(update);
    }
    if groups.is_empty() {
        groups.insert(Group { overlays: Vec::new(), moved: false }, Vec::new());
    }
    groups
}

impl Group {
    /// What vouches for commits that come to these refs: what was judged by the same settings.
    ///
    /// Where no branch has settings of its own, that is every branch and tag. Else a branch without overlays goes by the
    /// other ones without; one with overlays goes by nothing but its own old value, since another branch with the same
    /// overlays may have been made of anything. A branch that is made begins with what those without overlays have.
    fn vouched_for(&self, session: &Session, known: &[Known], updates: &[RefUpdate]) -> Vec<ObjectId> {
        let named = known.iter().filter_map(|known| Some((known.name.as_ref()?, known.id)));
        let mut judged = named.filter(|(name, _)| !is_beside(name));
        if !by_branch(session) {
            return judged.map(|(_, id)| id).collect();
        }
        let overlays = |name: &RefName| session.policy().overlays_of_branch(Some(name));
        let vouches = |name: &RefName| match (self.moved, self.overlays.is_empty()) {
            (true, false) => updates.iter().any(|update| update.name == *name),
            (true, true) => overlays(name).is_empty(),
            (false, _) => overlays(name).is_empty() || overlays(name) == self.overlays,
        };
        judged.by_ref().filter(|(name, _)| vouches(name)).map(|(_, id)| id).collect()
    }
}

/// Keeps one of the findings that several groups have of one commit: the strictest.
fn once(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut known: HashMap<(String, Fingerprint), Vec<usize>> = HashMap::new();
    for finding in findings {
        let same = known.entry((finding.rule.clone(), finding.fingerprint.clone())).or_default();
        let is_same =
            |first: &Finding| first.locations == finding.locations && first.secret == finding.secret;
        match same.iter().copied().find(|index| kept.get(*index).is_some_and(is_same)) {
            Some(index) => {
                if let Some(first) = kept.get_mut(index).filter(|first| first.level < finding.level) {
                    *first = finding;
                }
            }
            None => {
                same.push(kept.len());
                kept.push(finding);
            }
        }
    }
    kept
}

/// Adds what was judged to what was judged before.
fn take(judged: &mut ChangeSet, set: ChangeSet) {
    judged.ref_updates.extend(set.ref_updates);
    let seen: HashSet<ObjectId> = judged.commits.iter().map(|commit| commit.id).collect();
    judged.commits.extend(set.commits.into_iter().filter(|commit| !seen.contains(&commit.id)));
}

/// The commits reachable from the new values, all of them together, and from nothing in `known`; the tags on the way.
/// `again` is judged with them.
///
/// # Errors
///
/// When the range cannot be walked: a push that cannot be known is not judged, and does not pass.
fn change_set(
    session: &Session,
    repository: &dyn Repository,
    updates: Vec<RefUpdate>,
    known: &[ObjectId],
    again: &[ObjectId],
) -> Result<Push, Failure> {
    let (mut commits, mut tags, mut other) = (Vec::new(), Vec::new(), Vec::new());
    for id in updates.iter().filter_map(|update| update.new) {
        let (on_the_way, id) = peel(repository, id)?;
        tags.extend(on_the_way);
        match repository.commit(&id) {
            Ok(_) => commits.push(id),
            Err(error) if error.kind == ErrorKind::MissingObject => return Err(error.into()),
            Err(_) => other.push(id),
        }
    }
    let (mut set, late) = judge::range_until(repository, session.stage, &commits, known, session.deadline)?;
    set.pusher = session.pusher();
    let again = put_before(repository, &mut set, again)?;
    set.trusted = judge::built_on(&set);
    set.tags = tags;
    set.ref_updates = updates;
    Ok(Push { set, tips: commits, other, again, late })
}

/// Puts commits that refs have already before the new ones, which may build on them, and says how many there are.
fn put_before(repository: &dyn Repository, set: &mut ChangeSet, again: &[ObjectId]) -> Result<usize, Error> {
    let new: HashSet<ObjectId> = set.commits.iter().map(|commit| commit.id).collect();
    let (mut commits, mut changes) = (Vec::new(), Vec::new());
    for id in again.iter().filter(|id| !new.contains(id)) {
        commits.push(repository.commit(id)?);
        changes.extend(repository.changes(id)?);
    }
    let count = commits.len();
    commits.append(&mut set.commits);
    changes.append(&mut set.changes);
    (set.commits, set.changes) = (commits, changes);
    Ok(count)
}

/// Judges commits and ref updates that came in earlier, as a push of them would be judged now.
///
/// # Errors
///
/// A commit that cannot be read.
pub(crate) fn again(
    session: &Session,
    repository: &dyn Repository,
    commits: &[ObjectId],
    updates: Vec<RefUpdate>,
) -> Result<Collector, Failure> {
    let beside = !updates.is_empty() && updates.iter().all(|update| is_beside(&update.name));
    let mut collected = Collector::default();
    for (_, updates) in groups(session, updates) {
        let branch = updates.first().map(|update| &update.name);
        let gate = session.gate_on(branch, |check| !beside || check.section != "message")?;
        let mut set = ChangeSet::new(session.stage);
        for id in commits {
            set.commits.push(repository.commit(id)?);
            set.changes.extend(repository.changes(id)?);
        }
        let mut other = Vec::new();
        for id in updates.iter().filter_map(|update| update.new) {
            let (tags, target) = peel(repository, id)?;
            set.tags.extend(tags);
            if repository.commit(&target).is_err() {
                other.push(target);
            }
        }
        set.trusted = judge::built_on(&set);
        set.ref_updates = updates;
        collected.absorb(judge::change_set(repository, &gate, &set, session.threads)?);
        collected.absorb(other_objects(repository, &gate, &other));
    }
    collected.findings = once(std::mem::take(&mut collected.findings));
    Ok(collected)
}

/// The tags that lead to an object, and that object.
fn peel(repository: &dyn Repository, id: ObjectId) -> Result<(Vec<Tag>, ObjectId), Error> {
    follow_tags(id, |id| repository.tag(id))
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

/// What was judged, in words. `again` of the commits are not new.
fn scope(set: &ChangeSet, again: usize) -> String {
    let plural =
        |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let refs = plural(set.ref_updates.len(), "ref", "refs");
    let deleted = set.ref_updates.iter().filter(|update| update.new.is_none()).count();
    let new = plural(set.commits.len().saturating_sub(again), "new commit", "new commits");
    let commits = if again == 0 { new } else { format!("{new}, {again} judged again") };
    match (set.ref_updates.len(), deleted) {
        (0, _) => "nothing is pushed".to_owned(),
        (all, deleted) if all == deleted => format!("{refs} deleted, no new commits"),
        (_, 0) => format!("{refs}, {commits}"),
        (_, deleted) => format!("{refs} ({deleted} deleted), {commits}"),
    }
}
