//! From the policy file to everything that it extends: files, folders, and files of pinned revisions. Nothing is
//! fetched from a network; a revision is asked of whoever has the repositories.

use super::{FILE_NAMES, Inputs, Start, file, rule_files as files_of_rules, trust_files, whole};
use crate::commands::init;
use gatepost_core::ObjectId;
use gatepost_core::policy::{
    Extends, Layer, Origin, PolicyError, Purpose, Schema, extends, named_files, rule_files,
};
use gatepost_core::signature::{TrustFile, TrustFileKind};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Gives the bytes of `path` in `commit` (full hexadecimal id) of the local repository `repo`, or says why not.
pub type ReadRevision<'a> = dyn FnMut(&Path, &str, &str) -> Result<Vec<u8>, String> + 'a;

/// Where files of revisions come from. What reads files and nothing else is one too.
pub trait Revisions {
    /// The bytes of `path` in `commit` (full hexadecimal id) of the local repository `repository`.
    ///
    /// # Errors
    ///
    /// Why not, in words.
    fn read(&mut self, repository: &Path, commit: &str, path: &str) -> Result<Vec<u8>, String>;

    /// The names of what lies in the folder `folder`, which is empty for the root.
    ///
    /// # Errors
    ///
    /// Why not, in words.
    fn list(&mut self, repository: &Path, commit: &str, folder: &str) -> Result<Vec<String>, String> {
        Err(format!("folders of {} at {commit} cannot be listed ({folder})", repository.display()))
    }
}

impl<F: FnMut(&Path, &str, &str) -> Result<Vec<u8>, String>> Revisions for F {
    fn read(&mut self, repository: &Path, commit: &str, path: &str) -> Result<Vec<u8>, String> {
        self(repository, commit, path)
    }
}

/// How long a chain of `extends` may be.
const MAX_DEPTH: usize = 32;

/// What is wrong, and what to do about it.
type Trouble = (String, String);

/// Where a layer stands: what its own references are relative to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Home {
    /// A file.
    File(PathBuf),
    /// A preset, by its name.
    Preset(String),
    /// A file of a revision.
    Revision { repository: PathBuf, folder: PathBuf, extends_disk: bool, commit: String, path: String },
}

/// Reads layers and what they extend, each once.
pub(super) struct Resolver<'r> {
    schema: Schema,
    revisions: &'r mut dyn Revisions,
    /// The layers being read, outermost first.
    open: Vec<Home>,
    done: BTreeSet<Home>,
    layers: Vec<Layer>,
    /// The rule files that the layers name.
    rule_files: Vec<Layer>,
    /// The files of keys that the layers name.
    trust_files: Vec<TrustFile>,
}

/// The layers, and the files that they name.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub(super) layers: Vec<Layer>,
    pub(super) rule_files: Vec<Layer>,
    pub(super) trust_files: Vec<TrustFile>,
}

impl<'r> Resolver<'r> {
    pub(super) fn new(schema: Schema, revisions: &'r mut dyn Revisions) -> Self {
        let (open, layers, rule_files, trust_files) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { schema, revisions, open, done: BTreeSet::new(), layers, rule_files, trust_files }
    }

    /// The policy file's layers, what it extends first; and the files that they name.
    pub(super) fn layers(mut self, inputs: &Inputs<'_>, errors: &mut Vec<PolicyError>) -> Resolved {
        if let Err(error) = self.start(inputs, errors) {
            errors.push(error);
        }
        Resolved { layers: self.layers, rule_files: self.rule_files, trust_files: self.trust_files }
    }

