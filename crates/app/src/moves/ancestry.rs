//! Which refs stand in whose history, for all of them at once: one walk over the commits answers what would take one for each
//! pair of refs.

use crate::moves::unanswered;
use gatepost_core::history::follow_tags;
use gatepost_core::{ObjectId, Reference, Unanswered};
use gatepost_source::Repository;
use std::collections::{HashMap, HashSet};

/// Fewer refs than this are asked one by one: the walk is over every commit.
const FEW: usize = 8;

/// What the refs of a repository reach of one another.
pub(super) struct Ancestry {
    /// The commits that refs lead to, numbered.
    places: HashMap<ObjectId, usize>,
    /// Which of them each of them reaches, a bit for each.
    reached: HashMap<ObjectId, Box<[u64]>>,
}

impl Ancestry {
    /// Walks the history of all of `refs`; `None` where there are few. A ref that leads to no commit is left out.
    ///
    /// # Errors
    ///
    /// A commit that cannot be read.
    pub(super) fn of(repository: &dyn Repository, refs: &[Reference]) -> Result<Option<Self>, Unanswered> {
        if refs.len() < FEW {
            return Ok(None);
        }
        let mut places = HashMap::new();
        for id in refs.iter().filter_map(|reference| commit(repository, reference.target)) {
            let next = places.len();
            places.entry(id).or_insert(next);
        }
        let tips: Vec<ObjectId> = places.keys().copied().collect();
        let words = places.len().div_ceil(64);
        let mut reached: HashMap<ObjectId, Box<[u64]>> = HashMap::new();
        // Parents come before children: what they reach is known.
        for id in repository.commits(&tips, &[]).map_err(unanswered("the refs of this repository"))? {
            let mut bits = vec![0_u64; words];
            for parent in repository.commit(&id).map_err(unanswered(id))?.parents {
                for (own, of_parent) in bits.iter_mut().zip(reached.get(&parent).into_iter().flatten()) {
                    *own |= of_parent;
                }
            }
            if let Some(place) = places.get(&id)
                && let Some(word) = bits.get_mut(place / 64)
            {
                *word |= 1 << (place % 64);
            }
            reached.insert(id, bits.into());
        }
        let kept: HashSet<ObjectId> = tips.into_iter().collect();
        reached.retain(|id, _| kept.contains(id));
        Ok(Some(Self { places, reached }))
    }

    /// Whether a commit is another one or stands in its history; `None` where one of them is no ref's.
    pub(super) fn is_ancestor(&self, ancestor: &ObjectId, descendant: &ObjectId) -> Option<bool> {
        let place = self.places.get(ancestor)?;
        let word = self.reached.get(descendant)?.get(place / 64)?;
        Some(word & (1 << (place % 64)) != 0)
    }
}

/// The commit that an id leads to, past tags. What leads to none, or cannot be read, is told of by whoever asks for it alone.
fn commit(repository: &dyn Repository, id: ObjectId) -> Option<ObjectId> {
    let (_, id) = follow_tags(id, |id| repository.tag(id)).ok()?;
    repository.commit(&id).ok().map(|commit| commit.id)
}
