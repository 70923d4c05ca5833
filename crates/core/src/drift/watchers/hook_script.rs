//! Git hooks kept as scripts: of husky, and of a folder that `core.hooksPath` names.

use super::super::codes::GATE_REMOVED;
use super::super::gate::Gate;
use super::super::shell;
use super::{Watcher, gates, parts};

/// The hooks that a change passes (githooks(5)).
const HOOKS: &[&str] = &[
    "pre-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "pre-receive",
    "update",
    "post-receive",
];

pub(super) const WATCHER: Watcher = Watcher {
    watches: |path, _| {
        let (folder, name) = parts(path);
        let folder = folder.rsplit('/').next().unwrap_or(folder);
        let name = name.strip_suffix(".sh").unwrap_or(name);
        folder == ".husky" || (folder.trim_start_matches('.').ends_with("hooks") && HOOKS.contains(&name))
    },
    judge: |changes| gates(changes, |text| Ok(script(text))),
};

fn script(text: &str) -> Vec<Gate> {
    let gate = |invocation: shell::Invocation| Gate {
        what: format!("`{}`", invocation.command),
        place: String::new(),
        line: invocation.line,
        removed: &GATE_REMOVED,
        settings: invocation.settings.into_iter().map(|setting| setting.at(invocation.line)).collect(),
    };
    shell::invocations(text).into_iter().map(gate).collect()
}
