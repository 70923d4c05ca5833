//! A test that is there and does not run.

use super::super::config::Demand;
use super::super::languages::Language;
use super::super::pattern::compiled;
use super::super::source::Class;
use super::test_sets::{DISABLED, TestMark, TestSet};
use super::{Complaint, MarkerKind, Subject};
use crate::RepoPath;
use crate::code::CodeInfo;
use crate::severity::Severity;
use regex::bytes::Regex;
use std::ops::Range;
use std::sync::Arc;

pub(super) const KIND: MarkerKind = MarkerKind {
    info: CodeInfo {
        code: "GP-MARK-003",
        name: "disabled-test",
        severity: Severity::Medium,
        summary: "An added line switches a test off, and names no ticket under which it comes back.",
        why: "A test that does not run guards nothing and looks as if it did; most of them are never switched on again.",
        fix: "Mend or delete the test, or name the ticket under which that will be done.",
        fires: "it.skip('rounds to cents', () => {});\n",
        silent: "// PROJ-123: the rates are wrong in March\nit.skip('rounds to cents', () => {});\n",
    },
    key: "disabled-tests",
    example_path: "test/cart.test.js",
    options: "disabled-tests = \"needs-ticket\"",
    demand: |settings| settings.disabled_tests,
    patterns: |_, language| patterns(DISABLED, language),
    judge: |subject, complaints| {
        for (mark, hit) in marks(DISABLED, subject) {
            let remarks = subject.remarks(&hit);
            let own = subject.source.get(subject.rest_of_line(hit.start));
            let reason = if mark.has_reason { quoted(own) } else { b"" };
            if subject.is_met(&[remarks[0], remarks[1], own], &[remarks[0], remarks[1], reason]) {
                continue;
            }
            let step = match subject.demand {
                Demand::NeedsTicket => {
                    "mend or delete the test, or name its ticket in the line above: // PROJ-123: why it is off"
                }
                Demand::NeedsReason => {
                    "mend or delete the test, or say in the line above, in ten characters or more, why it is off"
                }
                Demand::Forbid | Demand::Allow => "mend the test, or delete it",
            };
            complaints.push(Complaint {
                message: format!("test switched off{}: `{}`", subject.lack(), subject.shown(hit.clone())),
                fix: vec![step.to_owned(), subject.way_out("disabled-tests")],
                range: hit,
            });
        }
    },
};

/// The patterns of a file's language.
pub(super) fn patterns(sets: &'static [TestSet], language: Option<&'static Language>) -> Vec<Arc<Regex>> {
    let Some(language) = language else { return Vec::new() };
    let sets = sets.iter().filter(|set| set.languages.contains(&language.name));
    sets.flat_map(|set| set.marks).filter_map(|mark| compiled(mark.pattern)).collect()
}

/// The marks in added lines, one a line.
pub(super) fn marks(
    sets: &'static [TestSet],
    subject: &Subject<'_>,
) -> Vec<(&'static TestMark, Range<usize>)> {
    let mut found: Vec<(&'static TestMark, Range<usize>)> = Vec::new();
    let is_test = looks_like_test(subject.path);
    for mark in sets.iter().filter(|set| subject.source.is_language(set.languages)).flat_map(|set| set.marks)
    {
        let Some(pattern) = compiled(mark.pattern).filter(|_| is_test || !mark.in_tests) else { continue };
        for hit in subject.hits(&pattern, Class::Code) {
            let hit = trimmed(subject, hit);
            let line = subject.source.lines.line_of(hit.start);
            let is_told = found.iter().any(|(_, other)| subject.source.lines.line_of(other.start) == line);
            let can_run = mark.is_statement && is_conditional(subject, &hit);
            if !is_told && !can_run {
                found.push((mark, hit));
            }
        }
    }
    found.sort_by_key(|(_, hit)| hit.start);
    found
}

/// A match without the white space and the sign before a word that the pattern looked at.
fn trimmed(subject: &Subject<'_>, hit: Range<usize>) -> Range<usize> {
    let text = subject.source.get(hit.clone());
    let is_word =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'#' | b'[' | b'$' | b'-' | b'_');
    let skipped = text.iter().position(is_word).unwrap_or(0);
    hit.start.saturating_add(skipped)..hit.end
}

/// Whether a path looks like one of tests.
fn looks_like_test(path: &RepoPath) -> bool {
    let path = path.escaped().to_ascii_lowercase();
    path.contains("test") || path.contains("spec")
}

/// Whether a statement stands under a condition: in its line, or in the line above that opens a block.
fn is_conditional(subject: &Subject<'_>, hit: &Range<usize>) -> bool {
    const WORDS: &[&[u8]] =
        &[b"if", b"else", b"elif", b"elsif", b"unless", b"case", b"catch", b"except", b"rescue", b"guard"];
    let source = subject.source;
    let line = source.lines.line_of(hit.start);
    let has_condition = |text: &[u8]| {
        text.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').any(|word| WORDS.contains(&word))
    };
    let whole = source.lines.range(line);
    if has_condition(source.get(whole.start..hit.start)) || is_modified(source.get(hit.end..whole.end)) {
        return true;
    }
    let above = (0..line).rev().map(|line| source.get(source.lines.range(line)).trim_ascii());
    above.into_iter().find(|text| !text.is_empty()).is_some_and(|text| {
        let opens = matches!(text.last(), Some(b'{' | b':' | b')')) || text.ends_with(b"then");
        has_condition(text) && (opens || text.starts_with(b"if") || text.starts_with(b"unless"))
    })
}

/// `skip "why" if windows?`
fn is_modified(rest: &[u8]) -> bool {
    [&b" if "[..], b" unless "].iter().any(|word| memchr::memmem::find(rest, word).is_some())
}

/// The text of the strings in a line's rest.
fn quoted(rest: &[u8]) -> &[u8] {
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'');
    let start = rest.iter().position(is_quote).map(|at| at.saturating_add(1));
    let end = rest.iter().rposition(is_quote);
    start.zip(end).and_then(|(start, end)| rest.get(start..end)).unwrap_or_default()
}
