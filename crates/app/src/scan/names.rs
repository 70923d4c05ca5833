//! The names of files and directories in a history. Trees are read anyway, to know that nothing is missing; a name is
//! looked at once, however many trees have it, and its paths and commits are asked for only when it holds something.

use super::history::{Authors, Overlaid};
use crate::collect::Collector;
use crate::exit::Failure;
use gatepost_core::secrets::{Scratch, Secrets};
use gatepost_core::{Document, DocumentKind, Location, ObjectId, RepoPath, Shard, Suppressed};
use gatepost_source::history::{Appearance, Graph};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The names with a secret in them, and the objects that had them.
#[derive(Default)]
pub(super) struct Names<'a> {
    telling: BTreeMap<&'a [u8], HashSet<ObjectId>>,
}

impl<'a> Names<'a> {
    /// Looks at every name in a history.
    pub(super) fn of(graph: &'a Graph, secrets: &Secrets) -> Self {
        let mut scratch = Scratch::default();
        let scanner = secrets.scanner();
        let telling: HashSet<&[u8]> =
            graph.names().filter(|name| !scanner.scan(name, &mut scratch).is_empty()).collect();
        let mut objects = graph.named(&telling);
        let telling = telling.into_iter().map(|name| (name, objects.remove(name).unwrap_or_default()));
        Self { telling: telling.collect() }
    }

    /// The objects whose names hold something.
    pub(super) fn ids(&self) -> impl Iterator<Item = ObjectId> {
        self.telling.values().flatten().copied()
    }
}

/// Judges the paths that have a secret in their last part, each as a small document of its own. A name that no commit has
/// is judged without a path. What an object is called belongs to the shard of that object, and what is called so in no commit
/// to that of the object with the least id.
pub(super) fn judge_names(
    names: &Names<'_>,
    appearances: &HashMap<ObjectId, Vec<Appearance>>,
    overlaid: &mut Overlaid<'_>,
    authors: &Authors,
    shard: Option<Shard>,
    collected: &mut Collector,
) -> Result<(), Failure> {
    let mut places: BTreeMap<RepoPath, Vec<Location>> = BTreeMap::new();
    let mut nowhere = BTreeSet::new();
    let is_first = shard.is_none_or(Shard::is_first);
    let is_here = |id: &ObjectId| shard.is_none_or(|shard| shard.contains(id));
    for (name, ids) in &names.telling {
        let mut is_somewhere = false;
        for (id, place) in
            ids.iter().filter_map(|id| Some((id, appearances.get(id)?))).flat_map(|(id, places)| {
                places.iter().filter(|place| place.path.file_name() == *name).map(move |place| (id, place))
            })
        {
            is_somewhere = true;
            if !is_here(id) {
                continue;
            }
            places.entry(place.path.clone()).or_default().push(Location {
                path: Some(place.path.clone()),
                subject: Some("file name".to_owned()),
                commit: Some(place.commit),
                committed: authors.committed(&place.commit),
                object: Some(*id),
                author: authors.author(&place.commit),
                in_tip: Some(place.in_tip),
                ..Location::default()
            });
        }
        if !is_somewhere && ids.iter().min().map_or(is_first, is_here) {
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
