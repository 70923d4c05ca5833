//! The families of a pack: which entry is an edit of which, so that each base is inflated once.

use super::inflate::Inflater;
use super::pack::{Base, Pack};
use super::set::Set;
use super::store::Store;
use super::{Kinds, ObjectKind, Options, lend};
use gatepost_core::ObjectId;

/// No entry.
const NONE: u32 = u32::MAX;

/// The entries of a pack in the order of their offsets, and their families. Entries are named by their place in
/// that order.
pub(super) struct Plan {
    /// Offset, and position in the index.
    entries: Vec<(u64, u32)>,
    end: u64,
    /// The entries made from entry `n` are `children[starts[n]..starts[n + 1]]`, the one with the most to visit last:
    /// then a base can be dropped before its last child is walked, and at most log2(family) bases are
    /// held at a time.
    starts: Vec<u32>,
    children: Vec<u32>,
    /// How many objects of the family tree below an entry, itself included, are to be visited.
    wanted: Vec<u32>,
    /// Entries that are read for the sake of others alone.
    passed_over: Set,
    /// How many bytes each entry inflates to; empty where nobody asks.
    sizes: Vec<u64>,
    /// The heads of families that have something to visit.
    pub(super) families: Vec<Family>,
    /// Entries that no family has, with the reason.
    pub(super) orphans: Vec<(u32, &'static str)>,
}

/// A family, by its head.
#[derive(Clone, Copy, Debug)]
pub(super) struct Family {
    /// The entry that is stored whole, or whose base is not in this pack.
    pub(super) head: u32,
    /// Its kind, which all members share.
    pub(super) kind: ObjectKind,
    /// The base in another pack, or loose.
    pub(super) outside: Option<ObjectId>,
    /// How much work it is, in bytes, roughly.
    pub(super) weight: u64,
}

impl Plan {
    /// Reads every entry header of a pack and sorts out the families of the chosen kinds.
    pub(super) fn new(
        store: &Store,
        number: usize,
        kinds: Kinds,
        options: &Options,
        inflater: &mut Inflater,
    ) -> Self {
        let none = Set::default();
        let (Some(pack), duplicates) =
            (store.packs.get(number), store.duplicates.get(number).unwrap_or(&none))
        else {
            return Self::empty();
        };
        let mut plan = Self { entries: pack.by_offset(), end: pack.end(), ..Self::empty() };
        if options.shard.is_some() {
            plan.sizes = vec![0; plan.entries.len()];
            plan.passed_over = Set::new(plan.entries.len());
        }
        let (parents, heads) = plan.read_headers(store, pack, kinds, inflater);
        plan.link(&parents);
        plan.mark_orphans(&parents, duplicates);
        plan.weigh(heads, |plan, kind, entry| {
            let Some(&(_, position)) = plan.entries.get(entry as usize) else { return false };
            !duplicates.contains(position)
                && (options.shard.is_none()
                    || pack.id(position).is_some_and(|id| options.concerns(kind, &id)))
        });
        plan
    }

    fn empty() -> Self {
        Self {
            entries: Vec::new(),
            end: 0,
            starts: Vec::new(),
            children: Vec::new(),
            wanted: Vec::new(),
            passed_over: Set::default(),
            sizes: Vec::new(),
            families: Vec::new(),
            orphans: Vec::new(),
        }
    }

    /// Where an entry is: its range in the pack and its position in the index.
    pub(super) fn entry(&self, entry: u32) -> Option<(std::ops::Range<u64>, u32)> {
        let at = entry as usize;
        let &(offset, position) = self.entries.get(at)?;
        let end = self.entries.get(at + 1).map_or(self.end, |&(next, _)| next);
        Some((offset..end, position))
    }

