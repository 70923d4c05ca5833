//! pnpm-lock.yaml of pnpm 6 and later. A lock has a copy of what every project of the workspace asks for, after overrides,
//! and of the settings that decide what is chosen; pnpm compares both text by text, and so does this.

mod check;
mod hash;
mod lock;
mod overrides;
mod recorded;
mod settings;

use self::check::{Workspace, closure};
use self::lock::{Broken, Era, Form, Lock};
use self::settings::{Files, beside};
use crate::lockfile::data::Value;
use crate::lockfile::package_json::{Members, Negation, PackageJson, is_manifest};
use crate::lockfile::{
    Answer, Breaks, Declared, Drift, Ecosystem, Info, Locked, LockedOrigin, Pair, Place, Reason, Role,
    Source, Tree, Unclear, Verdict, file_name, folder, is_in, relative,
};
use std::collections::HashSet;

/// pnpm.
#[derive(Debug)]
pub(super) struct Pnpm;

static INFO: Info = Info {
    name: "pnpm",
    locks: "pnpm-lock.yaml",
    manifests: "package.json",
    family: "javascript",
    make: "pnpm install --lockfile-only",
};

const WORKSPACE: &str = "pnpm-workspace.yaml";

impl Ecosystem for Pnpm {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        if is_in(path, &["node_modules"]) {
            return None;
        }
        match file_name(path) {
            name if is_lock(name) => Some(Role::Lock),
            _ if is_manifest(path) => Some(Role::Manifest),
            WORKSPACE | ".npmrc" | ".pnpmfile.cjs" | ".pnpmfile.mjs" => Some(Role::Settings),
            _ => None,
        }
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let locks = tree.paths().iter().filter(|path| self.role(path) == Some(Role::Lock));
        locks.map(|path| pair(tree, path)).collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        let Some(path) = &pair.lock else { return verdict };
        match tree.read(path) {
            Ok(source) => judge(tree, &source, &mut verdict),
            Err(unread) => verdict.unread(path, &unread),
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        let read = PackageJson::parse(manifest);
        let unclear = |why: crate::lockfile::data::Malformed| Unclear::at(why.message, manifest.whole());
        Ok(read.map_err(unclear)?.declared())
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        match Lock::read(lock) {
            Ok(lock) => Ok(locked(&lock)),
            Err(Broken::Empty) => Ok(Vec::new()),
            Err(Broken::Malformed(why)) => Err(Unclear::at(why.message, lock.whole())),
            Err(Broken::NoVersion) => Err(Unclear::at("it has no lockfileVersion", lock.whole())),
            Err(Broken::Version(version, span)) => {
                Err(Unclear::at(format!("lockfileVersion `{version}` is not known"), lock.place(&span)))
            }
        }
    }
}

/// `pnpm-lock.yaml`, or `pnpm-lock.BRANCH.yaml` of `git-branch-lockfile`.
fn is_lock(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("pnpm-lock.") else { return false };
    rest == "yaml" || rest.strip_suffix(".yaml").is_some_and(|branch| !branch.is_empty())
}

fn pair(tree: &Tree<'_>, path: &str) -> Pair {
    let root = folder(path);
    let (manifest, workspace) = (beside(root, "package.json"), beside(root, WORKSPACE));
    let mut pair = match [&manifest, &workspace].into_iter().find(|path| tree.has(path)) {
        Some(found) => Pair::new(found.clone(), path),
        None => return Pair::orphan(path),
    };
    let inputs = [workspace, beside(root, ".npmrc"), beside(root, ".pnpmfile.cjs")];
    pair.inputs = inputs.into_iter().filter(|path| tree.has(path)).collect();
    if let Ok(files) = Files::read(tree, root) {
        pair.members = members(tree, &files, root).unwrap_or_default();
        let folders: Vec<String> =
            pair.members.iter().chain([&manifest]).flat_map(|path| copied(tree, path)).collect();
        pair.members.extend(folders);
        pair.members.sort_unstable();
        pair.members.dedup();
        let sections = [Era::V9, Era::V11].map(|era| files.section(era, "patchedDependencies"));
        for found in sections.into_iter().flatten() {
            let paths = found.value.entries().filter_map(|entry| entry.value.text());
            pair.inputs.extend(paths.filter_map(|path| crate::lockfile::join(root, path)));
        }
    }
    let manifest = pair.manifest.clone();
    pair.inputs.retain(|path| Some(path) != manifest.as_ref());
    pair
}

