//! A secret between bytes and report: what it is, and not yet where.

use super::instead::instead;
use crate::report::Suppression;
use crate::{Finding, Location};

/// A secret found in a document, complete but for its path and commit.
#[derive(Clone, Debug)]
pub struct Detection {
    /// The finding; its one location has span and excerpt only.
    pub finding: Finding,
    /// The comment that allows it, if one does.
    pub suppression: Option<Suppression>,
    /// Whether the gate obeys that comment only where the trusted revision has it too.
    pub(super) disputed: bool,
    /// Index of the rule.
    pub(super) rule: usize,
    /// See [`super::Match::unless`].
    pub(super) unless: Vec<usize>,
    /// What the value is assigned to.
    pub(super) key: String,
}

impl Detection {
    /// Says where the secret stands: each of `places` gets the span and the excerpt of the detection. The first one is
    /// named in the message. Nothing changes when there are no places.
    #[must_use]
    pub fn at(mut self, places: impl IntoIterator<Item = Location>) -> Self {
        let own = self.finding.locations.first().cloned().unwrap_or_default();
        let complete = |place: Location| Location {
            span: own.span,
            excerpt: own.excerpt.clone(),
            decoded_by: own.decoded_by.clone(),
            parts: own.parts.clone(),
            ..place
        };
        let locations: Vec<Location> = places.into_iter().map(complete).collect();
        let Some(first) = locations.first() else { return self };
        if let Some(step) = first.path.as_ref().and_then(|path| instead(path, &self.key)) {
            self.finding.fix.insert(self.finding.fix.len().saturating_sub(1), step);
        }
        self.finding.locations = locations;
        self.finding.name_place();
        self
    }
}
