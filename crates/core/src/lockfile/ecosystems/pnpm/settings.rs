//! Where the settings stand that decide what pnpm locks: up to 9 in package.json and .npmrc, in 10 there or in
//! pnpm-workspace.yaml, from 11 on in pnpm-workspace.yaml alone.

use super::lock::{Era, Form, Lock};
use crate::lockfile::data::{Data, Value, yaml};
use crate::lockfile::package_json::PackageJson;
use crate::lockfile::{Place, Source, Tree, Unread, join};
use std::ops::Range;

/// The files that settings stand in, of the folder of a lock.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) root: Option<PackageJson>,
    pub(super) workspace: Option<Workspace>,
    npmrc: Option<Npmrc>,
    /// The folder of the workspace.
    pub(super) base: String,
    /// Whether the lock is that of one member alone, in a workspace that has one for each.
    pub(super) is_alone: bool,
}

/// A pnpm-workspace.yaml.
#[derive(Debug)]
pub(super) struct Workspace {
    pub(super) source: Source,
    pub(super) value: Value,
}

#[derive(Debug)]
struct Npmrc {
    source: Source,
    entries: Vec<(String, String, Range<usize>)>,
}

/// Why settings cannot be read.
#[derive(Debug)]
pub(super) enum Broken {
    /// A file could not be read.
    Unread(String, Unread),
    /// It is not what its name says.
    Malformed(Source, crate::lockfile::data::Malformed),
}

/// A setting and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    pub(super) value: &'a Value,
    source: &'a Source,
    key: &'a Range<usize>,
}

impl Found<'_> {
    pub(super) fn place(&self) -> Place {
        self.source.place(self.key)
    }

    /// The place of some bytes of its file.
    pub(super) fn place_in(&self, span: &Range<usize>) -> Place {
        self.source.place(span)
    }

    /// The place of an entry of it.
    pub(super) fn place_of(&self, key: &str) -> Place {
        let entry = self.value.map().and_then(|map| map.entry(key));
        entry.map_or_else(|| self.place(), |entry| self.source.place(&entry.span))
    }
}

/// The path of a file beside the lock.
pub(super) fn beside(folder: &str, name: &str) -> String {
    join(folder, name).unwrap_or_else(|| name.to_owned())
}

/// Settings of pnpm-workspace.yaml that pnpm 9 does not have: whoever writes them uses 10 or later.
const OF_TEN: &[&str] = &[
    "allowBuilds",
    "autoInstallPeers",
    "catalogMode",
    "configDependencies",
    "dedupePeers",
    "excludeLinksFromLockfile",
    "ignoredBuiltDependencies",
    "ignoredOptionalDependencies",
    "injectWorkspacePackages",
    "linkWorkspacePackages",
    "minimumReleaseAge",
    "nodeLinker",
    "onlyBuiltDependencies",
    "overrides",
    "packageExtensions",
    "patchedDependencies",
    "peerDependencyRules",
    "publicHoistPattern",
    "sharedWorkspaceLockfile",
    "shamefullyHoist",
    "strictPeerDependencies",
    "updateConfig",
];

/// Settings that leave a trace in the lock.
const TRACED: &[&str] =
    &["overrides", "packageExtensions", "patchedDependencies", "ignoredOptionalDependencies"];

impl Files {
    /// Reads what there is in a folder.
    pub(super) fn read(tree: &Tree<'_>, folder: &str) -> Result<Self, Broken> {
        let mut files = Self { base: folder.to_owned(), ..Self::default() };
        if let Some(source) = source(tree, &beside(folder, "package.json"))? {
            let malformed = |why| Broken::Malformed(source.clone(), why);
            files.root = Some(PackageJson::parse(&source).map_err(malformed)?);
        }
        if let Some(source) = source(tree, &beside(folder, "pnpm-workspace.yaml"))? {
            let value = yaml(&source.text).map_err(|why| Broken::Malformed(source.clone(), why))?;
            files.workspace = Some(Workspace { source, value });
        }
        if let Some(source) = source(tree, &beside(folder, ".npmrc"))? {
            files.npmrc = Some(Npmrc { entries: npmrc(&source.text), source });
        }
        Ok(files)
    }