/// The package.json of every folder that a project asks for by `file:`: what they ask for is in the lock too.
fn copied(tree: &Tree<'_>, manifest: &str) -> Vec<String> {
    let source = tree.read(manifest).ok().filter(|source| source.text.contains("\"file:"));
    let Some(project) = source.and_then(|source| PackageJson::parse(&source).ok()) else { return Vec::new() };
    let folders = crate::lockfile::package_json::FIELDS.iter().flat_map(|field| project.dependencies(*field));
    let folders = folders.filter_map(|dependency| dependency.spec.strip_prefix("file:"));
    let paths = folders.filter_map(|path| crate::lockfile::join(folder(manifest), path));
    paths.map(|path| beside(&path, "package.json")).filter(|path| tree.has(path)).collect()
}

/// The package.json of every project besides that of the root.
fn members(tree: &Tree<'_>, files: &Files, root: &str) -> Result<Vec<String>, Unclear> {
    let Some(packages) = files.in_workspace("packages").filter(|_| is_shared(files)) else {
        return Ok(Vec::new());
    };
    let globs: Vec<&str> = packages.value.items().filter_map(Value::scalar).collect();
    let members = Members::new(&globs, Negation::Always)
        .map_err(|unclear| Unclear { place: Some(packages.place()), ..unclear })?;
    Ok(members.manifests(tree, root))
}

/// Whether one lock is of the whole workspace.
fn is_shared(files: &Files) -> bool {
    let is_off = |era| matches!(files.switch(era, "sharedWorkspaceLockfile", true), Ok((false, _)));
    !is_off(Era::V9) && !is_off(Era::V11)
}

/// The files of a workspace further up that the project of this folder is a member of.
fn above(tree: &Tree<'_>, root: &str) -> Option<Files> {
    let mut at = root;
    while !at.is_empty() {
        at = folder(at);
        if !tree.has(&beside(at, WORKSPACE)) {
            continue;
        }
        let files = Files::read(tree, at).ok()?;
        let globs = files.in_workspace("packages")?;
        let globs: Vec<&str> = globs.value.items().filter_map(Value::scalar).collect();
        let members = Members::new(&globs, Negation::Always).ok()?;
        return members.has(relative(at, root)?).then_some(files);
    }
    None
}

fn judge(tree: &Tree<'_>, source: &Source, verdict: &mut Verdict) {
    let make = INFO.make;
    let lock = match Lock::read(source) {
        Ok(lock) => lock,
        Err(broken) => {
            unread(source, broken, verdict);
            return;
        }
    };
    repeated(&lock, verdict);
    let root = folder(&source.path);
    if file_name(&source.path) != "pnpm-lock.yaml" {
        let why = "which lock pnpm takes hangs on the branch that is checked out";
        verdict.unclear(Unclear::at(why, source.whole()));
        return;
    }
    let above = (!tree.has(&beside(root, WORKSPACE))).then(|| above(tree, root)).flatten();
    if let Some(above) = above.as_ref().filter(|above| is_shared(above)) {
        let theirs = beside(&above.base, "pnpm-lock.yaml");
        let why = format!("pnpm reads {theirs} for this project, and this lock not at all");
        verdict.unclear(Unclear::at(why, source.whole()));
        return;
    }
    let mut files = match Files::read(tree, root) {
        Ok(files) => files,
        Err(settings::Broken::Unread(path, unread)) => {
            verdict.unread(&path, &unread);
            return;
        }
        Err(settings::Broken::Malformed(source, why)) => {
            verdict.drift(unreadable(&source, &why, make).in_lock(lock.source.whole()));
            return;
        }
    };
    files.is_alone = !is_shared(&files);
    if let Some(above) = above {
        files = files.alone_in(above);
    }
    let Some(projects) = projects(tree, &files, root, &lock, verdict) else { return };
    let eras = files.eras(&lock);
    let importers = lock.importers();
    let mend = mend(&lock);
    let verdicts: Vec<(Era, Verdict)> = eras
        .iter()
        .map(|era| (*era, of_era(*era, tree, &lock, &files, root, &projects, &importers, mend)))
        .collect();
    merge(verdicts, verdict);
    closure(&lock, &importers, "pnpm install --fix-lockfile --lockfile-only", verdict);
}

