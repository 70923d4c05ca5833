//! Keys that name files: what a layer says in them, for whoever finds and reads the files.

use super::source::Place;
use super::{Layer, Origin, PolicyError, Schema};

/// An entry of a list of files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedFiles {
    /// What it names; of rules also a folder (with `/` at its end), or a file name with `*` in it.
    pub reference: String,
    origin: Origin,
    place: Place,
}

impl NamedFiles {
    /// An error about this entry: it shows the line of the policy that names it.
    #[must_use]
    pub fn error(&self, message: String, help: Option<String>) -> PolicyError {
        self.place.error(&self.origin, message, help)
    }
}

/// The files that a layer names in the list at `path` (`secrets.rule-files`), in its order; none of a layer that is broken,
/// whose mistakes are told when it is merged.
#[must_use]
pub fn named_files(schema: &Schema, layer: &Layer, path: &str) -> Vec<NamedFiles> {
    let Ok(read) = super::layer::read(schema, layer) else { return Vec::new() };
    let entries = read.settings.into_iter().filter(|setting| setting.path == path);
    let entries = entries.flat_map(|setting| {
        let names = setting.value.as_array().cloned().unwrap_or_default();
        names.into_iter().map(move |name| (name, setting.place.clone()))
    });
    entries
        .filter_map(|(name, place)| {
            let reference = name.as_str()?.to_owned();
            Some(NamedFiles { reference, origin: layer.origin.clone(), place })
        })
        .collect()
}
