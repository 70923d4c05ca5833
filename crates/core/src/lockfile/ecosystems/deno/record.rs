//! What deno.lock has of the manifests: Deno makes it anew and compares.

use super::MEND;
use super::asked::{Want, Wants};
use super::judge::Check;
use super::lock::Lock;
use super::requirement::{Asked, Registry, Spelling};
use crate::lockfile::data::{Data, Value};
use crate::lockfile::ecosystem::{Breaks, Drift, Reason, Unclear};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

/// The texts of a list in the lock, and where they stand.
fn recorded_in(list: Option<&Value>) -> Vec<(Asked, &str, Range<usize>)> {
    let items = list.map(Value::items).unwrap_or_default();
    let read = items.filter_map(|item| {
        let text = item.text()?;
        Some((Asked::parse(text, Spelling::Record)?.ok()?, text, item.span.clone()))
    });
    read.collect()
}

/// Everything that the lock has of the manifests.
pub(super) fn recorded(lock: &Lock<'_>) -> Vec<Asked> {
    let members = lock.workspace.and_then(|workspace| workspace.get("members")).map(Value::entries);
    let folders = lock.workspace.into_iter().chain(members.into_iter().flatten().map(|entry| &entry.value));
    let lists =
        folders.flat_map(|folder| [folder.get("dependencies"), folder.at(&["packageJson", "dependencies"])]);
    lists.flat_map(recorded_in).map(|(asked, ..)| asked).collect()
}

impl Check<'_> {
    /// What the lock has of the manifests, against what they say.
    pub(super) fn record(&mut self, wants: &BTreeMap<&String, Wants>) {
        let root = self.read.workspace;
        let members = root.and_then(|root| root.get("members"));
        for (member, wants) in wants {
            let entry = if member.is_empty() {
                None
            } else {
                members.and_then(Value::map).and_then(|all| all.entry(member))
            };
            let record = if member.is_empty() { root } else { entry.map(|entry| &entry.value) };
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./~@+".contains(c);
            if !member.chars().all(is_plain) {
                let why = format!("the path of the member {member} is written otherwise in the lock");
                self.verdict.unclear(Unclear::new(why));
                continue;
            }
            let list = |keys: &[&str]| record.and_then(|record| record.at(keys));
            self.lists(member, "dependencies", &wants.of_config, list(&["dependencies"]));
            let packages = list(&["packageJson", "dependencies"]);
            self.lists(member, "packageJson.dependencies", &wants.of_package, packages);
        }
        for entry in members.map(Value::entries).unwrap_or_default() {
            if !wants.contains_key(&entry.key) {
                let what =
                    format!("{} has the member {}, and the workspace does not", self.lock.path, entry.key);
                let reason = Reason::new(Drift::MembersDiffer, Breaks::Both, what, MEND);
                self.verdict.drift(reason.in_lock(self.lock.place(&entry.span)));
            }
        }
    }

    /// A list of the lock, against what a manifest asks for.
    fn lists(&mut self, member: &str, key: &str, wants: &[Want], list: Option<&Value>) {
        let has = recorded_in(list);
        let count = list.map(|list| list.items().count()).unwrap_or_default();
        if list.is_some_and(|list| !matches!(list.data, Data::List(_))) || has.len() < count {
            let why = format!("{key} of {} has what is no requirement", self.lock.path);
            let place = list.map_or_else(|| self.lock.whole(), |list| self.lock.place(&list.span));
            return self.verdict.unclear(Unclear::at(why, place));
        }
        let known: HashSet<&Asked> = has.iter().map(|(asked, ..)| asked).collect();
        let wanted: HashSet<&Asked> = wants.iter().map(|want| &want.asked).collect();
        let mut spare: HashMap<(Registry, &str), (&str, &Range<usize>)> = HashMap::new();
        for (asked, text, span) in has.iter().filter(|(asked, ..)| !wanted.contains(asked)) {
            spare.insert((asked.registry, asked.name.as_str()), (*text, span));
        }
        let mut told = HashSet::new();
        for want in wants.iter().filter(|want| !known.contains(&want.asked)) {
            let name = (want.asked.registry, want.asked.name.as_str());
            let what = format!(
                "{} asks for {}, and {key} of {} does not",
                want.source.path, want.text, self.lock.path
            );
            let other = spare.get(&name);
            let drift = if other.is_some() { Drift::LockedDifferently } else { Drift::NotLocked };
            let mut reason = Reason::new(drift, Breaks::Both, what, MEND)
                .dependency(&*want.asked.name)
                .in_manifest(want.source.place(&want.span))
                .expected(&*want.text);
            if let Some((text, span)) = other {
                told.insert(name);
                reason = reason.in_lock(self.lock.place(span)).found(*text);
            }
            self.verdict.drift(reason);
        }
        let of = if member.is_empty() { "the manifests of the root" } else { member };
        for (asked, text, span) in has.iter().filter(|(asked, ..)| !wanted.contains(asked)) {
            if told.contains(&(asked.registry, asked.name.as_str())) {
                continue;
            }
            let what = format!("{key} of {} has {text}, and {of} no such requirement", self.lock.path);
            let reason = Reason::new(Drift::NotAskedFor, Breaks::Both, what, MEND).dependency(&*asked.name);
            self.verdict.drift(reason.in_lock(self.lock.place(span)).found(*text));
        }
    }

    /// The `overrides` of the package.json of the root.
    pub(super) fn overrides(&mut self) {
        let package = self.project.folders.get("").and_then(|root| root.package.as_ref());
        let wanted = package.and_then(|package| package.value.map()?.entry("overrides"));
        let wanted = wanted.filter(|entry| entry.value.map().is_some());
        let workspace = self.read.workspace;
        let paths: [&[&str]; 2] = [&["npmOverrides"], &["packageJson", "overrides"]];
        let has = paths.iter().find_map(|path| workspace?.at(path));
        let has = has.filter(|has| !matches!(has.data, Data::Null));
        let is_same = match (wanted, has) {
            (None, None) => true,
            (Some(wanted), Some(has)) => wanted.value.is_same(has),
            _ => false,
        };
        if is_same {
            return;
        }
        let what = format!("{} was made with other overrides", self.lock.path);
        let mut reason = Reason::new(Drift::SettingsDiffer, Breaks::Both, what, MEND);
        if let Some((entry, package)) = wanted.zip(package) {
            reason = reason.in_manifest(package.place(&entry.span));
        }
        if let Some(has) = has {
            reason = reason.in_lock(self.lock.place(&has.span));
        }
        self.verdict.drift(reason);
    }
}