    /// The settings of a member that has a lock of its own, in a workspace.
    pub(super) fn alone_in(mut self, workspace: Self) -> Self {
        self.npmrc = self.npmrc.or(workspace.npmrc);
        self.workspace = workspace.workspace;
        self.base = workspace.base;
        self.is_alone = true;
        self
    }

    /// Whether a setting that leaves a trace in the lock stands where every major but 9 looks for it.
    pub(super) fn is_traced(&self) -> bool {
        TRACED.iter().any(|key| self.in_workspace(key).is_some() || self.in_manifest(key).is_some())
    }

    /// A setting of the section `pnpm` of package.json, or of pnpm-workspace.yaml.
    pub(super) fn section(&self, era: Era, key: &str) -> Option<Found<'_>> {
        let is_there = |found: &Found<'_>| !matches!(found.value.data, Data::Null);
        // Measured: where pnpm 10 finds a setting in both, that of package.json is the one that counts.
        let of_manifest = (era <= Era::V10).then(|| self.in_manifest(key)).flatten().filter(is_there);
        let of_workspace = (era >= Era::V10).then(|| self.in_workspace(key)).flatten().filter(is_there);
        of_manifest.or(of_workspace)
    }

    /// A setting of pnpm-workspace.yaml.
    pub(super) fn in_workspace(&self, key: &str) -> Option<Found<'_>> {
        let workspace = self.workspace.as_ref()?;
        let entry = workspace.value.map()?.entry(key)?;
        Some(Found { value: &entry.value, source: &workspace.source, key: &entry.span })
    }

    pub(super) fn in_manifest(&self, key: &str) -> Option<Found<'_>> {
        let root = self.root.as_ref()?;
        let entry = root.value.get("pnpm")?.map()?.entry(key)?;
        Some(Found { value: &entry.value, source: &root.source, key: &entry.span })
    }

    /// The field `resolutions` of yarn, which pnpm up to 10 reads as overrides.
    pub(super) fn resolutions(&self) -> Option<Found<'_>> {
        let root = self.root.as_ref()?;
        let entry = root.value.map()?.entry("resolutions")?;
        Some(Found { value: &entry.value, source: &root.source, key: &entry.span })
    }

    /// An option of the install, by its name in pnpm-workspace.yaml; `Err`: it hangs on the environment.
    pub(super) fn option(&self, era: Era, name: &str) -> Result<Option<(String, Place)>, Place> {
        if era >= Era::V10
            && let Some(found) = self.in_workspace(name)
        {
            let text = found.value.scalar().unwrap_or_default().to_owned();
            return if text.contains("${") { Err(found.place()) } else { Ok(Some((text, found.place()))) };
        }
        let Some(npmrc) = self.npmrc.as_ref().filter(|_| era <= Era::V10) else { return Ok(None) };
        let kebab = kebab(name);
        let Some((_, text, span)) = npmrc.entries.iter().rev().find(|(key, ..)| *key == kebab) else {
            return Ok(None);
        };
        let place = npmrc.source.place(span);
        if text.contains("${") { Err(place) } else { Ok(Some((text.clone(), place))) }
    }

    /// Whether a switch is on.
    pub(super) fn switch(&self, era: Era, name: &str, default: bool) -> Result<(bool, Option<Place>), Place> {
        Ok(match self.option(era, name)? {
            Some((text, place)) => (text == "true" || text.is_empty(), Some(place)),
            None => (default, None),
        })
    }

    /// The majors that may have written a lock; never none.
    pub(super) fn eras(&self, lock: &Lock) -> Vec<Era> {
        match lock.form {
            Form::V5 => return vec![Era::V7],
            Form::V6 => return vec![Era::V8],
            Form::V9 => {}
        }
        let is_named = |era: &Era| self.named().is_none_or(|major| era_of(major) == Some(*era));
        let evidence = [traces(lock), self.where_settings_stand(lock)];
        let fits = |era: &Era| evidence.iter().all(|(first, last)| first <= era && era <= last);
        let all = [Era::V9, Era::V10, Era::V11];
        let narrow: Vec<Era> = all.into_iter().filter(is_named).filter(fits).collect();
        if !narrow.is_empty() {
            return narrow;
        }
        let named: Vec<Era> = all.into_iter().filter(is_named).collect();
        if named.is_empty() { all.to_vec() } else { named }
    }

    /// The major of pnpm that package.json names.
    pub(super) fn named(&self) -> Option<u32> {
        let root = &self.root.as_ref()?.value;
        let by_field = root.text_of("packageManager").and_then(|text| text.strip_prefix("pnpm@"));
        let engine = || {
            let engine = root.at(&["devEngines", "packageManager"])?;
            (engine.text_of("name") == Some("pnpm")).then(|| engine.text_of("version"))?
        };
        let version = by_field.or_else(engine)?.trim_start_matches(['^', '~', '=', 'v']);
        let digits = version.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok()
    }

    /// Settings that stand where only some majors read them, and that the lock has recorded.
    fn where_settings_stand(&self, lock: &Lock) -> (Era, Era) {
        let (mut first, mut last) = (Era::V7, Era::V11);
        if OF_TEN.iter().any(|key| self.in_workspace(key).is_some()) {
            first = Era::V10;
        }
        for key in TRACED {
            let recorded = if *key == "packageExtensions" { "packageExtensionsChecksum" } else { key };
            let is_in_manifest = self.in_manifest(key).is_some_and(|found| is_filled(found.value))
                || *key == "overrides" && self.resolutions().is_some_and(|found| is_filled(found.value));
            let is_recorded = lock.value.get(recorded).is_some_and(is_filled);
            if is_recorded && is_in_manifest && self.in_workspace(key).is_none() {
                last = Era::V10;
            }
        }
        (first, last)
    }
}

