//! Progress on a terminal, and only when a run lasts over half a second: objects or files, bytes, rate, time left. The line
//! is gone when the run ends.

use crate::session::Session;
use gatepost_source::{files, history};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const DELAY: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(100);

const OBJECTS: &str = "{bar:30} {pos}/{len} objects, {msg}, {eta} left";
const FILES: &str = "{bar:30} {pos}/{len} files, {msg}, {eta} left";
const UNCOUNTED: &str = "{spinner} {msg}";

/// A thread that draws until it is dropped.
pub(super) struct Progress {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// How far a run is.
struct State {
    done: u64,
    /// 0: not known yet.
    total: u64,
    bytes: u64,
}

impl Progress {
    /// Draws what `line` does with a bar, as often as it is to be drawn. `begin` is called once, with what says that the run is
    /// over, before the first time.
    fn start(
        session: &Session,
        template: &'static str,
        begin: impl FnOnce(&AtomicBool) + Send + 'static,
        line: impl Fn(&ProgressBar, Duration) + Send + 'static,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        if !session.draws {
            return Self { stop, thread: None };
        }
        let started = std::time::Instant::now();
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) && started.elapsed() < DELAY {
                thread::park_timeout(DELAY.saturating_sub(started.elapsed()));
            }
            if stopped.load(Ordering::Relaxed) {
                return;
            }
            begin(&stopped);
            let style = ProgressStyle::with_template(template);
            let bar = ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            while !stopped.load(Ordering::Relaxed) {
                line(&bar, started.elapsed());
                thread::park_timeout(TICK);
            }
            bar.finish_and_clear();
        });
        Self { stop, thread: Some(thread) }
    }

    /// Draws the walk over a history.
    pub(super) fn history(session: &Session, progress: &Arc<history::Progress>) -> Self {
        let counts = Arc::clone(progress);
        let state = move || State { done: counts.done(), total: counts.total(), bytes: counts.bytes() };
        Self::start(session, OBJECTS, |_| {}, move |bar, elapsed| draw(bar, &state(), elapsed, "objects"))
    }

    /// Draws the reading of files. Nobody counted them, so that is done now, while they are read: without their number nobody
    /// can tell the time left.
    pub(super) fn files(
        session: &Session,
        progress: &Arc<files::Progress>,
        roots: &[PathBuf],
        no_ignore: bool,
    ) -> Self {
        let (counts, roots) = (Arc::clone(progress), roots.to_vec());
        let total = Arc::new(std::sync::OnceLock::new());
        let known = Arc::clone(&total);
        let begin = move |stop: &AtomicBool| {
            if let Some(files) = files::count(&roots, no_ignore, stop) {
                let _ = total.set(files);
            }
        };
        let state = move || State {
            done: counts.files(),
            total: known.get().copied().unwrap_or_default(),
            bytes: counts.bytes(),
        };
        Self::start(session, FILES, begin, move |bar, elapsed| draw(bar, &state(), elapsed, "files"))
    }

    /// Says that blobs are traced to commits and paths, which has no measure.
    pub(super) fn tracing(session: &Session, blobs: usize) -> Self {
        let objects = if blobs == 1 { "object".to_owned() } else { format!("{blobs} objects") };
        Self::start(
            session,
            UNCOUNTED,
            |_| {},
            move |bar, elapsed| {
                bar.set_message(format!(
                    "looking for the commits and paths of {objects}, {} s",
                    elapsed.as_secs()
                ));
                bar.tick();
            },
        )
    }
}

/// Draws a bar; where the total is not known, which would be drawn as a full bar, a line without one.
fn draw(bar: &ProgressBar, state: &State, elapsed: Duration, things: &str) {
    let rate = state.bytes as f64 / elapsed.as_secs_f64().max(0.001);
    let bytes = format!("{}, {}/s", megabytes(state.bytes as f64), megabytes(rate));
    if state.total == 0 {
        if let Ok(style) = ProgressStyle::with_template(UNCOUNTED) {
            bar.set_style(style);
        }
        bar.set_message(format!("{} {things}, {bytes}", state.done));
        bar.tick();
        return;
    }
    let template = if things == "files" { FILES } else { OBJECTS };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_length(state.total);
    bar.set_position(state.done.min(state.total));
    bar.set_message(bytes);
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

fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}
