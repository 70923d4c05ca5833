//! A set of object ids that mostly says no, and says it fast.

use gatepost_core::ObjectId;
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// Bits of an id that the filter looks at.
const FILTER_BITS: u32 = 20;

/// Hashes an id by its own first bytes: ids are hashes already.
#[derive(Clone, Copy, Default)]
pub(super) struct IdHasher(u64);

/// Makes [`IdHasher`]s.
pub(super) type BuildIdHasher = BuildHasherDefault<IdHasher>;

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(&first) = bytes.first_chunk::<8>() {
            // The tables of the standard library use the top seven bits and the low bits.
            self.0 ^= u64::from_le_bytes(first).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }

    fn write_u8(&mut self, _: u8) {}

    fn write_usize(&mut self, _: usize) {}
}

/// The set.
pub(super) struct Ids {
    filter: Vec<u64>,
    set: HashSet<ObjectId, BuildIdHasher>,
}

impl Ids {
    /// A set of `ids`.
    pub(super) fn new(ids: impl IntoIterator<Item = ObjectId>) -> Self {
        let mut set = Self { filter: vec![0; 1 << (FILTER_BITS - 6)], set: HashSet::default() };
        set.extend(ids);
        set
    }

    /// Adds ids.
    pub(super) fn extend(&mut self, ids: impl IntoIterator<Item = ObjectId>) {
        for id in ids {
            if let Some((word, bit)) = place(id.as_bytes())
                && let Some(word) = self.filter.get_mut(word)
            {
                *word |= bit;
            }
            self.set.insert(id);
        }
    }

    /// The id that these raw bytes are, if it is in the set.
    pub(super) fn get(&self, raw: &[u8]) -> Option<ObjectId> {
        let (word, bit) = place(raw)?;
        if self.filter.get(word)? & bit == 0 {
            return None;
        }
        ObjectId::from_bytes(raw).filter(|id| self.set.contains(id))
    }
}

/// The word and bit of the filter for an id.
fn place(raw: &[u8]) -> Option<(usize, u64)> {
    let bits = u32::from_be_bytes(*raw.first_chunk::<4>()?) >> (32 - FILTER_BITS);
    Some(((bits >> 6) as usize, 1 << (bits & 63)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn membership_is_exact() {
        let id = |byte: u8| ObjectId::from_bytes(&[byte; 20]).unwrap();
        let ids = Ids::new([id(1), id(0xff)]);
        assert_eq!(ids.get(&[1; 20]), Some(id(1)));
        assert_eq!(ids.get(&[0xff; 20]), Some(id(0xff)));
        let mut close = [1; 20];
        close[19] = 2;
        assert_eq!(ids.get(&close), None);
        assert_eq!(ids.get(&[3; 20]), None);
        assert_eq!(ids.get(&[1; 3]), None);
    }
}
