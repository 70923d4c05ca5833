//! `vendor/modules.txt`: what `go mod vendor` copied, and of which requirements and replacements.

use super::modfile::Replace;
use super::module::{Module, Provider, breaks, has_go_files};
use super::version::version;
use crate::lockfile::ecosystem::{
    Breaks, Drift, Locked, LockedOrigin, Place, Reason, Source, Unclear, Verdict,
};
use crate::lockfile::tree::{Tree, folder, join};
use std::collections::HashMap;
use std::ops::Range;

const MEND: &str = "go mod vendor";

/// A module of the list: `# PATH VERSION => NEW`, `## explicit; go 1.21`, its packages.
#[derive(Debug, Default)]
struct Entry<'t> {
    path: &'t str,
    /// `None`: the line is about every version of a module that is replaced.
    version: Option<&'t str>,
    replacement: Option<(&'t str, Option<&'t str>)>,
    is_explicit: bool,
    packages: Vec<(&'t str, Range<usize>)>,
    span: Range<usize>,
}

#[derive(Debug, Default)]
struct List<'t> {
    entries: Vec<Entry<'t>>,
    is_of_workspace: bool,
    /// A line that Go passes over, and would not write.
    otherwise: Option<Range<usize>>,
}

impl<'t> List<'t> {
    fn read(text: &'t str) -> Self {
        let mut list = Self::default();
        let mut is_open = false;
        let mut start = 0;
        for raw in text.split_inclusive('\n') {
            let line = raw.trim_end_matches(['\n', '\r']);
            let span = start..start + line.len();
            start += raw.len();
            if line == "## workspace" {
                list.is_of_workspace = true;
            } else if let Some(head) = line.strip_prefix("# ") {
                let entry = entry(head, span.clone());
                is_open = entry.is_some();
                match entry {
                    Some(entry) => list.entries.push(entry),
                    None => drop(list.otherwise.get_or_insert(span)),
                }
            } else if let Some(entry) = list.entries.last_mut().filter(|_| is_open) {
                if let Some(marks) = line.strip_prefix("## ") {
                    entry.is_explicit |= marks.split(';').any(|mark| mark.trim() == "explicit");
                } else if !line.is_empty() && !line.contains(char::is_whitespace) {
                    entry.packages.push((line, span));
                } else {
                    list.otherwise.get_or_insert(span);
                }
            } else {
                list.otherwise.get_or_insert(span);
            }
        }
        list
    }
}

fn entry(head: &str, span: Range<usize>) -> Option<Entry<'_>> {
    let words: Vec<&str> = head.split_whitespace().collect();
    let (path, number, rest) = match words.as_slice() {
        [path, number, rest @ ..] if version(number).is_some() => (*path, Some(*number), rest),
        [path, rest @ ..] if rest.first() == Some(&"=>") => (*path, None, rest),
        _ => return None,
    };
    let replacement = match rest {
        [] => None,
        ["=>", new] => Some((*new, None)),
        ["=>", new, number] => Some((*new, Some(*number))),
        _ => return None,
    };
    Some(Entry { path, version: number, replacement, span, ..Entry::default() })
}

/// The modules that were copied.
pub(super) fn locked(lock: &Source) -> Vec<Locked> {
    let list = List::read(&lock.text);
    let copied = list.entries.iter().filter(|entry| !entry.packages.is_empty());
    let found = copied.filter_map(|entry| {
        Some(Locked {
            name: entry.path.to_owned(),
            version: entry.version?.to_owned(),
            origin: match entry.replacement {
                Some((new, None)) => LockedOrigin::Path(new.to_owned()),
                _ => LockedOrigin::Registry(None),
            },
            // The files themselves stand in the tree.
            integrity: Vec::new(),
            needs_integrity: false,
            runs_scripts: Some(false),
            is_direct: None,
            span: entry.span.clone(),
        })
    });
    found.collect()
}

