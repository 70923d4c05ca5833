//! What stands once a change is made, for checks that ask for whole trees: the index of a commit in the making, the new
//! value of each branch that moves, the end of a range.

use super::{skip_reason, unreadable};
use crate::collect::Collector;
use gatepost_core::change::After;
use gatepost_core::history::Unanswered;
use gatepost_core::{Change, ChangeSet, Gate, ObjectId, RepoPath, Sink, Stage, TreeEntry};
use gatepost_source::{Error, Head, Repository};
use std::collections::{BTreeMap, BTreeSet};

/// Has the checks judge what a change set leaves.
pub(super) fn judge(
    repository: &dyn Repository,
    gate: &Gate,
    changes: &ChangeSet,
    collector: &mut Collector,
) {
    let paths: BTreeSet<&RepoPath> = changes.changes.iter().map(|change| &change.path).collect();
    if !gate.is_reading_trees(&paths.into_iter().collect::<Vec<_>>()) {
        return;
    }
    let read = |id: &ObjectId, limit: u64| read(repository, id, limit);
    let mut show =
        |commit: Option<ObjectId>, files: Result<Vec<(RepoPath, TreeEntry)>, Error>, changed: &[&Change]| {
            let files = match files {
                Ok(files) => files,
                Err(error) => {
                    let place = commit.map_or_else(|| "the index".to_owned(), |commit| commit.to_string());
                    collector.skip(skip_reason(&error));
                    collector.problem(unreadable(&error, place));
                    return;
                }
            };
            let paths = |is_gone: bool| {
                let of_kind = changed.iter().filter(|change| change.new.is_none() == is_gone);
                of_kind.map(|change| &change.path).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
            };
            let (added, gone) = (paths(false), paths(true));
            gate.after(&After { commit, files: &files, added: &added, gone: &gone, blob: &read }, collector);
        };
    let changed: Vec<&Change> = changes.changes.iter().collect();
    if matches!(changes.stage, Stage::PreCommit) && changes.commits.is_empty() {
        if !changed.is_empty() {
            show(None, in_index(repository, &changed), &changed);
        }
        return;
    }
    for tip in tips(changes) {
        show(Some(tip), repository.files(&tip), &changed);
    }
}

/// The new values of branches; of a range, which moves none, its end.
fn tips(changes: &ChangeSet) -> BTreeSet<ObjectId> {
    let branches = changes.ref_updates.iter().filter(|update| update.name.branch().is_some());
    let mut tips: BTreeSet<ObjectId> = branches.filter_map(|update| update.new).collect();
    if changes.ref_updates.is_empty() {
        // Parents come before children.
        tips.extend(changes.commits.last().map(|commit| commit.id));
    }
    tips
}

/// The files of HEAD with what is staged over them.
pub(crate) fn in_index(
    repository: &dyn Repository,
    staged: &[&Change],
) -> Result<Vec<(RepoPath, TreeEntry)>, Error> {
    let mut files: BTreeMap<RepoPath, TreeEntry> = match repository.head()? {
        Head::Branch(_, head) | Head::Detached(head) => repository.files(&head)?.into_iter().collect(),
        Head::Unborn(_) => BTreeMap::new(),
    };
    for change in staged {
        match change.new {
            Some(entry) => files.insert(change.path.clone(), entry),
            None => files.remove(&change.path),
        };
    }
    Ok(files.into_iter().collect())
}

pub(crate) fn read(
    repository: &dyn Repository,
    id: &ObjectId,
    limit: u64,
) -> Result<Option<Vec<u8>>, Unanswered> {
    let mut buffer = Vec::new();
    let size = repository.read_blob_up_to(id, limit, &mut buffer).map_err(|error| Unanswered {
        reason: skip_reason(&error),
        problem: unreadable(&error, id.to_string()),
    })?;
    Ok((size <= limit).then_some(buffer))
}
