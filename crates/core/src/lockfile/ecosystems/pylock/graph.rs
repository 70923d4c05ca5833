//! What `uv export` takes out of a `uv.lock`: what the project asks for with the groups and extras of the command, and what
//! that needs, each with the marker under which it is needed.

use super::super::python::normal;
use super::super::requirements::command::Command;
use crate::lockfile::data::Value;
use pep440_rs::Version;
use std::collections::{BTreeSet, HashMap};
use std::str::FromStr;

/// Options of `uv export` that do not change what is exported.
const PLAIN: &[&str] = &[
    "--format",
    "-o",
    "--output-file",
    "-q",
    "--quiet",
    "--locked",
    "--frozen",
    "--offline",
    "--no-header",
    "--no-annotate",
    "--no-editable",
    "--no-emit-project",
    "--no-progress",
    "--dev",
    "--no-dev",
    "--group",
    "--no-group",
    "--all-groups",
    "--no-default-groups",
    "--extra",
    "--no-extra",
    "--all-extras",
];

/// A package that is exported.
#[derive(Debug, Default)]
pub(super) struct Exported {
    pub(super) versions: BTreeSet<String>,
    pub(super) hashes: BTreeSet<String>,
    pub(super) needed: Needed,
}

/// When it is needed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) enum Needed {
    /// Always.
    Always,
    /// Where this marker holds.
    Where(String),
    /// Several markers go together to say when.
    #[default]
    Somehow,
}

/// A package, or what one of its extras adds.
type Node = (String, Option<String>);

/// What is needed by what: by the number of a node.
#[derive(Debug, Default)]
struct Graph {
    numbers: HashMap<Node, usize>,
    nodes: Vec<Node>,
    /// From, to, under which marker.
    edges: Vec<(usize, usize, String)>,
    is_always: Vec<bool>,
}

/// What is exported, by name; packages of the repository are left out.
///
/// # Errors
///
/// Why it cannot be told.
pub(super) fn exported(
    lock: &Value,
    project: &Value,
    command: &Command,
) -> Result<HashMap<String, Exported>, String> {
    if let Some(option) = command.options().find(|option| !PLAIN.contains(option)) {
        return Err(format!("it is exported with {option}"));
    }
    let name = project.at(&["project", "name"]).and_then(Value::text).map(normal);
    let Some(name) = name else { return Err("the project has no name".to_owned()) };
    let mut packages: HashMap<String, Vec<&Value>> = HashMap::new();
    for package in lock.get("package").into_iter().flat_map(Value::items) {
        packages.entry(normal(package.text_of("name").unwrap_or_default())).or_default().push(package);
    }
    let Some([root]) = packages.get(&name).map(Vec::as_slice) else {
        return Err("uv.lock does not have the project".to_owned());
    };
    let mut graph = Graph::default();
    let start = graph.number((name.clone(), None));
    let groups = groups(root, project, command);
    for edge in root.get("dev-dependencies").into_iter().flat_map(Value::entries) {
        if groups.contains(&normal(&edge.key)) {
            graph.add(start, &edge.value);
        }
    }
    for extra in extras(root, command) {
        let to = graph.number((name.clone(), Some(extra)));
        graph.edges.push((start, to, String::new()));
    }
    graph.walk(&packages);
    graph.always(start);
    Ok(graph.packages(&packages, &name))
}

fn groups(root: &Value, project: &Value, command: &Command) -> BTreeSet<String> {
    let all =
        root.get("dev-dependencies").into_iter().flat_map(Value::entries).map(|entry| normal(&entry.key));
    let defaults = project.at(&["tool", "uv", "default-groups"]);
    let is_all = command.has("--all-groups") || defaults.and_then(Value::text) == Some("all");
    let mut groups: BTreeSet<String> = if is_all {
        all.collect()
    } else if command.has("--no-default-groups") {
        BTreeSet::new()
    } else {
        match defaults {
            Some(defaults) => defaults.items().filter_map(Value::text).map(normal).collect(),
            None => BTreeSet::from(["dev".to_owned()]),
        }
    };
    groups.extend(command.values(&["--group"]).into_iter().map(normal));
    if command.has("--dev") {
        groups.insert("dev".to_owned());
    }
    if command.has("--no-dev") {
        groups.remove("dev");
    }
    for group in command.values(&["--no-group"]) {
        groups.remove(&normal(group));
    }
    groups
}

