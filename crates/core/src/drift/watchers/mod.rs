//! The watchers, one file each: which files a gate can be written in, and what is weaker of two versions of them.
//! To add one, write its file and name it twice below.

mod azure_pipelines;
mod baseline;
mod bitbucket_pipelines;
mod circleci;
mod codeowners;
mod github_protection;
mod github_workflow;
mod gitlab_ci;
mod hook_script;
mod jenkinsfile;
mod key_file;
mod lefthook;
mod package_json;
mod policy_file;
mod pre_commit_config;
mod rule_file;

use super::codes::{GATE_FILE_BROKEN, SETTING_CHANGED};
use super::config::Settings;
use super::gate::{Gate, MOST_GATES, Placed, Weakening, compare};
use crate::change::FileChange;
use crate::text::{Yaml, YamlError, YamlNode};
use crate::{Level, RepoPath};
use std::borrow::Cow;

/// A watcher.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watcher {
    /// Whether a file is one of its.
    pub(super) watches: fn(&RepoPath, &Settings) -> bool,
    /// What is weaker in the files of one change, together: what leaves one may come back in another.
    pub(super) judge: fn(&[&FileChange<'_>]) -> Vec<Weakening>,
}

/// Every watcher.
pub(super) const WATCHERS: &[&Watcher] = &[
    &policy_file::WATCHER,
    &rule_file::WATCHER,
    &key_file::SIGNERS,
    &key_file::OPENPGP,
    &key_file::REVOKED,
    &baseline::WATCHER,
    &pre_commit_config::WATCHER,
    &lefthook::WATCHER,
    &hook_script::WATCHER,
    &package_json::WATCHER,
    &github_workflow::WATCHER,
    &gitlab_ci::WATCHER,
    &azure_pipelines::WATCHER,
    &bitbucket_pipelines::WATCHER,
    &circleci::WATCHER,
    &jenkinsfile::WATCHER,
    &github_protection::WATCHER,
    &codeowners::WATCHER,
];

/// The least that a weakening means where the section is on. A policy that cannot be read stops every gate that reads it:
/// once it is merged, a server would refuse all that comes, and what mends it too.
pub(super) fn least(weakening: &Weakening) -> Level {
    let is_broken = weakening.code.code == GATE_FILE_BROKEN.code;
    if is_broken && policy_file::is_read_first(&weakening.path) { Level::Deny } else { Level::Off }
}

/// Compares the gates of files, each read by `read`.
fn gates(changes: &[&FileChange<'_>], read: impl Fn(&str) -> Result<Vec<Gate>, YamlError>) -> Vec<Weakening> {
    let (mut old, mut new, mut out) = (Vec::new(), Vec::new(), Vec::new());
    for change in changes {
        let (path, commit) = (change.path, change.commit);
        let placed = move |gate| Placed { path, commit, gate };
        let version = |bytes: Option<&[u8]>| bytes.map_or_else(|| Ok(Vec::new()), |b| few(read(&text(b))?));
        match (version(change.old), version(change.new)) {
            // A version that could not be read ran no gate.
            (before, Ok(after)) => {
                new.extend(after.into_iter().map(placed));
                old.extend(before.unwrap_or_default().into_iter().map(placed));
            }
            (Ok(before), Err(_)) if before.is_empty() => {}
            (Ok(before), Err(error)) => {
                let gates: Vec<&str> = before.iter().map(|gate| gate.what.as_str()).collect();
                out.push(broken(change, error.line, &error.message, &gates.join(", ")));
            }
            (Err(before), Err(after)) => out.extend(still_broken(change, &before, &after)),
        }
    }
    compare(old, new, &mut out);
    out
}

/// The gates of a file that a person may have written.
fn few(gates: Vec<Gate>) -> Result<Vec<Gate>, YamlError> {
    match gates.len() > MOST_GATES {
        true => Err(YamlError { line: None, message: format!("it runs gates more than {MOST_GATES} times") }),
        false => Ok(gates),
    }
}

/// Reads the gates of a text that is YAML or JSON, document by document.
fn yaml(text: &str, read: impl Fn(YamlNode<'_>) -> Vec<Gate>) -> Result<Vec<Gate>, YamlError> {
    Ok(Yaml::parse(text)?.documents().flat_map(read).collect())
}

/// A file that can no longer be read.
fn broken(change: &FileChange<'_>, line: Option<u32>, why: &str, had: &str) -> Weakening {
    let place = line.map_or_else(String::new, |line| format!("line {line}: "));
    Weakening {
        code: &GATE_FILE_BROKEN,
        path: change.path.clone(),
        line,
        commit: change.commit,
        message: format!("it cannot be read (had: {had}, now: {place}{why})"),
        restore: format!("mend {}", change.path.escaped()),
    }
}

/// A file that has our name in it and could not be read before either: what became of it is not known.
fn still_broken(change: &FileChange<'_>, before: &YamlError, after: &YamlError) -> Option<Weakening> {
    let told = |error: &YamlError| match error.line {
        Some(line) => format!("line {line}: {}", error.message),
        None => error.message.clone(),
    };
    let names_us = |version: Option<&[u8]>| version.is_some_and(|bytes| text(bytes).contains("gatepost"));
    (change.old != change.new && (names_us(change.old) || names_us(change.new))).then(|| Weakening {
        code: &SETTING_CHANGED,
        path: change.path.clone(),
        line: after.line,
        commit: change.commit,
        message: format!("it cannot be read (was: {}, is now: {})", told(before), told(after)),
        restore: format!("mend {}", change.path.escaped()),
    })
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// A path as text, its folder and its name; what is not UTF-8 is none of the names that are watched.
fn parts(path: &RepoPath) -> (&str, &str) {
    let path = std::str::from_utf8(path.as_bytes()).unwrap_or_default();
    path.rsplit_once('/').unwrap_or(("", path))
}

/// A name without the ending of YAML files; `None` when it has another one.
fn yaml_name(name: &str) -> Option<&str> {
    name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"))
}
