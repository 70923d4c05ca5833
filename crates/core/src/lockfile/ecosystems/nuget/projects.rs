//! The projects of a tree, each for the frameworks that are asked for, and where they lead to.

use super::project::{self, Project};
use crate::lockfile::tree::Tree;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::rc::Rc;

/// Frameworks of a project: it is read once for each.
const MOST_FRAMEWORKS: usize = 50;
/// Projects that one project leads to.
pub(super) const MOST_PROJECTS: usize = 500;

type Wanted = (String, Option<String>);

/// Projects that were read, each for the frameworks that were asked for.
pub(super) struct Projects<'s, 't> {
    pub(super) tree: &'s Tree<'t>,
    /// By the path, and the framework that was asked for.
    known: RefCell<HashMap<Wanted, Rc<Project>>>,
}

impl<'s, 't> Projects<'s, 't> {
    pub(super) fn new(tree: &'s Tree<'t>) -> Self {
        Self { tree, known: RefCell::default() }
    }

    pub(super) fn read(&self, path: &str, framework: Option<&str>) -> Rc<Project> {
        let key = (path.to_owned(), framework.map(str::to_owned));
        if let Some(project) = self.known.borrow().get(&key) {
            return Rc::clone(project);
        }
        let project = Rc::new(project::read(self.tree, path, framework));
        self.known.borrow_mut().insert(key, Rc::clone(&project));
        project
    }
}

impl Projects<'_, '_> {
    /// A project for one of its frameworks. Where it has one alone, that is not chosen from without.
    pub(super) fn of(&self, path: &str, outer: &Rc<Project>, framework: &str) -> Rc<Project> {
        let is_one = outer.text("TargetFrameworks").is_some_and(|many| many.trim().is_empty());
        if is_one { Rc::clone(outer) } else { self.read(path, Some(framework)) }
    }
}

/// The frameworks of a project as they are written; `None`: nobody can tell.
pub(super) fn frameworks(project: &Project) -> Option<Vec<String>> {
    let many = project.text("TargetFrameworks")?;
    let one = project.text("TargetFramework")?;
    let written = if many.trim().is_empty() { one } else { many };
    let mut found: Vec<String> = Vec::new();
    for name in written.split(';').map(str::trim).filter(|name| !name.is_empty()) {
        if !found.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            found.push(name.to_owned());
        }
        if found.len() > MOST_FRAMEWORKS {
            return None;
        }
    }
    (!found.is_empty()).then_some(found)
}

/// What else the verdict on a project hangs on: what `MSBuild` imports by name, and the projects that it leads to.
pub(super) fn inputs(projects: &Projects<'_, '_>, manifest: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut seen = HashSet::from([manifest.to_owned()]);
    let mut waiting = VecDeque::from([manifest.to_owned()]);
    while let Some(path) = waiting.pop_front() {
        let project = projects.read(&path, None);
        found.extend(project.files.iter().cloned());
        for reference in &project.references {
            if seen.len() < MOST_PROJECTS
                && projects.tree.has(&reference.name)
                && seen.insert(reference.name.clone())
            {
                found.insert(reference.name.clone());
                waiting.push_back(reference.name.clone());
            }
        }
    }
    found.remove(manifest);
    found.into_iter().collect()
}
