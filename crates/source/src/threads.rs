//! Work that is shared out over threads, whatever it is: a history, files, the blobs of a change.

use std::thread::Builder;

/// Runs a function in `threads` threads, this one among them. A thread that cannot be started is done without: the work
/// must be such that the others take it over. With 1, or 0, none is started.
///
/// # Panics
///
/// With the panic of the function in whatever thread, when all have ended.
pub fn in_threads<R: Send>(threads: usize, run: impl Fn() -> R + Sync) -> Vec<R> {
    std::thread::scope(|scope| {
        let others: Vec<_> =
            (1..threads).filter_map(|_| Builder::new().spawn_scoped(scope, &run).ok()).collect();
        let mut results = vec![run()];
        for thread in others {
            match thread.join() {
                Ok(result) => results.push(result),
                // What was called panicked; it is the caller's panic.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn the_caller_works_too_and_alone_where_one_is_enough() {
        let this = std::thread::current().id();
        for threads in [0, 1] {
            assert_eq!(in_threads(threads, || std::thread::current().id()), [this]);
        }
        let next = AtomicUsize::new(0);
        let all = in_threads(8, || (next.fetch_add(1, Ordering::Relaxed), std::thread::current().id()));
        assert_eq!((all.len(), next.into_inner()), (8, 8));
        assert_eq!(all.iter().filter(|(_, id)| *id == this).count(), 1);
    }

    #[test]
    #[should_panic(expected = "the third")]
    fn a_panic_in_one_of_them_is_the_callers() {
        let next = AtomicUsize::new(0);
        in_threads(4, || assert_ne!(next.fetch_add(1, Ordering::Relaxed), 2, "the third"));
    }
}
