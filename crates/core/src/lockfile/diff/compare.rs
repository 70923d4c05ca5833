//! Two versions of a lock, package by package.

use super::codes::Signal;
use super::names::Names;
use super::versions::compare;
use crate::lockfile::{Ecosystem, Locked, LockedOrigin};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// What became of a package.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Delta {
    /// It is there now, and no version of it was.
    Added,
    /// It was there, and no version of it is.
    Removed,
    /// Another version is there.
    Updated,
    /// An older version is there.
    Downgraded,
    /// The version is the same, and something else is not.
    Altered,
}

impl Delta {
    /// The word of a report.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Updated => "updated",
            Self::Downgraded => "downgraded",
            Self::Altered => "altered",
        }
    }
}

/// A signal with its particulars.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Noted {
    /// Which.
    pub signal: Signal,
    /// One sentence, without its stop.
    pub what: String,
}

/// A package that is not as it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The package.
    pub name: String,
    /// What became of it.
    pub delta: Delta,
    /// What was locked.
    pub old: Option<Locked>,
    /// What is locked.
    pub new: Option<Locked>,
    /// Whether a manifest asks for it by name; `None`: nobody can tell.
    pub is_direct: Option<bool>,
    /// What a reviewer should not miss.
    pub signals: Vec<Noted>,
}

/// What is another in `new` than in `old`, by name.
#[must_use]
pub fn differences(
    ecosystem: &dyn Ecosystem,
    old: &[Locked],
    new: &[Locked],
    names: &Names,
) -> Vec<Difference> {
    let (old, new) = (by_name(old), by_name(new));
    let mut found = Vec::new();
    for (name, now) in &new {
        match old.get(name) {
            Some(before) => changed(before, now, &mut found),
            None => found.extend(now.iter().map(|locked| added(ecosystem, locked, names))),
        }
    }
    for (_, gone) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        found.extend(gone.iter().map(|locked| difference(Delta::Removed, Some(locked), None)));
    }
    for difference in &mut found {
        if let Some(new) = &difference.new {
            difference.signals.extend(other_address(new, difference.old.as_ref()));
        }
    }
    found.sort_by(|one, two| (one.delta, &one.name).cmp(&(two.delta, &two.name)));
    found
}

/// Packages by name; one that is there twice alike, as locks of workspaces have them, once.
fn by_name(locked: &[Locked]) -> BTreeMap<&str, Vec<&Locked>> {
    let mut by_name: BTreeMap<&str, Vec<&Locked>> = BTreeMap::new();
    for package in locked {
        // What lies in this tree is not fetched from anybody.
        if matches!(package.origin, LockedOrigin::Path(_)) {
            continue;
        }
        let known = by_name.entry(&package.name).or_default();
        let is_same = |other: &&Locked| {
            other.version == package.version
                && other.origin == package.origin
                && other.integrity == package.integrity
        };
        if !known.iter().any(is_same) {
            known.push(package);
        }
    }
    by_name
}

fn difference(delta: Delta, old: Option<&Locked>, new: Option<&Locked>) -> Difference {
    let package = new.or(old);
    Difference {
        name: package.map(|package| package.name.clone()).unwrap_or_default(),
        delta,
        old: old.cloned(),
        new: new.cloned(),
        is_direct: package.and_then(|package| package.is_direct),
        signals: Vec::new(),
    }
}

fn added(ecosystem: &dyn Ecosystem, new: &Locked, names: &Names) -> Difference {
    let mut difference = difference(Delta::Added, None, Some(new));
    let (signal, how) = match new.is_direct {
        Some(true) => (Signal::NewDirect, "a manifest asks for it"),
        Some(false) => (Signal::NewTransitive, "it came along with another package"),
        None => (Signal::NewTransitive, "the lock does not say who asks for it"),
    };
    let mut note = |signal, what: String| difference.signals.push(Noted { signal, what });
    note(signal, format!("{} is new: {how}", shown(new)));
    if new.runs_scripts == Some(true) {
        note(Signal::InstallScript, format!("{} runs programs when it is installed", shown(new)));
    }
    if let Some(other) = names.look_alike(ecosystem.info().family, &new.name) {
        note(Signal::LookAlike, format!("{} is new, and one edit away from {other}", new.name));
    }
    if is_unencrypted(&new.origin) {
        note(Signal::Unencrypted, format!("{} is fetched without encryption", shown(new)));
    }
    difference
}

