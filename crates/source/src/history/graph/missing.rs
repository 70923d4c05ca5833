//! How much is missing that the refs lead to.
//!
//! A name that leads nowhere need not be a loss: objects that no ref leads to are pruned piece by piece. So what is named
//! and not here is followed up to the commits, and counted only where refs lead there.

use super::{Graph, NONE};
use crate::history::set::Set;
use gatepost_core::ObjectId;
use std::collections::HashMap;

impl Graph {
    /// How many objects are named and not here, whether or not a ref leads to them.
    pub(in crate::history) fn nowhere(&self) -> usize {
        self.numbers.len().saturating_sub(self.numbers.stored() as usize)
    }

    /// The objects that `tips` lead to and that are not here, sorted.
    pub(in crate::history) fn missing(&self, tips: &[ObjectId]) -> Vec<ObjectId> {
        let stored = self.numbers.stored();
        let mut seen = Set::new(self.numbers.len());
        let mut missing = Vec::new();
        let mut rest: Vec<u32> = Vec::new();
        for tip in tips {
            match self.numbers.get(tip) {
                Some(number) => rest.push(number),
                None => missing.push(*tip),
            }
        }
        let targets: HashMap<u32, u32> = self.parts.iter().flat_map(|part| &part.tags).copied().collect();
        let commits: HashMap<u32, (u32, &[u32])> =
            self.commits().map(|(commit, parents)| (commit.object, (commit.tree, parents))).collect();
        let nowhere: Vec<u32> = (stored..).take(self.nowhere()).collect();
        let held = self.held(&nowhere);
        while let Some(number) = rest.pop() {
            if number == NONE || !seen.insert(number) {
                continue;
            }
            if number >= stored {
                missing.extend(self.numbers.id(number));
            } else if let Some((tree, parents)) = commits.get(&number) {
                rest.push(*tree);
                rest.extend_from_slice(parents);
            } else if let Some(target) = targets.get(&number) {
                rest.push(*target);
            } else {
                rest.extend(held.entries(number).iter().map(|(_, entry)| entry.object));
            }
        }
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    /// The commits that `tips` lead to, tags followed, as far as they are here; in no particular order.
    #[must_use]
    pub fn commits_behind(&self, tips: &[ObjectId]) -> Vec<ObjectId> {
        let tags: HashMap<u32, u32> = self.parts.iter().flat_map(|part| &part.tags).copied().collect();
        let parents: HashMap<u32, &[u32]> =
            self.commits().map(|(commit, parents)| (commit.object, parents)).collect();
        let mut seen = Set::new(self.numbers.len());
        let mut rest: Vec<u32> = tips.iter().filter_map(|tip| self.numbers.get(tip)).collect();
        let mut found = Vec::new();
        while let Some(number) = rest.pop() {
            if number == NONE || !seen.insert(number) {
                continue;
            }
            if let Some(parents) = parents.get(&number) {
                found.extend(self.numbers.id(number));
                rest.extend_from_slice(parents);
            } else {
                rest.extend(tags.get(&number));
            }
        }
        found
    }
}
