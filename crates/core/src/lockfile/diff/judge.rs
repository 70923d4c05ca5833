//! The check: what a change makes of a lock, as findings at the levels of `[lock-diff]`.

use super::compare::{Difference, Noted, differences};
use super::config::Settings;
use super::names::Names;
use crate::change::Edit;
use crate::check::Check;
use crate::lockfile::{DEFAULT_LIMIT, ECOSYSTEMS, Ecosystem, Locked, Role, Source, is_in};
use crate::policy::{Policy, PolicyError};
use crate::{
    Code, Confidence, Date, Finding, Fingerprint, Level, Location, RepoPath, Sink, SkipReason, Stage,
};

/// The check of what changes of locks bring.
#[derive(Debug)]
pub struct Judge {
    settings: Settings,
    names: Names,
}

impl Judge {
    /// For a stage and a day.
    ///
    /// # Errors
    ///
    /// A glob that is none.
    pub fn new(policy: &Policy, stage: Stage, today: Date) -> Result<Self, PolicyError> {
        let settings = Settings::new(policy, stage, today)?;
        let names = Names::new(settings.internal_names().to_vec());
        Ok(Self { settings, names })
    }

    /// For somebody who asks for it by name: then it denies what it denies, also where nobody has written a policy.
    #[must_use]
    pub fn asked_for(mut self) -> Self {
        self.settings.ask_for();
        self
    }

    /// What is another in a lock than in its versions before, whichever ecosystem's it is: of a merge a package counts as
    /// there before that one of its sides has. `None`: no ecosystem knows the file, or none can read it.
    #[must_use]
    pub fn differences(
        &self,
        path: &str,
        before: &[&str],
        now: &str,
    ) -> Option<(&'static dyn Ecosystem, Vec<Difference>)> {
        let now = Source::new(path, now);
        let (ecosystem, new) = locked(&now)?;
        let old: Vec<Locked> = before
            .iter()
            .filter_map(|text| ecosystem.locked(&Source::new(path, text)).ok())
            .flatten()
            .collect();
        Some((ecosystem, differences(ecosystem, &old, &new, &self.names)))
    }

    /// Whether a lock is left out by the policy.
    #[must_use]
    pub fn is_excluded(&self, path: &RepoPath) -> bool {
        self.settings.is_excluded(path)
    }

    /// What new names are compared with.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// What the policy makes of a signal.
    #[must_use]
    pub fn level(&self, noted: &Noted) -> Level {
        self.settings.level(noted.signal)
    }
}

/// What a lock holds, by the first ecosystem that can read it: some share a file name.
fn locked(lock: &Source) -> Option<(&'static dyn Ecosystem, Vec<Locked>)> {
    let known =
        ECOSYSTEMS.iter().filter(|ecosystem| ecosystem.role(&lock.path).is_some_and(Role::may_be_lock));
    known.copied().find_map(|ecosystem| Some((ecosystem, ecosystem.locked(lock).ok()?)))
}

fn is_lock(path: &RepoPath) -> bool {
    std::str::from_utf8(path.as_bytes()).is_ok_and(|path| {
        !is_in(path, &["node_modules", "vendor"])
            && ECOSYSTEMS.iter().any(|ecosystem| ecosystem.role(path).is_some_and(Role::may_be_lock))
    })
}

impl Check for Judge {
    fn edit_limit(&self, path: &RepoPath) -> Option<u64> {
        (self.is_reading_edits() && is_lock(path)).then_some(DEFAULT_LIMIT)
    }

    fn is_reading_edits(&self) -> bool {
        !self.settings.is_off()
    }

    fn edit(&self, edit: &Edit<'_>, sink: &mut dyn Sink) {
        if !is_lock(edit.path) {
            return;
        }
        if self.is_excluded(edit.path) {
            sink.skip(SkipReason::Excluded);
            return;
        }
        // A lock that is new brings everything: nothing of it is another than before.
        let text = |bytes| std::str::from_utf8(bytes).ok();
        let before: Vec<&str> = edit.before.iter().filter_map(|bytes| text(*bytes)).collect();
        let (Some(path), Some(now)) = (text(edit.path.as_bytes()), text(edit.now)) else { return };
        if before.is_empty() {
            return;
        }
        let Some((_, differences)) = self.differences(path, &before, now) else { return };
        let source = Source::new(path, now);
        for difference in &differences {
            for noted in &difference.signals {
                let level = self.level(noted);
                if level != Level::Off {
                    sink.finding(finding(&source, difference, noted, level, edit));
                }
            }
        }
    }
}

fn finding(
    source: &Source,
    difference: &Difference,
    noted: &Noted,
    level: Level,
    edit: &Edit<'_>,
) -> Finding {
    let code = noted.signal.code();
    let span = difference.new.as_ref().and_then(|new| source.place(&new.span).span);
    let location = Location {
        path: Some(edit.path.clone()),
        span,
        commit: edit.commit,
        object: Some(edit.id),
        ..Location::default()
    };
    let version = difference.new.as_ref().map_or("", |new| new.version.as_str());
    let subject = format!("{} {version}", difference.name);
    Finding {
        rule: code.name.to_owned(),
        code: Code::new(code.code),
        family: super::CHECK.family,
        name: code.name.replace('-', " "),
        severity: code.severity,
        confidence: Confidence::High,
        level,
        message: noted.what.clone(),
        why: vec![code.why.to_owned()],
        fix: vec![code.fix.to_owned()],
        fingerprint: Fingerprint::of_place(code.code, edit.path.as_bytes(), subject.as_bytes()),
        secret: None,
        locations: vec![location],
    }
}
