//! NuGet: `packages.lock.json` beside a project of `MSBuild`.
//!
//! What the lock must say is decided by `PackagesLockFileUtilities.IsLockFileValid` of NuGet.ProjectModel: the frameworks and
//! runtimes of the project, its packages with the ranges that were asked for, the versions of the central file, and what
//! the projects that it refers to need. A project is a program of `MSBuild`: what the SDK, the machine or the command line
//! decides is left open.

mod compare;
mod condition;
mod framework;
mod items;
mod lock;
mod project;
mod projects;
mod range;
mod references;
mod sdk;

#[cfg(test)]
mod tests;

use self::projects::Projects;
use self::range::Range;
use crate::lockfile::data::json;
use crate::lockfile::ecosystem::{
    Declared, Ecosystem, Info, Kind, Locked, LockedOrigin, Origin, Pair, Precision, Role, Source, Unclear,
    Verdict,
};
use crate::lockfile::tree::{Tree, file_name, folder, is_in, join};
use roxmltree::Node;

/// NuGet of .NET SDK 5 and later.
#[derive(Debug)]
pub(super) struct NuGet;

static INFO: Info = Info {
    name: "nuget",
    locks: LOCK,
    manifests: "*.csproj, *.fsproj, *.vbproj",
    family: "nuget",
    make: "dotnet restore --use-lock-file",
};

const LOCK: &str = "packages.lock.json";

fn is_lock(name: &str) -> bool {
    name == LOCK || (name.starts_with("packages.") && name.ends_with(".lock.json"))
}

impl Ecosystem for NuGet {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        let name = file_name(path);
        let role = match name {
            name if is_lock(name) => Role::Lock,
            name if project::is_project(name) => Role::Manifest,
            name if [".props", ".targets", ".rsp"].iter().any(|end| name.ends_with(end)) => Role::Settings,
            _ => return None,
        };
        (!is_in(path, &["node_modules", "obj", "bin"])).then_some(role)
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let locks = tree.paths().iter().filter(|path| self.role(path) == Some(Role::Lock));
        let projects = Projects::new(tree);
        locks.map(|lock| pair(tree, &projects, lock)).collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        compare::judge(tree, pair)
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        let unclear =
            || Unclear::at(format!("{} is no XML that could be read", manifest.path), manifest.whole());
        let document = project::parse(manifest).ok_or_else(unclear)?;
        let packages = document.descendants().filter(|node| node.tag_name().name() == "PackageReference");
        Ok(packages.filter_map(|node| declared(&node)).collect())
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let unclear = |why: String| Unclear::at(why, lock.whole());
        let root = json(&lock.text)
            .map_err(|malformed| unclear(format!("{} is not JSON: {}", lock.path, malformed.message)))?;
        let version = lock::version(&root).map_err(|why| unclear(format!("{}: {why}", lock.path)))?;
        let targets = lock::parse(&root, version).targets;
        let entries = targets.into_iter().flat_map(|target| target.entries);
        let mut locked: Vec<Locked> =
            entries.filter(|entry| entry.kind != lock::Kind::Project).map(locked).collect();
        // One package is locked once for each framework and runtime.
        locked.sort_by(|one, two| {
            (&one.name, &one.version, one.span.start).cmp(&(&two.name, &two.version, two.span.start))
        });
        locked.dedup_by(|next, first| {
            let is_same =
                next.name == first.name && next.version == first.version && next.integrity == first.integrity;
            if is_same && next.is_direct == Some(true) {
                first.is_direct = Some(true);
            }
            is_same
        });
        Ok(locked)
    }
}

fn locked(entry: lock::Entry) -> Locked {
    Locked {
        name: entry.name,
        version: entry.resolved.unwrap_or_default(),
        origin: LockedOrigin::Registry(None),
        integrity: entry.hash.into_iter().map(|hash| format!("sha512-{hash}")).collect(),
        needs_integrity: true,
        // Scripts of packages are run by no restore into a project; what they bring for the build is.
        runs_scripts: None,
        is_direct: Some(entry.kind == lock::Kind::Direct),
        span: entry.span,
    }
}

fn declared(node: &Node<'_, '_>) -> Option<Declared> {
    let name = node.attribute("Include")?;
    let data = |wanted: &str| {
        let inner = node.children().find(|inner| inner.tag_name().name() == wanted);
        let text = node.attribute(wanted).map(str::to_owned).or_else(|| Some(project::text_in(&inner?)));
        text.map(|text| text.trim().to_owned())
    };
    // What the central file or a property says is not known here.
    let requirement = data("VersionOverride").or_else(|| data("Version"));
    let precision = match requirement.as_deref().filter(|text| !text.contains("$(")) {
        None => Precision::None,
        Some(text) if text == "*" || text.starts_with("*-") => Precision::Any,
        Some(text) if Range::parse(text).is_some_and(|range| range.is_exact()) => Precision::Exact,
        Some(_) => Precision::Range,
    };
    let is_private = data("PrivateAssets").is_some_and(|assets| assets.eq_ignore_ascii_case("all"));
    (!name.is_empty() && !name.contains(['$', '@', ';'])).then(|| Declared {
        name: name.to_owned(),
        requirement: requirement.unwrap_or_default(),
        kind: if is_private { Kind::Development } else { Kind::Production },
        precision,
        origin: Origin::Registry(None),
        span: node.range(),
    })
}

/// The project of a lock: the one beside it. A lock that a project names elsewhere by `NuGetLockFilePath` goes with nothing
/// that its place would tell.
fn pair(tree: &Tree<'_>, projects: &Projects<'_, '_>, lock: &str) -> Pair {
    let at = folder(lock);
    let beside: Vec<&str> = tree.files_in(at).filter(|path| project::is_project(path)).collect();
    let stem = |path: &str| file_name(path).rsplit_once('.').map(|(stem, _)| stem.replace(' ', "_"));
    let named = file_name(lock).strip_prefix("packages.").and_then(|rest| rest.strip_suffix(".lock.json"));
    let own = match named {
        Some(name) => beside.iter().find(|path| stem(path).as_deref() == Some(name)),
        // Projects with a lock of their own name do not read this one.
        None => beside.iter().find(|path| {
            let own = stem(path).and_then(|stem| join(at, &format!("packages.{stem}.lock.json")));
            own.is_some_and(|own| !tree.has(&own))
        }),
    };
    let elsewhere = || {
        let mut settings = tree.paths().iter().copied().filter(|path| {
            project::is_project(path) || path.ends_with(".props") || path.ends_with(".targets")
        });
        settings.find(|path| tree.read(path).is_ok_and(|source| source.text.contains("NuGetLockFilePath")))
    };
    // Projects of other kinds, and programs of one file.
    let other = || {
        tree.files_in(at).find(|path| ["proj", ".cs", ".csx", ".fsx"].iter().any(|end| path.ends_with(end)))
    };
    let Some(manifest) = own.copied().or_else(other).or_else(elsewhere) else { return Pair::orphan(lock) };
    let mut pair = Pair::new(manifest, lock);
    if project::is_project(manifest) {
        pair.inputs = projects::inputs(projects, manifest);
    }
    pair
}
