//! A workspace: modules that `go.work` names are built together, with the sums of all of them, and with `go.work.sum`.

use super::beside;
use super::modfile::{File, Form};
use super::module::faults;
use super::sums::Sums;
use super::version::go_version;
use crate::lockfile::ecosystem::{Breaks, Drift, Reason, Source, Unclear, Verdict};
use crate::lockfile::tree::{Tree, Unread, folder, join};
use std::cell::OnceCell;
use std::collections::HashSet;

const MEND: &str = "go work sync";

/// What a module has from its workspace.
#[derive(Debug)]
pub(super) struct Workspace<'a> {
    tree: &'a Tree<'a>,
    file: File,
    /// The `go.mod` of every module.
    manifests: Vec<String>,
    /// Read when it is asked for: most modules need nothing of the others.
    known: OnceCell<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// The modules of the workspace.
    members: HashSet<String>,
    /// Those, and what they require: who imports a package of one of them is served.
    provided: HashSet<String>,
}

/// The `go.work` that Go finds from a folder: the nearest, be it a link.
pub(super) fn path_for(tree: &Tree<'_>, at: &str) -> Option<String> {
    let mut at = at;
    loop {
        let path = beside(at, "go.work");
        if tree.has(&path) || tree.is_linked(&path) {
            return Some(path);
        }
        if at.is_empty() {
            return None;
        }
        at = folder(at);
    }
}

impl<'a> Workspace<'a> {
    /// Of the module in a folder; `None`: it is in none.
    pub(super) fn of(tree: &'a Tree<'a>, at: &str, verdict: &mut Verdict) -> Option<Self> {
        let path = path_for(tree, at)?;
        let known = OnceCell::new();
        let source = match tree.read(&path) {
            Ok(source) => source,
            Err(unread) => {
                verdict.unclear_for(Breaks::Strict, Unclear::new(format!("{path} {unread}")));
                return Some(Self { tree, file: File::default(), manifests: Vec::new(), known });
            }
        };
        let (file, manifests, wrong) = members(tree, &source);
        let why = match wrong.reasons.first() {
            Some(reason) => Some(reason.what.clone()),
            None if !manifests.contains(&beside(at, "go.mod")) => {
                Some(format!("{path} does not name this module, and Go refuses to build it there"))
            }
            None => None,
        };
        if let Some(why) = why {
            verdict.unclear_for(Breaks::Strict, Unclear::at(why, source.whole()));
        }
        Some(Self { tree, file, manifests, known })
    }

    fn known(&self) -> &Known {
        self.known.get_or_init(|| {
            let mut known = Known::default();
            known.provided.extend(self.file.replaces.iter().map(|replace| replace.old.clone()));
            for source in self.manifests.iter().filter_map(|path| self.tree.read(path).ok()) {
                let file = File::read(&source.text, Form::Mod);
                known.provided.extend(file.module.clone());
                known.members.extend(file.module);
                known.provided.extend(file.requires.into_iter().map(|require| require.path));
            }
            known
        })
    }

    /// Whether a module is one of the workspace.
    pub(super) fn has(&self, module: &str) -> bool {
        self.known().members.contains(module)
    }

    /// Whether a module of the workspace is, or requires, one that may have an imported package.
    pub(super) fn is_providing(&self, import: &str) -> bool {
        prefixes(import).any(|prefix| self.known().provided.contains(prefix))
    }
}

/// A path and every path above it, the longest first.
pub(super) fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(above, _)| above))
}

/// What a workspace says, the `go.mod` of every module that it names, and what is wrong with it.
fn members(tree: &Tree<'_>, source: &Source) -> (File, Vec<String>, Verdict) {
    let file = File::read(&source.text, Form::Work);
    let mut manifests = Vec::new();
    let mut seen = HashSet::new();
    let mut wrong = Verdict::default();
    let reason = |drift, what: String| Reason::new(drift, Breaks::Both, what, MEND);
    for fault in &file.faults {
        let what = format!("{} is not one that Go reads: {}", source.path, fault.what);
        wrong.drift(reason(Drift::Unreadable, what).in_manifest(source.place(&fault.span)));
    }
    let own = file.go.as_ref().map_or("1.18", |(version, _)| version.as_str());
    for (path, span) in &file.uses {
        let place = source.place(span);
        let Some(at) = join(folder(&source.path), path) else {
            wrong.unclear(Unclear::at(format!("{path} lies outside the repository"), place));
            continue;
        };
        let module = beside(&at, "go.mod");
        let read = match tree.read(&module) {
            Ok(read) => read,
            Err(Unread::Missing) => {
                let what = format!("{} names {path}, and there is no {module}", source.path);
                wrong.drift(reason(Drift::MembersDiffer, what).in_manifest(place));
                continue;
            }
            Err(unread) => {
                wrong.unread(&module, &unread);
                continue;
            }
        };
        if let Some(asked) = go_line(&read.text).filter(|asked| go_version(asked) > go_version(own)) {
            let what = format!("{module} asks for a later Go than {}", source.path);
            // `go work sync` sets the line itself.
            let stale = Reason::new(Drift::RecordStale, Breaks::Strict, what, MEND);
            wrong.drift(stale.in_manifest(place.clone()).expected(asked).found(own));
        }
        if !seen.insert(at) {
            let what = format!("{} names {path} twice", source.path);
            wrong.drift(reason(Drift::Repeated, what).in_manifest(place));
        }
        manifests.push(module);
    }
    (file, manifests, wrong)
}

/// The version in the `go` line of a `go.mod`.
fn go_line(text: &str) -> Option<&str> {
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix("go "))?;
    line.split_whitespace().next()
}

/// `go.work` and its `go.work.sum`: what is in the sums of the modules need not stand there, so that nothing is missing.
pub(super) fn judge(tree: &Tree<'_>, manifest: &Source, lock: &Source, verdict: &mut Verdict) {
    let (_, members, wrong) = members(tree, manifest);
    verdict.reasons.extend(wrong.reasons);
    for path in members {
        match tree.read(&path) {
            Ok(source) => faults(&source, &File::read(&source.text, Form::Mod), verdict),
            Err(unread) => verdict.unread(&path, &unread),
        }
    }
    super::sums::malformed(lock, &Sums::read(lock), MEND, verdict);
}