fn unreadable(source: &Source, why: &crate::lockfile::data::Malformed, mend: &str) -> Reason {
    let what = format!("{} cannot be read: {}", source.path, why.message);
    let reason = Reason::new(Drift::Unreadable, Breaks::Both, what, mend);
    reason.in_manifest(line_place(source, why.line))
}

fn line_place(source: &Source, line: Option<u32>) -> Place {
    let Some(line) = line.and_then(|line| usize::try_from(line).ok()) else { return source.whole() };
    let start = source.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    source.place(&(start..start))
}

fn unread(source: &Source, broken: Broken, verdict: &mut Verdict) {
    let make = INFO.make;
    match broken {
        Broken::Malformed(why) => {
            let what = format!("{} cannot be read: {}", source.path, why.message);
            let reason = Reason::new(Drift::Unreadable, Breaks::Both, what, make);
            verdict.drift(reason.in_lock(line_place(source, why.line)));
        }
        Broken::Empty => {
            let what = format!("{} is empty", source.path);
            verdict.drift(Reason::new(Drift::Unreadable, Breaks::Both, what, make).in_lock(source.whole()));
        }
        Broken::NoVersion => {
            let what = format!("{} has no lockfileVersion", source.path);
            verdict.drift(Reason::new(Drift::Tampered, Breaks::Both, what, make).in_lock(source.whole()));
        }
        Broken::Version(version, span) => {
            let what = format!("lockfileVersion `{version}` is not known: 5.3, 5.4, 6.0, 6.1 and 9.0 are");
            verdict.version_unknown(what, source.place(&span));
        }
    }
}

/// The command that makes the lock again, with a pnpm that writes its version.
fn mend(lock: &Lock) -> &'static str {
    match lock.form {
        Form::V5 => "npx pnpm@7 install --lockfile-only",
        Form::V6 => "npx pnpm@8 install --lockfile-only",
        Form::V9 => INFO.make,
    }
}

/// A key that stands twice: pnpm refuses such a lock.
fn repeated(lock: &Lock, verdict: &mut Verdict) {
    let mut open = vec![&lock.value];
    while let Some(value) = open.pop() {
        for entry in value.map().into_iter().flat_map(crate::lockfile::data::Map::repeated) {
            let what = format!("{} stands twice in the lock", entry.key);
            let reason = Reason::new(Drift::Repeated, Breaks::Both, what, INFO.make);
            verdict.drift(reason.in_lock(lock.source.place(&entry.span)));
        }
        open.extend(value.entries().map(|entry| &entry.value));
        open.extend(value.items());
    }
}

/// The manifests of the workspace; `None`: one of them cannot be read, and it was said.
fn projects(
    tree: &Tree<'_>,
    files: &Files,
    root: &str,
    lock: &Lock,
    verdict: &mut Verdict,
) -> Option<Vec<PackageJson>> {
    let mut projects: Vec<PackageJson> = files.root.iter().cloned().collect();
    let paths = match members(tree, files, root) {
        Ok(paths) => paths,
        Err(unclear) => {
            verdict.unclear(unclear);
            return None;
        }
    };
    for path in paths {
        match tree.read(&path) {
            Ok(source) => match PackageJson::parse(&source) {
                Ok(project) => projects.push(project),
                Err(why) => {
                    verdict.drift(unreadable(&source, &why, INFO.make).in_lock(lock.source.whole()));
                    return None;
                }
            },
            Err(unread) => {
                verdict.unread(&path, &unread);
                return None;
            }
        }
    }
    Some(projects)
}

