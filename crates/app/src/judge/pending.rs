//! The exceptions that a change brings along. They are not obeyed: whoever is refused is told that they count once they
//! are in the base.

use crate::settings::{EXCEPTIONS_FILE, FILE_NAMES};
use gatepost_core::policy::{Layer, Origin, Schema, exceptions_of};
use gatepost_core::{ChangeSet, Exception};
use gatepost_source::Repository;
use std::collections::HashSet;

/// What is read at most, in bytes, versions and records: this is advice, and whoever pushes chooses how much there is
/// to read.
const MAX_BYTES: u64 = 256 << 10;
const MAX_VERSIONS: usize = 8;
const MAX_RECORDS: usize = 500;

/// The exceptions in the versions of the policy and of the file of exceptions that a change has. What cannot be read or
/// is broken has none: the finding stands without them.
pub(super) fn exceptions(repository: &dyn Repository, changes: &ChangeSet) -> Vec<Exception> {
    let (mut found, mut buffer): (Vec<Exception>, Vec<u8>) = (Vec::new(), Vec::new());
    let mut versions = HashSet::new();
    let is_ours =
        |path: &[u8]| FILE_NAMES.iter().chain([&EXCEPTIONS_FILE]).any(|name| path == name.as_bytes());
    let entries =
        changes.changes.iter().filter(|change| is_ours(change.path.as_bytes())).filter_map(|c| c.new);
    for entry in entries.filter(|entry| entry.mode.is_blob() && versions.insert(entry.id)).take(MAX_VERSIONS)
    {
        let small = repository.blob_size(&entry.id).is_ok_and(|size| size <= MAX_BYTES);
        if !small || repository.read_blob(&entry.id, &mut buffer).is_err() {
            continue;
        }
        let Ok(text) = std::str::from_utf8(&buffer) else { continue };
        let layer = Layer { origin: Origin::File(EXCEPTIONS_FILE.to_owned()), text: text.to_owned() };
        found.extend(exceptions_of(&Schema::built_in(), &layer));
    }
    found.truncate(MAX_RECORDS);
    found
}
