//! One run: pieces of text in, leaks together, a report and an exit code out.

use super::own::Own;
use super::said::{self, Log};
use super::settings::Settings;
use super::{ERROR, Fatal};
use gatepost_compat::gitleaks::{Detector, Finding, Fragment, OwnRules, report};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many problems are said one by one.
const MOST_PROBLEMS: usize = 20;

/// Where a piece stands among all: the number of its file, that of the piece in it.
pub(super) type Place = (usize, usize);

/// A run.
pub(super) struct Run<'a> {
    pub(super) settings: &'a Settings<'a>,
    pub(super) detector: Detector<'a>,
    own: Option<&'a Own>,
    bytes: AtomicU64,
    findings: Mutex<Vec<(Place, Finding)>>,
    problems: Mutex<Vec<String>>,
    commits: Mutex<Option<u64>>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Run<'a> {
    pub(super) fn new(settings: &'a Settings<'a>, own: Option<&'a Own>) -> Result<Self, Fatal> {
        let rules = own.map(|own| own as &dyn OwnRules);
        let detector = Detector::new(&settings.config, rules, settings.options.clone())?;
        Ok(Self {
            settings,
            detector,
            own,
            bytes: AtomicU64::new(0),
            findings: Mutex::default(),
            problems: Mutex::default(),
            commits: Mutex::default(),
        })
    }

    pub(super) const fn log(&self) -> &Log {
        self.settings.log
    }

    /// Threads to work with.
    pub(super) fn threads() -> usize {
        std::thread::available_parallelism().map_or(1, usize::from)
    }

    /// Looks at a piece. After the last moment nothing is looked at, which is a problem.
    pub(super) fn piece(&self, place: Place, fragment: &Fragment<'_>) {
        if self.is_late() {
            return;
        }
        self.bytes.fetch_add(fragment.text.len() as u64, Ordering::Relaxed);
        let is_redacted = self.settings.options.redact > 0;
        let mut found = self.detector.detect(fragment);
        found.retain(|finding| {
            !self.settings.ignored.has(finding) && !self.settings.baseline.has(finding, is_redacted)
        });
        if !found.is_empty() {
            lock(&self.findings).extend(found.into_iter().map(|finding| (place, finding)));
        }
    }

    pub(super) fn is_late(&self) -> bool {
        self.settings.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Something was not looked at.
    pub(super) fn problem(&self, what: String) {
        lock(&self.problems).push(what);
    }

    /// How many commits there were.
    pub(super) fn commits(&self, count: u64) {
        *lock(&self.commits) = Some(count);
    }

    /// Says what there is, writes the report, and decides.
    pub(super) fn finish(self) -> Result<ExitCode, Fatal> {
        let mut findings = std::mem::take(&mut *lock(&self.findings));
        findings.sort_by_key(|(place, _)| *place);
        let findings: Vec<Finding> = findings.into_iter().map(|(_, finding)| finding).collect();
        let mut problems = std::mem::take(&mut *lock(&self.problems));
        problems.extend(self.settings.config.failure());
        problems.extend(self.own.and_then(Own::failure));
        if self.is_late() {
            problems.push("the time of --timeout is over, and not everything was looked at".to_owned());
        }
        problems.sort();
        if self.settings.is_verbose {
            for finding in &findings {
                said::print(finding)
                    .map_err(|error| format!("standard output cannot be written: {error}"))?;
            }
        }
        self.summary(findings.len(), &problems);
        if let Some((path, format)) = &self.settings.report {
            write(path, &report(*format, &findings, &self.settings.config))?;
        }
        Ok(match (problems.is_empty(), findings.is_empty()) {
            (false, _) => ExitCode::from(ERROR),
            (true, true) => ExitCode::SUCCESS,
            // As a process hands it on: the last eight bits.
            (true, false) => ExitCode::from(self.settings.exit_code.to_le_bytes()[0]),
        })
    }

    fn summary(&self, leaks: usize, problems: &[String]) {
        let log = self.log();
        for problem in problems.iter().take(MOST_PROBLEMS) {
            log.error(problem);
        }
        if let Some(more) = problems.len().checked_sub(MOST_PROBLEMS).filter(|more| *more > 0) {
            log.error(&format!("and {more} more that could not be looked at"));
        }
        if let Some(commits) = *lock(&self.commits) {
            log.info(&format!("{commits} commits scanned."));
        }
        let bytes = self.bytes.load(Ordering::Relaxed);
        let scanned = format!("scanned ~{bytes} bytes ({})", said::size(bytes));
        let took = duration(self.settings.started.elapsed());
        if problems.is_empty() {
            log.info(&format!("{scanned} in {took}"));
            match leaks {
                0 => log.info("no leaks found"),
                leaks => log.warn(&format!("leaks found: {leaks}")),
            }
            return;
        }
        log.warn(&scanned);
        log.warn(&format!("partial scan completed in {took}"));
        // Whatever the log level is: this run must not be taken for a clean one.
        match leaks {
            0 if bytes == 0 => log.fatal("nothing was scanned: this says nothing about leaks"),
            0 => log.fatal("a part was scanned only: nothing was found in it, and the rest is not known"),
            leaks => log.fatal(&format!("a part was scanned only: leaks found in it: {leaks}")),
        }
    }
}

fn duration(took: Duration) -> String {
    if took < Duration::from_secs(1) {
        format!("{}ms", took.as_millis())
    } else {
        format!("{:.2}s", took.as_secs_f64())
    }
}

fn write(path: &Path, text: &str) -> Result<(), Fatal> {
    if path == Path::new("-") {
        return crate::output::print(text)
            .map_err(|_| "failed to write report: standard output is closed".to_owned());
    }
    crate::output::replace(path, text.as_bytes())
        .map_err(|error| format!("failed to write report {}: {error}", path.display()))
}
