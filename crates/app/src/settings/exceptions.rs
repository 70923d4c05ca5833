//! The file of exceptions beside the policy: read from the same place, so that it is trusted as much and no more.

use super::{FILE_NAMES, Inputs, Start, file, whole};
use gatepost_core::policy::{Layer, Origin, PolicyError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The name of the file.
pub const EXCEPTIONS_FILE: &str = "gatepost-exceptions.toml";

/// A file that may hold records, and the origin of its layer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct RecordFile {
    pub(crate) path: PathBuf,
    pub(crate) origin: Origin,
}

/// The layers of files of exceptions.
pub(super) fn layers(inputs: &Inputs<'_>) -> Result<Vec<Layer>, PolicyError> {
    let mut layers = Vec::new();
    if let Some(file) = file_of(&inputs.start) {
        layers.extend(read(&file)?);
    }
    layers.extend(inputs.exceptions.iter().cloned());
    Ok(layers)
}

/// Where the file of exceptions of a policy on the disk is, or would be.
pub(crate) fn file_of(start: &Start<'_>) -> Option<RecordFile> {
    match start {
        Start::WorkTree(root) => Some(RecordFile {
            path: root.join(EXCEPTIONS_FILE),
            origin: Origin::File(EXCEPTIONS_FILE.to_owned()),
        }),
        Start::File(policy) => Some(beside(policy.parent().unwrap_or(Path::new("")))),
        Start::Nothing { .. } | Start::Revision { .. } => None,
    }
}

/// The file of exceptions of a folder that is no work tree.
pub(crate) fn beside(folder: &Path) -> RecordFile {
    let path = folder.join(EXCEPTIONS_FILE);
    let origin = Origin::File(path.display().to_string());
    RecordFile { path, origin }
}

/// The policy file on the disk, where it has one.
pub(crate) fn policy_file_of(start: &Start<'_>) -> Option<RecordFile> {
    match start {
        Start::WorkTree(root) => FILE_NAMES
            .iter()
            .map(|name| RecordFile { path: root.join(name), origin: Origin::File((*name).to_owned()) })
            .find(|file| file.path.exists()),
        Start::File(path) => {
            Some(RecordFile { path: path.to_path_buf(), origin: Origin::File(path.display().to_string()) })
        }
        Start::Nothing { .. } | Start::Revision { .. } => None,
    }
}

/// The layer of a file of exceptions; `None`: there is no such file. Where there is none that is all it costs.
pub(crate) fn read(file: &RecordFile) -> Result<Option<Layer>, PolicyError> {
    match file.path.symlink_metadata() {
        Ok(_) => {
            let text = file::read(&file.path, &file.origin.to_string())?;
            Ok(Some(Layer { origin: file.origin.clone(), text }))
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => {
            let message = format!("cannot look for {EXCEPTIONS_FILE}: {error}");
            let help = "make the folder readable to whoever runs gatepost".to_owned();
            Err(whole(file.origin.clone(), message, help))
        }
    }
}

/// The layer of a file of exceptions of a revision.
pub(crate) fn of_revision(commit: &str, bytes: Vec<u8>) -> Result<Layer, PolicyError> {
    let origin = Origin::Revision { commit: commit.to_owned(), path: EXCEPTIONS_FILE.to_owned() };
    let text = file::text(bytes, &origin)?;
    Ok(Layer { origin, text })
}
