//! Policy files on disk: which one there is, and its text. A file that is there and cannot be read is an error, never
//! "no policy".

use super::{FILE_NAMES, whole};
use gatepost_core::policy::{Origin, PolicyError};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// More than any policy: a larger file is another file.
const MAX_BYTES: u64 = 4 << 20;

/// The policy file of a folder; `None` when it has none.
pub(super) fn in_folder(folder: &Path, name: &str) -> Result<Option<PathBuf>, PolicyError> {
    let origin = || Origin::File(name.to_owned());
    let mut found = Vec::new();
    for file in FILE_NAMES {
        let path = folder.join(file);
        // A link that leads nowhere is there all the same: it is read, and fails aloud.
        match path.symlink_metadata() {
            Ok(_) => found.push(path),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => {
                let help = "make the folder readable to whoever runs gatepost".to_owned();
                return Err(whole(origin(), format!("cannot look for {file}: {error}"), help));
            }
        }
    }
    if found.len() > 1 {
        let message = format!("{} and {} are both there", FILE_NAMES[0], FILE_NAMES[1]);
        let help = "keep one of them: nobody could tell which one is in force".to_owned();
        return Err(whole(origin(), message, help));
    }
    Ok(found.pop())
}

/// A policy file's text.
pub(super) fn read(path: &Path, name: &str) -> Result<String, PolicyError> {
    let origin = Origin::File(name.to_owned());
    match bytes(path) {
        Ok(bytes) => text(bytes, &origin),
        Err(error) if error.kind() == ErrorKind::FileTooLarge => {
            let message = "the policy is larger than 4 MiB".to_owned();
            Err(whole(origin, message, "a policy is a few kilobytes: is this the right file?".to_owned()))
        }
        Err(error) => {
            let help = match error.kind() {
                ErrorKind::NotFound => "check the path; `gatepost init` writes a policy",
                ErrorKind::PermissionDenied => "make the file readable to whoever runs gatepost",
                ErrorKind::IsADirectory => "name the file in it",
                _ => "make sure that it is a readable file",
            };
            Err(whole(origin, format!("the policy cannot be read: {error}"), help.to_owned()))
        }
    }
}

/// What stands in a file of at most 4 MiB.
pub(super) fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    regular(path)?;
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(std::io::Error::new(ErrorKind::FileTooLarge, "it is larger than 4 MiB"));
    }
    Ok(bytes)
}

/// Opening a pipe or a device can wait for ever, and a gate must not.
fn regular(path: &Path) -> std::io::Result<()> {
    let kind = path.metadata()?.file_type();
    if kind.is_file() || kind.is_dir() { Ok(()) } else { Err(std::io::Error::other("it is no regular file")) }
}

/// A policy's bytes as text.
pub(super) fn text(bytes: Vec<u8>, origin: &Origin) -> Result<String, PolicyError> {
    String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or(&[]);
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let message = format!("the policy is not UTF-8 text: see line {line}");
        whole(origin.clone(), message, "save it as UTF-8, without a byte order mark".to_owned())
    })
}
