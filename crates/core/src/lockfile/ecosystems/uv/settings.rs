//! The settings that decide what is chosen: `uv.toml`, or `[tool.uv]` where there is none.

use super::MEND;
use super::asked::index_url;
use super::workspace::Workspace;
use crate::lockfile::data::{Value, toml};
use crate::lockfile::ecosystems::python::{Marker, PythonRange, Same, in_folder};
use crate::lockfile::tree::folder;
use crate::lockfile::{Breaks, Drift, Reason, Source, Tree, Unclear, Verdict};
use std::collections::BTreeSet;

/// The settings: their file, and the table in it.
#[derive(Debug)]
pub(super) struct Settings {
    source: Source,
    table: Option<Value>,
}

impl Settings {
    /// As uv looks for them: the nearest folder from the root of the workspace up that has any.
    pub(super) fn find(tree: &Tree<'_>, workspace: &Workspace, verdict: &mut Verdict) -> Self {
        let mut at = workspace.root.folder.as_str();
        loop {
            let path = in_folder(at, "uv.toml");
            if let Ok(source) = tree.read(&path) {
                match toml(&source.text) {
                    Ok(document) => return Self { source, table: Some(document) },
                    Err(error) => verdict.unclear(Unclear::at(
                        format!("{path} cannot be read: {}", error.message),
                        source.whole(),
                    )),
                }
            }
            let manifest = tree.read(&in_folder(at, "pyproject.toml")).ok();
            let document = manifest.and_then(|source| Some((toml(&source.text).ok()?, source)));
            if let Some((document, source)) = document
                && let Some(table) = document.at(&["tool", "uv"])
            {
                return Self { source, table: Some(table.clone()) };
            }
            if at.is_empty() {
                return Self { source: workspace.root.source.clone(), table: None };
            }
            at = folder(at);
        }
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.table.as_ref()?.get(key)
    }

    /// Compares what `[options]` of the lock recorded.
    pub(super) fn options(&self, lock: &Source, document: &Value, verdict: &mut Verdict) {
        let recorded = document.get("options");
        let recorded = |key: &str| recorded.and_then(|options| options.get(key));
        for (key, own, default) in [
            ("resolution-mode", "resolution", "highest"),
            ("prerelease-mode", "prerelease", "if-necessary-or-explicit"),
            ("fork-strategy", "fork-strategy", "requires-python"),
        ] {
            let has = recorded(key).and_then(Value::text).unwrap_or(default);
            let setting = self.get(own);
            if setting.is_some_and(|setting| setting.text().is_none()) {
                let why = format!("`{own}` of {} is set for single packages", self.source.path);
                verdict.unclear(Unclear::at(why, self.source.whole()));
                continue;
            }
            let asked = setting.and_then(Value::text).unwrap_or(default);
            if has != asked {
                let what = format!("`{own}` is not what the lock was made with");
                let reason = self.reason(what, setting, lock, recorded(key));
                verdict.drift(reason.expected(asked).found(has));
            }
        }
        self.exclude_newer(lock, &recorded, verdict);
    }

    fn exclude_newer<'v>(
        &self,
        lock: &Source,
        recorded: &dyn Fn(&str) -> Option<&'v Value>,
        verdict: &mut Verdict,
    ) {
        for key in ["exclude-newer", "exclude-newer-package"] {
            let (asked, has) = (self.get(key), recorded(key));
            match (asked, has) {
                (None, None) => {}
                (Some(_), None) | (None, Some(_)) => {
                    let what = if asked.is_some() {
                        format!("`{key}` is set, and the lock was made without it")
                    } else {
                        format!("the lock was made with `{key}`, which is no longer set")
                    };
                    verdict.drift(self.reason(what, asked, lock, has));
                }
                (Some(asked), Some(has)) => {
                    let is_moment = |value: &Value| value.text().is_some_and(|text| text.contains('T'));
                    if asked.is_same(has) && recorded("exclude-newer-span").is_none() {
                        continue;
                    }
                    if key == "exclude-newer" && is_moment(asked) && is_moment(has) {
                        let what = format!("`{key}` is not what the lock was made with");
                        verdict.drift(self.reason(what, Some(asked), lock, Some(has)));
                    } else if key == "exclude-newer"
                        && recorded("exclude-newer-span").is_some_and(|span| span.is_same(asked))
                    {
                        // A span counts from whenever uv runs: the same span is the same setting.
                    } else {
                        let why = format!(
                            "`{key}` is a day or a span, and the lock has the moment that it came to"
                        );
                        verdict.unclear(Unclear::at(why, self.source.place(&asked.span)));
                    }
                }
            }
        }
    }

    fn reason(&self, what: String, own: Option<&Value>, lock: &Source, has: Option<&Value>) -> Reason {
        let mut reason = Reason::new(Drift::SettingsDiffer, Breaks::Both, what, MEND);
        reason = match own {
            Some(own) => reason.in_manifest(self.source.place(&own.span)),
            None => reason.in_manifest(self.source.whole()),
        };
        match has {
            Some(has) => reason.in_lock(lock.place(&has.span)),
            None => reason,
        }
    }

    /// The indexes that packages may come from; `None`: none is set, and those of the lock stay.
    pub(super) fn indexes(&self) -> Option<BTreeSet<String>> {
        let mut found = BTreeSet::new();
        let mut has_default = false;
        for index in self.get("index").into_iter().flat_map(Value::items) {
            found.extend(index.text_of("url").map(index_url));
            has_default |= index.get("default").and_then(Value::bool) == Some(true);
        }
        if let Some(url) = self.get("index-url").and_then(Value::text) {
            found.insert(index_url(url));
            has_default = true;
        }
        for key in ["extra-index-url", "find-links"] {
            for url in self.get(key).into_iter().flat_map(Value::items) {
                found.extend(url.text().map(index_url));
            }
        }
        if found.is_empty() {
            return None;
        }
        if !has_default {
            found.insert("https://pypi.org/simple".to_owned());
        }
        Some(found)
    }

    /// The file of the settings.
    pub(super) fn source(&self) -> &Source {
        &self.source
    }
}

