//! The configuration of lefthook, as YAML and JSON.
//!
//! Source: <https://lefthook.dev/configuration/>.

use super::super::codes::{NARROWED, NOT_BLOCKING};
use super::super::walk::{Dialect, gates as in_tree, softener};
use super::{Watcher, gates, parts, yaml, yaml_name};

pub(super) const WATCHER: Watcher = Watcher {
    watches: |path, _| {
        let name = parts(path).1;
        let name = yaml_name(name).or_else(|| name.strip_suffix(".json")).unwrap_or_default();
        matches!(name, "lefthook" | ".lefthook" | "lefthook-local" | ".lefthook-local")
    },
    judge: |changes| gates(changes, |text| yaml(text, |root| in_tree(root, &DIALECT, "", &[]))),
};

const DIALECT: Dialect = Dialect {
    texts: &["fail_text", "name", "tags", "files", "glob", "exclude"],
    around: |table| {
        let narrowing = ["only", "glob", "exclude", "exclude_tags", "files", "file_types"];
        let narrowing = narrowing.iter().filter_map(|key| softener(table, key, &["", "[]"], &[], &NARROWED));
        softener(table, "skip", &["false", "[]"], &["true"], &NOT_BLOCKING)
            .into_iter()
            .chain(narrowing)
            .collect()
    },
};
