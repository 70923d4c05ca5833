//! Small numbers for object ids: a graph of millions of links is affordable at four bytes a link.
//!
//! What the packs and the loose objects hold is numbered by its place there, so that no table is needed. An id that is
//! nowhere gets a number of its own, past all of these, when it is named for the first time.

use crate::history::store::Store;
use gatepost_core::ObjectId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How many objects can be numbered.
const MAX: u32 = u32::MAX - 1;

/// The number of something that is no object of this repository: a submodule's commit.
pub(in crate::history) const NONE: u32 = u32::MAX;

/// The numbers of a repository's objects.
pub(in crate::history) struct Numbers {
    /// The packs and loose objects; `None` where Git reads them.
    pub(super) store: Option<Arc<Store>>,
    /// The first number of each pack, then of the loose objects, then of what was learned.
    starts: Vec<u32>,
    learned: Mutex<Learned>,
}

/// Ids that no pack has, nor is loose.
#[derive(Default)]
struct Learned {
    numbers: HashMap<ObjectId, u32>,
    ids: Vec<ObjectId>,
    /// Whether there were too many.
    full: bool,
}

impl Numbers {
    /// The numbers of what a store holds; `None` when there are more than four thousand million objects.
    pub(in crate::history) fn new(store: Option<Arc<Store>>) -> Option<Self> {
        let mut starts = vec![0_u32];
        if let Some(store) = &store {
            let sizes = store.packs.iter().map(|pack| Some(pack.len()));
            for size in sizes.chain([u32::try_from(store.loose.len()).ok()]) {
                let last = starts.last().copied().unwrap_or_default();
                starts.push(last.checked_add(size?).filter(|&next| next < MAX)?);
            }
        }
        Some(Self { store, starts, learned: Mutex::default() })
    }

    /// The first number of what was learned: of what is named and, where a store was read, is not there.
    pub(in crate::history) fn stored(&self) -> u32 {
        self.starts.last().copied().unwrap_or_default()
    }

    /// How many numbers there are.
    pub(in crate::history) fn len(&self) -> usize {
        let learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        self.stored() as usize + learned.ids.len()
    }

    /// Whether every id that was asked for got a number.
    pub(in crate::history) fn is_whole(&self) -> bool {
        !self.learned.lock().unwrap_or_else(PoisonError::into_inner).full
    }

    /// The number of an id that is known.
    pub(in crate::history) fn get(&self, id: &ObjectId) -> Option<u32> {
        self.in_store(id).or_else(|| {
            let learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
            learned.numbers.get(id).copied()
        })
    }

    /// The number of an id, a new one if need be.
    pub(in crate::history) fn of(&self, id: &ObjectId) -> u32 {
        if let Some(number) = self.in_store(id) {
            return number;
        }
        let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&number) = learned.numbers.get(id) {
            return number;
        }
        let number = u32::try_from(learned.ids.len()).ok().and_then(|count| count.checked_add(self.stored()));
        let Some(number) = number.filter(|&number| number < MAX) else {
            learned.full = true;
            return NONE;
        };
        learned.numbers.insert(*id, number);
        learned.ids.push(*id);
        number
    }

    fn in_store(&self, id: &ObjectId) -> Option<u32> {
        let store = self.store.as_ref()?;
        let packed = store.packs.iter().zip(&self.starts);
        packed.into_iter().find_map(|(pack, start)| start.checked_add(pack.find(id)?)).or_else(|| {
            let at = store.loose.binary_search_by(|(loose, _)| loose.cmp(id)).ok()?;
            self.starts.get(store.packs.len())?.checked_add(u32::try_from(at).ok()?)
        })
    }

    /// The id of a number.
    pub(in crate::history) fn id(&self, number: u32) -> Option<ObjectId> {
        let kind = self.starts.partition_point(|&start| start <= number).checked_sub(1)?;
        let at = number.checked_sub(*self.starts.get(kind)?)?;
        match &self.store {
            Some(store) if kind < store.packs.len() => store.packs.get(kind)?.id(at),
            Some(store) if kind == store.packs.len() => Some(store.loose.get(at as usize)?.0),
            _ => {
                let learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
                learned.ids.get(at as usize).copied()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_store_has_is_numbered_as_it_is_named() {
        let numbers = Numbers::new(None).unwrap();
        let id = |byte: u8| ObjectId::from_bytes(&[byte; 20]).unwrap();
        assert_eq!(numbers.get(&id(7)), None);
        assert_eq!((numbers.of(&id(7)), numbers.of(&id(3)), numbers.of(&id(7))), (0, 1, 0));
        assert_eq!((numbers.get(&id(3)), numbers.id(1), numbers.id(2)), (Some(1), Some(id(3)), None));
        assert_eq!((numbers.stored(), numbers.len(), numbers.is_whole()), (0, 2, true));
    }
}
