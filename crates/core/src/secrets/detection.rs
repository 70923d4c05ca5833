//! A secret between bytes and report: what it is, and not yet where.

use super::instead::instead;
use crate::report::Suppression;
use crate::{Finding, Location, RepoPath, Secret, archive};
use std::borrow::Cow;

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
    /// What makes it the same secret wherever it stands: the rule and the value.
    pub(super) fn identity(&self) -> (&str, Option<&Secret>) {
        (&self.finding.rule, self.finding.secret.as_ref())
    }

    /// The paths that tell what kind of file it stands in: those of the file, or in an archive that of the entry.
    pub(super) fn telling_paths<'a>(&'a self, paths: &[&'a RepoPath]) -> Vec<Cow<'a, RepoPath>> {
        let inner = self.finding.locations.first().map_or(&[][..], |place| &place.inner);
        match inner {
            [] => paths.iter().map(|path| Cow::Borrowed(*path)).collect(),
            // What is compressed alone is called after that: `settings.xml.gz`.
            [before @ .., last] if last.as_bytes() == archive::UNNAMED => match before {
                [] => paths.iter().map(|path| Cow::Owned(without_ending(path))).collect(),
                [.., packed] => vec![Cow::Owned(without_ending(packed))],
            },
            [.., last] => vec![Cow::Borrowed(last)],
        }
    }

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
            inner: own.inner.clone(),
            ..place
        };
        let locations: Vec<Location> = places.into_iter().map(complete).collect();
        let Some(first) = locations.first() else { return self };
        if let Some(path) = &first.path
            && let Some(step) = instead(first.inner.last().unwrap_or(path), &self.key)
        {
            self.finding.fix.insert(self.finding.fix.len().saturating_sub(1), step);
        }
        self.finding.locations = locations;
        self.finding.name_place();
        self
    }
}

fn without_ending(path: &RepoPath) -> RepoPath {
    let bytes = path.as_bytes();
    let stem = bytes.iter().rposition(|byte| *byte == b'.').and_then(|dot| bytes.get(..dot));
    stem.map_or_else(|| path.clone(), RepoPath::new)
}
