//! Lines of work: every tip of the new commits for itself, with what was there before they began. A tip is a commit that a
//! ref shall point at, or that no other one builds on.

use super::{Entry, Judging, Version, Versions, add_other_policies, file, file_at};
use gatepost_core::{Change, ChangeSet, Commit, ObjectId};
use gatepost_source::{Error, Repository};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Judges what the new commits make of the watched files.
pub(super) fn judge(judging: &mut Judging<'_>, changes: &ChangeSet, watched: &[&Change]) {
    if watched.is_empty() {
        return;
    }
    let graph = graph(changes);
    for tip in tips(changes, &graph) {
        let versions = versions_at(judging.repository, &tip, &graph, watched);
        judging.versions(&tip.to_string(), versions);
    }
}

/// The commits that somebody will have: those that refs shall point at, and those that none builds on.
pub(super) fn tips(changes: &ChangeSet, graph: &HashMap<ObjectId, &Commit>) -> Vec<ObjectId> {
    let parents: HashSet<&ObjectId> = changes.commits.iter().flat_map(|commit| &commit.parents).collect();
    let named = changes.ref_updates.iter().filter_map(|update| update.new);
    let tagged = changes.tags.iter().map(|tag| tag.target);
    let named: HashSet<ObjectId> = named.chain(tagged).filter(|id| graph.contains_key(id)).collect();
    let ids = changes.commits.iter().map(|commit| commit.id);
    ids.filter(|id| named.contains(id) || !parents.contains(id)).collect()
}

/// The new commits by their ids.
pub(super) fn graph(changes: &ChangeSet) -> HashMap<ObjectId, &Commit> {
    changes.commits.iter().map(|commit| (commit.id, commit)).collect()
}

/// The commits of the change set that a tip builds on, itself among them.
pub(super) fn ancestry(tip: &ObjectId, graph: &HashMap<ObjectId, &Commit>) -> HashSet<ObjectId> {
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
pub(super) fn versions_at(
    repository: &dyn Repository,
    tip: &ObjectId,
    graph: &HashMap<ObjectId, &Commit>,
    watched: &[&Change],
) -> Result<Versions, Error> {
    let ancestry = ancestry(tip, graph);
    let mut by_path: BTreeMap<_, Vec<Version>> = BTreeMap::new();
    // Parents come before children, so what a change builds on is there already.
    for change in watched.iter().filter(|change| change.commit.is_some_and(|id| ancestry.contains(&id))) {
        let versions = by_path.entry(&change.path).or_default();
        let mut bases = bases_of(versions, file(change.old));
        let others = change.commit.and_then(|id| graph.get(&id)).map_or(&[][..], |commit| &commit.parents);
        for parent in others.iter().skip(1) {
            bases.extend(bases_of(versions, file_at(repository, parent, &change.path)?));
        }
        bases.dedup();
        let entry = file(change.new);
        versions.push(Version { entry, bases, commit: change.commit, is_beside: false });
    }
    let mut out = Versions::new();
    for (path, versions) in by_path {
        let current = file_at(repository, tip, path)?;
        // What a merge took over from elsewhere, the change set did not make.
        if let Some(version) = versions.into_iter().rev().find(|version| version.entry == current) {
            out.insert(path.clone(), version);
        }
    }
    add_other_policies(repository, tip, &mut out)?;
    Ok(out)
}

fn bases_of(versions: &[Version], entry: Entry) -> Vec<Entry> {
    let version = versions.iter().rev().find(|version| version.entry == entry);
    version.map_or_else(|| vec![entry], |version| version.bases.clone())
}