pub(super) fn judge(tree: &Tree<'_>, manifest: &Source, lock: &Source, verdict: &mut Verdict) {
    let list = List::read(&lock.text);
    if list.is_of_workspace || manifest.path.ends_with("go.work") {
        let why = format!("{} was made by `go work vendor`, which is not compared", lock.path);
        return verdict.unclear(Unclear::at(why, lock.whole()));
    }
    let Some(module) = Module::read(tree, manifest, verdict) else { return };
    if let Some(span) = &list.otherwise {
        let what = format!("{} has a line that Go does not write", lock.path);
        verdict.drift(Reason::new(Drift::Tampered, Breaks::Rewrite, what, MEND).in_lock(lock.place(span)));
    }
    if !module.file.is_go(14) {
        let why = format!(
            "{} is of a Go before 1.14, which did not write into {} what is required",
            manifest.path, lock.path
        );
        return verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, manifest.whole()));
    }
    let mut by_key = HashMap::new();
    for entry in &list.entries {
        by_key.entry((entry.path, entry.version)).or_insert_with(Vec::new).push(entry);
    }
    let mut by_path = HashMap::new();
    for entry in list.entries.iter().filter(|entry| entry.version.is_some()) {
        by_path.entry(entry.path).or_insert(entry);
    }
    let mut comparison = Comparison { tree, module: &module, lock, list: &list, by_key, by_path, verdict };
    comparison.requirements();
    comparison.replacements();
    comparison.entries();
    comparison.packages();
}

struct Comparison<'c> {
    tree: &'c Tree<'c>,
    module: &'c Module<'c>,
    lock: &'c Source,
    list: &'c List<'c>,
    /// What stands in several places about one module is taken together, as Go does.
    by_key: HashMap<(&'c str, Option<&'c str>), Vec<&'c Entry<'c>>>,
    /// The first of each module with a version.
    by_path: HashMap<&'c str, &'c Entry<'c>>,
    verdict: &'c mut Verdict,
}

impl<'c> Comparison<'c> {
    fn drift(&mut self, reason: Reason) {
        self.verdict.drift(reason);
    }

    fn in_manifest(&self, span: &Range<usize>) -> Place {
        self.module.source.place(span)
    }

    fn known(&self, path: &str, version: Option<&str>) -> Vec<&'c Entry<'c>> {
        self.by_key.get(&(path, version)).cloned().unwrap_or_default()
    }

    fn requirements(&mut self) {
        for require in &self.module.file.requires {
            if self.known(&require.path, Some(&require.version)).iter().any(|entry| entry.is_explicit) {
                continue;
            }
            let other = self.by_path.get(require.path.as_str()).copied();
            let drift = if other.is_some() { Drift::LockedDifferently } else { Drift::NotLocked };
            let what = format!(
                "{} {} is required, and {} does not have it as `explicit`",
                require.path, require.version, self.lock.path
            );
            let reason = Reason::new(drift, Breaks::Both, what, MEND).dependency(&*require.path);
            let mut reason = reason.in_manifest(self.in_manifest(&require.span)).expected(&*require.version);
            if let Some(entry) = other {
                reason =
                    reason.in_lock(self.lock.place(&entry.span)).found(entry.version.unwrap_or_default());
            }
            self.drift(reason);
        }
    }

    fn replacements(&mut self) {
        for replace in &self.module.file.replaces {
            let known = self.known(&replace.old, replace.old_version.as_deref());
            let found = known.iter().rev().find_map(|entry| entry.replacement);
            let expected = (replace.new.as_str(), replace.new_version.as_deref());
            if found == Some(expected) {
                continue;
            }
            let what = format!(
                "{} is replaced by {}, and {} has it otherwise",
                replace.old,
                words(expected),
                self.lock.path
            );
            let mut reason = Reason::new(Drift::SettingsDiffer, Breaks::Both, what, MEND)
                .dependency(&*replace.old)
                .in_manifest(self.in_manifest(&replace.span))
                .expected(words(expected));
            if let Some(entry) = known.last() {
                reason = reason.in_lock(self.lock.place(&entry.span));
            }
            if let Some(found) = found {
                reason = reason.found(words(found));
            }
            self.drift(reason);
        }
    }

