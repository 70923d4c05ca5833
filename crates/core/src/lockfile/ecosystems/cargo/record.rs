//! What a lock records besides packages: patches, spellings, and its own text.

use super::compare::Comparison;
use super::line_place;
use super::manifest::{Dependency, From, Package};
use super::origin;
use super::settings::Patch;
use crate::lockfile::ecosystem::{Breaks, Drift, Unclear};
use std::collections::{BTreeMap, HashSet};

impl Comparison<'_, '_, '_> {
    /// Patches: each is used or stands among the unused, and no others stand there.
    pub(super) fn patches(&mut self, reached: &HashSet<usize>) {
        for patch in &self.settings.patches {
            let used = self
                .lock
                .named(&patch.by.name)
                .any(|(at, entry)| reached.contains(&at) && self.is_by(patch, entry));
            let is_there = used || self.lock.unused.iter().any(|entry| self.is_by(patch, entry));
            if self.is_unreadable(patch) || is_there {
                continue;
            }
            let what = format!("the patch of `{}` is not in {}", patch.by.name, self.lock.source.path);
            let reason = self.reason(Drift::SettingsDiffer, Breaks::Both, what).dependency(&patch.by.name);
            self.verdict.drift(reason.in_manifest(patch.place.clone()));
        }
        for entry in &self.lock.unused {
            if self.settings.patches.iter().any(|patch| self.is_by(patch, entry)) {
                continue;
            }
            let is_dropped = self.is_dropped(entry);
            let breaks = if is_dropped { Breaks::Rewrite } else { Breaks::Both };
            let what = format!(
                "{} has an unused patch of `{}` {} that is no patch",
                self.lock.source.path, entry.name, entry.version
            );
            let reason = self.reason(Drift::SettingsDiffer, breaks, what).dependency(&entry.name);
            self.verdict.drift(reason.in_lock(self.lock.source.place(&entry.span)));
        }
    }

    fn is_unreadable(&mut self, patch: &Patch) -> bool {
        let From::Path(said, folder) = &patch.by.from else { return false };
        let is_read =
            folder.as_deref().is_some_and(|folder| matches!(self.manifests.package(folder), Ok(Some(_))));
        if !is_read {
            let why = format!(
                "the patch of `{}` in `{said}` lies outside the repository or cannot be read",
                patch.by.name
            );
            self.verdict.unclear(Unclear::at(why, patch.place.clone()));
        }
        !is_read
    }

    /// Addresses of repositories that mean the same and are spelled otherwise: Cargo writes that of the manifest.
    pub(super) fn spelling(&mut self) {
        let mut spelled: BTreeMap<String, Vec<(&Package, &Dependency, String)>> = BTreeMap::new();
        for (package, on) in self.packages.locked.values() {
            for dependency in package.dependencies.iter().filter(|dependency| on.has(dependency)) {
                if let From::Git(url, _) = &dependency.from {
                    let said = (&**package, dependency, origin::spelled(url));
                    spelled.entry(origin::canonical(url)).or_default().push(said);
                }
            }
        }
        for entry in &self.lock.packages {
            let Some((address, _)) = entry.source.as_deref().and_then(origin::git_parts) else { continue };
            let Some(said) = spelled.get(&origin::canonical(address)) else { continue };
            let (of, is_same) = (said.first(), said.iter().any(|(.., url)| url == address));
            let Some((package, dependency, url)) = of.filter(|_| !is_same) else { continue };
            let what =
                format!("{} spells the address of `{}` otherwise", self.lock.source.path, dependency.name);
            let reason = self.reason(Drift::RecordStale, Breaks::Rewrite, what).dependency(&dependency.name);
            let reason = reason.in_manifest(package.source.place(&dependency.span));
            self.verdict
                .drift(reason.in_lock(self.lock.source.place(&entry.span)).expected(url).found(address));
        }
    }

    /// The text: an ordinary run writes the lock anew where it differs in the least.
    pub(super) fn text(&mut self) {
        let Some(line) = self.lock.first_line_of_other_hand() else { return };
        let what =
            format!("{} is not written as Cargo writes it, from line {line} on", self.lock.source.path);
        let reason = self.reason(Drift::RecordStale, Breaks::Rewrite, what);
        let place = line_place(&self.lock.source, Some(line));
        self.verdict.drift(reason.in_lock(place));
    }
}
