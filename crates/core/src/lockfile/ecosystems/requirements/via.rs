//! Whom the `# via` of a requirement names: a source that still asks for it, or a package that is locked.

use super::super::python::Requirement;
use super::asked::Wants;
use super::entry::Entry;
use super::judge::{Comparing, MOST_OF_ONE};
use crate::lockfile::{Breaks, Drift, Unclear, Verdict};
use std::collections::{HashMap, HashSet};

impl Comparing<'_> {
    /// Everything that is locked is asked for: its comment names a source that still has it, or a package that is locked.
    pub(super) fn needs(&self, verdict: &mut Verdict) {
        let asked = &self.index.asks;
        if !self.file.is_annotated() {
            let is_more =
                |entry: &&Entry| entry.name.as_ref().is_some_and(|name| !asked.contains_key(name.as_str()));
            if let Some(entry) = self.file.entries.iter().find(is_more) {
                let why = format!("{} does not say what its packages are locked for", self.lock.path);
                verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, self.lock.place(&entry.span)));
            }
            return;
        }
        let names: HashSet<&str> =
            self.file.entries.iter().filter_map(|entry| entry.name.as_deref()).collect();
        let reached = self.reached(&names);
        let has_nameless = self.sources.asks.iter().any(|ask| matches!(ask.what, Wants::Elsewhere(_)));
        for entry in &self.file.entries {
            if self.sources.is_open && entry.via.is_none() {
                continue;
            }
            let Some(name) = &entry.name else {
                if !has_nameless && entry.via.is_none() {
                    let what = format!("{} is locked, and nothing asks for it", entry.text);
                    verdict.drift(self.reason(Drift::NotAskedFor, &entry.text, what, entry));
                }
                continue;
            };
            if !reached.contains(name.as_str()) && !asked.contains_key(name.as_str()) {
                let what = format!("{name} is locked, and nothing asks for it");
                verdict.drift(self.reason(Drift::NotAskedFor, name, what, entry));
                continue;
            }
            for via in entry.via.iter().flatten() {
                if let Some(what) = self.stale(name, via, &names) {
                    verdict.drift(self.reason(Drift::RecordStale, name, what, entry));
                }
            }
        }
    }

    /// What is wrong with whom a comment names.
    fn stale(&self, name: &str, via: &str, names: &HashSet<&str>) -> Option<String> {
        if let Some(path) = of_file(via) {
            let (asks, what) = if via.starts_with("-c ") {
                (&self.index.limits, "constrained")
            } else {
                (&self.index.asks, "asked for")
            };
            let asks = asks.get(name).map(Vec::as_slice).unwrap_or_default();
            if asks.len() > MOST_OF_ONE {
                // That it is crowded is told of the asks themselves.
                return None;
            }
            let has = asks.iter().any(|ask| {
                let is_asker = ask.asker.as_ref().is_none_or(|asker| is_asker(via, asker));
                is_asker && is_path_of(path, &ask.source.path)
            });
            let has = has || self.index.nameless.iter().any(|source| is_path_of(path, source));
            let is_told = has || self.is_absent(path) || (self.sources.is_open && !self.is_read(path));
            return (!is_told).then(|| format!("{name} is no longer {what} by {path}"));
        }
        let parent = package(via)?;
        let is_there = names.contains(parent.as_str()) || self.is_left_out(&parent);
        (!is_there).then(|| format!("{name} is locked for {parent}, which is not locked"))
    }

    /// Whether a source that a comment names was not found.
    fn is_absent(&self, path: &str) -> bool {
        self.sources.missing.iter().any(|name| is_path_of(path, name) || is_path_of(name, path))
    }

    /// Whether everything in a source was read.
    fn is_read(&self, path: &str) -> bool {
        let is_plain = path.ends_with(".in") || path.ends_with(".txt");
        is_plain && self.sources.files.iter().any(|file| is_path_of(path, file))
    }

    /// What is reached from what is asked for, by the comments.
    fn reached(&self, names: &HashSet<&str>) -> HashSet<&str> {
        let mut children: HashMap<String, Vec<&str>> = HashMap::new();
        let mut queue: Vec<&str> = Vec::new();
        for entry in &self.file.entries {
            let Some(name) = &entry.name else { continue };
            for via in entry.via.iter().flatten() {
                match (of_file(via), package(via)) {
                    (Some(_), _) if via.starts_with("-c ") => {}
                    (Some(_), _) => {
                        if self.stale(name, via, names).is_none() {
                            queue.push(name);
                        }
                    }
                    (None, Some(parent)) if names.contains(parent.as_str()) => {
                        children.entry(parent).or_default().push(name);
                    }
                    (None, Some(parent)) if self.is_left_out(&parent) => queue.push(name),
                    (None, Some(_)) => {}
                    // It is of a form that is not known: somebody asks for it.
                    (None, None) => queue.push(name),
                }
            }
        }
        let mut reached = HashSet::new();
        while let Some(name) = queue.pop() {
            if reached.insert(name) {
                queue.extend(children.get(name).into_iter().flatten());
            }
        }
        reached
    }
}

/// Whether a `# via` names a file that constrains.
pub(super) fn is_limit(via: &str, path: &str) -> bool {
    via.starts_with("-c ") && of_file(via).is_some_and(|named| is_path_of(named, path))
}

/// Whether a `# via` is of a project: `app (pyproject.toml:dev)`, wherever its file lies.
pub(super) fn is_asker(via: &str, asker: &str) -> bool {
    let Some((name, rest)) = asker.split_once(" (") else { return false };
    via.split_once(" (").is_some_and(|(other, at)| {
        other == name && (at == rest || at.strip_suffix(rest).is_some_and(|before| before.ends_with('/')))
    })
}

/// The package that a `# via` names, less its extras; `None`: it is none.
fn package(via: &str) -> Option<String> {
    let requirement = Requirement::parse(via)?;
    requirement.is_any().then_some(requirement.name)
}

/// The file that a `# via` names: `-r requirements.in`, `-c limits.txt`, `app (pyproject.toml)`, `app (pyproject.toml:dev)`.
pub(in super::super) fn of_file(via: &str) -> Option<&str> {
    if let Some(path) = via.strip_prefix("-r ").or_else(|| via.strip_prefix("-c ")) {
        return Some(path.trim());
    }
    let inner = via.strip_suffix(')')?.rsplit_once('(')?.1;
    let inner = inner.split(':').next().unwrap_or(inner);
    let is_file = [".toml", ".cfg", ".py"].iter().any(|ending| inner.ends_with(ending));
    is_file.then_some(inner)
}

/// Whether the path of a `# via` is that of a file: it is seen from wherever the command was run.
pub(in super::super) fn is_path_of(path: &str, file: &str) -> bool {
    let path = path.trim_start_matches("./").trim_start_matches("../");
    file == path
        || file.strip_suffix(path).is_some_and(|before| before.ends_with('/'))
        || path.strip_suffix(file).is_some_and(|before| before.ends_with('/'))
}
