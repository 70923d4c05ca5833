//! Which packages a lock is about: the members of the workspace, and the folders beside it that they ask for.

use super::manifest::{Absent, From, Inherited, Manifest, Package};
use crate::lockfile::ecosystem::Place;
use crate::lockfile::tree::{Tree, Unread, folder as folder_of, join};
use globset::GlobBuilder;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

type Answer = Result<Rc<Manifest>, Absent>;

/// The manifests of a tree, each read once.
pub(super) struct Manifests<'t, 'a> {
    pub(super) tree: &'t Tree<'a>,
    read: RefCell<HashMap<String, Answer>>,
}

/// A workspace, or a package alone.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    /// The folder of its manifest.
    pub(super) root: String,
    /// The folders of its members that have a package, and where each is asked for.
    pub(super) members: BTreeMap<String, Option<Place>>,
    /// Folders that are asked for, and have no manifest that could be read.
    pub(super) absent: Vec<(String, Absent, Option<Place>)>,
    /// Patterns that Cargo would not take.
    pub(super) bad_globs: Vec<(String, Place)>,
}

/// The path of a folder's manifest.
pub(super) fn manifest_in(folder: &str) -> String {
    if folder.is_empty() { "Cargo.toml".to_owned() } else { format!("{folder}/Cargo.toml") }
}

