//! The verdict on deno.lock.

use super::asked::{Config, Project, Wants};
use super::lock::{Lock, split, target};
use super::requirement::{Asked, Registry, Spelling};
use super::{MEND, config_of, unreadable};
use crate::lockfile::data::Value;
use crate::lockfile::ecosystem::{Breaks, Drift, Place, Reason, Source, Unclear, Verdict};
use crate::lockfile::tree::{Tree, folder, join, relative};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

/// A project that is compared with its lock.
pub(super) struct Check<'c> {
    pub(super) tree: &'c Tree<'c>,
    pub(super) at: &'c str,
    pub(super) lock: &'c Source,
    pub(super) read: &'c Lock<'c>,
    pub(super) project: &'c Project,
    pub(super) verdict: &'c mut Verdict,
}

pub(super) fn judge(tree: &Tree<'_>, manifest: &str, lock: &Source, read: &Lock<'_>, verdict: &mut Verdict) {
    let at = folder(manifest);
    let project = Project::read(tree, at, verdict);
    for (source, malformed) in &project.broken {
        let place = source.line(malformed.line);
        verdict.drift(unreadable(source, &malformed.message).in_manifest(place));
    }
    if project.is_open || !project.broken.is_empty() {
        return;
    }
    if let Some(unclear) = elsewhere(tree, at, &project) {
        return verdict.unclear(unclear);
    }
    let mut check = Check { tree, at, lock, read, project: &project, verdict };
    check.members();
    let wants: BTreeMap<&String, Wants> = project
        .folders
        .keys()
        .map(|member| (member, project.wants(tree, at, member, check.verdict)))
        .collect();
    for (text, source, span) in wants.values().flat_map(|wants| &wants.invalid) {
        let what = format!("{} asks for `{text}`, which Deno refuses", source.path);
        let reason = Reason::new(Drift::Unreadable, Breaks::Both, what, format!("mend {}", source.path));
        check.verdict.drift(reason.in_manifest(source.place(span)));
    }
    check.links();
    // Deno does not make a lock of a record alone.
    if !read.is_empty() {
        check.record(&wants);
        check.overrides();
    }
    check.specifiers(&wants);
    check.addresses(&wants);
    check.packages();
}

/// Why Deno reads another lock of this project, or none.
fn elsewhere(tree: &Tree<'_>, at: &str, project: &Project) -> Option<Unclear> {
    let root = project.folders.get("")?;
    if let Some(config) = &root.config
        && let Some(lock) = config.value.get("lock")
    {
        let path = lock.text().or_else(|| lock.text_of("path"));
        let why = match path {
            Some(path) if join("", path).is_none_or(|path| path != "deno.lock") => {
                Some(format!("{} says that the lock is {path}, and this one is not read", config.source.path))
            }
            _ if lock.bool() == Some(false) => {
                Some(format!("{} says that there is no lock, and this one is not read", config.source.path))
            }
            _ => None,
        };
        if let Some(why) = why {
            return Some(Unclear::at(why, config.source.place(&lock.span)));
        }
    }
    let mut above = at;
    while !above.is_empty() {
        above = folder(above);
        let has_manifest =
            config_of(tree, above).or_else(|| join(above, "package.json").filter(|path| tree.has(path)));
        let Some(manifest) = has_manifest else { continue };
        let (_, named) = Project::root(tree, above, &mut Verdict::default());
        if relative(above, at).is_some_and(|member| named.members.contains_key(member)) {
            let why = format!("the workspace of {manifest} has this folder, and Deno reads the lock there");
            return Some(Unclear::new(why));
        }
        if named.may_be_more {
            let why =
                format!("{manifest} may have this folder in its workspace, and cannot be read as a whole");
            return Some(Unclear::new(why));
        }
    }
    None
}

