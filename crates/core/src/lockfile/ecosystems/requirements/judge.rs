//! Whether a compiled file says what its sources ask for.

use super::super::python::{Marker, PythonRange, Requirement, Same};
use super::asked::{Ask, Sources, Wants};
use super::command::{Command, Tool};
use super::entry::{Entry, What};
use super::file::File;
use super::hashes::{self, Made};
use super::index::{Index, address, plain};
use super::via::{is_asker, is_limit, is_path_of, of_file};
use crate::lockfile::{Breaks, Drift, Place, Reason, Source, Tree, Unclear, Verdict};
use std::collections::{BTreeSet, HashSet};

/// How often one package is asked for or locked at most.
pub(super) const MOST_OF_ONE: usize = 64;

/// A comparison under way.
pub(super) struct Comparing<'a> {
    pub(super) lock: &'a Source,
    pub(super) file: &'a File,
    pub(super) command: Option<&'a Command>,
    pub(super) sources: &'a Sources,
    pub(super) mend: &'a str,
    pub(super) index: Index<'a>,
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

    pub(super) fn reason(&self, drift: Drift, name: &str, what: String, entry: &Entry) -> Reason {
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
    pub(super) fn is_left_out(&self, name: &str) -> bool {
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
}
