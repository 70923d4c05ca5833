//! What a `pylock.toml` was made from, by the tool that wrote it, and whether it would be written so again.

use super::super::pdm::hash::{Failed, Form, of_project};
use super::super::python::pyproject::{self, Asked};
use super::super::python::{Requirement, Wanted, in_folder, normal, unreadable};
use super::super::requirements::asked::{Ask, Sources, Wants};
use super::super::requirements::command::{Command, Tool};
use super::super::requirements::file::File;
use super::valid;
use crate::lockfile::data::{Value, toml};
use crate::lockfile::tree::folder;
use crate::lockfile::{Breaks, Drift, Pair, Place, Reason, Source, Tree, Unclear, Verdict};
use pep440_rs::Version;
use std::collections::HashMap;
use std::ops::Range;
use std::str::FromStr;

/// A file and the command in the comment at its top.
pub(super) struct Lock {
    pub(super) source: Source,
    command: Option<Command>,
}

impl Lock {
    pub(super) fn new(source: Source) -> Self {
        let comments = source.text.lines().take_while(|line| line.starts_with('#'));
        let header = comments.map(|line| line.trim_start_matches('#').trim().to_owned()).collect();
        let command = Command::of(&File { header, ..File::default() });
        Self { source, command }
    }

    fn tool(&self) -> Option<Tool> {
        self.command.as_ref().map(|command| command.tool)
    }

    fn sources(&self, tree: &Tree<'_>) -> Option<Sources> {
        let command = self.command.as_ref().filter(|command| command.tool == Tool::UvCompile)?;
        let sources = Sources::find(tree, &self.source.path, &File::default(), Some(command));
        (!sources.files.is_empty()).then_some(sources)
    }

    /// The folder of the project: of an export that with the lock, else that of the file.
    fn project<'p>(&self, tree: &Tree<'_>, path: &'p str) -> Option<&'p str> {
        let mut at = folder(path);
        let own = at;
        while self.tool() == Some(Tool::UvExport) {
            if tree.has(&in_folder(at, "uv.lock")) && tree.has(&in_folder(at, "pyproject.toml")) {
                return Some(at);
            }
            if at.is_empty() {
                break;
            }
            at = folder(at);
        }
        tree.has(&in_folder(own, "pyproject.toml")).then_some(own)
    }
}

/// The pair of a file.
pub(super) fn pair(tree: &Tree<'_>, path: &str) -> Pair {
    let lock = tree.read(path).ok().map(Lock::new);
    if let Some(sources) = lock.as_ref().and_then(|lock| lock.sources(tree)) {
        let mut files = sources.files.into_iter();
        let mut pair = Pair { manifest: files.next(), ..Pair::orphan(path) };
        pair.members.extend(files);
        pair.inputs.extend(sources.constraints);
        return pair;
    }
    let at = match &lock {
        Some(lock) => lock.project(tree, path),
        None => Some(folder(path)).filter(|at| tree.has(&in_folder(at, "pyproject.toml"))),
    };
    let Some(at) = at else { return Pair::orphan(path) };
    let mut pair = Pair::new(in_folder(at, "pyproject.toml"), path);
    let uv = in_folder(at, "uv.lock");
    if lock.is_some_and(|lock| lock.tool() == Some(Tool::UvExport)) && tree.has(&uv) {
        pair.inputs.push(uv);
    }
    pair
}

