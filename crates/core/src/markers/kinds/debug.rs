//! A statement that somebody put in to see what a program does.

use super::super::config::Demand;
use super::super::pattern::compiled;
use super::super::source::Class;
use super::debug_sets::SETS;
use super::{Complaint, MarkerKind, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;
use crate::text::display;

pub(super) const KIND: MarkerKind = MarkerKind {
    info: CodeInfo {
        code: "GP-MARK-002",
        name: "debug-statement",
        severity: Severity::Medium,
        summary: "An added line stops in a debugger, or prints what only its author wanted to see.",
        why: "It stops or floods the program of everybody else, and what it prints often is what nobody may print.",
        fix: "Take the statement out, or log through the project's logger.",
        fires: "function pay(card) {\n  debugger;\n}\n",
        silent: "function pay(card) {\n  // debugger;\n  log.debug('paid');\n}\n",
    },
    key: "debug",
    example_path: "src/pay.js",
    options: "debug = \"forbid\"",
    demand: |settings| settings.debug,
    patterns: |settings, language| {
        let sets = SETS.iter().filter(|set| {
            language.is_some_and(|language| set.languages.contains(&language.name))
                && set.prints.is_none_or(|name| settings.prints.iter().any(|print| print == name))
        });
        let texts = sets.flat_map(|set| set.patterns.iter().copied());
        texts.filter_map(compiled).chain(settings.debug_patterns.iter().cloned()).collect()
    },
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let mut told: Vec<usize> = Vec::new();
    for pattern in (KIND.patterns)(subject.settings, subject.source.language) {
        for hit in subject.hits(&pattern, Class::Code) {
            let line = subject.source.lines.line_of(hit.start);
            let remarks = subject.remarks(&hit);
            if told.contains(&line) || subject.is_met(&remarks, &remarks) {
                continue;
            }
            told.push(line);
            let shown = display(subject.source.get(hit.clone()).trim_ascii()).into_owned();
            let shown = shown.trim_end_matches(['(', ' ', ';']).to_owned();
            let step = match subject.demand {
                Demand::NeedsTicket => "take it out, or name the ticket behind it: // PROJ-123: why it stays",
                Demand::NeedsReason => {
                    "take it out, or say behind it, in ten characters or more, why it stays"
                }
                Demand::Forbid | Demand::Allow => "take it out, or use the project's logger",
            };
            complaints.push(Complaint {
                message: format!("`{shown}` is a debug statement{}", subject.lack()),
                fix: vec![step.to_owned(), subject.way_out("debug")],
                range: hit,
            });
        }
    }
}
