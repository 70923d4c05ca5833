//! Policies and files of exceptions.

use super::super::codes::{
    EXCEPTION_ADDED, EXCEPTION_EXTENDED, EXCEPTION_FOR_EVERYTHING, POLICY_BASE_CHANGED, POLICY_REMOVED,
    POLICY_WEAKENED, SETTING_CHANGED,
};
use super::super::gate::{Weakening, shortened};
use super::{Watcher, broken, parts, text};
use crate::RepoPath;
use crate::change::FileChange;
use crate::policy::{CompareError, Layer, Origin, PolicyChange, PolicyChangeKind, Schema, compare};

const POLICIES: [&str; 2] = ["gatepost.toml", ".gatepost.toml"];
/// Largest policy that is compared, in bytes: thousands of exceptions.
const MOST_BYTES: usize = 1 << 20;

const EXCEPTIONS: &str = "gatepost-exceptions.toml";

pub(super) const WATCHER: Watcher = Watcher {
    watches: |path, settings| {
        let (_, name) = parts(path);
        POLICIES.contains(&name) || name == EXCEPTIONS || settings.is_layer(path)
    },
    judge,
};

fn judge(changes: &[&FileChange<'_>]) -> Vec<Weakening> {
    let old: Vec<Layer> = changes.iter().filter_map(|change| Some(layer(change.path, change.old?))).collect();
    let mut out = Vec::new();
    for change in changes {
        match change.new {
            // What was in force before a file came is the one that has, or had, the other of the two names.
            Some(new) => {
                let before = change.old.or_else(|| other_policy(change, changes));
                compared(change, before, new, &old, &mut out);
            }
            None if is_renamed(change, changes) || is_of_exceptions(change.path) => {}
            None => out.push(removed(change)),
        }
    }
    out
}

fn layer(path: &RepoPath, bytes: &[u8]) -> Layer {
    Layer { origin: Origin::File(path.escaped().into_owned()), text: text(bytes).into_owned() }
}

/// Whether a file is one of those that every gate of the repository reads first.
pub(super) fn is_read_first(path: &RepoPath) -> bool {
    let (folder, name) = parts(path);
    folder.is_empty() && (POLICIES.contains(&name) || name == EXCEPTIONS)
}

/// Exceptions that are gone excuse nothing.
fn is_of_exceptions(path: &RepoPath) -> bool {
    parts(path).1 == EXCEPTIONS
}

/// Whether two paths are the two names of one folder's policy.
fn is_other_name(one: &RepoPath, other: &RepoPath) -> bool {
    let ((one, first), (other, second)) = (parts(one), parts(other));
    one == other && first != second && POLICIES.contains(&first) && POLICIES.contains(&second)
}

fn other_policy<'a>(change: &FileChange<'_>, changes: &[&FileChange<'a>]) -> Option<&'a [u8]> {
    let other = changes.iter().find(|other| is_other_name(other.path, change.path));
    other.and_then(|other| other.old)
}

fn is_renamed(change: &FileChange<'_>, changes: &[&FileChange<'_>]) -> bool {
    let is_new = |other: &&&FileChange<'_>| other.old.is_none() && other.new.is_some();
    changes.iter().filter(is_new).any(|other| is_other_name(other.path, change.path))
}

fn compared(
    change: &FileChange<'_>,
    old: Option<&[u8]>,
    new: &[u8],
    beside: &[Layer],
    out: &mut Vec<Weakening>,
) {
    if new.len() > MOST_BYTES {
        let why = format!("it has {} bytes, more than {MOST_BYTES}", new.len());
        let had = old.map_or_else(|| "nothing".to_owned(), |old| format!("{} bytes", old.len()));
        out.push(broken(change, None, &why, &had));
        return;
    }
    let before = old.map(|bytes| layer(change.path, bytes));
    let after = layer(change.path, new);
    let schema = Schema::built_in();
    match compare(&schema, before.as_ref(), &after, beside) {
        Ok(changes) => out.extend(changes.into_iter().map(|one| weakening(change, one))),
        Err(CompareError::New(errors)) => {
            // What was no policy before is another file, or broken since long.
            let was_one = before.as_ref().is_none_or(|before| compare(&schema, None, before, &[]).is_ok());
            let Some(error) = errors.first().filter(|_| was_one) else { return };
            let had = before.map_or_else(|| "nothing".to_owned(), |layer| content(&layer.text));
            out.push(broken(change, error.line, &error.message, &had));
        }
        // It was in force for nobody: with such a policy every gate stops.
        Err(CompareError::Old(_)) => {}
    }
}

fn weakening(change: &FileChange<'_>, found: PolicyChange) -> Weakening {
    let PolicyChange { kind, path, old, new, why, line } = found;
    let code = match kind {
        PolicyChangeKind::Weaker => &POLICY_WEAKENED,
        PolicyChangeKind::Unknown => &SETTING_CHANGED,
        PolicyChangeKind::Extends => &POLICY_BASE_CHANGED,
        PolicyChangeKind::ExceptionAdded => &EXCEPTION_ADDED,
        PolicyChangeKind::ExceptionForEverything => &EXCEPTION_FOR_EVERYTHING,
        PolicyChangeKind::ExceptionExtended => &EXCEPTION_EXTENDED,
    };
    let (old, new) = (shortened(&old), shortened(&new));
    let why = if why.is_empty() { String::new() } else { format!(" ({})", shortened(&why)) };
    Weakening {
        code,
        path: change.path.clone(),
        line,
        commit: change.commit,
        message: format!("`{path}` was: {old}, is now: {new}{why}"),
        restore: match kind {
            PolicyChangeKind::ExceptionAdded => "nothing, if the exception was agreed on".to_owned(),
            PolicyChangeKind::ExceptionForEverything => {
                format!("give `{path}` a fingerprint, a commit or the path that it is for")
            }
            PolicyChangeKind::Unknown => format!("look whether `{path}` lets more through than it did"),
            _ => format!("set `{path}` back to: {old}"),
        },
    }
}

fn removed(change: &FileChange<'_>) -> Weakening {
    let had = content(&text(change.old.unwrap_or_default()));
    Weakening {
        code: &POLICY_REMOVED,
        path: change.path.clone(),
        line: None,
        commit: change.commit,
        message: format!("the policy was removed (had: {had}, now: the built-in defaults)"),
        restore: format!("put {} back", change.path.escaped()),
    }
}

/// What a policy says, in one line without comments.
fn content(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    shortened(&lines.collect::<Vec<_>>().join("; "))
}