    /// What the list has and `go.mod` has not.
    fn entries(&mut self) {
        let file = &self.module.file;
        for entry in &self.list.entries {
            let in_force = match entry.version {
                Some(version) => file.replacement(entry.path, version),
                None => file.replacement_of(entry.path, None),
            };
            let expected =
                in_force.map(|Replace { new, new_version, .. }| (new.as_str(), new_version.as_deref()));
            let place = self.lock.place(&entry.span);
            if entry.replacement != expected {
                // A line about every version says it too, and then it is not missed here.
                let breaks = if expected.is_none() { Breaks::Both } else { Breaks::Rewrite };
                let what = format!(
                    "{} has {} replaced otherwise than {}",
                    self.lock.path, entry.path, self.module.source.path
                );
                let mut reason =
                    Reason::new(Drift::SettingsDiffer, breaks, what, MEND).dependency(entry.path);
                if let Some(expected) = expected {
                    reason = reason.expected(words(expected));
                }
                if let Some(found) = entry.replacement {
                    reason = reason.found(words(found));
                }
                self.drift(reason.in_lock(place.clone()));
            }
            let required = self.module.required.get(entry.path).and_then(|at| file.requires.get(*at));
            let is_required = required.is_some_and(|require| Some(require.version.as_str()) == entry.version);
            if entry.is_explicit && !is_required {
                // Go looks at those alone of which a package was copied.
                let breaks = if entry.packages.is_empty() { Breaks::Rewrite } else { Breaks::Both };
                let number = entry.version.unwrap_or_default();
                let what = format!(
                    "{} has {} {number} as `explicit`, and {} does not require it",
                    self.lock.path, entry.path, self.module.source.path
                );
                self.drift(
                    Reason::new(Drift::NotAskedFor, breaks, what, MEND)
                        .dependency(entry.path)
                        .in_lock(place)
                        .found(number),
                );
            }
        }
    }

    /// The packages: those of the list are copied, and those that are imported are in the list.
    fn packages(&mut self) {
        let module = self.module;
        let home = folder(&self.lock.path);
        let mut listed = HashMap::new();
        for entry in &self.list.entries {
            listed.extend(entry.packages.iter().map(|(package, span)| (*package, span)));
        }
        let is_copied = |package: &str| join(home, package).is_some_and(|at| has_go_files(self.tree, &at));
        let mut found = Vec::new();
        for (import, used) in &module.imports.of {
            let what = match module.provider(import) {
                Provider::Required(_) | Provider::Nobody | Provider::Nested if !is_copied(import) => {
                    if listed.contains_key(import.as_str()) {
                        continue;
                    }
                    format!("{} imports {import}, and {home} does not have it", used.place.path)
                }
                Provider::Required(_) | Provider::Nobody if !listed.contains_key(import.as_str()) => {
                    let what = format!(
                        "{} imports {import}, and {} does not have it",
                        used.place.path, self.lock.path
                    );
                    found.push((import, used, Breaks::Rewrite, what));
                    continue;
                }
                Provider::NoFolder => {
                    let why =
                        format!("{import} is imported, and there is no such folder: it may be generated");
                    self.verdict.unclear(Unclear::at(why, used.place.clone()));
                    continue;
                }
                _ => continue,
            };
            found.push((import, used, breaks(used.is_certain), what));
        }
        let absent: Vec<_> = listed.iter().filter(|(package, _)| !is_copied(package)).collect();
        for (import, used, breaks, what) in found {
            let reason = Reason::new(Drift::NotLocked, breaks, what, MEND).dependency(&**import);
            self.verdict.drift(reason.in_manifest(used.place.clone()));
        }
        for (package, span) in absent {
            let what = format!("{} lists {package}, and {home}/{package} has no file of Go", self.lock.path);
            let place = self.lock.place(span);
            if module.imports.of.get(*package).is_some_and(|used| used.is_certain) {
                let reason =
                    Reason::new(Drift::LockIncomplete, Breaks::Strict, what, MEND).dependency(*package);
                self.verdict.drift(reason.in_lock(place));
            } else {
                self.verdict.unclear_for(Breaks::Strict, Unclear::at(what, place));
            }
        }
    }
}

fn words((new, version): (&str, Option<&str>)) -> String {
    version.map_or_else(|| new.to_owned(), |version| format!("{new} {version}"))
}
