//! Which texts are judged, and what the kinds say of their added lines.

use super::added::added;
use super::config::Settings;
use super::kinds::{Complaint, KINDS, MarkerKind, Subject};
use super::languages::language_of;
use super::source::Source;
use crate::change::Edit;
use crate::policy::{Policy, PolicyError};
use crate::text::{LineIndex, excerpt};
use crate::{
    Check, Code, Confidence, Date, Document, DocumentKind, Excerpt, Finding, Fingerprint, Level, Location,
    ObjectId, RepoPath, Sink, SkipReason, Stage,
};
use std::collections::HashMap;
use std::ops::Range;

/// The largest text that is judged, in bytes. What people write is smaller.
const MOST_BYTES: u64 = 2 << 20;

/// How many bytes are looked at for a NUL: as many as Git looks at.
const LOOKED_AT: usize = 8000;

/// The check of markers, built from a policy for one stage.
#[derive(Debug)]
pub struct Judge {
    settings: Settings,
}

/// What is judged, and where it came from.
struct Text<'a> {
    path: &'a RepoPath,
    bytes: &'a [u8],
    /// The versions it was made from.
    before: &'a [&'a [u8]],
    commit: Option<ObjectId>,
    object: Option<ObjectId>,
}

impl Judge {
    /// Builds the check for a stage and a day.
    ///
    /// # Errors
    ///
    /// A value of `[markers]` that is impossible: an analyser that is not known, a glob that does not compile.
    pub fn new(policy: &Policy, stage: Stage, today: Date) -> Result<Self, PolicyError> {
        Ok(Self { settings: Settings::new(policy, stage, today)? })
    }

    fn text(&self, text: &Text<'_>, sink: &mut dyn Sink) {
        let head = text.bytes.get(..LOOKED_AT).unwrap_or(text.bytes);
        if memchr::memchr(0, head).is_some() {
            return;
        }
        let language = language_of(text.path, text.bytes);
        let is_wanted = |kind: &&&MarkerKind| {
            let matches =
                || (kind.patterns)(&self.settings, language).iter().any(|one| one.is_match(text.bytes));
            self.settings.level(kind) != Level::Off && matches()
        };
        let kinds: Vec<&&MarkerKind> = KINDS.iter().filter(is_wanted).collect();
        if kinds.is_empty() {
            return;
        }
        let added = added(text.bytes, &LineIndex::new(text.bytes), text.before);
        if !added.contains(&true) {
            return;
        }
        let source = Source::new(text.path, text.bytes);
        let mut found: Vec<(&MarkerKind, Complaint)> = Vec::new();
        for kind in kinds {
            let subject = Subject {
                path: text.path,
                source: &source,
                added: &added,
                settings: &self.settings,
                demand: (kind.demand)(&self.settings),
            };
            let mut complaints = Vec::new();
            (kind.judge)(&subject, &mut complaints);
            found.extend(complaints.into_iter().map(|complaint| (*kind, complaint)));
        }
        found.sort_by_key(|(_, complaint)| (complaint.range.start, complaint.range.end));
        self.tell(text, found, sink);
    }

    fn tell(&self, text: &Text<'_>, found: Vec<(&MarkerKind, Complaint)>, sink: &mut dyn Sink) {
        let mut lines = LineIndex::new(text.bytes);
        let mut seen: HashMap<(&str, &[u8]), usize> = HashMap::new();
        for (kind, complaint) in found {
            let line = lines.range(lines.line_of(complaint.range.start));
            let content = text.bytes.get(line.clone()).unwrap_or_default();
            // Of equal lines in one file each is a finding of its own.
            let count = seen.entry((kind.info.code, content)).or_default();
            *count = count.saturating_add(1);
            let mut place = content.to_vec();
            if *count > 1 {
                place.extend_from_slice(format!("#{count}").as_bytes());
            }
            sink.finding(Finding {
                rule: kind.info.name.to_owned(),
                code: Code::new(kind.info.code),
                family: super::CHECK.family,
                name: kind.info.name.replace('-', " "),
                severity: kind.info.severity,
                confidence: Confidence::High,
                level: self.settings.level(kind),
                message: complaint.message,
                why: vec![kind.info.why.to_owned()],
                fix: complaint.fix,
                fingerprint: Fingerprint::of_place(kind.info.code, text.path.as_bytes(), &place),
                secret: None,
                locations: vec![Location {
                    path: Some(text.path.clone()),
                    span: Some(lines.span(complaint.range.clone())),
                    commit: text.commit,
                    object: text.object,
                    excerpt: Some(marked(text.bytes, line, complaint.range)),
                    ..Location::default()
                }],
            });
        }
    }
}

/// The line, with what a finding is about marked.
fn marked(bytes: &[u8], line: Range<usize>, focus: Range<usize>) -> Excerpt {
    let focus = focus.start..focus.end.min(line.end).max(focus.start);
    let mut shown = excerpt(bytes, line, focus.clone(), &[]);
    let text = String::from_utf8_lossy(bytes.get(focus).unwrap_or_default()).into_owned();
    if let Some(at) = shown.text.find(&text) {
        (shown.start, shown.end) = (at, at.saturating_add(text.len()));
    }
    shown
}

impl Check for Judge {
    fn read_limit(&self) -> u64 {
        if self.settings.is_off() { 0 } else { MOST_BYTES }
    }

    /// A file that no change brings is new as a whole; one of a change is judged by its edits.
    fn document(&self, document: &Document<'_>, sink: &mut dyn Sink) {
        let is_file = matches!(document.kind, DocumentKind::File | DocumentKind::Stdin);
        let Some(path) = document.path.filter(|_| is_file && !self.settings.is_off()) else { return };
        if self.settings.is_excluded(path) {
            sink.skip(SkipReason::Excluded);
            return;
        }
        match document.bytes.filter(|bytes| bytes.len() as u64 <= MOST_BYTES) {
            Some(bytes) => {
                let text = Text { path, bytes, before: &[], commit: document.commit, object: document.id };
                self.text(&text, sink);
            }
            None => sink.skip(SkipReason::TooLarge),
        }
    }

    fn edit_limit(&self, _: &RepoPath) -> Option<u64> {
        (!self.settings.is_off()).then_some(MOST_BYTES)
    }

    fn is_reading_edits(&self) -> bool {
        !self.settings.is_off()
    }

    fn edit(&self, edit: &Edit<'_>, sink: &mut dyn Sink) {
        if self.settings.is_excluded(edit.path) {
            sink.skip(SkipReason::Excluded);
            return;
        }
        let text = Text {
            path: edit.path,
            bytes: edit.now,
            before: edit.before,
            commit: edit.commit,
            object: Some(edit.id),
        };
        self.text(&text, sink);
    }
}
