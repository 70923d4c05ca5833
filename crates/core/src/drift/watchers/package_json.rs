//! `package.json`: scripts, and the hooks of tools that are configured there.

use super::super::codes::GATE_REMOVED;
use super::super::gate::Gate;
use super::super::walk::{Dialect, gates as in_tree};
use super::{Watcher, gates, parts, yaml};
use crate::text::YamlNode;

/// What holds commands.
const COMMANDS: &[&str] = &["scripts", "husky", "simple-git-hooks", "pre-commit", "lint-staged", "lefthook"];

pub(super) const WATCHER: Watcher = Watcher {
    watches: |path, _| parts(path).1 == "package.json",
    judge: |changes| {
        gates(changes, |text| {
            yaml(text, |root| {
                let commands = COMMANDS.iter().filter_map(|key| Some((*key, root.get(key)?)));
                let gates = commands.flat_map(|(key, node)| in_tree(node, &DIALECT, key, &[]));
                gates.chain(installers(root)).collect()
            })
        })
    },
};

/// Commands that put hooks in place; without them a clone has none.
const INSTALLERS: &[&str] = &[
    "gatepost install",
    "husky",
    "husky install",
    "lefthook install",
    "pre-commit install",
    "prek install",
    "simple-git-hooks",
];

fn installers(root: YamlNode<'_>) -> Vec<Gate> {
    let scripts = root.get("scripts").map(YamlNode::entries).unwrap_or_default();
    let commands = scripts.into_iter().flat_map(|(_, script)| {
        let parts = script.text().unwrap_or_default().split(['&', '|', ';']);
        parts.map(move |part| (part.trim(), script.line()))
    });
    let known = commands.filter(|(command, _)| INSTALLERS.contains(command));
    let gate = |(command, line): (&str, u32)| Gate {
        what: format!("`{command}`"),
        place: "scripts".to_owned(),
        line,
        removed: &GATE_REMOVED,
        settings: Vec::new(),
    };
    known.map(gate).collect()
}

const DIALECT: Dialect = Dialect { texts: &[], around: |_| Vec::new() };
