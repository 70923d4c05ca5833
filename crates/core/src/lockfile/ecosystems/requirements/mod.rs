//! Requirements files: `requirements.txt` as pip-compile, `uv pip compile`, `uv export`, `pdm export` and `poetry export` write
//! it. The comment at its top says which of them, and from what. One that somebody wrote by hand is no lock: it belongs to no
//! pair, and is a manifest.

pub(super) mod asked;
pub(super) mod command;
mod entry;
mod exported;
pub(super) mod file;
mod hashes;
mod index;
mod judge;
mod via;

#[cfg(test)]
mod tests;

use self::asked::Sources;
use self::command::{Command, Tool};
use self::entry::{Entry, What};
use self::file::File;
use super::python::pyproject::{self, of_requirement};
use super::python::{in_folder, normal};
use crate::lockfile::tree::{file_name, folder, is_in};
use crate::lockfile::{
    Declared, Ecosystem, GitRef, Info, Kind, Locked, LockedOrigin, Origin, Pair, Precision, Role, Source,
    Tree, Unclear, Verdict,
};

/// The command that makes a lock where there is none.
const MAKE: &str = "pip-compile --generate-hashes requirements.in";

/// Requirements files.
#[derive(Debug)]
pub(super) struct Requirements;

const INFO: Info = Info {
    name: "requirements",
    locks: "requirements.txt",
    manifests: "requirements.in, pyproject.toml, setup.cfg",
    family: "requirements",
    make: MAKE,
};

/// Words of the names of what is only for developing.
const DEVELOPMENT: &[&str] = &["dev", "test", "tests", "lint", "doc", "docs", "ci", "typing", "tools"];

impl Ecosystem for Requirements {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        if is_in(path, &[".venv", "venv", "site-packages"]) {
            return None;
        }
        let name = file_name(path);
        if matches!(name, "setup.cfg" | "setup.py") {
            return Some(Role::Settings);
        }
        let (stem, ending) = name.rsplit_once('.')?;
        let is_named = |name: &str| name.contains("requirements") || name.contains("constraints");
        let at = folder(path);
        let parent = at.rsplit('/').next().unwrap_or(at);
        match ending {
            _ if !is_named(stem) && parent != "requirements" => None,
            "txt" => Some(Role::Either),
            "in" => Some(Role::Manifest),
            _ => None,
        }
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let either = tree.paths().iter().filter(|path| self.role(path) == Some(Role::Either));
        either.filter_map(|path| pair(tree, path)).collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        let Some(path) = pair.lock.as_deref() else { return verdict };
        match tree.read(path) {
            Ok(lock) => judged(tree, &lock, &mut verdict),
            Err(unread) => verdict.unread(path, &unread),
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        if file_name(&manifest.path) == "pyproject.toml" {
            return pyproject::declared(manifest);
        }
        if self.role(&manifest.path) == Some(Role::Settings) || manifest.path.ends_with(".lock") {
            return Err(Unclear::new(format!("{} is not read for what it asks for", manifest.path)));
        }
        let file = whole(manifest)?;
        // What a lock pins nobody asks for: its sources say what is asked for.
        if is_made(&file) {
            return Ok(Vec::new());
        }
        let kind = kind(&manifest.path);
        Ok(file.entries.into_iter().filter_map(|entry| declared(entry, kind)).collect())
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let file = whole(lock)?;
        if !is_made(&file) {
            return Err(Unclear::new(format!("{} is written by hand: it is no lock", lock.path)));
        }
        let is_annotated = file.is_annotated();
        Ok(file.entries.into_iter().filter_map(|entry| locked(entry, is_annotated)).collect())
    }
}

/// A file that was read to its end.
fn whole(source: &Source) -> Result<File, Unclear> {
    let file = File::parse(&source.text);
    if file.is_cut { Err(Unclear::new(format!("{} is too long to be read", source.path))) } else { Ok(file) }
}

/// Whether a tool wrote a file: it says so, its requirements say whom they are for, or everything has a hash. Of one that
/// was not read to its end nobody can say that somebody wrote it.
fn is_made(file: &File) -> bool {
    Command::of(file).is_some() || file.is_annotated() || file.is_hashed() || file.is_cut
}

/// How a file came to be.
enum MadeFrom {
    /// From sources, by a command where it is known.
    Compiled(Sources),
    /// From the lock at a path.
    Exported(String),
    /// The files do not say.
    Unknown,
}

fn made(tree: &Tree<'_>, path: &str, file: &File, command: Option<&Command>) -> MadeFrom {
    let lock_beside = |name: &str| {
        let mut at = folder(path);
        loop {
            let lock = in_folder(at, name);
            if tree.has(&lock) {
                return Some(lock);
            }
            if at.is_empty() {
                return None;
            }
            at = folder(at);
        }
    };
    let exported = match command.map(|command| command.tool) {
        Some(Tool::UvExport) => lock_beside("uv.lock"),
        Some(Tool::PdmExport) => lock_beside("pdm.lock"),
        // Poetry writes nothing at the top: the lock beside it has to tell.
        None if !file.is_annotated() => {
            Some(in_folder(folder(path), "poetry.lock")).filter(|lock| tree.has(lock))
        }
        _ => None,
    };
    if let Some(lock) = exported {
        return MadeFrom::Exported(lock);
    }
    if matches!(command.map(|command| command.tool), Some(Tool::UvExport | Tool::PdmExport)) {
        return MadeFrom::Unknown;
    }
    let sources = Sources::find(tree, path, file, command);
    if sources.files.is_empty() { MadeFrom::Unknown } else { MadeFrom::Compiled(sources) }
}

