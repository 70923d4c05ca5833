//! Refs that move, judged as moves: what rules ask of the repository is looked up here, when they ask.

mod ancestry;

use crate::collect::Collector;
use crate::deadline::Deadline;
use crate::failure;
use crate::judge::{skip_reason, unreadable};
use crate::push::Known;
use crate::session::Session;
use ancestry::Ancestry;
use gatepost_core::history::{History, Peeled, Unanswered, Unrecorded, follow_tags};
use gatepost_core::patch::{self, PatchId};
use gatepost_core::{
    Change, ChangeSet, Commit, Gate, ObjectId, Problem, Push, RefName, RefUpdate, Reference, RepoPath,
    Signature, Sink, SkipReason, Stage, Tag, TreeEntry,
};
use gatepost_source::{Error, ErrorKind, ObjectKind, Repository};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

/// What is said of a question that came too late. Whoever judges a push says once for all of it that the time was up.
const TIME_IS_UP: &str = "the time is up";

/// Judges the refs that a change set moves. `known` are the refs before they do. What rules ask after the session's
/// deadline has no answer.
pub(crate) fn judge(
    session: &Session,
    repository: &dyn Repository,
    gate: &Gate,
    set: &ChangeSet,
    moving: &[RefUpdate],
    known: &[Known],
) -> Collector {
    if !gate.is_judging_moves() {
        return Collector::default();
    }
    let refs =
        known.iter().filter_map(|known| Some(Reference { name: known.name.clone()?, target: known.id }));
    let refs: Vec<Reference> = refs.collect();
    let asked = Asked { deadline: session.deadline, ..Asked::new(session, repository, &set.commits) };
    let mut collected = Collector::default();
    let tags_here = tags_here(repository, set).unwrap_or_else(|error| {
        collected.skip(skip_reason(&error));
        collected.problem(unreadable(&error, "the tags of this repository".to_owned()));
        Vec::new()
    });
    let push = Push {
        stage: set.stage,
        updates: &set.ref_updates,
        moving,
        refs: &refs,
        tags_here: &tags_here,
        commits: &set.commits,
        pusher: set.pusher.as_ref(),
        history: &asked,
    };
    gate.push(&push, &mut collected);
    if asked.is_late.get() {
        collected.problems.retain(|problem| problem.what != TIME_IS_UP);
        collected.late_refs = true;
    }
    collected
}

/// The tags of the repository that a push leaves from, without those that it moves; none where a push arrives.
fn tags_here(repository: &dyn Repository, set: &ChangeSet) -> Result<Vec<Reference>, Error> {
    if set.stage != Stage::PrePush || set.ref_updates.is_empty() {
        return Ok(Vec::new());
    }
    let is_pushed = |name: &RefName| set.ref_updates.iter().any(|update| update.name == *name);
    let refs = repository.references()?.into_iter();
    Ok(refs.filter(|reference| reference.name.tag().is_some() && !is_pushed(&reference.name)).collect())
}

/// The refs that are there already, ready to be judged.
pub(crate) struct Standing<'a> {
    asked: Asked<'a>,
    refs: &'a [Reference],
}

impl<'a> Standing<'a> {
    /// All refs that are there, as far as they count.
    pub(crate) fn new(session: &'a Session, repository: &'a dyn Repository, refs: &'a [Reference]) -> Self {
        Self { asked: Asked { standing: refs, ..Asked::new(session, repository, &[]) }, refs }
    }

    /// Judges some of them.
    pub(crate) fn judge(&self, gate: &Gate, updates: &[RefUpdate]) -> Collector {
        let push = Push {
            stage: self.asked.session.stage,
            updates,
            moving: &[],
            refs: self.refs,
            tags_here: &[],
            commits: &[],
            pusher: None,
            history: &self.asked,
        };
        let mut collected = Collector::default();
        gate.standing(&push, &mut collected);
        collected
    }
}