fn extras(root: &Value, command: &Command) -> BTreeSet<String> {
    let all = root.get("optional-dependencies").into_iter().flat_map(Value::entries);
    let mut extras: BTreeSet<String> = if command.has("--all-extras") {
        all.map(|entry| normal(&entry.key)).collect()
    } else {
        command.values(&["--extra"]).into_iter().map(normal).collect()
    };
    for extra in command.values(&["--no-extra"]) {
        extras.remove(&normal(extra));
    }
    extras
}

impl Graph {
    fn number(&mut self, node: Node) -> usize {
        if let Some(number) = self.numbers.get(&node) {
            return *number;
        }
        let number = self.nodes.len();
        self.nodes.push(node.clone());
        self.numbers.insert(node, number);
        number
    }

    /// Edges to what a list of dependencies names.
    fn add(&mut self, from: usize, list: &Value) {
        for edge in list.items() {
            let Some(name) = edge.text_of("name").map(normal) else { continue };
            let marker = edge.text_of("marker").unwrap_or_default().to_owned();
            let to = self.number((name.clone(), None));
            self.edges.push((from, to, marker.clone()));
            for extra in edge.get("extra").into_iter().flat_map(Value::items).filter_map(Value::text) {
                let to = self.number((name.clone(), Some(normal(extra))));
                self.edges.push((from, to, marker.clone()));
            }
        }
    }

    /// Everything that is reached, each node once.
    fn walk(&mut self, packages: &HashMap<String, Vec<&Value>>) {
        let mut at = 0;
        while let Some((name, extra)) = self.nodes.get(at).cloned() {
            for package in packages.get(&name).into_iter().flatten() {
                let list = match &extra {
                    None => package.get("dependencies"),
                    Some(extra) => package.get("optional-dependencies").and_then(|all| {
                        all.entries().find(|entry| normal(&entry.key) == *extra).map(|entry| &entry.value)
                    }),
                };
                if let Some(list) = list {
                    self.add(at, list);
                }
            }
            at += 1;
        }
    }

    /// What is reached without any marker.
    fn always(&mut self, start: usize) {
        let mut plain: HashMap<usize, Vec<usize>> = HashMap::new();
        for (from, to, _) in self.edges.iter().filter(|(_, _, marker)| marker.is_empty()) {
            plain.entry(*from).or_default().push(*to);
        }
        self.is_always = vec![false; self.nodes.len()];
        let mut queue = vec![start];
        while let Some(node) = queue.pop() {
            let Some(is_always) = self.is_always.get_mut(node) else { continue };
            if !std::mem::replace(is_always, true) {
                queue.extend(plain.get(&node).into_iter().flatten());
            }
        }
    }

    fn packages(&self, packages: &HashMap<String, Vec<&Value>>, own: &str) -> HashMap<String, Exported> {
        let is_always = |node: usize| self.is_always.get(node).copied().unwrap_or_default();
        let mut markers: HashMap<&str, Vec<(bool, &str)>> = HashMap::new();
        for (from, to, marker) in &self.edges {
            if let Some((name, _)) = self.nodes.get(*to) {
                markers.entry(name).or_default().push((is_always(*from), marker));
            }
        }
        let mut found: HashMap<String, Exported> = HashMap::new();
        for (number, (name, _)) in self.nodes.iter().enumerate().filter(|(_, (name, _))| name != own) {
            let exported = found.entry(name.clone()).or_default();
            if is_always(number) {
                exported.needed = Needed::Always;
            }
        }
        found.retain(|name, exported| {
            let all = packages.get(name).map(Vec::as_slice).unwrap_or_default();
            for package in all {
                let version = package.text_of("version").and_then(|text| Version::from_str(text).ok());
                exported.versions.extend(version.map(|version| version.to_string()));
                let files = package.get("wheels").into_iter().flat_map(Value::items);
                let files = files.chain(package.get("sdist")).chain(package.get("source"));
                exported.hashes.extend(files.filter_map(|file| file.text_of("hash").map(str::to_owned)));
            }
            let incoming = markers.get(name.as_str()).map(Vec::as_slice).unwrap_or_default();
            if exported.needed != Needed::Always
                && let Some((true, first)) = incoming.first()
                && incoming.iter().all(|(is_always, marker)| *is_always && marker == first)
            {
                exported.needed = Needed::Where((*first).to_owned());
            }
            if all.len() > 1 {
                exported.needed = Needed::Somehow;
            }
            let is_local = |package: &&Value| {
                let source = package.get("source");
                source
                    .is_some_and(|source| source.get("editable").is_some() || source.get("virtual").is_some())
            };
            !all.is_empty() && !all.iter().any(is_local)
        });
        found
    }
}
