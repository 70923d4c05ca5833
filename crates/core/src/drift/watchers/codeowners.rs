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

/// Most lines that are looked at, from the end.
const MOST_RULES: usize = 5000;

/// GitHub does not load larger files: they name nobody.
const MOST_BYTES: usize = 3_000_000;

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
        let (was, now) = (old.of(gate), new.of(gate));
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

/// The lines of a file from its end, each a pattern and its owners.
struct Owners(Vec<(Pattern, String)>);

/// What a line is for. Most name a path, and nothing needs compiling for that.
enum Pattern {
    Path(String),
    Globs(Box<[PathGlob; 2]>),
}

impl Owners {
    fn new(text: &str) -> Self {
        if text.len() > MOST_BYTES {
            return Self(Vec::new());
        }
        let rule = |line: &str| {
            let line = line.split(" #").next().unwrap_or(line).trim();
            // Sections of GitLab stand in brackets.
            if line.is_empty() || line.starts_with(['#', '[', '^']) {
                return None;
            }
            let mut words = line.split_whitespace();
            let pattern = Pattern::new(words.next()?)?;
            let mut owners: Vec<&str> = words.collect();
            owners.sort_unstable();
            Some((pattern, owners.join(" ")))
        };
        Self(text.lines().rev().filter_map(rule).take(MOST_RULES).collect())
    }

    /// The owners of a path: the last line that matches has the say, even when it names nobody.
    fn of(&self, path: &str) -> String {
        let found = self.0.iter().find(|(pattern, _)| pattern.is_for(path));
        found.map(|(_, owners)| owners.clone()).unwrap_or_default()
    }
}

impl Pattern {
    fn new(text: &str) -> Option<Self> {
        if !text.contains(['*', '?', '[', '{', '\\']) {
            return Some(Self::Path(text.to_owned()));
        }
        let text = if text == "*" { "**" } else { text };
        let inside = format!("{}/**", text.trim_end_matches('/'));
        Some(Self::Globs(Box::new([PathGlob::new(text).ok()?, PathGlob::new(&inside).ok()?])))
    }

    /// Whether it is for a path; a pattern for a folder is for everything in it.
    fn is_for(&self, path: &str) -> bool {
        match self {
            Self::Path(text) => {
                let name = text.trim_matches('/');
                let inside = |path: &str| {
                    path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                let anywhere = !text.trim_end_matches('/').contains('/');
                inside(path)
                    || (anywhere
                        && path
                            .match_indices('/')
                            .any(|(at, _)| inside(path.get(at + 1..).unwrap_or_default())))
            }
            Self::Globs(globs) => globs.iter().any(|glob| glob.is_match(&RepoPath::from(path))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_matches_has_the_say() {
        let owners = Owners::new(
            "* @all # everybody\n/docs/ @docs\n.github @security\n*.toml @policy\nci.yml\n[Section]\n",
        );
        for (path, of) in [
            ("README.md", "@all"),
            ("docs/a/b.md", "@docs"),
            ("x/docs/a.md", "@all"),
            (".github/settings.yml", "@security"),
            ("x/.github/settings.yml", "@security"),
            ("gatepost.toml", "@policy"),
            (".github/workflows/ci.yml", ""),
        ] {
            assert_eq!(owners.of(path), of, "{path}");
        }
        assert_eq!(Owners::new(&"#".repeat(MOST_BYTES + 1)).of("README.md"), "");
    }
}
