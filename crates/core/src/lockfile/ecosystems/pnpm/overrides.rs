//! Overrides, and what they make of the dependencies of a project: a lock records what is asked for after them.

use super::lock::Era;
use super::settings::{Files, Found};
use crate::lockfile::data::{Data, Value};
use crate::lockfile::npm_spec::{range, satisfies, split};
use crate::lockfile::package_json::{Field, PackageJson};
use crate::lockfile::{Place, folder};
use std::collections::HashMap;

/// An override.
#[derive(Clone, Debug)]
pub(super) struct Override<'a> {
    /// As it is written.
    pub(super) selector: &'a str,
    /// What it puts in place, after `$name` and `catalog:`.
    pub(super) value: String,
    pub(super) place: Place,
    parent: Option<Selector<'a>>,
    target: Selector<'a>,
}

#[derive(Clone, Copy, Debug)]
struct Selector<'a> {
    name: &'a str,
    range: Option<&'a str>,
}

/// An override that pnpm refuses, and why.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) why: String,
    pub(super) place: Place,
}

/// What a project asks for, by name and field, after overrides.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked<'a> {
    pub(super) by_field: HashMap<(Field, &'a str), Wanted>,
    /// What cannot be told of it.
    pub(super) unclear: Vec<(String, Place)>,
}

/// A specifier after overrides, and where the one that is written stands.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) specifier: String,
    pub(super) place: Place,
    /// Whether an override has put it there.
    pub(super) is_overridden: bool,
}

/// The overrides of a workspace, as a major reads them.
pub(super) fn read<'a>(files: &'a Files, era: Era) -> Result<Vec<Override<'a>>, Refused> {
    let is_filled = |found: &Found<'a>| found.value.entries().next().is_some();
    let of_manifest = [files.resolutions(), files.in_manifest("overrides")];
    let mut sources: Vec<Found<'a>> = of_manifest.into_iter().flatten().filter(is_filled).collect();
    if era >= Era::V11 {
        sources.clear();
    }
    if era >= Era::V10 && sources.is_empty() {
        sources.extend(files.in_workspace("overrides"));
    }
    let mut overrides: Vec<Override<'a>> = Vec::new();
    for found in sources {
        for entry in found.value.entries() {
            let Some(text) = entry.value.scalar() else { continue };
            let made = make(files, era, &entry.key, text, found.place_of(&entry.key))?;
            match overrides.iter_mut().find(|known| known.selector == entry.key) {
                Some(known) => *known = made,
                None => overrides.push(made),
            }
        }
    }
    Ok(overrides)
}

fn make<'a>(
    files: &'a Files,
    era: Era,
    selector: &'a str,
    text: &str,
    place: Place,
) -> Result<Override<'a>, Refused> {
    let (parent, target) = match delimiter(selector) {
        Some(at) => {
            let (parent, child) = selector.split_at(at);
            (Some(Selector::parse(parent)), Selector::parse(child.get(1..).unwrap_or_default()))
        }
        None => (None, Selector::parse(selector)),
    };
    let mut value = text.to_owned();
    if let Some(name) = text.strip_prefix('$') {
        let fields = [Field::OptionalDependencies, Field::Dependencies, Field::DevDependencies];
        let root = files.root.as_ref();
        let spec = fields
            .iter()
            .find_map(|field| root?.dependencies(*field).filter(|dependency| dependency.name == name).last());
        let refused = || Refused {
            why: format!(
                "the override of {selector} refers to `{text}`, and {name} is no dependency of package.json"
            ),
            place: place.clone(),
        };
        value = spec.ok_or_else(refused)?.spec.to_owned();
    }
    if era >= Era::V9
        && let Some(catalog) = catalog_of(&value)
    {
        let refused = || Refused {
            why: format!(
                "the override of {selector} refers to `{text}`, and no catalog has {} so",
                target.name
            ),
            place: place.clone(),
        };
        value = catalog_entry(files, catalog, target.name).ok_or_else(refused)?.0.to_owned();
    }
    Ok(Override { selector, value, place, parent, target })
}

/// The name of the catalog that a specifier refers to.
pub(super) fn catalog_of(specifier: &str) -> Option<&str> {
    let name = specifier.strip_prefix("catalog:")?.trim();
    Some(if name.is_empty() { "default" } else { name })
}

/// What a catalog of pnpm-workspace.yaml has under a name, and where.
pub(super) fn catalog_entry<'a>(files: &'a Files, catalog: &str, name: &str) -> Option<(&'a str, Place)> {
    let named = files.in_workspace("catalogs").and_then(|found| Some((found, found.value.get(catalog)?)));
    let default = || files.in_workspace("catalog").map(|found| (found, found.value));
    let (found, value) = named.or_else(|| if catalog == "default" { default() } else { None })?;
    let entry = value.map()?.entry(name)?;
    Some((entry.value.scalar()?, found.place_in(&entry.span)))
}

/// Where `parent>child` is parted: at a `>` that belongs to no range.
fn delimiter(selector: &str) -> Option<usize> {
    let bytes = selector.as_bytes();
    let is_range = |b: Option<&u8>| matches!(b, None | Some(b' ' | b'|' | b'@'));
    (1..bytes.len()).find(|at| bytes.get(*at) == Some(&b'>') && !is_range(bytes.get(at - 1)))
}

impl<'a> Selector<'a> {
    fn parse(text: &'a str) -> Self {
        match split(text) {
            Some((name, range)) => Self { name, range: Some(range) },
            None => Self { name: text, range: None },
        }
    }
}

