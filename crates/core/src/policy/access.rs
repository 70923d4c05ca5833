//! Single values of a policy, for callers that need one and not a whole section.

use super::{Levels, Policy};
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
