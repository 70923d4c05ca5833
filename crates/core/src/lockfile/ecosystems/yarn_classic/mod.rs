//! yarn 1: yarn.lock without `__metadata`.

mod judge;
mod parse;
#[cfg(test)]
mod tests;

use self::parse::{Entry, parse};
use super::super::data::Malformed;
use super::super::ecosystem::{
    Breaks, Declared, Drift, Ecosystem, Info, Locked, LockedOrigin, Pair, Place, Reason, Role, Source,
    Unclear, Verdict,
};
use super::super::npm_spec::{Spec, split};
use super::super::package_json::{Members, Negation, PackageJson, is_manifest};
use super::super::tree::{Tree, file_name, folder, is_in, join};

/// yarn 1.
#[derive(Debug)]
pub(super) struct YarnClassic;

static INFO: Info = Info {
    name: "yarn-classic",
    locks: "yarn.lock",
    manifests: "package.json",
    family: "javascript",
    make: MEND,
};

/// What brings a lock up to date; yarn 1 cannot without filling `node_modules`.
const MEND: &str = "yarn install --ignore-scripts";

const LOCK: &str = "yarn.lock";

/// Whether a yarn.lock is one of yarn 2 and later.
pub(super) fn is_berry(text: &str) -> bool {
    text.split('\n').any(|line| line.starts_with("__metadata:"))
}

impl Ecosystem for YarnClassic {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        match file_name(path) {
            _ if is_in(path, &["node_modules"]) => None,
            "package.json" => is_manifest(path).then_some(Role::Manifest),
            LOCK => Some(Role::Lock),
            _ => None,
        }
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let is_lock = |path: &&&str| self.role(path) == Some(Role::Lock);
        // What cannot be read is nobody's, and so it is told here.
        let is_own = |path: &&&str| !tree.read(path).is_ok_and(|source| is_berry(&source.text));
        tree.paths().iter().filter(is_lock).filter(is_own).map(|lock| pair(tree, lock)).collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        let (Some(lock), Some(manifest)) = (&pair.lock, &pair.manifest) else { return verdict };
        let mut read = |path: &str| match tree.read(path) {
            Ok(source) => Some(source),
            Err(unread) => {
                verdict.unread(path, &unread);
                None
            }
        };
        let (Some(source), Some(manifest)) = (read(lock), read(manifest)) else { return verdict };
        let manifest = match PackageJson::parse(&manifest) {
            Ok(manifest) => manifest,
            Err(malformed) => {
                verdict.drift(unreadable(&manifest, &malformed, false).0);
                return verdict;
            }
        };
        match parse(&source.text) {
            Ok(parsed) => match parsed.version.clone().filter(|(version, _)| *version > 1) {
                Some((version, span)) => {
                    verdict.version_unknown(
                        format!("{lock} says that it is of version {version}"),
                        source.place(&span),
                    );
                }
                None => judge::judge(tree, &source, &parsed, &manifest, &mut verdict),
            },
            Err(malformed) => verdict.drift(unreadable(&source, &malformed, true).0),
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        let parsed =
            PackageJson::parse(manifest).map_err(|malformed| unreadable(manifest, &malformed, false).1)?;
        Ok(parsed.declared())
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let parsed = parse(&lock.text).map_err(|malformed| unreadable(lock, &malformed, true).1)?;
        Ok(parsed.entries.iter().filter_map(locked).collect())
    }
}

fn pair(tree: &Tree<'_>, lock: &str) -> Pair {
    let at = folder(lock);
    let Some(manifest) = join(at, "package.json").filter(|path| tree.has(path)) else {
        return Pair::orphan(lock);
    };
    let mut pair = Pair::new(manifest.clone(), lock);
    if let Some(package) = tree.read(&manifest).ok().and_then(|source| PackageJson::parse(&source).ok()) {
        pair.members = members(tree, at, &package).unwrap_or_default();
    }
    pair
}

/// The manifests of the workspace whose root a manifest is.
fn members(tree: &Tree<'_>, at: &str, package: &PackageJson) -> Result<Vec<String>, Unclear> {
    let Some(globs) = package.workspaces() else { return Ok(Vec::new()) };
    Ok(Members::new(&globs, Negation::Never)?.manifests(tree, at))
}

fn locked(entry: &Entry) -> Option<Locked> {
    let (installed, spec) = split(entry.patterns.first()?)?;
    let spec = Spec::parse(spec);
    let is_linked = matches!(&spec, Spec::Other { protocol, .. } if protocol == "link");
    if is_linked {
        return None;
    }
    let (url, hash) = match entry.resolved.as_deref() {
        Some(resolved) => {
            resolved.split_once('#').map_or((Some(resolved), None), |(url, hash)| (Some(url), Some(hash)))
        }
        None => (None, None),
    };
    let origin = match (&spec, url) {
        (Spec::Folder(path) | Spec::File(path), _) => LockedOrigin::Path(path.clone()),
        (Spec::Git(git), url) => {
            LockedOrigin::Git { url: url.unwrap_or(&git.url).to_owned(), commit: hash.map(str::to_owned) }
        }
        (Spec::Url(_), Some(url)) => LockedOrigin::Url(url.to_owned()),
        (_, url) => LockedOrigin::Registry(url.map(str::to_owned)),
    };
    // Before there was `integrity` the hash stood behind the address.
    let is_fetched = matches!(origin, LockedOrigin::Registry(_) | LockedOrigin::Url(_));
    let old = hash.filter(|_| is_fetched && entry.integrity.is_none()).map(|hash| format!("sha1:{hash}"));
    let mut integrity: Vec<String> = entry
        .integrity
        .as_deref()
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .chain(old)
        .collect();
    integrity.sort_unstable();
    Some(Locked {
        name: spec.package().unwrap_or(installed).to_owned(),
        version: entry.version.clone(),
        origin,
        integrity,
        needs_integrity: is_fetched,
        runs_scripts: None,
        is_direct: None,
        span: entry.span.clone(),
    })
}

/// What to say of a text that cannot be read.
fn unreadable(source: &Source, malformed: &Malformed, is_lock: bool) -> (Reason, Unclear) {
    let path = &source.path;
    let form = if is_lock { "a yarn.lock" } else { "JSON" };
    let what = format!("{path} cannot be read as {form}: {}", malformed.message);
    let place = malformed.line.map_or_else(|| source.whole(), |line| line_place(source, line));
    let mend = if is_lock { format!("rm {path} && {MEND}") } else { format!("mend {path}, then {MEND}") };
    let reason = Reason::new(Drift::Unreadable, Breaks::Both, what.clone(), mend);
    let reason = if is_lock { reason.in_lock(place.clone()) } else { reason.in_manifest(place.clone()) };
    (reason, Unclear::at(what, place))
}

fn line_place(source: &Source, line: u32) -> Place {
    let before = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let start: usize = source.text.split_inclusive('\n').take(before).map(str::len).sum();
    source.place(&(start..start))
}
