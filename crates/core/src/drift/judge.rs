//! Which changes weaken a gate: every watcher is shown the files it watches, and what it says becomes findings.

use super::codes::AT_MOST_NOTE;
use super::config::Settings;
use super::gate::Weakening;
use super::watchers::{WATCHERS, least};
use crate::change::FileChange;
use crate::check::Context;
use crate::policy::PolicyError;
use crate::text::LineIndex;
use crate::{Check, Code, Confidence, Finding, Fingerprint, Level, Location, RepoPath, Sink};

/// The check of gates themselves, built from a policy for one stage.
#[derive(Debug)]
pub struct Judge {
    settings: Settings,
}

impl Judge {
    /// Builds the check for a stage.
    ///
    /// # Errors
    ///
    /// A value of `[drift]` that is impossible.
    pub fn new(context: &Context<'_>) -> Result<Self, PolicyError> {
        Ok(Self { settings: Settings::new(context)? })
    }

    fn finding(&self, weakening: Weakening, changes: &[FileChange<'_>]) -> Option<Finding> {
        let least = least(&weakening);
        let Weakening { code, path, line, commit, message, restore } = weakening;
        let most = if AT_MOST_NOTE.contains(&code.code) { Level::Note } else { Level::Deny };
        let level = self.settings.level.of(code.severity).min(most).max(least);
        if level == Level::Off {
            return None;
        }
        let change = changes.iter().find(|change| *change.path == path && change.commit == commit);
        let span = line.zip(change.and_then(|change| change.new)).map(|(line, bytes)| {
            let mut lines = LineIndex::new(bytes);
            let range = lines.range((line as usize).saturating_sub(1));
            lines.span(range)
        });
        Some(Finding {
            rule: code.name.to_owned(),
            code: Code::new(code.code),
            family: super::CHECK.family,
            name: code.name.replace('-', " "),
            severity: code.severity,
            confidence: Confidence::High,
            level,
            why: vec![code.why.to_owned()],
            fix: vec![
                restore,
                "if it is meant, have those who answer for the policy allow it first: gatepost explain exceptions"
                    .to_owned(),
            ],
            fingerprint: Fingerprint::of_place(code.code, path.as_bytes(), message.as_bytes()),
            message: format!("{}: {message}", path.escaped()),
            secret: None,
            locations: vec![Location { path: Some(path), span, commit, ..Location::default() }],
        })
    }
}

impl Check for Judge {
    fn watches(&self, path: &RepoPath) -> bool {
        !self.settings.is_off() && WATCHERS.iter().any(|watcher| (watcher.watches)(path, &self.settings))
    }

    fn is_watching(&self) -> bool {
        !self.settings.is_off()
    }

    fn file_changes(&self, changes: &[FileChange<'_>], sink: &mut dyn Sink) {
        if self.settings.is_off() {
            return;
        }
        for watcher in WATCHERS {
            let watched: Vec<&FileChange<'_>> =
                changes.iter().filter(|change| (watcher.watches)(change.path, &self.settings)).collect();
            if watched.is_empty() {
                continue;
            }
            for weakening in (watcher.judge)(&watched) {
                if let Some(finding) = self.finding(weakening, changes) {
                    sink.finding(finding);
                }
            }
        }
    }
}
