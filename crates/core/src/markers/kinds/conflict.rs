//! A conflict that was committed as Git left it.

use super::super::pattern::compiled;
use super::{Complaint, MarkerKind, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;
use std::ops::Range;

/// The lines of a conflict, with Git's seven signs: <https://git-scm.com/docs/git-merge#_how_conflicts_are_presented>.
const OURS: &str = r"^<{7} \S[^\r\n]*";

pub(super) const KIND: MarkerKind = MarkerKind {
    info: CodeInfo {
        code: "GP-MARK-006",
        name: "merge-conflict-marker",
        severity: Severity::High,
        summary: "A change adds a conflict as Git left it in the file: <<<<<<<, ======= and >>>>>>> in this order.",
        why: "The file is neither side's version, and most often no program can read it.",
        fix: "Decide between the two sides, take the three lines out, and add the file again.",
        fires: "<<<<<<< HEAD\ntotal = 1\n=======\ntotal = 2\n>>>>>>> side\n",
        silent: "Title\n=======\n\n>>>>>>> quoted by mail\n",
    },
    key: "conflicts",
    example_path: "docs/notes.md",
    options: "conflicts = \"forbid\"",
    demand: |settings| settings.conflicts,
    patterns: |_, _| compiled(OURS).into_iter().collect(),
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let source = subject.source;
    // The first line of a conflict under way, and whether its middle was seen.
    let mut open: Option<(usize, Range<usize>, bool)> = None;
    for line in 0..source.lines.len() {
        let range = source.lines.range(line);
        let text = source.get(range.clone());
        if is_labelled(text, b'<') {
            open = Some((line, range, false));
        } else if text == b"=======" {
            if let Some((_, _, middle)) = &mut open {
                *middle = true;
            }
        } else if is_labelled(text, b'>')
            && let Some((first, start, true)) = open.take()
            && (first..=line)
                .any(|line| subject.is_added(line) && is_marker(source.get(source.lines.range(line))))
        {
            complaints.push(Complaint {
                range: start,
                message: format!(
                    "a merge conflict that is not resolved, in lines {} to {}",
                    first.saturating_add(1),
                    line.saturating_add(1)
                ),
                fix: vec![
                    "decide between the two sides, and take out the lines with <<<<<<<, ======= and >>>>>>>"
                        .to_owned(),
                    "where the file shows a conflict on purpose, name it in markers.exclude of gatepost.toml"
                        .to_owned(),
                ],
            });
        }
    }
}

fn is_marker(text: &[u8]) -> bool {
    is_labelled(text, b'<') || is_labelled(text, b'>') || text == b"======="
}

/// Seven signs, a space and a label.
fn is_labelled(text: &[u8], sign: u8) -> bool {
    let signs = text.iter().take_while(|byte| **byte == sign).count();
    signs == 7 && text.get(7) == Some(&b' ') && text.len() > 8
}