fn is_filled(value: &Value) -> bool {
    value.entries().next().is_some() || value.items().next().is_some() || value.scalar().is_some()
}

fn era_of(major: u32) -> Option<Era> {
    match major {
        9 => Some(Era::V9),
        10 => Some(Era::V10),
        11.. => Some(Era::V11),
        _ => None,
    }
}

/// What the checksums of a lock say of who wrote it.
fn traces(lock: &Lock) -> (Era, Era) {
    let (mut first, mut last) = (Era::V7, Era::V11);
    if lock.environment.is_some() {
        first = Era::V11;
    }
    for key in ["packageExtensionsChecksum", "pnpmfileChecksum"] {
        match lock.value.text_of(key) {
            Some(text) if text.starts_with("sha256-") => first = first.max(Era::V10),
            Some(_) => last = last.min(Era::V9),
            None => {}
        }
    }
    for patch in lock.value.get("patchedDependencies").map(Value::entries).unwrap_or_default() {
        let hash = match patch.value.map() {
            Some(map) => {
                last = last.min(Era::V10);
                map.get("hash").and_then(Value::scalar)
            }
            None => {
                first = first.max(Era::V11);
                patch.value.scalar()
            }
        };
        match hash.map(str::len) {
            Some(64) => first = first.max(Era::V10),
            Some(_) => last = last.min(Era::V9),
            None => {}
        }
    }
    (first, last)
}

fn source(tree: &Tree<'_>, path: &str) -> Result<Option<Source>, Broken> {
    if !tree.has(path) {
        return Ok(None);
    }
    tree.read(path).map(Some).map_err(|unread| Broken::Unread(path.to_owned(), unread))
}

fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The lines of an .npmrc: key, value, place.
fn npmrc(text: &str) -> Vec<(String, String, Range<usize>)> {
    let mut entries = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';', '[']) {
            continue;
        }
        let (key, value) = trimmed.split_once('=').unwrap_or((trimmed, "true"));
        let value = value.trim().trim_matches('"').to_owned();
        entries.push((key.trim().to_owned(), value, at..at + line.trim_end().len()));
    }
    entries
}