/// Judges a file.
pub(super) fn judge(tree: &Tree<'_>, lock: &Lock, verdict: &mut Verdict) {
    let source = &lock.source;
    let document = match toml(&source.text) {
        Ok(document) => document,
        Err(error) => return verdict.drift(unreadable(source, &error, true, &mend(lock, ""))),
    };
    let by = document.text_of("created-by").unwrap_or_default();
    let mend = mend(lock, by);
    let comparing = Comparing { lock, document: &document, mend: &mend };
    let is_again = matches!(lock.tool(), Some(Tool::UvExport | Tool::UvCompile));
    let breaks = if is_again { Breaks::Both } else { Breaks::Strict };
    let version = document.get("lock-version");
    match version.and_then(|version| Some((version, version.text()?))) {
        Some((version, text)) if Version::from_str(text).ok() != Some(Version::new([1])) => {
            let what = format!("{} is of lock-version {text}; known is 1.0", source.path);
            return verdict.version_unknown(what, source.place(&version.span));
        }
        Some(_) => {}
        None => {
            let how = if version.is_none() { "missing" } else { "not a string" };
            let what = format!("{} is not valid: `lock-version` is {how}", source.path);
            let place = version.map_or_else(|| source.whole(), |version| source.place(&version.span));
            verdict.drift(Reason::new(Drift::Tampered, breaks, what, &mend).in_lock(place));
        }
    }
    let found = valid::check(&document);
    for wrong in found.wrong {
        let what = format!("{} is not valid: {}", source.path, wrong.what);
        let drift = if wrong.is_twice { Drift::Repeated } else { Drift::Tampered };
        let mut reason = Reason::new(drift, breaks, what, &mend).in_lock(source.place(&wrong.span));
        reason.dependency = wrong.package;
        verdict.drift(reason);
    }
    for (span, why) in found.unclear {
        let why = format!("{}: {why}", source.path);
        verdict.unclear_for(Breaks::Strict, Unclear::at(why, source.place(&span)));
    }
    comparing.manifest(tree, by, verdict);
}

/// The command that makes a file anew.
fn mend(lock: &Lock, by: &str) -> String {
    let path = &lock.source.path;
    let name = crate::lockfile::file_name(path);
    match &lock.command {
        Some(command) if !command.text.is_empty() => command.text.clone(),
        _ => match by {
            "pdm" => "pdm lock".to_owned(),
            "uv" => format!("uv export --format pylock.toml -o {name}"),
            "pip" => format!("pip lock -o {name} ."),
            _ => format!("make {name} again with the tool that wrote it"),
        },
    }
}

/// A comparison under way.
pub(super) struct Comparing<'a> {
    pub(super) lock: &'a Lock,
    pub(super) document: &'a Value,
    pub(super) mend: &'a str,
}