/// Compares lists of environments, which uv takes in their order.
pub(super) fn environments(
    workspace: &Workspace,
    lock: &Source,
    document: &Value,
    pythons: &PythonRange,
    verdict: &mut Verdict,
) {
    for (key, recorded) in
        [("environments", "supported-markers"), ("required-environments", "required-markers")]
    {
        let (asked, has) = (workspace.root.uv(key), document.get(recorded));
        let of = |value: Option<&Value>| -> Vec<Option<Marker>> {
            let Some(value) = value else { return Vec::new() };
            let texts = value.items().chain((value.items().len() == 0).then_some(value));
            texts.filter_map(Value::text).map(Marker::parse).collect()
        };
        let (ours, theirs) = (of(asked), of(has));
        let mut same = if ours.len() == theirs.len() { Same::Yes } else { Same::No };
        for (one, two) in ours.iter().zip(&theirs) {
            let answer = match (one, two) {
                (Some(one), Some(two)) => one.same(two, pythons),
                _ => Same::Unclear,
            };
            same = match (same, answer) {
                (Same::No, _) | (_, Same::No) => Same::No,
                (Same::Unclear, _) | (_, Same::Unclear) => Same::Unclear,
                _ => Same::Yes,
            };
        }
        let place = asked
            .map_or_else(|| workspace.root.source.whole(), |asked| workspace.root.source.place(&asked.span));
        match same {
            Same::Yes => {}
            Same::Unclear => {
                verdict.unclear(Unclear::at(format!("the markers of `{key}` cannot be compared"), place));
            }
            Same::No => {
                let what = format!("`{key}` is not what the lock was made with");
                let mut reason =
                    Reason::new(Drift::SettingsDiffer, Breaks::Both, what, MEND).in_manifest(place);
                if let Some(has) = has {
                    reason = reason.in_lock(lock.place(&has.span));
                }
                verdict.drift(reason);
            }
        }
    }
}

/// Compares the sets of what cannot be installed together.
pub(super) fn conflicts(workspace: &Workspace, lock: &Source, document: &Value, verdict: &mut Verdict) {
    type Item = (String, String);
    let package = workspace.root.name().unwrap_or_default();
    let sets = |value: Option<&Value>| -> BTreeSet<BTreeSet<Item>> {
        let sets = value.into_iter().flat_map(Value::items);
        sets.map(|set| {
            let items = set.items().map(|item| {
                let named = |key: &str| item.text_of(key).map(|name| format!("{key} {name}"));
                let of = named("extra").or_else(|| named("group")).unwrap_or_default();
                (item.text_of("package").unwrap_or(&package).to_owned(), of)
            });
            items.collect()
        })
        .collect()
    };
    let (asked, has) = (workspace.root.uv("conflicts"), document.get("conflicts"));
    let (ours, theirs) = (sets(asked), sets(has));
    if ours == theirs {
        return;
    }
    let place =
        asked.map_or_else(|| workspace.root.source.whole(), |asked| workspace.root.source.place(&asked.span));
    if !ours.is_empty() && !theirs.is_empty() {
        let why =
            "the conflicts of [tool.uv] and those of the lock cannot be compared: groups may include others";
        verdict.unclear(Unclear::at(why, place));
        return;
    }
    let what = "`conflicts` is not what the lock was made with";
    let mut reason = Reason::new(Drift::SettingsDiffer, Breaks::Both, what, MEND).in_manifest(place);
    if let Some(has) = has {
        reason = reason.in_lock(lock.place(&has.span));
    }
    verdict.drift(reason);
}
