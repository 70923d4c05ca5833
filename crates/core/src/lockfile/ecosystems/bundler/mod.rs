//! Bundler: `Gemfile` and `Gemfile.lock`, `gems.rb` and `gems.locked`, and the gemspecs that they lead to.
//!
//! A Gemfile is a program. What of it is literal is compared with the lock; what is computed is never guessed at.

mod gemfile;
mod judging;
mod lock;
mod ruby;

#[cfg(test)]
mod tests;

use self::gemfile::{GemSource, Gemfile, gemfile};
use self::lock::Requirement;
use crate::lockfile::ecosystem::{
    Declared, Ecosystem, GitRef, Info, Kind, Locked, LockedOrigin, Origin, Pair, Precision, Role, Source,
    Unclear, Verdict,
};
use crate::lockfile::tree::{Tree, file_name, folder, is_in, join};

/// Bundler, versions 1 to 4.
#[derive(Debug)]
pub(super) struct Bundler;

static INFO: Info = Info {
    name: "bundler",
    locks: "Gemfile.lock, gems.locked",
    manifests: "Gemfile, gems.rb",
    family: "bundler",
    make: "bundle lock",
};

impl Ecosystem for Bundler {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn role(&self, path: &str) -> Option<Role> {
        let role = match file_name(path) {
            "Gemfile" | "gems.rb" => Role::Manifest,
            "Gemfile.lock" | "gems.locked" => Role::Lock,
            name if name.ends_with(".gemfile") => Role::Manifest,
            name if name.ends_with(".gemfile.lock") => Role::Lock,
            name if name.ends_with(".gemspec") => Role::Settings,
            _ => return None,
        };
        (!is_in(path, &["vendor", "node_modules"])).then_some(role)
    }

    fn pairs(&self, tree: &Tree<'_>) -> Vec<Pair> {
        let locks = tree.paths().iter().filter(|path| self.role(path) == Some(Role::Lock));
        locks
            .map(|lock| {
                let manifest = match lock.strip_suffix("gems.locked") {
                    Some(folder) => format!("{folder}gems.rb"),
                    None => lock.trim_end_matches(".lock").to_owned(),
                };
                if !tree.has(&manifest) {
                    return Pair::orphan(*lock);
                }
                let mut pair = Pair::new(manifest.clone(), *lock);
                pair.inputs = inputs(tree, &manifest, lock);
                pair
            })
            .collect()
    }

    fn judge(&self, tree: &Tree<'_>, pair: &Pair) -> Verdict {
        let mut verdict = Verdict::default();
        let (Some(manifest), Some(lock)) = (&pair.manifest, &pair.lock) else { return verdict };
        let mut read = |path: &str| tree.read(path).map_err(|unread| verdict.unread(path, &unread)).ok();
        if let (Some(manifest), Some(lock)) = (read(manifest), read(lock)) {
            judging::judge(tree, &manifest, &lock, &mut verdict);
        }
        verdict
    }

    fn declared(&self, manifest: &Source) -> Result<Vec<Declared>, Unclear> {
        let why =
            || Unclear::at(format!("{} is more Ruby than can be read", manifest.path), manifest.whole());
        let Gemfile { gems, .. } = gemfile(&manifest.text).ok_or_else(why)?;
        let declared = gems.into_iter().map(|gem| Declared {
            kind: if gem.is_development { Kind::Development } else { Kind::Production },
            precision: precision(gem.requirement.as_ref(), gem.source.as_ref()),
            origin: origin(gem.source),
            requirement: gem.written,
            name: gem.name,
            span: gem.span,
        });
        Ok(declared.collect())
    }