/// A package of which there are versions on both sides.
fn changed(old: &[&Locked], new: &[&Locked], found: &mut Vec<Difference>) {
    let same_version = |one: &Locked, all: &[&Locked]| all.iter().any(|other| other.version == one.version);
    for now in new.iter().filter(|now| same_version(now, old)) {
        let before: Vec<&&Locked> = old.iter().filter(|before| before.version == now.version).collect();
        let is_known = before.iter().any(|before| {
            before.origin == now.origin
                && before.integrity == now.integrity
                && before.runs_scripts == now.runs_scripts
        });
        if let (false, Some(before)) = (is_known, before.first()) {
            let mut difference = difference(Delta::Altered, Some(before), Some(now));
            difference.signals = moved(before, now);
            difference.signals.extend(hashes(before, now));
            found.push(difference);
        }
    }
    let mut before: Vec<&&Locked> = old.iter().filter(|one| !same_version(one, new)).collect();
    let mut now: Vec<&&Locked> = new.iter().filter(|one| !same_version(one, old)).collect();
    let order = |one: &&&Locked, two: &&&Locked| {
        compare(&one.version, &two.version).unwrap_or_else(|| one.version.cmp(&two.version))
    };
    before.sort_by(order);
    now.sort_by(order);
    let pairs = before.len().max(now.len());
    for at in 0..pairs {
        found.push(match (before.get(at), now.get(at)) {
            (Some(before), Some(now)) => updated(before, now),
            (None, Some(now)) => {
                // Beside versions that stay: it is compared with one of them.
                let mut difference = difference(Delta::Updated, None, Some(now));
                difference.signals = old.first().map_or_else(Vec::new, |before| moved(before, now));
                difference
            }
            (before, None) => difference(Delta::Removed, before.map(|before| **before), None),
        });
    }
}

fn updated(before: &Locked, now: &Locked) -> Difference {
    let is_down = compare(&before.version, &now.version) == Some(Ordering::Greater);
    let delta = if is_down { Delta::Downgraded } else { Delta::Updated };
    let mut difference = difference(delta, Some(before), Some(now));
    difference.signals = moved(before, now);
    if is_down {
        let what = format!("{} goes down from {} to {}", now.name, before.version, now.version);
        difference.signals.push(Noted { signal: Signal::VersionDown, what });
    }
    if !before.integrity.is_empty() && now.integrity.is_empty() && now.needs_integrity {
        let what = format!("the hash of {} is gone", shown(now));
        difference.signals.push(Noted { signal: Signal::IntegrityWeaker, what });
    }
    difference
}

/// Where a package comes from, and what it does when it comes.
fn moved(before: &Locked, now: &Locked) -> Vec<Noted> {
    let mut signals = Vec::new();
    let mut note = |signal, what: String| signals.push(Noted { signal, what });
    if let (LockedOrigin::Registry(_), LockedOrigin::Git { url, .. } | LockedOrigin::Url(url)) =
        (&before.origin, &now.origin)
    {
        note(Signal::LeftRegistry, format!("{} came from a registry, and comes from {url} now", now.name));
    } else if let (Some(old), Some(new)) = (host(&before.origin), host(&now.origin))
        && old != new
    {
        note(Signal::HostChanged, format!("{} came from {old}, and comes from {new} now", now.name));
    }
    if is_unencrypted(&now.origin) && !is_unencrypted(&before.origin) {
        note(Signal::Unencrypted, format!("{} is fetched without encryption now", now.name));
    }
    if now.runs_scripts == Some(true) && before.runs_scripts == Some(false) {
        note(
            Signal::InstallScript,
            format!("{} runs programs when it is installed, and did not before", shown(now)),
        );
    }
    signals
}

