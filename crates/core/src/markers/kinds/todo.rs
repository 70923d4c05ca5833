//! A comment that promises work: `TODO`, `FIXME`, and what else the policy takes for such a word.

use super::super::config::Demand;
use super::super::source::Class;
use super::{Complaint, MarkerKind, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;
use std::ops::Range;

pub(super) const KIND: MarkerKind = MarkerKind {
    info: CodeInfo {
        code: "GP-MARK-001",
        name: "todo-comment",
        severity: Severity::Low,
        summary: "An added comment has TODO, FIXME, XXX or HACK, and no ticket that somebody will come back to.",
        why: "Nobody looks for the comments of the last year; what has a ticket is planned, and what is closed can be found.",
        fix: "Name the ticket behind the word: TODO(PROJ-123): what is left.",
        fires: "total(cart); // TODO: round to cents\n",
        silent: "total(cart); // TODO(PROJ-123): round to cents\n",
    },
    key: "todo",
    example_path: "src/cart.js",
    options: "todo = \"needs-ticket\"",
    demand: |settings| settings.todo,
    patterns: |settings, _| settings.todo_words.iter().cloned().collect(),
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let Some(words) = &subject.settings.todo_words else { return };
    for hit in subject.hits(words, Class::Comment).into_iter().filter(|hit| is_promise(subject, hit)) {
        let text = comment_around(subject, &hit);
        let behind = subject.source.get(subject.rest_of_line(hit.end));
        if subject.is_met(&[&text], &[behind]) {
            continue;
        }
        let word = subject.shown(hit.clone());
        let step = match subject.demand {
            Demand::NeedsTicket => format!("name the ticket, or do it now: {word}(PROJ-123): what is left"),
            Demand::NeedsReason => format!("say what is left, or do it now: {word}: what is left"),
            Demand::Forbid | Demand::Allow => {
                "do it now, or take the comment out and open a ticket".to_owned()
            }
        };
        complaints.push(Complaint {
            message: format!("{word} comment{}", subject.lack()),
            fix: vec![step, subject.way_out("todo")],
            range: hit,
        });
    }
}

/// Whether a word promises work here and is not merely spoken of: it begins its line of the comment, or a colon or a
/// bracket follows.
fn is_promise(subject: &Subject<'_>, hit: &Range<usize>) -> bool {
    let byte = |at: Option<usize>| at.and_then(|at| subject.source.bytes.get(at)).copied();
    let (before, after) = (byte(hit.start.checked_sub(1)), byte(Some(hit.end)));
    let is_quoted =
        before.is_some_and(|byte| matches!(byte, b'`' | b'"' | b'\'' | b'-' | b'.' | b'/' | b'$'));
    let begins_slash = before == Some(b'/') && is_first(subject, hit);
    if is_quoted && !begins_slash && !(before == Some(b'-') && is_first(subject, hit)) {
        return false;
    }
    if after == Some(b'-') && byte(hit.end.checked_add(1)).is_some_and(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    matches!(after, Some(b':' | b'(' | b'[')) || is_first(subject, hit)
}

/// Whether nothing but signs stands before it in its line of the comment.
fn is_first(subject: &Subject<'_>, hit: &Range<usize>) -> bool {
    let line = subject.source.lines.range(subject.source.lines.line_of(hit.start));
    let comment = subject.source.comment_at(hit.start).unwrap_or_default();
    let before = subject.source.get(line.start.max(comment.start)..hit.start);
    let text = String::from_utf8_lossy(before);
    !text.contains(|c: char| c.is_alphanumeric() || matches!(c, '`' | '"' | '\''))
}

/// The comment's line that a word stands in, and those below that go on with it: up to code or to the next such word.
fn comment_around(subject: &Subject<'_>, hit: &Range<usize>) -> Vec<u8> {
    let source = subject.source;
    let line = source.lines.line_of(hit.start);
    let range = source.lines.range(line);
    let comment = source.comment_at(hit.start).unwrap_or_default();
    let mut text = source.get(comment.start.max(range.start)..comment.end.min(range.end)).to_vec();
    for below in line.saturating_add(1)..source.lines.len() {
        let Some(more) = source.whole_comment(below) else { break };
        let more = source.get(more);
        if subject.settings.todo_words.as_ref().is_some_and(|words| words.is_match(more)) {
            break;
        }
        text.push(b'\n');
        text.extend_from_slice(more);
    }
    text
}
