//! What `uv export` takes out of a `uv.lock`: what the project asks for with the groups and extras of the command, and what
//! that needs, each with the marker under which it is needed.

use super::super::python::normal;
use super::super::requirements::command::Command;
use super::super::uv;
use crate::lockfile::data::Value;
use pep440_rs::Version;
use std::collections::{BTreeSet, HashMap, HashSet};
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
    /// The commits that it comes from, of a repository.
    pub(super) commits: BTreeSet<String>,
    /// Whether the lock has it more than once: the versions, hashes and commits are those of all.
    pub(super) is_forked: bool,
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
    graph.walk(&lists(&packages));
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

/// The packages of a lock that are folders of the repository.
pub(super) fn folders(lock: &Value) -> HashSet<String> {
    let packages = lock.get("package").into_iter().flat_map(Value::items);
    let is_folder =
        |package: &&Value| uv::is_local(package) || package.at(&["source", "directory"]).is_some();
    packages.filter(is_folder).filter_map(|package| package.text_of("name")).map(normal).collect()
}

/// What each package, and each of their extras, needs: of several packages of one name what any of them does.
fn lists<'v>(packages: &HashMap<String, Vec<&'v Value>>) -> HashMap<Node, Vec<&'v Value>> {
    let mut lists: HashMap<Node, Vec<&Value>> = HashMap::new();
    for (name, package) in packages.iter().flat_map(|(name, all)| all.iter().map(move |one| (name, *one))) {
        let plain = package.get("dependencies").map(|list| (None, list));
        let extras = package.get("optional-dependencies").into_iter().flat_map(Value::entries);
        let extras = extras.map(|entry| (Some(normal(&entry.key)), &entry.value));
        for (extra, list) in plain.into_iter().chain(extras) {
            lists.entry((name.clone(), extra)).or_default().push(list);
        }
    }
    lists
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
    fn walk(&mut self, lists: &HashMap<Node, Vec<&Value>>) {
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            for list in lists.get(node).into_iter().flatten() {
                self.add(at, list);
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
                let git = package.at(&["source", "git"]).and_then(Value::text);
                let commit = git.and_then(|git| git.rsplit_once('#')).map(|(_, commit)| commit.to_owned());
                exported.commits.extend(commit);
            }
            exported.is_forked = all.len() > 1;
            let incoming = markers.get(name.as_str()).map(Vec::as_slice).unwrap_or_default();
            if exported.needed != Needed::Always
                && let Some((true, first)) = incoming.first()
                && incoming.iter().all(|(is_always, marker)| *is_always && marker == first)
            {
                exported.needed = Needed::Where((*first).to_owned());
            }
            if exported.is_forked {
                exported.needed = Needed::Somehow;
            }
            !all.is_empty() && !all.iter().any(|package| uv::is_local(package))
        });
        found
    }
}
