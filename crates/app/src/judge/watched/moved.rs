//! What is moved: the watched files of one commit beside those of another, whatever lies between the two and whether it is
//! new.

use super::lines::{ancestry, graph};
use super::{Judging, Version, Versions, add_other_policies, file};
use gatepost_core::{Change, ChangeSet, Finding, ObjectId, RefName, Stage};
use gatepost_source::{Error, ErrorKind};

/// Judges what each branch that moves has and had.
pub(super) fn branches(judging: &mut Judging<'_>, changes: &ChangeSet) {
    for update in changes.ref_updates.iter().filter(|update| update.name.branch().is_some()) {
        let Some((old, new)) = update.old.zip(update.new) else { continue };
        if changes.stage == Stage::PrePush && is_elsewhere(judging, &old) {
            judging.collector.notices.push(not_compared(&update.name, &old));
            continue;
        }
        let versions = between(judging, &old, &new, changes);
        judging.versions(&update.name.escaped(), versions);
    }
}

/// Whether a remote has a value that this repository has not got yet.
fn is_elsewhere(judging: &Judging<'_>, id: &ObjectId) -> bool {
    judging.repository.commit(id).is_err_and(|error| error.kind == ErrorKind::MissingObject)
}

fn not_compared(name: &RefName, old: &ObjectId) -> String {
    format!(
        "{} is at {} on the remote, which is not here: whether the push weakens gates that it has there is judged on the \
         server, or here after `git fetch`",
        name.escaped(),
        old.short()
    )
}

/// Judges what a range changes since it parted from its base: what merging it would change. Where the two parted more than
/// once, Git merges those commits first, and each has something of the result: weaker is what is weaker than one of them,
/// and than the base. False where there is no range, or nothing to compare its end with.
pub(super) fn range(judging: &mut Judging<'_>, changes: &ChangeSet) -> bool {
    // Parents come before children, so the end is the last one.
    let Some((base, end)) = changes.base.zip(changes.commits.last()) else { return false };
    let place = end.id.to_string();
    let parted = match judging.repository.merge_bases(&base, &end.id) {
        Ok(parted) => parted,
        Err(error) => {
            judging.fail(&place, &error);
            return false;
        }
    };
    let mut found = Vec::new();
    for old in &parted {
        let versions = between(judging, old, &end.id, changes);
        found.extend(judging.found(&place, versions).unwrap_or_default());
    }
    if parted.len() > 1 && !found.is_empty() {
        let versions = between(judging, &base, &end.id, changes);
        if let Some(of_base) = judging.found(&place, versions) {
            found.retain(|one| of_base.iter().any(|other| is_same(one, other)));
        }
    }
    judging.tell(found);
    !parted.is_empty()
}

/// Whether two findings say the same of a file, compared with different versions of it: the old values in their words differ.
fn is_same(one: &Finding, other: &Finding) -> bool {
    let path = |finding: &Finding| finding.locations.first().and_then(|location| location.path.clone());
    one.rule == other.rule && path(one) == path(other)
}

/// The watched files that differ between two commits, each with the new commit that made it what it is, where one did.
fn between(
    judging: &Judging<'_>,
    old: &ObjectId,
    new: &ObjectId,
    changes: &ChangeSet,
) -> Result<Versions, Error> {
    let mut versions = Versions::new();
    let differing = judging.repository.changes_between(old, new)?.into_iter();
    let differing: Vec<Change> = differing.filter(|change| judging.gate.watches(&change.path)).collect();
    if differing.is_empty() {
        return Ok(versions);
    }
    let own = ancestry(new, &graph(changes));
    for change in differing {
        let entry = file(change.new);
        let is_maker = |one: &&Change| {
            one.path == change.path
                && file(one.new) == entry
                && one.commit.is_some_and(|id| own.contains(&id))
        };
        let commit = changes.changes.iter().rev().find(is_maker).map_or(change.commit, |one| one.commit);
        let version = Version { entry, bases: vec![file(change.old)], commit, is_beside: false };
        versions.entry(change.path).or_insert(version);
    }
    add_other_policies(judging.repository, new, &mut versions)?;
    Ok(versions)
}
