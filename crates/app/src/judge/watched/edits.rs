//! Files one by one, for checks that judge which lines a change adds ([`gatepost_core::Check::edit`]).
//!
//! Only lines of work count here: each tip of the new commits with what was there before they began, and for the index
//! HEAD. What a branch is moved over was written by others. Each file is read when its turn comes and let go afterwards,
//! however large the push. A file that is gone vouches for the new one that has its content or its name: who moves a file has
//! not written it.

use super::lines::{ancestry, graph, tips, versions_at};
use super::{Entry, Version, Versions, file, file_at, staged};
use crate::collect::Collector;
use crate::judge::{skip_reason, unreadable};
use gatepost_core::change::Edit;
use gatepost_core::{
    Change, ChangeSet, Commit, FileMode, Finding, Fingerprint, Gate, ObjectId, RepoPath, Sink, SkipReason,
    TreeEntry,
};
use gatepost_source::{Error, Repository};
use std::collections::{HashMap, HashSet};

/// Files of one name that went, at most: more of them say nothing of where one came from.
const MOST_NAMESAKES: usize = 8;

/// Has the checks judge what a change set makes of files.
pub(super) fn judge(
    repository: &dyn Repository,
    gate: &Gate,
    changes: &ChangeSet,
    collector: &mut Collector,
) {
    if !gate.is_reading_edits() {
        return;
    }
    // What goes is looked at wherever it was: it may have come to a path that is judged.
    let is_relevant =
        |change: &&Change| file(change.new).is_none() || gate.edit_limit(&change.path).is_some();
    let relevant: Vec<&Change> = changes.changes.iter().filter(is_relevant).collect();
    if relevant.is_empty() {
        return;
    }
    let graph = graph(changes);
    let mut edits = Edits {
        repository,
        gate,
        changes,
        graph: &graph,
        seen: HashSet::new(),
        told: HashSet::new(),
        collector,
    };
    if changes.commits.is_empty() {
        edits.versions("the index", None, in_index(repository, &relevant));
        return;
    }
    for tip in tips(changes, &graph) {
        let versions = versions_at(repository, &tip, &graph, &relevant);
        edits.versions(&tip.to_string(), Some(&tip), versions);
    }
}

/// What the index changes. While a merge waits for its commit, its other side is what a file is made from as well.
fn in_index(repository: &dyn Repository, relevant: &[&Change]) -> Result<Versions, Error> {
    let mut versions = staged(repository, relevant)?;
    if let Ok(merged) = repository.resolve("MERGE_HEAD") {
        for (path, version) in &mut versions {
            version.bases.push(file_at(repository, &merged, path)?);
        }
    }
    Ok(versions)
}

/// Judging under way.
struct Edits<'a> {
    repository: &'a dyn Repository,
    gate: &'a Gate,
    changes: &'a ChangeSet,
    graph: &'a HashMap<ObjectId, &'a Commit>,
    /// What was judged already: several refs often lead to one version.
    seen: HashSet<(RepoPath, ObjectId, Vec<Entry>)>,
    told: HashSet<(String, Fingerprint)>,
    collector: &'a mut Collector,
}

