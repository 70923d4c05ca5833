//! `go.mod` and its `go.sum`.

use super::imports::Use;
use super::modfile::{File, Form, Replace, Require};
use super::module::{Module, Provider, breaks, faults, is_of_another_major};
use super::sums::{Sums, is_hash, malformed};
use super::version::{self, go_version};
use super::work::Workspace;
use super::{INFO, beside};
use crate::lockfile::ecosystem::{Breaks, Drift, Reason, Source, Unclear, Verdict};
use crate::lockfile::tree::{Tree, Unread, folder, join};
use std::collections::{HashMap, HashSet};

const MEND: &str = INFO.make;

pub(super) fn judge(tree: &Tree<'_>, manifest: &Source, lock: &Source, verdict: &mut Verdict) {
    let sums = Sums::read(lock);
    malformed(lock, &sums, MEND, verdict);
    if let Some(span) = &sums.otherwise {
        let what = format!("{} has a line that Go writes otherwise or elsewhere", lock.path);
        verdict.drift(Reason::new(Drift::Tampered, Breaks::Rewrite, what, MEND).in_lock(lock.place(span)));
    }
    let Some(module) = Module::read(tree, manifest, verdict) else { return };
    let workspace = Workspace::of(tree, folder(&manifest.path), verdict);
    if let Some(otherwise) = &module.file.otherwise {
        let what = format!("{} has {}", manifest.path, otherwise.what);
        let reason = Reason::new(Drift::RecordStale, Breaks::Rewrite, what, MEND);
        verdict.drift(reason.in_manifest(manifest.place(&otherwise.span)));
    }
    if module.file.go.is_none() {
        let why = format!(
            "{} has no `go` line: Go takes it for 1.16, which its dependencies may not",
            manifest.path
        );
        verdict.unclear_for(Breaks::Strict, Unclear::at(why, manifest.whole()));
    }
    let mut comparison = Comparison { module: &module, lock, sums: &sums, workspace, verdict };
    comparison.requirements();
    comparison.imports();
    comparison.tools();
    comparison.left_over();
}

/// A `go.mod` and a `go.sum` that are compared.
pub(super) struct Comparison<'c> {
    pub(super) module: &'c Module<'c>,
    pub(super) lock: &'c Source,
    pub(super) sums: &'c Sums<'c>,
    workspace: Option<Workspace<'c>>,
    pub(super) verdict: &'c mut Verdict,
}

impl<'c> Comparison<'c> {
    pub(super) fn reason(&self, drift: Drift, breaks: Breaks, what: String, require: &Require) -> Reason {
        let place = self.module.source.place(&require.span);
        Reason::new(drift, breaks, what, MEND).dependency(&*require.path).in_manifest(place)
    }

    /// In a workspace Go makes `go.work.sum` itself, and a build lacks no sum.
    pub(super) fn in_workspace(&self, breaks: Breaks) -> Breaks {
        if self.workspace.is_some() { Breaks::Rewrite } else { breaks }
    }