#[allow(clippy::too_many_arguments, reason = "they are the parts of one workspace")]
fn of_era(
    era: Era,
    tree: &Tree<'_>,
    lock: &Lock,
    files: &Files,
    root: &str,
    projects: &[PackageJson],
    importers: &[lock::Importer<'_>],
    mend: &str,
) -> Verdict {
    let mut verdict = Verdict::default();
    let overrides = match overrides::read(files, era) {
        Ok(overrides) => overrides,
        Err(refused) => {
            let reason = Reason::new(Drift::SettingsDiffer, Breaks::Both, refused.why, mend);
            verdict.drift(reason.in_manifest(refused.place).in_lock(lock.source.whole()));
            return verdict;
        }
    };
    let switch = |name: &str, default| files.switch(era, name, default).map_or(default, |(on, _)| on);
    let workspace = Workspace {
        tree,
        lock,
        files,
        root,
        projects,
        importers,
        era,
        overrides,
        auto_install_peers: switch("autoInstallPeers", era >= Era::V8),
        exclude_links: switch("excludeLinksFromLockfile", false),
        ignored_optional: match files.section(era, "ignoredOptionalDependencies") {
            Some(found) if era >= Era::V9 => found.value.items().filter_map(Value::scalar).collect(),
            _ => Vec::new(),
        },
        mend,
    };
    let mut settings = Verdict::default();
    workspace.recorded(&mut settings);
    if files.is_alone && era == Era::V10 && files.is_traced() {
        soften(&mut settings, "pnpm 10 reads settings in more than one place where each member has a lock");
    }
    workspace.checksums(&mut verdict);
    let mut of_projects = Verdict::default();
    workspace.check(&mut of_projects);
    let programs = workspace.programs();
    let why_settings = programs.settings.map(|why| (why, &mut settings));
    let why_projects = programs.projects.map(|why| (why, &mut of_projects));
    for (why, part) in [why_settings, why_projects].into_iter().flatten() {
        soften(part, &why);
    }
    verdict.reasons.extend(settings.reasons);
    verdict.reasons.extend(of_projects.reasons);
    workspace.package_manager(&mut verdict);
    verdict
}

/// Programs that may change what is compared: no drift is certain then.
#[derive(Default)]
struct Programs {
    settings: Option<String>,
    projects: Option<String>,
}

impl Workspace<'_> {
    fn programs(&self) -> Programs {
        let mut programs = Programs::default();
        if self.files.section(self.era, "configDependencies").is_some() {
            let why = "a plugin of configDependencies may change the settings".to_owned();
            programs.settings = Some(why.clone());
            programs.projects = Some(why);
        }
        for name in [".pnpmfile.cjs", ".pnpmfile.mjs"] {
            let path = beside(self.root, name);
            let Ok(source) = self.tree.read(&path) else { continue };
            if source.text.contains("updateConfig") {
                programs.settings = Some(format!("updateConfig of {path} may change the settings"));
            }
            if source.text.contains("readPackage") || source.text.contains("updateConfig") {
                programs.projects = Some(format!("a hook of {path} may change what a project asks for"));
            }
        }
        programs
    }

    /// From 11 on a lock may have the package manager itself, of whom not every release asks for it.
    fn package_manager(&self, verdict: &mut Verdict) {
        if self.era < Era::V11 || self.files.named().is_none() {
            return;
        }
        let recorded = self.lock.environment.as_ref();
        if recorded.and_then(|value| value.at(&["importers", ".", "packageManagerDependencies"])).is_none() {
            let why = "package.json names the pnpm to use, and the lock has not recorded it: not every pnpm asks for that";
            verdict.unclear_for(Breaks::Strict, Unclear::at(why, self.lock.source.whole()));
        }
    }
}

/// What is a drift becomes a question.
fn soften(verdict: &mut Verdict, why: &str) {
    for reason in &mut verdict.reasons {
        if reason.drift.is_some() {
            reason.drift = None;
            reason.what = format!("{}; {why}", reason.what);
        }
    }
}

