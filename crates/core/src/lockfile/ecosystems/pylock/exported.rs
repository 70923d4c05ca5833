//! A `pylock.toml` against the `uv.lock` that it was exported from.

use super::super::python::pyproject;
use super::super::python::{Marker, PythonRange, Same, in_folder};
use super::super::requirements::command::Command;
use super::super::uv::{self, Uv};
use super::graph::{self, Exported, Needed};
use super::hashes;
use super::made::Comparing;
use crate::lockfile::data::{Value, toml};
use crate::lockfile::{Answer, Breaks, Drift, Ecosystem, Pair, Reason, Source, Tree, Unclear, Verdict};
use pep440_rs::Version;
use std::collections::{HashMap, HashSet};
use std::str::FromStr;

/// The keys that uv writes.
const KEYS: &[&str] = &[
    "lock-version",
    "created-by",
    "requires-python",
    "environments",
    "extras",
    "dependency-groups",
    "default-groups",
    "packages",
    "tool",
];

impl Comparing<'_> {
    /// `uv export --format pylock.toml`: as good as the uv.lock, where that is one of the manifests.
    pub(super) fn exported(
        &self,
        tree: &Tree<'_>,
        at: &str,
        command: &Command,
        (manifest, project): (&Source, &Value),
        verdict: &mut Verdict,
    ) {
        let path = in_folder(at, "uv.lock");
        if !tree.has(&path) {
            return self
                .open(&format!("{path}, which it was exported from, is not in the repository"), verdict);
        }
        let pair = uv::with_members(tree, at, Pair::new(&*manifest.path, path.as_str()));
        let own = Uv.judge(tree, &pair);
        if own.strict() != Answer::InSync {
            // uv locks anew before it exports.
            let is_part = ["--only-group", "--only-dev", "--package", "--frozen"]
                .iter()
                .any(|option| command.has(option));
            if !is_part {
                self.asked(manifest, pyproject::list(project.at(&["project", "dependencies"])), verdict);
            }
            return self.open(&format!("{path} is not in sync itself"), verdict);
        }
        let lock = match tree.read(&path).map(|source| toml(&source.text)) {
            Ok(Ok(lock)) => lock,
            Ok(Err(error)) => {
                return self.open(&format!("{path} cannot be read: {}", error.message), verdict);
            }
            Err(unread) => return verdict.unread(&path, &unread),
        };
        let exported = match graph::exported(&lock, project, command) {
            Ok(exported) => exported,
            Err(why) => return self.open(&why, verdict),
        };
        let pythons = lock.text_of("requires-python").and_then(PythonRange::parse).unwrap_or_default();
        self.python(&lock, &path, verdict);
        for entry in self.document.entries().filter(|entry| !KEYS.contains(&entry.key.as_str())) {
            let what = format!("`{}` is nothing that uv writes", entry.key);
            let reason = Reason::new(Drift::Tampered, Breaks::Rewrite, what, self.mend);
            verdict.drift(reason.in_lock(self.lock.source.place(&entry.span)));
        }
        self.with(&exported, (&path, &graph::folders(&lock)), &pythons, verdict);
    }

    fn python(&self, lock: &Value, path: &str, verdict: &mut Verdict) {
        let own = self.document.get("requires-python");
        let (has, wanted) = (own.and_then(Value::text), lock.text_of("requires-python"));
        if has != wanted {
            let what = format!("`requires-python` is another than that of {path}");
            let reason = Reason::new(Drift::RecordStale, Breaks::Rewrite, what, self.mend);
            let place = own.map_or_else(|| self.lock.source.whole(), |own| self.lock.source.place(&own.span));
            let reason = reason.in_lock(place).expected(wanted.unwrap_or("none"));
            verdict.drift(reason.found(has.unwrap_or("none")));
        }
    }

    /// What the file has is what would be exported `from` a lock, whose packages that are folders are exported as such.
    fn with(
        &self,
        exported: &HashMap<String, Exported>,
        (from, folders): (&str, &HashSet<String>),
        pythons: &PythonRange,
        verdict: &mut Verdict,
    ) {
        let packages = self.by_name();
        let mut names: Vec<&String> = exported.keys().collect();
        names.sort();
        for name in names.into_iter().filter(|name| !packages.contains_key(*name)) {
            let what = format!("{name} is in {from}, and not in {}", self.lock.source.path);
            let reason = Reason::new(Drift::NotLocked, Breaks::Rewrite, what, self.mend).dependency(name);
            verdict.drift(reason.in_lock(self.lock.source.whole()));
        }
        for package in self.packages() {
            let Some(name) = package.text_of("name") else { continue };
            if package.get("directory").is_some() && folders.contains(name) {
                continue;
            }
            let Some(wanted) = exported.get(name) else {
                let what = format!("{name} is locked, and {from} has no need of it");
                verdict.drift(self.reason(Drift::NotAskedFor, name, what, &package.span));
                continue;
            };
            let version = package.text_of("version").and_then(|version| Version::from_str(version).ok());
            if let Some(version) = version.map(|version| version.to_string())
                && !wanted.versions.contains(&version)
            {
                let what = format!("{name} has another version than in {from}");
                let known: Vec<&str> = wanted.versions.iter().map(String::as_str).collect();
                let reason = self.reason(Drift::LockedDifferently, name, what, &package.span);
                verdict.drift(reason.expected(known.join(" or ")).found(version));
                continue;
            }
            let files = package.get("wheels").into_iter().flat_map(Value::items);
            let files = files.chain(package.get("sdist")).chain(package.get("archive"));
            let own: Vec<String> = files.flat_map(hashes).collect();
            let commit = package.at(&["vcs", "commit-id"]).and_then(Value::text);
            let is_other = own.iter().any(|hash| !wanted.hashes.contains(hash))
                || commit.is_some_and(|commit| !wanted.commits.contains(commit));
            let is_less = own.len() < wanted.hashes.len() || (commit.is_none() && !wanted.commits.is_empty());
            if is_other || (is_less && !wanted.is_forked) {
                let what = format!("{name} does not have the files, hashes or commit that {from} has");
                let mut reason = self.reason(Drift::Tampered, name, what, &package.span);
                // pip refuses a hash that is not that of the file.
                reason.breaks = Breaks::RewriteAndPerhapsStrict;
                verdict.drift(reason);
            }
            self.marker(package, name, wanted, pythons, verdict);
        }
    }

    fn marker(
        &self,
        package: &Value,
        name: &str,
        wanted: &Exported,
        pythons: &PythonRange,
        verdict: &mut Verdict,
    ) {
        let own = package.text_of("marker").unwrap_or_default();
        let expected = match &wanted.needed {
            Needed::Always => "",
            Needed::Where(marker) => marker,
            Needed::Somehow => {
                let why = format!("{name} is needed under several markers");
                let place = self.lock.source.place(&package.span);
                return verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, place));
            }
        };
        let same = match (Marker::parse(own), Marker::parse(expected)) {
            (Some(own), Some(expected)) => own.same(&expected, pythons),
            _ => Same::Unclear,
        };
        let place = package.get("marker").map_or(&package.span, |marker| &marker.span);
        match same {
            Same::Yes => {}
            Same::No => {
                let what = format!("{name} is needed under another marker");
                let reason = self.reason(Drift::RecordStale, name, what, place);
                verdict.drift(reason.expected(none(expected)).found(none(own)));
            }
            Same::Unclear => {
                let why = format!("whether {name} is needed under that marker is not told");
                verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, self.lock.source.place(place)));
            }
        }
    }
}

fn none(marker: &str) -> &str {
    if marker.is_empty() { "none" } else { marker }
}
