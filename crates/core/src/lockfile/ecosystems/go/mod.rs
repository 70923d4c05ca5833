//! Go: `go.mod` with `go.sum`, `go.work` with `go.work.sum`, and the `vendor/modules.txt` of what `go mod vendor` copied.
//!
//! `go.sum` is no list of what was chosen: `go.mod` says that. It has a hash of every module that building needs, and one of
//! the `go.mod` of every module that choosing needs. What building needs hangs on what the packages import, so the files of Go
//! in the module are read too, up to their last `import`.

mod compare;
mod imports;
mod modfile;
mod module;
mod sums;
mod surplus;
mod vendor;
mod version;
mod work;

use self::modfile::{File, Form};
use self::sums::Sums;
use crate::lockfile::ecosystem::{
    Declared, Ecosystem, Info, Kind, Locked, LockedOrigin, Origin, Pair, Precision, Role, Source, Unclear,
    Verdict,
};
use crate::lockfile::tree::{Tree, file_name, folder, is_in, join};

/// Go with modules, from 1.11 on.
#[derive(Debug)]
pub(super) struct Go;

static INFO: Info = Info {
    name: "go",
    locks: "go.sum, go.work.sum, vendor/modules.txt",
    manifests: "go.mod, go.work",
    family: "go",
    make: "go mod tidy",
};

impl Ecosystem for Go {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        let is_copied = is_in(path, &["vendor"]);
        match file_name(path) {
            _ if is_in(path, &["testdata"]) => None,
            "modules.txt" if file_name(folder(path)) == "vendor" => Some(Role::Lock),
            "go.mod" if !is_copied => Some(Role::Manifest),
            "go.work" if !is_copied => Some(Role::Settings),
            "go.sum" | "go.work.sum" if !is_copied => Some(Role::Lock),
            _ => None,
        }
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let locks = tree.paths().iter().filter(|path| self.role(path) == Some(Role::Lock));
        locks.map(|lock| pair(tree, lock)).collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        let (Some(manifest), Some(lock)) = (&pair.manifest, &pair.lock) else { return verdict };
        let mut read = |path: &str| tree.read(path).map_err(|unread| verdict.unread(path, &unread)).ok();
        let (Some(manifest), Some(lock)) = (read(manifest), read(lock)) else { return verdict };
        match (file_name(&manifest.path), file_name(&lock.path)) {
            ("go.work", "go.work.sum") => work::judge(tree, &manifest, &lock, &mut verdict),
            ("go.mod", "go.sum") => compare::judge(tree, &manifest, &lock, &mut verdict),
            _ => vendor::judge(tree, &manifest, &lock, &mut verdict),
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        let file = File::read(&manifest.text, Form::Mod);
        if let Some(fault) = file.faults.first() {
            let why = format!("{} is not one that Go reads: {}", manifest.path, fault.what);
            return Err(Unclear::at(why, manifest.place(&fault.span)));
        }
        let declared: Vec<Declared> = file.requires.iter().map(|require| declared(&file, require)).collect();
        // What stands in this tree has no sum: a module that asks for nothing else has no go.sum.
        let is_all_here = declared.iter().all(|declared| matches!(declared.origin, Origin::Path(_)));
        Ok(if is_all_here { Vec::new() } else { declared })
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        if file_name(&lock.path) == "modules.txt" {
            return Ok(vendor::locked(lock));
        }
        let sums = Sums::read(lock);
        if let Some(span) = sums.malformed.first() {
            let why = format!("a line of {} is not a module, a version and a hash", lock.path);
            return Err(Unclear::at(why, lock.place(span)));
        }
        // A line of a go.mod alone is of a version that was looked at and perhaps not taken.
        let chosen = sums.order.iter().filter(|(_, version)| !version.contains('/'));
        let found = chosen.filter_map(|key| {
            let lines = sums.of.get(key)?;
            let mut integrity: Vec<String> = lines.iter().map(|sum| sum.hash.to_owned()).collect();
            integrity.sort();
            Some(Locked {
                name: key.0.to_owned(),
                version: key.1.to_owned(),
                origin: LockedOrigin::Registry(None),
                integrity,
                needs_integrity: true,
                // Nothing of a module is run when it is fetched.
                runs_scripts: Some(false),
                is_direct: None,
                span: lines.first()?.span.clone(),
            })
        });
        Ok(found.collect())
    }
}

fn beside(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}/{name}") }
}

fn pair(tree: &Tree<'_>, lock: &str) -> Pair {
    let at = folder(lock);
    let at = if file_name(lock) == "modules.txt" { folder(at) } else { at };
    let (module, workspace) = (beside(at, "go.mod"), beside(at, "go.work"));
    let is_of_work =
        file_name(lock) == "go.work.sum" || (file_name(lock) == "modules.txt" && !tree.has(&module));
    let manifest = if is_of_work { workspace } else { module };
    if !tree.has(&manifest) {
        return Pair::orphan(lock);
    }
    let mut pair = Pair::new(manifest.as_str(), lock);
    let Ok(source) = tree.read(&manifest) else { return pair };
    let form = if is_of_work { Form::Work } else { Form::Mod };
    let file = File::read(&source.text, form);
    let there = |path: &str| join(at, path).map(|at| beside(&at, "go.mod")).filter(|path| tree.has(path));
    if is_of_work {
        pair.members = file.uses.iter().filter_map(|(path, _)| there(path)).collect();
    } else {
        let replaced = file.replaces.iter().filter(|replace| replace.new_version.is_none());
        pair.inputs = replaced.filter_map(|replace| there(&replace.new)).collect();
        pair.inputs.extend(work::path_for(tree, at));
    }
    for paths in [&mut pair.members, &mut pair.inputs] {
        paths.retain(|path| *path != manifest);
        paths.sort();
        paths.dedup();
    }
    pair
}

fn declared(file: &File, require: &modfile::Require) -> Declared {
    let folder = file.replacement(&require.path, &require.version).filter(|to| to.new_version.is_none());
    Declared {
        name: require.path.clone(),
        requirement: require.version.clone(),
        kind: Kind::Production,
        precision: match (folder, version::version(&require.version)) {
            (Some(_), _) => Precision::None,
            (None, Some(_)) => Precision::Exact,
            // A branch, or `latest`: Go puts a version in its place when it next may.
            (None, None) => Precision::Any,
        },
        origin: match folder {
            Some(replace) => Origin::Path(replace.new.clone()),
            None => Origin::Registry(None),
        },
        span: require.span.clone(),
    }
}

#[cfg(test)]
mod tests;
