//! Requirements as PEP 508 writes them: `name[extra] >=1,<2 ; marker`. The addresses are taken as they are: nothing of the
//! environment is put into them, and no folder is looked at.

use super::normal;
use pep440_rs::{Operator, Version, VersionSpecifiers};
use std::collections::BTreeSet;
use std::str::FromStr;

/// Longest requirement that is read.
const LONGEST: usize = 16 << 10;

/// Most parts of one specifier: versions are compared pair by pair.
const MOST_SPECIFIERS: usize = 64;

/// A requirement.
#[derive(Clone, Debug)]
pub(in super::super) struct Requirement {
    /// The package, normalised.
    pub(in super::super) name: String,
    /// Its extras, normalised.
    pub(in super::super) extras: BTreeSet<String>,
    /// Which of its versions.
    pub(in super::super) wanted: Wanted,
    /// The marker as it is written; empty: there is none.
    pub(in super::super) marker: String,
}

/// Which versions, or which file.
#[derive(Clone, Debug)]
pub(in super::super) enum Wanted {
    /// Any of these; none: any at all.
    Specifiers(VersionSpecifiers),
    /// What stands at an address.
    Url(String),
}

impl Requirement {
    /// Reads a requirement; `None`: it is none.
    pub(in super::super) fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let text = text.trim();
        let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')));
        let (name, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
        let bounds = [name.chars().next()?, name.chars().next_back()?];
        if bounds.iter().any(|c| !c.is_ascii_alphanumeric()) {
            return None;
        }
        let mut rest = rest.trim_start();
        let mut extras = BTreeSet::new();
        if let Some(inner) = rest.strip_prefix('[') {
            let (list, after) = inner.split_once(']')?;
            for extra in list.split(',').map(str::trim).filter(|extra| !extra.is_empty()) {
                extras.insert(normal(extra));
            }
            rest = after.trim_start();
        }
        let (wanted, marker) = if let Some(url) = rest.strip_prefix('@') {
            let url = url.trim_start();
            let end = url.find(char::is_whitespace).unwrap_or(url.len());
            let (url, after) = url.split_at_checked(end)?;
            (Wanted::Url(url.to_owned()), after.trim_start().strip_prefix(';').unwrap_or_default())
        } else {
            let (versions, marker) = rest.split_once(';').unwrap_or((rest, ""));
            (Wanted::Specifiers(specifiers(versions)?), marker)
        };
        Some(Self { name: normal(name), extras, wanted, marker: marker.trim().to_owned() })
    }

    /// Whether it asks for one version alone.
    pub(in super::super) fn is_exact(&self) -> bool {
        match &self.wanted {
            Wanted::Specifiers(specifiers) => is_exact(specifiers),
            Wanted::Url(_) => false,
        }
    }

    /// Whether it leaves the version open.
    pub(in super::super) fn is_any(&self) -> bool {
        matches!(&self.wanted, Wanted::Specifiers(specifiers) if specifiers.is_empty())
    }

    /// Whether a version is one that it asks for, pre-releases included: whoever locked one meant it.
    pub(in super::super) fn allows(&self, version: &str) -> Option<bool> {
        match &self.wanted {
            Wanted::Specifiers(specifiers) => Some(specifiers.contains(&Version::from_str(version).ok()?)),
            Wanted::Url(_) => None,
        }
    }
}

/// Reads the versions of a requirement; `None`: they are none.
pub(in super::super) fn specifiers(text: &str) -> Option<VersionSpecifiers> {
    let text = text.trim();
    let text = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text).trim();
    let text = text.strip_suffix(',').unwrap_or(text);
    if text.is_empty() || text == "*" {
        return Some(VersionSpecifiers::empty());
    }
    if text.split(',').count() > MOST_SPECIFIERS {
        return None;
    }
    VersionSpecifiers::from_str(text).ok()
}

fn is_exact(specifiers: &VersionSpecifiers) -> bool {
    matches!(specifiers.iter().as_slice(), [one] if matches!(one.operator(), Operator::Equal | Operator::ExactEqual))
}

/// Whether two lists of specifiers are the same set: `>=3` is `>=3.0`, in whatever order they are written.
pub(in super::super) fn same_specifiers(one: &VersionSpecifiers, two: &VersionSpecifiers) -> bool {
    let has = |all: &VersionSpecifiers, wanted: &pep440_rs::VersionSpecifier| {
        all.iter().any(|one| one.operator() == wanted.operator() && one.version() == wanted.version())
    };
    one.iter().all(|specifier| has(two, specifier)) && two.iter().all(|specifier| has(one, specifier))
}