    /// How each module is used by the packages of this one: `true` for certain.
    fn used(&self) -> HashMap<&'c str, (bool, &'c Use)> {
        let module = self.module;
        let mut used: HashMap<&str, (bool, &Use)> = HashMap::new();
        for (import, place) in &module.imports.of {
            let Provider::Required(requires) = module.provider(import) else { continue };
            for require in requires {
                let known = used.entry(require.path.as_str()).or_insert((place.is_certain, place));
                if place.is_certain && !known.0 {
                    *known = (true, place);
                }
            }
        }
        used
    }

    fn requirements(&mut self) {
        let module = self.module;
        let used = self.used();
        let sole = self.sole();
        let mut folders: HashMap<String, &str> = HashMap::new();
        for (at, require) in module.file.requires.iter().enumerate() {
            if module.required.get(&require.path) != Some(&at) {
                self.repeated(require);
                continue;
            }
            let key = (require.path.clone(), require.version.clone());
            if module.file.excludes.contains(&key) {
                let what = format!("{} {} is required and excluded", require.path, require.version);
                let reason = self.reason(Drift::SettingsDiffer, Breaks::Both, what, require);
                self.verdict.drift(reason);
                continue;
            }
            if version::version(&require.version).is_none() {
                let what =
                    format!("{} is required at `{}`, which is no version", require.path, require.version);
                let reason = self.reason(Drift::LockedDifferently, Breaks::Both, what, require);
                self.verdict.drift(reason.expected(&*require.version));
                continue;
            }
            self.comment(
                require,
                used.contains_key(require.path.as_str()),
                sole.contains(require.path.as_str()),
            );
            match module.file.replacement(&require.path, &require.version) {
                Some(Replace { new, new_version: None, .. }) => self.folder(require, new, &mut folders),
                Some(Replace { new, new_version: Some(version), .. }) => {
                    self.summed(require, new, version, used.get(require.path.as_str()).copied());
                }
                None => self.summed(
                    require,
                    &require.path,
                    &require.version,
                    used.get(require.path.as_str()).copied(),
                ),
            }
        }
    }

    /// The modules that for certain have a package that is imported: no other module could.
    fn sole(&self) -> HashSet<&'c str> {
        let module = self.module;
        let alone = module.imports.of.keys().filter_map(|import| match module.provider(import) {
            Provider::Required(requires) => match requires.as_slice() {
                [one] => Some(one.path.as_str()),
                _ => None,
            },
            _ => None,
        });
        alone.collect()
    }

    fn repeated(&mut self, require: &Require) {
        let module = self.module;
        let Some(other) = module.required.get(&require.path).and_then(|at| module.file.requires.get(*at))
        else {
            return;
        };
        let is_same = other.version == require.version;
        let breaks = if is_same { Breaks::Rewrite } else { Breaks::Both };
        let what = format!("{} is required twice", require.path);
        let reason = self.reason(Drift::Repeated, breaks, what, require);
        self.verdict.drift(reason.expected(&*require.version).found(&*other.version));
    }

    /// `// indirect` is written where no package of the module imports one of the required module, and nowhere else.
    fn comment(&mut self, require: &Require, is_used: bool, is_surely_used: bool) {
        let path = &require.path;
        let what = match require.is_indirect {
            true if is_surely_used => {
                format!("{path} is imported, and {} has it as `// indirect`", self.module.source.path)
            }
            false if !is_used && !self.module.imports.is_partial => {
                format!("{path} is required, and no file of Go in the repository imports it")
            }
            _ => return,
        };
        let reason = self.reason(Drift::RecordStale, Breaks::Rewrite, what, require);
        self.verdict.drift(reason);
    }

    /// The sums of a module at a version.
    fn summed(&mut self, require: &Require, path: &str, version: &str, used: Option<(bool, &Use)>) {
        let has_zip = self.sums.has(path, version);
        let has_mod = self.sums.has(path, &format!("{version}/go.mod"));
        let is_certain = used.is_some_and(|(is_certain, _)| is_certain);
        let other = self.other_version(path, version).filter(|_| !has_zip && !has_mod);
        // What is indirect and had a sum of its files at another version is built by a dependency.
        let was_built = require.is_indirect && other.is_some();
        let breaks = self.in_workspace(breaks(is_certain || was_built));
        if has_zip && has_mod {
            return self.hashes(require, path, version, breaks);
        }
        if self.workspace.as_ref().is_some_and(|workspace| workspace.has(path)) {
            let why = format!(
                "{path} is a module of the workspace, and only `go mod tidy` would look for it elsewhere"
            );
            let place = self.module.source.place(&require.span);
            return self.verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, place));
        }
        let needs_zip = used.is_some() && !has_zip;
        if has_mod && !needs_zip {
            // A module that nothing here imports has a sum of its files where a dependency imports one of its packages.
            if require.is_indirect {
                let why = format!(
                    "{} has no sum of the files of {path} {version}, and nothing here tells whether a dependency needs it",
                    self.lock.path
                );
                let breaks = self.in_workspace(Breaks::Both);
                let place = self.module.source.place(&require.span);
                self.verdict.unclear_for(breaks, Unclear::at(why, place));
            }
            return;
        }
        let missing = match (has_mod, needs_zip) {
            (false, true) => "no sum of its files and none of its go.mod",
            (true, _) => "no sum of its files",
            (false, false) => "no sum of its go.mod",
        };
        let imported =
            used.map_or_else(String::new, |(_, place)| format!(", which {} imports", place.place.path));
        let what = format!("{path} {version} is required{imported}, and {} has {missing}", self.lock.path);
        let drift = match (has_zip || has_mod, &other) {
            (true, _) => Drift::LockIncomplete,
            (false, Some(_)) => Drift::LockedDifferently,
            (false, None) => Drift::NotLocked,
        };
        let mut reason = self.reason(drift, breaks, what, require).expected(version);
        if let Some((found, span)) = other {
            reason = reason.found(found).in_lock(self.lock.place(&span));
        }
        self.verdict.drift(reason);
    }

    /// A version of the module whose files have a sum.
    fn other_version(&self, path: &str, version: &str) -> Option<(String, std::ops::Range<usize>)> {
        // The lines of one module stand together; where they do not, that has been said.
        let first = self.sums.order.partition_point(|(known, _)| *known < path);
        let rest = self.sums.order.get(first..)?;
        let mut known = rest.iter().take_while(|(known, _)| *known == path);
        let key = known.find(|(_, known)| !known.contains('/') && *known != version)?;
        let span = self.sums.of.get(key)?.first()?.span.clone();
        Some((key.1.to_owned(), span))
    }

    /// A hash that cannot be one.
    fn hashes(&mut self, require: &Require, path: &str, version: &str, breaks: Breaks) {
        for version in [version.to_owned(), format!("{version}/go.mod")] {
            let Some(wrong) = self.sums.hashes(path, &version).find(|sum| !is_hash(sum.hash)) else {
                continue;
            };
            let what = format!("the sum of {path} {version} is no SHA-256 in base64");
            let mut reason = self.reason(Drift::Tampered, breaks, what, require);
            reason.mend = format!("take the line out of {}, then: {MEND}", self.lock.path);
            self.verdict.drift(reason.in_lock(self.lock.place(&wrong.span)).found(wrong.hash));
        }
    }

    /// A module that is replaced by a folder.
    fn folder<'m>(&mut self, require: &'m Require, new: &str, folders: &mut HashMap<String, &'m str>) {
        let module = self.module;
        let place = module.source.place(&require.span);
        let Some(at) = join(module.at, new) else {
            let why = format!("{} is replaced by {new}, which lies outside the repository", require.path);
            return self.verdict.unclear(Unclear::at(why, place));
        };
        if let Some(other) = folders.insert(at.clone(), &require.path) {
            let what = format!("{new} takes the place of both {other} and {}", require.path);
            let reason = self.reason(Drift::SettingsDiffer, Breaks::Both, what, require);
            return self.verdict.drift(reason);
        }
        let path = beside(&at, "go.mod");
        let source = match module.tree.read(&path) {
            Ok(source) => source,
            Err(Unread::Missing) => {
                let what = format!("{} is replaced by {new}, and there is no {path}", require.path);
                let reason = self.reason(Drift::SettingsDiffer, Breaks::Both, what, require);
                return self.verdict.drift(reason);
            }
            Err(unread) => return self.verdict.unread(&path, &unread),
        };
        let file = File::read(&source.text, Form::Mod);
        faults(&source, &file, self.verdict);
        let asked = file.go.as_ref().map_or((1, 16), |(version, _)| go_version(version));
        let own = module.file.go.as_ref().map_or((1, 16), |(version, _)| go_version(version));
        // Before 1.21 Go did not compare them, and of such a version no module is asked for more.
        if module.file.go.is_some() && asked > own && asked >= (1, 21) {
            let what = format!("{path} asks for a later Go than {}", module.source.path);
            let reason = self.reason(Drift::RecordStale, Breaks::Both, what, require);
            let version =
                |file: &File| file.go.as_ref().map(|(version, _)| version.clone()).unwrap_or_default();
            self.verdict.drift(reason.expected(version(&file)).found(version(&module.file)));
        }
        for asked in &file.requires {
            self.minimum(asked, &path);
        }
    }

    /// What a folder requires is required here at that version or a later one.
    fn minimum(&mut self, asked: &Require, by: &str) {
        let module = self.module;
        let known = module.required.get(&asked.path).and_then(|at| module.file.requires.get(*at));
        let key = (asked.path.clone(), asked.version.clone());
        let Some(known) = known.filter(|_| !module.file.excludes.contains(&key)) else { return };
        let (Some(least), Some(has)) = (version::version(&asked.version), version::version(&known.version))
        else {
            return;
        };
        if has.cmp_precedence(&least).is_lt() {
            let what = format!("{by} requires {} {}", asked.path, asked.version);
            let breaks = self.in_workspace(Breaks::Both);
            let reason = self.reason(Drift::RecordStale, breaks, what, known);
            self.verdict.drift(reason.expected(&*asked.version).found(&*known.version));
        }
    }

    /// Imports that nothing required has.
    fn imports(&mut self) {
        let module = self.module;
        for (import, used) in &module.imports.of {
            let is_served =
                || self.workspace.as_ref().is_some_and(|workspace| workspace.is_providing(import));
            let of_import = match module.provider(import) {
                Provider::Required(requires)
                    if requires.first().is_some_and(|first| is_of_another_major(first, import)) =>
                {
                    let why = format!(
                        "{import} is imported: a folder of a module that is required, or another module"
                    );
                    self.verdict.unclear(Unclear::at(why, used.place.clone()));
                    continue;
                }
                Provider::Own | Provider::Required(_) => continue,
                _ if is_served() => Breaks::Rewrite,
                Provider::NoFolder => {
                    let why =
                        format!("{import} is imported, and there is no such folder: it may be generated");
                    self.verdict.unclear(Unclear::at(why, used.place.clone()));
                    continue;
                }
                Provider::Nested | Provider::Nobody => breaks(used.is_certain),
            };
            let what = format!(
                "{} imports {import}, and no module that {} requires has it",
                used.place.path, module.source.path
            );
            let reason = Reason::new(Drift::NotLocked, of_import, what, MEND).dependency(&**import);
            self.verdict.drift(reason.in_manifest(used.place.clone()));
        }
    }

    /// Tools are built when they are run, not with the packages.
    fn tools(&mut self) {
        let module = self.module;
        for (tool, span) in &module.file.tools {
            let what = match module.provider(tool) {
                Provider::Nobody => {
                    format!("no module that {} requires has the tool {tool}", module.source.path)
                }
                Provider::Required(requires) => {
                    let without = requires.iter().find(|require| {
                        let replace = module.file.replacement(&require.path, &require.version);
                        let (path, version) = match replace {
                            Some(Replace { new_version: None, .. }) => return false,
                            Some(Replace { new, new_version: Some(version), .. }) => (new, version),
                            None => (&require.path, &require.version),
                        };
                        !self.sums.has(path, version)
                    });
                    let Some(require) = without else { continue };
                    format!(
                        "{} has no sum of the files of {}, which has the tool {tool}",
                        self.lock.path, require.path
                    )
                }
                _ => continue,
            };
            let reason = Reason::new(Drift::NotLocked, Breaks::Rewrite, what, MEND).dependency(&**tool);
            self.verdict.drift(reason.in_manifest(module.source.place(span)));
        }
    }
}
