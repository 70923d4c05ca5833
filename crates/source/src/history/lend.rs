//! Which blobs of other shards are worth a look.
//!
//! A shard visits few of the versions of a file, and these are stored as edits of versions that it does not visit. Each
//! could be shown whole. But where many versions hang on one that is not visited, it is cheaper to look at that one, too: what
//! is kept of it makes its edits cheap. Looking at all of them would cost every shard as much as the whole history; so
//! the cheapest choice is made for each family, by what looking at a blob and at an edit costs.

use std::collections::HashMap;

/// What looking at anything costs beside its bytes, in bytes.
const EACH: u64 = 1 << 10;

/// What a byte of a delta costs: it brings a byte that is new, or a seam with what stands around it.
const DELTA: u64 = 8;

/// The part of a blob that is looked at whatever the edit: what is taken over has to be moved.
const MOVED: u64 = 16;

/// A family of deltas.
pub(super) struct Family<'a> {
    /// Its entries, each behind its base; the first is stored whole.
    pub(super) order: &'a [u32],
    pub(super) children: &'a dyn Fn(u32) -> &'a [u32],
    /// Whether an entry is to be visited.
    pub(super) is_own: &'a dyn Fn(u32) -> bool,
    /// Bytes of what is stored whole, or of a delta.
    pub(super) size: &'a dyn Fn(u32) -> u64,
}

/// The least that an entry and what is made from it cost.
#[derive(Clone, Copy, Default)]
struct Cost {
    /// Where its base was looked at.
    edit: u64,
    /// Where its base was not.
    whole: u64,
    /// Whether it is looked at, in either case.
    looks: (bool, bool),
}

impl Family<'_> {
    /// The entries that nobody looks at.
    pub(super) fn not_lent(&self) -> Vec<u32> {
        let Some((&head, _)) = self.order.split_first() else { return Vec::new() };
        // All versions of a file are about as large as the one that is stored whole. A delta's own size is known, the
        // size of what it makes only when it is inflated.
        let whole = (self.size)(head).saturating_add(EACH);
        let mut costs: HashMap<u32, Cost> = HashMap::with_capacity(self.order.len());
        for &entry in self.order.iter().rev() {
            let (mut seen, mut unseen) = (0_u64, 0_u64);
            for child in (self.children)(entry) {
                let child = costs.get(child).copied().unwrap_or_default();
                seen = seen.saturating_add(child.edit);
                unseen = unseen.saturating_add(child.whole);
            }
            let delta = (self.size)(entry).saturating_mul(DELTA);
            let edit =
                delta.saturating_add(whole / MOVED).saturating_add(EACH).min(whole).saturating_add(seen);
            let whole = whole.saturating_add(seen);
            let must = (self.is_own)(entry);
            let looks = (must || edit < unseen, must || whole < unseen);
            let cost = Cost {
                edit: if looks.0 { edit } else { unseen },
                whole: if looks.1 { whole } else { unseen },
                looks,
            };
            costs.insert(entry, cost);
        }
        self.choose(head, &costs)
    }

    /// From the head down: whether an entry is looked at depends on whether its base was.
    fn choose(&self, head: u32, costs: &HashMap<u32, Cost>) -> Vec<u32> {
        let mut not_lent = Vec::new();
        let mut rest = vec![(head, false)];
        while let Some((entry, base_seen)) = rest.pop() {
            let cost = costs.get(&entry).copied().unwrap_or_default();
            let looks = if base_seen { cost.looks.0 } else { cost.looks.1 };
            if !looks {
                not_lent.push(entry);
            }
            rest.extend((self.children)(entry).iter().map(|&child| (child, looks)));
        }
        not_lent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parents by entry, what is to be visited, and the sizes; gives who is lent without being visited.
    fn lent(parents: &[u32], own: &[u32], sizes: &[u64]) -> Vec<u32> {
        let children: Vec<Vec<u32>> = (0..=parents.len())
            .map(|entry| {
                let of = |(_, parent): &(usize, &u32)| **parent as usize == entry;
                parents.iter().enumerate().filter(of).map(|(at, _)| at as u32 + 1).collect()
            })
            .collect();
        let order: Vec<u32> = (0..=parents.len() as u32).collect();
        let family = Family {
            order: &order,
            children: &|entry| &children[entry as usize],
            is_own: &|entry| own.contains(&entry),
            size: &|entry| sizes[entry as usize],
        };
        let not = family.not_lent();
        order.iter().copied().filter(|entry| !not.contains(entry) && !own.contains(entry)).collect()
    }

    #[test]
    fn a_base_is_lent_where_its_edits_make_it_worth_it() {
        // 0 is the base of 1, 2 and 3.
        assert_eq!(lent(&[0, 0, 0], &[1, 2, 3], &[100_000, 20, 20, 20]), [0]);
        assert_eq!(lent(&[0, 0, 0], &[1], &[100_000, 20, 20, 20]), [] as [u32; 0]);
        // Large edits are worth nothing.
        assert_eq!(lent(&[0, 0, 0], &[1, 2], &[10_000, 9000, 9000, 20]), [] as [u32; 0]);
        // Between two that are visited lies one that is not.
        assert_eq!(lent(&[0, 1], &[0, 2], &[100_000, 20, 20]), [1]);
        assert_eq!(lent(&[0, 1], &[0], &[100_000, 20, 20]), [] as [u32; 0]);
        assert_eq!(lent(&[0, 1], &[0, 1, 2], &[100_000, 20, 20]), [] as [u32; 0]);
    }
}
