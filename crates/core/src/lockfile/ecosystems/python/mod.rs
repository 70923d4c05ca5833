//! What the ecosystems of Python share: names, requirements, markers, and what a `pyproject.toml` asks for.

mod compare;
mod marker;
pub(super) mod pyproject;
mod requirement;

pub(super) use compare::{Misfit, misfits};
pub(super) use marker::{Marker, PythonRange, Same};
pub(super) use requirement::{Requirement, Wanted, same_specifiers};

#[cfg(test)]
mod tests;

use crate::lockfile::ecosystem::Source;
use crate::lockfile::tree::{Tree, file_name, folder};

/// The one spelling of a package's name, a group's or an extra's (PEP 503).
pub(super) fn normal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for part in name.split(['-', '_', '.']).filter(|part| !part.is_empty()) {
        if !out.is_empty() {
            out.push('-');
        }
        out.push_str(&part.to_ascii_lowercase());
    }
    out
}

/// The lock of a name beside every manifest of a name, for tools that know no workspaces.
pub(super) fn beside(tree: &Tree<'_>, lock: &str, manifest: &str) -> Vec<crate::lockfile::Pair> {
    let locks = tree.paths().iter().filter(|path| file_name(path) == lock);
    locks
        .map(|path| {
            let manifest = in_folder(folder(path), manifest);
            if tree.has(&manifest) {
                crate::lockfile::Pair::new(manifest, *path)
            } else {
                crate::lockfile::Pair::orphan(*path)
            }
        })
        .collect()
}

/// A file of a folder.
pub(super) fn in_folder(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The two files of a pair; what cannot be read is in the verdict.
pub(super) fn ends(
    tree: &Tree<'_>,
    pair: &crate::lockfile::Pair,
    verdict: &mut crate::lockfile::Verdict,
) -> Option<(Source, Source)> {
    let mut read = |path: &Option<String>| {
        let path = path.as_deref()?;
        tree.read(path).map_err(|unread| verdict.unread(path, &unread)).ok()
    };
    Some((read(&pair.manifest)?, read(&pair.lock)?))
}

/// A drift of a text that is not what its name says.
pub(super) fn unreadable(
    source: &Source,
    malformed: &crate::lockfile::data::Malformed,
    is_lock: bool,
    mend: &str,
) -> crate::lockfile::Reason {
    use crate::lockfile::{Breaks, Drift, Reason};
    let place = match malformed.line {
        Some(line) => source.place(&line_span(&source.text, line)),
        None => source.whole(),
    };
    let what = format!("{} cannot be read: {}", source.path, malformed.message);
    let reason = Reason::new(Drift::Unreadable, Breaks::Both, what, mend);
    if is_lock { reason.in_lock(place) } else { reason.in_manifest(place) }
}

/// The bytes of a line, from 1.
pub(super) fn line_span(text: &str, line: u32) -> std::ops::Range<usize> {
    let mut start = 0;
    for (at, content) in text.split_inclusive('\n').enumerate() {
        if at + 1 == line as usize {
            return start..start + content.trim_end().len();
        }
        start += content.len();
    }
    start..start
}

/// The address of a repository and what stands after its `@`, without what follows a `#`.
pub(super) fn split_git(url: &str) -> (&str, Option<&str>) {
    let url = url.split('#').next().unwrap_or_default();
    let path = url.find("://").map_or(0, |at| at + 3);
    let path = path + url.get(path..).and_then(|rest| rest.find('/')).unwrap_or(0);
    match url.get(path..).and_then(|rest| rest.rfind('@')) {
        Some(at) => (url.get(..path + at).unwrap_or(url), url.get(path + at + 1..)),
        None => (url, None),
    }
}

/// Whether a name is a full commit id.
pub(super) fn is_commit(name: &str) -> bool {
    matches!(name.len(), 40 | 64) && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
