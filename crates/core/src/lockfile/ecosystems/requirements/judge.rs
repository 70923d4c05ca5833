//! Whether a compiled file says what its sources ask for.

use super::super::python::{Marker, PythonRange, Requirement, Same, normal};
use super::asked::{Ask, Sources, Wants, is_path_of, of_file};
use super::command::{Command, Tool};
use super::file::{Entry, File, What};
use super::hashes::{self, Made};
use crate::lockfile::{Breaks, Drift, Place, Reason, Source, Tree, Unclear, Verdict};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Packages that pip-compile leaves out, unless it is told otherwise.
const UNSAFE: &[&str] = &["setuptools", "distribute", "pip"];

/// How often one package is asked for or locked at most.
const MOST_OF_ONE: usize = 64;

/// A comparison under way.
pub(super) struct Comparing<'a> {
    pub(super) lock: &'a Source,
    pub(super) file: &'a File,
    pub(super) command: Option<&'a Command>,
    pub(super) sources: &'a Sources,
    pub(super) mend: &'a str,
    index: Index<'a>,
}

/// What is looked up by name.
#[derive(Debug, Default)]
struct Index<'a> {
    asks: HashMap<&'a str, Vec<&'a Ask>>,
    limits: HashMap<&'a str, Vec<&'a Ask>>,
    locked: HashMap<&'a str, Vec<&'a Entry>>,
    /// What is locked as it is written, without spaces, and by its address.
    texts: HashMap<String, &'a Entry>,
    /// Sources that ask for something without a name.
    nameless: HashSet<&'a str>,
    /// Whether something is locked without a name.
    has_nameless: bool,
    /// Packages that the command leaves out.
    left_out: HashSet<String>,
}

impl<'a> Index<'a> {
    fn new(file: &'a File, command: Option<&Command>, sources: &'a Sources) -> Self {
        let mut index = Self::default();
        for (asks, into) in [(&sources.asks, &mut index.asks), (&sources.limits, &mut index.limits)] {
            for ask in asks {
                match ask.name() {
                    Some(name) => into.entry(name).or_default().push(ask),
                    None => drop(index.nameless.insert(&*ask.source.path)),
                }
            }
        }
        for entry in &file.entries {
            match &entry.name {
                Some(name) => index.locked.entry(name).or_default().push(entry),
                None => index.has_nameless = true,
            }
            index.texts.insert(plain(&entry.text), entry);
            index.texts.insert(plain(address(&entry.text)), entry);
        }
        let named = command.map_or_else(Vec::new, |command| {
            command.values(&["--unsafe-package", "--no-emit-package", "--no-install-package"])
        });
        index.left_out = named.into_iter().map(normal).collect();
        let is_pip_compile = command.is_none_or(|command| command.tool != Tool::UvCompile);
        if is_pip_compile && !command.is_some_and(|command| command.has("--allow-unsafe")) {
            index.left_out.extend(UNSAFE.iter().map(|name| (*name).to_owned()));
        }
        index
    }
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The address of `name @ address`; the whole of anything else.
fn address(text: &str) -> &str {
    text.split_once('@').map_or(text, |(_, address)| address)
}

/// Judges a compiled file.
pub(super) fn judge(tree: &Tree<'_>, comparing: &Comparing<'_>, verdict: &mut Verdict) {
    let Comparing { lock, file, command, sources, mend, .. } = comparing;
    let with_hashes = command.is_some_and(|command| command.has("--generate-hashes"));
    let is_known = command.is_some_and(|command| command.tool != Tool::Other);
    let is_uv = comparing.is_uv();
    hashes::judge(tree, lock, file, Made { mend, with_hashes, is_known, is_uv }, verdict);
    for unclear in &sources.unclear {
        verdict.unclear_for(Breaks::Rewrite, unclear.clone());
    }
    for name in &sources.missing {
        let why = format!("{} is made from {name}, which is not in the repository", lock.path);
        verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, lock.whole()));
    }
    if let Some(include) = file.includes.iter().find(|include| !include.is_constraint) {
        // pip-compile-multi writes what the files below have in common once.
        let why = format!("{} takes in {}, which has a part of what is asked for", lock.path, include.path);
        return verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, lock.place(&include.span)));
    }
    let overrides = command.map_or_else(Vec::new, |command| command.values(&["--override", "--overrides"]));
    if !overrides.is_empty() {
        let why = format!("{} is made with overrides", lock.path);
        return verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, lock.whole()));
    }
    if with_hashes || !is_known {
        // Fine as it is, or asked above.
    } else if let Some(entry) = file.entries.iter().find(|entry| !entry.hashes.is_empty()) {
        let what = format!("{} is made without hashes, and has some", lock.path);
        verdict.drift(
            Reason::new(Drift::Tampered, Breaks::Rewrite, what, *mend).in_lock(lock.place(&entry.span)),
        );
    }
    comparing.pins(verdict);
    comparing.asks(verdict);
    comparing.limits(verdict);
    comparing.needs(verdict);
}

