//! How much is missing that the refs lead to.
//!
//! A name that leads nowhere need not be a loss: objects that no ref leads to are pruned piece by piece. So what is named
//! and not here is followed up to the commits, and counted only where refs lead there.

use super::{Graph, NONE, Set};
use gatepost_core::ObjectId;
use std::collections::HashMap;

impl Graph {
    /// How many objects are named and not here, whether or not a ref leads to them.
    pub(in crate::history) fn nowhere(&self) -> usize {
        self.numbers.len().saturating_sub(self.numbers.stored() as usize)
    }

    /// How many objects that `tips` lead to are not here.
    pub(in crate::history) fn missing(&self, tips: &[ObjectId]) -> u64 {
        let stored = self.numbers.stored();
        let mut seen = Set::new(self.numbers.len());
        let mut missing = 0;
        let mut rest: Vec<u32> = Vec::new();
        for tip in tips {
            match self.numbers.get(tip) {
                Some(number) => rest.push(number),
                None => missing += 1,
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
                missing += 1;
            } else if let Some((tree, parents)) = commits.get(&number) {
                rest.push(*tree);
                rest.extend_from_slice(parents);
            } else if let Some(target) = targets.get(&number) {
                rest.push(*target);
            } else {
                rest.extend(held.entries(number).iter().map(|(_, entry)| entry.object));
            }
        }
        missing
    }
}
