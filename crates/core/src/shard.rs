//! A part of a whole history, for several machines to share the work.

use crate::ObjectId;
use crate::fingerprint::FingerprintKey;
use sha2::{Digest, Sha256};
use std::fmt;

/// One of equal ranges of object ids.
///
/// Shard `k` of `n` holds the ids whose first eight bytes, read as a big-endian number, lie in
/// `[(k - 1) * 2^64 / n, k * 2^64 / n)`. That depends on nothing but the id: an object is in the same shard in every
/// clone, however that is packed. Ids are hashes, so the shards of a large history are about equally large.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Shard {
    of: u32,
    index: u32,
}

impl Shard {
    /// The most shards that a history is cut into.
    pub const MOST: u32 = 4096;

    /// Shard `index` of `of`, counted from 1; `None` when there is none such.
    #[must_use]
    pub const fn new(index: u32, of: u32) -> Option<Self> {
        if 1 <= index && index <= of && of <= Self::MOST { Some(Self { of, index }) } else { None }
    }

    /// A shard from its text, `3/16`; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (index, of) = text.split_once('/')?;
        let number =
            |digits: &str| digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
        Self::new(number(index)?, number(of)?)
    }

    /// Which one it is, from 1.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.index
    }

    /// How many there are.
    #[must_use]
    pub const fn of(self) -> u32 {
        self.of
    }

    /// Whether it is the first: the one that has what belongs to no object.
    #[must_use]
    pub const fn is_first(self) -> bool {
        self.index == 1
    }

    /// Whether an object belongs to it.
    #[must_use]
    pub fn contains(self, id: &ObjectId) -> bool {
        let prefix = id.as_bytes().first_chunk::<8>().map_or(0, |&bytes| u64::from_be_bytes(bytes));
        // The shard's number is that of the range, rounded down; the product has at most 64 + 12 bits.
        (u128::from(prefix) * u128::from(self.of)) >> 64 == u128::from(self.index.saturating_sub(1))
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

/// What the refs of a clone lead to, told without listing it.
///
/// An id is the hash of what it names: HEAD, the tips of the refs and the commits determine every tree and blob behind them, so
/// that these and the ids of what is missing say which objects the history needs and the clone has. How they are packed, what
/// refs are called and objects that no ref leads to play no part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectSet {
    head: Option<ObjectId>,
    tips: Vec<ObjectId>,
    commits: Vec<ObjectId>,
    missing: Vec<ObjectId>,
}

impl ObjectSet {
    /// The set of a clone: what HEAD is, where it is anything; what the refs point at; the commits that these lead to; and the
    /// objects that are needed and not there. In any order, and any number of times.
    #[must_use]
    pub fn new(
        head: Option<ObjectId>,
        tips: Vec<ObjectId>,
        commits: Vec<ObjectId>,
        missing: Vec<ObjectId>,
    ) -> Self {
        let sorted = |mut ids: Vec<ObjectId>| {
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        Self { head, tips: sorted(tips), commits: sorted(commits), missing: sorted(missing) }
    }

    /// The SHA-256, in hexadecimal, that stands in reports.
    #[must_use]
    pub fn digest(&self) -> String {
        self.hash("gatepost object set 1").iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A key that all clones with this set have, and nobody who lacks the list of its commits.
    #[must_use]
    pub fn key(&self) -> Option<FingerprintKey> {
        FingerprintKey::derived(&self.hash("gatepost object set 1, key of values"))
    }

    fn hash(&self, purpose: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(purpose.as_bytes());
        let head: Vec<ObjectId> = self.head.into_iter().collect();
        for ids in [&head, &self.tips, &self.commits, &self.missing] {
            hash.update((ids.len() as u64).to_le_bytes());
            // All ids of a repository are of one length.
            ids.iter().for_each(|id| hash.update(id.as_bytes()));
        }
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(prefix: u64) -> ObjectId {
        ObjectId::from_bytes(&[&prefix.to_be_bytes()[..], &[7; 12]].concat()).unwrap()
    }

    #[test]
    fn a_set_is_told_by_what_is_in_it_and_not_by_its_order() {
        let set = |head: u64, tips: &[u64], commits: &[u64], missing: &[u64]| {
            let ids = |list: &[u64]| list.iter().map(|one| id(*one)).collect::<Vec<_>>();
            ObjectSet::new(Some(id(head)), ids(tips), ids(commits), ids(missing)).digest()
        };
        let one = set(1, &[1, 2], &[1, 2, 3], &[]);
        assert_eq!(one.len(), 64);
        assert_eq!(one, set(1, &[2, 1, 2], &[3, 2, 1, 1], &[]));
        for other in [
            set(2, &[1, 2], &[1, 2, 3], &[]),
            set(1, &[1], &[1, 2, 3], &[]),
            set(1, &[1, 2], &[1, 2], &[]),
            set(1, &[1, 2], &[1, 2], &[3]),
            set(1, &[1, 2], &[1, 2, 3], &[4]),
            ObjectSet::new(None, vec![id(1), id(2)], vec![id(1), id(2), id(3)], Vec::new()).digest(),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn texts_are_read_strictly() {
        assert_eq!(Shard::parse("3/16"), Shard::new(3, 16));
        assert_eq!(Shard::parse("3/16").map(|shard| shard.to_string()).as_deref(), Some("3/16"));
        for bad in ["", "3", "/", "0/4", "5/4", "1/0", "+1/4", "1/4097", "1/4/4", " 1/4", "1/99999999999"] {
            assert_eq!(Shard::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_id_is_in_one_shard_and_ranges_begin_where_they_should() {
        for of in [1, 2, 3, 7, 16, 1000, Shard::MOST] {
            let shards: Vec<Shard> = (1..=of).map(|index| Shard::new(index, of).unwrap()).collect();
            for shard in &shards {
                // The first prefix of the range: (index - 1) * 2^64 / of, rounded up.
                let start = (u128::from(shard.index() - 1) << 64).div_ceil(u128::from(of));
                let start = u64::try_from(start).unwrap();
                let holders = |prefix| shards.iter().filter(|s| s.contains(&id(prefix))).collect::<Vec<_>>();
                assert_eq!(holders(start), [shard]);
                if start > 0 {
                    assert_eq!(holders(start - 1).first().map(|s| s.index() + 1), Some(shard.index()));
                }
            }
            assert!(shards.last().unwrap().contains(&id(u64::MAX)));
        }
    }
}