    /// The entries made from this one.
    pub(super) fn children(&self, entry: u32) -> &[u32] {
        let at = entry as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(&start), Some(&end)) => self.children.get(start as usize..end as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Whether anything at or below this entry is to be visited.
    pub(super) fn is_wanted(&self, entry: u32) -> bool {
        self.wanted.get(entry as usize).is_some_and(|&count| count > 0)
    }

    /// Whether an entry is read for the sake of others alone, and shown to nobody.
    pub(super) fn is_passed_over(&self, entry: u32) -> bool {
        self.passed_over.contains(entry)
    }

    /// How many objects are to be visited.
    pub(super) fn objects(&self) -> u64 {
        let in_families: u64 = self
            .families
            .iter()
            .map(|family| u64::from(self.wanted.get(family.head as usize).copied().unwrap_or_default()))
            .sum();
        in_families + self.orphans.len() as u64
    }

    /// The parent of every entry, and the heads.
    fn read_headers(
        &mut self,
        store: &Store,
        pack: &Pack,
        kinds: Kinds,
        inflater: &mut Inflater,
    ) -> (Vec<u32>, Vec<Family>) {
        let mut parents = vec![NONE; self.entries.len()];
        let mut heads = Vec::new();
        let at = |offset: u64| {
            let found = self.entries.binary_search_by_key(&offset, |&(offset, _)| offset).ok()?;
            u32::try_from(found).ok()
        };
        for ((&(offset, _), parent), entry) in self.entries.iter().zip(&mut parents).zip(0_u32..) {
            let Some(header) = pack.header(offset) else {
                self.orphans.push((entry, "its entry header is malformed, or outside the pack"));
                continue;
            };
            if let Some(size) = self.sizes.get_mut(entry as usize) {
                *size = header.size;
            }
            let head = |kind, outside| Family { head: entry, kind, outside, weight: header.size };
            match header.base {
                Base::None(kind) => {
                    if kinds.contains(kind) {
                        heads.push(head(kind, None));
                    }
                }
                Base::Offset(base) => match at(base) {
                    Some(base) => *parent = base,
                    None => self.orphans.push((entry, "no entry begins where its delta base should be")),
                },
                Base::Id(id) => match pack.find(&id).and_then(|position| at(pack.offset(position)?)) {
                    Some(base) => *parent = base,
                    None => match store.kind(&id, inflater) {
                        Some(kind) if kinds.contains(kind) => heads.push(head(kind, Some(id))),
                        Some(_) => {}
                        None => self.orphans.push((entry, "its delta base is missing")),
                    },
                },
            }
        }
        (parents, heads)
    }

    /// Turns the parents into lists of children.
    fn link(&mut self, parents: &[u32]) {
        let mut starts = vec![0_u32; parents.len() + 1];
        for &parent in parents.iter().filter(|&&parent| parent != NONE) {
            if let Some(count) = starts.get_mut(parent as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut children = vec![0; sum as usize];
        for (&parent, child) in parents.iter().zip(0_u32..).filter(|(parent, _)| **parent != NONE) {
            if let Some(place) = next.get_mut(parent as usize) {
                if let Some(slot) = children.get_mut(*place as usize) {
                    *slot = child;
                }
                *place += 1;
            }
        }
        (self.starts, self.children) = (starts, children);
    }

    /// Counts what is to be visited below every entry, which `is_own` tells, and finds the families that have something.
    fn weigh(&mut self, heads: Vec<Family>, is_own: impl Fn(&Self, ObjectKind, u32) -> bool) {
        let mut wanted = vec![0_u32; self.entries.len()];
        let mut order = Vec::new();
        for family in heads {
            order.clear();
            order.push(family.head);
            let mut at = 0;
            while let Some(&entry) = order.get(at) {
                order.extend_from_slice(self.children(entry));
                at += 1;
            }
            for &entry in order.iter().rev() {
                let own = is_own(self, family.kind, entry);
                let below = self.children(entry).iter().filter_map(|&child| wanted.get(child as usize)).sum();
                if let Some(count) = wanted.get_mut(entry as usize) {
                    *count = u32::from(own).saturating_add(below);
                }
            }
            let count = wanted.get(family.head as usize).copied().unwrap_or_default();
            if count > 0 {
                if !self.sizes.is_empty() && family.kind == ObjectKind::Blob {
                    self.lend(&order, &wanted);
                }
                let weight = family.weight.saturating_add(64).saturating_mul(order.len() as u64);
                self.families.push(Family { weight, ..family });
            }
        }
        for window in self.starts.windows(2) {
            if let &[start, end] = window
                && let Some(children) = self.children.get_mut(start as usize..end as usize)
            {
                children.sort_by_key(|&child| wanted.get(child as usize).copied());
            }
        }
        self.wanted = wanted;
    }

    /// Decides which entries of a family that are not to be visited are lent to the visitor all the same.
    fn lend(&mut self, order: &[u32], wanted: &[u32]) {
        let is_own = |entry: u32| {
            let count = |entry: u32| wanted.get(entry as usize).copied().unwrap_or_default();
            count(entry) > self.children(entry).iter().map(|&child| count(child)).sum()
        };
        let family = lend::Family {
            order,
            children: &|entry| self.children(entry),
            is_own: &is_own,
            size: &|entry| self.sizes.get(entry as usize).copied().unwrap_or_default(),
        };
        for entry in family.not_lent() {
            self.passed_over.insert(entry);
        }
    }

    /// An entry whose chain of bases ends in an orphan, or goes round in a circle (only deltas that name their base by
    /// id can), is an orphan as well. Its kind cannot be known, so it counts whatever was asked for.
    fn mark_orphans(&mut self, parents: &[u32], duplicates: &Set) {
        const UNKNOWN: u8 = 0;
        const SOUND: u8 = 1;
        const LOST: u8 = 2;
        const ON_PATH: u8 = 3;
        let mut states = vec![UNKNOWN; parents.len()];
        for &(entry, _) in &self.orphans {
            if let Some(state) = states.get_mut(entry as usize) {
                *state = LOST;
            }
        }
        let mut path = Vec::new();
        for start in 0..u32::try_from(parents.len()).unwrap_or(NONE) {
            path.clear();
            let mut at = start;
            let verdict = loop {
                match states.get_mut(at as usize) {
                    Some(state) if *state == UNKNOWN => *state = ON_PATH,
                    Some(state) if *state != ON_PATH => break *state,
                    _ => break LOST,
                }
                path.push(at);
                match parents.get(at as usize) {
                    Some(&NONE) | None => break SOUND,
                    Some(&parent) => at = parent,
                }
            };
            for &entry in &path {
                if let Some(state) = states.get_mut(entry as usize) {
                    *state = verdict;
                }
                if verdict == LOST {
                    self.orphans.push((entry, "its delta base is missing or cannot be read"));
                }
            }
        }
        self.orphans.retain(|&(entry, _)| {
            self.entries.get(entry as usize).is_some_and(|&(_, position)| !duplicates.contains(position))
        });
    }
}
