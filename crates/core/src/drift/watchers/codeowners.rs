//! CODEOWNERS: who must agree when a gate is changed.

use super::super::codes::{OWNER_REMOVED, SETTING_CHANGED};
use super::super::gate::Weakening;
use super::{Watcher, parts, text};
use crate::RepoPath;
use crate::change::FileChange;
use crate::text::Codeowners;
use std::collections::BTreeMap;

/// Files that gates are written in, one for each kind: owners are asked for each of them.
const GATES: &[&str] = &[
    "gatepost.toml",
    "gatepost-exceptions.toml",
    "gatepost-baseline.txt",
    ".pre-commit-config.yaml",
    "lefthook.yml",
    ".husky/pre-commit",
    ".github/workflows/ci.yml",
    ".github/settings.yml",
    ".gitlab-ci.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    ".circleci/config.yml",
    "Jenkinsfile",
    "CODEOWNERS",
    ".github/CODEOWNERS",
];

pub(super) const WATCHER: Watcher = Watcher {
    watches: |path, _| {
        let (folder, name) = parts(path);
        name == "CODEOWNERS" && matches!(folder, "" | ".github" | "docs" | ".gitlab" | ".bitbucket")
    },
    judge,
};

fn judge(changes: &[&FileChange<'_>]) -> Vec<Weakening> {
    // Together: the file may move between the folders in which it is read.
    let joined = |version: fn(&FileChange<'_>) -> Option<String>| {
        changes.iter().filter_map(|change| version(change)).collect::<Vec<_>>().join("\n")
    };
    let old = Codeowners::new(&joined(|change| change.old.map(|bytes| text(bytes).into_owned())), None);
    let new = Codeowners::new(&joined(|change| change.new.map(|bytes| text(bytes).into_owned())), None);
    let Some(change) = changes.iter().find(|change| change.new.is_some()).or_else(|| changes.first()) else {
        return Vec::new();
    };
    // Many gates under one line are told of once.
    let mut lost: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for gate in GATES {
        let (was, now) = (of(&old, gate), of(&new, gate));
        if was != now && !was.is_empty() {
            lost.entry((was, now)).or_default().push(gate);
        }
    }
    let tell = |((was, now), gates): ((String, String), Vec<&str>)| {
        let gates = gates.join(", ");
        let (code, now) = match now.as_str() {
            "" => (&OWNER_REMOVED, "nobody"),
            now => (&SETTING_CHANGED, now),
        };
        Weakening {
            code,
            path: change.path.clone(),
            line: None,
            commit: change.commit,
            message: format!("the owners of {gates} were: {was}, are now: {now}"),
            restore: format!("name {was} again as the owner of {gates}"),
        }
    };
    lost.into_iter().map(tell).collect()
}

/// Who owns a path, in one line.
fn of(owners: &Codeowners, path: &str) -> String {
    owners.of(&RepoPath::from(path)).into_iter().collect::<Vec<_>>().join(" ")
}
