//! Files that checks watch whole: each as a change set leaves it, beside what it was before.
//!
//! What one commit does to a file and a later one undoes has not happened to whoever takes the last one. So two things are
//! compared, and what both show is told once. A **line of work** ([`lines`]): every tip of the new commits, with what was
//! there before they began. And what is **moved** ([`moved`]): a branch's old value with its new one, or what a range
//! changes since it parted from its base. Commits that are known already move a branch too, and a merge can take back what
//! others built.

mod blobs;
mod edits;
mod lines;
mod moved;

use super::{skip_reason, unreadable};
use crate::collect::Collector;
use crate::settings::FILE_NAMES;
use blobs::Blobs;
use gatepost_core::change::FileChange;
use gatepost_core::{Change, ChangeSet, Finding, Fingerprint, Gate, ObjectId, RepoPath, Sink, TreeEntry};
use gatepost_source::{Error, Head, Repository};
use std::collections::{BTreeMap, HashSet};

/// The file that stands at a path; `None`: nothing, a directory or a submodule, in which no gate is written.
type Entry = Option<TreeEntry>;

/// Only a file is something.
fn file(entry: Entry) -> Entry {
    entry.filter(|entry| entry.mode.is_blob())
}

fn file_at(repository: &dyn Repository, commit: &ObjectId, path: &RepoPath) -> Result<Entry, Error> {
    repository.entry(commit, path).map(file)
}

/// A version of a file, and what stood there before it was changed: a merge has more than one such past.
struct Version {
    entry: Entry,
    bases: Vec<Entry>,
    commit: Option<ObjectId>,
    /// Whether the file is as it was, and is handed over since another one cannot be judged without it.
    is_beside: bool,
}

/// Files that are judged together: what leaves one may have come to another.
type Versions = BTreeMap<RepoPath, Version>;

/// Has the checks judge the watched files of a change set.
pub(super) fn judge(
    repository: &dyn Repository,
    gate: &Gate,
    changes: &ChangeSet,
    collector: &mut Collector,
) {
    edits::judge(repository, gate, changes, collector);
    if !gate.is_watching() {
        return;
    }
    let mut judging =
        Judging { repository, gate, blobs: Blobs::of(repository), told: HashSet::new(), collector };
    let watched: Vec<&Change> = changes.changes.iter().filter(|change| gate.watches(&change.path)).collect();
    if changes.commits.is_empty() && !watched.is_empty() {
        let versions = staged(repository, &watched);
        judging.versions("the index", versions);
        return;
    }
    if !moved::range(&mut judging, changes) {
        lines::judge(&mut judging, changes, &watched);
    }
    moved::branches(&mut judging, changes);
}

/// Judging under way.
struct Judging<'a> {
    repository: &'a dyn Repository,
    gate: &'a Gate,
    blobs: Blobs<'a>,
    /// What was told already.
    told: HashSet<(String, Fingerprint)>,
    collector: &'a mut Collector,
}

impl Judging<'_> {
    /// Judges versions, unless they cannot be known: then there is a problem at `place`.
    fn versions(&mut self, place: &str, versions: Result<Versions, Error>) {
        if let Some(found) = self.found(place, versions) {
            self.tell(found);
        }
    }

    /// What the checks say of versions, not told yet.
    fn found(&mut self, place: &str, versions: Result<Versions, Error>) -> Option<Vec<Finding>> {
        match versions {
            Ok(versions) => {
                let mut part = Collector::default();
                judge_versions(self.gate, &versions, &mut self.blobs, &mut part);
                let found = std::mem::take(&mut part.findings);
                self.collector.absorb(part);
                Some(found)
            }
            Err(error) => {
                self.fail(place, &error);
                None
            }
        }
    }

    fn tell(&mut self, found: Vec<Finding>) {
        for finding in found {
            if self.told.insert((finding.rule.clone(), finding.fingerprint.clone())) {
                self.collector.finding(finding);
            }
        }
    }

    fn fail(&mut self, place: &str, error: &Error) {
        self.collector.skip(skip_reason(error));
        self.collector.problem(unreadable(error, place.to_owned()));
    }
}

