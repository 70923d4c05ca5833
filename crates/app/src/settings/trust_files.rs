//! The files of keys that `[signatures]` names, and their bytes.
//!
//! They come from where the policy comes from, as rule files do: whoever could add a key from elsewhere would have a say in
//! whose signatures count.

use super::{Revisions, file, whole};
use gatepost_core::policy::{Origin, PolicyError};
use gatepost_core::signature::{Trust, TrustFile, TrustFileKind};
use std::path::Path;

/// What is wrong, and what to do about it.
type Trouble = (String, String);

/// The file that an entry of a policy in `folder` names. `shown` is that folder as the policy's own name has it.
pub(super) fn on_disk(
    folder: &Path,
    shown: &Path,
    kind: TrustFileKind,
    reference: &str,
) -> Result<TrustFile, Trouble> {
    let key = plain(kind, reference)?;
    let name = shown.join(reference).display().to_string();
    let bytes = file::bytes(&folder.join(reference)).map_err(|error| {
        let help = "check the path: it is relative to the policy file, and is one file".to_owned();
        (format!("`{key}` names \"{reference}\", which cannot be read: {error}"), help)
    })?;
    sound(TrustFile { kind, name, bytes }, key, reference)
}

/// As [`on_disk`], of a policy that is the file `policy` of a commit.
pub(super) fn in_revision(
    revisions: &mut dyn Revisions,
    (repository, commit): (&Path, &str),
    policy: &str,
    kind: TrustFileKind,
    reference: &str,
) -> Result<TrustFile, Trouble> {
    let key = plain(kind, reference)?;
    let inside =
        (!Path::new(reference).is_absolute()).then(|| super::extends::join_in_tree(policy, reference));
    let path = inside.flatten().ok_or_else(|| {
        let message = format!("`{key}` names \"{reference}\", which leads out of the repository");
        (
            message,
            "name a file of the same commit; a server's own policy can name files of the server".to_owned(),
        )
    })?;
    let bytes = revisions.read(repository, commit, &path).map_err(|why| {
        let message = format!("`{key}` names {path} at {commit}, which cannot be read: {why}");
        (message, "put the file there, or remove the entry".to_owned())
    })?;
    sound(TrustFile { kind, name: format!("{path} at {commit}"), bytes }, key, reference)
}

/// The name of the key; an entry that names nothing is an error.
fn plain(kind: TrustFileKind, reference: &str) -> Result<&'static str, Trouble> {
    if reference.trim().is_empty() || reference.ends_with('/') {
        let help = "name a file, or remove the entry".to_owned();
        return Err((format!("`{}` names \"{reference}\", which is no file", kind.key()), help));
    }
    Ok(kind.key())
}

/// The file, where all of it can be understood.
fn sound(file: TrustFile, key: &str, reference: &str) -> Result<TrustFile, Trouble> {
    match Trust::default().add_file(&file) {
        Ok(()) => Ok(file),
        Err(why) => {
            let help = "mend it: what nobody understands would count for nothing".to_owned();
            Err((format!("`{key}` names \"{reference}\": {why}"), help))
        }
    }
}

/// The files of keys that a variable names stand in no folder.
pub(super) fn homeless(origin: Origin, key: &str) -> PolicyError {
    let message = format!("`{key}` is relative to a policy file, and this is none");
    whole(origin, message, "set it in gatepost.toml".to_owned())
}
