//! Hooks of other repositories in `.pre-commit-config.yaml`: `rev` (pre-commit.com; `pre-commit autoupdate --freeze` writes
//! commit ids).

use super::super::loose::{Finder, Hold, Loose, Wanted};
use super::held_by;
use crate::code::CodeInfo;
use crate::lockfile::data::{Value, yaml};
use crate::lockfile::{Source, file_name};
use crate::severity::Severity;

pub(super) const FINDER: Finder = Finder {
    info: CodeInfo {
        code: "GP-PIN-004",
        name: "hook-not-pinned",
        severity: Severity::High,
        summary: "A hook of another repository is held by a tag or a branch.",
        why: "It runs on every developer's machine with their rights, and whoever can move the tag decides what runs.",
        fix: "Write the full commit id: pre-commit autoupdate --freeze",
        fires: "repos:\n  - repo: https://example.org/hooks\n    rev: v4.5.0\n    hooks:\n      - id: x\n",
        silent: "repos:\n  - repo: local\n    hooks:\n      - id: x\n",
    },
    key: "hooks",
    options: "",
    example_path: ".pre-commit-config.yaml",
    reads: |path| matches!(file_name(path), ".pre-commit-config.yaml" | ".pre-commit-config.yml"),
    find,
};

fn find(source: &Source, _: &Wanted<'_>) -> Vec<Loose> {
    let Ok(root) = yaml(&source.text) else { return Vec::new() };
    let mut found = Vec::new();
    for repository in root.get("repos").map(Value::items).into_iter().flatten() {
        let Some(name) = repository.text_of("repo").filter(|name| !matches!(*name, "local" | "meta")) else {
            continue;
        };
        let rev = repository.get("rev");
        let at = rev.and_then(Value::scalar).unwrap_or_default();
        if let Some((hold, how)) = held_by(at) {
            found.push(Loose {
                // What is no number of a version is a branch more often than not.
                hold: if at.starts_with(|c: char| c == 'v' || c.is_ascii_digit()) {
                    hold
                } else {
                    Hold::Nothing
                },
                key: format!("{name}@{at}"),
                what: format!("the hooks of {name} are held {how}, and not by a full commit id"),
                fix: format!("pre-commit autoupdate --freeze --repo {name}"),
                span: rev.unwrap_or(repository).span.clone(),
            });
        }
    }
    found
}