/// What the index changes. What a merge in the making takes over as it is, it does not change.
fn staged(repository: &dyn Repository, watched: &[&Change]) -> Result<Versions, Error> {
    let merged = repository.resolve("MERGE_HEAD").ok();
    let taken_over = |change: &&&Change| {
        let theirs = merged.map(|commit| file_at(repository, &commit, &change.path));
        matches!(theirs, Some(Ok(entry)) if entry == file(change.new))
    };
    let changed = watched.iter().filter(|change| !taken_over(change));
    let version = |change: &&Change| Version {
        entry: file(change.new),
        bases: vec![file(change.old)],
        commit: change.commit,
        is_beside: false,
    };
    let mut versions: Versions = changed.map(|change| (change.path.clone(), version(change))).collect();
    if let Head::Branch(_, head) | Head::Detached(head) = repository.head()? {
        add_other_policies(repository, &head, &mut versions)?;
    }
    Ok(versions)
}

/// A policy has two names. A new file under one of them is judged by the file under the other, which was in force, though
/// the change leaves it as it is.
fn add_other_policies(
    repository: &dyn Repository,
    commit: &ObjectId,
    versions: &mut Versions,
) -> Result<(), Error> {
    let new = versions.iter().filter(|(_, version)| version.bases.contains(&None));
    let others: Vec<RepoPath> = new.filter_map(|(path, _)| other_policy(path)).collect();
    for path in others.into_iter().filter(|path| !versions.contains_key(path)).collect::<Vec<_>>() {
        let entry = file_at(repository, commit, &path)?;
        if entry.is_some() {
            versions.insert(path, Version { entry, bases: vec![entry], commit: None, is_beside: true });
        }
    }
    Ok(())
}

/// The path of the same folder's policy under its other name.
fn other_policy(path: &RepoPath) -> Option<RepoPath> {
    let name = path.as_bytes().rsplit(|&byte| byte == b'/').next()?;
    let folder = path.as_bytes().strip_suffix(name)?;
    let [one, other] = FILE_NAMES.map(str::as_bytes);
    let other = if name == one { other } else { Some(one).filter(|_| name == other)? };
    Some(RepoPath::new([folder, other].concat()))
}

/// Hands the files over, all of them together: what leaves one may have come to another. Those with several pasts are
/// handed over with each.
fn judge_versions(gate: &Gate, versions: &Versions, blobs: &mut Blobs<'_>, collector: &mut Collector) {
    for version in versions.values() {
        for entry in version.bases.iter().chain([&version.entry]).flatten() {
            blobs.load(entry);
        }
    }
    let mut told = HashSet::new();
    let pasts = versions.values().map(|version| version.bases.len()).max().unwrap_or(0);
    for past in 0..pasts {
        let mut changes = Vec::new();
        for (path, version) in versions {
            let Some(base) = version.bases.get(past).or(version.bases.last()) else { continue };
            if *base == version.entry && !version.is_beside {
                continue;
            }
            match (blobs.bytes(base), blobs.bytes(&version.entry)) {
                (Ok(old), Ok(new)) => changes.push(FileChange { path, old, new, commit: version.commit }),
                (Err(problem), _) | (_, Err(problem)) => {
                    if told.insert(path) {
                        let (reason, problem) = problem.at(path);
                        collector.skip(reason);
                        collector.problem(problem);
                    }
                }
            }
        }
        gate.file_changes(&changes, collector);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_name_of_a_policy_is_that_of_the_same_folder() {
        let other = |path: &str| other_policy(&RepoPath::from(path)).map(|path| path.escaped().into_owned());
        assert_eq!(other("gatepost.toml").as_deref(), Some(".gatepost.toml"));
        assert_eq!(other("a/b/.gatepost.toml").as_deref(), Some("a/b/gatepost.toml"));
        for path in ["a.gatepost.toml", "gatepost.toml/a", "gatepost-exceptions.toml", ""] {
            assert_eq!(other(path), None, "{path}");
        }
    }
}
