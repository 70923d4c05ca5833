//! The rule files that a policy names: which ones there are, and their text.
//!
//! They come from where the policy comes from. A policy of a trusted revision has the rule files of that revision, so that a
//! change cannot alter or drop the rules that judge it.

use super::{Revisions, file, whole};
use gatepost_core::RepoPath;
use gatepost_core::policy::{Layer, Origin};
use gatepost_core::text::PathGlob;
use std::path::Path;

/// The most files that one entry may name.
const MOST: usize = 10_000;

/// What is wrong, and what to do about it.
type Trouble = (String, String);

/// An entry of `rule-files`, taken apart.
struct Named<'r> {
    /// The folder, without `/` at its end; empty for that of the policy.
    folder: &'r str,
    files: Files<'r>,
}

enum Files<'r> {
    /// One file.
    One(&'r str),
    /// Those whose names fit.
    Matching(PathGlob),
}

impl Named<'_> {
    fn picks(&self, name: &str) -> bool {
        match &self.files {
            Files::One(one) => *one == name,
            Files::Matching(glob) => glob.is_match(&RepoPath::from(name)),
        }
    }
}

/// Takes an entry apart.
fn named(reference: &str) -> Result<Named<'_>, Trouble> {
    if reference.trim().is_empty() {
        let help = "name a file or a folder such as \"rules/\", or remove the entry".to_owned();
        return Err(("`rule-files` names nothing".to_owned(), help));
    }
    let (folder, name) = match reference.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some(split) => split,
        None => ("", reference),
    };
    if folder.contains('*') {
        let message = format!("`rule-files` names \"{reference}\", with `*` in the name of a folder");
        return Err((message, "`*` stands in the file's name alone: name each folder".to_owned()));
    }
    let files = match name {
        "" => Files::Matching(glob("*.toml", reference)?),
        name if name.contains('*') => Files::Matching(glob(name, reference)?),
        name => Files::One(name),
    };
    Ok(Named { folder, files })
}

fn glob(name: &str, reference: &str) -> Result<PathGlob, Trouble> {
    PathGlob::new(&format!("/{name}")).map_err(|why| {
        let help = "`*` stands for any part of the name: \"rules/acme-*.toml\"".to_owned();
        (format!("`rule-files` names \"{reference}\": {why}"), help)
    })
}

/// The files that an entry of a policy in `folder` names, in the order of their names. `shown` is that folder as the
/// policy's own name has it.
pub(super) fn on_disk(folder: &Path, shown: &Path, reference: &str) -> Result<Vec<Layer>, Trouble> {
    // A folder may be named without its `/` as well.
    let slashed = format!("{reference}/");
    let reference =
        if folder.join(reference).is_dir() && !reference.ends_with('/') { &slashed } else { reference };
    let named = named(reference)?;
    let names = match &named.files {
        Files::One(name) => vec![(*name).to_owned()],
        Files::Matching(_) => {
            let inside = folder.join(named.folder);
            let listed = std::fs::read_dir(&inside).and_then(|entries| {
                entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
            });
            listed.map_err(|error: std::io::Error| {
                let message =
                    format!("`rule-files` names \"{reference}\", and the folder cannot be read: {error}");
                (message, "check the path: it is relative to the policy file".to_owned())
            })?
        }
    };
    let paths = picked(&named, names, reference)?;
    let read = |name: &String| {
        let shown = shown.join(named.folder).join(name).display().to_string();
        let text = file::read(&folder.join(named.folder).join(name), &shown).map_err(|why| {
            let help = "check the path: it is relative to the policy file".to_owned();
            (format!("`rule-files` names \"{reference}\": {}", of_rules(&why.message)), help)
        })?;
        Ok(Layer { origin: Origin::File(shown), text })
    };
    paths.iter().map(read).collect()
}

/// As [`on_disk`], of a policy whose folder in a revision is `folder`. `own` says whether the repository is the one that is
/// judged: folders of others cannot be listed.
pub(super) fn in_revision(
    revisions: &mut dyn Revisions,
    (repository, commit, own): (&Path, &str, bool),
    policy: &str,
    reference: &str,
) -> Result<Vec<Layer>, Trouble> {
    let named = named(reference)?;
    let folder = match Path::new(reference).is_absolute() {
        true => None,
        false => super::extends::join_in_tree(policy, named.folder),
    };
    let folder = folder.ok_or_else(|| {
        let message = format!("`rule-files` names \"{reference}\", which leads out of the repository");
        (message, "name files of the same commit".to_owned())
    })?;
    let path = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let names = match &named.files {
        Files::One(name) => vec![(*name).to_owned()],
        Files::Matching(_) => revisions.list(repository, commit, &folder).map_err(|why| {
            let message =
                format!("`rule-files` names \"{reference}\" at {commit}, which cannot be listed: {why}");
            (message, "name the files themselves".to_owned())
        })?,
    };
    let mut layers = Vec::new();
    for name in picked(&named, names, reference)? {
        let path = path(&name);
        let bytes = revisions.read(repository, commit, &path).map_err(|why| {
            let message = format!("`rule-files` names {path} at {commit}, which cannot be read: {why}");
            (message, "put the file there, or remove the entry".to_owned())
        })?;
        let shown = if own { path } else { format!("{}:{path}", repository.display()) };
        let origin = Origin::Revision { commit: commit.to_owned(), path: shown };
        let text = file::text(bytes, &origin)
            .map_err(|why| (of_rules(&why.message), why.help.unwrap_or_default()))?;
        layers.push(Layer { origin, text });
    }
    Ok(layers)
}

/// The names that an entry picks, sorted. None is an error: a gate without its rules must not pass for one with them.
fn picked(named: &Named<'_>, names: Vec<String>, reference: &str) -> Result<Vec<String>, Trouble> {
    let mut names: Vec<String> = names.into_iter().filter(|name| named.picks(name)).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        let help = "put a file of rules there, or remove the entry".to_owned();
        return Err((format!("`rule-files` names \"{reference}\", and there is no such file"), help));
    }
    if names.len() > MOST {
        let message = format!("`rule-files` names \"{reference}\", which is more than {MOST} files");
        return Err((message, "put the rules into fewer files".to_owned()));
    }
    Ok(names)
}

/// The reader's words are about a policy.
fn of_rules(message: &str) -> String {
    message.replace("the policy", "the file")
}

/// Rule files cannot come from where there is no folder.
pub(super) fn homeless(origin: Origin) -> gatepost_core::policy::PolicyError {
    let message = "`secrets.rule-files` is relative to a policy file, and this is none".to_owned();
    whole(origin, message, "set it in gatepost.toml".to_owned())
}