/// What the majors that may have written the lock agree on; where they do not, nobody can tell.
fn merge(verdicts: Vec<(Era, Verdict)>, verdict: &mut Verdict) {
    let answers: HashSet<(Answer, Answer)> =
        verdicts.iter().map(|(_, verdict)| (verdict.strict(), verdict.rewrite())).collect();
    let mut verdicts = verdicts.into_iter().rev();
    let Some((newest, first)) = verdicts.next() else { return };
    let others: Vec<(Era, Verdict)> = verdicts.collect();
    if answers.len() == 1 {
        verdict.reasons.extend(first.reasons);
        return;
    }
    let all = std::iter::once((newest, first)).chain(others).collect::<Vec<_>>();
    for (era, one) in &all {
        for reason in &one.reasons {
            let is_common = all.iter().all(|(_, other)| other.reasons.contains(reason));
            if is_common {
                verdict.reasons.push(reason.clone());
                continue;
            }
            let mut unclear = reason.clone();
            unclear.drift = None;
            unclear.what = format!(
                "{}, as {} sees it: name the pnpm in the field packageManager of package.json",
                reason.what,
                era.name()
            );
            verdict.reasons.push(unclear);
        }
    }
}

fn locked(lock: &Lock) -> Vec<Locked> {
    let importers = lock.importers();
    let direct: HashSet<String> = importers
        .iter()
        .flat_map(|importer| &importer.locked)
        .filter_map(|locked| lock.key(locked.name, locked.reference).ok().flatten())
        .map(|key| if lock.form == Form::V9 { lock::without_peers(&key).to_owned() } else { key })
        .collect();
    lock.packages()
        .map(|entry| {
            let (name, version) = lock.name_and_version(&entry.key).unwrap_or((&entry.key, ""));
            let text = |key: &str| entry.value.get(key).and_then(Value::scalar);
            let resolution =
                |key: &str| entry.value.get("resolution").and_then(|value| value.get(key)?.scalar());
            let origin = origin(&resolution);
            let integrity: Vec<String> = resolution("integrity").map(str::to_owned).into_iter().collect();
            let needs_integrity = match &origin {
                LockedOrigin::Registry(_) => true,
                LockedOrigin::Url(url) => !is_of_commit(url) && resolution("gitHosted") != Some("true"),
                LockedOrigin::Git { .. } | LockedOrigin::Path(_) => false,
            };
            let runs = text("requiresBuild") == Some("true");
            Locked {
                name: text("name").unwrap_or(name).to_owned(),
                version: text("version").unwrap_or(version).to_owned(),
                origin,
                integrity,
                needs_integrity,
                // 9.0 does not say.
                runs_scripts: (lock.form != Form::V9).then_some(runs),
                is_direct: Some(direct.contains(entry.key.as_str())),
                span: entry.span.clone(),
            }
        })
        .collect()
}

fn origin<'v>(resolution: &impl Fn(&str) -> Option<&'v str>) -> LockedOrigin {
    if let Some(repository) = resolution("repo") {
        let commit = resolution("commit").map(str::to_owned);
        return LockedOrigin::Git { url: repository.to_owned(), commit };
    }
    if let Some(path) = resolution("directory") {
        return LockedOrigin::Path(path.to_owned());
    }
    match resolution("tarball") {
        Some(file) if file.starts_with("file:") => LockedOrigin::Path(file.to_owned()),
        Some(url) if is_of_commit(url) || resolution("gitHosted") == Some("true") => {
            LockedOrigin::Url(url.to_owned())
        }
        // Registries whose files have addresses of their own are written like this too.
        Some(url) => LockedOrigin::Registry(Some(url.to_owned())),
        None => LockedOrigin::Registry(None),
    }
}

/// An archive that a host of repositories makes of a commit: its name is its checksum.
fn is_of_commit(url: &str) -> bool {
    let hosts = ["https://codeload.github.com/", "https://gitlab.com/", "https://bitbucket.org/"];
    let is_id = |part: &str| part.len() == 40 && part.bytes().all(|b| b.is_ascii_hexdigit());
    hosts.iter().any(|host| url.starts_with(host)) && url.split(['/', '=', '&', '.', '-']).any(is_id)
}
