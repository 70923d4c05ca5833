//! The check: what a change adds that is not held fast, and what stands in files that somebody names.

use super::config::Settings;
use super::loose::{Finder, Loose, Wanted};
use crate::change::Edit;
use crate::check::Check;
use crate::lockfile::{Source, is_in};
use crate::policy::{Policy, PolicyError};
use crate::{
    Code, Confidence, Date, Document, DocumentKind, Finding, Fingerprint, Level, Location, ObjectId,
    RepoPath, Sink, SkipReason, Stage,
};
use std::collections::HashSet;

/// Largest file that is read, in bytes: a manifest, a workflow and a Dockerfile are written by hand.
const MOST_READ: u64 = 8 << 20;

/// The check of pins.
#[derive(Debug)]
pub struct Judge {
    settings: Settings,
    stage: Stage,
}

impl Judge {
    /// For a stage and a day.
    ///
    /// # Errors
    ///
    /// A glob that is none.
    pub fn new(policy: &Policy, stage: Stage, today: Date) -> Result<Self, PolicyError> {
        Ok(Self { settings: Settings::new(policy, stage, today)?, stage })
    }

    /// For somebody who asks for it by name: then it denies what it denies, also where nobody has written a policy.
    #[must_use]
    pub fn asked_for(mut self) -> Self {
        self.settings.ask_for();
        self
    }

    /// Everything that stands loose in a text, by the finders that are on.
    fn loose(&self, source: &Source) -> Vec<(usize, &'static Finder, Loose)> {
        let wanted = Wanted { config: &self.settings.config };
        let found = self.settings.finders(&source.path).flat_map(|(at, finder)| {
            (finder.find)(source, &wanted).into_iter().map(move |loose| (at, finder, loose))
        });
        found.collect()
    }

    /// What stands loose in `now` and in none of `before`.
    fn judge(
        &self,
        path: &RepoPath,
        before: &[&[u8]],
        now: &[u8],
        (commit, object): (Option<ObjectId>, Option<ObjectId>),
        sink: &mut dyn Sink,
    ) {
        let Some(name) = relevant(path) else { return };
        if self.settings.finders(name).next().is_none() {
            return;
        }
        if self.settings.is_excluded(path) {
            sink.skip(SkipReason::Excluded);
            return;
        }
        let Ok(text) = std::str::from_utf8(now) else { return };
        let source = Source::new(name, text);
        let old: HashSet<(usize, String)> = before
            .iter()
            .filter_map(|bytes| std::str::from_utf8(bytes).ok())
            .flat_map(|text| self.loose(&Source::new(name, text)))
            .map(|(at, _, loose)| (at, loose.key))
            .collect();
        for (at, finder, loose) in self.loose(&source) {
            let level = self.settings.level(at, loose.hold.severity());
            if level != Level::Off && !old.contains(&(at, loose.key.clone())) {
                sink.finding(finding(finder, loose, level, &source, path, commit, object));
            }
        }
    }
}

/// The path as text, where it is one that anybody may have written by hand.
fn relevant(path: &RepoPath) -> Option<&str> {
    let path = std::str::from_utf8(path.as_bytes()).ok()?;
    (!is_in(path, &["node_modules", "vendor"])).then_some(path)
}

impl Check for Judge {
    fn read_limit(&self) -> u64 {
        if self.stage == Stage::Scan || self.settings.is_off() { 0 } else { MOST_READ }
    }

    /// Files that a hook manager or a person names: every line of them counts.
    fn document(&self, document: &Document<'_>, sink: &mut dyn Sink) {
        let is_named = document.kind == DocumentKind::File && self.stage != Stage::Scan;
        if let (true, Some(path), Some(bytes)) = (is_named, document.path, document.bytes) {
            self.judge(path, &[], bytes, (None, None), sink);
        }
    }

    fn edit_limit(&self, path: &RepoPath) -> Option<u64> {
        let path = relevant(path)?;
        self.settings.finders(path).next().map(|_| MOST_READ)
    }

    fn is_reading_edits(&self) -> bool {
        !self.settings.is_off()
    }

    fn edit(&self, edit: &Edit<'_>, sink: &mut dyn Sink) {
        self.judge(edit.path, edit.before, edit.now, (edit.commit, Some(edit.id)), sink);
    }
}

fn finding(
    finder: &Finder,
    loose: Loose,
    level: Level,
    source: &Source,
    path: &RepoPath,
    commit: Option<ObjectId>,
    object: Option<ObjectId>,
) -> Finding {
    let info = &finder.info;
    let span = source.place(&loose.span).span;
    Finding {
        rule: info.name.to_owned(),
        code: Code::new(info.code),
        family: super::CHECK.family,
        name: info.name.replace('-', " "),
        severity: loose.hold.severity(),
        confidence: Confidence::High,
        level,
        message: loose.what,
        why: vec![info.why.to_owned()],
        fix: vec![loose.fix],
        fingerprint: Fingerprint::of_place(info.code, path.as_bytes(), loose.key.as_bytes()),
        secret: None,
        locations: vec![Location { path: Some(path.clone()), span, commit, object, ..Location::default() }],
    }
}
