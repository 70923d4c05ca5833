//! The range of `requires-python`.

use super::super::requirement::specifiers;
use super::around;
use pep440_rs::{Operator, Version, VersionSpecifiers};
use std::collections::BTreeSet;

/// The Pythons that a project takes, between two bounds: what is excluded between them counts as taken, as uv sees it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in super::super::super) struct PythonRange {
    lower: Option<(Version, bool)>,
    upper: Option<(Version, bool)>,
}

impl PythonRange {
    /// Reads a `requires-python`; `None`: it is none.
    pub(in super::super::super) fn parse(text: &str) -> Option<Self> {
        let mut range = Self::default();
        range.narrow(&specifiers(text)?)?;
        Some(range)
    }

    /// What this and another have in common.
    pub(in super::super::super) fn narrow_text(&mut self, text: &str) -> Option<()> {
        self.narrow(&specifiers(text)?)
    }

    fn narrow(&mut self, specifiers: &VersionSpecifiers) -> Option<()> {
        for specifier in specifiers.iter() {
            let version = specifier.version().only_release();
            match specifier.operator() {
                Operator::GreaterThanEqual => self.from(version, true),
                Operator::GreaterThan => self.from(version, false),
                Operator::LessThanEqual => self.to(version, true),
                Operator::LessThan => self.to(version, false),
                Operator::Equal | Operator::ExactEqual => {
                    self.from(version.clone(), true);
                    self.to(version, true);
                }
                Operator::EqualStar => {
                    self.to(next(version.release())?, false);
                    self.from(version, true);
                }
                Operator::TildeEqual => {
                    let (_, kept) = version.release().split_last()?;
                    self.to(next(kept)?, false);
                    self.from(version, true);
                }
                Operator::NotEqual | Operator::NotEqualStar => {}
            }
        }
        Some(())
    }

    fn from(&mut self, version: Version, is_included: bool) {
        let is_narrower = self
            .lower
            .as_ref()
            .is_none_or(|(lower, has)| version > *lower || (version == *lower && *has && !is_included));
        if is_narrower {
            self.lower = Some((version, is_included));
        }
    }

    fn to(&mut self, version: Version, is_included: bool) {
        let is_narrower = self
            .upper
            .as_ref()
            .is_none_or(|(upper, has)| version < *upper || (version == *upper && *has && !is_included));
        if is_narrower {
            self.upper = Some((version, is_included));
        }
    }

    pub(super) fn contains(&self, version: &Version) -> bool {
        let above =
            self.lower.as_ref().is_none_or(|(lower, has)| version > lower || (*has && version == lower));
        above && self.upper.as_ref().is_none_or(|(upper, has)| version < upper || (*has && version == upper))
    }

    /// The versions at which it begins and ends, with those around them.
    pub(super) fn edges(&self) -> BTreeSet<Version> {
        let mut edges = BTreeSet::from([Version::new([3, 99, 0])]);
        for (version, _) in self.lower.iter().chain(&self.upper) {
            edges.extend(around(&version.to_string()).unwrap_or_default());
        }
        edges
    }
}

fn next(release: &[u64]) -> Option<Version> {
    let (last, kept) = release.split_last()?;
    let last = last.checked_add(1)?;
    Some(Version::new(kept.iter().copied().chain([last])))
}