/// What a project asks for. `root` is the folder of the lock.
pub(super) fn asked<'a>(
    manifest: &'a PackageJson,
    overrides: &[Override<'a>],
    era: Era,
    root: &str,
) -> Asked<'a> {
    let mut asked = Asked::default();
    for field in
        [Field::Dependencies, Field::OptionalDependencies, Field::DevDependencies, Field::PeerDependencies]
    {
        let dependencies: HashMap<_, _> =
            manifest.dependencies(field).map(|dependency| (dependency.name, dependency)).collect();
        for (name, dependency) in dependencies {
            let place = manifest.place(&dependency.span());
            let mut wanted =
                Wanted { specifier: dependency.spec.to_owned(), place: place.clone(), is_overridden: false };
            let is_overridable = field != Field::PeerDependencies || era >= Era::V8;
            let found =
                is_overridable.then(|| pick(overrides, manifest, name, dependency.spec, era)).flatten();
            let mut field = field;
            match found {
                Some(Picked::One(one)) if one.value == "-" && era >= Era::V9 => continue,
                Some(Picked::One(one)) => {
                    let value = relocated(one, &manifest.source.path, root, era);
                    match value {
                        Some(value) => wanted.specifier = value,
                        None => asked.unclear.push((
                            format!("the override of {} names a path that pnpm makes absolute", one.selector),
                            one.place.clone(),
                        )),
                    }
                    wanted.is_overridden = true;
                    let is_peer = field == Field::PeerDependencies && era >= Era::V10;
                    if is_peer && range(&wanted.specifier).is_none() && !wanted.specifier.contains(':') {
                        field = Field::Dependencies;
                    }
                }
                Some(Picked::Unclear(one)) => asked.unclear.push((
                    format!(
                        "which override of {} goes before the others hangs on their order",
                        one.target.name
                    ),
                    one.place.clone(),
                )),
                None => {}
            }
            asked.by_field.insert((field, name), wanted);
        }
    }
    asked
}

enum Picked<'o, 'a> {
    One(&'o Override<'a>),
    /// Two that differ fit, and none is narrower.
    Unclear(&'o Override<'a>),
}

fn pick<'o, 'a>(
    overrides: &'o [Override<'a>],
    manifest: &PackageJson,
    name: &str,
    specifier: &str,
    era: Era,
) -> Option<Picked<'o, 'a>> {
    let fits = |one: &&Override<'a>| {
        one.target.name == name && is_meant(one.target.range, specifier, &one.value, era)
    };
    let of_parent = |one: &&Override<'a>| {
        one.parent.is_some_and(|parent| {
            parent.name == manifest.name()
                && parent.range.is_none_or(|range| {
                    range.is_empty() || satisfies(manifest.version(), range) == Some(true)
                })
        })
    };
    let narrow: Vec<_> = overrides.iter().filter(of_parent).filter(fits).collect();
    let candidates = if narrow.is_empty() {
        overrides.iter().filter(|one| one.parent.is_none()).filter(fits).collect()
    } else {
        narrow
    };
    let (first, rest) = candidates.split_first()?;
    if rest.iter().all(|one| one.value == first.value) {
        return Some(Picked::One(first));
    }
    // pnpm sorts them by which range lies in which. One with a range goes before one without; the rest is its sort's.
    let ranged: Vec<_> = candidates.iter().filter(|one| one.target.range.is_some()).collect();
    match ranged.as_slice() {
        [one] => Some(Picked::One(one)),
        _ => Some(Picked::Unclear(first)),
    }
}

/// Whether an override of some range is about a specifier.
fn is_meant(target: Option<&str>, specifier: &str, value: &str, era: Era) -> bool {
    let Some(text) = target else { return true };
    if text.is_empty() {
        // `name@`: newer pnpm puts the version wherever it satisfies what is asked for.
        return if era >= Era::V11 { satisfies(value, specifier) == Some(true) } else { true };
    }
    if text == specifier {
        return true;
    }
    let read = |text: &str| nodejs_semver::Range::parse(text.trim()).ok();
    let (Some(target), Some(asked)) = (read(text), read(specifier)) else { return false };
    if era <= Era::V7 { target.allows_all(&asked) } else { target.allows_any(&asked) }
}

/// The value of an override as a project sees it; `None`: pnpm makes it an absolute path.
fn relocated(one: &Override<'_>, manifest: &str, root: &str, era: Era) -> Option<String> {
    let (protocol, path) = match one.value.split_once(':') {
        Some((protocol @ ("file" | "link"), path)) => (protocol, path),
        _ => return Some(one.value.clone()),
    };
    if path.starts_with('/') {
        return Some(one.value.clone());
    }
    if protocol == "file" && era <= Era::V8 {
        return None;
    }
    let from = crate::lockfile::relative(root, folder(manifest))?;
    let target = crate::lockfile::join("", path)?;
    let depth = from.split('/').filter(|part| !matches!(*part, "." | "")).count();
    if depth == 0 {
        return Some(format!("{protocol}:{target}"));
    }
    let mut parts: Vec<&str> = target.split('/').collect();
    let mut up = depth;
    for part in from.split('/') {
        if parts.len() > 1 && parts.first() == Some(&part) {
            parts.remove(0);
            up -= 1;
        } else {
            break;
        }
    }
    Some(format!("{protocol}:{}{}", "../".repeat(up), parts.join("/")))
}

/// A map of texts, for maps that are compared as a whole.
pub(super) fn texts(value: &Value) -> Vec<(&str, &str)> {
    match &value.data {
        Data::Map(map) => {
            map.iter().map(|entry| (entry.key.as_str(), entry.value.scalar().unwrap_or_default())).collect()
        }
        _ => Vec::new(),
    }
}
