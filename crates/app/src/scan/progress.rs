//! Progress bars: on a terminal, and only when a run lasts over half a second.

use gatepost_source::history;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const DELAY: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(100);

/// A thread that draws until it is dropped.
pub(super) struct Progress {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    fn start(
        draw: impl Fn(&ProgressBar) + Send + 'static,
        bar: impl FnOnce() -> ProgressBar + Send + 'static,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        if !io::stderr().is_terminal() {
            return Self { stop, thread: None };
        }
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            thread::park_timeout(DELAY);
            if stopped.load(Ordering::Relaxed) {
                return;
            }
            let bar = bar();
            while !stopped.load(Ordering::Relaxed) {
                draw(&bar);
                thread::park_timeout(TICK);
            }
            bar.finish_and_clear();
        });
        Self { stop, thread: Some(thread) }
    }

    /// Draws the walk over a history.
    pub(super) fn history(progress: &Arc<history::Progress>) -> Self {
        let counts = Arc::clone(progress);
        Self::start(
            move |bar| {
                // An empty total would be drawn as a full bar.
                if counts.total() == 0 {
                    return;
                }
                bar.set_length(counts.total());
                bar.set_position(counts.done());
                bar.set_message(megabytes(counts.bytes()));
            },
            || {
                let style = ProgressStyle::with_template("{bar:30} {pos}/{len} objects, {msg}, {eta} left");
                ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
            },
        )
    }

    /// Says that files are being read.
    pub(super) fn files() -> Self {
        Self::start(ProgressBar::tick, || ProgressBar::new_spinner().with_message("reading files"))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A drawing thread that failed has nothing to say about the scan.
            let _ = thread.join();
        }
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}
