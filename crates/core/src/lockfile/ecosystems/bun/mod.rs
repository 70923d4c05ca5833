//! bun: bun.lock, the text form of lockfileVersion 0 to 2. It is JSON with commas after the last item.

mod judge;
mod settings;
#[cfg(test)]
mod tests;
mod walk;

use super::super::data::{Data, Entry, Malformed, Value, json_with_comments};
use super::super::ecosystem::{
    Breaks, Declared, Drift, Ecosystem, Info, Locked, LockedOrigin, Pair, Reason, Role, Source, Unclear,
    Verdict,
};
use super::super::npm_spec::{Spec, split, version};
use super::super::package_json::{Field, Members, Negation, PackageJson, dependencies, is_manifest};
use super::super::tree::{Tree, file_name, folder, is_in, join, relative};
use std::collections::HashSet;

/// bun.
#[derive(Debug)]
pub(super) struct Bun;

static INFO: Info =
    Info { name: "bun", locks: "bun.lock", manifests: "package.json", family: "javascript", make: MEND };

/// What brings a lock up to date.
const MEND: &str = "bun install --lockfile-only";

const SETTINGS: &str = "bunfig.toml";

impl Ecosystem for Bun {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        match file_name(path) {
            _ if is_in(path, &["node_modules"]) => None,
            "package.json" => is_manifest(path).then_some(Role::Manifest),
            "bun.lock" => Some(Role::Lock),
            SETTINGS => Some(Role::Settings),
            _ => None,
        }
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let locks = tree.paths().iter().filter(|path| self.role(path) == Some(Role::Lock));
        locks.map(|lock| pair(tree, lock)).collect()
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
        let (Some(lock), Some(manifest)) = (read(lock), read(manifest)) else { return verdict };
        let value = match parse(&lock) {
            Ok(value) => value,
            Err(malformed) => {
                verdict.drift(unreadable(&lock, &malformed).in_lock(lock.line(malformed.line)));
                return verdict;
            }
        };
        match PackageJson::parse(&manifest) {
            Ok(root) => judge::judge(tree, &lock, &value, root, &mut verdict),
            Err(malformed) => {
                let place = manifest.line(malformed.line);
                verdict.drift(unreadable(&manifest, &malformed).in_manifest(place));
            }
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        let read = PackageJson::parse(manifest);
        Ok(read.map_err(|malformed| unclear(manifest, &malformed))?.declared())
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let value = parse(lock).map_err(|malformed| unclear(lock, &malformed))?;
        Ok(locked(&value))
    }
}

fn parse(lock: &Source) -> Result<Value, Malformed> {
    let value = json_with_comments(&lock.text)?;
    let message = match value.map() {
        None => "it is not a map",
        Some(map) if map.get("lockfileVersion").is_none() => "it has no lockfileVersion",
        Some(map) if map.get("workspaces").and_then(Value::map).is_none() => "it has no workspaces",
        Some(_) => return Ok(value),
    };
    Err(Malformed { line: None, message: message.to_owned() })
}

fn what_is_wrong(source: &Source, malformed: &Malformed) -> String {
    format!("{} cannot be read: {}", source.path, malformed.message)
}

fn unclear(source: &Source, malformed: &Malformed) -> Unclear {
    Unclear::at(what_is_wrong(source, malformed), source.line(malformed.line))
}

fn unreadable(source: &Source, malformed: &Malformed) -> Reason {
    let path = &source.path;
    let is_lock = file_name(path) == "bun.lock";
    let mend = if is_lock { format!("rm {path} && {MEND}") } else { format!("mend {path}, then {MEND}") };
    Reason::new(Drift::Unreadable, Breaks::Both, what_is_wrong(source, malformed), mend)
}

fn pair(tree: &Tree<'_>, lock: &str) -> Pair {
    let at = folder(lock);
    let Some(manifest) = join(at, "package.json").filter(|path| tree.has(path)) else {
        return Pair::orphan(lock);
    };
    let mut pair = Pair::new(manifest.clone(), lock);
    let read = |path: &str| PackageJson::parse(&tree.read(path).ok()?).ok();
    if let Some(root) = read(&manifest) {
        pair.members = members(tree, at, &root).unwrap_or_default();
        let packages = pair.members.iter().filter_map(|path| read(path));
        let folders: Vec<String> =
            packages.chain([root]).flat_map(|package| folders(tree, &package)).collect();
        pair.members.extend(folders);
        pair.members.sort_unstable();
        pair.members.dedup();
        pair.members.retain(|path| *path != manifest);
    }
    pair.inputs.extend(join(at, SETTINGS).filter(|path| tree.has(path)));
    pair
}

/// The manifests of the workspace whose root a manifest is.
fn members(tree: &Tree<'_>, at: &str, root: &PackageJson) -> Result<Vec<String>, Unclear> {
    let Some(globs) = root.workspaces() else { return Ok(Vec::new()) };
    Ok(Members::new(&globs, Negation::Always)?.manifests(tree, at))
}

/// The manifests of folders that a manifest asks for by their paths.
fn folders(tree: &Tree<'_>, package: &PackageJson) -> Vec<String> {
    let at = folder(&package.source.path);
    let specs = judge::FIELDS.iter().flat_map(|field| package.dependencies(*field));
    let paths = specs.filter_map(|dependency| match Spec::parse(dependency.spec) {
        Spec::Folder(path) => join(at, &format!("{path}/package.json")),
        _ => None,
    });
    paths.filter(|path| tree.has(path)).collect()
}

