//! What a lock of NuGet holds (`PackagesLockFileFormat` in NuGet.ProjectModel).

use super::framework::Framework;
use super::range::Range;
use crate::lockfile::data::{Value, json};
use crate::lockfile::ecosystem::{Breaks, Drift, Reason, Source, Verdict};
use std::collections::HashMap;
use std::ops;

/// The version whose names of frameworks are the project's own.
const NAMED: &str = "3";
/// The versions of the form that are known; 2 is that with a central file.
const KNOWN: [&str; 3] = ["1", "2", NAMED];

#[derive(Debug)]
pub(super) struct Lock {
    pub version: String,
    pub targets: Vec<Target>,
}

/// What is locked for one framework, and perhaps one runtime.
#[derive(Debug)]
pub(super) struct Target {
    pub name: String,
    /// `None`: one that is not known here.
    pub framework: Option<Framework>,
    pub runtime: Option<String>,
    pub entries: Vec<Entry>,
    pub span: ops::Range<usize>,
    /// By their names in lower case, the first of each.
    index: HashMap<String, usize>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub name: String,
    pub kind: Kind,
    pub requested: Option<String>,
    pub resolved: Option<String>,
    pub hash: Option<String>,
    /// What it needs, with the range.
    pub needs: Vec<(String, String)>,
    pub span: ops::Range<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Direct,
    Transitive,
    CentralTransitive,
    Project,
    /// Of another kind than are known.
    Other,
}

impl Target {
    pub(super) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.get(*self.index.get(&name.to_ascii_lowercase())?)
    }
}

/// Reads a lock; `None`: it cannot be, and the verdict says so.
pub(super) fn read(source: &Source, make: &str, verdict: &mut Verdict) -> Option<Lock> {
    let root = match json(&source.text) {
        Ok(root) if root.map().is_some() => root,
        Ok(_) => {
            let what = format!("{} is no object", source.path);
            verdict.drift(Reason::new(Drift::Unreadable, Breaks::Both, what, make).in_lock(source.whole()));
            return None;
        }
        Err(malformed) => {
            let what = format!("{} is not JSON: {}", source.path, malformed.message);
            let reason = Reason::new(Drift::Unreadable, Breaks::Both, what, make);
            verdict.drift(reason.in_lock(source.line(malformed.line)));
            return None;
        }
    };
    match version(&root) {
        Ok(version) => Some(parse(&root, version)),
        Err(why) => {
            let place =
                root.get("version").map_or_else(|| source.whole(), |version| source.place(&version.span));
            verdict.version_unknown(why, place);
            None
        }
    }
}

/// The version of a lock, where it is known; otherwise why not.
pub(super) fn version(root: &Value) -> Result<String, String> {
    let version = root.get("version").and_then(Value::scalar).unwrap_or_default();
    match KNOWN.contains(&version) {
        true => Ok(version.to_owned()),
        false => Err(format!("the lock is of version {version:?}, known are 1 to {NAMED}")),
    }
}

/// The targets of a lock whose version is known.
pub(super) fn parse(root: &Value, version: String) -> Lock {
    let mut targets = Vec::new();
    if version == NAMED {
        for entry in root.entries() {
            let Some(framework) = entry.value.text_of("framework") else { continue };
            targets.extend(
                entry
                    .value
                    .get("dependencies")
                    .map(|value| target(&entry.key, framework, value, &entry.span)),
            );
        }
    } else {
        for entry in root.get("dependencies").map(Value::entries).into_iter().flatten() {
            targets.push(target(&entry.key, &entry.key, &entry.value, &entry.span));
        }
    }
    Lock { version, targets }
}

fn target(name: &str, framework: &str, value: &Value, span: &ops::Range<usize>) -> Target {
    let runtime = name.split_once('/').map(|(_, runtime)| runtime.to_owned());
    let framework = framework.split('/').next().unwrap_or_default();
    let mut target = Target {
        name: name.to_owned(),
        framework: Framework::parse(framework),
        runtime,
        entries: Vec::new(),
        span: span.clone(),
        index: HashMap::new(),
    };
    for found in value.entries() {
        let text = |key: &str| found.value.text_of(key).map(str::to_owned);
        let needs = found.value.get("dependencies").map(Value::entries).into_iter().flatten();
        let kind = match text("type").unwrap_or_default().to_ascii_lowercase().as_str() {
            "direct" => Kind::Direct,
            "transitive" => Kind::Transitive,
            "centraltransitive" => Kind::CentralTransitive,
            "project" => Kind::Project,
            _ => Kind::Other,
        };
        target.index.entry(found.key.to_ascii_lowercase()).or_insert(target.entries.len());
        target.entries.push(Entry {
            name: found.key.clone(),
            kind,
            requested: text("requested"),
            resolved: text("resolved"),
            hash: text("contentHash"),
            needs: needs
                .map(|need| (need.key.clone(), need.value.text().unwrap_or_default().to_owned()))
                .collect(),
            span: found.span.clone(),
        });
    }
    target
}

impl Entry {
    /// The range that was asked for when the lock was made.
    pub(super) fn range(&self) -> Option<Range> {
        Range::parse(self.requested.as_deref()?)
    }
}