    fn locked(&self, lock: &Source) -> Result<Vec<Locked>, Unclear> {
        let read = lock::read(&lock.text);
        let direct: std::collections::HashSet<&str> = read.dependencies.iter().map(|gem| gem.name).collect();
        let mut found = Vec::new();
        for source in &read.sources {
            let remote = source.remotes().next().unwrap_or_default().to_owned();
            for spec in &source.specs {
                let full = spec.platform.map_or_else(
                    || format!("{} ({}", spec.name, spec.version),
                    |platform| format!("{} ({}-{platform}", spec.name, spec.version),
                );
                let sum = read.checksums.get(full.as_str()).map(|(sum, _)| *sum).unwrap_or_default();
                let mut integrity: Vec<String> = sum
                    .split(',')
                    .filter(|sum| !sum.is_empty())
                    .map(|sum| sum.trim().replace('=', ":"))
                    .collect();
                integrity.sort();
                found.push(Locked {
                    name: spec.name.to_owned(),
                    version: spec.version.to_owned(),
                    origin: match source.kind {
                        "GIT" => LockedOrigin::Git {
                            url: remote.clone(),
                            commit: source.option("revision").map(str::to_owned),
                        },
                        "PATH" => LockedOrigin::Path(remote.clone()),
                        _ => LockedOrigin::Registry((!remote.is_empty()).then(|| remote.clone())),
                    },
                    // Only locks of Bundler 2.5 and later have checksums, and those only where somebody asked for them.
                    needs_integrity: source.kind == "GEM" && read.has_checksums && integrity.is_empty(),
                    integrity,
                    runs_scripts: None,
                    is_direct: Some(direct.contains(spec.name)),
                    span: spec.span.clone(),
                });
            }
        }
        Ok(found)
    }
}

fn precision(requirement: Option<&Requirement>, source: Option<&GemSource>) -> Precision {
    match (source, requirement.map(Requirement::parts)) {
        (Some(GemSource::Path(_) | GemSource::Git { .. }), _) => Precision::None,
        (_, Some([("=", _)])) => Precision::Exact,
        (_, Some([(">=", zero)])) if zero == "0" => Precision::Any,
        (_, Some(_)) => Precision::Range,
        (_, None) => Precision::Any,
    }
}

fn origin(source: Option<GemSource>) -> Origin {
    match source {
        Some(GemSource::Path(path)) => Origin::Path(path),
        Some(GemSource::Registry(url)) => Origin::Registry(Some(url)),
        Some(GemSource::Git { url, options }) => {
            let is_commit =
                |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            let at = match options.into_iter().next() {
                Some((key, name)) if key == "tag" => GitRef::Tag(name),
                Some((key, name)) if key == "branch" => GitRef::Branch(name),
                Some((_, name)) if is_commit(&name) => GitRef::Commit(name),
                Some((_, name)) => GitRef::Name(name),
                None => GitRef::Default,
            };
            Origin::Git { url, at }
        }
        Some(GemSource::Unknown) | None => Origin::Registry(None),
    }
}

/// The gemspecs of the folders that the lock names, files with their versions, and what the Gemfile takes in.
fn inputs(tree: &Tree<'_>, manifest: &str, lock: &str) -> Vec<String> {
    let home = folder(manifest);
    let mut found = Vec::new();
    if let Ok(source) = tree.read(lock) {
        for source in lock::read(&source.text).sources.iter().filter(|source| source.kind == "PATH") {
            for path in source.remotes().filter_map(|remote| join(home, remote)) {
                found.extend(gemspecs(tree, &path));
                let lib = if path.is_empty() { "lib".to_owned() } else { format!("{path}/lib") };
                let versions = tree.under(&lib).iter().filter(|path| file_name(path) == "version.rb");
                found.extend(versions.map(|path| (*path).to_owned()));
            }
        }
    }
    if let Some(read) = tree.read(manifest).ok().and_then(|source| gemfile(&source.text)) {
        let included = read.included.iter().filter_map(|(path, _)| join(home, path));
        found.extend(included.filter(|path| tree.has(path)));
    }
    found.sort();
    found.dedup();
    found
}

/// The gemspecs that Bundler finds in a folder: in it, and up to two folders below.
fn gemspecs(tree: &Tree<'_>, path: &str) -> Vec<String> {
    let depth = if path.is_empty() { 0 } else { path.matches('/').count() + 1 };
    let is_near = |found: &&&str| found.ends_with(".gemspec") && found.matches('/').count() <= depth + 2;
    tree.under(path).iter().filter(is_near).map(|path| (*path).to_owned()).collect()
}
