//! The members of a workspace: the folders that the globs of `[tool.uv.workspace]` name, each with a manifest.

use crate::lockfile::data::{Value, toml};
use crate::lockfile::ecosystems::python::{in_folder, normal};
use crate::lockfile::tree::{folder, is_in, join, relative};
use crate::lockfile::{Source, Tree};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::collections::{BTreeMap, BTreeSet};

/// A project of the workspace, or one that a path leads to.
#[derive(Debug)]
pub(super) struct Project {
    /// Its folder from the root of the tree.
    pub(super) folder: String,
    /// Its manifest.
    pub(super) source: Source,
    /// What stands in that.
    pub(super) document: Value,
}

impl Project {
    /// The name of the project, normalised; `None`: there is no `[project]`.
    pub(super) fn name(&self) -> Option<String> {
        self.document.get("project")?.text_of("name").map(normal)
    }

    /// A setting of uv.
    pub(super) fn uv(&self, key: &str) -> Option<&Value> {
        self.document.at(&["tool", "uv", key])
    }

    /// The sources of its own, by normalised name.
    pub(super) fn source_of(&self, name: &str) -> Option<&Value> {
        let entries = self.uv("sources").into_iter().flat_map(Value::entries);
        entries.rev().find(|entry| normal(&entry.key) == name).map(|entry| &entry.value)
    }

    /// Whether uv builds and installs it.
    pub(super) fn is_package(&self, is_required: bool) -> bool {
        match self.uv("package").and_then(Value::bool) {
            Some(is_package) => is_package,
            None => is_required || self.document.get("build-system").is_some(),
        }
    }
}

/// A workspace; a project alone is one with one member.
#[derive(Debug)]
pub(super) struct Workspace {
    /// The project of the root.
    pub(super) root: Project,
    /// The members by name, the root among them where it is a project.
    pub(super) members: BTreeMap<String, Project>,
    /// What keeps the members from being told.
    pub(super) problems: Vec<String>,
    /// Members that a `workspace = true` names, and what it says of `editable`.
    pub(super) required: BTreeMap<String, Option<bool>>,
}

impl Workspace {
    pub(super) fn read(tree: &Tree<'_>, source: Source, document: Value) -> Self {
        let at = folder(&source.path).to_owned();
        let root = Project { folder: at.clone(), source: source.clone(), document: document.clone() };
        let (members, problems) = (BTreeMap::new(), Vec::new());
        let mut found = Self { root, members, problems, required: BTreeMap::new() };
        if let Some(name) = found.root.name() {
            found.members.insert(name, Project { folder: at.clone(), source, document });
        }
        found.collect(tree, &at);
        found.required = found.members.values().chain([&found.root]).flat_map(required).collect();
        found
    }

    /// Whether the root is no project, and only holds members together.
    pub(super) fn is_virtual(&self) -> bool {
        self.root.document.get("project").is_none()
    }

    fn collect(&mut self, tree: &Tree<'_>, at: &str) {
        let Some(definition) = self.root.uv("workspace").cloned() else { return };
        let members = globs(definition.get("members"));
        let exclude = globs(definition.get("exclude"));
        let (Some(members), Some(exclude)) = (members, exclude) else {
            self.problems.push("a glob of [tool.uv.workspace] cannot be read".to_owned());
            return;
        };
        for path in tree.under(at) {
            let Some(path_folder) = path.strip_suffix("/pyproject.toml") else { continue };
            let Some(below) = relative(at, path_folder).filter(|below| *below != ".") else { continue };
            if !members.is_match(below) || exclude.is_match(below) || is_in(path, &[".venv", "site-packages"])
            {
                continue;
            }
            let read = tree.read(path).map_err(|unread| unread.to_string());
            let read = read.and_then(|source| match toml(&source.text) {
                Ok(document) => Ok((source, document)),
                Err(malformed) => Err(format!("cannot be read: {}", malformed.message)),
            });
            let (source, document) = match read {
                Ok(read) => read,
                Err(why) => {
                    self.problems.push(format!("{path} {why}"));
                    continue;
                }
            };
            let project = Project { folder: path_folder.to_owned(), source, document };
            if project.uv("managed").and_then(Value::bool) == Some(false) {
                continue;
            }
            match project.name() {
                Some(name) if self.members.contains_key(&name) => {
                    self.problems.push(format!("two members of the workspace are named {name}"));
                }
                Some(name) => drop(self.members.insert(name, project)),
                None => self.problems.push(format!("{path} has no project.name")),
            }
        }
    }

    /// The manifests of folders that a `path` leads to, of members and of one another.
    pub(super) fn path_dependencies(&self) -> BTreeSet<String> {
        let projects = self.members.values().chain([&self.root]);
        let sources = projects.flat_map(|project| {
            let entries = project.uv("sources").into_iter().flat_map(Value::entries);
            let values = entries.flat_map(|entry| {
                let single = (entry.value.items().len() == 0).then_some(&entry.value);
                entry.value.items().chain(single)
            });
            let paths = values.filter_map(|value| value.text_of("path"));
            paths.filter_map(|path| join(&project.folder, path)).map(|at| in_folder(&at, "pyproject.toml"))
        });
        sources.collect()
    }
}

/// The members that a project's sources name.
fn required(project: &Project) -> Vec<(String, Option<bool>)> {
    let mut found = Vec::new();
    for entry in project.uv("sources").into_iter().flat_map(Value::entries) {
        let single = (entry.value.items().len() == 0).then_some(&entry.value);
        for source in entry.value.items().chain(single) {
            if source.get("workspace").and_then(Value::bool) == Some(true) {
                found.push((normal(&entry.key), source.get("editable").and_then(Value::bool)));
            }
        }
    }
    found
}

fn globs(value: Option<&Value>) -> Option<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for pattern in value.into_iter().flat_map(Value::items) {
        let pattern = join("", pattern.text()?)?;
        set.add(GlobBuilder::new(&pattern).literal_separator(true).build().ok()?);
    }
    set.build().ok()
}
