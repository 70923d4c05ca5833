//! The names of files and directories in a history. Trees are read anyway, to know that nothing is missing; a name is
//! looked at once, however many trees have it, and its paths and commits are asked for only when it holds something.

use super::history::{Authors, Overlaid};
use crate::collect::Collector;
use crate::exit::Failure;
use gatepost_core::secrets::{Scratch, Secrets};
use gatepost_core::{Document, DocumentKind, Location, ObjectId, RepoPath, Suppressed};
use gatepost_source::history::{Appearance, TreeEntry};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The names that one thread has seen.
#[derive(Default)]
pub(super) struct Names {
    seen: HashSet<Box<[u8]>>,
    /// Names with a secret in them, and the objects that had them.
    telling: HashMap<Box<[u8]>, HashSet<ObjectId>>,
    scratch: Scratch,
}

impl Names {
    /// Looks at a name, unless it is known.
    pub(super) fn look_at(&mut self, entry: &TreeEntry<'_>, secrets: &Secrets) {
        if !self.seen.contains(entry.name) {
            self.seen.insert(entry.name.into());
            if !secrets.scanner().scan(entry.name, &mut self.scratch).is_empty() {
                self.telling.insert(entry.name.into(), HashSet::new());
            }
        }
        if let Some(ids) = self.telling.get_mut(entry.name) {
            ids.insert(entry.id);
        }
    }

    /// Adds what another thread saw.
    pub(super) fn absorb(&mut self, other: Self) {
        for (name, ids) in other.telling {
            self.telling.entry(name).or_default().extend(ids);
        }
    }

    /// The objects whose names hold something.
    pub(super) fn ids(&self) -> impl Iterator<Item = ObjectId> {
        self.telling.values().flatten().copied()
    }
}

/// Judges the paths that have a secret in their last part, each as a small document of its own. A name that no commit has
/// is judged without a path.
pub(super) fn judge_names(
    names: &Names,
    appearances: &HashMap<ObjectId, Vec<Appearance>>,
    overlaid: &mut Overlaid<'_>,
    authors: &Authors,
    collected: &mut Collector,
) -> Result<(), Failure> {
    let mut places: BTreeMap<RepoPath, Vec<Location>> = BTreeMap::new();
    let mut nowhere = BTreeSet::new();
    for (name, ids) in &names.telling {
        let mut is_somewhere = false;
        for (id, place) in
            ids.iter().filter_map(|id| Some((id, appearances.get(id)?))).flat_map(|(id, places)| {
                places.iter().filter(|place| place.path.file_name() == &**name).map(move |place| (id, place))
            })
        {
            is_somewhere = true;
            places.entry(place.path.clone()).or_default().push(Location {
                path: Some(place.path.clone()),
                subject: Some("file name".to_owned()),
                commit: Some(place.commit),
                object: Some(*id),
                author: authors.author(&place.commit),
                in_tip: Some(place.in_tip),
                ..Location::default()
            });
        }
        if !is_somewhere {
            nowhere.insert(name);
        }
    }
    for (path, places) in places {
        let overlays = overlaid.policy.overlays_of_path(&path);
        overlaid.build(overlays.clone())?;
        judge_name(overlaid.at(&overlays), path.as_bytes(), Some(&path), &places, collected);
    }
    for name in nowhere {
        let place = Location { subject: Some("file name, in no commit".to_owned()), ..Location::default() };
        judge_name(overlaid.at(&[]), name, None, &[place], collected);
    }
    Ok(())
}

fn judge_name(
    secrets: &Secrets,
    name: &[u8],
    path: Option<&RepoPath>,
    places: &[Location],
    collected: &mut Collector,
) {
    let document = Document { path, ..Document::new(DocumentKind::FileName, name) };
    let paths: Vec<RepoPath> = path.cloned().into_iter().collect();
    for detection in secrets.detect(&document, &mut Scratch::default()) {
        if !secrets.admits(&detection, &paths) {
            continue;
        }
        let detection = detection.at(places.to_vec());
        match detection.suppression.or_else(|| secrets.allowed(&detection.finding, &paths)) {
            Some(by) => collected.suppressed.push(Suppressed { finding: detection.finding, by }),
            None => collected.findings.push(detection.finding),
        }
    }
}
