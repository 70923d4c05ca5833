//! Pipelines of `CircleCI`.
//!
//! Source: <https://circleci.com/docs/configuration-reference/>.

use super::super::codes::NARROWED;
use super::super::gate::{Gate, Setting};
use super::super::walk::{Dialect, gates as in_tree, softener};
use super::{Watcher, gates, parts, yaml, yaml_name};
use crate::text::YamlNode;
use std::collections::{BTreeSet, HashMap};

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
    let (workflows, mut out) = (workflows(root), Vec::new());
    for (name, job) in root.get("jobs").map(YamlNode::entries).unwrap_or_default() {
        let runs = workflows.get(name).cloned().unwrap_or_default();
        let runs = Setting::demanded("workflows", Some(runs), &NARROWED).at(job.line());
        out.extend(in_tree(job, &DIALECT, &format!("jobs.{name}"), &[runs]));
    }
    for (name, command) in root.get("commands").map(YamlNode::entries).unwrap_or_default() {
        out.extend(in_tree(command, &DIALECT, &format!("commands.{name}"), &[]));
    }
    out
}

/// The jobs, each with the workflows that run it.
fn workflows(root: YamlNode<'_>) -> HashMap<&str, BTreeSet<String>> {
    let mut out: HashMap<&str, BTreeSet<String>> = HashMap::new();
    for (name, workflow) in root.get("workflows").map(YamlNode::entries).unwrap_or_default() {
        for item in workflow.get("jobs").into_iter().flat_map(YamlNode::items) {
            let job = item.text().or_else(|| item.entries().first().map(|(name, _)| *name));
            out.entry(job.unwrap_or_default()).or_default().insert(name.to_owned());
        }
    }
    out
}
