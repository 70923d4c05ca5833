//! Which trees hold something wanted, directly or further down.

use super::Graph;
use super::record::{Entry, Part, Step};
use crate::history::set::Set;
use std::collections::HashMap;

/// The trees that hold something wanted, and in each the entries that lead to it.
pub(in crate::history) struct Held {
    /// Of each part's trees, what they hold.
    lists: Vec<List>,
    /// Where a tree's entries are: its part, and its place there.
    places: HashMap<u32, (u32, u32)>,
}

/// What the trees of one part hold.
#[derive(Default)]
struct List {
    /// Entries with their places in their trees, tree by tree.
    entries: Vec<(u32, Entry)>,
    /// Where each tree's entries end.
    ends: Vec<usize>,
}

impl Held {
    /// The entries of a tree that lead to something wanted, with their places in the tree; none for other trees.
    pub(in crate::history) fn entries(&self, tree: u32) -> &[(u32, Entry)] {
        let place = self.places.get(&tree);
        place.and_then(|&(part, at)| Some(self.lists.get(part as usize)?.of(at as usize))).unwrap_or_default()
    }
}

impl List {
    fn of(&self, tree: usize) -> &[(u32, Entry)] {
        let start = tree.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        let end = self.ends.get(tree).copied().unwrap_or(start);
        self.entries.get(start..end).unwrap_or_default()
    }
}

impl Graph {
    /// Looks for what is `wanted`, then for the trees that hold it, for the trees that hold these, until no tree is added:
    /// once for every level of directories.
    pub(in crate::history) fn held(&self, wanted: &[u32]) -> Held {
        let mut sought = Set::new(self.numbers.len());
        for &number in wanted {
            sought.insert(number);
        }
        loop {
            let mut grew = false;
            let lists: Vec<List> = self.parts.iter().map(|part| list(part, &mut sought, &mut grew)).collect();
            if !grew {
                return Held { places: places(&self.parts, &lists), lists };
            }
        }
    }
}

/// One look at the trees of a part. The trees that hold something are sought from then on as well.
fn list(part: &Part, sought: &mut Set, grew: &mut bool) -> List {
    let mut list = List { entries: Vec::new(), ends: Vec::with_capacity(part.len()) };
    for (tree, base, steps) in part.trees() {
        let start = list.entries.len();
        let (base_start, base_end) = base.map_or((0, 0), |base| {
            let end = list.ends.get(base).copied().unwrap_or_default();
            let before = base.checked_sub(1).and_then(|before| list.ends.get(before));
            (before.copied().unwrap_or_default(), end)
        });
        let mut place = 0_u32;
        for step in steps {
            match step {
                Step::New(entry) => {
                    if sought.contains(entry.object) {
                        list.entries.push((place, entry));
                    }
                    place = place.saturating_add(1);
                }
                Step::Copy(first, count) => {
                    let held = list.entries.get(base_start..base_end).unwrap_or_default();
                    let from = held.partition_point(|(at, _)| *at < first);
                    let to = held.partition_point(|(at, _)| *at < first.saturating_add(count));
                    for at in base_start + from..base_start + to {
                        if let Some(&(at, entry)) = list.entries.get(at) {
                            list.entries.push(((at - first).saturating_add(place), entry));
                        }
                    }
                    place = place.saturating_add(count);
                }
            }
        }
        list.ends.push(list.entries.len());
        if list.entries.len() > start {
            *grew |= sought.insert(tree);
        }
    }
    list
}

