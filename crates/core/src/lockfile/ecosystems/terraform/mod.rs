//! Terraform and `OpenTofu`: `.terraform.lock.hcl` and the `*.tf` of its folder.
//!
//! `init` collects the providers that the folder and the modules that it calls ask for or imply, and compares them with the lock
//! (`VerifyDependencySelections` in Terraform's `internal/configs`). Modules are in no lock.

mod compare;
mod constraint;
mod files;
mod lock;
mod walk;
mod written;

#[cfg(test)]
mod tests;

use self::written::{address, required_blocks, required_in};
use crate::lockfile::ecosystem::{
    Declared, Ecosystem, Info, Kind, Locked, LockedOrigin, Origin, Pair, Precision, Role, Source, Unclear,
    Verdict,
};
use crate::lockfile::tree::{Tree, file_name, folder, is_in, join};
use hcl_edit::structure::Body;
use std::borrow::Cow;
use std::collections::HashSet;

/// Terraform from 0.14 on, and `OpenTofu`.
#[derive(Debug)]
pub(super) struct Terraform;

static INFO: Info = Info {
    name: "terraform",
    locks: LOCK,
    manifests: "*.tf",
    family: "terraform",
    make: "terraform init -backend=false",
};

const LOCK: &str = ".terraform.lock.hcl";
/// What Terragrunt makes more files from before it calls Terraform.
const TERRAGRUNT: &str = "terragrunt.hcl";
/// Largest text that is read, in bytes: its tree is many times as large, and nobody writes such a file.
const LARGEST: usize = 4 << 20;

impl Ecosystem for Terraform {
    fn info(&self) -> &'static Info {
        &INFO
    }

    // Only the folder where Terraform is run has a lock, not the modules that others call, and no file says which it is: a
    // folder without a lock is nobody's fault. That is why they are settings and no manifests.
    fn role(&self, path: &str) -> Option<Role> {
        let name = file_name(path);
        if name == LOCK {
            return Some(Role::Lock);
        }
        let is_read = files::is_configuration(path) || files::is_test(path) || name == TERRAGRUNT;
        is_read.then_some(Role::Settings)
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let locks =
            tree.paths().iter().filter(|path| file_name(path) == LOCK && !is_in(path, &[".terraform"]));
        locks.map(|lock| pair(tree, lock)).collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        let Some(path) = &pair.lock else { return verdict };
        let source = match tree.read(path) {
            Ok(source) => source,
            Err(unread) => {
                verdict.unread(path, &unread);
                return verdict;
            }
        };
        let Some(lock) = lock::read(&source, &mut verdict) else { return verdict };
        let mut walk = walk::walk(tree, folder(path), lock.tool);
        verdict.reasons.append(&mut walk.verdict.reasons);
        compare::compare(&walk, &source, &lock, &mut verdict);
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        let body = hcl(manifest)?;
        let required = required_blocks(&body).flat_map(|block| required_in(&block.body));
        let declared = required.filter(|required| !required.is_computed).filter_map(|required| {
            let source = required.source.as_deref().unwrap_or(&required.name);
            // The host that is meant where none is named hangs on the tool, and is none of the name's.
            let address = address(source, "")?;
            let (host, name) = address.split_once('/')?;
            let (requirement, span) = required.version.unwrap_or((String::new(), required.span));
            let precision = match constraint::parse(&requirement) {
                Some(parts) if parts.iter().any(constraint::Part::is_exact) => Precision::Exact,
                Some(_) => Precision::Range,
                None => Precision::Any,
            };
            (!address.starts_with(written::BUILTIN_HOST)).then(|| Declared {
                name: name.to_owned(),
                requirement,
                kind: Kind::Production,
                precision,
                origin: Origin::Registry((!host.is_empty()).then(|| format!("https://{host}"))),
                span,
            })
        });
        Ok(declared.collect())
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let body = hcl(lock)?;
        let entries = lock::entries(lock, &body, Tool::Terraform, &mut Verdict::default());
        let locked = entries.into_iter().filter_map(|entry| {
            let (host, name) = entry.address.split_once('/')?;
            let mut integrity = entry.hashes.unwrap_or_default();
            integrity.sort();
            Some(Locked {
                name: name.to_owned(),
                origin: LockedOrigin::Registry(Some(format!("https://{host}"))),
                version: entry.version.map(|version| version.to_string()).unwrap_or_default(),
                integrity,
                needs_integrity: true,
                // A provider is a program that `plan` runs; `init` only unpacks it.
                runs_scripts: Some(false),
                is_direct: None,
                span: entry.span,
            })
        });
        Ok(locked.collect())
    }
}

