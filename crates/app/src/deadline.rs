//! When a gate must have judged. Asked between two commits and between two files: what is in hand is judged to its end. What
//! cannot be asked while it is at work is waited for no longer than that.

use std::sync::mpsc::{RecvTimeoutError, channel};
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

    /// The time that is left; `None`: all there is.
    pub(crate) fn left(self) -> Option<Duration> {
        self.0.map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// Whether it is over.
    pub(crate) fn is_over(self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }
}

/// Does work in a thread of its own and waits for it as long as `limit`; `None`: it is not done by then. It is left at work, and
/// ends with the program.
///
/// # Panics
///
/// With the panic of the work.
pub(crate) fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<Option<T>> {
    let (done, answer) = channel();
    let thread = std::thread::Builder::new().spawn(move || {
        // Nobody may be waiting any more.
        let _ = done.send(work());
    })?;
    match answer.recv_timeout(limit) {
        Ok(done) => Ok(Some(done)),
        Err(RecvTimeoutError::Timeout) => Ok(None),
        Err(RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(()) => Ok(None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_is_not_done_in_time_is_not_waited_for() {
        let (end, wait) = channel::<()>();
        assert_eq!(within(Duration::ZERO, move || wait.recv().is_ok()).unwrap(), None);
        drop(end);
        assert_eq!(within(Duration::MAX, || 7).unwrap(), Some(7));
    }

    #[test]
    #[should_panic(expected = "the work")]
    fn a_panic_of_the_work_is_the_callers() {
        let _ = within(Duration::MAX, || panic!("the work"));
    }

    #[test]
    fn no_time_is_over_at_once_and_no_limit_never() {
        let now = Instant::now();
        assert!(Deadline::after(now, Some(Duration::ZERO)).is_over());
        assert!(!Deadline::after(now, None).is_over());
        assert!(!Deadline::after(now, Some(Duration::MAX)).is_over());
        assert!(!Deadline::default().is_over());
    }
}