impl<'c> Check<'c> {
    fn members(&mut self) {
        for package in self.project.folders.values().filter_map(|folder| folder.package.as_ref()) {
            if package.value.text_of("name").is_some_and(str::is_empty) {
                let why = format!("{} has an empty name", package.source.path);
                self.verdict.unclear(Unclear::at(why, package.source.whole()));
            }
        }
        for (member, source, span) in &self.project.bare {
            let what = format!("{member} is a member of the workspace, and has no manifest");
            let mend = format!("give {member} a deno.json, or take it out of {}", source.path);
            let reason = Reason::new(Drift::MembersDiffer, Breaks::Both, what, mend);
            self.verdict.drift(reason.in_manifest(source.place(span)));
        }
    }

    /// Packages that are taken from folders are not compared.
    fn links(&mut self) {
        let configs =
            || self.project.folders.iter().filter_map(|(at, folder)| Some((at, folder.config.as_ref()?)));
        let root = self.project.folders.get("").and_then(|root| root.config.as_ref());
        let named = root.and_then(|root| {
            let links = ["links", "patch"].iter().find_map(|key| root.value.get(key))?;
            Some((root.source.place(&links.span), "links to packages in folders".to_owned()))
        });
        let in_lock = self.read.workspace.and_then(|workspace| {
            let links = ["links", "patches"].iter().find_map(|key| workspace.map()?.entry(key))?;
            Some((self.lock.place(&links.span), "links to packages in folders".to_owned()))
        });
        let found = named.or(in_lock).or_else(|| {
            configs().find_map(|(member, config)| {
                let (entry, path) = config.imports().find_map(|entry| {
                    let text = entry.value.text()?;
                    self.linked(member, text).map(|path| (entry, path))
                })?;
                let why = format!("a file of {path}, which is no member of the workspace");
                Some((config.source.place(&entry.span), format!("an import of {why}")))
            })
        });
        if let Some((place, what)) = found {
            self.verdict.unclear(Unclear::at(format!("{what}: what that brings is not compared"), place));
        }
    }

    /// The deno.json outside the project that an imported file belongs to: Deno takes it for a link.
    fn linked(&self, member: &str, import: &str) -> Option<String> {
        if !["./", "../", "/"].iter().any(|start| import.starts_with(start)) {
            return None;
        }
        let home = join(self.at, member)?;
        let Some(path) = join(&home, import) else { return Some(import.to_owned()) };
        let mut at = if import.ends_with('/') { path.as_str() } else { folder(&path) };
        loop {
            if let Some(config) = config_of(self.tree, at) {
                let is_own = relative(self.at, at).is_some_and(|inner| {
                    self.project.folders.contains_key(if inner == "." { "" } else { inner })
                });
                return (!is_own).then_some(config);
            }
            if at.is_empty() {
                return None;
            }
            at = folder(at);
        }
    }

    /// What is asked for was looked for.
    fn specifiers(&mut self, wants: &BTreeMap<&String, Wants>) {
        let names = self.project.names();
        let known: HashMap<&Asked, usize> = self
            .read
            .specifiers
            .iter()
            .enumerate()
            .filter_map(|(at, specifier)| Some((specifier.asked.as_ref()?, at)))
            .collect();
        let root = self.project.folders.get("").and_then(|root| root.config.as_ref());
        let is_moved =
            |root: &Config| root.value.get("jsrDepsInNodeModules").and_then(Value::bool) == Some(true);
        let is_moved = root.is_some_and(is_moved);
        for want in wants.values().flat_map(|wants| wants.of_config.iter().chain(&wants.of_package)) {
            let asked = &want.asked;
            // The workspace has it, or it is taken from elsewhere.
            if names.contains(asked.name.as_str()) || (is_moved && asked.registry == Registry::Jsr) {
                continue;
            }
            let place = || want.source.place(&want.span);
            match known.get(asked).and_then(|at| self.read.specifiers.get(*at)) {
                Some(found) => {
                    if asked.registry == Registry::Jsr {
                        self.jsr(asked, found.chosen, &found.span, place());
                    }
                }
                None if want.is_installed => {
                    let what = format!(
                        "{} asks for {}, and {} has no version of it",
                        want.source.path, want.text, self.lock.path
                    );
                    let reason =
                        Reason::new(Drift::NotLocked, Breaks::Both, what, MEND).dependency(&*asked.name);
                    self.verdict.drift(reason.in_manifest(place()).expected(&*want.text));
                }
                None => {
                    let why = format!(
                        "{} has no version of {}, which Deno looks for where code imports it",
                        self.lock.path, want.text
                    );
                    self.verdict.unclear(Unclear::at(why, place()));
                }
            }
        }
    }