fn places(parts: &[Part], lists: &[List]) -> HashMap<u32, (u32, u32)> {
    let mut places = HashMap::new();
    for ((part, list), number) in parts.iter().zip(lists).zip(0_u32..) {
        for ((tree, _, _), at) in part.trees().zip(0_u32..) {
            if !list.of(at as usize).is_empty() {
                places.insert(tree, (number, at));
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::graph::{Part, testing};
    use crate::history::{Edit, Object, ObjectKind};
    use gatepost_core::Stretch;

    /// Blob 1 is in 10, that is in 11, that is in 12; 20 has nothing of it. Trees come in any order.
    #[test]
    fn trees_are_followed_up_whatever_their_order() {
        let graph = testing::graph(
            &[
                (12, vec![("040000", "c", 11), ("160000", "module", 1)]),
                (20, vec![("100644", "x", 2), ("40000", "y", 21)]),
                (11, vec![("100644", "a", 1), ("40000", "b", 10)]),
                (10, vec![("100644", "a", 1)]),
            ],
            &[],
        );
        let number = |byte| graph.numbers.get(&testing::id(byte)).unwrap();
        let held = graph.held(&[number(1)]);
        let ids = |tree| {
            let entries = held.entries(number(tree)).iter();
            entries
                .map(|(place, entry)| (*place, graph.numbers.id(entry.object).unwrap()))
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(10), [(0, testing::id(1))]);
        assert_eq!(ids(11), [(0, testing::id(1)), (1, testing::id(10))]);
        assert_eq!(ids(12), [(0, testing::id(11))]);
        assert_eq!(ids(20), []);
    }

    struct Random(u64);

    impl Random {
        fn below(&mut self, end: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 >> 20) as usize % end
        }

        fn entries(&mut self, count: usize) -> Vec<u8> {
            let mut bytes = Vec::new();
            for _ in 0..count {
                let (name, byte) = (["a", "bc", "def"][self.below(3)], self.below(5) as u8);
                bytes.extend(testing::tree(&[(["100644", "40000"][self.below(2)], name, byte)]));
            }
            bytes
        }
    }

    /// A tree made of stretches of another one, cut anywhere, and of new bytes: the stretches need not keep to entries, nor
    /// the result be a whole tree.
    fn edit(random: &mut Random, base: &[u8]) -> (Vec<u8>, Vec<Stretch>) {
        let (mut bytes, mut stretches) = (Vec::new(), Vec::new());
        for _ in 0..random.below(5) {
            let start = bytes.len();
            let from = if base.is_empty() || random.below(3) == 0 {
                let count = random.below(3);
                bytes.extend(random.entries(count));
                None
            } else {
                let from = [0, random.below(base.len())][random.below(2)];
                let to = [base.len(), from + random.below(base.len() - from + 1)][random.below(2)];
                bytes.extend_from_slice(&base[from..to]);
                Some(from)
            };
            if bytes.len() > start {
                stretches.push(Stretch { range: start..bytes.len(), from });
            }
        }
        (bytes, stretches)
    }

    /// What is copied is taken over as if it had been read again.
    #[test]
    fn edits_give_what_whole_trees_give() {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for _ in 0..3000 {
            let (recorder, whole) = (testing::recorder(), testing::recorder());
            let (mut part, mut whole_part) = (Part::default(), Part::default());
            let count = random.below(6);
            let mut base = random.entries(count);
            let mut stretches = Vec::new();
            let mut trace = None;
            for number in 10..16 {
                let bytes = Some(base.as_slice());
                let object = Object {
                    id: testing::id(number),
                    kind: ObjectKind::Tree,
                    size: base.len() as u64,
                    bytes,
                };
                let from = trace.as_ref().map(|base| Edit { base, stretches: &stretches });
                trace = recorder.record(&mut part, &object, from);
                whole.record(&mut whole_part, &object, None);
                (base, stretches) = edit(&mut random, &base);
            }
            assert_eq!(part.malformed, whole_part.malformed);
            let (graph, whole) = (recorder.finish(vec![part]), whole.finish(vec![whole_part]));
            for wanted in 0..5 {
                let of = |graph: &Graph| {
                    let wanted = graph.numbers.get(&testing::id(wanted));
                    let held = graph.held(&wanted.into_iter().collect::<Vec<_>>());
                    let entry = |(place, entry): &(u32, Entry)| {
                        let name = graph.names[entry.name as usize].clone();
                        (*place, name, entry.is_tree, graph.numbers.id(entry.object))
                    };
                    let of = |tree| held.entries(tree).iter().map(entry).collect();
                    (10..16)
                        .map(|byte| graph.numbers.get(&testing::id(byte)).map(of).unwrap_or_default())
                        .collect::<Vec<Vec<_>>>()
                };
                assert_eq!(of(&graph), of(&whole));
            }
        }
    }
}