/// A repository that answers checks.
pub(crate) struct Asked<'a> {
    session: &'a Session,
    repository: &'a dyn Repository,
    commits: RefCell<HashMap<ObjectId, Arc<Commit>>>,
    deadline: Deadline,
    is_late: Cell<bool>,
    patches: RefCell<HashMap<ObjectId, Option<PatchId>>>,
    /// Where nothing moves, the refs that are there.
    standing: &'a [Reference],
    ancestry: OnceCell<Option<Ancestry>>,
    /// What refs lead to: rules for tags look at each tag for each tag.
    peeled: RefCell<HashMap<ObjectId, Peeled>>,
}

impl<'a> Asked<'a> {
    /// A repository of which some commits have been read.
    pub(crate) fn new(session: &'a Session, repository: &'a dyn Repository, commits: &[Commit]) -> Self {
        let known = commits.iter().map(|commit| (commit.id, Arc::new(commit.clone())));
        let (commits, is_late) = (RefCell::new(known.collect()), Cell::new(false));
        let ancestry = OnceCell::new();
        Self {
            session,
            repository,
            commits,
            deadline: Deadline::default(),
            is_late,
            standing: &[],
            ancestry,
            peeled: RefCell::default(),
            patches: RefCell::default(),
        }
    }

    /// Whether an object that is read as no commit is a broken one, and not of another kind.
    fn is_commit(&self, id: &ObjectId) -> Result<bool, Unanswered> {
        let kind = self.repository.raw(id, &mut Vec::new()).map_err(unanswered(id))?;
        Ok(kind == ObjectKind::Commit)
    }

    fn in_time(&self) -> Result<(), Unanswered> {
        if !self.deadline.is_over() {
            return Ok(());
        }
        self.is_late.set(true);
        let problem = Problem { what: TIME_IS_UP.to_owned(), place: None, fix: String::new() };
        Err(Unanswered { reason: SkipReason::TimeOut, problem })
    }
}

/// An error as the answer to a question about `place`.
fn unanswered(place: impl ToString) -> impl FnOnce(Error) -> Unanswered {
    move |error| Unanswered { reason: skip_reason(&error), problem: unreadable(&error, place.to_string()) }
}