fn is_below(folder: &str, path: &str) -> bool {
    folder.is_empty() || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

impl<'t, 'a> Manifests<'t, 'a> {
    pub(super) fn new(tree: &'t Tree<'a>) -> Self {
        Self { tree, read: RefCell::default() }
    }

    /// The manifest of a folder.
    pub(super) fn of(&self, folder: &str) -> Answer {
        if let Some(answer) = self.read.borrow().get(folder) {
            return answer.clone();
        }
        let source = self.tree.read(&manifest_in(folder)).map_err(Absent::Unread);
        let answer = source.and_then(|source| Manifest::read(source).map(Rc::new));
        self.read.borrow_mut().insert(folder.to_owned(), answer.clone());
        answer
    }

    /// The package of a folder, with what it inherits.
    pub(super) fn package(&self, folder: &str) -> Result<Option<Package>, Absent> {
        let manifest = self.of(folder)?;
        let root = self.root_of(folder);
        let shared = root.as_deref().and_then(|root| self.of(root).ok());
        let inherited = root.as_deref().zip(shared.as_deref());
        let inherited = inherited.map(|(folder, manifest)| Inherited { folder, manifest });
        Ok(manifest.as_package(folder, inherited))
    }

    /// The folder of the workspace that a package belongs to, or says it does; `None`: it stands alone.
    pub(super) fn root_of(&self, folder: &str) -> Option<String> {
        let own = self.of(folder).ok()?;
        if own.workspace().is_some() {
            return Some(folder.to_owned());
        }
        if let Some(said) = own.package().and_then(|package| package.text_of("workspace")) {
            return join(folder, said);
        }
        let mut at = folder;
        while !at.is_empty() {
            at = folder_of(at);
            let Ok(manifest) = self.of(at) else { continue };
            if manifest.workspace().is_some() {
                return (!is_excluded(&manifest, at, folder)).then(|| at.to_owned());
            }
        }
        None
    }

    /// The workspace whose manifest stands in `root`, or the package that does.
    pub(super) fn workspace(&self, root: &str) -> Workspace {
        let mut workspace = Workspace { root: root.to_owned(), ..Workspace::default() };
        let manifest = match self.of(root) {
            Ok(manifest) => manifest,
            Err(absent) => {
                workspace.absent.push((root.to_owned(), absent, None));
                return workspace;
            }
        };
        if manifest.workspace().is_none() {
            workspace.members.insert(root.to_owned(), None);
            return workspace;
        }
        let mut open: Vec<(String, bool, Option<Place>)> = vec![(root.to_owned(), false, None)];
        for (pattern, span) in manifest.workspace_list("members") {
            let place = manifest.source.place(span);
            match self.expanded(root, pattern) {
                Some(folders) => open.extend(folders.into_iter().map(|at| (at, false, Some(place.clone())))),
                None => workspace.bad_globs.push((pattern.to_owned(), place)),
            }
        }
        let mut seen = BTreeSet::new();
        while let Some((folder, is_dependency, place)) = open.pop() {
            if seen.contains(&folder) || self.is_of_another(&folder, &workspace.root, is_dependency) {
                continue;
            }
            if is_excluded(&manifest, root, &folder) {
                continue;
            }
            seen.insert(folder.clone());
            match self.package(&folder) {
                Ok(Some(package)) => {
                    for dependency in &package.dependencies {
                        if let From::Path(_, Some(at)) = &dependency.from {
                            open.push((at.clone(), true, Some(package.source.place(&dependency.span))));
                        }
                    }
                    workspace.members.insert(folder, place);
                }
                Ok(None) => {}
                // That of a dependency is told where the dependency is looked for.
                Err(Absent::Unread(_)) if is_dependency => {}
                Err(absent) => workspace.absent.push((folder, absent, place)),
            }
        }
        workspace
    }

    /// Whether a folder that something asks for as a dependency lies outside and does not say that it belongs here.
    fn is_of_another(&self, folder: &str, root: &str, is_dependency: bool) -> bool {
        is_dependency && !is_below(root, folder) && self.root_of(folder).as_deref() != Some(root)
    }

    /// The folders that an entry of `members` means; `None`: it is no pattern.
    fn expanded(&self, root: &str, pattern: &str) -> Option<Vec<String>> {
        let literal = join(root, pattern)?;
        if !pattern.contains(['*', '?', '[']) {
            return Some(vec![literal]);
        }
        let glob = GlobBuilder::new(&literal).literal_separator(true).build().ok()?.compile_matcher();
        let fixed = literal.split(['*', '?', '[']).next().unwrap_or_default();
        let under = fixed.rsplit_once('/').map_or("", |(folder, _)| folder);
        let depth = (!literal.contains("**")).then(|| literal.split('/').count());
        let mut folders = BTreeSet::new();
        for path in self.tree.under(under) {
            let mut at = folder_of(path);
            if let Some(depth) = depth {
                at = prefix(at, depth);
            }
            while !at.is_empty() && folders.insert(at) && depth.is_none() {
                at = folder_of(at);
            }
        }
        let found: Vec<String> =
            folders.into_iter().filter(|at| glob.is_match(at)).map(str::to_owned).collect();
        // Cargo takes a pattern that nothing matches for a path.
        Some(if found.is_empty() { vec![literal] } else { found })
    }
}

/// The first `depth` parts of a path.
fn prefix(path: &str, depth: usize) -> &str {
    let end = path.match_indices('/').nth(depth.saturating_sub(1)).map_or(path.len(), |(at, _)| at);
    path.get(..end).unwrap_or(path)
}

/// Whether the workspace in `root` leaves a folder out. What `members` names as such is not left out.
fn is_excluded(manifest: &Manifest, root: &str, folder: &str) -> bool {
    let has = |key: &str| {
        let mut entries = manifest.workspace_list(key).filter_map(|(entry, _)| join(root, entry));
        entries.any(|entry| is_below(&entry, folder))
    };
    has("exclude") && !has("members")
}

/// Whether an absence says nothing of the package: it may lie in a submodule, or beside the repository.
pub(super) fn is_elsewhere(tree: &Tree<'_>, folder: &str, absent: &Absent) -> bool {
    let Absent::Unread(Unread::Missing) = absent else { return matches!(absent, Absent::Unread(_)) };
    let Ok(modules) = tree.read(".gitmodules") else { return false };
    let paths = modules
        .text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("path")?.trim_start().strip_prefix('='));
    paths.map(str::trim).any(|path| !path.is_empty() && is_below(path, folder))
}