    fn start(&mut self, inputs: &Inputs<'_>, errors: &mut Vec<PolicyError>) -> Result<(), PolicyError> {
        match inputs.start {
            Start::WorkTree(root) => {
                if let Some(path) = file::in_folder(root, &root.display().to_string())? {
                    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    self.file(&path, name, errors)?;
                }
            }
            Start::File(path) => self.file(path, path.display().to_string(), errors)?,
            Start::Nothing { root } => {
                let found = match root {
                    Some(root) if inputs.purpose == Purpose::Gate => {
                        file::in_folder(root, &root.display().to_string())?
                    }
                    _ => None,
                };
                if let Some(path) = found {
                    let message = format!("--no-config would switch off the policy in {}", path.display());
                    let help =
                        "leave the flag away: at a gate the repository's policy is in force".to_owned();
                    return Err(whole(Origin::Flag("--no-config".to_owned()), message, help));
                }
            }
            Start::Revision { repository, folder, extends_disk, commit, path, bytes } => {
                let origin = Origin::Revision { commit: commit.to_owned(), path: path.to_owned() };
                let text = file::text(bytes.to_vec(), &origin)?;
                let home = Home::Revision {
                    repository: repository.to_owned(),
                    folder: folder.to_owned(),
                    extends_disk,
                    commit: commit.to_owned(),
                    path: path.to_owned(),
                };
                self.layer(home, Layer { origin, text }, errors);
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, name: String, errors: &mut Vec<PolicyError>) -> Result<(), PolicyError> {
        let text = file::read(path, &name)?;
        let home = Home::File(path.canonicalize().unwrap_or_else(|_| path.to_owned()));
        self.layer(home, Layer { origin: Origin::File(name), text }, errors);
        Ok(())
    }

    /// Adds what a layer extends, then the layer. Mistakes in its text are left to whoever merges the layers.
    fn layer(&mut self, home: Home, layer: Layer, errors: &mut Vec<PolicyError>) {
        self.open.push(home.clone());
        for entry in extends(&self.schema, &layer).unwrap_or_default() {
            if let Err(error) = self.entry(&home, &entry, errors) {
                errors.push(error);
            }
        }
        self.open.pop();
        self.rules_of(&home, &layer, errors);
        self.keys_of(&home, &layer, errors);
        self.done.insert(home);
        self.layers.push(layer);
    }

    /// Reads the rule files that a layer names, each file once.
    fn rules_of(&mut self, home: &Home, layer: &Layer, errors: &mut Vec<PolicyError>) {
        for entry in rule_files(&self.schema, layer) {
            let found = match home {
                Home::File(file) => {
                    let (folder, shown) = folders(file, layer);
                    files_of_rules::on_disk(folder, shown, &entry.reference)
                }
                Home::Revision { repository, commit, path, .. } => {
                    let own = matches!(&layer.origin, Origin::Revision { path: shown, .. } if shown == path);
                    let place = (repository.as_path(), commit.as_str(), own);
                    files_of_rules::in_revision(self.revisions, place, path, &entry.reference)
                }
                // No preset has any.
                Home::Preset(_) => Ok(Vec::new()),
            };
            match found {
                Ok(files) => {
                    for file in files {
                        if !self.rule_files.iter().any(|known| known.origin == file.origin) {
                            self.rule_files.push(file);
                        }
                    }
                }
                Err((message, help)) => errors.push(entry.error(message, Some(help))),
            }
        }
    }

    /// Reads the files of keys that a layer names.
    fn keys_of(&mut self, home: &Home, layer: &Layer, errors: &mut Vec<PolicyError>) {
        for kind in TrustFileKind::ALL {
            for entry in named_files(&self.schema, layer, kind.key()) {
                let found = match home {
                    Home::File(file) => {
                        let (folder, shown) = folders(file, layer);
                        trust_files::on_disk(folder, shown, kind, &entry.reference)
                    }
                    Home::Revision { repository, commit, path, .. } => {
                        let place = (repository.as_path(), commit.as_str());
                        trust_files::in_revision(self.revisions, place, path, kind, &entry.reference)
                    }
                    // No preset has any.
                    Home::Preset(_) => continue,
                };
                match found {
                    Ok(file) if self.trust_files.contains(&file) => {}
                    Ok(file) => self.trust_files.push(file),
                    Err((message, help)) => errors.push(entry.error(message, Some(help))),
                }
            }
        }
    }

    fn entry(
        &mut self,
        from: &Home,
        entry: &Extends,
        errors: &mut Vec<PolicyError>,
    ) -> Result<(), PolicyError> {
        if self.open.len() > MAX_DEPTH {
            let message = format!("policies extend one another more than {MAX_DEPTH} deep");
            return Err(entry.error(message, Some("extend what is needed directly".to_owned())));
        }
        let to =
            target(from, &entry.reference).map_err(|(message, help)| entry.error(message, Some(help)))?;
        let (home, layer) = match to {
            Home::File(path) => read_file(&path, &entry.reference).map_err(|why| {
                entry.error(format!("`extends` names \"{}\": {}", entry.reference, why.message), why.help)
            })?,
            Home::Preset(name) => {
                let preset = init::find(&name).map_err(|what| entry.error(what, None))?;
                let origin = Origin::Preset(preset.name.to_owned());
                (Home::Preset(preset.name.to_owned()), Layer { origin, text: preset.text.to_owned() })
            }
            Home::Revision { repository, folder, extends_disk, commit, path } => self
                .read_revision(&repository, (folder, extends_disk), &commit, &path)
                .map_err(|(message, help)| entry.error(message, Some(help)))?,
        };
        if self.open.contains(&home) {
            let message = format!("\"{}\" extends itself by way of this line", entry.reference);
            return Err(entry.error(message, Some("remove one of the two references".to_owned())));
        }
        if !self.done.contains(&home) {
            self.layer(home, layer, errors);
        }
        Ok(())
    }

    fn read_revision(
        &mut self,
        repository: &Path,
        (folder, extends_disk): (PathBuf, bool),
        commit: &str,
        path: &str,
    ) -> Result<(Home, Layer), Trouble> {
        let place = format!("{}:{path}", repository.display());
        let mut found = self.revisions.read(repository, commit, path).map(|bytes| (bytes, path.to_owned()));
        if found.is_err() && !path.ends_with(".toml") {
            // A folder: its policy has the usual name.
            let inner = format!("{}/{}", path.trim_end_matches('/'), FILE_NAMES[0]);
            if let Ok(bytes) = self.revisions.read(repository, commit, &inner) {
                found = Ok((bytes, inner));
            }
        }
        let (bytes, path) = found.map_err(|why| {
            let help = "nothing is fetched: bring the commit into that local repository first".to_owned();
            (format!("`extends` names {place} at {commit}, which cannot be read: {why}"), help)
        })?;
        let shown = format!("{}:{path}", repository.display());
        let origin = Origin::Revision { commit: commit.to_owned(), path: shown };
        let text = file::text(bytes, &origin)
            .map_err(|why| (format!("{place}: {}", why.message), why.help.unwrap_or_default()))?;
        let (repository, commit) = (repository.to_owned(), commit.to_owned());
        let home = Home::Revision { repository, folder, extends_disk, commit, path };
        Ok((home, Layer { origin, text }))
    }
}

/// The folder of a policy file, and the same as its name has it.
fn folders<'p>(file: &'p Path, layer: &'p Layer) -> (&'p Path, &'p Path) {
    let name = match &layer.origin {
        Origin::File(name) => Path::new(name),
        _ => file,
    };
    let folder = |path: &'p Path| path.parent().unwrap_or(Path::new(""));
    (folder(file), folder(name))
}

fn read_file(path: &Path, name: &str) -> Result<(Home, Layer), PolicyError> {
    let inner = if path.is_dir() {
        file::in_folder(path, name)?.ok_or_else(|| {
            let message = format!("the folder has no {}", FILE_NAMES[0]);
            whole(Origin::File(name.to_owned()), message, "name the file itself".to_owned())
        })?
    } else {
        path.to_owned()
    };
    let shown = inner.display().to_string();
    let text = file::read(&inner, &shown)?;
    let home = Home::File(inner.canonicalize().unwrap_or(inner));
    Ok((home, Layer { origin: Origin::File(shown), text }))
}

/// What a reference names, seen from the layer that has it; else what is wrong with it and what to write.
fn target(from: &Home, reference: &str) -> Result<Home, Trouble> {
    if reference.trim().is_empty() {
        return Err(("`extends` names nothing".to_owned(), "name a file, or remove the entry".to_owned()));
    }
    if reference.contains("://") {
        let message = format!("`extends` names \"{reference}\", and nothing is fetched from a network");
        return Err((message, "clone it and write the clone's path: repo@<full commit id>:path".to_owned()));
    }
    if let Some(name) = reference.strip_prefix("preset:") {
        return Ok(Home::Preset(name.to_owned()));
    }
    if let Some((repository, commit, path)) = pinned(reference)? {
        let repository = match from {
            Home::File(file) => file.parent().unwrap_or(Path::new("")).join(repository),
            Home::Revision { folder, .. } => folder.join(repository),
            Home::Preset(_) => return Err(preset_extends(reference)),
        };
        let folder = repository.clone();
        return Ok(Home::Revision { folder, repository, extends_disk: false, commit, path });
    }
    match from {
        Home::File(file) => Ok(Home::File(file.parent().unwrap_or(Path::new("")).join(reference))),
        Home::Preset(_) => Err(preset_extends(reference)),
        Home::Revision { folder, extends_disk: true, path, .. } if leads_out(path, reference) => {
            outside(folder, path, reference).map(Home::File)
        }
        // Who pushes a policy could else open, or ask for, any file of the server.
        Home::Revision { .. } if Path::new(reference).is_absolute() => {
            let message = format!(
                "`extends` names \"{reference}\": a policy in a commit cannot open files of the disk"
            );
            let help = "name a file of the same commit, or repo@<full commit id>:path; what a server adds stands in \
                        the server's own policy";
            Err((message, help.to_owned()))
        }
        Home::Revision { repository, folder, extends_disk, commit, path } => {
            let inner = join_in_tree(path, reference).ok_or_else(|| {
                let message = format!("`extends` names \"{reference}\", which leads out of the repository");
                (message, "name a file of the same commit, or repo@<full commit id>:path".to_owned())
            })?;
            let (repository, folder, extends_disk) = (repository.clone(), folder.clone(), *extends_disk);
            Ok(Home::Revision { repository, folder, extends_disk, commit: commit.clone(), path: inner })
        }
    }
}

fn leads_out(path: &str, reference: &str) -> bool {
    Path::new(reference).is_absolute() || join_in_tree(path, reference).is_none()
}

/// A file of the disk that a trusted revision extends. It lies outside of the work tree: what lies in it is the change's.
fn outside(folder: &Path, path: &str, reference: &str) -> Result<PathBuf, Trouble> {
    let named = folder.join(path).parent().unwrap_or(folder).join(reference);
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if real(&named).starts_with(real(folder)) {
        let message = format!("`extends` names \"{reference}\", a file of the work tree that is judged");
        return Err((message, "name it as a file of the same commit".to_owned()));
    }
    Ok(named)
}

/// A preset stands in no folder and in no repository.
fn preset_extends(reference: &str) -> Trouble {
    let message = format!("`extends` names \"{reference}\", and a preset can extend presets alone");
    (message, "write \"preset:NAME\"".to_owned())
}

/// A repository, a commit and a path.
type Pinned<'r> = (&'r str, String, String);

/// `repo@<full commit id>:path` taken apart; `None` when it is a path.
fn pinned(reference: &str) -> Result<Option<Pinned<'_>>, Trouble> {
    let mut almost = None;
    for (at, _) in reference.match_indices('@') {
        let (repository, rest) = reference.split_at(at);
        let Some((commit, path)) = rest.strip_prefix('@').and_then(|rest| rest.split_once(':')) else {
            continue;
        };
        if ObjectId::from_hex(commit.as_bytes()).is_some() && !path.is_empty() {
            let repository = if repository.is_empty() { "." } else { repository };
            return Ok(Some((
                repository,
                commit.to_ascii_lowercase(),
                path.trim_start_matches('/').to_owned(),
            )));
        }
        almost = Some(commit);
    }
    match almost {
        Some(commit) => {
            let message = format!("`extends` names \"{reference}\": `{commit}` is not a full commit id");
            let help = "a branch or a tag can be moved: write repo@<all 40 or 64 digits>:path".to_owned();
            Err((message, help))
        }
        None => Ok(None),
    }
}

/// A path relative to the folder of `file`, inside one tree; `None` when it leads out of it.
pub(super) fn join_in_tree(file: &str, reference: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in reference.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}
