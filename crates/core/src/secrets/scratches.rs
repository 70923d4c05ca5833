//! Scratch buffers for who judges one document after the other and has none of its own. New ones would have to grow anew
//! for every file of a tree.

use super::scanner::Scratch;
use crate::statistics::ScannerStatistics;
use std::sync::{Mutex, PoisonError};

/// Buffers that nobody is using: as many as there were ever threads at work at once.
#[derive(Debug, Default)]
pub(super) struct Scratches(Mutex<Vec<Scratch>>);

impl Scratches {
    /// Lends one for a call. Where that panics the buffer is gone: nothing half done is lent again.
    pub(super) fn lend<R>(&self, call: impl FnOnce(&mut Scratch) -> R) -> R {
        let free = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lent = free().pop();
        let mut scratch = lent.unwrap_or_default();
        let result = call(&mut scratch);
        free().push(scratch);
        result
    }

    /// What all scans did whose buffers were given back.
    pub(super) fn statistics(&self) -> ScannerStatistics {
        let mut all = ScannerStatistics::default();
        let free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        free.iter().for_each(|scratch| all.merge(scratch.statistics()));
        all
    }

    #[cfg(test)]
    fn count(&self) -> usize {
        self.0.lock().map_or(0, |free| free.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_as_were_lent_at_once() {
        let scratches = Scratches::default();
        (0..3).for_each(|_| scratches.lend(|_| assert_eq!(scratches.count(), 0)));
        assert_eq!(scratches.count(), 1);
        scratches.lend(|_| scratches.lend(|_| ()));
        assert_eq!(scratches.count(), 2);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            scratches.lend(|_| panic!("in the middle of a scan"));
        }));
        assert!(panicked.is_err());
        assert_eq!(scratches.count(), 1);
    }
}
