//! Pipelines of `CircleCI`.
//!
//! Source: <https://circleci.com/docs/configuration-reference/>.

use super::super::codes::NARROWED;
use super::super::gate::{Gate, Setting};
use super::super::walk::{Dialect, gates as in_tree, softener};
use super::{Watcher, gates, parts, yaml, yaml_name};
use crate::text::YamlNode;
use std::collections::BTreeSet;

pub(super) const WATCHER: Watcher = Watcher {
    watches: |path, _| {
        let (folder, name) = parts(path);
        folder.split('/').any(|part| part == ".circleci") && yaml_name(name).is_some()
    },
    judge: |changes| gates(changes, |text| yaml(text, jobs)),
};

const DIALECT: Dialect = Dialect {
    texts: &["name", "description", "environment"],
    around: |table| {
        let when = softener(table, "when", &["always", "on_success"], &["on_fail"], &NARROWED);
        when.into_iter().chain(softener(table, "unless", &[], &[], &NARROWED)).collect()
    },
};

/// Jobs and commands, a job with the workflows that run it.
fn jobs(root: YamlNode<'_>) -> Vec<Gate> {
    let mut out = Vec::new();
    for (name, job) in root.get("jobs").map(YamlNode::entries).unwrap_or_default() {
        let runs = Setting::demanded("workflows", Some(workflows(root, name)), &NARROWED).at(job.line());
        out.extend(in_tree(job, &DIALECT, &format!("jobs.{name}"), &[runs]));
    }
    for (name, command) in root.get("commands").map(YamlNode::entries).unwrap_or_default() {
        out.extend(in_tree(command, &DIALECT, &format!("commands.{name}"), &[]));
    }
    out
}

fn workflows(root: YamlNode<'_>, job: &str) -> BTreeSet<String> {
    let names = |item: YamlNode<'_>| {
        item.text() == Some(job) || item.entries().first().is_some_and(|(name, _)| *name == job)
    };
    let workflows = root.get("workflows").map(YamlNode::entries).unwrap_or_default();
    let runs = workflows
        .into_iter()
        .filter(|(_, workflow)| workflow.get("jobs").is_some_and(|jobs| jobs.items().any(names)));
    runs.map(|(name, _)| name.to_owned()).collect()
}
