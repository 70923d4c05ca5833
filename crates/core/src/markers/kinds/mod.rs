//! The kinds of markers, one file each. To add a kind, write its file and name it twice below.

mod analysers;
mod conflict;
mod debug;
mod debug_sets;
mod disabled_test;
mod focused_test;
mod suppression;
mod test_sets;
mod todo;

use super::config::{Demand, Settings};
use super::languages::Language;
use super::source::{Class, Source};
use crate::RepoPath;
use crate::code::CodeInfo;
use crate::text::display;
use regex::bytes::Regex;
use std::ops::Range;
use std::sync::Arc;

pub(super) use analysers::names as analyser_names;
pub(super) use debug_sets::PRINTS;

/// A kind of marker.
#[derive(Clone, Copy, Debug)]
pub(super) struct MarkerKind {
    /// Its code, name and words. The examples are contents of a new file at `example_path`.
    pub(super) info: CodeInfo,
    /// Its key in `[markers]`, which `warn-only` names too.
    pub(super) key: &'static str,
    pub(super) example_path: &'static str,
    /// The settings under which `info.fires` fires and `info.silent` is silent, as lines of `[markers]`.
    pub(super) options: &'static str,
    /// What it demands.
    pub(super) demand: fn(&Settings) -> Demand,
    /// What a file of a language must match to be looked at closely.
    pub(super) patterns: fn(&Settings, Option<&'static Language>) -> Vec<Arc<Regex>>,
    /// Judges the added lines of a file.
    pub(super) judge: fn(&Subject<'_>, &mut Vec<Complaint>),
}

/// What a kind is shown.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) path: &'a RepoPath,
    pub(super) source: &'a Source<'a>,
    /// For each line, whether the change adds it.
    pub(super) added: &'a [bool],
    pub(super) settings: &'a Settings,
    pub(super) demand: Demand,
}

/// What a kind has to say.
#[derive(Debug)]
pub(super) struct Complaint {
    /// What of the file it is about, in bytes.
    pub(super) range: Range<usize>,
    /// One sentence with the particulars.
    pub(super) message: String,
    /// What to type or change, one step each.
    pub(super) fix: Vec<String>,
}

/// Every kind, by code.
pub(super) const KINDS: &[&MarkerKind] = &[
    &todo::KIND,
    &debug::KIND,
    &disabled_test::KIND,
    &focused_test::KIND,
    &suppression::KIND,
    &conflict::KIND,
];

pub(super) static CODES: [CodeInfo; KINDS.len()] = crate::code::codes_of!(KINDS);

fn kind(code: &str) -> Option<&'static MarkerKind> {
    KINDS.iter().copied().find(|kind| kind.info.code == code || kind.info.name == code)
}

/// The lines of `[markers]` under which the examples of a code hold. `None`: there is no such code or name.
#[must_use]
pub fn example_options(code: &str) -> Option<&'static str> {
    kind(code).map(|kind| kind.options)
}

/// The path of the file that the examples of a code are contents of. `None`: there is no such code or name.
#[must_use]
pub fn example_path(code: &str) -> Option<&'static str> {
    kind(code).map(|kind| kind.example_path)
}

impl<'a> Subject<'a> {
    pub(super) fn is_added(&self, line: usize) -> bool {
        self.added.get(line).copied().unwrap_or(false)
    }

    /// Where a pattern matches in added lines, beginning in what is of a class.
    fn hits(&self, pattern: &Regex, class: Class) -> Vec<Range<usize>> {
        let found = pattern.find_iter(self.source.bytes).map(|found| found.range());
        let is_hit = |range: &Range<usize>| {
            self.is_added(self.source.lines.line_of(range.start))
                && self.source.class_at(range.start) == class
        };
        found.filter(is_hit).collect()
    }

    /// What stands in a file, to name it: in one line, and not too long.
    fn shown(&self, range: Range<usize>) -> String {
        const MOST: usize = 60;
        let shown = display(self.source.get(range).trim_ascii()).into_owned();
        let short: String = shown.chars().take(MOST).collect();
        if short.len() < shown.len() { format!("{short}\u{2026}") } else { short }
    }

    /// Whether what is demanded stands in these texts.
    fn is_met(&self, ticket: &[&[u8]], reason: &[&[u8]]) -> bool {
        match self.demand {
            Demand::Allow => true,
            Demand::Forbid => false,
            Demand::NeedsTicket => ticket.iter().any(|text| self.settings.tickets.are_in(text)),
            Demand::NeedsReason => reason.iter().any(|text| super::reason::is_reason(text)),
        }
    }

    /// The rest of the line behind an offset.
    fn rest_of_line(&self, offset: usize) -> Range<usize> {
        let line = self.source.lines.range(self.source.lines.line_of(offset));
        offset.min(line.end)..line.end
    }

    /// The comment behind an offset in its line, and the remark in the line above.
    fn remarks(&self, range: &Range<usize>) -> [&'a [u8]; 2] {
        let rest = self.rest_of_line(range.start);
        let end = rest.end;
        let comment = self.source.comment_in(rest).map(|comment| comment.start..comment.end.min(end));
        let behind = comment.map(|comment| self.source.get(comment)).unwrap_or_default();
        [behind, self.source.remark_above(self.source.lines.line_of(range.start))]
    }

    /// What a complaint says behind the name of the thing.
    const fn lack(&self) -> &'static str {
        match self.demand {
            Demand::NeedsTicket => " without a ticket",
            Demand::NeedsReason => " without a reason",
            Demand::Allow | Demand::Forbid => "",
        }
    }

    /// How this file can be let off.
    fn way_out(&self, key: &str) -> String {
        format!(
            "where it belongs, allow it by path in gatepost.toml: an [[overlay]] with paths and `markers.{key} = \"allow\"`"
        )
    }
}