/// The pair of a file; `None`: somebody wrote it by hand.
fn pair(tree: &Tree<'_>, path: &str) -> Option<Pair> {
    // Whether one that cannot be read is a lock nobody knows: that it cannot be read is the verdict.
    let Ok(lock) = tree.read(path) else { return Some(Pair::new(path, path)) };
    let file = File::parse(&lock.text);
    if !is_made(&file) {
        return None;
    }
    let command = Command::of(&file);
    Some(match made(tree, path, &file, command.as_ref()) {
        MadeFrom::Compiled(sources) => {
            let mut files = sources.files.into_iter();
            let mut pair = Pair::new(files.next()?, path);
            pair.members.extend(files);
            pair.inputs.extend(sources.constraints);
            pair
        }
        MadeFrom::Exported(from) => Pair::new(from, path),
        // Its own rules can be judged all the same.
        MadeFrom::Unknown => Pair::new(path, path),
    })
}

fn judged(tree: &Tree<'_>, lock: &Source, verdict: &mut Verdict) {
    let file = File::parse(&lock.text);
    let command = Command::of(&file);
    let mend = mend(&lock.path, command.as_ref());
    let alone = hashes::Made { mend: &mend, with_hashes: false, is_known: false, is_uv: false };
    match made(tree, &lock.path, &file, command.as_ref()) {
        MadeFrom::Compiled(sources) => {
            let command = command.as_ref();
            let comparing = judge::Comparing::new(lock, &file, command, &sources, &mend);
            judge::judge(tree, &comparing, verdict);
        }
        MadeFrom::Exported(from) => {
            hashes::judge(tree, lock, &file, alone, verdict);
            match tree.read(&from) {
                Ok(from) => exported::judge(&from, lock, &file, &mend, verdict),
                Err(unread) => verdict.unread(&from, &unread),
            }
        }
        MadeFrom::Unknown => {
            hashes::judge(tree, lock, &file, alone, verdict);
            let why =
                format!("{} does not say what it was made from, or that is not in the repository", lock.path);
            verdict.unclear_for(crate::lockfile::Breaks::Rewrite, Unclear::at(why, lock.whole()));
        }
    }
}

/// The command that makes a file anew.
fn mend(path: &str, command: Option<&Command>) -> String {
    let name = file_name(path);
    match command {
        Some(command) if !command.text.is_empty() => command.text.clone(),
        Some(Command { tool: Tool::PdmExport, .. }) => format!("pdm export -o {name}"),
        Some(_) => format!("make {name} again with the tool that wrote it"),
        None => format!("make {name} again: poetry export -o {name}, or pip-compile --generate-hashes"),
    }
}

fn kind(path: &str) -> Kind {
    let name = file_name(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let is_for = |word: &str| DEVELOPMENT.contains(&word);
    if stem.split(['-', '_', '.']).any(is_for) { Kind::Development } else { Kind::Production }
}

fn declared(entry: Entry, kind: Kind) -> Option<Declared> {
    let has_hash = entry.has_hash();
    if let Some(requirement) = entry.requirement() {
        let asked = pyproject::Asked { requirement: None, text: entry.text, span: entry.span };
        let mut declared = of_requirement(&asked, &requirement, kind, None);
        if let Origin::Url { has_hash, .. } = &mut declared.origin {
            *has_hash |= !entry.hashes.is_empty();
        }
        return Some(declared);
    }
    let origin = match entry.what {
        What::Git { url, at: Some(at) } => Origin::Git { url, at: GitRef::Commit(at) },
        What::Git { .. } => pyproject::of_url(address(&entry.text)),
        What::Url(url) => Origin::Url { url, has_hash },
        What::Path(path) => Origin::Path(path),
        What::Pinned(_) | What::Range(_) => return None,
    };
    let name = entry.name.unwrap_or_else(|| entry.text.clone());
    let (requirement, precision, span) = (entry.text, Precision::None, entry.span);
    Some(Declared { name, requirement, kind, precision, origin, span })
}

/// The address of `name @ address`, or of an address alone.
fn address(text: &str) -> &str {
    let head = text.split_whitespace().next().unwrap_or_default();
    let rest = if head.contains("://") { text } else { text.split_once('@').map_or(text, |(_, rest)| rest) };
    rest.split_whitespace().next().unwrap_or_default()
}

fn locked(entry: Entry, is_annotated: bool) -> Option<Locked> {
    let is_direct = is_annotated.then(|| {
        entry.via.iter().flatten().any(|via| !via.starts_with("-c ") && via::of_file(via).is_some())
    });
    let in_address = entry.hash_in_address();
    let name = entry.name.clone().unwrap_or_else(|| normal(&entry.text));
    let (version, origin, needs_integrity) = match entry.what {
        What::Pinned(version) => (version, LockedOrigin::Registry(None), true),
        What::Range(_) => (String::new(), LockedOrigin::Registry(None), true),
        What::Git { url, at } => (String::new(), LockedOrigin::Git { url, commit: at }, false),
        What::Url(url) => (String::new(), LockedOrigin::Url(url), true),
        What::Path(path) => (String::new(), LockedOrigin::Path(path), false),
    };
    let mut integrity = entry.hashes;
    if integrity.is_empty() {
        integrity.extend(in_address);
    }
    let (runs_scripts, span) = (None, entry.span);
    Some(Locked { name, version, origin, integrity, needs_integrity, runs_scripts, is_direct, span })
}