impl Comparing<'_> {
    fn manifest(&self, tree: &Tree<'_>, by: &str, verdict: &mut Verdict) {
        let path = &self.lock.source.path;
        if let Some(sources) = self.lock.sources(tree) {
            return self.compiled(&sources, verdict);
        }
        let Some(at) = self.lock.project(tree, path) else {
            return self.open(&format!("{path} has no manifest beside it"), verdict);
        };
        let manifest = in_folder(at, "pyproject.toml");
        let (source, project) = match tree.read(&manifest) {
            Ok(source) => match toml(&source.text) {
                Ok(project) => (source, project),
                Err(error) => return verdict.drift(unreadable(&source, &error, false, self.mend)),
            },
            Err(unread) => return verdict.unread(&manifest, &unread),
        };
        let is_of_folder = || {
            self.packages()
                .any(|package| package.at(&["directory", "path"]).and_then(Value::text) == Some("."))
        };
        match (&self.lock.command, by) {
            (Some(command), _) if command.tool == Tool::UvExport => {
                self.exported(tree, at, command, (&source, &project), verdict);
            }
            (Some(Command { tool: Tool::PdmExport, .. }), _) | (_, "pdm") => {
                self.pdm(&source, &project, verdict);
            }
            (_, "pip") if is_of_folder() => {
                self.asked(&source, pyproject::list(project.at(&["project", "dependencies"])), verdict);
                self.open("`pip lock` chooses anew", verdict);
            }
            _ => self.open(&format!("{path} does not say what it was made from"), verdict),
        }
    }

    pub(super) fn open(&self, why: &str, verdict: &mut Verdict) {
        let place = self.lock.source.whole();
        verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, place));
    }

    pub(super) fn packages(&self) -> impl Iterator<Item = &Value> {
        self.document.get("packages").into_iter().flat_map(Value::items)
    }

    pub(super) fn by_name(&self) -> HashMap<String, Vec<&Value>> {
        let mut found: HashMap<String, Vec<&Value>> = HashMap::new();
        for package in self.packages() {
            found.entry(normal(package.text_of("name").unwrap_or_default())).or_default().push(package);
        }
        found
    }

    pub(super) fn reason(&self, drift: Drift, name: &str, what: String, span: &Range<usize>) -> Reason {
        let reason = Reason::new(drift, Breaks::Rewrite, what, self.mend).dependency(name);
        reason.in_lock(self.lock.source.place(span))
    }

    /// Requirements of a manifest, each locked at a version that it takes.
    pub(super) fn asked(&self, manifest: &Source, asked: Vec<Asked>, verdict: &mut Verdict) {
        let packages = self.by_name();
        for Asked { requirement, text, span } in asked {
            if let Some(requirement) = requirement {
                self.one(&packages, &requirement, &text, manifest.place(&span), verdict);
            }
        }
    }

    fn one(
        &self,
        packages: &HashMap<String, Vec<&Value>>,
        requirement: &Requirement,
        text: &str,
        place: Place,
        verdict: &mut Verdict,
    ) {
        let name = &requirement.name;
        let Some(locked) = packages.get(name) else {
            if requirement.marker.is_empty() {
                let what = format!("{name} is asked for and is not locked");
                let reason = Reason::new(Drift::NotLocked, Breaks::Rewrite, what, self.mend).dependency(name);
                verdict.drift(reason.in_manifest(place).in_lock(self.lock.source.whole()));
            } else {
                let why = format!("whether {name} belongs into the lock hangs on its marker");
                verdict.unclear_for(Breaks::Rewrite, Unclear::at(why, place));
            }
            return;
        };
        if matches!(requirement.wanted, Wanted::Url(_)) {
            return;
        }
        let versions: Vec<&str> = locked.iter().filter_map(|package| package.text_of("version")).collect();
        if let (Some(version), Some(package)) = (versions.first(), locked.first())
            && versions.iter().all(|version| requirement.allows(version) == Some(false))
        {
            let what = format!("{name} is locked at a version that is not asked for");
            let reason = self.reason(Drift::LockedDifferently, name, what, &package.span);
            verdict.drift(reason.in_manifest(place).expected(text).found(*version));
        }
    }

    /// `uv pip compile --format pylock.toml`: what the sources ask for is locked; who needs the rest the file does not say.
    fn compiled(&self, sources: &Sources, verdict: &mut Verdict) {
        let packages = self.by_name();
        for unclear in &sources.unclear {
            verdict.unclear_for(Breaks::Rewrite, unclear.clone());
        }
        for Ask { source, span, text, what, .. } in sources.asks.iter().chain(&sources.limits) {
            let Wants::Package(requirement) = what else { continue };
            let is_limit = sources.constraints.iter().any(|path| **path == *source.path);
            if !is_limit || packages.contains_key(&requirement.name) {
                self.one(&packages, requirement, text, source.place(span), verdict);
            }
        }
        self.open("the file does not say what its packages are locked for", verdict);
    }

    /// PDM keeps its hash of the manifest in the file.
    fn pdm(&self, manifest: &Source, project: &Value, verdict: &mut Verdict) {
        let Some(hash) = self.document.at(&["tool", "pdm", "hashes", "sha256"]) else {
            return self.open("PDM wrote no hash of the manifest into it", verdict);
        };
        if self.document.at(&["tool", "pdm", "lock_inputs"]).is_some()
            || project.at(&["tool", "pdm", "workspace"]).is_some()
            || project.at(&["tool", "pdm", "resolution", "lock_inputs"]).is_some()
        {
            return self.open("PDM compares more than the hash of the manifest", verdict);
        }
        let own = match of_project(project, Form::Groups) {
            Ok(own) => own,
            Err(Failed::Unclear(why)) => return self.open(&why, verdict),
            Err(Failed::Repeated(group)) => {
                let what = format!("{} has the group `{group}` twice, and PDM refuses it", manifest.path);
                let reason = Reason::new(Drift::Repeated, Breaks::Rewrite, what, self.mend);
                return verdict.drift(reason.in_manifest(manifest.whole()));
            }
        };
        let has = hash.text().unwrap_or_default();
        if own != has {
            let what = format!("the hash of {} is not that of {}", self.lock.source.path, manifest.path);
            let reason = Reason::new(Drift::RecordStale, Breaks::Rewrite, what, self.mend);
            let reason = reason.in_manifest(manifest.whole()).in_lock(self.lock.source.place(&hash.span));
            verdict.drift(reason.expected(own).found(has));
            self.asked(manifest, pyproject::list(project.at(&["project", "dependencies"])), verdict);
        }
    }
}
