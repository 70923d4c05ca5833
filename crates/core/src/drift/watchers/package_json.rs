//! `package.json`: scripts, and the hooks of tools that are configured there.

use super::super::walk::{Dialect, gates as in_tree};
use super::{Watcher, gates, parts, yaml};

/// What holds commands.
const COMMANDS: &[&str] = &["scripts", "husky", "simple-git-hooks", "pre-commit", "lint-staged", "lefthook"];

pub(super) const WATCHER: Watcher = Watcher {
    watches: |path, _| parts(path).1 == "package.json",
    judge: |changes| {
        gates(changes, |text| {
            yaml(text, |root| {
                let commands = COMMANDS.iter().filter_map(|key| Some((*key, root.get(key)?)));
                commands.flat_map(|(key, node)| in_tree(node, &DIALECT, key, &[])).collect()
            })
        })
    },
};

const DIALECT: Dialect = Dialect { texts: &[], around: |_| Vec::new() };
