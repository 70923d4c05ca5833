//! Single values and single exceptions of a policy, for callers that need one and not a whole section.

use super::source::Place;
use super::{BUILT_IN, Levels, Origin, Policy, PolicyError};
use crate::Location;
use serde::Deserialize;

impl Policy {
    /// The levels of a section; `None` when it has no key `level`.
    #[must_use]
    pub fn levels(&self, section: &str) -> Option<Levels> {
        let value = self.merged.get(section)?.get("level")?.clone();
        Levels::deserialize(value).ok()
    }

    /// The text at `section.key`; `None` when it is not set, empty, or no text.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<String> {
        let (section, key) = path.split_once('.')?;
        let text = self.merged.get(section)?.get(key)?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// An error about a key of an exception: it shows the line of the value, or of the record when it has none.
    #[must_use]
    pub fn exception_error(&self, id: &str, key: &str, message: String, help: Option<String>) -> PolicyError {
        let at = self.exceptions.iter().position(|exception| exception.id == id);
        match at.and_then(|at| self.places.get(at)) {
            Some(place) => place.error(key, message, help),
            None => Place::default().error(&BUILT_IN, message, help),
        }
    }

    /// Where the id of an exception stands; `None`: there is no exception of that id.
    #[must_use]
    pub fn exception_location(&self, id: &str) -> Option<Location> {
        let at = self.exceptions.iter().position(|exception| exception.id == id)?;
        self.places.get(at).map(|place| place.location("id"))
    }

    /// The layer that an exception stands in; `None`: there is no exception of that id.
    #[must_use]
    pub fn exception_origin(&self, id: &str) -> Option<&Origin> {
        let at = self.exceptions.iter().position(|exception| exception.id == id)?;
        self.places.get(at).map(|place| &place.origin)
    }

    /// Whether nobody has written a policy: neither a file nor a preset.
    #[must_use]
    pub fn is_default(&self) -> bool {
        !self.is_written
    }

    /// Whether no layer sets any key of a section.
    #[must_use]
    pub fn is_built_in(&self, section: &str) -> bool {
        let inner = format!("{section}.");
        !self.origins.keys().any(|key| key.starts_with(&inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Level, Stage};

    #[test]
    fn single_values_are_those_of_the_section() {
        let policy = Policy::built_in();
        assert_eq!(policy.levels("message").map(|levels| levels.at(Stage::CommitMsg)), Some(Level::Deny));
        assert_eq!(policy.levels("nowhere"), None);
        assert_eq!(policy.text("nowhere.key"), None);
    }
}
