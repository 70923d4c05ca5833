//! The settings that a lock has recorded against those of the workspace.

use super::check::Workspace;
use super::hash;
use super::lock::Era;
use super::overrides::{catalog_entry, catalog_of, texts};
use super::settings::{Found, beside};
use crate::lockfile::data::{Entry, Value};
use crate::lockfile::{Breaks, Drift, Place, Reason, Unclear, Unread, Verdict};
use std::collections::{BTreeMap, BTreeSet};

impl Workspace<'_> {
    /// Every recorded setting.
    pub(super) fn recorded(&self, verdict: &mut Verdict) {
        self.catalogs(verdict);
        self.overrides_recorded(verdict);
        self.extensions(verdict);
        self.ignored(verdict);
        self.patches(verdict);
        self.switches(verdict);
        self.pnpmfile(verdict);
        if self.era <= Era::V8 {
            self.builds(verdict);
        }
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        self.lock.value.map()?.entry(key)
    }

    fn place_of(&self, key: &str) -> Place {
        self.entry(key).map_or_else(|| self.lock.source.whole(), |entry| self.lock.source.place(&entry.span))
    }

    /// Where a setting stands that is not there: in the file that it would stand in.
    fn nowhere(&self) -> Place {
        let workspace = self.files.workspace.as_ref().filter(|_| self.era >= Era::V10);
        match (workspace, &self.files.root) {
            (Some(workspace), _) => workspace.source.whole(),
            (None, Some(root)) => root.source.whole(),
            (None, None) => self.lock.source.whole(),
        }
    }

    fn place_or_nowhere(&self, found: Option<Found<'_>>) -> Place {
        found.map_or_else(|| self.nowhere(), |found| found.place())
    }

    fn differ(&self, what: impl Into<String>, manifest: Place, key: &str) -> Reason {
        Reason::new(Drift::SettingsDiffer, Breaks::Both, what, self.mend)
            .in_manifest(manifest)
            .in_lock(self.place_of(key))
    }

    fn catalogs(&self, verdict: &mut Verdict) {
        let catalogs = self.lock.value.get("catalogs").map(Value::entries).unwrap_or_default();
        for catalog in catalogs {
            for entry in catalog.value.entries() {
                let recorded = entry.value.get("specifier").and_then(Value::scalar).unwrap_or_default();
                let found = catalog_entry(self.files, &catalog.key, &entry.key);
                let asked = found.as_ref().map(|(text, _)| *text);
                if asked == Some(recorded) {
                    self.catalog_version(&catalog.key, entry, verdict);
                    continue;
                }
                let what = match asked {
                    Some(asked) => format!(
                        "{} of the catalog {} is `{asked}`, and the lock was made for `{recorded}`",
                        entry.key, catalog.key
                    ),
                    None => format!("{} is no longer in the catalog {}", entry.key, catalog.key),
                };
                let place = found.as_ref().map_or_else(|| self.nowhere(), |(_, place)| place.clone());
                let mut reason = self.differ(what, place, "catalogs").dependency(&entry.key).found(recorded);
                reason.lock = Some(self.lock.source.place(&entry.span));
                reason.expected = asked.map(str::to_owned);
                // Measured: the strict install of 9 does not compare them.
                if self.era <= Era::V9 && asked.is_some() {
                    reason.breaks = Breaks::Rewrite;
                }
                verdict.drift(reason);
            }
        }
    }

    /// The catalog has recorded which version it stood for; projects that use it have that one.
    fn catalog_version(&self, catalog: &str, entry: &Entry, verdict: &mut Verdict) {
        let Some(recorded) = entry.value.get("version").and_then(Value::scalar) else { return };
        for importer in self.importers {
            let Some(specifier) = importer.specifiers.get(entry.key.as_str()) else { continue };
            if catalog_of(specifier.text) != Some(catalog) {
                continue;
            }
            let locked = importer.locked.iter().find(|locked| locked.name == entry.key);
            let Some(locked) = locked else { continue };
            let version = super::lock::version_of(self.lock.form, locked.reference);
            if version == recorded || crate::lockfile::npm_spec::version(version).is_none() {
                continue;
            }
            // Measured: 10 and 12 take it; releases in between may not.
            let why = format!(
                "{} is locked at {version} in {}, and the catalog {catalog} of the lock says {recorded}; not every pnpm \
                 looks at that",
                entry.key, importer.id
            );
            verdict.unclear(Unclear::at(why, self.lock.source.place(&locked.span)));
        }
    }

    fn overrides_recorded(&self, verdict: &mut Verdict) {
        let recorded: BTreeMap<&str, &str> =
            self.lock.value.get("overrides").map(texts).unwrap_or_default().into_iter().collect();
        let asked: BTreeMap<&str, _> = self.overrides.iter().map(|one| (one.selector, one)).collect();
        for (selector, one) in &asked {
            let found = recorded.get(selector).copied();
            if found == Some(one.value.as_str()) {
                continue;
            }
            let what = match found {
                Some(found) => {
                    format!(
                        "the override of {selector} is `{}`, and the lock was made with `{found}`",
                        one.value
                    )
                }
                None => format!("the override of {selector} is not in the lock"),
            };
            let mut reason = self.differ(what, one.place.clone(), "overrides");
            reason = reason.dependency(*selector).expected(one.value.clone());
            reason.found = found.map(str::to_owned);
            verdict.drift(reason);
        }
        for (selector, found) in recorded.iter().filter(|(selector, _)| !asked.contains_key(*selector)) {
            let what = format!("the lock was made with an override of {selector}, which is no longer there");
            verdict.drift(self.differ(what, self.nowhere(), "overrides").dependency(*selector).found(*found));
        }
    }

    fn extensions(&self, verdict: &mut Verdict) {
        let key = "packageExtensionsChecksum";
        let found = self.files.section(self.era, "packageExtensions");
        let value = found.map(|found| found.value).filter(|value| value.entries().next().is_some());
        let recorded = self.lock.value.get(key).and_then(Value::scalar);
        let asked = match value {
            None => None,
            Some(value) => match hash::of_extensions(value, self.era) {
                Some(hash) => Some(hash),
                None => {
                    let why = "the checksum of packageExtensions cannot be told: a key in it is a number or not ASCII";
                    verdict.unclear(Unclear::at(why, self.place_or_nowhere(found)));
                    return;
                }
            },
        };
        if asked.as_deref() == recorded {
            return;
        }
        let what = match (&asked, recorded) {
            (Some(_), Some(_)) => "packageExtensions are not those that the lock was made with",
            (Some(_), None) => "the lock was made without packageExtensions",
            _ => "the lock was made with packageExtensions, which are no longer there",
        };
        let mut reason = self.differ(what, self.place_or_nowhere(found), key);
        (reason.expected, reason.found) = (asked, recorded.map(str::to_owned));
        verdict.drift(reason);
    }

    fn ignored(&self, verdict: &mut Verdict) {
        if self.era <= Era::V8 {
            return;
        }
        let key = "ignoredOptionalDependencies";
        let recorded: BTreeSet<&str> = strings(self.lock.value.get(key)).into_iter().collect();
        let asked: BTreeSet<&str> = self.ignored_optional.iter().copied().collect();
        if recorded != asked {
            let list = |set: &BTreeSet<&str>| set.iter().copied().collect::<Vec<_>>().join(", ");
            let what = format!("{key} are not those that the lock was made with");
            let place = self.place_or_nowhere(self.files.section(self.era, key));
            verdict.drift(self.differ(what, place, key).expected(list(&asked)).found(list(&recorded)));
        }
    }

    /// Up to 8 the lock has recorded which packages may run scripts.
    fn builds(&self, verdict: &mut Verdict) {
        for key in ["neverBuiltDependencies", "onlyBuiltDependencies"] {
            let found = self.files.section(self.era, key);
            let asked = strings(found.map(|found| found.value));
            let recorded = strings(self.lock.value.get(key));
            let (one, two): (BTreeSet<_>, BTreeSet<_>) =
                (asked.into_iter().collect(), recorded.into_iter().collect());
            if one != two {
                let what = format!("{key} are not those that the lock was made with");
                verdict.drift(self.differ(what, self.place_or_nowhere(found), key));
            }
        }
    }

    fn patches(&self, verdict: &mut Verdict) {
        let key = "patchedDependencies";
        let found = self.files.section(self.era, key);
        let asked: BTreeMap<&str, &str> =
            found.map(|found| texts(found.value)).unwrap_or_default().into_iter().collect();
        let recorded = self.lock.value.get(key).and_then(Value::map);
        for (name, path) in &asked {
            let place = found.map_or_else(|| self.nowhere(), |found| found.place_of(name));
            let is_of_workspace = self.files.in_workspace(key).is_some();
            let from = if is_of_workspace { self.files.base.as_str() } else { self.root };
            let hash = match crate::lockfile::join(from, path).ok_or(Unread::Missing) {
                Ok(at) => self.tree.bytes(&at),
                Err(unread) => Err(unread),
            };
            let hash = match hash {
                Ok(bytes) => hash::of_patch(&bytes, self.era),
                Err(unread @ (Unread::Missing | Unread::NotText)) => {
                    let what = format!("the patch of {name}, {path}, {unread}");
                    verdict.drift(self.differ(what, place, key).dependency(*name));
                    continue;
                }
                Err(unread) => {
                    verdict.unclear(Unclear::at(format!("the patch {path} {unread}"), place));
                    continue;
                }
            };
            let entry = recorded.and_then(|map| map.entry(name));
            let (old, old_path) = match entry.map(|entry| &entry.value) {
                Some(value) if value.map().is_some() => {
                    (value.get("hash").and_then(Value::scalar), value.text_of("path"))
                }
                Some(value) => (value.scalar(), None),
                None => (None, None),
            };
            let is_same_path = old_path.is_none_or(|old| is_same_path(old, path));
            if old == Some(hash.as_str()) && is_same_path {
                continue;
            }
            let what = match old {
                None => format!("the patch of {name} is not in the lock"),
                Some(_) if !is_same_path => format!("the patch of {name} has another path in the lock"),
                Some(_) => format!("{path}, the patch of {name}, is not the one that the lock was made with"),
            };
            let mut reason = self.differ(what, place, key).dependency(*name).expected(hash);
            reason.found = old.map(str::to_owned);
            reason.lock = entry.map(|entry| self.lock.source.place(&entry.span)).or(reason.lock);
            verdict.drift(reason);
        }
        for entry in recorded.into_iter().flatten().filter(|entry| !asked.contains_key(entry.key.as_str())) {
            let what = format!("the lock was made with a patch of {}, which is no longer there", entry.key);
            let mut reason = self.differ(what, self.nowhere(), key).dependency(&entry.key);
            reason.lock = Some(self.lock.source.place(&entry.span));
            verdict.drift(reason);
        }
    }

    fn switches(&self, verdict: &mut Verdict) {
        let recorded = |name: &str| self.lock.value.at(&["settings", name]).and_then(Value::scalar);
        let mut differ = |name: &str, asked: &str, found: &str, place: Option<Place>| {
            let what = format!("{name} is {asked}, and the lock was made with {found}");
            let place = place.unwrap_or_else(|| self.nowhere());
            verdict.drift(self.differ(what, place, "settings").expected(asked).found(found));
        };
        let mut unclear = Vec::new();
        // Of the first two nothing recorded means that nothing is known, of the others that they were off.
        let switches = [
            ("autoInstallPeers", self.era >= Era::V8, true, Era::V7),
            ("excludeLinksFromLockfile", false, true, Era::V7),
            ("dedupePeers", false, false, Era::V10),
            ("injectWorkspacePackages", false, false, Era::V10),
        ];
        for (name, default, is_optional, since) in switches {
            if self.era < since || is_optional && recorded(name).is_none() {
                continue;
            }
            match self.files.switch(self.era, name, default) {
                Ok((asked, place)) => {
                    let found = recorded(name) == Some("true");
                    if asked != found {
                        differ(name, yes(asked), yes(found), place);
                    }
                }
                Err(place) => unclear.push((name, place)),
            }
        }
        let name = "peersSuffixMaxLength";
        if self.era >= Era::V9 {
            match self.files.option(self.era, name) {
                Ok(option) => {
                    let (asked, place) =
                        option.map_or(("1000".to_owned(), None), |(text, at)| (text, Some(at)));
                    let found = recorded(name).unwrap_or("1000");
                    if asked != found {
                        differ(name, &asked, found, place);
                    }
                }
                Err(place) => unclear.push((name, place)),
            }
        }
        for (name, place) in unclear {
            let why = format!("{name} hangs on the environment");
            verdict.unclear(Unclear::at(why, place));
        }
    }

    /// Only a pnpmfile that exports hooks has a checksum, and what it exports is known to whoever runs it.
    fn pnpmfile(&self, verdict: &mut Verdict) {
        if self.era <= Era::V8 {
            return;
        }
        let key = "pnpmfileChecksum";
        let recorded = self.lock.value.get(key).and_then(Value::scalar);
        let is_ignored = matches!(self.files.switch(self.era, "ignorePnpmfile", false), Ok((true, _)));
        let others = ["pnpmfile", "globalPnpmfile"];
        let is_elsewhere = others.iter().any(|name| !matches!(self.files.option(self.era, name), Ok(None)));
        let path = beside(self.root, ".pnpmfile.cjs");
        let is_above =
            self.files.base != self.root && self.tree.has(&beside(&self.files.base, ".pnpmfile.cjs"));
        if is_above {
            let why =
                "whose pnpmfile counts in a workspace with a lock for each member differs between releases";
            verdict.unclear(Unclear::at(why, self.place_of(key)));
            return;
        }
        if is_elsewhere || is_ignored || self.tree.has(&beside(self.root, ".pnpmfile.mjs")) {
            if recorded.is_some() || self.tree.has(&path) {
                let why = "which pnpmfile is used is set elsewhere, and its checksum is not compared";
                verdict.unclear(Unclear::at(why, self.place_of(key)));
            }
            return;
        }
        let source = match self.tree.bytes(&path) {
            Ok(bytes) => Some(bytes),
            Err(Unread::Missing) => None,
            Err(unread) => {
                verdict.unread(&path, &unread);
                return;
            }
        };
        let place = Place { path: path.clone(), span: None };
        match (source, recorded) {
            (None, None) => {}
            (None, Some(found)) => {
                let what = "the lock was made with a pnpmfile, which is no longer there";
                verdict.drift(self.differ(what, self.nowhere(), key).found(found));
            }
            (Some(bytes), Some(found)) => {
                let asked = hash::of_pnpmfile(&bytes, self.era);
                if asked != found {
                    let what = format!("{path} is not the one that the lock was made with");
                    verdict.drift(self.differ(what, place, key).expected(asked).found(found));
                }
            }
            (Some(bytes), None) => match exports_hooks(&String::from_utf8_lossy(&bytes)) {
                Some(true) => {
                    let what = format!("the lock was made without the hooks of {path}");
                    verdict.drift(self.differ(what, place, key));
                }
                Some(false) => {}
                None => {
                    let why = format!("whether {path} exports hooks is known to whoever runs it");
                    verdict.unclear(Unclear::at(why, place));
                }
            },
        }
    }
}

fn yes(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

fn strings(value: Option<&Value>) -> Vec<&str> {
    value.map(Value::items).unwrap_or_default().filter_map(Value::scalar).collect()
}

fn is_same_path(one: &str, two: &str) -> bool {
    one == two || crate::lockfile::join("", one) == crate::lockfile::join("", two)
}

/// Whether a pnpmfile exports hooks, where that is plain to see.
fn exports_hooks(text: &str) -> Option<bool> {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let code: Vec<&str> = text.lines().filter(is_code).collect();
    let code = code.join("\n");
    if !code.contains("hooks") {
        return Some(false);
    }
    let (_, exported) = code.rsplit_once("module.exports")?;
    let exported = exported.trim_start().strip_prefix('=')?.trim_start().strip_prefix('{')?.trim_start();
    let rest = exported.strip_prefix("hooks")?.trim_start();
    rest.starts_with([':', ',', '}']).then_some(true)
}