impl<'a> Comparing<'a> {
    /// Of a file with its sources.
    pub(super) fn new(
        lock: &'a Source,
        file: &'a File,
        command: Option<&'a Command>,
        sources: &'a Sources,
        mend: &'a str,
    ) -> Self {
        Self { lock, file, command, sources, mend, index: Index::new(file, command, sources) }
    }

    fn has(&self, option: &str) -> bool {
        self.command.is_some_and(|command| command.has(option))
    }

    fn is_uv(&self) -> bool {
        self.command.is_some_and(|command| command.tool == Tool::UvCompile)
    }

    /// Whether extras stand in the file.
    fn has_extras(&self) -> Option<bool> {
        let command = self.command?;
        match command.tool {
            _ if command.has("--strip-extras") => Some(false),
            _ if command.has("--no-strip-extras") => Some(true),
            Tool::PipCompile => Some(true),
            Tool::UvCompile => Some(false),
            _ => None,
        }
    }

    fn reason(&self, drift: Drift, name: &str, what: String, entry: &Entry) -> Reason {
        let reason = Reason::new(drift, Breaks::Rewrite, what, self.mend).dependency(name);
        reason.in_lock(self.lock.place(&entry.span))
    }

    fn place(&self, ask: &Ask) -> Place {
        ask.source.place(&ask.span)
    }

    /// Everything that is locked is one version.
    fn pins(&self, verdict: &mut Verdict) {
        let told: HashSet<String> =
            verdict.reasons.iter().filter_map(|reason| reason.dependency.clone()).collect();
        for entry in &self.file.entries {
            let (What::Range(_), Some(name)) = (&entry.what, &entry.name) else { continue };
            let what = format!("{name} is not pinned by `==` in {}", self.lock.path);
            if !told.contains(name) {
                verdict.drift(self.reason(Drift::Tampered, name, what, entry));
            }
        }
    }

    /// Whether the tool leaves a package out.
    fn is_left_out(&self, name: &str) -> bool {
        self.index.left_out.contains(name)
    }

