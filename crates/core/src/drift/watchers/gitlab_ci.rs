//! Pipelines of GitLab.
//!
//! Source: <https://docs.gitlab.com/ci/yaml/>.

use super::super::codes::{GATE_REMOVED, NARROWED, NOT_BLOCKING};
use super::super::gate::{Gate, Setting};
use super::super::shell::{self, is_ours};
use super::super::walk::{Dialect, combined, gates as in_tree, softener};
use super::{Watcher, gates, parts, yaml_name};
use crate::text::{Yaml, YamlError, YamlNode};
use std::collections::{HashMap, HashSet};

pub(super) const WATCHER: Watcher = Watcher {
    watches: |path, _| {
        let (folder, name) = parts(path);
        yaml_name(name).is_some_and(|name| name.ends_with(".gitlab-ci") || folder.starts_with(".gitlab"))
    },
    judge: |changes| {
        gates(changes, |text| {
            let yaml = Yaml::parse(text)?;
            let documents = yaml.documents().map(jobs).collect::<Result<Vec<_>, _>>()?;
            Ok(documents.into_iter().flatten().collect())
        })
    },
};

const DIALECT: Dialect =
    Dialect { texts: &["name", "description", "variables", "rules", "only", "except"], around };

/// Templates in templates: GitLab follows eleven.
const MOST_TEMPLATES: usize = 11;

/// Most nodes of templates that are looked at, each as often as a job extends it.
const MOST_NODES: u64 = 1_000_000;
const TOO_MANY: &str = "its jobs extend more than can be looked at";

fn jobs(root: YamlNode<'_>) -> Result<Vec<Gate>, YamlError> {
    let global = around_all(root);
    let mut out = included(root);
    let all: HashMap<&str, YamlNode<'_>> = root.entries().into_iter().collect();
    let mut looked_at = 0_u64;
    // What begins with a dot does not run by itself; it runs where a job extends it.
    for (name, job) in root.entries().into_iter().filter(|(name, _)| !name.starts_with('.')) {
        let templates = templates(&all, job);
        let referenced = referenced(&all, job);
        let elsewhere = templates.iter().chain(referenced.iter().map(|(_, node)| node));
        looked_at = elsewhere.fold(looked_at, |sum, template| sum.saturating_add(template.size()));
        if looked_at > MOST_NODES {
            return Err(YamlError { line: Some(job.line()), message: TOO_MANY.to_owned() });
        }
        let mut settings = global.clone();
        for template in templates.iter().rev() {
            settings = combined(&settings, around(*template));
        }
        out.extend(in_tree(job, &DIALECT, name, &settings));
        let settings = combined(&settings, around(job));
        // The nearest that has a key has the say.
        let mut known: HashSet<&str> = job.entries().into_iter().map(|(key, _)| key).collect();
        let inherited = templates.iter().flat_map(|template| template.entries());
        let inherited = inherited.filter(|(key, _)| known.insert(key)).collect::<Vec<_>>();
        for (key, value) in inherited.into_iter().chain(referenced) {
            out.extend(in_tree(value, &DIALECT, &format!("{name}.{key}"), &settings));
        }
    }
    Ok(out)
}

/// Files of elsewhere that have our name in theirs; others may hold a gate too, and nobody can tell.
fn included(root: YamlNode<'_>) -> Vec<Gate> {
    let nodes = root.get("include").into_iter().flat_map(|node| node.items().chain([node]));
    let named = nodes.filter_map(|node| {
        let entries = node.entries();
        let mut names = entries.iter().filter_map(|(_, value)| value.text()).chain(node.text());
        let name = names.find(|name| name.split(['/', '@']).any(is_ours))?;
        Some((name.split('@').next().unwrap_or(name).to_owned(), node.line()))
    });
    let gate = |(name, line)| Gate {
        what: format!("`include: {name}`"),
        place: String::new(),
        line,
        removed: &GATE_REMOVED,
        settings: Vec::new(),
    };
    named.map(gate).collect()
}

/// What a job extends, nearest first.
fn templates<'a>(all: &HashMap<&str, YamlNode<'a>>, job: YamlNode<'a>) -> Vec<YamlNode<'a>> {
    let (mut out, mut next) = (Vec::new(), vec![job]);
    for _ in 0..MOST_TEMPLATES {
        let names = next.iter().filter_map(|node| node.get("extends")).flat_map(YamlNode::texts);
        next = names.filter_map(|name| all.get(name).copied()).take(MOST_TEMPLATES).collect();
        out.extend(next.iter().copied());
    }
    out
}

/// What a job takes from others by `!reference [.gate, script]`, with the key that takes it.
fn referenced<'a>(all: &HashMap<&str, YamlNode<'a>>, job: YamlNode<'a>) -> Vec<(&'a str, YamlNode<'a>)> {
    let mut out = Vec::new();
    for (key, value) in job.entries() {
        for node in value.items().chain([value]).filter(|node| node.tag() == Some("reference")) {
            let names = node.texts();
            let found = names.split_first().and_then(|(first, rest)| {
                rest.iter().try_fold(*all.get(first)?, |node, name| node.get(name))
            });
            out.extend(found.map(|node| (key, node)));
        }
    }
    out
}

fn around_all(root: YamlNode<'_>) -> Vec<Setting> {
    let mut settings = variables(root);
    settings.extend(ended_before(root));
    settings.extend(root.get("default").and_then(ended_before));
    if let Some(workflow) = root.get("workflow").and_then(|workflow| workflow.get("rules")) {
        settings.push(Setting::opaque("workflow.rules", Some(workflow.flat())).at(workflow.line()));
    }
    settings
}

fn around(table: YamlNode<'_>) -> Vec<Setting> {
    let mut settings = variables(table);
    settings.extend(ended_before(table));
    settings.extend(softener(table, "allow_failure", &["false"], &["true"], &NOT_BLOCKING));
    settings.extend(softener(table, "when", &["on_success", "always"], &["manual", "never"], &NARROWED));
    for key in ["rules", "only", "except"] {
        settings.extend(softener(table, key, &["[]"], &[], &NARROWED));
    }
    settings
}

/// What ends a job before its script: one shell runs both.
fn ended_before(table: YamlNode<'_>) -> Option<Setting> {
    let node = table.get("before_script")?;
    let texts = node.items().chain([node]).filter_map(|item| Some((item.line(), item.text()?)));
    Some(shell::early_exits(&texts.collect::<Vec<_>>()).at(node.line()))
}

fn variables(table: YamlNode<'_>) -> Vec<Setting> {
    let Some(variables) = table.get("variables") else { return Vec::new() };
    let mut settings: Vec<Setting> =
        softener(variables, "SKIP", &[""], &[], &NOT_BLOCKING).into_iter().collect();
    if let Some(depth) = variables.get("GIT_DEPTH")
        && let Some(shown) = depth.text()
        && let Ok(commits) = shown.parse::<u64>()
    {
        let rank = if commits == 0 { u64::MAX } else { commits };
        // Projects are made with a depth of 20.
        settings.push(Setting::rank("GIT_DEPTH", rank, shown, 20, &NARROWED).at(depth.line()));
    }
    settings
}