impl Edits<'_> {
    fn versions(&mut self, place: &str, tip: Option<&ObjectId>, versions: Result<Versions, Error>) {
        let versions = match versions {
            Ok(versions) => versions,
            Err(error) => {
                self.fail(place.to_owned(), &error);
                return;
            }
        };
        let gone = versions.iter().filter(|(_, version)| version.entry.is_none());
        let gone: Vec<(&RepoPath, TreeEntry)> = gone
            .flat_map(|(path, version)| version.bases.iter().flatten().map(move |entry| (path, *entry)))
            .collect();
        let own = tip.map(|tip| ancestry(tip, self.graph));
        for (path, version) in &versions {
            if let Err(error) = self.version(path, version, &gone, own.as_ref()) {
                self.fail(path.escaped().into_owned(), &error);
            }
        }
    }

    fn version(
        &mut self,
        path: &RepoPath,
        version: &Version,
        gone: &[(&RepoPath, TreeEntry)],
        own: Option<&HashSet<ObjectId>>,
    ) -> Result<(), Error> {
        let Some(entry) = version.entry.filter(is_text) else { return Ok(()) };
        let Some(limit) = self.gate.edit_limit(path) else { return Ok(()) };
        let is_taken_over = version.bases.iter().flatten().any(|base| base.id == entry.id);
        if is_taken_over || !self.seen.insert((path.clone(), entry.id, version.bases.clone())) {
            return Ok(());
        }
        let Some(now) = self.read(&entry.id, limit)? else {
            self.collector.skip(SkipReason::TooLarge);
            return Ok(());
        };
        let mut bases: Vec<TreeEntry> = version.bases.iter().flatten().copied().collect();
        if bases.is_empty() {
            bases = moved_from(path, &entry.id, gone);
        }
        let mut before = Vec::new();
        for base in bases.iter().filter(|base| is_text(base)) {
            // One that was too large to be judged vouches for nothing.
            before.extend(self.read(&base.id, limit)?);
        }
        let before: Vec<&[u8]> = before.iter().map(Vec::as_slice).collect();
        let edit = Edit { path, before: &before, now: &now, id: entry.id, commit: version.commit };
        let mut part = Collector::default();
        self.gate.edit(&edit, &mut part);
        let found = std::mem::take(&mut part.findings);
        self.collector.absorb(part);
        for mut finding in found {
            if self.told.insert((finding.rule.clone(), finding.fingerprint.clone())) {
                self.name_commit(&mut finding, &edit, limit, own)?;
                self.collector.finding(finding);
            }
        }
        Ok(())
    }

    /// The bytes of a blob; `None` when there are more than the limit.
    fn read(&self, id: &ObjectId, limit: u64) -> Result<Option<Vec<u8>>, Error> {
        let mut bytes = Vec::new();
        let size = self.repository.read_blob_up_to(id, limit, &mut bytes)?;
        Ok((size <= limit).then_some(bytes))
    }

    /// Names the first of the new commits whose version of the file has the line, and not the last one that changed the
    /// file.
    fn name_commit(
        &self,
        finding: &mut Finding,
        edit: &Edit<'_>,
        limit: u64,
        own: Option<&HashSet<ObjectId>>,
    ) -> Result<(), Error> {
        let Some(own) = own else { return Ok(()) };
        let Some(location) = finding.locations.first_mut() else { return Ok(()) };
        let Some(line) = location.span.map(|span| line_at(edit.now, span.start_byte)) else { return Ok(()) };
        let is_step =
            |change: &&Change| change.path == *edit.path && change.commit.is_some_and(|id| own.contains(&id));
        for change in self.changes.changes.iter().filter(is_step) {
            let Some(entry) = change.new.filter(|entry| is_text(entry) && entry.id != edit.id) else {
                continue;
            };
            let bytes = self.read(&entry.id, limit)?.unwrap_or_default();
            if bytes.split(|byte| *byte == b'\n').any(|other| other.trim_ascii() == line) {
                (location.commit, location.object) = (change.commit, Some(entry.id));
                break;
            }
        }
        Ok(())
    }

    fn fail(&mut self, place: String, error: &Error) {
        self.collector.skip(skip_reason(error));
        self.collector.problem(unreadable(error, place));
    }
}

/// A file with content of its own: a symbolic link has a path.
fn is_text(entry: &TreeEntry) -> bool {
    matches!(entry.mode, FileMode::File | FileMode::Executable)
}

/// The files that went and may have come to this path: those with the same content, or else the same name.
fn moved_from(path: &RepoPath, id: &ObjectId, gone: &[(&RepoPath, TreeEntry)]) -> Vec<TreeEntry> {
    if let Some((_, same)) = gone.iter().find(|(_, entry)| entry.id == *id) {
        return vec![*same];
    }
    let namesakes = gone.iter().filter(|(old, _)| old.file_name() == path.file_name());
    namesakes.map(|(_, entry)| *entry).take(MOST_NAMESAKES).collect()
}

/// The line that a byte stands in, without the white space around it.
fn line_at(bytes: &[u8], offset: u64) -> &[u8] {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
    let (before, after) = bytes.split_at_checked(offset).unwrap_or((bytes, &[]));
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at.saturating_add(1));
    let end = after.iter().position(|byte| *byte == b'\n').unwrap_or(after.len());
    bytes.get(start..offset.saturating_add(end)).unwrap_or_default().trim_ascii()
}