    /// Whether a name stands so often that each is not compared with each: then it cannot be told.
    fn is_crowded(&self, name: &str, verdict: &mut Verdict) -> bool {
        let asks = [&self.index.asks, &self.index.limits];
        let count = asks.iter().filter_map(|asks| asks.get(name)).map(Vec::len).max();
        let is_crowded =
            count.max(self.index.locked.get(name).map(Vec::len)).unwrap_or_default() > MOST_OF_ONE;
        if is_crowded {
            let why = format!("{name} is asked for or locked too often");
            verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, self.lock.whole()));
        }
        is_crowded
    }

    /// Everything that is asked for is locked, as it is asked for.
    fn asks(&self, verdict: &mut Verdict) {
        for ask in &self.sources.asks {
            match &ask.what {
                Wants::Package(requirement) => {
                    let entries = self.index.locked.get(requirement.name.as_str());
                    let entries = entries.map(Vec::as_slice).unwrap_or_default();
                    if self.is_crowded(&requirement.name, verdict) {
                        continue;
                    }
                    self.ask(ask, requirement, entries, verdict);
                }
                Wants::Elsewhere(name) => self.elsewhere(ask, name.as_deref(), verdict),
            }
        }
    }

    fn ask(&self, ask: &Ask, requirement: &Requirement, entries: &[&Entry], verdict: &mut Verdict) {
        let name = &requirement.name;
        if self.is_left_out(name) {
            return;
        }
        let Some(first) = entries.first() else {
            if requirement.marker.is_empty() {
                let what = format!("{name} is asked for and is not locked");
                let reason = Reason::new(Drift::NotLocked, Breaks::Rewrite, what, self.mend).dependency(name);
                verdict.drift(reason.in_manifest(self.place(ask)).in_lock(self.lock.whole()));
            } else {
                let why = format!("whether {name} belongs into {} hangs on its marker", self.lock.path);
                verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, self.place(ask)));
            }
            return;
        };
        let versions: Vec<&String> = entries
            .iter()
            .filter_map(|entry| match &entry.what {
                What::Pinned(version) => Some(version),
                _ => None,
            })
            .collect();
        if let (true, Some(version)) =
            (versions.iter().all(|version| requirement.allows(version) == Some(false)), versions.first())
        {
            let what = format!("{name} is locked at a version that is not asked for");
            let reason = self.reason(Drift::LockedDifferently, name, what, first);
            let reason = reason.in_manifest(self.place(ask)).found(version.as_str());
            verdict.drift(reason.expected(&ask.text));
            return;
        }
        if versions.is_empty() && !entries.iter().any(|entry| matches!(entry.what, What::Range(_))) {
            let why = format!("{name} is locked by an address");
            verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, self.lock.place(&first.span)));
        }
        self.record(ask, name, entries, verdict);
        self.extras(ask, requirement, entries, verdict);
        self.marker(ask, requirement, entries, verdict);
    }

    /// The comment below it names the source.
    fn record(&self, ask: &Ask, name: &str, entries: &[&Entry], verdict: &mut Verdict) {
        let Some(first) = entries.first().filter(|_| self.file.is_annotated()) else { return };
        let names_it = |via: &String| {
            let is_asker = ask.asker.as_ref().is_none_or(|asker| is_asker(via, asker));
            is_asker && of_file(via).is_some_and(|path| is_path_of(path, &ask.source.path))
        };
        if !entries.iter().flat_map(|entry| entry.via.iter().flatten()).any(names_it) {
            let what =
                format!("{name} is asked for by {}, and the lock does not know of it", ask.source.path);
            let reason = self.reason(Drift::RecordStale, name, what, first).in_manifest(self.place(ask));
            verdict.drift(reason);
        }
    }

    fn extras(&self, ask: &Ask, requirement: &Requirement, entries: &[&Entry], verdict: &mut Verdict) {
        let name = &requirement.name;
        // pip-compile has a package with extras need itself where its name is not the plain one.
        let written = ask.text.split_once(']').map_or("", |(head, _)| head);
        if written.contains(|c: char| c.is_ascii_uppercase() || matches!(c, '_' | '.')) {
            let why = format!("{name} is asked for with extras, and not spelled as the lock may spell it");
            return verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, self.place(ask)));
        }
        match self.has_extras() {
            Some(true) => {
                let locked: BTreeSet<&String> = entries.iter().flat_map(|entry| &entry.extras).collect();
                let lacks: Vec<&str> = requirement
                    .extras
                    .iter()
                    .filter(|extra| !locked.contains(extra))
                    .map(String::as_str)
                    .collect();
                let Some(first) = entries.first() else { return };
                if !lacks.is_empty() {
                    let what = format!("{name} is asked for with {}, and locked without", lacks.join(", "));
                    let reason = self.reason(Drift::LockedDifferently, name, what, first);
                    verdict.drift(reason.in_manifest(self.place(ask)).expected(&ask.text).found(&first.text));
                }
                self.more_extras(ask, name, first, &locked, verdict);
            }
            _ if requirement.extras.is_empty() => {}
            _ => {
                let why = format!("the lock does not say with which extras {name} was locked");
                verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, self.place(ask)));
            }
        }
    }

    /// Extras that are locked and that nothing asks for.
    fn more_extras(
        &self,
        ask: &Ask,
        name: &str,
        first: &Entry,
        locked: &BTreeSet<&String>,
        verdict: &mut Verdict,
    ) {
        let all = self.index.asks.get(name).into_iter().flatten().filter_map(|ask| match &ask.what {
            Wants::Package(requirement) => Some(&requirement.extras),
            Wants::Elsewhere(_) => None,
        });
        let asked: BTreeSet<&String> = all.flatten().collect();
        let more: Vec<&str> = locked.difference(&asked).map(|extra| extra.as_str()).collect();
        if more.is_empty() {
            return;
        }
        let is_of_sources = |via: &String| of_file(via).is_some();
        if first.via.as_ref().is_some_and(|via| via.iter().all(is_of_sources)) && !self.sources.is_open {
            let what = format!("{name} is locked with {}, and asked for without", more.join(", "));
            let reason = self.reason(Drift::LockedDifferently, name, what, first);
            verdict.drift(reason.in_manifest(self.place(ask)).expected(&ask.text).found(&first.text));
        } else {
            let why = format!("who asks for {name} with {} is not in the lock", more.join(", "));
            verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, self.lock.place(&first.span)));
        }
    }

    fn marker(&self, ask: &Ask, requirement: &Requirement, entries: &[&Entry], verdict: &mut Verdict) {
        let is_universal = self.has("--universal");
        let is_only = self.index.asks.get(requirement.name.as_str()).is_some_and(|asks| asks.len() == 1)
            && entries.iter().flat_map(|entry| entry.via.iter().flatten()).all(|via| of_file(via).is_some());
        let [entry] = entries else {
            let why =
                format!("which of the entries of {} is locked where hangs on its markers", requirement.name);
            return verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, self.place(ask)));
        };
        let (own, locked) = (Marker::parse(&requirement.marker), Marker::parse(&entry.marker));
        let same = match (own, locked) {
            (Some(own), Some(locked)) => own.same(&locked, &PythonRange::default()),
            _ => Same::Unclear,
        };
        let is_written =
            !self.is_uv() && self.command.is_some_and(|command| command.tool == Tool::PipCompile);
        let name = &requirement.name;
        match same {
            Same::Yes if is_written || is_universal || requirement.marker.is_empty() => {}
            // pip-compile writes the marker as it is, where nothing else asks for the package.
            Same::No if is_written && is_only && self.file.is_annotated() => {
                let what = format!("{name} is asked for under another marker than it is locked under");
                let reason = self.reason(Drift::LockedDifferently, name, what, entry);
                verdict.drift(reason.in_manifest(self.place(ask)).expected(&ask.text).found(&entry.text));
            }
            _ => {
                let why = format!("whether {name} belongs into {} hangs on its marker", self.lock.path);
                verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, self.place(ask)));
            }
        }
    }

    /// What comes from elsewhere stands in the lock as it stands in the source, or nobody can tell.
    fn elsewhere(&self, ask: &Ask, name: Option<&str>, verdict: &mut Verdict) {
        if let Some(name) = name.filter(|name| !self.is_left_out(name))
            && !self.index.has_nameless
            && !self.index.locked.contains_key(name)
        {
            let what = format!("{name} is asked for and is not locked");
            let reason = Reason::new(Drift::NotLocked, Breaks::Rewrite, what, self.mend).dependency(name);
            let reason = reason.in_manifest(self.place(ask)).in_lock(self.lock.whole());
            return verdict.drift(reason);
        }
        let locked = self.index.texts.get(&plain(&ask.text));
        let locked = locked.or_else(|| self.index.texts.get(&plain(address(&ask.text))));
        let is_fixed =
            locked.is_some_and(|entry| matches!(entry.what, What::Url(_) | What::Git { at: Some(_), .. }));
        if !is_fixed {
            let why = format!("what `{}` brings with it is not in the lock", ask.text);
            verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, self.place(ask)));
        }
    }

    /// What is constrained is locked as it may be.
    fn limits(&self, verdict: &mut Verdict) {
        for ask in &self.sources.limits {
            let Wants::Package(requirement) = &ask.what else { continue };
            let name = &requirement.name;
            let Some(entries) = self.index.locked.get(name.as_str()) else { continue };
            if self.is_crowded(name, verdict) {
                continue;
            }
            for entry in entries {
                let What::Pinned(version) = &entry.what else { continue };
                if !requirement.marker.is_empty() {
                    let why = format!("whether {name} is constrained hangs on its marker");
                    verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, self.place(ask)));
                } else if requirement.allows(version) == Some(false) {
                    let what = format!("{name} is locked at a version that a constraint does not allow");
                    let reason = self.reason(Drift::LockedDifferently, name, what, entry);
                    let reason = reason.in_manifest(self.place(ask)).expected(&ask.text);
                    verdict.drift(reason.found(version.as_str()));
                } else if entry
                    .via
                    .as_ref()
                    .is_some_and(|via| !via.iter().any(|via| is_limit(via, &ask.source.path)))
                {
                    let what = format!(
                        "{name} is constrained by {}, and the lock does not know of it",
                        ask.source.path
                    );
                    let reason = self.reason(Drift::RecordStale, name, what, entry);
                    verdict.drift(reason.in_manifest(self.place(ask)));
                }
            }
        }
    }

    /// Everything that is locked is asked for: its comment names a source that still has it, or a package that is locked.
    fn needs(&self, verdict: &mut Verdict) {
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

impl Ask {
    fn name(&self) -> Option<&str> {
        match &self.what {
            Wants::Package(requirement) => Some(&requirement.name),
            Wants::Elsewhere(name) => name.as_deref(),
        }
    }
}

fn is_limit(via: &str, path: &str) -> bool {
    via.starts_with("-c ") && of_file(via).is_some_and(|named| is_path_of(named, path))
}

/// Whether a `# via` is of a project: `app (pyproject.toml:dev)`, wherever its file lies.
fn is_asker(via: &str, asker: &str) -> bool {
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