    /// A package of JSR whose version was chosen.
    fn jsr(&mut self, asked: &Asked, chosen: &str, span: &Range<usize>, place: Place) {
        let id = format!("{}@{chosen}", asked.name);
        if self.read.jsr.contains_key(id.as_str()) {
            return;
        }
        let what =
            format!("{} has the version {chosen} of {}, and no entry of it", self.lock.path, asked.name);
        if asked.does(chosen) == Some(true) {
            let reason =
                Reason::new(Drift::LockIncomplete, Breaks::Both, what, MEND).dependency(&*asked.name);
            return self
                .verdict
                .drift(reason.in_manifest(place).in_lock(self.lock.place(span)).found(chosen));
        }
        self.verdict.unclear(Unclear::at(what, self.lock.place(span)));
    }

    /// Imports of addresses, which Deno fetches.
    fn addresses(&mut self, wants: &BTreeMap<&String, Wants>) {
        let known = |address: &str| {
            let maps = [self.read.remote, self.read.redirects];
            maps.into_iter().flatten().any(|map| map.get(address).is_some())
        };
        let imported = wants.values().flat_map(|wants| &wants.addresses);
        for (address, source, span) in imported.filter(|(address, ..)| !known(address)) {
            let why = format!("{address} is imported, and {} has no hash of it", self.lock.path);
            self.verdict.unclear(Unclear::at(why, source.place(span)));
        }
    }

    /// The lock holds together: Deno refuses one that does not.
    fn packages(&mut self) {
        let read = self.read;
        let names: HashSet<&str> = read.npm.keys().filter_map(|id| Some(split(id)?.0)).collect();
        let mut missing: Vec<(String, &str, Range<usize>)> = Vec::new();
        for specifier in &read.specifiers {
            let Some(asked) = specifier.asked.as_ref().filter(|asked| asked.registry == Registry::Npm) else {
                continue;
            };
            let id = format!("{}@{}", asked.name, specifier.chosen);
            if !read.npm.contains_key(id.as_str()) {
                missing.push((id, specifier.text.as_str(), specifier.span.clone()));
            }
        }
        for (id, package) in &read.npm {
            let needs = package.needs.iter().map(|need| (need, true));
            for (need, is_needed) in needs.chain(package.peers.iter().map(|need| (need, false))) {
                let is_there = match target(need) {
                    Some(target) => !is_needed || read.npm.contains_key(target),
                    None => names.contains(need),
                };
                if !is_there {
                    missing.push(((*need).to_owned(), id, package.entry.span.clone()));
                }
            }
        }
        let exact: HashSet<&Asked> =
            read.specifiers.iter().filter_map(|specifier| specifier.asked.as_ref()).collect();
        let any: HashSet<(Registry, &str)> =
            exact.iter().map(|asked| (asked.registry, asked.name.as_str())).collect();
        for (id, package) in &read.jsr {
            for need in &package.needs {
                let Some(Ok(asked)) = Asked::parse(need, Spelling::Specifier) else { continue };
                let is_bare = asked.is_any() && any.contains(&(asked.registry, asked.name.as_str()));
                if !exact.contains(&asked) && !is_bare {
                    missing.push(((*need).to_owned(), id, package.entry.span.clone()));
                }
            }
        }
        for (what, by, span) in missing {
            let name = split(&what).map_or(what.as_str(), |(name, _)| name).to_owned();
            let what = format!("{by} needs {what}, and {} does not have it", self.lock.path);
            let mend = format!("rm {} && {MEND}", self.lock.path);
            let reason = Reason::new(Drift::LockIncomplete, Breaks::Both, what, mend).dependency(name);
            self.verdict.drift(reason.in_lock(self.lock.place(&span)));
        }
    }
}