impl History for Asked<'_> {
    fn commit(&self, id: &ObjectId) -> Result<Option<Arc<Commit>>, Unanswered> {
        self.in_time()?;
        if let Some(known) = self.commits.borrow().get(id) {
            return Ok(Some(Arc::clone(known)));
        }
        match self.repository.commit(id) {
            Ok(commit) => {
                let commit = Arc::new(commit);
                self.commits.borrow_mut().insert(*id, Arc::clone(&commit));
                Ok(Some(commit))
            }
            Err(error) if error.kind == ErrorKind::CorruptObject && !self.is_commit(id)? => Ok(None),
            Err(error) => Err(unanswered(id)(error)),
        }
    }

    fn peel(&self, id: &ObjectId) -> Result<Peeled, Unanswered> {
        if let Some(known) = self.peeled.borrow().get(id) {
            return Ok(known.clone());
        }
        let (tags, target) = follow_tags(*id, |id| self.tag(id))?;
        let peeled = Peeled { tags, id: target, commit: self.commit(&target)? };
        self.peeled.borrow_mut().insert(*id, peeled.clone());
        Ok(peeled)
    }

    fn is_ancestor(&self, ancestor: &ObjectId, descendant: &ObjectId) -> Result<bool, Unanswered> {
        self.in_time()?;
        if self.ancestry.get().is_none() {
            let known = Ancestry::of(self.repository, self.standing)?;
            self.ancestry.get_or_init(|| known);
        }
        let known = self.ancestry.get().and_then(Option::as_ref);
        match known.and_then(|known| known.is_ancestor(ancestor, descendant)) {
            Some(known) => Ok(known),
            None => Ok(ancestor == descendant || self.commits(&[*ancestor], &[*descendant])?.is_empty()),
        }
    }

    fn tag(&self, id: &ObjectId) -> Result<Option<Tag>, Unanswered> {
        self.in_time()?;
        self.repository.tag(id).map_err(unanswered(id))
    }

    fn commits(&self, include: &[ObjectId], exclude: &[ObjectId]) -> Result<Vec<ObjectId>, Unanswered> {
        self.in_time()?;
        let place = include.first().map_or_else(String::new, ToString::to_string);
        self.repository.commits(include, exclude).map_err(unanswered(place))
    }

    fn merge_bases(&self, one: &ObjectId, other: &ObjectId) -> Result<Vec<ObjectId>, Unanswered> {
        self.in_time()?;
        self.repository.merge_bases(one, other).map_err(unanswered(one))
    }

    fn changes(&self, commit: &ObjectId) -> Result<Vec<Change>, Unanswered> {
        self.in_time()?;
        self.repository.changes(commit).map_err(unanswered(commit))
    }

    fn changes_between(&self, old: &ObjectId, new: &ObjectId) -> Result<Vec<Change>, Unanswered> {
        self.in_time()?;
        self.repository.changes_between(old, new).map_err(unanswered(new))
    }

    fn entry(&self, commit: &ObjectId, path: &RepoPath) -> Result<Option<TreeEntry>, Unanswered> {
        self.in_time()?;
        self.repository.entry(commit, path).map_err(unanswered(commit))
    }

    fn files(&self, commit: &ObjectId) -> Result<Vec<(RepoPath, TreeEntry)>, Unanswered> {
        self.in_time()?;
        self.repository.files(commit).map_err(unanswered(commit))
    }

    fn signatures(&self, ids: &[ObjectId]) -> Result<Vec<Signature>, Unanswered> {
        self.in_time()?;
        let Session { verifier, threads, .. } = self.session;
        verifier.prepare(self.repository, ids, *threads);
        ids.iter().map(|id| verifier.signature(self.repository, id).map_err(unanswered(id))).collect()
    }

    fn blob_size(&self, id: &ObjectId) -> Result<u64, Unanswered> {
        self.in_time()?;
        self.repository.blob_size(id).map_err(unanswered(id))
    }

    fn unrecorded(&self, commits: &[ObjectId]) -> Result<Vec<Unrecorded>, Unanswered> {
        let with_tree = |id: &ObjectId| {
            let tree = self.commit(id)?.map(|commit| commit.tree.to_string());
            Ok((id.to_string(), tree.unwrap_or_default()))
        };
        let with_trees = commits.iter().map(with_tree).collect::<Result<Vec<_>, Unanswered>>()?;
        let gaps = self.session.records.gaps(&with_trees).map_err(|failure| {
            let fix = failure::advice(&failure);
            let problem = Problem { what: failure::words(&failure), place: None, fix };
            Unanswered { reason: SkipReason::Missing, problem }
        })?;
        let words: HashMap<&str, String> =
            gaps.iter().map(|gap| (gap.commit.as_str(), gap.words())).collect();
        let unrecorded = |(id, (hex, _)): (&ObjectId, &(String, String))| {
            Some(Unrecorded { commit: *id, instead: words.get(hex.as_str())?.clone() })
        };
        Ok(commits.iter().zip(&with_trees).filter_map(unrecorded).collect())
    }

    fn patch_id(&self, commit: &ObjectId) -> Result<Option<PatchId>, Unanswered> {
        if let Some(known) = self.patches.borrow().get(commit) {
            return Ok(*known);
        }
        let id = patch::patch_id(&self.changes(commit)?, |id| self.blob(id, patch::LARGEST))?;
        self.patches.borrow_mut().insert(*commit, id);
        Ok(id)
    }

    fn blob(&self, id: &ObjectId, limit: u64) -> Result<Option<Vec<u8>>, Unanswered> {
        self.in_time()?;
        let mut buffer = Vec::new();
        let size = self.repository.read_blob_up_to(id, limit, &mut buffer).map_err(unanswered(id))?;
        Ok((size <= limit).then_some(buffer))
    }
}
