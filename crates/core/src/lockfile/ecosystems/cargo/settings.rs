//! What decides besides the packages: registries and patches, of the workspace's manifest and of `.cargo/config.toml`.

use super::manifest::{Dependency, From, Manifest, dependency};
use super::origin::{self, CRATES_IO, Origin};
use super::{Mend, line_place};
use crate::lockfile::data::{Value, toml};
use crate::lockfile::ecosystem::{Breaks, Drift, Kind, Place, Reason, Source, Unclear, Verdict};
use crate::lockfile::tree::{Tree, folder as folder_of, join};
use std::collections::HashMap;

/// What decides besides the packages.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// Registries by name.
    registries: HashMap<String, Origin>,
    pub(super) patches: Vec<Patch>,
}

/// Something that stands in the place of packages of a source.
#[derive(Debug)]
pub(super) struct Patch {
    /// What it patches; `None`: nobody can tell.
    pub(super) patched: Option<Patched>,
    pub(super) by: Dependency,
    pub(super) place: Place,
}

/// The source that a patch is for.
#[derive(Clone, Debug)]
pub(super) enum Patched {
    /// A registry, by name.
    Registry(Origin),
    /// The canonical address of a repository or of an index.
    Address(String),
}

impl Patched {
    fn is(&self, origin: &Origin) -> bool {
        match (self, origin) {
            (Self::Registry(patched), _) => patched == origin,
            (Self::Address(patched), Origin::Git(address, _)) => patched == address,
            (Self::Address(patched), Origin::Registry(address)) => {
                address.split_once('+').is_some_and(|(_, address)| address == patched)
            }
            (_, Origin::Path) => false,
        }
    }
}

/// The files of settings that decide in a folder, the nearest first.
pub(super) fn files(tree: &Tree<'_>, folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    let mut at = folder;
    loop {
        for name in [".cargo/config", ".cargo/config.toml"] {
            files.extend(join(at, name).filter(|path| tree.has(path)).into_iter().take(1));
        }
        if at.is_empty() {
            return files;
        }
        at = folder_of(at);
    }
}

impl Settings {
    /// Those of the workspace in `root`.
    pub(super) fn read(
        tree: &Tree<'_>,
        root: &str,
        manifest: Option<&Manifest>,
        mend: &Mend,
        verdict: &mut Verdict,
    ) -> Self {
        let mut settings = Self::default();
        let mut tables: Vec<(Source, Value, String)> = Vec::new();
        for path in files(tree, root) {
            let source = match tree.read(&path) {
                Ok(source) => source,
                Err(unread) => {
                    verdict.unread(&path, &unread);
                    continue;
                }
            };
            match toml(&source.text) {
                Ok(value) => {
                    let base = folder_of(folder_of(&path)).to_owned();
                    tables.push((source, value, base));
                }
                Err(malformed) => {
                    let what = format!("{path} is not TOML: {}", malformed.message);
                    let place = line_place(&source, malformed.line);
                    let reason = Reason::new(Drift::Unreadable, Breaks::Both, what, format!("mend {path}"));
                    verdict.drift(reason.in_manifest(place));
                }
            }
        }
        for (source, value, _) in &tables {
            for entry in value.get("registries").into_iter().flat_map(Value::entries) {
                if let Some(index) = entry.value.text_of("index") {
                    settings.registries.entry(entry.key.clone()).or_insert_with(|| origin::of_index(index));
                }
            }
            for key in ["paths", "include"] {
                if let Some(value) = value.get(key) {
                    let why = format!("{} has `{key}`, which is not followed", source.path);
                    verdict.unclear(Unclear::at(why, source.place(&value.span)));
                }
            }
        }
        if let Some(manifest) = manifest {
            if let Some(replace) = manifest.root.get("replace") {
                let why = format!("{} has `[replace]`, which is not followed", manifest.source.path);
                verdict.unclear(Unclear::at(why, manifest.source.place(&replace.span)));
            }
            settings.patches_of(&manifest.source, &manifest.root, root, mend, verdict);
        }
        for (source, value, base) in &tables {
            settings.patches_of(source, value, base, mend, verdict);
        }
        settings
    }

    fn patches_of(&mut self, source: &Source, root: &Value, base: &str, mend: &Mend, verdict: &mut Verdict) {
        for table in root.get("patch").into_iter().flat_map(Value::entries) {
            let patched = match table.key.as_str() {
                "crates-io" => Some(Patched::Registry(Origin::Registry(CRATES_IO.to_owned()))),
                address if address.contains("://") => {
                    let address = address.split_once('+').map_or(address, |(kind, rest)| {
                        if matches!(kind, "sparse" | "registry" | "git") { rest } else { address }
                    });
                    Some(Patched::Address(origin::canonical(address)))
                }
                name => self.registries.get(name).cloned().map(Patched::Registry),
            };
            for entry in table.value.entries() {
                let place = source.place(&entry.span);
                match dependency(entry, Kind::Production, base, None) {
                    Ok(by) => {
                        self.patches.push(Patch { patched: patched.clone(), by, place });
                    }
                    Err(what) => {
                        let what = format!("the patch of {what}");
                        let reason = Reason::new(Drift::SettingsDiffer, Breaks::Both, what, &mend.update);
                        verdict.drift(reason.dependency(&entry.key).in_manifest(place));
                    }
                }
            }
            if patched.is_none() {
                let why =
                    format!("the address of the registry `{}` stands outside the repository", table.key);
                verdict.unclear(Unclear::at(why, source.place(&table.span)));
            }
        }
    }

    /// Where a dependency comes from; `None`: its registry stands outside the repository.
    pub(super) fn origin(&self, from: &From) -> Option<Origin> {
        match from {
            From::Default => Some(Origin::Registry(CRATES_IO.to_owned())),
            From::Named(name) => self.registries.get(name).cloned(),
            From::Index(index) => Some(origin::of_index(index)),
            From::Git(url, reference) => Some(Origin::Git(origin::canonical(url), reference.clone())),
            From::Path(..) => Some(Origin::Path),
        }
    }

    /// The patches that could stand in the place of a dependency.
    pub(super) fn patches_for<'s>(&'s self, dependency: &'s Dependency) -> impl Iterator<Item = &'s Patch> {
        let origin = self.origin(&dependency.from).filter(|origin| *origin != Origin::Path);
        let is_of = move |patch: &Patch| match (&patch.patched, &origin) {
            (Some(patched), Some(origin)) => patched.is(origin),
            _ => true,
        };
        let is_path = matches!(dependency.from, From::Path(..));
        self.patches.iter().filter(move |patch| !is_path && patch.by.name == dependency.name && is_of(patch))
    }
}
