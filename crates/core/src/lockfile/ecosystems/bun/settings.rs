//! What decides which packages are chosen: overrides, catalogs, patches, bunfig.toml.

use super::judge::{Check, text_map};
use super::walk::catalog_name;
use super::{MEND, SETTINGS, asked, texts};
use crate::lockfile::data::{Value, toml};
use crate::lockfile::package_json::PackageJson;
use crate::lockfile::{Breaks, Drift, Reason, Tree, Unclear, Verdict, join};
use std::collections::{BTreeMap, BTreeSet, HashSet};

pub(super) fn bunfig(tree: &Tree<'_>, at: &str, verdict: &mut Verdict) {
    let Some(source) = join(at, SETTINGS).and_then(|path| tree.read(&path).ok()) else { return };
    let Ok(value) = toml(&source.text) else {
        return verdict.unclear(Unclear::at(format!("{} cannot be read", source.path), source.whole()));
    };
    if let Some(peer) = value.at(&["install", "peer"]).filter(|peer| peer.bool() != Some(true)) {
        let why = format!("`peer` of {} changes what is locked", source.path);
        verdict.unclear(Unclear::at(why, source.place(&peer.span)));
    }
}

impl<'a> Check<'a> {
    pub(super) fn settings(
        &mut self,
        lock: &'a Value,
        root: &PackageJson,
        manifests: &BTreeMap<String, PackageJson>,
    ) {
        self.overrides(lock, root);
        let used = self.catalogs_used(manifests);
        let (wanted, has) = (catalogs(&root.value, true), catalogs(lock, false));
        for key in wanted.keys().chain(has.keys()).collect::<BTreeSet<_>>() {
            let (wanted, has) = (wanted.get(key), has.get(key));
            if wanted == has {
                continue;
            }
            let breaks = match (wanted, has) {
                (Some(_), Some(_)) if used.contains(key) => Breaks::Both,
                (Some(_), None) if !used.contains(key) => Breaks::Rewrite,
                _ => Breaks::RewriteAndPerhapsStrict,
            };
            self.setting(
                root,
                breaks,
                "catalog",
                &key.1,
                wanted.map(String::as_str),
                has.map(String::as_str),
            );
        }
        self.packages.catalogs = wanted.into_iter().collect();
        if texts(root.value.get("trustedDependencies")) != texts(lock.get("trustedDependencies")) {
            self.setting(root, Breaks::Rewrite, "trustedDependencies", "trustedDependencies", None, None);
        }
        let patches = [&root.value, lock].map(|value| text_map(value.get("patchedDependencies")));
        if patches[0] != patches[1] {
            let breaks = Breaks::RewriteAndPerhapsStrict;
            self.setting(root, breaks, "patchedDependencies", "patchedDependencies", None, None);
        }
    }

    fn overrides(&mut self, lock: &Value, root: &PackageJson) {
        let both = ["overrides", "resolutions"].map(|key| {
            let entry = root.value.map().and_then(|map| map.entry(key));
            entry.filter(|entry| entry.value.entries().len() > 0)
        });
        if let [Some(_), Some(second)] = both {
            let why = "`overrides` and `resolutions` are both there".to_owned();
            self.verdict.unclear(Unclear::at(why, root.place(&second.span)));
        }
        let entries = both.into_iter().flatten().flat_map(|entry| entry.value.entries());
        let mut wanted = BTreeMap::new();
        for entry in entries {
            let depth = usize::from(entry.key.starts_with('@'));
            let is_plain = !entry.key.contains('*')
                && entry.key.matches('/').count() == depth
                && !entry.key.get(1..).is_some_and(|rest| rest.contains('@'));
            match entry.value.text().filter(|text| is_plain && !text.starts_with('$')) {
                Some(text) => {
                    wanted.insert(entry.key.as_str(), text);
                }
                None => {
                    let why =
                        format!("the override of `{}` is of a form that gatepost does not follow", entry.key);
                    self.verdict.unclear(Unclear::at(why, root.place(&entry.span)));
                    wanted.insert(&entry.key, "");
                }
            }
        }
        let has = text_map(lock.get("overrides"));
        for key in wanted.keys().chain(has.keys()).collect::<BTreeSet<_>>() {
            let (wanted, has) = (wanted.get(key).copied(), has.get(key).copied());
            if wanted != has && wanted != Some("") {
                self.setting(root, Breaks::Both, "overrides", key, wanted, has);
            }
        }
        let owned = |(name, to): (&str, &str)| (name.to_owned(), to.to_owned());
        self.packages.overrides = wanted.into_iter().map(owned).collect();
    }

    /// Which entries of catalogs somebody asks for.
    fn catalogs_used(&self, manifests: &BTreeMap<String, PackageJson>) -> HashSet<(String, String)> {
        let specs = manifests.values().flat_map(|package| asked(&package.value));
        let specs = specs.map(|asked| (asked.name, asked.spec));
        let overrides = self.packages.overrides.iter().map(|(name, to)| (name.as_str(), to.as_str()));
        let of_catalog = specs.chain(overrides).filter_map(|(name, spec)| {
            Some((catalog_name(spec.strip_prefix("catalog:")?).to_owned(), name.to_owned()))
        });
        of_catalog.collect()
    }

    fn setting(
        &mut self,
        root: &PackageJson,
        breaks: Breaks,
        field: &str,
        name: &str,
        wanted: Option<&str>,
        has: Option<&str>,
    ) {
        let what = format!("`{field}` of {} says of {name} what the lock does not say", root.source.path);
        let what = if field == name {
            format!("`{field}` of {} is another than that in the lock", root.source.path)
        } else {
            what
        };
        let key = root.value.map().and_then(|map| map.entry(field));
        let place = key.map_or_else(|| root.source.whole(), |key| root.place(&key.span));
        let mut reason = Reason::new(Drift::SettingsDiffer, breaks, what, MEND).in_manifest(place);
        reason.expected = wanted.map(str::to_owned);
        reason.found = has.map(str::to_owned);
        self.verdict.drift(reason.in_lock(self.lock.whole()));
    }
}

/// The catalogs by their names, the one without a name under `""`; package.json has them under `workspaces` as well.
fn catalogs(value: &Value, is_manifest: bool) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    let inner = value.get("workspaces").filter(|_| is_manifest);
    for value in [Some(value), inner].into_iter().flatten() {
        let mut take = |catalog: &str, entries: Option<&Value>| {
            for (name, spec) in text_map(entries) {
                found.insert((catalog_name(catalog).to_owned(), name.to_owned()), spec.to_owned());
            }
        };
        take("", value.get("catalog"));
        for entry in value.get("catalogs").map(Value::entries).unwrap_or_default() {
            take(&entry.key, Some(&entry.value));
        }
    }
    found
}
