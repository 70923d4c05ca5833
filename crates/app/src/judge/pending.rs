//! The exceptions that a change brings along. They are not obeyed: whoever is refused is told that they count once they
//! are in the base.

use crate::settings::{EXCEPTIONS_FILE, FILE_NAMES};
use gatepost_core::policy::{Layer, Origin, Schema, exceptions_of};
use gatepost_core::{ChangeSet, Exception};
use gatepost_source::Repository;

/// Larger files are no policies, and nobody waits for one.
const MAX_BYTES: u64 = 1 << 20;

/// The exceptions in every version of the policy and of the file of exceptions that a change has. What cannot be read or
/// is broken has none: this is advice, and the finding stands without it.
pub(super) fn exceptions(repository: &dyn Repository, changes: &ChangeSet) -> Vec<Exception> {
    let (mut found, mut buffer): (Vec<Exception>, Vec<u8>) = (Vec::new(), Vec::new());
    let names = || FILE_NAMES.iter().chain([&EXCEPTIONS_FILE]);
    for change in &changes.changes {
        let Some(name) = names().find(|name| change.path.as_bytes() == name.as_bytes()) else { continue };
        let Some(entry) = change.new.filter(|entry| entry.mode.is_blob()) else { continue };
        let small = repository.blob_size(&entry.id).is_ok_and(|size| size <= MAX_BYTES);
        if !small || repository.read_blob(&entry.id, &mut buffer).is_err() {
            continue;
        }
        let Ok(text) = std::str::from_utf8(&buffer) else { continue };
        let layer = Layer { origin: Origin::File((*name).to_owned()), text: text.to_owned() };
        for exception in exceptions_of(&Schema::built_in(), &layer) {
            if !found.contains(&exception) {
                found.push(exception);
            }
        }
    }
    found
}
