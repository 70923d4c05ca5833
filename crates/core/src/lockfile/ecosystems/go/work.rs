//! A workspace: modules that `go.work` names are built together, with the sums of all of them, and with `go.work.sum`.

use super::beside;
use super::modfile::{File, Form};
use super::sums::Sums;
use super::version::go_version;
use crate::lockfile::ecosystem::{Breaks, Drift, Reason, Source, Unclear, Verdict};
use crate::lockfile::tree::{Tree, folder, join};
use std::collections::{BTreeMap, HashSet};

const MEND: &str = "go work sync";

/// What a module has from its workspace.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    /// The modules of the workspace and what these require: who imports one of them is served.
    pub(super) provided: HashSet<String>,
    /// The modules of the workspace themselves.
    pub(super) members: HashSet<String>,
    /// It does not name the module, or cannot be read: what a build in it says is not looked at.
    pub(super) is_unsure: bool,
}

/// The `go.work` that Go finds from a folder: the nearest.
pub(super) fn path_for(tree: &Tree<'_>, at: &str) -> Option<String> {
    let mut at = at;
    loop {
        let path = beside(at, "go.work");
        if tree.has(&path) {
            return Some(path);
        }
        if at.is_empty() {
            return None;
        }
        at = folder(at);
    }
}

impl Workspace {
    /// Of the module in a folder; `None`: it is in none.
    pub(super) fn of(tree: &Tree<'_>, at: &str, verdict: &mut Verdict) -> Option<Self> {
        let path = path_for(tree, at)?;
        let mut workspace = Self::default();
        let source = match tree.read(&path) {
            Ok(source) => source,
            Err(unread) => {
                let why = format!("{path} {unread}");
                verdict.unclear_for(Breaks::Strict, Unclear::new(why));
                return Some(Self { is_unsure: true, ..workspace });
            }
        };
        let (file, modules, wrong) = modules(tree, &source);
        for module in modules.values() {
            workspace.members.extend(module.module.clone());
            workspace.provided.extend(module.module.clone());
            workspace.provided.extend(module.requires.iter().map(|require| require.path.clone()));
        }
        let why = match wrong.first().map(|reason| &reason.what) {
            Some(what) => Some(what.clone()),
            None if !modules.contains_key(at) => {
                Some(format!("{path} does not name this module, and Go refuses to build it there"))
            }
            None if !file.replaces.is_empty() => {
                workspace.provided.extend(file.replaces.iter().map(|replace| replace.old.clone()));
                None
            }
            None => None,
        };
        if let Some(why) = why {
            workspace.is_unsure = true;
            verdict.unclear_for(Breaks::Strict, Unclear::at(why, source.whole()));
        }
        Some(workspace)
    }

    pub(super) fn is_providing(&self, import: &str) -> bool {
        prefixes(import).any(|prefix| self.provided.contains(prefix))
    }
}

/// A path and every path above it, the longest first.
pub(super) fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(above, _)| above))
}

/// The modules of a workspace by their folders, and what is wrong with it.
fn modules(tree: &Tree<'_>, source: &Source) -> (File, BTreeMap<String, File>, Vec<Reason>) {
    let file = File::read(&source.text, Form::Work);
    let mut modules = BTreeMap::new();
    let mut wrong: Vec<Reason> = Vec::new();
    let reason = |drift, what: String| Reason::new(drift, Breaks::Both, what, MEND);
    for fault in &file.faults {
        let what = format!("{} is not one that Go reads: {}", source.path, fault.what);
        wrong.push(reason(Drift::Unreadable, what).in_manifest(source.place(&fault.span)));
    }
    for (path, span) in &file.uses {
        let place = source.place(span);
        // What lies outside the tree nobody can see here.
        let Some(at) = join(folder(&source.path), path) else { continue };
        let module = beside(&at, "go.mod");
        let Ok(read) = tree.read(&module) else {
            let what = format!("{} names {path}, and there is no {module}", source.path);
            wrong.push(reason(Drift::MembersDiffer, what).in_manifest(place));
            continue;
        };
        let member = File::read(&read.text, Form::Mod);
        let version = |file: &File| file.go.as_ref().map_or((1, 18), |(version, _)| go_version(version));
        if version(&member) > version(&file) && member.go.is_some() {
            let what = format!("{module} asks for a later Go than {}", source.path);
            let found = file.go.as_ref().map_or("no `go` line", |(version, _)| version.as_str());
            let expected = member.go.as_ref().map(|(version, _)| version.clone()).unwrap_or_default();
            // `go work sync` sets the line itself.
            let stale =
                Reason::new(Drift::RecordStale, Breaks::Strict, what, MEND).in_manifest(place.clone());
            wrong.push(stale.expected(expected).found(found));
        }
        if modules.insert(at, member).is_some() {
            let what = format!("{} names {path} twice", source.path);
            wrong.push(reason(Drift::Repeated, what).in_manifest(place));
        }
    }
    (file, modules, wrong)
}

/// `go.work` and its `go.work.sum`: what is in the sums of the modules need not stand there, so that nothing is missing.
pub(super) fn judge(tree: &Tree<'_>, manifest: &Source, lock: &Source, verdict: &mut Verdict) {
    let (file, _, wrong) = modules(tree, manifest);
    for reason in wrong {
        verdict.drift(reason);
    }
    let at = folder(&manifest.path);
    if let Some((path, span)) = file.uses.iter().find(|(path, _)| join(at, path).is_none()) {
        let why = format!("{path} lies outside the repository");
        verdict.unclear(Unclear::at(why, manifest.place(span)));
    }
    super::sums::malformed(lock, &Sums::read(lock), MEND, verdict);
}
