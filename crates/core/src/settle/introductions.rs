//! Of a thousand versions of a file, the one in which a secret came in.

use crate::{Finding, Location, RepoPath};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Whose versions are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Versions {
    /// Those of a whole history.
    All,
    /// Those of a part of it: what could be the first of the whole is kept.
    Some,
}

/// Keeps, for each path (and in an archive for each entry), the location that brought the secret in first: a file with
/// a thousand versions after that is one place, not a thousand. Where the other part of the credential came later, the
/// first version with both is a place as well. The place says whether any of its versions stands in the tip.
pub fn introductions(finding: &mut Finding, versions: Versions) {
    let locations = std::mem::take(&mut finding.locations).into_iter().map(|location| (location, ()));
    finding.locations = first(locations, versions).into_iter().map(|(location, ())| location).collect();
}

/// The locations that are kept, each with what came with it.
pub(super) fn first<T>(
    locations: impl IntoIterator<Item = (Location, T)>,
    versions: Versions,
) -> Vec<(Location, T)> {
    let mut first: BTreeMap<(RepoPath, Vec<RepoPath>, bool), (Location, T)> = BTreeMap::new();
    let mut rest = Vec::new();
    for (location, with) in locations {
        let Some(path) = location.path.clone() else {
            rest.push((location, with));
            continue;
        };
        match first.entry((path, location.inner.clone(), !location.parts.is_empty())) {
            Entry::Vacant(place) => drop(place.insert((location, with))),
            Entry::Occupied(mut place) => earlier(place.get_mut(), (location, with)),
        }
    }
    let mut kept: Vec<(Location, T)> = Vec::with_capacity(first.len());
    for ((path, inner, together), (location, with)) in first {
        let from_the_beginning = |last: &Location| {
            let is_earlier = time(&location) < time(last);
            is_earlier || location.commit == last.commit
        };
        let alone = kept.last_mut().filter(|(last, _)| {
            together && versions == Versions::All && last.path.as_ref() == Some(&path) && last.inner == inner
        });
        match alone.filter(|(last, _)| from_the_beginning(last)) {
            Some(last) => earlier(last, (location, with)),
            _ => kept.push((location, with)),
        }
    }
    kept.extend(rest);
    kept
}

/// When a place came in; a place that no commit has comes last.
fn time(at: &Location) -> i64 {
    at.committed.map_or(i64::MAX, |time| time.seconds)
}

/// Of two versions of a file the earlier one; of one time the one with more to say. It is in the tip when either is.
fn earlier<T>(kept: &mut (Location, T), other: (Location, T)) {
    let in_tip = other.0.in_tip == Some(true) || kept.0.in_tip == Some(true);
    let key = |at: &Location| (time(at), at.parts.is_empty());
    if key(&other.0) < key(&kept.0) {
        *kept = other;
    }
    kept.0.in_tip = Some(in_tip);
}
