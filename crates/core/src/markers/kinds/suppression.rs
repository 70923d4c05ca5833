//! An analyser's finding that is silenced in the text.

use super::super::config::Demand;
use super::super::pattern::compiled;
use super::super::source::Class;
use super::analysers::{Reason, SILENCERS, Silencer};
use super::{Complaint, MarkerKind, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;
use std::ops::Range;

pub(super) const KIND: MarkerKind = MarkerKind {
    info: CodeInfo {
        code: "GP-MARK-005",
        name: "analyser-suppression",
        severity: Severity::Medium,
        summary: "An added line silences an analyser (nosemgrep, # noqa, //nolint, eslint-disable, @SuppressWarnings, …) without a reason.",
        why: "Whoever reads it later cannot tell a false alarm from a hole that somebody was in a hurry to hide.",
        fix: "Say why it is right here, at the place that the tool has for it, or mend what it found.",
        fires: "subprocess.run(command, shell=True)  # nosec B602\n",
        silent: "subprocess.run(command, shell=True)  # nosec B602 - the command is a constant\n",
    },
    key: "suppressions",
    example_path: "src/run.py",
    options: "suppressions = \"needs-reason\"",
    demand: |settings| settings.suppressions,
    patterns: |settings, language| {
        let is_wanted = |silencer: &&Silencer| {
            !settings.ignore_analysers.iter().any(|tool| tool == silencer.tool)
                && (silencer.languages.is_empty()
                    || language.is_some_and(|language| silencer.languages.contains(&language.name)))
        };
        SILENCERS.iter().filter(is_wanted).filter_map(|silencer| compiled(silencer.pattern)).collect()
    },
    judge,
};

/// How far an attribute may go on, in bytes.
const LONGEST_ATTRIBUTE: usize = 2000;

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let ignored = &subject.settings.ignore_analysers;
    for silencer in SILENCERS.iter().filter(|silencer| !ignored.iter().any(|tool| tool == silencer.tool)) {
        if !silencer.languages.is_empty() && !subject.source.is_language(silencer.languages) {
            continue;
        }
        let Some(pattern) = compiled(silencer.pattern) else { continue };
        let class = if silencer.is_code { Class::Code } else { Class::Comment };
        for hit in subject.hits(&pattern, class) {
            // A comment that speaks of one silences nothing.
            let before = hit.start.checked_sub(1).and_then(|at| subject.source.bytes.get(at));
            if before.is_some_and(|byte| matches!(byte, b'`' | b'"' | b'\'')) {
                continue;
            }
            let text = reason(subject, silencer, &hit);
            let above = above(subject, silencer, &hit);
            if subject.is_met(&[&text, above], &[&text, above]) {
                continue;
            }
            let step = match subject.demand {
                Demand::NeedsTicket => {
                    format!("mend what it found, or name its ticket: {} (PROJ-123)", silencer.example)
                }
                Demand::NeedsReason => format!("mend what it found, or say why: {}", silencer.example),
                Demand::Forbid | Demand::Allow => "mend what it found".to_owned(),
            };
            complaints.push(Complaint {
                message: format!(
                    "{} is silenced{}: `{}`",
                    silencer.tool,
                    subject.lack(),
                    subject.shown(hit.clone())
                ),
                fix: vec![step, subject.way_out("suppressions")],
                range: hit,
            });
        }
    }
}

/// The text in which the tool has its reason.
fn reason(subject: &Subject<'_>, silencer: &Silencer, hit: &Range<usize>) -> Vec<u8> {
    let source = subject.source;
    let rest = subject.rest_of_line(hit.end);
    // A comment goes no further than it goes, `/* … */ code();`.
    let end = source.comment_at(hit.start).map_or(rest.end, |comment| comment.end.min(rest.end));
    let behind = source.get(rest.start..end.max(rest.start));
    match silencer.reason {
        Reason::Behind => before_next(behind).to_vec(),
        Reason::After(signs) => signs
            .iter()
            .filter_map(|sign| memchr::memmem::find(behind, sign.as_bytes()).map(|at| (at, sign.len())))
            .min()
            .and_then(|(at, length)| behind.get(at.saturating_add(length)..))
            .unwrap_or_default()
            .to_vec(),
        Reason::Comment => {
            source.comment_in(rest).map(|comment| source.get(comment).to_vec()).unwrap_or_default()
        }
        Reason::Argument(words) => {
            let mut text = argument(attribute(subject, hit), words);
            text.extend(
                source.comment_in(rest).map(|comment| source.get(comment).to_vec()).unwrap_or_default(),
            );
            text
        }
    }
}

/// What stands before another mark in the same comment: `# noqa: E501  # type: ignore` gives no reason.
fn before_next(text: &[u8]) -> &[u8] {
    let marks = SILENCERS
        .iter()
        .filter(|silencer| !silencer.is_code)
        .filter_map(|silencer| compiled(silencer.pattern));
    let next = marks.filter_map(|pattern| pattern.find(text).map(|found| found.start())).min();
    text.get(..next.unwrap_or(text.len())).unwrap_or(text)
}

/// An attribute from its mark on: up to the bracket that closes it.
fn attribute<'a>(subject: &Subject<'a>, hit: &Range<usize>) -> &'a [u8] {
    let source = subject.source;
    let rest = source.get(hit.start..hit.start.saturating_add(LONGEST_ATTRIBUTE).min(source.bytes.len()));
    let mut depth = 0_i32;
    for (at, byte) in rest.iter().enumerate() {
        if source.class_at(hit.start.saturating_add(at)) != Class::Code {
            continue;
        }
        match byte {
            b'(' | b'[' => depth = depth.saturating_add(1),
            b')' | b']' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth <= 0 {
            return rest.get(..at).unwrap_or(rest);
        }
    }
    rest
}

/// The text in quotes behind `reason =`.
fn argument(attribute: &[u8], words: &[&str]) -> Vec<u8> {
    let lower = attribute.to_ascii_lowercase();
    let quoted = |word: &&str| {
        let after = memchr::memmem::find(&lower, word.as_bytes())?.saturating_add(word.len());
        let rest = attribute.get(after..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
        let rest = rest.strip_prefix(b"@").unwrap_or(rest).strip_prefix(b"\"")?;
        rest.split(|byte| *byte == b'"').next().map(<[u8]>::to_vec)
    };
    words.iter().find_map(quoted).unwrap_or_default()
}

/// The remark in the line above, of what stands in a line of its own: above code it is about the code.
fn above<'a>(subject: &Subject<'a>, silencer: &Silencer, hit: &Range<usize>) -> &'a [u8] {
    let source = subject.source;
    let begins = source.comment_at(hit.start).map_or(hit.start, |comment| comment.start);
    if !source.is_first(begins) {
        return b"";
    }
    let line = source.lines.line_of(hit.start);
    let remark = source.remark_above(line);
    let is_mark = |other: &Silencer| {
        !other.is_code && compiled(other.pattern).is_some_and(|pattern| pattern.is_match(remark))
    };
    if SILENCERS.iter().any(is_mark) && !silencer.is_code { b"" } else { remark }
}
