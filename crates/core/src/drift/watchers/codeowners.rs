//! CODEOWNERS: who must agree when a gate is changed.
//!
//! Source: <https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>.

use super::super::codes::{OWNER_REMOVED, SETTING_CHANGED};
use super::super::gate::Weakening;
use super::{Watcher, parts, text};
use crate::RepoPath;
use crate::change::FileChange;
use crate::text::PathGlob;
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
    let old = Owners::new(&joined(|change| change.old.map(|bytes| text(bytes).into_owned())));
    let new = Owners::new(&joined(|change| change.new.map(|bytes| text(bytes).into_owned())));
    let Some(change) = changes.iter().find(|change| change.new.is_some()).or_else(|| changes.first()) else {
        return Vec::new();
    };
    // Many gates under one line are told of once.
    let mut lost: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for gate in GATES {
        let path = RepoPath::from(*gate);
        let (was, now) = (old.of(&path), new.of(&path));
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

/// The lines of a file, each a pattern and its owners.
struct Owners(Vec<(PathGlob, String)>);

impl Owners {
    fn new(text: &str) -> Self {
        let rule = |line: &str| {
            let line = line.split(" #").next().unwrap_or(line).trim();
            // Sections of GitLab stand in brackets.
            if line.is_empty() || line.starts_with(['#', '[', '^']) {
                return None;
            }
            let mut words = line.split_whitespace();
            let pattern = words.next()?;
            let mut owners: Vec<&str> = words.collect();
            owners.sort_unstable();
            // A pattern for a folder is for everything in it.
            let pattern = if pattern == "*" { "**" } else { pattern };
            Some((PathGlob::new(pattern).ok()?, owners.join(" ")))
        };
        Self(text.lines().filter_map(rule).collect())
    }

    /// The owners of a path: the last line that matches has the say, even when it names nobody.
    fn of(&self, path: &RepoPath) -> String {
        let folder = |glob: &PathGlob| {
            let inside = format!("{}/**", glob.as_str().trim_end_matches('/'));
            PathGlob::new(&inside).is_ok_and(|inside| inside.is_match(path))
        };
        let found = self.0.iter().rev().find(|(glob, _)| glob.is_match(path) || folder(glob));
        found.map(|(_, owners)| owners.clone()).unwrap_or_default()
    }
}
