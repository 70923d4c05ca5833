//! `pre-commit`: the index that Git handed over, against HEAD.
//!
//! Hook managers name files. Those that are staged are judged in the index; one that is not staged is judged as
//! a file, since `pre-commit run --all-files` tells a hook nothing else.

use crate::args::Cli;
use crate::exit::Failure;
use crate::policy_source::PolicySource;
use crate::session::Session;
use crate::{finish, judge, repo, scan};
use gatepost_core::{ChangeSet, RepoPath, Stage};
use gatepost_source::{Repository, files};
use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;

pub(super) fn run(cli: &Cli, files: &[PathBuf]) -> Result<ExitCode, Failure> {
    let repository = repo::open()?;
    let source = PolicySource::WorkTree(Some(repository.as_ref()));
    let session = Session::new(cli, Stage::PreCommit, source)?;
    let gate = session.gate(|_| true)?;
    let mut changes = staged(repository.as_ref(), Stage::PreCommit)?;
    changes.branch.clone_from(&session.branch);
    let named = unstaged(repository.as_ref(), &changes, files);
    let staged = changes.changes.len();
    let mut collected = judge::change_set(repository.as_ref(), &gate, &changes, session.threads)?;
    if !named.is_empty() {
        let as_files = scan::judge_files(&gate, &named, false, session.threads, &files::Progress::default());
        collected.absorb(as_files);
    }
    // The process ends; to take apart what was compiled, a regex at a time, would be a tenth of its work.
    std::mem::forget(gate);
    finish::finish(&session, collected, scope(staged, named.len()))
}

/// What is staged, as a change set.
///
/// # Errors
///
/// An index that cannot be read, or none: a bare repository has one only where `GIT_INDEX_FILE` names it.
pub(crate) fn staged(repository: &dyn Repository, stage: Stage) -> Result<ChangeSet, Failure> {
    if repository.info().work_tree.is_none() && std::env::var_os("GIT_INDEX_FILE").is_none() {
        return Err(Failure::usage(
            "a bare repository has no index, so nothing can be staged",
            "gatepost scan --history, or run this in a work tree",
        ));
    }
    let mut changes = ChangeSet::new(stage);
    changes.changes = repository.staged()?;
    Ok(changes)
}

/// The named files that the index does not change, as paths that can be opened.
fn unstaged(repository: &dyn Repository, changes: &ChangeSet, files: &[PathBuf]) -> Vec<PathBuf> {
    if files.is_empty() {
        return Vec::new();
    }
    let staged: HashSet<&RepoPath> = changes.changes.iter().map(|change| &change.path).collect();
    let root = repository.info().work_tree.clone();
    let is_staged = |file: &PathBuf| {
        let absolute = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        let relative = root.as_ref().and_then(|root| absolute.strip_prefix(root).ok().map(PathBuf::from));
        relative.is_some_and(|relative| staged.contains(&repo::path(&relative)))
    };
    files.iter().filter(|file| !is_staged(file)).cloned().collect()
}

fn scope(staged: usize, named: usize) -> String {
    match (staged, named) {
        (0, 0) => "nothing is staged".to_owned(),
        (staged, 0) => format!("{staged} staged {}", if staged == 1 { "path" } else { "paths" }),
        (0, named) => format!("{named} named files, nothing is staged"),
        (staged, named) => format!("{staged} staged paths and {named} named files"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_to_judge_is_said() {
        assert_eq!(super::scope(0, 0), "nothing is staged");
        assert_eq!(super::scope(1, 0), "1 staged path");
        assert_eq!(super::scope(0, 7), "7 named files, nothing is staged");
    }
}
