//! No blank line parts the footers from the body.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::message::config::BlankLine;
use crate::message::parse::is_footer_line;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-024",
        name: "footer-blank-line",
        severity: Severity::Low,
        summary: "Lines that look like footers follow the body without a blank line (Conventional Commits rule 8).",
        why: "Neither Git nor a changelog tool takes them for footers: they are prose to both.",
        fix: "Put a blank line before the footers.",
        fires: "fix: keep it\n\nThe cookie was lost.\nRefs: PROJ-123",
        silent: "fix: keep it\n\nThe cookie was lost.\n\nRefs: PROJ-123",
    },
    options: "footer-blank-line = \"require\"",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let config = subject.config;
    let last = subject.layout.footers.is_empty() && config.footer_blank_line == BlankLine::Require;
    let body = &subject.layout.body;
    let from =
        body.iter().rposition(|line| line.text.trim().is_empty()).map_or(0, |blank| blank.saturating_add(1));
    let Some(paragraph) = body.get(from..).filter(|_| last) else { return };
    let footers = paragraph.iter().rev().take_while(|line| is_footer_line(**line)).count();
    let Some(first) = paragraph.len().checked_sub(footers).and_then(|at| paragraph.get(at)) else { return };
    // Git takes the block for trailers all the same, where it has a line that Git wrote.
    if footers == paragraph.len() || subject.trailers.iter().any(|trailer| trailer.token.start == first.start)
    {
        return;
    }
    complaints.push(Complaint {
        detail: String::new(),
        message: "there is no blank line between the body and the footers (Conventional Commits rule 8)"
            .to_owned(),
        range: first.range(),
        header: None,
        fix: vec![format!("put a blank line before `{}`", first.text.trim_end())],
    });
}
