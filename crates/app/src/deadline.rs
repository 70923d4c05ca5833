//! When a gate must have judged. Asked between two commits and between two files: what is in hand is judged to its end.

use std::time::{Duration, Instant};

/// A moment after which nothing more is begun; by default there is none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// So long after `start`; `None`: never.
    pub(crate) fn after(start: Instant, budget: Option<Duration>) -> Self {
        // A time beyond what a clock can say never comes.
        Self(budget.and_then(|budget| start.checked_add(budget)))
    }

    /// Whether it is over.
    pub(crate) fn is_over(self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_is_over_at_once_and_no_limit_never() {
        let now = Instant::now();
        assert!(Deadline::after(now, Some(Duration::ZERO)).is_over());
        assert!(!Deadline::after(now, None).is_over());
        assert!(!Deadline::after(now, Some(Duration::MAX)).is_over());
        assert!(!Deadline::default().is_over());
    }
}
