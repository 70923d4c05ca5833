//! Characters that make a terminal show something else than what is written.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-018",
        name: "control-character",
        severity: Severity::Medium,
        summary: "The message holds a control character that is no tab or line end, or a character that turns the direction of writing.",
        why: "A terminal obeys such characters: a log can be made to show another message than the one that is stored.",
        fix: "Take the character out of the message.",
        fires: "fix: keep the login\u{1b}[2K",
        silent: "fix: keep the login\n\n\tlet cookie = jar;",
    },
    options: "",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    for (index, line) in crate::message::parse::lines(subject.text).enumerate() {
        let Some((at, found)) = line.text.char_indices().find(|(_, c)| is_forbidden(*c)) else { continue };
        let start = line.start.saturating_add(at);
        complaints.push(Complaint {
            detail: String::new(),
            message: format!(
                "line {} holds the control character U+{:04X}",
                index.saturating_add(1),
                u32::from(found)
            ),
            range: start..start.saturating_add(found.len_utf8()),
            header: None,
            fix: Vec::new(),
        });
        // One is enough to say so.
        return;
    }
}

/// C0 and C1 controls but the tab, and the bidirectional embeddings, overrides and isolates (CVE-2021-42574).
fn is_forbidden(c: char) -> bool {
    let bidirectional = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && c != '\t') || bidirectional
}