/// Hashes of one version.
fn hashes(before: &Locked, now: &Locked) -> Vec<Noted> {
    let mut signals = Vec::new();
    let strength = |locked: &Locked| locked.integrity.iter().map(|hash| strength(hash)).max().unwrap_or(0);
    if (now.needs_integrity || !now.integrity.is_empty()) && strength(now) < strength(before) {
        let what = if now.integrity.is_empty() {
            format!("the hash of {} is gone", shown(now))
        } else {
            format!("the hash of {} is of a weaker kind than before", shown(now))
        };
        signals.push(Noted { signal: Signal::IntegrityWeaker, what });
    }
    let algorithm = |hash: &String| hash.split([':', '-']).next().unwrap_or_default().to_owned();
    let is_shared = now.integrity.iter().any(|hash| before.integrity.contains(hash));
    // Files are added to a release of Python now and then: hashes beside those that were there.
    let is_comparable = now
        .integrity
        .iter()
        .any(|hash| before.integrity.iter().any(|other| algorithm(other) == algorithm(hash)));
    if is_comparable && !is_shared {
        let what = format!("{} has another hash than before, and the same version", shown(now));
        signals.push(Noted { signal: Signal::IntegrityChanged, what });
    }
    if let (LockedOrigin::Git { commit: Some(old), .. }, LockedOrigin::Git { commit: Some(new), .. }) =
        (&before.origin, &now.origin)
        && old != new
        && before.version == now.version
    {
        // A branch or a tag that moved: for a version that does not change that is the same as another hash.
        let what = format!("{} is of commit {new}, and was of {old}", shown(now));
        signals.push(Noted { signal: Signal::IntegrityChanged, what });
    }
    signals
}

/// The address is that of another package: registries of npm have the name in it.
fn other_address(now: &Locked, before: Option<&Locked>) -> Option<Noted> {
    let LockedOrigin::Registry(Some(url)) = &now.origin else { return None };
    let (path, file) = url.split_once("/-/")?;
    let file = file.rsplit('/').next()?;
    let bare = now.name.rsplit('/').next()?;
    let is_own = path.to_lowercase().replace("%2f", "/").ends_with(&format!("/{}", now.name.to_lowercase()))
        && file.starts_with(bare);
    let was_so = before.is_some_and(|before| before.origin == now.origin);
    (!is_own && !was_so).then(|| Noted {
        signal: Signal::OtherAddress,
        what: format!("{} is fetched from {url}, which is the address of another package", now.name),
    })
}

/// How much a hash withstands: 0 is none.
fn strength(hash: &str) -> u8 {
    let hash = hash.to_ascii_lowercase();
    match () {
        () if hash.starts_with("md5") => 1,
        () if hash.starts_with("sha1") => 2,
        () => 3,
    }
}

fn is_unencrypted(origin: &LockedOrigin) -> bool {
    let url = match origin {
        LockedOrigin::Registry(Some(url)) | LockedOrigin::Url(url) | LockedOrigin::Git { url, .. } => url,
        _ => return false,
    };
    let url = url.strip_prefix("registry+").or_else(|| url.strip_prefix("git+")).unwrap_or(url);
    let is_local =
        ["http://localhost", "http://127.0.0.1", "http://[::1]"].iter().any(|own| url.starts_with(own));
    (url.starts_with("http://") && !is_local) || url.starts_with("git://")
}

/// The host of an address. The two hosts of npm's registry are one, and so are the two addresses of the index of crates.io.
fn host(origin: &LockedOrigin) -> Option<String> {
    let url = match origin {
        LockedOrigin::Registry(Some(url)) | LockedOrigin::Url(url) | LockedOrigin::Git { url, .. } => url,
        _ => return None,
    };
    if url.ends_with("github.com/rust-lang/crates.io-index") || url.ends_with("index.crates.io/") {
        return Some("crates.io".to_owned());
    }
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.to_lowercase();
    Some(match host.as_str() {
        "registry.yarnpkg.com" | "registry.npmjs.org" => "registry.npmjs.org".to_owned(),
        "files.pythonhosted.org" | "pypi.org" => "pypi.org".to_owned(),
        _ => host,
    })
}

fn shown(locked: &Locked) -> String {
    format!("{} {}", locked.name, locked.version).trim_end().to_owned()
}