/// Who wrote a lock: the two name providers without a host otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tool {
    Terraform,
    OpenTofu,
}

impl Tool {
    /// The registry of providers that name none.
    fn registry(self) -> &'static str {
        match self {
            Self::Terraform => "registry.terraform.io",
            Self::OpenTofu => "registry.opentofu.org",
        }
    }

    /// What makes the lock anew where it can be read.
    fn init(self) -> &'static str {
        match self {
            Self::Terraform => INFO.make,
            Self::OpenTofu => "tofu init -backend=false",
        }
    }

    /// What takes other versions than the locked ones.
    fn upgrade(self) -> &'static str {
        match self {
            Self::Terraform => "terraform init -backend=false -upgrade",
            Self::OpenTofu => "tofu init -backend=false -upgrade",
        }
    }

    /// What makes a lock where the one that is there keeps `init` from it.
    fn afresh(self) -> &'static str {
        match self {
            Self::Terraform => "rm .terraform.lock.hcl && terraform init -backend=false",
            Self::OpenTofu => "rm .terraform.lock.hcl && tofu init -backend=false",
        }
    }
}

fn pair(tree: &Tree<'_>, lock: &str) -> Pair {
    let at = folder(lock);
    let own = files::files_of(tree, at);
    let requires =
        |path: &&&str| tree.read(path).is_ok_and(|source| source.text.contains("required_providers"));
    let is_main = |path: &&&str| file_name(path) == "main.tf";
    let first = own.iter().find(requires).or_else(|| own.iter().find(is_main)).or(own.first()).copied();
    let links: Vec<&str> = files::links_of(tree, at).collect();
    let terragrunt = files::terragrunt_of(tree, at);
    let Some(manifest) =
        first.map(str::to_owned).or(terragrunt.clone()).or(links.first().map(|link| (*link).to_owned()))
    else {
        return Pair::orphan(lock);
    };
    let mut pair = Pair::new(manifest.clone(), lock);
    pair.members = own.iter().map(|path| (*path).to_owned()).filter(|path| *path != manifest).collect();
    pair.inputs = called(tree, at);
    pair.inputs.extend(terragrunt.into_iter().chain(links.into_iter().map(str::to_owned)));
    pair.inputs.extend(files::tests_of(tree, at).map(str::to_owned));
    pair.inputs.retain(|path| *path != manifest);
    pair
}

/// The files of the modules that a folder calls, at any depth. Nothing is parsed for it: what looks like the folder of a module
/// is taken for one.
fn called(tree: &Tree<'_>, root: &str) -> Vec<String> {
    let mut files = Vec::new();
    let mut seen = HashSet::from([root.to_owned()]);
    let mut waiting = vec![root.to_owned()];
    while let Some(at) = waiting.pop() {
        for path in files::files_of(tree, &at) {
            if at != root {
                files.push(path.to_owned());
            }
            let Ok(source) = tree.read(path) else { continue };
            for line in source.text.lines() {
                let value = line.trim_start().strip_prefix("source").map(str::trim_start);
                let Some(value) = value.and_then(|rest| rest.strip_prefix('=')) else { continue };
                let Some(from) = value.trim().split('"').nth(1).filter(|from| files::is_local(from)) else {
                    continue;
                };
                let folder = join(&at, from).filter(|folder| !seen.contains(folder));
                if let Some(folder) = folder {
                    seen.insert(folder.clone());
                    waiting.push(folder);
                }
            }
        }
    }
    files
}

/// The tree of a text. What this parser does not take Terraform may take: it is no drift.
fn hcl(source: &Source) -> Result<Body, Unclear> {
    if source.text.len() > LARGEST {
        let why = format!("{} is larger than {} MiB", source.path, LARGEST >> 20);
        return Err(Unclear::at(why, source.whole()));
    }
    // Terraform passes over a byte order mark; the blanks keep what follows at its place.
    let text = match source.text.strip_prefix('\u{feff}') {
        Some(rest) => Cow::Owned(format!("   {rest}")),
        None => Cow::Borrowed(&*source.text),
    };
    text.parse::<Body>().map_err(|error| {
        let line = u32::try_from(error.location().line()).ok();
        let said = error.message().lines().collect::<Vec<_>>().join("; ");
        Unclear::at(format!("{} is no HCL that could be read: {said}", source.path), source.line(line))
    })
}
