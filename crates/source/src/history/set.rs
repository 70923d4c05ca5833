//! A set of small numbers: entries of a pack, objects of a graph.

/// Numbers below a bound, a bit for each.
#[derive(Debug, Default)]
pub(super) struct Set(Vec<u64>);

impl Set {
    /// An empty set of numbers below `len`.
    pub(super) fn new(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }

    /// Whether `number` is in the set.
    pub(super) fn contains(&self, number: u32) -> bool {
        self.0.get((number / 64) as usize).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// Adds a number; whether it is new. One that is too large is none.
    pub(super) fn insert(&mut self, number: u32) -> bool {
        let bit = 1 << (number % 64);
        self.0.get_mut((number / 64) as usize).is_some_and(|word| {
            let is_new = *word & bit == 0;
            *word |= bit;
            is_new
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_what_was_put_in() {
        let mut set = Set::new(65);
        assert!(set.insert(64) && !set.insert(64) && !set.insert(128) && !set.insert(u32::MAX));
        assert!(set.contains(64) && !set.contains(63) && !set.contains(u32::MAX));
        assert!(!Set::default().contains(0));
    }
}