/// The manifest above whose workspace a folder is a member of: bun takes that for the project.
fn root_above(tree: &Tree<'_>, at: &str) -> Option<String> {
    let mut above = at;
    while !above.is_empty() {
        above = folder(above);
        let path = join(above, "package.json")?;
        let Some(package) = tree.read(&path).ok().and_then(|source| PackageJson::parse(&source).ok()) else {
            continue;
        };
        let Some(globs) = package.workspaces() else { continue };
        let members = Members::new(&globs, Negation::Always).ok()?;
        if relative(above, at).is_some_and(|at| members.has(at)) {
            return Some(path);
        }
    }
    None
}

/// An entry of `packages`: its key says where it is installed, its first item what it is.
#[derive(Clone, Copy, Debug)]
struct Package<'a> {
    entry: &'a Entry,
    name: &'a str,
    /// A version, or where it comes from: `1.2.3`, `workspace:packages/a`, `github:owner/project#commit`.
    at: &'a str,
    /// What it asks for.
    info: Option<&'a Value>,
}

impl<'a> Package<'a> {
    fn read(entry: &'a Entry) -> Option<Self> {
        let (name, at) = split(entry.value.items().next()?.text()?)?;
        let info = entry.value.items().find(|item| item.map().is_some());
        Some(Self { entry, name, at, info })
    }

    /// The folder of the member of the workspace that it is.
    fn member(&self) -> Option<&'a str> {
        self.at.strip_prefix("workspace:")
    }
}

/// Where the package that has one in its folder is installed: of `a/@s/b` it is `a`.
fn owner(key: &str) -> &str {
    let above = folder(key);
    if file_name(above).starts_with('@') { folder(above) } else { above }
}

/// Every package of a lock that is fetched, in the order in which they stand.
fn locked(value: &Value) -> Vec<Locked> {
    let workspaces = || value.get("workspaces").map(Value::entries).unwrap_or_default();
    let names: HashSet<&str> = workspaces().filter_map(|entry| entry.value.text_of("name")).collect();
    let fields = workspaces().flat_map(|entry| judge::FIELDS.iter().map(move |field| (entry, *field)));
    let asked: HashSet<&str> =
        fields.flat_map(|(entry, field)| dependencies(&entry.value, field)).map(|asked| asked.name).collect();
    let packages = value.get("packages").map(Value::entries).unwrap_or_default().filter_map(Package::read);
    packages.filter_map(|package| of_package(&package, &names, &asked)).collect()
}

fn of_package(package: &Package<'_>, members: &HashSet<&str>, asked: &HashSet<&str>) -> Option<Locked> {
    let key = package.entry.key.as_str();
    let (origin, number) = origin(package)?;
    let owner = owner(key);
    let own = key.get(owner.len()..).unwrap_or_default().trim_start_matches('/');
    let is_bundled = package.info.and_then(|info| info.get("bundled")).and_then(Value::bool) == Some(true);
    let items = package.entry.value.items().skip(1).filter_map(Value::text);
    let hashes = items.filter(|item| item.starts_with("sha")).flat_map(str::split_whitespace);
    let mut integrity: Vec<String> = hashes.map(str::to_owned).collect();
    integrity.sort_unstable();
    Some(Locked {
        name: package.name.to_owned(),
        version: number.to_owned(),
        needs_integrity: !is_bundled && matches!(origin, LockedOrigin::Registry(_) | LockedOrigin::Url(_)),
        origin,
        integrity,
        runs_scripts: None,
        is_direct: Some((owner.is_empty() || members.contains(owner)) && asked.contains(own)),
        span: package.entry.span.start..package.entry.value.span.end,
    })
}

/// Where a package comes from, and its version, where it has one; `None`: it is not fetched.
fn origin<'a>(package: &Package<'a>) -> Option<(LockedOrigin, &'a str)> {
    let at = package.at;
    if ["workspace:", "root:", "link:"].iter().any(|start| at.starts_with(start)) {
        return None;
    }
    if version(at).is_some() {
        let second = package.entry.value.items().nth(1).and_then(Value::text);
        let registry = second.filter(|address| !address.is_empty()).map(str::to_owned);
        return Some((LockedOrigin::Registry(registry), at));
    }
    let origin = match Spec::parse(at) {
        Spec::Git(git) => LockedOrigin::Git { url: git.url, commit: git.committish },
        Spec::Url(url) => LockedOrigin::Url(url),
        Spec::Folder(path) | Spec::File(path) => LockedOrigin::Path(path),
        _ => LockedOrigin::Url(at.to_owned()),
    };
    Some((origin, ""))
}

/// The texts of a list.
fn texts(value: Option<&Value>) -> HashSet<&str> {
    match value.map(|value| &value.data) {
        Some(Data::List(items)) => items.iter().filter_map(Value::text).collect(),
        _ => HashSet::new(),
    }
}

/// What a package asks for, by fields; of what is optional and production alike only the former counts.
fn asked(value: &Value) -> impl Iterator<Item = super::super::package_json::Dependency<'_>> {
    let optional: HashSet<&str> =
        dependencies(value, Field::OptionalDependencies).map(|asked| asked.name).collect();
    let all = judge::FIELDS.iter().flat_map(|field| dependencies(value, *field));
    all.filter(move |asked| asked.field != Field::Dependencies || !optional.contains(asked.name))
}
